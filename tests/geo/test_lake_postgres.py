"""The same lake on a PostgreSQL catalogue, against a real server that the test starts."""

from __future__ import annotations

import getpass
import multiprocessing
from pathlib import Path

import pandas as pd
import pytest

from geo.backup import backup, restore
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError

pytestmark = pytest.mark.slow


def readings(station: str, hours: int) -> pd.DataFrame:
    times = pd.date_range("2026-01-01", periods=hours, freq="h", tz="UTC")
    return pd.DataFrame(
        {"station_id": station, "variable": "pm25", "time": times, "period_hours": 1, "value": range(hours)}
    )


def test_two_lakes_on_one_server_see_each_other(catalog: str, tmp_path: Path) -> None:
    """Rows, snapshots and removals of one connection show in the other."""
    entry = ImportRecord("observations", "x.csv")
    with Lake.open(catalog, tmp_path) as one, Lake.open(catalog, tmp_path) as two:
        old = one.append({"observations": readings("a", 50)}, record=entry)
        assert len(two.observations(["pm25"])) == 50
        assert two.upsert({"observations": readings("a", 50)}, record=entry).nothing
        two.append({"observations": readings("b", 5)}, record=ImportRecord("observations", "y.csv"))
        assert len(one.observations(["pm25"])) == 55
        assert len(one.observations(["pm25"], snapshot=old)) == 50
        one.remove_import(entry.import_id)
        assert set(two.observations(["pm25"])["station_id"]) == {"b"}


def _write_many(catalog: str, data: str, writer: int) -> None:
    with Lake.open(catalog, data) as lake:
        for i in range(5):
            rows = pd.concat([readings(f"w{writer}-{i}", 3), readings("shared", 2)])
            lake.append({"observations": rows}, record=ImportRecord("observations", f"{writer}-{i}"))


def test_four_writers_on_one_server_lose_nothing(catalog: str, tmp_path: Path) -> None:
    """4 processes x 5 commits: every row once."""
    Lake.open(catalog, tmp_path).close()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(catalog, str(tmp_path), n)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    with Lake.open(catalog, tmp_path) as lake:
        assert lake.count("observations") == 4 * 5 * 3 + 2
        assert lake.count("imports") == 20


def test_backup_of_a_server_restores_into_a_file(catalog: str, tmp_path: Path) -> None:
    """The tables of a PostgreSQL lake come back, equal, as a local one; and the other way round."""
    with Lake.open(catalog, tmp_path / "pg") as lake:
        lake.append({"observations": readings("a", 50)}, record=ImportRecord("observations", "x.csv"))
        stored = lake.observations(["pm25"])
        backup(lake, tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "local" / "catalog.sqlite")
    with Lake.open(tmp_path / "local" / "catalog.sqlite") as local:
        pd.testing.assert_frame_equal(local.observations(["pm25"]), stored)
    with pytest.raises(UserError, match="not empty"):
        restore(tmp_path / "b.zip", catalog, tmp_path / "pg")


def test_server_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    """A wrong port is a sentence without the password."""
    who = getpass.getuser()
    with pytest.raises(UserError, match="does not answer") as caught:
        Lake.open(f"postgres:host=127.0.0.1 port=1 user={who} password=geheim dbname=x", tmp_path)
    assert "geheim" not in str(caught.value)
