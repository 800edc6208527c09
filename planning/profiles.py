"""When is a hotspot at its worst? Hours of the day, days of the week, months.

1. Every hour is kriged at a few points of the hotspot (`planning.hours`: one variogram pooled over hours, some weeks
   at a time); their mean is the hotspot's hour. An hour counts where the stations the estimate rests on have readings.
2. *Hour of the day*: each hour less the mean of its own day; *weekday*: each day less the mean of its own week. So a
   hazy week doesn't look like a Monday. *Month*: the means of the months as they are.
3. *95 % band*: blocks of consecutive days (weeks for the weekdays) are drawn with replacement (moving-block bootstrap,
   Künsch 1989), since dusty days come in runs; a block is as long as the days remember each other. The band is for all
   hours (weekdays, months) together: in 95 of 100 such periods all of them would lie inside, so a peak outside it
   is no peak picked from 24 chances.

The band holds what days leave open, not the error of the map: a sensor that reads high reads high at all hours.
Hours are 1-hour means labelled by their beginning, Bangkok time; no standard and no AQI applies to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from babel.dates import get_day_names, get_month_names
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from geo.lake import Lake
from language import N_, Note, UserError, note, number
from language.progress import Progress, silent
from planning import hours
from planning.readings import LOCAL
from planning.trends import carried, places_in

if TYPE_CHECKING:
    from planning.screening import Screening

KINDS = ("hour", "weekday", "month")
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip

DRAWS = 1000
SEED = 2569
POINTS = 9
"""Cells that stand for a hotspot hour by hour."""
CHUNK_DAYS = 60
"""Days whose hours share a variogram: longer periods have seasons."""
DAY_HOURS = 18
"""Hours a day needs (75 %), as for a 24-hour mean."""
WEEK_DAYS, WEEKS = 5, 4
"""Days a week needs, and weeks the weekdays need."""
MONTH_DAYS, LEAST_MONTHS = 15, 3
"""Days a month needs, and months the seasons need."""
DAYS = 14
"""Days the hours of the day need."""
SAME_UGM3 = 2.0
"""Typical difference up to which two ways to the same daily means agree: calibration rounds, hours may be missing."""


@dataclass(frozen=True, eq=False)
class Profile:
    """A profile with its band.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    table : DataFrame
        ``key`` (0 to 23, 0 = Monday to 6, 1 = January to 12), ``mean``, ``lower95``, ``upper95`` (µg/m³), ``count``
        of days behind it; empty where nothing can be said.
    peak : tuple of int
        The keys that are clearly above the mean: for hours the stretch around the highest; empty where none is.
    sentence : Note
        The same in words.
    """

    kind: str
    table: pd.DataFrame
    peak: tuple[int, ...]
    sentence: Note

    @property
    def words(self) -> str:
        """``05–09`` for the hours of the day (from the beginning of the first to the end of the last)."""
        return stretch(self.peak) if self.kind == "hour" and self.peak else ""


def stretch(peak: tuple[int, ...]) -> str:
    """Return a run of hours as ``05–09``; it may go over midnight.

    Examples
    --------
    >>> stretch((5, 6, 7, 8)), stretch((22, 23, 0))
    ('05–09', '22–01')
    """
    return f"{peak[0]:02d}–{(peak[-1] + 1) % 24:02d}"


def key_name(kind: str, key: int, lang: str) -> str:
    """Return what a key of a profile is called: ``05:00``, ``Mon``, ``Jan``.

    Examples
    --------
    >>> key_name("hour", 5, "en"), key_name("weekday", 0, "en"), key_name("month", 1, "en")
    ('05:00', 'Mon', 'Jan')
    """
    if kind == "hour":
        return f"{key:02d}:00"
    names = get_day_names if kind == "weekday" else get_month_names
    return str(names("abbreviated", locale=lang)[key])


# ------------------------------------------------------------------------------ hours of the hotspots


def hourly(lake: Lake, found: Screening, spots: Any, progress: Progress | None = None) -> pd.DataFrame:
    """Return the 1-hour mean over each hotspot, kriged hour by hour.

    Parameters
    ----------
    lake : Lake
        That the screening was computed from.
    found : Screening
    spots : GeoDataFrame
        With ``hotspot_id``.
    progress : callable, optional

    Returns
    -------
    DataFrame
        Index time (beginning of the hour, UTC), one column a hotspot, µg/m³, NaN where it doesn't count.

    Raises
    ------
    UserError
        If too few stations have hourly readings, or the lake holds other readings than the screening was made of.
    """
    say = progress or silent
    say(0.0, N_("Reading the hourly measurements"))
    whole = hours.Stretch(found.parameters.start, found.parameters.end)
    table, _ = hours.hourly_table(lake, found, whole)
    check_same(table, found.daily)
    local = spots.to_crs(found.surface.rio.crs)
    shapes = dict(zip(local["hotspot_id"].astype(str), local.geometry, strict=True))
    places = {name: places_in(found, shape, POINTS) for name, shape in shapes.items()}
    parts = []
    chunks = np.array_split(np.arange(len(whole.days)), max(round(len(whole.days) / CHUNK_DAYS), 1))
    for number_, chunk in enumerate(chunks):
        say(0.1 + 0.9 * number_ / len(chunks), N_("Kriging the hours"))
        days = hours.Stretch(whole.days[chunk[0]], whole.days[chunk[-1]])
        part = table[table.index.isin(days.hours)].dropna(axis=1, how="all")
        if part.shape[1] >= 5 and len(places):
            parts.append(_kriged(lake, found, part, places))
    say(1.0, N_("Done"))
    if not parts:
        return pd.DataFrame(index=table.index, columns=list(places), dtype=float)
    return pd.concat(parts).reindex(table.index)


def _kriged(
    lake: Lake, found: Screening, part: pd.DataFrame, places: Mapping[str, NDArray[np.float64]]
) -> pd.DataFrame:
    """Return the hotspots' hours of one stretch."""
    kriging = hours.fit_hours(lake, found, part)
    mean = np.asarray(np.atleast_2d(kriging.predict(np.vstack(list(places.values()))).mean))
    ends = np.cumsum([len(p) for p in places.values()])
    columns = {}
    for name, block in zip(places, np.split(mean, ends[:-1], axis=1), strict=True):
        columns[name] = np.where(carried(kriging, places[name]), block.mean(axis=1), np.nan)
    return pd.DataFrame(columns, index=part.index)


