"""Factories out of a register: numbers, type codes, sizes, and what their coordinates are worth."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.readers.cells import Cells, drop_duplicates, made_id
from geo.readers.names import listed
from geo.readers.numbers import THAI_DIGITS, first_number
from geo.readers.places import DOUBLED, MISSING, REASONS, Places, given, places, shared_points
from language import UserError, note, translate

LAST_TYPE = 107
"""Highest number of the list of factory types (ministerial rule 2563)."""

# จ3-9(6)-100/51ปจ: class 3, type 9(6), running number 100 of BE 2551, province.
_REGISTRATION = re.compile(r"^\s*[ก-๙]*\s*(?P<cls>[123])\s*-\s*(?P<no>\d{1,3})(?:\s*\((?P<sub>\d{1,2})\))?\s*-")
_WRITTEN = re.compile(r"^(\d{1,3})\s*[(.\-/]\s*(\d{1,2})\)?")
_FFLAG = {"0": "licensed", "1": "operating", "2": "struck off", "3": "stopped"}  # domain facts, section 6.4


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``factories``; one without a usable point is kept, and says so in ``coordinate_note``.

    Raises
    ------
    UserError
        Where neither names nor registration numbers are found.
    """
    raw = cells.raw
    if not any(cells.has(k) for k in ("name_th", "reg_no", "factory_id")):
        raise UserError(
            "{file}: no column with factory names or registration numbers was recognised. Say which it is, for "
            "example --map name_th=COLUMN. Columns: {columns}.",
            file=raw.name,
            columns=listed(raw.columns),
        )
    where = _places(cells)
    remarks = _coordinate_notes(cells, where)
    reg_no, name = cells.text("reg_no"), cells.text("name_th")
    ids = cells.text("factory_id").fillna(reg_no)
    made = made_id(name.fillna(""), np.round(where.lon, 5), np.round(where.lat, 5))
    ids = ids.fillna(pd.Series(made, index=ids.index, dtype="string"))
    number, sub = types(cells.text("type_code"))
    cls = _floats(cells.text("factory_class").map(first_number, na_action="ignore"))
    from_reg = reg_no.str.extract(_REGISTRATION).apply(_floats)
    cls = cls.where(cls.isin([1, 2, 3])).fillna(from_reg["cls"])
    number, sub = number.fillna(from_reg["no"]), sub.where(number.notna(), from_reg["sub"].fillna(0))
    impossible = (number < 1) | (number > LAST_TYPE)
    reason = note("there is no factory type with this number; the row was kept without it.", level="warning")
    raw.drops.add(raw.rows[impossible], cells.column_names("type_code"), cells.text("type_code")[impossible], reason)
    number, sub = number.mask(impossible), sub.mask(impossible)
    frame = pd.DataFrame(
        {
            "factory_id": ids,
            "reg_no": reg_no,
            "name_th": name.fillna(reg_no),
            "type_code": type_codes(number, sub),
            "type_no": number.astype("Int32"),
            "type_sub": sub.mask(number.isna()).astype("Int32"),
            "factory_class": cls.astype("Int32"),
            "activity": cells.text("activity"),
            "hp": cells.number("hp"),
            "workers": pd.array(np.round(cells.number("workers")), dtype="Float64").astype("Int32"),
            "capital_baht": cells.number("capital_baht"),
            "status": _status(cells),
            "address": cells.text("address"),
            "lat": where.lat,
            "lon": where.lon,
            "coordinate_note": remarks,
            **cells.origin(),
        }
    )
    named = (frame["name_th"].notna() | reg_no.notna()).to_numpy(dtype=bool)
    reason = note("the row has neither a name nor a number; it was left out.", level="error")
    raw.drops.add(raw.rows[~named], cells.column_names("name_th"), "", reason)
    frame = drop_duplicates(frame[named], "factory_id", cells, pd.Index(np.flatnonzero(named)))
    if frame.empty:
        raise UserError("{file}: no row names a factory; nothing was imported.", file=raw.name)
    return {"factories": frame.reset_index(drop=True)}


