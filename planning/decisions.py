"""From the surface to decisions: hotspots, who lives there, where it may come from, which zone first.

The second half of the walk, as one pass over a place; `planning.screening` calls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point

from language import Note, note, number
from planning import exposure, hotspot_draws, hotspots, layer_evidence, likely, sources, surfaces, zone_people
from planning.likely import Readings
from planning.local import Local
from planning.parameters import Parameters
from planning.place import Air, Place, There, gather, hot_beyond, over_days
from planning.scoring import SurfaceDraws
from planning.sentences import percent
from planning.settings import Settings
from planning.zone_measures import measure_zones, ranked_areas, zone_cells
from planning.zones import rank_zones

OUTLINE_POINTS = 48
"""Points along an outline when it is asked what lies upwind of it."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """Hotspots, zones and what stands behind them; all tables in WGS84."""

    units: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    factories: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    local_hotspots: gpd.GeoDataFrame
    exposed: dict[str, float]
    zones: gpd.GeoDataFrame
    likely: pd.DataFrame
    draws: SurfaceDraws | None
    notes: list[Note]


def decide(
    place: Place, air: Air, local: Local | None, hourly: Readings, parameters: Parameters, settings: Settings
) -> Decisions:
    """Find hotspots, count who and what is there, weigh the sources, rank the zones.

    Parameters
    ----------
    place : Place
    air : Air
    local : Local or None
        What stands above the background.
    hourly : Readings
        Of the stations near the area.
    parameters : Parameters
        Filled (see `Parameters.filled`).
    settings : Settings
    """
    day_share = float(parameters.day_share or 0.0)
    there = gather(place, air, 1000.0 * settings.hotspots_near_km, settings)
    simulated = any(bool(t["simulated"].any()) for t in (air.stations, there.units, there.receptors, there.factories))
    inside = surfaces.cells_in(place.shape, air.grid)
    by_days = parameters.basis == "days"
    probability = float(parameters.probability or 0.0)
    spots, spot_days = _hotspots(place, there, air, probability, settings, "H", by_days=by_days)
    local_spots, local_days = hotspots.empty(there.units.crs), dict[str, list[date]]()
    if local is not None:  # days, mean and bounds of these are of the excess over the background
        local_spots, local_days = _hotspots(place, there, local.air, settings.local_probability, settings, "L")
    ranked, notes = ranked_areas(place, there, spots, parameters)
    zones, zone_days, draws = measure_zones(ranked, spots, there, air, parameters, settings)
    maps = _drawn(spots, air, there, place.shape, settings)
    zones, more = rank_zones(
        zones.assign(simulated=simulated, **_exposed_zones(zones, air, there, maps)),
        parameters.weights or {},
        settings,
        day_share,
        parameters.method or settings.zones_method,
        draws,
    )
    notes += [*sources.potential_notes(there.factories), *more]
    over = {**spot_days, **local_days, **{row["zone_id"]: zone_days[row["code"]] for row in zones.to_dict("records")}}
    factories, found, wind = _weigh_sources(
        place, air, hourly, parameters, settings, there, (spots, local_spots, zones), over
    )
    # The draws count days, so they say nothing about an annual mean.
    spots = hotspot_draws.add_intervals(spots, None if parameters.basis == "annual" else maps, air.rule, settings)
    if local is not None:
        local_maps = _drawn(local_spots, local.air, there, place.shape, settings)
        local_spots = hotspot_draws.add_intervals(local_spots, local_maps, local.air.rule, settings)
    notes += _hotspot_notes(spots, air, inside, there.units, parameters, place.shape)
    notes += _local_notes(air, inside, day_share)
    notes += _source_notes(factories, wind)
    return Decisions(
        units=there.units.to_crs(4326),
        receptors=there.receptors.to_crs(4326),
        factories=factories.to_crs(4326),
        hotspots=_listed(spots, local, simulated),
        local_hotspots=_listed(local_spots, local, simulated),
        exposed=_exposed_town(maps),
        zones=zones.to_crs(4326),
        likely=found,
        draws=draws,
        notes=notes,
    )


def _hotspots(
    place: Place, there: There, air: Air, probability: float, settings: Settings, letter: str, *, by_days: bool = True
) -> tuple[gpd.GeoDataFrame, dict[str, list[date]]]:
    """Find, rank and name the hotspots of the air and count what is in them; also return each one's days over.

    Those judged by a mean (`by_days` false) end where the map does.
    """
    units, receptors = there.units, there.receptors
    inside = surfaces.cells_in(place.shape, air.grid)
    beyond = None
    if by_days:
        hot = hotspots.hot_cells(air.surface, inside, probability)
        beyond = hot_beyond(air, inside, hot, probability, settings.hotspots_reach_km)
    raw, cells = hotspots.find_hotspots(
        air.surface,
        inside,
        place.shape,
        days=len(air.days),
        probability=probability,
        minimum_area_km2=settings.hotspots_minimum_area_km2,
        beyond=beyond,
    )
    if raw.empty:
        return hotspots.empty(units.crs), {}
    raw = raw.assign(people=exposure.whole(exposure.people_in(raw.geometry, units, there.population)))
    order = hotspots.order(raw)
    spots = raw.iloc[order].reset_index(drop=True)
    spots["rank"] = np.arange(1, len(spots) + 1)
    spots["hotspot_id"] = [f"{letter}{r}" for r in spots["rank"]]
    names = list(spots["hotspot_id"])
    days, highest, _ = over_days(air, {name: cells[i] for name, i in zip(names, order, strict=True)})
    spots = hotspots.name_places(spots, units, there.wider)
    counts = exposure.receptor_counts(receptors, exposure.points_in(receptors, spots, "hotspot_id"), names)
    places, near_m = there.factories.geometry, 1000.0 * settings.hotspots_near_km
    return spots.assign(
        receptors=counts["receptors"].to_numpy(),
        schools=counts["school"].to_numpy(),
        hospitals=counts["hospital"].to_numpy(),
        max_day=[highest[n].isoformat() if n in highest else "" for n in names],
        factories=[int((places.distance(g) <= near_m).sum()) for g in spots.geometry],
    ), days


def _drawn(
    spots: gpd.GeoDataFrame, air: Air, there: There, shape: Any, settings: Settings
) -> hotspot_draws.Draws | None:
    """Return simulated maps of the area's air, with its hotspots."""
    people = exposure.people_of_cells(air.grid, surfaces.cells_in(shape, air.grid), there.units, there.population)
    return hotspot_draws.draw_in(spots, air, people, shape, settings)


