"""What people's own layers show of traffic and burning near a place: roads, and fires day by day.

The register knows neither. The clock says how much of the dust comes when people drive and burn
(`planning.alternatives`); this says whether there was anything to drive on or burning upwind at the time:

*Roads* within `ROAD_REACH`: their length, the distance to the nearest, and the share of the exceedance hours in which
the wind blew from one of them, mean over the points of the place (some part of a town has a road upwind in any wind).

*Fires* seen on the days of these hours within `FIRE_REACH`: their number, the distance to the nearest, and the share
of the hours in which the wind blew from a fire of that day to some part of the place.

Sectors and bearings are those of the factories (`planning.sources.upwind_shares`). It doesn't change the order of the
likely sources: a satellite misses small and short fires and what burns under cloud, and a road says nothing of its
traffic.

Deliberate cut: a fire counts for the whole Bangkok day on which it was seen; a fire without a date doesn't count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.lake import Lake
from planning.plumes import Array, Hours, Indices
from planning.readings import LOCAL

FIRE_REACH = 10_000.0
"""Metres, as for factories (`planning.likely.REACH`)."""

ROAD_REACH = 1_000.0
"""Metres: what a road adds falls to the air around within 115 to 570 m (Karner, Eisinger and Niemeier 2010)."""

STEP = 100.0
"""Metres between the points that stand for a road."""


@dataclass(frozen=True, eq=False)
class Layers:
    """Roads and fires around an area, in metres; None where no layer of that kind was brought.

    Attributes
    ----------
    roads : ndarray (k, 2) or None
        Points every `STEP` along them.
    fires : ndarray (n, 2) or None
    days : ndarray (n,)
        Bangkok day on which each fire was seen.
    """

    roads: Array | None
    fires: Array | None
    days: NDArray[np.datetime64]


def read(lake: Lake, area: Any, crs: Any, snapshot: int | None, *, simulated: bool) -> Layers:
    """Return what lies around an area (a shape in `crs`); simulated layers count only where `simulated`."""
    rows = lake.read("shapes", "kind IN ('roads', 'fires')", [], snapshot=snapshot)
    if not simulated:
        rows = rows[~rows["simulated"].fillna(False).astype(bool)]
    shapes = gpd.GeoSeries.from_wkb(rows["geometry"].map(bytes), crs=4326).to_crs(crs)
    roads, fires = (rows["kind"] == kind for kind in ("roads", "fires"))
    lines = shapes[roads & shapes.intersects(area.buffer(ROAD_REACH))].intersection(area.buffer(ROAD_REACH))
    dated = pd.to_datetime(rows["time"], utc=True)
    seen = shapes[fires & dated.notna() & shapes.intersects(area.buffer(FIRE_REACH))]
    middle = seen.representative_point()
    local = dated[seen.index].dt.tz_convert(LOCAL).dt.tz_localize(None)
    return Layers(
        roads=_along(lines) if roads.any() else None,
        fires=np.column_stack([middle.x, middle.y]).astype(float) if fires.any() else None,
        days=local.to_numpy().astype("datetime64[D]"),
    )


def _along(lines: gpd.GeoSeries) -> Array:
    """Return points every `STEP` along lines; polygons and points count by their outline and place."""
    dense = shapely.segmentize(shapely.line_merge(lines.to_numpy()), STEP)
    points: Array = np.unique(np.round(shapely.get_coordinates(dense) / STEP), axis=0) * STEP
    return points


def beside(listed: pd.DataFrame, layers: Layers, hours: Hours, felt: Array, sector: float) -> pd.DataFrame:
    """Return likely sources with what the layers show of traffic and burning.

    Parameters
    ----------
    listed : DataFrame
        Of `planning.likely.likely_sources`: ``distance_km``, ``upwind_share`` and ``nearby`` of the rows ``traffic``
        and ``burning`` are filled in.
    layers : Layers
    hours : Hours
        Of exceedance.
    felt : ndarray (m, 2)
        Points in and along the place, metres.
    sector : float
        Degrees, centred on the wind.
    """
    table = listed.copy()
    for kind, look in (("traffic", _roads), ("burning", _fires)):
        row = table["source_id"] == kind
        if row.any() and (found := look(layers, hours, felt, sector)) is not None:
            table.loc[row, ["distance_km", "upwind_share", "nearby"]] = found
    return table


def _roads(layers: Layers, hours: Hours, felt: Array, sector: float) -> tuple[float, float, float] | None:
    """Return distance to the nearest road (km), share of hours with one upwind, and km of road within reach."""
    if layers.roads is None:
        return None
    away, near, (place, _, bearing) = _pairs(felt, layers.roads, ROAD_REACH)
    upwind = _winds(len(felt), place, bearing, sector)
    return away / 1000.0, float(upwind[:, _degrees(hours.direction)].mean()), near * STEP / 1000.0


def _fires(layers: Layers, hours: Hours, felt: Array, sector: float) -> tuple[float, float, float] | None:
    """Return distance to the nearest fire of these days (km), share of hours with one upwind, and their number."""
    if layers.fires is None:
        return None
    days, of_hour = np.unique(hours.day, return_inverse=True)
    now = np.isin(layers.days, days)
    away, near, (_, fire, bearing) = _pairs(felt, layers.fires[now], FIRE_REACH)
    upwind = _winds(len(days), np.searchsorted(days, layers.days[now])[fire], bearing, sector)
    return away / 1000.0, float(upwind[of_hour, _degrees(hours.direction)].mean()), float(near)


def _degrees(directions: Array) -> Indices:
    """Return directions as whole degrees, 0 to 359."""
    return np.rint(directions).astype(np.int64) % 360


def _pairs(felt: Array, places: Array, reach: float) -> tuple[float, int, tuple[Indices, Indices, Indices]]:
    """Return how far the nearest place is (m; NaN beyond reach), how many are within, and the pairs within.

    Of each pair the number of the point where it is felt, that of the place, and the bearing to it (whole degrees).
    """
    pairs = cKDTree(felt).sparse_distance_matrix(cKDTree(places), reach, output_type="coo_matrix").tocoo()
    point, place = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    offset = places[place] - felt[point]
    bearing = _degrees(np.degrees(np.arctan2(offset[:, 0], offset[:, 1])))
    return float(pairs.data.min()) if pairs.nnz else np.nan, len(np.unique(place)), (point, place, bearing)


def _winds(rows: int, row: Indices, bearing: Indices, sector: float) -> NDArray[np.bool_]:
    """Return whether a wind from each degree comes from one of a row's bearings, the short way round: (rows, 360)."""
    seen = np.zeros((rows, 360), bool)
    seen[row, bearing] = True
    turns = range(-int(sector // 2), int(sector // 2) + 1)
    wide: NDArray[np.bool_] = np.any([np.roll(seen, turn, axis=1) for turn in turns], axis=0)
    return wide
