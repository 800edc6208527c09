"""Profiles of series that are known: the peak is named, noise has none, the band holds under serial correlation."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from language import UserError
from planning import profiles

FIRST = date(2026, 1, 5)  # a Monday


def remembering(rng: np.random.Generator, count: int, phi: float) -> np.ndarray:
    """Return an autoregressive series."""
    out, shocks = np.zeros(count + 40), rng.normal(size=count + 40)
    for i in range(1, count + 40):
        out[i] = phi * out[i - 1] + shocks[i]
    return out[40:]


def hours_of(values: np.ndarray) -> pd.Series:
    """Return days of 24 hours (Bangkok) as an hourly series in UTC."""
    start = pd.Timestamp(FIRST, tz="Asia/Bangkok").tz_convert("UTC")
    return pd.Series(values.ravel(), index=pd.date_range(start, periods=values.size, freq="h"))


def hazy(seed: int, days: int, shape: np.ndarray | float = 0.0) -> np.ndarray:
    """Return days under haze that lasts, with a shape of the day whose strength changes slowly."""
    rng = np.random.default_rng(seed)
    haze = np.exp(0.25 * remembering(rng, days, 0.7))
    strength = 1 + 0.4 * remembering(rng, days, 0.5)
    noise = 1.5 * remembering(rng, days * 24, 0.8).reshape(days, 24)
    return 30 * haze[:, None] + noise + strength[:, None] * np.broadcast_to(shape, 24)


MORNING = np.where((np.arange(24) >= 5) & (np.arange(24) < 9), 10.0, 0.0)
NIGHT = np.where((np.arange(24) >= 22) | (np.arange(24) < 2), 10.0, 0.0)


@pytest.mark.parametrize(("shape", "words", "start"), [(MORNING, "05–09", "05:00"), (NIGHT, "22–02", "22:00")])
def test_the_worst_hours_are_named_in_bangkok_time(shape: np.ndarray, words: str, start: str) -> None:
    found = profiles.of_series(hours_of(hazy(1, 60, shape)))["hour"]
    assert found.words == words
    for lang in ("th", "en"):
        assert start in found.sentence.say(lang)
    assert len(found.table) == 24
    assert (found.table["lower95"] < found.table["mean"]).all()
    assert found.table["mean"].mean() == pytest.approx(hazy(1, 60, shape).mean(), rel=0.02)


def test_haze_without_a_shape_has_no_worst_hour_and_no_worst_day() -> None:
    alarms = 0
    for seed in range(30):
        found = profiles.of_series(hours_of(hazy(seed, 42)))
        alarms += bool(found["hour"].peak) + bool(found["weekday"].peak)
    assert alarms <= 5  # 60 chances at no more than 5 %


def test_the_band_holds_the_truth_under_serial_correlation() -> None:
    shape = 6 * np.cos((np.arange(24) - 6) / 24 * 2 * np.pi)
    inside = 0
    for seed in range(40):
        table = pd.DataFrame(hazy(seed, 40, shape), index=pd.date_range(FIRST, periods=40).date)
        band = profiles.hour_profile(table).table
        level = band["mean"].mean()
        inside += bool(((band["lower95"] - level <= shape) & (shape <= band["upper95"] - level)).all())
    # All 24 hours at once. 95 % of 40 is 38; fewer than 34 would happen in 1 of 100 runs.
    assert inside >= 34


def test_a_dusty_weekday_is_named_and_haze_is_not_taken_for_one() -> None:
    values = hazy(3, 70)
    values[2::7] += 8.0  # Wednesdays
    values[20:27] += 40.0  # a week of haze
    found = profiles.of_series(hours_of(values))["weekday"]
    assert found.peak == (2,)
    assert "Wednesday" in found.sentence.say("en")
    assert "พุธ" in found.sentence.say("th")
    assert found.table["key"].tolist() == list(range(7))


def test_months_need_three_and_the_dusty_one_is_named() -> None:
    days = [FIRST + timedelta(days=i) for i in range(170)]
    season = np.array([25.0 if day.month == 3 else 0.0 for day in days])
    daily = pd.Series(30 + season + np.random.default_rng(0).normal(0, 4, 170), index=days)
    found = profiles.month_profile(daily)
    assert found.peak == (3,)
    assert "March" in found.sentence.say("en")
    assert found.table["key"].tolist() == [1, 2, 3, 4, 5, 6]
    short = profiles.month_profile(daily[:50])
    assert short.table.empty
    assert "at least 3 months" in short.sentence.say("en")


def test_too_few_days_give_sentences_and_gaps_are_left_out() -> None:
    found = profiles.of_series(hours_of(hazy(1, 10, MORNING)))
    assert all(p.table.empty and not p.words for p in found.values())
    assert "at least 14" in found["hour"].sentence.say("en")
    values = hazy(1, 60, MORNING)
    values[10:20] = np.nan
    values[30, :10] = np.nan  # a day of 14 hours
    gappy = profiles.of_series(hours_of(values))["hour"]
    assert gappy.words == "05–09"
    assert gappy.table["count"].max() == 49


def test_an_empty_series_gives_sentences() -> None:
    empty = pd.Series(np.full(48, np.nan), index=pd.date_range("2026-01-01", periods=48, freq="h", tz="UTC"))
    assert all(p.table.empty for p in profiles.of_series(empty).values())


def test_days_remember_each_other_as_long_as_they_are_alike() -> None:
    rng = np.random.default_rng(0)
    assert profiles.memory(rng.normal(size=64)) <= 5
    assert 8 <= profiles.memory(remembering(rng, 400, 0.85)) <= 16
    assert profiles.memory(np.full(20, 3.0)) == 3


def test_other_hours_than_those_of_the_screening_are_refused() -> None:
    values = hazy(2, 5)
    table = pd.DataFrame({"A": hours_of(values), "B": hours_of(values + 1)})
    daily = pd.DataFrame({"A": values.mean(axis=1), "B": values.mean(axis=1) + 1},
                         index=[FIRST + timedelta(days=i) for i in range(5)])  # fmt: skip
    profiles.check_same(table, daily)
    with pytest.raises(UserError, match="not those"):
        profiles.check_same(table + 9.0, daily)
