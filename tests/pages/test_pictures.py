"""Pictures by address: drawn once when asked for, the oldest forgotten, nothing else answered."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from language import UserError
from pages.parts import pictures, server
from pages.parts.pictures import Gallery


def test_a_picture_is_drawn_when_asked_for_and_once() -> None:
    drawn: list[int] = []
    guard = threading.Lock()

    def draw(number: int) -> bytes:
        with guard:
            drawn.append(number)
        return bytes([number]) * 10

    gallery = Gallery()
    gallery.hang("a", 5, draw)
    assert drawn == []
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _n: gallery.picture("a", 3), range(16)))
    assert set(found) == {bytes([3]) * 10} and drawn == [3]
    assert gallery.picture("a", 5) is None and gallery.picture("a", -1) is None and gallery.picture("b", 0) is None


def test_the_oldest_are_forgotten_and_drawn_again() -> None:
    drawn: list[int] = []

    def draw(number: int) -> bytes:
        drawn.append(number)
        return b"x" * 100

    gallery = Gallery(most_bytes=250, most_sets=2)
    gallery.hang("a", 9, draw)
    for number in (0, 1, 2, 0):
        assert gallery.picture("a", number)
    assert drawn == [0, 1, 2, 0]
    gallery.hang("b", 1, draw)
    gallery.hang("c", 1, draw)
    assert gallery.picture("a", 5) is None, "its set was forgotten"


def asked(key: str, number: int) -> Response:
    """Return the server's answer for one picture; in a thread, as a browser's loop may run in this one."""
    request = Request({"type": "http", "path_params": {"key": key, "n": number}, "headers": []})
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(pictures.answer(request))).result()


def test_the_server_answers_with_a_picture_that_may_be_kept() -> None:
    address = pictures.hang(("about", 1), 2, lambda n: b"\x89PNG" + bytes([n]))
    assert address == pictures.hang(("about", 1), 2, lambda n: b"other"), "the same set has the same address"
    assert address != pictures.hang(("about", 2), 2, lambda n: b"other")
    path = address.removeprefix("../..").replace("{n}", "1")
    scope = {"type": "http", "path": path, "method": "GET"}
    matching = [route for route in server.ROUTES if route.matches(scope)[0] is Match.FULL]
    assert [route.endpoint for route in matching] == [pictures.answer]
    key = path.split("/")[2]
    found = asked(key, 1)
    assert found.body == b"\x89PNG\x01" and found.headers["content-type"] == "image/png"
    assert "immutable" in found.headers["cache-control"]
    assert asked(key, 2).status_code == 404
    assert asked("none", 0).status_code == 404


def test_a_picture_that_cannot_be_drawn_is_not_there() -> None:
    def draw(_number: int) -> bytes:
        raise UserError("The stack is gone.")

    assert asked(pictures.hang("broken", 1, draw).split("/")[3], 0).status_code == 404
