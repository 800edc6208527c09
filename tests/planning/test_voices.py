"""What people said reaches the zones as counts, and no rank; simulated and measured are never mixed."""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import Point, box

from planning import artefacts, voices


def said(*rows: tuple[str, str, int, tuple[float, float] | None, bool]) -> gpd.GeoDataFrame:
    """Return reports: meeting, kind, hands, place or none, simulated."""
    table = {
        "report_id": [f"V{i}" for i in range(len(rows))],
        "meeting_id": [row[0] for row in rows],
        "meeting_date": ["2026-02-12"] * len(rows),
        "place": ["ศาลา"] * len(rows),
        "kind": [row[1] for row in rows],
        "votes": [row[2] for row in rows],
        "lat": [row[3][1] if row[3] else None for row in rows],
        "lon": [row[3][0] if row[3] else None for row in rows],
        "note": [None] * len(rows),
        "simulated": [row[4] for row in rows],
    }
    shapes = [Point(*row[3]) if row[3] else Point() for row in rows]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


HALVES = gpd.GeoDataFrame({"zone_id": ["Z1", "Z2"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
REPORTS = said(
    ("m1", "smoke", 5, (0.5, 0.5), False),
    ("m1", "smoke", 2, (0.6, 0.5), False),
    ("m1", "dust", 9, (0.5, 0.2), False),
    ("m1", "idea", 4, None, False),
    ("m2", "idea", 4, None, False),
    ("m1", "smell", 3, (1.0, 0.5), False),  # on the line between the halves
    ("m1", "smoke", 8, (5.0, 5.0), False),
    ("m1", "smoke", 7, (0.5, 0.5), True),
)


def test_only_the_areas_own_reports_are_heard() -> None:
    """Inside the area, and ideas of the same meeting; never a simulated one beside measured air."""
    heard = voices.heard(REPORTS, HALVES, simulated=False)
    assert sorted(heard["report_id"]) == ["V0", "V1", "V2", "V3", "V5"]
    assert list(voices.heard(REPORTS, HALVES, simulated=True)["report_id"]) == ["V7"]


def test_pins_and_hands_are_counted_once_in_each_zone() -> None:
    """Most hands first; a pin on a line counts in one zone only; a zone of which nothing was said has no row."""
    counted = voices.by_zone(voices.heard(REPORTS, HALVES, simulated=False), HALVES)
    first = counted[counted["zone_id"] == "Z1"].set_index("kind")
    assert first.loc["smoke", ["reports", "hands"]].tolist() == [2, 7]
    assert list(first.index[:2]) == ["dust", "smoke"]
    assert counted["reports"].sum() == 4
    assert voices.by_zone(voices.empty(), HALVES).empty


def test_the_folder_brings_the_reports_back(screening, tmp_path) -> None:
    """reports.csv and voices.csv beside the zones; pins and the idea without a place survive."""
    centre = screening.zones.geometry.iloc[0].representative_point()
    reports = said(("m", "burning", 6, (centre.x, centre.y), True), ("m", "idea", 2, None, True))
    heard = voices.heard(reports, screening.area, simulated=True)
    artefacts._write_csv(artefacts._columns(heard, voices.REPORT_COLUMNS), tmp_path / "reports.csv")
    back = artefacts._points(tmp_path / "reports.csv")
    assert back["votes"].tolist() == [6, 2]
    assert back.geometry.is_empty.tolist() == [False, True]
    counted = voices.by_zone(back, screening.zones)
    assert counted.values.tolist() == [[screening.zones["zone_id"].iloc[0], "burning", 1, 6]]
