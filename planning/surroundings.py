"""What surrounds a screening's dust, for its map: wind roses, further boundaries, people's own layers.

Everything is read at the screening's snapshot where that matters for the dust (wind); outlines and own layers are
those of now. Simulated and measured data are never mixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geo import own_layers, profiles
from geo.context_layers import Wind
from geo.lake import Lake
from geo.own_layers import OwnLayer
from geo.schema import LEVELS
from planning.readings import local_bounds

if TYPE_CHECKING:
    from planning.screening import Screening

WIND_KM = 60.0
"""Wind stations farther than this from the area are left out."""
SECTORS = 8
MARGIN = 1.0
"""Degrees around the area in which outlines and own layers are drawn."""


def around(found: Screening, margin: float = MARGIN) -> tuple[float, float, float, float]:
    """Return west, south, east, north around the area, degrees."""
    west, south, east, north = found.area.total_bounds
    return float(west) - margin, float(south) - margin, float(east) + margin, float(north) + margin


def winds(lake: Lake, found: Screening) -> list[Wind]:
    """Return the wind roses of the stations near the area over the screening's days."""
    stations = lake.stations(bounds=around(found), snapshot=found.snapshot)
    stations = stations[stations["simulated"].fillna(False).astype(bool) == found.simulated]
    crs = found.grid.crs
    away = stations.to_crs(crs).geometry.distance(found.area.to_crs(crs).geometry.union_all()) / 1000.0
    stations = stations[away <= WIND_KM]
    first, last = local_bounds(found.parameters.start, found.parameters.end)
    readings = lake.observations(
        ["wind_speed", "wind_dir"], start=first, end=last, station_ids=list(stations["station_id"]),
        snapshot=found.snapshot,
    )  # fmt: skip
    readings = readings[readings["period_hours"] == 1]
    made = []
    for _, row in stations.iterrows():
        own = readings[readings["station_id"] == row["station_id"]]
        if set(own["variable"]) >= {"wind_speed", "wind_dir"}:
            rose = profiles.wind_rose(own, sectors=SECTORS)
            speed = float(np.nanmean(own.loc[own["variable"] == "wind_speed", "value"].to_numpy(float)))
            if rose.hours:
                made.append(Wind(row, rose, speed))
    return made


def levels(lake: Lake, found: Screening) -> dict[str, gpd.GeoDataFrame]:
    """Return the boundaries around the area by level, finest first; only levels that are stored."""
    box = shapely.box(*around(found))
    made = {}
    for level in LEVELS:
        table = lake.boundaries(level=level)
        if len(table):
            table = table[table["simulated"].fillna(False).astype(bool) <= found.simulated]
            near = table[table.geometry.intersects(box)]
            if len(near):
                made[level] = near
    return made


def own_shapes(lake: Lake, found: Screening, layer: OwnLayer) -> gpd.GeoDataFrame:
    """Return a layer of one's own around the area; of fire points those of the screening's days."""
    table = own_layers.shapes(lake, layer.import_id, around(found))
    return own_layers.during(table, found.parameters.start, found.parameters.end) if layer.kind == "fires" else table
