"""Trend classes of series that are known, the interval against SciPy's, and weather that cancels."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes
from shapely.geometry import Point

from interpolation import Grid, Kriging
from planning import trends
from planning.settings import settings

UTM = "EPSG:32647"
FIRST = date(2025, 1, 1)


def daily(excess: np.ndarray) -> pd.DataFrame:
    days = [FIRST + timedelta(days=i) for i in range(len(excess))]
    return pd.DataFrame({"spot": 30 + excess, "level": 30.0, "excess": excess}, index=pd.Index(days, name="date"))


def kind(excess: np.ndarray) -> trends.Trend:
    return trends.classify(trends.blocks(daily(excess), settings()), settings())


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.8, count)


@pytest.mark.parametrize(
    ("shape", "days", "expected"),
    [
        (lambda t: 3 + 0.05 * t, 140, "intensifying"),
        (lambda t: 12 - 0.05 * t, 140, "diminishing"),
        (lambda t: 5 + 0 * t, 140, "persistent"),
        (lambda t: 4.0 * (np.sin(t / 10.0) > 0), 140, "sporadic"),
        (lambda t: -2 + 0 * t, 140, "regional"),
        (lambda t: 6.0 * (t >= 112), 140, "new"),
        (lambda t: 5 + 0 * t, 50, "short"),
        (lambda t: 2 + 0.012 * t, 400, "intensifying"),
    ],
)
def test_known_series_get_their_class(shape: Any, days: int, expected: str) -> None:
    t = np.arange(days, dtype=float)
    found = kind(shape(t) + noise(days))
    assert found.kind == expected
    assert found.block == ("month" if days >= 365 else "week")
    for lang in ("th", "en"):
        said = " ".join(found.sentences(lang))
        assert str(len(found.series)) in said
    assert np.isfinite(found.slope) == (expected != "short")


def test_the_slope_is_per_month_and_in_its_interval() -> None:
    found = kind(3 + 0.05 * np.arange(140.0) + noise(140))
    assert found.lower < 0.05 * trends.MONTH_DAYS < found.upper
    assert found.slope == pytest.approx(0.05 * trends.MONTH_DAYS, rel=0.1)
    assert f"{found.slope:+.1f} µg/m³ a month" in found.sentences("en")[1]


def test_the_interval_is_scipys_where_nothing_is_correlated() -> None:
    rng = np.random.default_rng(11)
    for count in (9, 15, 40):
        times, values = np.arange(count, dtype=float), rng.normal(size=count)
        slope, lower, upper, _ = trends.tested(times, values)
        other = theilslopes(values, times, 0.95)
        assert slope == pytest.approx(other.slope)
        # SciPy rounds to other order statistics; correlation found by chance may widen ours.
        assert lower <= other.low_slope + 0.05 * (upper - lower)
        assert upper >= other.high_slope - 0.05 * (upper - lower)


def test_intervals_hold_and_false_alarms_are_few() -> None:
    """Without a trend, at most about the stated share is called rising or falling; 95 % intervals hold the truth."""
    rng = np.random.default_rng(5)
    inside, alarms, count = 0, {9: 0, 30: 0}, 200
    for length in alarms:
        times = np.arange(length) / 4.35
        for _ in range(count):
            _, lower, upper, p = trends.tested(times, rng.normal(size=length))
            inside += lower <= 0 <= upper
            alarms[length] += p < (0.01 if length < 20 else 0.05)
    assert inside / (2 * count) >= 0.94
    assert alarms[9] <= 6
    assert alarms[30] <= 18


def test_serial_correlation_widens_the_interval() -> None:
    rng = np.random.default_rng(3)
    shocks, values = rng.normal(size=80), np.zeros(80)
    for i in range(1, 80):
        values[i] = 0.7 * values[i - 1] + shocks[i]
    _, lower, upper, p = trends.tested(np.arange(80.0), values)
    plain = theilslopes(values, np.arange(80.0), 0.95)
    assert upper - lower > 1.3 * (plain.high_slope - plain.low_slope)
    assert p > 0.01


@given(st.lists(st.floats(-50, 50), min_size=8, max_size=25))
def test_any_series_gives_an_ordered_interval(values: list[float]) -> None:
    slope, lower, upper, p = trends.tested(np.arange(len(values), dtype=float), np.array(values))
    assert lower <= slope <= upper
    assert 0 <= p <= 1


def test_weeks_with_few_days_are_left_out_and_the_last_is_whole() -> None:
    excess = np.full(70, 3.0)
    excess[14:19] = np.nan  # two days of the third week are left
    table = trends.blocks(daily(excess), settings())
    assert len(table) == 9
    assert table["end"].iloc[-1] == FIRST + timedelta(days=69)
    assert table["days"].tolist() == [7] * 9
    assert trends.blocks(daily(excess)[:0], settings()).empty


def town(values: np.ndarray, points: np.ndarray) -> Any:
    """Return what `trends` reads of a screening, with a real kriging of the given 24-hour means."""
    count = values.shape[1]
    grid = Grid.covering((600_000, 1_500_000, 610_000, 1_510_000), 500, UTM)
    days = [FIRST + timedelta(days=i) for i in range(len(values))]
    stations = gpd.GeoDataFrame(
        {"station_id": [f"S{i}" for i in range(count)]}, geometry=gpd.points_from_xy(*points.T), crs=UTM
    )
    return SimpleNamespace(
        kriging=Kriging("exponential").fit(points, values),
        stations=stations,
        daily=pd.DataFrame(values, index=days, columns=stations["station_id"]),
        grid=grid,
        surface=xr.Dataset(
            {"supported": (("y", "x"), np.ones(grid.shape, bool))}, {"y": grid.y, "x": grid.x}
        ).rio.write_crs(UTM),
    )


@pytest.fixture(scope="module")
def network() -> tuple[np.ndarray, np.ndarray, Point]:
    """Return 70 days of 16 stations under common haze, three of them in a hotspot that grows, and its middle."""
    rng = np.random.default_rng(8)
    points = rng.uniform([600_000, 1_500_000], [610_000, 1_510_000], (16, 2))
    middle = Point(603_000, 1_503_000)
    points[:3] = [[602_600, 1_503_100], [603_300, 1_502_700], [603_100, 1_503_500]]
    points[3:] = np.where(np.hypot(*(points[3:] - [603_000, 1_503_000]).T)[:, None] < 2_500, points[3:] + 3_000,
                          points[3:])  # fmt: skip
    days = np.arange(70)
    haze = 30 + 20 * np.exp(-((days - 45) ** 2) / 60) + rng.normal(0, 4, 70)
    values = haze[:, None] + rng.normal(0, 1.0, (70, 16))
    values[:, :3] += (3 + 0.15 * days)[:, None]
    return values, points, middle


def test_a_growing_hotspot_under_common_haze_is_intensifying(network: Any) -> None:
    values, points, middle = network
    found = town(values, points)
    trend = trends.of_spot(found, middle.buffer(1_000))
    assert trend.kind == "intensifying"
    assert 3.0 < trend.slope < 5.5  # 0.15 a day is 4.6 a month; kriging smooths some of it away
    table = gpd.GeoDataFrame({"hotspot_id": ["H1"]}, geometry=[middle.buffer(1_000)], crs=UTM).to_crs(4326)
    assert trends.of_all(found, table)["H1"].kind == "intensifying"
    # The same haze without the local growth: nothing rises.
    flat = values.copy()
    flat[:, :3] -= (0.15 * np.arange(70))[:, None]
    assert trends.of_spot(town(flat, points), middle.buffer(1_000)).kind == "persistent"


def test_days_without_the_stations_inside_do_not_count(network: Any) -> None:
    values, points, middle = network
    gone = values.copy()
    gone[50:, :3] = np.nan
    days = trends.excess_days(town(gone, points), middle.buffer(1_000))
    assert days["excess"].notna().sum() == 50
    assert trends.of_spot(town(gone, points), middle.buffer(1_000)).kind == "short"


def test_without_stations_around_it_nothing_is_said(network: Any) -> None:
    values, points, middle = network
    trend = trends.of_spot(town(values, points), middle.buffer(50_000))
    assert trend.kind == "short"
    assert trend.series.empty
    assert trend.sentences("en") == [trends.MEANINGS["short"]]


def test_the_rules_name_thresholds_and_sources() -> None:
    said = " ".join(r.say("en") for r in trends.rules())
    for part in ("1.5 µg/m³", "5 %", "1 %", "80 %", "Mann (1945)", "Hamed and Rao (1998)", "Esri"):
        assert part in said
