"""Regional air that comes into the place: level, haze episodes, daily course, and gentle spatial texture.

The level wanders from day to day (lognormal, memory of some days), haze episodes are smooth bumps on top,
and the shallow air of night and morning holds more dust than the deep air of the afternoon. The texture is
a Gaussian random field (spectral method with random Fourier features: Rahimi & Recht 2007; a squared
exponential covariance) whose patterns slowly change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.simulator.weather import wander

Array = NDArray[np.float64]

_WAVES = 48
_PATTERNS = 3


@dataclass(frozen=True)
class Haze:
    """One haze episode: day of its peak (from 0), half width (days, one sigma), height (µg/m³ PM2.5)."""

    day: float
    width: float
    height: float


@dataclass(frozen=True)
class Region:
    """The regional air.

    Attributes
    ----------
    level : float
        Usual 24-hour PM2.5 (µg/m³).
    spread : float
        Standard deviation of its logarithm from day to day.
    memory : float
        Days after which the level is forgotten.
    haze : tuple of Haze
    coarse : float
        Usual PM10 / PM2.5; coarser on dry, windy days.
    texture : float
        Standard deviation of the spatial texture, as a share of the level.
    texture_range : float
        Its length scale (m).
    """

    level: float = 27.0
    spread: float = 0.16
    memory: float = 3.0
    haze: tuple[Haze, ...] = ()
    coarse: float = 1.65
    texture: float = 0.04
    texture_range: float = 5000.0


class Background:
    """The regional PM2.5 and PM10 of one simulation, over hours and places."""

    def __init__(self, region: Region, mixing: Array, humidity: Array, rng: np.random.Generator) -> None:
        hours = len(mixing)
        days = -(-hours // 24)
        self.pm25 = _daily_levels(region, days, rng) * _daily_course(mixing)
        ratio = region.coarse * np.exp(0.05 * wander(rng, hours, 24.0)[:, 0]) * (1 - 0.004 * (humidity - 68))
        self.pm10 = self.pm25 * np.maximum(ratio, 1.15)
        self._waves = rng.standard_normal((_PATTERNS, 2, _WAVES)) / region.texture_range
        self._phases = rng.uniform(0, 2 * np.pi, (_PATTERNS, _WAVES))
        moods = wander(rng, hours, 48.0, _PATTERNS - 1)
        # One pattern stays (land use), the others come and go; together they have variance 1.
        self._moods = region.texture * np.column_stack([np.full(hours, 0.7), 0.5 * moods])

    def level(self, pollutant: str) -> Array:
        """Return the level over the hours (µg/m³) without texture."""
        return self.pm25 if pollutant == "pm25" else self.pm10

    def patterns(self, points: Array) -> Array:
        """Return the texture patterns at `points` (n, 2): (patterns, n), each of variance 1 over the plane."""
        waves = np.einsum("nd,pdw->pnw", points, self._waves) + self._phases[:, None, :]
        return np.asarray(np.sqrt(2 / _WAVES) * np.cos(waves).sum(axis=-1))

    def weights(self, pollutant: str) -> Array:
        """Return what multiplies the patterns at each hour: (hours, patterns), µg/m³."""
        return self.level(pollutant)[:, None] * self._moods


def _daily_levels(region: Region, days: int, rng: np.random.Generator) -> Array:
    """Return the level of each hour, smooth from one day's middle to the next."""
    wandering = np.exp(region.spread * wander(rng, days + 2, region.memory)[:, 0])
    middle = (np.arange(days + 2) - 0.5) * 24
    hours = np.arange(days * 24)
    level = region.level * np.interp(hours, middle, wandering)
    for haze in region.haze:
        away = (hours / 24 - 0.5 - haze.day) / haze.width
        # A flat-topped bump: episodes come quickly, stay, and are washed out quickly.
        level += haze.height * np.exp(-0.5 * np.abs(away) ** 3)
    return level


def _daily_course(mixing: Array) -> Array:
    """Return the factor of the mixing height, of mean 1 on every day.

    Diluting through the whole depth would give a power of -1; entrained regional dust makes it weaker, and
    -0.25 gives the ratio of about 1.5 between morning and afternoon that Thai dry-season series show.
    """
    factor = mixing**-0.25
    by_day = factor.reshape(-1, 24)
    return np.asarray((by_day / by_day.mean(axis=1, keepdims=True)).ravel())
