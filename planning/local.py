"""What stands above the region's background day after day: local dust.

A hazy week lifts a whole province over the standard; what a place adds itself shows only against the air that comes
in (`planning.background`). The stations' excess is kriged as the 24-hour means are (`planning.surfaces`): its mean
over the period, and for every day P(excess > `excess_ugm3`); a cell is local dust where it is above it on enough days
with enough probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from interpolation import Grid
from language import UserError
from language.progress import silent
from planning import surfaces
from planning.background import FEWEST, excess_table, near
from planning.place import Air
from planning.settings import Settings

CELLS = 12_000
"""More cells than so many are put together for the excess: nothing of it is finer than the network."""


@dataclass(frozen=True, eq=False)
class Local:
    """What stands above the background.

    Attributes
    ----------
    air : Air
        Of the excess in place of the 24-hour means (µg/m³), perhaps on larger cells; its rule counts the days on which
        the excess is more than is asked.
    base_sd : float
        Standard error of the period's background, µg/m³.
    """

    air: Air
    base_sd: float


def find_local(air: Air, hourly: pd.DataFrame, shape: Any, settings: Settings) -> Local | None:
    """Krige the excess over the background; None where five stations are missing or all read the same.

    Parameters
    ----------
    air : Air
        Of the 24-hour means.
    hourly : DataFrame
        See `planning.background.excess_table`.
    shape : shapely geometry
        The area, in the grid's system.
    settings : Settings
    """
    chosen = near(air.stations["distance_km"].to_numpy(float), settings)
    stations = air.stations[chosen].reset_index(drop=True)
    if len(stations) < FEWEST:
        return None
    excess, base, base_sd = excess_table(hourly, air.daily.loc[:, list(stations["station_id"])], settings)
    means = excess.mean()
    try:
        # One model, as for the period: what is asked is a threshold well inside the excess, not its finest shape.
        kriging = surfaces.krige_days(stations, excess, variogram="exponential")
        period = surfaces.krige_period(stations.assign(value=means.to_numpy(float), used=means.notna().to_numpy(bool)))
    except UserError:  # nothing stands above anything: every station reads the same
        return None
    grid = _wider(air.grid, shape)
    rule = surfaces.DayRule.of(kriging, settings.local_excess_ugm3, settings.local_day_share, settings)
    surface = surfaces.make_surface(kriging, period, grid, surfaces.cells_in(shape, grid), rule, silent)
    return Local(Air(with_base_error(surface, base_sd), grid, kriging, excess, rule, stations, base), base_sd)


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
