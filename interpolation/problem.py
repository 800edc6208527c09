"""A fitted network: the numbers that predicting and validating need, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from interpolation.arrays import Array, Flags
from interpolation.drift import Drift
from interpolation.patterns import Patterns
from interpolation.support import UNSTRUCTURED, widest_gap
from interpolation.system import Completed, System, complete, correlation_matrix
from interpolation.variogram import Variogram
from language import UserError


@dataclass(frozen=True)
class Problem:
    """A fitted network, as `Kriging.problem` gives it.

    Attributes
    ----------
    variogram : Variogram
        Its sill matters nowhere here; `sills` do.
    flat : (n, 2) array
        Stations in ranges (`Variogram.flatten`).
    drift : Drift
    drift_matrix : (n, p) array
    error_share : (n,) array
        Known error variance of each station over the sill.
    z : (T, n) array
        Transformed values, NaN = missing.
    patterns : Patterns
        Of `z`.
    sills : (T,) array
    usable : (T,) bool array
        Steps with enough stations.
    neighbours : int or None
    """

    variogram: Variogram
    flat: Array
    drift: Drift
    drift_matrix: Array
    error_share: Array
    z: Array
    patterns: Patterns
    sills: Array
    usable: Flags
    neighbours: int | None

    # The n × n parts are made when they are asked for: from the nearest stations only, they never are.

    @cached_property
    def matrix(self) -> Array:
        """Correlation of the observations, (n, n)."""
        return correlation_matrix(self.flat, self.variogram.model, self.variogram.nugget_share, self.error_share)

    @cached_property
    def system(self) -> System:
        """The factorised system of all stations."""
        try:
            return System.factorise(self.matrix, self.drift_matrix)
        except np.linalg.LinAlgError:
            raise UserError("The kriging system cannot be solved with this variogram; give it a nugget.") from None

    @cached_property
    def completed(self) -> Completed:
        """All steps with their holes filled; unusable steps count as zeros."""
        return complete(self.system, *self.countable(self.z))

    def with_sills(self, each: Array) -> Problem:
        """Return the same network with other sills; what was computed stays computed."""
        out = replace(self, sills=each)
        out.__dict__.update({k: v for k, v in self.__dict__.items() if k in ("matrix", "system", "completed")})
        return out

    def countable(self, z: Array) -> tuple[Array, Patterns]:
        """Return values in which steps with too few stations are zeros, and their patterns."""
        enough = np.isfinite(z).sum(axis=1) > self.drift_matrix.shape[1]
        values = np.where(enough[:, None], z, 0.0)
        return values, Patterns.of(values)

    @property
    def same_place(self) -> float:
        """Distance [ranges] below which a target counts as standing on a station."""
        return 1e-9 * float(np.ptp(self.flat, axis=0).max())

    @cached_property
    def gap(self) -> float | None:
        """Widest gap between neighbouring stations [ranges] where distance alone counts (`supports`), else None."""
        asked = bool(self.drift.names) or self.variogram.nugget_share > UNSTRUCTURED
        return widest_gap(self.flat) if asked and len(self.flat) > 1 else None

    @property
    def local(self) -> bool:
        """Whether targets are kriged from their nearest stations only."""
        return self.neighbours is not None and self.neighbours < len(self.flat)
