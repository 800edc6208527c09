"""Conditional probability and bivariate polar plot with known answers, the north above all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from geo import polar

START = pd.Timestamp("2026-01-01", tz="UTC")


def table(values: object, variable: str = "pm25") -> pd.DataFrame:
    values = np.asarray(values, float)
    times = pd.date_range(START, periods=len(values), freq="h")
    return pd.DataFrame({"variable": variable, "time": times, "period_hours": 1, "value": values, "flag": None})


def wind(speeds: object, directions: object) -> pd.DataFrame:
    return pd.concat([table(speeds, "wind_speed"), table(directions, "wind_dir")])


def test_a_source_due_north_shows_on_both_sides_of_zero_degrees() -> None:
    """High hours at 352 to 8 degrees fall into one sector, the northern; calm hours are no direction's."""
    north = np.tile([352.0, 356.0, 0.0, 4.0, 8.0, 360.0], 10)
    directions = np.r_[north, np.repeat([90.0, 180.0, 270.0], 60), [0.0] * 9]
    values = np.r_[[80.0] * 60, [20.0] * 189]
    speeds = np.r_[[2.0] * 240, [0.1] * 9]
    found = polar.conditional_probability(table(values), wind(speeds, directions), "pm25")
    rows = found.table.set_index("sector")
    assert rows.loc[0, ["hours", "high", "share"]].tolist() == [60, 60, 1.0]
    assert rows.loc[[4, 8, 12], "share"].tolist() == [0.0, 0.0, 0.0]
    assert rows.loc[[1, 15], "share"].isna().all() and rows["hours"].sum() == found.hours == 240
    assert rows.loc[0, "lower95"] > 0.9 and found.overall == 0.25


@examples(max_examples=25, deadline=None)
@given(st.floats(0, 360, exclude_max=True))
def test_turning_the_world_turns_the_answer(turn: float) -> None:
    """The same hours with everything turned by whole sectors give the same shares, turned: north is no edge."""
    rng = np.random.default_rng(1)
    directions, values = rng.uniform(0, 360, 800), rng.gamma(4, 8, 800)
    steps = int(turn // 22.5)
    plain = polar.conditional_probability(table(values), wind([2.0] * 800, directions), "pm25").table
    turned = (directions + 22.5 * steps) % 360
    found = polar.conditional_probability(table(values), wind([2.0] * 800, turned), "pm25").table
    assert np.roll(plain["hours"], steps).tolist() == found["hours"].tolist()
    assert np.roll(plain["share"], steps) == pytest.approx(found["share"].to_numpy(), nan_ok=True)


def test_the_polar_plot_tells_a_near_source_from_a_stack() -> None:
    """From the north high in light wind, from the south high in fresh wind; no seam at 0 degrees."""
    rng = np.random.default_rng(2)
    direction, speed = rng.uniform(0, 360, 6000), rng.uniform(0.5, 6.0, 6000)
    north = np.minimum(direction, 360 - direction) < 30
    south = np.abs(direction - 180) < 30
    values = 20 + 40 * (north & (speed < 2)) + 40 * (south & (speed > 4))
    found = polar.bivariate(table(values), wind(speed, direction), "pm25").set_index(["direction", "speed"])["mean"]
    assert found[0.0, 1.25] > 40 > 25 > found[0.0, 4.75]
    assert found[180.0, 4.75] > 45 > 30 > found[180.0, 1.25]
    assert found[350.0, 1.25] == pytest.approx(found[10.0, 1.25], rel=0.1)


def test_too_few_hours_say_nothing() -> None:
    """Below five hours a sector has no share and the plane no cell."""
    few = polar.conditional_probability(table([9.0] * 4), wind([2.0] * 4, [0.0] * 4), "pm25")
    assert few.table["share"].isna().all() and few.hours == 4
    assert polar.bivariate(table([9.0] * 4), wind([2.0] * 4, [0.0] * 4), "pm25").empty
    none = polar.conditional_probability(table([]), wind([], []), "pm25")
    assert none.hours == 0 and np.isnan(none.threshold)
