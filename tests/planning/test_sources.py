"""Wind sectors, upwind shares and emission potential."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shapely.geometry import Point

from planning import sources
from planning.settings import settings

ORIGIN = np.array([500_000.0, 1_500_000.0])
DAY = date(2026, 2, 12)


def wind(directions: list[float], speeds: list[float] | None = None, start: str = "2026-02-11 17:00") -> pd.DataFrame:
    """Return hourly wind from the first hour of 12 February in Bangkok (17:00 UTC the day before)."""
    times = pd.date_range(start, periods=len(directions), freq="h", tz="UTC", name="time")
    return pd.DataFrame({"speed": speeds or [2.0] * len(directions), "direction": directions}, index=times)


def place(degrees: float, metres: float = 1000.0) -> np.ndarray:
    """Return the place in a direction from the origin."""
    angle = np.radians(degrees)
    return ORIGIN + metres * np.array([np.sin(angle), np.cos(angle)])


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0, 180.0, 270.0, 359.0])
def test_bearing_is_clockwise_from_north(degrees: float) -> None:
    """A place in a direction has that bearing."""
    assert sources.bearing(ORIGIN, place(degrees))[0] == pytest.approx(degrees, abs=1e-6)


@examples(deadline=None)
@given(st.floats(0, 360, exclude_max=True), st.floats(-180, 180))
def test_the_sector_goes_the_short_way_round_north(middle: float, away: float) -> None:
    """A direction is inside exactly when it is at most half the sector away, north or not."""
    direction = np.array([(middle + away) % 360.0])
    inside = sources.in_sector(direction, np.array([middle]), 45.0)[0]
    if abs(abs(away) - 22.5) > 1e-6:
        assert inside == (abs(away) < 22.5)


def test_wind_is_named_by_where_it_comes_from() -> None:
    """With wind from 350 and 10 degrees, the factory in the north is upwind, the one in the south is not."""
    shares, hours = sources.upwind_shares(
        wind([350.0, 10.0, 90.0, 180.0]), [DAY], ORIGIN, np.array([place(0.0), place(180.0), place(90.0)]), settings()
    )
    assert shares.tolist() == [0.5, 0.25, 0.25]
    assert hours == 4


def test_only_hours_of_the_days_over_the_standard_count() -> None:
    """The Bangkok day runs from 17:00 UTC to 17:00 UTC."""
    directions = [0.0] * 24 + [180.0] * 24
    north = np.array([place(0.0)])
    assert sources.upwind_shares(wind(directions), [DAY], ORIGIN, north, settings()) == (pytest.approx([1.0]), 24)
    both = [DAY, date(2026, 2, 13)]
    assert sources.upwind_shares(wind(directions), both, ORIGIN, north, settings()) == (pytest.approx([0.5]), 48)


def test_calm_hours_and_no_hours_say_nothing() -> None:
    """Calm hours are left out; without any hour, or at the place itself, the share is unknown."""
    shares, hours = sources.upwind_shares(
        wind([0.0, 180.0], [2.0, 0.1]), [DAY], ORIGIN, np.array([place(0.0)]), settings()
    )
    assert (shares.tolist(), hours) == ([1.0], 1)
    shares, hours = sources.upwind_shares(wind([0.0]), [], ORIGIN, np.array([place(0.0)]), settings())
    assert np.isnan(shares).all() and hours == 0
    shares, _ = sources.upwind_shares(wind([0.0]), [DAY], ORIGIN, ORIGIN[None, :], settings())
    assert np.isnan(shares).all()
    shares, _ = sources.upwind_shares(wind([])[:0], [DAY], ORIGIN, np.array([place(0.0)]), settings())
    assert np.isnan(shares).all()


def test_a_hotspot_is_hit_when_any_part_of_it_lies_downwind() -> None:
    """From outside, the sector is as wide as the hotspot looks from there; from inside it is all round."""
    angles = np.radians(np.arange(0, 360, 7.5))
    outline = ORIGIN + 500.0 * np.column_stack([np.sin(angles), np.cos(angles)])
    every = wind([float(d) for d in range(0, 360, 15)])
    shares, hours = sources.upwind_shares(
        every, [DAY], outline, np.array([place(0.0, 1000.0), place(0.0, 50_000.0), ORIGIN]), settings()
    )
    # Seen from 1 km, a circle of 500 m spans 60 degrees; with the sector 105 of 360. From 50 km the sector alone.
    assert shares[0] == pytest.approx(105 / 360, abs=0.03)
    assert shares[1] == pytest.approx(45 / 360, abs=0.03)
    assert shares[2] == 1.0
    assert hours == 24


def factories(**columns: list[object]) -> gpd.GeoDataFrame:
    """Return factories at places around the origin."""
    count = len(next(iter(columns.values())))
    points = [Point(*place(90.0 * i)) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:32647")


TYPES = pd.DataFrame(
    {
        "type_no": [9, 9, 14],
        "type_sub": [0, 1, 0],
        "name_th": ["เมล็ดพืช", "โรงสีข้าว", "น้ำแข็ง"],
        "name_en": ["Grain", "Rice mill", "Ice"],
        "group": ["crop", "crop", "food"],
        "source_groups": ["industry", "combustion;industry", "industry"],
        "potential": [1, 3, 0],
    }
)


def test_potential_is_type_times_horsepower_class() -> None:
    """3(rice mill) × class weights 1, 2, 3 at 75 and 500 hp; an unlisted sub-number takes its main type."""
    table = factories(
        type_no=[9, 9, 9, 9, 14, 99, 9],
        type_sub=[1, 1, 1, 6, 0, 0, 1],
        hp=[74.0, 75.0, 500.0, 100.0, 900.0, 900.0, None],
    )
    named, notes = sources.add_potential(table, TYPES, settings())
    assert named["potential"].tolist()[:5] == [3.0, 6.0, 9.0, 2.0, 0.0]
    assert np.isnan(named["potential"].iloc[5]) and named["potential"].iloc[6] == 3.0
    assert named["potential_class"].tolist() == ["medium", "high", "high", "low", "none", "none", "medium"]
    assert named["type_name_en"].iloc[0] == "Rice mill"
    # A boiler burns day and night; what only handles material works by day.
    assert named["by_day"].tolist() == [False, False, False, True, True, True, False]
    said = " ".join(n.say("en") for n in notes)
    assert "factory_types.csv: 1." in said and "without horsepower: 1." in said


def test_a_factory_is_judged_against_its_hotspot_then_its_zone() -> None:
    """The hotspot comes first; without one the zone; outside both nothing is said."""
    table = factories(
        hotspot_id=["H1", None, None], zone_id=["Z1", "Z1", None]
    )  # in the north, the east and the south of the origin
    judged = sources.add_upwind(
        table,
        dict.fromkeys(("H1", "Z1"), wind([0.0, 0.0, 0.0, 90.0])),
        {"H1": [DAY], "Z1": [DAY]},
        {"H1": ORIGIN, "Z1": ORIGIN},
        settings(),
    )
    assert judged["upwind_of"].tolist()[:2] == ["H1", "Z1"]
    assert judged["upwind_share"].tolist()[:2] == [0.75, 0.25]
    assert np.isnan(judged["upwind_share"].iloc[2])
    assert judged["upwind_hours"].tolist() == [4, 4, 0]
