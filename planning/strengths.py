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

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from planning import plumes
from planning.alternatives import clocks
from planning.plumes import Array, Indices

if TYPE_CHECKING:
    from planning import likely

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


class Basis:
    """What factories are judged by: the readings and winds of all hours, for all hotspots and zones alike.

    Parameters
    ----------
    windy : DataFrame
        Wind of all hours that are not calm (`planning.sources.hourly_wind`).
    readings : Readings
    factories : DataFrame (k rows)
        With ``x``, ``y`` (metres).

    Attributes
    ----------
    hours : Hours
        With wind and readings.
    readings : ndarray (hours, stations)
        Readings, µg/m³.
    kernels : Kernels
        Of the factories, by their position, at the stations.
    """

    def __init__(self, windy: pd.DataFrame, readings: likely.Readings, factories: pd.DataFrame) -> None:
        table = readings.table.reindex(readings.table.index.intersection(windy.index))
        self.hours = plumes.Hours.of(windy.loc[table.index])
        self.readings = table.to_numpy(float)
        self.places = readings.places
        sources = factories[["x", "y"]].to_numpy(float)
        self.kernels = plumes.Kernels(plumes.Hours.of(windy).winds[0], readings.places, sources)


def fit(basis: Basis, points: Array, near: pd.DataFrame, expected: Array) -> Array:
    """Return by what the strength of each factory is multiplied, (k,); 1 where the readings say nothing.

    Parameters
    ----------
    basis : Basis
    points : ndarray (m, 2)
        Places in the hotspot or zone, metres.
    near : DataFrame (k rows)
        Factories within reach, with ``by_day`` and what `plumes.emission_weight` needs; index: their position in the
        basis.
    expected : ndarray (k,)
        Their evidence without the readings; decides who leads.
    """
    factors = np.ones(len(near))
    stations = _stations(basis.places, points)
    if len(basis.hours) < LEAST_HOURS or len(stations) < FEWEST or not len(near):
        return factors
    values = basis.readings[:, stations]
    leading = np.argsort(-expected, kind="stable")[:LEADING]
    known = np.isfinite(values)
    values = np.where(known, values, 0.0)
    added = _demeaned(_added(basis, stations, near, leading), known)
    found = _solved(added, _own(basis.hours, values, known), _demeaned(values[..., None], known)[:, 0])
    factors[leading] = found[: len(leading)]
    rest = np.setdiff1d(np.arange(len(near)), leading)
    factors[rest] = found[-1]
    return np.sqrt(np.maximum(factors, WEAKEST))


def _stations(places: Array, points: Array) -> Indices:
    away = plumes.apart(places, points)
    within = np.flatnonzero(away <= REACH)
    return within if len(within) >= FEWEST else np.argsort(away, kind="stable")[:FEWEST]


def _added(basis: Basis, stations: Indices, near: pd.DataFrame, leading: Indices) -> Array:
    """Return what the leading factories and all others add at each station: (hours, stations, leading + 1)."""
    hours, sources, by_day = basis.hours, near.index.to_numpy(), near["by_day"].to_numpy(bool)
    weight = plumes.emission_weight(near)
    others = weight.copy()
    others[leading] = 0.0
    added = np.empty((len(hours), len(stations), len(leading) + 1))
    for j, station in enumerate(map(int, stations)):
        unit = basis.kernels.at(hours, station, sources)
        added[:, j, :-1] = plumes.each_by_hour(hours, unit[:, leading], weight[leading], by_day[leading])
        added[:, j, -1] = plumes.by_hour(hours, unit, others, by_day)
    return added


def _own(hours: plumes.Hours, values: Array, known: NDArray[np.bool_]) -> Array:
    """Return the columns of what each station has of its own, without the hour's mean: (readings, stations x `OWN`)."""
    count = np.maximum(known.sum(axis=1), 1)
    haze = values.sum(axis=1) / count
    courses = np.column_stack([np.ones(len(hours)), clocks(hours), haze - haze.mean()])
    hour, station = np.nonzero(known)
    share = np.where(known[hour], np.eye(known.shape[1])[station] - 1.0 / count[hour, None], 0.0)
    columns: Array = (share[:, :, None] * courses[hour, None, :]).reshape(len(hour), -1)
    return columns


def _demeaned(columns: Array, known: NDArray[np.bool_]) -> Array:
    """Return columns (hours, stations, c) of the readings known, without the hour's mean over these: (readings, c)."""
    mean = np.einsum("ts,tsc->tc", known / np.maximum(known.sum(axis=1), 1)[:, None], columns)
    hour, station = np.nonzero(known)
    return np.asarray(columns[hour, station] - mean[hour])


def _solved(added: Array, own: Array, seen: Array) -> Array:
    """Return the factors (leading + 1,): non-negative least squares with priors."""
    count = added.shape[1]
    sd = np.tile(OWN, own.shape[1] // len(OWN))
    columns = np.column_stack([added, own])
    gram, right, noise = columns.T @ columns, columns.T @ seen, float(np.var(seen)) or 1.0
    # First all factories by one common strength: their columns summed, behind those of the stations.
    common = np.zeros((columns.shape[1], own.shape[1] + 1))
    common[:count, -1], common[count:, :-1] = 1.0, np.eye(own.shape[1])
    prior = np.diag(np.r_[1 / sd**2, 1e-9])
    for _ in range(2):  # the noise is what is left once the common strength is known
        start = np.linalg.solve(common.T @ gram @ common / noise + prior, common.T @ right / noise)
        noise = max(float(np.mean((seen - columns @ (common @ start)) ** 2)), 1e-6)
    scale = np.r_[np.full(count, max(float(start[-1]), 0.02)), np.ones(own.shape[1])]
    precision = np.r_[np.full(count - 1, 1 / PRIOR**2), 1 / OTHERS**2, 1 / sd**2]
    mean = np.r_[np.ones(count), np.zeros(own.shape[1])]
    normal = gram * np.outer(scale, scale) / (noise * INFLATION) + np.diag(precision)
    root = np.linalg.cholesky(normal).T
    target = np.linalg.solve(root.T, right * scale / (noise * INFLATION) + precision * mean)
    found, _ = nnls(np.column_stack([root, -root[:, count:]]), target, maxiter=20 * root.shape[1])
    return np.asarray(found[:count])
