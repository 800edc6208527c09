"""Hotspots on hand-made surfaces whose answer is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from rasterio.transform import from_origin
from shapely.geometry import box

from planning import hotspots

CELL = 100.0
CRS = "EPSG:32647"


def surface(hot_days: np.ndarray, days: int = 20, supported: np.ndarray | None = None) -> xr.Dataset:
    """Return a surface of 100 m cells, its upper left corner at (0, 0), hot on the given days."""
    ny, nx = hot_days.shape
    layers = {
        "hot_days": hot_days.astype(float),
        "expected_days": hot_days * 0.9,
        "certainty": hot_days / days,
        "mean": 30.0 + hot_days,
        "lower95": 25.0 + hot_days,
        "upper95": 35.0 + hot_days,
        "excess": np.full(hot_days.shape, 5.0),
        "supported": np.ones(hot_days.shape, bool) if supported is None else supported,
    }
    data = xr.Dataset(
        {k: (("y", "x"), v) for k, v in layers.items()},
        coords={"y": -CELL * (np.arange(ny) + 0.5), "x": CELL * (np.arange(nx) + 0.5)},
    )
    return data.rio.write_crs(CRS).rio.write_transform(from_origin(0, 0, CELL, CELL))


def find(hot_days: np.ndarray, *, probability: float = 0.1, minimum: float = 0.0, **options: object):
    """Find the hotspots of a whole hand-made surface."""
    data = surface(hot_days, **options)  # type: ignore[arg-type]
    ny, nx = hot_days.shape
    area = box(0, -CELL * ny, CELL * nx, 0)
    return hotspots.find_hotspots(
        data,
        np.ones(hot_days.shape, bool),
        area,
        days=20,
        probability=probability,
        minimum_area_km2=minimum,
    )


def test_two_known_hotspots_are_found_with_their_area_and_days() -> None:
    """A block of 2 x 3 cells and one of 1 cell, apart, are two hotspots."""
    hot = np.zeros((8, 8))
    hot[1:3, 1:4] = 10
    hot[6, 6] = 4
    found, cells = find(hot)
    assert sorted(found["area_km2"].round(4)) == [0.01, 0.06]
    big = found.loc[found["area_km2"].idxmax()]
    assert big["days_over"] == pytest.approx(9.0)
    assert big["share_days"] == pytest.approx(0.45)
    assert big["mean_ugm3"] == pytest.approx(40.0)
    assert big.geometry.equals(box(100, -300, 400, -100))
    assert {int(c.sum()) for c in cells} == {6, 1}


def test_corners_connect() -> None:
    """Cells that touch at a corner are one hotspot, with a valid outline."""
    hot = np.eye(3) * 5
    found, _ = find(hot)
    assert len(found) == 1
    assert found.geometry.iloc[0].is_valid
    assert found["area_km2"].iloc[0] == pytest.approx(0.03)


@pytest.mark.parametrize(("days", "expected"), [(1, 0), (2, 1), (3, 1)])
def test_the_probability_is_a_closed_limit(days: int, expected: int) -> None:
    """A tenth is asked for: 2 of 20 are enough, 1 is not."""
    hot = np.zeros((4, 4))
    hot[1, 1] = days
    assert len(find(hot)[0]) == expected


@pytest.mark.parametrize(("share", "needed"), [(0.0, 1), (0.1, 6), (0.101, 7), (1.0, 60)])
def test_days_are_whole_and_at_least_one(share: float, needed: int) -> None:
    """10 % of 60 days is 6, a little more is 7, and a share of zero still needs one day."""
    assert hotspots.days_needed(60, share) == needed


def test_small_patches_are_left_out() -> None:
    """A patch below the smallest area is no hotspot."""
    hot = np.zeros((6, 6))
    hot[0, 0] = 20
    hot[3:6, 3:6] = 20
    found, cells = find(hot, minimum=0.05)
    assert found["area_km2"].round(4).tolist() == [0.09]
    assert len(cells) == 1


def test_a_hotspot_goes_on_beyond_the_map_where_that_is_as_likely() -> None:
    """Likely cells without a map join the hotspot they touch; alone they are none; days and means stay the map's."""
    hot = np.zeros((4, 6))
    hot[1:3, 0:2] = 10
    supported, beyond = np.ones((4, 6), bool), np.zeros((4, 6), bool)
    supported[:, 2:] = False
    beyond[1:3, 2] = beyond[0, 5] = True
    found, cells = hotspots.find_hotspots(
        surface(hot, supported=supported), np.ones((4, 6), bool), box(0, -400, 600, 0), days=20, probability=0.1,
        minimum_area_km2=0.04, beyond=beyond,
    )  # fmt: skip
    assert found.geometry.iloc[0].equals(box(0, -300, 300, -100)) and len(found) == 1
    assert found["unmapped_share"].iloc[0] == pytest.approx(1 / 3)
    assert found["days_over"].iloc[0] == pytest.approx(9.0) and int(cells[0].sum()) == 4
    small, _ = hotspots.find_hotspots(
        surface(hot, supported=supported), np.ones((4, 6), bool), box(0, -400, 600, 0), days=20, probability=0.1,
        minimum_area_km2=0.05, beyond=beyond,
    )  # fmt: skip
    assert small.empty, "what has no map must not make a patch large enough"


