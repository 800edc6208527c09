"""Pictures of moving maps by address: each is drawn when a browser first asks for it, then kept for all.

A page hangs a set (`hang`) and sends only addresses; `answer` is the server's route for them. A set's key
changes with what it shows and with the process, so a browser may keep every picture it has.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from language import UserError

Draw = Callable[[int], bytes]

MOST_BYTES = 192 * 2**20
"""Memory for pictures that were drawn; one of a town is some ten kilobytes."""
MOST_SETS = 48
"""Sets that can still be drawn; one that is forgotten is hung again by the next run of its page."""

_PROCESS = uuid.uuid4().hex


class Gallery:
    """Sets of pictures by key, the oldest forgotten first."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_sets: int = MOST_SETS) -> None:
        self._most_bytes, self._most_sets = most_bytes, most_sets
        self._sets: OrderedDict[str, tuple[Draw, int, threading.Lock]] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()

    def hang(self, key: str, count: int, draw: Draw) -> None:
        """Offer `count` pictures under `key`; `draw` makes one by its number."""
        with self._guard:
            if key not in self._sets:
                self._sets[key] = (draw, count, threading.Lock())
            self._sets.move_to_end(key)
            while len(self._sets) > self._most_sets:
                self._sets.popitem(last=False)

    def picture(self, key: str, number: int) -> bytes | None:
        """Return a picture, drawn if nobody has asked for it yet; None where there is none."""
        with self._guard:
            if (key, number) in self._drawn:
                self._drawn.move_to_end((key, number))
                return self._drawn[(key, number)]
            found = self._sets.get(key)
        if found is None or not 0 <= number < found[1]:
            return None
        draw, _count, lock = found
        with lock:  # one at a time a set: its pictures share fitted things and the processor
            with self._guard:
                if (key, number) in self._drawn:
                    return self._drawn[(key, number)]
            made = draw(number)
        with self._guard:
            self._drawn[(key, number)] = made
            self._bytes += len(made)
            while self._bytes > self._most_bytes and len(self._drawn) > 1:
                self._bytes -= len(self._drawn.popitem(last=False)[1])
        return made


_gallery = Gallery()


def hang(about: object, count: int, draw: Draw) -> str:
    """Offer a set of pictures and return its address, with ``{n}`` for the number.

    Parameters
    ----------
    about : object
        Everything that the pictures depend on; its text names the set.
    """
    key = hashlib.sha256(f"{_PROCESS}|{about!r}".encode()).hexdigest()[:24]
    _gallery.hang(key, count, draw)
    return f"../../pictures/{key}/{{n}}.png"


def by_address(url: str, number: int) -> bytes:
    """Return a picture by the address that `hang` gave.

    Raises
    ------
    UserError
        If the set was forgotten.
    """
    made = _gallery.picture(url.split("/")[-2], number)
    if made is None:
        raise UserError("This map is no longer kept. Reload the page.")
    return made


async def answer(request: Request) -> Response:
    """Answer with one picture of a set."""
    at = request.path_params
    try:
        found = await run_in_threadpool(_gallery.picture, at["key"], at["n"])
    except UserError:
        found = None
    if found is None:
        return Response(status_code=404)
    return Response(found, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})
