"""The small tables of facts the demo grows from (``data/demo``), and its constants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo import catalogues
from geo.catalogues import Column, read_catalogue, text_column
from language import N_

Array = NDArray[np.float64]

FOLDER = catalogues.CATALOGUES / "demo"
SEED = 2569
START = date(2026, 1, 1)
DAYS = 60
"""60 days: 1 January to 1 March 2026."""

CRS = 32647
"""The plane everything is computed in: UTM zone 47N holds both places."""

DEMO_WORKSPACES = ("demo-ratchaburi", "demo-phatong")
SOURCE = "ข้อมูลจำลอง / simulated"
LICENCE = "CC0-1.0"

IMPORT_ID = "demo"

_NUMBER = N_("a number")


def _number_column(name: str) -> Column:
    return Column(name, float, _NUMBER)


@cache
def facts(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    texts: Mapping[str, tuple[str, ...]] = {
        "municipalities": (
            "code", "workspace_id", "name_th", "name_en", "short_th", "short_en", "area_note", "population_note",
        ),
        "workspaces": ("workspace_id", "name_th", "name_en", "haze"),
        "clusters": ("cluster_id", "municipality", "types"),
        "roads": ("road_id", "workspace_id", "points"),
        "references": ("station_id", "workspace_id", "name_th", "name_en", "note"),
        "sensors": ("station_id", "municipality", "place_th", "place_en", "wind"),
        "receptors": ("municipality", "kind", "name_th", "name_en"),
        "faults": ("station_id", "kind"),
        "voices": ("municipality", "kind", "cluster", "note_th"),
    }  # fmt: skip
    numbers: Mapping[str, tuple[str, ...]] = {
        "municipalities": ("lat", "lon", "area_km2", "stretch", "turn", "subareas", "population"),
        "workspaces": ("wind_from", "wind_turn", "wind_spread", "wind_speed", "level", "fires_per_day"),
        "clusters": ("east_m", "north_m", "spread_m"),
        "roads": ("grams_per_km",),
        "references": ("lat", "lon"),
        "sensors": ("east_m", "north_m"),
        "receptors": ("count", "people_low", "people_high"),
        "faults": ("first_day", "days", "size"),
        "voices": ("count", "hands_low", "hands_high"),
    }
    key = {
        "receptors": ("municipality", "kind"), "faults": ("station_id", "kind"), "voices": ("municipality", "kind"),
    }.get(name, texts[name][:1])  # fmt: skip
    columns = tuple(text_column(c) for c in texts[name]) + tuple(_number_column(c) for c in numbers[name])
    return read_catalogue(folder / f"{name}.csv", columns, key)


def stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])


def metres(lon: Array, lat: Array) -> Array:
    x, y = to_plane().transform(lon, lat)
    return np.column_stack([x, y])


def degrees(x: Array, y: Array) -> tuple[Array, Array]:
    lon, lat = to_plane().transform(x, y, direction="INVERSE")
    return np.round(lat, 6), np.round(lon, 6)


@cache
def to_plane() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
