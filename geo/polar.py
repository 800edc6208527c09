"""Where the high hours of a station come from: conditional probability by wind direction, and direction with speed.

*Conditional probability function* (CPF; Ashbaugh, Malm and Sadeh 1985; Kim and Hopke 2004): of the hours with wind from
a sector, the share in which the concentration was above a high quantile of the station's own hours. The interval is
Wilson's (1927). Hours follow each other, so that it is narrower than it should be; `hours` says what it rests on.

*Bivariate polar plot* (Carslaw, Beevers, Ropkins and Bell 2006): the mean concentration by direction and speed. A
source near the ground is strong in light wind, a stack or a far source in fresh wind. Cells are averaged with a
Gaussian kernel in the plane of the wind's two components (Henry, Norris, Vedantham and Turner 2009), which knows no
seam at north; a cell that fewer than `LEAST` hours' worth of weight support is left out.

Directions are those the wind comes FROM; a sector is centred on its direction, the short way round north.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.profiles import CALM, LEAST, SECTORS, hours_with_wind, sector

HIGH = 0.75
"""Quantile above which an hour is high."""

BANDWIDTH = 0.6
"""Standard deviation of the kernel, m/s."""

CELLS = 36
"""Directions of the polar plot."""

SPEED_STEP = 0.5
"""m/s, of the polar plot's rings."""

_NORMAL95 = 1.959963984540054


@dataclass(frozen=True)
class Conditional:
    """Share of high hours by wind direction.

    Attributes
    ----------
    table : DataFrame
        ``sector`` (0 = north, clockwise), ``hours``, ``high``, ``share`` (NaN below `LEAST` hours), ``lower95``,
        ``upper95``.
    threshold : float
        Concentration from which an hour is high.
    overall : float
        Share of high hours over all hours with wind that is not calm.
    hours : int
        Those hours.
    """

    table: pd.DataFrame
    threshold: float
    overall: float
    hours: int


def conditional_probability(
    readings: pd.DataFrame, wind: pd.DataFrame, variable: str, *, quantile: float = HIGH, sectors: int = SECTORS
) -> Conditional:
    """Return the conditional probability function of a station.

    Parameters
    ----------
    readings, wind : DataFrame
        Observations of one station each, as in `geo.profiles.pollution_rose`.
    quantile : float
        0 to 1.
    """
    hours = hours_with_wind(readings, wind, variable)
    moving = hours[hours["wind_speed"] >= CALM]
    threshold = float(hours[variable].quantile(quantile)) if len(hours) else float("nan")
    high = moving[variable] > threshold
    where = sector(moving["wind_dir"], sectors)
    table = pd.DataFrame({"hours": high.groupby(where).size(), "high": high.groupby(where).sum()})
    table = table.reindex(range(sectors)).fillna(0).astype(int)
    share, lower, upper = wilson(table["high"].to_numpy(float), table["hours"].to_numpy(float))
    enough = (table["hours"] >= LEAST).to_numpy()
    for name, values in (("share", share), ("lower95", lower), ("upper95", upper)):
        table[name] = np.where(enough, values, np.nan)
    overall = float(high.mean()) if len(high) else float("nan")
    return Conditional(table.rename_axis("sector").reset_index(), threshold, overall, len(moving))


def wilson(successes: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return share and 95 % interval of a proportion (Wilson 1927); NaN without a trial.

    >>> share, low, high = wilson(np.array([5.0]), np.array([10.0]))
    >>> [round(float(v[0]), 4) for v in (share, low, high)]
    [0.5, 0.2366, 0.7634]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = successes / trials
        spread = 1 + _NORMAL95**2 / trials
        middle = (share + _NORMAL95**2 / (2 * trials)) / spread
        half = _NORMAL95 / spread * np.sqrt(share * (1 - share) / trials + _NORMAL95**2 / (4 * trials**2))
    return share, middle - half, middle + half


def bivariate(readings: pd.DataFrame, wind: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return the mean concentration by direction and speed.

    Returns
    -------
    DataFrame
        One row a cell that is supported: ``direction`` (degrees, middle, wind from), ``speed`` (m/s, middle),
        ``mean``, ``weight`` (hours' worth of kernel weight that support it).
    """
    hours = hours_with_wind(readings, wind, variable)
    hours = hours[(hours["wind_speed"] >= CALM) & hours["wind_dir"].notna()]
    blank = pd.DataFrame({"direction": [], "speed": [], "mean": [], "weight": []}, dtype=float)
    if len(hours) < LEAST:
        return blank
    speeds = hours["wind_speed"].to_numpy(float)
    top = float(np.quantile(speeds, 0.99))
    rings = np.arange(CALM + SPEED_STEP / 2, max(top, CALM + SPEED_STEP) + SPEED_STEP / 2, SPEED_STEP)
    directions = np.arange(CELLS) * 360.0 / CELLS
    direction, speed = (a.ravel() for a in np.meshgrid(directions, rings))
    there, here = _components(hours["wind_dir"].to_numpy(float), speeds), _components(direction, speed)
    mean, weight = np.zeros(len(here)), np.zeros(len(here))
    values = hours[variable].to_numpy(float)
    for i, place in enumerate(here):
        kernel = np.exp(-0.5 * ((there - place) ** 2).sum(axis=1) / BANDWIDTH**2)
        weight[i] = kernel.sum()
        mean[i] = kernel @ values / weight[i] if weight[i] > 0 else np.nan
    table = pd.DataFrame({"direction": direction, "speed": speed, "mean": mean, "weight": weight})
    return table[table["weight"] >= LEAST].reset_index(drop=True) if len(table) else blank


def _components(direction: np.ndarray, speed: np.ndarray) -> np.ndarray:
    angle = np.deg2rad(direction)
    return np.column_stack([speed * np.sin(angle), speed * np.cos(angle)])
