"""The sill of each time step, steadied by the other steps.

A step with few stations tells little about its own variance. Its estimate is drawn toward what the
other steps show, as far as they agree (empirical Bayes; Smyth 2004, eq. 3): with σ̂_t² on d_t
degrees of freedom and a prior (s₀², d₀), the sill is (d₀ s₀² + d_t σ̂_t²) / (d₀ + d_t), and errors
follow Student's t with d₀ + d_t degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from interpolation.arrays import Array


@dataclass(frozen=True)
class Sills:
    """Sill and degrees of freedom of every step.

    Attributes
    ----------
    prior : float
        s₀² [transformed unit, squared].
    prior_freedom : float
        d₀; zero where there is one step only, infinite where the sill was given.
    rss : (T,) array
        Generalised residual sum of squares.
    freedom : (T,) array
        Degrees of freedom of `rss`.
    """

    prior: float
    prior_freedom: float
    rss: Array
    freedom: Array

    @property
    def each(self) -> Array:
        """Sill of each step, (T,)."""
        return self._posterior(self.rss, self.freedom)

    @property
    def total_freedom(self) -> Array:
        """Degrees of freedom of each step's predictive distribution, (T,)."""
        return self.prior_freedom + self.freedom

    def _posterior(self, rss: Array, freedom: Array) -> Array:
        if np.isinf(self.prior_freedom):
            return np.full(np.shape(rss), self.prior)
        total = np.maximum(self.prior_freedom + freedom, 1e-9)
        return np.asarray((self.prior_freedom * self.prior + rss) / total)

    def without(self, part: Array, counted: Array) -> tuple[Array, Array]:
        """Return sill and freedom (T, n) when one value is left out.

        Parameters
        ----------
        part : (T, n) array
            The value's part of rss.
        counted : (T, n) bool array
            Whether the value counted for the sill at all.
        """
        freedom = np.maximum(self.freedom[:, None] - counted, 0.0)
        rss = np.maximum(self.rss[:, None] - part, 0.0)
        return self._posterior(rss, freedom), np.asarray(self.prior_freedom + freedom)


def given(sill: float, rss: Array, freedom: Array) -> Sills:
    """Return the same known sill for every step."""
    return Sills(sill, np.inf, rss, freedom)


def estimate(rss: Array, freedom: Array) -> Sills:
    """Estimate the prior from all steps by maximum likelihood and return the steadied sills.

    Parameters
    ----------
    rss, freedom : (T,) arrays
        One step has no prior; with two or more, σ̂_t² / s₀² follows F(d_t, d₀).
    """
    use = (freedom > 0) & (rss > 0)
    variance = rss[use] / freedom[use]
    if use.sum() < 2:
        return Sills(float(variance[0]) if use.any() else 0.0, 0.0, rss, freedom)
    d = freedom[use].astype(float)

    def negative(theta: Array) -> float:
        scale, d0 = np.exp(theta)
        ratio = variance / scale
        density = (
            gammaln((d + d0) / 2)
            - gammaln(d / 2)
            - gammaln(d0 / 2)
            + d / 2 * np.log(d / d0)
            + (d / 2 - 1) * np.log(ratio)
            - (d + d0) / 2 * np.log1p(d * ratio / d0)
            - np.log(scale)
        )
        return float(-density.sum())

    start = np.array([np.log(np.median(variance)), np.log(4.0)])
    best = minimize(negative, start, method="Nelder-Mead", options={"maxiter": 200, "xatol": 1e-3, "fatol": 1e-3})
    scale, d0 = np.exp(np.clip(best.x, [-700, -3.0], [700, 6.0]))
    return Sills(float(scale), float(d0), rss, freedom)
