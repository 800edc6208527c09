"""The command line: ``python -m interpolation predict | validate | surface``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from pyogrio.errors import DataSourceError
from pyproj import CRS
from rasterio.features import geometry_mask

from interpolation import peers, surface, tables
from interpolation.arrays import Array, Flags, Indices
from interpolation.covariates import from_raster
from interpolation.finish import BANDS
from interpolation.grid import Grid
from interpolation.kriging import Kriging, extrapolation_note
from interpolation.stack import write_netcdf, write_stack
from language import N_, Note, UserError, environment_language, note, translate
from language.progress import bar

_DESCRIPTION = """Kriging of a table of stations.

STATIONS and TARGETS are CSV or Parquet files with the columns x and y (then --crs, metres) or lon and
lat (WGS84, projected to the local UTM zone); an optional column error_sd holds the known standard
deviation of a sensor's error. With --time both are long tables and each step is kriged with that
step's stations; a TARGETS file without the time column is predicted at every step.
"""
_VARIOGRAM = (
    "auto, a model (exponential, spherical, gaussian, matern32, matern52), or all its numbers: "
    "exponential:nugget=13.5,psill=66.5,range=224000. The range is gstat's parameter a, as in exp(-h/a), "
    "exp(-(h/a)^2), (1+h/a)exp(-h/a); add convention=pykrige to give PyKrige's range instead; angle= (degrees "
    "clockwise from north) and ratio= give an anisotropy"
)

_BANDS = ("mean", "sd", "exceedance")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = argparse.ArgumentParser(
        prog="python -m interpolation", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True)
    predict = commands.add_parser("predict", help="predict at the places of a table")
    validate = commands.add_parser("validate", help="leave every station out in turn and score the predictions")
    area = commands.add_parser("surface", help="krige an area and write a Cloud-Optimised GeoTIFF or NetCDF")
    for command in (predict, validate, area):
        _common(command)
    predict.add_argument("--at", required=True, metavar="TARGETS", help="CSV or Parquet with the targets")
    predict.add_argument("--out", required=True, metavar="PRED.csv", help="the targets with the predictions")
    validate.add_argument("--json", action="store_true", help="print the scores as JSON on standard output")
    validate.add_argument("--out", metavar="LOO.csv", help="write every left-out prediction")
    validate.add_argument("--blocks", type=int, metavar="N", help="leave N compact groups of stations out instead")
    validate.add_argument("--compare", action="store_true", help="rank beside inverse distance, nearest station, mean")
    area.add_argument(
        "--raster", action="append", default=[], metavar="NAME=FILE", help="raster of a covariate; may be repeated"
    )
    area.add_argument("--area", required=True, help="file with the area's polygon (GeoPackage, GeoJSON, shapefile)")
    area.add_argument("--cell", required=True, type=float, help="side of a cell in metres")
    area.add_argument("--out", required=True, metavar="SURFACE.tif", help=".tif for one step, .nc for all steps")
    return top


def _common(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("stations", metavar="STATIONS", help="CSV or Parquet with the stations' values")
    add("--value", required=True, metavar="COL", help="column with the values")
    add("--time", metavar="COL", help="column with the time step")
    add("--crs", metavar="EPSG:n", help="coordinate system of x and y")
    add(
        "--covariate", action="extend", nargs="+", default=[], metavar="COL", help="columns that explain the mean"
    )
    add("--transform", default="auto", choices=["auto", "none", "log", "sqrt", "boxcox"])
    add("--variogram", default="auto", metavar="MODEL", help=_VARIOGRAM)
    add("--threshold", type=float, help="value whose exceedance probability is wanted")
    add("--neighbours", type=int, metavar="N", help="krige from the N nearest stations only")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0, or 2 for bad input with one sentence on standard error."""
    options = parser().parse_args(argv)
    lang = environment_language()
    run = {"predict": _predict, "validate": _validate, "surface": _surface}[options.command]
    try:
        if options.threshold is not None and not np.isfinite(options.threshold):
            raise UserError("The threshold must be a number, not {value}.", value=options.threshold)
        _check_out(options)
        notes = run(options)
    except UserError as problem:
        sys.stderr.write(f"{problem.say(lang)}\n")
        return 2
    for one in dict.fromkeys(notes):
        sys.stderr.write(f"{one.say(lang)}\n")
    return 0


