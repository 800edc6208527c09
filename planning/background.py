"""The region's background, and what stands above it day after day: local dust.

A hazy week lifts a whole province over the standard; what a place adds itself shows only against the air that
comes in. So:

1. Background of an hour: the low quantile of the readings of that hour, over the stations near the area. Low, so
   that local dust doesn't count as background; not the lowest, which is one instrument's error.
2. A station's excess of a day: the mean of (reading − background) over its hours of that day; a station that gives
   24-hour means only is set against the quantile of the day.
3. The excess is kriged as the 24-hour means are (`planning.surfaces`): its mean over the period, and for every day
   P(excess > `excess_ugm3`); a cell is local dust where it is above it on enough days with enough probability.
4. The background has an error of its own, the same for all places of the region (bootstrap over the stations, Efron
   1979); it widens the interval of every excess.

Deliberate cut: one background for the whole area; a province with two air basins should be screened in two parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from interpolation import Grid, Kriging
from interpolation.simulation import repeat_share
from language import UserError
from language.progress import silent
from planning import surfaces
from planning.hotspots import days_needed
from planning.readings import LOCAL
from planning.settings import Settings

Array = NDArray[np.float64]

RESAMPLES = 200
FEWEST = 5
"""Stations that make a background; with fewer near ones, all stations count."""

CELLS = 12_000
"""More cells than so many are put together for the excess: nothing of it is finer than the network."""


@dataclass(frozen=True, eq=False)
class Local:
    """What stands above the background.

    Attributes
    ----------
    daily : DataFrame (T, n)
        Excess of each day and station near the area, µg/m³; NaN where missing.
    stations : GeoDataFrame
        Of `daily`'s columns, in metres.
    base : ndarray (T,)
        Background of the days, µg/m³.
    base_sd : float
        Standard error of the period's background, µg/m³.
    kriging : Kriging
        Fitted to `daily`.
    grid : Grid
    surface : Dataset (y, x)
        As `planning.surfaces.make_surface` makes it, of the excess; `rule` counts the days.
    rule : DayRule
    """

    daily: pd.DataFrame
    stations: gpd.GeoDataFrame
    base: Array
    base_sd: float
    kriging: Kriging
    grid: Grid
    surface: xr.Dataset
    rule: surfaces.DayRule


def near(distance_km: Sequence[float] | Array, settings: Settings) -> NDArray[np.bool_]:
    """Return which stations make the background of an area: those within reach, or all where these are too few."""
    found = np.asarray(distance_km, float) <= settings.local_radius_km
    return found if found.sum() >= FEWEST else np.ones(len(found), bool)


def background(values: Array, settings: Settings) -> Array:
    """Return the background of each hour or day: the low quantile of readings (T, n), NaN where all are missing."""
    # As np.nanquantile with its linear rule, which goes through rows one by one and takes fifty times as long.
    rows = np.arange(len(values))
    count = np.isfinite(values).sum(axis=1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
    at = settings.local_quantile * np.maximum(count - 1, 0)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    with np.errstate(invalid="ignore"):
        found = ordered[rows, low] + (at - low) * (ordered[rows, high] - ordered[rows, low])
    return np.where(count > 0, found, np.nan)


def excess_table(
    hourly: pd.DataFrame, daily: pd.DataFrame, settings: Settings
) -> tuple[pd.DataFrame, Array, float]:
    """Return each day's excess of the stations, the background of the days, and its standard error.

    Parameters
    ----------
    hourly : DataFrame (hours, k)
        Readings, µg/m³; index: the hours' beginnings, UTC. May have fewer stations than `daily`, or none.
    daily : DataFrame (T, n)
        24-hour means of the stations near the area; index date.
    settings : Settings

    Returns
    -------
    excess : DataFrame (T, n)
    base : ndarray (T,)
        Where hours are known, the mean of their backgrounds.
    base_sd : float
        Of the mean over the period.
    """
    values = daily.to_numpy(float)
    base = background(values, settings)
    excess = pd.DataFrame(values - base[:, None], index=daily.index, columns=daily.columns)
    own = [name for name in daily.columns if name in hourly.columns]
    hours = hourly[own] if len(own) >= FEWEST else hourly[[]]
    if len(hours) and hours.shape[1]:
        stamps = pd.DatetimeIndex(hours.index)
        dates = (stamps if stamps.tz else stamps.tz_localize("UTC")).tz_convert(LOCAL).date
        level = background(hours.to_numpy(float), settings)
        above = (hours.to_numpy(float) - level[:, None]) * np.where(np.isfinite(hours), 1.0, np.nan)
        by_day = pd.DataFrame(above, columns=own).groupby(dates)
        means = by_day.mean().where(by_day.count() >= 24 * settings.days_completeness)
        means = means.reindex(daily.index).where(daily[own].notna())
        excess[own] = means.combine_first(excess[own])[own]
        of_days = pd.Series(level).groupby(dates).mean().reindex(daily.index).to_numpy(float)
        base = np.where(np.isfinite(of_days), of_days, base)
    return excess, base, _standard_error(values, settings)


def _standard_error(values: Array, settings: Settings) -> float:
    """Return the standard deviation of the mean background over bootstrap samples of the stations."""
    rng = np.random.default_rng(settings.robustness_seed)
    count = values.shape[1]
    means = [np.nanmean(background(values[:, rng.integers(0, count, count)], settings)) for _ in range(RESAMPLES)]
    return float(np.std(means))


def find_local(
    stations: gpd.GeoDataFrame,
    daily: pd.DataFrame,
    hourly: pd.DataFrame,
    grid: Grid,
    shape: Any,
    settings: Settings,
) -> Local | None:
    """Krige the excess over the background; None where five stations are missing or all read the same.

    Parameters
    ----------
    stations : GeoDataFrame
        Of `planning.readings.station_table`, in the grid's system, with ``distance_km``.
    daily : DataFrame (T, n)
        24-hour means of the stations, in their order.
    hourly : DataFrame
        See `excess_table`.
    grid : Grid
        Of the screening; cells are put together where there are very many.
    shape : shapely geometry
        The area, in the grid's system.
    settings : Settings
    """
    chosen = near(stations["distance_km"].to_numpy(float), settings)
    here, table = stations[chosen].reset_index(drop=True), daily.loc[:, list(stations.loc[chosen, "station_id"])]
    if len(here) < FEWEST:
        return None
    excess, base, base_sd = excess_table(hourly, table, settings)
    means = excess.mean()
    try:
        # One model, as for the period: what is asked is a threshold well inside the excess, not its finest shape.
        kriging = surfaces.krige_days(here, excess, variogram="exponential")
        period = surfaces.krige_period(here.assign(value=means.to_numpy(float), used=means.notna().to_numpy(bool)))
    except UserError:  # nothing stands above anything: every station reads the same
        return None
    wider = _wider(grid, shape)
    mask = surfaces.cells_in(shape, wider)
    needed = days_needed(len(excess), settings.local_day_share)
    rule = surfaces.DayRule(settings.local_excess_ugm3, needed, settings.hotspots_certain, repeat_share(kriging))
    surface = surfaces.make_surface(kriging, period, wider, mask, rule, silent)
    return Local(excess, here, base, base_sd, kriging, wider, with_base_error(surface, base_sd), rule)


def _wider(grid: Grid, shape: Any) -> Grid:
    """Return the grid, or one with larger cells where it has very many in the area."""
    times = max(int(np.ceil(np.sqrt(shape.area / grid.cell**2 / CELLS))), 1)
    return grid if times == 1 else Grid.covering(shape.bounds, grid.cell * times, grid.crs)


def with_base_error(surface: xr.Dataset, base_sd: float) -> xr.Dataset:
    """Return the surface with the background's own error in ``sd`` and the 95 % bounds of its mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        wider = np.hypot(surface["sd"], base_sd) / surface["sd"]
    mean = surface["mean"]
    return surface.assign(
        sd=surface["sd"] * wider,
        lower95=mean - (mean - surface["lower95"]) * wider,
        upper95=mean + (surface["upper95"] - mean) * wider,
    )
