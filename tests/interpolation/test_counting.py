"""The count of steps over a threshold against enumeration, drawing and the binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from interpolation import counting


def drawn(chance: np.ndarray, needed: int, repeat: float, draws: int = 100_000) -> float:
    """Return P(N >= needed) by drawing a common and an own part of every step's error."""
    rng = np.random.default_rng(1)
    common = rng.standard_normal((draws, 1))
    own = rng.standard_normal((draws, len(chance)))
    latent = norm.ppf(chance) + np.sqrt(repeat) * common + np.sqrt(1 - repeat) * own
    return float(((latent > 0).sum(axis=1) >= needed).mean())


@pytest.mark.parametrize("needed", [0, 1, 4, 20, 37, 60, 61])
def test_equal_independent_steps_are_binomial(needed: int) -> None:
    """Sixty steps of probability 0.3: the binomial's tail, to rounding."""
    found = counting.at_least(np.full((60, 1), 0.3), needed, 0.0)
    assert found[0] == pytest.approx(binom.sf(needed - 1, 60, 0.3), abs=1e-9)


@pytest.mark.parametrize("repeat", [0.2, 0.7, 0.9])
@pytest.mark.parametrize("needed", [3, 12, 40])
def test_steps_that_hang_together_count_as_drawn(repeat: float, needed: int) -> None:
    """A common part widens the count; quadrature and drawing agree within the drawing's noise."""
    chance = np.random.default_rng(2).uniform(0, 0.5, 60)
    found = counting.at_least(chance[:, None], needed, repeat)[0]
    assert found == pytest.approx(drawn(chance, needed, repeat), abs=0.008)


def test_a_year_is_approximated_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the recursion would be long, the refined normal approximation is as good."""
    chance = np.random.default_rng(3).beta(0.5, 1.5, (365, 200))
    quick = counting.at_least(chance, 90, 0.6)
    monkeypatch.setattr(counting, "EXACT", 400)
    assert np.abs(quick - counting.at_least(chance, 90, 0.6)).max() < 0.002


def test_gaps_count_as_not_over_and_a_fraction_asks_for_the_next_whole_day() -> None:
    """NaN is no exceedance; 1.5 days are 2; full certainty and none stay what they are."""
    chance = np.array([[1.0, 0.0], [np.nan, 0.0], [1.0, 0.0]])
    assert counting.at_least(chance, 1.5, 0.5) == pytest.approx([1.0, 0.0], abs=1e-6)
    assert counting.at_least(chance, 3, 0.5) == pytest.approx([0.0, 0.0], abs=1e-6)
