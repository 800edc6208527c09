"""Intervals of hotspots from simulated maps: hand-made draws with a known answer, and a simulated network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interpolation import Grid, Kriging, Variogram
from planning import hotspot_draws, zone_people
from planning.hotspot_draws import Draws
from planning.settings import settings
from planning.surfaces import DayRule

RULE = DayRule(threshold=37.5, needed=6, certain=0.8, repeat=0.8)


def row_of_places(days: list[list[float]]) -> Draws:
    """Return draws over ten places in two rows of five, 1 km apart; the hotspot is the left two columns."""
    x, y = np.meshgrid(np.arange(5) * 1000.0, [0.0, 1000.0])
    counts = np.array([row * 2 for row in days], np.float32)
    inside = np.tile([True, True, False, False, False], 2)
    return Draws(
        places=np.column_stack([x.ravel(), y.ravel()]),
        area_km2=np.ones(10),
        people=np.full(10, 100.0),
        mapped=np.full(10, 100.0),
        days=counts,
        owner=np.zeros(10, int),
        inside=inside,
        steps=60,
        place_of=np.arange(10).reshape(2, 5),
    )


def test_area_counts_what_hangs_together_with_the_hotspot() -> None:
    """Draws with 2 columns, 3 columns, and 2 columns with another far piece: 4, 6 and 4 km²."""
    draws = row_of_places([[9, 9, 0, 0, 0]] * 10 + [[9, 9, 9, 0, 0]] * 10 + [[9, 9, 0, 0, 9]] * 10)
    found = hotspot_draws.intervals(draws, 1, RULE, settings()).iloc[0]
    assert (found["area_km2_low"], found["area_km2_high"]) == (4, 6)
    assert (found["people_low"], found["people_high"]) == (400, 600)
    assert found["vanishes"] == 0 and found["confidence"] == "robust"
    assert (found["rank_low"], found["rank_high"]) == (1, 1)


@pytest.mark.parametrize(("gone", "word"), [(0, "robust"), (3, "likely"), (9, "weak")])
def test_a_hotspot_that_vanishes_is_weak(gone: int, word: str) -> None:
    """Gone from none, 10 % and 30 % of the draws: robust, likely, weak."""
    draws = row_of_places([[0, 0, 0, 0, 9]] * gone + [[9, 9, 0, 0, 0]] * (30 - gone))
    found = hotspot_draws.intervals(draws, 1, RULE, settings()).iloc[0]
    assert found["vanishes"] == pytest.approx(gone / 30) and found["confidence"] == word


def test_two_hotspots_change_ranks_as_their_days_do() -> None:
    """One is first in half of the draws: both ranks go from 1 to 2; area between them goes to the nearer."""
    first, second = [9, 9, 9, 20, 20], [20, 20, 9, 9, 9]
    draws = row_of_places([first] * 15 + [second] * 15)
    owner = np.tile([0, 0, 0, 1, 1], 2)
    draws = replace(draws, owner=owner, inside=np.tile([True, True, False, True, True], 2))
    found = hotspot_draws.intervals(draws, 2, RULE, settings())
    assert found["rank_low"].tolist() == [1, 1] and found["rank_high"].tolist() == [2, 2]
    assert found["area_km2_high"].tolist() == [6, 4]


def test_people_that_are_not_known_stay_unknown() -> None:
    """One place without a number of people makes the people of its hotspot unknown, not few."""
    draws = row_of_places([[9, 9, 0, 0, 0]] * 5)
    people = draws.people.copy()
    people[0] = np.nan
    found = hotspot_draws.intervals(replace(draws, people=people), 1, RULE, settings()).iloc[0]
    assert np.isnan(found["people_low"]) and found["area_km2_low"] == 4
    assert np.isnan(replace(draws, mapped=people).exposed()[0])


def test_people_on_an_average_day() -> None:
    """1,000 people, six of sixty days in half of the draws, twelve in the others: 100 to 200, 150 on average."""
    draws = row_of_places([[6] * 5] * 20 + [[12] * 5] * 20)
    assert draws.exposed() == pytest.approx((150, 100, 200))


def test_people_of_a_zone_follow_the_maps_of_the_town() -> None:
    """A zone of the left two columns with 1,000 people, three in four of them in the first; one cell unsupported."""
    draws = row_of_places([[6, 0, 60, 60, 60]] * 20 + [[12, 0, 60, 60, 60]] * 20)
    draws = replace(draws, place_of=np.array([[0, 1, 2, 3, 4], [5, -1, 7, 8, 9]]))
    left = np.tile([True, True, False, False, False], (2, 1))
    lived = np.tile([3.0, 1.0, np.nan, np.nan, np.nan], (2, 1))
    found = zone_people.over_standard(
        {"A": left, "B": left, "C": ~left}, np.array([1000.0, np.nan, 60.0]), lived, draws, needed=10
    )
    assert found.loc["A"].tolist() == pytest.approx([112.5, 75, 150, 375, 0, 750])
    assert found.loc["B"].isna().all()
    assert found.loc["C"].tolist() == [60.0] * 6, "shared out evenly where nobody knows who lives in which cell"
    assert zone_people.over_standard({"A": left}, np.array([9.0]), lived, None, 10).isna().all(axis=None)


def test_a_network_is_drawn_and_covers_its_own_map() -> None:
    """A hill between stations: the hotspot of the map lies inside the interval of the draws, and again the same."""
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 6000, (30, 2))
    hill = 30 + 16 * np.exp(-(((places - 3000) / 1500) ** 2).sum(axis=1))
    values = hill + rng.normal(0, 3, (20, 1)) + rng.normal(0, 1, (20, 30))
    kriging = Kriging(Variogram("exponential", 1.0, 25.0, 1500.0), transform="none").fit(
        places, values, error_sd=np.full(30, 1.0)
    )
    grid = Grid.covering((0, 0, 6000, 6000), 250.0, "EPSG:32647")
    x, y = np.meshgrid(grid.x, grid.y)
    group = np.hypot(x - 3000, y - 3000) < 1200
    people = np.full(grid.shape, 10.0)
    rule = replace(RULE, needed=10)
    chosen = replace(settings(), hotspots_draws=60)
    cells = np.ones(grid.shape, bool)
    drawn = hotspot_draws.draw(kriging, grid, cells, [group], people, rule, chosen)
    assert drawn is not None
    assert drawn.area_km2.sum() == pytest.approx(36.0) and drawn.people.sum() == pytest.approx(5760)
    found = hotspot_draws.intervals(drawn, 1, rule, chosen).iloc[0]
    assert found["area_km2_low"] < group.sum() * 0.0625 < found["area_km2_high"]
    again = hotspot_draws.draw(kriging, grid, cells, [group], people, rule, chosen)
    assert again is not None and np.array_equal(again.days, drawn.days)
