"""The engine: everything that doesn't depend on the hour once, block by block, within a memory budget.

What it answers: latent mean and variance at m targets for T steps, and the bands made of them.

1. Targets go in blocks, spread over threads; a block's correlations c with the stations are computed once.
2. Means: z filled at its holes by kriging gives dual weights P z and drift coefficients Bᵀz, so that all
   steps' means are one matrix product.
3. Full-network variance share: 1 − |L⁻¹c|² + |root of G (f − Fᵀ R⁻¹c)|², the triangular product in bands
   of rows so that the zeros above the diagonal are not multiplied.
4. A step's missing stations M add λ_Mᵀ P_MM⁻¹ λ_M (see `interpolation.system`); steps are taken in the
   order of their patterns, so that each pattern is computed once.
5. Sills scale the variance of each step; `Finish` makes the bands.

Deliberate cuts: point kriging only (no block averages); sensor errors as constant shares of the sill.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from interpolation import neighbourhood
from interpolation.arrays import Array, Flags, Indices
from interpolation.finish import Finish
from interpolation.problem import Problem
from interpolation.support import supports
from interpolation.threads import blas_threads, cores
from interpolation.variogram import correlation

ACCURACY = 1e-4
"""Largest error of single precision that is accepted, in shares of the sill (of its root for the mean)."""
_BANDS_OF_ROWS = 8
_CHUNK = 600_000  # elements of a steps × targets tile that stays in the cache


@dataclass(frozen=True)
class Job:
    """What to compute from a problem: which bands, in which precision.

    Attributes
    ----------
    problem : Problem
    finish : Finish
    bands : tuple of str
    dtype : numpy dtype
        float64, or float32 for surfaces.
    steps : (k,) int array or None
        Steps to compute; all by default.
    blank : bool
        Whether targets without support become NaN.
    budget : int
        Working memory besides the results [bytes].
    threads : int
    mixture : tuple of (weight, Problem)
        The same network under every plausible variogram, where one is not certain; then latent mean and
        variance are those of the mixture.
    """

    problem: Problem
    finish: Finish
    bands: tuple[str, ...]
    dtype: np.dtype[Any]
    steps: Indices | None = None
    blank: bool = False
    budget: int = 2**28
    threads: int = field(default_factory=cores)
    mixture: tuple[tuple[float, Problem], ...] = ()

    @property
    def parts(self) -> tuple[tuple[float, Problem], ...]:
        """Weights and networks to compute: the mixture, or the one network."""
        return self.mixture or ((1.0, self.problem),)

    @property
    def chosen(self) -> Indices:
        """Numbers of the steps to compute."""
        return np.arange(len(self.problem.z)) if self.steps is None else self.steps

    def block(self) -> int:
        """Return the number of targets in a block: what the cache likes, and the budget allows."""
        n, steps = len(self.problem.flat), len(self.chosen)
        # Many steps: short operations would queue for the interpreter, and two threads be no faster than one.
        best = 16384 if steps > 50 else 2048 if n <= 300 else 1024
        width = 4 * n * self.dtype.itemsize * self.threads * len(self.parts)
        return int(np.clip(self.budget // width, 64, best))

    def memory(self, targets: int) -> int:
        """Return the memory that results and work will take [bytes]."""
        results = targets * len(self.chosen) * len(self.bands) * self.dtype.itemsize
        work = 5 * self.block() * len(self.problem.flat) * self.dtype.itemsize * self.threads * len(self.parts)
        systems = 6 * len(self.problem.flat) ** 2 * 8 * len(self.parts)
        return results + work + systems + 64 * targets


@dataclass(frozen=True)
class Result:
    """Bands (T, m), the support of the targets (m,), and how many means were set to zero."""

    bands: dict[str, Array]
    supported: Flags
    extrapolated: Flags
    clamped: int


@dataclass(frozen=True)
class _Block:
    """A block's variance share and distance to a station (b,), correlations (n, b), drift (p, b), weights."""

    share: Array
    distance: Array
    c: Array
    f: Array
    weights: Array | None


