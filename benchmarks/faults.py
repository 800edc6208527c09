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
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from benchmarks.lake import START, readings
from benchmarks.report import Figure
from geo.backup import backup, restore
from geo.importing import import_file
from geo.lake import Lake
from geo.networks import NETWORKS, Query, fetch
from geo.networks.web import Web
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


def _csv(name: str) -> bytes:
    """Return a station's readings as a file that a person sends or a server gives."""
    rows = _table(name)
    local = rows["time"].dt.tz_convert("Asia/Bangkok").dt.strftime("%Y-%m-%d %H:%M")
    table = pd.DataFrame({"station_id": name, "lat": 13.8, "lon": 99.8, "datetime": local, "pm25": rows["value"]})
    return table.to_csv(index=False).encode()


class _Answer(BaseHTTPRequestHandler):
    """A network whose answer to ``/NAME.csv`` is the readings of that station."""

    def do_GET(self) -> None:
        body = _csv(self.path.strip("/").removesuffix(".csv"))
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # who asked was killed meanwhile
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def _fetch(lake: Lake, name: str, address: str) -> None:
    start = START.to_pydatetime()
    asked = Query(start=start, end=start + timedelta(hours=HOURS), url=f"{address}/{name}.csv")
    report = fetch(lake, NETWORKS["csv"], asked, web=Web("CSV", per_minute=1e6))
    if report.errors:
        raise RuntimeError(report.errors[0].say("en"))


def _work(catalog: str, first: int, acknowledged: str, address: str) -> None:
    """Append, import, fetch and tidy up without end; each finished write is noted down on the disk."""
    with Lake.open(catalog) as lake, Path(acknowledged).open("a") as log:
        for i in itertools.count(first):
            name = f"s{i}"
            if i % 3 == 0:
                _append(lake, name)
            elif i % 3 == 1:
                import_file(lake, _csv(name), "observations", name=f"{name}.csv")
            else:
                _fetch(lake, name, address)
            log.write(f"{name}\n")
            log.flush()
            if i % 4 == 0:
                lake.tidy_up()


def _kills(catalog: Path, kills: int) -> Iterator[Figure]:
    lost = halves = refused = stopped = 0
    chance = random.Random(7)
    # A forked server has the packages loaded already: most kills then meet work, not the start of Python.
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["benchmarks.faults"])
    Lake.open(catalog).close()
    log = catalog.with_name("acknowledged")
    log.touch()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for kill in range(kills):
        # Each begins with another kind of write, so that the kills meet all of them.
        writer = context.Process(target=_work, args=(str(catalog), 1000 * kill + kill % 3, str(log), address))
        before = log.stat().st_size
        writer.start()
        while log.stat().st_size == before and writer.is_alive():
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.4))
        # A writer that ended by itself was not killed at work: its error is a finding of its own.
        stopped += not writer.is_alive()
        writer.kill()
        writer.join()
        try:
            with Lake.open(catalog) as lake:
                counts = lake.query("SELECT station_id, count(*) AS n FROM lake.observations GROUP BY ALL")
                stations = set(lake.stations()["station_id"])
                imports = {PurePosixPath(name).name.removesuffix(".csv") for name in lake.imports()["file_name"]}
        except UserError:
            refused += 1
            continue
        told = set(log.read_text().split())
        found = set(counts["station_id"])
        lost += len(told - found)
        halves += int((counts["n"] != HOURS).sum()) + len(found ^ stations) + len(found ^ imports)
    server.shutdown()
    server.server_close()
    yield Figure(CASE, f"{kills} kills at work: acknowledged writes lost", float(lost), "", 0.0)
    yield Figure(CASE, "… half transactions", float(halves), "", 0.0)
    yield Figure(CASE, "… times the store did not open", float(refused), "", 0.0)
    yield Figure(CASE, "… writers that failed before they were killed", float(stopped), "", 0.0)
    yield _orphans(catalog)


def _orphans(catalog: Path) -> Figure:
    """Return how many files that no snapshot knows are left after tidying up."""
    with Lake.open(catalog) as lake:
        before = _unknown(lake)
        lake.tidy_up(older_than="0 seconds")
        left = _unknown(lake)
    remark = f"{len(before)} before"
    return Figure(CASE, "… orphaned files after tidying up", float(len(left)), "", 0.0, remark=remark)


def _unknown(lake: Lake) -> set[str]:
    """Return the data files on the disk that no snapshot of the catalogue, old or new, has."""
    # Past snapshots need files too that the newest one no longer lists.
    tables = ("ducklake_data_file", "ducklake_delete_file")
    sql = " UNION ".join(f"SELECT path FROM __ducklake_metadata_lake.{table}" for table in tables)
    known = {PurePosixPath(path).name for path in lake.query(sql)["path"]}
    return {file.name for file in Path(lake.where.data).glob("main/*/*.parquet")} - known


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
    yield from _read_only(folder)
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


def _read_only_child(catalog: str) -> None:
    """Read, then try to write, as a user whom the folder's rights bind (root is bound by none)."""
    if os.geteuid() == 0:
        os.setuid(65534)
    with Lake.open(catalog) as lake:
        readable = len(lake.observations(["pm25"])) == HOURS
        raise SystemExit(0 if readable and _says(lambda: _append(lake, "b")) else 1)


def _read_only(folder: Path) -> Iterator[Figure]:
    """Take the right to write away from a store that holds something."""
    what = "read-only folder: a sentence, what was stored readable"
    if os.name != "posix":
        yield Figure(CASE, what, None, remark="no such rights on this system")
        return
    catalog = folder / "fixed" / "catalog.sqlite"
    with Lake.open(catalog) as lake:
        _append(lake, "a")
    folder.chmod(0o755)
    paths = [catalog.parent, *catalog.parent.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    child = get_context("spawn").Process(target=_read_only_child, args=(str(catalog),))
    child.start()
    child.join()
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield Figure(CASE, what, float(child.exitcode == 0), "", 1.0, at_least=True)


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
