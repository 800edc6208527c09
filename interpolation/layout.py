"""The stations as kriging needs them: checked, coincident ones merged, with a note for every decision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from interpolation.arrays import Array, Flags, Indices
from language import Note, UserError, note

LEAST = 5
"""Fewest stations for a map."""


@dataclass(frozen=True)
class Layout:
    """Checked stations.

    Attributes
    ----------
    coordinates : (n, 2) array
        Distinct places [m].
    values : (T, n) array
        NaN = missing.
    error_sd : (n,) array or None
        Known standard deviation of the sensors' error [unit of the values].
    covariates : (n, p) array or None
    place : (rows,) int array
        The place of each row that came in; −1 where the row has no value at all.
    notes : tuple of Note
    """

    coordinates: Array
    values: Array
    error_sd: Array | None
    covariates: Array | None
    place: Indices
    notes: tuple[Note, ...]


def prepare(coordinates: Array, values: Array, error_sd: Array | None, covariates: Array | None) -> Layout:
    """Check the stations and merge those at one place.

    Parameters
    ----------
    coordinates : (rows, 2) array
        [m] in a projected system.
    values : (rows,) or (T, rows) array
        NaN = missing.
    error_sd : (rows,) array, optional
        NaN counts as zero.
    covariates : (rows, p) array, optional

    Raises
    ------
    UserError
        Shapes that don't fit, coordinates that are not numbers, infinite values, fewer than five
        stations, or values that are all equal.
    """
    xy, table = _checked(coordinates, values)
    notes: list[Note] = []
    used = np.asarray(np.isfinite(table).any(axis=0))
    if not used.all():
        notes.append(note("{count} stations have no value and were left out.", count=int((~used).sum())))
    place, first = _places(xy, used)
    count = len(first)
    if count < used.sum():
        notes.append(
            note(
                "{count} stations stand at the place of another one; their values were averaged.",
                level="warning",
                count=int(used.sum()) - count,
            )
        )
    if count < LEAST:
        raise UserError(
            "Only {count} stations with values; a map needs at least {least}. Add stations or a longer period.",
            count=count,
            least=LEAST,
        )
    merged, reports = _average(table, place, count)
    finite = merged[np.isfinite(merged)]
    if np.all(finite == finite[0]):
        raise UserError(
            "All values are equal ({value}): nothing to interpolate. Check the value column or the sensors.",
            value=f"{finite[0]:g}",
        )
    error = None
    if error_sd is not None:
        error = np.sqrt(_average(np.square(_errors(error_sd, len(xy)))[None], place, count)[0][0] / reports)
        error = error if np.any(error > 0) else None
    drift = None
    if covariates is not None:
        wide = np.asarray(covariates, dtype=float).reshape(len(xy), -1)
        drift = _average(wide.T, place, count)[0].T
    notes += _shape_notes(xy[first])
    return Layout(xy[first], merged, error, drift, place, tuple(notes))


def _checked(coordinates: Array, values: Array) -> tuple[Array, Array]:
    xy = np.asarray(coordinates, dtype=float)
    table = np.atleast_2d(np.asarray(values, dtype=float))
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise UserError("Coordinates need two columns, x and y in metres.")
    if table.ndim != 2 or table.shape[1] != len(xy):
        raise UserError("There are {places} places and {values} values.", places=len(xy), values=table.shape[-1])
    bad = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if bad.size:
        raise UserError("The coordinates in row {row} are not numbers.", row=int(bad[0]) + 1)
    infinite = np.flatnonzero(np.isinf(table).any(axis=0))
    if infinite.size:
        raise UserError("The value in row {row} is infinite.", row=int(infinite[0]) + 1)
    return xy, table


def _places(xy: Array, used: Flags) -> tuple[Indices, Indices]:
    """Return each row's place (−1 = unused) and the first row of each place."""
    place = np.full(len(xy), -1, dtype=np.intp)
    rows = np.flatnonzero(used)
    if rows.size == 0:
        return place, rows
    extent = float(np.ptp(xy[rows], axis=0).max())
    parent = np.arange(len(rows))
    for a, b in cKDTree(xy[rows]).query_pairs(1e-7 * extent, output_type="ndarray"):
        low, high = sorted((parent[a], parent[b]))
        parent[parent == high] = low
    roots, inverse = np.unique(parent, return_inverse=True)
    place[rows] = inverse
    return place, rows[roots]


def _average(table: Array, place: Indices, count: int) -> tuple[Array, Array]:
    """Return the mean of the columns at each place, ignoring NaN, and the number of columns a place has."""
    columns = np.flatnonzero(place >= 0)
    at = place[columns]
    if len(columns) == count and np.array_equal(at, np.arange(count)):
        return table[:, columns], np.ones(count)
    pick = np.zeros((len(columns), count))
    pick[np.arange(len(columns)), at] = 1.0
    known = np.isfinite(table[:, columns])
    number = known @ pick
    total = np.where(known, table[:, columns], 0.0) @ pick
    return np.where(number > 0, total / np.maximum(number, 1.0), np.nan), pick.sum(axis=0)


def _errors(error_sd: Array, n: int) -> Array:
    error = np.asarray(error_sd, dtype=float)
    if error.shape != (n,):
        raise UserError("There are {places} places and {values} values.", places=n, values=error.size)
    error = np.where(np.isfinite(error), error, 0.0)
    if (error < 0).any():
        raise UserError("The error_sd in row {row} is negative.", row=int(np.flatnonzero(error < 0)[0]) + 1)
    return error


def looks_like_degrees(xy: Array) -> bool:
    """Return whether coordinates look like longitude and latitude (or the other way round), not metres."""
    size = np.abs(xy).max(axis=0)
    return bool(size.max() <= 180 and size.min() <= 90 and size.max() > 10 and np.ptp(xy, axis=0).max() < 40)


def is_line(xy: Array) -> bool:
    """Return whether all places lie on one line."""
    sizes = np.linalg.svd(xy - xy.mean(axis=0), compute_uv=False)
    return bool(sizes[-1] < 1e-6 * max(sizes[0], 1e-300))


def _shape_notes(xy: Array) -> list[Note]:
    notes = []
    if looks_like_degrees(xy):
        notes.append(
            note("The coordinates look like degrees; distances in degrees are distorted. Use metres.", level="warning")
        )
    if is_line(xy):
        notes.append(
            note(
                "All stations lie on one line; away from the line the map is a guess with a wide interval.",
                level="warning",
            )
        )
    return notes
