"""A solved network: the kriging system of a layout, its steps completed, and their sills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation import sills, student
from interpolation.arrays import Array, Flags
from interpolation.drift import Drift
from interpolation.neighbourhood import leave_one_out_local
from interpolation.patterns import Patterns
from interpolation.problem import Problem
from interpolation.sills import Sills
from interpolation.system import complete
from interpolation.variogram import Variogram
from language import Note, note

EXTREME = 5.0
"""Standardised leave-one-out error (as a normal quantile) from which the field can't explain a value."""
_MOST_EXTREMES = 0.02
MOST_GLOBAL = 3000
"""Most stations that are kriged all together; above, every place has its nearest ones."""
LARGE_NEIGHBOURS = 64


@dataclass(frozen=True)
class Solution:
    """What predicting and validating build on.

    Attributes
    ----------
    problem : Problem
    sills : Sills
    quiet : (T, n) bool array
        Values that count for the sill; extremes don't.
    notes : tuple of Note
    """

    problem: Problem
    sills: Sills
    quiet: Flags
    notes: tuple[Note, ...]

    def leave_one_out(self) -> tuple[Array, Array, Array]:
        """Return mean, variance and freedom (T, n) of every observation from the other stations.

        Dubrule 1983, eq. 7; the sill is the one without the left-out value.
        """
        known = np.isfinite(self.problem.z) & self.problem.usable[:, None]
        # A station without which the drift cannot be estimated has no leave-one-out prediction.
        diagonal = np.where(known & (self.problem.completed.diagonal > 1e-9), self.problem.completed.diagonal, np.nan)
        error = self.problem.completed.products / diagonal
        part = np.where(self.quiet, self.problem.completed.products**2 / diagonal, 0.0)
        sill, freedom = self.sills.without(part, self.quiet)
        return self.problem.z - error, sill / diagonal, freedom

    def extremes(self) -> Flags:
        """Return which values (T, n) the other stations can't explain: high or low by `EXTREME`."""
        mean, variance, freedom = self.leave_one_out()
        with np.errstate(invalid="ignore", divide="ignore"):
            t = (self.problem.z - mean) / np.sqrt(variance)
        t = np.where(np.isfinite(t), t, 0.0)
        return np.asarray(np.abs(student.to_normal(t, np.maximum(freedom, 1.0))) > EXTREME)


def solve(
    coordinates: Array,
    z: Array,
    drift: tuple[Drift, Array],
    variogram: Variogram,
    error_variance: Array | None,
    fixed: bool,
    neighbours: int | None,
    quiet: Flags | None = None,
) -> Solution:
    """Solve the network for one variogram.

    Parameters
    ----------
    z : (T, n) array
        Transformed values, NaN = missing.
    drift : Drift and its (n, p) matrix
    error_variance : (n,) array or None
        Known error variance on the transformed scale.
    fixed : bool
        Whether the sill is given; else every step's is estimated.
    quiet : (T, n) bool array, optional
        Values that count for the sill; all by default.

    Raises
    ------
    UserError
        The system is singular.
    """
    n, parameters = len(coordinates), drift[1].shape[1]
    if n > MOST_GLOBAL and neighbours is None:
        neighbours = LARGE_NEIGHBOURS
    share = np.zeros(n) if error_variance is None else error_variance / variogram.sill
    count = np.isfinite(z).sum(axis=1)
    usable = count > parameters
    problem = Problem(
        variogram, variogram.flatten(coordinates), drift[0], drift[1], share, z, Patterns.of(z),
        np.full(len(z), variogram.sill), usable, neighbours,
    )  # fmt: skip
    counted = np.isfinite(z) if quiet is None else np.isfinite(z) & quiet
    freedom = np.where(usable, np.maximum(counted.sum(axis=1) - parameters, 0), 0).astype(float)
    if fixed:
        estimated = sills.given(variogram.sill, freedom, freedom)
    else:
        rss = np.where(usable & (freedom > 0), _rss(problem, counted, n > MOST_GLOBAL), 0.0)
        estimated = sills.estimate(rss, freedom)
    notes = []
    if n > MOST_GLOBAL:
        notes.append(
            note(
                "With {stations} stations every place is kriged from its {neighbours} nearest ones.",
                stations=n,
                neighbours=neighbours,
            )
        )
    elif problem.system.jitter:
        notes.append(note("A very small nugget was added to make the kriging system solvable."))
    return Solution(problem.with_sills(estimated.each), estimated, counted, tuple(notes))


def _rss(problem: Problem, counted: Flags, local: bool) -> Array:
    """Return each step's generalised residual sum of squares over unit sill, of the values that count."""
    if local:
        # The mean squared standardised leave-one-out error estimates the sill without the whole system.
        mean, share = leave_one_out_local(problem)
        square = np.where(counted, (problem.z - mean) ** 2 / share, np.nan)
        freedom = counted.sum(axis=1) - problem.drift_matrix.shape[1]
        with np.errstate(invalid="ignore"):
            mean_square = np.nansum(square, axis=1) / np.isfinite(square).sum(axis=1)
        return np.asarray(np.nan_to_num(mean_square * freedom))
    if np.array_equal(counted, np.isfinite(problem.z)):
        return problem.completed.rss
    calm = problem.countable(np.where(counted, problem.z, np.nan))
    return complete(problem.system, *calm).rss


def calm_values(solution: Solution) -> Flags | None:
    """Return which values may choose the variogram, None where all may or where extremes are too many to be odd."""
    if solution.problem.local:
        return None
    odd = solution.extremes()
    share = odd.sum() / max(int(np.isfinite(solution.problem.z).sum()), 1)
    return None if share == 0 or (share > _MOST_EXTREMES and odd.sum() > 1) else ~odd
