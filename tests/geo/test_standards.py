"""Standards by date and the AQI against values published by Air4Thai."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.standards import aqi, standard
from language import UserError


def test_thai_pm25_standard_by_date():
    assert standard("pm25").value == 37.5
    assert standard("pm25", when=date(2023, 6, 1)).value == 37.5
    assert standard("pm25", when=date(2023, 5, 31)).value == 50
    assert standard("pm25", "annual").value == 15
    assert standard("pm25", "annual", when=date(2022, 7, 8)).value == 25


def test_a_moment_is_read_in_bangkok():
    late_in_utc = datetime(2023, 5, 31, 18, tzinfo=UTC)  # 1 June, 01:00 in Bangkok
    assert standard("pm25", when=late_in_utc).value == 37.5


@pytest.mark.parametrize(
    ("pollutant", "averaging", "name", "value"),
    [
        ("pm10", "24h", "thai", 120),
        ("pm10", "annual", "thai", 50),
        ("tsp", "24h", "thai", 330),
        ("tsp", "annual", "thai", 100),
        ("pm25", "24h", "who-aqg", 15),
        ("pm25", "annual", "who-aqg", 5),
        ("pm25", "24h", "who-it3", 37.5),
        ("pm10", "24h", "who-it1", 150),
        ("pm25", "annual", "us-epa", 9),
    ],
)
def test_published_standards(pollutant, averaging, name, value):
    assert standard(pollutant, averaging, name=name).value == value


def test_unknown_standard_is_refused():
    with pytest.raises(UserError, match="thai"):
        standard("pm25", name="mars")
    with pytest.raises(UserError, match="holds only from"):
        standard("pm25", when=date(1990, 1, 1))


@pytest.mark.parametrize(
    ("mean", "index"),
    [(5.6, 9), (8.8, 15), (12.2, 20), (12.8, 21), (0, 0), (15, 25), (25, 50), (37.5, 100), (75, 200)],
)
def test_thai_pm25_index_as_air4thai_shows_it(mean, index):
    assert aqi("pm25", mean).value == index


def test_thai_index_rounds_the_mean_half_up():
    assert aqi("pm25", 15.04).level == 1
    assert aqi("pm25", 15.05).level == 2
    assert aqi("pm25", 37.55).level == 4
    assert aqi("pm10", 120.4).level == 3
    assert aqi("pm10", 120.5).level == 4


def test_thai_index_is_open_above_200():
    result = aqi("pm25", 75.1)
    assert (result.value, result.level, result.label) == (None, 5, ">200")
    assert result.name_th == "มีผลกระทบต่อสุขภาพ"


def test_bands_before_2023():
    assert aqi("pm25", 50, when=date(2022, 1, 1)).value == 100
    assert not aqi("pm25", 50, when=date(2022, 1, 1)).verified


@pytest.mark.parametrize(
    ("pollutant", "mean", "index"),
    [
        ("pm25", 9.0, 50),
        ("pm25", 9.09, 50),
        ("pm25", 35.4, 100),
        ("pm25", 125.4, 200),
        ("pm10", 54.9, 50),
        ("pm10", 154, 100),
    ],
)
def test_us_index_of_2024(pollutant, mean, index):
    assert aqi(pollutant, mean, scheme="us-epa").value == index


def test_us_index_beyond_its_last_point():
    assert aqi("pm25", 900, scheme="us-epa").label == ">500"


def test_nothing_gives_nothing_and_unknown_is_refused():
    assert aqi("pm25", float("nan")) is None
    with pytest.raises(UserError):
        aqi("tsp", 100)
    with pytest.raises(UserError, match="us-epa"):
        aqi("pm25", 10, scheme="mars")


@given(st.floats(0, 75), st.floats(0, 75))
def test_index_never_falls_when_dust_rises(a, b):
    low, high = sorted((a, b))
    assert aqi("pm25", low).value <= aqi("pm25", high).value
