"""Maps over time: an hour, a moving 24-hour mean, a day, a month, a season or a year at a time.

1. *Hours* and *moving 24-hour means* (each over the 24 hours that end at a full hour, where 18 of them are
   there) are kriged from the stations' hourly readings, one variogram pooled over all of them.
2. *Days* are the screening's own daily maps.
3. *Months, seasons, years* are kriged from the stations' means over the days of each, corrected for missed
   days, as the period mean is (`planning.readings.period_table`).

Seasons are those of the Thai Meteorological Department: hot from mid-February, rainy from mid-May, cool from
mid-October; the middle of a month is its 16th. A step at the period's edge holds only the days inside the
period, and says so. Nothing is kriged before it is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import xarray as xr
from pyproj import Transformer

from geo.lake import Lake
from interpolation import Kriging
from interpolation.surface import krige
from language import N_, UserError, buddhist_year, day, translate
from planning import hours, readings, surfaces
from planning.hour_store import Stretch
from planning.screening import Screening
from planning.settings import settings

KINDS = ("hour", "rolling", "day", "month", "season", "year")
HOURLY = KINDS[:2]
LONG = KINDS[3:]
MOST_DAYS = 62
"""Days of hours at a time; more hours are looked at around another day."""
LEAST_HOURS = 18
"""Of the 24 in a moving mean (75 %, as for a day's mean)."""
BANGKOK = ZoneInfo("Asia/Bangkok")

_SEASONS = ((date(2000, 2, 16), N_("hot season")), (date(2000, 5, 16), N_("rainy season")),
            (date(2000, 10, 16), N_("cool season")))  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One map's time.

    Attributes
    ----------
    start, end : datetime
        Averaging time, Bangkok; the end is not inside.
    days : int
        Days with means in it (0 for an hour or a moving mean).
    of : int
        Calendar days of the whole month, season or year (0 for shorter steps).
    """

    start: datetime
    end: datetime
    days: int = 0
    of: int = 0

    @property
    def name(self) -> str:
        """Return what names the step in an address: ``2026-02-12`` or ``2026-02-12T08``."""
        return f"{self.end:%Y-%m-%dT%H}" if self.start.hour or self.end - self.start < timedelta(days=1) else (
            f"{self.start:%Y-%m-%d}")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Series:
    """Maps of one kind of step over a screening's period.

    Attributes
    ----------
    kind : one of `KINDS`
    steps : tuple of Step
    measured : DataFrame
        What each station measured (µg/m³): one row a step, one column a station, NaN where missing.
    """

    found: Screening
    kind: str
    steps: tuple[Step, ...]
    measured: pd.DataFrame
    _pooled: Kriging | None = None
    _fits: dict[int, Kriging] = field(default_factory=dict, repr=False)
    _guard: Any = field(default_factory=threading.Lock, repr=False)

    def kriging(self, number: int) -> Kriging:
        """Return the kriging that a step's map is made with."""
        if self._pooled is not None:
            return self._pooled
        with self._guard:
            if number not in self._fits:
                step = self.steps[number]
                first, last = step.start.date(), (step.end - timedelta(days=1)).date()
                part = self.found.daily.loc[first:last]
                local = self.found.stations.to_crs(self.found.grid.crs)
                table, _notes = readings.station_table(
                    local, part.loc[:, part.notna().any()], self.found.standard.value, settings()
                )
                self._fits[number] = surfaces.krige_period(table)
            return self._fits[number]

    def map(self, number: int) -> xr.Dataset:
        """Return a step's map: ``mean`` and ``sd`` (µg/m³; y, x), NaN where nothing supports an estimate."""
        steps = None if self._pooled is None else np.array([number])
        made = krige(self.kriging(number), self.found.grid, mask=self.found.mask, bands=("mean", "sd"), steps=steps)
        return made.squeeze(drop=True)

    def at(self, lat: float, lon: float) -> pd.DataFrame:
        """Return ``start``, ``mean``, ``lower95``, ``upper95`` of every step at a place (WGS84)."""
        to_metres = Transformer.from_crs("EPSG:4326", self.found.surface.rio.crs, always_xy=True)
        place = np.array([to_metres.transform(lon, lat)])
        bands = ("mean", "lower95", "upper95")
        if self._pooled is not None:
            told = self._pooled.predict(place)
            columns = {band: np.ravel(getattr(told, band)) for band in bands}
        else:
            told_all = [self.kriging(n).predict(place) for n in range(len(self.steps))]
            columns = {band: np.array([float(np.ravel(getattr(t, band))[0]) for t in told_all]) for band in bands}
        return pd.DataFrame({"start": [s.start for s in self.steps], **columns})

    def find(self, name: str) -> int | None:
        """Return the number of the step of this `Step.name`."""
        return next((n for n, step in enumerate(self.steps) if step.name == name), None)

    def worst(self) -> int:
        """Return the step with the highest mean of all stations."""
        means = self.measured.mean(axis=1).to_numpy(float)
        return int(np.nanargmax(means)) if np.isfinite(means).any() else 0


def series(lake: Lake, found: Screening, kind: str, around: date | None = None) -> Series:
    """Return the maps of one kind of step.

    Parameters
    ----------
    kind : one of `KINDS`
    around : date, optional
        For hours of a period longer than `MOST_DAYS`: the day in their middle; the worst day by default.

    Raises
    ------
    UserError
        If too few stations have hourly readings.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    if kind in HOURLY:
        return _hourly(lake, found, kind, around)
    used = list(found.stations.loc[found.stations["used"], "station_id"])
    if kind == "day":
        return Series(found, kind, tuple(map(_day_step, found.days)), found.daily.loc[:, used], found.kriging)
    groups: dict[tuple[date, date], list[date]] = {}
    for when in found.days:
        groups.setdefault(_span(when, kind), []).append(when)
    steps: list[Step] = []
    rows = []
    for (first, after), days in groups.items():
        inside = found.daily.loc[days]
        if (inside.notna().any()).sum() < settings().stations_minimum:
            continue
        means, _notes = readings.period_table(inside.loc[:, inside.notna().any()], settings())
        rows.append(means.loc[means["used"], "value"])
        first, after = max(first, found.parameters.start), min(after, found.parameters.end + timedelta(days=1))
        whole = _span(days[0], kind)
        steps.append(Step(_midnight(first), _midnight(after), len(days), (whole[1] - whole[0]).days))
    return Series(found, kind, tuple(steps), pd.DataFrame(rows).reset_index(drop=True))


def stretch_of(found: Screening, around: date | None = None) -> Stretch:
    """Return the days whose hours are shown: all of the period, or `MOST_DAYS` around a day."""
    first, last = found.parameters.start, found.parameters.end
    if (last - first).days < MOST_DAYS:
        return Stretch(first, last)
    middle = min(max(around or hours.worst_day(found), first), last)
    start = min(max(middle - timedelta(days=MOST_DAYS // 2), first), last - timedelta(days=MOST_DAYS - 1))
    return Stretch(start, start + timedelta(days=MOST_DAYS - 1))


def _hourly(lake: Lake, found: Screening, kind: str, around: date | None) -> Series:
    stretch = stretch_of(found, around)
    before = timedelta(days=1 if kind == "rolling" else 0)
    table, _notes = hours.hourly_table(lake, found, Stretch(stretch.first - before, stretch.last))
    if kind == "rolling":
        table = table.rolling(24, min_periods=LEAST_HOURS).mean()
    table = table.loc[table.index.isin(stretch.hours)].loc[table.first_valid_index() :]
    if not (table.notna().sum(axis=1) >= settings().stations_minimum).any():
        raise UserError("No hour of these days has enough stations for a map. Choose other days.")
    long = timedelta(hours=24 if kind == "rolling" else 1)
    ends = [moment.tz_convert(BANGKOK).to_pydatetime() + timedelta(hours=1) for moment in pd.DatetimeIndex(table.index)]
    return Series(found, kind, tuple(Step(end - long, end) for end in ends), table, hours.fit_hours(lake, found, table))


def _midnight(when: date) -> datetime:
    return datetime(when.year, when.month, when.day, tzinfo=BANGKOK)


def _day_step(when: date) -> Step:
    return Step(_midnight(when), _midnight(when + timedelta(days=1)), 1, 0)


def _span(when: date, kind: str) -> tuple[date, date]:
    """Return the first day of the month, season or year of a day, and the day after its last."""
    if kind == "year":
        return date(when.year, 1, 1), date(when.year + 1, 1, 1)
    if kind == "month":
        return when.replace(day=1), (when.replace(day=28) + timedelta(days=4)).replace(day=1)
    starts = [start.replace(year=year) for year in range(when.year - 1, when.year + 2) for start, _name in _SEASONS]
    first = max(start for start in starts if start <= when)
    return first, min(start for start in starts if start > when)


def season(when: date) -> str:
    """Return the name of a day's season, an English message."""
    first, _after = _span(when, "season")
    return next(name for start, name in _SEASONS if (start.month, start.day) == (first.month, first.day))


def label(step: Step, kind: str, lang: str) -> str:
    """Return a step's time in words: ``12 Feb 2026 08:00–09:00``, ``Feb 2026 (12 of 28 days)``."""
    if kind == "hour":
        return f"{day(step.start.date(), lang)} {step.start:%H:%M}–{step.end:%H:%M}"
    if kind == "rolling":
        return translate("24 hours to {moment}", lang).format(moment=f"{day(step.end.date(), lang)} {step.end:%H:%M}")
    when = step.start.date()
    if kind == "day":
        return day(when, lang)
    words = _long_label(when, kind, lang)
    if step.days >= step.of:
        return words
    return translate("{span} ({days} of {total} days)", lang).format(span=words, days=step.days, total=step.of)


def _long_label(when: date, kind: str, lang: str) -> str:
    first, after = _span(when, kind)
    years = [buddhist_year(y) if lang == "th" else y for y in (first.year, (after - timedelta(days=1)).year)]
    if kind == "year":
        return translate("year {year}", lang).format(year=years[0])
    if kind == "month":
        return day(first, lang, long=True).split(" ", 1)[1]
    year = str(years[0]) if years[0] == years[1] else f"{years[0]}/{years[1] % 100:02d}"
    return f"{translate(season(when), lang)} {year}"


def extremes(all_series: Sequence[Series]) -> tuple[float, float]:
    """Return the least and the greatest value that a station has in any step, µg/m³."""
    values = np.concatenate([np.ravel(s.measured.to_numpy(float)) for s in all_series])
    good = values[np.isfinite(values)]
    return (float(good.min()), float(good.max())) if good.size else (float("nan"), float("nan"))
