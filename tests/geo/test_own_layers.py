"""People's own map layers: read from what they have, stored as an import, cut to a place, drawn escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import context_layers, own_layers, profiles
from geo.lake import Lake
from geo.own_layers import OwnLayer
from language import UserError

FIRES = b"""latitude,longitude,brightness,acq_date,acq_time,confidence,frp
13.80,99.90,330,2026-02-12,634,n,12.5
13.81,99.91,331,2026-02-12,18:34,h,3
13.82,,332,2026-02-13,0,l,4
"""
ROAD = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": "<b>ถนน</b>"},
             "geometry": {"type": "LineString", "coordinates": [[99.8, 13.8], [99.9, 13.8], [100.3, 13.9]]}},
            {"type": "Feature", "properties": {"name": "ที่ดิน"},
             "geometry": {"type": "Polygon", "coordinates": [[[99.8, 13.7], [99.9, 13.7], [99.9, 13.8], [99.8, 13.7]]]},
             },
        ],
    }
).encode()  # fmt: skip
AREA = (99.5, 13.5, 100.0, 14.0)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Return an empty lake."""
    folder = tmp_path_factory.mktemp("own")
    with Lake.open(folder / "catalog.sqlite", folder / "files") as opened:
        yield opened


def test_fire_points_keep_their_time_and_power() -> None:
    found = own_layers.read(FIRES, "firms.csv", "fires", "ไฟ")
    assert found.rows == 3 and found.dropped == 1
    assert list(found.table["value"]) == [12.5, 3.0]
    assert list(found.table["time"]) == [pd.Timestamp("2026-02-12 06:34", tz="UTC"),
                                         pd.Timestamp("2026-02-12 18:34", tz="UTC")]  # fmt: skip


def test_a_layer_is_an_import_that_can_be_taken_back(lake: Lake) -> None:
    found = own_layers.read(ROAD, "road.geojson", "roads")
    made = own_layers.store(lake, found, "road.geojson", ROAD)
    assert own_layers.store(lake, found, "road.geojson", ROAD) == made, "the same file again changes nothing"
    assert [(w.name, w.kind, w.count) for w in own_layers.layers(lake)] == [("road.geojson", "roads", 2)]
    inside = own_layers.shapes(lake, made, AREA)
    assert inside.total_bounds[2] <= 100.0 + 1e-9, "cut to the place"
    assert own_layers.shapes(lake, made, (0, 0, 1, 1)).empty
    assert list(lake.imports()["kind"]) == ["shapes"]
    lake.remove_import(made)
    assert own_layers.layers(lake) == []


