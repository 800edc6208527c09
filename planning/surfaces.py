"""The surfaces of a screening: mean, its uncertainty, and how often each cell is over the standard.

Two krigings stand behind them:

1. *Daily*: one variogram pooled over all days, one kriging per day. For every cell and day it gives
   P(24-hour mean > standard); the sum over the days is the expected number of days over the standard.
   (An expectation needs no assumption on how the days depend on each other; the probability of at least so
   many days does: `interpolation.counting`.)
2. *Period*: the stations' period means kriged with a variogram of their own. The kriging standard
   deviation of the daily maps must not be divided by √days: their errors repeat from day to day.

The daily maps are never held together. Cells go through in blocks and only counts are kept, so that
memory doesn't grow with days × cells. The excess over the background is in `planning.background`, draws of
whole maps in `planning.hotspot_draws`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from rasterio.features import geometry_mask

from interpolation import Grid, Kriging, Validation, counting
from interpolation.finish import BANDS
from interpolation.simulation import repeat_share
from interpolation.surface import georeferenced, krige
from language import N_, Note, UserError, note
from language.progress import Progress
from planning.hotspots import days_needed
from planning.readings import error_sd
from planning.settings import Settings

BLOCK_VALUES = 4_000_000
"""Days × cells kriged at a time; bounds the memory of a block to some tens of megabytes."""


PERIOD_BANDS = ("mean", "sd", "lower95", "upper95")

OVER = 0.5
"""A day counts as over the standard where that is more likely than not."""


@dataclass(frozen=True)
class DayRule:
    """What is counted over the days.

    Attributes
    ----------
    threshold : float
        Of the 24-hour mean, µg/m³.
    needed : int
        Days that must be above it (`planning.hotspots.days_needed`).
    certain : float
        Probability from which a day is called almost certainly over.
    repeat : float
        Share of the error common to all days (`interpolation.simulation.repeat_share`).
    """

    threshold: float
    needed: int
    certain: float
    repeat: float

    @classmethod
    def of(cls, kriging: Kriging, threshold: float, share: float, settings: Settings) -> DayRule:
        """Return the rule for all days of a kriging: above the threshold on a share of them (0 to 1)."""
        needed = days_needed(len(kriging.problem().z), share)
        return cls(threshold, needed, settings.hotspots_certain, repeat_share(kriging))


def krige_days(
    stations: gpd.GeoDataFrame,
    daily: pd.DataFrame,
    *,
    variogram: str = "auto",
    covariates: NDArray[np.float64] | None = None,
    covariate_names: Sequence[str] | None = None,
) -> Kriging:
    """Fit one kriging to all days.

    Parameters
    ----------
    stations : GeoDataFrame
        In metres, with ``error_sd``; one row per column of `daily`, in its order.
    daily : DataFrame (T, n)
        24-hour means, µg/m³, NaN where missing.
    variogram : str
        A model, or ``auto`` for the most likely one.
    covariates : ndarray (n, p), optional
        Of the stations (`planning.covariates`), called `covariate_names`.
    """
    return Kriging(variogram, covariate_names=covariate_names).fit(
        _places(stations),
        daily.to_numpy(float),
        error_sd=error_sd(stations),
        covariates=covariates,
        names=list(stations["station_id"]),
        times=[day.isoformat() for day in daily.index],
    )


def krige_period(
    stations: gpd.GeoDataFrame,
    *,
    covariates: NDArray[np.float64] | None = None,
    covariate_names: Sequence[str] | None = None,
) -> Kriging:
    """Fit a kriging to the period means of the stations that have one (``used``).

    The measurement error is a sensor's own and doesn't shrink with the number of days; what the missed
    days leave open comes on top.
    """
    used = stations[stations["used"]]
    error = np.hypot(error_sd(used), used["error_sd_period"].to_numpy(float))
    return Kriging("exponential", covariate_names=covariate_names).fit(
        _places(used),
        used["value"].to_numpy(float),
        error_sd=error,
        covariates=None if covariates is None else covariates[stations["used"].to_numpy(bool)],
        names=list(used["station_id"]),
    )


def _places(stations: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([stations.geometry.x, stations.geometry.y]).astype(float)


def make_surface(
    daily: Kriging,
    period: Kriging,
    grid: Grid,
    mask: NDArray[np.bool_],
    rule: DayRule,
    progress: Progress,
) -> xr.Dataset:
    """Krige all days and the period onto the masked cells.

    Parameters
    ----------
    daily, period : Kriging
        Of `krige_days` and `krige_period`.
    grid : Grid
    mask : ndarray (ny, nx) of bool
    rule : DayRule
    progress : callable

    Returns
    -------
    Dataset (y, x)
        ``mean``, ``sd``, ``lower95``, ``upper95`` of the period mean (µg/m³), ``exceedance`` (expected
        share of days over the standard), and the layers of `count_days`; NaN where nothing supports an
        estimate; ``supported`` (bool). float32 with CRS.
    """
    counts = count_days(daily, grid, mask, rule, progress)
    whole = krige(period, grid, mask=mask, bands=PERIOD_BANDS)
    supported = counts.pop("supported") & whole["supported"].to_numpy()
    days = len(daily.problem().z)
    layers = {name: whole[name].to_numpy() for name in PERIOD_BANDS}
    layers |= {"exceedance": counts["expected_days"] / days, **counts}
    data = {k: np.where(supported, v, np.nan).astype(np.float32) for k, v in layers.items()}
    return _dataset(grid, {**data, "supported": supported})


def _dataset(grid: Grid, layers: dict[str, NDArray[Any]], **attributes: str) -> xr.Dataset:
    data = {name: (("y", "x"), values) for name, values in layers.items()}
    return georeferenced(xr.Dataset(data, {"y": grid.y, "x": grid.x}, attributes), grid)


def kriging_notes(checked: Validation, period: Kriging) -> list[Note]:
    """Return what the two krigings decided and the check found, said for which map.

    Parameters
    ----------
    checked : Validation
        Of the daily kriging; its notes begin with that kriging's own.
    period : Kriging
    """
    notes = [
        note(
            "Each day is kriged with one variogram fitted to all days; the expected days over the standard are the "
            "sum of the days' probabilities of exceeding it."
        ),
        note(
            "The period mean is kriged from the stations' period means, corrected for missing days, with an "
            "exponential variogram of its own."
        ),
    ]
    notes += [Note("Daily maps: {what}", {"what": n}, n.level) for n in dict.fromkeys(checked.notes)]
    return notes + [Note("Mean of the period: {what}", {"what": n}, n.level) for n in period.notes_]


def choose_cell(shape: Any, settings: Settings) -> float:
    """Return the smallest cell size (m) of the settings that needs no more than so many cells for `shape`.

    Cells between far parts of an area cost little, so up to ten times as many are allowed around it.
    """
    west, south, east, north = shape.bounds
    around = (east - west) * (north - south)
    for cell in settings.grid_steps_m:
        if shape.area / cell**2 <= settings.grid_cells and around / cell**2 <= 10 * settings.grid_cells:
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
    size = cell or choose_cell(around, settings)
    grid = Grid.covering(around.bounds, size, crs)
    return grid, cells_in(around, grid)


def cells_in(geometry: Any, grid: Grid) -> NDArray[np.bool_]:
    """Return which cells have their centre inside `geometry`, shape (ny, nx)."""
    inside: NDArray[np.bool_] = geometry_mask([geometry], grid.shape, grid.transform, invert=True)
    return inside


def count_days(
    kriging: Kriging,
    grid: Grid,
    mask: NDArray[np.bool_],
    rule: DayRule,
    progress: Progress,
) -> dict[str, NDArray[Any]]:
    """Krige every day and add up the exceedances, some rows of the grid at a time.

    Returns
    -------
    dict of ndarray (ny, nx)
        ``expected_days``: sum over days of P(24-hour mean > threshold); ``hot_days``: days on which P is
        at least `rule.certain`; ``certainty``: P(at least `rule.needed` days are over); ``excess``: mean of
        (estimate − threshold) over the days that are more likely over than not, µg/m³; ``supported``. NaN
        outside the mask, and for the excess where there is no such day.
    """
    names = ("expected_days", "hot_days", "certainty", "excess")
    total: dict[str, NDArray[Any]] = {n: np.full(grid.shape, np.nan, np.float32) for n in names}
    total["supported"] = np.zeros(grid.shape, bool)
    steps = range(len(kriging.problem().z))
    height = max(BLOCK_VALUES // (len(steps) * len(grid.x)), 1)
    for first in range(0, len(grid.y), height):
        rows = slice(first, first + height)
        if mask[rows].any():
            part = replace(grid, y=grid.y[rows])
            cube = krige(kriging, part, rule.threshold, steps, mask[rows], bands=("mean", "exceedance"))
            for name, values in _add_up(cube, rule, mask[rows]).items():
                total[name][rows] = values
        progress(min((first + height) / len(grid.y), 1.0), N_("Kriging the days"))
    return total


def _add_up(cube: xr.Dataset, rule: DayRule, mask: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    chance = np.nan_to_num(cube["exceedance"].to_numpy())
    over = chance > OVER
    above = np.where(over, cube["mean"].to_numpy() - np.float32(rule.threshold), 0)
    supported = cube["supported"].to_numpy()
    certainty = np.full(mask.shape, np.nan)
    wanted = mask & supported
    certainty[wanted] = counting.at_least(chance[:, wanted], rule.needed, rule.repeat)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "expected_days": chance.sum(axis=0),
            "hot_days": (chance >= rule.certain).sum(axis=0),
            "certainty": certainty,
            "excess": above.sum(axis=0) / over.sum(axis=0),
            "supported": supported,
        }


def certainty_at(kriging: Kriging, points: NDArray[np.float64], rule: DayRule) -> NDArray[np.float64]:
    """Return P(at least `rule.needed` days are over) at some points, (m,), also where no station is near enough to map.

    Far from all stations that is what the network's mean with its whole spread says.
    """
    return counting.at_least(daily_at(kriging, points, rule.threshold)[1], rule.needed, rule.repeat)


def period_chance(period: Kriging, grid: Grid, mask: NDArray[np.bool_], threshold: float) -> NDArray[np.float32]:
    """Return P(period mean > threshold) in each cell (ny, nx), NaN where nothing supports an estimate."""
    whole = krige(period, grid, threshold, mask=mask, bands=("exceedance",))
    return np.where(whole["supported"], whole["exceedance"], np.nan).astype(np.float32)


def average(layer: NDArray[Any], cells: NDArray[np.bool_]) -> float:
    """Return the mean of a layer's known values in some cells; NaN where there are none."""
    known = layer[cells]
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def day_map(
    kriging: Kriging, grid: Grid, mask: NDArray[np.bool_], index: int, when: date, threshold: float
) -> xr.Dataset:
    """Return the map of one day.

    Parameters
    ----------
    kriging : Kriging
        Fitted to (T, n); row `index` is the day `when`.

    Returns
    -------
    Dataset (y, x)
        ``mean``, ``sd``, ``lower95``, ``upper95`` of the 24-hour mean (µg/m³) and ``exceedance``; NaN
        where nothing supports an estimate.
    """
    cube = krige(kriging, grid, threshold, mask=mask, bands=BANDS, steps=np.array([index]))
    layers = {name: cube[name].squeeze(drop=True).to_numpy() for name in BANDS}
    return _dataset(grid, layers, date=when.isoformat())


def daily_at(
    kriging: Kriging, points: NDArray[np.float64], threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the daily estimates (µg/m³) and exceedance probabilities at some points, each (T, m)."""
    prediction = kriging.predict(points, threshold=threshold)
    chance = np.zeros_like(prediction.mean) if prediction.exceedance is None else prediction.exceedance
    return np.atleast_2d(prediction.mean), np.atleast_2d(chance)
