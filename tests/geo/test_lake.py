"""The lake: transactions, upserts, time travel, taking back, several writers, damaged places."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import engine, housekeeping, merging
from geo.lake import Lake
from geo.schema import TABLES, ImportRecord, conform
from language import UserError

ROOT = Path(__file__).resolve().parents[2]


def record(kind: str = "observations", **more: object) -> ImportRecord:
    return ImportRecord(kind, "test.csv", **more)  # type: ignore[arg-type]


def stations(*ids: str, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"station_id": list(ids), "lat": 13.8, "lon": 99.87, "simulated": False, **more})


def readings(station: str, hours: int, value: float = 10.0, start: str = "2026-01-01") -> pd.DataFrame:
    times = pd.date_range(start, periods=hours, freq="h", tz="UTC")
    return pd.DataFrame(
        {
            "station_id": station,
            "variable": "pm25",
            "time": times,
            "period_hours": 1,
            "value": value + np.arange(hours, dtype="float64"),
        }
    )


def boundary(code: str, west: float, level: str = "tambon", **more: object) -> pd.DataFrame:
    shape = shapely.box(west, 13.0, west + 0.1, 13.1)
    row = {"code": code, "name_th": code, "level": level, "area_km2": 100.0, "geometry": shapely.to_wkb(shape)}
    return pd.DataFrame([{**row, "approximate": False, "simulated": False, **more}])


def factory(identifier: str, lon: float) -> pd.DataFrame:
    return pd.DataFrame([{"factory_id": identifier, "lat": 13.05, "lon": lon, "simulated": False}])


def test_new_lake_has_all_tables_and_is_empty(lake: Lake) -> None:
    """A first opening makes every table, and no data."""
    assert lake.is_empty()
    for name, table in TABLES.items():
        assert list(lake.read(name).columns) == list(table.columns)
    assert lake.period("pm25") is None
    assert lake.snapshot() == 1


def test_rows_come_back_as_they_were_stored(lake: Lake) -> None:
    """Values, UTC times, types and the import's number survive the round trip."""
    rows = readings("ก1", 5)
    entry = record()
    snapshot = lake.append({"stations": stations("ก1"), "observations": rows}, record=entry)
    found = lake.observations(["pm25"])
    assert snapshot == lake.snapshot() == 2
    pd.testing.assert_series_equal(found["time"], rows["time"].astype("datetime64[us, UTC]"), check_freq=False)
    assert found["value"].tolist() == rows["value"].tolist()
    assert set(found["import_id"]) == {entry.import_id}
    assert lake.stations().crs.to_epsg() == 4326
    assert not lake.is_empty()


def test_same_rows_twice_change_nothing(lake: Lake) -> None:
    """The second of two equal writes makes no snapshot and no double row."""
    entry = record()
    first = lake.upsert({"observations": readings("a", 30)}, record=entry)
    again = lake.upsert({"observations": readings("a", 30)}, record=entry)
    assert again.nothing
    assert not first.nothing
    assert again.snapshot == first.snapshot
    assert lake.count("observations") == 30


def test_changed_rows_are_replaced_by_key(lake: Lake) -> None:
    """A new value for a known hour replaces the old one; other rows stay."""
    lake.append({"observations": readings("a", 30)}, record=record())
    change = lake.upsert({"observations": readings("a", 40).assign(value=10.0)}, record=record())
    assert (change.added["observations"], change.updated["observations"]) == (10, 29)
    found = lake.observations(["pm25"])
    assert len(found) == 40
    assert set(found["value"]) == {10.0}


def test_time_travel_reads_the_old_state(lake: Lake) -> None:
    """A snapshot's rows can be read for ever, bit by bit the same."""
    old = lake.append({"observations": readings("a", 30)}, record=record())
    before = lake.observations(["pm25"])
    lake.append({"observations": readings("a", 30, value=99.0), "stations": stations("a")}, record=record())
    pd.testing.assert_frame_equal(lake.observations(["pm25"], snapshot=old), before)
    assert lake.stations(snapshot=old).empty
    assert not lake.stations().empty


