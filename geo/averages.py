"""Averages of station readings: calendar days, running 24 hours, NowCast, months and years.

Hours are labelled by their beginning. A day is a calendar day of the place (Asia/Bangkok), not of UTC.
An average of too few hours is not a number: by default at least 75 % must be there (US EPA's convention,
18 of 24 hours; the Thai Pollution Control Department's own rule was not found).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from language import UserError

BANGKOK = "Asia/Bangkok"
COMPLETENESS = 0.75
"""Least share of hours (or days) that an average needs; US EPA convention."""

_HOUR = pd.Timedelta(hours=1)


def one_variable(observations: pd.DataFrame) -> pd.DataFrame:
    """Return the good rows of one variable: `station_id`, `time` (UTC), `period_hours`, `value`.

    Raises
    ------
    UserError
        Where several variables are mixed: their mean would have no meaning.
    """
    kinds = sorted(observations["variable"].unique()) if "variable" in observations else []
    if len(kinds) > 1:
        raise UserError(
            "An average needs one kind of reading; here are several: {variables}.", variables=", ".join(kinds)
        )
    keep = observations["value"].notna()
    if "flag" in observations:
        keep &= observations["flag"].isna()
    rows = observations.loc[keep, ["station_id", "time", "period_hours", "value"]]
    return rows.assign(time=pd.to_datetime(rows["time"], utc=True))


def daily_means(observations: pd.DataFrame, *, completeness: float = COMPLETENESS, tz: str = BANGKOK) -> pd.DataFrame:
    """Return the mean of each station and calendar day of the place.

    Hourly rows are averaged; several readings within one hour count as one hour. A row of 24 hours is
    taken as it is, for the day its period begins in, and wins over hourly rows of the same day; of several
    of one day (running means) only the one from midnight counts. Rows that are flagged or empty are left out.

    Parameters
    ----------
    observations : DataFrame
        `station_id`, `time` (with zone), `period_hours` (1 or 24), `value` (µg/m³) of one variable.
    completeness : float
        Least share of the day's hours, 0 to 1; below it `value` is NaN and `complete` False.
    tz : str
        Zone whose midnight parts the days.

    Returns
    -------
    DataFrame
        `station_id`, `date` (datetime64, local midnight without zone), `value`, `hours`, `complete`;
        only days that have at least one reading; sorted by station and day.
    """
    rows = one_variable(observations)
    rows = rows.assign(date=_local_days(rows["time"], tz))
    whole = rows["period_hours"] >= 24
    hourly = _hourly(rows[~whole], completeness, tz)
    whole_days = _whole_days(rows[whole], tz)
    parts = [part for part in (whole_days, hourly) if not part.empty]
    table = pd.concat(parts, ignore_index=True) if parts else hourly
    table = table.drop_duplicates(["station_id", "date"]).sort_values(["station_id", "date"])
    return table[["station_id", "date", "value", "hours", "complete"]].reset_index(drop=True)


def _whole_days(rows: pd.DataFrame, tz: str) -> pd.DataFrame:
    """Return the day's mean of stations that give means of 24 hours.

    A station that gives several for one day publishes running means (Air4Thai's live values): only the one
    that begins at midnight is the day's mean.
    """
    at_midnight = rows["time"].dt.tz_convert(tz).dt.hour == 0
    several = rows.duplicated(["station_id", "date"], keep=False)
    groups = rows[at_midnight | ~several].groupby(["station_id", "date"], observed=True, as_index=False)
    days: pd.DataFrame = groups["value"].mean()
    return days.assign(hours=24, complete=True)


def _local_days(time: pd.Series, tz: str) -> pd.Series:
    local: pd.Series = time.dt.tz_convert(tz).dt.tz_localize(None).dt.normalize().astype("datetime64[ns]")
    return local


def _hourly(rows: pd.DataFrame, completeness: float, tz: str) -> pd.DataFrame:
    hours = rows.assign(hour=rows["time"].dt.floor("h"))
    if hours.duplicated(["station_id", "hour"]).any():
        hours = hours.groupby(["station_id", "date", "hour"], observed=True)["value"].mean().reset_index()
    table = hours.groupby(["station_id", "date"], observed=True)["value"].agg(value="mean", hours="count").reset_index()
    expected = _hours_of_days(table["date"], tz)
    table["complete"] = table["hours"] >= completeness * expected - 1e-9
    table["value"] = table["value"].where(table["complete"])
    return table


def _hours_of_days(dates: pd.Series, tz: str) -> np.ndarray:
    """Return the length of each local day in hours: 24, but 23 or 25 where the clock is changed."""
    unique = pd.DatetimeIndex(dates.unique())
    begin = unique.tz_localize(tz, nonexistent="shift_forward", ambiguous=True)
    end = (unique + pd.Timedelta(days=1)).tz_localize(tz, nonexistent="shift_forward", ambiguous=True)
    length = pd.Series((end - begin) / _HOUR, index=unique)
    return dates.map(length).to_numpy(float)


def running_24h(observations: pd.DataFrame, *, completeness: float = COMPLETENESS) -> pd.DataFrame:
    """Return the mean of the last 24 hours at each hour, as Air4Thai publishes it.

    Parameters
    ----------
    observations : DataFrame
        Hourly rows of one variable, as for `daily_means`; rows of 24 hours are left out.
    completeness : float
        Least share of the 24 hours.

    Returns
    -------
    DataFrame
        `station_id`, `time` (beginning of the newest of the 24 hours, UTC), `value`, `hours`, `complete`.
    """
    table = hourly_matrix(observations)
    rolling = table.rolling(24, min_periods=1)
    mean, count = rolling.mean(), table.notna().rolling(24, min_periods=1).sum()
    complete = count >= 24 * completeness - 1e-9
    return _long({"value": mean.where(complete), "hours": count.astype(int), "complete": complete}, count > 0)


def nowcast(observations: pd.DataFrame, pollutant: str = "pm25") -> pd.DataFrame:
    """Return the US EPA NowCast at each hour: a weighted mean of the last 12 hours.

    w = max(c_min / c_max, 0.5); NowCast = Σ wⁱ⁻¹ cᵢ / Σ wⁱ⁻¹ over the valid hours, newest first; needs two of
    the three newest hours; truncated to 0.1 (PM2.5) or 1 µg/m³ (PM10). It is an estimate for the present
    hour, not a 24-hour mean. Source: US EPA, nepis P100X0J6; AirNow-Tech.

    Returns
    -------
    DataFrame
        `station_id`, `time` (beginning of the newest hour, UTC), `value` (µg/m³); hours without a value
        are left out.
    """
    table = hourly_matrix(observations)
    if table.empty:
        return pd.DataFrame({"station_id": [], "time": pd.DatetimeIndex([], tz="UTC"), "value": []})
    values = table.to_numpy(float)
    padded = np.vstack([np.full((11, values.shape[1]), np.nan), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 12, axis=0)[..., ::-1]  # newest first
    valid = np.isfinite(windows)
    high = np.where(valid, windows, -np.inf).max(axis=-1)
    low = np.where(valid, windows, np.inf).min(axis=-1)
    ratio = np.divide(low, high, out=np.ones_like(high), where=(high > 0) & np.isfinite(low))
    weight = np.clip(ratio, 0.5, 1.0)[..., None] ** np.arange(12)
    total = np.where(valid, weight, 0).sum(axis=-1)
    mean = np.divide(
        np.where(valid, windows * weight, 0).sum(axis=-1), total, out=np.full(total.shape, np.nan), where=total > 0
    )
    usable = valid[..., :3].sum(axis=-1) >= 2
    step = 10.0 if pollutant == "pm25" else 1.0
    # A hair is added before truncating so that 12.3 held as 12.299999 stays 12.3.
    result = np.where(usable, np.floor(mean * step + 1e-9) / step, np.nan)
    frame = pd.DataFrame(result, index=table.index, columns=table.columns)
    return _long({"value": frame}, frame.notna())


def period_means(
    daily: pd.DataFrame,
    *,
    by: Literal["period", "month", "year"] = "period",
    completeness: float = COMPLETENESS,
) -> pd.DataFrame:
    """Return means of daily means over the whole period, calendar months or calendar years.

    Parameters
    ----------
    daily : DataFrame
        As `daily_means` returns it.
    by : {"period", "month", "year"}
        ``period``: from the first to the last day in `daily`.
    completeness : float
        Least share of the days that need a daily mean.

    Returns
    -------
    DataFrame
        `station_id`, `begin`, `end` (first and last day), `value`, `days`, `days_total`, `complete`.
    """
    table = daily.assign(date=pd.to_datetime(daily["date"]))
    if by == "period":
        table = table.assign(begin=table["date"].min(), end=table["date"].max())
    else:
        periods = table["date"].dt.to_period("M" if by == "month" else "Y")
        table = table.assign(begin=periods.dt.start_time, end=periods.dt.end_time.dt.normalize())
    result = (
        table.groupby(["station_id", "begin", "end"], observed=True)["value"]
        .agg(value="mean", days="count")
        .reset_index()
    )
    result["days_total"] = (result["end"] - result["begin"]).dt.days + 1
    result["complete"] = result["days"] >= completeness * result["days_total"] - 1e-9
    result["value"] = result["value"].where(result["complete"])
    return result


def hourly_matrix(observations: pd.DataFrame) -> pd.DataFrame:
    """Return hourly readings of one variable as a table of hours (UTC, without holes) by stations."""
    rows = one_variable(observations)
    rows = rows[rows["period_hours"] < 24]
    rows = rows.assign(time=rows["time"].dt.floor("h"))
    table = rows.pivot_table(index="time", columns="station_id", values="value", aggfunc="mean", observed=True)
    if table.empty:
        return table
    return table.reindex(pd.date_range(table.index.min(), table.index.max(), freq="h", name="time"))


def _long(parts: dict[str, pd.DataFrame], keep: pd.DataFrame) -> pd.DataFrame:
    """Return tables of hours by stations as one long table of the cells marked in `keep`."""
    mask = keep.to_numpy(bool).T
    stations = np.repeat(keep.columns.to_numpy(), mask.sum(axis=1))
    times = keep.index[np.nonzero(mask)[1]] if mask.size else keep.index[:0]
    columns = {name: table.to_numpy().T[mask] for name, table in parts.items()}
    return pd.DataFrame({"station_id": stations, "time": times, **columns})