class _Network:
    """The fitted network in the precision of the job, and what it does with a block of targets."""

    def __init__(self, problem: Problem, dtype: np.dtype[Any], steps: Indices) -> None:
        system = problem.system
        self.problem, self.dtype = problem, dtype
        self.centre = problem.flat.mean(axis=0)
        self.stations = (problem.flat - self.centre).astype(dtype)
        # Steps in the order of their patterns; `order` counts in the problem's steps, `rows` in the results.
        self.rows = np.argsort(problem.patterns.of_step[steps], kind="stable")
        self.order = steps[self.rows]
        usable = problem.usable[self.order]
        filled = np.where(usable[:, None], problem.completed.filled[self.order], np.nan)
        self.dual = (filled @ system.projection).astype(dtype)
        self.coefficients = (filled @ system.border).astype(dtype)
        self.sills = problem.sills[self.order].astype(dtype)
        self.holes = self._holes(usable)
        self.inverse = solve_triangular(system.factor, np.eye(len(system.factor)), lower=True).astype(dtype)
        self.half = (self.inverse @ problem.drift_matrix.astype(dtype)).astype(dtype)
        self.root = np.linalg.cholesky(system.spread).T.astype(dtype)
        self.projection = system.projection.astype(dtype) if any(h is not None for h in self.holes) else None
        self.border = system.border.astype(dtype)
        self.exact = problem.error_share <= 0.0

    def _holes(self, usable: Flags) -> list[tuple[int, Indices, Array] | None]:
        """Return each step's missing stations and the root of P_MM⁻¹, None where none is missing."""
        known: dict[int, tuple[int, Indices, Array] | None] = {}
        out: list[tuple[int, Indices, Array] | None] = []
        for pattern, use in zip(self.problem.patterns.of_step[self.order], usable, strict=True):
            index = np.flatnonzero(~self.problem.patterns.present[pattern])
            if not use or index.size == 0:
                out.append(None)
                continue
            if pattern not in known:
                block = self.problem.system.projection[np.ix_(index, index)]
                root = np.linalg.cholesky(np.linalg.inv(block)).T
                known[pattern] = (int(pattern), index, np.ascontiguousarray(root.astype(self.dtype)))
            out.append(known[pattern])
        return out

    def correlations(self, flat: Array) -> tuple[Array, Array, Flags]:
        """Return the (n, b) correlations of stations and targets, a target on a station sharing its nugget.

        Also the distance to the nearest station (b,) [ranges], and whether the target stands on a
        station without error (b,).
        """
        variogram = self.problem.variogram
        if self.dtype == np.float64:
            apart = cdist(self.stations, flat)
        else:
            apart = self.stations[:, 0, None] - flat[:, 0]
            np.square(apart, out=apart)
            other = self.stations[:, 1, None] - flat[:, 1]
            np.square(other, out=other)
            apart += other
            np.sqrt(apart, out=apart)
        distance = apart.min(axis=0)
        same = np.flatnonzero(distance <= self.problem.same_place)
        nearest = apart[:, same].argmin(axis=0)
        out = correlation(variogram.model, apart)
        out *= out.dtype.type(1.0 - variogram.nugget_share)
        out[nearest, same] = 1.0
        on = np.zeros(len(distance), dtype=bool)
        on[same] = self.exact[nearest]
        return out, distance, on

    def block(self, flat: Array, drift: Array) -> _Block:
        """Return what all steps share."""
        c, distance, on = self.correlations((flat - self.centre).astype(self.dtype))
        f = np.ascontiguousarray(drift.T.astype(self.dtype))
        share = np.ones(c.shape[1], dtype=self.dtype)
        rest = f.copy()
        edges = np.linspace(0, len(c), min(_BANDS_OF_ROWS, len(c)) + 1).round().astype(int)
        for low, high in pairwise(edges):
            white = self.inverse[low:high, :high] @ c[:high]
            rest -= self.half[low:high].T @ white
            np.square(white, out=white)
            share -= white.sum(axis=0)
        share += np.square(self.root @ rest).sum(axis=0)
        share[on] = 0.0  # only rounding would remain
        np.maximum(share, 0, out=share)
        weights = None
        if self.projection is not None:
            weights = self.projection @ c
            weights += self.border @ f
        return _Block(share, distance, c, f, weights)

    def tile(self, block: _Block, steps: slice, variance: Array) -> Array:
        """Return the latent means (k, b) of some steps and write their variances."""
        mean = self.dual[steps] @ block.c
        mean += self.coefficients[steps] @ block.f
        last: tuple[int, Array] | None = None
        for row, hole in zip(variance, self.holes[steps], strict=True):
            if hole is None or block.weights is None:
                row[:] = block.share
                continue
            if last is not None and last[0] == hole[0]:
                row[:] = last[1]
                continue
            part = hole[2] @ block.weights[hole[1]]
            np.square(part, out=part)
            np.add.reduce(part, axis=0, out=row)
            row += block.share
            last = (hole[0], row)
        variance *= self.sills[steps, None]
        return mean


