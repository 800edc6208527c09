"""Areas by name, their units, the grid where there are none, and the UTM zone."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.boundaries import COLUMNS, find_area, units, utm_crs
from geo.importing import import_file
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError


def row(
    code: str, name: str, english: str, level: str, box: tuple[float, float, float, float], **more: object
) -> dict[str, object]:
    shape = shapely.box(*box)
    return {
        "code": code, "name_th": name, "name_en": english, "level": level, "geometry": shapely.to_wkb(shape),
        "area_km2": shape.area * 111.2 * 108, "approximate": False, "simulated": False, "population": 1000, **more,
    }  # fmt: skip


@pytest.fixture
def places(lake: Lake) -> Lake:
    """A district with two tambons, a municipality with three quarters in one of them, a namesake elsewhere."""
    rows = [
        row("TH7005", "บ้านโป่ง", "Ban Pong", "district", (99.8, 13.8, 100.0, 13.9)),
        row("TH700501", "บ้านโป่ง", "Ban Pong", "tambon", (99.8, 13.8, 99.9, 13.9), parent_code="TH7005"),
        row("TH700514", "เบิกไพร", "Boek Phrai", "tambon", (99.9, 13.8, 100.0, 13.9), parent_code="TH7005"),
        row("M1", "เทศบาลเมืองบ้านโป่ง", "Ban Pong Town Municipality", "municipality", (99.80, 13.80, 99.83, 13.82)),
        *(row(f"M1-{i}", f"ชุมชน {i}", f"Quarter {i}", "subarea", (99.8 + i / 100, 13.8, 99.81 + i / 100, 13.82))
          for i in range(3)),
        row("TH300101", "ท่าผา", "Tha Pha", "tambon", (102.0, 14.0, 102.1, 14.1), parent_code="TH3001"),
        row("TH400101", "ท่าผา", "Tha Pha", "tambon", (103.0, 14.0, 103.1, 14.1), parent_code="TH4001"),
    ]  # fmt: skip
    spaces = pd.DataFrame(
        [{"workspace_id": "w1", "name_th": "งานของเรา", "name_en": "Our work", "simulated": False,
          "boundary_codes": json.dumps(["TH700501", "TH700514", "M1-0"])}]
    )  # fmt: skip
    lake.append({"boundaries": pd.DataFrame(rows), "workspaces": spaces}, record=ImportRecord("boundaries", "x"))
    return lake


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("TH700514", "TH700514"), ("th700514", "TH700514"), ("เบิกไพร", "TH700514"), ("ตำบลเบิกไพร", "TH700514"),
        ("boek phrai", "TH700514"),
        ("บ้านโป่ง", "M1"), ("เทศบาลเมืองบ้านโป่ง", "M1"), ("ทม.บ้านโป่ง", "M1"), ("Ban Pong Municipality", "M1"),
        ("ตำบลบ้านโป่ง", "TH700501"), ("ต.บ้านโป่ง", "TH700501"), ("อำเภอบ้านโป่ง", "TH7005"),
        ("Ban Pong District", "TH7005"),
        ("w1", "w1"), ("งานของเรา", "w1"), ("our work", "w1"), (" เบิกไพร ", "TH700514"),
    ],
)  # fmt: skip
def test_area_by_any_of_its_names(places: Lake, text: str, code: str) -> None:
    """Codes, Thai and English names with and without their prefixes, workspaces."""
    found = find_area(places, text)
    assert found["code"].tolist() == [code]
    assert found.crs.to_epsg() == 4326


def test_workspace_is_the_union_of_its_boundaries(places: Lake) -> None:
    """People are counted once: a quarter inside a tambon doesn't add to it."""
    found = find_area(places, "w1").iloc[0]
    assert found["level"] == "workspace"
    assert found["population"] == 2000
    assert (
        found.geometry.equals_exact(shapely.box(99.8, 13.8, 100.0, 13.9), 1e-9)
        or found.geometry.symmetric_difference(shapely.box(99.8, 13.8, 100.0, 13.9)).area < 1e-12
    )


def test_namesakes_and_misspellings_are_sentences(places: Lake, tmp_path: Path) -> None:
    """Two of one name are listed with their codes; a near name is offered; an empty lake says how to begin."""
    with pytest.raises(UserError, match=r"2 areas are called ท่าผา.*TH300101.*TH400101"):
        find_area(places, "ท่าผา")
    with pytest.raises(UserError, match=r"Did you mean.*Boek Phrai"):
        find_area(places, "Boek Prai")
    with pytest.raises(UserError, match="no area called xyz"):
        find_area(places, "xyz")
    with Lake.open(tmp_path / "empty.sqlite") as empty, pytest.raises(UserError, match="geo demo"):
        find_area(empty, "เบิกไพร")


