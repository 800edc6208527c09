"""Likely sources: the plume, the exceedance hours, the ranking, the alternatives."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from benchmarks import attribution
from planning import alternatives, likely, plumes, sources, strengths
from planning.settings import settings

pytestmark = pytest.mark.slow

DAY = date(2026, 2, 12)
PLACE = np.array([[0.0, 0.0]])


def wind(direction: float, hours: int = 48, speed: float = 2.0) -> pd.DataFrame:
    """Return steady wind from the first hour of 12 February in Bangkok."""
    times = pd.date_range("2026-02-11 17:00", periods=hours, freq="h", tz="UTC", name="time")
    return pd.DataFrame({"speed": speed, "direction": direction}, index=times)


def register(places: list[tuple[float, float]], grades: list[float], hp: float = 500.0) -> pd.DataFrame:
    """Return factories at places (m) with a type potential each."""
    return pd.DataFrame(
        {
            "factory_id": [f"F{i}" for i in range(len(places))],
            "x": [p[0] for p in places],
            "y": [p[1] for p in places],
            "type_potential": grades,
            "potential": [2 * g for g in grades],
            "hp": hp,
            "by_day": False,
        }
    )


def hours(direction: float, days: int = 2) -> plumes.Hours:
    """Return every hour of some days with steady wind."""
    return plumes.Hours.of(wind(direction, 24 * days))


@pytest.mark.parametrize("direction", [0.0, 4.0, 356.0, 90.0, 180.0, 270.0, 359.9])
def test_the_factory_upwind_comes_first_also_across_north(direction: float) -> None:
    """Of four factories around, the one the wind comes from weighs most; 356 and 4 degrees are both north."""
    around = [(0.0, 1000.0), (1000.0, 0.0), (0.0, -1000.0), (-1000.0, 0.0)]
    table = likely.likely_sources("H1", hours(direction), PLACE, register(around, [2.0] * 4), None)
    assert table["source_id"].iloc[0] == f"F{round(direction / 90) % 4}"
    assert table["share"].iloc[0] > 0.95
    assert table["rank_low"].iloc[0] == table["rank_high"].iloc[0] == 1
    assert table["hours"].iloc[0] == 48 and table["days"].iloc[0] == 2


def test_the_plume_is_turners_at_a_kilometre() -> None:
    """Class D, 1 km: the formula with Briggs' urban widths, the meander and the works' own size."""
    sy, sz = 160 * 1.4**-0.5, 140 * 1.3**-0.5
    wide = np.sqrt(sy**2 + (1000 * np.tan(np.deg2rad(12))) ** 2 + plumes.SPREAD**2)
    deep = np.hypot(sz, plumes.HEIGHT)
    expected = 1e6 / (np.pi * wide * deep) * np.exp(-0.5 * (plumes.HEIGHT / deep) ** 2)
    assert plumes.plume(np.array([1000.0]), np.array([0.0]), 2)[0] == pytest.approx(expected)


def test_plumes_are_the_same_when_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A station's plumes are those worked out anew, whatever was asked for before and was dropped since."""
    monkeypatch.setattr(plumes, "HELD", 1)
    rng = np.random.default_rng(3)
    stations, works = rng.uniform(-3000, 3000, (3, 2)), rng.uniform(-3000, 3000, (12, 2))
    air = wind(0.0, 60).assign(direction=rng.uniform(0, 360, 60), speed=rng.uniform(0.6, 8, 60))
    every, some = plumes.Hours.of(air), plumes.Hours.of(air.iloc[::7])
    kernels = plumes.Kernels(every.winds[0], stations, works)
    for station, asked, stamps in ((1, [4, 2], every), (1, [2, 9, 4], some), (0, [1], some), (1, [0, 2], every)):
        found = kernels.at(stamps, station, np.array(asked))
        assert found == pytest.approx(plumes.unit_plumes(stamps, stations[[station]], works[asked]), rel=1e-12)


def test_nearer_and_stronger_weigh_more_and_too_far_is_left_out() -> None:
    """Distance, type and horsepower all count; beyond reach and without potential nothing does."""
    places = [(0.0, 500.0), (0.0, 2000.0), (0.0, 2000.0), (0.0, likely.REACH + 500.0), (0.0, 400.0)]
    table = likely.likely_sources("H1", hours(0.0), PLACE, register(places, [2.0, 2.0, 3.0, 3.0, 0.0]), None)
    share = table.set_index("source_id")["share"]
    assert set(share.index) == {"F0", "F1", "F2"}
    assert share["F0"] > share["F1"] and share["F2"] == pytest.approx(3 * share["F1"])
    assert share.sum() == pytest.approx(1.0)


