"""Transforms: a concentration to the scale on which it is near normal, and its way back without bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation.arrays import Array
from language import UserError

NAMES = ("none", "sqrt", "log", "boxcox")
"""Names that a user may ask for; `auto` picks one by likelihood."""

# Gauss-Hermite nodes for the moments of the Box-Cox inverse; 21 nodes give six digits at the
# skewness that pollution fields have.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Transform:
    """A monotone transform of positive values to a scale where they are near normal.

    Attributes
    ----------
    name : {"none", "sqrt", "log", "boxcox"}
        ``sqrt`` is √y, ``log`` is ln(y + shift), ``boxcox`` is ((y + shift)^power − 1) / power
        (Box and Cox 1964, eq. 2).
    shift : float
        Added before the logarithm or the power [unit of the values].
    power : float
        Exponent of ``boxcox``.
    resolution : float
        Smallest step of the measurement [unit of the values]; a value below it counts as it in the
        Jacobian, so that a single zero doesn't decide the choice.
    """

    name: str = "none"
    shift: float = 0.0
    power: float = 1.0
    resolution: float = 0.0

    def forward(self, values: Array) -> Array:
        """Return the values on the transformed scale; what lies below the scale's end counts as its end."""
        if self.name == "none":
            return np.asarray(values)
        if self.name == "sqrt":
            return np.sqrt(np.maximum(values, 0.0))
        moved = np.maximum(np.asarray(values) + self.shift, self._floor)
        return np.log(moved) if self.name == "log" else (moved**self.power - 1.0) / self.power

    @property
    def _floor(self) -> float:
        return max(self.shift * 1e-6, self.resolution, 1e-300)

    def inverse(self, latent: Array) -> Array:
        """Return quantiles on the original scale; monotone, so intervals stay exact."""
        if self.name == "none":
            return np.asarray(latent)
        if self.name == "sqrt":
            return np.square(np.maximum(latent, 0.0))
        if self.name == "log":
            return np.exp(latent) - self.shift
        inner = np.maximum(np.asarray(latent) * self.power + 1.0, 1e-12)
        return inner ** (1.0 / self.power) - self.shift

    def moments(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return mean and variance on the original scale of a normal variable on the transformed scale.

        This is the unbiased back-transform: the mean of the predictive distribution, not the
        inverse of its centre (log: Aitchison and Brown 1957, eq. 2.6; sqrt: second moment of the
        normal; Box-Cox: Gauss-Hermite quadrature).

        Parameters
        ----------
        mean, variance : array
            Of the predictive distribution on the transformed scale, of one shape.
        """
        if self.name == "none":
            return mean, variance
        if self.name == "sqrt":
            return mean * mean + variance, 2.0 * variance * (variance + 2.0 * mean * mean)
        if self.name == "log":
            centre = np.exp(mean + 0.5 * variance)
            return centre - self.shift, centre * centre * np.expm1(variance)
        sd = np.sqrt(variance)
        first = np.zeros_like(mean)
        second = np.zeros_like(mean)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            y = self.inverse(mean + sd * mean.dtype.type(node))
            first += mean.dtype.type(weight) * y
            second += mean.dtype.type(weight) * y * y
        return first, np.maximum(second - first * first, 0.0)

    def derivative(self, values: Array) -> Array:
        """Return d(transformed) / d(value)."""
        if self.name == "none":
            return np.ones_like(np.asarray(values, dtype=float))
        floor = max(self.resolution, self._floor)
        if self.name == "sqrt":
            return 0.5 / np.sqrt(np.maximum(values, floor))
        moved = np.maximum(np.asarray(values) + self.shift, floor)
        return 1.0 / moved if self.name == "log" else moved ** (self.power - 1.0)

    def log_jacobian(self, values: Array) -> float:
        """Return the mean log derivative over the finite values: what a likelihood needs to compare scales."""
        finite = np.asarray(values)[np.isfinite(values)]
        return float(np.mean(np.log(self.derivative(finite))))

    def to_dict(self) -> dict[str, float | str]:
        """Return name and parameters as plain values."""
        if self.name == "log":
            return {"name": "log", "shift": self.shift}
        if self.name == "boxcox":
            return {"name": "boxcox", "shift": self.shift, "power": self.power}
        return {"name": self.name}


def resolution_of(values: Array) -> float:
    """Return the values' smallest plausible step: half the smallest positive value, 0.1 to 5 % of the median.

    More would lift zeros: where a third of the readings are zero and the others start at 20, a step of 10
    would count every zero as 10.
    """
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size == 0:
        return 0.0
    return float(np.clip(0.5 * positive.min(), *(np.median(positive) * np.array([1e-3, 0.05]))))


def candidates(values: Array, wish: str) -> list[Transform]:
    """Return the transforms to choose from, for finite `values` and a wish.

    Parameters
    ----------
    values : array
        Observed values, NaN = missing.
    wish : {"auto", "none", "sqrt", "log", "boxcox"}
        ``auto`` offers all; with negative values only ``none`` is possible.

    Raises
    ------
    UserError
        An unknown name, or a transform that needs values ≥ 0 where some are negative.
    """
    if wish not in ("auto", *NAMES):
        raise UserError(
            "Unknown transform '{name}'. Choose one of: {names}.", name=wish, names="auto, " + ", ".join(NAMES)
        )
    finite = values[np.isfinite(values)]
    if wish == "none":
        return [Transform()]
    if finite.min() < 0:
        if wish == "auto":
            return [Transform()]
        raise UserError(
            "The transform '{name}' needs values of zero or more; the smallest value is {minimum}. "
            "Choose 'none' or correct the values.",
            name=wish,
            minimum=f"{finite.min():g}",
        )
    step = resolution_of(finite)
    positive = finite[finite > 0]
    if positive.size == 0:
        return [Transform()]
    median = float(np.median(positive))
    shifts = [share * median for share in (0.02, 0.1, 0.3, 1.0)]
    if finite.min() > 0:
        shifts.insert(0, 0.0)
    logs = [Transform("log", shift=s, resolution=step) for s in shifts]
    # Powers below zero have no finite mean after the way back.
    powers = [Transform("boxcox", power=p, shift=shifts[0], resolution=step) for p in (0.25, 0.75)]
    roots = [Transform("sqrt", resolution=step)]
    return {"sqrt": roots, "log": logs, "boxcox": powers, "auto": [Transform(), *roots, *logs, *powers]}[wish]
