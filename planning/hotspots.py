"""Dust hotspots: connected areas that are over the standard day after day.

1. A cell is hot where P(days over the standard ≥ chosen share of the days) reaches the chosen probability.
   The number of days is what the decision is about: 60 days each of which is over with probability 0.7 make
   a place that is over on many days almost for certain, though no single day is certain.
2. Hot cells that touch, corners included (8-connectivity), form one hotspot; patches below the smallest
   area are left out.
3. The edge of the map is not an edge of the dust: cells without a map (no station near enough) that are as likely
   hot by the network's mean and its wide spread, lie within `[hotspots] reach_km` of a hot cell and touch the hotspot
   belong to it as well. How much of it that is, is told (``unmapped_share``); days, means and the smallest area are
   those of its mapped part.
4. Each is cut to the area, named after the place it mostly lies in, and ranked by expected days over the
   standard, then by people, then by size.

The intervals given for a hotspot's mean are the average of its cells' 95 % intervals: wider than that of the
hotspot's average (errors of cells partly cancel), so on the safe side. Intervals of area, people, days and rank
come from simulation (`planning.hotspot_draws`).
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy.ndimage import label
from shapely.geometry import shape
from shapely.ops import unary_union

INTERVALS = (
    *(f"{name}_{end}" for name in ("area_km2", "people", "days", "rank") for end in ("low", "high")),
    "vanishes",
    "confidence",
)
"""Of `planning.hotspot_draws`: 90 % intervals, the share of draws without the hotspot, and its class."""

COLUMNS = (
    "hotspot_id",
    "rank",
    "name_th",
    "name_en",
    "place_code",
    "area_km2",
    "unmapped_share",
    "people",
    "receptors",
    "schools",
    "hospitals",
    "days_over",
    "days_total",
    "share_days",
    "hot_days",
    "probability",
    "mean_ugm3",
    "lower95",
    "upper95",
    "excess_ugm3",
    "local_ugm3",
    "local_lower95",
    "local_upper95",
    "max_day",
    "factories",
    *INTERVALS,
    "simulated",
    "geometry",
)
"""Columns of the hotspot table (WGS84); see README for their meaning."""


def days_needed(days: int, day_share: float) -> int:
    """Return on how many of `days` days a place must be over the standard; one even for a share of 0."""
    return int(np.ceil(max(day_share * days, 1.0) - 1e-6))


def hot_cells(surface: xr.Dataset, inside: NDArray[np.bool_], probability: float) -> NDArray[np.bool_]:
    """Return which cells are over the standard on enough days with at least `probability`.

    Parameters
    ----------
    surface : Dataset
        With ``certainty`` and ``supported`` (y, x).
    inside : ndarray (ny, nx) of bool
        Cells of the area.
    probability : float
        0 to 1.
    """
    certainty = np.nan_to_num(surface["certainty"].to_numpy(), nan=-1.0)
    found: NDArray[np.bool_] = (certainty >= probability - 1e-6) & surface["supported"].to_numpy() & inside
    return found


def connect(hot: NDArray[np.bool_], transform: Any) -> list[tuple[NDArray[np.bool_], Any]]:
    """Return the connected groups of hot cells: their cells and their outline.

    Corners connect (8-connectivity). The outline follows the cells' edges.
    """
    labels, count = label(hot, structure=np.ones((3, 3), int))
    pieces: dict[int, list[Any]] = {}
    for outline, value in shapes(labels.astype(np.int32), mask=hot, transform=transform, connectivity=4):
        pieces.setdefault(int(value), []).append(shape(outline))
    return [(labels == k, unary_union(pieces[k])) for k in range(1, count + 1)]


def find_hotspots(
    surface: xr.Dataset,
    inside: NDArray[np.bool_],
    area: Any,
    *,
    days: int,
    probability: float,
    minimum_area_km2: float,
    beyond: NDArray[np.bool_] | None = None,
) -> tuple[gpd.GeoDataFrame, list[NDArray[np.bool_]]]:
    """Return the hotspots with what the surface says about them, and the cells of each.

    Parameters
    ----------
    surface : Dataset
        Of `planning.surfaces.make_surface`, in metres.
    inside : ndarray (ny, nx) of bool
        Cells of the area.
    area : shapely geometry
        The area, in the surface's system.
    days : int
        Number of days screened.
    probability, minimum_area_km2
        See the module.
    beyond : ndarray (ny, nx) of bool, optional
        Cells without a map that are as likely hot and near enough (`planning.place.hot_beyond`).

    Returns
    -------
    hotspots : GeoDataFrame
        In the surface's system; not yet named or ranked; empty when nothing is hot.
    cells : list of ndarray (ny, nx) of bool
        Of the mapped part of each.
    """
    rows: list[dict[str, Any]] = []
    cells: list[NDArray[np.bool_]] = []
    transform = surface.rio.transform()
    cell_km2 = abs(transform.a * transform.e) / 1e6
    hot = hot_cells(surface, inside, probability)
    for group, outline in connect(hot if beyond is None else hot | beyond, transform):
        mapped = group & hot
        if not mapped.any() or mapped.sum() * cell_km2 < minimum_area_km2 - 1e-9:
            continue
        cut = outline.intersection(area)
        geometry = cut if cut.area > 0 else outline
        rows.append({
            **_describe(surface, mapped, days),
            "area_km2": geometry.area / 1e6,
            "unmapped_share": 1.0 - float(mapped.sum() / group.sum()),
            "geometry": geometry,
        })  # fmt: skip
        cells.append(mapped)
    if not rows:
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=surface.rio.crs), []
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=surface.rio.crs), cells


def _describe(surface: xr.Dataset, group: NDArray[np.bool_], days: int) -> dict[str, Any]:
    """Average the surface's layers over a group of cells."""

    def average(name: str) -> float:
        return float(np.nanmean(surface[name].to_numpy()[group]))

    expected = average("expected_days")
    return {
        "days_over": expected,
        "days_total": days,
        "share_days": expected / days,
        "hot_days": average("hot_days"),
        "probability": average("certainty"),
        "mean_ugm3": average("mean"),
        "lower95": average("lower95"),
        "upper95": average("upper95"),
        "excess_ugm3": average("excess"),
    }


