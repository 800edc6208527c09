"""On how many steps a value is above a threshold, when every step is known as a probability.

The count of steps is the decision's quantity ("over the standard on at least 6 of 60 days"), and its spread
depends on how the steps hang together: what a map misses today it misses tomorrow. A share `repeat` of the
error variance is common to all steps (`interpolation.simulation.repeat_share`), so that given the common part u,
steps are independent with probability

    p_t(u) = Φ((Φ⁻¹(p_t) + √repeat · u) / √(1 − repeat))

(one-factor Gaussian copula, Vasicek 2002) and their count is Poisson-binomial: exact by recursion up to
`EXACT` steps, beyond by the refined normal approximation (Volkova 1996; Hong 2013, eq. 14). u is integrated
by the trapezoidal rule. No random numbers, so that a map has no speckle from drawing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, ndtri

from interpolation.arrays import Array

EXACT = 31
"""The recursion counts up to so many steps; the approximation is then below 0.005 off."""

BLOCK = 4096
"""Places worked through at a time; keeps the working arrays in the processor's cache."""

MOST_REPEAT = 0.98
"""A greater share would make every step the copy of another; the quadrature needs a little of each step's own."""

_REACH = 4.0
_STEP = 0.5
_SURE = 1e-9


def at_least(chance: Array, count: float, repeat: float) -> Array:
    """Return the probability that at least `count` of the steps are above the threshold.

    Parameters
    ----------
    chance : (T, m) array
        Probability of each step, 0 to 1; NaN counts as 0.
    count : float
        A fraction asks for the next whole number.
    repeat : float
        Share of the error variance common to all steps, 0 to 1.

    Returns
    -------
    (m,) array

    Examples
    --------
    >>> at_least(np.full((10, 1), 0.5), 5, 0.0).round(3)
    array([0.623])
    >>> at_least(np.full((10, 1), 0.2), 5, 0.8).round(2)
    array([0.19])
    """
    needed = int(np.ceil(count - 1e-6))
    steps, places = chance.shape
    if needed <= 0:
        return np.ones(places)
    if needed > steps:
        return np.zeros(places)
    out = np.zeros(places)
    for first in range(0, places, BLOCK):
        part = slice(first, first + BLOCK)
        for weight, p in _given(chance[:, part], repeat):
            out[part] += weight * _poisson_binomial_tail(p, needed)
    return np.clip(out, 0.0, 1.0)


def _given(chance: Array, repeat: float) -> Iterator[tuple[float, Array]]:
    """Yield weight and the steps' probabilities (T, k) at each node of the common part."""
    known = np.clip(np.nan_to_num(chance.astype(np.float64)), _SURE, 1 - _SURE)
    shared = float(np.clip(repeat, 0.0, MOST_REPEAT))
    if shared == 0:
        yield 1.0, known
        return
    latent = ndtri(known) / np.sqrt(1 - shared)
    slope = np.sqrt(shared / (1 - shared))
    # The stronger the common part, the steeper the count turns with it, and the closer the nodes.
    nodes = np.linspace(-_REACH, _REACH, max(int(np.ceil(2 * _REACH * slope / _STEP)), 12) + 1)
    weights = np.exp(-0.5 * nodes**2)
    weights /= weights.sum()
    for weight, u in zip(weights, nodes, strict=True):
        yield float(weight), ndtr(latent + slope * u)


def _poisson_binomial_tail(p: Array, needed: int) -> Array:
    """Return P(N >= needed) of independent steps with probabilities p (T, k)."""
    misses = len(p) - needed + 1  # N >= needed means that there are fewer than so many misses
    if needed <= EXACT and needed <= misses:
        return _recursion(p, needed)
    if misses <= EXACT:
        return 1.0 - _recursion(1.0 - p, misses)
    spread = p * (1 - p)
    variance = np.maximum(spread.sum(axis=0), 1e-12)
    sd = np.sqrt(variance)
    skew = (spread * (1 - 2 * p)).sum(axis=0) / (variance * sd)
    x = (needed - 0.5 - p.sum(axis=0)) / sd
    density = np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
    return np.asarray(np.clip(1.0 - ndtr(x) - skew * (1 - x**2) * density / 6, 0.0, 1.0))


def _recursion(p: Array, needed: int) -> Array:
    """Return P(N >= needed) exactly: the states are 0, 1 ... needed - 1 and "enough"."""
    state = np.zeros((needed + 1, p.shape[1]))
    state[0] = 1.0
    for q in p:
        moved = state[:-1] * q
        state[:-1] -= moved
        state[1:] += moved
    return np.asarray(state[-1])
