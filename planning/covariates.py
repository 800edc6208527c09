"""What may explain the dust between the stations, and whether it does: covariates made from the layers at hand.

Question it answers: does the surface get better when it knows where the factories stand, or how high the land is?

1. A covariate is a number at every station and every cell: distance to the nearest factory, density of
   dust potential, distance to the things of a layer somebody brings, or a raster's value.
2. The daily kriging is fitted with them and without; both are tested by leaving out each station in turn.
3. The period mean is kriged with them (external drift); cells beyond the stations' range of a covariate are
   marked as extrapolated.

Deliberate cuts: covariates don't change with time; hotspots and zones are computed without them, so that a
rank in public rests on readings alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from geo.catalogues import factory_types
from interpolation import Validation, covariates
from interpolation.surface import georeferenced, krige
from language import Note, UserError, note
from planning import sources, surfaces
from planning.screening import Screening
from planning.settings import settings

DENSITY_M = 1000.0
"""Bandwidth of the density of factories: about how far a low source's dust reaches in an hour of light wind."""


@dataclass(frozen=True, eq=False)
class Covariate:
    """A covariate at the stations and on the grid of a screening.

    Attributes
    ----------
    name : str
        Short, for files and messages.
    words : Note
        What it is, with its unit.
    stations : (n,) array
    cells : (ny, nx) array
        NaN where it says nothing.
    """

    name: str
    words: Note
    stations: NDArray[np.float64]
    cells: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The surface with covariates, and both tests.

    Attributes
    ----------
    surface : Dataset (y, x)
        ``mean``, ``sd``, ``lower95``, ``upper95`` of the period mean (µg/m³); ``supported`` and
        ``extrapolated`` (bool).
    mask : ndarray (ny, nx) of bool
        Cells that were wanted and of which every covariate says something.
    with_covariates, without : Validation
        Of the daily kriging, each station left out in turn.
    notes : tuple of Note
    """

    surface: xr.Dataset
    mask: NDArray[np.bool_]
    with_covariates: Validation
    without: Validation
    notes: tuple[Note, ...]

    @property
    def gain(self) -> float:
        """Share by which the typical miss gets smaller (negative: larger)."""
        return 1.0 - self.with_covariates.mae / self.without.mae


def _places(found: Screening) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the stations (n, 2) and the masked cells (k, 2) in metres."""
    local = found.stations.to_crs(found.grid.crs)
    return np.column_stack([local.geometry.x, local.geometry.y]), found.grid.points()[found.mask.ravel()]


def _on_grid(found: Screening, values: NDArray[np.float64]) -> NDArray[np.float64]:
    cells = np.full(found.mask.shape, np.nan)
    cells[found.mask] = values
    return cells


def factory_distance(found: Screening, factories: gpd.GeoDataFrame) -> Covariate:
    """Return the distance to the nearest factory [m].

    Raises
    ------
    UserError
        Where there is no factory with a place.
    """
    words = note("distance to the nearest factory (m)")
    return _distances(found, _located(found, factories), "factory_distance", words)


def factory_density(found: Screening, factories: gpd.GeoDataFrame) -> Covariate:
    """Return the density of the factories' dust potential (0 to 9 each) [1/km²], by a kernel of `DENSITY_M`."""
    placed = _located(found, factories)
    rated, _ = sources.add_potential(placed, factory_types(), settings())
    weights = np.nan_to_num(rated["potential"].to_numpy(float))
    points = np.column_stack([placed.geometry.x, placed.geometry.y])
    at, cells = _places(found)
    of_cells, of_stations = (covariates.density(p, points, DENSITY_M, weights) for p in (cells, at))
    words = note("density of the factories' dust potential (per km²)")
    return Covariate("factory_density", words, of_stations, _on_grid(found, of_cells))


