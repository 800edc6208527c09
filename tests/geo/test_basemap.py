"""Base maps from a folder: vectors inside the bounds, raster tiles by number, odd files left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, box

from geo import basemap

PNG = b"\x89PNG\r\n\x1a\n tile"
BOUNDS = (99.8, 13.7, 100.0, 13.9)


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    con = sqlite3.connect(tmp_path / "town map.mbtiles")
    con.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    con.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    con.executemany("INSERT INTO metadata VALUES (?, ?)", [("format", "png"), ("attribution", "the town")])
    con.execute("INSERT INTO tiles VALUES (2, 3, 0, ?)", (PNG,))
    con.commit()
    con.close()
    return tmp_path


def test_a_tile_set_tells_its_zooms(tiles: Path) -> None:
    (found,) = basemap.tile_sets(tiles)
    assert (found.name, found.minzoom, found.maxzoom, found.attribution) == ("town map", 2, 2, "the town")


def test_rows_are_counted_from_the_north(tiles: Path) -> None:
    """MBTiles counts rows from the south; the web from the north."""
    assert basemap.tile("town map", 2, 3, 3, tiles) == (PNG, "image/png")
    assert basemap.tile("town map", 2, 3, 0, tiles) is None


@pytest.mark.parametrize("name", ["../town map", "nothing", "", "/etc/passwd", "town map.mbtiles"])
def test_only_tile_sets_of_the_folder_answer(tiles: Path, name: str) -> None:
    assert basemap.tile(name, 2, 3, 3, tiles / "sub") is None
    assert basemap.tile(name, 2, 3, 3, tiles) is None


def test_what_is_no_tile_set_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.mbtiles").write_bytes(b"not a database at all, only text " * 50)
    assert basemap.tile_sets(tmp_path) == []


def test_vectors_are_read_inside_the_bounds_in_any_system(tmp_path: Path) -> None:
    roads = gpd.GeoDataFrame(
        {"name": ["in", "out"]},
        geometry=[LineString([(99.7, 13.8), (100.1, 13.8)]), LineString([(101, 14), (101.1, 14)])],
        crs=4326,
    )
    roads.to_crs(32647).to_file(tmp_path / "roads.gpkg", layer="roads")
    gpd.GeoDataFrame(geometry=[box(99.85, 13.75, 99.9, 13.8)], crs=4326).to_file(tmp_path / "water.geojson")
    shapes, notes = basemap.shapes(BOUNDS, tmp_path)
    assert not notes
    assert len(shapes) == 2
    west, south, east, north = shapes.total_bounds
    assert west >= 99.8 - 1e-9 and east <= 100.0 + 1e-9 and south > 13.7 and north < 13.9


def test_a_file_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "odd.geojson").write_text("{ not json", encoding="utf-8")
    shapes, notes = basemap.shapes(BOUNDS, tmp_path)
    assert shapes.empty
    assert "odd.geojson" in notes[0].say("en")


def test_very_many_vertices_are_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basemap, "MOST_VERTICES", 500)
    x = np.linspace(99.8, 100.0, 20_000)
    line = LineString(np.column_stack([x, 13.8 + 0.01 * np.sin(x * 900)]))
    gpd.GeoDataFrame(geometry=[line], crs=4326).to_file(tmp_path / "river.geojson")
    shapes, _ = basemap.shapes(BOUNDS, tmp_path)
    assert 1 < int(shapes.count_coordinates().sum()) <= 500


def test_an_absent_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert basemap.tile_sets(tmp_path / "none") == []
    shapes, notes = basemap.shapes(BOUNDS, tmp_path / "none")
    assert shapes.empty and not notes
