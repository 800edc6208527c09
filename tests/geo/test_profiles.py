"""Profiles and roses with known answers: Thai hours, weekdays, sectors, calm air, too few hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import profiles

MONDAY = pd.Timestamp("2026-02-01 17:00", tz="UTC")  # Monday 2 February 00:00 in Bangkok


def table(values, variable="pm25", start=MONDAY, flag=None, period_hours=1):
    return pd.DataFrame(
        {
            "variable": variable, "time": pd.date_range(start, periods=len(values), freq="h"),
            "period_hours": period_hours, "value": np.asarray(values, float), "flag": flag,
        }
    )  # fmt: skip


def wind(speeds, directions):
    return pd.concat([table(speeds, "wind_speed"), table(directions, "wind_dir")])


def test_hours_of_the_day_are_those_of_bangkok():
    found = profiles.by_hour(table(list(range(24)) * 6), "pm25")
    assert found["hour"].tolist() == list(range(24))
    assert found["mean"].tolist() == found["median"].tolist() == [float(h) for h in range(24)]
    assert found["n"].tolist() == [6] * 24


def test_quartiles_of_an_hour():
    days = [np.full(24, level) for level in (10, 20, 30, 40, 100)]
    noon = profiles.by_hour(table(np.concatenate(days)), "pm25").iloc[12]
    assert (noon["q25"], noon["median"], noon["mean"], noon["q75"]) == (20, 30, 40, 40)


def test_too_few_flagged_and_24_hour_readings_do_not_count():
    bad = pd.concat([table([500.0] * 240, flag="spike"), table([50.0] * 240, period_hours=24), table([9.0] * 96)])
    found = profiles.by_hour(bad, "pm25")
    assert found["n"].tolist() == [4] * 24
    assert found["mean"].isna().all(), "four hours are below five"


def test_hours_of_the_week():
    values = [100.0 if d % 7 == 6 else 20.0 for d in range(35) for _hour in range(24)]
    found = profiles.by_weekday_and_hour(table(values), "pm25").set_index(["weekday", "hour"])["mean"]
    assert len(found) == 168
    assert set(found.loc[6]) == {100.0}, "the seventh day is a Sunday"
    assert set(found.loc[0]) == {20.0}


def test_wind_rose_counts_direction_speed_and_calm():
    # Four hours from the east at 3 m/s, two from the north at 7 m/s, two without wind and with no direction.
    rose = profiles.wind_rose(wind([3] * 4 + [7] * 2 + [0.2] * 2, [90] * 4 + [350, 10] + [np.nan] * 2))
    got = rose.table[rose.table["hours"] > 0].set_index(["sector", "speed"])
    assert got["hours"].to_dict() == {(0, 4): 2, (4, 2): 4}
    assert got.loc[(4, 2), "share"] == 0.5
    assert (rose.hours, rose.calm_hours, rose.calm_share) == (8, 2, 0.25)


def test_pollution_rose_finds_the_dusty_side():
    directions = [90.0] * 10 + [270.0] * 10 + [180.0] * 2 + [0.0] * 8
    speeds = [2.0] * 22 + [0.1] * 8
    dust = [80.0] * 10 + [20.0] * 10 + [500.0] * 2 + [60.0] * 8
    rose = profiles.pollution_rose(table(dust), wind(speeds, directions), "pm25")
    mean = rose.table.set_index("sector")["mean"]
    assert (mean[4], mean[12]) == (80.0, 20.0)
    assert np.isnan(mean[8]), "two hours from the south are too few"
    assert (rose.hours, rose.calm_hours, rose.calm_mean) == (30, 8, 60.0)


def test_nothing_measured_is_an_empty_rose():
    none = table([])
    rose = profiles.pollution_rose(none, none, "pm25")
    assert rose.hours == 0 and rose.calm_share == 0.0 and rose.table["mean"].isna().all()
    assert profiles.wind_rose(none).table["hours"].sum() == 0
    assert profiles.by_weekday_and_hour(none, "pm25")["n"].sum() == 0


@given(st.floats(0, 360))
def test_a_sector_is_centred_on_its_direction(degrees):
    found = int(profiles.sector(pd.Series([degrees])).iloc[0])
    away = abs((degrees - found * 22.5 + 180) % 360 - 180)
    assert away <= 11.25 + 1e-9


def test_distance():
    # One degree of latitude is 111.19 km on a sphere of 6371 km.
    places = pd.DataFrame({"lat": [14.0, 13.0], "lon": [100.0, 100.0]})
    assert profiles.distance_km(13.0, 100.0, places).tolist() == pytest.approx([111.19, 0.0], abs=0.01)
