"""Where to measure next: wrong calls left by the proposed sites, beside random sites and a regular grid.

Towns of seeds that were not looked at while the ranking was built. The 24-hour means of a town's small network are
kriged, the next sensors are proposed from that, and then truly simulated: at the proposed sites, at random ones, on
a regular grid, and where the map is least sure. Each network is kriged anew from its readings; a wrong call is a
cell and day on which that map says over the standard (more likely than not) and the true 24-hour mean is not, or
the other way round, weighted by the people of the cell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from benchmarks.effect import listed
from benchmarks.report import Figure
from benchmarks.towns import people_at, square, variation
from geo import quality
from geo.simulator import Scenario, Simulation, simulate
from interpolation import Kriging
from planning import siting
from planning.example_project import daily_of
from planning.readings import error_sd

Array = NDArray[np.float64]

CASE = "where to measure next"
SEEDS = range(6001, 6025)
SENSORS = 4
"""New sensors; a regular grid of them is 2 × 2."""

SMALL = {"lowcost": 8, "references": 2}
"""The network before."""

DRAWS = 4
"""Random choices in each town."""

CELL = 400.0
"""Side of the judged cells, m; sites are chosen among every second one."""

THRESHOLD = 37.5


@dataclass(frozen=True)
class Outcome:
    """What one town showed: wrongly called person-days a year, true and promised.

    Attributes
    ----------
    now, proposed, grid, widest : float
        Before, and with the new sensors.
    random : tuple of float
        One for each draw.
    promised : float
        What the proposal expected to be left, as a share of what it expected before.
    """

    now: float
    proposed: float
    grid: float
    widest: float
    random: tuple[float, ...]
    promised: float


def run(seeds: range = SEEDS, days: int = 60) -> Iterator[Figure]:
    """Yield the figures."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        found = list(pool.map(partial(outcome, days=days), seeds))
    yield from figures(found)


def _one_thread() -> None:
    threadpool_limits(1)


def figures(found: list[Outcome]) -> Iterator[Figure]:
    """Yield the figures of some towns: what is left of the wrong calls of now, and that over each peer's."""
    now, proposed = (np.array([getattr(o, name) for o in found]) for name in ("now", "proposed"))
    peers = {
        "random sites": np.array([np.mean(o.random) for o in found]),
        "a regular grid": np.array([o.grid for o in found]),
        "the least sure places": np.array([o.widest for o in found]),
    }
    count, before = len(found), float(now.sum())
    remark = f"of {before / count:,.0f} person-days a year; promised {_promised(found):.2f}; {count} towns"
    yield Figure(
        CASE, f"wrong calls left by {SENSORS} proposed sites", float(proposed.sum()) / before, "", 1.0, remark=remark
    )
    for name, left in peers.items():
        low, high = ratio(proposed, left)
        remark = f"95 % {low:.2f} to {high:.2f}; {name}: {left.sum() / before:.2f} of now"
        bound = None if name == "the least sure places" else 1.0
        yield Figure(CASE, f"… over those of {name}", float(proposed.sum() / left.sum()), "x", bound, remark=remark)
        if name == "random sites":
            yield Figure(CASE, "… upper end of its 95 % interval", high, "x", bound)


def _promised(found: list[Outcome]) -> float:
    return float(np.average([o.promised for o in found], weights=[o.now for o in found]))


def ratio(ours: Array, theirs: Array, draws: int = 2000) -> tuple[float, float]:
    """Return the 95 % interval of ours over theirs, summed over towns; towns are drawn again (Efron 1979)."""
    rng = np.random.default_rng(1)
    picked = rng.integers(0, len(ours), (draws, len(ours)))
    low, high = np.percentile(ours[picked].sum(axis=1) / np.maximum(theirs[picked].sum(axis=1), 1e-9), [2.5, 97.5])
    return float(low), float(high)


