"""Municipalities, quarters, factories and receptors of the demo: schematic and invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from shapely import Point, Polygon, to_wkb
from shapely.ops import nearest_points, transform

from geo import catalogues
from geo.demo.facts import LICENCE, SOURCE, degrees, facts, metres, stream, to_plane
from geo.demo.schematic import apart, outline, points_within, quarters


@dataclass(frozen=True)
class Place:
    """One municipality in metres, with its parts and its factories."""

    row: Mapping[str, Any]
    centre: tuple[float, float]
    shape: Polygon
    parts: tuple[Polygon, ...]


def places(seed: int) -> dict[str, Place]:
    table = facts("municipalities")
    centres = metres(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    rows = table.to_dict("records")
    shapes = {}
    for row, centre in zip(rows, centres, strict=True):
        rng = stream(seed, f"outline {row['code']}")
        middle = (float(centre[0]), float(centre[1]))
        shapes[str(row["code"])] = outline(middle, row["area_km2"], row["stretch"], row["turn"], rng)
    shapes = apart(shapes)
    found = {}
    for row, centre in zip(rows, centres, strict=True):
        code = str(row["code"])
        parts = quarters(shapes[code], int(row["subareas"]), stream(seed, f"parts {code}"))
        found[code] = Place(
            {str(k): v for k, v in row.items()}, (float(centre[0]), float(centre[1])), shapes[code], tuple(parts)
        )
    return found


def boundaries(places: Mapping[str, Place], seed: int) -> pd.DataFrame:
    rows = []
    for code, place in places.items():
        fact, rng = place.row, stream(seed, f"people {code}")
        people = int(fact["population"])
        rows.append(
            _boundary(place.shape, code, fact["name_th"], fact["name_en"], "municipality", None, people)
            | {"population_source": f"{SOURCE} – {fact['population_note']}", "source": _origin(fact["area_note"])}
        )
        # People live more densely in the middle; the last part takes what rounding leaves.
        away = np.array([part.centroid.distance(place.shape.centroid) for part in place.parts])
        area = np.array([part.area for part in place.parts])
        share = area * np.exp(-away / (place.shape.area / np.pi) ** 0.5) * rng.uniform(0.8, 1.2, len(area))
        split = np.floor(people * share / share.sum()).astype(int)
        split[-1] += people - split.sum()
        for number, (part, count) in enumerate(zip(place.parts, split, strict=True), start=1):
            name_th, name_en = f"ย่าน {number} {fact['short_th']}", f"{fact['short_en']} sector {number}"
            rows.append(
                _boundary(part, f"{code}-{number}", name_th, name_en, "subarea", code, int(count))
                | {"population_source": SOURCE, "source": SOURCE}
            )
    return pd.DataFrame(rows)


def _origin(remark: Any) -> str:
    return f"{SOURCE} – {remark}"


def _boundary(
    shape: Polygon, code: str, name_th: Any, name_en: Any, level: str, parent: str | None, people: int
) -> dict[str, Any]:
    lonlat = transform(lambda x, y: to_plane().transform(x, y, direction="INVERSE"), shape)
    return {
        "code": code, "name_th": name_th, "name_en": name_en, "level": level, "parent_code": parent,
        "population": people, "area_km2": round(shape.area / 1e6, 3), "approximate": True,
        "geometry": to_wkb(lonlat), "licence": LICENCE, "simulated": True,
    }  # fmt: skip


def factories(places: Mapping[str, Place], seed: int) -> pd.DataFrame:
    types = {(int(row["type_no"]), int(row["type_sub"])): row for _, row in catalogues.factory_types().iterrows()}
    rows: list[dict[str, Any]] = []
    for cluster in facts("clusters").to_dict("records"):
        place = places[str(cluster["municipality"])]
        rng = stream(seed, f"cluster {cluster['cluster_id']}")
        for group in str(cluster["types"]).split(";"):
            code, count = group.split(":")
            type_no, type_sub = (int(part) for part in code.split("-"))
            kind = types[type_no, type_sub]
            for _ in range(int(count)):
                x, y = near(place, cluster, rng)
                rows.append(_factory(len(rows) + 1, type_no, type_sub, kind, place, rng) | {"x": x, "y": y})
    table = pd.DataFrame(rows)
    table["lat"], table["lon"] = degrees(table["x"].to_numpy(), table["y"].to_numpy())
    return table


def near(place: Place, cluster: Mapping[Any, Any], rng: np.random.Generator) -> tuple[float, float]:
    """Return a place in the cluster that lies inside the municipality (its nearest point, where luck fails)."""
    middle = np.array([place.centre[0] + cluster["east_m"], place.centre[1] + cluster["north_m"]])
    inside = place.shape.buffer(-40)
    for _ in range(40):
        x, y = middle + cluster["spread_m"] * rng.standard_normal(2)
        if inside.contains(Point(x, y)):
            return float(x), float(y)
    edge = nearest_points(inside, Point(*middle))[0]
    return float(edge.x + rng.normal(0, 30)), float(edge.y + rng.normal(0, 30))


def _factory(
    number: int, type_no: int, type_sub: int, kind: pd.Series[Any], place: Place, rng: np.random.Generator
) -> dict[str, Any]:
    potential = int(kind["potential"])
    hp = float(np.round(np.exp(rng.normal(4.4 + 0.55 * potential, 0.7))))
    hp = max(hp, 51.0)
    # Above 75 hp a factory is of class 3 for most types (ministerial rule 2563).
    factory_class = 3 if hp > 75 or type_no == 88 else 2
    workers = max(round(float(np.exp(rng.normal(3.1 + 0.15 * potential, 0.6)))), 4)
    label = str(kind["name_th"]).split(" (")[0]
    return {
        "factory_id": f"DEMO-F{number:03d}",
        "reg_no": f"DEMO-{factory_class}-{type_no}({type_sub})-{number:03d}/69",
        "name_th": f"โรงงานตัวอย่าง {number} ({label})",
        "type_code": f"{type_no:03d}{type_sub:02d}",
        "type_no": type_no,
        "type_sub": type_sub,
        "factory_class": factory_class,
        "activity": kind["name_th"],
        "hp": hp,
        "workers": workers,
        "capital_baht": float(np.round(hp * rng.uniform(2.5, 9.0) * 1e4, -5)),
        "status": "operating",
        "address": f"ที่อยู่สมมติ {place.row['short_th']}",
        "coordinate_note": None,
        "source": SOURCE,
        "licence": LICENCE,
        "simulated": True,
        "workspace_id": place.row["workspace_id"],
    }


def receptors(places: Mapping[str, Place], seed: int) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for fact in facts("receptors").to_dict("records"):
        place = places[str(fact["municipality"])]
        rng = stream(seed, f"receptors {fact['municipality']} {fact['kind']}")
        spots = points_within(place.shape, int(fact["count"]), rng)
        lat, lon = degrees(spots[:, 0], spots[:, 1])
        for number in range(len(spots)):
            rows.append(
                {
                    "receptor_id": f"DEMO-R{len(rows) + 1:02d}",
                    "name_th": f"{fact['name_th']} {number + 1} {place.row['short_th']}",
                    "name_en": f"{fact['name_en']} {number + 1}, {place.row['short_en']}",
                    "kind": fact["kind"],
                    "people": int(rng.integers(int(fact["people_low"]), int(fact["people_high"]) + 1)),
                    "lat": lat[number],
                    "lon": lon[number],
                    "source": SOURCE,
                    "licence": LICENCE,
                    "simulated": True,
                }
            )
    return pd.DataFrame(rows)


def workspaces(places: Mapping[str, Place]) -> pd.DataFrame:
    rows = []
    for fact in facts("workspaces").to_dict("records"):
        codes = [code for code, place in places.items() if place.row["workspace_id"] == fact["workspace_id"]]
        rows.append(
            {
                "workspace_id": fact["workspace_id"],
                "name_th": fact["name_th"],
                "name_en": fact["name_en"],
                "boundary_codes": json.dumps(codes),
                "simulated": True,
                "created_at": datetime(2026, 3, 2, tzinfo=UTC),
            }
        )
    return pd.DataFrame(rows)
