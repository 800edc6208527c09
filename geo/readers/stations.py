"""Stations out of a table: where they are, what they are called, what kind they are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.readers.cells import Cells, drop_duplicates, made_id
from geo.readers.names import listed
from geo.readers.places import REASONS, Places, given, places, shared_points
from language import Note, UserError, note

_REFERENCE = re.compile(r"\b(ref(erence)?|ground|bkk|mobile|fem|frm|beta|teom|bam)\b|อ้างอิง|กรมควบคุมมลพิษ", re.I)
_LOWCOST = re.compile(
    r"low[\s_-]?cost|dustboy|purple|sds\d|pms|sps30|airgradient|sensor|ราคาประหยัด|เซ็นเซอร์|เซนเซอร์", re.I
)


def station_kind(word: Any) -> str:
    """Return reference, lowcost or unknown for what a file says about a station."""
    cell = "" if word is None or word is pd.NA else str(word)
    if _LOWCOST.search(cell):
        return "lowcost"
    return "reference" if _REFERENCE.search(cell) else "unknown"


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return the table ``stations``; rows without a usable point are noted down.

    Raises
    ------
    UserError
        Where the file doesn't say where the stations are, or no row has a point.
    """
    raw = cells.raw
    where, good = placed(cells)
    frame = table(cells, where)[good]
    frame = drop_duplicates(frame, "station_id", cells, pd.Index(np.flatnonzero(good)))
    shared, _ = shared_points(frame["lon"].to_numpy(), frame["lat"].to_numpy())
    if shared.any():
        raw.notes.append(
            note(
                "{count} stations share their point with another one: {stations}.",
                level="warning",
                count=int(shared.sum()),
                stations=", ".join(frame.loc[shared, "station_id"].head(8)),
            )
        )
    if frame.empty:
        raise UserError("{file}: no row has usable coordinates; nothing was imported.", file=raw.name)
    return {"stations": frame.reset_index(drop=True)}


def placed(cells: Cells) -> tuple[Places, NDArray[np.bool_]]:
    """Return where the rows are and which of them have a usable point; the others are noted down.

    Raises
    ------
    UserError
        Where the file doesn't say where they are.
    """
    raw = cells.raw
    if not given(cells.mapping, raw):
        raise UserError(
            "{file}: no columns with coordinates were recognised. Say which they are, for example "
            "--map lat=COLUMN --map lon=COLUMN. Columns: {columns}.",
            file=raw.name,
            columns=listed(raw.columns),
        )
    where = places(raw, cells.mapping, cells.options)
    raw.notes += where.notes
    good = np.isfinite(where.lon)
    drop_unplaced(cells, where, good)
    return where, good


def drop_unplaced(cells: Cells, where: Places, good: Any) -> None:
    """Note down the rows without a point."""
    names = [cells.column_names(k) for k in ("lat", "lon", "x", "y", "latlon") if cells.has(k)]
    for remark in np.unique(where.remark[~good].astype(str)):
        rows = ~good & (where.remark == remark)
        found = cells.raw.frame.loc[rows, names].to_numpy()
        values = [" / ".join(str(v) for v in row if not pd.isna(v)) for row in found]
        cells.raw.drops.add(cells.raw.rows[rows], ", ".join(names), values, _reason(remark))


def _reason(remark: str) -> Note:
    return note("{why} The row was left out.", level="error", why=Note(REASONS[remark]))


def table(cells: Cells, where: Places) -> pd.DataFrame:
    """Return one station for each row of the file."""
    ids = cells.text("station_id")
    thai, english = cells.titles()
    if ids.isna().any():
        own = pd.Series(made_id(thai.fillna(""), np.round(where.lon, 5), np.round(where.lat, 5)), index=ids.index)
        ids = ids.fillna(thai).fillna(own.astype("string"))
    feed = cells.feed
    said = cells.text("kind", cells.options.station_kind or (feed.kind if feed else "") or None)
    kinds = said.map({word: station_kind(word) for word in said.dropna().unique()}).astype("string").fillna("unknown")
    if feed and feed.kind:
        kinds = kinds.where(kinds != "unknown", feed.kind)
    if cells.options.station_kind:
        kinds = kinds.where(kinds != "unknown", cells.options.station_kind)
    return pd.DataFrame(
        {
            "station_id": ids,
            "name_th": thai.fillna(ids),
            "name_en": english,
            "kind": kinds,
            "network": cells.text("network", cells.options.network or (feed.network if feed else "") or None),
            "lat": where.lat,
            "lon": where.lon,
            "elevation_m": cells.number("elevation_m"),
            "error_sd": cells.number("error_sd"),
            **cells.origin(),
        }
    )
