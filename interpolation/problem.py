"""A fitted network: the numbers that predicting and validating need, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation.arrays import Array, Flags
from interpolation.drift import Drift
from interpolation.patterns import Patterns
from interpolation.system import System
from interpolation.variogram import Variogram


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
    matrix : (n, n) array
        Correlation of the observations.
    system : System
        Of all stations.
    z : (T, n) array
        Transformed values, NaN = missing.
    filled : (T, n) array
        Holes filled with their kriging predictions.
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
    matrix: Array
    system: System
    z: Array
    filled: Array
    patterns: Patterns
    sills: Array
    usable: Flags
    neighbours: int | None

    @property
    def same_place(self) -> float:
        """Distance [ranges] below which a target counts as standing on a station."""
        return 1e-9 * float(np.ptp(self.flat, axis=0).max())

    @property
    def local(self) -> bool:
        """Whether targets are kriged from their nearest stations only."""
        return self.neighbours is not None and self.neighbours < len(self.flat)
