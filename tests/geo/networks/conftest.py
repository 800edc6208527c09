"""A web server of one's own on the loopback: answers are set up by path, and what was asked is written down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

Reply = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict[str, str]], Any]


class Server:
    """Answers by path; a route is JSON, bytes, a (status, headers, body), or a function of the parameters.

    A list of replies is given out one after the other, the last one for ever.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self._turn: dict[str, int] = {}
        outer = self

        class Ask(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = dict(parse_qsl(parts.query))
                outer.asked.append((parts.path, params))
                outer.headers.append(dict(self.headers))
                status, headers, body = outer._reply(parts.path, params)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Ask)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def _reply(self, path: str, params: dict[str, str]) -> Reply:
        found = self.routes.get(path, (404, {}, b"not here"))
        if isinstance(found, list) and found and isinstance(found[0], tuple):
            turn = self._turn.get(path, 0)
            self._turn[path] = turn + 1
            found = found[min(turn, len(found) - 1)]
        if callable(found):
            found = found(params)
        if isinstance(found, tuple):
            status, headers, body = found
            return status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()
        return 200, {}, found if isinstance(found, bytes) else json.dumps(found).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server without routes."""
    one = Server()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Write pauses down instead of waiting; the clock stands still, so the rate limit shows in them too."""
    pauses: list[float] = []
    monkeypatch.setattr("geo.networks.web.Web.__init__.__defaults__", _defaults(pauses))
    return pauses


def _defaults(pauses: list[float]) -> tuple[Any, ...]:
    from geo.networks.web import Web

    old = Web.__init__.__defaults__ or ()
    return (*old[:-2], pauses.append, old[-1])
