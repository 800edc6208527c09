"""The surfaces of a screening: mean, its uncertainty, and how often each cell is over the standard.

Two krigings stand behind them:

1. *Daily*: one variogram pooled over all days, one kriging per day. For every cell and day it gives
   P(24-hour mean > standard); the sum over the days is the expected number of days over the standard.
   (An expectation needs no assumption on how the days depend on each other.)
2. *Period*: the stations' period means kriged with a variogram of their own. The kriging standard
   deviation of the daily maps must not be divided by √days: their errors repeat from day to day.

The daily maps are never held together. Cells go through in blocks and only counts are kept, so that
memory doesn't grow with days × cells. Deliberately not done here: local background, simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from rasterio.features import geometry_mask

from interpolation import Grid, Kriging
from language import N_, UserError
from language.progress import Progress
from planning.readings import error_sd
from planning.settings import Settings

BLOCK_VALUES = 1_000_000
"""Days × cells kriged at a time; bounds the memory of a block to some tens of megabytes."""


@dataclass(frozen=True, eq=False)
class Counts:
    """What the daily maps add up to, per point.

    Attributes
    ----------
    expected : ndarray (m,)
        Expected days over the standard: sum over days of P(24-hour mean > standard).
    hot : ndarray (m,)
        Days on which P is at least the chosen probability.
    certainty : ndarray (m,)
        Mean P over those days; NaN where there are none.
    excess : ndarray (m,)
        Mean of (estimate − standard) over those days, µg/m³; NaN where there are none.
    supported : ndarray (m,) of bool
        Whether a station is near enough in terms of the fitted range.
    """

    expected: NDArray[np.float64]
    hot: NDArray[np.float64]
    certainty: NDArray[np.float64]
    excess: NDArray[np.float64]
    supported: NDArray[np.bool_]


def krige_days(stations: gpd.GeoDataFrame, daily: pd.DataFrame) -> Kriging:
    """Fit one kriging to all days.

    Parameters
    ----------
    stations : GeoDataFrame
        In metres, with ``error_sd``; one row per column of `daily`, in its order.
    daily : DataFrame (T, n)
        24-hour means, µg/m³, NaN where missing.
    """
    return Kriging().fit(_places(stations), daily.to_numpy(float), error_sd=error_sd(stations))


def krige_period(stations: gpd.GeoDataFrame) -> Kriging:
    """Fit a kriging to the period means of the stations that have one (``used``).

    The measurement error is a sensor's own and doesn't shrink with the number of days; what the missed
    days leave open comes on top.
    """
    used = stations[stations["used"]]
    error = np.hypot(error_sd(used), used["error_sd_period"].to_numpy(float))
    return Kriging().fit(_places(used), used["value"].to_numpy(float), error_sd=error)


def _places(stations: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([stations.geometry.x, stations.geometry.y]).astype(float)


def make_surface(
    daily: Kriging,
    period: Kriging,
    grid: Grid,
    mask: NDArray[np.bool_],
    threshold: float,
    probability: float,
    progress: Progress,
) -> xr.Dataset:
    """Krige all days and the period onto the masked cells; see `build_dataset` for the layers."""
    points = grid.points()[mask.ravel()]
    counts = count_days(daily, points, threshold, probability, progress, N_("Kriging the days"))
    return build_dataset(grid, mask, counts, period.predict(points), _n_days(daily))


def choose_cell(bounds: Sequence[float], settings: Settings) -> float:
    """Return the smallest cell size (m) of the settings that keeps the bounds within so many cells."""
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    for cell in settings.grid_steps_m:
        if (width / cell + 1) * (height / cell + 1) <= settings.grid_cells:
            return float(cell)
    return float(settings.grid_steps_m[-1])


def make_grid(area: Any, crs: Any, cell: float | None, settings: Settings) -> tuple[Grid, NDArray[np.bool_]]:
    """Return the grid over the area and its margin, and which cells lie in either.

    Parameters
    ----------
    area : shapely geometry in `crs` (metres)
    crs : pyproj.CRS
    cell : float or None
        Cell size in metres; None chooses.
    settings : Settings

    Returns
    -------
    grid : Grid
    mask : ndarray (ny, nx) of bool
    """
    around = area.buffer(1000.0 * settings.grid_margin_km)
    if cell is not None and not cell > 0:
        raise UserError("The cell size must be more than 0 metres, not {cell}.", cell=cell)
    size = cell or choose_cell(around.bounds, settings)
    grid = Grid.covering(around.bounds, size, crs)
    return grid, cells_in(around, grid)


def cells_in(geometry: Any, grid: Grid) -> NDArray[np.bool_]:
    """Return which cells have their centre inside `geometry`, shape (ny, nx)."""
    inside: NDArray[np.bool_] = geometry_mask([geometry], grid.shape, grid.transform, invert=True)
    return inside


def count_days(
    kriging: Kriging,
    points: NDArray[np.float64],
    threshold: float,
    probability: float,
    progress: Progress,
    sentence: str,
) -> Counts:
    """Krige every day at the points and add up the exceedances.

    Parameters
    ----------
    kriging : Kriging
        Fitted to (T, n) daily means.
    points : ndarray (m, 2), metres
    threshold : float
        Standard of the 24-hour mean, µg/m³.
    probability : float
        From which a day counts as hot.
    progress, sentence
        Called after each block with the share done.
    """
    m = len(points)
    expected, hot = np.full(m, np.nan), np.full(m, np.nan)
    certainty, excess = np.full(m, np.nan), np.full(m, np.nan)
    supported = np.zeros(m, bool)
    step = max(BLOCK_VALUES // _n_days(kriging), 1)
    for first in range(0, m, step):
        part = slice(first, first + step)
        prediction = kriging.predict(points[part], threshold=threshold)
        over = np.nan_to_num(np.atleast_2d(prediction.exceedance))
        is_hot = over >= probability
        expected[part] = over.sum(axis=0)
        hot[part] = is_hot.sum(axis=0)
        supported[part] = prediction.supported
        with np.errstate(invalid="ignore", divide="ignore"):
            certainty[part] = (over * is_hot).sum(axis=0) / hot[part]
            above = np.where(is_hot, np.atleast_2d(prediction.mean) - threshold, 0.0)
            excess[part] = above.sum(axis=0) / hot[part]
        progress(min((first + step) / m, 1.0), sentence)
    return Counts(expected, hot, certainty, excess, supported)


def _n_days(kriging: Kriging) -> int:
    return int(np.atleast_2d(kriging.values_).shape[0])


def build_dataset(
    grid: Grid,
    mask: NDArray[np.bool_],
    counts: Counts,
    period: Any,
    days: int,
) -> xr.Dataset:
    """Put the numbers of the masked cells on the grid.

    Returns
    -------
    Dataset (y, x)
        ``mean``, ``sd``, ``lower95``, ``upper95`` of the period mean (µg/m³), ``exceedance`` (expected
        share of days over the standard), ``expected_days``, ``hot_days``, ``certainty``, ``excess``,
        ``supported``; NaN where nothing supports an estimate. float32 with CRS.
    """
    good = counts.supported & np.asarray(period.supported)
    layers = {
        "mean": period.mean,
        "sd": period.sd,
        "lower95": period.lower95,
        "upper95": period.upper95,
        "exceedance": counts.expected / days,
        "expected_days": counts.expected,
        "hot_days": counts.hot,
        "certainty": counts.certainty,
        "excess": counts.excess,
    }
    data = {name: (("y", "x"), spread(np.where(good, v, np.nan), mask)) for name, v in layers.items()}
    support = np.zeros(mask.shape, bool)
    support[mask] = good
    data["supported"] = (("y", "x"), support)
    dataset = xr.Dataset(data, coords={"y": grid.y, "x": grid.x})
    return dataset.rio.write_crs(grid.crs).rio.write_transform(grid.transform)


def spread(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the values of the masked cells on the whole grid (ny, nx), NaN elsewhere."""
    full = np.full(mask.shape, np.nan, np.float32)
    full[mask] = values
    return full


