"""What the meeting pack draws: rasters as small palette PNGs, shapes as SVG paths, all in one frame.

A raster's values are interpolated between cell centres (bilinear) before they are put into classes, so
that a projector shows smooth class borders instead of stairs; the cells' own values are unchanged.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer
from scipy.ndimage import map_coordinates
from shapely.geometry.base import BaseGeometry

from geo import palettes
from planning import panels
from planning.maps import polygons

WIDTH, HEIGHT = 1000.0, 760.0
"""Size of the map in SVG units."""

MAX_PIXELS = 420
"""Longer side of a raster, pixels: enough for class borders on a projector."""


@dataclass(frozen=True)
class Frame:
    """The map's frame: metres of the surface's UTM grid become SVG units."""

    xmin: float
    ymax: float
    scale: float
    width: float
    height: float
    crs: Any

    @classmethod
    def around(cls, bounds: panels.Bounds, crs: Any, width: float, height: float) -> Frame:
        """Return the frame of a panel of `width` by `height` SVG units that holds some bounds in metres."""
        xmin, _, xmax, ymax = panels.fitted(bounds, height / width)
        return cls(xmin, ymax, width / (xmax - xmin), width, height, crs)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return SVG units of a place in metres."""
        return round((x - self.xmin) * self.scale, 1), round((self.ymax - y) * self.scale, 1)

    def degrees(self) -> list[tuple[float, float]]:
        """Return longitude and latitude of nine points of the frame, row by row from its north-west corner.

        Between them a page finds the place of a click by quadratic interpolation.
        """
        to_degrees = Transformer.from_crs(self.crs, 4326, always_xy=True)
        places = [
            to_degrees.transform(self.xmin + u * self.width / self.scale, self.ymax - v * self.height / self.scale)
            for v in (0.0, 0.5, 1.0)
            for u in (0.0, 0.5, 1.0)
        ]
        return [(round(float(lon), 7), round(float(lat), 7)) for lon, lat in places]

    def path(self, shape: BaseGeometry) -> str:
        """Return the SVG path of a polygon in metres, simplified to half a unit."""
        pieces = []
        for polygon in polygons(shape.simplify(0.5 / self.scale)):
            for ring in (polygon.exterior, *polygon.interiors):
                points = " ".join(f"{x:g},{y:g}" for x, y in (self.at(*p[:2]) for p in ring.coords))
                pieces.append(f"M{points}Z")
        return "".join(pieces)

    def box(self, surface: xr.Dataset) -> dict[str, float]:
        """Return where a raster lies: x, y, width, height in SVG units."""
        x, y = surface["x"].to_numpy(), surface["y"].to_numpy()
        half = abs(float(x[1] - x[0])) / 2 if len(x) > 1 else 50.0
        left, top = self.at(float(x.min()) - half, float(y.max()) + half)
        right, bottom = self.at(float(x.max()) + half, float(y.min()) - half)
        return {"x": left, "y": top, "w": round(right - left, 1), "h": round(bottom - top, 1)}


def data_uri(content: bytes, kind: str) -> str:
    """Return bytes as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def finer(values: NDArray[np.float64], north_up: bool = True) -> NDArray[np.float64]:
    """Return a raster on smaller cells, bilinear between centres; no-data cells keep their shape."""
    values = np.asarray(values if north_up else values[::-1], float)
    times = max(1, min(8, MAX_PIXELS // max(values.shape)))
    rows = (np.arange(values.shape[0] * times) + 0.5) / times - 0.5
    columns = (np.arange(values.shape[1] * times) + 0.5) / times - 0.5
    known = np.isfinite(values)
    at = np.meshgrid(rows, columns, indexing="ij")
    weight = map_coordinates(known.astype(float), at, order=1, mode="nearest")
    total = map_coordinates(np.where(known, values, 0.0), at, order=1, mode="nearest")
    nearest = np.repeat(np.repeat(known, times, 0), times, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(nearest, total / weight, np.nan)


def raster(
    values: NDArray[np.float64], breaks: Sequence[float], colours: Sequence[str], *, north_up: bool = True
) -> str:
    """Return a raster in classes as the data URI of a palette PNG; no data is transparent."""
    fine = finer(values, north_up)
    classes = np.searchsorted(np.asarray(breaks), fine, side="right").astype(np.uint8)
    classes[~np.isfinite(fine)] = len(colours)
    image = Image.fromarray(classes)
    image.putpalette([c for colour in colours for c in palettes.rgb(colour)] + [255, 255, 255])
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True, transparency=len(colours))
    return data_uri(stream.getvalue(), "image/png")


def points(table: gpd.GeoDataFrame, frame: Frame, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Return the places of a table that lie in the frame, in SVG units, each with its kind."""
    if not len(table):
        return []
    places = (frame.at(p.x, p.y) for p in table.to_crs(frame.crs).geometry)
    return [
        {"x": x, "y": y, "kind": kind}
        for (x, y), kind in zip(places, kinds, strict=True)
        if 0 <= x <= frame.width and 0 <= y <= frame.height
    ]


def inside(shape: BaseGeometry, frame: Frame) -> bool:
    """Return whether a shape in metres reaches into the frame."""
    xmin, ymin, xmax, ymax = shape.bounds
    (left, bottom), (right, top) = frame.at(xmin, ymin), frame.at(xmax, ymax)
    return right >= 0 and left <= frame.width and bottom >= 0 and top <= frame.height
