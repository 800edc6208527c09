"""Synthetic fields with known truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from interpolation import Variogram

Field = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="session")
def field() -> Field:
    """Return a function that draws stations and Gaussian values with a given variogram."""

    def draw(
        variogram: Variogram, n: int, steps: int = 1, seed: int = 0, extent: float = 10_000.0
    ) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        xy = rng.uniform(0, extent, (n, 2))
        flat = variogram.flatten(xy)
        distance = np.hypot(*(flat[:, None] - flat[None]).transpose(2, 0, 1)) * variogram.range
        covariance = variogram.sill - variogram.semivariance(distance)
        factor = np.linalg.cholesky(covariance + 1e-10 * np.eye(n))
        return xy, rng.standard_normal((steps, n)) @ factor.T

    return draw
