"""Where a low-cost sensor stands beside a reference, and what both measured there.

1. `nearby` finds sensors within some metres of a reference (by distance alone);
2. `colocations` adds the days on which both have a 24-hour mean (the overlap);
3. `paired_days` and `paired_hours` put their values side by side, with humidity and temperature;
4. `outliers` finds days on which the two disagree far more than usual.

US EPA's test sets units within 20 m of the inlet and asks for 30 days; farther or shorter is allowed here, and said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.averages import BANGKOK, daily_means, hourly_matrix
from language import N_, Note, UserError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEAR = 250.0
"""Largest distance (m) of a co-location."""

CLOSE = 20.0
"""Distance (m) within which the US EPA's test sets the units."""

FEWEST_DAYS = 10
"""Days that a fit needs."""

TEST_DAYS = 30
"""Days of the US EPA's base test."""

CONDITIONS: Mapping[str, tuple[str, ...]] = {"humidity": ("rh",), "humidity-temperature": ("rh", "temp")}
"""What a fitted method needs beside the reading."""

_NAMES: Mapping[tuple[str, ...], str] = {
    ("rh",): N_("relative humidity"), ("rh", "temp"): N_("relative humidity and temperature"),
}  # fmt: skip


def nearby(stations: pd.DataFrame, distance: float = NEAR) -> pd.DataFrame:
    """Return pairs of a sensor and a reference that stand together, nearest first.

    Parameters
    ----------
    stations : DataFrame
        `station_id`, `kind`, `lat`, `lon`.
    distance : float
        Largest distance (m).

    Returns
    -------
    DataFrame
        `station_id`, `reference_id`, `distance_m`.
    """
    kinds = stations["kind"].fillna("unknown").to_numpy(str)
    sensors, references = stations[kinds != "reference"], stations[kinds == "reference"]
    rows = []
    for sensor in sensors.itertuples():
        away = metres(references, sensor.lat, sensor.lon)
        for i in np.flatnonzero(away <= distance):
            rows.append((str(sensor.station_id), str(references["station_id"].iloc[i]), float(away[i])))
    table = pd.DataFrame(rows, columns=["station_id", "reference_id", "distance_m"])
    return table.sort_values(["distance_m", "station_id"], ignore_index=True)


def metres(places: pd.DataFrame, lat: float, lon: float) -> Array:
    """Return the distances (m) of places from a point; within some hundred metres a flat earth is exact enough."""
    north, east = places["lat"].to_numpy(float) - lat, places["lon"].to_numpy(float) - lon
    return np.asarray(111_195.0 * np.hypot(north, east * np.cos(np.deg2rad(lat))), float)


def beside(stations: pd.DataFrame, station_id: str, distance: float = NEAR) -> list[str]:
    """Return the other sensors that stand beside a sensor, to see how alike units are."""
    own = stations[stations["station_id"] == station_id]
    if own.empty:
        return []
    others = stations[(stations["kind"].fillna("unknown") != "reference") & (stations["station_id"] != station_id)]
    away = metres(others, float(own["lat"].iloc[0]), float(own["lon"].iloc[0]))
    return sorted(others.loc[away <= distance, "station_id"].astype(str))


def colocations(
    stations: pd.DataFrame, observations: pd.DataFrame, pollutant: str = "pm25", distance: float = NEAR
) -> pd.DataFrame:
    """Return pairs of a low-cost sensor and a reference that stand together and overlap in time, best first.

    Parameters
    ----------
    stations : DataFrame
        `station_id`, `kind`, `lat`, `lon`.
    observations : DataFrame
        As `Lake.observations` returns them.
    distance : float
        Largest distance (m).

    Returns
    -------
    DataFrame
        `station_id`, `reference_id`, `distance_m`, `days` on which both have a daily mean, `begin`, `end`.
    """
    wide = daily_table(observations, pollutant)
    rows: list[tuple[str, str, float, int, date, date]] = []
    for station, reference, away in nearby(stations, distance).itertuples(index=False):
        if station in wide and reference in wide:
            both = wide.index[wide[station].notna() & wide[reference].notna()]
            if len(both):
                rows.append((station, reference, away, len(both), both[0].date(), both[-1].date()))
    table = pd.DataFrame(rows, columns=["station_id", "reference_id", "distance_m", "days", "begin", "end"])
    return table.sort_values(["days", "distance_m"], ascending=[False, True], ignore_index=True)


