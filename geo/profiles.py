"""What a station's readings look like over the day, the week, and the directions of the wind.

Hours are labelled by their beginning and counted in the time of the place. Flagged readings and readings that
are no hourly ones are left out. A figure out of too few hours is not a number.

The mean of a wind direction makes no sense by itself; here hours are only counted by sector. A sector is centred on
its direction: with 16 sectors "north" reaches from 348.75 to 11.25 degrees. Directions are those the wind comes FROM.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

BANGKOK = "Asia/Bangkok"
SECTORS = 16
CALM = 0.5
"""m/s; below it a vane doesn't follow the wind, so the direction is not used."""

SPEEDS = (0.5, 1.0, 2.0, 4.0, 6.0)
"""Lower limits of the speed classes, m/s; the last is open."""

LEAST = 5
"""Hours an average of a cell (an hour of the week, a sector of the wind) needs."""

POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
"""Names of 16 directions, clockwise from north."""


@dataclass(frozen=True)
class Rose:
    """Hours by the direction of the wind.

    Attributes
    ----------
    table : DataFrame
        Wind rose: `sector` (0 = north, clockwise), `speed` (index in `SPEEDS`), `hours`, `share` of all hours with
        wind readings. Pollution rose: `sector`, `hours`, `share`, `mean` (NaN below `LEAST` hours).
    hours : int
        Hours with speed and direction (and with a concentration, in a pollution rose).
    calm_hours : int
        Of them, hours below `CALM`.
    calm_mean : float
        Mean concentration of the calm hours; NaN in a wind rose and below `LEAST` hours.
    """

    table: pd.DataFrame
    hours: int
    calm_hours: int
    calm_mean: float = float("nan")

    @property
    def calm_share(self) -> float:
        """Share of calm hours, 0 to 1."""
        return self.calm_hours / self.hours if self.hours else 0.0


def hourly_values(observations: pd.DataFrame, variable: str) -> pd.Series[float]:
    """Return the good hourly readings of one variable of one station: value by hour (UTC, sorted).

    Parameters
    ----------
    observations : DataFrame
        `variable`, `time` (with zone), `period_hours`, `value`, `flag`; several readings of an hour are averaged.
        Wind directions should come once an hour: they are not averaged as angles, the first one counts.
    """
    good = observations[
        (observations["variable"] == variable)
        & (observations["period_hours"] == 1)
        & observations["flag"].isna()
        & observations["value"].notna()
    ]
    hours = pd.to_datetime(good["time"], utc=True).dt.floor("h").rename("hour")
    groups = good["value"].astype(float).groupby(hours)
    values: pd.Series[float] = groups.first() if variable == "wind_dir" else groups.mean()
    return values.sort_index().rename(variable)


def by_hour(observations: pd.DataFrame, variable: str, *, tz: str = BANGKOK) -> pd.DataFrame:
    """Return how the hours of the day differ.

    Returns
    -------
    DataFrame
        `hour` (0 to 23, all of them), `n` readings, `mean`, `median`, `q25`, `q75`; NaN below `LEAST` readings.
    """
    values = hourly_values(observations, variable)
    groups = values.groupby(_local(values, tz).hour)
    table = pd.DataFrame(
        {
            "n": groups.size(), "mean": groups.mean(), "median": groups.median(),
            "q25": groups.quantile(0.25), "q75": groups.quantile(0.75),
        }
    ).reindex(range(24))  # fmt: skip
    table["n"] = table["n"].fillna(0).astype(int)
    figures = ["mean", "median", "q25", "q75"]
    table[figures] = table[figures].astype(float).where(table["n"] >= LEAST)
    return table.rename_axis("hour").reset_index()


def by_weekday_and_hour(
    observations: pd.DataFrame, variable: str, *, least: int = LEAST, tz: str = BANGKOK
) -> pd.DataFrame:
    """Return the mean of each hour of the week.

    Returns
    -------
    DataFrame
        `weekday` (0 = Monday), `hour`, `n`, `mean` (NaN below `least` readings); all 168 rows.
    """
    values = hourly_values(observations, variable)
    local = _local(values, tz)
    groups = values.groupby([local.dayofweek, local.hour])
    every = pd.MultiIndex.from_product([range(7), range(24)], names=["weekday", "hour"])
    table = pd.DataFrame({"n": groups.size(), "mean": groups.mean()}).reindex(every)
    table["n"] = table["n"].fillna(0).astype(int)
    table["mean"] = table["mean"].astype(float).where(table["n"] >= least)
    return table.reset_index()


