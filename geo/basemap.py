"""Vector files people drop into ``data/basemap``, drawn as quiet lines and areas under the dust.

GeoJSON, GeoPackage, FlatGeobuf and shapefiles are read only inside the map's bounds and thinned to what a screen
shows. Tiles (MBTiles, PMTiles) are `geo.tilesets`. Deliberately not done here: labels from attributes.
"""

from __future__ import annotations

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
