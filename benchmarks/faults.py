"""Faults: killed writers, full disks, damaged and missing files; what was acknowledged must survive.

Each fault is made for real in a temporary folder: SIGKILL at a random moment, a small file system of the
kernel's (where it may be mounted), torn and missing files.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.lake import START, readings
from benchmarks.report import Figure
from geo.backup import backup, restore
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError

CASE = "faults"
HOURS = 200


def run(kills: int = 200) -> Iterator[Figure]:
    """Yield the figures; fewer kills make a shorter run for tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _kills(folder / "kills" / "catalog.sqlite", kills)
        yield from _sentences(folder)
        yield from _full_disk(folder)


def _table(station: str, hours: int = HOURS) -> pd.DataFrame:
    return readings([station], START, hours, 1)


def _append(lake: Lake, name: str) -> None:
    stations = pd.DataFrame({"station_id": [name], "lat": [13.8], "lon": [99.8], "simulated": [False]})
    record = ImportRecord("observations", name)
    lake.append({"stations": stations, "observations": _table(name)}, record=record)


def _work(catalog: str, first: int, acknowledged: str) -> None:
    """Write and tidy up without end; each finished write is noted down on the disk."""
    with Lake.open(catalog) as lake, Path(acknowledged).open("a") as log:
        for i in itertools.count(first):
            _append(lake, f"s{i}")
            log.write(f"s{i}\n")
            log.flush()
            if i % 5 == 0:
                lake.tidy_up()


def _kills(catalog: Path, kills: int) -> Iterator[Figure]:
    lost = halves = refused = 0
    chance = random.Random(7)
    context = get_context("spawn")
    Lake.open(catalog).close()
    log = catalog.with_name("acknowledged")
    log.touch()
    for kill in range(kills):
        writer = context.Process(target=_work, args=(str(catalog), 1000 * kill, str(log)))
        before = log.stat().st_size
        writer.start()
        while log.stat().st_size == before and writer.is_alive():
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.4))
        writer.kill()
        writer.join()
        try:
            with Lake.open(catalog) as lake:
                counts = lake.query("SELECT station_id, count(*) AS n FROM lake.observations GROUP BY ALL")
                stations, imports = set(lake.stations()["station_id"]), set(lake.imports()["file_name"])
        except UserError:
            refused += 1
            continue
        told = set(log.read_text().split())
        found = set(counts["station_id"])
        lost += len(told - found)
        halves += int((counts["n"] != HOURS).sum()) + len(found ^ stations) + len(found ^ imports)
    yield Figure(CASE, f"{kills} kills at work: acknowledged writes lost", float(lost), "", 0.0)
    yield Figure(CASE, "… half transactions", float(halves), "", 0.0)
    yield Figure(CASE, "… times the store did not open", float(refused), "", 0.0)
    with Lake.open(catalog) as lake:
        known = {Path(f).name for f in lake.query("FROM ducklake_list_files('lake', 'observations')")["data_file"]}
        orphans = {p.name for p in catalog.parent.glob("files/main/observations/*.parquet")} - known
        lake.tidy_up(older_than="0 seconds")
        left = {p.name for p in catalog.parent.glob("files/main/observations/*.parquet")}
        known = {Path(f).name for f in lake.query("FROM ducklake_list_files('lake', 'observations')")["data_file"]}
        yield Figure(
            CASE,
            "… orphaned files after tidying up",
            float(len(left - known)),
            "",
            0.0,
            remark=f"{len(orphans)} before",
        )


def _says(work: Callable[[], Any]) -> bool:
    """Whether a fault ends in a sentence."""
    try:
        work()
    except UserError:
        return True
    return False


def _sentences(folder: Path) -> Iterator[Figure]:
    catalog = folder / "store" / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        _append(lake, "a")
        backup(lake, folder / "b.zip")
        rows = lake.observations(["pm25"])
        file = next(catalog.parent.glob("files/main/observations/*.parquet"))
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    with Lake.open(catalog) as lake:
        good = _says(lambda: lake.observations(["pm25"])) and len(lake.stations()) == 1
    yield Figure(CASE, "torn data file: a sentence, the rest readable", float(good), "", 1.0, at_least=True)
    catalog.write_bytes(b"torn" * 1000)
    yield Figure(CASE, "torn catalogue: a sentence", float(_says(lambda: Lake.open(catalog))), "", 1.0, at_least=True)
    for part in catalog.parent.glob("catalog.sqlite*"):
        part.unlink()
    yield Figure(
        CASE, "missing catalogue: a sentence", float(_says(lambda: Lake.open(catalog))), "", 1.0, at_least=True
    )
    restore(folder / "b.zip", catalog)
    with Lake.open(catalog) as lake:
        same = lake.observations(["pm25"]).equals(rows)
    yield Figure(CASE, "restored over it: identical tables", float(same), "", 1.0, at_least=True)


def _full_disk(folder: Path) -> Iterator[Figure]:
    """Fill a file system of 8 MB; where none may be mounted, say so."""
    what = "full disk: a sentence, what was stored readable"
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield Figure(CASE, what, None, remark="no right to mount a small file system here")
        return
    try:
        with Lake.open(disk / "catalog.sqlite") as lake:
            _append(lake, "first")
            with (disk / "filler").open("wb", buffering=0) as filler:
                _fill(filler)
            said = _says(lambda: _append_many(lake))
            readable = len(lake.observations(["pm25"], station_ids=["first"])) == HOURS
            (disk / "filler").unlink()
            _append(lake, "after")
            usable = set(lake.stations()["station_id"]) >= {"first", "after"}
        yield Figure(CASE, what, float(said and readable), "", 1.0, at_least=True)
        yield Figure(CASE, "… works again with space", float(usable), "", 1.0, at_least=True)
    finally:
        subprocess.run(["umount", str(disk)], check=False, capture_output=True)


def _fill(stream: Any) -> None:
    try:
        while True:
            stream.write(b"x" * 4096)
    except OSError:
        return


def _append_many(lake: Lake) -> None:
    for i in range(50):
        lake.append({"observations": _table(f"more{i}", 5000)}, record=ImportRecord("observations", f"more{i}"))
