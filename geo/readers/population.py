"""Population out of a table (an area a row, age groups where given) or out of a raster of counts (a cell a row)."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import rasterio
from pyproj import Transformer
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geo.readers.cells import Cells, drop_duplicates, made_id
from geo.readers.model import Options, Raw
from geo.readers.places import given, places
from language import UserError, note

MOST_CELLS = 400_000
"""Cells kept of a raster: where there are more with people, squares of them are added up, so that no one is lost."""

_ROWS = 512


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``population``: areas by code or name, or cells by place.

    Raises
    ------
    UserError
        Where no row has both people and a code, name or place.
    """
    raw = cells.raw
    people, children, elderly = (cells.number(f) for f in ("people", "children", "elderly"))
    wrong = (people < 0) | (children < 0) | (elderly < 0)
    raw.drops.add(raw.rows[wrong], cells.column_names("people"), people[wrong], note("people cannot be fewer than 0."))
    by_place = given(cells.mapping, raw)
    where = places(raw, cells.mapping, cells.options) if by_place else None
    code = cells.text("code").fillna(cells.text("name"))
    lat = np.full(len(cells), np.nan) if where is None else where.lat
    lon = np.full(len(cells), np.nan) if where is None else where.lon
    named = code.fillna("").str.strip().to_numpy(dtype=object) != ""
    good = np.isfinite(people) & ~wrong & (named | np.isfinite(lon))
    lost = ~good & ~wrong
    reason = note("the row has no number of people, or neither code nor place; it was left out.")
    raw.drops.add(raw.rows[lost], cells.column_names("code") or cells.column_names("people"), "", reason)
    made = pd.Series(made_id(np.round(lon, 6), np.round(lat, 6), [raw.name] * len(cells)), index=code.index)
    frame = pd.DataFrame(
        {
            "place_id": code.where(named, "cell-" + made.astype("string")),
            "code": code.where(named, pd.NA),
            "lat": lat,
            "lon": lon,
            "people": people,
            "children": children,
            "elderly": elderly,
            "year": pd.array(np.round(cells.number("year")), dtype="Float64").astype("Int32"),
            **cells.origin(),
        }
    )[good]
    frame["year"] = frame["year"].where(frame["year"] < 2400, frame["year"] - 543)  # Buddhist-era years
    if frame.empty:
        raise UserError(
            "{file}: no row has people together with a code, a name or a place. Columns: {columns}.",
            file=raw.name,
            columns=", ".join(raw.columns),
        )
    frame = drop_duplicates(frame, "place_id", cells, pd.Index(np.flatnonzero(good)))
    return {"population": frame.reset_index(drop=True)}


def is_tiff(content: bytes) -> bool:
    """Whether a file is a TIFF (classic or big, either byte order)."""
    return content[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def read_raster(content: bytes, name: str, options: Options) -> Raw:
    """Return a raster of counts (such as WorldPop) as a table: lat, lon, people.

    Cells without people are left out; where too many are left, squares of cells are added up.

    Raises
    ------
    UserError
        Where it can't be read, has no coordinate system, or holds no one.
    """
    try:
        with rasterio.open(io.BytesIO(content)) as raster:
            if raster.crs is None:
                raise UserError("{file} does not say its coordinate system.", file=name)
            factor = 1
            while (table := _table(raster, factor)) is None:
                factor *= 2
            crs = raster.crs
    except RasterioError as problem:
        raise UserError("{file} is damaged: it cannot be read as a raster.", file=name) from problem
    if table.empty:
        raise UserError("{file} holds no people: every cell is empty or 0.", file=name)
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(table["x"], table["y"])
    frame = pd.DataFrame({"lat": np.round(lat, 6), "lon": np.round(lon, 6), "people": table["people"].round(3)})
    if options.limit:
        frame = frame.head(options.limit)
    raw = Raw(name, "GeoTIFF", frame.reset_index(drop=True), np.arange(1, len(frame) + 1))
    raw.notes.append(
        note(
            "The raster holds {people} people in {count} cells; each cell's value is taken as a count of people.",
            people=f"{table['people'].sum():,.0f}",
            count=f"{len(table):,}",
        )
    )
    if factor > 1:
        raw.notes.append(note("{factor} × {factor} cells of the raster were added up into one.", factor=factor))
    return raw


def _table(raster: rasterio.DatasetReader, factor: int) -> pd.DataFrame | None:
    """Return x, y, people of the cells with people, `factor` x `factor` added up; None where they are too many."""
    parts, count = [], 0
    height = max(_ROWS // factor, 1) * factor
    for top in range(0, raster.height, height):
        rows = min(height, raster.height - top)
        values = raster.read(1, window=Window(0, top, raster.width, rows), masked=True)
        people = np.nan_to_num(np.asarray(values.filled(0), dtype=float))
        people = np.where(people > 0, people, 0.0)
        pad = [(0, -rows % factor), (0, -raster.width % factor)]
        blocks = np.pad(people, pad).reshape((rows + pad[0][1]) // factor, factor, -1, factor).sum(axis=(1, 3))
        row, column = np.nonzero(blocks)
        count += len(row)
        if count > MOST_CELLS:
            return None
        middle = (factor - 1) / 2
        x, y = rasterio.transform.xy(raster.transform, top + row * factor + middle, column * factor + middle)
        parts.append(pd.DataFrame({"x": np.atleast_1d(x), "y": np.atleast_1d(y), "people": blocks[row, column]}))
    return pd.concat(parts, ignore_index=True)
