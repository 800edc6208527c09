"""The air of the demo: what is simulated where, the stations, and their flagged readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np
import pandas as pd

from geo import quality
from geo.demo.facts import DAYS, LICENCE, SOURCE, START, degrees, facts, metres, stream
from geo.demo.places import Place
from geo.simulator import (
    Climate,
    Fault,
    Haze,
    Region,
    Scenario,
    Simulation,
    factory_sources,
    random_fires,
    road_sources,
    simulate,
    town_sources,
)
from language import Note

# PM2.5 (g/s) of kitchens, small traffic and small fires for each person; chosen so that a town of twenty
# thousand lifts the 24-hour mean by a few µg/m³ (see geo.simulator.sources).
_GRAMS_PER_PERSON = 1.0e-5


def scenarios(places: Mapping[str, Place], factories: pd.DataFrame, seed: int) -> dict[str, Scenario]:
    sensors, references = facts("sensors"), facts("references")
    scenarios = {}
    for fact in facts("workspaces").to_dict("records"):
        workspace = str(fact["workspace_id"])
        own = {code: place for code, place in places.items() if place.row["workspace_id"] == workspace}
        far = references[references["workspace_id"] == workspace]
        network = pd.concat([_low_cost(sensors, own), _references(far)], ignore_index=True)
        rng = stream(seed, f"sources {workspace}")
        middle = np.array([place.centre for place in own.values()])
        box = (*(middle.min(axis=0) - 7000), *(middle.max(axis=0) + 7000))
        scenarios[workspace] = Scenario(
            seed=seed + crc32(workspace.encode()) % 1000,
            start=START,
            days=DAYS,
            stations=network,
            sources=_sources(workspace, own, factories, _references(far), rng),
            fires=random_fires(box, DAYS, float(fact["fires_per_day"]), 1.5, rng),
            climate=Climate(fact["wind_from"], fact["wind_turn"], fact["wind_spread"], fact["wind_speed"]),
            region=Region(level=fact["level"], haze=_haze(str(fact["haze"]))),
            faults=_faults(set(network["station_id"])),
        )
    return scenarios


def _haze(text: str) -> tuple[Haze, ...]:
    """Read episodes written as ``day:width:height`` and parted by semicolons."""
    return tuple(Haze(*(float(part) for part in episode.split(":"))) for episode in text.split(";"))


def _faults(stations: set[str]) -> tuple[Fault, ...]:
    rows = facts("faults").to_dict("records")
    return tuple(
        Fault(r["station_id"], r["kind"], int(r["first_day"] * 24 + 11), max(round(r["days"] * 24), 1), r["size"])
        for r in rows
        if r["station_id"] in stations
    )


def _low_cost(sensors: pd.DataFrame, own: Mapping[str, Place]) -> pd.DataFrame:
    mine = sensors[sensors["municipality"].isin(own)]
    centres = np.array([own[code].centre for code in mine["municipality"]])
    return pd.DataFrame(
        {
            "station_id": mine["station_id"].to_numpy(),
            "x": centres[:, 0] + mine["east_m"].to_numpy(float),
            "y": centres[:, 1] + mine["north_m"].to_numpy(float),
            "kind": "lowcost",
        }
    )


def _references(rows: pd.DataFrame) -> pd.DataFrame:
    place = metres(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    return pd.DataFrame(
        {"station_id": rows["station_id"].to_numpy(), "x": place[:, 0], "y": place[:, 1], "kind": "reference"}
    )


def _sources(
    workspace: str,
    own: Mapping[str, Place],
    factories: pd.DataFrame,
    far: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    parts = [factory_sources(factories[factories["workspace_id"] == workspace].reset_index(drop=True))]
    for code, place in own.items():
        radius = (place.shape.area / np.pi) ** 0.5 * 0.45
        grams = _GRAMS_PER_PERSON * float(place.row["population"])
        parts.append(town_sources(f"town {code}", place.centre, radius, grams, rng))
    for row in far.to_dict("records"):
        # The cities of the reference stations; without them the references would see country air.
        parts.append(town_sources(f"city of {row['station_id']}", (row["x"], row["y"]), 1500.0, 2.5, rng))
    roads = facts("roads")
    for road in roads[roads["workspace_id"] == workspace].to_dict("records"):
        corners = np.array([[float(v) for v in corner.split()] for corner in str(road["points"]).split(";")])
        parts.append(road_sources(str(road["road_id"]), metres(corners[:, 1], corners[:, 0]), road["grams_per_km"]))
    return pd.concat(parts, ignore_index=True)


def stations(places: Mapping[str, Place], simulations: Mapping[str, Simulation]) -> pd.DataFrame:
    network = pd.concat([s.stations for s in simulations.values()], ignore_index=True)
    lat, lon = degrees(network["x"].to_numpy(), network["y"].to_numpy())
    names = {row["station_id"]: (row["name_th"], row["name_en"]) for row in facts("references").to_dict("records")}
    for row in facts("sensors").to_dict("records"):
        town = places[str(row["municipality"])].row
        names[row["station_id"]] = (
            f"{town['short_th']} – {row['place_th']} (ค่าจำลอง)",
            f"{town['short_en']} – {row['place_en']} (simulated)",
        )
    return pd.DataFrame(
        {
            "station_id": network["station_id"],
            "name_th": [names[s][0] for s in network["station_id"]],
            "name_en": [names[s][1] for s in network["station_id"]],
            "kind": network["kind"],
            "network": "เครือข่ายจำลอง / simulated network",
            "lat": lat,
            "lon": lon,
            "error_sd": network["error_sd"],
            "source": SOURCE,
            "licence": LICENCE,
            "simulated": True,
        }
    )


def observations(
    simulations: Mapping[str, Simulation], stations: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    with_wind = set(facts("sensors").query("wind == 'true'")["station_id"])
    parts: list[pd.DataFrame] = []
    notes: list[Note] = []
    for simulation in simulations.values():
        mine = stations[stations["station_id"].isin(simulation.stations["station_id"])]
        flagged, found = quality.flag(simulation.observations, mine)
        parts.append(flagged)
        notes.extend(found)
        parts.extend(simulation.wind_observations(s) for s in mine["station_id"] if s in with_wind)
    return pd.concat(parts, ignore_index=True), tuple(notes)


def with_seed(simulation: Simulation, seed: int) -> Simulation:
    """Return the same place and time with other weather, background and sensor errors."""
    return simulate(replace(simulation.scenario, seed=seed))
