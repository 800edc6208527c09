"""Gaussian plumes: what a source adds to the air at ground level.

Concentration of a continuous source at height h with ground reflection (Pasquill 1961; Gifford 1961;
Turner 1970, *Workbook of Atmospheric Dispersion Estimates*, eq. 3.3), receptor at the ground::

    C = Q / (π u σy σz) · exp(-y² / 2σy²) · exp(-h² / 2σz²)

with Briggs' (1973) urban dispersion coefficients. Three additions, all usual in regulatory models: the
source has a size (σy0, σz0 added in quadrature, as for the volume sources of ISC3), σz stops at 0.8 of the
mixing height of its stability class, and σy holds the meander of the wind direction within the hour
(12°). Just upwind of the middle of a source its own width is felt (normal distribution function of x/σy0).

*Scope cuts*: no plume rise (heights are effective heights), no deposition, no chemistry, no terrain,
no memory from one hour to the next. Good enough for a truth that looks like a town's air; not an
impact assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]

STABILITIES = "ABCDEF"
"""Pasquill stability classes, from very unstable to stable."""

SECTOR = 10
"""Width of a wind direction sector (degrees), as in synoptic reports."""

MEANDER = np.deg2rad(12.0)
"""Standard deviation of the wind direction within an hour (rad); Hanna (1983) gives 10-20° in light wind."""

REACH = 25_000.0
"""Distance (m) beyond which a source is not felt."""

_NEAR = 2.0
_RINGS = 480
_FAN = 360

# Briggs (1973), urban: σ = a x (1 + b x)^c with x in metres, as (a, b, c) for σy and σz.
_SIGMA_Y = {"A": (0.32, 4e-4, -0.5), "C": (0.22, 4e-4, -0.5), "D": (0.16, 4e-4, -0.5), "E": (0.11, 4e-4, -0.5)}
_SIGMA_Z = {"A": (0.24, 1e-3, 0.5), "C": (0.20, 0.0, 1.0), "D": (0.14, 3e-4, -0.5), "E": (0.08, 1.5e-3, -0.5)}
_SAME = {"B": "A", "F": "E"}
# Depth (m) through which a plume of that class can mix; typical values over warm land.
_MIXING = {"A": 1500.0, "B": 1200.0, "C": 900.0, "D": 500.0, "E": 250.0, "F": 150.0}


@dataclass(frozen=True)
class Release:
    """How a kind of source lets its dust go: effective height and initial spread (m)."""

    height: float
    sigma_y: float
    sigma_z: float


RELEASES: Mapping[str, Release] = {
    "stack": Release(25.0, 320.0, 20.0),
    "yard": Release(4.0, 350.0, 12.0),
    "road": Release(1.5, 100.0, 4.0),
    "town": Release(4.0, 400.0, 12.0),
    "fire": Release(30.0, 80.0, 20.0),
}
"""Effective heights and sizes of the sources; chosen for plausibility, not measured.

A works is not a point: vents, yards, lorries and the wakes of its halls spread its dust over some hundred
metres before the wind takes it, so its initial width is large.
"""


def sigmas(x: Array, stability: str) -> tuple[Array, Array]:
    """Return Briggs' urban σy and σz (m) at downwind distance `x` (m, not negative).

    >>> y, z = sigmas(np.array([1000.0]), "D")
    >>> round(float(y[0]), 1), round(float(z[0]), 1)
    (135.2, 122.8)
    """
    letter = _SAME.get(stability, stability)
    ay, by, cy = _SIGMA_Y[letter]
    az, bz, cz = _SIGMA_Z[letter]
    return ay * x * (1 + by * x) ** cy, az * x * (1 + bz * x) ** cz


def concentration(x: Array, y: Array, stability: str, release: Release, speed: float = 1.0) -> Array:
    """Return the ground concentration of 1 g/s.

    Parameters
    ----------
    x, y : ndarray
        Distance downwind and across the wind (m).
    stability : {"A", ..., "F"}
    release : Release
    speed : float
        Wind speed (m/s).

    Returns
    -------
    ndarray
        µg/m³.
    """
    downwind = np.maximum(x, 0.0)
    sy, sz = sigmas(downwind, stability)
    wide = np.sqrt(sy**2 + (downwind * np.tan(MEANDER)) ** 2 + release.sigma_y**2)
    deep = np.minimum(np.sqrt(sz**2 + release.sigma_z**2), 0.8 * _MIXING[stability])
    across = np.exp(-0.5 * (y / wide) ** 2)
    # Upwind of its middle a wide source is felt only as far as it reaches.
    along = ndtr(x / release.sigma_y)
    column = np.exp(-0.5 * (release.height / deep) ** 2)
    field: Array = 1e6 / (np.pi * speed * wide * deep) * across * along * column
    return field


class PlumeTable:
    """Plumes of unit emission and unit wind, looked up by distance and angle.

    The look-up (rings 2 % apart, angles of 1°) makes fields on large grids some ten times faster than the
    formula and differs from it by a few per cent at most; every truth goes through it, so hourly, daily
    and gridded truths agree with each other exactly.
    """

    def __init__(self) -> None:
        rings = _NEAR * (REACH / _NEAR) ** (np.arange(_RINGS) / (_RINGS - 1))
        angles = np.deg2rad(np.arange(_FAN))
        x, y = rings[:, None] * np.cos(angles), rings[:, None] * np.sin(angles)
        self._log_step = np.log(REACH / _NEAR) / (_RINGS - 1)
        self._tables: dict[tuple[str, str], NDArray[np.float32]] = {}
        for name, release in RELEASES.items():
            for letter in STABILITIES:
                fan = concentration(x, y, letter, release).astype(np.float32)
                # The last ring stands for everything beyond reach; the fan is doubled so that
                # turning the wind is one addition.
                fan[-1] = 0.0
                self._tables[name, letter] = np.concatenate([fan, fan], axis=1).ravel()

    def places(self, points: Array, sources: Array) -> NDArray[np.int32]:
        """Return where each pair of point and source stands in the table for a wind towards the north.

        Parameters
        ----------
        points : (n, 2) ndarray
        sources : (s, 2) ndarray
            Metres, x to the east and y to the north.

        Returns
        -------
        (n, s) ndarray of int32
        """
        dx = points[:, None, 0] - sources[None, :, 0]
        dy = points[:, None, 1] - sources[None, :, 1]
        distance = np.clip(np.hypot(dx, dy), _NEAR, REACH)
        ring = np.rint(np.log(distance / _NEAR) / self._log_step).astype(np.int32)
        bearing = np.rint(np.rad2deg(np.arctan2(dx, dy))).astype(np.int32) % _FAN
        return np.asarray(ring * np.int32(2 * _FAN) + bearing, np.int32)

    def look_up(self, places: NDArray[np.int32], release: str, stability: int, sector: int) -> NDArray[np.float32]:
        """Return µg/m³ for 1 g/s and 1 m/s at `places`, with wind *from* ``sector · SECTOR`` degrees."""
        towards = (sector * SECTOR + 180) % _FAN
        table = self._tables[release, STABILITIES[stability]]
        return table.take(places + np.int32((_FAN - towards) % _FAN))
