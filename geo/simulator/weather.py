"""Hourly weather of a place in the dry season: wind, mixing height, stability, humidity, temperature.

Everything is an average daily course times a slowly wandering factor (first-order autoregression with a
stated memory), so that neighbouring hours and days resemble each other as real ones do. Stability follows
Pasquill's table as Turner (1970) gives it: sun and wind by day, wind alone by night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.simulator.plume import SECTOR

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Climate:
    """The usual weather of the place and season.

    Attributes
    ----------
    wind_from : float
        Prevailing direction the wind comes from (degrees).
    wind_turn : float
        How far the afternoon wind is turned from it (degrees, clockwise), as by a sea breeze.
    wind_spread : float
        Standard deviation of the direction about that (degrees).
    wind_speed : float
        Mean at 10 m (m/s).
    mixing_night, mixing_day : float
        Least and largest usual mixing height (m).
    temperature, humidity : float
        Means (°C, %).
    """

    wind_from: float = 60.0
    wind_turn: float = 70.0
    wind_spread: float = 32.0
    wind_speed: float = 1.9
    mixing_night: float = 180.0
    mixing_day: float = 1300.0
    temperature: float = 27.0
    humidity: float = 68.0


def wander(rng: np.random.Generator, steps: int, memory: float, columns: int = 1) -> Array:
    """Return series of mean 0 and variance 1 that forget with a time constant of `memory` steps.

    Returns
    -------
    (steps, columns) ndarray
    """
    keep = np.exp(-1.0 / memory)
    shocks = rng.standard_normal((steps, columns)) * np.sqrt(1 - keep**2)
    series = np.empty((steps, columns))
    series[0] = rng.standard_normal(columns)
    for step in range(1, steps):
        series[step] = keep * series[step - 1] + shocks[step]
    return series


def simulate_weather(climate: Climate, hours: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the weather of `hours` hours that begin at local midnight.

    Returns
    -------
    DataFrame
        `hour` (of the day), `wind_speed` (m/s), `wind_dir` (degrees from), `temp` (°C), `rh` (%),
        `mixing_height` (m), `stability` (0 = A … 5 = F), `sector` (of `SECTOR` degrees).
    """
    hour = np.arange(hours) % 24
    # Highest at 15 o'clock; the day's warmth drives wind, mixing and dryness together.
    course = np.cos((hour - 15) / 24 * 2 * np.pi)
    slow, quick = wander(rng, hours, 60.0, 4).T, wander(rng, hours, 5.0, 3).T
    speed = climate.wind_speed * (1 + 0.45 * course) * np.exp(0.28 * slow[0] + 0.22 * quick[0] - 0.06)
    speed = np.clip(speed, 0.5, 12.0)
    direction = climate.wind_from + climate.wind_turn * np.clip(course, 0, 1)
    direction = (direction + climate.wind_spread * (0.75 * slow[1] + 0.66 * quick[1])) % 360
    temperature = climate.temperature + 5.0 * course + 1.6 * slow[2]
    humidity = np.clip(climate.humidity - 17 * course + 6 * slow[3] + 3 * quick[2], 25, 98)
    share = np.clip((course + 0.35) / 1.35, 0, 1) ** 1.4
    mixing = climate.mixing_night + (climate.mixing_day - climate.mixing_night) * share
    mixing = mixing * np.exp(0.18 * slow[0])
    return pd.DataFrame(
        {
            "hour": hour,
            "wind_speed": speed,
            "wind_dir": direction,
            "temp": temperature,
            "rh": humidity,
            "mixing_height": mixing,
            "stability": stability_class(hour, speed),
            "sector": np.rint(direction / SECTOR).astype(int) % (360 // SECTOR),
        }
    )


def stability_class(hour: NDArray[np.int64], speed: Array) -> NDArray[np.int64]:
    """Return Pasquill's class as a number, 0 = A to 5 = F, for a clear dry-season day (Turner 1970, table 3-1).

    Strong sun from 10 to 15 o'clock, slight sun in the hours beside, else night.

    >>> stability_class(np.array([12, 8, 2, 2]), np.array([2.5, 2.5, 1.0, 6.0])).tolist()
    [1, 2, 5, 3]
    """
    band = np.searchsorted([2.0, 3.0, 5.0, 6.0], speed, side="right")
    strong = np.array([0, 1, 1, 2, 2])[band]
    slight = np.array([1, 2, 2, 3, 3])[band]
    night = np.array([5, 5, 4, 3, 3])[band]
    by_day = np.where((hour >= 10) & (hour < 15), strong, slight)
    return np.where((hour >= 7) & (hour < 18), by_day, night)
