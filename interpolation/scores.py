"""Scores of probabilistic predictions against what was measured."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from interpolation import student
from interpolation.arrays import Array
from interpolation.transform import Transform

_X, _W = np.polynomial.legendre.leggauss(24)
_REACH = 8.0


def crps(observed: Array, mean: Array, sd: Array, freedom: Array, transform: Transform) -> Array:
    """Return the continuous ranked probability score of each prediction [unit of the values].

    CRPS = 2 ∫ (1[y < q(p)] − p) (q(p) − y) dp (Gneiting and Raftery 2007, eq. 20; Laio and Tamea
    2007, eq. 8), integrated over the normal scale on both sides of the observation.

    Parameters
    ----------
    observed : (k,) array
        On the original scale.
    mean, sd : (k,) arrays
        Of the predictive distribution on the transformed scale.
    freedom : (k,) array
        Of Student's t; infinite = normal.
    """
    if transform.name in ("log", "boxcox"):
        # Student's tails have no mean after these; like mean and sd, the score takes the normal.
        freedom = np.full_like(np.asarray(freedom, dtype=float), np.inf)
    latent = transform.forward(observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(sd > 0, (latent - mean) / np.where(sd > 0, sd, 1), 0.0)
    split = np.clip(student.to_normal(t, freedom), -_REACH, _REACH)
    total = np.zeros_like(mean)
    for low, high, above in ((-_REACH, split, False), (split, _REACH, True)):
        half = 0.5 * (high - low)
        for x, w in zip(_X, _W, strict=True):
            z = low + half * (x + 1.0)
            p = ndtr(z)
            quantile = transform.inverse(mean + sd * student.from_normal(np.asarray(z), freedom))
            density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
            total += w * half * density * 2.0 * (float(above) - p) * (quantile - observed)
    return np.where(sd > 0, np.maximum(total, 0.0), np.abs(transform.inverse(mean) - observed))


def summary(observed: Array, predicted: Array) -> dict[str, float]:
    """Return n, MAE, RMSE, ME (predicted − observed) and r of finite pairs."""
    known = np.isfinite(observed) & np.isfinite(predicted)
    y, p = observed[known], predicted[known]
    error = p - y
    varied = y.size > 1 and y.std() > 0 and p.std() > 0
    return {
        "n": int(y.size),
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "me": float(np.mean(error)),
        "r": float(np.corrcoef(y, p)[0, 1]) if varied else float("nan"),
    }