class _Output:
    """The results' arrays, and how a tile of latent values is turned into them."""

    def __init__(self, job: Job, targets: int, columns: Indices | None, width: int | None) -> None:
        steps = len(job.chosen)
        self.job, self.columns = job, columns
        shape = (steps, targets if width is None else width)
        full = columns is None or len(columns) == shape[1]
        self.bands = {b: np.empty(shape, job.dtype) if full else np.full(shape, np.nan, job.dtype) for b in job.bands}
        if full:
            self.columns = None

    def write(self, rows: Indices, part: slice, mean: Array, variance: Array, blank: Flags | None) -> int:
        """Write one tile and return how many means were set to zero."""
        finish = replace(self.job.finish, freedom=self.job.finish.freedom[self.job.chosen[rows]])
        done, clamped = finish(mean, variance, self.job.bands)
        at: Any = part if self.columns is None else self.columns[part]
        for name, values in done.items():
            if blank is not None:
                values[:, blank] = np.nan
            if self.columns is None:
                for row, line in zip(rows, values, strict=True):
                    self.bands[name][row, at] = line
            else:
                self.bands[name][rows[:, None], at] = values
        return clamped


def run(
    job: Job,
    places: Array,
    covariates: Array | None = None,
    progress: Callable[[float], None] | None = None,
    columns: Indices | None = None,
    width: int | None = None,
) -> Result:
    """Predict at all targets.

    Parameters
    ----------
    places : (m, 2) array
        [m]
    covariates : (m, p) array, optional
    progress : callable, optional
        Called with the share done.
    columns : (m,) int array, optional
        Column of each target in the results, which then have `width` columns, NaN where there is no target.
    """
    problem = job.problem
    drift = problem.drift.matrix(covariates, len(places))
    output = _Output(job, len(places), columns, width)
    supported = np.empty(len(places), dtype=bool)
    if problem.local:
        task = _local_work(job, problem.variogram.flatten(places), drift, output, supported)
    else:
        task = _global_work(job, places, drift, output, supported)
    size = job.block()
    parts = [slice(k, min(k + size, len(places))) for k in range(0, len(places), size)]
    clamped = 0
    with blas_threads(1), ThreadPoolExecutor(job.threads) as pool:
        for k, low in enumerate(pool.map(task, parts)):
            clamped += low
            if progress:
                progress((k + 1) / len(parts))
    return Result(output.bands, supported, problem.drift.beyond(covariates, len(places)), clamped)


