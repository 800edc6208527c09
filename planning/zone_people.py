"""How many people of each zone breathe air over the standard, with intervals from the simulated dust maps.

The maps are those of the town's own figure and of the hotspots' intervals (`planning.hotspot_draws`), so that zones and
town tell one story. Two counts:

*On an average day*: people × days over the standard, divided by the days.

*Often*: people where it is over the standard on as many days as make a hotspot.

Deliberate cut: where nothing supports an estimate nobody is counted as over; the share of the zone that is supported
stands in its confidence.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.hotspot_draws import Draws, interval

COLUMNS = (
    "people_day", "people_day_low", "people_day_high", "people_often", "people_often_low", "people_often_high",
)  # fmt: skip
"""Mean over the draws and the ends of the 90 % interval."""


def over_standard(
    zones: Mapping[str, NDArray[np.bool_]],
    people: NDArray[np.float64],
    lived: NDArray[np.float64],
    draws: Draws | None,
    needed: int,
) -> pd.DataFrame:
    """Return `COLUMNS` of each zone, in their order; NaN where people or maps are not known.

    Parameters
    ----------
    zones : mapping of code to ndarray (ny, nx) of bool
        The zone's cells.
    people : ndarray (zones,)
        Who lives in each; NaN where not known.
    lived : ndarray (ny, nx)
        Who lives in each cell: shares a zone's people out.
    draws : Draws or None
    needed : int
        Days over the standard that are often.
    """
    blank = dict.fromkeys(COLUMNS, np.nan)
    rows = []
    for cells, total in zip(zones.values(), people, strict=True):
        if draws is None or not np.isfinite(total) or not (draws.place_of[cells] >= 0).any():
            rows.append(blank)
            continue
        held = _at_places(draws, cells, lived) * total
        day, often = (draws.days @ held) / draws.steps, (draws.days >= needed) @ held
        rows.append(dict(zip(COLUMNS, (*interval(day), *interval(often)), strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS), index=list(zones))


def _at_places(draws: Draws, cells: NDArray[np.bool_], lived: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of a zone's people for whom each place stands, (k,); their sum is the share supported."""
    share = np.nan_to_num(lived[cells])
    if share.sum() <= 0:
        share = np.ones(len(share))
    place = draws.place_of[cells]
    held = np.bincount(place[place >= 0], weights=share[place >= 0], minlength=len(draws.places))
    return np.asarray(held / share.sum(), dtype=np.float64)