def test_fire_points_are_those_of_the_period(lake: Lake) -> None:
    found = own_layers.read(FIRES, "firms.csv", "fires")
    made = own_layers.store(lake, found, "firms.csv", FIRES)
    table = own_layers.shapes(lake, made, AREA)
    # 18:34 UTC is the next day in Bangkok.
    assert len(own_layers.during(table, date(2026, 2, 12), date(2026, 2, 12))) == 1
    assert len(own_layers.during(table, date(2026, 2, 12), date(2026, 2, 13))) == 2
    untimed = table.assign(time=pd.NaT)
    assert len(own_layers.during(untimed, date(2020, 1, 1), date(2020, 1, 1))) == 2, "unknown time is never hidden"
    lake.remove_import(made)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"a,b\n1,2\n", "x.csv", "no columns with coordinates"), (b"", "x.csv", "empty"),
     (b"{}", "x.geojson", "x.geojson"), (b"PK\x03\x04zzz", "x.zip", "damaged|zip")],
)  # fmt: skip
def test_a_file_without_places_says_so(content: bytes, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        own_layers.read(content, name, "other")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(99.0, 101.0), st.floats(13.0, 15.0)), min_size=2, max_size=300))
def test_thinning_keeps_shapes_inside_and_near(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    thinned = own_layers.thin(gpd.GeoSeries([line], crs=4326), AREA)
    kept = thinned[~thinned.is_empty]
    if len(kept):
        assert shapely.box(*AREA).buffer(1e-9).covers(kept.iloc[0])
        assert kept.iloc[0].distance(line) < 1e-3


def test_very_many_vertices_are_thinned_further() -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform((99.6, 13.6), (99.9, 13.9), (400, 2))
    rings = [shapely.Point(x, y).buffer(0.02, quad_segs=64) for x, y in places]
    thinned = own_layers.thin(gpd.GeoSeries(rings, crs=4326), AREA)
    assert int(thinned.count_coordinates().sum()) <= own_layers.MOST_VERTICES and len(thinned) == 400


def script(group: object) -> str:
    """Return what a layer sends to the browser."""
    return json.dumps([child.data for child in group._children.values()], ensure_ascii=False)  # type: ignore[attr-defined]


def test_own_layers_are_drawn_escaped_with_their_source() -> None:
    found = own_layers.read(ROAD, "a<b>.geojson", "roads", "<i>x")
    table = gpd.GeoDataFrame(found.table.drop(columns="geometry"), geometry=shapely.from_wkb(found.table["geometry"]))
    (shapes,) = context_layers.own(table, OwnLayer("1", "<i>x", "roads", 2, "a<b>.geojson"), "en")
    assert "<b>" not in script(shapes) and "<i>" not in script(shapes)
    assert "&lt;b&gt;ถนน" in script(shapes)


def test_people_circles_have_the_area_of_their_number() -> None:
    units = gpd.GeoDataFrame(
        {"code": ["a", "b", "c"], "name_th": ["ก", "ข", "ค"], "population": pd.array([40_000, 10_000, None], "Int64"),
         "area_km2": [2.0, 1.0, 1.0]},
        geometry=[shapely.box(i, 13, i + 1, 14) for i in (99, 100, 101)], crs=4326,
    )  # fmt: skip
    (drawing,) = context_layers.population(units, "en")._children.values()
    items = drawing.data["items"]
    assert [i["size"] for i in items] == [56, 28], "half as wide for a quarter of the people; the unknown has none"
    assert "20,000" in items[0]["pop"]


def test_a_wind_rose_says_where_the_wind_comes_from() -> None:
    times = pd.date_range("2026-02-01", periods=100, freq="h", tz="UTC")
    wind = pd.concat(
        [pd.DataFrame({"time": times, "variable": v, "value": x, "period_hours": 1, "station_id": "s", "flag": None})
         for v, x in (("wind_speed", 2.0), ("wind_dir", [45.0] * 80 + [180.0] * 20))]
    )  # fmt: skip
    row = pd.Series({"station_id": "s", "name_en": "Mast", "lat": 13.8, "lon": 99.9, "simulated": True, "source": "x"})
    found = context_layers.Wind(row, profiles.wind_rose(wind, sectors=8), 2.0)
    shown = script(context_layers.wind([found], "en", (date(2026, 2, 1), date(2026, 2, 5))))
    assert "north-east (80 % of the hours)" in shown and "2.0 m/s" in shown and "Simulated data" in shown


def test_what_was_said_shows_hands_and_no_place_is_no_sign(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"report_id": ["1", "2"], "kind": ["smoke", "idea"], "votes": [9, 3], "lat": [13.8, np.nan],
         "lon": [99.9, np.nan], "note": ["<u>ควัน", None], "meeting_date": ["2026-03-05"] * 2, "place": ["ห้อง"] * 2,
         "simulated": [True, True]},
        geometry=[shapely.Point(99.9, 13.8), shapely.Point()], crs=4326,
    )  # fmt: skip
    (drawing,) = context_layers.reports(table, "en")._children.values()
    (only,) = drawing.data["items"]
    assert "smoke (9)" in only["tip"] and "&lt;u&gt;" in only["pop"] and "2026-03-05" in only["pop"]


def test_levels_are_heavier_the_larger_their_areas() -> None:
    box = shapely.box(99, 13, 100, 14)
    table = gpd.GeoDataFrame({"name_th": ["ก"], "approximate": [True]}, geometry=[box], crs=4326)
    weights = []
    for name in ("subarea", "province"):
        (drawing,) = context_layers.level(table, name, "th")._children.values()
        weights.append(drawing.data["items"][0]["style"]["weight"])
        assert drawing.data["items"][0]["style"]["dashArray"]
    assert weights[0] < weights[1]
