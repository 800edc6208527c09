"""What a source adds at a place under the wind of an hour: a Gaussian plume, screening grade.

*Assumptions*, all rough: one wind for the whole area; stability by the clock and the wind alone (Turner 1970, clear
sky); effective height `HEIGHT`; factories without a furnace work by day; no plume rise, deposition, chemistry or
terrain; potential in place of emission.

Wind directions are taken together in sectors, so that a plume is worked out once for each combination of sector and
stability there is; and `Kernels` keeps those at stations, which hotspots and zones ask for again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.readings import LOCAL

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

HEIGHT = 15.0
"""Effective height of a release, m: between a yard and a stack; the register knows neither."""

SPREAD = 150.0
"""Initial width of a works, m: halls, yards and vents, not a point."""

TURN = float(np.tan(np.deg2rad(12.0)))
"""Tangent of the wind's swing within an hour (Hanna 1983: 10 to 20 degrees in light wind)."""

LEAST_WIND = 0.8
"""m/s put in place of weaker wind, so that a division doesn't explode."""

SECTOR = 10
"""Degrees to which wind directions are taken together."""

BLOCK = 30_000
"""Plumes worked out at once: as many as stay near the processor."""

HELD = 60
"""Stations whose plumes `Kernels` keeps."""

UNKNOWN_HP = 75.0
"""Where the register holds none."""

SHIFT = range(7, 18)
NIGHT_SHARE = 0.15
"""Share of a day factory's strength outside `SHIFT`; factories that burn (boilers, kilns) work round the clock."""

# Briggs (1973), urban, as a x (1 + b x)^c; by class A-B, C, D, E-F.
_SIGMA_Y = np.array([[0.32, 4e-4, -0.5], [0.22, 4e-4, -0.5], [0.16, 4e-4, -0.5], [0.11, 4e-4, -0.5]])
_SIGMA_Z = np.array([[0.24, 1e-3, 0.5], [0.20, 0.0, 1.0], [0.14, 3e-4, -0.5], [0.08, 1.5e-3, -0.5]])
_DEEPEST = np.array([1000.0, 700.0, 400.0, 150.0])


@dataclass(frozen=True, eq=False)
class Hours:
    """The exceedance hours of a place, with wind.

    Attributes
    ----------
    day : ndarray (k,)
        Day of each hour (datetime64[D], Bangkok).
    hour : ndarray (k,)
        Hour of the day, 0 to 23.
    direction, speed : ndarray (k,)
        Wind from (degrees) and its speed (m/s).
    """

    day: NDArray[np.datetime64]
    hour: NDArray[np.int64]
    direction: Array
    speed: Array

    @classmethod
    def of(cls, wind: pd.DataFrame) -> Hours:
        """Return the hours of a wind table (`planning.likely.exceedance_hours`)."""
        local = local_hours(wind)
        return cls(
            local.astype("datetime64[D]"),
            (local.astype(np.int64) % 24).astype(np.int64),
            wind["direction"].to_numpy(float),
            wind["speed"].to_numpy(float),
        )

    def __len__(self) -> int:
        return len(self.day)

    @cached_property
    def winds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The combinations of wind sector and stability there are (sector × 4 + class), and that of each hour."""
        sector = np.rint(self.direction / SECTOR).astype(np.int64) % (360 // SECTOR)
        pairs, number = np.unique(sector * 4 + stability(self.hour, self.speed), return_inverse=True)
        return pairs, number


def local_hours(table: pd.DataFrame | pd.Series[float]) -> NDArray[np.datetime64]:
    """Return the times of a table's index as Bangkok hours without zone."""
    local = pd.DatetimeIndex(table.index).tz_convert(LOCAL).tz_localize(None)
    hours: NDArray[np.datetime64] = local.to_numpy().astype("datetime64[h]")
    return hours


def stability(hour: NDArray[np.int64], speed: Array) -> NDArray[np.int64]:
    """Return Pasquill's class as 0 (A-B), 1 (C), 2 (D) or 3 (E-F) for a clear sky (Turner 1970, table 3-1).

    Examples
    --------
    >>> stability(np.array([12, 12, 2, 2]), np.array([1.5, 6.5, 1.0, 6.0])).tolist()
    [0, 1, 3, 2]
    """
    day = (hour >= 7) & (hour < 18)
    by_day = np.select([speed < 4.0, speed < 7.0], [0, 1], 2)
    by_night = np.where(speed < 5.0, 3, 2)
    return np.where(day, by_day, by_night).astype(np.int64)


def plume(along: Array, across: Array, kind: int) -> Array:
    """Return the ground concentration of 1 g/s at 1 m/s, µg/m³ (Pasquill 1961; Turner 1970, eq. 3.3).

    Parameters
    ----------
    along, across : ndarray
        Metres downwind of the source (negative: upwind) and across the wind.
    kind : int
        Of `stability`.
    """
    x = np.maximum(along, 0.0)
    (a, b, c), (d, e, f) = _SIGMA_Y[kind], _SIGMA_Z[kind]
    wide = np.sqrt(((a * x) * _power(1 + b * x, c)) ** 2 + (TURN * x) ** 2 + SPREAD**2)
    deep = np.minimum(np.sqrt(((d * x) * _power(1 + e * x, f)) ** 2 + HEIGHT**2), _DEEPEST[kind])
    # A works is felt a little upwind of its middle, as far as it is wide itself.
    felt = np.where(along >= 0, 1.0, np.exp(-0.5 * (along / SPREAD) ** 2))
    cloud = np.exp(-0.5 * (across / wide) ** 2 - 0.5 * (HEIGHT / deep) ** 2)
    field: Array = 1e6 / (np.pi * wide * deep) * felt * cloud
    return field