def test_unknown_snapshot_is_a_sentence(lake: Lake) -> None:
    """A snapshot that doesn't exist is refused by number."""
    with pytest.raises(UserError, match="no snapshot 77"):
        lake.read("stations", snapshot=77)


def test_observations_filter(lake: Lake) -> None:
    """Start is inclusive, end exclusive; flagged rows only on demand; stations by identifier."""
    rows = pd.concat([readings("a", 24), readings("b", 24)])
    rows["flag"] = pd.Series(np.where(rows["value"] > 30, "spike", None), index=rows.index)
    lake.append({"observations": rows}, record=record())
    start, end = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2026, 1, 1, 10, tzinfo=UTC)
    found = lake.observations(["pm25"], start=start, end=end, station_ids=["b"])
    assert found["time"].min() == pd.Timestamp(start)
    assert found["time"].max() == pd.Timestamp("2026-01-01 09:00", tz="UTC")
    assert set(found["station_id"]) == {"b"}
    assert len(lake.observations(["pm25", "pm10"])) == 42
    assert len(lake.observations(["pm25"], flagged=True)) == 48
    assert lake.period("pm25") == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 23, tzinfo=UTC))


def test_removed_import_gives_back_what_it_replaced(lake: Lake) -> None:
    """Taking an import back removes its rows and brings the overwritten ones back."""
    lake.append({"observations": readings("a", 30)}, record=record())
    before = lake.observations(["pm25"])
    wrong = record()
    lake.append({"observations": readings("a", 50, value=500.0), "stations": stations("x")}, record=wrong)
    lake.remove_import(wrong.import_id)
    pd.testing.assert_frame_equal(
        lake.observations(["pm25"]).drop(columns="import_id"), before.drop(columns="import_id")
    )
    assert lake.stations().empty
    assert wrong.import_id not in set(lake.imports()["import_id"])
    with pytest.raises(UserError, match="no import"):
        lake.remove_import(wrong.import_id)


def test_simulated_rows_go_with_one_call(lake: Lake) -> None:
    """The demo disappears, its readings and plans too; real rows stay."""
    lake.append({"stations": stations("real"), "observations": readings("real", 3)}, record=record())
    demo = {
        "stations": stations("demo").assign(simulated=True),
        "observations": readings("demo", 3),
        "workspaces": pd.DataFrame([{"workspace_id": "w", "boundary_codes": "[]", "simulated": True}]),
    }
    lake.append(demo, record=record(simulated=True))
    lake.save_plan("p", "w", "แผน", {"rows": []})
    lake.remove_simulated()
    assert lake.stations()["station_id"].tolist() == ["real"]
    assert set(lake.observations(["pm25"])["station_id"]) == {"real"}
    assert lake.workspaces().empty
    assert lake.plans().empty
    assert len(lake.imports()) == 1


def test_factories_get_the_finest_boundary_whenever_it_comes(lake: Lake) -> None:
    """The code is set at import, refined by later boundaries, and falls back when those are removed."""
    lake.append({"boundaries": boundary("T1", 99.0)}, record=record("boundaries"))
    lake.append({"factories": pd.concat([factory("in", 99.05), factory("out", 98.0)])}, record=record("factories"))
    codes = lake.factories().set_index("factory_id")["boundary_code"]
    assert codes["in"] == "T1"
    assert pd.isna(codes["out"])
    finer = record("boundaries")
    lake.append({"boundaries": boundary("S1", 99.0, "subarea")}, record=finer)
    assert lake.factories().set_index("factory_id")["boundary_code"]["in"] == "S1"
    lake.remove_import(finer.import_id)
    assert lake.factories().set_index("factory_id")["boundary_code"]["in"] == "T1"


