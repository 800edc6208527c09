"""Towns that lie apart, side by side: one panel for each part of an area.

Three municipalities ten kilometres apart leave a map that is mostly empty. Where an area falls into two
to four parts that together fill less than half of its frame, each part gets a panel of its own; each
panel has its own scale bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""

MOST = 4
FILLED = 0.5


def parts(shape: BaseGeometry) -> list[Bounds]:
    """Return the bounds of an area's parts, largest first; one where they lie together.

    Parameters
    ----------
    shape : geometry in metres

    Examples
    --------
    >>> from shapely.geometry import MultiPolygon, box
    >>> len(parts(box(0, 0, 1000, 1000)))
    1
    >>> len(parts(MultiPolygon([box(0, 0, 1000, 1000), box(9000, 9000, 9900, 9900)])))
    2
    """
    whole = tuple(float(v) for v in shape.bounds)
    reach = 0.06 * max(whole[2] - whole[0], whole[3] - whole[1])
    grouped = shape.buffer(reach)
    found = [tuple(float(v) for v in shape.intersection(g).bounds) for g in getattr(grouped, "geoms", [grouped])]
    filled = sum(_size(b) for b in found)
    if not 2 <= len(found) <= MOST or filled >= FILLED * _size(whole):
        return [(whole[0], whole[1], whole[2], whole[3])]
    return sorted(((b[0], b[1], b[2], b[3]) for b in found), key=_size, reverse=True)


def _size(bounds: Sequence[float]) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def layout(count: int, width: float, height: float, gap: float) -> list[Box]:
    """Return where `count` panels (1 to 4) stand in a frame; the first is the largest.

    Examples
    --------
    >>> layout(2, 100, 70, 10)
    [(0.0, 0.0, 45.0, 70.0), (55.0, 0.0, 45.0, 70.0)]
    """
    half, tall = (width - gap) / 2, (height - gap) / 2
    right = half + gap
    if count == 1:
        return [(0.0, 0.0, width, height)]
    if count == 2:
        return [(0.0, 0.0, half, float(height)), (right, 0.0, half, float(height))]
    if count == 3:
        return [(0.0, 0.0, half, float(height)), (right, 0.0, half, tall), (right, tall + gap, half, tall)]
    return [
        (0.0, 0.0, half, tall),
        (right, 0.0, half, tall),
        (0.0, tall + gap, half, tall),
        (right, tall + gap, half, tall),
    ]


def fitted(bounds: Bounds, ratio: float, margin: float = 0.06) -> Bounds:
    """Return bounds widened by a margin and to `ratio` = height / width, around the same middle."""
    xmin, ymin, xmax, ymax = bounds
    room = margin * max(xmax - xmin, ymax - ymin)
    width, height = xmax - xmin + 2 * room, ymax - ymin + 2 * room
    width, height = max(width, height / ratio), max(height, width * ratio)
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