def daily_table(observations: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return complete daily means of a variable: a row a day, a column a station."""
    daily = daily_means(observations[observations["variable"] == variable]).dropna(subset="value")
    return daily.pivot_table(index="date", columns="station_id", values="value")


def _hourly_table(observations: pd.DataFrame, variable: str) -> pd.DataFrame:
    return hourly_matrix(observations[observations["variable"] == variable])


def _conditions(
    observations: pd.DataFrame, pair: tuple[str, str], needed: tuple[str, ...],
    table: Callable[[pd.DataFrame, str], pd.DataFrame],
) -> dict[str, pd.Series[float] | float]:  # fmt: skip
    """Return each condition's series at the station that has all of them; nothing where none is needed."""
    if not needed:
        return {}
    source = conditions_station(observations, *pair, needed)
    return {variable: table(observations, variable).get(source, np.nan) for variable in needed}


def conditions_station(observations: pd.DataFrame, station_id: str, reference_id: str, needed: tuple[str, ...]) -> str:
    """Return whose humidity and temperature to take: the sensor's own, or, where it has none, the reference's.

    Raises
    ------
    UserError
        Where neither has them.
    """
    for station in (station_id, reference_id):
        own = observations[observations["station_id"] == station]
        if all((own["variable"] == variable).any() for variable in needed):
            return station
    raise UserError(
        "The method needs {variables} at station {station} or {reference}, and there is none. "
        "Choose the straight line.",
        variables=Note(_NAMES[needed]), station=station_id, reference=reference_id,
    )  # fmt: skip


def paired_days(
    observations: pd.DataFrame,
    station_id: str,
    reference_id: str,
    pollutant: str = "pm25",
    needed: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Return the days on which sensor and reference both have a daily mean.

    Parameters
    ----------
    needed : tuple of {"rh", "temp"}
        Conditions that must be known as well.

    Returns
    -------
    DataFrame
        By `date`: `value` (sensor) and `reference` (µg/m³), `month`, and what is needed.
    """
    wide = daily_table(observations, pollutant)
    for station in (station_id, reference_id):
        if station not in wide:
            raise UserError("Station {station} has no complete day to calibrate with.", station=station)
    days = pd.DataFrame({"value": wide[station_id], "reference": wide[reference_id]})
    days = days.assign(**_conditions(observations, (station_id, reference_id), needed, daily_table))
    days["month"] = pd.DatetimeIndex(days.index).month
    days = days.dropna()
    if len(days) < FEWEST_DAYS:
        raise UserError(
            "A calibration needs {fewest} days on which both stations have a daily mean; here are {count}.",
            fewest=FEWEST_DAYS, count=len(days),
        )  # fmt: skip
    return days


def paired_hours(
    observations: pd.DataFrame,
    station_id: str,
    reference_id: str,
    pollutant: str = "pm25",
    needed: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Return the hours that both measured, as `paired_days`, with their `date`; none where one has daily means only."""
    wide = _hourly_table(observations, pollutant)
    if station_id not in wide or reference_id not in wide:
        return pd.DataFrame(columns=["value", "reference", *needed, "month", "date"])
    hours = pd.DataFrame({"value": wide[station_id], "reference": wide[reference_id]})
    hours = hours.assign(**_conditions(observations, (station_id, reference_id), needed, _hourly_table))
    local = pd.DatetimeIndex(hours.index).tz_convert(BANGKOK)
    hours["month"], hours["date"] = local.month, local.tz_localize(None).normalize()
    return hours.dropna()


def outliers(sensor: Array, reference: Array) -> Mask:
    """Return days that are outliers of a co-location.

    Cook's distance above 4/n, and a difference above the median plus two standard deviations both in µg/m³
    and in per cent (as Barkjohn et al. 2021 clean their co-locations).
    """
    x, y = np.asarray(sensor, float), np.asarray(reference, float)
    terms = np.column_stack([np.ones_like(x), x])
    solution, *_ = np.linalg.lstsq(terms, y, rcond=None)
    residual = y - terms @ solution
    leverage = np.einsum("ij,ji->i", terms, np.linalg.pinv(terms))
    spare = max(len(x) - 2, 1)
    variance = float((residual**2).sum() / spare)
    if variance == 0:
        return np.zeros(len(x), dtype=bool)
    cook = residual**2 / (2 * variance) * leverage / np.maximum(1 - leverage, 1e-9) ** 2
    off = np.abs(x - y)
    share = off / np.maximum((x + y) / 2, 1e-9)
    large = (off > np.median(off) + 2 * off.std()) & (share > np.median(share) + 2 * share.std())
    return np.asarray((cook > 4 / len(x)) & large)
