"""The real sets that stand beside the checkout, as arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer

from interpolation.tables import utm

Array = NDArray[np.float64]
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def germany() -> tuple[Array, Array, Array]:
    """Return coordinates (69, 2) [m], daily PM10 (365, 69) [µg/m³] and altitude (69, 1) [m]."""
    stations = pd.read_csv(FOLDER / "de_rb_2005" / "stations.csv").set_index("station")
    long = pd.read_csv(FOLDER / "de_rb_2005" / "pm10_daily_long.csv")
    wide = long.pivot_table(index="date", columns="station", values="PM10")[stations.index]
    altitude = stations[["station_altitude"]].to_numpy(dtype=float)
    return stations[["x_utm32", "y_utm32"]].to_numpy(), wide.to_numpy(), altitude


def switzerland() -> tuple[Array, Array, Array, Array]:
    """Return training coordinates and rainfall (100), and those of the hold-out (367) [m, 1/10 mm]."""
    train = pd.read_csv(FOLDER / "sic97" / "train_100.csv")
    test = pd.read_csv(FOLDER / "sic97" / "test_367.csv")
    return (
        train[["x", "y"]].to_numpy(), train["rainfall"].to_numpy(dtype=float),
        test[["x", "y"]].to_numpy(), test["rainfall"].to_numpy(dtype=float),
    )  # fmt: skip


def meuse() -> tuple[Array, Array, Array]:
    """Return coordinates (155, 2) [m], log zinc and the square root of the distance to the river (155, 1)."""
    table = pd.read_csv(FOLDER / "meuse" / "meuse.csv")
    return table[["x", "y"]].to_numpy(), np.log(table["zinc"].to_numpy()), np.sqrt(table[["dist"]].to_numpy())


def campfire() -> tuple[Array, Array]:
    """Return coordinates (134, 2) [m] and hourly PM2.5 (360, 134) [µg/m³]."""
    folder = FOLDER / "pm25_airnow_campfire_2018"
    stations = pd.read_csv(folder / "stations.csv").set_index("deviceDeploymentID")
    long = pd.read_csv(folder / "pm25_hourly_long.csv.gz")
    wide = long.pivot_table(index="datetime", columns="deviceDeploymentID", values="pm25")[stations.index]
    lonlat = stations[["longitude", "latitude"]].to_numpy()
    xy = Transformer.from_crs(4326, utm(lonlat), always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack(xy), wide.to_numpy()
