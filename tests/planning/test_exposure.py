"""People, receptors and factories in areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shapely.geometry import Point, box

from interpolation import Grid
from planning import exposure

CRS = "EPSG:32647"


def areas(*boxes: tuple[float, float, float, float], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return rectangles with columns."""
    return gpd.GeoDataFrame(columns, geometry=[box(*b) for b in boxes], crs=CRS)


def test_people_are_weighted_by_area() -> None:
    """A quarter of one unit and half of another."""
    units = areas((0, 0, 10, 10), (10, 0, 20, 10), people=[1000.0, 400.0])
    hot = gpd.GeoSeries([box(5, 5, 10, 10), box(10, 0, 15, 10), box(5, 0, 15, 10)], crs=CRS)
    assert exposure.people_in(hot, units).tolist() == pytest.approx([250.0, 200.0, 700.0])


def test_people_are_blank_where_a_part_is_unknown() -> None:
    """A unit without population, or an area beyond the units, makes the number unknown."""
    units = areas((0, 0, 10, 10), (10, 0, 20, 10), people=[1000.0, np.nan])
    hot = gpd.GeoSeries([box(0, 0, 10, 10), box(5, 0, 15, 10), box(0, 5, 10, 15)], crs=CRS)
    people = exposure.people_in(hot, units)
    assert people[0] == pytest.approx(1000.0)
    assert np.isnan(people[1:]).all()


def test_nested_units_count_once() -> None:
    """A municipality inside a tambon: its own density inside, the tambon's outside."""
    units = areas((0, 0, 10, 10), (0, 0, 5, 10), people=[1000.0, 800.0])
    assert exposure.people_in(gpd.GeoSeries([box(0, 0, 5, 10)], crs=CRS), units)[0] == pytest.approx(800.0)


def test_a_unit_without_people_takes_its_share_of_the_parent() -> None:
    """The source says that it is area-weighted; without a parent it stays blank."""
    units = areas(
        (0, 0, 10, 10),
        (50, 50, 60, 60),
        (10, 0, 20, 10),
        population=[None, None, 77],
        population_source=["", "", "register 2565"],
    )
    parents = areas((0, 0, 20, 20), code=["P"], population=[4000], population_source=["census"])
    known = exposure.populated_units(units, parents)
    assert known["people"].iloc[0] == pytest.approx(1000.0)
    assert known["people_source"].iloc[0] == "area-weighted: P (census)"
    assert np.isnan(known["people"].iloc[1])
    assert known["people"].iloc[2] == 77 and known["people_source"].iloc[2] == "register 2565"


@examples(deadline=None)
@given(st.floats(1, 9), st.floats(1, 9))
def test_people_of_the_parts_add_up(x: float, y: float) -> None:
    """Cutting an area in four changes nobody's whereabouts."""
    units = areas((0, 0, 10, 6), (0, 6, 10, 10), people=[300.0, 900.0])
    parts = gpd.GeoSeries([box(0, 0, x, y), box(x, 0, 10, y), box(0, y, x, 10), box(x, y, 10, 10)], crs=CRS)
    assert exposure.people_in(parts, units).sum() == pytest.approx(1200.0)


def test_receptors_are_counted_by_kind_and_place() -> None:
    """Each receptor counts in the area it lies in; one outside counts nowhere."""
    spots = areas((0, 0, 10, 10), (20, 0, 30, 10), hotspot_id=["H1", "H2"])
    receptors = gpd.GeoDataFrame(
        {"kind": ["school", "school", "hospital", "other", "school"]},
        geometry=[Point(1, 1), Point(2, 2), Point(3, 3), Point(25, 5), Point(15, 5)],
        crs=CRS,
    )
    keys = exposure.points_in(receptors, spots, "hotspot_id")
    counts = exposure.receptor_counts(receptors, keys, ["H1", "H2"])
    assert counts.loc["H1", ["receptors", "school", "hospital"]].tolist() == [3, 2, 1]
    assert counts.loc["H2", ["receptors", "school"]].tolist() == [1, 0]


def test_a_factory_near_two_hotspots_belongs_to_the_nearer() -> None:
    """Within the distance the nearest wins; farther away there is none."""
    spots = areas((0, 0, 10, 10), (50, 0, 60, 10), hotspot_id=["H1", "H2"])
    points = gpd.GeoDataFrame(geometry=[Point(32, 5), Point(28, 5), Point(5, 5), Point(500, 5)], crs=CRS)
    near = exposure.points_near(points, spots, "hotspot_id", 100.0)
    assert near.tolist()[:3] == ["H2", "H1", "H1"]
    assert pd.isna(near.iloc[3])


def test_a_missing_name_is_the_other_or_the_code() -> None:
    """No table shows an empty name."""
    places = areas(*[(0, 0, 1, 1)] * 3, code=["A", "B", "C"], name_th=["ก", None, None], name_en=[None, "Bee", np.nan])
    filled = exposure.named(places)
    assert filled["name_th"].tolist() == ["ก", "Bee", "C"]
    assert filled["name_en"].tolist() == ["ก", "Bee", "C"]


