"""One simulation: weather, true fields, readings; and the questions a test asks of the truth.

The true concentration at a place and hour is

    regional level · (1 + texture) + Σ schedules · plumes / wind + open fires

Each term is a product of something over hours and something over places, so a field is a few matrix
products: for a daily mean the hours are summed first (per wind sector and stability class), for an hourly
one they are not. Both are the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.simulator.background import Background
from geo.simulator.plume import PlumeTable
from geo.simulator.scenario import Scenario
from geo.simulator.sensors import SENSORS, read
from geo.simulator.sources import SCHEDULES, schedule_shares
from geo.simulator.weather import simulate_weather

Array = NDArray[np.float64]

POLLUTANTS = ("pm25", "pm10")
_CHUNK = 4000
_LEAST_WIND = 0.8


@cache
def _plumes() -> PlumeTable:
    return PlumeTable()


@dataclass(frozen=True, eq=False)
class Simulation:
    """The result of `simulate`.

    Attributes
    ----------
    scenario : Scenario
    weather : DataFrame
        One row an hour, see `weather.simulate_weather`.
    background : Background
    """

    scenario: Scenario
    weather: pd.DataFrame
    background: Background

    @cached_property
    def times(self) -> pd.DatetimeIndex:
        """Beginnings of the hours, UTC."""
        begin = pd.Timestamp(self.scenario.start).tz_localize(self.scenario.tz).tz_convert("UTC")
        return pd.date_range(begin, periods=self.scenario.days * 24, freq="h", name="time")

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """Local days."""
        return pd.date_range(self.scenario.start, periods=self.scenario.days, freq="D", name="date")

    # -- truth ---------------------------------------------------------------------------------------

    def truth(self, pollutant: str, x: ArrayLike, y: ArrayLike, times: pd.DatetimeIndex | None = None) -> Array:
        """Return the true hourly concentration, free of sensor error.

        Parameters
        ----------
        pollutant : {"pm25", "pm10"}
        x, y : (n,) array_like
            Places (m, the scenario's plane).
        times : DatetimeIndex, optional
            Beginnings of hours; all hours without it.

        Returns
        -------
        (hours, n) ndarray
            µg/m³.
        """
        hours = np.arange(len(self.times)) if times is None else self._hours_of(times)
        points = _points(x, y)
        field = np.empty((len(hours), len(points)))
        for part in _chunks(len(points)):
            field[:, part] = self._hourly(pollutant, points[part])[hours]
        return field

    def daily_truth(self, pollutant: str, x: ArrayLike, y: ArrayLike) -> Array:
        """Return the true 24-hour mean of each local day: (days, n), µg/m³."""
        points = _points(x, y)
        field = np.empty((self.scenario.days, len(points)))
        for part in _chunks(len(points)):
            field[:, part] = self._daily(pollutant, points[part])
        return field

    def exceedance_area(self, pollutant: str, x: ArrayLike, y: ArrayLike, cell: float, threshold: float) -> pd.Series:
        """Return the area (km²) where the true 24-hour mean is above `threshold`, for each local day.

        Parameters
        ----------
        x, y : (n,) array_like
            Middles of the cells (m).
        cell : float
            Side of a cell (m).
        threshold : float
            µg/m³.
        """
        above = (self.daily_truth(pollutant, x, y) > threshold).sum(axis=1)
        return pd.Series(above * (cell / 1000) ** 2, index=self.dates, name="area_km2")

    def contributions(
        self, pollutant: str, x: ArrayLike, y: ArrayLike, days: slice | NDArray[np.int64] | None = None
    ) -> pd.DataFrame:
        """Return what each source truly adds, as a mean over the days.

        Parameters
        ----------
        days : slice or array of int, optional
            Positions in `dates`; all without it.

        Returns
        -------
        DataFrame
            One row a place, one column a source (`source_id`; the parts of a road or town summed), then
            `fires` and `background`; µg/m³. The row's sum is the true mean.
        """
        points = _points(x, y)
        chosen = np.arange(self.scenario.days) if days is None else np.arange(self.scenario.days)[days]
        weights = self._daily_weights[chosen].mean(axis=0)
        sources = self.scenario.sources
        total = np.zeros((len(points), len(sources)))
        for release, members in self._members.items():
            places = _plumes().places(points, self._source_places[members])
            for combination, (sector, stability) in enumerate(self._combinations):
                share = weights[combination, self._schedule_of[members]]
                total[:, members] += _plumes().look_up(places, release, stability, sector) * share
        total *= sources[pollutant].to_numpy(float)
        table = pd.DataFrame(total, columns=sources["source_id"].to_numpy()).T.groupby(level=0, sort=False).sum().T
        by_day = _day_means(self._fires(pollutant, points))
        table["fires"] = by_day[chosen].mean(axis=0)
        table["background"] = _day_means(self._regional(pollutant, points))[chosen].mean(axis=0)
        return table

    def strongest_source(self, pollutant: str, x: ArrayLike, y: ArrayLike) -> pd.Series:
        """Return the `source_id` that adds most at each place (the background left out)."""
        return self.contributions(pollutant, x, y).drop(columns="background").idxmax(axis=1)

    # -- readings ------------------------------------------------------------------------------------

    @cached_property
    def stations(self) -> pd.DataFrame:
        """The scenario's stations with `error_sd`, the stated error of a 24-hour mean (µg/m³)."""
        table = self.scenario.stations
        return table.assign(error_sd=[SENSORS[kind].error_sd for kind in table["kind"]])

    @cached_property
    def observations(self) -> pd.DataFrame:
        """What the sensors report, hours without a reading left out.

        `station_id`, `variable`, `time` (UTC), `period_hours`, `value` (µg/m³), `flag` (always None: quality
        control is not told what the simulator did).
        """
        stations = self.scenario.stations
        x, y = stations["x"].to_numpy(float), stations["y"].to_numpy(float)
        truth = {p: self.truth(p, x, y) for p in POLLUTANTS}
        humidity = self.weather["rh"].to_numpy(float)
        tables = []
        for number, row in enumerate(stations.itertuples()):
            faults = tuple(f for f in self.scenario.faults if f.station_id == row.station_id)
            pair = (truth["pm25"][:, number], truth["pm10"][:, number])
            rng = self.scenario.stream(f"sensor {row.station_id}")
            values = read(SENSORS[str(row.kind)], pair, humidity, faults, rng)
            for pollutant, series in zip(POLLUTANTS, values, strict=True):
                tables.append(self.rows(str(row.station_id), pollutant, series))
        return pd.concat(tables, ignore_index=True)

    def rows(self, station_id: str, variable: str, values: Array) -> pd.DataFrame:
        """Return hourly values of one station as observation rows, NaN left out."""
        there = np.isfinite(values)
        return pd.DataFrame(
            {
                "station_id": station_id,
                "variable": variable,
                "time": self.times[there],
                "period_hours": 1,
                "value": values[there],
                "flag": None,
            }
        )

    def wind_observations(self, station_id: str) -> pd.DataFrame:
        """Return the weather as a met station at the place reports it: speed, direction, humidity, temperature."""
        rng = self.scenario.stream(f"wind {station_id}")
        hours = len(self.times)
        speed = self.weather["wind_speed"].to_numpy() * np.exp(0.08 * rng.standard_normal(hours))
        direction = (self.weather["wind_dir"].to_numpy() + 6 * rng.standard_normal(hours)) % 360
        readings = {
            "wind_speed": np.round(speed, 1),
            "wind_dir": np.round(direction) % 360,
            "rh": np.clip(np.round(self.weather["rh"].to_numpy() + rng.standard_normal(hours)), 5, 100),
            "temp": np.round(self.weather["temp"].to_numpy() + 0.3 * rng.standard_normal(hours), 1),
        }
        return pd.concat([self.rows(station_id, name, series) for name, series in readings.items()], ignore_index=True)

    # -- how the truth is built ----------------------------------------------------------------------

    @cached_property
    def _combinations(self) -> list[tuple[int, int]]:
        """Pairs of wind sector and stability class that occur."""
        return sorted(set(zip(self.weather["sector"], self.weather["stability"], strict=True)))

    @cached_property
    def _combination_of(self) -> NDArray[np.int64]:
        number = {pair: i for i, pair in enumerate(self._combinations)}
        return np.array([number[p] for p in zip(self.weather["sector"], self.weather["stability"], strict=True)])

    @cached_property
    def _strength(self) -> Array:
        """Share of full emission of each schedule over wind speed: (hours, schedules)."""
        sunday = np.repeat(self.dates.dayofweek.to_numpy() == 6, 24)
        shares = schedule_shares(self.weather["hour"].to_numpy(), sunday)
        return np.asarray(shares / np.maximum(self.weather["wind_speed"].to_numpy(), _LEAST_WIND)[:, None])

    @cached_property
    def _daily_weights(self) -> Array:
        """What multiplies the unit plumes in a daily mean: (days, combinations, schedules)."""
        days = np.arange(len(self.times)) // 24
        weights = np.zeros((self.scenario.days, len(self._combinations), len(SCHEDULES)))
        np.add.at(weights, (days, self._combination_of), self._strength / 24)
        return weights

    @cached_property
    def _members(self) -> dict[str, NDArray[np.int64]]:
        releases = self.scenario.sources["release"].to_numpy()
        return {str(name): np.flatnonzero(releases == name) for name in pd.unique(releases)}

    @cached_property
    def _source_places(self) -> Array:
        return self.scenario.sources[["x", "y"]].to_numpy(float)

    @cached_property
    def _schedule_of(self) -> NDArray[np.int64]:
        names = list(SCHEDULES)
        return np.array([names.index(name) for name in self.scenario.sources["schedule"]], dtype=np.int64)

    def _kernel(self, pollutant: str, points: Array) -> Array:
        """Return the plumes of full emission at 1 m/s: (combinations, schedules, points), µg/m³."""
        emission = self.scenario.sources[pollutant].to_numpy(np.float32)
        kernel = np.zeros((len(self._combinations), len(SCHEDULES), len(points)))
        for release, members in self._members.items():
            places = _plumes().places(points, self._source_places[members])
            by_schedule = np.zeros((len(members), len(SCHEDULES)), np.float32)
            by_schedule[np.arange(len(members)), self._schedule_of[members]] = emission[members]
            used = np.flatnonzero(by_schedule.any(axis=0))
            for number, (sector, stability) in enumerate(self._combinations):
                plume = _plumes().look_up(places, release, stability, sector)
                kernel[number, used] += (plume @ by_schedule[:, used]).T
        return kernel

    def _regional(self, pollutant: str, points: Array) -> Array:
        texture = self.background.weights(pollutant) @ self.background.patterns(points)
        return np.maximum(self.background.level(pollutant)[:, None] + texture, 0.0)

    def _fires(self, pollutant: str, points: Array) -> Array:
        field = np.zeros((len(self.times), len(points)))
        fires = self.scenario.fires
        if fires.empty:
            return field
        places = _plumes().places(points, fires[["x", "y"]].to_numpy(float))
        speed = np.maximum(self.weather["wind_speed"].to_numpy(), _LEAST_WIND)
        spans = fires[["start", "hours"]].to_numpy(int)
        for number, rate in enumerate(fires[pollutant].to_numpy(float)):
            first, hours = spans[number]
            for hour in range(first, min(first + hours, len(self.times))):
                sector, stability = self._combinations[self._combination_of[hour]]
                plume = _plumes().look_up(places[:, number], "fire", stability, sector)
                field[hour] += rate / speed[hour] * plume
        return field

    def _hourly(self, pollutant: str, points: Array) -> Array:
        kernel = self._kernel(pollutant, points)
        field = self._regional(pollutant, points) + self._fires(pollutant, points)
        for schedule in range(len(SCHEDULES)):
            field += self._strength[:, schedule, None] * kernel[self._combination_of, schedule]
        return field

    def _daily(self, pollutant: str, points: Array) -> Array:
        kernel = self._kernel(pollutant, points)
        industry = self._daily_weights.reshape(self.scenario.days, -1) @ kernel.reshape(-1, len(points))
        patterns = self.background.patterns(points)
        level = _day_means(self.background.level(pollutant)[:, None])
        regional = level + _day_means(self.background.weights(pollutant)) @ patterns
        return np.asarray(regional + _day_means(self._fires(pollutant, points)) + industry)

    def _hours_of(self, times: pd.DatetimeIndex) -> NDArray[np.int64]:
        hours = self.times.get_indexer(times.tz_convert("UTC"))
        if (hours < 0).any():
            raise ValueError(f"{times[hours < 0][0]} is outside the simulated time")
        return np.asarray(hours)


def simulate(scenario: Scenario) -> Simulation:
    """Return the simulation of a scenario; fields and readings are computed when they are asked for.

    Examples
    --------
    >>> from geo.simulator import random_scenario, simulate
    >>> simulation = simulate(random_scenario(1, days=2, factories=5))
    >>> simulation.daily_truth("pm25", [606000.0], [1526000.0]).shape
    (2, 1)
    """
    weather = simulate_weather(scenario.climate, scenario.days * 24, scenario.stream("weather"))
    background = Background(
        scenario.region, weather["mixing_height"].to_numpy(), weather["rh"].to_numpy(), scenario.stream("background")
    )
    return Simulation(scenario, weather, background)


def _points(x: ArrayLike, y: ArrayLike) -> Array:
    return np.column_stack([np.asarray(x, float).ravel(), np.asarray(y, float).ravel()])


def _chunks(count: int) -> list[slice]:
    return [slice(begin, min(begin + _CHUNK, count)) for begin in range(0, count, _CHUNK)]


def _day_means(hourly: Array) -> Array:
    return np.asarray(hourly.reshape(-1, 24, hourly.shape[-1]).mean(axis=1))
