"""Where the dust may come from: screening evidence, not proof.

Two pieces of evidence, kept apart and both stated with what they rest on:

*Emission potential* = dust potential of the factory's type (0 to 3, data/factory_types.csv) × weight of its
horsepower class (data/screening.toml). A type code and a motor size say what could be emitted, never what is:
fuel, filters and hours of work aren't in the register.

*Upwind share*: of the hours on the days over the standard, the share in which the wind blew from the factory
towards some part of the hotspot. Wind directions are where the wind comes *from*, in degrees clockwise from north;
a factory is upwind of a point when the bearing from the point to it differs from that direction by at most half
the sector, the short way round north; of a hotspot, when it is upwind of a point of its outline. So a factory
inside a hotspot is upwind of some of it in nearly every hour: there the share says nothing, and the potential has to.
Calm hours are left out; the number of hours the share rests on stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration_store import calibrated
from geo.lake import Lake
from language import Note, note
from planning import layer_evidence, likely, strengths
from planning.likely import Readings
from planning.plumes import Hours
from planning.readings import local_bounds
from planning.settings import Settings

NEAR_KM = 30.0
"""Stations farther from the area tell nothing about its hours."""

FITTED = 40
"""Places (hotspots, then zones by rank) with fitted strengths: in a province the others take the register's."""

POTENTIAL_CLASSES = ("none", "low", "medium", "high")


