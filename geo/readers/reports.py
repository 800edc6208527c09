"""What people said in a meeting, out of a table: kind, place, number of hands, words without personal data."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np
import pandas as pd

from geo.readers.cells import Cells, drop_duplicates, made_id
from geo.readers.names import listed
from geo.readers.places import MISSING, given, places
from geo.readers.stations import drop_unplaced
from geo.schema import REPORT_KINDS
from language import UserError, note

_WORDS = {
    "burning": r"burn|fire|เผา|ไฟไหม้",
    "smoke": r"smoke|ควัน",
    "dust": r"dust|ฝุ่น",
    "smell": r"smell|odou?r|stink|กลิ่น",
    "praise": r"praise|thank|good|ชม|ขอบคุณ",
    "idea": r"idea|suggest|proposal|ข้อเสนอ|ความคิด|เสนอแนะ",
}
_PERSONAL = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    re.compile(r"https?://\S+|(?<!\w)@\w+"),
    # Telephone and identity numbers: nine digits or more, with or without dashes and spaces, Thai digits too.
    re.compile(r"\+?\d(?:[\s\-.]?\d){8,}"),
    re.compile(r"(?:บ้านเลขที่|เลขที่)\s*\d+(?:/\d+)?"),
    re.compile(r"(?:นางสาว|นาย|นาง|น\.ส\.|ด\.ช\.|ด\.ญ\.|คุณ)\s*[ก-๙]+(?:\s+[ก-๙]+)?(?=\s|$)"),
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z]\w+(?:\s+[A-Z]\w+)?"),
)
_YES = ("true", "1", "yes", "ใช่", "จริง")
_MAX = 500


def meeting_id(day: str, place: str, simulated: bool = False) -> str:
    """Return the same identifier for the same day (``2026-02-12``) and place."""
    mark = hashlib.sha256(f"{place.strip()}|{simulated}".encode()).hexdigest()[:6]
    return f"{day}-{mark}"


def without_people(words: Any) -> str:
    """Return a note without telephone and identity numbers, addresses, mail and titled names.

    >>> without_people("ควันดำทุกเย็น โทร 081-234-5678")
    'ควันดำทุกเย็น โทร …'
    """
    text = "" if words is None or words is pd.NA else str(words).strip()
    for pattern in _PERSONAL:
        text = pattern.sub("…", text)
    return text[:_MAX]


def report_kind(word: Any) -> str:
    """Return the kind a word names, empty where it names none.

    >>> report_kind("การเผา"), report_kind("Smell"), report_kind("x")
    ('burning', 'smell', '')
    """
    said = "" if word is None or word is pd.NA else str(word).strip().casefold()
    if said in REPORT_KINDS:
        return said
    return next((kind for kind, pattern in _WORDS.items() if re.search(pattern, said)), "")


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``reports``; a row of unknown kind, without a place where one is needed, or with an odd count is left out.

    Praise and ideas may be without a place.

    Raises
    ------
    UserError
        Where the file has no kinds, or no row can be used.
    """
    raw = cells.raw
    if not cells.has("kind"):
        raise UserError(
            "{file}: no column says what the reports are about. Say which it is: --map kind=COLUMN. "
            "Columns: {columns}.",
            file=raw.name,
            columns=listed(raw.columns),
        )
    size = len(raw.frame)
    kinds = np.array([report_kind(word) for word in cells.text("kind")], dtype=object)
    lat = lon = np.full(size, np.nan)
    placed_or_free = np.isin(kinds, ("praise", "idea"))
    if given(cells.mapping, raw):
        where = places(raw, cells.mapping, cells.options)
        raw.notes += where.notes
        lat, lon = where.lat, where.lon
        good = np.isfinite(lon) | (placed_or_free & (where.remark.astype(str) == MISSING))
        drop_unplaced(cells, where, good)
    else:
        good = placed_or_free
        lost = ~good & (kinds != "")
        raw.drops.add(raw.rows[lost], "lat, lon", [""] * int(lost.sum()), note("the coordinates are missing."))
    unknown = kinds == ""
    raw.drops.add(
        raw.rows[unknown], cells.column_names("kind"), cells.text("kind").fillna("")[unknown],
        note("the kind is none of {kinds}. The row was left out.", level="error", kinds=", ".join(REPORT_KINDS)),
    )  # fmt: skip
    votes = cells.number("votes")
    votes = np.where(np.isnan(votes), 1, np.round(votes))
    odd = (votes < 1) | (votes > 100_000)
    raw.drops.add(
        raw.rows[odd], cells.column_names("votes"), votes[odd],
        note("the number of hands must be 1 to 100,000. The row was left out.", level="error"),
    )  # fmt: skip
    good &= ~unknown & ~odd
    frame = _frame(cells, kinds, np.where(odd, 1, votes), lat, lon)
    kept = drop_duplicates(frame[good], "report_id", cells, pd.Index(np.flatnonzero(good)))
    if kept.empty:
        raise UserError("{file}: no row holds a report that can be used; nothing was imported.", file=raw.name)
    return {"reports": kept.reset_index(drop=True)}


def _frame(cells: Cells, kinds: Any, votes: Any, lat: Any, lon: Any) -> pd.DataFrame:
    said = cells.text("note").map(without_people, na_action="ignore").astype("string")
    day, place = cells.text("meeting_date"), cells.text("place").map(without_people, na_action="ignore")
    simulated = cells.text("simulated").fillna("").str.casefold().isin(_YES).to_numpy(bool)
    meeting = cells.text("meeting_id").fillna(_meetings(day, place, simulated)).fillna(cells.raw.name)
    ids = cells.text("report_id")
    order = np.arange(len(ids))
    made = made_id(meeting, kinds, np.round(lat, 5), np.round(lon, 5), said.fillna(""), order)
    return pd.DataFrame(
        {
            "report_id": ids.fillna(pd.Series(made, index=ids.index).astype("string")),
            "meeting_id": meeting,
            "meeting_date": day,
            "place": place.astype("string"),
            "kind": kinds,
            "votes": votes.astype("int64"),
            "lat": lat,
            "lon": lon,
            "note": said,
            "simulated": simulated,
            **cells.origin(),
        }
    )


def _meetings(days: pd.Series[Any], places: pd.Series[Any], simulated: Any) -> pd.Series[Any]:
    """Return the meeting's identifier of each row that names day and place, as the page of the hall makes it."""
    made = [
        pd.NA if pd.isna(day) or pd.isna(place) else meeting_id(str(day), str(place), bool(made_up))
        for day, place, made_up in zip(days, places, simulated, strict=True)
    ]
    return pd.Series(pd.array(made, dtype="string"), index=days.index)