def check_same(table: pd.DataFrame, daily: pd.DataFrame) -> None:
    """Refuse hourly readings that are not those behind the 24-hour means (a folder read beside another lake).

    Raises
    ------
    UserError
    """
    local = pd.DatetimeIndex(table.index).tz_convert(LOCAL)
    grouped = table.groupby(local.date)
    means = grouped.mean().where(grouped.count() >= DAY_HOURS).reindex(index=daily.index)
    shared = [name for name in means.columns if name in daily.columns]
    apart = (means[shared] - daily[shared]).abs().to_numpy(float)
    if np.isfinite(apart).any() and float(np.nanmedian(apart)) > SAME_UGM3:
        raise UserError(
            "The hourly readings in the store are not those that this screening was made of; its hours of the day "
            "cannot be told. Screen again, or open the store it came from."
        )


# ------------------------------------------------------------------------------ profiles of a series


def of_series(series: pd.Series[Any]) -> dict[str, Profile]:
    """Return the profiles of an hourly series by kind.

    Parameters
    ----------
    series : Series
        Index time (UTC), 1-hour means in µg/m³, NaN where missing.
    """
    local = pd.DatetimeIndex(series.index).tz_convert(LOCAL)
    frame = pd.DataFrame({"day": local.date, "hour": local.hour, "value": series.to_numpy(float)})
    table = frame.pivot_table(index="day", columns="hour", values="value", aggfunc="mean")
    table = table.reindex(columns=range(24)).dropna(thresh=DAY_HOURS)
    daily = table.mean(axis=1)
    return {"hour": hour_profile(table), "weekday": weekday_profile(daily), "month": month_profile(daily)}


