"""Traffic and open burning, the likely sources that no register holds, by the clock.

The readings' excess over the network's low quantile in the same hour is fitted (non-negative least squares) by the
factories' evidence, by the hours of traffic and by the hours of burning, each thinned by the wind as dust is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from planning.plumes import LEAST_WIND, Array, Hours

ALTERNATIVES = ("traffic", "burning")
"""Sources without a place: traffic and the town's small sources; open burning."""

TRAFFIC_HOURS = {
    5: 0.2, 6: 0.9, 7: 1.0, 8: 0.9, 9: 0.3, 10: 0.2, 11: 0.2, 12: 0.2, 13: 0.2, 14: 0.2, 15: 0.3,
    16: 0.9, 17: 1.0, 18: 0.9, 19: 0.6, 20: 0.4, 21: 0.2,
}  # fmt: skip
"""Course of streets and kitchens above their nightly rest: two peaks, little between, an evening that runs out slowly
(with one that stops at seven, what they add after it is taken for burning). An assumption, chosen on simulated towns
(seeds 6001 to 6100) that the benchmark doesn't use."""

BURNING_HOURS = {15: 0.5, 16: 1.0, 17: 1.0, 18: 1.0, 19: 1.0, 20: 1.0, 21: 1.0, 22: 0.5}

LEAST_HOURS = 24
"""Fewer hours with readings say nothing about the clock."""


def clock(hours: Hours, course: dict[int, float]) -> Array:
    """Return the course of a day over the hours, thinned by the wind."""
    strength = np.array([course.get(int(h), 0.0) for h in hours.hour])
    thinned: Array = strength / np.maximum(hours.speed, LEAST_WIND)
    return thinned


def clocks(hours: Hours) -> Array:
    """Return the courses of `ALTERNATIVES` over the hours, side by side: (hours, 2)."""
    return np.column_stack([clock(hours, TRAFFIC_HOURS), clock(hours, BURNING_HOURS)])


def weigh(hours: Hours, seen: Array, works: Array) -> tuple[Array, float] | None:
    """Return the strengths of traffic and burning (2,), and the factor of the factories' evidence.

    None where fewer than `LEAST_HOURS` have a reading.

    Parameters
    ----------
    hours : Hours
        All hours with wind, not only those of exceedance: the more hours, the better the clocks are told apart.
    seen : ndarray (k,)
        Excess of the stations nearby, µg/m³; NaN without a reading.
    works : ndarray (k,)
        What the factories' plumes add there, in the unit of their evidence.
    """
    there = np.isfinite(seen)
    if there.sum() < LEAST_HOURS:
        return None
    design = np.column_stack([works, clocks(hours)])[there]
    scale = np.where(design.max(axis=0) > 0, design.max(axis=0), 1.0)
    found, _ = nnls(design / scale, seen[there])
    unit, *others = found / scale
    return np.array(others), float(unit) if unit > 0 else 1e-9


def by_day(hours: Hours, days: NDArray[np.datetime64], strengths: Array) -> Array:
    """Return what `ALTERNATIVES` of some strengths (`weigh`) add on each of the days (sorted): (days, 2)."""
    added: Array = np.zeros((len(days), len(ALTERNATIVES)))
    np.add.at(added, np.searchsorted(days, hours.day), clocks(hours) * strengths)
    return added