def _places(cells: Cells) -> Places:
    raw = cells.raw
    if given(cells.mapping, raw):
        where = places(raw, cells.mapping, cells.options)
        raw.notes += where.notes
    else:
        blank = np.full(len(cells), np.nan)
        where = Places(blank, blank.copy(), np.full(len(cells), MISSING, dtype=object))
    return where


def _coordinate_notes(cells: Cells, where: Places) -> pd.Series[Any]:
    """Return what is known about each point, as keys of `places.REASONS` or the file's own words."""
    raw = cells.raw
    shared, doubled = shared_points(where.lon, where.lat)
    if shared.any():
        raw.notes.append(
            note(
                "{count} factories stand on the point of an earlier one ({all} share a point, first: row {row}); "
                "their places may be those of an estate or an office.",
                level="warning",
                count=doubled,
                all=int(shared.sum()),
                row=int(raw.rows[shared][0]),
            )
        )
    lost = ~np.isfinite(where.lon)
    if lost.any():
        raw.notes.append(
            note(
                "{count} factories have no usable coordinates (first: row {row}); they were kept without a place.",
                level="warning",
                count=int(lost.sum()),
                row=int(raw.rows[lost][0]),
            )
        )
    own = cells.text("coordinate_note").fillna("")
    ours = pd.Series(where.remark, index=own.index, dtype="string")
    twin = pd.Series(np.where(shared, DOUBLED, ""), index=own.index, dtype="string")
    joined = own.str.cat(ours, sep="; ").str.cat(twin, sep="; ").str.replace(r"(; )+", "; ", regex=True).str.strip("; ")
    return joined.where(joined != "", pd.NA)


def coordinate_words(stored: str | None, lang: str) -> str:
    """Return a factory's ``coordinate_note`` in words.

    >>> coordinate_words("gov_exact; doubled", "en")
    'gov_exact; other rows share this point.'
    """
    parts = [part for part in (stored or "").split("; ") if part]
    return "; ".join(translate(REASONS[p], lang) if p in REASONS else p for p in parts)


def _status(cells: Cells) -> pd.Series[Any]:
    said = cells.text("status")
    return said.replace(_FFLAG) if cells.column_names("status").upper() == "FFLAG" else said


def types(codes: pd.Series[Any]) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return type number and sub-number of codes like ``00906``, ``9(6)``, ``105``.

    Five digits are three of the number and two of the sub-number; a spreadsheet may have eaten leading
    zeros of a whole column, which shows where a plain number is higher than any type.
    """
    cells = codes.fillna("").str.translate(THAI_DIGITS).str.strip()
    written = cells.str.extract(_WRITTEN).apply(_floats)
    digits = cells.where(cells.str.fullmatch(r"\d{1,5}"), "")
    plain = pd.to_numeric(digits, errors="coerce")
    eaten = bool(((digits.str.len() < 5) & (plain > LAST_TYPE)).any())
    five = digits.where(~(digits != "") | (digits.str.len() == 5) | (not eaten), digits.str.zfill(5))
    long = five.str.len() >= 4
    full = five.where(long, "").str.zfill(5)
    number = pd.to_numeric(full.str[:3].where(long, five), errors="coerce")
    sub = pd.to_numeric(full.str[3:].where(long, "0"), errors="coerce").where(number.notna())
    return written[0].fillna(_floats(number)), written[1].where(written[0].notna(), _floats(sub))


def _floats(column: pd.Series[Any]) -> pd.Series[float]:
    """Return a column as numbers, NaN for everything else, whatever kind of text pandas made of it."""
    values = pd.to_numeric(column, errors="coerce")
    return pd.Series(values.to_numpy(dtype="float64", na_value=np.nan), index=column.index)


def type_codes(number: pd.Series[float], sub: pd.Series[float]) -> NDArray[np.object_]:
    """Return five-digit codes: 9, 6 -> 00906; None without a number."""
    return np.array(
        [
            None if np.isnan(n) else f"{int(n):03d}{0 if np.isnan(s) else int(s):02d}"
            for n, s in zip(number, sub, strict=True)
        ],
        dtype=object,
    )
