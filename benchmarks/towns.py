"""Simulated towns whose true air is known: what decisions are judged against.

A `Town` is a lake in a folder of its own, written as an office would have it (stations, readings,
factories, boundaries with people), and the simulation behind it: the true 24-hour means, the true area over
the standard, and what every source truly adds.

>>> with town(1, days=6) as made:            # doctest: +SKIP
...     found = made.screen()
...     made.over(found.grid, share=0.1)     # (ny, nx): cells truly over the standard on >= 10 % of the days
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from shapely.geometry import box
from shapely.ops import transform

from geo import demo, quality
from geo.lake import Lake
from geo.schema import ImportRecord
from geo.simulator import Climate, Haze, Region, Scenario, Simulation, random_scenario, simulate
from interpolation import Grid
from planning.screening import Parameters, Screening, screen

CRS_TOWN = CRS.from_epsg(32647)
"""System of the random scenarios' plane."""
AREA = "TOWN"
SOURCE = "Simulator"
_QUARTERS = 4
_DENSITY = 700.0  # people a km², densest in the middle


@dataclass(frozen=True, eq=False)
class Town:
    """A simulated place, its lake and its truth.

    Attributes
    ----------
    name : str
    simulation : Simulation
    lake : Lake
    area : str
        What `screen` is asked for.
    factories : DataFrame
        As registered; the ids are the ``source_id`` of the simulation's sources.
    """

    name: str
    simulation: Simulation
    lake: Lake
    area: str
    factories: pd.DataFrame
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    def screen(self, pollutant: str = "pm25", **wishes: Any) -> Screening:
        """Return the screening of the whole time with the defaults, or with other `Parameters`."""
        scenario = self.simulation.scenario
        end = scenario.start + timedelta(days=scenario.days - 1)
        return screen(self.lake, Parameters(self.area, pollutant, scenario.start, end, **wishes))

    def daily(self, grid: Grid, pollutant: str = "pm25") -> NDArray[np.float32]:
        """Return the true 24-hour means in the middle of the cells: (days, ny, nx), µg/m³."""
        key = (pollutant, grid.cell, grid.shape, float(grid.x[0]), float(grid.y[0]))
        if key not in self.cache:
            x, y = np.meshgrid(grid.x, grid.y)
            truth = self.simulation.daily_truth(pollutant, x.ravel(), y.ravel())
            self.cache[key] = truth.reshape(-1, *grid.shape).astype(np.float32)
        found: NDArray[np.float32] = self.cache[key]
        return found

    def over(
        self, grid: Grid, share: float = 0.1, threshold: float = 37.5, pollutant: str = "pm25"
    ) -> NDArray[np.bool_]:
        """Return the cells (ny, nx) that are truly over `threshold` on at least `share` of the days."""
        days = (self.daily(grid, pollutant) > threshold).sum(axis=0)
        return np.asarray(days >= max(share * self.simulation.scenario.days, 1) - 1e-6)


def variation(seed: int, *, lowcost: int = 25, references: int = 3, days: int = 60) -> Scenario:
    """Return a made-up town unlike the others: size, industry, wind, haze and regional level vary with the seed."""
    rng = np.random.default_rng([seed, 77])
    base = random_scenario(
        seed,
        stations=lowcost + references,
        references=references,
        factories=int(rng.choice([60, 120, 200])),
        days=days,
        extent=float(rng.choice([8_000.0, 12_000.0, 16_000.0])),
        clusters=int(rng.integers(2, 8)),
        fires_per_day=float(rng.choice([0.2, 0.6, 1.5])),
    )
    # The shape of the episode differs; most seasons have one, some two, some none.
    haze = tuple(
        Haze(float(rng.uniform(5, days - 5)), float(rng.uniform(1.0, 3.0)), float(rng.uniform(6, 30)))
        for _ in range(int(rng.choice([0, 1, 1, 2])))
    )
    climate = Climate(
        wind_from=float(rng.uniform(0, 360)), wind_turn=float(rng.uniform(-90, 90)),
        wind_spread=float(rng.uniform(20, 60)), wind_speed=float(rng.uniform(1.3, 3.0)),
    )  # fmt: skip
    region = Region(level=float(rng.uniform(18, 31)), spread=float(rng.uniform(0.1, 0.3)), haze=haze)
    return replace(base, climate=climate, region=region)


