"""Burden and weighted mean against figures worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from planning import burden


@pytest.mark.parametrize(("level", "share"), [(5.0, 0.0), (3.0, 0.0), (15.0, 1 - 1 / 1.08), (25.0, 1 - 1 / 1.08**2)])
def test_share_is_airqs_formula(level: float, share: float) -> None:
    """Nothing below the guideline level; each 10 µg/m³ above it multiplies the risk by 1.08."""
    assert burden.attributable_share(level, level, level).value == pytest.approx(share)


def test_interval_is_the_risks_own_where_the_level_is_known_and_grows_with_its_doubt() -> None:
    """With an exact level the bounds are those of RR 1.06 and 1.09; an uncertain level widens them."""
    exact = burden.attributable_share(25.0, 25.0, 25.0)
    assert exact.low == pytest.approx(1 - 1.06**-2, abs=0.005)
    assert exact.high == pytest.approx(1 - 1.09**-2, abs=0.005)
    doubtful = burden.attributable_share(25.0, 15.0, 35.0)
    assert doubtful.high - doubtful.low > 1.5 * (exact.high - exact.low)


def test_weighted_mean_leaves_out_what_is_not_known() -> None:
    """Three to one is three to one; an area without people or without a map counts for nothing."""
    found = burden.weighted_mean([300, 100, np.nan, 50], [20, 40, 90, np.nan], [15, 30, 80, 1], [25, 50, 99, 1])
    assert found == burden.Range(25.0, 18.75, 31.25)
    assert burden.weighted_mean([np.nan], [20.0], [15.0], [25.0]) is None


def test_small_places_and_short_periods_are_said() -> None:
    """A year in a city needs no warning; sixty days in a town need both."""
    assert burden.warnings(500_000, 365) == []
    assert [n.level for n in burden.warnings(9_000, 60)] == ["warning", "warning"]
    assert len(burden.warnings(float("nan"), 365)) == 1
