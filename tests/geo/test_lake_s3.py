"""The same lake with its files on S3 and its catalogue in SQLite or PostgreSQL, against real servers on the loopback.

Every test of the lake, of importing and of checking that needs nothing but a lake runs here once more.
"""

from __future__ import annotations

import inspect
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest

from geo.backup import backup, restore
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError
from tests.geo import test_checking, test_importing, test_lake
from tests.geo.test_lake import readings

pytestmark = pytest.mark.slow

CATALOGUES = ("sqlite", "postgres")
LOCAL = {"test_failing_housekeeping_does_not_fail_the_write"}
"""Counts files in a folder."""


def place(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    return str(request.getfixturevalue("catalog")) if kind == "postgres" else str(folder / "catalog.sqlite")


@pytest.fixture
def lake(catalog: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """Return an empty lake of a team, chosen by LAKE_CATALOG (PostgreSQL) and LAKE_DATA (S3) as a user does."""
    monkeypatch.setenv("LAKE_CATALOG", catalog)
    monkeypatch.setenv("LAKE_DATA", bucket)
    with Lake.open() as opened:
        yield opened


def _borrowed() -> Iterator[tuple[str, Callable[..., None]]]:
    for module in (test_lake, test_importing, test_checking):
        for name, function in vars(module).items():
            if name.startswith("test_") and "lake" in inspect.signature(function).parameters and name not in LOCAL:
                yield name, function


globals().update(_borrowed())


def keys(bucket: str) -> list[str]:
    name = bucket.removeprefix("s3://").split("/")[0]
    answer = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=name)
    return [entry["Key"] for entry in answer.get("Contents", [])]


def test_the_suite_is_borrowed_and_rows_lie_on_s3(lake: Lake, bucket: str, tmp_path: Path) -> None:
    """The borrowed tests are many; readings are Parquet files in the bucket and nowhere else."""
    assert len(dict(_borrowed())) >= 25
    lake.append({"observations": readings("a", 500)}, record=ImportRecord("observations", "x.csv"))
    assert len(lake.observations(["pm25"])) == 500
    assert any(key.startswith("files/main/observations/") and key.endswith(".parquet") for key in keys(bucket))
    assert not list(tmp_path.rglob("*.parquet"))


def _write(catalog: str, data: str, writer: int) -> None:
    with Lake.open(catalog, data) as lake:
        for i in range(3):
            rows = pd.concat([readings(f"w{writer}-{i}", 30), readings("shared", 20)])
            lake.append({"observations": rows}, record=ImportRecord("observations", f"{writer}-{i}"))


@pytest.mark.parametrize("kind", CATALOGUES)
def test_processes_see_each_others_writes(
    kind: str, request: pytest.FixtureRequest, bucket: str, tmp_path: Path
) -> None:
    """Two processes write while this one is open: it sees every row once."""
    catalog = place(kind, request, tmp_path)
    with Lake.open(catalog, bucket) as lake:
        context = multiprocessing.get_context("spawn")
        writers = [context.Process(target=_write, args=(catalog, bucket, n)) for n in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert [writer.exitcode for writer in writers] == [0, 0]
        found = lake.observations(["pm25"])
        assert len(found) == 2 * 3 * 30 + 20
        assert not found.duplicated(["station_id", "time"]).any()
        assert lake.count("imports") == 6


def test_backup_from_s3_restores_into_a_folder_and_back(lake: Lake, bucket: str, tmp_path: Path) -> None:
    """The tables are identical in a local store, and again on S3."""
    lake.append({"observations": readings("a", 300)}, record=ImportRecord("observations", "x.csv"))
    stored = lake.observations(["pm25"])
    backup(lake, tmp_path / "b.zip")
    local = tmp_path / "local" / "catalog.sqlite"
    restore(tmp_path / "b.zip", local, tmp_path / "local" / "files")
    with Lake.open(local, tmp_path / "local" / "files") as opened:
        pd.testing.assert_frame_equal(opened.observations(["pm25"]), stored)
        backup(opened, tmp_path / "c.zip")
    other = tmp_path / "other.sqlite"
    restore(tmp_path / "c.zip", other, f"{bucket}/other")
    with Lake.open(other, f"{bucket}/other") as opened:
        pd.testing.assert_frame_equal(opened.observations(["pm25"]), stored)


def test_lost_and_refused_storage_is_a_sentence(lake: Lake, bucket: str) -> None:
    """A file gone from the bucket is a sentence, other tables stay readable; no key is in the words."""
    stations: Any = pd.DataFrame({"station_id": ["a"], "lat": [13.8], "lon": [99.8], "simulated": [False]})
    entry = ImportRecord("observations", "x.csv")
    lake.append({"stations": stations, "observations": readings("a", 500)}, record=entry)
    name = bucket.removeprefix("s3://").split("/")[0]
    for key in keys(bucket):
        if "/observations/" in key:
            boto3.client("s3", region_name="us-east-1").delete_object(Bucket=name, Key=key)
    with Lake.open() as fresh:
        with pytest.raises(UserError) as caught:
            fresh.observations(["pm25"])
        assert len(fresh.stations()) == 1
    assert "of-the-test" not in str(caught.value)
