"""Surfaces and stacks: right numbers in the right place, in memory and in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr

from interpolation import Grid, Kriging, Variogram
from interpolation.stack import write_netcdf, write_stack
from interpolation.surface import krige, memory_needed, read_cog, write_cog
from language import UserError

MODEL = Variogram("exponential", 2.0, 60.0, 4000.0)
TIMES = pd.date_range("2026-01-31T17:00Z", periods=8, freq="h")


@pytest.fixture
def network(field):
    """Thirty stations near Ratchaburi, eight hours with gaps."""
    xy, z = field(MODEL, 30, 8)
    z = 40 + z
    z[np.random.default_rng(0).random(z.shape) < 0.1] = np.nan
    return xy + np.array([600_000.0, 1_500_000.0]), z


@pytest.fixture
def grid() -> Grid:
    """Ten kilometres in cells of 250 m."""
    return Grid.covering((600_000, 1_500_000, 610_000, 1_508_000), 250, 32647)


def test_cells_equal_points(network, grid: Grid) -> None:
    """Each cell holds the prediction at its centre, for every step."""
    xy, z = network
    kriging = Kriging(MODEL).fit(xy, z)
    dataset = krige(kriging, grid, threshold=45.0, times=TIMES)
    points = kriging.predict(grid.points(), threshold=45.0)
    for name in ("mean", "sd", "lower95", "upper95", "exceedance"):
        ours = dataset[name].to_numpy().reshape(8, -1)
        expected = np.where(points.supported, getattr(points, name), np.nan)
        np.testing.assert_allclose(ours, expected, rtol=2e-4, atol=2e-4)
    assert dataset["mean"].dtype == np.float32
    assert dataset.rio.crs.to_epsg() == 32647
    assert dataset["mean"].dims == ("time", "y", "x")
    assert (np.diff(dataset["y"]) < 0).all()


def test_mask_and_chosen_steps(network, grid: Grid) -> None:
    """Only wanted cells and steps are computed, and they are the same."""
    xy, z = network
    kriging = Kriging(MODEL).fit(xy, z)
    whole = krige(kriging, grid, times=TIMES)
    mask = np.zeros(grid.shape, dtype=bool)
    mask[5:20, 10:30] = True
    part = krige(kriging, grid, times=TIMES[[6, 2]], mask=mask, steps=np.array([6, 2]))
    np.testing.assert_allclose(part["mean"][0].where(mask), whole["mean"][6].where(mask), rtol=1e-5)
    np.testing.assert_allclose(part["sd"][1].where(mask), whole["sd"][2].where(mask), rtol=1e-4)
    assert np.isnan(part["mean"].to_numpy()[:, ~mask]).all()
    assert not part["supported"].to_numpy()[~mask].any()


def test_far_cells_have_no_data(network) -> None:
    """Where no station is near, nothing is shown, and the rule is said."""
    xy, z = network
    grid = Grid.covering((600_000, 1_500_000, 680_000, 1_508_000), 1000, 32647)
    dataset = krige(Kriging(MODEL).fit(xy, z[0]), grid)
    assert dataset["supported"].to_numpy()[:, :8].any()
    assert not dataset["supported"].to_numpy()[:, 40:].any()
    assert np.isnan(dataset["mean"].to_numpy()[:, 40:]).all()
    assert any("no data" in n for n in dataset.attrs["notes"])


def test_progress_and_labels(network, grid: Grid) -> None:
    """Progress ends at one; labels must fit the steps."""
    xy, z = network
    said: list[float] = []
    kriging = Kriging(MODEL).fit(xy, z)
    krige(kriging, grid, times=TIMES, progress=lambda share, _: said.append(share))
    assert said[-1] == 1.0
    assert said == sorted(said)
    for times in (None, TIMES[:3]):
        with pytest.raises(UserError, match="time labels"):
            krige(kriging, grid, times=times)


def test_memory_is_said_and_kept(network, grid: Grid) -> None:
    """The memory is known before the run, and a run beyond the budget is refused."""
    xy, z = network
    kriging = Kriging(MODEL).fit(xy, z)
    needed = memory_needed(kriging, grid)
    assert needed > 5 * 8 * 4 * grid.x.size * grid.y.size
    with pytest.raises(UserError, match="MB are allowed"):
        krige(kriging, grid, times=TIMES, budget=needed // 100)


def test_cog(network, grid: Grid, tmp_path: Path) -> None:
    """The GeoTIFF is cloud-optimised, north up, in its place, named, and comes back."""
    xy, z = network
    dataset = krige(Kriging(MODEL).fit(xy, z[0]), grid, threshold=45.0)
    path = write_cog(dataset, tmp_path / "surface.tif")
    with rasterio.open(path) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.crs.to_epsg() == 32647
        assert file.descriptions == ("mean", "sd", "exceedance")
        assert np.isnan(file.nodata)
        assert file.transform.e < 0
        assert file.bounds == (600_000, 1_500_000, 610_000, 1_508_000)
        x, y = grid.x[7], grid.y[11]
        sampled = next(file.sample([(x, y)]))
    assert sampled[0] == pytest.approx(float(dataset["mean"].sel(x=x, y=y)), nan_ok=True)
    back = read_cog(path)
    np.testing.assert_allclose(back["mean"], dataset["mean"])
    np.testing.assert_allclose(back["y"], dataset["y"])


def test_large_cog_has_overviews(network, tmp_path: Path) -> None:
    """A large surface can be read coarsely."""
    xy, z = network
    big = Grid.covering((600_000, 1_500_000, 612_000, 1_512_000), 10, 32647)
    with rasterio.open(
        write_cog(krige(Kriging(MODEL).fit(xy, z[0]), big, bands=("mean",)), tmp_path / "b.tif")
    ) as file:
        assert file.overviews(1)
        assert file.profile["tiled"]


def test_cog_refuses_stacks(network, grid: Grid, tmp_path: Path) -> None:
    """A GeoTIFF holds one step and at least one band."""
    xy, z = network
    dataset = krige(Kriging(MODEL).fit(xy, z), grid, times=TIMES)
    with pytest.raises(UserError, match="one time step"):
        write_cog(dataset, tmp_path / "s.tif")
    with pytest.raises(UserError, match="none of the bands"):
        write_cog(dataset, tmp_path / "s.tif", bands=("median",))


def test_netcdf_is_cf(network, grid: Grid, tmp_path: Path) -> None:
    """NetCDF says its conventions, units, coordinate system and time bounds, and GDAL finds the place."""
    xy, z = network
    dataset = krige(Kriging(MODEL).fit(xy, z), grid, threshold=45.0, times=TIMES)
    path = write_netcdf(dataset, tmp_path / "stack.nc", period_hours=1)
    with xr.open_dataset(path, decode_coords="all") as back:
        assert back.attrs["Conventions"] == "CF-1.8"
        assert back.rio.crs.to_epsg() == 32647
        assert back["mean"].attrs["units"] == "ug m-3"
        assert back["exceedance"].attrs["units"] == "1"
        assert back["time"].to_numpy()[0] == np.datetime64("2026-01-31T17:00")
        assert back["time_bnds"].to_numpy()[0, 1] == np.datetime64("2026-01-31T18:00")
        np.testing.assert_allclose(back["mean"], dataset["mean"], rtol=1e-6)
        for flag in ("supported", "extrapolated"):
            values, meanings = back[flag].attrs["flag_values"], back[flag].attrs["flag_meanings"].split()
            assert len(values) == len(meanings) == 2
    with rasterio.open(f"netcdf:{path}:mean") as file:  # what QGIS reads with
        assert file.crs.to_epsg() == 32647
        assert file.count == len(TIMES)
        assert file.transform.almost_equals(grid.transform)
        assert file.tags(1)["units"] == "ug m-3"
        assert float(file.tags(1)["NETCDF_DIM_time"]) == TIMES[0].timestamp()
        np.testing.assert_allclose(file.read(2), dataset["mean"].to_numpy()[1], rtol=1e-6)


def test_stack_in_parts_equals_the_whole(network, grid: Grid, tmp_path: Path) -> None:
    """A stack written part by part within a small budget is the whole stack."""
    xy, z = network
    kriging = Kriging(MODEL).fit(xy, z)
    whole = krige(kriging, grid, threshold=45.0, times=TIMES)
    cells = grid.x.size * grid.y.size
    budget = memory_needed(kriging, grid, ("mean", "sd", "exceedance")) - 2 * cells * 12
    path = tmp_path / "stack.nc"
    write_stack(kriging, grid, path, TIMES, 45.0, ("mean", "sd", "exceedance"), budget=budget, period_hours=1)
    with xr.open_dataset(path, decode_coords="all") as back:
        assert back.sizes["time"] == 8
        np.testing.assert_array_equal(back["time"], whole["time"])
        assert back["time_bnds"].to_numpy()[-1, 1] == np.datetime64("2026-02-01T01:00")
        for name in ("mean", "sd", "exceedance"):
            np.testing.assert_allclose(back[name], whole[name], rtol=1e-4, atol=1e-5)
