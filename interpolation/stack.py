"""Stacks of surfaces over time as CF NetCDF: written whole, or part by part within a memory budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5netcdf  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import xarray as xr

from interpolation.arrays import Array, Flags
from interpolation.finish import BANDS
from interpolation.grid import Grid
from interpolation.kriging import Kriging
from interpolation.surface import BUDGET, krige, memory_needed
from language import UserError
from language.progress import Progress, silent

_FLAGS = {
    "supported": {"long_name": "stations say enough for a value", "flag_meanings": "no_data value"},
    "extrapolated": {
        "long_name": "beyond the range of a covariate at the stations",
        "flag_meanings": "within_range extrapolated",
    },
}
_EPOCH = "seconds since 1970-01-01 00:00:00"


def write_netcdf(
    dataset: xr.Dataset, path: str | Path, units: str = "ug m-3", period_hours: float | None = None
) -> Path:
    """Write a surface or a stack as CF-1.8 NetCDF: grid mapping, units, time bounds, compressed bands.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `interpolation.surface.krige`.
    units : str
        Unit of the values, in UDUNITS form.
    period_hours : float, optional
        Averaging period of a step that begins at its time label; writes ``time_bnds``.
    """
    out = dataset.copy()
    out.attrs = {**dataset.attrs, "Conventions": "CF-1.8"}
    encoding: dict[str, dict[str, Any]] = {}
    for name, band in out.data_vars.items():
        if name in BANDS:
            out[name].attrs["units"] = "1" if name == "exceedance" else units
            if period_hours is not None and "time" in band.dims and name == "mean":
                out[name].attrs["cell_methods"] = "time: mean"
            encoding[str(name)] = {"zlib": True, "complevel": 1, "_FillValue": np.float32(np.nan)}
            if "grid_mapping" in band.encoding:  # a given encoding replaces the band's own
                encoding[str(name)]["grid_mapping"] = band.encoding["grid_mapping"]
        elif band.dtype == bool:
            out[name] = band.astype("int8")
            if name in _FLAGS:
                out[name].attrs.update(_FLAGS[str(name)], flag_values=np.array([0, 1], dtype=np.int8))
    if "time" in out.coords and isinstance(out.indexes["time"], pd.DatetimeIndex):
        out["time"].attrs["standard_name"] = "time"
        encoding["time"] = {"units": _EPOCH, "dtype": "int64"}
        if period_hours is not None:
            begin = out.indexes["time"]
            bounds = np.stack([begin, begin + pd.Timedelta(hours=period_hours)], axis=1)
            out["time_bnds"] = (("time", "bnds"), bounds)
            out["time"].attrs["bounds"] = "time_bnds"
            encoding["time_bnds"] = {"units": _EPOCH, "dtype": "int64"}
    target = Path(path)
    out.to_netcdf(target, engine="h5netcdf", encoding=encoding, unlimited_dims=["time"] if "time" in out.dims else [])
    return target


def write_stack(
    kriging: Kriging,
    grid: Grid,
    path: str | Path,
    times: Sequence[Any] | pd.DatetimeIndex,
    threshold: float | None = None,
    bands: Sequence[str] = ("mean", "sd"),
    mask: Flags | None = None,
    progress: Progress | None = None,
    budget: int = BUDGET,
    units: str = "ug m-3",
    period_hours: float | None = None,
    covariates: Array | None = None,
) -> Path:
    """Krige all steps part by part and append each part to one NetCDF file; memory stays within the budget.

    Parameters
    ----------
    times : sequence
        Label of every step the kriging was fitted to.
    budget : int
        [bytes]
    covariates : (ny * nx, p) array, optional
        Of every cell, fixed in time.

    Raises
    ------
    UserError
        As many labels as steps are needed; or one step alone is beyond the budget.
    """
    say = progress or silent
    total = len(kriging.problem().z)
    if len(times) != total:
        raise UserError("There are {steps} time steps and {labels} time labels.", steps=total, labels=len(times))
    one = grid.x.size * grid.y.size * len(bands) * 4
    work = memory_needed(kriging, grid, bands) - total * one
    # A part's results are held twice while they are written.
    size = int(max(1, min(total, (budget - work) // (2 * one))))
    labels = pd.Index(times)
    target = Path(path)
    for first in range(0, total, size):
        chosen = np.arange(first, min(first + size, total))
        part = krige(
            kriging, grid, threshold, labels[chosen], mask, _share_of(say, first, len(chosen), total),
            covariates, bands=bands, budget=budget, steps=chosen,
        )  # fmt: skip
        if first == 0:
            write_netcdf(part, target, units, period_hours)
        else:
            _append(part, target, period_hours)
    return target


def _share_of(say: Progress, first: int, count: int, total: int) -> Progress:
    def part(share: float, sentence: str) -> None:
        say((first + share * count) / total, sentence)

    return part


def _append(part: xr.Dataset, path: Path, period_hours: float | None) -> None:
    with h5netcdf.File(path, "a") as file:
        start = file.dimensions["time"].size
        count = part.sizes["time"]
        file.resize_dimension("time", start + count)
        seconds = part["time"].to_numpy()
        if np.issubdtype(seconds.dtype, np.datetime64):
            seconds = seconds.astype("datetime64[s]").astype("int64")
        file.variables["time"][start:] = seconds
        if period_hours is not None:
            file.variables["time_bnds"][start:] = np.stack([seconds, seconds + int(period_hours * 3600)], axis=1)
        for name in part.data_vars:
            if "time" in part[name].dims:
                file.variables[str(name)][start:] = part[name].to_numpy()
