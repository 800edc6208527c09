"""The server around the pages: libraries warmed up, vendored files cached by browsers, crashes said in words."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from html import escape
from importlib import import_module
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from pages.parts import fields, hall_shared, pictures, sheets

HEAVY = ("pages.parts.results", "pages.parts.frame", "pages.parts.dust_view", "pages.parts.charts", "geo.demo",
         "folium.plugins", "planning.spans", "planning.change", "planning.inside")  # fmt: skip
"""What a first page needs and takes seconds to import. Not streamlit_folium: imported by a thread that serves no
reader, its component would never be known to the server."""


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Import the heavy libraries while nobody waits yet; pages asked for meanwhile simply wait for the rest."""
    # Without this, the first session of a process lists the files of pages/ and answers a deep link
    # with "page not found", because st.navigation has not run yet.
    PagesManager.uses_pages_directory = False
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield {}


def warm_up() -> None:
    """Import what pages will need and read what every first page asks for.

    What is wrong with the store is said to who opens a page.
    """
    for name in HEAVY:
        import_module(name)
    from pages.parts import results

    quiet = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    quiet.disabled = True  # it warns of a thread that belongs to no reader, as this one does
    try:
        with suppress(Exception):
            results.look_around()
    finally:
        quiet.disabled = False


def say_crash(_error: Exception) -> bool:
    """Tell the reader in words that a page failed; True: Streamlit adds nothing on the page, only to its log."""
    from pages.parts.i18n import _

    title = escape(_("This page could not be shown."))
    way = escape(_("Nothing stored was lost. Reload the page, or choose another one."))
    st.html(f"<div class='eco-crash' role='alert' data-testid='stException'><b>{title}</b><p>{way}</p></div>")
    return True


LASTING = ("/static/vendor/bundle-", "/static/fonts/", "/static/shapes/ground-")
"""Files whose names change with their content."""


class LongCache:
    """Lets browsers keep the files of `LASTING` for a year."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Add the header to answers for static files whose name cannot go stale."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (any(part in path for part in LASTING)):
            await self.app(scope, receive, send)
            return

        async def send_cached(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, send_cached)


WHERE = b"<script>window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}</script>"
"""Streamlit's own setting of where its server answers: the folder that its page takes its scripts from."""
SHELL = b'<script type="module" crossorigin src="./static/js/index.'
"""By what Streamlit's empty page is known."""


class ServerKnown:
    """Tells Streamlit's page where the server is.

    Of a deep link such as ``/dust-map`` it would first try ``/dust-map/_stcore``, and begin again when that fails: a
    tenth of a second on a slow machine before anything is asked for.
    """

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Add `WHERE` to Streamlit's page; every other answer goes through as it is."""
        if not self._asks_for_a_page(scope):
            await self.app(scope, receive, send)
            return
        # The page as it lies on the disk, whole: what a browser has kept of it does not hold the line.
        unwanted = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        headers = [pair for pair in scope["headers"] if pair[0] not in unwanted]
        start: Any = None
        body = b""

        async def send_told(message: Any) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if MutableHeaders(scope=message).get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif start is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                told = body.replace(SHELL, WHERE + SHELL, 1)
                MutableHeaders(scope=start)["Content-Length"] = str(len(told))
                await send(start)
                message = {"type": "http.response.body", "body": told}
            await send(message)

        await self.app({**scope, "headers": headers}, receive, send_told)

    @staticmethod
    def _asks_for_a_page(scope: Any) -> bool:
        """Whether somebody goes to an address without a file's ending; files keep their caches and parts."""
        if scope["type"] != "http" or scope["method"] != "GET" or "." in scope["path"].rsplit("/", 1)[-1]:
            return False
        return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


async def base_map_tile(request: Request) -> Response:
    """Answer with a tile of an MBTiles or PMTiles file in data/basemap."""
    from geo import tilesets

    at = request.path_params
    found = await run_in_threadpool(tilesets.tile, at["name"], at["z"], at["x"], at["y"])
    if found is None:
        return Response(status_code=404)
    data, kind = found
    return Response(data, media_type=kind, headers={"Cache-Control": "public, max-age=86400"})


async def factories(request: Request) -> Response:
    """Answer with the columns of a set of factories; its address changes with its content."""
    found = fields.served(request.path_params["key"])
    if found is None:
        return Response(status_code=404)
    kept = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=86400, immutable"}
    return Response(found.body, media_type="application/json", headers=kept)


async def factory(request: Request) -> Response:
    """Answer with the card of one factory of a set."""
    found = fields.served(request.path_params["key"])
    card = None if found is None else found.card(request.path_params["number"])
    return Response(status_code=404) if card is None else JSONResponse(card)


ROUTES = [
    Route("/basemap/{name}/{z:int}/{x:int}/{y:int}", base_map_tile),
    Route("/factories/{key}", factories),
    Route("/factories/{key}/{number:int}", factory),
    Route(hall_shared.PATH + "/{token}", hall_shared.answer),
    Route("/pictures/{key}/{n:int}.png", pictures.answer),
    Route("/sheets/{key}/{paper}.pdf", sheets.answer),
]
MIDDLEWARE = [Middleware(LongCache), Middleware(ServerKnown)]
