"""Indicators of zones that need a series or a simulation: local excess, trend, complaints, confidence, surface draws.

*Local excess*: the zone's 24-hour mean minus the region's background of the same hours (`planning.background`, the one
that local hotspots stand above); averaged over the days, so that a hazy week raises both and leaves the difference.

*Trend*: class and slope of that excess by weeks or months, with the rules of `planning.trends`.

*Confidence*: share of the zone that the stations support × (1 − half the width of the 95 % interval of its mean,
relative to the mean), per cent.

*Surface draws*: the zones' share of days over the standard, excess and share of points over it on the chosen share
of days, on simulated surfaces (`interpolation.simulation`). Errors that stay from day to day are drawn so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.schema import COMPLAINTS
from interpolation import Kriging
from interpolation.simulation import FieldSimulation
from language import UserError
from planning import exposure, trends
from planning.hotspots import days_needed
from planning.scoring import SurfaceDraws
from planning.settings import Settings

Array = NDArray[np.float64]


POINTS = 800
"""Places at which surfaces are simulated, shared by the zones."""

FEWEST, MOST = 4, 40
"""Of these places, in one zone."""


RISING = ("new", "intensifying")
"""Classes of `planning.trends` that count as a rise."""


def of_series(days: Sequence[date], mean: Array | None, base: Array, chosen: Settings) -> dict[str, float | str]:
    """Return excess and trend columns of a zone from its daily means (None: nothing supports an estimate)."""
    if mean is None:
        return {"excess_ugm3": np.nan, "trend": np.nan, "trend_p": np.nan, "trend_class": "short"}
    table = pd.DataFrame({"spot": mean, "level": base, "excess": mean - base}, index=list(days))
    found = trends.classify(trends.blocks(table, chosen), chosen)
    return {
        "excess_ugm3": float(np.nanmean(mean - base)),
        "trend": found.slope,
        "trend_p": found.p,
        "trend_class": found.kind,
    }


def complaints(reports: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[int]:
    """Return the complaints in each zone: each counts as often as hands were shown for it, at least once.

    Parameters
    ----------
    reports : GeoDataFrame
        Of `Lake.reports`, in the zones' system.
    zones : GeoDataFrame
        With ``code``.
    """
    placed = reports[reports["kind"].isin(COMPLAINTS) & ~reports.geometry.is_empty]
    votes = pd.to_numeric(placed["votes"], errors="coerce").fillna(1).clip(lower=1)
    where = exposure.points_in(placed, zones, "code")
    counted = votes.groupby(where).sum() if len(placed) else pd.Series(dtype=float)
    return [int(counted.get(code, 0)) for code in zones["code"]]


def confidence(supported: float, mean: float, lower95: float, upper95: float) -> float:
    """Return how well the readings support the map of a zone, per cent.

    >>> confidence(1.0, 40.0, 36.0, 44.0)
    90.0
    >>> confidence(0.0, float("nan"), float("nan"), float("nan"))
    0.0
    """
    if not np.isfinite(mean) or mean <= 0:
        return 0.0
    return float(100.0 * supported * max(0.0, 1.0 - (upper95 - lower95) / 2.0 / mean))


def surface_draws(
    kriging: Kriging,
    points: Mapping[str, Array],
    base: Array,
    threshold: float,
    day_share: float,
    settings: Settings,
) -> SurfaceDraws | None:
    """Return indicators of the zones on simulated surfaces; None where the network cannot be simulated.

    Parameters
    ----------
    kriging : Kriging
        Fitted to the daily means.
    points : mapping of code to ndarray (k, 2)
        Places evenly taken in each zone, metres; none where nothing supports an estimate.
    base : ndarray (T,)
        `planning.background.of_days`, taken as known.
    threshold : float
        µg/m³.
    day_share : float
        Share of days over the threshold that makes a place hot.
    """
    each = int(np.clip(POINTS // max(len(points), 1), FEWEST, MOST))
    taken = [p[:: max(len(p) // each, 1)][:each] for p in points.values()]
    edges = np.cumsum([0, *(len(p) for p in taken)])
    count = settings.robustness_surfaces
    found = {name: np.full((count, len(taken)), np.nan) for name in ("share_days", "excess_ugm3", "hotspot_share")}
    if not edges[-1]:
        return None
    try:
        field = FieldSimulation(kriging, np.vstack([p for p in taken if len(p)]), seed=settings.robustness_seed)
    except UserError:  # too many stations: kriged from the nearest ones only
        return None
    needed = days_needed(field.steps, day_share)
    for rows, values in field.draws(count):
        over = (values > threshold).sum(axis=1)
        for z in range(len(taken)):
            here = slice(edges[z], edges[z + 1])
            if edges[z + 1] > edges[z]:
                found["share_days"][rows, z] = over[:, here].mean(axis=1) / field.steps
                found["hotspot_share"][rows, z] = (over[:, here] >= needed).mean(axis=1)
                found["excess_ugm3"][rows, z] = np.nanmean(values[:, :, here].mean(axis=2) - base, axis=1)
    return SurfaceDraws(tuple(points), found)
