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

TRAFFIC_HOURS = {6: 1.0, 7: 1.0, 8: 1.0, 16: 1.0, 17: 1.0, 18: 1.0}
BURNING_HOURS = {15: 0.5, 16: 1.0, 17: 1.0, 18: 1.0, 19: 1.0, 20: 1.0, 21: 1.0, 22: 0.5}

LEAST_HOURS = 24
"""Fewer hours with readings say nothing about the clock."""


def clock(hours: Hours, course: dict[int, float]) -> Array:
    """Return the course of a day over the hours, thinned by the wind."""
    strength = np.array([course.get(int(h), 0.0) for h in hours.hour])
    thinned: Array = strength / np.maximum(hours.speed, LEAST_WIND)
    return thinned


def weigh(hours: Hours, days: NDArray[np.datetime64], seen: Array, works: Array) -> tuple[Array, float] | None:
    """Return what traffic and burning give per day (days, 2), and the factor of the factories' evidence.

    None where fewer than `LEAST_HOURS` have a reading.

    Parameters
    ----------
    hours : Hours
        Of exceedance (k).
    days : ndarray
        Their days, sorted.
    seen : ndarray (k,)
        Excess of the stations nearby, µg/m³; NaN without a reading.
    works : ndarray (k,)
        What the factories' plumes add there, in the unit of their evidence.
    """
    added: Array = np.zeros((len(days), len(ALTERNATIVES)))
    there = np.isfinite(seen)
    if there.sum() < LEAST_HOURS:
        return None
    clocks = np.column_stack([clock(hours, TRAFFIC_HOURS), clock(hours, BURNING_HOURS)])
    design = np.column_stack([works, clocks])[there]
    scale = np.where(design.max(axis=0) > 0, design.max(axis=0), 1.0)
    found, _ = nnls(design / scale, seen[there])
    unit, *others = found / scale
    np.add.at(added, np.searchsorted(days, hours.day), clocks * np.array(others))
    return added, float(unit) if unit > 0 else 1e-9
