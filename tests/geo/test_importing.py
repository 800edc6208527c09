"""From a file to the lake: repeated, overlapping, shifted imports; workspaces; the personal stays out."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from geo.importing import import_file
from geo.lake import Lake
from geo.readers import Options
from language import UserError

STATIONS = b"station_id,lat,lon\na,13.8,99.8\nb,13.9,99.9\n"
SQUARE = "POLYGON((99 13,101 13,101 14,99 14,99 13))"


def readings(start: str, hours: int, first: float = 0.0, station: str = "a") -> bytes:
    times = pd.date_range(start, periods=hours, freq="h")
    rows = [f"{station},{t:%Y-%m-%d %H:%M},{first + 7 * (i % 11) + i}" for i, t in enumerate(times)]
    return "\n".join(["station_id,datetime,pm25", *rows]).encode()


def test_report_names_what_happened(lake: Lake) -> None:
    """Kept, dropped, notes, import and snapshot; the record in the lake says the same."""
    report = import_file(lake, STATIONS + b"c,,\n", "stations", name="s.csv")
    assert (report.rows_read, report.kept, len(report.dropped)) == (3, 2, 1)
    assert report.snapshot == lake.snapshot()
    stored = lake.imports().iloc[0]
    assert stored["import_id"] == report.import_id
    assert json.loads(stored["mapping"]) == {"station_id": "station_id", "lat": "lat", "lon": "lon"}
    assert json.loads(stored["dropped"])[0]["row"] == 4
    assert "s.csv, row 4" in report.problems()[0].say()


def test_same_import_again_changes_nothing_and_says_so(lake: Lake) -> None:
    """The second time: no snapshot, no row, one sentence."""
    first = import_file(lake, STATIONS, "stations", name="s.csv")
    again = import_file(lake, STATIONS, "stations", name="s.csv")
    assert again.unchanged
    assert (again.import_id, again.snapshot) == (first.import_id, first.snapshot)
    assert any("Nothing changed" in n.say() for n in again.notes)
    assert len(lake.imports()) == 1


def test_overlapping_files_join_without_doubles(lake: Lake) -> None:
    """January and a file from January to March: every hour once; taking one back leaves the other's hours."""
    import_file(lake, STATIONS, "stations", name="s.csv")
    import_file(lake, readings("2026-01-01", 48), "observations", name="1.csv")
    report = import_file(lake, readings("2026-01-01", 96), "observations", name="2.csv")
    assert lake.count("observations") == 96
    lake.remove_import(report.import_id)
    assert lake.count("observations") == 48
    import_file(lake, readings("2026-01-01", 96), "observations", name="2.csv")
    assert lake.count("observations") == 96


def test_removed_import_can_be_imported_again(lake: Lake) -> None:
    """What was taken back is not taken for known."""
    report = import_file(lake, STATIONS, "stations", name="s.csv")
    lake.remove_import(report.import_id)
    assert not import_file(lake, STATIONS, "stations", name="s.csv").unchanged
    assert lake.count("stations") == 2


def test_readings_of_unknown_stations_are_kept_and_said(lake: Lake) -> None:
    """The place may come later."""
    report = import_file(lake, readings("2026-01-01", 5, station="x"), "observations", name="1.csv")
    assert lake.count("observations") == 5
    assert any("no place yet" in n.say() and "x" in n.say() for n in report.notes)


def test_stations_in_readings_do_not_overwrite_known_ones(lake: Lake) -> None:
    """A name given by hand stays; another place is warned about; new stations are made."""
    import_file(lake, "station_id,ชื่อสถานี,lat,lon\na,ชื่อดี,13.8,99.8\n".encode(), "stations", name="s.csv")
    rows = b"station_id,lat,lon,datetime,pm25\na,13.9,99.8,2026-01-01 00:00,1\nn,13.7,99.7,2026-01-01 00:00,2\n"
    report = import_file(lake, rows, "observations", name="1.csv")
    stations = lake.stations().set_index("station_id")
    assert stations["name_th"]["a"] == "ชื่อดี"
    assert stations["lat"]["a"] == 13.8
    assert "n" in stations.index
    assert any("stand elsewhere" in n.say() for n in report.notes)


