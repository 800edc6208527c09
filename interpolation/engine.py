"""The engine: weights once for all steps, block by block, within a memory budget.

What it answers: latent mean and variance at m targets for T steps, and the bands made of them.

1. Targets go in blocks; a block's correlations with the stations, its weights λ and its full-network
   variance are computed once.
2. All steps' means are one matrix product λ Z, Z being the values with the holes filled by kriging.
3. A step's missing stations M add λ_Mᵀ P_MM⁻¹ λ_M to the variance (see `interpolation.system`).
4. Sills scale the variance of each step; `Finish` makes the bands.

Deliberate cuts: point kriging only (no block averages); one drift for all steps' weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from interpolation import neighbourhood
from interpolation.arrays import Array, Flags, Indices
from interpolation.finish import Finish
from interpolation.problem import Problem
from interpolation.variogram import Variogram, correlation
from language import Note, note

LEAST_EXPLAINED = 0.1
"""A target is supported where the stations explain this share of the spatially correlated variance."""


@dataclass(frozen=True)
class Job:
    """What to compute from a problem: which bands, in which precision.

    Attributes
    ----------
    budget : int
        Working memory besides the results [bytes].
    """

    problem: Problem
    finish: Finish
    bands: tuple[str, ...]
    dtype: np.dtype[Any]
    budget: int = 2**28
    threads: int = 2


@dataclass(frozen=True)
class Result:
    """Bands (T, m), the support of the targets (m,), and how many means were set to zero."""

    bands: dict[str, Array]
    supported: Flags
    extrapolated: Flags
    clamped: int


@dataclass(frozen=True)
class _Hole:
    """One pattern's missing stations and the root K of P_MM⁻¹ = K Kᵀ."""

    pattern: int
    index: Indices
    root: Array


def _holes(problem: Problem, dtype: np.dtype[Any]) -> list[_Hole]:
    wanted = np.unique(problem.patterns.of_step[problem.usable])
    out = []
    for pattern in wanted:
        index = np.flatnonzero(~problem.patterns.present[pattern])
        if index.size:
            block = problem.system.projection[np.ix_(index, index)]
            root = np.linalg.cholesky(np.linalg.inv(block))
            out.append(_Hole(int(pattern), index, np.ascontiguousarray(root.T.astype(dtype))))
    return out


def correlations(problem: Problem, flat: Array, distance: Array, nearest: Indices) -> Array:
    """Return the (b, n) correlations of targets and stations; a target on a station shares its nugget.

    Parameters
    ----------
    flat : (b, 2) array
        Targets in ranges.
    distance, nearest : (b,) arrays
        Distance to the nearest station [ranges], and which it is.
    """
    share = problem.variogram.nugget_share
    stations = problem.flat.astype(flat.dtype)
    if flat.dtype == np.float64:
        apart = cdist(flat, stations)
    else:
        apart = flat[:, 0, None] - stations[:, 0]
        np.square(apart, out=apart)
        other = flat[:, 1, None] - stations[:, 1]
        np.square(other, out=other)
        apart += other
        np.sqrt(apart, out=apart)
    out = correlation(problem.variogram.model, apart)
    out *= out.dtype.type(1.0 - share)
    same = np.flatnonzero(distance <= problem.same_place)
    out[same, nearest[same]] = 1.0
    return out