def brought(areas: list[dict[str, object]] = [], cells: list[tuple[float, float, float]] = []) -> exposure.Population:  # noqa: B006
    """Return imported population: rows of areas; x, y, people of cells."""
    blank = {"children": None, "elderly": None, "source": "census"}
    table = pd.DataFrame(
        [{**blank, **row} for row in areas], columns=["code", "people", "children", "elderly", "source"]
    )
    points = gpd.points_from_xy([c[0] for c in cells], [c[1] for c in cells])
    people = {"people": [c[2] for c in cells], "source": "WorldPop"}
    return exposure.Population(table, gpd.GeoDataFrame(people, geometry=points, crs="EPSG:32647"))


def squares(*people: float | None) -> gpd.GeoDataFrame:
    """Return squares of 1 km side by side, A, B ..."""
    shapes = [box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(len(people))]
    codes = [chr(65 + i) for i in range(len(people))]
    return gpd.GeoDataFrame(
        {"code": codes, "name_th": ["ก", "ข", "ค"][: len(people)], "name_en": codes, "population": people,
         "population_source": "register"}, geometry=shapes, crs="EPSG:32647",
    )  # fmt: skip


def test_a_table_of_areas_wins_and_brings_its_ages() -> None:
    """By code, or by a name that only one unit has; the others keep their own."""
    population = brought([{"code": "A", "people": 500, "children": 80, "elderly": 90}, {"code": "ข", "people": 70}])
    found = exposure.populated_units(squares(100, 200, 300), squares(None)[:0], population)
    assert found["people"].tolist() == [500, 70, 300]
    assert found["people_source"].tolist() == ["census", "census", "register"]
    assert found["children"].iloc[0] == 80 and np.isnan(found["children"].iloc[1])
    told = exposure.vulnerable(found.head(1), gpd.GeoDataFrame({"people": []}, geometry=[]), pd.Series(dtype=object))
    assert list(told["vulnerable_people"]) == [170] and told["vulnerable_source"] == "children+elderly"


def test_a_raster_says_where_in_a_unit_its_people_live() -> None:
    """All cells in the west half: the half with them holds everybody, the unit's total is kept."""
    population = brought(cells=[(100.0, 500.0, 30.0), (400.0, 500.0, 10.0)])
    units = exposure.populated_units(squares(400), squares(None)[:0], population)
    halves = gpd.GeoSeries([box(0, 0, 250, 1000), box(250, 0, 500, 1000), box(500, 0, 1000, 1000)], crs="EPSG:32647")
    assert exposure.people_in(halves, units, population).tolist() == [300.0, 100.0, 0.0]
    assert exposure.people_in(halves, units).tolist() == [100.0, 100.0, 200.0]


def test_a_raster_counts_where_no_register_does() -> None:
    """Its sum, with its name as the source."""
    population = brought(cells=[(100.0, 500.0, 30.0), (400.0, 500.0, 10.5)])
    found = exposure.populated_units(squares(None), squares(None)[:0], population)
    assert found["people"].tolist() == [40.5] and found["people_source"].tolist() == ["raster: WorldPop"]


def test_people_are_spread_in_the_smallest_unit() -> None:
    """A town in a district: its cells hold the town's people, the others the district's; outside it is unknown."""
    units = gpd.GeoDataFrame(
        {"people": [3200.0, 400.0]}, geometry=[box(0, 0, 4000, 4000), box(0, 0, 1000, 1000)], crs="EPSG:32647"
    )
    grid = Grid.covering((0, 0, 5000, 4000), 1000.0, "EPSG:32647")
    cells = np.ones(grid.shape, bool)
    found = exposure.people_of_cells(grid, cells, units)
    x, y = np.meshgrid(grid.x, grid.y)
    assert found[(x < 1000) & (y < 1000)] == pytest.approx(400)
    assert found[(x > 1000) & (x < 4000)] == pytest.approx(200)
    assert np.isnan(found[x > 4000]).all()


def test_a_raster_says_in_which_cells_people_live() -> None:
    """A town of 900 whose raster counts 2 to 1 in two of its cells: 600 and 300 live there, nobody in the others."""
    units = gpd.GeoDataFrame({"people": [900.0]}, geometry=[box(0, 0, 2000, 2000)], crs="EPSG:32647")
    raster = gpd.GeoDataFrame(
        {"people": [15.0, 5.0, 10.0]}, geometry=gpd.points_from_xy([200, 700, 1500], [1800, 1200, 400]), crs=units.crs
    )
    population = exposure.Population(exposure.Population.none(units.crs).areas, raster)
    grid = Grid.covering((0, 0, 2000, 2000), 1000.0, "EPSG:32647")
    found = exposure.people_of_cells(grid, np.ones(grid.shape, bool), units, population)
    x, y = np.meshgrid(grid.x, grid.y)
    assert found[(x < 1000) & (y > 1000)] == pytest.approx(600)
    assert found[(x > 1000) & (y < 1000)] == pytest.approx(300)
    assert found.sum() == pytest.approx(900)
