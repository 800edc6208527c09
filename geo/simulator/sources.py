"""Sources of dust: factories by type and horsepower, roads, towns, and open fires.

Emissions are *plausible*, not an inventory: a factory's rate follows the PM potential of its DIW type
(data/factory_types.csv, 0 to 3) and its horsepower to the power 0.6 (economies of scale, the usual
"six-tenths rule" of engineering). They are scaled so that a cluster of factories lifts the 24-hour PM2.5
around it by 5 to 25 µg/m³. The register knows neither fuel nor filters, and neither does the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import catalogues

Array = NDArray[np.float64]

SOURCE_COLUMNS = ("source_id", "kind", "x", "y", "release", "schedule", "pm25", "pm10")
"""Identity, kind, place (m), key of `plume.RELEASES`, key of `SCHEDULES`, emission (g/s) while at work."""

# g/s of PM2.5 at 500 hp by potential; see the module's text.
_EMISSION = (0.0, 0.07, 0.28, 0.70)
_USUAL_HP = 500.0
# PM10 / PM2.5 of what leaves the source: smoke is fine, stone dust is coarse (AP-42 13.2 gives 0.1-0.15
# as the PM2.5 share of PM10 in road and aggregate dust; smoke 0.7-0.8).
_COARSE = {"combustion": 1.35, "industry": 2.2, "yard": 10.0, "road": 10.0}

SCHEDULES: Mapping[str, Sequence[float]] = {
    # Share of full work by hour of the day.
    "continuous": [0.9] * 6 + [1.05] * 14 + [0.95] * 4,
    "day": [0.08] * 7 + [1.0] * 11 + [0.35] * 2 + [0.08] * 4,
    "traffic": [
        0.25, 0.2, 0.15, 0.15, 0.3, 0.7, 1.3, 1.8, 1.6, 1.2, 1.05, 1.0,
        1.0, 1.0, 1.05, 1.2, 1.55, 1.8, 1.5, 1.1, 0.8, 0.6, 0.45, 0.35,
    ],
    "town": [
        0.3, 0.3, 0.3, 0.3, 0.6, 1.4, 1.9, 1.6, 1.0, 0.8, 0.8, 1.0,
        0.9, 0.8, 0.8, 1.0, 1.5, 2.0, 2.0, 1.5, 1.1, 0.8, 0.5, 0.4,
    ],
}  # fmt: skip
_SUNDAY = {"continuous": 1.0, "day": 0.25, "traffic": 0.75, "town": 1.0}


def schedule_shares(hour: NDArray[np.int64], sunday: NDArray[np.bool_]) -> Array:
    """Return the share of full emission of each schedule (in the order of `SCHEDULES`): (hours, schedules)."""
    shares = np.column_stack([np.asarray(course)[hour] for course in SCHEDULES.values()])
    weekend = np.array([_SUNDAY[name] for name in SCHEDULES])
    return np.where(sunday[:, None], shares * weekend, shares)


def factory_sources(factories: pd.DataFrame) -> pd.DataFrame:
    """Return the sources that factories are.

    Parameters
    ----------
    factories : DataFrame
        `factory_id`, `x`, `y` (m), `type_no`, `type_sub`, `hp`. A type that is not in the catalogue
        counts as potential 1.

    Returns
    -------
    DataFrame
        `SOURCE_COLUMNS`, one row a factory, in the same order.
    """
    types = catalogues.factory_types()[["type_no", "type_sub", "potential", "source_groups"]]
    table = factories.merge(types, on=["type_no", "type_sub"], how="left")
    potential = table["potential"].fillna(1).astype(int).to_numpy()
    groups = table["source_groups"].fillna("industry").str.split(";").str[0].to_numpy()
    burning = groups == "combustion"
    size = (table["hp"].fillna(_USUAL_HP).clip(lower=20).to_numpy(float) / _USUAL_HP) ** 0.6
    pm25 = np.asarray(_EMISSION)[potential] * size
    coarse = np.array([_COARSE.get(group, 2.2) for group in groups])
    return pd.DataFrame(
        {
            "source_id": table["factory_id"].astype(str),
            "kind": "factory",
            "x": table["x"].to_numpy(float),
            "y": table["y"].to_numpy(float),
            "release": np.where(burning, "stack", "yard"),
            "schedule": np.where(burning, "continuous", "day"),
            "pm25": pm25,
            "pm10": pm25 * coarse,
        }
    )


def road_sources(road_id: str, points: Array, grams_per_km: float, spacing: float = 200.0) -> pd.DataFrame:
    """Return a road as a string of sources.

    Parameters
    ----------
    road_id : str
    points : (n, 2) ndarray
        Corners of the line (m).
    grams_per_km : float
        PM2.5 (g/s per km) at the mean of the day.
    spacing : float
        Distance between the sources (m).
    """
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(int(along[-1] // spacing), 1)
    at = (np.arange(count) + 0.5) * along[-1] / count
    rate = grams_per_km * along[-1] / 1000 / count
    return pd.DataFrame(
        {
            "source_id": road_id,
            "kind": "road",
            "x": np.interp(at, along, points[:, 0]),
            "y": np.interp(at, along, points[:, 1]),
            "release": "road",
            "schedule": "traffic",
            "pm25": rate,
            "pm10": rate * 2.6,
        }
    )


def town_sources(
    town_id: str, centre: tuple[float, float], radius: float, grams: float, rng: np.random.Generator, parts: int = 12
) -> pd.DataFrame:
    """Return a town (kitchens, small traffic, small fires) as wide sources scattered about its centre.

    Parameters
    ----------
    centre : tuple of float
        Metres.
    radius : float
        Standard deviation of the scatter (m).
    grams : float
        PM2.5 of the whole town (g/s) at the mean of the day.
    """
    place = np.asarray(centre) + radius * rng.standard_normal((parts, 2))
    return pd.DataFrame(
        {
            "source_id": town_id,
            "kind": "town",
            "x": place[:, 0],
            "y": place[:, 1],
            "release": "town",
            "schedule": "town",
            "pm25": grams / parts,
            "pm10": grams / parts * 1.8,
        }
    )


def random_fires(
    extent: tuple[float, float, float, float], days: int, per_day: float, grams: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return open fires (waste, stubble): late afternoon and evening, some hours each, anywhere in `extent`.

    Returns
    -------
    DataFrame
        `fire_id`, `x`, `y` (m), `start` (hour from the beginning), `hours`, `pm25`, `pm10` (g/s).
    """
    count = int(rng.poisson(per_day * days))
    start = rng.integers(0, days, count) * 24 + rng.integers(15, 21, count)
    rate = grams * rng.gamma(3.0, 1 / 3.0, count)
    return pd.DataFrame(
        {
            "fire_id": [f"fire-{number:03d}" for number in range(1, count + 1)],
            "x": rng.uniform(extent[0], extent[2], count),
            "y": rng.uniform(extent[1], extent[3], count),
            "start": start,
            "hours": rng.integers(2, 6, count),
            "pm25": rate,
            "pm10": rate * 1.3,
        }
    )
