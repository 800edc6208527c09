"""The support mask: where the stations say something about a place."""

from __future__ import annotations

import numpy as np

from interpolation.arrays import Array, Flags
from interpolation.variogram import Variogram
from language import Note, note

LEAST_EXPLAINED = 0.1
"""A target is supported where the stations explain this share of the spatially correlated variance."""


def supports(variogram: Variogram, share: Array, distance: Array) -> Flags:
    """Return which targets the stations say something about (see `support_rule`).

    Parameters
    ----------
    share : (b,) array
        Kriging variance over the total sill, all stations present.
    distance : (b,) array
        To the nearest station [ranges].
    """
    structured = 1.0 - variogram.nugget_share
    explained = structured - (share - variogram.nugget_share)
    reach = variogram.practical_range / variogram.range
    near = np.asarray((explained >= LEAST_EXPLAINED * structured) & (distance <= reach))
    return near | (distance <= 0)


def support_rule(variogram: Variogram) -> Note:
    """Return the rule of the support mask in words."""
    return note(
        "Shown where a station lies within {distance} km and the stations explain at least {share} % of the "
        "spatial variation; elsewhere 'no data'.",
        distance=f"{variogram.practical_range / 1000:,.1f}",
        share=round(100 * LEAST_EXPLAINED),
    )
