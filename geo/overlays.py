"""A surface as something a map can lay on itself: a picture, hatched areas, growing dots.

A picture is warped to EPSG:3857, because Leaflet stretches it between its corners in that system, and
stored with a palette, which is a twentieth of the size of full colour. What nothing supports is not
coloured; its outline is returned, to be hatched at the screen's own resolution.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rioxarray  # noqa: F401 - gives arrays their .rio
import xarray as xr
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.features import shapes
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject
from shapely.geometry import mapping, shape
from shapely.ops import transform as move
from shapely.ops import unary_union

from geo.palettes import EXCEEDANCE, Scale, rgb

MERCATOR = "EPSG:3857"
LONGEST = 900
"""Pixels of a picture's longer side: smooth edges at a town's scale, some ten kilobytes with a palette."""

LatLonBounds = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner, each latitude before longitude, as Leaflet wants them."""

PROBABILITY_BOUNDS = (0.10, 0.50, 0.80)


@dataclass(frozen=True)
class Picture:
    """A picture and where it lies.

    Attributes
    ----------
    url : str
        ``data:image/png;base64,...``
    bounds : LatLonBounds
    """

    url: str
    bounds: LatLonBounds


def to_mercator(
    band: xr.DataArray, *, longest: int = LONGEST, smooth: bool = True
) -> tuple[NDArray[np.float32], LatLonBounds]:
    """Warp a band (y, x) with a CRS to EPSG:3857.

    Returns
    -------
    values : ndarray (h, w), NaN where the band has none
    bounds : LatLonBounds
    """
    source = np.asarray(band.to_numpy(), np.float32)
    target, w, h, corners = _target(band, longest)
    values = np.full((h, w), np.nan, np.float32)
    reproject(
        source, values, src_transform=band.rio.transform(), src_crs=band.rio.crs, dst_transform=target,
        dst_crs=MERCATOR, src_nodata=np.nan, dst_nodata=np.nan,
        resampling=Resampling.bilinear if smooth else Resampling.nearest,
    )  # fmt: skip
    return values, corners


def _target(band: xr.DataArray, longest: int) -> tuple[Any, int, int, LatLonBounds]:
    """Return transform, width, height and corners of a band's picture in EPSG:3857."""
    crs, transform = band.rio.crs, band.rio.transform()
    height, width = band.shape
    left, bottom, right, top = array_bounds(height, width, transform)
    _, w, h = calculate_default_transform(crs, MERCATOR, width, height, left, bottom, right, top)
    factor = max(longest / max(w, h), 1.0)
    target, w, h = calculate_default_transform(
        crs, MERCATOR, width, height, left, bottom, right, top,
        dst_width=round(w * factor), dst_height=round(h * factor),
    )  # fmt: skip
    west, south, east, north = array_bounds(h, w, target)
    back = Transformer.from_crs(MERCATOR, "EPSG:4326", always_xy=True)
    (lon0, lat0), (lon1, lat1) = back.transform(west, south), back.transform(east, north)
    return target, w, h, ((lat0, lon0), (lat1, lon1))


def palette_png(index: NDArray[Any], colours: Sequence[str], present: NDArray[np.bool_]) -> bytes:
    """Return class numbers as a palette PNG; cells not present are transparent.

    Parameters
    ----------
    index : ndarray (h, w) of int
        Class number, from 0.
    colours : sequence of str
        Hex colour of each class.
    present : ndarray (h, w) of bool
    """
    pixels = np.where(present, index + 1, 0).astype(np.uint8)
    image = Image.fromarray(pixels, mode="P")
    image.putpalette([0, 0, 0, *(part for colour in colours for part in rgb(colour))])
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True, transparency=0)
    return stream.getvalue()


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def drawn(band: xr.DataArray, scale: Scale, *, longest: int = LONGEST) -> tuple[bytes, LatLonBounds]:
    """Return a band in the classes of `scale` as PNG, and where it lies; `longest` side in pixels."""
    values, bounds = to_mercator(band, longest=longest)
    present = np.isfinite(values)
    index = np.digitize(np.where(present, values, 0.0), scale.breaks)
    return palette_png(index, scale.colours, present), bounds


