"""Plain methods to compare kriging with: inverse distance, nearest station, the mean, PyKrige's own fit."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from interpolation import scores
from interpolation.arrays import Array
from interpolation.kriging import Kriging
from interpolation.layout import LEAST
from interpolation.threads import blas_threads
from interpolation.variogram import Variogram
from language import N_

NAMES = {
    "kriging": N_("Kriging (this program)"),
    "idw": N_("Inverse distance"),
    "nearest": N_("Nearest station"),
    "mean": N_("Mean of all stations"),
    "pykrige": N_("PyKrige, automatic"),
}


def idw(coordinates: Array, values: Array, power: float = 2.0) -> Array:
    """Return leave-one-out predictions (T, n) by inverse distance weights (Shepard 1968)."""
    distance = np.hypot(*(coordinates[:, None] - coordinates[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    weights = distance**-power
    known = np.isfinite(values)
    total = known @ weights
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0) @ weights / np.where(total > 0, total, np.nan))


def nearest(coordinates: Array, values: Array) -> Array:
    """Return leave-one-out predictions (T, n) by the nearest station that has a value."""
    distance = np.hypot(*(coordinates[:, None] - coordinates[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    out = np.full(values.shape, np.nan)
    for station, order in enumerate(np.argsort(distance, axis=1)[:, :-1]):
        ordered = values[:, order]
        first = np.isfinite(ordered).argmax(axis=1)
        out[:, station] = ordered[np.arange(len(values)), first]
    return out


def mean(values: Array) -> Array:
    """Return leave-one-out predictions (T, n) by the mean of the other stations."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    count = known.sum(axis=1, keepdims=True) - known
    with np.errstate(invalid="ignore"):
        return np.asarray((filled.sum(axis=1, keepdims=True) - filled) / np.where(count > 0, count, np.nan))


def pykrige(coordinates: Array, values: Array) -> tuple[Array, Array]:
    """Return leave-one-out mean and sd (T, n) of PyKrige with its automatic spherical fit, step by step.

    PyKrige fits the variogram of each step to all of its stations. The predictions are computed in
    closed form with that variogram; they equal PyKrige's own (a test compares them).
    """
    from pykrige.ok import OrdinaryKriging

    centre, spread = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for step, row in enumerate(values):
        known = np.flatnonzero(np.isfinite(row))
        if len(known) < LEAST or np.ptp(row[known]) == 0:
            continue
        xy, z = coordinates[known], row[known]
        with warnings.catch_warnings(), blas_threads(1):
            warnings.simplefilter("ignore")
            fitted = OrdinaryKriging(xy[:, 0], xy[:, 1], z, variogram_model="spherical")
        sill, reach, nugget = (float(v) for v in fitted.variogram_model_parameters)
        if sill + nugget <= 0 or reach <= 0:
            continue
        one = Kriging(Variogram("spherical", max(nugget, 0.0), max(sill, 0.0), reach)).fit(xy, z).validate().table
        centre[step, known[one["station"]]] = one["mean"]
        spread[step, known[one["station"]]] = one["sd"]
    return centre, spread


def ranked(kriging: Kriging, values: Array, with_pykrige: bool = False) -> pd.DataFrame:
    """Return the leave-one-out scores of kriging and the plain methods, best MAE first.

    Parameters
    ----------
    kriging : Kriging
        Fitted to `values` (T, n); coincident stations merged.
    with_pykrige : bool
        Whether to fit PyKrige to every step too; some 20 ms a step.
    """
    table = np.atleast_2d(values)
    xy = kriging.coordinates_
    done = kriging.validate()
    predicted = {"idw": idw(xy, table), "nearest": nearest(xy, table), "mean": mean(table)}
    if with_pykrige:
        predicted["pykrige"] = pykrige(xy, table)[0]
    rows = [{"method": "kriging", **{k: v for k, v in done.to_dict().items() if k in ("n", "mae", "rmse", "me", "r")}}]
    rows += [{"method": name, **scores.summary(table, p)} for name, p in predicted.items()]
    return pd.DataFrame(rows).sort_values("mae", ignore_index=True)
