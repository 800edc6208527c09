"""From a campaign beside a reference to the map: calibrated values, and the sensor's own error around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from geo.calibration import calibrate
from geo.calibration_store import choose, material, save
from geo.lake import Lake
from geo.schema import ImportRecord
from planning.screening import Parameters, Screening, screen

pytestmark = pytest.mark.slow

TO_DEGREES = Transformer.from_crs(32647, 4326, always_xy=True)
X, Y, SIZE = 600_000.0, 1_520_000.0, 6000.0
HERE = (X + 3000.0, Y + 3000.0)
DAYS = pd.date_range("2026-01-01", periods=42, freq="D", tz="Asia/Bangkok")
CAMPAIGN = 30
"""Days on which the reference stood beside the sensor; then it was taken elsewhere."""

ASKED = Parameters("TOWN", "pm25", date(2026, 1, 31), date(2026, 2, 11), cell_m=500.0)
NOISE = 6.0
"""µg/m³ that a day's mean of the sensor is off, once its line is taken off."""


def _truth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(3)
    level = 30 + 8 * np.sin(np.arange(len(DAYS)) / 3)
    hills = 6 * np.sin((x - X) / 1200) * np.cos((y - Y) / 1500)
    return level[:, None] + hills + rng.normal(0, 0.3, (len(DAYS), len(x)))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Return a town with good stations at its rim, one sensor in the middle, and 30 days of a campaign beside it."""
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(X, X + SIZE, 5), np.linspace(Y, Y + SIZE, 5)))
    rim = np.hypot(x - HERE[0], y - HERE[1]) > 2000
    x, y = np.append(x[rim], [HERE[0], HERE[0] + 15]), np.append(y[rim], [HERE[1], HERE[1]])
    ids = [f"S{i:02d}" for i in range(rim.sum())] + ["LOW", "REF"]
    values = pd.DataFrame(_truth(x, y), index=DAYS.tz_convert("UTC"), columns=ids)
    values["LOW"] = 2 * (values["REF"] + NOISE * np.random.default_rng(5).standard_normal(len(DAYS))) + 9
    values.loc[values.index[CAMPAIGN:], "REF"] = np.nan
    long = values.rename_axis("time").reset_index().melt("time", var_name="station_id", value_name="value").dropna()
    lon, lat = TO_DEGREES.transform(x, y)
    kinds = ["reference" if i != "LOW" else "lowcost" for i in ids]
    stations = pd.DataFrame({"station_id": ids, "kind": kinds, "lat": lat, "lon": lon, "simulated": False})
    corners = shapely.segmentize(shapely.box(X, Y, X + SIZE, Y + SIZE), 250)
    shape = shapely.to_wkb(shapely.transform(corners, lambda c: np.column_stack(TO_DEGREES.transform(*c.T))))
    town = pd.DataFrame([{"code": "TOWN", "name_th": "เทศบาลทดลอง", "level": "municipality", "population": 900,
                          "approximate": False, "simulated": False, "geometry": shape}])  # fmt: skip
    frames = {"boundaries": town, "stations": stations, "observations": long.assign(variable="pm25", period_hours=24)}
    folder = tmp_path_factory.mktemp("lake")
    with Lake.open(folder / "catalog.sqlite") as opened:
        opened.append(frames, record=ImportRecord("test", "by hand"))
        yield opened


def at(found: Screening, band: str, x: float, y: float) -> float:
    return float(found.surface[band].sel(x=x, y=y, method="nearest"))


def test_a_noisy_sensor_is_calibrated_and_widens_the_map_around_it(lake: Lake) -> None:
    """The kriged sd near it grows with what its calibration left; far away nothing moves; raw comes back as it was."""
    raw = screen(lake, ASKED)
    observations, units = material(lake, "LOW", "REF")
    fitted, _ = calibrate(observations, "LOW", "REF", units=units)
    spread = float(observations.query("station_id == 'REF'")["value"].std())
    left = NOISE * spread / np.hypot(NOISE, spread)  # what a line leaves of y where x carries noise
    assert fitted.days >= 28 and fitted.residual_sd == pytest.approx(left, rel=0.2)
    save(lake, fitted)
    noisy = screen(lake, ASKED)
    mine = noisy.stations.set_index("station_id").loc["LOW"]
    assert mine["error_sd"] == fitted.residual_sd and any("LOW" in n.say("en") for n in noisy.notes)
    save(lake, replace(fitted, residual_sd=0.3, version="quiet"))
    quiet = screen(lake, ASKED)
    corner = (X + 250, Y + 250)
    wider, same = (at(noisy, "sd", *place) / at(quiet, "sd", *place) for place in (HERE, corner))
    assert wider > 1.1 and same == pytest.approx(1.0, abs=0.02)
    truth = float(_truth(np.array([HERE[0]]), np.array([HERE[1]]))[CAMPAIGN:].mean())
    assert abs(at(noisy, "mean", *HERE) - truth) < 0.2 * abs(at(raw, "mean", *HERE) - truth)
    choose(lake, "LOW", "pm25")
    again = screen(lake, ASKED)
    np.testing.assert_array_equal(again.surface["mean"], raw.surface["mean"])
    np.testing.assert_array_equal(again.surface["sd"], raw.surface["sd"])