def test_exceedance_hours_are_hours_not_days() -> None:
    """Only hours over the threshold on the days asked for; calm ones are left out; without any, the whole days."""
    air = wind(0.0)
    air.iloc[3, 0] = 0.1
    level = pd.Series(20.0, index=air.index)
    level.iloc[[2, 3, 5, 30]] = 80.0
    over = likely.exceedance_hours(air, [DAY], 0.5, level, 37.5)
    assert plumes.Hours.of(over).hour.tolist() == [2, 5]
    assert len(likely.exceedance_hours(air, [DAY], 0.5, level, 100.0)) == 23
    assert likely.exceedance_hours(air, [], 0.5, level, 37.5).empty


def test_days_that_disagree_make_a_wide_rank_range() -> None:
    """Two factories that swap the wind from day to day cannot be told apart, and the ranks say so."""
    air = wind(0.0, 96)
    air.iloc[24:48, 1] = 180.0
    air.iloc[72:96, 1] = 180.0
    two = register([(0.0, 1000.0), (0.0, -1000.0)], [2.0, 2.0])
    table = likely.likely_sources("H1", plumes.Hours.of(air), PLACE, two, None)
    assert set(table["rank_low"].head(2)) == {1} and set(table["rank_high"].head(2)) == {2}


def clocked(course: dict[int, float]) -> tuple[plumes.Hours, likely.Readings]:
    """Return ten days of steady wind, and readings of which three stations near the place follow a course of hours."""
    air = wind(0.0, 24 * 10)
    stamp = plumes.Hours.of(air)
    added = 30.0 * np.array([course.get(int(h), 0.0) for h in stamp.hour])
    table = pd.DataFrame({f"S{i}": 20.0 + added * (i < 3) for i in range(12)}, index=air.index)
    places = np.array([[i * 10.0, 0.0] for i in range(3)] + [[20_000.0 + i, 0.0] for i in range(9)])
    return stamp, likely.Readings(table, places)


@pytest.mark.parametrize(("kind", "course"), [("traffic", "TRAFFIC_HOURS"), ("burning", "BURNING_HOURS")])
def test_dust_that_follows_a_clock_points_to_its_source(kind: str, course: str) -> None:
    """Not to a factory whose plume comes all day; an evening of streets and kitchens is not taken for burning."""
    stamp, readings = clocked(getattr(alternatives, course))
    table = likely.likely_sources("H1", stamp, PLACE, register([(0.0, 1500.0)], [2.0]), readings)
    assert table["kind"].iloc[0] == kind and table["share"].iloc[0] > 0.9


def test_the_clock_is_read_from_all_windy_hours() -> None:
    """The exceedance hours may all lie in one evening: then they alone cannot tell streets from fires."""
    stamp, readings = clocked(alternatives.TRAFFIC_HOURS)
    works, evening = register([(0.0, 1500.0)], [2.0]), wind(0.0, 24 * 10)
    evening = evening[np.isin(stamp.hour, [17, 18]) & (stamp.day < stamp.day[0] + 2)]
    basis = strengths.Basis(wind(0.0, 24 * 10), readings, works)
    table = likely.likely_sources("H1", plumes.Hours.of(evening), PLACE, works, readings, basis=basis, fitted=False)
    assert len(evening) < alternatives.LEAST_HOURS
    assert table["kind"].iloc[0] == "traffic" and table["share"].iloc[0] > 0.9


def test_the_truly_strongest_source_is_suggested() -> None:
    """In at least two of three simulated towns; the benchmark has fifty."""
    assert sum(bool(attribution.first_three(seed)) for seed in (3, 8, 12)) >= 2


def test_a_zone_without_support_has_no_list_and_stops_nothing() -> None:
    """No point of the surface in a zone: it is skipped, the next one is listed."""
    air, here = wind(0.0), np.array([[600_000.0, 1_520_000.0]])
    table = register([(600_000.0, 1_521_000.0)], [2.0])
    placed = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x"], table["y"]), crs="EPSG:32647")
    blank = likely.Readings(pd.DataFrame(index=air.index), np.empty((0, 2)))
    days, points = {"Z1": [DAY], "Z2": [DAY]}, {"Z1": np.empty((0, 2)), "Z2": here}
    hours = sources.exceedance_hours(air, days, points, blank, 37.5, settings())
    found = sources.likely_table(hours, days, dict.fromkeys(days, here), points, placed, blank, settings())
    assert set(found["target_id"]) == {"Z2"} and found["source_id"].tolist() == ["F0"]
    assert found["upwind_share"].tolist() == [1.0]
