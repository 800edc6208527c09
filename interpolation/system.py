"""The kriging system of one set of stations: factorised once, used for every step and every target.

Method, for correlation matrix R (unit sill) and drift F (first column one):

1. R = L Lᵀ; P = R⁻¹ − R⁻¹F (FᵀR⁻¹F)⁻¹ FᵀR⁻¹ is the top left block of the bordered inverse
   [[R, F], [Fᵀ, 0]]⁻¹ = [[P, B], [Bᵀ, −G]] with G = (FᵀR⁻¹F)⁻¹ and B = R⁻¹FG.
2. Weights for a target with correlations c and drift f: λ = P c + B f; kriging variance
   1 − cᵀPc − 2 cᵀBf + fᵀGf (Chilès and Delfiner 2012, §3.4.1-3.4.3).
3. Missing stations M need no new factorisation. Filling them with their own kriging prediction
   z_M = −P_MM⁻¹ P_MO z_O leaves every mean exact; the variance rises by λ_Mᵀ P_MM⁻¹ λ_M; the
   determinant of the smaller bordered system is that of the whole one times |P_MM|
   (block inverse; Rasmussen and Williams 2006, A.11-A.13).
4. Leaving station i out costs nothing: error_i = (Pz)_i / P_ii, variance 1 / P_ii (Dubrule 1983).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.spatial.distance import cdist

from interpolation.arrays import Array
from interpolation.patterns import Patterns, padded_blocks
from interpolation.variogram import correlation

JITTER = 1e-10
"""Smallest share of the sill added to the diagonal when a smooth model makes the matrix singular."""


def correlation_matrix(flat: Array, model: str, nugget_share: float, error_share: Array | None = None) -> Array:
    """Return the (n, n) correlation of the observations, nugget and known error on the diagonal.

    Parameters
    ----------
    flat : (n, 2) array
        Coordinates in ranges (`Variogram.flatten`).
    model : str
        Variogram model.
    nugget_share : float
        Nugget over total sill.
    error_share : (n,) array, optional
        Known error variance of each station over the total sill.
    """
    matrix = correlation(model, cdist(flat, flat))
    matrix *= 1.0 - nugget_share
    diagonal = np.ones(len(flat)) if error_share is None else 1.0 + error_share
    np.fill_diagonal(matrix, diagonal)
    return np.asarray(matrix)


@dataclass(frozen=True)
class System:
    """A factorised kriging system with unit sill.

    Attributes
    ----------
    factor : (n, n) array
        Lower Cholesky factor of the correlation matrix.
    projection : (n, n) array
        P of the module's first step.
    border : (n, p) array
        B.
    spread : (p, p) array
        G, covariance of the drift coefficients over the sill.
    log_determinant : float
        log|R| + log|FᵀR⁻¹F|.
    jitter : float
        Share of the sill that had to be added to the diagonal; zero as a rule.
    """

    factor: Array
    projection: Array
    border: Array
    spread: Array
    log_determinant: float
    jitter: float = 0.0

    @classmethod
    def factorise(cls, matrix: Array, drift: Array) -> System:
        """Factorise a correlation matrix and a drift matrix (n, p).

        Raises
        ------
        numpy.linalg.LinAlgError
            The matrix stays singular with a jitter of 10⁻⁶, or the drift has dependent columns.
        """
        jitter = 0.0
        while True:
            try:
                lower = cholesky(matrix, lower=True)
                break
            except np.linalg.LinAlgError:
                jitter = JITTER if jitter == 0.0 else jitter * 100.0
                if jitter > 1e-6:
                    raise
                matrix = matrix + jitter * np.eye(len(matrix))
        inverse = cho_solve((lower, True), np.eye(len(matrix)))
        half = solve_triangular(lower, drift, lower=True)
        information = half.T @ half
        root = cholesky(information, lower=True)
        spread = cho_solve((root, True), np.eye(drift.shape[1]))
        solved = inverse @ drift
        border = solved @ spread
        projection = inverse - border @ solved.T
        log_determinant = 2.0 * float(np.log(np.diag(lower)).sum() + np.log(np.diag(root)).sum())
        return cls(lower, 0.5 * (projection + projection.T), border, spread, log_determinant, jitter)


@dataclass(frozen=True)
class Completed:
    """All steps' values on one system, holes filled with their kriging predictions.

    Attributes
    ----------
    filled : (T, n) array
        Observed values, and predictions where they were missing.
    products : (T, n) array
        P z; at an observed station leave-one-out error = product / diagonal.
    diagonal : (T, n) array
        The diagonal of P of the stations present at each step (NaN where missing).
    rss : (T,) array
        zᵀPz, the generalised residual sum of squares.
    log_determinant : (T,) array
        Of the bordered system of the stations present.
    """

    filled: Array
    products: Array
    diagonal: Array
    rss: Array
    log_determinant: Array


def complete(system: System, values: Array, patterns: Patterns) -> Completed:
    """Fill the missing stations of every step and return what validation and likelihood need.

    Parameters
    ----------
    system : System
        Of all n stations.
    values : (T, n) array
        NaN = missing. Each step needs more stations than the drift has columns.
    patterns : Patterns
        Of `values`.
    """
    filled = np.where(np.isfinite(values), values, 0.0)
    products = filled @ system.projection
    diagonal = np.tile(np.diag(system.projection), (len(patterns.present), 1))
    extra = np.zeros(len(patterns.present))
    for group in patterns.missing:
        blocks = padded_blocks(system.projection, group)
        holes = np.linalg.inv(blocks)
        extra[group.patterns] = np.linalg.slogdet(blocks)[1]
        cross = system.projection[group.index] * group.real[:, :, None]
        diagonal[group.patterns] -= np.einsum("ukn,ukn->un", cross, holes @ cross)
        known = group.gather(products)
        fill = -np.einsum("tkl,tl->tk", holes[group.which], known)
        filled[group.steps] += group.spread(fill, values.shape[1])
    products = filled @ system.projection
    per_step = np.where(np.isfinite(values), diagonal[patterns.of_step], np.nan)
    return Completed(
        filled,
        products,
        per_step,
        np.maximum(np.einsum("tn,tn->t", filled, products), 0.0),
        system.log_determinant + extra[patterns.of_step],
    )


def statistics(matrix: Array, drift: Array, values: Array, patterns: Patterns) -> tuple[Array, Array]:
    """Return rss and log determinant (T,): what the likelihood needs of `complete`, and nothing else.

    Raises
    ------
    numpy.linalg.LinAlgError
        The matrix cannot be factorised.
    """
    if patterns.present.mean() < 0.5:
        return _statistics_of_subsets(matrix, drift, values, patterns)
    if not patterns.missing:
        return _statistics_of_whole(matrix, drift, values)
    system = System.factorise(matrix, drift)
    known = np.where(np.isfinite(values), values, 0.0)
    products = known @ system.projection
    rss = np.einsum("tn,tn->t", known, products)
    extra = np.zeros(len(patterns.present))
    for group in patterns.missing:
        lower = np.linalg.cholesky(padded_blocks(system.projection, group))
        extra[group.patterns] = 2.0 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        at = group.gather(products)
        white = np.linalg.solve(lower[group.which], at[:, :, None])[:, :, 0]
        rss[group.steps] -= (white**2).sum(axis=1)
    return np.maximum(rss, 0.0), system.log_determinant + extra[patterns.of_step]


def _statistics_of_whole(matrix: Array, drift: Array, values: Array) -> tuple[Array, Array]:
    """Return the same where no station is missing: one factorisation and no inverse."""
    lower = cholesky(matrix, lower=True, check_finite=False)
    white = solve_triangular(lower, values.T, lower=True, check_finite=False)
    half = solve_triangular(lower, drift, lower=True, check_finite=False)
    root = cholesky(half.T @ half, lower=True)
    fitted = solve_triangular(root, half.T @ white, lower=True)
    log_determinant = 2.0 * float(np.log(np.diag(lower)).sum() + np.log(np.diag(root)).sum())
    rss = np.maximum((white**2).sum(axis=0) - (fitted**2).sum(axis=0), 0.0)
    return rss, np.full(len(values), log_determinant)


def _statistics_of_subsets(matrix: Array, drift: Array, values: Array, patterns: Patterns) -> tuple[Array, Array]:
    """Return the same by factorising each pattern's own stations: cheaper where most are missing."""
    rss = np.zeros(len(values))
    log_determinant = np.zeros(len(patterns.present))
    known = np.where(np.isfinite(values), values, 0.0)
    for group in patterns.reporting:
        lower = np.linalg.cholesky(padded_blocks(matrix, group))
        parts = drift[group.index] * group.real[:, :, None]
        half = np.linalg.solve(lower, parts)
        root = np.linalg.cholesky(half.transpose(0, 2, 1) @ half)
        log_determinant[group.patterns] = 2.0 * (
            np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
            + np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        )
        z = group.gather(known)
        white = np.linalg.solve(lower[group.which], z[:, :, None])
        fitted = np.linalg.solve(root[group.which], half[group.which].transpose(0, 2, 1) @ white)
        rss[group.steps] = np.maximum((white**2).sum(axis=(1, 2)) - (fitted**2).sum(axis=(1, 2)), 0.0)
    return rss, log_determinant[patterns.of_step]
