"""Asking politely: limits, certificates, addresses."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from geo.networks.model import Request
from geo.networks.raw import public_address
from geo.networks.web import Unreachable, Web, retry_after
from language import UserError


def test_the_rate_is_kept() -> None:
    """Sixty a minute: a second lies between two requests, however fast the server is."""
    pauses: list[float] = []
    web = Web("x", per_minute=60, sleep=pauses.append, clock=lambda: 100.0)
    for _ in range(3):
        web._wait_for_turn()
    assert pauses == pytest.approx([1.0, 2.0])


def test_retry_after_as_a_date() -> None:
    """The header may be a date; one in the past means now."""
    now = datetime(2026, 2, 10, 8, 0, 0, tzinfo=UTC)
    assert retry_after("Tue, 10 Feb 2026 08:01:30 GMT", now) == 90.0
    assert retry_after("Tue, 10 Feb 2026 07:00:00 GMT", now) == 0.0


@pytest.mark.parametrize("url", ["ftp://example.org/x", "file:///etc/passwd", "example.org/x"])
def test_only_the_web(url: str) -> None:
    """Files and other protocols are refused."""
    with pytest.raises(UserError, match="no address of the web"):
        Web("x").get(Request(url, what="x"))


def test_keys_in_an_address_are_not_shown() -> None:
    """Whatever the parameter is called."""
    request = Request("https://x.org/a", {"api_key": "s1", "Token": "s2", "day": "3"})
    assert "s1" not in public_address(request) and "s2" not in public_address(request)
    assert "day=3" in public_address(request)


def test_missing_ca_file(tmp_path: Path) -> None:
    """A CA file that isn't there, or is none, is named."""
    with pytest.raises(UserError, match="no file"):
        Web("x", ca=str(tmp_path / "none.pem"))
    (tmp_path / "bad.pem").write_text("hello")
    with pytest.raises(UserError, match="PEM"):
        Web("x", ca=str(tmp_path / "bad.pem"))


@pytest.fixture
def broken_chain(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return a server that leaves out its intermediate certificate, and a file with that certificate."""
    root = trustme.CA()
    between = root.create_child_ca()
    leaf = between.issue_cert("localhost")
    leaf.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "leaf.pem"))
    between.cert_pem.write_to_path(str(tmp_path / "between.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf.pem", tmp_path / "key.pem")

    class Ask(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ask)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}", tmp_path / "between.pem"
    server.shutdown()
    server.server_close()


def test_a_broken_chain_is_a_sentence(broken_chain: tuple[str, Path], no_waiting: list[float]) -> None:
    """Verification fails at once (no second try) and the sentence names the setting."""
    url, _ = broken_chain
    with pytest.raises(Unreachable, match="ECOTOWN_CA_FILE") as raised:
        Web("Air4Thai").get(Request(url, what="x"))
    assert "localhost" in str(raised.value) and not no_waiting


@pytest.mark.parametrize("by_environment", [True, False])
def test_the_missing_certificate_can_be_given(
    broken_chain: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    """With the intermediate certificate in a file the chain is whole; the host name is still checked."""
    url, file = broken_chain
    if by_environment:
        monkeypatch.setenv("ECOTOWN_CA_FILE", str(file))
    web = Web("Air4Thai", ca="" if by_environment else str(file))
    assert web.get(Request(url, what="x")).body == b"[]"
    with pytest.raises(Unreachable, match="certificate"):
        web.get(Request(url.replace("localhost", "127.0.0.1"), what="x"))


def test_a_redirect_takes_no_key_along(server: Any) -> None:
    """Another host doesn't get the key."""
    server.routes |= {"/a": (302, {"Location": server.url.replace("127.0.0.1", "localhost") + "/b"}, b""), "/b": []}
    web = Web("x", headers={"X-API-Key": "s"})
    assert web.get(Request(f"{server.url}/a", what="x")).body == b"[]"
    assert server.headers[0].get("X-API-Key") == "s" and "X-API-Key" not in server.headers[1]
