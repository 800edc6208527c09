"""Covariates made from layers and rasters, and what they do to the surface of a town with a known slope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import LineString, Point, box

from geo.lake import Lake
from interpolation.surface import write_cog
from language import UserError
from planning import covariates, surfaces
from planning.screening import Parameters, Screening, screen

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(lake: Lake) -> Screening:
    """Return the demo screened over a week."""
    return screen(lake, Parameters("demo-ratchaburi", "pm25", date(2026, 2, 9), date(2026, 2, 14), cell_m=200.0))


@pytest.fixture(scope="module")
def places(town: Screening) -> np.ndarray:
    """Return the stations in metres (n, 2)."""
    local = town.stations.to_crs(town.grid.crs).geometry
    return np.column_stack([local.x, local.y])


def height(town: Screening, xy: np.ndarray) -> np.ndarray:
    """Return a bumpy hill over the town [m]."""
    scaled = (xy - town.grid.points().mean(axis=0)) / 1_500.0
    return 100.0 + 60.0 * np.sin(1.7 * scaled[:, 0]) * np.cos(1.3 * scaled[:, 1])


@pytest.fixture(scope="module")
def hill(town: Screening, places: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the hill as GeoTIFF, wide enough for every station."""
    low, high = np.vstack([places, town.grid.points()]).min(axis=0), np.vstack([places, town.grid.points()]).max(axis=0)
    x, y = np.arange(low[0] - 500, high[0] + 500, 100.0), np.arange(high[1] + 500, low[1] - 500, -100.0)
    xx, yy = np.meshgrid(x, y)
    values = height(town, np.column_stack([xx.ravel(), yy.ravel()])).reshape(xx.shape).astype(np.float32)
    image = xr.Dataset({"height": (("y", "x"), values)}, {"y": y, "x": x})
    image = image.rio.write_crs(town.surface.rio.crs)
    return write_cog(image, tmp_path_factory.mktemp("hill") / "hill.tif", bands=("height",))


def test_distances_are_those_of_the_shapes(town: Screening, places: np.ndarray) -> None:
    road = gpd.GeoDataFrame(geometry=[LineString([places[0], places[1]])], crs=town.grid.crs)
    made = covariates.of_layer(town, road, "road.gpkg")
    assert made.stations[:2] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert made.stations[5] == pytest.approx(road.geometry.iloc[0].distance(Point(places[5])), rel=1e-9)
    assert np.isfinite(made.cells[town.mask]).all() and np.isnan(made.cells[~town.mask]).all()
    yard = gpd.GeoDataFrame(geometry=[Point(places[3]).buffer(300)], crs=town.grid.crs).to_crs(4326)
    assert covariates.of_layer(town, yard, "yard").stations[3] == 0.0


def test_factories_far_and_near(town: Screening) -> None:
    near = covariates.factory_distance(town, town.factories)
    dense = covariates.factory_density(town, town.factories)
    inside = town.mask
    assert np.nanmin(near.cells) < 300 and (dense.cells[inside] >= 0).all()
    close, far = near.cells[inside] < 300, near.cells[inside] > 1500
    assert dense.cells[inside][close].mean() > 2 * dense.cells[inside][far].mean()


def test_a_true_slope_is_found(town: Screening, places: np.ndarray, hill: Path) -> None:
    """Where the dust follows the hill, the surface with the hill hits better and says where it extrapolates."""
    slope = 25.0 - 0.15 * (height(town, places) - 100.0)
    wave = np.linspace(-3, 3, town.days_total)[:, None]
    noise = np.random.default_rng(1).normal(0, 0.6, (town.days_total, len(places)))
    daily = pd.DataFrame(slope + wave + noise, index=town.daily.index, columns=town.daily.columns)
    stations = town.stations.assign(value=daily.mean().to_numpy(), error_sd=0.5, error_sd_period=0.0)
    fits = {"days": surfaces.krige_days(stations.to_crs(town.grid.crs), daily)}
    followed = replace(town, daily=daily, stations=stations, fits=fits)
    made = covariates.of_raster(followed, hill, "hill.tif")
    assert made.stations == pytest.approx(height(town, places), abs=1.0)
    result = covariates.compare(followed, [made])
    assert result.gain > 0.3
    truth = 25.0 - 0.15 * (height(town, town.grid.points()) - 100.0).reshape(town.mask.shape)
    seen = result.surface["supported"].to_numpy()
    with_hill = np.abs(result.surface["mean"].to_numpy() - truth)[seen].mean()
    period = surfaces.krige_period(stations.to_crs(town.grid.crs)).predict(town.grid.points()[seen.ravel()])
    assert with_hill < 0.5 * np.abs(period.mean - truth[seen]).mean()


def test_what_lies_beyond_the_stations_is_marked(town: Screening) -> None:
    """A covariate that is far higher in one corner than at any station is an extrapolation there."""
    n = len(town.stations)
    cells = np.full(town.mask.shape, 0.5)
    corner = np.zeros_like(town.mask)
    rows, columns = np.nonzero(town.surface["supported"].to_numpy())
    corner[rows[:40], columns[:40]] = True
    cells[corner] = 9.0
    made = covariates.Covariate("odd", covariates.note("value of {file}", file="odd"), np.linspace(0, 1, n), cells)
    result = covariates.compare(town, [made])
    flagged = result.surface["extrapolated"].to_numpy()
    assert flagged.any() and not flagged[~corner].any()
    assert any("extrapolated" in note.say("en") for note in result.notes)


def test_cells_without_a_value_are_left_out(town: Screening) -> None:
    cells = np.where(np.arange(town.mask.shape[1]) < town.mask.shape[1] // 2, 1.0, np.nan) * np.ones(town.mask.shape)
    at = np.linspace(0, 1, len(town.stations))
    made = covariates.Covariate("half", covariates.note("value of {file}", file="half"), at, cells)
    result = covariates.compare(town, [made])
    assert not (result.mask & np.isnan(cells)).any()
    assert np.isnan(result.surface["mean"].to_numpy()[np.isnan(cells)]).all()
    assert any("left out of this surface" in note.say("en") for note in result.notes)


def test_refusals_are_sentences(town: Screening, tmp_path: Path) -> None:
    nothing = town.factories.iloc[:0]
    with pytest.raises(UserError, match="factories with a place"):
        covariates.factory_distance(town, nothing)
    with pytest.raises(UserError, match="coordinate system"):
        covariates.of_layer(town, gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]), "plan.geojson")
    (tmp_path / "no.tif").write_text("not a raster")
    with pytest.raises(UserError, match="cannot be read"):
        covariates.of_raster(town, tmp_path / "no.tif", "no.tif")
    flat = covariates.Covariate(
        "flat", covariates.note("value of {file}", file="flat"), np.ones(len(town.stations)), np.ones(town.mask.shape)
    )
    with pytest.raises(UserError, match="same value"):
        covariates.compare(town, [flat])


def test_the_raster_goes_into_a_gis(town: Screening, tmp_path: Path) -> None:
    made = covariates.factory_distance(town, town.factories)
    out = write_cog(covariates.raster(town, [made]), tmp_path / "c.tif", bands=("factory_distance",))
    back = xr.open_dataarray(out, engine="rasterio")
    assert back.rio.crs == town.surface.rio.crs
    assert float(np.nanmax(back)) == pytest.approx(float(np.nanmax(made.cells)), rel=1e-5)
