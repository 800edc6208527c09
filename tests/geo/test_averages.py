"""Averages with known answers: local days, gaps, completeness, running means, NowCast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.averages import daily_means, hourly_matrix, nowcast, period_means, running_24h
from language import UserError

MIDNIGHT = pd.Timestamp("2026-01-31 17:00", tz="UTC")  # 1 February 00:00 in Bangkok


def hourly(values, station="A", start=MIDNIGHT, variable="pm25"):
    """Return hourly observations; NaN values are hours that are missing."""
    table = pd.DataFrame(
        {
            "station_id": station,
            "variable": variable,
            "time": pd.date_range(start, periods=len(values), freq="h"),
            "period_hours": 1,
            "value": np.asarray(values, float),
            "flag": None,
        }
    )
    return table[table["value"].notna()]


def test_days_are_parted_at_midnight_in_bangkok():
    result = daily_means(hourly([10.0] * 24 + [30.0] * 24))
    assert result["date"].tolist() == [pd.Timestamp("2026-02-01"), pd.Timestamp("2026-02-02")]
    assert result["value"].tolist() == [10.0, 30.0]
    assert result["hours"].tolist() == [24, 24]


def test_eighteen_hours_are_enough_and_seventeen_are_not():
    enough = daily_means(hourly([20.0] * 18))
    assert enough["complete"].tolist() == [True]
    assert enough["value"].tolist() == [20.0]
    short = daily_means(hourly([20.0] * 17))
    assert short["complete"].tolist() == [False]
    assert np.isnan(short["value"].iloc[0])
    assert short["hours"].iloc[0] == 17


def test_flagged_hours_do_not_count():
    table = hourly([20.0] * 18 + [900.0] * 6)
    table.loc[table["value"] > 500, "flag"] = "range"
    assert daily_means(table)["value"].tolist() == [20.0]


def test_a_24_hour_row_is_taken_as_it_is_and_wins():
    whole = pd.DataFrame(
        {"station_id": ["A"], "time": [MIDNIGHT], "period_hours": [24], "value": [41.25], "flag": [None]}
    )
    mixed = pd.concat([hourly([10.0] * 24).drop(columns="variable"), whole])
    result = daily_means(mixed)
    assert result["value"].tolist() == [41.25]
    assert result["complete"].tolist() == [True]


def test_readings_within_one_hour_count_as_one_hour():
    twice = pd.concat([hourly([10.0] * 12), hourly([30.0] * 12, start=MIDNIGHT + pd.Timedelta(minutes=20))])
    result = daily_means(twice)
    assert result["hours"].tolist() == [12]
    assert not result["complete"].iloc[0]


def test_a_day_of_25_hours_needs_more_hours():
    start = pd.Timestamp("2025-10-26", tz="Europe/Berlin").tz_convert("UTC")
    assert not daily_means(hourly([5.0] * 18, start=start), tz="Europe/Berlin")["complete"].iloc[0]
    assert daily_means(hourly([5.0] * 19, start=start), tz="Europe/Berlin")["complete"].iloc[0]


def test_mixed_variables_are_refused():
    with pytest.raises(UserError, match="pm10, pm25"):
        daily_means(pd.concat([hourly([1.0]), hourly([1.0], variable="pm10")]))


def test_no_rows_give_an_empty_table():
    empty = daily_means(hourly([]))
    assert list(empty.columns) == ["station_id", "date", "value", "hours", "complete"]
    assert empty.empty
    assert running_24h(hourly([])).empty
    assert nowcast(hourly([])).empty


values = st.lists(st.one_of(st.none(), st.floats(0, 500)), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None)
@given(values, st.integers(0, 23), st.floats(0.05, 1))
def test_daily_means_agree_with_a_plain_loop(readings, offset, completeness):
    start = MIDNIGHT + pd.Timedelta(hours=offset)
    table = hourly([np.nan if v is None else v for v in readings], start=start)
    days: dict[int, list[float]] = {}
    for hour, value in enumerate(readings):
        if value is not None:
            days.setdefault((hour + offset) // 24, []).append(value)
    result = daily_means(table, completeness=completeness)
    assert result["hours"].tolist() == [len(v) for v in days.values()]
    for row, hours in zip(result.itertuples(), days.values(), strict=True):
        if len(hours) >= completeness * 24 - 1e-9:
            assert row.value == pytest.approx(np.mean(hours), rel=1e-9, abs=1e-9)
        else:
            assert np.isnan(row.value)


def test_running_mean_needs_eighteen_of_24_hours_and_slides():
    result = running_24h(hourly([10.0] * 24 + [34.0] * 24))
    assert np.isnan(result["value"].iloc[16])
    assert result["value"].iloc[17] == 10.0
    assert result["value"].iloc[24] == pytest.approx(11.0)
    assert result["value"].iloc[47] == 34.0


def test_running_mean_keeps_stations_apart():
    result = running_24h(pd.concat([hourly([10.0] * 24), hourly([50.0] * 24, "B")]))
    last = result.groupby("station_id")["value"].last()
    assert last.to_dict() == {"A": 10.0, "B": 50.0}


def test_nowcast_of_a_steady_and_of_a_halving_series():
    assert nowcast(hourly([20.0] * 12))["value"].iloc[-1] == 20.0
    # w = 0.5: (40 + 20/2 + 10·Σ_{i=2..11} 0.5^i) / Σ_{i=0..11} 0.5^i, truncated to 0.1
    series = [10.0] * 10 + [20.0, 40.0]
    weights = 0.5 ** np.arange(12)
    expected = (np.array(series[::-1]) * weights).sum() / weights.sum()
    assert nowcast(hourly(series))["value"].iloc[-1] == np.floor(expected * 10) / 10


def test_nowcast_of_the_example_that_the_method_is_taught_with():
    """12 hours, newest first 13 … 50: the least is less than half of the greatest, so w = 0.5, and 17.4 comes out."""
    newest_first = [13, 16, 10, 21, 74, 64, 53, 82, 90, 75, 80, 50]
    series = hourly([float(v) for v in reversed(newest_first)])
    assert nowcast(series)["value"].iloc[-1] == 17.4
    assert nowcast(series, "pm10")["value"].iloc[-1] == 17


def test_nowcast_needs_two_of_the_three_newest_hours():
    result = nowcast(hourly([10.0] * 9 + [np.nan, np.nan, 10.0]))
    assert result["time"].max() == MIDNIGHT + pd.Timedelta(hours=9)


def test_nowcast_of_clean_air_is_zero():
    assert nowcast(hourly([0.0] * 12))["value"].iloc[-1] == 0.0


def test_hourly_matrix_fills_holes_with_nothing():
    table = hourly_matrix(hourly([1.0, np.nan, np.nan, 4.0]))
    assert table.shape == (4, 1)
    assert table["A"].isna().sum() == 2


def test_period_and_month_means():
    daily = daily_means(hourly(np.repeat([10.0, 20.0, 30.0, 40.0], 24)))
    whole = period_means(daily)
    assert whole["value"].tolist() == [25.0]
    assert whole["days_total"].tolist() == [4]
    month = period_means(daily, by="month")
    assert not month["complete"].iloc[0]
    assert month["days_total"].iloc[0] == 28
    assert period_means(daily, by="month", completeness=0.1)["value"].tolist() == [25.0]


def test_year_means_need_three_quarters_of_the_days_leap_years_too():
    """274 of 365 days (75.07 %) are enough and 273 are not; a leap year of 366 needs 275."""
    for year, enough in ((2025, 274), (2024, 275)):
        days = pd.date_range(f"{year}-01-01", periods=enough, freq="D")
        daily = pd.DataFrame({"station_id": "A", "date": days, "value": 20.0})
        assert period_means(daily, by="year")["value"].tolist() == [20.0]
        short = period_means(daily.iloc[1:], by="year")
        assert short["value"].isna().all() and not short["complete"].any()
        assert short["days_total"].iloc[0] == (366 if year == 2024 else 365)


def test_a_mean_belongs_to_the_hours_that_begin_in_its_day():
    """The hour labelled 23:00 is the day's last; the one labelled 00:00 is the next day's first (Bangkok)."""
    values = [0.0] * 23 + [24.0] + [48.0] + [0.0] * 23
    days = daily_means(hourly(values))
    assert days["value"].tolist() == [1.0, 2.0]
    running = running_24h(hourly(values))
    assert running.set_index("time")["value"].loc[MIDNIGHT + pd.Timedelta(hours=23)] == 1.0
