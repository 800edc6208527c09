"""The app is served by itself: found by `streamlit run`, deep links on a fresh server, lasting files cached."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.app_discovery import discover_asgi_app

from pages.parts import server

ROOT = Path(__file__).resolve().parents[2]


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread of its own: a browser of other tests may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


def test_streamlit_run_finds_the_server_in_the_script() -> None:
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app
    assert found.import_string == "app:app"


def test_a_fresh_server_does_not_list_the_files_of_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit would answer the first deep link with "page not found" otherwise."""
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    monkeypatch.setattr(server, "warm_up", lambda: None)

    async def start() -> None:
        async with server.lifespan(None):
            assert PagesManager.uses_pages_directory is False

    run(start())


@pytest.mark.parametrize(
    ("path", "status", "cached"),
    [
        ("/app/static/vendor/bundle-0123.js", 200, True),
        ("/base/app/static/fonts/sarabun-thai-400-normal.woff2", 206, True),
        ("/app/static/vendor/bundle-0123.js", 404, False),
        ("/app/static/app.css", 200, False),
        ("/_stcore/health", 200, False),
    ],
)
def test_only_files_that_cannot_go_stale_are_cached(path: str, status: int, cached: bool) -> None:
    sent: list[dict[str, Any]] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    run(server.LongCache(inner)({"type": "http", "path": path}, None, send))
    names = [name for name, _ in sent[0]["headers"]]
    assert (b"cache-control" in names) is cached


PAGE = b'<html><head><script type="module" crossorigin src="./static/js/index.Ab1.js"></script></head></html>'


@pytest.mark.parametrize(
    ("method", "path", "accept", "kind", "told"),
    [
        ("GET", "/", b"text/html,*/*", b"text/html; charset=utf-8", True),
        ("GET", "/base/dust-map", b"text/html,*/*", b"text/html; charset=utf-8", True),
        ("GET", "/", b"*/*", b"text/html", False),
        ("HEAD", "/", b"text/html", b"text/html", False),
        ("GET", "/pictures/key", b"text/html", b"image/png", False),
        ("GET", "/sheets/key/a4.pdf", b"text/html", b"text/html", False),
    ],
)
def test_only_the_page_itself_is_told_where_the_server_is(
    method: str, path: str, accept: bytes, kind: bytes, told: bool
) -> None:
    sent: list[dict[str, Any]] = []
    asked: list[dict[bytes, bytes]] = []
    headers = [(b"accept", accept), (b"accept-encoding", b"gzip"), (b"if-none-match", b'"old"')]

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        asked.append(dict(scope["headers"]))
        start = [(b"content-type", kind), (b"content-length", str(len(PAGE)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[20:]})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    run(server.ServerKnown(inner)({"type": "http", "method": method, "path": path, "headers": headers}, None, send))
    body = b"".join(message.get("body", b"") for message in sent)
    assert (server.WHERE in body) is told
    assert body.replace(server.WHERE, b"") == PAGE
    assert int(dict(sent[0]["headers"])[b"content-length"]) == len(body)
    if told:  # an answer that is changed must come whole and anew
        assert set(asked[0]) == {b"accept"}
    if path.endswith(".pdf"):  # what a browser has kept of a file still counts
        assert set(asked[0]) == {name for name, _ in headers}


def test_streamlit_page_is_known_by_its_script() -> None:
    """After an update of Streamlit the mark may have to change: without it deep links are only slower."""
    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    assert page.count(server.SHELL) == 1
    assert b"BACKEND_BASE_URL" in b"".join(
        file.read_bytes() for file in (Path(streamlit.__file__).parent / "static/static/js").glob("index.*.js")
    )


def test_url_paths_differ_from_file_stems() -> None:
    """A path equal to a stem would be served without the frame on a fresh server."""
    import ast

    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    paths = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "url_path" and isinstance(keyword.value, ast.Constant)
    }
    stems = {file.stem for file in (ROOT / "pages").glob("*.py")}
    assert len(paths) == len(stems - {"__init__", "overview"})  # the first page stands at the root
    assert not paths & stems