def test_plans_keep_every_version(lake: Lake) -> None:
    """Saving makes the next version; the newest is listed, old ones can be read."""
    assert lake.save_plan("p", "w", "แผน", {"n": 1}) == 1
    assert lake.save_plan("p", "w", "แผน", {"n": 2}, author="กอง") == 2
    assert lake.plans()["version"].tolist() == [2]
    assert lake.plan("p")["body"] == '{"n": 2}'
    assert lake.plan("p", 1)["body"] == '{"n": 1}'
    with pytest.raises(UserError, match="no saved plan"):
        lake.plan("q")


def test_failing_write_leaves_no_trace(lake: Lake) -> None:
    """One bad table of several: nothing of the transaction is kept."""
    bad = pd.DataFrame({"code": ["x"], "level": ["tambon"], "geometry": [b"no shape"], "lon": [1.0]})
    with pytest.raises(ValueError, match="no column lon"):
        lake.append({"stations": stations("a"), "boundaries": bad}, record=record())
    with pytest.raises(shapely.errors.GEOSException):
        lake.append({"stations": stations("a"), "boundaries": bad.drop(columns="lon")}, record=record())
    assert lake.is_empty()
    assert lake.snapshot() == 1


def test_unknown_columns_and_missing_keys_are_refused() -> None:
    """A telephone number has no column to go to; a row without its key is a mistake of the code."""
    with pytest.raises(ValueError, match="no column phone"):
        conform("stations", stations("a", phone="081"))
    with pytest.raises(ValueError, match="without station_id"):
        conform("stations", pd.DataFrame({"station_id": [None], "lat": [1.0]}))


def _write_many(catalog: str, writer: int, times: int) -> None:
    with Lake.open(catalog) as lake:
        for i in range(times):
            rows = pd.concat([readings(f"w{writer}", 3, start=f"2026-01-{i + 1:02d}"), readings("shared", 2)])
            lake.append({"observations": rows}, record=ImportRecord("observations", f"{writer}-{i}"))


@pytest.mark.slow
def test_four_processes_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    """4 writers x 8 commits: every row is there once, the shared rows not four times."""
    catalog = str(tmp_path / "catalog.sqlite")
    Lake.open(catalog).close()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(catalog, n, 8)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    with Lake.open(catalog) as lake:
        assert lake.count("observations") == 4 * 8 * 3 + 2
        assert lake.count("imports") == 32


def test_threads_share_one_lake(lake: Lake) -> None:
    """Threads of one process write and read through the same object."""

    def work(n: int) -> None:
        lake.append({"stations": stations(f"s{n}")}, record=record())
        lake.stations()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lake.count("stations") == 6