def day_map(
    kriging: Kriging, grid: Grid, mask: NDArray[np.bool_], index: int, when: date, threshold: float
) -> xr.Dataset:
    """Return the map of one day: ``mean`` and ``sd`` of the 24-hour mean (µg/m³) and ``exceedance``.

    Parameters
    ----------
    kriging : Kriging
        Fitted to (T, n); row `index` is the day `when`.
    """
    points = grid.points()[mask.ravel()]
    prediction = one_day(kriging, index).predict(points, threshold=threshold)
    good = np.asarray(prediction.supported)
    layers = {
        "mean": prediction.mean,
        "sd": prediction.sd,
        "lower95": prediction.lower95,
        "upper95": prediction.upper95,
        "exceedance": prediction.exceedance,
    }
    data = {
        name: (("y", "x"), spread(np.where(good, np.ravel(v), np.nan), mask)) for name, v in layers.items()
    }
    dataset = xr.Dataset(data, coords={"y": grid.y, "x": grid.x}, attrs={"date": when.isoformat()})
    return dataset.rio.write_crs(grid.crs).rio.write_transform(grid.transform)


def daily_at(
    kriging: Kriging, points: NDArray[np.float64], days: Sequence[date], threshold: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the daily estimates (µg/m³) and exceedance probabilities at some points.

    Returns
    -------
    mean, exceedance : DataFrame (T days, m points)
    """
    prediction = kriging.predict(points, threshold=threshold)
    index = pd.Index(list(days), name="date")
    return (
        pd.DataFrame(np.atleast_2d(prediction.mean), index=index),
        pd.DataFrame(np.atleast_2d(prediction.exceedance), index=index),
    )