def test_units_are_the_finest_level_that_covers_the_area(places: Lake) -> None:
    """Quarters for the municipality; tambons for the district, since quarters cover only a corner of it."""
    assert units(places, find_area(places, "M1"))["code"].tolist() == ["M1-0", "M1-1", "M1-2"]
    district = units(places, find_area(places, "TH7005"))
    assert district["code"].tolist() == ["TH700501", "TH700514"]
    assert list(district.columns) == [*COLUMNS, "kind"]
    assert set(district["kind"]) == {"boundary"}


def test_area_without_units_is_cut_into_squares(places: Lake) -> None:
    """Squares of a kilometre cover the whole area, named from the north-west corner."""
    area = find_area(places, "TH700514")
    grid = units(places, area)
    metric = utm_crs(area)
    parts = grid.to_crs(metric)
    assert set(grid["kind"]) == {"grid"}
    assert grid["approximate"].all()
    assert grid["code"].is_unique
    assert parts.area.max() <= 1e6 * 1.0001
    assert parts.area.sum() == pytest.approx(area.to_crs(metric).area.sum(), rel=0.005)
    corner = parts.set_index("name_th").centroid
    assert "A1" in corner.index or "B1" in corner.index
    assert corner["C2"].x > corner["B2"].x
    assert corner["C3"].y < corner["C2"].y
    with_names = [n for n in grid["name_th"] if n.startswith("C")]
    assert len(with_names) > 5


def test_a_large_area_is_cut_into_fewer_squares(lake: Lake) -> None:
    lake.append(
        {"boundaries": pd.DataFrame([row("BIG", "ใหญ่", "Big", "province", (100.0, 14.0, 101.0, 15.0))])},
        record=ImportRecord("boundaries", "x"),
    )
    grid = units(lake, find_area(lake, "BIG"))
    assert 50 < len(grid) < 200


def test_the_demo_lends_neither_name_nor_parts_to_a_real_area(places: Lake) -> None:
    """A simulated town of the same name, with quarters of its own, stands in the same place."""
    before = units(places, find_area(places, "TH700514"))
    demo = [
        row("demo-m", "เทศบาลตำบลเบิกไพร", "Boek Phrai", "municipality", (99.9, 13.8, 100.0, 13.9), simulated=True),
        *(row(f"demo-{i}", f"ย่าน {i}", f"Sector {i}", "subarea", (99.9 + i / 20, 13.8, 99.95 + i / 20, 13.9),
              simulated=True) for i in range(2)),
    ]  # fmt: skip
    places.append({"boundaries": pd.DataFrame(demo)}, record=ImportRecord("boundaries", "demo"))
    assert find_area(places, "เบิกไพร").iloc[0]["code"] == "TH700514"
    assert list(units(places, find_area(places, "TH700514"))["code"]) == list(before["code"])
    assert set(units(places, find_area(places, "demo-m"))["code"]) == {"demo-0", "demo-1"}


def test_an_older_snapshot_knows_the_older_areas(places: Lake) -> None:
    then = places.snapshot()
    places.append(
        {"boundaries": pd.DataFrame([row("NEW", "ใหม่", "New", "tambon", (99.0, 13.0, 99.1, 13.1))])},
        record=ImportRecord("boundaries", "new"),
    )
    assert find_area(places, "NEW").iloc[0]["code"] == "NEW"
    with pytest.raises(UserError):
        find_area(places, "NEW", snapshot=then)


@given(st.floats(-179.9, 179.9), st.floats(-80, 80))
def test_utm_zone_of_any_point(lon: float, lat: float) -> None:
    """The zone's middle meridian is at most three degrees away, on the right half of the globe."""
    crs = utm_crs(gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326))
    code = crs.to_epsg()
    assert code // 100 == (326 if lat >= 0 else 327)
    assert abs(lon - (-183 + 6 * (code % 100))) <= 3 + 1e-9


def test_real_district_has_its_tambons(lake: Lake, shared_data: Path) -> None:
    """Ban Pong's 15 tambons are the units of its own workspace."""
    report = import_file(lake, shared_data / "thailand_boundaries" / "banpong_tambon.geojson", "boundaries")
    area = find_area(lake, report.workspace_id)
    assert area["name_th"].iloc[0] == "บ้านโป่ง"
    found = units(lake, area)
    assert len(found) == 15
    assert found.to_crs(32647).area.sum() / 1e6 == pytest.approx(353.148, rel=1e-4)
    assert np.isclose(area.to_crs(32647).area.sum() / 1e6, 353.148, rtol=1e-4)
    assert find_area(lake, "ตำบลเบิกไพร")["code"].iloc[0] == "TH700514"
