"""What goes into a reader and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from language import Note, note

HourLabel = Literal["auto", "beginning", "ending"]
EMPTY_DROPS = pd.DataFrame({"row": pd.Series(dtype="int64"), "column": "", "value": "", "reason": None})


ENCODINGS = ("utf-8", "cp874", "utf-16", "cp1252")
"""What a text file may be written in: Unicode, Thai Windows (TIS-620), Unicode in pairs of bytes, Western."""

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Options:
    """What a person says about a file where its own words are not enough.

    Attributes
    ----------
    crs : str
        ``EPSG:n`` of x, y columns or of shapes without one; empty: find out.
    utc : bool
        Times without an offset are UTC instead of Bangkok time.
    hour_label : {"auto", "beginning", "ending"}
        Whether an hour is labelled by its beginning or its end.
    period_hours : {0, 1, 24}
        Averaging period of the readings; 0: find out.
    variable : str
        What is measured, for a table with one column a station (one of `geo.schema.VARIABLES`).
    level : str
        Level of all boundaries (one of `geo.schema.LEVELS`); empty: find out.
    layer : str
        Layer of a GeoPackage or sheet of a workbook; empty: the one that fits best.
    encoding : str
        Of a text file (one of `ENCODINGS`); empty: find out.
    delimiter : str
        Between the cells of a text file (one of `DELIMITERS`); empty: find out.
    decimal : {"", ".", ","}
        Sign before the decimals in a text file; empty: find out.
    approximate : bool
        The boundaries are not a legal line.
    source, licence, network, station_kind : str
        Put on every row where the file doesn't say.
    limit : int
        Read only the first rows (for a preview); 0: all.
    """

    crs: str = ""
    utc: bool = False
    hour_label: HourLabel = "auto"
    period_hours: int = 0
    variable: str = ""
    level: str = ""
    layer: str = ""
    approximate: bool = False
    source: str = ""
    licence: str = ""
    network: str = ""
    station_kind: str = ""
    limit: int = 0
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""


@dataclass
class Raw:
    """A file as a table: text or typed cells under the file's own column names.

    Attributes
    ----------
    frame : DataFrame, shape (n, columns)
    rows : array of int, shape (n,)
        Row number of each line in the file, the header counted, first row = 1.
    shapes : GeoSeries or None
        Geometries, with their CRS if the file names one.
    """

    name: str
    format: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    shapes: gpd.GeoSeries | None = None
    encoding: str = ""
    delimiter: str = ""
    decimal_comma: bool = False
    notes: list[Note] = field(default_factory=list)
    drops: Drops = field(default_factory=lambda: Drops())

    @property
    def columns(self) -> list[str]:
        """Column names of the file."""
        return [str(c) for c in self.frame.columns]


class Drops:
    """Collects what is left out: row, column, value and reason."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(self, rows: Any, column: str, values: Any, reason: Note) -> None:
        """Note down rows (numbers in the file) with one reason; `values` is one value or one a row."""
        rows = np.atleast_1d(np.asarray(rows, dtype="int64"))
        if not len(rows):
            return
        if isinstance(values, str) or np.ndim(values) == 0:
            texts: Any = str(values)
        else:
            texts = ["" if v is None or v is pd.NA or v != v else str(v) for v in values]
        part = pd.DataFrame({"row": rows, "column": column, "value": texts})
        part["reason"] = pd.Series([reason] * len(part), dtype=object)
        self._parts.append(part)

    def frame(self) -> pd.DataFrame:
        """Return all of them, ordered by row."""
        if not self._parts:
            return EMPTY_DROPS.copy()
        return pd.concat(self._parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Parsed:
    """A file read: rows for the lake, what was left out, and what was decided on the way.

    Attributes
    ----------
    tables : mapping
        Table name -> rows, columns as in `geo.schema.TABLES`.
    dropped : DataFrame
        row, column, value (text of the file), reason (`language.Note`).
    mapping : mapping
        Our field -> column of the file; several joined by `` + ``.
    rows_read : int
        Rows of the file.
    """

    kind: str
    name: str
    tables: Mapping[str, pd.DataFrame]
    dropped: pd.DataFrame
    notes: Sequence[Note]
    mapping: Mapping[str, str]
    rows_read: int
    options: Options
    source: str = ""
    licence: str = ""

    @property
    def rows_kept(self) -> int:
        """Rows of the table that was asked for."""
        return len(self.tables.get(self.kind, ()))

    def problems(self, limit: int | None = None) -> list[Note]:
        """Return a sentence with file, row and column for each thing left out."""
        return problems(self.dropped, self.name, limit)


@dataclass(frozen=True)
class Preview:
    """What the product makes of a file before it is imported.

    Attributes
    ----------
    mapping : mapping
        Guess: our field -> column of the file.
    fields : tuple of str
        Every field that can be mapped for this kind.
    rows : DataFrame
        The first rows as they stand in the file.
    shapes : GeoDataFrame
        Points or polygons as they would be stored, EPSG:4326 (empty where there are none).
    problems : sequence of Note
        What stops the import (level error) or would be left out.
    """

    kind: str
    name: str
    format: str
    encoding: str
    delimiter: str
    crs: str
    columns: Sequence[str]
    fields: Sequence[str]
    mapping: Mapping[str, str]
    rows: pd.DataFrame
    shapes: gpd.GeoDataFrame
    notes: Sequence[Note]
    problems: Sequence[Note]


def problems(dropped: pd.DataFrame, name: str, limit: int | None = None) -> list[Note]:
    """Return a sentence for each row of a table of dropped values."""
    return [
        note(
            "{file}, row {row}, column {column}: {reason} ({value})",
            level="error",
            file=name,
            row=int(row["row"]),
            column=row["column"] or "–",
            reason=row["reason"],
            value=row["value"] or "–",
        )
        for row in dropped.head(limit if limit is not None else len(dropped)).to_dict("records")
    ]


def summary(dropped: pd.DataFrame, name: str) -> list[Note]:
    """Return one sentence per reason, with the first row as an example."""
    notes = []
    if dropped.empty:
        return []
    reasons = dropped["reason"].map(lambda r: r.say("en"))
    for _, part in dropped.groupby([reasons, dropped["column"]], sort=False):
        first = part.iloc[0]
        notes.append(
            note(
                "{file}: {reason} {count} times, first in row {row}, column {column}: {value}",
                level=first["reason"].level,
                file=name,
                count=len(part),
                reason=first["reason"],
                row=int(first["row"]),
                column=first["column"] or "–",
                value=first["value"] or "–",
            )
        )
    return notes
