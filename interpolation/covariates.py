"""Covariates from what people have: distance to things, their density, and rasters such as elevation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from rasterio.errors import RasterioIOError
from scipy.spatial import cKDTree

from interpolation.arrays import Array
from language import UserError


def distance(places: Array, things: Array) -> Array:
    """Return the distance from each place to the nearest thing (roads or shores as dense points).

    Parameters
    ----------
    places : (m, 2) array
        [m]
    things : (k, 2) array
        [m]

    Examples
    --------
    >>> distance([[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0]])
    array([0., 5.])
    """
    if len(things) == 0:
        raise UserError("There is nothing to measure a distance to.")
    return np.asarray(cKDTree(np.asarray(things)).query(np.asarray(places))[0])


def density(places: Array, things: Array, bandwidth: float, weights: Array | None = None) -> Array:
    """Return the density of things around each place, by a Gaussian kernel [things per km²].

    Parameters
    ----------
    places : (m, 2) array
        [m]
    things : (k, 2) array
        [m]
    bandwidth : float
        Standard deviation of the kernel [m]; things beyond four of it don't count.
    weights : (k,) array, optional
        For instance horsepower.
    """
    if not bandwidth > 0:
        raise UserError("The bandwidth must be above zero.")
    at, points = np.asarray(places, dtype=float), np.asarray(things, dtype=float).reshape(-1, 2)
    if len(points) == 0:
        return np.zeros(len(at))
    each = np.ones(len(points)) if weights is None else np.asarray(weights, dtype=float)
    pairs = cKDTree(at).sparse_distance_matrix(cKDTree(points), 4 * bandwidth, output_type="coo_matrix")
    kernel = np.exp(-0.5 * (pairs.data / bandwidth) ** 2) / (2 * np.pi * bandwidth**2) * 1e6
    return np.bincount(pairs.row, kernel * each[pairs.col], minlength=len(at))


def from_raster(
    path: str | Path,
    places: Array,
    crs: CRS | str | int,
    band: int = 1,
    missing: Literal["refuse", "blank"] = "refuse",
) -> Array:
    """Return a raster's values at places, between cell centres by bilinear interpolation.

    Parameters
    ----------
    path : path
        GeoTIFF or whatever GDAL reads.
    places : (m, 2) array
        In `crs`.
    missing : {"refuse", "blank"}
        What to do with a place outside of it or on no data: raise, or return NaN there.

    Raises
    ------
    UserError
        The file cannot be read or has no coordinate system, or a place is missing and that is refused.
    """
    name = Path(path).name
    try:
        source = rasterio.open(path)
    except RasterioIOError:
        raise UserError("{file} cannot be read as a raster.", file=name) from None
    with source:
        if source.crs is None:
            raise UserError("{file} does not say its coordinate system.", file=name)
        image = source.read(band, masked=True).filled(np.nan) if _is_float(source, band) else _filled(source, band)
        turn = Transformer.from_crs(CRS.from_user_input(crs), CRS.from_wkt(source.crs.to_wkt()), always_xy=True)
        x, y = turn.transform(np.asarray(places)[:, 0], np.asarray(places)[:, 1])
        back = ~source.transform
        column = back.a * np.asarray(x) + back.b * np.asarray(y) + back.c
        row = back.d * np.asarray(x) + back.e * np.asarray(y) + back.f
    values = _bilinear(image, row - 0.5, column - 0.5)
    if missing == "refuse" and not np.isfinite(values).all():
        count = int((~np.isfinite(values)).sum())
        raise UserError("{count} places lie outside {file} or where it has no data.", count=count, file=name)
    return values


def _is_float(source: rasterio.DatasetReader, band: int) -> bool:
    return np.issubdtype(np.dtype(source.dtypes[band - 1]), np.floating)


def _filled(source: rasterio.DatasetReader, band: int) -> Array:
    return np.asarray(source.read(band, masked=True).astype(float).filled(np.nan))


def _bilinear(image: Array, row: Array, column: Array) -> Array:
    height, width = image.shape
    inside = (row >= -0.5) & (row <= height - 0.5) & (column >= -0.5) & (column <= width - 0.5)
    r, c = np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)
    top, left = np.minimum(r.astype(int), max(height - 2, 0)), np.minimum(c.astype(int), max(width - 2, 0))
    down, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    dr, dc = r - top, c - left
    upper = image[top, left] * (1 - dc) + image[top, right] * dc
    lower = image[down, left] * (1 - dc) + image[down, right] * dc
    return np.where(inside, upper * (1 - dr) + lower * dr, np.nan)