class _Blocks:
    """Latent mean and variance of a block of targets, all steps."""

    def __init__(self, problem: Problem, dtype: np.dtype[Any]) -> None:
        system = problem.system
        self.problem, self.dtype = problem, dtype
        self.projection = system.projection.astype(dtype)
        self.border = system.border.astype(dtype)
        self.spread = system.spread.astype(dtype)
        self.filled = np.where(problem.usable[:, None], problem.filled, np.nan).astype(dtype)
        self.holes = _holes(problem, dtype)
        self.sills = problem.sills.astype(dtype)

    def __call__(self, flat: Array, drift: Array, distance: Array, nearest: Indices) -> tuple[Array, Array, Array]:
        """Return mean (T, b), variance (T, b) and the full network's variance share (b,)."""
        if self.problem.local:
            return self._local(flat, drift)
        c = correlations(self.problem, flat, distance, nearest)
        f = drift.astype(self.dtype)
        weights = c @ self.projection
        weights += f @ self.border.T
        multipliers = c @ self.border - f @ self.spread
        share = 1.0 - np.einsum("bn,bn->b", c, weights) - np.einsum("bp,bp->b", f, multipliers)
        share[distance <= self.problem.same_place] *= self._noisy(nearest, distance)
        np.maximum(share, 0, out=share)
        mean = self.filled @ weights.T
        shares = np.broadcast_to(share, (len(self.problem.patterns.present), len(share)))
        if self.holes:
            shares = shares.copy()
            columns = np.ascontiguousarray(weights.T)
            for hole in self.holes:
                part = hole.root @ columns[hole.index]
                shares[hole.pattern] += np.einsum("kb,kb->b", part, part)
        variance = shares[self.problem.patterns.of_step] * self.sills[:, None]
        return mean, variance, share

    def _local(self, flat: Array, drift: Array) -> tuple[Array, Array, Array]:
        mean, shares = neighbourhood.predict_local(self.problem, flat.astype(float), drift)
        # The step with most stations stands for the full network in the support mask.
        fullest = int(np.argmax(np.isfinite(self.problem.z).sum(axis=1)))
        variance = shares * self.problem.sills[:, None]
        return mean.astype(self.dtype), variance.astype(self.dtype), shares[fullest]

    def _noisy(self, nearest: Indices, distance: Array) -> Array:
        """Return 0 for targets on an error-free station, where rounding would leave a remainder, else 1."""
        on = nearest[distance <= self.problem.same_place]
        return (np.diag(self.problem.matrix)[on] > 1.0).astype(self.dtype)


def run(
    job: Job,
    places: Array,
    covariates: Array | None = None,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Predict at all targets.

    Parameters
    ----------
    places : (m, 2) array
        [m]
    covariates : (m, p) array, optional
    progress : callable, optional
        Called with the share done.
    """
    problem = job.problem
    m = len(places)
    drift = problem.drift.matrix(covariates, m)
    flat = problem.variogram.flatten(places)
    distance, nearest = cKDTree(problem.flat).query(flat)
    steps = len(problem.z)
    bands = {name: np.empty((steps, m), dtype=job.dtype) for name in job.bands}
    supported = np.empty(m, dtype=bool)
    compute = _compute(job)
    centre = problem.flat.mean(axis=0)
    clamped = 0

    def work(part: slice) -> int:
        mean, variance, share = compute((flat[part] - centre), drift[part], distance[part], nearest[part])
        done, low = job.finish(mean, variance, job.bands)
        for name, values in done.items():
            bands[name][:, part] = values
        supported[part] = supports(problem.variogram, share, distance[part])
        return low

    parts = list(_parts(job, m, steps))
    with ThreadPoolExecutor(job.threads) as pool:
        for k, low in enumerate(pool.map(work, parts)):
            clamped += low
            if progress:
                progress((k + 1) / len(parts))
    return Result(bands, supported, problem.drift.beyond(covariates, m), clamped)


def _compute(job: Job) -> Callable[..., tuple[Array, Array, Array]]:
    problem = replace(job.problem, flat=job.problem.flat - job.problem.flat.mean(axis=0))
    blocks = _Blocks(problem, job.dtype)

    def compute(flat: Array, *rest: Any) -> tuple[Array, Array, Array]:
        return blocks(flat.astype(job.dtype), *rest)

    return compute


def _parts(job: Job, m: int, steps: int) -> Iterator[slice]:
    width = 3 * len(job.problem.flat) + (4 + len(job.bands)) * steps
    size = int(np.clip(job.budget // (job.threads * width * job.dtype.itemsize), 16, 16384))
    return (slice(k, min(k + size, m)) for k in range(0, m, size))


def supports(variogram: Variogram, share: Array, distance: Array) -> Flags:
    """Return which targets the stations say something about (see `support_rule`).

    Parameters
    ----------
    share : (b,) array
        Kriging variance over the total sill, all stations present.
    distance : (b,) array
        To the nearest station [ranges].
    """
    structured = 1.0 - variogram.nugget_share
    explained = structured - (share - variogram.nugget_share)
    reach = variogram.practical_range / variogram.range
    return np.asarray((explained >= LEAST_EXPLAINED * structured) & (distance <= reach))


def support_rule(variogram: Variogram) -> Note:
    """Return the rule of the support mask in words."""
    return note(
        "Shown where a station lies within {distance} and the stations explain at least {share} % of the "
        "spatial variation; elsewhere 'no data'.",
        distance=f"{variogram.practical_range / 1000:,.1f} km",
        share=round(100 * LEAST_EXPLAINED),
    )
