"""python -m geo: imports, status, export, backup and restore, and sentences for what goes wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.__main__ import main
from geo.backup import backup, restore
from geo.export import harmless
from geo.lake import Lake
from geo.schema import TABLES, ImportRecord
from language import UserError

ROOT = Path(__file__).resolve().parents[2]
STATIONS = "รหัสสถานี,ชื่อสถานี,ละติจูด,ลองจิจูด\na,วัด,13.8,99.8\nb,=1+1,13.9,99.9\nc,ไม่มี,,\n"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point LAKE_CATALOG at a new place and speak English."""
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "lake" / "catalog.sqlite"))
    monkeypatch.delenv("LAKE_DATA", raising=False)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    (tmp_path / "stations.csv").write_text(STATIONS, encoding="utf-8-sig")
    return tmp_path


def readings(hours: int) -> pd.DataFrame:
    times = pd.date_range("2026-01-01", periods=hours, freq="h", tz="UTC")
    return pd.DataFrame({"station_id": "a", "variable": "pm25", "time": times, "period_hours": 1, "value": 1.0})


def test_import_reports_and_writes_what_was_dropped(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Notes on standard error, dropped rows with reasons in a file that Excel opens."""
    dropped = store / "dropped.csv"
    assert main(["import", "stations", str(store / "stations.csv"), "--dropped", str(dropped)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "3 rows read, 2 records stored" in err
    assert "stations.csv, row 4" in err
    assert dropped.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(dropped)
    assert table["row"].tolist() == [4]
    assert "missing" in table["reason"].iloc[0]


def test_same_import_twice_says_so(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second run changes nothing and ends well."""
    arguments = ["import", "stations", str(store / "stations.csv")]
    assert main(arguments) == 0
    capsys.readouterr()
    assert main(arguments) == 0
    assert "Nothing changed" in capsys.readouterr().err


def test_messages_are_thai_where_the_environment_is(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """LANG=th_TH speaks Thai."""
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    assert main(["import", "stations", str(store / "stations.csv")]) == 0
    assert "อ่าน 3 แถว" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["import", "stations", "/no/such/file.csv"], "There is no file"),
        (["import", "observations", "stations.csv"], "--map time"),
        (["import", "stations", "stations.csv", "--map", "lat"], "write ours=theirs"),
        (["import", "stations", "stations.csv", "--map", "lat=Nix"], "no column Nix"),
        (["import", "stations", "stations.csv", "--crs", "EPSG:1"], "no known coordinate system"),
        (["restore", "stations.csv"], "no backup"),
        (["restore", "nix.zip"], "There is no file"),
        (["remove", "nix"], "no import nix"),
        (["backup", "no/such/folder/b.zip"], "cannot be written"),
    ],
)
def test_bad_input_is_exit_code_2_and_one_sentence(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], match: str
) -> None:
    """No traceback, no output on standard output."""
    monkeypatch.chdir(store)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert match in err
    assert err.count("\n") == 1
    assert out == ""


def test_mapping_and_options_reach_the_reader(store: Path) -> None:
    """Several --map, a unit system, a source."""
    file = store / "x.csv"
    file.write_text("A;E;N\nq;592000;1527000\n", encoding="utf-8")
    arguments = ["--map", "station_id=A", "x=E", "--map", "y=N", "--crs", "EPSG:32647"]
    more = ["--source", "เทศบาล", "--station-kind", "reference", "--simulated"]
    assert main(["import", "stations", str(file), *arguments, *more]) == 0
    with Lake.open() as lake:
        row = lake.stations().iloc[0]
        assert row["station_id"] == "q"
        assert row["lat"] == pytest.approx(13.81, abs=0.01)
        assert (row["source"], row["kind"], bool(row["simulated"])) == ("เทศบาล", "reference", True)


