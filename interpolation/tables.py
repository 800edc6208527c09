"""Tables of the command line: stations and targets from CSV or Parquet, checked cell by cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from interpolation.arrays import Array, Indices
from interpolation.layout import looks_like_degrees
from language import Note, UserError, note


@dataclass(frozen=True)
class Table:
    """A table with places in metres.

    Attributes
    ----------
    frame : DataFrame
        As it was in the file, rows in their order.
    xy : (rows, 2) array
        [m]
    crs : pyproj.CRS or None
    notes : tuple of Note
    """

    frame: pd.DataFrame
    xy: Array
    crs: CRS | None
    notes: tuple[Note, ...] = field(default=())


def read_table(path: str | Path, needed: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV (UTF-8, UTF-16 or cp874; comma, semicolon or tab) or Parquet file.

    Raises
    ------
    UserError
        No such file, not a table, no rows, or a column of `needed` is missing.
    """
    file = Path(path)
    if not file.is_file():
        raise UserError("There is no file {file}.", file=file)
    try:
        parquet = file.suffix.lower() in (".parquet", ".pq")
        frame = pd.read_parquet(file).reset_index(drop=True) if parquet else _csv(file)
    except (ValueError, OSError) as problem:
        raise UserError("{file} cannot be read as a table: {problem}", file=file.name, problem=problem) from None
    if frame.empty:
        raise UserError("{file} has no rows.", file=file.name)
    missing = [c for c in needed if c not in frame.columns]
    if missing:
        raise UserError(
            "{file} has no column '{column}'. Its columns are: {columns}.",
            file=file.name,
            column=missing[0],
            columns=", ".join(map(str, frame.columns)),
        )
    return frame


def _csv(file: Path) -> pd.DataFrame:
    text = _decoded(file.read_bytes())
    separator = max(",;\t", key=text.partition("\n")[0].count)
    frame = pd.read_csv(StringIO(text), sep=separator, dtype=object, keep_default_na=False, skipinitialspace=True)
    return frame.rename(columns=lambda name: str(name).strip())


def _decoded(raw: bytes) -> str:
    """Return a file's text: UTF-8, what Excel calls "Unicode text" (UTF-16), or Thai Windows."""
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp874")


_EMPTY = {"", "na", "nan", "null", "none", "n/a", "-"}


def numbers(frame: pd.DataFrame, column: str, file: str, *, gaps: bool = False) -> Array:
    """Return a column as numbers.

    Parameters
    ----------
    gaps : bool
        Whether empty cells are allowed (they become NaN).

    Raises
    ------
    UserError
        Text where a number should be, or an empty cell, with its row (the header is row 1).
    """
    raw = frame[column]
    out = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=float, copy=True)
    text = raw.astype(str).str.strip()
    empty = text.str.lower().isin(_EMPTY).to_numpy() | raw.isna().to_numpy()
    wrong = ~np.isfinite(out) & ~empty
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        value = text.iloc[row]
        where = {"file": file, "row": row + 2, "column": column, "value": value}
        if re.fullmatch(r"[+-]?\d+,\d+", value):
            raise UserError(
                "{file}, row {row}, column '{column}': '{value}' has a comma; write decimals with a point and "
                "thousands without a mark.",
                **where,
            )
        raise UserError("{file}, row {row}, column '{column}': '{value}' is not a number.", **where)
    if empty.any() and not gaps:
        row = int(np.flatnonzero(empty)[0])
        raise UserError("{file}, row {row}, column '{column}' is empty.", file=file, row=row + 2, column=column)
    out[empty] = np.nan
    return out


def place(frame: pd.DataFrame, file: str, wish: str | None, crs: CRS | None = None) -> Table:
    """Return the table with its places in metres.

    Parameters
    ----------
    wish : str, optional
        The user's ``--crs``: the system of the columns x and y.
    crs : pyproj.CRS, optional
        The stations' system, into which targets are brought; chosen from the table by default.

    Raises
    ------
    UserError
        No coordinate columns, an unknown system, coordinates out of their range, or degrees given
        as metres.
    """
    names = {str(c).strip().lower(): str(c) for c in frame.columns}
    if "x" in names and "y" in names:
        return _metres(frame, names["x"], names["y"], file, wish, crs)
    if "lon" in names and "lat" in names:
        return _degrees(frame, names["lon"], names["lat"], file, crs)
    raise UserError("{file} needs the columns x and y (metres, with --crs) or lon and lat (WGS84).", file=file)