def test_reader_sees_what_another_process_wrote(tmp_path: Path) -> None:
    """An open lake shows commits of others at the next question."""
    catalog = tmp_path / "catalog.sqlite"
    with Lake.open(catalog) as reader:
        before = reader.snapshot()
        code = (
            "import pandas as pd; from geo.lake import Lake; from geo.schema import ImportRecord;"
            f"lake = Lake.open({str(catalog)!r});"
            "lake.append({'stations': pd.DataFrame({'station_id': ['a'], 'simulated': [False]})},"
            " record=ImportRecord('stations', 'x'))"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        assert reader.snapshot() == before + 1
        assert reader.count("stations") == 1


def test_catalogue_locked_by_another_program_is_waited_for(tmp_path: Path) -> None:
    """A lock of half a second only delays a write."""
    catalog = tmp_path / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        other = sqlite3.connect(catalog, check_same_thread=False, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        timer.start()
        lake.append({"stations": stations("a")}, record=record())
        timer.join()
        other.close()
        assert lake.count("stations") == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks of an open file are Linux's")
def test_open_lake_keeps_the_journal_for_readers(tmp_path: Path) -> None:
    """Others who come and go don't delete it under a reader (who would wait for a second); the last one out does."""
    catalog = tmp_path / "catalog.sqlite"
    journal = [tmp_path / f"catalog.sqlite{end}" for end in ("-wal", "-shm")]
    code = (
        f"import sqlite3; con = sqlite3.connect({str(catalog)!r}); con.execute('SELECT * FROM ducklake_snapshot');"
        "con.execute('PRAGMA wal_checkpoint'); con.close()"
    )
    with Lake.open(catalog) as lake, Lake.open(catalog) as second:
        made = [file.stat().st_ino for file in journal]
        subprocess.run([sys.executable, "-c", code], check=True)
        second.close()
        subprocess.run([sys.executable, "-c", code], check=True)
        lake.append({"stations": stations("a")}, record=record())
        assert [file.stat().st_ino for file in journal] == made
    assert not any(file.exists() for file in journal)
    with Lake.open(catalog) as lake:
        assert lake.count("stations") == 1


def test_trouble_in_the_middle_of_a_merge_keeps_its_name(lake: Lake) -> None:
    """What is tidied up afterwards must not hide that it was only another writer's turn, to be tried again."""
    with lake._con.cursor() as con:
        con.execute("BEGIN")
        with pytest.raises(duckdb.Error, match="columns"):
            merging.merge(con, "stations", conform("stations", stations("a")).assign(more_columns=1))


def test_damaged_catalogue_is_a_sentence(tmp_path: Path) -> None:
    """A file that is no catalogue, or a torn one, says so and names the way out."""
    catalog = tmp_path / "catalog.sqlite"
    catalog.write_bytes(b"this is no database, whatever its name says")
    with pytest.raises(UserError, match=r"cannot be read.*restore"):
        Lake.open(catalog)
    catalog.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(UserError, match=r"cannot be read.*restore"):
        Lake.open(catalog)


def test_lost_catalogue_beside_its_data_is_a_sentence(tmp_path: Path) -> None:
    """A new catalogue is not silently put over files of an old one."""
    catalog = tmp_path / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        lake.append({"observations": readings("a", 100)}, record=record())
    for file in tmp_path.glob("catalog.sqlite*"):
        file.unlink()
    with pytest.raises(UserError, match="is missing, but its data files"):
        Lake.open(catalog)


def test_missing_data_file_is_a_sentence_and_other_tables_stay_readable(tmp_path: Path) -> None:
    """A lost Parquet file is named; the other tables can be read."""
    with Lake.open(tmp_path / "catalog.sqlite") as lake:
        many = pd.concat([stations(f"s{i}") for i in range(30)])
        lake.append({"observations": readings("a", 100), "stations": many}, record=record())
        next((tmp_path / "files").glob("main/observations/*.parquet")).unlink()
        with pytest.raises(UserError, match="data file of the store is missing or damaged"):
            lake.observations(["pm25"])
        assert len(lake.stations()) == 30


def test_torn_data_file_is_a_sentence(tmp_path: Path) -> None:
    """A Parquet file with bytes missing is named."""
    with Lake.open(tmp_path / "catalog.sqlite") as lake:
        lake.append({"observations": readings("a", 100)}, record=record())
        file = next((tmp_path / "files").glob("main/observations/*.parquet"))
        file.write_bytes(file.read_bytes()[:-200])
    with Lake.open(tmp_path / "catalog.sqlite") as lake, pytest.raises(UserError, match="missing or damaged"):
        lake.observations(["pm25"])


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """A path through a file is refused with the settings to change."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="LAKE_CATALOG"):
        Lake.open(tmp_path / "file" / "lake" / "catalog.sqlite")


def test_read_only_store_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to write, everything stays readable and a write says why it can't."""
    folder = tmp_path / "lake"
    with Lake.open(folder / "catalog.sqlite") as lake:
        lake.append({"stations": stations("a")}, record=record())
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    # The administrator may write anywhere; what the system says is put in its place.
    monkeypatch.setattr(engine, "writable", lambda where: False)
    try:
        with Lake.open(folder / "catalog.sqlite") as lake:
            assert lake.read_only
            assert lake.stations()["station_id"].tolist() == ["a"]
            with pytest.raises(UserError, match="read-only"):
                lake.append({"stations": stations("b")}, record=record())
    finally:
        folder.chmod(stat.S_IRWXU)


def test_place_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LAKE_CATALOG and LAKE_DATA choose the place; passwords are not shown."""
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "c.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(tmp_path / "d"))
    found = engine.place()
    assert (found.catalog, found.data) == (str(tmp_path / "c.sqlite"), str(tmp_path / "d"))
    assert "geheim" not in engine.Place("postgres:dbname=x password=geheim host=y", "").shown
    assert "geheim" not in engine.Place("postgres:postgresql://me:geheim@host/x", "").shown
    assert os.environ["LAKE_CATALOG"] == found.catalog


def test_many_small_files_are_merged_and_old_snapshots_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Housekeeping merges files by itself; every snapshot reads the same rows as before."""
    monkeypatch.setattr(housekeeping, "EVERY", 8)
    monkeypatch.setattr(housekeeping, "MANY", 6)
    with Lake.open(tmp_path / "catalog.sqlite") as lake:
        states = {}
        for i in range(12):
            rows = readings(f"s{i % 3}", 40, value=i, start=f"2026-01-{1 + i // 2:02d}")
            snapshot = lake.append({"observations": rows}, record=record())
            states[snapshot] = lake.observations(["pm25"], snapshot=snapshot)
        files = lake.query("FROM ducklake_list_files('lake', 'observations')")
        assert len(files) < 10
        for snapshot, rows in states.items():
            pd.testing.assert_frame_equal(lake.observations(["pm25"], snapshot=snapshot), rows)
        pd.testing.assert_frame_equal(lake.observations(["pm25"]), rows)


def test_failing_housekeeping_does_not_fail_the_write(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging is a favour: when it can't be done, the rows are stored all the same."""
    monkeypatch.setattr(housekeeping, "EVERY", 1)
    monkeypatch.setattr(housekeeping, "MANY", 0)
    monkeypatch.setattr(housekeeping, "_STEPS", ("CALL no_such_function('lake')",))
    lake.append({"stations": stations("a")}, record=record())
    assert lake.count("stations") == 1


def _write_until_killed(catalog: str, acknowledged: Any) -> None:
    with Lake.open(catalog) as lake:
        for i in itertools.count():
            rows = readings(f"s{i}", 100)
            lake.append(
                {"stations": stations(f"s{i}"), "observations": rows}, record=ImportRecord("observations", str(i))
            )
            acknowledged.put(i)


@pytest.mark.slow
def test_killed_writers_leave_whole_transactions(tmp_path: Path) -> None:
    """SIGKILL at any moment: what was acknowledged is there, nothing is half there, the lake opens."""
    catalog = str(tmp_path / "catalog.sqlite")
    Lake.open(catalog).close()
    context = multiprocessing.get_context("spawn")
    for delay in (0.05, 0.21, 0.37):
        queue = context.SimpleQueue()
        writer = context.Process(target=_write_until_killed, args=(catalog, queue))
        writer.start()
        told = queue.get()  # it is at work
        time.sleep(delay)
        writer.kill()
        writer.join()
        with Lake.open(catalog) as lake:
            counts = lake.query("SELECT station_id, count(*) AS n FROM lake.observations GROUP BY ALL")
            assert set(counts["n"]) == {100}
            assert set(counts["station_id"]) == set(lake.stations()["station_id"])
            assert set(lake.imports()["file_name"]) == {name.removeprefix("s") for name in counts["station_id"]}
            assert f"s{told}" in set(counts["station_id"])


def test_a_slow_question_prints_nothing(lake: Lake) -> None:
    """DuckDB draws a bar for questions of two seconds and more, into whatever the command writes."""
    assert lake.query("SELECT current_setting('enable_progress_bar') AS bar")["bar"].tolist() == [False]