def _power(base: Array, exponent: float) -> Array:
    """Return a power, by the root where it is one: a tenth of the time."""
    if exponent == -0.5:
        return np.asarray(1.0 / np.sqrt(base))
    return np.asarray(base**exponent)


def emission_weight(factories: pd.DataFrame) -> Array:
    """Return the assumed strength of factories relative to one of middle potential with 500 hp.

    A class of dust potential (1 to 3) stands for a threefold: emission factors of dry bulk trades and of clean
    ones lie orders of magnitude apart (AP-42), so that points added up would let ten workshops outweigh a kiln. Size
    counts with the power 0.6 (economies of scale, the usual six-tenths rule of engineering).
    """
    grade = factories["type_potential"].fillna(0.0).to_numpy(float)
    hp = factories["hp"].fillna(UNKNOWN_HP).clip(lower=20.0).to_numpy(float)
    weight: Array = np.where(grade > 0, 3.0 ** (grade - 2.0), 0.0) * (hp / 500.0) ** 0.6
    return weight


def at_winds(winds: Indices, points: Array, places: Array) -> Array:
    """Return the mean over some points of the plumes of 1 g/s at 1 m/s: (winds, places), µg/m³.

    Parameters
    ----------
    winds : ndarray (w,)
        Sector × 4 + class of stability (`Hours.winds`).
    points : ndarray (m, 2)
        Where the dust is felt, metres.
    places : ndarray (k, 2)
        Where the sources stand.
    """
    east, north = (points[:, None, :] - places[None, :, :]).transpose(2, 0, 1)
    felt = np.empty((len(winds), len(places)))
    together = max(BLOCK // max(east.size, 1), 1)
    for kind in np.unique(winds % 4):
        alike = np.flatnonzero(winds % 4 == kind)
        for first in range(0, len(alike), together):
            now = alike[first : first + together]
            towards = np.deg2rad((winds[now] // 4) * SECTOR + 180.0)[:, None, None]
            along = east * np.sin(towards) + north * np.cos(towards)
            across = east * np.cos(towards) - north * np.sin(towards)
            felt[now] = plume(along, across, int(kind)).mean(axis=1)
    return felt


def unit_plumes(hours: Hours, points: Array, places: Array) -> Array:
    """Return `at_winds` under the winds of some hours: (`Hours.winds`, places), µg/m³."""
    return at_winds(hours.winds[0], points, places)


class Kernels:
    """Plumes of sources at stations, each worked out when it is first asked for.

    Parameters
    ----------
    winds : ndarray (w,)
        Every combination that will be asked for, sorted (`Hours.winds`).
    stations : ndarray (n, 2), sources : ndarray (k, 2)
        Metres.
    """

    def __init__(self, winds: Indices, stations: Array, sources: Array) -> None:
        self.winds, self.stations, self.sources = winds, stations, sources
        self._held: dict[int, tuple[Indices, Array]] = {}

    def at(self, hours: Hours, station: int, sources: Indices) -> Array:
        """Return the plumes of 1 g/s at 1 m/s of some sources at a station: (`Hours.winds`, sources), µg/m³."""
        column, felt = self._held.pop(station, (np.full(len(self.sources), -1), np.empty((len(self.winds), 0))))
        new = sources[column[sources] < 0]
        if len(new):
            column[new] = felt.shape[1] + np.arange(len(new))
            felt = np.hstack([felt, at_winds(self.winds, self.stations[[station]], self.sources[new])])
        self._held[station] = column, felt  # the last asked for comes last
        if len(self._held) > HELD:
            del self._held[next(iter(self._held))]
        asked: Array = felt[np.ix_(np.searchsorted(self.winds, hours.winds[0]), column[sources])]
        return asked


def by_day(hours: Hours, plumes: Array, by_day: NDArray[np.bool_]) -> tuple[NDArray[np.datetime64], Array]:
    """Return the days, and per day the plume weights (of `unit_plumes`) summed over its hours: (days, places).

    In µg/m³ h per g/s.
    """
    days, which = np.unique(hours.day, return_inverse=True)
    winds, number = hours.winds
    thinned = 1.0 / np.maximum(hours.speed, LEAST_WIND)
    sums = []
    for strength in (thinned, thinned * _shift(hours)):
        weight = np.zeros((len(days), len(winds)))
        np.add.at(weight, (which, number), strength)
        sums.append(weight @ plumes)
    return days, np.where(by_day, sums[1], sums[0])


def _shift(hours: Hours) -> Array:
    return np.where(np.isin(hours.hour, list(SHIFT)), 1.0, NIGHT_SHARE)


def by_hour(hours: Hours, plumes: Array, strength: Array, by_day: NDArray[np.bool_]) -> Array:
    """Return what sources of some strength (g/s) add, each hour: (hours,), µg/m³; `plumes` of `unit_plumes`."""
    _, number = hours.winds
    always, shift = plumes @ np.where(by_day, 0.0, strength), plumes @ np.where(by_day, strength, 0.0)
    felt: Array = (always[number] + shift[number] * _shift(hours)) / np.maximum(hours.speed, LEAST_WIND)
    return felt


def each_by_hour(hours: Hours, plumes: Array, strength: Array, by_day: NDArray[np.bool_]) -> Array:
    """Return what each source of some strength adds, each hour: (hours, sources); `plumes` of `unit_plumes`."""
    _, number = hours.winds
    work = np.where(by_day[None, :], _shift(hours)[:, None], 1.0)
    felt: Array = (plumes * strength)[number] * work / np.maximum(hours.speed, LEAST_WIND)[:, None]
    return felt


def apart(places: Array, points: Array) -> Array:
    """Return how far each place (n, 2) lies from the nearest of some points (m, 2): (n,), metres."""
    away: Array = np.hypot(*(places[:, None, :] - points[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    return away
