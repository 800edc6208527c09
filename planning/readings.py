"""From the lake's readings to what the kriging takes: stations in reach, daily means, period means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.averages import daily_means
from geo.calibration_store import calibrated
from geo.lake import Lake
from language import Note, UserError, note, pollutant_name
from planning.sentences import percent
from planning.settings import Settings

LOCAL = ZoneInfo("Asia/Bangkok")


def local_bounds(start: date, end: date) -> tuple[datetime, datetime]:
    """Return the first moment of `start` and the first moment after `end`, both in Bangkok time."""
    first = datetime(start.year, start.month, start.day, tzinfo=LOCAL)
    last = datetime(end.year, end.month, end.day, tzinfo=LOCAL)
    return first, last + timedelta(days=1)


def stations_in_reach(lake: Lake, area: Any, crs: Any, settings: Settings, snapshot: int | None) -> gpd.GeoDataFrame:
    """Return the stations near the area, nearest first.

    Parameters
    ----------
    lake : Lake
    area : shapely geometry
        The area, in `crs` (metres).
    crs : pyproj.CRS
        Projected system in which distances are taken.
    settings : Settings
        Radius (km) and largest number.
    snapshot : int or None
        The lake's snapshot to read.

    Returns
    -------
    GeoDataFrame
        Columns of the lake's table stations, geometry in `crs`, and ``distance_km`` to the area.
    """
    stations = lake.stations(snapshot=snapshot)
    stations = stations[stations.geometry.notna() & ~stations.geometry.is_empty].to_crs(crs)
    stations = stations.assign(distance_km=stations.geometry.distance(area) / 1000.0)
    near = stations[stations["distance_km"] <= settings.stations_radius_km]
    near = near.sort_values(["distance_km", "station_id"]).head(settings.stations_nearest)
    return near.reset_index(drop=True)


def without(stations: gpd.GeoDataFrame, left_out: Sequence[str]) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return the stations but for some that the user leaves out, and say which.

    Raises
    ------
    UserError
        For a station that is not there.
    """
    unknown = sorted(set(left_out) - set(stations["station_id"]))
    if unknown:
        raise UserError(
            "There is no station {name} near the area, so it can't be left out.", name=", ".join(map(str, unknown))
        )
    if not left_out:
        return stations, []
    kept = stations[~stations["station_id"].isin(left_out)].reset_index(drop=True)
    said = note("Left out on request: station {names}.", level="warning", names=", ".join(sorted(left_out)))
    return kept, [said]


def of_one_kind(stations: gpd.GeoDataFrame, demo_area: bool) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return simulated or measured stations, never both: a made-up reading must not bend a measured map.

    Parameters
    ----------
    stations : GeoDataFrame
        In reach of the area; column ``simulated``.
    demo_area : bool
        Whether the area itself is simulated. Its map takes the simulated stations; any other area takes the
        measured ones, and the simulated ones only where there are no others.
    """
    made_up = stations["simulated"].fillna(False).astype(bool)
    if made_up.all() or not made_up.any():
        return stations, []
    kept = stations[made_up == demo_area].reset_index(drop=True)
    left = len(stations) - len(kept)
    if demo_area:
        return kept, [note("Measured stations left out of the simulated demo area: {count}.", count=left)]
    return kept, [note("Simulated stations left out beside the measured ones: {count}.", count=left)]


def daily_table(
    lake: Lake,
    stations: gpd.GeoDataFrame,
    pollutant: str,
    start: date,
    end: date,
    settings: Settings,
    snapshot: int | None,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the 24-hour means of the stations, one row per usable day.

    Returns
    -------
    table : DataFrame
        Index ``date``, one column per station with at least one mean (µg/m³, NaN where missing).
    notes : list of Note

    Raises
    ------
    UserError
        If fewer than the needed stations have any mean, or no day has enough of them.
    """
    first, last = local_bounds(start, end)
    observations = lake.observations(
        [pollutant], start=first, end=last, station_ids=list(stations["station_id"]), snapshot=snapshot
    )
    observations, said = calibrated(lake, observations, snapshot=snapshot)
    means = daily_means(observations, completeness=settings.days_completeness)
    means = means[means["value"].notna()]
    table = means.pivot_table(index="date", columns="station_id", values="value", aggfunc="mean")
    table.index = pd.Index([_as_date(d) for d in table.index], name="date")
    table = table[[s for s in stations["station_id"] if s in table.columns]]
    if table.shape[1] < settings.stations_minimum:
        raise UserError(
            "Stations within {radius} km that have 24-hour means of {pollutant} between {start} and {end}: {count}; "
            "at least {minimum} are needed. Choose another period or import more readings.",
            count=table.shape[1],
            radius=f"{settings.stations_radius_km:g}",
            pollutant=pollutant_name(pollutant),
            start=start,
            end=end,
            minimum=settings.stations_minimum,
        )
    days, notes = usable_days(table, start, end, settings)
    return days, [*said, *notes]


def _as_date(value: Any) -> date:
    return value if type(value) is date else pd.Timestamp(value).date()