def add_potential(
    factories: gpd.GeoDataFrame, types: pd.DataFrame, settings: Settings
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Add type names, ``type_group``, ``type_potential`` (0 to 3), ``by_day`` (no furnace: works by day), ``potential``
    (0 to 9) and ``potential_class`` to factories.

    A type with a sub-number is looked up first with it, then by its main number. A type that isn't in the
    catalogue has no potential (NaN, class "none"); a factory without horsepower counts in the lowest class.

    Parameters
    ----------
    factories : GeoDataFrame
        With ``type_no``, ``type_sub``, ``hp``.
    types : DataFrame
        `geo.catalogues.factory_types`.
    settings : Settings
        Horsepower classes, their weights, the class limits.
    """
    matched = _match_types(factories, types)
    hp = pd.to_numeric(factories["hp"], errors="coerce").to_numpy(float)
    weights = np.asarray(settings.factories_hp_weights)
    classes = np.digitize(np.nan_to_num(hp), settings.factories_hp_classes)
    potential = matched["potential"].to_numpy(float) * weights[classes]
    grade = np.digitize(np.nan_to_num(potential), settings.factories_potential_classes)
    named = factories.assign(
        type_name_th=matched["name_th"].to_numpy(),
        type_name_en=matched["name_en"].to_numpy(),
        type_group=matched["group"].to_numpy(),
        type_potential=matched["potential"].to_numpy(float),
        by_day=~matched["source_groups"].str.startswith("combustion").to_numpy(bool),
        potential=potential,
        potential_class=np.array(POTENTIAL_CLASSES)[grade],
    )
    return named, potential_notes(named)


def _match_types(factories: gpd.GeoDataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """Return the catalogue's row for each factory (NaN where there is none), in the factories' order."""
    wanted = ["name_th", "name_en", "group", "source_groups", "potential"]
    table: dict[tuple[int, int], dict[str, Any]] = {}
    for row in types.to_dict("records"):
        table[_number(row["type_no"]), _number(row["type_sub"])] = {k: row[k] for k in wanted}
    rows = []
    for no, sub in zip(factories["type_no"], factories["type_sub"], strict=True):
        found = table.get((_number(no), _number(sub))) or table.get((_number(no), 0))
        rows.append(found or dict.fromkeys(wanted[:-1], "") | {"potential": np.nan})
    matched = pd.DataFrame(rows, columns=wanted, index=factories.index)
    return matched.assign(potential=pd.to_numeric(matched["potential"], errors="coerce"))


def _number(value: Any) -> int:
    number = pd.to_numeric(value, errors="coerce")
    return 0 if pd.isna(number) else int(number)


def potential_notes(factories: pd.DataFrame) -> list[Note]:
    """Say what is not known about rated factories (`add_potential`)."""
    potential = factories["potential"].to_numpy(float)
    hp = pd.to_numeric(factories["hp"], errors="coerce").to_numpy(float)
    notes = []
    unknown = int(np.isnan(potential).sum())
    if unknown:
        notes.append(
            note(
                "Factories whose type is not in data/factory_types.csv: {count}. Their dust potential is unknown "
                "and counts as none.",
                count=unknown,
            )
        )
    weak = int((np.isnan(hp) & ~np.isnan(potential)).sum())
    if weak:
        notes.append(note("Factories without horsepower: {count}. They count in the lowest class.", count=weak))
    return notes


def bearing(origin: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction from `origin` to each target, degrees clockwise from north, in [0, 360).

    Parameters
    ----------
    origin : ndarray (2,), metres east and north
    targets : ndarray (k, 2), metres

    Examples
    --------
    >>> import numpy as np
    >>> bearing(np.array([0.0, 0.0]), np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])).tolist()
    [0.0, 90.0, 180.0, 270.0]
    """
    offset = np.atleast_2d(targets) - origin
    degrees: NDArray[np.float64] = np.degrees(np.arctan2(offset[:, 0], offset[:, 1])) % 360.0
    return degrees


def in_sector(direction: NDArray[np.float64], middle: NDArray[np.float64], sector: float) -> NDArray[np.bool_]:
    """Return whether directions lie within `sector` degrees centred on `middle`, the short way round north.

    Examples
    --------
    >>> import numpy as np
    >>> in_sector(np.array([350.0, 20.0, 40.0]), np.array([5.0]), 45.0).tolist()
    [True, True, False]
    """
    away = np.abs((direction - middle + 180.0) % 360.0 - 180.0)
    inside: NDArray[np.bool_] = away <= sector / 2
    return inside


def hourly_wind(
    lake: Lake,
    area: Any,
    crs: Any,
    start: date,
    end: date,
    settings: Settings,
    snapshot: int | None,
    *,
    simulated: bool,
) -> pd.DataFrame:
    """Return the hourly wind near the area: index time (UTC), ``speed`` m/s, ``direction`` degrees from.

    Each hour has the nearest station with both speed and direction in that hour; only simulated stations count
    where `simulated`, else only measured ones. Empty without wind data.
    """
    stations = lake.stations(snapshot=snapshot)
    kind = stations["simulated"].fillna(False).astype(bool) == simulated
    stations = stations[kind & stations.geometry.notna() & ~stations.geometry.is_empty].to_crs(crs)
    away = stations.geometry.distance(area) / 1000.0
    near = stations[away <= settings.wind_radius_km].assign(away=away).sort_values(["away", "station_id"])
    blank = pd.DataFrame({"speed": [], "direction": []}, index=pd.DatetimeIndex([], tz="UTC", name="time"))
    if near.empty:
        return blank
    first, last = local_bounds(start, end)
    rows = lake.observations(
        ["wind_speed", "wind_dir"],
        start=first,
        end=last,
        station_ids=list(near["station_id"]),
        snapshot=snapshot,
    )
    rows = rows[rows["period_hours"] == 1]
    wide = rows.pivot_table(index=["time", "station_id"], columns="variable", values="value", aggfunc="mean")
    if not {"wind_speed", "wind_dir"} <= set(wide.columns):
        return blank
    nearness = {s: i for i, s in enumerate(near["station_id"])}
    wide = wide.dropna(subset=["wind_speed", "wind_dir"]).reset_index()
    wide = wide.assign(order=wide["station_id"].map(nearness)).sort_values(["time", "order"])
    wide = wide.drop_duplicates("time").set_index("time")
    return wide[["wind_speed", "wind_dir"]].set_axis(["speed", "direction"], axis=1)


def upwind_shares(
    wind: pd.DataFrame,
    days: Sequence[date],
    outline: NDArray[np.float64],
    places: NDArray[np.float64],
    settings: Settings,
) -> tuple[NDArray[np.float64], int]:
    """Return the share of the hours of `days` in which each place lies upwind of some point of an outline.

    Parameters
    ----------
    wind : DataFrame
        Of `hourly_wind`; directions are taken to whole degrees.
    days : sequence of date
        Days over the standard (Bangkok days).
    outline : ndarray (m, 2), places : ndarray (k, 2), metres
    settings : Settings
        Calm limit and sector.

    Returns
    -------
    shares : ndarray (k,)
        0 to 1; NaN without a single hour with wind, and for a place that is the only point of the outline.
    hours : int
        Hours with wind (not calm) that the shares rest on.
    """
    places, outline = np.atleast_2d(np.asarray(places, float)), np.atleast_2d(np.asarray(outline, float))
    chosen = wind[wind["speed"] >= settings.wind_calm_m_s]
    if len(chosen):
        chosen = chosen[likely.on_days(chosen, days)]
    if not len(chosen):
        return np.full(len(places), np.nan), 0
    degrees, hours = np.unique(np.round(chosen["direction"].to_numpy(float)) % 360, return_counts=True)
    shares = np.full(len(places), np.nan)
    for i, place in enumerate(places):
        apart = outline[np.hypot(*(place - outline).T) >= 1.0]  # a point on the place itself has no direction to it
        if len(apart):
            towards = (bearing(place, apart) + 180.0) % 360.0
            upwind = in_sector(degrees[:, None], towards[None, :], settings.wind_sector_deg).any(axis=1)
            shares[i] = hours[upwind].sum() / hours.sum()
    return shares, len(chosen)


def exceedance_hours(
    wind: pd.DataFrame,
    over_days: Mapping[str, Sequence[date]],
    points: Mapping[str, NDArray[np.float64]],
    readings: Readings,
    threshold: float,
    settings: Settings,
) -> dict[str, pd.DataFrame]:
    """Return the windy hours of exceedance of every hotspot and zone (`planning.likely.exceedance_hours`).

    Parameters
    ----------
    wind : DataFrame
        Of `hourly_wind`.
    over_days, points : mapping of hotspot or zone id
        Days over the standard; points in it (metres), none where nothing supports an estimate.
    readings : Readings
    threshold : float
        µg/m³, from which an hour counts as an hour of exceedance.
    settings : Settings
    """
    usable = readings.table.shape[1] >= settings.stations_minimum
    return {
        target: likely.exceedance_hours(
            wind,
            over_days.get(target, ()),
            settings.wind_calm_m_s,
            readings.level(inside) if usable else None,
            threshold,
        )
        for target, inside in points.items()
        if len(inside)
    }


def add_upwind(
    factories: gpd.GeoDataFrame,
    hours: Mapping[str, pd.DataFrame],
    over_days: Mapping[str, Sequence[date]],
    outlines: Mapping[str, NDArray[np.float64]],
    settings: Settings,
) -> gpd.GeoDataFrame:
    """Add ``upwind_of``, ``upwind_share`` and ``upwind_hours`` to factories.

    A factory is judged against the hotspot in or near which it stands, else against its zone; in the same hours of
    exceedance as the likely sources.

    Parameters
    ----------
    factories : GeoDataFrame
        With ``hotspot_id`` and ``zone_id``, in metres.
    hours : mapping of hotspot or zone id to its hours with wind
        Of `exceedance_hours`.
    over_days : mapping of the same ids to the days over the standard
    outlines : mapping of the same ids to points along the outline (metres)
    """
    target = factories["hotspot_id"].where(factories["hotspot_id"].notna(), factories["zone_id"])
    places = np.column_stack([factories.geometry.x, factories.geometry.y]) if len(factories) else np.empty((0, 2))
    share, counts = np.full(len(factories), np.nan), np.zeros(len(factories), int)
    for name, outline in outlines.items():
        rows = np.flatnonzero((target == name).to_numpy(bool))
        if len(rows) and name in hours:
            share[rows], counts[rows] = upwind_shares(
                hours[name], over_days.get(name, ()), outline, places[rows], settings
            )
    return factories.assign(upwind_of=target, upwind_share=share, upwind_hours=counts)


def hourly_readings(
    lake: Lake, stations: gpd.GeoDataFrame, pollutant: str, start: date, end: date, snapshot: int | None
) -> Readings:
    """Return the hourly readings of stations (in metres), calibrated as the daily ones are; flagged hours left out."""
    first, last = local_bounds(start, end)
    near = stations[stations["distance_km"] <= NEAR_KM]
    rows = lake.observations(
        [pollutant], start=first, end=last, station_ids=list(near["station_id"]), snapshot=snapshot
    )
    rows, _ = calibrated(lake, rows, snapshot=snapshot)
    rows = rows[(rows["period_hours"] == 1) & rows["flag"].isna() & rows["value"].notna()]
    table = rows.pivot_table(index="time", columns="station_id", values="value", aggfunc="mean", observed=True)
    placed = near.set_index("station_id").geometry.loc[[str(c) for c in table.columns]]
    return Readings(table.astype(float), np.column_stack([placed.x, placed.y]).astype(float))


def likely_table(
    hours: Mapping[str, pd.DataFrame],
    over_days: Mapping[str, Sequence[date]],
    outlines: Mapping[str, NDArray[np.float64]],
    points: Mapping[str, NDArray[np.float64]],
    factories: gpd.GeoDataFrame,
    readings: Readings,
    settings: Settings,
    wind: pd.DataFrame | None = None,
    layers: layer_evidence.Layers | None = None,
) -> pd.DataFrame:
    """Return the likely sources of every hotspot and zone, one under the other (`planning.likely.COLUMNS`).

    Parameters
    ----------
    hours : mapping of hotspot or zone id
        Of `exceedance_hours`.
    over_days, outlines, points : mapping of hotspot or zone id
        Days over the standard; points along its outline; points in it (metres).
    factories : GeoDataFrame
        Of `add_potential`, in metres: those around the area too.
    readings : Readings
    settings : Settings
    wind : DataFrame, optional
        Of `hourly_wind`: with it the factories' strengths are fitted to the readings, for the first `FITTED` places.
    layers : Layers, optional
        Roads and fires around the area.
    """
    windy = None if wind is None else wind[wind["speed"] >= settings.wind_calm_m_s]
    placed = pd.DataFrame(factories.drop(columns="geometry")).assign(x=factories.geometry.x, y=factories.geometry.y)
    usable = readings if readings.table.shape[1] >= settings.stations_minimum else None
    basis = None
    if windy is not None and usable is not None and len(windy):
        basis = strengths.Basis(windy, usable, placed)
    tables = []
    for number, (target, chosen) in enumerate(hours.items()):
        if chosen.empty:
            continue
        days, outline = over_days[target], outlines[target]

        def upwind(places: NDArray[np.float64], chosen: Any = chosen, days: Any = days, outline: Any = outline) -> Any:
            return upwind_shares(chosen, days, outline, places, settings)[0]

        stamps = Hours.of(chosen)
        place = (stamps, points[target], placed, usable)
        listed = likely.likely_sources(target, *place, upwind, basis=basis, fitted=number < FITTED)
        if layers is not None:
            felt = np.vstack([outline, points[target]])
            listed = layer_evidence.beside(listed, layers, stamps, felt, settings.wind_sector_deg)
        tables.append(listed)
    tables = [t for t in tables if len(t)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(likely.COLUMNS))
