"""Before and after a project, from the lake: which stations it reaches, which serve as controls, the weather.

1. Affected are the stations within `radius_km` of the project's place; controls those between twice that
   distance and `reach_km`, so that what the project does hardly reaches them. Both may be named instead.
2. Readings are calibrated as for the maps; 24-hour means need three quarters of their hours.
3. The weather of a day is the mean over the stations that measure it: speed, the wind's two components,
   humidity, temperature.
4. `planning.effect.measure` does the sum; the same with made-up starts before the true one shows how often this
   network raises a false alarm.

Scope cut: a station that was moved is one station to the lake; its history must be imported under another id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from geo.averages import daily_means
from geo.calibration_store import calibrated
from geo.lake import Lake
from language import Note, UserError, day, note
from planning import effect
from planning.readings import LOCAL, local_bounds, of_one_kind
from planning.settings import settings

WEATHER = ("wind_speed", "wind_dir", "rh", "temp")
MEANS = ["wind_speed", "wind_u", "wind_v", "rh", "temp"]
"""Weather of a day that the comparison takes off."""


@dataclass(frozen=True)
class Project:
    """A measure at a place.

    Attributes
    ----------
    name : str
    lon, lat : float
        Degrees (WGS84).
    start : date
        First day with the measure (Bangkok day).
    pollutant : {"pm25", "pm10"}
    radius_km, reach_km : float
        How far the measure is expected to be felt; how far controls may stand.
    affected, controls : tuple of str
        Station ids; where empty, by distance.
    row_id : str
        Row of the plan it is, where it is one.
    """

    name: str
    lon: float
    lat: float
    start: date
    pollutant: str = "pm25"
    radius_km: float = 2.0
    reach_km: float = 50.0
    affected: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    row_id: str = ""

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise UserError("The place {lat}, {lon} is not on the earth; write longitude, latitude in degrees.",
                            lat=self.lat, lon=self.lon)  # fmt: skip
        if not 0 < 2 * self.radius_km < self.reach_km:
            raise UserError("The radius must be more than 0 km and less than half of {reach} km.", reach=self.reach_km)


    def to_dict(self) -> dict[str, Any]:
        """Return the project as plain values."""
        return {**asdict(self), "start": self.start.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Project:
        """Read what `to_dict` wrote."""
        lists = {k: tuple(stored[k]) for k in ("affected", "controls")}
        return cls(**{**stored, **lists, "start": date.fromisoformat(stored["start"])})


@dataclass(frozen=True)
class Progress:
    """A project's effect, and which stations it rests on.

    Attributes
    ----------
    trials : DataFrame
        Made-up starts before the true one (`planning.effect.placebo_dates`).
    snapshot : int or None
        None where the readings are no lake's.
    """

    project: Project
    effect: effect.Effect
    affected: tuple[str, ...]
    controls: tuple[str, ...]
    snapshot: int | None
    simulated: bool
    trials: pd.DataFrame = field(default_factory=pd.DataFrame)


def of_project(lake: Lake, project: Project, first: date, last: date, *, snapshot: int | None = None) -> Progress:
    """Measure a project's effect from the lake's readings between two days, both included.

    Raises
    ------
    UserError
        No station within the radius, or too few days on either side.
    """
    snapshot = lake.snapshot() if snapshot is None else snapshot
    near, far = groups(lake, project, snapshot)
    ids = [*near["station_id"], *far["station_id"]]
    daily, notes = _daily(lake, project.pollutant, ids, first, last, snapshot)
    names = [[s for s in group["station_id"] if s in daily.columns] for group in (near, far)]
    both = pd.concat([near, far])
    simulated = bool(both["simulated"].fillna(False).astype(bool).any())
    weather = _weather(lake, ids, first, last, snapshot)
    found = of_readings(project, daily, (names[0], names[1]), weather, simulated=simulated)
    whole = replace(found.effect, notes=(*notes, *found.effect.notes))
    return replace(found, effect=whole, snapshot=snapshot)


def of_readings(
    project: Project,
    daily: pd.DataFrame,
    stations: tuple[list[str], list[str]],
    weather: pd.DataFrame | None,
    *,
    simulated: bool,
) -> Progress:
    """Measure a project's effect from 24-hour means.

    Parameters
    ----------
    daily : DataFrame
        Index date, one column a station, µg/m³.
    stations : (list of str, list of str)
        Affected stations, control stations.
    weather : DataFrame, optional
        Index date; see `planning.effect.measure`.
    """
    near, far = stations
    if not near:
        raise UserError(
            "The stations within {radius} km have no 24-hour means in the period.", radius=f"{project.radius_km:g}"
        )
    controls = daily[far] if far else None
    seen = effect.measure(daily[near], project.start, controls=controls, weather=weather)
    trials = effect.placebo_dates(daily[near], project.start, controls=controls, weather=weather)
    return Progress(project, seen, tuple(near), tuple(far), None, simulated, trials)


def groups(lake: Lake, project: Project, snapshot: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the stations a project reaches and those that serve as controls, each with ``away_km``.

    Raises
    ------
    UserError
        No station stands within the radius, or none of the named ones is stored.
    """
    stations = lake.stations(snapshot=snapshot)
    stations = stations[stations.geometry.notna() & ~stations.geometry.is_empty]
    place = gpd.GeoSeries([Point(project.lon, project.lat)], crs=4326)
    metres = place.estimate_utm_crs()
    away = stations.to_crs(metres).distance(place.to_crs(metres).iloc[0]) / 1000.0
    stations = stations.assign(away_km=away)
    named = stations["station_id"].isin(project.affected)
    near = stations[named if project.affected else away <= project.radius_km]
    if near.empty:
        raise UserError(
            "No station stands within {radius} km of the project; nearest: {nearest} km. Without a sensor nearby "
            "its effect cannot be measured.",
            radius=f"{project.radius_km:g}",
            nearest=f"{away.min():.1f}" if len(away) else "–",
        )
    made_up = bool(near["simulated"].fillna(False).astype(bool).all())
    near, _ = of_one_kind(near.reset_index(drop=True), made_up)
    chosen = stations["station_id"].isin(project.controls)
    far = stations[chosen if project.controls else (away >= 2 * project.radius_km) & (away <= project.reach_km)]
    far, _ = of_one_kind(far[~far["station_id"].isin(near["station_id"])], made_up)
    alike = far["simulated"].fillna(False).astype(bool) == made_up
    return near, far[alike].reset_index(drop=True)


