"""The sample variogram: what the data show before a model is laid through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from interpolation.arrays import Array, Indices


@dataclass(frozen=True)
class SampleVariogram:
    """Mean squared half differences by distance class (Matheron 1962), pooled over steps.

    Attributes
    ----------
    distance : (k,) array
        Mean distance of the pairs in a class [m].
    semivariance : (k,) array
        [transformed unit, squared]
    pairs : (k,) int array
        Pairs of stations and steps in a class.
    """

    distance: Array
    semivariance: Array
    pairs: Indices


def sample_variogram(
    coordinates: Array, values: Array, drift: Array | None = None, classes: int = 15, reach: float | None = None
) -> SampleVariogram:
    """Return the sample variogram of the residuals of the drift.

    Parameters
    ----------
    coordinates : (n, 2) array
        [m]
    values : (n,) or (T, n) array
        NaN = missing.
    drift : (n, p) array, optional
        Removed by ordinary least squares at each step; without it the values are taken as they are.
    classes : int
        Number of distance classes of one width.
    reach : float, optional
        Longest distance [m]; a third of the extent's diagonal by default, as in gstat.
    """
    table = np.atleast_2d(np.asarray(values, dtype=float))
    xy = np.asarray(coordinates, dtype=float)
    if len(xy) > 1500:  # a sample is enough for a picture, and n² pairs are not
        pick = np.sort(np.random.default_rng(0).permutation(len(xy))[:1500])
        xy, table = xy[pick], table[:, pick]
        drift = None if drift is None else drift[pick]
    if len(table) > 400:
        table = table[np.linspace(0, len(table) - 1, 400).round().astype(int)]
    if drift is not None and drift.shape[1] > 1:
        table = np.array([_residuals(row, drift) for row in table])
    longest = reach or float(np.hypot(*np.ptp(xy, axis=0))) / 3
    first, second = np.triu_indices(len(xy), 1)
    distance = pdist(xy)
    near = distance <= longest
    first, second, distance = first[near], second[near], distance[near]
    at = np.minimum((np.ceil(distance / longest * classes) - 1).astype(int), classes - 1)
    total, number, length = np.zeros(classes), np.zeros(classes), np.zeros(classes)
    for row in table:
        square = 0.5 * (row[first] - row[second]) ** 2
        known = np.isfinite(square)
        total += np.bincount(at[known], square[known], classes)
        length += np.bincount(at[known], distance[known], classes)
        number += np.bincount(at[known], minlength=classes)
    full = number > 0
    return SampleVariogram(length[full] / number[full], total[full] / number[full], number[full].astype(np.intp))


def _residuals(row: Array, drift: Array) -> Array:
    known = np.isfinite(row)
    if known.sum() <= drift.shape[1]:
        return np.full_like(row, np.nan)
    coefficients = np.linalg.lstsq(drift[known], row[known], rcond=None)[0]
    return np.asarray(row - drift @ coefficients)
