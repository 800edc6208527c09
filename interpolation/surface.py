"""Surfaces: kriging on a grid as an xarray dataset, and the files it is written to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
import rioxarray  # noqa: F401  (registers the .rio accessor)
import xarray as xr
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.shutil import copy as rio_copy

from interpolation import engine
from interpolation.arrays import Array, Flags, Indices
from interpolation.finish import BANDS
from interpolation.grid import Grid
from interpolation.kriging import Kriging, extrapolation_note
from language import Note, UserError, note
from language.progress import Progress, silent

BUDGET = 2**30
"""Most memory that results and work may take by default [bytes]."""

_LONG_NAMES = {
    "mean": "mean of the predictive distribution",
    "sd": "standard deviation of the predictive distribution",
    "lower95": "lower bound of the 95 % prediction interval",
    "upper95": "upper bound of the 95 % prediction interval",
    "exceedance": "probability that the threshold is exceeded",
}


def krige(
    kriging: Kriging,
    grid: Grid,
    threshold: float | None = None,
    times: Sequence[Any] | pd.DatetimeIndex | None = None,
    mask: Flags | None = None,
    progress: Progress | None = None,
    covariates: Array | None = None,
    bands: Sequence[str] = BANDS,
    budget: int = BUDGET,
    steps: Indices | None = None,
) -> xr.Dataset:
    """Krige every cell of a grid, at every step the kriging was fitted to.

    Parameters
    ----------
    kriging : Kriging
        Fitted, in the grid's coordinate system.
    grid : Grid
    threshold : float, optional
        [unit of the values] For the band ``exceedance``.
    times : sequence, optional
        Labels of the steps, for the coordinate ``time``; needed where there is more than one step.
    mask : (ny, nx) bool array, optional
        True where cells are wanted; the others stay NaN and cost nothing.
    progress : Progress, optional
    covariates : (ny · nx, p) array, optional
        Of the cells, where the stations have covariates.
    bands : sequence of str
        Bands to compute; fewer bands take less memory.
    budget : int
        Most memory the results and the work may take [bytes]; `memory_needed` says it before. A stack
        that is larger goes to a file with `interpolation.stack.write_stack`.
    steps : (k,) int array, optional
        Steps to krige, which `times` then label; all by default.

    Returns
    -------
    xarray.Dataset
        float32 bands with dimensions (time,) y, x; bool ``supported`` (y, x); NaN where there is
        no support. ``attrs`` hold the notes.

    Raises
    ------
    UserError
        More than one step without `times`, labels or mask of another length or shape, or too little memory.
    """
    say = progress or silent
    chosen = np.arange(len(kriging.problem().z)) if steps is None else steps
    count = len(chosen)
    if (times is None and count > 1) or (times is not None and len(times) != count):
        raise UserError(
            "There are {steps} time steps and {labels} time labels.",
            steps=count,
            labels=0 if times is None else len(times),
        )
    inside = np.ones(grid.shape, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if inside.shape != grid.shape:
        raise UserError("The mask has {mask} cells and the grid {grid}.", mask=inside.size, grid=inside.size)
    cells = np.flatnonzero(inside.ravel())
    wanted = tuple(b for b in BANDS if b in bands and (b != "exceedance" or threshold is not None))
    notes = [*kriging.notes_, kriging.support_rule()]
    drift = None if covariates is None else np.asarray(covariates, dtype=float).reshape(inside.size, -1)[cells]
    places = grid.points()[cells]
    dtype = _precision(kriging, places, drift, notes)
    job = kriging.job(threshold, wanted, dtype, steps=chosen, blank=True)
    needed = job.memory(inside.size)
    say(0.0, "")
    if needed > budget:
        raise UserError(
            "{steps} steps of {cells} cells take {needed} MB, and {budget} MB are allowed; choose larger cells, a "
            "shorter period or fewer bands.",
            steps=count,
            cells=inside.size,
            needed=f"{needed / 1e6:,.0f}",
            budget=f"{budget / 1e6:,.0f}",
        )
    result = engine.run(job, places, drift, lambda share: say(share, ""), cells, inside.size)
    if result.extrapolated.any():
        notes.append(extrapolation_note(int(result.extrapolated.sum()), kriging.problem().drift.names))
    dataset = _dataset(result, grid, cells, times, threshold)
    dataset.attrs.update({"cell": grid.cell, "notes": [n.say("en") for n in notes]})
    return georeferenced(dataset, grid)


def _dataset(
    result: engine.Result,
    grid: Grid,
    cells: Indices,
    times: Sequence[Any] | pd.DatetimeIndex | None,
    threshold: float | None,
) -> xr.Dataset:
    """Return the engine's result, whose bands already have a column for every cell, as a dataset."""
    dims = ("y", "x") if times is None else ("time", "y", "x")
    shape = grid.shape if times is None else (len(times), *grid.shape)
    data: dict[str, Any] = {}
    for name in list(result.bands):
        band = result.bands.pop(name).astype(np.float32, copy=False)
        attrs = {"long_name": _LONG_NAMES[name]} | ({"threshold": threshold} if name == "exceedance" else {})
        data[name] = (dims, band.reshape(shape), attrs)
    for name, flags in (("supported", result.supported), ("extrapolated", result.extrapolated)):
        whole = np.zeros(grid.shape[0] * grid.shape[1], dtype=bool)
        whole[cells] = flags
        data[name] = (("y", "x"), whole.reshape(grid.shape))
    coords: dict[str, Any] = {"x": grid.x, "y": grid.y}
    if times is not None:
        coords["time"] = _times(times)
    return xr.Dataset(data, coords)