def _exposed_zones(zones: gpd.GeoDataFrame, air: Air, there: There, maps: hotspot_draws.Draws | None) -> pd.DataFrame:
    """Return the people over the standard in each zone (`planning.zone_people`), in the zones' order."""
    cells = {str(code): zone_cells(g, air.grid) for code, g in zip(zones["code"], zones.geometry, strict=True)}
    lived = exposure.people_of_cells(air.grid, np.any(list(cells.values()), axis=0), there.units, there.population)
    people = zones["people"].astype(float).to_numpy()
    return zone_people.over_standard(cells, people, lived, maps, air.rule.needed).set_index(zones.index)


def _exposed_town(maps: hotspot_draws.Draws | None) -> dict[str, float]:
    """Return the people over the threshold on an average day: ``mean``, ``low``, ``high``; empty where not known."""
    mean, low, high = maps.exposed() if maps is not None else (np.nan,) * 3
    return {"mean": mean, "low": low, "high": high} if np.isfinite(mean) else {}


def _listed(spots: gpd.GeoDataFrame, local: Local | None, simulated: bool) -> gpd.GeoDataFrame:
    """Return the table of hotspots (WGS84) with the mean excess over the background and its 95 % bounds, µg/m³."""
    layers = {"local_ugm3": "mean", "local_lower95": "lower95", "local_upper95": "upper95"}
    averages: dict[str, Any] = dict.fromkeys(layers, np.nan)
    if local is not None:
        inside = [surfaces.cells_in(shape, local.air.grid) for shape in spots.geometry]
        averages = {
            name: np.array([surfaces.average(local.air.surface[layer].to_numpy(), cells) for cells in inside], float)
            for name, layer in layers.items()
        }
    return spots.assign(simulated=simulated, **averages).to_crs(4326)[list(hotspots.COLUMNS)]


def _place_factories(
    factories: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, spots: gpd.GeoDataFrame, near_m: float
) -> gpd.GeoDataFrame:
    """Add the zone each factory stands in and the hotspot it stands in or near."""
    return factories.assign(
        zone_id=exposure.points_in(factories, zones, "zone_id"),
        hotspot_id=exposure.points_near(factories, spots, "hotspot_id", near_m),
    )


