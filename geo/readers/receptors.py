"""Receptors out of a table: schools, child care, hospitals, health centres, homes for the elderly."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from geo.readers.cells import Cells, drop_duplicates, made_id
from geo.readers.stations import placed
from language import UserError, note

# Order matters: a health centre's full Thai name begins with "hospital".
_KINDS = (
    ("childcare", r"ศูนย์พัฒนาเด็ก|ศพด|เด็กเล็ก|อนุบาล|child.?care|kindergarten|nursery|preschool|day.?care"),
    (
        "health_centre",
        r"ส่งเสริมสุขภาพ|รพ\.?\s?สต|อนามัย|ศูนย์บริการสาธารณสุข|คลินิก|health[\s_]?cent|\bphc\b|_phc|clinic|doctors",
    ),
    ("elderly_home", r"ผู้สูงอายุ|คนชรา|elderly|nursing[\s_]?home|retirement|senior"),
    ("hospital", r"โรงพยาบาล|^รพ\.?|hospital|\d-(regional|general|community)|_hos\b"),
    ("school", r"โรงเรียน|^รร\.?|วิทยาลัย|สถานศึกษา|school|college|university|สพป|สพม"),
)


def receptor_kind(*hints: Any) -> str:
    """Return the kind that the first telling hint names.

    >>> receptor_kind("โรงพยาบาลส่งเสริมสุขภาพตำบลกรับใหญ่"), receptor_kind(None, "temple")
    ('health_centre', 'other')
    """
    for hint in hints:
        word = "" if hint is None or hint is pd.NA else str(hint).casefold()
        for kind, pattern in _KINDS:
            if word == kind or re.search(pattern, word):
                return kind
    return "other"


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``receptors``; rows without a usable point are noted down.

    Raises
    ------
    UserError
        Where the file doesn't say where they are, or no row has a point.
    """
    raw = cells.raw
    where, good = placed(cells)
    ids = cells.text("receptor_id")
    thai, english = cells.titles(ids)
    # A telling file name (hc12_phc.csv) outranks a level that hospitals and health centres share.
    file_kind = receptor_kind(raw.name)
    hints = zip(cells.text("kind"), thai, english, strict=True)
    kinds = np.array([_kind(said, names, file_kind) for said, *names in hints], dtype=object)
    made = pd.Series(made_id(thai.fillna(""), np.round(where.lon, 5), np.round(where.lat, 5)), index=ids.index)
    # Plain running numbers of two files would be taken for the same places.
    running = ids.fillna("").str.fullmatch(r"\d{1,4}").to_numpy(dtype=bool)
    ids = ids.where(~running, pd.Series(kinds, index=ids.index).astype("string") + "-" + ids.fillna(""))
    people = np.round(cells.number("people"))
    frame = pd.DataFrame(
        {
            "receptor_id": ids.fillna(made.astype("string")),
            "name_th": thai,
            "name_en": english,
            "kind": kinds,
            "people": pd.array(np.where(people < 0, np.nan, people), dtype="Float64").astype("Int32"),
            "lat": where.lat,
            "lon": where.lon,
            **cells.origin(),
        }
    )[good]
    frame = drop_duplicates(frame, "receptor_id", cells, pd.Index(np.flatnonzero(good)))
    if frame.empty:
        raise UserError("{file}: no row has usable coordinates; nothing was imported.", file=raw.name)
    other = int((frame["kind"] == "other").sum())
    if other:
        raw.notes.append(note("For {count} rows the kind (school, hospital …) is not known.", count=other))
    return {"receptors": frame.reset_index(drop=True)}


def _kind(said: Any, names: list[Any], file_kind: str) -> str:
    kind = receptor_kind(said)
    if kind == "hospital" and re.match(r"\d-", str(said)) and file_kind != "other":
        return file_kind
    return kind if kind != "other" else receptor_kind(*names) if receptor_kind(*names) != "other" else file_kind
