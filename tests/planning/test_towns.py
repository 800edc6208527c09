"""The simulated towns of the benchmarks: what is in their lake, and that their truth is the readings' own."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import decisions, towns

pytestmark = pytest.mark.slow


def test_a_town_has_readings_of_its_own_truth() -> None:
    with towns.town(3, days=6, stations=12, references=3, factories=15) as made:
        found = made.screen()
        stations = found.stations.to_crs(found.grid.crs)
        assert set(stations["kind"]) == {"lowcost", "reference"}
        assert found.simulated
        truth = made.simulation.daily_truth("pm25", stations.geometry.x, stations.geometry.y)
        off = found.daily.to_numpy() / truth - 1
        assert abs(np.nanmean(off)) < 0.1
        assert len(made.lake.factories()) == 15
        assert set(made.factories["factory_id"]) <= set(made.simulation.scenario.sources["source_id"])
        assert int(found.units["people"].sum()) > 1000
        days = (made.daily(found.grid) > 30.0).sum(axis=0)
        assert np.array_equal(made.over(found.grid, 0.5, 30.0), days >= 3)


@pytest.mark.long
def test_gain_moves_only_the_lowcost_sensors() -> None:
    options = {"days": 3, "stations": 8, "references": 3, "factories": 5}
    with towns.town(4, **options) as plain, towns.town(4, gain=(1.2, 0.0), **options) as high:
        ratio = (high.screen(cell_m=500.0).daily / plain.screen(cell_m=500.0).daily).mean()
    assert np.allclose(ratio[["S01", "S02", "S03"]], 1.0)
    assert np.allclose(ratio[["S04", "S05", "S06", "S07", "S08"]], 1.2)


def test_variations_differ_and_repeat() -> None:
    first, again, other = towns.variation(5), towns.variation(5), towns.variation(6)
    assert first.region == again.region
    assert first.region != other.region
    assert (first.stations["kind"] == "lowcost").sum() == 25


def test_decisions_are_judged_by_cells_called_and_truly_over() -> None:
    """Two towns by hand: 90 of 100 cells called are right, of 120 truly over; people held in one of two."""
    outcomes = [
        decisions.Outcome(60, 70, 50, 80, 60, (100.0, 110.0, 90.0, 130.0)),
        decisions.Outcome(40, 50, 40, 40, 20, (200.0, 110.0, 90.0, 130.0)),
    ]
    figures = {f.what: f for f in decisions._hotspots("case", outcomes, bound=True)}
    assert figures["hotspot precision"].value == pytest.approx(0.9) and figures["hotspot precision"].met is True
    assert figures["hotspot recall"].value == pytest.approx(0.75) and figures["hotspot recall"].met is False
    better = figures["F1 over that of the PyKrige map"]
    assert better.value == pytest.approx((2 * 0.9 * 0.75 / 1.65) / (2 / 3)) and better.met is True
    lost = decisions.Outcome(60, 70, 50, 80, 0, None)
    alone = {f.what: f for f in decisions._hotspots("case", [lost])}["F1 over that of the PyKrige map"]
    assert alone.value is None and "0.000" in alone.remark, "a ratio to nothing is no figure"
    people = list(decisions._people("case", outcomes, bound=True))
    assert people[0].value == 0.5 and people[0].met is False and people[1].met is True


@pytest.mark.long
def test_a_town_is_judged_beside_the_peer() -> None:
    """A short town: what is called lies in the area, the peer's map as well, and the people have an interval."""
    with towns.town(3, days=6, stations=12, references=3, factories=15) as place:
        found = decisions.measured(place)
    assert found.over > 0 and 0 <= found.both <= min(found.called, found.over)
    assert 0 <= found.peer_both <= found.peer_called
    assert found.people is not None and found.people[2] <= found.people[1] <= found.people[3]