def test_series_moved_by_an_hour_is_warned_about(lake: Lake) -> None:
    """The same readings with labels an hour later are another service's."""
    import_file(lake, readings("2026-01-01 00:00", 72), "observations", name="1.csv")
    report = import_file(lake, readings("2026-01-01 01:00", 72), "observations", name="2.csv")
    assert any("label hours differently" in n.say() for n in report.notes)
    fair = import_file(lake, readings("2026-01-01 00:00", 72, station="b"), "observations", name="3.csv")
    assert not any("label hours differently" in n.say() for n in fair.notes)


def test_factories_find_their_boundary_before_and_after(lake: Lake) -> None:
    """The join is made whichever file comes first."""
    factories = "reg_no,name_th,lat,lon\n3-9(1)-1/50รบ,ก,13.5,99.5\n".encode()
    import_file(lake, factories, "factories", name="f.csv")
    assert lake.factories()["boundary_code"].isna().all()
    boundaries = f'code,name_th,wkt\nTH700501,บ้านโป่ง,"{SQUARE}"\n'.encode()
    report = import_file(lake, boundaries, "boundaries", name="b.csv")
    assert lake.factories()["boundary_code"].tolist() == ["TH700501"]
    assert report.workspace_id == "area-TH700501"
    again = import_file(lake, factories, "factories", name="f.csv")
    assert again.unchanged


def test_boundaries_make_or_join_a_workspace(lake: Lake) -> None:
    """One import, one workspace; another file can be put into it; an unknown one is a sentence."""
    one = f'code,name_th,wkt\nM1,เทศบาลเมืองบ้านโป่ง,"{SQUARE}"\n'.encode()
    two = f'code,name_th,wkt\nM2,เทศบาลตำบลเบิกไพร,"{SQUARE}"\n'.encode()
    first = import_file(lake, one, "boundaries", name="b.csv", options=Options(approximate=True))
    import_file(lake, two, "boundaries", name="c.csv", workspace=first.workspace_id)
    spaces = lake.workspaces()
    assert len(spaces) == 1
    assert json.loads(spaces["boundary_codes"].iloc[0]) == ["M1", "M2"]
    assert spaces["name_th"].iloc[0] == "เทศบาลเมืองบ้านโป่ง"
    assert lake.boundaries(codes=["M1"])["approximate"].tolist() == [True]
    with pytest.raises(UserError, match="no workspace nix"):
        import_file(lake, two, "boundaries", name="c.csv", workspace="nix")


def test_simulated_is_marked_on_every_row(lake: Lake) -> None:
    """And goes with one call."""
    import_file(lake, STATIONS, "stations", name="s.csv", simulated=True)
    assert lake.stations()["simulated"].all()
    lake.remove_simulated()
    assert lake.is_empty()


def test_personal_data_is_nowhere_in_the_store(lake: Lake, tmp_path: Path) -> None:
    """Neither in tables, nor in mappings, nor in the lists of what was dropped."""
    content = (
        "เลขทะเบียน,ชื่อโรงงาน,ผู้ประกอบการ,โทรศัพท์,แรงม้า,ละติจูด,ลองติจูด\n"
        "3-9(1)-1/50รบ,ก,นายความลับ,0812345678,abc,13.5,99.5\n3-9(1)-2/50รบ,ข,นายความลับ,0812345678,5\n"
    ).encode()
    report = import_file(lake, content, "factories", name="f.csv")
    assert report.kept == 1
    for table in ("factories", "imports"):
        text = lake.read(table).to_csv()
        assert "นายความลับ" not in text
        assert "0812345678" not in text