def memory_needed(kriging: Kriging, grid: Grid, bands: Sequence[str] = BANDS) -> int:
    """Return the memory that `krige` takes for all steps [bytes], to be said before the run."""
    single = np.dtype(np.float32)
    return kriging.job(None, tuple(bands), single).memory(grid.x.size * grid.y.size)


def _precision(kriging: Kriging, places: Array, drift: Array | None, notes: list[Note]) -> np.dtype[Any]:
    """Return single precision where it is accurate enough, else double, with a note."""
    if len(places) == 0 or kriging.problem().local:
        return np.dtype(np.float64)
    parts = kriging.job(None, (), np.dtype(np.float32)).parts
    error = max(engine.single_precision_error(problem, places, drift) for _, problem in parts)
    if error <= engine.ACCURACY:
        return np.dtype(np.float32)
    notes.append(
        note(
            "Computed in double precision; single precision would have been off by {error} of the sill.",
            error=f"{error:.1e}",
        )
    )
    return np.dtype(np.float64)


def _times(times: Sequence[Any] | pd.DatetimeIndex) -> Any:
    index = pd.Index(times)
    if isinstance(index, pd.DatetimeIndex) and index.tz is not None:
        index = index.tz_convert("UTC").tz_localize(None)
    return index


def georeferenced(dataset: xr.Dataset, grid: Grid) -> xr.Dataset:
    """Return the dataset with the grid's CRS and transform written in the CF way."""
    # Written on a dataset without data: the accessor and its dataset hold each other, and hundreds of
    # megabytes would wait for the garbage collector.
    frame = xr.Dataset(coords={"x": grid.x, "y": grid.y})
    if grid.crs is not None:
        frame.rio.write_crs(grid.crs, inplace=True)
    frame.rio.write_transform(grid.transform, inplace=True)
    dataset = dataset.assign_coords(spatial_ref=frame["spatial_ref"].variable)
    for band in dataset.data_vars.values():
        if {"x", "y"} <= set(band.dims):
            band.variable.encoding["grid_mapping"] = "spatial_ref"
    dataset["x"].attrs.update({"units": "m", "standard_name": "projection_x_coordinate"})
    dataset["y"].attrs.update({"units": "m", "standard_name": "projection_y_coordinate"})
    return dataset


def write_cog(dataset: xr.Dataset, path: str | Path, bands: Sequence[str] = ("mean", "sd", "exceedance")) -> Path:
    """Write bands of one step as a Cloud-Optimised GeoTIFF: float32, tiled, with overviews, NaN = no data.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `krige`; without a ``time`` dimension.
    path : path
    bands : sequence of str
        Those that the dataset lacks are left out.

    Raises
    ------
    UserError
        None of the bands is there, or the dataset still has more than one step.
    """
    names = [b for b in bands if b in dataset]
    if not names:
        raise UserError("The surface has none of the bands {bands}.", bands=", ".join(bands))
    stack = [dataset[b].squeeze(drop=True).transpose("y", "x").to_numpy() for b in names if _flat(dataset[b])]
    image = np.stack(stack).astype("float32")
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": len(names),
        "nodata": float("nan"),
        "height": image.shape[1],
        "width": image.shape[2],
        "crs": None if dataset.rio.crs is None else rasterio.crs.CRS.from_wkt(dataset.rio.crs.to_wkt()),
        "transform": dataset.rio.transform(recalc=True),
    }
    target = Path(path)
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(image)
            for number, name in enumerate(names, start=1):
                plain.set_band_description(number, name)
        with memory.open() as plain:
            rio_copy(
                plain,
                target,
                driver="COG",
                compress="DEFLATE",
                predictor=3,
                overview_resampling=Resampling.average.name,
            )
    return target


def _flat(band: xr.DataArray) -> bool:
    if band.ndim == 2 or band.squeeze().ndim == 2:
        return True
    raise UserError("A GeoTIFF holds one time step; choose one, or write NetCDF.")


def read_cog(path: str | Path) -> xr.Dataset:
    """Read a GeoTIFF that `write_cog` wrote: one variable a band."""
    with rasterio.open(path) as source:
        image, names = source.read(), source.descriptions
        crs, transform = source.crs, source.transform
    cell = transform.a
    grid = Grid(
        transform.c + cell * (np.arange(image.shape[2]) + 0.5),
        transform.f + transform.e * (np.arange(image.shape[1]) + 0.5),
        cell,
        crs,
    )
    data = {
        name or f"band{k + 1}": (("y", "x"), image[k], {"long_name": _LONG_NAMES.get(name or "", "")})
        for k, name in enumerate(names)
    }
    dataset = xr.Dataset(data, {"x": grid.x, "y": grid.y})
    dataset.attrs["cell"] = cell
    return georeferenced(dataset, grid)
