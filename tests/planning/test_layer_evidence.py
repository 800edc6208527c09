"""Roads and fires of own layers beside the likely sources: hours upwind across north, days, reach, what is read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo import own_layers
from geo.lake import Lake
from planning import layer_evidence
from planning.layer_evidence import Layers
from planning.plumes import Hours

PLACE = np.array([[0.0, 0.0]])
LISTED = pd.DataFrame(
    {
        "source_id": ["F1", "traffic", "burning"],
        "distance_km": [1.0, np.nan, np.nan],
        "upwind_share": [0.5, np.nan, np.nan],
        "nearby": np.nan,
    }
)


def hours(*directions: float, day: str = "2026-02-12") -> Hours:
    """Return hours of one day with these winds."""
    count = len(directions)
    return Hours(np.full(count, np.datetime64(day)), np.arange(count), np.array(directions, float), np.full(count, 2.0))


def of(kind: str, layers: Layers, stamps: Hours) -> list[float]:
    """Return distance, upwind share and what is nearby of traffic or burning."""
    table = layer_evidence.beside(LISTED, layers, stamps, PLACE, 45.0).set_index("source_id")
    assert table.loc["F1", ["distance_km", "upwind_share"]].tolist() == [1.0, 0.5], "factories stay as they are"
    return table.loc[kind, ["distance_km", "upwind_share", "nearby"]].tolist()


NONE = np.empty(0, "datetime64[D]")


def test_a_road_counts_where_it_is_near_and_upwind() -> None:
    """A road 500 m north, 400 m long: upwind at 350, 0 and 10 degrees, not at 90 and 180; another is too far."""
    road = np.array([[x, 500.0] for x in (-100.0, 0.0, 100.0, 200.0)] + [[5000.0, 0.0]])
    found = of("traffic", Layers(road, None, NONE), hours(350, 0, 10, 90, 180))
    assert found == pytest.approx([0.5, 0.6, 0.4])
    two = np.vstack([PLACE, [[0.0, -4000.0]]])  # half of this place has no road
    table = layer_evidence.beside(LISTED, Layers(road, None, NONE), hours(350, 90), two, 45.0)
    assert table["upwind_share"][1] == pytest.approx(0.25)
    far = of("traffic", Layers(road[-1:], None, NONE), hours(90, 90))
    assert np.isnan(far[0]) and far[1:] == [0.0, 0.0]


def test_a_fire_counts_on_its_own_day_only() -> None:
    """A fire 3 km east on the day, one on another day, one 20 km away: one fire, upwind in half of the hours."""
    fires = np.array([[3000.0, 0.0], [1000.0, 0.0], [20_000.0, 0.0]])
    days = np.array(["2026-02-12", "2026-02-13", "2026-02-12"], "datetime64[D]")
    found = of("burning", Layers(None, fires, days), hours(80, 100, 270, 200))
    assert found == pytest.approx([3.0, 0.5, 1.0])
    none = of("burning", Layers(None, fires, days), hours(90, day="2026-02-20"))
    assert np.isnan(none[0]) and none[1:] == [0.0, 0.0], "a layer without a fire on these days says so"


def test_without_a_layer_nothing_is_said() -> None:
    assert all(np.isnan(of("traffic", Layers(None, None, NONE), hours(0))))
    assert all(np.isnan(of("burning", Layers(None, None, NONE), hours(0))))


def test_layers_are_read_around_the_area_by_bangkok_day(tmp_path: Path) -> None:
    """18:34 UTC is the next Bangkok day; undated and far fires don't count, nor simulated roads for measured dust."""
    fires = b"lat,lon,acq_date,acq_time\n13.80,99.90,2026-02-12,1834\n13.80,99.91,,\n18.0,99.9,2026-02-12,634\n"
    line = {"type": "LineString", "coordinates": [[99.895, 13.80], [99.905, 13.80]]}
    road = json.dumps({"type": "Feature", "properties": {"name": "a"}, "geometry": line}).encode()
    crs, x, y = "EPSG:32647", 597_300.0, 1_525_800.0
    area = box(x - 3000, y - 3000, x + 3000, y + 3000)
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        own_layers.store(lake, own_layers.read(fires, "f.csv", "fires"), "f.csv", fires)
        own_layers.store(lake, own_layers.read(road, "r.geojson", "roads"), "r.geojson", road, simulated=True)
        found = layer_evidence.read(lake, area, crs, None, simulated=True)
        measured = layer_evidence.read(lake, area, crs, None, simulated=False)
    assert found.days.astype(object).tolist() == [date(2026, 2, 13)] and found.fires is not None
    assert found.roads is not None and len(found.roads) == pytest.approx(11, abs=2), "1.08 km of road"
    assert np.hypot(*(found.roads - [x, y]).T).max() < 1500
    assert measured.roads is None and measured.fires is not None
