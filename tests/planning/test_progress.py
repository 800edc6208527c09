"""Before and after a project in a lake: nothing found where nothing was done, a built-in decrease found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError
from planning import __main__ as command
from planning import progress

pytestmark = pytest.mark.slow

PERIOD = (date(2026, 1, 1), date(2026, 3, 1))
START = date(2026, 1, 31)
TOWN = progress.Project("Ban Pong", 99.873, 13.817, START)


@pytest.fixture(scope="module")
def untouched(lake: Lake) -> progress.Progress:
    return progress.of_project(lake, TOWN, *PERIOD)


def test_no_measure_no_effect(untouched: progress.Progress) -> None:
    """The demo has no measure; haze came and went, which is not taken for one."""
    assert untouched.effect.verdict == "unclear"
    assert untouched.effect.lower <= 0 <= untouched.effect.upper
    assert abs(untouched.effect.raw_change) > abs(untouched.effect.change)
    assert untouched.simulated
    assert set(untouched.affected).isdisjoint(untouched.controls)
    assert not any("No weather" in n.text for n in untouched.effect.notes)


@pytest.mark.parametrize("share", [-0.1, -0.3])
def test_a_decrease_put_into_the_readings_is_found(lake: Lake, untouched: progress.Progress, share: float) -> None:
    """The affected stations read less from the start on; the verdict says so and the interval holds it."""
    before = lake.snapshot()
    start = pd.Timestamp(START, tz="Asia/Bangkok")
    rows = lake.observations(["pm25"], station_ids=list(untouched.affected), snapshot=untouched.snapshot)
    rows.loc[rows["time"] >= start, "value"] *= 1 + share
    lake.upsert(
        {"observations": rows.drop(columns="import_id")},
        record=ImportRecord("observations", f"measure {share}", simulated=True),
    )
    found = progress.of_project(lake, TOWN, *PERIOD)
    assert found.snapshot > before
    assert found.effect.verdict == "less"
    assert found.effect.change == pytest.approx((1 + share) * (1 + untouched.effect.change) - 1, abs=0.01)
    assert found.effect.lower <= share <= found.effect.upper
    english, thai = ([n.say(lang) for n in progress.sentences(found)] for lang in ("en", "th"))
    assert english[0].startswith("It helped")
    assert english[-1].startswith("Simulated")
    assert not set(english) & set(thai)


def test_without_a_sensor_nearby_it_says_so(lake: Lake) -> None:
    away = progress.Project("far", 99.0, 12.0, START)
    with pytest.raises(UserError, match="No station stands within"):
        progress.of_project(lake, away, *PERIOD)


@pytest.mark.parametrize("wrong", [{"lat": 99.9}, {"radius_km": 0.0}, {"radius_km": 30.0}])
def test_wrong_projects_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        progress.Project(**{"name": "x", "lon": 99.8, "lat": 13.8, "start": START, **wrong})


def test_command_writes_the_days(
    demo_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAKE_CATALOG", str(demo_place / "catalog.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(demo_place / "files"))
    base = ["effect", "--pollutant", "pm25", "--start", "2569-01-31", "--from", "2026-01-01", "--to", "2026-03-01"]
    assert command.main([*base, "--place", "99.873,13.817", "--out", str(tmp_path / "effect.csv")]) == 0
    days = pd.read_csv(tmp_path / "effect.csv")
    assert {"date", "observed", "expected", "simulated"} <= set(days.columns)
    assert len(days) == 60
    assert command.main([*base, "--place", "here", "--out", str(tmp_path / "x.csv")]) == 2
    assert "99.87,13.82" in capsys.readouterr().err
