"""What is ranked and what is known about it: the zones with every indicator their score needs, not yet scored."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from interpolation import Grid
from language import Note, note
from planning import exposure, indicators, surfaces
from planning.parameters import Parameters
from planning.place import Air, Place, There, over_days
from planning.scoring import SurfaceDraws
from planning.settings import Settings, settings


def ranked_areas(
    place: Place, there: There, spots: gpd.GeoDataFrame, parameters: Parameters
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return what is ranked, with ``people`` and ``people_source``, in metres."""
    if parameters.units == "hotspots":
        if spots.empty:
            return there.units, [note("There is no hotspot to rank, so the parts of the area are ranked.")]
        codes = [str(c) for c in spots["hotspot_id"]]
        shapes = spots[["name_th", "name_en", "geometry"]].assign(code=codes, level="hotspot", approximate=True)
        return _with_people(shapes, there), []
    if place.ranked is None:
        return there.units, []
    ranked = exposure.named(place.ranked).to_crs(place.crs)
    if ranked["population"].notna().all():
        return exposure.populated_units(ranked, there.wider, there.population), []
    return _with_people(ranked, there), []


def _with_people(shapes: gpd.GeoDataFrame, there: There) -> gpd.GeoDataFrame:
    """Add the people of areas that are no boundaries, from the units that they lie over."""
    origin = "; ".join(dict.fromkeys(s for s in there.units["people_source"] if s))
    people = exposure.people_in(shapes.geometry, there.units, there.population)
    how = "area-weighted" if there.population.cells.empty else f"raster-weighted ({there.population.origin})"
    source = [f"{how}: {origin}" if np.isfinite(count) else "" for count in people]
    return shapes.assign(people=people, people_source=source)


def measure_zones(
    ranked: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    there: There,
    air: Air,
    parameters: Parameters,
    settings: Settings,
) -> tuple[gpd.GeoDataFrame, dict[str, list[date]], SurfaceDraws | None]:
    """Return the zones with everything their score needs, each one's days over the standard, and surface draws."""
    codes = [str(c) for c in ranked["code"]]
    whole = {code: zone_cells(shape, air.grid) for code, shape in zip(codes, ranked.geometry, strict=True)}
    supported = air.surface["supported"].to_numpy()
    groups = {code: cells & supported for code, cells in whole.items()}
    days, _, series = over_days(air, {code: cells for code, cells in groups.items() if cells.any()})
    rows = [
        {
            **_zone_air(groups[code], float(groups[code].sum() / whole[code].sum()), air),
            **indicators.of_series(air.days, series.get(code), air.background, settings),
        }
        for code in codes
    ]
    located = exposure.points_in(there.receptors, ranked, "code")
    counts = exposure.receptor_counts(there.receptors, located, codes)
    hot = spots.geometry.union_all()
    standing = exposure.points_in(there.factories, ranked, "code")
    industry = [_zone_factories(there.factories[(standing == code).to_numpy(bool)]) for code in codes]
    kept = ranked[["code", "name_th", "name_en", "level", "approximate", "people_source", "geometry"]]
    zones = kept.assign(
        code=codes,
        people=exposure.whole(ranked["people"]),
        area_km2=ranked.geometry.area / 1e6,
        hotspot_share=(ranked.geometry.intersection(hot).area / ranked.geometry.area).clip(0, 1),
        receptors=counts["receptors"].to_numpy(),
        schools=counts["school"].to_numpy(),
        hospitals=counts["hospital"].to_numpy(),
        complaints=indicators.complaints(there.reports, ranked),
        **exposure.vulnerable(ranked, there.receptors, located),
        **pd.DataFrame(rows, index=ranked.index),
        **pd.DataFrame(industry, index=ranked.index),
    )
    draws = indicators.surface_draws(
        air.kriging,
        {code: air.points(cells) for code, cells in groups.items()},
        air.background,
        air.threshold,
        float(parameters.day_share or 0.0),
        settings,
    )
    return zones, {code: days.get(code, []) for code in codes}, draws


def zone_cells(shape: Any, grid: Grid) -> NDArray[np.bool_]:
    """Return the cells of a zone; the one it lies in where it is smaller than a cell."""
    cells = surfaces.cells_in(shape, grid)
    if not cells.any():
        point = shape.representative_point()
        cells[np.abs(grid.y - point.y).argmin(), np.abs(grid.x - point.x).argmin()] = True
    return cells


def _zone_air(cells: NDArray[np.bool_], supported: float, air: Air) -> dict[str, float]:
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
    return {
        **averages,
        "days_total": len(air.days),
        "share_days": averages["days_over"] / len(air.days),
        "confidence": indicators.confidence(supported, averages["mean_ugm3"], averages["lower95"], averages["upper95"]),
    }


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


def draw_again(screening: Any) -> SurfaceDraws | None:
    """Return the surface draws of a screening that was read back from a folder."""
    zones = screening.zones.to_crs(screening.grid.crs)
    share = float(screening.parameters.day_share or 0.0)
    kriging, stations = screening.kriging, screening.stations
    rule = surfaces.DayRule.of(kriging, screening.standard.value, share, settings())
    air = Air(screening.surface, screening.grid, kriging, screening.daily, rule, stations, screening.background)
    supported = screening.surface["supported"].to_numpy()
    points = {
        str(code): air.points(zone_cells(shape, air.grid) & supported)
        for code, shape in zip(zones["code"], zones.geometry, strict=True)
    }
    return indicators.surface_draws(air.kriging, points, air.background, air.threshold, share, settings())
