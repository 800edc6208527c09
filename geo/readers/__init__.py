"""Reads what people bring: CSV, Excel, Parquet, JSON, GeoJSON, GeoPackage, shapefiles, KML.

1. `files` finds out what a file is and makes one plain table of it (`texts`, `sheets`, `vectors`, `jsons`).
2. `names` guesses which column is which field; a person may overrule it.
3. One module a kind (`stations`, `observations`, `factories`, `receptors`, `boundaries`, `reports`,
   `population`) makes rows for the
   lake out of it, with `numbers`, `times` and `places` for the cells.

What can't be used is listed with row, column, value and reason; what was decided is said in notes.
Deliberately left out: PDF tables, pictures of tables, Word files, ODS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo.readers import boundaries, factories, names, observations, population, receptors, reports, stations
from geo.readers.cells import Cells
from geo.readers.files import open_raw
from geo.readers.model import Options, Parsed, Preview, problems, summary
from geo.schema import KINDS
from language import Note, UserError, note

__all__ = ["Options", "Parsed", "Preview", "fields", "preview", "read"]

_READERS: Mapping[str, Callable[[Cells], dict[str, pd.DataFrame]]] = {
    "stations": stations.parse,
    "observations": observations.parse,
    "factories": factories.parse,
    "receptors": receptors.parse,
    "boundaries": boundaries.parse,
    "reports": reports.parse,
    "population": population.parse,
}
_PREVIEW_ROWS = 20_000
_DEFAULT = Options()

fields = names.fields


def read(
    source: str | Path | bytes,
    kind: str,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    options: Options = _DEFAULT,
) -> Parsed:
    """Read a file as stations, observations, factories, boundaries, receptors, reports or population.

    Parameters
    ----------
    source : path or bytes
    kind : str
        One of `geo.schema.KINDS`.
    name : str, optional
        File name of `source` given as bytes.
    mapping : mapping, optional
        Overrules the guess: our field -> column of the file (empty: leave the field out).
    options : Options
        What the file doesn't say by itself.

    Raises
    ------
    UserError
        Where nothing can be read from it.
    """
    if kind not in KINDS:
        raise UserError("{kind} cannot be imported. Kinds: {kinds}.", kind=kind, kinds=", ".join(KINDS))
    raw = open_raw(source, kind, options, name)
    if not len(raw.frame):
        raise UserError("{file} has no rows below its header.", file=raw.name)
    cells = Cells(raw, names.complete(kind, raw.columns, mapping), options)
    if cells.feed:
        raw.notes.append(note("The file comes from {feed}.", feed=cells.feed.name))
    rows_read = len(raw.frame) + int((raw.drops.frame()["column"] == "").sum())
    personal = [c for c in raw.columns if names.is_personal(c)]
    if personal:
        raw.notes.append(note("Personal data are not stored: {columns}.", columns=", ".join(personal)))
    tables = _READERS[kind](cells)
    dropped = raw.drops.frame()
    return Parsed(
        kind=kind,
        name=raw.name,
        tables=tables,
        dropped=dropped,
        notes=[*raw.notes, *summary(dropped, raw.name)],
        mapping=cells.mapping,
        rows_read=rows_read,
        options=options,
        source=options.source or (cells.feed.name if cells.feed else raw.name),
        licence=options.licence or (cells.feed.licence if cells.feed else ""),
    )


def preview(
    source: str | Path | bytes,
    kind: str,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    options: Options = _DEFAULT,
) -> Preview:
    """Return what would be made of a file, without storing anything.

    A file that can't be used at all gives a preview too, with the reason among its problems; only one
    that can't even be opened raises.
    """
    few = replace(options, limit=options.limit or _PREVIEW_ROWS)
    raw = open_raw(source, kind, few, name)
    shapes, crs = gpd.GeoDataFrame({"label": []}, geometry=[], crs=4326), ""
    try:
        chosen = names.complete(kind, raw.columns, mapping)
        parsed = read(source, kind, name=name, mapping=mapping, options=few)
        said, wrong = list(parsed.notes), problems(parsed.dropped, raw.name, 200)
        shapes, crs = _shapes(parsed), "EPSG:4326"
    except UserError as error:
        chosen, said, wrong = names.guess(kind, raw.columns), list(raw.notes), [error.note]
    stated = next((n.to_dict()["values"]["crs"] for n in said if "{crs}" in n.text), "")
    if raw.shapes is not None and raw.shapes.crs is not None:
        crs = f"EPSG:{raw.shapes.crs.to_epsg()}" if raw.shapes.crs.to_epsg() else str(raw.shapes.crs.name)
    open_columns = [c for c in raw.frame.columns if not names.is_personal(str(c))]
    return Preview(
        kind=kind,
        name=raw.name,
        format=raw.format,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        crs=options.crs or str(stated) or crs,
        columns=[str(c) for c in open_columns],
        fields=names.fields(kind),
        mapping=chosen,
        rows=raw.frame[open_columns].head(50).reset_index(drop=True),
        shapes=shapes,
        notes=_distinct(said),
        problems=wrong,
    )


def _shapes(parsed: Parsed) -> gpd.GeoDataFrame:
    table = parsed.tables.get("stations" if parsed.kind == "observations" else parsed.kind)
    if table is None:
        return gpd.GeoDataFrame({"label": []}, geometry=[], crs=4326)
    label = table["name_th"].fillna("") if "name_th" in table else pd.Series("", index=table.index)
    if parsed.kind == "boundaries":
        geometry = shapely.from_wkb(table["geometry"].to_numpy(dtype=object))
    else:
        placed = table[["lon", "lat"]].notna().all(axis=1)  # a register's factory may have no usable place
        table, label = table[placed], label[placed]
        geometry = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame({"label": label.to_numpy()}, geometry=geometry, crs=4326)


def _distinct(said: list[Note]) -> list[Note]:
    return list(dict.fromkeys(said))