def test_unsupported_cells_alone_are_no_hotspot() -> None:
    """Where no station supports an estimate, the map calls nothing hot."""
    hot = np.full((4, 4), 20.0)
    supported = np.ones((4, 4), bool)
    supported[:, 2:] = False
    found, _ = find(hot, supported=supported)
    assert found["area_km2"].iloc[0] == pytest.approx(0.08)


def test_a_hotspot_ends_at_the_area() -> None:
    """The outline is cut where the municipality ends."""
    hot = np.full((2, 2), 20.0)
    area = box(0, -200, 150, 0)
    found, _ = hotspots.find_hotspots(
        surface(hot), np.ones((2, 2), bool), area, days=20, probability=0.1, minimum_area_km2=0.0
    )
    assert found.geometry.iloc[0].area == pytest.approx(150 * 200)


def test_order_is_days_then_people_then_area() -> None:
    """More days come first; equal days go by people."""
    table = gpd.GeoDataFrame(
        {"days_over": [5.0, 9.0, 9.01], "people": [900, 10, 500], "area_km2": [3.0, 2.0, 1.0]},
        geometry=[box(0, 0, 1, 1)] * 3,
    )
    assert hotspots.order(table).tolist() == [2, 1, 0]


def test_names_come_from_the_place_and_are_told_apart() -> None:
    """Two hotspots in one place get a number; one across units is the wider place; one outside gets the nearest."""
    units = gpd.GeoDataFrame(
        {"code": ["A", "B"], "name_th": ["ก", "ข"], "name_en": ["Ka", "Kha"]},
        geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10)],
    )
    wider = gpd.GeoDataFrame({"code": ["W"], "name_th": ["เมือง"], "name_en": ["Town"]}, geometry=[box(0, 0, 20, 10)])
    boxes = [box(1, 1, 2, 2), box(3, 3, 4, 4), box(9, 0, 15, 2), box(30, 0, 31, 1), box(5, 0, 15, 9)]
    named = hotspots.name_places(gpd.GeoDataFrame(geometry=boxes), units, wider)
    assert named["place_code"].tolist() == ["A", "A", "B", "B", "W"]
    assert named["name_th"].tolist() == ["ก", "ก (2)", "ข", "ข (2)", "เมือง"]
    assert named["name_en"].tolist() == ["Ka", "Ka (2)", "Kha", "Kha (2)", "Town"]


def test_an_empty_table_has_the_full_schema() -> None:
    """No hotspot still gives every column."""
    table = hotspots.empty()
    assert list(table.columns) == list(hotspots.COLUMNS)
    assert len(table) == 0 and table.crs.to_epsg() == 4326