def _daily(
    lake: Lake, pollutant: str, stations: list[str], first: date, last: date, snapshot: int
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    begin, end = local_bounds(first, last)
    rows = lake.observations([pollutant], start=begin, end=end, station_ids=stations, snapshot=snapshot)
    rows, said = calibrated(lake, rows, snapshot=snapshot)
    means = daily_means(rows, completeness=settings().days_completeness)
    table = means[means["value"].notna()].pivot_table(index="date", columns="station_id", values="value")
    table.index = pd.Index([pd.Timestamp(d).date() for d in table.index], name="date")
    return table, tuple(said)


def _weather(lake: Lake, stations: list[str], first: date, last: date, snapshot: int) -> pd.DataFrame | None:
    begin, end = local_bounds(first, last)
    rows = lake.observations(list(WEATHER), start=begin, end=end, station_ids=stations, snapshot=snapshot)
    if rows.empty:
        return None
    hourly = rows.pivot_table(index=["station_id", "time"], columns="variable", values="value").reset_index()
    hourly = with_components(hourly)
    days = pd.to_datetime(hourly["time"], utc=True).dt.tz_convert(LOCAL).dt.date
    names = [n for n in MEANS if n in hourly.columns]
    return pd.DataFrame(hourly.groupby(days)[names].mean()) if names else None


def with_components(hourly: pd.DataFrame) -> pd.DataFrame:
    """Return hourly weather with the wind's components ``wind_u`` and ``wind_v`` (m/s), where both are measured."""
    if not {"wind_speed", "wind_dir"} <= set(hourly.columns):
        return hourly
    angle = np.deg2rad(hourly["wind_dir"])
    return hourly.assign(wind_u=-hourly["wind_speed"] * np.sin(angle), wind_v=-hourly["wind_speed"] * np.cos(angle))


def sentences(found: Progress, lang: str = "en") -> list[Note]:
    """Return the verdict, what it rests on, and every note; `lang` is the language of the date in it."""
    seen = found.effect
    words = [
        seen.sentence(),
        note(
            "24-hour means at {affected} stations: {before} µg/m³ over {days_before} days before {start}, {after} "
            "µg/m³ over {days_after} days since, compared with {controls} control stations.",
            affected=len(found.affected),
            controls=len(found.controls),
            before=f"{seen.mean_before:.1f}",
            after=f"{seen.mean_after:.1f}",
            days_before=seen.days_before,
            days_after=seen.days_after,
            start=day(found.project.start, lang),
        ),
        *([] if found.snapshot is None else [note("data snapshot {snapshot}", snapshot=found.snapshot)]),
        *_trial_words(found.trials),
        *seen.notes,
    ]
    return [*words, note("Simulated data: an example, not a measurement.")] if found.simulated else words


def _trial_words(trials: pd.DataFrame) -> list[Note]:
    if trials.empty:
        return [
            note(
                "Made-up starts before the true one could not be tried: six weeks of readings before it are needed.",
            )
        ]
    alarms = int((trials["verdict"] != "unclear").sum())
    return [
        note(
            "Tried with {count} made-up starts before the true one, when nothing had been done: {alarms} gave a "
            "verdict, which would be a false alarm.",
            count=len(trials),
            alarms=alarms,
            level="warning" if alarms > max(1, 0.15 * len(trials)) else "info",
        )
    ]
