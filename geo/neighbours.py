"""Which stations stand around which, and what those around one read together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def distances(lat: Array, lon: Array) -> Array:
    """Return distances in kilometres between places (degrees); infinite to itself and where one is unknown.

    Equirectangular: within some tens of kilometres it errs by far less than a station's siting.
    """
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    east = (lam[:, None] - lam[None, :]) * np.cos((phi[:, None] + phi[None, :]) / 2)
    away: Array = 6371.0 * np.hypot(phi[:, None] - phi[None, :], east)
    away[~np.isfinite(away)] = np.inf
    np.fill_diagonal(away, np.inf)
    return away


def neighbour_lists(
    names: NDArray[np.str_], stations: pd.DataFrame, limits: Mapping[str, float]
) -> list[NDArray[np.int64]]:
    """Return for each station the positions of its nearest others within the radius."""
    known = stations.drop_duplicates("station_id").set_index("station_id").reindex(names)
    lat, lon = np.deg2rad(known["lat"].to_numpy(float)), np.deg2rad(known["lon"].to_numpy(float))
    lists = []
    for station in range(len(names)):
        # Equirectangular distance: within some tens of kilometres it errs by far less than a station's siting.
        away = 6371.0 * np.hypot(lat - lat[station], (lon - lon[station]) * np.cos(lat[station]))
        away[station] = np.inf
        order = np.argsort(away, kind="stable")
        lists.append(order[away[order] <= limits["radius_km"]][: int(limits["most"])])
    return lists


def neighbour_median(values: Array, near: list[NDArray[np.int64]], least: int) -> Array:
    """Return the median of the neighbours' values: (hours, stations), NaN where fewer than `least` report."""
    result = np.full(values.shape, np.nan)
    for station, others in enumerate(near):
        if len(others) < least:
            continue
        ordered = np.sort(values[:, others], axis=1)  # NaN goes last
        count = np.isfinite(ordered).sum(axis=1)
        hour = np.arange(len(values))
        last = len(others) - 1
        low = ordered[hour, np.clip((count - 1) // 2, 0, last)]
        high = ordered[hour, np.clip(count // 2, 0, last)]
        result[:, station] = np.where(count >= least, (low + high) / 2, np.nan)
    return result
