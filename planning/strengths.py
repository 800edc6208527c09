"""What the readings say about factories' strengths, where the register knows neither filters nor fuel.

Question it answers: does a factory add more or less dust than its type and motors suggest?

1. Over all windy hours of the period, the readings of the stations within `REACH` of the place are explained by the
   plumes of the `LEADING` factories (what type and motors suggest, times an unknown factor each), of all others
   together (one factor), and by what each station has of its own: an offset, a course of traffic, one of burning,
   and a share of the haze it reads too much or too little.
2. The mean of each hour over the stations is taken away from both sides, so that haze and background cancel.
3. Factors have a prior of 1 ± `PRIOR`, cannot be negative, and are found by least squares (non-negative, with the
   prior as further rows; Lawson and Hanson 1974). Hours follow each other, so the residual variance counts
   `INFLATION` times.
4. The square root of each factor is used: half-way, on a scale of ratios, between register and readings. Plumes this
   simple err by themselves, and a full factor would take their errors for filters.

The four constants were chosen on simulated towns (seeds 101 to 124) that the benchmark doesn't use.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from planning import likely

Array = likely.Array
Indices = NDArray[np.int64]

REACH = 6_000.0
"""Metres around the place in which stations count; at least `FEWEST` of them."""

FEWEST = 5
LEADING = 30
PRIOR = 1.0
INFLATION = 30.0
OWN = (5.0, 3.0, 3.0, 0.2)
"""Prior standard deviations of what a station has of its own: offset, traffic, burning (µg/m³), share of haze."""

OTHERS = 0.3
"""Prior standard deviation of the common factor of all other factories."""

LEAST_HOURS = 24 * 14
"""Fewer windy hours say nothing about a factory."""

WEAKEST = 0.05


def fit(windy: pd.DataFrame, readings: likely.Readings, points: Array, near: pd.DataFrame, expected: Array) -> Array:
    """Return by what the strength of each factory is multiplied, (k,); 1 where the readings say nothing.

    Parameters
    ----------
    windy : DataFrame
        Wind of all hours that are not calm (`planning.sources.hourly_wind`).
    readings : Readings
    points : ndarray (m, 2)
        Places in the hotspot or zone, metres.
    near : DataFrame (k rows)
        Factories within reach, with ``x``, ``y``, ``by_day`` and what `likely.emission_weight` needs.
    expected : ndarray (k,)
        Their evidence without the readings; decides who leads.
    """
    factors = np.ones(len(near))
    table = readings.table.reindex(readings.table.index.intersection(windy.index))
    stations = _stations(readings, points)
    if len(table) < LEAST_HOURS or len(stations) < FEWEST or not len(near):
        return factors
    hours = likely.Hours.of(windy.loc[table.index])
    values = table.to_numpy(float)[:, stations]
    leading = np.argsort(-expected, kind="stable")[:LEADING]
    plumes = _plumes(hours, readings.places[stations], near, leading)
    known = np.isfinite(values)
    own = _own(hours, np.where(known, values, 0.0), known)
    seen = _demeaned(np.where(known, values, 0.0)[..., None], known)[known][:, 0]
    found = _solved(_demeaned(plumes, known)[known], own[known], seen)
    factors[leading] = found[: len(leading)]
    rest = np.setdiff1d(np.arange(len(near)), leading)
    factors[rest] = found[-1]
    return np.sqrt(np.maximum(factors, WEAKEST))


def _stations(readings: likely.Readings, points: Array) -> Indices:
    away = likely.apart(readings.places, points)
    within = np.flatnonzero(away <= REACH)
    return within if len(within) >= FEWEST else np.argsort(away, kind="stable")[:FEWEST]


def _plumes(hours: likely.Hours, stations: Array, near: pd.DataFrame, leading: Indices) -> Array:
    """Return what the leading factories and all others add at each station: (hours, stations, leading + 1)."""
    places, by_day = near[["x", "y"]].to_numpy(float), near["by_day"].to_numpy(bool)
    weight = likely.emission_weight(near)
    others = weight.copy()
    others[leading] = 0.0
    plumes = np.empty((len(hours), len(stations), len(leading) + 1))
    for j, station in enumerate(stations[:, None, :]):
        unit = likely.unit_plumes(hours, station, places)
        plumes[:, j, :-1] = likely.plumes_by_hour(hours, unit[:, leading], weight[leading], by_day[leading])
        plumes[:, j, -1] = likely.plume_by_hour(hours, unit, others, by_day)
    return plumes


def _own(hours: likely.Hours, values: Array, known: NDArray[np.bool_]) -> Array:
    """Return the columns of what each station has of its own: (hours, stations, stations x `OWN`)."""
    haze = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    courses = np.column_stack(
        [np.ones(len(hours)), likely.clock(hours, likely.TRAFFIC_HOURS), likely.clock(hours, likely.BURNING_HOURS),
         haze - haze.mean()]
    )  # fmt: skip
    columns = np.zeros((*values.shape, values.shape[1] * len(OWN)))
    for j in range(values.shape[1]):
        columns[:, j, j * len(OWN) : (j + 1) * len(OWN)] = courses
    return _demeaned(columns, known)


def _demeaned(columns: Array, known: NDArray[np.bool_]) -> Array:
    """Take away each hour's mean over the stations that report."""
    there = known[..., None]
    counted = np.where(there, columns, 0.0)
    mean = counted.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1), 1)[:, None, None]
    return np.asarray(np.where(there, columns - mean, 0.0))


def _solved(plumes: Array, own: Array, seen: Array) -> Array:
    """Return the factors (leading + 1,): non-negative least squares with priors."""
    count = plumes.shape[1]
    sd = np.tile(OWN, own.shape[1] // len(OWN))
    together = np.column_stack([own, plumes.sum(axis=1)])
    gram, right, noise = together.T @ together, together.T @ seen, float(np.var(seen)) or 1.0
    for _ in range(2):  # the noise is what is left once the common strength is known
        start = np.linalg.solve(gram / noise + np.diag(np.r_[1 / sd**2, 1e-9]), right / noise)
        noise = max(float(np.mean((seen - together @ start) ** 2)), 1e-6)
    unit = max(float(start[-1]), 0.02)
    design = np.column_stack([unit * plumes, own])
    precision = np.r_[np.full(count - 1, 1 / PRIOR**2), 1 / OTHERS**2, 1 / sd**2]
    mean = np.r_[np.ones(count), np.zeros(own.shape[1])]
    normal = design.T @ design / (noise * INFLATION) + np.diag(precision)
    root = np.linalg.cholesky(normal).T
    target = np.linalg.solve(root.T, design.T @ seen / (noise * INFLATION) + precision * mean)
    found, _ = nnls(np.column_stack([root, -root[:, count:]]), target, maxiter=20 * root.shape[1])
    return np.asarray(found[:count])