def outcome(seed: int, days: int = 60, draws: int = DRAWS) -> Outcome:
    """Krige a town's small network, propose sites, simulate every choice of sites, and judge the maps."""
    small = variation(seed, days=days, **SMALL)
    own = list(small.stations["station_id"])
    pool = cells(small, 2 * CELL)
    field = siting.field_of(Readings.of(simulate(small)).kriged(own), THRESHOLD, pool, people_at(small, *pool.T))
    chosen = siting.greedy(field, SENSORS, list(range(len(pool))))
    sites = {"now": pool[:0], "proposed": pool[[site for site, _ in chosen]], "widest": pool[widest(field)]}
    larger, members = with_sensors(small, {**sites, **blind(small, draws)})
    made = simulate(larger)
    readings, places = Readings.of(made), cells(small, CELL)
    people = people_at(small, *places.T) * CELL**2 / 1e6
    truth = made.daily_truth("pm25", *places.T) > THRESHOLD
    left = {
        name: wrong_calls(readings.kriged([*own, *added]), places, truth, people) for name, added in members.items()
    }
    random = tuple(left[f"random {n}"] for n in range(draws))
    promised = chosen[-1][1] / siting.loss(field)
    return Outcome(left["now"], left["proposed"], left["grid"], left["widest"], random, promised)


def cells(scenario: Scenario, side: float) -> Array:
    """Return the middles (m, 2) of the town's cells, metres."""
    west, south, east, north = square(scenario).bounds
    x, y = np.meshgrid(np.arange(west + side / 2, east, side), np.arange(south + side / 2, north, side))
    return np.column_stack([x.ravel(), y.ravel()])


@dataclass(frozen=True)
class Readings:
    """The 24-hour means of a town's sensors (index date, one column a station) and where they stand."""

    daily: pd.DataFrame
    stations: pd.DataFrame

    @classmethod
    def of(cls, made: Simulation) -> Readings:
        """Return what the sensors of a simulation report, flagged as on import."""
        stations = listed(made)
        flagged, _ = quality.flag(made.observations, stations)
        days = pd.Index([day.date() for day in made.dates])
        places = made.stations.set_index("station_id")[["x", "y"]]
        return cls(daily_of(flagged).reindex(index=days), stations.set_index("station_id").join(places))

    def kriged(self, ids: list[str]) -> Kriging:
        """Return the kriging of the days from some of the stations."""
        table = self.stations.loc[[s for s in ids if s in self.daily.columns]]
        values = self.daily[table.index].to_numpy(float)
        return Kriging("auto").fit(table[["x", "y"]].to_numpy(float), values, error_sd=error_sd(table))


def widest(field: siting.Field) -> list[int]:
    """Return the places where the map is least sure, one after the other."""
    chosen: list[int] = []
    for _ in range(SENSORS):
        chosen.append(int(np.argmax(np.diag(field.covariance))))
        field = siting.add(field, chosen[-1])
    return chosen


def blind(scenario: Scenario, draws: int) -> dict[str, Array]:
    """Return sites (SENSORS, 2) in metres that ask no map: a regular grid and random ones."""
    west, south, east, north = square(scenario).bounds
    side = round(SENSORS**0.5)
    steps = (np.arange(side) + 0.5) / side
    grid = np.array([(west + (east - west) * a, south + (north - south) * b) for b in steps for a in steps])
    rng = scenario.stream("random sites")
    random = {f"random {n}": rng.uniform((west, south), (east, north), (SENSORS, 2)) for n in range(draws)}
    return {"grid": grid, **random}


def with_sensors(scenario: Scenario, choices: Mapping[str, Array]) -> tuple[Scenario, dict[str, list[str]]]:
    """Return the town with every choice's sensors in it, and which stations belong to which choice."""
    members, added = {}, [scenario.stations]
    for number, (name, places) in enumerate(choices.items()):
        ids = [f"N{number}{k}" for k in range(len(places))]
        members[name] = ids
        added.append(pd.DataFrame({"station_id": ids, "x": places[:, 0], "y": places[:, 1], "kind": "lowcost"}))
    return replace(scenario, stations=pd.concat(added, ignore_index=True)), members


def wrong_calls(kriging: Kriging, places: Array, over: NDArray[np.bool_], people: Array) -> float:
    """Return the people wrongly called, person-days a year; a place the map leaves blank counts as not over.

    Parameters
    ----------
    places : (m, 2) array [m]
    over : (T, m) array of bool
        Whether the true 24-hour mean is over the standard.
    people : (m,) array
    """
    chance = kriging.predict(places, threshold=THRESHOLD).exceedance
    wrong = (np.nan_to_num(np.atleast_2d(chance)) > 0.5) != over
    return float(365.25 * (wrong @ people).mean())