def bounds(band: xr.DataArray, longest: int = LONGEST) -> LatLonBounds:
    """Return where the picture of a band lies, without drawing it."""
    return _target(band, longest)[3]


def picture(band: xr.DataArray, scale: Scale, *, longest: int = LONGEST) -> Picture:
    """Return a concentration band in the classes of `scale`; `longest` side in pixels."""
    png, bounds = drawn(band, scale, longest=longest)
    return Picture(data_uri(png), bounds)


def exceedance_picture(band: xr.DataArray) -> Picture:
    """Return a probability band (0 to 1) in the four classes of `language.probability_class`."""
    values, bounds = to_mercator(band)
    present = np.isfinite(values)
    index = np.digitize(np.where(present, values, 0.0), PROBABILITY_BOUNDS)
    return Picture(data_uri(palette_png(index, tuple(EXCEEDANCE.values()), present)), bounds)


def probability_areas(band: xr.DataArray) -> dict[str, dict[str, Any]]:
    """Return the outline of each probability class as GeoJSON (WGS84), to be patterned."""
    values = np.asarray(band.to_numpy())
    index = np.digitize(np.nan_to_num(values), PROBABILITY_BOUNDS)
    keys = tuple(EXCEEDANCE)
    found = {}
    for number, key in enumerate(keys):
        cells = np.isfinite(values) & (index == number)
        if cells.any():
            found[key] = outline(cells, band)
    return found


def unsupported(surface: xr.Dataset, mask: NDArray[np.bool_]) -> dict[str, Any] | None:
    """Return the outline of the cells asked for (`mask`) that nothing supports, or None."""
    cells = mask & ~np.asarray(surface["supported"].to_numpy(), bool)
    return outline(cells, surface["mean"]) if cells.any() else None


def outline(cells: NDArray[np.bool_], band: xr.DataArray) -> dict[str, Any]:
    """Return the union of some cells of a band as GeoJSON geometry in WGS84."""
    pieces = [shape(s) for s, _ in shapes(cells.astype(np.uint8), mask=cells, transform=band.rio.transform())]
    to_degrees = Transformer.from_crs(band.rio.crs, "EPSG:4326", always_xy=True).transform
    # Corners of cells are kept; only points on straight edges go.
    return dict(mapping(move(to_degrees, unary_union(pieces).simplify(0))))


def dots(
    sd: xr.DataArray, *, across: int = 34, largest: float = 6.0, full: float = 0.0
) -> tuple[list[list[float]], float]:
    """Return dots that grow with the standard deviation.

    Parameters
    ----------
    sd : DataArray (y, x), µg/m³
    across : int
        Dots along the longer side.
    largest : float
        Radius in pixels of the largest dot.
    full : float
        Standard deviation the largest dot stands for, for maps that share one scale; 0 chooses.

    Returns
    -------
    dots : list of [latitude, longitude, radius in pixels]
    full : float
        Standard deviation the largest dot stands for, rounded up to a plain number.
    """
    step = max(1, max(sd.shape) // across)
    part = sd.isel(y=slice(step // 2, None, step), x=slice(step // 2, None, step))
    values = part.to_numpy()
    if not np.isfinite(values).any():
        return [], 0.0
    full = full or _round_up(float(np.nanmax(values)))
    x, y = np.meshgrid(part["x"].to_numpy(), part["y"].to_numpy())
    lon, lat = Transformer.from_crs(sd.rio.crs, "EPSG:4326", always_xy=True).transform(x, y)
    good = np.isfinite(values)
    radius = largest * values / full
    rows = np.column_stack([lat[good].round(5), lon[good].round(5), radius[good].round(1)])
    return rows.tolist(), full


def _round_up(value: float) -> float:
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= value))
