"""Did it work: false alarms where nothing was done, and what is said of a filter that truly was fitted.

Towns of seeds that were not looked at while the comparison was built. Placebos: nothing changes, the start is the
middle day. Filters: the factory that one station feels most truly emits a fifth of what it did from the middle day on
(`planning.example_project`); the truth is the simulator's own change at the affected stations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.report import Figure
from benchmarks.towns import variation
from geo import quality
from geo.simulator import Simulation, simulate
from language import UserError
from planning import effect
from planning.example_project import daily_of, of_simulation, weather_of

CASE = "did it work"
SEEDS = range(4001, 4061)
DAYS = 60
RADIUS_M = 2000.0


def run(seeds: range = SEEDS, days: int = DAYS) -> Iterator[Figure]:
    """Yield the figures."""
    alarms: list[bool] = []
    inside, found, truths = [], [], []
    for seed in seeds:
        made = simulate(variation(seed, days=days))
        stations = listed(made)
        alarms += placebos(made, stations)
        try:
            example = of_simulation(made, stations)
        except UserError:
            continue
        seen = example.found.effect
        inside.append(seen.lower <= example.true_change <= seen.upper)
        found.append(seen.verdict == "less")
        truths.append(example.true_change)
    count = len(seeds)
    spread = 1.96 * np.sqrt(0.05 * 0.95 / max(len(alarms), 1))
    yield Figure(CASE, f"false alarms, {len(alarms)} placebos in {count} towns", float(np.mean(alarms)), "",
                 0.05 + float(spread), remark="nominal 0.05; placebos of a town are alike")  # fmt: skip
    yield Figure(CASE, f"95 % ranges that hold the truth, {len(inside)} filters", float(np.mean(inside)), "", 0.9, True,
                 remark=f"true change {100 * np.median(truths):+.1f} % (median)")  # fmt: skip
    large = [f for f, t in zip(found, truths, strict=True) if t <= -0.1]
    yield Figure(CASE, f"… true falls of 10 % and more found, of {len(large)}",
                 float(np.mean(large)) if large else None, "", 0.8, True)  # fmt: skip


def listed(made: Simulation) -> pd.DataFrame:
    """Return the simulation's stations as the lake holds them."""
    table = made.stations
    return table[["station_id", "kind", "error_sd"]].assign(
        name_th=table["station_id"], name_en=table["station_id"], network="simulated", source="simulator",
        lat=13.8 + table["y"] / 111_000, lon=99.8 + table["x"] / 108_000, simulated=True,
    )  # fmt: skip


def placebos(made: Simulation, stations: pd.DataFrame, centres: int = 3) -> list[bool]:
    """Return for some low-cost stations whether a measure that never was is given a verdict."""
    readings, _ = quality.flag(made.observations, stations)
    daily, weather = daily_of(readings), weather_of(made, str(stations["station_id"].iloc[0]))
    places = made.stations.set_index("station_id")[["x", "y"]]
    cheap = [s for s in made.stations.loc[made.stations["kind"] == "lowcost", "station_id"] if s in daily.columns]
    chosen = made.scenario.stream("placebos").choice(cheap, min(centres, len(cheap)), replace=False)
    found = []
    for station in chosen:
        away = np.hypot(*(places - places.loc[station]).to_numpy().T)
        near = [s for s in places.index[(away <= RADIUS_M)] if s in cheap]
        far = [s for s in places.index[away >= 2 * RADIUS_M] if s in daily.columns]
        if not far:
            continue
        try:
            seen = effect.measure(daily[near], daily.index[len(daily) // 2], controls=daily[far], weather=weather)
        except UserError:
            continue
        found.append(seen.verdict != "unclear")
    return found
