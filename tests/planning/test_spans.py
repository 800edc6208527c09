"""Maps over time: each averaging time's values, its map, its name; what changed between two of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from geo.lake import Lake
from language import UserError
from planning import change, hours, spans
from planning.hour_store import Stretch
from planning.screening import Parameters, Screening, screen

pytestmark = pytest.mark.long

START, END = date(2026, 1, 28), date(2026, 2, 18)


def screened(lake: Lake, start: date, end: date, pollutant: str = "pm25") -> Screening:
    return screen(lake, Parameters("demo-ratchaburi", pollutant, start, end, cell_m=500.0))


@pytest.fixture(scope="module")
def found(lake: Lake) -> Screening:
    """Return three weeks over a month's and a season's end."""
    return screened(lake, START, END)


def test_a_moving_mean_is_the_mean_of_the_hours_before(lake: Lake, found: Screening) -> None:
    made = spans.series(lake, found, "rolling")
    table, _ = hours.hourly_table(lake, found, Stretch(START - timedelta(days=1), END))
    step = made.steps[100]
    assert step.end - step.start == timedelta(hours=24)
    inside = table[(table.index >= pd.Timestamp(step.start)) & (table.index < pd.Timestamp(step.end))]
    for station in made.measured.columns:
        values = inside[station].dropna()
        expected = values.mean() if len(values) >= 18 else np.nan
        np.testing.assert_allclose(made.measured[station].iloc[100], expected)


def test_the_moving_mean_at_midnight_is_the_days_mean(lake: Lake, found: Screening) -> None:
    made = spans.series(lake, found, "rolling")
    at = next(n for n, s in enumerate(made.steps) if s.start.hour == 0 and s.start.date() == date(2026, 2, 12))
    common = [c for c in made.measured.columns if c in found.daily]
    np.testing.assert_allclose(
        made.measured[common].iloc[at], found.daily.loc[date(2026, 2, 12), common], rtol=1e-6
    )


def test_days_are_the_screenings_own_maps(lake: Lake, found: Screening) -> None:
    made = spans.series(lake, found, "day")
    assert [s.start.date() for s in made.steps] == found.days
    np.testing.assert_array_equal(made.map(3)["mean"], found.daily_mean(found.days[3])["mean"])


def test_months_and_seasons_hold_their_days_and_say_which_are_missing(lake: Lake, found: Screening) -> None:
    months = spans.series(lake, found, "month")
    assert [spans.label(s, "month", "en") for s in months.steps] == [
        "January 2026 (4 of 31 days)", "February 2026 (18 of 28 days)"]  # fmt: skip
    assert spans.label(months.steps[1], "month", "th") == "กุมภาพันธ์ 2569 (18 จาก 28 วัน)"
    own = found.daily.loc[date(2026, 2, 1) :]
    full = own.columns[own.notna().all()]
    np.testing.assert_allclose(months.measured.loc[1, full], own[full].mean())
    assert np.isfinite(months.map(1)["mean"]).sum() > 20
    seasons = spans.series(lake, found, "season")
    assert [s.start.date() for s in seasons.steps] == [START, date(2026, 2, 16)]
    assert spans.label(seasons.steps[0], "season", "en") == "cool season 2025/26 (19 of 123 days)"
    assert spans.label(seasons.steps[1], "season", "th") == "ฤดูร้อน 2569 (3 จาก 89 วัน)"


def test_a_place_has_a_history_in_every_averaging_time(lake: Lake, found: Screening) -> None:
    point = found.hotspots.geometry.iloc[0].representative_point() if len(found.hotspots) else (
        found.area.geometry.iloc[0].representative_point())  # fmt: skip
    for kind in spans.KINDS:
        made = spans.series(lake, found, kind)
        told = made.at(point.y, point.x)
        assert len(told) == len(made.steps)
        good = told.dropna()
        assert len(good) and (good["lower95"] <= good["mean"]).all() and (good["mean"] <= good["upper95"]).all()
        assert made.find(made.steps[-1].name) == len(made.steps) - 1


@pytest.mark.parametrize(
    ("when", "name"),
    [(date(2026, 2, 15), "cool season"), (date(2026, 2, 16), "hot season"), (date(2026, 5, 16), "rainy season"),
     (date(2026, 10, 15), "rainy season"), (date(2026, 10, 16), "cool season"), (date(2026, 1, 1), "cool season")],
)  # fmt: skip
def test_seasons_of_the_meteorological_department(when: date, name: str) -> None:
    assert spans.season(when) == name


def test_a_long_period_shows_the_hours_around_a_day(found: Screening) -> None:
    from dataclasses import replace

    long = replace(found, parameters=replace(found.parameters, start=date(2025, 3, 1), end=date(2026, 3, 1)))
    assert len(spans.stretch_of(long, date(2025, 3, 5)).days) == spans.MOST_DAYS
    assert spans.stretch_of(long, date(2025, 3, 5)).first == date(2025, 3, 1)
    assert spans.stretch_of(long, date(2026, 3, 1)).last == date(2026, 3, 1)


# ------------------------------------------------------------------------------ what changed


def test_the_change_of_two_days_is_that_of_the_stations(found: Screening) -> None:
    a, b = found.days[2], found.days[-2]
    made = change.of_days(found, a, b)
    both = (found.daily.loc[b] - found.daily.loc[a]).dropna()
    np.testing.assert_allclose(made.stations.set_index("station_id")["value"], both[made.stations["station_id"]])
    mean = made.surface["mean"].to_numpy()
    assert np.nanmin(mean) >= both.min() - 1 and np.nanmax(mean) <= both.max() + 1
    back = change.of_days(found, b, a)
    np.testing.assert_allclose(back.surface["mean"], -made.surface["mean"], atol=0.05)
    maps = [found.daily_mean(when)["mean"].to_numpy() for when in (a, b)]
    assert np.array_equal(np.isfinite(mean), np.isfinite(maps[0]) & np.isfinite(maps[1]))
    np.testing.assert_allclose(mean, maps[1] - maps[0], atol=8, equal_nan=True)


def test_agreement_of_noisy_sensors_does_not_shrink_the_range(found: Screening) -> None:
    """All stations change by the same: the range still holds what their errors could hide."""
    from dataclasses import replace

    flat = found.daily.copy()
    a, b = found.days[0], found.days[1]
    flat.loc[b] = flat.loc[a] + 5.0
    made = change.of_days(replace(found, daily=flat), a, b)
    values = made.surface["mean"].to_numpy()
    np.testing.assert_allclose(values[np.isfinite(values)], 5.0, atol=1e-3)
    own = made.stations["error_sd"].fillna(0).to_numpy(float)
    assert np.nanmin(made.surface["sd"]) >= 0.9 / np.sqrt(np.sum(1 / np.maximum(own, 0.1) ** 2))
    assert made.sure.sum() == np.isfinite(values).sum()


def test_no_change_is_never_called_sure(found: Screening) -> None:
    from dataclasses import replace

    rng = np.random.default_rng(5)
    flat = found.daily.copy()
    a, b = found.days[0], found.days[1]
    flat.loc[b] = flat.loc[a] + rng.normal(0, 0.3, flat.shape[1])
    made = change.of_days(replace(found, daily=flat), a, b)
    assert made.sure.mean() < 0.02


def test_the_change_of_two_periods(lake: Lake, found: Screening) -> None:
    halves = screened(lake, START, date(2026, 2, 7)), screened(lake, date(2026, 2, 8), END)
    made = change.of_periods(*halves)
    moved = halves[1].surface["mean"].to_numpy() - halves[0].surface["mean"].to_numpy()
    mean = made.surface["mean"].to_numpy()
    assert np.array_equal(np.isfinite(mean), np.isfinite(moved))
    assert abs(np.nanmean(mean) - np.nanmean(moved)) < 2.0
    assert (made.surface["lower95"] < made.surface["upper95"]).to_numpy()[np.isfinite(mean)].all()


def test_what_cannot_be_compared_is_said(lake: Lake, found: Screening) -> None:
    with pytest.raises(UserError, match="has no map"):
        change.of_days(found, date(2020, 1, 1), found.days[0])
    with pytest.raises(UserError, match="two different"):
        change.of_periods(found, found)
    with pytest.raises(UserError, match="same pollutant"):
        change.of_periods(found, screened(lake, START, END, "pm10"))
    from dataclasses import replace

    few = found.daily.copy()
    few.iloc[0, 3:] = np.nan
    with pytest.raises(UserError, match="measured both times: 3"):
        change.of_days(replace(found, daily=few), found.days[0], found.days[1])
