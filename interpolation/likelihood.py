"""Restricted likelihood of a correlation shape over all steps at once, the sill profiled out step by step.

REML: Patterson and Thompson 1971; for kriging Kitanidis 1983. For each step t with n_t stations,
p drift coefficients and correlation R:

    −2 ℓ_t = (n_t − p) (log σ̂_t² + 1 + log 2π) + log|R_t| + log|F_tᵀ R_t⁻¹ F_t|,
    σ̂_t² = z_tᵀ P_t z_t / (n_t − p).

Steps are replicates: they share range and nugget share, not the sill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation.arrays import Array, Indices
from interpolation.patterns import Patterns
from interpolation.system import statistics


@dataclass(frozen=True)
class Replicates:
    """Steps that share one correlation shape.

    Attributes
    ----------
    coordinates : (n, 2) array
        [m]
    drift : (n, p) array
        First column one.
    values : (T, n) array
        Transformed values, NaN = missing; every step has at least p + 2 of them, not all equal.
    error_variance : (n,) array or None
        Known error variance of the stations, on the transformed scale.
    """

    coordinates: Array
    drift: Array
    values: Array
    patterns: Patterns
    error_variance: Array | None = None

    @property
    def freedom(self) -> Indices:
        """Degrees of freedom of each step, n_t − p."""
        return np.asarray(np.isfinite(self.values).sum(axis=1) - self.drift.shape[1])


def deviance(replicates: Replicates, matrix: Array) -> tuple[float, Array]:
    """Return −2 restricted log-likelihood and the sill of each step (T,) for one correlation matrix.

    Returns infinity where the matrix cannot be factorised.
    """
    try:
        rss, log_determinant = statistics(matrix, replicates.drift, replicates.values, replicates.patterns)
    except np.linalg.LinAlgError:
        return np.inf, np.full(len(replicates.values), np.nan)
    freedom = replicates.freedom
    sill = np.maximum(rss / freedom, 1e-300)
    total = freedom * (np.log(sill) + 1.0 + np.log(2 * np.pi)) + log_determinant
    return float(total.sum()), sill