def _local(values: pd.Series[float], tz: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(values.index).tz_convert(tz)


def sector(direction: pd.Series[float], sectors: int = SECTORS) -> pd.Series[int]:
    """Return the sector of directions in degrees: 0 is north, clockwise; 360 is 0.

    >>> sector(pd.Series([0.0, 11.0, 12.0, 90.0, 349.0, 360.0])).tolist()
    [0, 0, 1, 4, 0, 0]
    """
    width = 360.0 / sectors
    found: pd.Series[int] = ((direction + width / 2) // width % sectors).astype(int)
    return found


def wind_rose(wind: pd.DataFrame, *, sectors: int = SECTORS) -> Rose:
    """Return how often the wind blows from each direction, and how fast.

    Parameters
    ----------
    wind : DataFrame
        Observations of one station, as in `hourly_values`, with ``wind_speed`` (m/s) and ``wind_dir`` (degrees, from).
    """
    hours = _wind(wind)
    moving = hours[hours["wind_speed"] >= CALM]
    speed = np.searchsorted(SPEEDS, moving["wind_speed"].to_numpy(float), side="right") - 1
    cells = pd.DataFrame({"sector": sector(moving["wind_dir"], sectors), "speed": speed})
    counts = cells.groupby(["sector", "speed"]).size()
    every = pd.MultiIndex.from_product([range(sectors), range(len(SPEEDS))], names=["sector", "speed"])
    table = counts.reindex(every, fill_value=0).rename("hours").reset_index()
    table["share"] = table["hours"] / max(len(hours), 1)
    return Rose(table, len(hours), len(hours) - len(moving))


def pollution_rose(
    readings: pd.DataFrame, wind: pd.DataFrame, variable: str, *, sectors: int = SECTORS, least: int = LEAST
) -> Rose:
    """Return the mean concentration of the hours with wind from each direction.

    Parameters
    ----------
    readings : DataFrame
        Observations of one station.
    wind : DataFrame
        Observations of the station whose wind counts: the same one or one near it.
    """
    hours = hours_with_wind(readings, wind, variable)
    moving = hours[hours["wind_speed"] >= CALM]
    calm = hours.loc[hours["wind_speed"] < CALM, variable]
    groups = moving[variable].groupby(sector(moving["wind_dir"], sectors))
    table = pd.DataFrame({"hours": groups.size(), "mean": groups.mean()}).reindex(range(sectors))
    table["hours"] = table["hours"].fillna(0).astype(int)
    table["mean"] = table["mean"].astype(float).where(table["hours"] >= least)
    table["share"] = table["hours"] / max(len(hours), 1)
    mean = float(calm.mean()) if len(calm) >= least else float("nan")
    return Rose(table.rename_axis("sector").reset_index(), len(hours), len(calm), mean)


def hours_with_wind(readings: pd.DataFrame, wind: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return the hours with both a reading of `variable` and wind: `wind_speed`, `wind_dir` and the reading."""
    return _wind(wind).join(hourly_values(readings, variable), how="inner")


def _wind(observations: pd.DataFrame) -> pd.DataFrame:
    """Return `wind_speed` and `wind_dir` of the hours that have both (calm air needs no direction)."""
    both = pd.concat(
        [hourly_values(observations, "wind_speed"), hourly_values(observations, "wind_dir")], axis=1, sort=True
    )
    return both[both["wind_speed"].notna() & (both["wind_dir"].notna() | (both["wind_speed"] < CALM))]


def distance_km(lat: float, lon: float, places: pd.DataFrame) -> pd.Series[float]:
    """Return how far places (`lat`, `lon` in degrees) are from a point, on a sphere (km)."""
    lat1, lat2 = np.deg2rad(lat), np.deg2rad(places["lat"].astype(float))
    dlon = np.deg2rad(places["lon"].astype(float) - lon)
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(dlon / 2) ** 2
    found: pd.Series[float] = 2 * 6371.0 * np.arcsin(np.sqrt(half))
    return found