def _check_out(options: argparse.Namespace) -> None:
    """Refuse a result that could not be written, before the work and not after it."""
    if options.out is None:
        return
    out = Path(options.out)
    if out.is_dir():
        raise UserError("{file} is a folder; --out needs the name of a file.", file=options.out)
    if not out.parent.is_dir():
        raise UserError("There is no folder {folder}; make it first.", folder=out.parent)
    if options.command == "surface" and out.suffix.lower() not in (".tif", ".tiff", ".nc"):
        raise UserError("A surface is written as .tif or .nc; --out says {file}.", file=out.name)


def _fit(options: argparse.Namespace) -> tuple[Kriging, tables.Network]:
    stations = tables.network(options.stations, options.value, options.time, options.covariate, options.crs)
    kriging = Kriging(options.variogram, options.transform, options.neighbours, covariate_names=options.covariate)
    values = stations.readings if options.time else stations.readings[0]
    kriging.fit(stations.xy, values, stations.error_sd, stations.covariates, names=stations.names, times=stations.times)
    return kriging, stations


def _predict(options: argparse.Namespace) -> list[Note]:
    kriging, stations = _fit(options)
    name = Path(options.at).name
    frame = tables.read_table(options.at, options.covariate)
    targets = tables.place(frame, name, options.crs, stations.crs)
    columns = [targets.xy] + [tables.numbers(frame, c, name)[:, None] for c in options.covariate]
    # A long table names its places once a step; each is kriged once.
    places, at = np.unique(np.hstack(columns), axis=0, return_inverse=True)
    at = at.reshape(-1)
    result = kriging.predict(places[:, :2], options.threshold, places[:, 2:] if options.covariate else None)
    notes = [*stations.notes, *targets.notes, *kriging.notes_, *result.notes]
    far = int((~result.supported[at]).sum())
    if far:
        notes.append(
            note(
                "{count} targets lie where the stations say little; mind their wide intervals.",
                level="warning",
                count=far,
            )
        )
    bands = {b: getattr(result, b)[..., at] for b in BANDS if getattr(result, b) is not None}
    if stations.times is None:
        out = frame.assign(**bands)
    elif options.time in frame.columns:
        step = _steps(frame[options.time], stations.times, name, notes)
        own = {b: np.where(step >= 0, v[step, np.arange(len(frame))], np.nan) for b, v in bands.items()}
        out = frame.assign(**own)
    else:
        out = _at_every_step(frame, options.time, stations.times, bands)
    out.to_csv(options.out, index=False)
    return notes


def _steps(times: pd.Series[str], labels: list[str], name: str, notes: list[Note]) -> Indices:
    """Return the step of each target row, −1 where the stations have none, matched as text or as moments."""
    step = pd.Index(labels).get_indexer(pd.Index(times.astype(str)))
    if (step < 0).all():
        known, wanted = (pd.to_datetime(t, errors="coerce", utc=True, format="ISO8601") for t in (labels, times))
        if not known.isna().any():
            step = pd.Index(known).get_indexer(pd.Index(wanted))
    missing = step < 0
    if missing.all():
        raise UserError(
            "{file}, row {row}: the stations have no values at the time '{time}'.", file=name, row=2, time=times.iloc[0]
        )
    if missing.any():
        notes.append(
            note(
                "{count} rows of {file} have a time without any station; they were left empty.",
                level="warning",
                count=int(missing.sum()),
                file=name,
            )
        )
    return step


def _at_every_step(frame: pd.DataFrame, time: str, labels: list[str], bands: dict[str, Array]) -> pd.DataFrame:
    out = pd.concat([frame] * len(labels), ignore_index=True)
    out.insert(len(frame.columns), time, np.repeat(labels, len(frame)))
    return out.assign(**{b: values.ravel() for b, values in bands.items()})


def _validate(options: argparse.Namespace) -> list[Note]:
    kriging, stations = _fit(options)
    result = kriging.validate(options.threshold, options.blocks)
    notes = [*stations.notes, *result.notes]
    lang = environment_language()
    scores: dict[str, object] = {
        k: (None if isinstance(v, float) and not np.isfinite(v) else v) for k, v in result.to_dict().items()
    }
    if options.out:
        table = result.table.copy()
        if stations.times is not None:
            table.insert(0, "time", np.array(stations.times)[table["step"]])
        table.insert(0, "y", kriging.coordinates_[table["station"], 1])
        table.insert(0, "x", kriging.coordinates_[table["station"], 0])
        table.to_csv(options.out, index=False)
    if options.compare:
        ranking = peers.ranked(kriging, kriging.readings_)
        scores["comparison"] = json.loads(ranking.to_json(orient="records"))
    if options.json:
        scores["variogram"] = kriging.variogram_.to_dict()
        scores["transform"] = kriging.transform_.name
        scores["transform_parameters"] = {k: v for k, v in kriging.transform_.to_dict().items() if k != "name"}
        scores["notes"] = [n.say(lang) for n in dict.fromkeys(notes)]
        sys.stdout.write(json.dumps(scores, ensure_ascii=False, indent=2) + "\n")
    else:
        for name, value in scores.items():
            if name == "comparison":
                sys.stdout.write(ranking.to_string(index=False) + "\n")
                continue
            sys.stdout.write(f"{name:<11} {'-' if value is None else format(value, '.6g')}\n")
    return notes


