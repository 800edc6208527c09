"""The shapes under every map: land where land is, water where water is, each province once, fetched from here."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import MultiLineString, MultiPolygon, Point, Polygon, unary_union

from pages.parts import addresses

FILE = addresses.STATIC / "shapes" / addresses.ground().rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def shapes() -> dict:
    return dict(json.loads(FILE.read_text("utf-8")))


def corners(flat: list[int]) -> np.ndarray:
    return np.cumsum(np.reshape(flat, (-1, 2)), axis=0) / 1e4


def filled(rings: list[list[int]]) -> MultiPolygon:
    return unary_union([Polygon(corners(ring)).buffer(0) for ring in rings])


def test_the_name_carries_the_hash_of_the_content() -> None:
    assert hashlib.sha256(FILE.read_bytes().rstrip(b"\n")).hexdigest()[:12] in FILE.name
    assert FILE.stat().st_size < 600_000


@pytest.mark.parametrize(
    ("lat", "lon", "place", "dry"),
    [
        (13.756, 100.502, "Bangkok", True), (18.79, 98.98, "Chiang Mai", True), (7.89, 98.35, "Phuket", True),
        (12.6, 100.2, "Gulf of Thailand", False), (7.5, 97.5, "Andaman Sea", False), (13.82, 99.87, "Ban Pong", True),
        (9.53, 100.02, "Ko Samui", True), (17.96, 102.6, "Vientiane", True),
    ],
)  # fmt: skip
def test_land_and_sea(shapes: dict, lat: float, lon: float, place: str, dry: bool) -> None:
    assert filled(shapes["land"]).covers(Point(lon, lat)) is dry, place


def test_big_water_lies_on_land(shapes: dict) -> None:
    assert filled(shapes["lakes"]).covers(Point(104.1, 12.8)), "Tonle Sap"
    rivers = MultiLineString([corners(line) for line in shapes["rivers"]])
    assert rivers.distance(Point(102.745, 17.885)) < 0.03, "the Mekong at Nong Khai"
    assert rivers.distance(Point(100.49, 13.745)) < 0.03, "the Chao Phraya in Bangkok"


def test_each_province_has_its_name_in_both_languages(shapes: dict) -> None:
    with (FILE.parent / "provinces.csv").open(encoding="utf-8") as file:
        named = {(row["name_th"], row["name_en"]) for row in csv.DictReader(file)}
    assert len(shapes["names"]) == 77
    assert {(th, en) for _lat, _lon, th, en in shapes["names"]} == named
    land = filled(shapes["land"])
    assert sum(land.covers(Point(lon, lat)) for lat, lon, _th, _en in shapes["names"]) == 77


def test_province_lines_are_as_true_as_the_file_says(shapes: dict, shared_data: Path) -> None:
    official = gpd.read_file(shared_data / "thailand_boundaries" / "tha_adm1_simplified.gpkg").to_crs(32647)
    lines = gpd.GeoSeries([MultiLineString([corners(line) for line in shapes["provinces"]])], crs=4326).to_crs(32647)
    along = [lines[0].interpolate(d) for d in np.linspace(0, lines[0].length, 400)]
    away = gpd.GeoSeries(along, crs=32647).distance(unary_union(official.boundary.to_numpy()))
    assert np.median(away) < 900
    assert np.quantile(away, 0.9) < 3500


def test_licences_lie_beside_the_shapes() -> None:
    assert "LESSER GENERAL PUBLIC LICENSE" in (FILE.parent / "COPYING.LESSER").read_text("utf-8")
    assert "GSHHG" in (addresses.STATIC / "build_shapes.py").read_text("utf-8")
