"""Vector base maps from a folder: inside the bounds, thinned, odd files left alone."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, box

from geo import basemap

BOUNDS = (99.8, 13.7, 100.0, 13.9)


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
    shapes, notes = basemap.shapes(BOUNDS, tmp_path / "none")
    assert shapes.empty and not notes
