"""Strengths fitted to readings: made-up towns whose factories emit otherwise than the register suggests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planning import likely, plumes, strengths

HOURS = 24 * 30
PLACE = np.array([[0.0, 0.0]])
FACTORIES = np.array([[1500.0, 0.0], [-1500.0, 0.0], [0.0, 1500.0], [0.0, -1500.0]])
SENSORS = np.array([[700.0, 200.0], [-700.0, -200.0], [200.0, 700.0], [-200.0, -700.0], [2500.0, 2500.0],
                    [-2500.0, 2500.0], [2500.0, -2500.0], [0.0, 0.0]])  # fmt: skip


def town(truth: list[float], seed: int = 1) -> tuple[pd.DataFrame, likely.Readings, pd.DataFrame]:
    """Return wind, readings and register: four alike factories that truly emit `truth` times what it suggests."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2026-01-01", periods=HOURS, freq="h", tz="UTC")
    wind = pd.DataFrame({"speed": rng.uniform(1, 3, HOURS), "direction": rng.uniform(0, 360, HOURS)}, index=index)
    register = pd.DataFrame(
        {
            "factory_id": list("ABCD"), "x": FACTORIES[:, 0], "y": FACTORIES[:, 1], "type_potential": 2.0,
            "potential": 6.0, "hp": 500.0, "by_day": False,
        }
    )  # fmt: skip
    hours = plumes.Hours.of(wind)
    added = [
        plumes.each_by_hour(
            hours, plumes.unit_plumes(hours, s[None, :], FACTORIES), 0.3 * np.array(truth), np.zeros(4, bool)
        ).sum(axis=1)
        for s in SENSORS
    ]
    haze = 25 + 15 * np.sin(np.arange(HOURS) / 60)
    values = haze[:, None] + np.column_stack(added) + rng.normal(0, 3, (HOURS, len(SENSORS)))
    values[rng.random(values.shape) < 0.05] = np.nan
    return wind, likely.Readings(pd.DataFrame(values, index=index), SENSORS), register


def test_the_readings_tell_strong_from_filtered() -> None:
    """Four times and a fifth of what the register suggests: both are seen, though haze swings by 30 µg/m³."""
    wind, readings, register = town([4.0, 0.2, 1.0, 1.0])
    factor = strengths.fit(strengths.Basis(wind, readings, register), PLACE, register, np.ones(4))
    assert factor[0] > 1.25 > factor[2:].max() and factor[1] < 0.7 < factor[2:].min()
    hours = plumes.Hours.of(wind)
    basis = strengths.Basis(wind, readings, register)
    listed = likely.likely_sources("H1", hours, PLACE, register, readings, basis=basis)
    named = listed[listed["kind"] == "factory"]
    assert named["source_id"].iloc[0] == "A" and named["source_id"].iloc[-1] == "B"
    assert named["factor"].iloc[0] == pytest.approx(factor[0])


def test_what_the_register_says_right_is_hardly_changed() -> None:
    """All as registered: no factory moves by half."""
    wind, readings, register = town([1.0] * 4, seed=2)
    factor = strengths.fit(strengths.Basis(wind, readings, register), PLACE, register, np.ones(4))
    assert factor == pytest.approx(1.0, abs=0.35)


def test_too_little_to_go_by_changes_nothing() -> None:
    """Few hours, few stations, no factory."""
    wind, readings, register = town([4.0, 0.2, 1.0, 1.0])
    few = likely.Readings(readings.table.head(100), readings.places)
    assert strengths.fit(strengths.Basis(wind, few, register), PLACE, register, np.ones(4)).tolist() == [1.0] * 4
    alone = likely.Readings(readings.table.iloc[:, :3], readings.places[:3])
    assert strengths.fit(strengths.Basis(wind, alone, register), PLACE, register, np.ones(4)).tolist() == [1.0] * 4
    none = register.head(0)
    assert not len(strengths.fit(strengths.Basis(wind, readings, none), PLACE, none, np.ones(0)))
