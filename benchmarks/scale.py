"""A province from readings to ranked zones: 500×500 cells, 60 days, 200 areas, 10,000 factories, 5,000 draws."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from benchmarks.report import Figure, measured
from geo.lake import Lake
from geo.schema import ImportRecord
from geo.simulator import random_register, random_scenario, simulate
from planning.parameters import Parameters
from planning.screening import screen
from planning.settings import settings

CASE = "a province"
CRS = "EPSG:32647"
CODE = "TM99"
START, DAYS = date(2026, 1, 1), 60
SECONDS, MEGABYTES = 60.0, 3000.0
SEED = 7


def run(cells: int = 500, areas: int = 200, factories: int = 10_000, stations: int = 100) -> Iterator[Figure]:
    """Yield the figures; smaller numbers make a shorter run for tests."""
    with tempfile.TemporaryDirectory() as name:
        catalog = str(Path(name) / "catalog.sqlite")
        side = fill(catalog, cells, areas, factories, stations)
        seconds, megabytes, (zones, days, shape, draws) = measured(_walk, catalog, side / cells)
        what = f"{shape[0]}×{shape[1]} cells, {days} days, {factories:,} factories"
        yield Figure(CASE, what, seconds, "s", SECONDS, remark=f"{zones} zones ranked, {draws:,} draws")
        yield Figure(CASE, "… peak memory", megabytes, "MB", MEGABYTES)
        yield Figure(CASE, "… share of areas ranked", zones / areas, "", 1.0, at_least=True)
        yield Figure(CASE, "… cells of the grid over those asked for", math.prod(shape) / cells**2, "", 1.0, True)
        yield Figure(CASE, "… draws of weights", draws, "", 5000.0, at_least=True)


def fill(
    catalog: str, cells: int, areas: int, factories: int, stations: int, *, days: int = DAYS, storage: str | None = None
) -> float:
    """Write a made-up province into a lake and return its side in metres; `storage`: where the lake's files lie."""
    side = cells * 200.0
    scenario = random_scenario(
        SEED, stations=stations, references=10, factories=400, days=days, extent=side, clusters=40, start=START
    )
    simulation = simulate(scenario)
    origin = np.array([600_000.0, 1_520_000.0])
    lay = {"source": "simulated", "simulated": True}
    sensors = simulation.stations.assign(name_en=simulation.stations["station_id"], network="made up", **lay)
    observations = simulation.observations
    observations = observations[observations["variable"] == "pm25"]
    wind = simulation.wind_observations(str(sensors["station_id"].iloc[0]))
    register = random_register(SEED, factories=factories, clusters=40, extent=side)
    # Named and numbered as a register does, so that tables, searches and cards weigh what they weigh.
    register = register.assign(
        name_th="โรงงานสมมติแห่งที่ " + register["factory_id"].str[1:],
        reg_no="3-" + register["type_no"].astype(str) + "-" + register["factory_id"].str[1:] + "/69xx",
        type_code=register["type_no"].astype(str) + "(" + register["type_sub"].astype(str) + ")",
        activity="ผลิตภัณฑ์สมมติสำหรับวัดความเร็ว",
        factory_class=3,
        **lay,
    )
    space = {"workspace_id": "bench", "name_th": "จังหวัดสมมติ", "name_en": "Made-up province", "simulated": True,
             "boundary_codes": json.dumps([CODE])}  # fmt: skip
    tables = {
        "stations": _placed(sensors),
        "observations": pd.concat([observations, wind], ignore_index=True),
        "factories": _placed(register),
        "boundaries": _areas(origin, side, areas, lay),
        "workspaces": pd.DataFrame([space]),
    }
    with Lake.open(catalog, storage) as lake:
        lake.append(tables, record=ImportRecord(kind="stations", file_name="made up", simulated=True))
    return side


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with lat and lon in place of x and y."""
    points = gpd.GeoSeries(gpd.points_from_xy(table["x"], table["y"]), crs=CRS).to_crs(4326)
    return table.assign(lat=points.y.to_numpy(), lon=points.x.to_numpy()).drop(columns=["x", "y"])


def _areas(origin: np.ndarray, side: float, count: int, lay: dict[str, object]) -> pd.DataFrame:
    """Return a province and its areas, rectangles that fill it."""
    columns = max(d for d in range(1, math.isqrt(count) + 1) if count % d == 0)
    rows = count // columns
    east, north = np.linspace(0, side, columns + 1) + origin[0], np.linspace(0, side, rows + 1) + origin[1]
    shapes = [box(east[i], north[j], east[i + 1], north[j + 1]) for j in range(rows) for i in range(columns)]
    codes = [f"{CODE}{i:04d}" for i in range(count)]
    people = np.random.default_rng(SEED).integers(2_000, 60_000, count)
    whole = gpd.GeoSeries([box(*origin, *(origin + side)), *shapes], crs=CRS).to_crs(4326)
    return pd.DataFrame(
        {
            "code": [CODE, *codes],
            "name_en": ["Made-up province", *codes],
            "level": ["province", *["tambon"] * count],
            "parent_code": [None, *[CODE] * count],
            "population": [int(people.sum()), *people],
            "population_source": "simulated",
            "geometry": whole.to_wkb(),
            **lay,
        }
    )


def _walk(catalog: str, cell: float) -> tuple[int, int, tuple[int, int], int]:
    """Screen the province from its readings; return zones, days, grid and draws."""
    wanted = Parameters(area=CODE, pollutant="pm25", start=START, end=date(2026, 3, 1), cell_m=cell)
    with Lake.open(catalog) as lake:
        found = screen(lake, wanted)
    return len(found.zones), found.days_total, found.grid.shape, settings().robustness_draws
