"""Before and after a project, from the lake: which stations it reaches, which serve as controls, the weather.

1. Affected are the stations within `radius_km` of the project's place; controls those between twice that
   distance and `reach_km`, so that what the project does hardly reaches them.
2. Readings are calibrated as for the maps; 24-hour means need three quarters of their hours.
3. The weather of a day is the mean over the stations that measure it: speed, the wind's two components,
   humidity, temperature.
4. `planning.effect.measure` does the sum.

Scope cut: a station that was moved is one station to the lake; its history must be imported under another id.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from geo.averages import daily_means
from geo.calibration_store import calibrated
from geo.lake import Lake
from language import Note, UserError, note
from planning import effect
from planning.readings import LOCAL, local_bounds, of_one_kind
from planning.settings import settings

WEATHER = ("wind_speed", "wind_dir", "rh", "temp")


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
    """

    name: str
    lon: float
    lat: float
    start: date
    pollutant: str = "pm25"
    radius_km: float = 2.0
    reach_km: float = 50.0

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise UserError("The place {lat}, {lon} is not on the earth; write longitude, latitude in degrees.",
                            lat=self.lat, lon=self.lon)  # fmt: skip
        if not 0 < 2 * self.radius_km < self.reach_km:
            raise UserError("The radius must be more than 0 km and less than half of {reach} km.", reach=self.reach_km)


@dataclass(frozen=True)
class Progress:
    """A project's effect, and which stations it rests on."""

    project: Project
    effect: effect.Effect
    affected: tuple[str, ...]
    controls: tuple[str, ...]
    snapshot: int
    simulated: bool


def of_project(lake: Lake, project: Project, first: date, last: date, *, snapshot: int | None = None) -> Progress:
    """Measure a project's effect from the lake's readings between two days, both included.

    Raises
    ------
    UserError
        No station within the radius, or too few days on either side.
    """
    snapshot = lake.snapshot() if snapshot is None else snapshot
    near, far = _groups(lake, project, snapshot)
    daily, notes = _daily(lake, project.pollutant, [*near["station_id"], *far["station_id"]], first, last, snapshot)
    names = [[s for s in group["station_id"] if s in daily.columns] for group in (near, far)]
    if not names[0]:
        raise UserError(
            "The stations within {radius} km have no 24-hour means in the period.", radius=f"{project.radius_km:g}"
        )
    seen = effect.measure(
        daily[names[0]],
        project.start,
        controls=daily[names[1]] if names[1] else None,
        weather=_weather(lake, [*near["station_id"], *far["station_id"]], first, last, snapshot),
    )
    both = pd.concat([near, far])
    simulated = bool(both["simulated"].fillna(False).astype(bool).any())
    whole = replace(seen, notes=(*notes, *seen.notes))
    return Progress(project, whole, tuple(names[0]), tuple(names[1]), snapshot, simulated)


def _groups(lake: Lake, project: Project, snapshot: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    stations = lake.stations(snapshot=snapshot)
    stations = stations[stations.geometry.notna() & ~stations.geometry.is_empty]
    place = gpd.GeoSeries([Point(project.lon, project.lat)], crs=4326)
    metres = place.estimate_utm_crs()
    away = stations.to_crs(metres).distance(place.to_crs(metres).iloc[0]) / 1000.0
    near = stations[away <= project.radius_km]
    if near.empty:
        raise UserError(
            "No station stands within {radius} km of the project; nearest: {nearest} km. Without a sensor nearby "
            "its effect cannot be measured.",
            radius=f"{project.radius_km:g}",
            nearest=f"{away.min():.1f}" if len(away) else "–",
        )
    made_up = bool(near["simulated"].fillna(False).astype(bool).all())
    near, _ = of_one_kind(near.reset_index(drop=True), made_up)
    far, _ = of_one_kind(stations[(away >= 2 * project.radius_km) & (away <= project.reach_km)], made_up)
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
    if {"wind_speed", "wind_dir"} <= set(hourly.columns):
        angle = np.deg2rad(hourly["wind_dir"])
        hourly = hourly.assign(
            wind_u=-hourly["wind_speed"] * np.sin(angle), wind_v=-hourly["wind_speed"] * np.cos(angle)
        )
    day = pd.to_datetime(hourly["time"], utc=True).dt.tz_convert(LOCAL).dt.date
    names = [n for n in ("wind_speed", "wind_u", "wind_v", "rh", "temp") if n in hourly.columns]
    return pd.DataFrame(hourly.groupby(day)[names].mean()) if names else None


def sentences(found: Progress) -> list[Note]:
    """Return the verdict, what it rests on, and every note."""
    seen = found.effect
    words = [
        seen.sentence(),
        note(
            "24-hour means at {affected} stations: {before} µg/m³ over {days_before} days before {start}, {after} "
            "µg/m³ over {days_after} days since, compared with {controls} control stations; data snapshot {snapshot}.",
            affected=len(found.affected),
            controls=len(found.controls),
            before=f"{seen.mean_before:.1f}",
            after=f"{seen.mean_after:.1f}",
            days_before=seen.days_before,
            days_after=seen.days_after,
            start=found.project.start.isoformat(),
            snapshot=found.snapshot,
        ),
        *seen.notes,
    ]
    return [*words, note("Simulated data: an example, not a measurement.")] if found.simulated else words