def test_status_and_remove(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status names tables, periods, imports and the snapshot; an import can be taken back by its number."""
    assert main(["status"]) == 0
    assert "Nothing is stored yet" in capsys.readouterr().err
    main(["import", "stations", str(store / "stations.csv"), "--simulated"])
    with Lake.open() as lake:
        lake.append({"observations": readings(5)}, record=ImportRecord("observations", "r.csv"))
        number = lake.imports()["import_id"].iloc[-1]
    capsys.readouterr()
    assert main(["status"]) == 0
    text = capsys.readouterr().err
    assert "stations: 2 rows, 2 of them simulated" in text
    assert "pm25: from 1 Jan 2026 07:00 to 1 Jan 2026 11:00" in text
    assert str(number) in text
    assert main(["remove", str(number)]) == 0
    assert main(["remove", "simulated"]) == 0
    with Lake.open() as lake:
        assert lake.stations().empty


def test_export_opens_in_spreadsheets_and_maps(store: Path) -> None:
    """CSV with BOM, no cell that runs as a formula; a GeoPackage with the places."""
    main(["import", "stations", str(store / "stations.csv")])
    assert main(["export", "--out", str(store / "out")]) == 0
    file = store / "out" / "stations.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(file)["name_th"].tolist() == ["วัด", "'=1+1"]
    assert len(gpd.read_file(store / "out" / "lake.gpkg", layer="stations")) == 2
    assert (store / "out" / "snapshot.txt").read_text().strip() == "2"


def test_harmless_leaves_numbers_and_dashes() -> None:
    """Only what a spreadsheet would run is marked."""
    frame = pd.DataFrame({"t": ["=A1", "+1", "@x", "-5.2", "-", "-cmd", "ก"], "n": [-1.0] * 7})
    assert harmless(frame)["t"].tolist() == ["'=A1", "'+1", "'@x", "-5.2", "'-", "'-cmd", "ก"]
    assert harmless(frame)["n"].tolist() == [-1.0] * 7


def test_backup_and_restore_give_identical_tables(tmp_path: Path) -> None:
    """Tables and history come back; what lay there is moved aside, not lost."""
    catalog = tmp_path / "one" / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        old = lake.append({"observations": readings(100)}, record=ImportRecord("observations", "1"))
        lake.append({"observations": readings(200).assign(value=2.0)}, record=ImportRecord("observations", "2"))
        lake.save_plan("p", "w", "แผน", {"n": 1})
        snapshot = backup(lake, tmp_path / "b.zip")
        tables = {table: lake.read(table) for table in TABLES}
        before = lake.observations(["pm25"], snapshot=old)
        lake.append({"observations": readings(300)}, record=ImportRecord("observations", "3"))
    for target in (tmp_path / "two" / "catalog.sqlite", catalog):
        assert restore(tmp_path / "b.zip", target) == snapshot
        with Lake.open(target) as lake:
            for table, rows in tables.items():
                pd.testing.assert_frame_equal(lake.read(table), rows)
            pd.testing.assert_frame_equal(lake.observations(["pm25"], snapshot=old), before)
            lake.append({"observations": readings(10)}, record=ImportRecord("observations", "4"))
    assert len(list(catalog.parent.glob("catalog.sqlite.before-*"))) == 1
    assert len(list(catalog.parent.glob("files.before-*"))) == 1


def test_backup_while_others_write(tmp_path: Path) -> None:
    """A backup made in the middle of writing holds whole transactions only."""
    catalog = tmp_path / "lake" / "catalog.sqlite"
    with Lake.open(catalog) as lake, Lake.open(catalog) as other:

        def write() -> None:
            for i in range(8):
                rows = readings(50).assign(station_id=f"s{i}")
                other.append({"observations": rows}, record=ImportRecord("observations", f"{i}"))

        writer = threading.Thread(target=write)
        writer.start()
        snapshots = [backup(lake, tmp_path / f"{n}.zip") for n in range(4)]
        writer.join()
    for n, snapshot in enumerate(snapshots):
        target = tmp_path / f"r{n}" / "catalog.sqlite"
        assert restore(tmp_path / f"{n}.zip", target) == snapshot
        with Lake.open(target) as lake:
            assert lake.count("observations") == 50 * lake.count("imports")


def test_damaged_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    """A torn or foreign zip file leaves the store as it is."""
    catalog = tmp_path / "lake" / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        lake.append({"observations": readings(100)}, record=ImportRecord("observations", "1"))
        backup(lake, tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "torn.zip").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("backup.json", '{"kind": "store"}')
        archive.writestr("../outside.txt", "x")
    for name in ("torn.zip", "evil.zip"):
        with pytest.raises(UserError, match="no backup"):
            restore(tmp_path / name, catalog)
    assert not (tmp_path.parent / "outside.txt").exists()
    with Lake.open(catalog) as lake:
        assert lake.count("observations") == 100


def test_help_names_every_command_and_field() -> None:
    """The module runs by itself; its help lists the commands that exist and the fields for --map."""
    run = [sys.executable, "-m", "geo"]
    text = subprocess.run([*run, "--help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for command in ("import", "status", "demo", "export", "backup", "restore", "remove"):
        assert command in text
    fields = subprocess.run([*run, "import", "--help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "factory_class" in fields
    assert "--hour-label" in fields