def _metres(frame: pd.DataFrame, x: str, y: str, file: str, wish: str | None, crs: CRS | None) -> Table:
    xy = np.column_stack([numbers(frame, x, file), numbers(frame, y, file)])
    given = _crs(wish) if wish else None
    if given is not None and given.is_geographic:
        where = frame.assign(**{x: xy[:, 0], y: xy[:, 1]})
        return _degrees(where, x, y, file, crs)
    if looks_like_degrees(xy):
        raise UserError(
            "{file}: x and y look like degrees (row 2: {x}, {y}), not metres. Name the columns lon and lat, or give "
            "coordinates in metres.",
            file=file,
            x=f"{xy[0, 0]:g}",
            y=f"{xy[0, 1]:g}",
        )
    if np.abs(xy).max() > 1e8:
        row = int(np.argmax(np.abs(xy).max(axis=1)))
        raise UserError(
            "{file}, row {row}: the coordinates {x}, {y} lie outside the earth.",
            file=file,
            row=row + 2,
            x=f"{xy[row, 0]:g}",
            y=f"{xy[row, 1]:g}",
        )
    notes: list[Note] = []
    if given is None:
        notes.append(
            note("No --crs was given; x and y of {file} were taken as metres on a plane.", level="warning", file=file)
        )
    elif given.to_epsg() == 3857:
        notes.append(note("EPSG:3857 stretches distances; a UTM zone is better.", level="warning"))
    if given is not None and crs is not None and given != crs:
        xy = np.column_stack(Transformer.from_crs(given, crs, always_xy=True).transform(xy[:, 0], xy[:, 1]))
        given = crs
    return Table(frame, xy, given, tuple(notes))


def _degrees(frame: pd.DataFrame, lon: str, lat: str, file: str, crs: CRS | None) -> Table:
    xy = np.column_stack([numbers(frame, lon, file), numbers(frame, lat, file)])
    wrong = np.flatnonzero((np.abs(xy[:, 0]) > 180) | (np.abs(xy[:, 1]) > 90))
    if wrong.size:
        row = int(wrong[0])
        if np.abs(xy[:, 0]).max() <= 90 and np.abs(xy[:, 1]).max() <= 180:
            raise UserError(
                "{file}: lon and lat are swapped (row {row}: lon {lon}, lat {lat}). Change the columns' names.",
                file=file,
                row=row + 2,
                lon=f"{xy[row, 0]:g}",
                lat=f"{xy[row, 1]:g}",
            )
        raise UserError(
            "{file}, row {row}: longitude {lon} and latitude {lat} are not on the earth. Longitudes go from -180 to "
            "180, latitudes from -90 to 90.",
            file=file,
            row=row + 2,
            lon=f"{xy[row, 0]:g}",
            lat=f"{xy[row, 1]:g}",
        )
    target = crs or utm(xy)
    metres = Transformer.from_crs(4326, target, always_xy=True).transform(xy[:, 0], xy[:, 1])
    notes = (
        () if crs else (note("Coordinates were projected to {crs} for distances in metres.", crs=target.to_string()),)
    )
    return Table(frame, np.column_stack(metres), target, notes)


def _crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise UserError("Unknown coordinate system '{crs}'. Write it as EPSG:32647.", crs=text) from None


def utm(lonlat: Array) -> CRS:
    """Return the UTM zone (WGS84) of the middle of longitudes and latitudes, also across the date line."""
    if np.ptp(lonlat[:, 0]) > 180.0:
        lonlat = np.column_stack([lonlat[:, 0] % 360.0, lonlat[:, 1]])
    lon, lat = 0.5 * (lonlat.min(axis=0) + lonlat.max(axis=0))
    lon = (lon + 180.0) % 360.0 - 180.0
    zone = int(np.clip(np.floor((lon + 180.0) / 6.0) + 1, 1, 60))
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


@dataclass(frozen=True)
class Network:
    """A long table of readings turned into places and steps.

    Attributes
    ----------
    xy : (n, 2) array
        Distinct places [m].
    readings : (T, n) array
    error_sd : (n,) array or None
    covariates : (n, p) array or None
    times : list or None
        Labels of the steps as they were written; None where the table has no time.
    names : list of str or None
        Of the places, from a column station_id, station, name or id.
    crs : pyproj.CRS or None
    notes : tuple of Note
    """

    xy: Array
    readings: Array
    error_sd: Array | None
    covariates: Array | None
    times: list[str] | None
    names: list[str] | None
    crs: CRS | None
    notes: tuple[Note, ...]


