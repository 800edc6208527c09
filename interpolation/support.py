"""The support mask: where the stations say something about a place."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from interpolation.arrays import Array, Flags
from interpolation.variogram import Variogram
from language import Note, note

UNSTRUCTURED = 0.95
"""Nugget share from which neighbours are hardly more alike than far stations: there is no correlated part whose share
could be asked for, every place gets the network's mean with its wide interval, and only distance counts."""

LEAST_EXPLAINED = 0.02
"""A target is supported where the stations explain this share of the spatially correlated variance."""


def supports(variogram: Variogram, share: Array, distance: Array, gap: float | None = None) -> Flags:
    """Return which targets the stations say something about (see `support_rule`).

    Parameters
    ----------
    share : (b,) array
        Kriging variance over the total sill, all stations present.
    distance : (b,) array
        To the nearest station [ranges].
    gap : float, optional
        With covariates, or without spatial structure: the widest gap between neighbouring stations [ranges]
        (`widest_gap`).
    """
    reach = variogram.practical_range / variogram.range
    if gap is not None and variogram.nugget_share > UNSTRUCTURED:
        return np.asarray(distance <= gap)
    if gap is not None:
        # What the covariates explain is no longer in the correlated part: a good covariate would leave
        # nothing to support. Their own limits are marked as extrapolation.
        return np.asarray(distance <= max(reach, gap))
    structured = 1.0 - variogram.nugget_share
    explained = structured - (share - variogram.nugget_share)
    near = np.asarray((explained >= LEAST_EXPLAINED * structured) & (distance <= reach))
    return near | (distance <= 0)


def widest_gap(flat: Array) -> float:
    """Return the largest distance from a station to its nearest neighbour, in the unit of `flat` (n, 2)."""
    return float(cKDTree(flat).query(flat, k=2)[0][:, 1].max())


def support_rule(variogram: Variogram, gap: float | None = None) -> Note:
    """Return the rule of the support mask in words."""
    if gap is not None and variogram.nugget_share > UNSTRUCTURED:
        return note(
            "Shown where a station lies within {distance} km. Neighbouring stations are hardly more alike than far "
            "ones, so every place gets the mean of the network with a wide interval.",
            distance=f"{gap * variogram.range / 1000:,.1f}",
        )
    if gap is not None:
        return note(
            "Shown where a station lies within {distance} km; what lies beyond the stations' range of a covariate is "
            "marked as extrapolated.",
            distance=f"{max(variogram.practical_range, gap * variogram.range) / 1000:,.1f}",
        )
    return note(
        "Shown where a station lies within {distance} km and the stations explain at least {share} % of the "
        "spatial variation; elsewhere 'no data'.",
        distance=f"{variogram.practical_range / 1000:,.1f}",
        share=round(100 * LEAST_EXPLAINED),
    )