@pytest.mark.parametrize(
    ("folder", "file", "kind", "kept"),
    [
        ("de_rb_2005", "stations.csv", "stations", 69),
        ("de_rb_2005", "pm10_daily_long.csv", "observations", 23_230),
        ("pm25_airnow_campfire_2018", "stations.csv", "stations", 134),
        ("pm25_airnow_campfire_2018", "pm25_hourly_long.csv.gz", "observations", 43_089),
        ("factories_diw_prachinburi", "factories_prachinburi.csv", "factories", 632),
        ("factories_banpong_partial", "factories_banpong_partial.csv", "factories", 57),
        ("thailand_boundaries", "tha_adm3_simplified.gpkg", "boundaries", 7425),
        ("thailand_boundaries", "tha_adm1_simplified.gpkg", "boundaries", 77),
        ("thailand_boundaries", "banpong_tambon.geojson", "boundaries", 15),
        ("health_facilities_r12", "hc12_phc.csv", "receptors", 819),
        ("health_facilities_r12", "hc12_hos.csv", "receptors", 77),
        ("lao_offices_dla", "lao_offices.csv", "receptors", 4816),
        ("openaq_th_locations", "thai_locations.csv", "stations", 646),
    ],
)
def test_real_sets_need_no_mapping(lake: Lake, shared_data: Path, folder: str, file: str, kind: str, kept: int) -> None:
    """Real files of several makers are read wholly as they are."""
    report = import_file(lake, shared_data / folder / file, kind)
    assert report.kept == lake.count(kind) == kept
    assert report.dropped.empty


def test_german_stations_stand_in_germany(lake: Lake, shared_data: Path) -> None:
    """x_utm32 and y_utm32 are UTM 32N: all 69 lie in Germany, and days are daily means."""
    import_file(lake, shared_data / "de_rb_2005" / "stations.csv", "stations")
    report = import_file(lake, shared_data / "de_rb_2005" / "pm10_daily_long.csv", "observations")
    stations = lake.stations()
    assert stations.total_bounds == pytest.approx([6.28, 47.81, 14.79, 54.92], abs=0.2)
    assert not any("no place yet" in n.say() for n in report.notes)
    found = lake.observations(["pm10"])
    assert set(found["period_hours"]) == {24}
    annual = pd.read_csv(shared_data / "de_rb_2005" / "stations.csv").set_index("station")["annual_mean_PM10"]
    means = found.groupby("station_id")["value"].mean()
    assert (means - annual.reindex(means.index)).abs().max() < 1e-9


def test_smoke_above_a_thousand_is_kept(lake: Lake, shared_data: Path) -> None:
    """The Camp Fire's extremes and gaps survive, in UTC."""
    import_file(lake, shared_data / "pm25_airnow_campfire_2018" / "pm25_hourly_long.csv.gz", "observations")
    found = lake.observations(["pm25"])
    truth = pd.read_csv(shared_data / "pm25_airnow_campfire_2018" / "pm25_hourly_long.csv.gz")
    assert found["value"].max() == truth["pm25"].max() > 1000
    assert found["time"].min() == pd.to_datetime(truth["datetime"]).min()


def test_prachinburi_factories_join_tambons(lake: Lake, shared_data: Path) -> None:
    """632 factories, 61 on a point taken before; all but border cases lie in Prachin Buri's tambons."""
    report = import_file(lake, shared_data / "factories_diw_prachinburi" / "factories_prachinburi.csv", "factories")
    assert any("61 factories stand on the point of an earlier one" in n.say() for n in report.notes)
    import_file(lake, shared_data / "thailand_boundaries" / "tha_adm3_simplified.gpkg", "boundaries")
    factories = lake.factories()
    own = pd.read_csv(shared_data / "factories_diw_prachinburi" / "factories_prachinburi.csv")
    joined = factories.merge(own[["reg_no", "tam_code"]].drop_duplicates("reg_no"), on="reg_no")
    assert joined["boundary_code"].str.startswith("TH25").mean() > 0.97
    assert (joined["boundary_code"] == "TH" + joined["tam_code"].astype(str)).mean() > 0.8
    assert lake.boundaries(codes=["TH250214"])["name_th"].iloc[0] == "วังท่าช้าง"
