"""Schematic boundaries where no legal line is public: plausible outlines, cut into quarters.

There is no public layer of municipal boundaries in Thailand. These outlines have the stated centre and
area and nothing else of the real line; every row made from them says ``approximate``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely import Point, Polygon, voronoi_polygons
from shapely.affinity import rotate, scale, translate
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]

_CORNERS = 144
_WAVES = 7


def outline(
    centre: tuple[float, float], area_km2: float, stretch: float, turn: float, rng: np.random.Generator
) -> Polygon:
    """Return an irregular outline of exactly the stated area.

    Parameters
    ----------
    centre : tuple of float
        Metres.
    area_km2 : float
    stretch : float
        Length over width.
    turn : float
        Direction of the long axis (degrees, counter-clockwise from east).

    Returns
    -------
    Polygon
        In metres; its centroid lies on `centre`.
    """
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    wave = np.arange(2, _WAVES + 2)
    size = 0.16 * rng.standard_normal(_WAVES) / wave**0.8
    phase = rng.uniform(0, 2 * np.pi, _WAVES)
    radius = np.exp((size * np.sin(np.outer(angle, wave) + phase)).sum(axis=1))
    raw = Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    shaped = rotate(scale(raw, stretch**0.5, stretch**-0.5), turn, origin=(0, 0))
    factor = (area_km2 * 1e6 / shaped.area) ** 0.5
    sized = scale(shaped, factor, factor, origin=(0, 0))
    return translate(sized, centre[0] - sized.centroid.x, centre[1] - sized.centroid.y)


def apart(outlines: dict[str, Polygon]) -> dict[str, Polygon]:
    """Return outlines that don't overlap: a later one yields to those before it, keeping its largest part."""
    result: dict[str, Polygon] = {}
    for name, shape in outlines.items():
        rest: BaseGeometry = shape
        for other in result.values():
            rest = rest.difference(other)
        parts = list(getattr(rest, "geoms", [rest]))
        result[name] = max(parts, key=lambda part: part.area)
    return result


def quarters(shape: Polygon, count: int, rng: np.random.Generator) -> list[Polygon]:
    """Return `shape` cut into `count` parts of similar size, from north-west to south-east.

    Voronoi cells around points that were moved to the middle of their cells some times (Lloyd 1982).
    """
    seeds = _random_points(shape, count, rng)
    cells = _cells(shape, seeds)
    for _ in range(12):
        seeds = np.array([(cell.centroid.x, cell.centroid.y) for cell in cells])
        cells = _cells(shape, seeds)
    return sorted(cells, key=lambda cell: (cell.centroid.x - cell.centroid.y, cell.centroid.x))


def points_within(shape: BaseGeometry, count: int, rng: np.random.Generator, margin: float = 60.0) -> Array:
    """Return `count` random points inside `shape`, `margin` metres from its edge: (count, 2)."""
    inside = shape.buffer(-margin)
    return _random_points(inside if not inside.is_empty else shape, count, rng)


def _random_points(shape: BaseGeometry, count: int, rng: np.random.Generator) -> Array:
    low_x, low_y, high_x, high_y = shape.bounds
    found: list[tuple[float, float]] = []
    while len(found) < count:
        x, y = rng.uniform(low_x, high_x), rng.uniform(low_y, high_y)
        if shape.contains(Point(x, y)):
            found.append((x, y))
    return np.array(found)


def _cells(shape: Polygon, seeds: Array) -> list[Polygon]:
    cells = voronoi_polygons(MultiPoint(seeds), extend_to=shape.buffer(1000)).geoms
    cut = [cell.intersection(shape) for cell in cells]
    return [max(getattr(part, "geoms", [part]), key=lambda piece: piece.area) for part in cut]
