"""How sure the shape of the field is: several plausible variograms, each with its weight.

A network of ten sensors and one map doesn't tell a range of 2 km from one of 6 km. Intervals that
take the most likely one as the truth are too narrow (Zimmerman and Cressie 1992; Diggle and Ribeiro
2007, §7.2). Here the shape's posterior is summed over a small grid around its mode, as in integrated
nested Laplace approximations (Rue, Martino and Chopin 2009, §3.1):

1. −2 log posterior = −2 ℓ (restricted, sills integrated out) + a weak prior on range and nugget share.
2. Its mode and curvature set the axes; the grid has steps of `_STEP` standard deviations along them.
3. Points that weigh too little are dropped; the rest are weighted by their posterior.

Deliberate cuts: model, transform and direction are the most likely ones; only range and nugget share vary.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.optimize import minimize

from interpolation.arrays import Array

MOST_FREEDOM = 400
"""Degrees of freedom from which one shape is enough: the others no longer change an interval's coverage."""
# Prior of log range around a quarter of the extent, and of the logit of the nugget share: wide enough to
# let thirty values decide, narrow enough that five do not end at a range of nothing or of everything.
_PRIOR_SD = np.array([0.75, 1.1])
_PRIOR_SHARE = -1.0
_STEP = 1.2
_REACH = 2
_LEAST = 0.004


def weigh(minus_two_log: Callable[[Array], float], theta: Array, log_range: float) -> list[tuple[float, Array]]:
    """Return plausible parameters with their weights, heaviest first; the weights add up to one.

    Parameters
    ----------
    minus_two_log : callable
        −2 restricted log-likelihood of (log range, logit nugget share).
    theta : (2,) array
        The most likely parameters.
    log_range : float
        Centre of the prior of the log range.
    """
    centre = np.array([log_range, _PRIOR_SHARE])

    def target(at: Array) -> float:
        return minus_two_log(at) + float((((at - centre) / _PRIOR_SD) ** 2).sum())

    start = np.clip(theta, centre - 2 * _PRIOR_SD, centre + 2 * _PRIOR_SD)
    simplex = np.vstack([start, start + np.diag([0.4, 0.6])])
    found = minimize(
        target, start, method="Nelder-Mead",
        options={"maxfev": 60, "xatol": 0.02, "fatol": 0.02, "initial_simplex": simplex},
    )  # fmt: skip
    axes = _axes(target, found.x, float(found.fun))
    steps = _STEP * np.arange(-_REACH, _REACH + 1)
    points = [found.x + axes @ np.array(z) for z in product(steps, steps)]
    values = np.array([target(p) for p in points])
    weight = np.where(np.isfinite(values), np.exp(-0.5 * (values - np.nanmin(values))), 0.0)
    weight[weight < _LEAST * weight.sum()] = 0.0
    weight /= weight.sum()
    return [(float(weight[k]), points[k]) for k in np.argsort(-weight, kind="stable") if weight[k] > 0]


def _axes(target: Callable[[Array], float], at: Array, value: float) -> Array:
    """Return the posterior's principal axes (columns), each one standard deviation long."""
    h = np.array([0.25, 0.4])
    first, second = np.diag(h)
    ends = [[target(at + s * e) for s in (-1, 1)] for e in (first, second)]
    cross = target(at + first + second) - target(at + first - second)
    cross += target(at - first - second) - target(at - first + second)
    hessian = np.array(
        [
            [(ends[0][0] + ends[0][1] - 2 * value) / h[0] ** 2, cross / (4 * h[0] * h[1])],
            [cross / (4 * h[0] * h[1]), (ends[1][0] + ends[1][1] - 2 * value) / h[1] ** 2],
        ]
    )
    # −2 log p is twice the precision's quadratic form. Where it is flat or bent the wrong way, the prior counts.
    precision = 0.5 * np.where(np.isfinite(hessian), hessian, 0.0)
    scaled = precision * np.outer(_PRIOR_SD, _PRIOR_SD)
    eigen, vectors = np.linalg.eigh(0.5 * (scaled + scaled.T))
    return np.asarray(_PRIOR_SD[:, None] * vectors / np.sqrt(np.maximum(eigen, 1.0)))
