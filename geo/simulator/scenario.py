"""What is to be simulated: a seed, a time, a region, a climate, stations and sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from zlib import crc32

import numpy as np
import pandas as pd

from geo.simulator.background import Haze, Region
from geo.simulator.sensors import Fault
from geo.simulator.sources import SOURCE_COLUMNS, factory_sources, random_fires, road_sources, town_sources
from geo.simulator.weather import Climate

_ORIGIN = (600_000.0, 1_520_000.0)
# DIW types (order, sub-item) of the made-up factories: mill, concrete, saw mill, rubber, feed, metal,
# plastics, asphalt, steel, power.
_KINDS = ((9, 1), (58, 1), (34, 1), (52, 3), (15, 1), (64, 13), (53, 4), (50, 4), (59, 0), (88, 2))
_FACTORY_COLUMNS = ("factory_id", "x", "y", "type_no", "type_sub", "hp")
_FIRE_COLUMNS = ("fire_id", "x", "y", "start", "hours", "pm25", "pm10")


@dataclass(frozen=True)
class Scenario:
    """Everything a simulation starts from; the same scenario gives the same numbers.

    Attributes
    ----------
    seed : int
    start : date
        First local day.
    days : int
    stations : DataFrame
        `station_id`, `x`, `y` (m), `kind` ("lowcost" or "reference").
    sources : DataFrame
        `sources.SOURCE_COLUMNS`.
    fires : DataFrame
        As `sources.random_fires` returns them.
    climate, region : Climate, Region
    faults : tuple of Fault
    factories : DataFrame
        The register behind the factories among `sources` (`factory_id`, `x`, `y`, `type_no`, `type_sub`, `hp`),
        where the scenario made it; nothing is computed from it.
    tz : str
    """

    seed: int
    start: date
    days: int
    stations: pd.DataFrame
    sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SOURCE_COLUMNS)))
    fires: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(_FIRE_COLUMNS)))
    climate: Climate = field(default_factory=Climate)
    region: Region = field(default_factory=Region)
    faults: tuple[Fault, ...] = ()
    factories: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(_FACTORY_COLUMNS)))
    tz: str = "Asia/Bangkok"

    def stream(self, name: str) -> np.random.Generator:
        """Return the random numbers of one part, so that changing one part leaves the others as they are."""
        return np.random.default_rng([self.seed, crc32(name.encode())])


def random_scenario(
    seed: int,
    *,
    stations: int = 28,
    references: int = 3,
    factories: int = 120,
    days: int = 60,
    extent: float = 12_000.0,
    clusters: int = 5,
    fires_per_day: float = 0.6,
    start: date = date(2026, 1, 1),
) -> Scenario:
    """Return a made-up industrial area for tests and benchmarks.

    Parameters
    ----------
    seed : int
    stations, references, factories : int
        How many; `references` of the `stations` are reference stations.
    days : int
    extent : float
        Side of the square area (m), from the origin (600000, 1520000) of a made-up UTM grid.
    clusters : int
        Industrial clusters; two factories in three lie in one, the rest anywhere.
    fires_per_day : float

    Returns
    -------
    Scenario
        With a haze episode in the middle of the time.
    """
    rng = np.random.default_rng([seed, crc32(b"random scenario")])
    origin = np.array(_ORIGIN)
    register = _random_factories(rng, factories, clusters, extent)  # drawn first, as `random_register` does
    middle = origin + extent / 2
    road = origin + np.array([[0.0, 0.35], [0.5, 0.5], [1.0, 0.8]]) * extent
    where = origin + rng.uniform(0, extent, (stations, 2))
    network = pd.DataFrame(
        {
            "station_id": [f"S{n:02d}" for n in range(1, stations + 1)],
            "x": where[:, 0],
            "y": where[:, 1],
            "kind": ["reference"] * references + ["lowcost"] * (stations - references),
        }
    )
    sources = pd.concat(
        [
            factory_sources(register),
            road_sources("road", road, 0.05),
            town_sources("town", (float(middle[0]), float(middle[1])), 900.0, 1.2, rng),
        ],
        ignore_index=True,
    )
    low, high = origin - extent * 0.3, origin + extent * 1.3
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Scenario(
        seed=seed,
        start=start,
        days=days,
        stations=network,
        sources=sources,
        fires=random_fires(box, days, fires_per_day, 1.5, rng),
        region=Region(haze=(Haze(days * 0.55, 2.2, 24.0),)),
        factories=register,
    )


def random_register(seed: int, *, factories: int = 120, clusters: int = 5, extent: float = 12_000.0) -> pd.DataFrame:
    """Return the factories of `random_scenario` as a register knows them: place, type and motors, no emission.

    Returns
    -------
    DataFrame
        `factory_id` (the `source_id` of the scenario's source), `x`, `y` (m), `type_no`, `type_sub`, `hp`.
    """
    rng = np.random.default_rng([seed, crc32(b"random scenario")])
    return _random_factories(rng, factories, clusters, extent)


def _random_factories(rng: np.random.Generator, count: int, clusters: int, extent: float) -> pd.DataFrame:
    middles = rng.uniform(0.15, 0.85, (clusters, 2)) * extent
    own = rng.integers(0, clusters, count)
    place = np.where(
        (rng.random(count) < 2 / 3)[:, None],
        middles[own] + rng.normal(0, 350, (count, 2)),
        rng.uniform(0, extent, (count, 2)),
    )
    chosen = np.array(_KINDS)[rng.integers(0, len(_KINDS), count)]
    return pd.DataFrame(
        {
            "factory_id": [f"F{n:03d}" for n in range(1, count + 1)],
            "x": _ORIGIN[0] + place[:, 0],
            "y": _ORIGIN[1] + place[:, 1],
            "type_no": chosen[:, 0],
            "type_sub": chosen[:, 1],
            "hp": np.round(np.exp(rng.normal(5.5, 0.9, count))),
        }
    )