def name_places(hotspots: gpd.GeoDataFrame, units: gpd.GeoDataFrame, wider: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add ``place_code``, ``name_th``, ``name_en``: the place the hotspot lies in.

    That is the unit that holds at least half of it, else the wider place that holds most of it. Hotspots
    of one place are told apart by a number in the order of the table.

    Parameters
    ----------
    hotspots : GeoDataFrame
    units, wider : GeoDataFrame
        With ``code``, ``name_th``, ``name_en``; all three in one system.
    """
    codes, thai, english = [], [], []
    seen: dict[str, int] = {}
    for geometry in hotspots.geometry:
        place = _place_of(geometry, units, 0.5)
        if place is None:
            place = _place_of(geometry, wider, 0.0)
        if place is None:
            place = units.loc[units.geometry.distance(geometry).idxmin()]
        seen[place["code"]] = number = seen.get(place["code"], 0) + 1
        suffix = "" if number == 1 else f" ({number})"
        codes.append(place["code"])
        thai.append(f"{place['name_th']}{suffix}")
        english.append(f"{place['name_en']}{suffix}")
    return hotspots.assign(place_code=codes, name_th=thai, name_en=english)


def _place_of(geometry: Any, places: gpd.GeoDataFrame, least: float) -> pd.Series[Any] | None:
    """Return the place that shares most of the area with `geometry`, if more than the share `least` of it."""
    shared = places.geometry.intersection(geometry).area
    if shared.empty or not shared.max() > least * geometry.area:
        return None
    # The first of those that share as much but for rounding: a parent comes before the whole area around it.
    found: pd.Series[Any] = places.loc[(shared >= 0.99 * shared.max()).idxmax()]
    return found


def order(hotspots: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the positions of the hotspots from first to last: days over, then people, then area."""
    table = pd.DataFrame(
        {
            "days": -hotspots["days_over"].round(1),
            "people": -pd.to_numeric(hotspots["people"], errors="coerce").fillna(0),
            "area": -hotspots["area_km2"],
        }
    ).reset_index(drop=True)
    positions: NDArray[np.int64] = table.sort_values(["days", "people", "area"], kind="stable").index.to_numpy()
    return positions


def empty(crs: Any = "EPSG:4326") -> gpd.GeoDataFrame:
    """Return a hotspot table without rows and with every column in its type."""
    kinds = {
        **dict.fromkeys(("hotspot_id", "name_th", "name_en", "place_code", "max_day", "confidence"), "str"),
        **dict.fromkeys(("rank", "receptors", "schools", "hospitals", "days_total", "factories"), "int64"),
        "people": "Int64",
        "simulated": "bool",
    }
    columns = {c: pd.Series(dtype=kinds.get(c, "float64")) for c in COLUMNS if c != "geometry"}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)[list(COLUMNS)]