@contextmanager
def town(
    seed: int, scenario: Scenario | None = None, gain: tuple[float, float] = (1.0, 0.0), **options: Any
) -> Iterator[Town]:
    """Make a random town in a lake of its own, and take the lake away afterwards.

    Parameters
    ----------
    seed : int
    scenario : Scenario, optional
        `geo.simulator.random_scenario` of the seed with `options` by default.
    gain : (mean, sd)
        What the low-cost sensors' readings are multiplied by on top of the simulator's own errors.
    """
    made = simulate(scenario or random_scenario(seed, **options))
    folder = Path(tempfile.mkdtemp(prefix="town-"))
    try:
        with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
            _write(lake, made, gain)
            yield Town(f"seed {seed}", made, lake, AREA, _factories(made))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def demo_towns(seed: int = demo.SEED) -> Iterator[list[Town]]:
    """Write the demo into a lake of its own and return its workspaces as towns."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    try:
        with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
            demo.build(lake, seed)
            tables = demo.tables(seed)
            yield [
                Town(f"demo {name}", made, lake, name, tables.frames["factories"])
                for name, made in tables.simulations.items()
            ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(lake: Lake, made: Simulation, gain: tuple[float, float]) -> None:
    record = ImportRecord(
        kind="demo", file_name="simulator", import_id="town", source=SOURCE, simulated=True,
        imported_at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    stations = _stations(made)
    flagged, _ = quality.flag(_with_gain(made, gain), stations)
    wind = made.wind_observations(str(stations["station_id"].iloc[0]))
    lake.append(
        {
            "boundaries": _boundaries(made.scenario),
            "stations": stations,
            "factories": _factories(made).drop(columns=["x", "y"]),
            "observations": pd.concat([flagged, wind], ignore_index=True),
        },
        record=record,
    )


def _with_gain(made: Simulation, gain: tuple[float, float]) -> pd.DataFrame:
    observations = made.observations
    cheap = made.stations.loc[made.stations["kind"] == "lowcost", "station_id"]
    rng = made.scenario.stream("gain of the town")
    factor = dict(zip(cheap, gain[0] + gain[1] * np.clip(rng.standard_normal(len(cheap)), -2, 2), strict=True))
    return observations.assign(value=observations["value"] * observations["station_id"].map(factor).fillna(1.0))


@lru_cache(maxsize=1)
def _lonlat() -> Transformer:
    return Transformer.from_crs(CRS_TOWN, 4326, always_xy=True)


def _stations(made: Simulation) -> pd.DataFrame:
    table = made.stations
    lon, lat = _lonlat().transform(table["x"].to_numpy(), table["y"].to_numpy())
    kept = table[["station_id", "kind", "error_sd"]]
    return kept.assign(
        name_th=table["station_id"], name_en=table["station_id"], network="simulated network",
        lat=lat, lon=lon, source=SOURCE, simulated=True,
    )  # fmt: skip


def square(scenario: Scenario) -> shapely.Polygon:
    """Return the town's area: the square around its stations, 100 m wide of them, in metres."""
    x, y = scenario.stations["x"], scenario.stations["y"]
    return box(x.min() - 100, y.min() - 100, x.max() + 100, y.max() + 100)


def people_at(scenario: Scenario, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Return the people a km² at some places (m): densest in the middle of the town."""
    whole = square(scenario)
    away = np.hypot(np.asarray(x) - whole.centroid.x, np.asarray(y) - whole.centroid.y)
    return np.asarray(2 * _DENSITY * np.exp(-away / (whole.area / np.pi) ** 0.5))


def _boundaries(scenario: Scenario) -> pd.DataFrame:
    whole = square(scenario)
    west, south, east, north = whole.bounds
    xs, ys = np.linspace(west, east, _QUARTERS + 1), np.linspace(south, north, _QUARTERS + 1)
    parts = [box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for j in range(_QUARTERS) for i in range(_QUARTERS)]
    people = [round(float(people_at(scenario, p.centroid.x, p.centroid.y)) * p.area / 1e6) for p in parts]
    rows = [_row(whole, AREA, "municipality", None, sum(people))]
    rows += [
        _row(part, f"{AREA}-{k + 1:02d}", "subarea", AREA, count)
        for k, (part, count) in enumerate(zip(parts, people, strict=True))
    ]
    return pd.DataFrame(rows)


def _row(shape: shapely.Polygon, code: str, level: str, parent: str | None, people: int) -> dict[str, Any]:
    return {
        "code": code, "name_th": code, "name_en": code, "level": level, "parent_code": parent, "population": people,
        "population_source": SOURCE, "area_km2": shape.area / 1e6, "approximate": True,
        "geometry": shapely.to_wkb(transform(_lonlat().transform, shape)), "source": SOURCE, "simulated": True,
    }  # fmt: skip


def _factories(made: Simulation) -> pd.DataFrame:
    """Return the scenario's factories as register rows, under the ids of the simulation's sources."""
    register = made.scenario.factories
    lon, lat = _lonlat().transform(register["x"].to_numpy(float), register["y"].to_numpy(float))
    names = register["factory_id"]
    return register.assign(lat=lat, lon=lon, reg_no=names, name_th=names, source=SOURCE, simulated=True)