def _outlines(spots: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> dict[str, NDArray[np.float64]]:
    """Return points (metres) evenly along the outline of each hotspot and zone."""
    along = np.linspace(0, 1, OUTLINE_POINTS, endpoint=False)
    outlines = {}
    for table, key in ((spots, "hotspot_id"), (zones, "zone_id")):
        for name, shape in zip(table[key], table.geometry, strict=True):
            points = shapely.line_interpolate_point(shapely.line_merge(shape.boundary), along, normalized=True)
            outlines[str(name)] = shapely.get_coordinates(points)
    return outlines


def _sample(spots: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, air: Air) -> dict[str, NDArray[np.float64]]:
    """Return some points (metres) evenly taken in each hotspot and zone."""
    points = {}
    for table, key in ((spots, "hotspot_id"), (zones, "zone_id")):
        for name, shape in zip(table[key], table.geometry, strict=True):
            cells = air.points(zone_cells(shape, air.grid) & air.surface["supported"].to_numpy())
            points[str(name)] = cells[:: max(len(cells) // likely.POINTS, 1)]
    return points


def _weigh_sources(
    place: Place,
    air: Air,
    readings: Readings,
    parameters: Parameters,
    settings: Settings,
    there: There,
    areas: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame],
    over: dict[str, list[date]],
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the factories with their upwind shares, the likely sources of each area, and the wind.

    `areas` are the hotspots, the local hotspots and the zones; a factory's own columns name none of the local ones.
    """
    spots, local_spots, zones = areas
    span = (parameters.start, parameters.end)
    wind = sources.hourly_wind(
        place.lake, place.shape, place.crs, *span, settings, place.snapshot, simulated=air.made_up
    )
    near_m = 1000.0 * settings.hotspots_near_km
    both = pd.concat([spots, local_spots])
    outlines, points = _outlines(both, zones), _sample(both, zones, air)
    hours = sources.exceedance_hours(wind, over, points, readings, air.threshold, settings)
    factories = _place_factories(there.factories, zones, spots, near_m)
    named = {name: days for name, days in over.items() if name not in set(local_spots["hotspot_id"])}
    factories = sources.add_upwind(factories, hours, named, outlines, settings)
    seen = layer_evidence.read(place.lake, place.shape, place.crs, place.snapshot, simulated=air.made_up)
    found = sources.likely_table(hours, over, outlines, points, there.around, readings, settings, wind, seen)
    return factories, found, wind


def _hotspot_notes(
    spots: gpd.GeoDataFrame,
    air: Air,
    inside: NDArray[np.bool_],
    units: gpd.GeoDataFrame,
    parameters: Parameters,
    shape: Any,
) -> list[Note]:
    """Say when there is no hotspot (and what comes nearest to one), and when everything is one."""
    probability, share = float(parameters.probability or 0), float(parameters.day_share or 0)
    if len(spots):
        covered = spots.geometry.area.sum() / shape.area
        if covered < 0.8:
            return []
        return [
            note(
                "Hotspots cover {covered} of the area: the dust is over the standard nearly everywhere here. "
                "A higher share of days, or the ranking of the zones, tells the places apart.",
                covered=percent(covered),
            )
        ]
    supported = inside & air.surface["supported"].to_numpy()
    if not supported.any():
        return [
            note(
                "The stations support no estimate anywhere in the area, so there is no surface and no hotspot. {rule}",
                level="error",
                rule=air.kriging.support_rule(),
            )
        ]
    rank = np.where(supported, air.surface["certainty"].to_numpy() + 1e-3 * air.surface["exceedance"].to_numpy(), -1)
    row, column = np.unravel_index(int(np.argmax(rank)), rank.shape)
    place = units.loc[units.geometry.distance(Point(air.grid.x[column], air.grid.y[row])).idxmin()]
    return [
        note(
            "There is no hotspot: no place is over {threshold} µg/m³ on {share} of the {total} days with a probability "
            "of {probability}. The nearest to it is {place} (probability there: {here}; expected days over the "
            "standard: {expected}).",
            threshold=f"{air.threshold:g}",
            probability=percent(probability),
            share=percent(share),
            total=len(air.days),
            place=" / ".join(dict.fromkeys([place["name_th"], place["name_en"]])),
            here=percent(float(air.surface["certainty"].to_numpy()[row, column])),
            expected=number(float(air.surface["expected_days"].to_numpy()[row, column]), 1),
        )
    ]


def _local_notes(air: Air, inside: NDArray[np.bool_], day_share: float) -> list[Note]:
    """Say which stations stand in dust that is too local for the map: many more days than it expects there."""
    expected = air.surface["expected_days"].to_numpy()
    apart: list[tuple[float, str, int, float]] = []
    for row in air.stations.itertuples():
        y, x = int(np.abs(air.grid.y - row.geometry.y).argmin()), int(np.abs(air.grid.x - row.geometry.x).argmin())
        if inside[y, x] and row.distance_km == 0 and np.isfinite(expected[y, x]):
            share = len(air.days) / row.n_days
            here = float(expected[y, x])
            apart.append((row.days_over * share - here, row.station_id, row.days_over, here / share))
    return [
        note(
            "Station {station} was over the standard on {measured} days, where the map expects {expected}: the "
            "dust there is very local, or the instrument errs. Look at what stands near it.",
            level="warning",
            station=name,
            measured=measured,
            expected=number(here),
        )
        for more, name, measured, here in sorted(apart, reverse=True)[:3]
        if more >= max(day_share * len(air.days), 3.0)
    ]


def _source_notes(factories: gpd.GeoDataFrame, wind: pd.DataFrame) -> list[Note]:
    if factories.empty:
        return []
    notes = [
        note(
            "What is said about factories is screening evidence, not proof: potential from type and "
            "horsepower, and how often the wind came from there."
        )
    ]
    if wind.empty:
        notes.append(
            note(
                "There are no wind readings near the area in this period, so nothing is said about upwind factories.",
                level="warning",
            )
        )
    return notes
