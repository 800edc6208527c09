"""Drift: the covariates that explain the field's mean, checked and put on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interpolation.arrays import Array, Flags
from language import UserError

BEYOND = 0.1
"""A target counts as beyond the stations' range of a covariate from this share of the range outward."""


@dataclass(frozen=True)
class Drift:
    """How covariates enter the kriging system.

    Attributes
    ----------
    names : tuple of str
        Of the covariates; empty for ordinary kriging.
    centre, scale, low, high : (p,) arrays
        Mean, standard deviation, smallest and largest value at the stations.
    """

    names: tuple[str, ...]
    centre: Array
    scale: Array
    low: Array
    high: Array

    @classmethod
    def of(cls, covariates: Array | None, n: int, names: Sequence[str] | None = None) -> Drift:
        """Read the covariates (n, p) of the stations.

        Raises
        ------
        UserError
            Missing values, a constant covariate, dependent covariates, or too many of them.
        """
        empty = np.zeros(0)
        if covariates is None or np.shape(covariates)[-1] == 0:
            return cls((), empty, empty, empty, empty)
        table = _table(covariates, n)
        labels = tuple(names) if names else tuple(str(k + 1) for k in range(table.shape[1]))
        if table.shape[1] > n - 4:
            raise UserError(
                "{covariates} covariates need at least {needed} stations; there are {stations}.",
                covariates=table.shape[1],
                needed=table.shape[1] + 4,
                stations=n,
            )
        scale = table.std(axis=0)
        for label, spread, centre in zip(labels, scale, table.mean(axis=0), strict=True):
            if spread <= 1e-12 * max(abs(centre), 1e-300):
                raise UserError("The covariate '{name}' has the same value at every station; leave it out.", name=label)
        standard = (table - table.mean(axis=0)) / scale
        if np.linalg.svd(standard, compute_uv=False)[-1] < 1e-6 * np.sqrt(n):
            raise UserError("The covariates {names} say the same; leave one of them out.", names=", ".join(labels))
        return cls(labels, table.mean(axis=0), scale, table.min(axis=0), table.max(axis=0))

    def matrix(self, covariates: Array | None, n: int) -> Array:
        """Return the drift matrix (n, 1 + p): ones and the standardised covariates.

        Raises
        ------
        UserError
            Covariates missing, or not of the stations' number and order.
        """
        ones = np.ones((n, 1))
        if not self.names:
            return ones
        if covariates is None:
            raise UserError(
                "The stations have the covariates {names}; the targets need them too.", names=", ".join(self.names)
            )
        table = _table(covariates, n)
        if table.shape[1] != len(self.names):
            raise UserError(
                "The stations have {stations} covariates and the targets {targets}.",
                stations=len(self.names),
                targets=table.shape[1],
            )
        return np.hstack([ones, (table - self.centre) / self.scale])

    def beyond(self, covariates: Array | None, n: int) -> Flags:
        """Return which targets lie beyond the stations' range of a covariate by more than `BEYOND` of it."""
        if not self.names or covariates is None:
            return np.zeros(n, dtype=bool)
        table = _table(covariates, n)
        margin = BEYOND * (self.high - self.low)
        return np.asarray(((table < self.low - margin) | (table > self.high + margin)).any(axis=1))


def _table(covariates: Array, n: int) -> Array:
    table = np.asarray(covariates, dtype=float)
    if table.ndim == 1:
        table = table[:, None]
    if table.shape[0] != n:
        raise UserError("There are {places} places and {rows} rows of covariates.", places=n, rows=table.shape[0])
    if not np.isfinite(table).all():
        row = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
        raise UserError("A covariate is missing in row {row}.", row=row + 1)
    return table
