"""Health burden of long-term PM2.5, as the WHO's AirQ+ reckons it; and the mean that people breathe.

PAF = 1 − exp(−β · max(0, C − C₀)), β = ln(RR) / 10, with RR = 1.08 (1.06 to 1.09) a 10 µg/m³ for deaths of natural
causes from the age of 30 (Chen & Hoek 2020, the basis of the WHO guidelines of 2021) and C₀ = 5 µg/m³, their annual
guideline level. Both are made for annual means and large populations: in a small town the count is small and its
bounds are wide, and a short campaign is no annual mean. `warnings` says which of these holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from language import Note, note

RELATIVE_RISK = (1.08, 1.06, 1.09)
"""Per 10 µg/m³: estimate, lower and upper 95 % bound (Chen & Hoek 2020)."""

COUNTERFACTUAL = 5.0
"""µg/m³; below it no burden is reckoned (WHO air quality guideline 2021, annual mean)."""

SMALL = 100_000
"""People below whom counts of deaths say little."""

YEAR = 300
"""Days below which a period is not taken for a year."""

DRAWS = 4000
SEED = 2569


@dataclass(frozen=True)
class Range:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def attributable_share(mean: float, lower95: float, upper95: float) -> Range:
    """Return the share of natural-cause deaths (30 years and over) put down to PM2.5 above `COUNTERFACTUAL`.

    Parameters
    ----------
    mean, lower95, upper95 : float
        Annual mean PM2.5 and its 95 % interval, µg/m³. The interval of the result holds this and the relative
        risk's, drawn together.

    Examples
    --------
    >>> round(attributable_share(15.0, 15.0, 15.0).value, 4)  # 1 - 1 / 1.08
    0.0741
    """
    rng = np.random.default_rng(SEED)
    z = rng.standard_normal((2, DRAWS))
    central, low, high = np.log(RELATIVE_RISK)
    # The published interval is not symmetric: each side has its own spread.
    beta = central + z[0] * np.where(z[0] < 0, central - low, high - central) / 1.96
    level = mean + z[1] * (upper95 - lower95) / (2 * 1.96)
    drawn = _share(beta, level)
    return Range(float(_share(central, mean)), *(float(q) for q in np.quantile(drawn, [0.025, 0.975])))


def _share(log_risk: ArrayLike, level: ArrayLike) -> np.ndarray:
    above = np.maximum(np.asarray(level, float) - COUNTERFACTUAL, 0.0)
    return np.asarray(1.0 - np.exp(-np.asarray(log_risk, float) / 10.0 * above))


def weighted_mean(people: ArrayLike, mean: ArrayLike, lower95: ArrayLike, upper95: ArrayLike) -> Range | None:
    """Return the mean weighted by people, over the areas where both are known; None where there is none.

    The bounds are the weighted means of the areas' bounds, as if all erred the same way: on the safe side.
    """
    table = np.column_stack([np.asarray(c, float) for c in (people, mean, lower95, upper95)])
    table = table[np.isfinite(table).all(axis=1) & (table[:, 0] > 0)]
    if not len(table):
        return None
    value, low, high = table[:, 0] @ table[:, 1:] / table[:, 0].sum()
    return Range(float(value), float(low), float(high))


def warnings(people: float, days: int) -> list[Note]:
    """Return what must be said beside a burden."""
    found = []
    if days < YEAR:
        found.append(
            note(
                "These {days} days are no annual mean; the share holds only if the whole year were like them.",
                level="warning",
                days=days,
            )
        )
    if not people >= SMALL:
        found.append(
            note(
                "The place is small: use the share to compare, not to count deaths.",
                level="warning",
            )
        )
    return found