def network(path: str | Path, value: str, time: str | None, covariates: Sequence[str], crs: str | None) -> Network:
    """Read stations: one row a station, or with `time` one row a station and step.

    Raises
    ------
    UserError
        See `read_table`, `numbers`, `place`; or a covariate that changes over time.
    """
    name = Path(path).name
    frame = read_table(path, [value, *([time] if time else []), *covariates])
    table = place(frame, name, crs)
    notes = list(table.notes)
    values = numbers(frame, value, name, gaps=True)
    gaps = int(np.isnan(values).sum())
    if gaps:
        notes.append(note("{count} rows of {file} have no value and were left out.", count=gaps, file=name))
    drift = np.column_stack([numbers(frame, c, name) for c in covariates]) if covariates else None
    error = _errors(frame, name) if "error_sd" in frame.columns else None
    if not time:
        rows = np.arange(len(frame))
        return Network(table.xy, values[None], error, drift, None, _names(frame, rows), table.crs, tuple(notes))
    times = frame[time].astype(str).str.strip()
    timed = ~(times.str.lower().isin({*_EMPTY, "nat"}) | frame[time].isna()).to_numpy()
    if not timed.any():
        raise UserError("{file}: the column '{column}' has no times.", file=name, column=time)
    if not timed.all():
        notes.append(
            note(
                "{count} rows of {file} have no time and were left out.",
                level="warning",
                count=int((~timed).sum()),
                file=name,
            )
        )
        table = replace(table, frame=frame[timed], xy=table.xy[timed])
        values, times = values[timed], times[timed]
        drift, error = (None if a is None else a[timed] for a in (drift, error))
    return _long(table, values, drift, error, times, notes, name)


def _errors(frame: pd.DataFrame, name: str) -> Array:
    error = numbers(frame, "error_sd", name, gaps=True)
    if (error < 0).any():
        row = int(np.flatnonzero(error < 0)[0])
        raise UserError("{file}, row {row}: error_sd is below zero.", file=name, row=row + 2)
    return error


def _names(frame: pd.DataFrame, rows: Indices) -> list[str] | None:
    columns = {str(c).strip().lower(): c for c in frame.columns}
    known = [columns[k] for k in ("station_id", "station", "name", "id") if k in columns]
    return [str(v) for v in frame[known[0]].iloc[rows]] if known else None


def _long(
    table: Table,
    values: Array,
    drift: Array | None,
    error: Array | None,
    times: pd.Series[str],
    notes: list[Note],
    name: str,
) -> Network:
    key = np.round(table.xy, 3)
    _, first, station = np.unique(key, axis=0, return_index=True, return_inverse=True)
    station = station.reshape(-1)
    labels, step = np.unique(times.to_numpy(dtype=str), return_inverse=True)
    known = np.isfinite(values)
    total = np.zeros((len(labels), len(first)))
    number = np.zeros_like(total)
    np.add.at(total, (step[known], station[known]), values[known])
    np.add.at(number, (step[known], station[known]), 1.0)
    if (number > 1).any():
        notes.append(
            note(
                "{count} rows of {file} repeat a place and time; their values were averaged.",
                level="warning",
                count=int((number[number > 1] - 1).sum()),
                file=name,
            )
        )
    wide = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    if drift is not None:
        spread = drift - drift[first][station]
        if np.abs(spread).max() > 1e-6 * max(float(np.abs(drift).max()), 1e-300):
            row = int(table.frame.index[np.abs(spread).max(axis=1) > 0][0])
            raise UserError(
                "{file}, row {row}: a covariate of one place changes over time; covariates must be fixed.",
                file=name,
                row=row + 2,
            )
        drift = drift[first]
    if error is not None:
        stated = np.isfinite(error)  # a row that is silent about its error doesn't claim to have none
        square = np.bincount(station[stated], error[stated] ** 2, len(first))
        error = np.sqrt(square / np.maximum(np.bincount(station[stated], minlength=len(first)), 1))
    names = _names(table.frame, first)
    return Network(table.xy[first], wide, error, drift, [str(x) for x in labels], names, table.crs, tuple(notes))


def moments(labels: Sequence[str], column: str) -> pd.DatetimeIndex:
    """Return time labels as moments (UTC where a zone is written).

    Raises
    ------
    UserError
        A label is no date.
    """
    parsed = pd.to_datetime(pd.Series(labels), errors="coerce", utc=True, format="ISO8601")
    if parsed.isna().any():
        bad = labels[int(np.flatnonzero(parsed.isna())[0])]
        raise UserError(
            "The column '{column}' holds '{value}', which is no date; write it as 2026-01-31T08:00.",
            column=column,
            value=bad,
        )
    return pd.DatetimeIndex(parsed)