def _surface(options: argparse.Namespace) -> list[Note]:
    rasters = dict(text.split("=", 1) for text in options.raster if "=" in text)
    missing = [c for c in options.covariate if c not in rasters]
    if missing:
        raise UserError("A surface needs '{name}' as a raster: --raster {name}=FILE.tif.", name=missing[0])
    kriging, stations = _fit(options)
    if stations.crs is None:
        raise UserError("A surface needs a coordinate system: give --crs, or the columns lon and lat.")
    grid, mask = _area(options.area, options.cell, stations.crs)
    drift = None
    blank: list[Note] = []
    if options.covariate:
        drift, mask, blank = _drift_of_cells(grid, mask, {c: rasters[c] for c in options.covariate}, stations.crs)
    show = bar()
    sentence = translate(N_("Kriging the surface"), environment_language())

    def progress(share: float, _: str) -> None:
        show(share, sentence)

    if Path(options.out).suffix.lower() == ".nc" and stations.times is not None:
        labels = tables.moments(stations.times, options.time)
        write_stack(kriging, grid, options.out, labels, options.threshold, _BANDS, mask, progress, covariates=drift)
        with xr.open_dataset(options.out, engine="h5netcdf") as stored:
            extrapolated, anything = int(stored["extrapolated"].sum()), bool(stored["supported"].any())
        if not anything:
            Path(options.out).unlink()
            raise UserError("No station is near enough to the area to say anything about it.")
    else:
        dataset = surface.krige(kriging, grid, options.threshold, stations.times, mask, progress, drift, bands=_BANDS)
        if not bool(dataset["supported"].any()):
            raise UserError("No station is near enough to the area to say anything about it.")
        write = write_netcdf if Path(options.out).suffix.lower() == ".nc" else surface.write_cog
        write(dataset, options.out)
        extrapolated = int(dataset["extrapolated"].sum())
    beyond = [extrapolation_note(extrapolated, options.covariate)] if extrapolated else []
    return [*stations.notes, *kriging.notes_, *blank, *beyond, kriging.support_rule()]


def _drift_of_cells(grid: Grid, mask: Flags, rasters: dict[str, str], crs: CRS) -> tuple[Array, Flags, list[Note]]:
    """Return the covariates (cells, p), the wanted cells of which all rasters say something, and what was left out."""
    drift = np.zeros((mask.size, len(rasters)))
    kept, places = mask.copy(), grid.points()[mask.ravel()]
    for k, file in enumerate(rasters.values()):
        drift[mask.ravel(), k] = from_raster(file, places, crs, missing="blank")
        kept &= np.isfinite(drift[:, k]).reshape(mask.shape)
        if not kept.any():
            raise UserError(
                "{count} places lie outside {file} or where it has no data.",
                count=int(mask.sum()),
                file=Path(file).name,
            )
    left_out = int((mask & ~kept).sum())
    if not left_out:
        return drift, mask, []
    said = note(
        "{count} cells have no value of a covariate and were left out of this surface.",
        level="warning",
        count=left_out,
    )
    return drift, kept, [said]


def _area(path: str, cell: float, crs: CRS) -> tuple[Grid, Flags]:
    """Return the grid over an area's polygons, and which of its cells they touch."""
    if not Path(path).exists():
        raise UserError("There is no file {file}.", file=path)
    try:
        area = gpd.read_file(path)
    except DataSourceError:
        raise UserError("{file} cannot be read as a map layer.", file=Path(path).name) from None
    if not isinstance(area, gpd.GeoDataFrame):
        raise UserError("{file} has no areas.", file=Path(path).name)
    if area.crs is None:
        raise UserError("{file} does not say its coordinate system.", file=Path(path).name)
    area = area[~area.geometry.isna() & ~area.geometry.is_empty].to_crs(crs)
    if area.empty:
        raise UserError("{file} has no areas.", file=Path(path).name)
    grid = Grid.covering(tuple(area.total_bounds), cell, crs)
    return grid, geometry_mask(area.geometry, grid.shape, grid.transform, invert=True, all_touched=True)
