"""The cells of one of our fields, whichever column or columns of the file it comes from."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.readers import names
from geo.readers.model import Options, Raw
from geo.readers.numbers import numbers, text
from language import note

_THAI = re.compile("[\u0e00-\u0e7f]")


class Cells:
    """Reads our fields out of a raw table; what can't be read is noted down in its drops."""

    def __init__(self, raw: Raw, mapping: Mapping[str, str], options: Options) -> None:
        self.raw = raw
        self.mapping = dict(mapping)
        self.options = options
        self.feed = names.feed(raw.columns)

    def __len__(self) -> int:
        return len(self.raw.frame)

    def has(self, ours: str) -> bool:
        """Whether the file has this field."""
        return ours in self.mapping

    def column_names(self, ours: str) -> str:
        """Return the column or columns of the file that a field comes from, for messages."""
        return self.mapping.get(ours, "")

    def parts(self, ours: str) -> list[pd.Series[Any]]:
        """Return the columns of a field as they stand in the file."""
        if ours not in self.mapping:
            return []
        return [self.raw.frame[c] for c in names.split(self.mapping[ours], self.raw.columns)]

    def text(self, ours: str, default: str | None = None) -> pd.Series[Any]:
        """Return a field as text, several columns joined by spaces; NA where there is none."""
        parts = [text(p) for p in self.parts(ours)]
        if not parts:
            return pd.Series(pd.array([default] * len(self), dtype="string"), index=self.raw.frame.index)
        if len(parts) == 1:
            return parts[0] if default is None else parts[0].fillna(default)
        joined = parts[0].fillna("")
        for part in parts[1:]:
            joined = joined.str.cat(part.fillna(""), sep=" ")
        joined = joined.str.replace(r"\s+", " ", regex=True).str.strip()
        return joined.where(joined != "", pd.NA)

    def number(self, ours: str) -> NDArray[np.float64]:
        """Return a field as numbers, several columns summed; a cell that is no number is noted down."""
        total = np.full(len(self), np.nan)
        for part in self.parts(ours):
            values, wrong = numbers(part, decimal_comma=self.raw.decimal_comma)
            if wrong.any():
                reason = note("this is not a number; the row was kept without it.", level="warning")
                self.raw.drops.add(self.raw.rows[wrong], str(part.name), part[wrong], reason)
            total = np.where(np.isnan(values), total, np.nan_to_num(total) + values)
        return total

    def moments(self) -> pd.Series[Any]:
        """Return the time field, date and clock of two columns joined into one text."""
        parts = self.parts("time")
        if len(parts) == 1:
            return parts[0]
        texts = [text(part.map(_date_only) if i == 0 else part.map(_clock)) for i, part in enumerate(parts)]
        joined = texts[0]
        for clock in texts[1:]:
            joined = joined.str.cat(clock.fillna(""), sep=" ")
        return joined.str.strip()

    def titles(self, fallback: pd.Series[Any] | None = None) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return Thai and English names; a plain name goes where its letters belong."""
        thai, english, plain = self.text("name_th"), self.text("name_en"), self.text("name")
        is_thai = plain.fillna("").str.contains(_THAI)
        thai, english = thai.fillna(plain.where(is_thai, pd.NA)), english.fillna(plain.where(~is_thai, pd.NA))
        if fallback is not None:
            thai = thai.where(thai.notna() | english.notna(), fallback)
        return thai.fillna(english), english

    def origin(self) -> dict[str, Any]:
        """Return source and licence of each row: what the row, the person, or the known feed says."""
        feed_name = self.feed.name if self.feed else self.raw.name
        licence = self.options.licence or (self.feed.licence if self.feed else "") or None
        return {
            "source": self.text("source", self.options.source or feed_name),
            "licence": self.text("licence", licence),
        }


def _date_only(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date().isoformat()
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value


def _clock(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        value = value.time()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, dt.timedelta):  # Excel's 24:00 is one day
        return f"{round(value.total_seconds() // 3600):02d}:{round(value.total_seconds() % 3600 / 60):02d}"
    if isinstance(value, float) and 0 < value < 1:  # Excel's share of a day
        minutes = round(value * 1440)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return value


def made_id(*columns: Any) -> NDArray[np.object_]:
    """Return an identifier for each row, made of its cells; equal cells give equal identifiers."""
    joined = ["|".join(map(str, row)) for row in zip(*columns, strict=True)]
    return np.array([hashlib.sha256(cell.encode()).hexdigest()[:12] for cell in joined], dtype=object)


def drop_duplicates(frame: pd.DataFrame, key: str, cells: Cells, kept: pd.Index[Any]) -> pd.DataFrame:
    """Keep the first row of each key; equal ones are counted, different ones noted down.

    Parameters
    ----------
    frame : DataFrame, shape (m, ...)
    kept : Index, shape (m,)
        Positions of its rows in the raw table.
    """
    again = frame.duplicated(key).to_numpy()
    if not again.any():
        return frame
    same = frame.duplicated().to_numpy() & again
    if same.any():
        cells.raw.notes.append(note("{count} rows stand in the file more than once.", count=int(same.sum())))
    other = again & ~same
    reason = note("this identifier stands in an earlier row with other values; the first was kept.", level="error")
    rows = cells.raw.rows[kept.to_numpy()[other]]
    cells.raw.drops.add(rows, cells.column_names(key) or key, frame.loc[other, key], reason)
    return frame[~again]
