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


WHO = {
    ("pm25", "annual"): (35, 25, 15, 10, 5), ("pm25", "24h"): (75, 50, 37.5, 25, 15),
    ("pm10", "annual"): (70, 50, 30, 20, 15), ("pm10", "24h"): (150, 100, 75, 50, 45),
}  # fmt: skip
"""WHO 2021: interim targets 1 to 4 and the guideline."""

OTHERS = [
    ("pm25", "24h", "thai", 37.5), ("pm25", "annual", "thai", 15), ("pm10", "24h", "thai", 120),
    ("pm10", "annual", "thai", 50), ("tsp", "24h", "thai", 330), ("tsp", "annual", "thai", 100),
    ("pm25", "annual", "us-epa", 9), ("pm25", "24h", "us-epa", 35), ("pm10", "24h", "us-epa", 150),
]  # fmt: skip


def test_every_published_standard():
    """The whole of WHO's table, the Thai standards and the US ones, each with its source and unit."""
    names = ("who-it1", "who-it2", "who-it3", "who-it4", "who-aqg")
    who = [(*which, name, value) for which, row in WHO.items() for name, value in zip(names, row, strict=True)]
    for pollutant, averaging, name, value in [*OTHERS, *who]:
        found = standard(pollutant, averaging, name=name)
        assert found.value == value, (pollutant, averaging, name)
        assert found.unit == "µg/m³" and found.source and found.name_th and found.name_en


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


def test_every_thai_break_point_of_2023():
    """PCD 2566: first and last concentration of each band, PM2.5 and PM10, with the index there."""
    pm25 = {0: 0, 15.0: 25, 15.1: 26, 25.0: 50, 25.1: 51, 37.5: 100, 37.6: 101, 75.0: 200}
    pm10 = {0: 0, 50: 25, 51: 26, 80: 50, 81: 51, 120: 100, 121: 101, 180: 200}
    for pollutant, points in (("pm25", pm25), ("pm10", pm10)):
        for (mean, index), level in zip(points.items(), (1, 1, 2, 2, 3, 3, 4, 4), strict=True):
            found = aqi(pollutant, mean)
            assert (found.value, found.level) == (index, level), (pollutant, mean)
    assert aqi("pm10", 181).label == aqi("pm25", 75.1).label == ">200"
    names = ["ดีมาก", "ดี", "ปานกลาง", "เริ่มมีผลกระทบต่อสุขภาพ", "มีผลกระทบต่อสุขภาพ"]
    assert [aqi("pm25", mean).name_th for mean in (5, 20, 30, 50, 100)] == names


def test_every_us_break_point_of_2024():
    """As in the EPA's table of 6 May 2024; 2012's before that day."""
    for (low, high), (first, last) in {
        (0, 9.0): (0, 50), (9.1, 35.4): (51, 100), (35.5, 55.4): (101, 150), (55.5, 125.4): (151, 200),
        (125.5, 225.4): (201, 300), (225.5, 325.4): (301, 500),
    }.items():  # fmt: skip
        assert (aqi("pm25", low, scheme="us-epa").value, aqi("pm25", high, scheme="us-epa").value) == (first, last)
    before = date(2024, 5, 5)
    for mean, index in ((12.0, 50), (12.1, 51), (35.4, 100), (55.4, 150), (150.4, 200), (250.4, 300), (350.4, 400)):
        assert aqi("pm25", mean, when=before, scheme="us-epa").value == index
    assert aqi("pm25", 10.0, when=before, scheme="us-epa").level == 1
    assert aqi("pm25", 10.0, when=date(2024, 5, 6), scheme="us-epa").level == 2


def test_no_concentration_falls_between_two_bands():
    """Also in the whole-numbered bands before 2023."""
    for when in (date(2022, 1, 1), date(2025, 1, 1)):
        for edge in (15, 25, 37, 38, 50, 74):
            for tenth in range(0, 10, 3):
                assert aqi("pm25", edge + tenth / 10, when=when).value is not None, (when, edge, tenth)
    assert aqi("pm25", 25.5, when=date(2022, 1, 1)).level == 2


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
