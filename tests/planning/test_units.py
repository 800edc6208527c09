"""What is ranked: own areas from files, levels, squares; nonsense ends in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box, mapping

from language import UserError
from planning import units


def text_of(*shapes: object, **properties: str) -> str:
    return units.as_text([{"type": "Feature", "properties": properties, "geometry": mapping(s)} for s in shapes])


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "kml"])
def test_areas_come_from_every_usual_file(tmp_path: Path, suffix: str) -> None:
    """Thai names stay; another coordinate system is turned into degrees."""
    table = gpd.GeoDataFrame({"Name": ["ตลาด", "โรงสี"]}, geometry=[box(0, 0, 500, 500), box(500, 0, 900, 500)])
    table = table.set_geometry(table.translate(600_000, 1_500_000)).set_crs("EPSG:32647")
    file = tmp_path / f"areas.{suffix}"
    (table.to_crs(4326) if suffix in ("geojson", "kml") else table).to_file(file, encoding="utf-8")
    found = units.parse(units.read_file(file))
    assert found["name_th"].tolist() == ["ตลาด", "โรงสี"] and len(set(found["code"])) == 2
    assert found.to_crs("EPSG:32647").area.tolist() == pytest.approx([250_000.0, 200_000.0], rel=1e-3)


def test_what_is_no_area_is_said(tmp_path: Path) -> None:
    """Points, broken text, an unknown word, a file that is none."""
    with pytest.raises(UserError, match="no areas"):
        units.parse(text_of(Point(1, 1)))
    with pytest.raises(UserError, match="can't be read"):
        units.parse('{"type": "FeatureCollection"}')
    with pytest.raises(UserError, match="can't be ranked"):
        units.check("galaxies")
    file = tmp_path / "a.geojson"
    file.write_text("no", "utf-8")
    with pytest.raises(UserError, match=r"a.geojson can't be read"):
        units.read_file(file)
    with pytest.raises(UserError, match="at most 300"):
        units.parse(text_of(*[box(i, 0, i + 1, 1) for i in range(301)]))


def test_a_crossed_outline_is_mended_and_doubled_codes_are_parted() -> None:
    """A bow tie becomes two triangles; two areas with one id get their own."""
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    text = units.as_text([{"type": "Feature", "properties": {"id": "1"}, "geometry": bow}] * 2)
    found = units.parse(text)
    assert found.is_valid.all() and found["code"].tolist() == ["OWN-1", "OWN-2"]


@given(st.text(max_size=40))
def test_no_text_ends_in_a_trace(text: str) -> None:
    """Whatever stands in a link."""
    for given_text in (text, "{" + text, json.dumps({"features": [{"geometry": {"type": text}}]})):
        try:
            units.parse(units.check(given_text))
        except UserError:
            continue