def _located(found: Screening, factories: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    placed = factories[factories.geometry.notna() & ~factories.geometry.is_empty].to_crs(found.grid.crs)
    if placed.empty:
        raise UserError("There are no factories with a place here. Import the factory register first.")
    return placed.reset_index(drop=True)


def of_layer(found: Screening, layer: gpd.GeoDataFrame, name: str) -> Covariate:
    """Return the distance to the nearest point, line or area of a layer [m]; 0 inside an area.

    Raises
    ------
    UserError
        The layer has no coordinate system or no shapes.
    """
    if layer.crs is None:
        raise UserError("{file} does not say its coordinate system.", file=name)
    shapes = layer[layer.geometry.notna() & ~layer.geometry.is_empty].to_crs(found.grid.crs)
    if shapes.empty:
        raise UserError("{file} has no shapes. Choose a layer of points, lines or areas.", file=name)
    return _distances(found, shapes, name, note("distance to {name} (m)", name=name))


def _distances(found: Screening, things: gpd.GeoDataFrame, name: str, words: Note) -> Covariate:
    tree = shapely.STRtree(things.geometry.to_numpy())

    def nearest(places: NDArray[np.float64]) -> NDArray[np.float64]:
        _, apart = tree.query_nearest(shapely.points(places), return_distance=True, all_matches=False)
        return np.asarray(apart, dtype=float)

    at, cells = _places(found)
    return Covariate(name, words, nearest(at), _on_grid(found, nearest(cells)))


def of_raster(found: Screening, path: Path, name: str) -> Covariate:
    """Return a raster's values, for instance elevation; cells outside of it are left out of the surface.

    Raises
    ------
    UserError
        The file is no raster, has no coordinate system, or says nothing at a station.
    """
    at, cells = _places(found)
    crs = str(found.surface.rio.crs)
    of_stations = covariates.from_raster(path, at, crs)
    of_cells = covariates.from_raster(path, cells, crs, missing="blank")
    return Covariate(name, note("value of {file}", file=name), of_stations, _on_grid(found, of_cells))


def raster(found: Screening, chosen: Sequence[Covariate]) -> xr.Dataset:
    """Return covariates as bands of a georeferenced dataset, to be written as GeoTIFF."""
    bands = {one.name: (("y", "x"), one.cells.astype(np.float32)) for one in chosen}
    return georeferenced(xr.Dataset(bands, {"y": found.grid.y, "x": found.grid.x}), found.grid)


def compare(found: Screening, chosen: Sequence[Covariate]) -> Comparison:
    """Krige with covariates and test them against the kriging without.

    Raises
    ------
    UserError
        A covariate is constant at the stations, two say the same, or there are too many for the stations.
    """
    names = [one.name for one in chosen]
    at = np.column_stack([one.stations for one in chosen])
    cells = np.stack([one.cells for one in chosen], axis=-1)
    mask = found.mask & np.isfinite(cells).all(axis=-1)
    local = found.stations.to_crs(found.grid.crs)
    days = surfaces.krige_days(local, found.daily, covariates=at, covariate_names=names)
    period = surfaces.krige_period(local, covariates=at, covariate_names=names)
    bands = surfaces.PERIOD_BANDS
    surface = krige(period, found.grid, mask=mask, covariates=cells.reshape(-1, len(names)), bands=bands)
    surface["extrapolated"] &= surface["supported"]
    checked = days.validate(threshold=found.standard.value)
    notes = [*period.notes_, *checked.notes]
    beyond = int(surface["extrapolated"].to_numpy().sum())
    if beyond:
        notes.insert(0, _beyond(beyond / max(int(surface["supported"].to_numpy().sum()), 1)))
    left_out = int((found.mask & ~mask).sum())
    if left_out:
        notes.insert(
            0,
            note(
                "{count} cells have no value of a covariate and were left out of this surface.",
                level="warning",
                count=left_out,
            ),
        )
    return Comparison(surface, mask, checked, found.validation, tuple(dict.fromkeys(notes)))


def _beyond(share: float) -> Note:
    return note(
        "{share} of the surface lies beyond the stations' range of a covariate: the drift is extrapolated there.",
        level="warning",
        share=f"{share:.0%}",
    )
