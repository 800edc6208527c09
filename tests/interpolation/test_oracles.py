"""Kriging against PyKrige and gstat: the same variogram gives the same mean and variance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pykrige.ok import OrdinaryKriging
from pykrige.uk import UniversalKriging
from pyproj import Transformer

from interpolation import Kriging, Variogram

MODELS = ("exponential", "spherical", "gaussian")


def _meuse(data: Path) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(data / "meuse" / "meuse.csv")
    return table[["x", "y"]].to_numpy(), np.log(table["zinc"].to_numpy())


def _germany(data: Path) -> tuple[np.ndarray, np.ndarray]:
    stations = pd.read_csv(data / "de_rb_2005" / "stations.csv").set_index("station")
    long = pd.read_csv(data / "de_rb_2005" / "pm10_daily_long.csv")
    day = long[long["date"] == "2005-02-10"].set_index("station")["PM10"]
    return stations.loc[day.index, ["x_utm32", "y_utm32"]].to_numpy(), day.to_numpy()


def _campfire(data: Path) -> tuple[np.ndarray, np.ndarray]:
    folder = data / "pm25_airnow_campfire_2018"
    stations = pd.read_csv(folder / "stations.csv").set_index("deviceDeploymentID")
    long = pd.read_csv(folder / "pm25_hourly_long.csv.gz")
    hour = long[long["datetime"] == "2018-11-10T20:00:00Z"].set_index("deviceDeploymentID")["pm25"]
    lonlat = stations.loc[hour.index, ["longitude", "latitude"]].to_numpy()
    xy = Transformer.from_crs(4326, 32610, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack(xy), hour.to_numpy()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("read", [_meuse, _germany, _campfire])
def test_equals_pykrige(shared_data: Path, read, model: str) -> None:
    """Mean and variance equal PyKrige's to 1e-6 relative, also at a station."""
    xy, values = read(shared_data)
    extent = np.ptp(xy, axis=0).max()
    variogram = Variogram(model, 0.2 * values.var(), 0.8 * values.var(), extent / 6)
    name, parameters = variogram.to_pykrige()
    peer = OrdinaryKriging(xy[:, 0], xy[:, 1], values, variogram_model=name, variogram_parameters=parameters)
    rng = np.random.default_rng(0)
    targets = np.vstack([rng.uniform(xy.min(axis=0), xy.max(axis=0), (60, 2)), xy[:1]])
    mean, variance = peer.execute("points", targets[:, 0], targets[:, 1])
    ours = Kriging(variogram).fit(xy, values).predict(targets)
    np.testing.assert_allclose(ours.mean, mean.data, rtol=1e-6)
    np.testing.assert_allclose(ours.sd[:-1] ** 2, variance.data[:-1], rtol=1e-6)
    assert ours.sd[-1] == 0.0
    assert abs(variance.data[-1]) < 1e-6 * variogram.sill


def test_external_drift_equals_pykrige(shared_data: Path) -> None:
    """Kriging with a covariate equals PyKrige's universal kriging with a specified drift."""
    xy, values = _meuse(shared_data)
    distance = pd.read_csv(shared_data / "meuse" / "meuse.csv")["dist"].to_numpy()
    variogram = Variogram("spherical", 0.05, 0.2, 700.0)
    name, parameters = variogram.to_pykrige()
    peer = UniversalKriging(
        xy[:, 0], xy[:, 1], values, variogram_model=name, variogram_parameters=parameters,
        drift_terms=["specified"], specified_drift=[distance],
    )  # fmt: skip
    rng = np.random.default_rng(0)
    targets = rng.uniform(xy.min(axis=0), xy.max(axis=0), (40, 2))
    drift = rng.uniform(0, 0.9, 40)
    mean, variance = peer.execute("points", targets[:, 0], targets[:, 1], specified_drift_arrays=[drift])
    ours = Kriging(variogram).fit(xy, values, covariates=distance[:, None]).predict(targets, covariates=drift[:, None])
    np.testing.assert_allclose(ours.mean, mean.data, rtol=1e-6)
    np.testing.assert_allclose(ours.sd**2, variance.data, rtol=1e-6)


