"""Find a place, station, factory or registration number by a few letters of it, or a position by its degrees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from planning.screening import Screening

MOST = 8
"""Answers given at a time; `search` says how many there are."""

# kind -> table of the screening, columns that are searched (the first that is known is the name)
WHERE: dict[str, tuple[str, tuple[str, ...]]] = {
    "place": ("units", ("name_th", "name_en", "code")),
    "station": ("stations", ("name_th", "name_en", "station_id")),
    "factory": ("factories", ("name_th", "reg_no", "factory_id")),
    "receptor": ("receptors", ("name_th", "name_en", "receptor_id")),
}


@dataclass(frozen=True)
class Answer:
    """A place found: its kind (``position`` or a key of `WHERE`), name, registration number, where it lies."""

    kind: str
    name: str
    detail: str
    lat: float
    lon: float


def position(text: str) -> tuple[float, float] | None:
    """Return latitude and longitude from ``13.75, 100.5``, or None where the text is none."""
    found = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[, ]\s*(-?\d{1,3}(?:\.\d+)?)\s*", text)
    if not found:
        return None
    lat, lon = float(found[1]), float(found[2])
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def search(screening: Screening, text: str, lang: str = "th", most: int = MOST) -> tuple[list[Answer], int]:
    """Return the best answers and how many there are.

    What begins with the text comes first, then what holds it, each in the order people count (2 before 10); capital
    letters, spaces and dashes don't matter.
    """
    degrees = position(text)
    if degrees:
        return [Answer("position", f"{degrees[0]:.5f}, {degrees[1]:.5f}", "", *degrees)], 1
    wanted = _plain(text)
    if not wanted:
        return [], 0
    ranked: list[tuple[int, int, Answer]] = []
    for order, (kind, (attribute, columns)) in enumerate(WHERE.items()):
        table = getattr(screening, attribute)
        texts = [table[c].fillna("").astype(str) for c in columns if c in table]
        hits = pd.Series(False, index=table.index)
        starts = hits.copy()
        for column in texts:
            plain = column.map(_plain)
            hits |= plain.str.contains(wanted, regex=False)
            starts |= plain.str.startswith(wanted)
        ranked += [
            (0 if first else 1, order, _answer(row, kind, lang))
            for (_index, row), first in zip(table[hits].iterrows(), starts[hits], strict=True)
        ]
    ranked.sort(key=lambda item: (item[0], item[1], natural(item[2].name), item[2].detail))
    return [answer for _first, _order, answer in ranked[:most]], len(ranked)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts texts as people count: 2 before 10, whatever the capital letters; Thai digits count too.

    >>> sorted(["โรงงาน 10", "โรงงาน 2", "โรงงาน 1"], key=natural)
    ['โรงงาน 1', 'โรงงาน 2', 'โรงงาน 10']
    """
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _plain(text: Any) -> str:
    return re.sub(r"[\s\-/.]+", "", str(text)).casefold()


def _answer(row: Any, kind: str, lang: str) -> Answer:
    names = ("name_th", "name_en") if lang == "th" else ("name_en", "name_th")
    known = [row.get(c) for c in (*names, *WHERE[kind][1]) if isinstance(row.get(c), str) and row.get(c)]
    detail = row.get("reg_no")
    point = row.geometry.representative_point()
    return Answer(kind, str(known[0]) if known else "", detail if isinstance(detail, str) else "", point.y, point.x)