def usable_days(table: pd.DataFrame, start: date, end: date, settings: Settings) -> tuple[pd.DataFrame, list[Note]]:
    """Keep the days with enough stations; say how many of the asked days these are.

    Parameters
    ----------
    table : DataFrame (days, stations)
        24-hour means.
    start, end : date
        The days asked for, both included.

    Raises
    ------
    UserError
        If no day has enough stations.
    """
    asked = (end - start).days + 1
    kept = table[table.notna().sum(axis=1) >= settings.days_minimum_stations].sort_index()
    kept = kept.loc[:, kept.notna().any()]
    if kept.empty:
        raise UserError(
            "On no day between {start} and {end} do {minimum} stations have a 24-hour mean. "
            "Choose another period or import more readings.",
            start=start.isoformat(),
            end=end.isoformat(),
            minimum=settings.days_minimum_stations,
        )
    notes = []
    if len(kept) < asked:
        notes.append(
            note(
                "{used} of {asked} days are used; on the others fewer than {minimum} stations have a 24-hour "
                "mean. Days are counted out of the {used} used ones.",
                level="warning",
                used=len(kept),
                asked=asked,
                minimum=settings.days_minimum_stations,
            )
        )
    return kept, notes


def station_table(
    stations: gpd.GeoDataFrame, daily: pd.DataFrame, threshold: float, settings: Settings
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return the stations of `daily`, in its order, with what they measured.

    Adds ``value`` (period mean, µg/m³), ``n_days``, ``error_sd_period``, ``used`` (in the period mean) and
    ``days_over`` (24-hour means above `threshold`).
    """
    means, notes = period_table(daily, settings)
    table = stations.set_index("station_id").loc[list(daily.columns)]
    table = table.assign(
        value=means["value"],
        n_days=means["n_days"],
        error_sd_period=means["error_sd"],
        used=means["used"],
        days_over=(daily > threshold).sum(),
    )
    return table.reset_index(), notes


def period_table(daily: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, list[Note]]:
    """Return every station's mean over the period, corrected for the days it missed.

    A station that was off during the haze would seem clean. So its mean is multiplied by the network's
    mean over all days divided by the network's mean over the station's own days (a ratio estimator,
    Cochran 1977, ch. 6). The network's value of a day is the median of that day's stations after each
    has been divided by its own level. What the correction leaves open goes into ``error_sd``:
    s² (1 − n/N) / n, with s the standard deviation of the station's residuals, n of N days present.

    Parameters
    ----------
    daily : DataFrame (N days, n stations)
        µg/m³, NaN where missing.
    settings : Settings
        Least share of days of a station.

    Returns
    -------
    table : DataFrame
        Index ``station_id``; ``value`` µg/m³, ``n_days``, ``error_sd`` µg/m³, ``used`` (bool).
    notes : list of Note
    """
    values = daily.to_numpy(float)
    present = np.isfinite(values)
    n_days = present.sum(axis=0)
    network = network_level(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.nanmean(values, axis=0)
        network_own = np.array([network[present[:, i]].mean() for i in range(values.shape[1])])
        ratio = np.where(network_own > 0, network.mean() / network_own, 1.0)
        residual = values - network[:, None] * np.where(network_own > 0, own / network_own, 0.0)
        spread = np.sqrt(np.nanmean(residual**2, axis=0))
    missing_share = 1 - n_days / len(values)
    error = spread * np.sqrt(missing_share / np.maximum(n_days, 1))
    enough = n_days >= settings.days_period_share * len(values)
    notes = []
    if enough.sum() < settings.stations_minimum:
        enough[:] = True
        notes.append(
            note(
                "Few stations have readings on half of the days, so the period mean uses all stations; it is "
                "less certain.",
                level="warning",
            )
        )
    elif not enough.all():
        notes.append(
            note(
                "Stations with 24-hour means on less than {share} of the days: {count}. They count on their own "
                "days but not in the period mean.",
                count=int((~enough).sum()),
                share=percent(settings.days_period_share),
            )
        )
    table = pd.DataFrame(
        {"value": own * ratio, "n_days": n_days, "error_sd": error, "used": enough}, index=daily.columns
    )
    return table, notes


def network_level(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the level of each day (µg/m³) free of which stations happened to report, shape (N,)."""
    level: NDArray[np.float64] = np.nanmedian(values, axis=1)
    for _ in range(2):  # two passes settle a two-way table of this kind
        with np.errstate(invalid="ignore", divide="ignore"):
            station = np.nanmean(values / np.where(level > 0, level, np.nan)[:, None], axis=0)
            station = np.where(np.isfinite(station) & (station > 0), station, 1.0)
        level = np.nanmedian(values / station, axis=1)
    return level


def error_sd(stations: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return each station's measurement error (standard deviation, µg/m³); 0 where none is stated."""
    stated: NDArray[np.float64] = pd.to_numeric(stations["error_sd"], errors="coerce").to_numpy(float, copy=True)
    stated[~np.isfinite(stated) | (stated < 0)] = 0.0
    return stated
