"""The provincial office's table: counts within 1 km, the newest visit, simulated and measured never mixed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.lake import Lake
from language import UserError
from planning import factory_screen as fs

pytestmark = pytest.mark.slow

TODAY = date(2026, 3, 1)
FACTORIES = gpd.GeoDataFrame(
    {"factory_id": ["F1", "F2"], "name_th": ["ก", "ข"], "hp": [75.0, 500.0], "simulated": False},
    geometry=gpd.points_from_xy([99.90, 99.95], [13.80, 13.80]), crs=4326,
)  # fmt: skip


def points(lons: list[float], **columns: object) -> gpd.GeoDataFrame:
    """Return points on the parallel of the factories; 0.009 degrees are 0.97 km there."""
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lons, [13.80] * len(lons)), crs=4326)


def counted(**changes: object) -> pd.DataFrame:
    parts = {
        "receptors": points([99.901, 99.909, 99.910]),
        "reports": points(
            [99.901, 99.902, 99.902, 99.903], kind=["smoke", "praise", "smell", "dust"], votes=[5, 9, 2, 4],
            simulated=[False, False, False, True],
        ),
        "visits": pd.DataFrame({"factory_id": [], "visited_on": [], "note": [], "import_id": []}, dtype=object),
        **changes,
    }  # fmt: skip
    simulated = bool(parts.pop("simulated", False))
    return fs.table(FACTORIES, **parts, simulated=simulated).set_index("factory_id")


def test_what_lies_within_a_kilometre_counts() -> None:
    """0.97 km counts, 1.08 km doesn't; praise is no complaint; simulated reports stay out of measured ones."""
    found = counted()
    assert found["receptors_1km"].tolist() == [2, 0]
    assert found["complaints_1km"].tolist() == [2, 0]
    assert found["hands_1km"].tolist() == [7, 0]
    assert counted(simulated=True)["hands_1km"].tolist() == [4, 0]


def test_newest_visit_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    """The latest day is shown whatever the order of writing; taking a visit back shows the one before."""
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        newer = fs.record_visit(lake, ["F1", "F2"], date(2026, 2, 1), "โทร 0812345678", today=TODAY)
        fs.record_visit(lake, ["F1"], date(2025, 2, 1), today=TODAY)
        found = counted(visits=lake.read("visits"))
        assert found["last_visit"].tolist() == ["2026-02-01", "2026-02-01"]
        assert found.loc["F2", "visit_note"] == "โทร …"
        lake.remove_import(newer)
        left = counted(visits=lake.read("visits"))["last_visit"]
        assert left["F1"] == "2025-02-01"
        assert pd.isna(left["F2"])


def test_impossible_visits_and_nameless_screens_are_refused(tmp_path: Path) -> None:
    """No factory, a day to come, no name: a sentence, and nothing stored."""
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        with pytest.raises(UserError):
            fs.record_visit(lake, [], TODAY, today=TODAY)
        with pytest.raises(UserError):
            fs.record_visit(lake, ["F1"], date(2026, 3, 2), today=TODAY)
        with pytest.raises(UserError):
            fs.save_screen(lake, "  ", "x")
        assert lake.count("visits") == lake.count("screens") == 0
        fs.save_screen(lake, "Big", "a=1")
        fs.save_screen(lake, "big", "a=2")
        assert lake.read("screens")["body"].tolist() == ["a=2"]
