"""What phones in the hall may read: pages by secret name, in this process only, the oldest forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from language import N_, available_languages, translate

PATH = "/hall"
MOST = 20
"""Meetings at once; a page is some hundred kilobytes."""

_pages: OrderedDict[str, str] = OrderedDict()
_guard = Lock()


def offer(token: str, html: str) -> None:
    """Serve a page under a name until it is withdrawn."""
    with _guard:
        _pages[token] = html
        _pages.move_to_end(token)
        while len(_pages) > MOST:
            _pages.popitem(last=False)


def withdraw(token: str) -> None:
    """Serve a page no longer."""
    with _guard:
        _pages.pop(token, None)


async def answer(request: Request) -> Response:
    """Answer a phone: the page, or a short sentence where it was withdrawn."""
    with _guard:
        page = _pages.get(request.path_params["token"])
    # The page is made by planning.meeting and forbids every outside request itself.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    if page is None:
        return Response(_gone(), status_code=404, media_type="text/plain; charset=utf-8", headers=headers)
    return HTMLResponse(page, headers=headers)


def _gone() -> str:
    words = N_("This meeting is no longer open to phones.")
    return "\n".join(translate(words, lang) for lang in available_languages())
