"""The air of a place: what is likely hot where no station is near enough to map."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pyproj import CRS

from interpolation import Grid, Kriging, Variogram
from planning.place import Air, hot_beyond
from planning.surfaces import DayRule

DAYS = 10
REACH = 10  # columns of 100 m


def dusty(threshold: float) -> Air:
    """Return the air over 40 by 4 cells of 100 m: six stations at the left end, some 60 µg/m³ on all days."""
    rng = np.random.default_rng(1)
    xy = np.column_stack([rng.uniform(0, 900, 6), rng.uniform(0, 400, 6)])
    values = 60 + rng.normal(0, 2, (DAYS, 6))
    kriging = Kriging(Variogram("exponential", 1.0, 4.0, 300.0)).fit(
        xy, values, times=[str(day) for day in range(DAYS)]
    )
    grid = Grid(x=50 + 100.0 * np.arange(40), y=350 - 100.0 * np.arange(4), cell=100.0, crs=CRS.from_epsg(32647))
    supported = np.zeros(grid.shape, bool)
    supported[:, :REACH] = True
    surface = xr.Dataset({"supported": (("y", "x"), supported)}, {"y": grid.y, "x": grid.x})
    daily = pd.DataFrame(values, index=[date(2026, 1, 1) + timedelta(n) for n in range(DAYS)])
    return Air(surface, grid, kriging, daily, DayRule(threshold, 2, 0.8, 0.5), gpd.GeoDataFrame(), np.zeros(DAYS))


def test_it_is_as_likely_within_reach_and_inside() -> None:
    """Where every reading is far over the limit the next kilometre is too; farther or outside nothing is said."""
    air = dusty(37.5)
    inside, hot = np.ones(air.grid.shape, bool), air.surface["supported"].to_numpy()
    inside[0] = False
    found = hot_beyond(air, inside, hot, 0.6, 0.1 * REACH)
    assert found[1:, REACH : 2 * REACH].all()
    assert not found[:, : REACH].any() and not found[:, 2 * REACH :].any() and not found[0].any()


@pytest.mark.parametrize(("threshold", "probability"), [(90.0, 0.6), (60.0, 0.99)])
def test_nothing_beyond_where_it_is_not_as_likely(threshold: float, probability: float) -> None:
    """Far below the limit, or as likely over as not where near certainty is asked for."""
    air = dusty(threshold)
    hot = air.surface["supported"].to_numpy()
    assert not hot_beyond(air, np.ones(air.grid.shape, bool), hot, probability, 1.0).any()


def test_no_hot_cell_of_the_map_no_reach() -> None:
    """A hotspot goes on from the map; it never begins beyond it."""
    air = dusty(37.5)
    assert not hot_beyond(air, np.ones(air.grid.shape, bool), np.zeros(air.grid.shape, bool), 0.6, 9.0).any()
