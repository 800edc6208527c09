"""The end of the story: what people say, which measure comes first, and what came out of it.

Pins and hands taken on these slides stay in the browser until they are saved as a file, which
``python -m geo import reports FILE`` and the data page take. What earlier meetings said is drawn in outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from geo.reports import KIND_COLOURS, KIND_WORDS
from language import N_, available_languages, translate
from planning.meeting.pictures import Frame

_SIGNS = {
    "smoke": "M7 19a4.6 4.6 0 0 1-.7-9.1A6.2 6.2 0 0 1 18.2 9 5 5 0 0 1 17.5 19z",
    "dust": "M5 7a2 2 0 1 0 .1 0zM12 3a2 2 0 1 0 .1 0zM19 7a2 2 0 1 0 .1 0zM8 13a2 2 0 1 0 .1 0zM16 13a2 2 0 1 0 .1 0z"
    "M12 18a2 2 0 1 0 .1 0z",
    "smell": "M3 8c4-5 6 4 9 1s5-4 9 0l-1.5 2c-3-3-4-3-6.5-.5S8 12 4.5 10zM3 15c4-5 6 4 9 1s5-4 9 0l-1.5 2"
    "c-3-3-4-3-6.5-.5S8 19 4.5 17z",
    "burning": "M13 2c1 4 6 6.5 6 12a7 7 0 0 1-14 0c0-3.5 2-5 2.5-7.5C9.5 8 10 9.5 10 11c2-2 3.5-5 3-9z",
    "praise": "M12 21C5 15.5 3 12.5 3 9a4.6 4.6 0 0 1 9-1.2A4.6 4.6 0 0 1 21 9c0 3.5-2 6.5-9 12z",
    "idea": "M9 22h6v-2H9zM12 2a7 7 0 0 0-4 12.7V18h8v-3.3A7 7 0 0 0 12 2z",
}
"""A sign for each kind, an SVG path on 24 x 24: nobody must tell six colours apart."""

EARLIER = {True: N_("earlier meetings (simulated)"), False: N_("earlier meetings")}


def kinds() -> list[dict[str, Any]]:
    """Return the kinds of report: key, word in every language, colour and sign."""
    return [
        {
            "key": key,
            "word": {lang: translate(word, lang) for lang in available_languages()},
            "colour": KIND_COLOURS[key],
            "sign": _SIGNS[key],
        }
        for key, word in KIND_WORDS.items()
    ]


def pins(reports: gpd.GeoDataFrame, frame: Frame) -> list[dict[str, Any]]:
    """Return the pins of earlier meetings that lie in a panel, in SVG units; no words, no dates."""
    placed = reports[~reports.geometry.is_empty]
    if placed.empty:
        return []
    drawn = []
    for point, kind, votes in zip(placed.to_crs(frame.crs).geometry, placed["kind"], placed["votes"], strict=True):
        x, y = frame.at(point.x, point.y)
        if 0 <= x <= frame.width and 0 <= y <= frame.height:
            drawn.append({"x": x, "y": y, "kind": str(kind), "votes": int(votes)})
    return drawn


def earlier(reports: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return kind and hands of every report of earlier meetings, with or without a place."""
    return [{"kind": str(k), "votes": int(v)} for k, v in zip(reports["kind"], reports["votes"], strict=True)]


def steps(choices: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return the three steps: key and what the page needs beside title and lines."""
    return [
        ("say", {"show": ["zones", "names", "pins"], "takes": True}),
        ("vote", {"show": [], "choices": list(choices)}),
        ("results", {"show": ["zones", "pins", "earlier"], "choices": list(choices)}),
    ]
