"""A place and its air: what a screening's decisions start from, and what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from geo.catalogues import factory_types
from geo.lake import Lake
from interpolation import Grid, Kriging
from planning import exposure, likely, sources, surfaces
from planning.settings import Settings

SAMPLE_CELLS = 40
"""Cells, evenly taken, that stand for an area when its single days are looked at."""


@dataclass(frozen=True, eq=False)
class Place:
    """The area screened.

    Attributes
    ----------
    lake : Lake
    area : GeoDataFrame
        Rows of the table boundaries.
    shape : shapely geometry
        Their union, in `crs`.
    crs : pyproj.CRS
        Local UTM.
    units : GeoDataFrame
        The area's parts: they name hotspots and hold its people, and are the zones if nothing else is ranked.
    snapshot : int or None
    ranked : GeoDataFrame or None
        What is ranked in their place (`planning.units`).
    """

    lake: Lake
    area: gpd.GeoDataFrame
    shape: Any
    crs: Any
    units: gpd.GeoDataFrame
    snapshot: int | None
    ranked: gpd.GeoDataFrame | None = None

    @property
    def simulated(self) -> bool:
        """Whether the area is a simulated one."""
        return bool(self.area["simulated"].fillna(False).any())


@dataclass(frozen=True, eq=False)
class Air:
    """What is known about the air over the place.

    Attributes
    ----------
    surface : Dataset
        Of `planning.surfaces.make_surface`.
    grid : Grid
    kriging : Kriging
        Fitted to the daily means.
    daily : DataFrame
        24-hour means the kriging was fitted to, index date.
    rule : DayRule
        What is counted over the days.
    stations : GeoDataFrame
        Of `planning.readings.station_table`, in metres.
    background : ndarray (T,)
        The region's, of each day, µg/m³ (`planning.background.of_days`).
    """

    surface: xr.Dataset
    grid: Grid
    kriging: Kriging
    daily: pd.DataFrame
    rule: surfaces.DayRule
    stations: gpd.GeoDataFrame
    background: NDArray[np.float64]

    @property
    def threshold(self) -> float:
        """Limit of the 24-hour mean (or of the excess over the background), µg/m³."""
        return self.rule.threshold

    @property
    def days(self) -> list[date]:
        """The days, in order."""
        return list(self.daily.index)

    @property
    def made_up(self) -> bool:
        """Whether simulated readings went in."""
        return bool(self.stations["simulated"].fillna(False).any())

    def points(self, cells: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the centres (k, 2) of some cells, evenly taken."""
        rows, columns = np.nonzero(cells)
        step = max(len(rows) // SAMPLE_CELLS, 1)
        return np.column_stack([self.grid.x[columns[::step]], self.grid.y[rows[::step]]])


@dataclass(frozen=True, eq=False)
class There:
    """What stands in and around the area, in metres.

    Attributes
    ----------
    units, wider : GeoDataFrame
        The area's parts with ``people``; the places that hold them.
    receptors : GeoDataFrame
        In the area.
    around, factories : GeoDataFrame
        Rated factories whose dust may reach the area; those in it or near a hotspot in it.
    reports : GeoDataFrame
        What people said in meetings.
    population : Population
        Who lives where, as imported beside the boundaries.
    """

    units: gpd.GeoDataFrame
    wider: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    factories: gpd.GeoDataFrame
    reports: gpd.GeoDataFrame
    population: exposure.Population


def gather(place: Place, air: Air, near_m: float, settings: Settings) -> There:
    """Read what stands in and around the area; factories are read and rated once, for all that needs them."""
    lake, crs, snapshot = place.lake, place.crs, place.snapshot
    wider = _wider(place)
    around = _inside(lake.factories(snapshot=snapshot), crs, place.shape.buffer(max(likely.REACH, near_m)))
    receptors = _inside(lake.receptors(snapshot=snapshot), crs, place.shape)
    reports = lake.reports(snapshot=snapshot).to_crs(crs)
    reports = reports[reports["simulated"].fillna(False).astype(bool) == place.simulated]
    if not air.made_up:  # the demo's factories don't stand beside measured dust
        receptors, around = (t[~t["simulated"].fillna(False).astype(bool)] for t in (receptors, around))
    around, _ = sources.add_potential(around.reset_index(drop=True), factory_types(), settings)
    west, south, east, north = place.area.to_crs(4326).total_bounds
    stored = lake.population((west, south, east, north), snapshot=snapshot)
    population = exposure.Population.of(stored, crs, simulated=place.simulated)
    return There(
        units=exposure.populated_units(exposure.named(place.units).to_crs(crs), wider, population),
        wider=wider,
        receptors=receptors.reset_index(drop=True),
        around=around,
        factories=around[around.geometry.intersects(place.shape.buffer(near_m))].reset_index(drop=True),
        reports=reports,
        population=population,
    )


def _wider(place: Place) -> gpd.GeoDataFrame:
    """Return the places that hold the units: their parents, then the area itself; in metres."""
    rows = place.lake.boundaries(codes=list(place.units["code"]), snapshot=place.snapshot)
    codes = sorted(set(rows["parent_code"].dropna()))
    parents = place.lake.boundaries(codes=codes, snapshot=place.snapshot)
    columns = ["code", "name_th", "name_en", "population", "population_source", "geometry"]
    tables = [t[columns].to_crs(place.crs) for t in (parents, place.area) if len(t)]
    both = pd.concat(tables, ignore_index=True).drop_duplicates("code", ignore_index=True)
    return exposure.named(gpd.GeoDataFrame(both, geometry="geometry", crs=place.crs))


def _inside(points: gpd.GeoDataFrame, crs: Any, shape: Any) -> gpd.GeoDataFrame:
    """Return the points inside `shape` (in `crs`), in `crs`."""
    placed = points[points.geometry.notna() & ~points.geometry.is_empty].to_crs(crs)
    return placed[placed.geometry.intersects(shape)].reset_index(drop=True)


def hot_beyond(
    air: Air, inside: NDArray[np.bool_], hot: NDArray[np.bool_], probability: float, reach_km: float
) -> NDArray[np.bool_]:
    """Return the cells without a map that are as likely hot as those with one, and near enough to one of them.

    Parameters
    ----------
    air : Air
    inside : ndarray (ny, nx) of bool
        Cells of the area.
    hot : ndarray (ny, nx) of bool
        Hot cells of the map (`planning.hotspots.hot_cells`).
    probability : float
        What makes a cell hot.
    reach_km : float
        From the nearest hot cell of the map, at most.
    """
    found = np.zeros(hot.shape, dtype=bool)
    if not hot.any():
        return found
    near = inside & ~air.surface["supported"].to_numpy()
    near &= distance_transform_edt(~hot, sampling=air.grid.cell) <= 1000.0 * reach_km
    if near.any():
        points = air.grid.points()[near.ravel()]
        found[near] = surfaces.certainty_at(air.kriging, points, air.rule) >= probability - 1e-6
    return found


def over_days(
    air: Air, groups: dict[str, NDArray[np.bool_]]
) -> tuple[dict[str, list[date]], dict[str, date], dict[str, NDArray[np.float64]]]:
    """Return per group of cells its days over the standard, the day of its highest mean, and its mean of each day."""
    over: dict[str, list[date]] = {}
    highest: dict[str, date] = {}
    series: dict[str, NDArray[np.float64]] = {}
    points = [air.points(cells) for cells in groups.values()]
    if not points:
        return over, highest, series
    mean, chance = surfaces.daily_at(air.kriging, np.vstack(points), air.threshold)
    first = 0
    for name, places in zip(groups, points, strict=True):
        columns = slice(first, first + len(places))
        first += len(places)
        likely = chance[:, columns].mean(axis=1) >= surfaces.OVER
        over[name] = [day for day, yes in zip(air.days, likely, strict=True) if yes]
        series[name] = mean[:, columns].mean(axis=1)
        highest[name] = air.days[int(np.nanargmax(series[name]))]
    return over, highest, series
