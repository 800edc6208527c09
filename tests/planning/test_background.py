"""The background and the stations' excess over it, by hand and on a hazy week."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planning import background
from planning.settings import settings

DAYS = [date(2026, 1, 1) + timedelta(days=i) for i in range(20)]


def hours_of(daily: np.ndarray, *, diurnal: float = 0.0) -> pd.DataFrame:
    """Return hourly readings whose Bangkok days have the given means (T, n)."""
    times = pd.date_range("2025-12-31 17:00", periods=24 * len(daily), freq="h", tz="UTC")
    swing = diurnal * np.sin(np.arange(24) / 24 * 2 * np.pi)
    values = np.repeat(daily, 24, axis=0) + np.tile(swing, len(daily))[:, None]
    return pd.DataFrame(values, index=times, columns=[f"S{i}" for i in range(daily.shape[1])])


def test_the_background_is_the_low_quantile_and_not_the_lowest() -> None:
    """Of 0 ... 10 the 20 % quantile is 2; an hour without readings has none."""
    values = np.vstack([np.arange(11.0), np.full(11, np.nan)])
    found = background.background(values, settings())
    assert found[0] == pytest.approx(2.0) and np.isnan(found[1])
    gappy = np.where(np.random.default_rng(3).random((40, 9)) < 0.3, np.nan, np.random.default_rng(4).random((40, 9)))
    assert np.allclose(background.background(gappy, settings()), np.nanquantile(gappy, 0.2, axis=1))


def test_haze_lifts_readings_and_background_alike() -> None:
    """Twenty µg/m³ more everywhere for a week changes no excess by hand: 0 at the clean stations, 8 at the works."""
    level = np.where((np.arange(20) >= 5) & (np.arange(20) < 12), 50.0, 30.0)
    daily = level[:, None] + np.array([0, 0, 0, 0, 0, 8.0])
    hourly = hours_of(daily, diurnal=10.0)
    table = pd.DataFrame(daily, index=DAYS, columns=hourly.columns)
    excess, base, base_sd = background.excess_table(hourly, table, settings())
    assert np.allclose(excess.to_numpy(), np.array([0, 0, 0, 0, 0, 8.0]))
    assert np.allclose(base, level)
    assert base_sd < 1.0


def test_only_the_same_hours_are_compared() -> None:
    """A station that was off in the clean afternoon isn't held against the whole day's background."""
    daily = np.full((20, 6), 30.0)
    hourly = hours_of(daily, diurnal=15.0)
    hourly.iloc[:, 5] = np.where(np.arange(len(hourly)) % 24 < 19, hourly.iloc[:, 5], np.nan)
    partial = hourly.groupby(hourly.index.tz_convert("Asia/Bangkok").date).mean()
    assert partial.iloc[0, 5] > 32  # its own mean is too high
    table = pd.DataFrame(partial.to_numpy(), index=DAYS, columns=hourly.columns)
    excess, _, _ = background.excess_table(hourly, table, settings())
    assert np.allclose(excess.to_numpy(), 0.0, atol=1e-9)


def test_stations_with_daily_means_only_are_set_against_the_day() -> None:
    """Without hourly readings the quantile of the day stands in; gaps stay gaps."""
    daily = np.tile([30.0, 30, 30, 30, 30, 37], (20, 1))
    daily[3, 2] = np.nan
    table = pd.DataFrame(daily, index=DAYS, columns=[f"S{i}" for i in range(6)])
    excess, base, _ = background.excess_table(pd.DataFrame(), table, settings())
    assert excess["S5"].eq(7).all() and np.isnan(excess.iloc[3, 2]) and np.allclose(base, 30)


def test_the_background_comes_from_near_stations_unless_they_are_too_few() -> None:
    """Five near ones are enough; with four, the far ones count too."""
    assert background.near([1, 2, 3, 4, 5, 100], settings()).tolist() == [True] * 5 + [False]
    assert background.near([1, 2, 3, 4, 100, 100], settings()).all()