def hour_profile(table: pd.DataFrame) -> Profile:
    """Return the profile of the hours of the day.

    Parameters
    ----------
    table : DataFrame
        One row a day (index date, in order), columns 0 to 23.
    """
    if len(table) < DAYS:
        few = note("Too few days with hourly readings to tell the hours of the day: {count}; at least {minimum} are "
                   "needed.", count=len(table), minimum=DAYS)  # fmt: skip
        return Profile("hour", _blank(), (), few)
    values = table.to_numpy(float)
    apart = values - np.nanmean(values, axis=1, keepdims=True)
    level = _full_calendar(table.index, np.nanmean(values, axis=1, keepdims=True))
    band = _banded(_full_calendar(table.index, apart), memory(level[:, 0]))
    found = _table(range(24), band, float(np.nanmean(values)), np.isfinite(values).sum(axis=0))
    peak = _run(band)
    if not peak:
        words = note("No hour of the day is clearly higher than the others.")
    else:
        above = float(np.mean([band.mean[h] for h in peak]))
        words = Note(
            "Highest from {start} to {end} (Bangkok time): about {above} µg/m³ above the mean of the day.",
            {"start": f"{peak[0]:02d}:00", "end": f"{(peak[-1] + 1) % 24:02d}:00", "above": number(above, 1)},
        )
    return Profile("hour", found, peak, words)


def weekday_profile(daily: pd.Series[Any]) -> Profile:
    """Return the profile of the days of the week, from daily means (index date)."""
    days = pd.to_datetime(pd.Index(daily.index))
    week = days.normalize() - pd.to_timedelta(days.dayofweek, unit="D")
    frame = pd.DataFrame({"week": week, "weekday": days.dayofweek, "value": daily.to_numpy(float)})
    table = frame.pivot_table(index="week", columns="weekday", values="value", aggfunc="mean")
    table = table.reindex(columns=range(7)).dropna(thresh=WEEK_DAYS)
    if len(table) < WEEKS:
        few = note("Too few weeks with readings to tell the days of the week apart: {count}; at least {minimum} are "
                   "needed.", count=len(table), minimum=WEEKS)  # fmt: skip
        return Profile("weekday", _blank(), (), few)
    values = table.to_numpy(float)
    apart = values - np.nanmean(values, axis=1, keepdims=True)
    band = _banded(apart, 1)
    found = _table(range(7), band, float(np.nanmean(values)), np.isfinite(values).sum(axis=0))
    return Profile("weekday", found, *_named(band, WEEKDAYS, range(7), note("No day of the week is clearly higher.")))


def month_profile(daily: pd.Series[Any]) -> Profile:
    """Return the profile of the months, from daily means (index date); years fall together."""
    months = pd.to_datetime(pd.Index(daily.index)).month.to_numpy()
    values = daily.to_numpy(float)
    kept = [m for m in range(1, 13) if np.isfinite(values[months == m]).sum() >= MONTH_DAYS]
    if len(kept) < LEAST_MONTHS:
        few = note("The seasons need at least {minimum} months with readings; there are {count}.",
                   count=len(kept), minimum=LEAST_MONTHS)  # fmt: skip
        return Profile("month", _blank(), (), few)
    rng = np.random.default_rng(SEED)
    parts = [values[months == m] for m in kept]
    means = np.array([np.nanmean(p) for p in parts])
    length = memory(np.concatenate([p - m for p, m in zip(parts, means, strict=True)]))  # a season is no memory
    draws = np.column_stack([_draw(p[:, None], length, rng)[:, 0] for p in parts])
    overall = float(means.mean())
    band = _Band(means - overall, draws - draws.mean(axis=1, keepdims=True), min(map(len, parts)) / length)
    found = _table(kept, band, overall, np.array([np.isfinite(p).sum() for p in parts]))
    peak, words = _named(band, MONTHS, [m - 1 for m in kept], note("No month is clearly higher."))
    return Profile("month", found, tuple(k + 1 for k in peak), words)


