"""Units that stand together and disagree.

1. Stations within some tens of metres of one another are one group.
2. In each pair, one series is regressed on the other. An hour is an outlier where Cook's distance is above 4/N and
   the difference is more than two standard deviations above the usual one, in µg/m³ and in per cent.
3. Small differences are none: below the limits that the US EPA sets for units of one kind side by side.
4. In a group of three or more the unit is named that most of the others contradict; of two, both, but never a
   reference instrument.

*Scope cut*: a constant ratio between two units is no outlier; that is what calibration is for.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geo.neighbours import distances

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def disagree(values: Array, lat: Array, lon: Array, trusted: Mask, limits: Mapping[str, float]) -> Mask:
    """Return where a unit's reading is an outlier against those that stand with it.

    Parameters
    ----------
    values : array (hours, stations)
        µg/m³, NaN where missing or doubtful.
    lat, lon : array (stations,)
        Degrees.
    trusted : array of bool (stations,)
        Reference instruments: never named.
    limits : mapping
        ``colocation`` of ``data/quality.toml``: metres, hours, cook, deviations, apart, apart_share.
    """
    result = np.zeros(values.shape, dtype=bool)
    together = distances(lat, lon) * 1000.0 <= limits["metres"]
    for station in np.flatnonzero(together.any(axis=1) & ~trusted):
        partners = np.flatnonzero(together[station])
        against, present = np.zeros(len(values)), np.zeros(len(values))
        for partner in partners:
            out, both = _outliers(values[:, station], values[:, partner], limits)
            against += out
            present += both
        result[:, station] = (against > 0) & (2 * against > present)
    return result


def _outliers(own: Array, other: Array, limits: Mapping[str, float]) -> tuple[Mask, Mask]:
    """Return in which hours `own` is an outlier against `other`, and in which both report."""
    both = np.isfinite(own) & np.isfinite(other)
    out = np.zeros(len(own), dtype=bool)
    n = int(both.sum())
    if n < limits["hours"]:
        return out, both
    x, y = other[both], own[both]
    spread = x - x.mean()
    square = float(spread @ spread)
    if square <= 0:
        return out, both
    slope = float(spread @ (y - y.mean())) / square
    residual = y - y.mean() - slope * spread
    leverage = 1 / n + spread**2 / square
    variance = max(float(residual @ residual) / (n - 2), 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        cook = residual**2 / (2 * variance) * leverage / (1 - leverage) ** 2  # Cook (1977), Technometrics 19:15
        apart, middle = np.abs(y - x), (np.abs(x) + np.abs(y)) / 2
        share = np.where(middle > 0, apart / middle, 0.0)
    unusual = (apart > _far(apart, limits["deviations"])) & (share > _far(share, limits["deviations"]))
    large = (apart > limits["apart"]) & (share > limits["apart_share"])
    out[both] = (cook > limits["cook"] / n) & unusual & large
    return out, both


def _far(differences: Array, deviations: float) -> float:
    return float(np.median(differences) + deviations * np.std(differences))