def test_equals_gstat_on_meuse(shared_data: Path) -> None:
    """Grid predictions and leave-one-out equal gstat's."""
    xy, values = _meuse(shared_data)
    kriging = Kriging(Variogram("spherical", 0.04, 0.59, 874.0)).fit(xy, values)
    grid = pd.read_csv(shared_data / "reference" / "meuse_grid_ok_global_Sph059_874_004.csv")
    ours = kriging.predict(grid[["x", "y"]].to_numpy())
    np.testing.assert_allclose(ours.mean, grid["pred"], rtol=1e-9)
    np.testing.assert_allclose(ours.sd**2, grid["var"], rtol=1e-9)
    loo = pd.read_csv(shared_data / "reference" / "meuse_logzinc_loo_ok_global.csv")
    result = kriging.validate()
    np.testing.assert_allclose(result.table["mean"], loo["pred"], rtol=1e-9)
    np.testing.assert_allclose(result.table["sd"] ** 2, loo["var"], rtol=1e-9)
    assert (round(result.rmse, 4), round(result.mae, 4)) == (0.3892, 0.2898)


def test_equals_gstat_on_sic97(shared_data: Path) -> None:
    """Hold-out predictions equal gstat's."""
    train = pd.read_csv(shared_data / "sic97" / "train_100.csv")
    reference = pd.read_csv(shared_data / "reference" / "sic97_ok_fixedSph.csv")
    kriging = Kriging(Variogram("spherical", 500.0, 14000.0, 80000.0))
    ours = kriging.fit(train[["x", "y"]].to_numpy(), train["rainfall"].to_numpy()).predict(
        reference[["X", "Y"]].to_numpy()
    )
    np.testing.assert_allclose(ours.mean, reference["pred"], rtol=1e-4)
    np.testing.assert_allclose(ours.sd**2, reference["var"], rtol=1e-4)


def test_equals_gstat_over_a_year(shared_data: Path) -> None:
    """Leave-one-out of 23,230 station-days with gaps and 50 neighbours equals gstat's, day by day."""
    stations = pd.read_csv(shared_data / "de_rb_2005" / "stations.csv").set_index("station")
    long = pd.read_csv(shared_data / "de_rb_2005" / "pm10_daily_long.csv")
    wide = long.pivot_table(index="date", columns="station", values="PM10")[stations.index]
    kriging = Kriging(Variogram("exponential", 13.5, 66.5, 224_000.0))
    result = kriging.fit(stations[["x_utm32", "y_utm32"]].to_numpy(), wide.to_numpy()).validate()
    assert result.n == 23_230
    published = pd.read_csv(shared_data / "reference" / "de_rb_2005_stats.csv").set_index("nmax").loc[np.inf]
    for name, ours in (("RMSE", result.rmse), ("MAE", result.mae), ("ME", result.me), ("r", result.r)):
        assert ours == pytest.approx(published[name], rel=1e-4), name
    assert result.rmsse**2 == pytest.approx(published["msz"], rel=1e-4)


@pytest.mark.parametrize("nmax", [10, 50])
def test_neighbourhood_equals_gstat(shared_data: Path, nmax: int) -> None:
    """Leave-one-out with gstat's nmax gives gstat's scores, and for 50 its every prediction."""
    stations = pd.read_csv(shared_data / "de_rb_2005" / "stations.csv").set_index("station")
    long = pd.read_csv(shared_data / "de_rb_2005" / "pm10_daily_long.csv")
    wide = long.pivot_table(index="date", columns="station", values="PM10").reindex(columns=stations.index)
    kriging = Kriging(Variogram("exponential", 13.5, 66.5, 224_000.0), neighbours=nmax)
    result = kriging.fit(stations[["x_utm32", "y_utm32"]].to_numpy(), wide.to_numpy()).validate()
    published = pd.read_csv(shared_data / "reference" / "de_rb_2005_stats.csv").set_index("nmax").loc[nmax]
    for name, ours in (("RMSE", result.rmse), ("MAE", result.mae), ("ME", result.me), ("r", result.r)):
        assert ours == pytest.approx(published[name], rel=1e-4), name
    if nmax == 50:
        every = pd.read_csv(shared_data / "reference" / "de_rb_2005_loo_nmax50.csv.gz")
        table = result.table
        ours = table.assign(station=wide.columns[table["station"]], date=wide.index[table["step"]])
        both = ours.merge(every, on=["date", "station"])
        assert len(both) == 23_230
        np.testing.assert_allclose(both["mean"], both["pred"], rtol=1e-4)
        np.testing.assert_allclose(both["sd"] ** 2, both["var"], rtol=1e-4)
