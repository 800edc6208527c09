"""A solved network: the kriging system of a layout, its steps completed, and their sills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation import sills, student
from interpolation.arrays import Array, Flags
from interpolation.drift import Drift
from interpolation.patterns import Patterns
from interpolation.problem import Problem
from interpolation.sills import Sills
from interpolation.system import Completed, System, complete, correlation_matrix
from interpolation.variogram import Variogram
from language import Note, UserError, note

EXTREME = 5.0
"""Standardised leave-one-out error (as a normal quantile) from which the field can't explain a value."""
_MOST_EXTREMES = 0.02
_MOST_SHARE = 0.999


@dataclass(frozen=True)
class Solution:
    """What predicting and validating build on.

    Attributes
    ----------
    problem : Problem
    completed : Completed
        Of all values.
    sills : Sills
    quiet : (T, n) bool array
        Values that count for the sill; extremes don't.
    notes : tuple of Note
    """

    problem: Problem
    completed: Completed
    sills: Sills
    quiet: Flags
    notes: tuple[Note, ...]

    def leave_one_out(self) -> tuple[Array, Array, Array]:
        """Return mean, variance and freedom (T, n) of every observation from the other stations.

        Dubrule 1983, eq. 7; the sill is the one without the left-out value.
        """
        known = np.isfinite(self.problem.z) & self.problem.usable[:, None]
        # A station without which the drift cannot be estimated has no leave-one-out prediction.
        diagonal = np.where(known & (self.completed.diagonal > 1e-9), self.completed.diagonal, np.nan)
        error = self.completed.products / diagonal
        part = np.where(self.quiet, self.completed.products**2 / diagonal, 0.0)
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
    share = None if error_variance is None else error_variance / variogram.sill
    flat = variogram.flatten(coordinates)
    matrix = correlation_matrix(flat, variogram.model, variogram.nugget_share, share)
    try:
        system = System.factorise(matrix, drift[1])
    except np.linalg.LinAlgError:
        raise UserError("The kriging system cannot be solved with this variogram; give it a nugget.") from None
    notes = []
    if system.jitter:
        notes.append(note("A very small nugget was added to make the kriging system solvable."))
    parameters = drift[1].shape[1]
    count = np.isfinite(z).sum(axis=1)
    usable = count > parameters
    completed = complete(system, np.where(usable[:, None], z, 0.0), Patterns.of(np.where(usable[:, None], z, 0.0)))
    counted = np.isfinite(z) if quiet is None else np.isfinite(z) & quiet
    rss = completed.rss
    if quiet is not None and not quiet.all():
        calm = np.where(usable[:, None], np.where(counted, z, np.nan), 0.0)
        few = np.isfinite(calm).sum(axis=1) <= parameters
        calm[few] = 0.0
        rss = complete(system, calm, Patterns.of(calm)).rss
    freedom = np.where(usable, np.maximum(counted.sum(axis=1) - parameters, 0), 0).astype(float)
    rss = np.where(usable & (freedom > 0), rss, 0.0)
    estimated = sills.given(variogram.sill, rss, freedom) if fixed else sills.estimate(rss, freedom)
    problem = Problem(
        variogram, flat, drift[0], drift[1], matrix, system, z, completed.filled, Patterns.of(z),
        estimated.each, usable, neighbours,
    )  # fmt: skip
    return Solution(problem, completed, estimated, counted, tuple(notes))


def calm_values(solution: Solution) -> Flags | None:
    """Return which values may choose the variogram, None where all may or where extremes are too many to be odd."""
    odd = solution.extremes()
    share = odd.sum() / max(int(np.isfinite(solution.problem.z).sum()), 1)
    return None if share == 0 or (share > _MOST_EXTREMES and odd.sum() > 1) else ~odd
