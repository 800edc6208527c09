"""Housekeeping: what is forgotten, what is kept however old, and that it is written down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from geo import housekeeping, ledger
from geo.__main__ import main
from geo.backup import backup, restore
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError
from tests.geo.test_lake import readings

LONG_AGO = "2024-03-{day:02d} 05:00:00+00"


def store(lake: Lake, number: int, sha256: str = "") -> int:
    record = ImportRecord("observations", f"{number}.csv", import_id=f"i{number}", sha256=sha256)
    return lake.append({"observations": readings("s", 30, value=number, start="2024-03-01")}, record=record)


def age(lake: Lake) -> None:
    """Put every snapshot into March 2024, a day apart."""
    for snapshot in lake.query("SELECT snapshot_id FROM ducklake_snapshots('lake')")["snapshot_id"]:
        moment = LONG_AGO.format(day=1 + int(snapshot))
        lake._con.execute(
            f"UPDATE __ducklake_metadata_lake.ducklake_snapshot SET snapshot_time = '{moment}' "
            f"WHERE snapshot_id = {snapshot}"
        )


def left(lake: Lake) -> set[int]:
    return {int(n) for n in lake.query("SELECT snapshot_id FROM ducklake_snapshots('lake')")["snapshot_id"]}


def test_cited_snapshots_stay_and_others_go(lake: Lake) -> None:
    """What a result, a plan, an undo or the month needs is kept bit for bit; the rest is forgotten, and noted."""
    made = [store(lake, number) for number in range(8)]
    by_file = store(lake, 8, sha256="abc")
    planned = made[2]
    lake.save_plan("P", "W", "แผน", {}, snapshot=planned)
    newest = store(lake, 9)
    ledger.cite(lake, made[4], "TOWN pm25")
    then = {n: lake.observations(["pm25"], snapshot=n) for n in (planned, made[4])}
    assert housekeeping.forgettable(lake._con, lake.where) == [], "nothing is old yet"
    age(lake)
    assert lake.tidy_up(older_than="0 seconds")
    assert {n for n in left(lake) if n <= newest} == {0, 1, planned, made[4], by_file - 1, by_file, newest}
    for snapshot, rows in then.items():
        pd.testing.assert_frame_equal(lake.observations(["pm25"], snapshot=snapshot), rows, check_exact=True)
    with pytest.raises(UserError, match="any more"):
        lake.observations(["pm25"], snapshot=made[5])
    note = ledger.upkeep(lake)[0]["said"]
    assert note["values"]["gone"] == 6 and note["level"] == "info"


def test_imports_can_still_be_undone(lake: Lake) -> None:
    """A file's import brings back what it had replaced; one whose past is forgotten just goes."""
    store(lake, 1, sha256="a")
    store(lake, 2, sha256="b")
    store(lake, 3)
    store(lake, 4)
    age(lake)
    lake.tidy_up(older_than="0 seconds")
    lake.remove_import("i4")
    lake.remove_import("i3")
    lake.remove_import("i2")
    assert lake.query("SELECT count(*) AS n FROM lake.observations WHERE import_id IN ('i2', 'i3', 'i4')")["n"][0] == 0


def test_it_is_shown_and_travels_with_a_backup(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``geo status`` tells the last upkeep; citations are in the backup."""
    snapshot = store(lake, 1)
    ledger.cite(lake, snapshot, "TOWN")
    ledger.cite(lake, snapshot, "TOWN again")
    lake.tidy_up()
    backup(lake, tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "other" / "catalog.sqlite")
    with Lake.open(tmp_path / "other" / "catalog.sqlite") as other:
        assert ledger.upkeep(other) == ledger.upkeep(lake)
        (entry,) = ledger.entries(other.where, other._con, ledger.CITED)
        assert entry["snapshot"] == snapshot and datetime.fromisoformat(entry["noted"]).tzinfo == UTC
    monkeypatch.setenv("LAKE_CATALOG", lake.where.catalog)
    monkeypatch.setenv("LANGUAGE", "en")
    assert main(["status"]) == 0
    assert "old snapshots forgotten: 0" in capsys.readouterr().err


def test_notes_of_a_team_lie_in_its_database(catalog: str, tmp_path: Path) -> None:
    """With PostgreSQL both processes see them."""
    with Lake.open(catalog, tmp_path / "files") as one, Lake.open(catalog, tmp_path / "files") as two:
        snapshot = store(one, 1)
        assert ledger.upkeep(two) == []
        ledger.cite(two, snapshot, "the town's")
        assert one.tidy_up() and "after" in ledger.upkeep(two)[0]["said"]["text"]
        assert [e["snapshot"] for e in ledger.entries(one.where, one._con, ledger.CITED)] == [snapshot]


def test_a_torn_note_is_passed_over(lake: Lake) -> None:
    """The line of a killed process hides no other."""
    ledger.file(lake.where, ledger.CITED).write_text('{"snapshot": 3, "noted": "2026"}\n{"snap', encoding="utf-8")
    assert [e["snapshot"] for e in ledger.entries(lake.where, lake._con, ledger.CITED)] == [3]