def _global_work(job: Job, places: Array, drift: Array, output: _Output, supported: Flags) -> Callable[[slice], int]:
    networks = [(weight, _Network(problem, job.dtype, job.chosen)) for weight, problem in job.parts]
    flats = [problem.variogram.flatten(places) for _, problem in job.parts]
    steps = len(job.chosen)
    order, leading = networks[0][1].rows, job.parts[0][1]

    def work(part: slice) -> int:
        blocks = [network.block(flat[part], drift[part]) for (_, network), flat in zip(networks, flats, strict=True)]
        first_block = blocks[0]
        supported[part] = supports(leading.variogram, first_block.share, first_block.distance, leading.gap)
        blank = ~supported[part] if job.blank else None
        count = first_block.c.shape[1]
        rows = max(1, _CHUNK // count)
        clamped = 0
        for first in range(0, steps, rows):
            chosen = slice(first, min(first + rows, steps))
            mean, variance = _mix(networks, blocks, chosen)
            clamped += output.write(order[chosen], part, mean, variance, blank)
        return clamped

    return work


def _mix(networks: list[tuple[float, _Network]], blocks: list[_Block], steps: slice) -> tuple[Array, Array]:
    """Return mean and variance (k, b) of the mixture: within the variograms, and between their means."""
    shape = (steps.stop - steps.start, blocks[0].c.shape[1])
    if len(networks) == 1:
        variance = np.empty(shape, dtype=networks[0][1].dtype)
        return networks[0][1].tile(blocks[0], steps, variance), variance
    means, total = [], np.zeros(shape, dtype=networks[0][1].dtype)
    for (weight, network), block in zip(networks, blocks, strict=True):
        variance = np.empty(shape, dtype=network.dtype)
        means.append(network.tile(block, steps, variance))
        total += network.dtype.type(weight) * variance
    mean = sum(m * m.dtype.type(w) for m, (w, _) in zip(means, networks, strict=True))
    for one, (weight, network) in zip(means, networks, strict=True):
        total += network.dtype.type(weight) * np.square(one - mean)
    return np.asarray(mean), total


def _local_work(job: Job, flat: Array, drift: Array, output: _Output, supported: Flags) -> Callable[[slice], int]:
    problem = job.problem
    tree = cKDTree(problem.flat)
    everything = np.arange(len(job.chosen))
    fullest = int(np.argmax(np.isfinite(problem.z).sum(axis=1)))

    def work(part: slice) -> int:
        mean, share = neighbourhood.predict_local(problem, flat[part], drift[part])
        # The step with most stations stands for the full network in the support mask.
        supported[part] = supports(problem.variogram, share[fullest], tree.query(flat[part])[0], problem.gap)
        blank = ~supported[part] if job.blank else None
        mean, variance = mean[job.chosen], (share * problem.sills[:, None])[job.chosen]
        return output.write(everything, part, mean.astype(job.dtype), variance.astype(job.dtype), blank)

    return work


def latent(problem: Problem, places: Array, covariates: Array | None, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Return latent mean and variance (T, m) of a few targets, as `run` computes them on its way."""
    network = _Network(problem, dtype, np.arange(len(problem.z)))
    flat = problem.variogram.flatten(places)
    block = network.block(flat, problem.drift.matrix(covariates, len(places)))
    variance = np.empty((len(network.order), len(places)), dtype=dtype)
    mean = network.tile(block, slice(0, len(network.order)), variance)
    back = np.argsort(network.order)
    return mean[back], variance[back]


def kriging_weights(problem: Problem, places: Array, covariates: Array | None) -> Array:
    """Return the weight (n, m) of every station at every target, all stations reporting."""
    network = _Network(problem, np.dtype(np.float64), np.zeros(0, dtype=np.intp))
    flat = problem.variogram.flatten(places)
    c, _, _ = network.correlations(flat - network.centre)
    f = problem.drift.matrix(covariates, len(places)).T
    return np.asarray(problem.system.projection @ c + problem.system.border @ f)


def single_precision_error(problem: Problem, places: Array, covariates: Array | None) -> float:
    """Return the largest error of single precision at some of the targets, in shares of the sill.

    Parameters
    ----------
    places : (m, 2) array
        All targets; 48 of them, evenly spread, are computed in both precisions.
    """
    pick = np.unique(np.linspace(0, len(places) - 1, 48).round().astype(int))
    at = None if covariates is None else np.asarray(covariates)[pick]
    exact = latent(problem, places[pick], at, np.dtype(np.float64))
    rough = latent(problem, places[pick], at, np.dtype(np.float32))
    sill = problem.sills[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        worst = [np.abs(rough[0] - exact[0]) / np.sqrt(sill), np.abs(rough[1] - exact[1]) / sill]
    return float(max(np.nanmax(np.where(np.isfinite(w), w, 0.0)) for w in worst))
