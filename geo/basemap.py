"""Base maps people drop into ``data/basemap``: vector files drawn as lines and areas, MBTiles served as pictures.

Question answered: what lies under the dust (roads, rivers, land) without a network?

1. Vector files (GeoJSON, GeoPackage, FlatGeobuf, shapefile) are read only inside the map's bounds, thinned
   to what a screen shows, and drawn in quiet colours by kind of geometry.
2. MBTiles with raster tiles (MBTiles specification 1.3: rows counted from the south) are read tile by tile.

Deliberately not done here: vector tiles, PMTiles, labels from attributes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from language import Note, note

FOLDER = Path(__file__).resolve().parents[1] / "data" / "basemap"
VECTORS = {".geojson", ".json", ".gpkg", ".fgb", ".shp"}
MOST_VERTICES = 60_000
"""Vertices drawn at most; above, shapes are thinned further."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class TileSet:
    """An MBTiles file with raster tiles.

    Attributes
    ----------
    name : str
        File name without its ending: the name in the tiles' address.
    path : Path
    minzoom, maxzoom : int
    attribution : str
        From the file; may be empty.
    """

    name: str
    path: Path
    minzoom: int
    maxzoom: int
    attribution: str


def tile_sets(folder: Path = FOLDER) -> list[TileSet]:
    """Return the raster MBTiles of a folder; files that are none are left out."""
    return [found for path in sorted(folder.glob("*.mbtiles")) if (found := _tile_set(path)) is not None]


def _tile_set(path: Path) -> TileSet | None:
    try:
        with closing(_open(path)) as con:
            facts = dict(con.execute("SELECT name, value FROM metadata").fetchall())
            low, high = con.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    except sqlite3.DatabaseError:
        return None
    if facts.get("format") == "pbf" or low is None:
        return None
    return TileSet(path.stem, path, int(low), int(high), str(facts.get("attribution", "")))


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)


def tile(name: str, z: int, x: int, y: int, folder: Path = FOLDER) -> tuple[bytes, str] | None:
    """Return one tile and its media type, or None where the set has none.

    Parameters
    ----------
    name : str
        Of a `TileSet`; anything that is not a file's stem in `folder` has no tiles.
    z, x, y : int
        Zoom, column, row counted from the north as the web does.
    """
    path = folder / f"{name}.mbtiles"
    if path.parent != folder or not path.is_file() or not 0 <= y < 2**z:
        return None
    with closing(_open(path)) as con:
        row = con.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (z, x, 2**z - 1 - y),
        ).fetchone()
    return None if row is None else (bytes(row[0]), _media_type(bytes(row[0])))


def _media_type(data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if data[8:12] == b"WEBP" else "image/jpeg"


def vector_files(folder: Path = FOLDER) -> list[Path]:
    """Return the vector files of a folder."""
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in VECTORS)


def shapes(bounds: Bounds, folder: Path = FOLDER) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return what the folder's vector files hold inside bounds (west, south, east, north, degrees).

    Returns
    -------
    shapes : GeoDataFrame, EPSG:4326, thinned to the screen's needs
    notes : list of Note
        Files that could not be read.
    """
    parts: list[gpd.GeoSeries] = []
    notes: list[Note] = []
    for path in vector_files(folder):
        try:
            parts += [_read(path, layer, bounds) for layer, _ in pyogrio.list_layers(path)]
        except (DataSourceError, DataLayerError, ValueError) as error:
            notes.append(
                note("The base map file {name} could not be read: {why}", "warning", name=path.name, why=str(error))
            )
    if not parts:
        return gpd.GeoDataFrame(geometry=[], crs=4326), notes
    joined = gpd.GeoSeries(pd.concat(parts, ignore_index=True), crs=4326)
    return gpd.GeoDataFrame(geometry=_thin(joined, bounds)), notes


def _read(path: Path, layer: str, bounds: Bounds) -> gpd.GeoSeries:
    crs = pyogrio.read_info(path, layer=layer)["crs"] or "EPSG:4326"
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt([_box(bounds)], crs=4326)).to_crs(crs)
    found = pyogrio.read_dataframe(path, layer=layer, columns=[], bbox=tuple(frame.total_bounds))
    if found.crs is None:
        found = found.set_crs(crs)
    return found.geometry.dropna().to_crs(4326)


def _box(bounds: Bounds) -> str:
    w, s, e, n = bounds
    return f"POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))"


def _thin(series: gpd.GeoSeries, bounds: Bounds) -> gpd.GeoSeries:
    """Cut to the bounds and drop vertices a screen cannot show, coarser where there are very many."""
    cut = series.clip_by_rect(*bounds)
    cut = cut[~cut.is_empty]
    step = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 4000
    thin = cut.simplify(step, preserve_topology=False)
    while len(thin) and int(thin.count_coordinates().sum()) > MOST_VERTICES:
        step *= 2
        thin = cut.simplify(step, preserve_topology=False)
        thin = thin[~thin.is_empty]
        if step > bounds[2] - bounds[0] + bounds[3] - bounds[1]:
            break
    return thin[~thin.is_empty]