class _Band:
    """Means and a 95 % band that holds all of them together.

    `blocks` independent blocks stand behind it: few of them spread too little when drawn with replacement, by the
    root of (blocks - 1) / blocks, and their spread is itself uncertain (Student's t in place of the normal).
    """

    def __init__(self, mean: NDArray[np.float64], draws: NDArray[np.float64], blocks: float) -> None:
        self.mean = mean
        few = max(float(blocks), 2.0)
        spread = np.nanstd(draws, axis=0)
        farthest = np.nanmax(np.abs(draws - np.nanmean(draws, axis=0)) / np.maximum(spread, 1e-12), axis=1)
        together = float(np.quantile(farthest, 0.95))
        wider = float(student.ppf(norm.cdf(together), few - 1))
        self.reach = np.asarray(wider * np.sqrt(few / (few - 1)) * spread)


def _banded(rows: NDArray[np.float64], length: int) -> _Band:
    """Return the band of the columns' means; rows (days, weeks) are drawn in blocks of `length`."""
    draws = _draw(rows, length, np.random.default_rng(SEED))
    return _Band(np.nanmean(rows, axis=0), draws, np.isfinite(rows).any(axis=1).sum() / length)


def _draw(rows: NDArray[np.float64], length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the columns' means in each draw of blocks of rows, (DRAWS, k); NaN rows carry nothing."""
    count = len(rows)
    length = min(max(length, 1), count)
    starts = rng.integers(0, count, (DRAWS, -(-count // length)))
    index = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, :count] % count
    times = np.zeros((DRAWS, count))
    np.add.at(times, (np.arange(DRAWS)[:, None], index), 1.0)
    present = np.isfinite(rows).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: NDArray[np.float64] = (times @ np.nan_to_num(rows)) / (times @ present)
    return means


def memory(daily: NDArray[np.float64]) -> int:
    """Return over how many days the days remember each other: the length of a block.

    (1 + φ) / (1 - φ) with φ the correlation of a day with the next (the days that one independent day is worth,
    Wilks 2011, eq. 5.12), at least the cube root of their number (Hall, Horowitz & Jing 1995), at most a quarter.
    """
    good = np.isfinite(daily[1:]) & np.isfinite(daily[:-1])
    count = max(len(daily), 1)
    phi = 0.0
    if good.sum() > 4 and np.ptp(daily[1:][good]) > 0 and np.ptp(daily[:-1][good]) > 0:
        phi = float(np.clip(np.corrcoef(daily[1:][good], daily[:-1][good])[0, 1], 0.0, 0.95))
    return int(min(max(round((1 + phi) / (1 - phi)), round(count ** (1 / 3)), 1), max(count // 4, 1)))


def _full_calendar(days: Any, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows with empty ones for the missing days, so that blocks are of consecutive days."""
    first: date = min(days)
    out = np.full(((max(days) - first).days + 1, rows.shape[1]), np.nan)
    out[[(day - first).days for day in days]] = rows
    return out


def _run(band: _Band) -> tuple[int, ...]:
    """Return the run of hours around the highest that are clearly above the mean and at least half as far above it."""
    clear = (band.mean - band.reach > 0) & (band.mean >= 0.5 * band.mean.max())
    top = int(np.argmax(band.mean))
    if not clear[top]:
        return ()
    first = last = top
    while clear[(first - 1) % 24] and (first - 1) % 24 != last:
        first = (first - 1) % 24
    while clear[(last + 1) % 24] and (last + 1) % 24 != first:
        last = (last + 1) % 24
    return tuple((first + i) % 24 for i in range((last - first) % 24 + 1))


def _named(band: _Band, names: tuple[str, ...], keys: Any, none: Note) -> tuple[tuple[int, ...], Note]:
    """Return the keys that are clearly above the mean, and the highest of them in words."""
    high = [(float(m), int(k)) for m, r, k in zip(band.mean, band.reach, keys, strict=True) if m - r > 0]
    if not high:
        return (), none
    top = max(high)
    words = Note(
        "Highest: {name}, about {above} µg/m³ above the mean.",
        {"name": Note(names[top[1]]), "above": number(top[0], 1)},
    )
    return tuple(sorted(k for _, k in high)), words


def _blank() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=float) for name in ("key", "mean", "lower95", "upper95", "count")})


def _table(keys: Any, band: _Band, level: float, count: NDArray[Any]) -> pd.DataFrame:
    mean = level + band.mean
    return pd.DataFrame(
        {"key": list(keys), "mean": mean, "lower95": mean - band.reach, "upper95": mean + band.reach, "count": count}
    )
