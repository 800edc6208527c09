"""Kriging from the nearest stations only: for very many stations, or to follow a local mean."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from interpolation.arrays import Array, Indices
from interpolation.problem import Problem
from interpolation.variogram import correlation


def solve_local(problem: Problem, stations: Indices, flat: Array, drift: Array, near: Indices) -> tuple[Array, Array]:
    """Return kriging weights (b, k) and variance shares (b,) of targets from their own k stations.

    Parameters
    ----------
    stations : (s,) int array
        Stations that `near` counts in.
    flat : (b, 2) array
        Targets in ranges.
    drift : (b, p) array
    near : (b, k) int array
        Positions in `stations`.
    """
    index = stations[near]
    k, p = near.shape[1], drift.shape[1]
    places = problem.flat[index]
    scale = 1.0 - problem.variogram.nugget_share
    between = np.hypot(places[:, :, None, 0] - places[:, None, :, 0], places[:, :, None, 1] - places[:, None, :, 1])
    matrix = np.zeros((len(flat), k + p, k + p))
    matrix[:, :k, :k] = scale * correlation(problem.variogram.model, between)
    matrix[:, np.arange(k), np.arange(k)] = 1.0 + problem.error_share[index]
    matrix[:, :k, k:] = problem.drift_matrix[index]
    matrix[:, k:, :k] = problem.drift_matrix[index].transpose(0, 2, 1)
    apart = np.hypot(flat[:, 0, None] - places[:, :, 0], flat[:, 1, None] - places[:, :, 1])
    same = apart <= problem.same_place
    right = np.empty((len(flat), k + p))
    right[:, :k] = correlation(problem.variogram.model, apart) * scale
    right[:, :k][same] = 1.0
    right[:, k:] = drift
    solution = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    share = 1.0 - np.einsum("bk,bk->b", right, solution)
    exact = same.any(axis=1) & (problem.error_share[index[:, 0]] <= 0.0)
    return solution[:, :k], np.where(exact, 0.0, np.maximum(share, 0.0))


def leave_one_out_local(problem: Problem) -> tuple[Array, Array]:
    """Return mean and variance share (T, n) of every station from its nearest others at each step."""
    mean = np.full(problem.z.shape, np.nan)
    share = np.full(problem.z.shape, np.nan)
    wish = problem.neighbours or len(problem.flat)
    for number, present in enumerate(problem.patterns.present):
        steps = np.flatnonzero((problem.patterns.of_step == number) & problem.usable)
        stations = np.flatnonzero(present)
        k = min(wish, len(stations) - 1)
        if not steps.size or k <= problem.drift_matrix.shape[1]:
            continue
        near = cKDTree(problem.flat[stations]).query(problem.flat[stations], k=k + 1)[1]
        itself = near == np.arange(len(stations))[:, None]
        # Where rounding hides the station among its neighbours, the farthest one goes instead.
        itself[~itself.any(axis=1), -1] = True
        near = near[~itself].reshape(len(stations), k)
        weights, variance = solve_local(problem, stations, problem.flat[stations], problem.drift_matrix[stations], near)
        values = problem.z[steps][:, stations]
        mean[np.ix_(steps, stations)] = np.einsum("sbk,bk->sb", values[:, near], weights)
        share[np.ix_(steps, stations)] = variance + problem.error_share[stations]
    return mean, share


def predict_local(problem: Problem, flat: Array, drift: Array) -> tuple[Array, Array]:
    """Return mean and variance share (T, b) of targets from their nearest stations at each step."""
    mean = np.full((len(problem.z), len(flat)), np.nan)
    share = np.full((len(problem.z), len(flat)), np.nan)
    wish = problem.neighbours or len(problem.flat)
    for number, present in enumerate(problem.patterns.present):
        steps = np.flatnonzero((problem.patterns.of_step == number) & problem.usable)
        stations = np.flatnonzero(present)
        k = min(wish, len(stations))
        if not steps.size or k <= problem.drift_matrix.shape[1]:
            continue
        near = cKDTree(problem.flat[stations]).query(flat, k=k)[1].reshape(len(flat), k)
        weights, variance = solve_local(problem, stations, flat, drift, near)
        values = problem.z[steps][:, stations]
        mean[steps] = np.einsum("sbk,bk->sb", values[:, near], weights)
        share[steps] = variance
    return mean, share
