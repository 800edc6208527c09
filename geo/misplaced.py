"""Stations whose readings belong to another place than the stated one.

1. *Twins*: two stations far apart give the same readings hour after hour; one of the two positions is wrong (the
   same instrument is often published by two networks). It is the one whose readings do not follow the stations
   around its stated place while the other's do; where that can't be told, both are named.
2. *Elsewhere*: what is left of a station's readings after the hour's level of all stations is taken out follows the
   stations around another place closely, and those around its own place not at all.

Both need at least a week of common hours. *Scope cut*: with fewer than six stations in reach nothing can be told,
and a station that has no others around its stated place is only seen as a twin.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geo.neighbours import distances, neighbour_median

Array = NDArray[np.float64]

_FLOOR = 5.0  # µg/m³, added before logarithms: in clean air a ratio of two small numbers says nothing
_FEWEST = 6
_ALIKE = 0.98  # correlation below which two series cannot be the same readings
_FOLLOWS = 0.7  # correlation with the stations around that speaks for a twin's own position
_EQUAL = 0.51  # µg/m³: services round the same reading differently
_VARIED = 20  # different values that a series needs, so that equal ones are no chance


def misplaced(values: Array, lat: Array, lon: Array, limits: Mapping[str, float]) -> NDArray[np.bool_]:
    """Return which stations' readings belong to another place.

    Parameters
    ----------
    values : array (hours, stations)
        µg/m³, NaN where missing or doubtful.
    lat, lon : array (stations,)
        Stated places, degrees; NaN where unknown.
    limits : mapping
        ``position`` of ``data/quality.toml``: hours, twin_km, twin_share, radius_km, least, here, there.
    """
    found = np.zeros(values.shape[1], dtype=bool)
    placed = np.isfinite(lat) & np.isfinite(lon)
    if values.shape[1] < 2 or not (np.isfinite(values).sum(axis=0) >= limits["hours"]).any():
        return found
    away = distances(lat, lon)
    log = np.log(np.maximum(values, 0) + _FLOOR)
    found |= _twins(values, log, away, limits)
    if placed.sum() >= _FEWEST:
        found |= _elsewhere(log, away, limits, ~found)
    return found & placed


def correlations(a: Array, b: Array, hours: float) -> Array:
    """Return the correlation of each column of `a` with each of `b`, NaN below that many common hours."""
    there_a, there_b = np.isfinite(a).astype(float), np.isfinite(b).astype(float)
    x, y = np.nan_to_num(a), np.nan_to_num(b)
    n = there_a.T @ there_b
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = (x.T @ there_b) / n, (there_a.T @ y) / n
        cov = (x.T @ y) / n - mean_x * mean_y
        var_x = (x**2).T @ there_b / n - mean_x**2
        var_y = there_a.T @ y**2 / n - mean_y**2
        r: Array = cov / np.sqrt(np.where((var_x > 1e-9) & (var_y > 1e-9), var_x * var_y, np.nan))
    return np.where(n >= hours, r, np.nan)


def _twins(values: Array, log: Array, away: Array, limits: Mapping[str, float]) -> NDArray[np.bool_]:
    found = np.zeros(values.shape[1], dtype=bool)
    r = correlations(log, log, limits["hours"])
    near = away <= limits["radius_km"]
    for i, j in np.argwhere(np.triu((r > _ALIKE) & np.isfinite(away) & (away > limits["twin_km"]))):
        both = np.isfinite(values[:, i]) & np.isfinite(values[:, j])
        equal = np.abs(values[both, i] - values[both, j]) <= _EQUAL
        if equal.mean() < limits["twin_share"] or len(np.unique(np.round(values[both, i]))) < _VARIED:
            continue
        fit = [_best(r[k], near[k], other) for k, other in ((i, j), (j, i))]
        right = [k for k in (0, 1) if fit[k] >= _FOLLOWS and not fit[1 - k] >= fit[k] - 0.1]
        for k in (0, 1):
            found[(i, j)[k]] |= k not in right
    return found


def _best(r: Array, near: NDArray[np.bool_], twin: int) -> float:
    """Return the closest correlation with a station around, NaN where there is none."""
    around = near & np.isfinite(r)
    around[twin] = False
    return float(r[around].max()) if around.any() else float("nan")


def _elsewhere(log: Array, away: Array, limits: Mapping[str, float], others: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Compare what a station has of its own with the stations around its place and around every other place."""
    level = _level(log)
    own = log - level[:, None]
    radius, least = limits["radius_km"], int(limits["least"])
    lists = [np.flatnonzero((away[place] <= radius) & others) for place in range(own.shape[1])]
    groups = neighbour_median(own, lists, least)
    pairs = ((own[:, [i]], groups[:, [i]]) for i in range(own.shape[1]))
    here = np.array([correlations(one, group, limits["hours"])[0, 0] for one, group in pairs])
    suspects = here <= limits["here"]
    if not suspects.any():
        return suspects
    with_place = [np.append(near, place) for place, near in enumerate(lists)]
    wholes = neighbour_median(own, with_place, least)
    there = correlations(own, wholes, limits["hours"])
    # The group of a place within the radius would hold the station itself.
    there = np.where(away > radius, np.nan_to_num(there, nan=-1.0), -1.0)
    np.fill_diagonal(there, -1.0)
    return np.asarray(suspects & (there.max(axis=1) >= limits["there"]))


def _level(log: Array) -> Array:
    """Return the median of all stations in each hour; NaN where fewer than `_FEWEST` report."""
    enough = np.isfinite(log).sum(axis=1) >= _FEWEST
    level = np.full(len(log), np.nan)
    if enough.any():
        level[enough] = np.nanmedian(log[enough], axis=1)
    return level
