"""Likely sources: whether the truly strongest source is among the first three suggested, over 50 simulated towns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from benchmarks.report import Figure
from geo import catalogues
from geo.averages import daily_means
from geo.simulator import Climate, Scenario, Simulation, random_register, random_scenario, simulate
from interpolation import Grid
from language.progress import silent
from planning import hotspots, likely, plumes, sources, strengths, surfaces
from planning.settings import settings

CASE = "likely sources"
SEEDS = range(1, 51)
CELL = 250.0
THRESHOLD = 37.5
CRS = "EPSG:32647"
DIFFUSE = {"road": "traffic", "town": "traffic", "fires": "burning"}


def run(seeds: range = SEEDS) -> Iterator[Figure]:
    """Yield the figures."""
    yield from figures(seeds)


def figures(seeds: range = SEEDS) -> list[Figure]:
    """Return the figures: the town as the simulator draws it, and two truths that the screening doesn't know."""
    found = [Figure(CASE, f"true strongest in the top 3, {len(seeds)} seeds", *_share(seeds, plain), at_least=True)]
    for what, change in (("unknown filters", filtered), ("another climate", turned)):
        value, unit, _ = _share(seeds[: max(len(seeds) // 3, 1)], change)
        found.append(Figure(CASE, f"… other truth: {what}", value, unit))
    return found


def plain(scenario: Scenario) -> Scenario:
    """Return the scenario as it is."""
    return scenario


def filtered(scenario: Scenario) -> Scenario:
    """Multiply the factories' emissions by lognormal factors (filters, fuel, hours) that nobody registered."""
    rng = scenario.stream("filters")
    factor = np.exp(rng.normal(0.0, 0.5, len(scenario.sources)))
    works = (scenario.sources["kind"] == "factory").to_numpy()
    table = scenario.sources.assign(pm25=scenario.sources["pm25"] * np.where(works, factor, 1.0))
    return replace(scenario, sources=table)


def turned(scenario: Scenario) -> Scenario:
    """Let the wind come from about north, on both sides of 0 degrees, and harder."""
    return replace(scenario, climate=Climate(wind_from=350.0, wind_turn=40.0, wind_spread=40.0, wind_speed=2.8))


def _share(seeds: range, change: Any) -> tuple[float, str, float]:
    hits = [hit for seed in seeds if (hit := first_three(seed, change)) is not None]
    return (float(np.mean(hits)) if hits else 0.0), f"of {len(hits)} hotspots", 0.8


def first_three(seed: int, change: Any = plain) -> bool | None:
    """Return whether the strongest source of the first hotspot is suggested; None in a town without a hotspot."""
    listed, true = attributed(seed, change)
    return None if listed is None else true.idxmax() in set(listed["source_id"].head(3))


def attributed(seed: int, change: Any = plain) -> tuple[pd.DataFrame | None, pd.Series]:
    """Return the suggested sources of a town's first hotspot, and what each source truly adds there (µg/m³)."""
    simulation = simulate(change(random_scenario(seed)))
    spot = _first_hotspot(simulation)
    if spot is None:
        return None, pd.Series(dtype=float)
    points, days = spot
    listed = _suggested(simulation, points, days)
    positions = np.flatnonzero(np.isin(simulation.dates.date, days))
    added = simulation.contributions("pm25", points[:, 0], points[:, 1], positions).mean()
    return listed, added.drop("background").rename(DIFFUSE).groupby(level=0).sum()


def _first_hotspot(simulation: Simulation) -> tuple[np.ndarray, list[Any]] | None:
    """Return points in the first hotspot and its days over the standard, from the readings alone."""
    chosen, stations = settings(), simulation.stations
    fine = simulation.observations[simulation.observations["variable"] == "pm25"]
    means = daily_means(fine, completeness=chosen.days_completeness)
    daily = means[means["value"].notna()].pivot_table(index="date", columns="station_id", values="value").sort_index()
    placed = gpd.GeoDataFrame(stations, geometry=gpd.points_from_xy(stations["x"], stations["y"]), crs=CRS)
    placed = placed.set_index("station_id", drop=False).loc[list(daily.columns)]
    kriging = surfaces.krige_days(placed, daily.set_axis(pd.Index([pd.Timestamp(d).date() for d in daily.index])))
    area = box(600_000.0, 1_520_000.0, 612_000.0, 1_532_000.0)
    grid = Grid.covering(area.bounds, CELL, CRS)
    inside = surfaces.cells_in(area, grid)
    rule = surfaces.DayRule.of(kriging, THRESHOLD, chosen.hotspots_day_share, chosen)
    counts = surfaces.count_days(kriging, grid, inside, rule, silent)
    hot = hotspots.hot_cells(surfaces._dataset(grid, counts), inside, chosen.hotspots_probability)
    groups = hotspots.connect(hot, grid.transform)
    if not groups:
        return None
    cells = max(groups, key=lambda g: (np.nanmean(counts["expected_days"][g[0]]), g[0].sum()))[0]
    rows, columns = np.nonzero(cells)
    step = max(len(rows) // likely.POINTS, 1)
    points = np.column_stack([grid.x[columns[::step]], grid.y[rows[::step]]])
    _, chance = surfaces.daily_at(kriging, points, THRESHOLD)
    over = chance.mean(axis=1) >= 0.5
    return points, [pd.Timestamp(d).date() for d, yes in zip(daily.index, over, strict=True) if yes]


def _suggested(simulation: Simulation, points: np.ndarray, days: list[Any]) -> pd.DataFrame:
    chosen, stations = settings(), simulation.stations
    wind = simulation.wind_observations("S01").pivot_table(index="time", columns="variable", values="value")
    wind = wind[["wind_speed", "wind_dir"]].set_axis(["speed", "direction"], axis=1)
    rows = simulation.observations
    table = rows[rows["variable"] == "pm25"].pivot_table(index="time", columns="station_id", values="value")
    places = stations.set_index("station_id").loc[list(table.columns), ["x", "y"]].to_numpy(float)
    readings = likely.Readings(table, places)
    over = likely.exceedance_hours(wind, days, chosen.wind_calm_m_s, readings.level(points), THRESHOLD)
    windy = wind[wind["speed"] >= chosen.wind_calm_m_s]
    register = _register(simulation)
    basis = strengths.Basis(windy, readings, register)
    return likely.likely_sources("H1", plumes.Hours.of(over), points, register, readings, basis=basis)


def _register(simulation: Simulation) -> pd.DataFrame:
    """Return the factories as the register knows them, with the potential of type and motors; no emission."""
    register = random_register(simulation.scenario.seed)
    placed = gpd.GeoDataFrame(register, geometry=gpd.points_from_xy(register["x"], register["y"]), crs=CRS)
    return pd.DataFrame(sources.add_potential(placed, catalogues.factory_types(), settings())[0])
