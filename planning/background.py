"""The region's background: the air that comes in, and what each station reads above it.

1. Background of an hour: the low quantile of the readings of that hour, over the stations near the area. Low, so
   that local dust doesn't count as background; not the lowest, which is one instrument's error.
2. A station's excess of a day: the mean of (reading − background) over its hours of that day; a station that gives
   24-hour means only is set against the quantile of the day.
3. The background has an error of its own, the same for all places of the region (bootstrap over the stations, Efron
   1979); it widens the interval of every excess (`planning.local`).

Deliberate cut: one background for the whole area; a province with two air basins should be screened in two parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.readings import LOCAL
from planning.settings import Settings

Array = NDArray[np.float64]

RESAMPLES = 200
FEWEST = 5
"""Stations that make a background; with fewer near ones, all stations count."""


def near(distance_km: Sequence[float] | Array, settings: Settings) -> NDArray[np.bool_]:
    """Return which stations make the background of an area: those within reach, or all where these are too few."""
    found = np.asarray(distance_km, float) <= settings.local_radius_km
    return found if found.sum() >= FEWEST else np.ones(len(found), bool)


def background(values: Array, settings: Settings) -> Array:
    """Return the background of each hour or day: the low quantile of readings (T, n), NaN where all are missing."""
    # As np.nanquantile with its linear rule, which goes through the rows one by one.
    rows = np.arange(len(values))
    count = np.isfinite(values).sum(axis=1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
    at = settings.local_quantile * np.maximum(count - 1, 0)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    with np.errstate(invalid="ignore"):
        found = ordered[rows, low] + (at - low) * (ordered[rows, high] - ordered[rows, low])
    return np.where(count > 0, found, np.nan)


def of_days(hourly: pd.DataFrame, daily: pd.DataFrame, settings: Settings) -> Array:
    """Return the background of the days, (T,) µg/m³: the mean of their hours', of the day where no hours are known.

    Zones and local hotspots both stand above this one. Parameters as of `excess_table`.
    """
    base = background(daily.to_numpy(float), settings)
    hours = _hours(hourly, daily)
    if hours.empty:
        return base
    level = pd.Series(background(hours.to_numpy(float), settings))
    means = level.groupby(_dates(hours)).mean().reindex(daily.index).to_numpy(float)
    return np.where(np.isfinite(means), means, base)


def _hours(hourly: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """Return the hourly readings of the stations of `daily`; empty where too few of them have any."""
    own = [name for name in daily.columns if name in hourly.columns]
    return hourly[own] if len(own) >= FEWEST else pd.DataFrame()


def _dates(hours: pd.DataFrame) -> NDArray[np.object_]:
    """Return the Bangkok day of each hour."""
    stamps = pd.DatetimeIndex(hours.index)
    dates: NDArray[np.object_] = (stamps if stamps.tz else stamps.tz_localize("UTC")).tz_convert(LOCAL).date
    return dates


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
        Of `of_days`.
    base_sd : float
        Of the mean over the period.
    """
    values = daily.to_numpy(float)
    by_day = values - background(values, settings)[:, None]
    excess = pd.DataFrame(by_day, index=daily.index, columns=daily.columns)
    hours = _hours(hourly, daily)
    if not hours.empty:
        own, level = list(hours.columns), background(hours.to_numpy(float), settings)
        above = (hours.to_numpy(float) - level[:, None]) * np.where(np.isfinite(hours), 1.0, np.nan)
        grouped = pd.DataFrame(above, columns=own).groupby(_dates(hours))
        means = grouped.mean().where(grouped.count() >= 24 * settings.days_completeness)
        means = means.reindex(daily.index).where(daily[own].notna())
        excess[own] = means.combine_first(excess[own])[own]
    return excess, of_days(hourly, daily, settings), _standard_error(values, settings)


def _standard_error(values: Array, settings: Settings) -> float:
    """Return the standard deviation of the mean background over bootstrap samples of the stations."""
    rng = np.random.default_rng(settings.robustness_seed)
    count = values.shape[1]
    means = [np.nanmean(background(values[:, rng.integers(0, count, count)], settings)) for _ in range(RESAMPLES)]
    return float(np.std(means))
