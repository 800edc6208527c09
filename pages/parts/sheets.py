"""Sheets of paper by address: each reader's last one is made when its link is followed; the oldest are forgotten."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from language import UserError

PATH = "sheets"
MOST = 40
"""Readers whose sheets can be made at once; the next run of a page offers a forgotten one again."""

Box = tuple[float, float, float, float]
Make = Callable[[str, str, Box | None], tuple[str, bytes]]
"""Paper, step, part of the map (west, south, east, north) -> file name and PDF."""

_offered: OrderedDict[str, Make] = OrderedDict()
_guard = threading.Lock()


def offer(session: Any, make: Make) -> str:
    """Offer this reader's sheet in place of the one before, and return its key."""
    key = str(session.setdefault("_sheet", uuid.uuid4().hex))
    with _guard:
        _offered[key] = make
        _offered.move_to_end(key)
        while len(_offered) > MOST:
            _offered.popitem(last=False)
    return key


async def answer(request: Request) -> Response:
    """Answer with a sheet: ``/sheets/{key}/{paper}.pdf?t=STEP&box=W,S,E,N``."""
    with _guard:
        make = _offered.get(request.path_params["key"])
    if make is None:
        return Response(status_code=404)
    paper, asked = request.path_params["paper"], request.query_params
    try:
        name, pdf = await run_in_threadpool(make, paper, asked.get("t", ""), parse_box(asked.get("box", "")))
    except UserError:
        return Response(status_code=404)
    held = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=held)


def parse_box(text: str) -> Box | None:
    """Parse ``west,south,east,north`` in degrees; None where it is no part of the earth."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    good = -180 <= west < east <= 180 and -85 <= south < north <= 85
    return (west, south, east, north) if good else None
