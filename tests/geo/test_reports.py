"""Records of meetings: stored with their place, undone, imported with bad rows told, exported, no personal data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import export, reports
from geo.importing import import_file
from geo.lake import Lake
from geo.readers.reports import without_people
from geo.schema import ImportRecord
from language import UserError

HALL = reports.Meeting(date(2026, 2, 12), "ศาลาประชาคม")


def _boundary(lake: Lake) -> None:
    shape = shapely.to_wkb(shapely.box(99.8, 13.7, 100.0, 13.9))
    row = {"code": "B1", "name_th": "บ้าน", "level": "tambon", "area_km2": 1.0, "geometry": shape}
    lake.upsert({"boundaries": pd.DataFrame([row])}, record=ImportRecord("boundaries", "b"))


def test_report_is_stored_where_it_was_pinned_and_undone(lake: Lake) -> None:
    """A pin gets the code of its boundary; undo takes the newest back and nothing else."""
    _boundary(lake)
    first = reports.add(lake, HALL, "smoke", 12, lat=13.8, lon=99.9, said="ทุกเย็น")
    reports.add(lake, HALL, "idea", 3, said="ปลูกต้นไม้")
    found = lake.reports()
    assert isinstance(found, gpd.GeoDataFrame)
    row = found.set_index("report_id").loc[first]
    assert (row["boundary_code"], row["votes"], row["note"], row["meeting_id"]) == ("B1", 12, "ทุกเย็น", HALL.meeting_id)
    assert found.geometry.is_empty.sum() == 1
    assert reports.totals(found)["votes"].to_dict() == {"smoke": 12, "idea": 3}
    assert reports.undo(lake, HALL)
    assert lake.reports()["report_id"].tolist() == [first]
    assert reports.undo(lake, HALL)
    assert not reports.undo(lake, HALL)
    assert lake.reports().empty


def test_other_meeting_is_not_touched(lake: Lake) -> None:
    """Undo belongs to one meeting."""
    reports.add(lake, HALL, "praise", 2)
    assert not reports.undo(lake, reports.Meeting(date(2026, 2, 13), "ศาลาประชาคม"))
    assert lake.count("reports") == 1


@pytest.mark.parametrize(("kind", "votes"), [("smoke", 4), ("idea", 0), ("idea", 100_001)])
def test_impossible_report_is_refused(lake: Lake, kind: str, votes: int) -> None:
    """A complaint needs a place, hands a sensible number; nothing is stored."""
    with pytest.raises(UserError):
        reports.add(lake, HALL, kind, votes)
    assert lake.count("reports") == 0


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("โทร 081-234-5678 ด่วน", "โทร … ด่วน"),
        ("1-2345-67890-12-3", "…"),
        ("เขียนถึง somchai@mail.go.th", "เขียนถึง …"),
        ("นายสมชาย ใจดี บอกว่าควันเยอะ", "… บอกว่าควันเยอะ"),
        ("PM2.5 วันที่ 12 ก.พ. 2569 เวลา 18.00", "PM2.5 วันที่ 12 ก.พ. 2569 เวลา 18.00"),
    ],
)
def test_note_keeps_no_personal_data(said: str, kept: str) -> None:
    """Numbers, mail and titled names go; dates and figures stay."""
    assert without_people(said) == kept


def test_import_keeps_good_rows_and_tells_the_bad_ones(lake: Lake) -> None:
    """Thai headers and kinds are read; an unknown kind, a complaint without a place and a count of 0 are told."""
    _boundary(lake)
    text = (
        "เรื่อง,ละติจูด,ลองติจูด,จำนวน,หมายเหตุ,โทรศัพท์\n"
        "ควันดำ,13.81,99.91,7,โทร 0812345678,0812345678\n"
        "ข้อเสนอ,,,4,ปลูกต้นไม้,\nแมว,13.8,99.9,1,,\nกลิ่น,,,2,,\nฝุ่น,13.8,99.9,0,,\n"
    )
    report = import_file(lake, text.encode(), "reports", name="hall.csv")
    assert report.kept == 2
    assert sorted(report.dropped["row"].tolist()) == [4, 5, 6]
    found = lake.reports().set_index("kind")
    assert found.loc["smoke", ["votes", "note", "boundary_code"]].tolist() == [7, "โทร …", "B1"]
    assert found["meeting_id"].unique().tolist() == ["hall.csv"]
    assert import_file(lake, text.encode(), "reports", name="hall.csv").unchanged


def test_exported_reports_come_back_equal(lake: Lake, tmp_path: Path) -> None:
    """What is exported can be imported into another lake, and is a layer of the GeoPackage."""
    reports.add(lake, HALL, "burning", 5, lat=13.8, lon=99.9, said="ข้างวัด")
    export.write(lake, tmp_path / "out")
    assert len(gpd.read_file(tmp_path / "out" / "lake.gpkg", layer="reports")) == 1
    with Lake.open(tmp_path / "other" / "catalog.sqlite") as other:
        import_file(other, tmp_path / "out" / "reports.csv", "reports")
        columns = ["report_id", "meeting_id", "meeting_date", "kind", "votes", "lat", "lon", "note"]
        assert other.reports()[columns].astype(str).equals(lake.reports()[columns].astype(str))


def test_file_of_the_meeting_pack_joins_the_meeting_of_the_page(lake: Lake) -> None:
    """Without a meeting number, day and place name the meeting; a row may say that it is simulated."""
    text = (
        "report_id,meeting_date,place,kind,votes,lat,lon,note,simulated\n"
        "p1,2026-02-12,ศาลาประชาคม,smoke,7,13.8,99.9,,false\np2,2026-02-12,ศาลาประชาคม,idea,2,,,,true\n"
    )
    import_file(lake, text.encode(), "reports", name="hall.csv")
    found = lake.reports().set_index("report_id")
    assert found.loc["p1", "meeting_id"] == HALL.meeting_id
    assert not found.loc["p1", "simulated"]
    assert found.loc["p2", "simulated"]
    assert found.loc["p2", "meeting_id"] == reports.Meeting(HALL.day, HALL.place, simulated=True).meeting_id
