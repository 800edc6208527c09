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
import xarray as xr
from numpy.typing import NDArray
from shapely.geometry import Point

from geo.catalogues import factory_types
from geo.lake import Lake
from interpolation import Grid, Kriging
from language import Note, note, number
from planning import exposure, hotspots, likely, sources, surfaces
from planning.parameters import Parameters
from planning.sentences import percent
from planning.settings import Settings
from planning.zones import rank_zones

SAMPLE_CELLS = 40
"""Cells, evenly taken, that stand for an area when its single days are looked at."""

OUTLINE_POINTS = 48
"""Points along an outline when it is asked what lies upwind of it."""


@dataclass(frozen=True, eq=False)
class Place:
    """The area screened.

    Attributes
    ----------
    lake : Lake
    area : GeoDataFrame
        Rows of the table boundaries.
    shape : shapely geometry
        Their union, in `crs`.
    crs : pyproj.CRS
        Local UTM.
    units : GeoDataFrame
        Candidates for zones.
    snapshot : int or None
    """

    lake: Lake
    area: gpd.GeoDataFrame
    shape: Any
    crs: Any
    units: gpd.GeoDataFrame
    snapshot: int | None


@dataclass(frozen=True, eq=False)
class Air:
    """What is known about the air over the place.

    Attributes
    ----------
    surface : Dataset
        Of `planning.surfaces.make_surface`.
    grid : Grid
    kriging : Kriging
        Fitted to the daily means.
    days : list of date
    threshold : float
        Standard of the 24-hour mean, µg/m³.
    stations : GeoDataFrame
        Of `planning.readings.station_table`, in metres.
    """

    surface: xr.Dataset
    grid: Grid
    kriging: Kriging
    days: list[date]
    threshold: float
    stations: gpd.GeoDataFrame

    def points(self, cells: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the centres (k, 2) of some cells, evenly taken."""
        rows, columns = np.nonzero(cells)
        step = max(len(rows) // SAMPLE_CELLS, 1)
        return np.column_stack([self.grid.x[columns[::step]], self.grid.y[rows[::step]]])


@dataclass(frozen=True, eq=False)
class Decisions:
    """Hotspots, zones and what stands behind them; all tables in WGS84."""

    units: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    factories: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    likely: pd.DataFrame
    notes: list[Note]


def decide(place: Place, air: Air, parameters: Parameters, settings: Settings) -> Decisions:
    """Find hotspots, count who and what is there, weigh the sources, rank the zones.

    Parameters
    ----------
    place : Place
    air : Air
    parameters : Parameters
        Filled (see `Parameters.filled`).
    settings : Settings
    """
    day_share = float(parameters.day_share or 0.0)
    near_m = 1000.0 * settings.hotspots_near_km
    wider = _wider(place)
    units = exposure.populated_units(exposure.named(place.units).to_crs(place.crs), wider)
    receptors = _inside(place.lake.receptors(snapshot=place.snapshot), place.crs, place.shape)
    factories = _inside(place.lake.factories(snapshot=place.snapshot), place.crs, place.shape.buffer(near_m))
    made_up = bool(air.stations["simulated"].fillna(False).any())
    if not made_up:  # the demo's factories don't stand beside measured dust
        receptors, factories = (t[~t["simulated"].fillna(False).astype(bool)] for t in (receptors, factories))
    factories, notes = sources.add_potential(factories, factory_types(), settings)
    simulated = any(bool(t["simulated"].any()) for t in (air.stations, units, receptors, factories))
    inside = surfaces.cells_in(place.shape, air.grid)
    raw, cells = hotspots.find_hotspots(
        air.surface,
        inside,
        place.shape,
        days=len(air.days),
        probability=float(parameters.probability or 0.0),
        minimum_area_km2=settings.hotspots_minimum_area_km2,
    )
    spots, spot_days = _finish_hotspots(raw, cells, units, wider, receptors, factories, air, near_m)
    zones, zone_days = _measure_zones(units, spots, receptors, factories, air)
    zones, more = rank_zones(zones.assign(simulated=simulated), parameters.weights or {}, settings, day_share)
    notes += more
    factories = _place_factories(factories, zones, spots, near_m)
    wind = sources.hourly_wind(
        place.lake,
        place.shape,
        place.crs,
        parameters.start,
        parameters.end,
        settings,
        place.snapshot,
        simulated=made_up,
    )
    over = {**spot_days, **{row["zone_id"]: zone_days[row["code"]] for row in zones.to_dict("records")}}
    outlines = _outlines(spots, zones)
    factories = sources.add_upwind(factories, wind, over, outlines, settings)
    found = _likely(place, air, parameters, settings, over, outlines, _sample(spots, zones, air), wind)
    notes += _hotspot_notes(spots, air, inside, units, parameters, place.shape)
    notes += _local_notes(air, inside, day_share)
    notes += _source_notes(factories, wind)
    return Decisions(
        units=units.to_crs(4326),
        receptors=receptors.to_crs(4326),
        factories=factories.to_crs(4326),
        hotspots=spots.assign(simulated=simulated)[list(hotspots.COLUMNS)].to_crs(4326),
        zones=zones.to_crs(4326),
        likely=found,
        notes=notes,
    )


def _wider(place: Place) -> gpd.GeoDataFrame:
    """Return the places that hold the units: their parents, then the area itself; in metres."""
    rows = place.lake.boundaries(codes=list(place.units["code"]), snapshot=place.snapshot)
    codes = sorted(set(rows["parent_code"].dropna()))
    parents = place.lake.boundaries(codes=codes, snapshot=place.snapshot)
    columns = ["code", "name_th", "name_en", "population", "population_source", "geometry"]
    tables = [t[columns].to_crs(place.crs) for t in (parents, place.area) if len(t)]
    both = pd.concat(tables, ignore_index=True).drop_duplicates("code", ignore_index=True)
    return exposure.named(gpd.GeoDataFrame(both, geometry="geometry", crs=place.crs))


def _inside(points: gpd.GeoDataFrame, crs: Any, shape: Any) -> gpd.GeoDataFrame:
    """Return the points inside `shape` (in `crs`), in `crs`."""
    placed = points[points.geometry.notna() & ~points.geometry.is_empty].to_crs(crs)
    return placed[placed.geometry.intersects(shape)].reset_index(drop=True)


def _over_days(air: Air, groups: dict[str, NDArray[np.bool_]]) -> tuple[dict[str, list[date]], dict[str, date]]:
    """Return per group of cells its days over the standard and the day of its highest mean."""
    over: dict[str, list[date]] = {}
    highest: dict[str, date] = {}
    points = [air.points(cells) for cells in groups.values()]
    if not points:
        return over, highest
    mean, chance = surfaces.daily_at(air.kriging, np.vstack(points), air.threshold)
    first = 0
    for name, places in zip(groups, points, strict=True):
        columns = slice(first, first + len(places))
        first += len(places)
        likely = chance[:, columns].mean(axis=1) >= surfaces.OVER
        over[name] = [day for day, yes in zip(air.days, likely, strict=True) if yes]
        highest[name] = air.days[int(np.nanargmax(mean[:, columns].mean(axis=1)))]
    return over, highest


def _finish_hotspots(
    raw: gpd.GeoDataFrame,
    cells: list[NDArray[np.bool_]],
    units: gpd.GeoDataFrame,
    wider: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    factories: gpd.GeoDataFrame,
    air: Air,
    near_m: float,
) -> tuple[gpd.GeoDataFrame, dict[str, list[date]]]:
    """Rank and name the hotspots and count what is in them; also return each one's days over the standard."""
    if raw.empty:
        return hotspots.empty(units.crs), {}
    raw = raw.assign(people=exposure.whole(exposure.people_in(raw.geometry, units)))
    order = hotspots.order(raw)
    spots = raw.iloc[order].reset_index(drop=True)
    spots["rank"] = np.arange(1, len(spots) + 1)
    spots["hotspot_id"] = [f"H{r}" for r in spots["rank"]]
    names = list(spots["hotspot_id"])
    days, highest = _over_days(air, {name: cells[i] for name, i in zip(names, order, strict=True)})
    spots = hotspots.name_places(spots, units, wider)
    counts = exposure.receptor_counts(receptors, exposure.points_in(receptors, spots, "hotspot_id"), names)
    places = factories.geometry
    return spots.assign(
        receptors=counts["receptors"].to_numpy(),
        schools=counts["school"].to_numpy(),
        hospitals=counts["hospital"].to_numpy(),
        max_day=[highest[n].isoformat() if n in highest else "" for n in names],
        factories=[int((places.distance(g) <= near_m).sum()) for g in spots.geometry],
    ), days


def _measure_zones(
    units: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    factories: gpd.GeoDataFrame,
    air: Air,
) -> tuple[gpd.GeoDataFrame, dict[str, list[date]]]:
    """Return the zones with everything their score needs, and each one's days over the standard."""
    codes = [str(c) for c in units["code"]]
    groups = {code: _zone_cells(shape, air) for code, shape in zip(codes, units.geometry, strict=True)}
    days, _ = _over_days(air, {code: cells for code, cells in groups.items() if cells.any()})
    rows = [_zone_air(groups[code], air) for code in codes]
    counts = exposure.receptor_counts(receptors, exposure.points_in(receptors, units, "code"), codes)
    hot = spots.geometry.union_all()
    located = exposure.points_in(factories, units, "code")
    industry = [_zone_factories(factories[(located == code).to_numpy(bool)]) for code in codes]
    kept = units[["code", "name_th", "name_en", "level", "approximate", "people_source", "geometry"]]
    zones = kept.assign(
        code=codes,
        people=exposure.whole(units["people"]),
        area_km2=units.geometry.area / 1e6,
        hotspot_share=(units.geometry.intersection(hot).area / units.geometry.area).clip(0, 1),
        receptors=counts["receptors"].to_numpy(),
        schools=counts["school"].to_numpy(),
        hospitals=counts["hospital"].to_numpy(),
        **pd.DataFrame(rows, index=units.index),
        **pd.DataFrame(industry, index=units.index),
    )
    return zones, {code: days.get(code, []) for code in codes}


def _zone_cells(shape: Any, air: Air) -> NDArray[np.bool_]:
    """Return the supported cells of a zone; the one it lies in where it is smaller than a cell."""
    supported = air.surface["supported"].to_numpy()
    cells = surfaces.cells_in(shape, air.grid)
    if not cells.any():
        point = shape.representative_point()
        cells[np.abs(air.grid.y - point.y).argmin(), np.abs(air.grid.x - point.x).argmin()] = True
    found: NDArray[np.bool_] = cells & supported
    return found


def _zone_air(cells: NDArray[np.bool_], air: Air) -> dict[str, float]:
    names = {
        "days_over": "expected_days",
        "hot_days": "hot_days",
        "mean_ugm3": "mean",
        "lower95": "lower95",
        "upper95": "upper95",
    }
    averages = {
        ours: float(air.surface[theirs].to_numpy()[cells].mean()) if cells.any() else np.nan
        for ours, theirs in names.items()
    }
    return {**averages, "days_total": len(air.days), "share_days": averages["days_over"] / len(air.days)}


def _zone_factories(inside: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return number, summed potential and the three types that make most of it."""
    potential = inside["potential"].fillna(0.0)
    types = inside.assign(potential=potential).groupby(["type_name_th", "type_name_en"])["potential"].sum()
    leading = types[types > 0].sort_values(ascending=False, kind="stable").head(3).index
    return {
        "factories": len(inside),
        "factories_high": int((inside["potential_class"] == "high").sum()),
        "factories_potential": float(potential.sum()),
        "top_factory_types": "; ".join(thai for thai, _ in leading),
        "top_factory_types_en": "; ".join(english for _, english in leading),
    }


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
            cells = air.points(_zone_cells(shape, air))
            points[str(name)] = cells[:: max(len(cells) // likely.POINTS, 1)]
    return points


def _likely(
    place: Place,
    air: Air,
    parameters: Parameters,
    settings: Settings,
    over: dict[str, list[date]],
    outlines: dict[str, NDArray[np.float64]],
    points: dict[str, NDArray[np.float64]],
    wind: pd.DataFrame,
) -> pd.DataFrame:
    """Return the likely sources of each hotspot and zone; factories around the area count too."""
    made_up = bool(air.stations["simulated"].fillna(False).any())
    around = _inside(place.lake.factories(snapshot=place.snapshot), place.crs, place.shape.buffer(likely.REACH))
    if not made_up:
        around = around[~around["simulated"].fillna(False).astype(bool)]
    around, _ = sources.add_potential(around, factory_types(), settings)
    readings = sources.hourly_readings(
        place.lake, air.stations, parameters.pollutant, parameters.start, parameters.end, place.snapshot
    )
    return sources.likely_table(wind, over, outlines, points, around, readings, air.threshold, settings)


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
