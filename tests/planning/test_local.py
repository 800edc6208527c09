"""Local dust on a small network whose plume is known: found whatever the haze, and nothing where there is nothing."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import box

from interpolation import Grid, Kriging
from planning import local
from planning.place import Air
from planning.settings import settings
from planning.surfaces import DayRule

CRS = "EPSG:32647"
DAYS = [date(2026, 1, 1) + timedelta(days=i) for i in range(20)]


def find(stations: gpd.GeoDataFrame, daily: pd.DataFrame, grid: Grid) -> local.Local | None:
    """Look for local dust in the square of the network; the map of the 24-hour means is not needed for it."""
    air = Air(xr.Dataset(), grid, Kriging(), daily, DayRule(37.5, 2, 0.8, 0.5), stations, np.zeros(len(daily)))
    return local.find_local(air, pd.DataFrame(), box(0, 0, 6000, 6000), settings())


@pytest.fixture(scope="module")
def network() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return 25 stations of which those in the east read 12 µg/m³ above the others on every hazy or clear day."""
    rng = np.random.default_rng(8)
    places = rng.uniform(0, 6000, (25, 2))
    places[:3] = [[4500, 3000], [4900, 2500], [800, 2700]]
    plume = 12 * np.exp(-(((places - [4500, 3000]) / 1200) ** 2).sum(axis=1))
    daily = rng.uniform(25, 55, 20)[:, None] + plume + rng.normal(0, 1, (20, 25))
    names = [f"S{i}" for i in range(25)]
    stations = gpd.GeoDataFrame(
        {"station_id": names, "distance_km": 0.0, "error_sd": 1.0, "error_sd_period": 0.0, "used": True, "value": 0.0},
        geometry=gpd.points_from_xy(*places.T), crs=CRS,
    )  # fmt: skip
    return stations, pd.DataFrame(daily, index=DAYS, columns=names)


def test_the_plume_is_found_whatever_the_haze(network: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    """Certain beside the works, impossible far from them; the interval holds the background's error as well."""
    stations, daily = network
    grid = Grid.covering((0, 0, 6000, 6000), 500.0, CRS)
    found = find(stations, daily, grid)
    assert found is not None and found.air.rule.needed == 10
    at = found.air.surface.sel(x=4750, y=2750, method="nearest")
    far = found.air.surface.sel(x=750, y=2750, method="nearest")
    assert float(at["mean"]) == pytest.approx(12, abs=2.5) and float(at["certainty"]) > 0.95
    assert abs(float(far["mean"])) < 2 and float(far["certainty"]) < 0.05
    assert found.base_sd > 0 and float(at["upper95"] - at["mean"]) > 1.9 * found.base_sd


def test_very_many_cells_are_put_together(
    network: tuple[gpd.GeoDataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With at most 50 cells, a grid of 144 becomes one of 36, and the excess stays where it was."""
    monkeypatch.setattr(local, "CELLS", 50)
    stations, daily = network
    grid = Grid.covering((0, 0, 6000, 6000), 500.0, CRS)
    found = find(stations, daily, grid)
    assert found is not None and found.air.grid.cell == 1000.0
    assert float(found.air.surface["mean"].sel(x=4500, y=2500, method="nearest")) > 8


def test_four_stations_make_no_background(network: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    """Too few stations: nothing is said about local dust."""
    stations, daily = network
    grid = Grid.covering((0, 0, 6000, 6000), 1000.0, CRS)
    few = stations.head(4)
    assert find(few, daily[list(few["station_id"])], grid) is None


def test_the_same_everywhere_is_nothing_local(network: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    """Haze alone, equal at every station: no local dust, and no error."""
    stations, daily = network
    level = np.random.default_rng(1).uniform(20, 60, len(daily))
    same = pd.DataFrame(np.tile(level[:, None], (1, 25)), index=daily.index, columns=daily.columns)
    grid = Grid.covering((0, 0, 6000, 6000), 1000.0, CRS)
    assert find(stations, same, grid) is None
