"""The data store: import of a million rows, ten million readings, four writers and a reader at once.

Bounds are those of the product's own promise. All runs in temporary folders, on the default catalogue.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.report import Figure, measured
from geo.averages import daily_means
from geo.importing import import_file
from geo.lake import Lake
from geo.schema import ImportRecord

CASE = "data store"
STATIONS = 231
PROVINCE = 15
CHUNKS = 10
START = pd.Timestamp("2021-01-01", tz="UTC")


def run(rows: int = 10_000_000, imported: int = 1_000_000, commits: int = 1000) -> Iterator[Figure]:
    """Yield the figures; smaller numbers make a shorter run for tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _import(folder, imported)
        yield from _readings(folder / "large" / "catalog.sqlite", rows)
        yield from _writers(folder / "writers" / "catalog.sqlite", commits)


def readings(stations: list[str], start: pd.Timestamp, hours: int, seed: int) -> pd.DataFrame:
    """Return hourly PM2.5 of some stations, one decimal, as a table of observations."""
    values = np.random.default_rng(seed).gamma(2.0, 15.0, len(stations) * hours)
    codes = np.repeat(np.arange(len(stations)), hours)
    times = pd.DatetimeIndex(np.tile(pd.date_range(start.tz_localize(None), periods=hours, freq="h"), len(stations)))
    return pd.DataFrame(
        {
            "station_id": pd.Categorical.from_codes(codes.tolist(), pd.Index(stations)),
            "variable": "pm25",
            "time": times.tz_localize("UTC"),
            "period_hours": 1,
            "value": np.round(values, 1),
        }
    )


def _import_csv(file: str, catalog: str) -> int:
    with Lake.open(catalog) as lake:
        return import_file(lake, file, "observations").kept


def _import(folder: Path, rows: int) -> Iterator[Figure]:
    stations = [f"TH{i:03d}" for i in range(115)]
    table = readings(stations, START, -(-rows // 115), 1).head(rows)
    file = folder / "readings.csv"
    local = table["time"].dt.tz_convert("Asia/Bangkok").dt.strftime("%Y-%m-%d %H:%M")
    pd.DataFrame({"station_id": table["station_id"], "datetime": local, "pm25": table["value"]}).to_csv(
        file, index=False
    )
    catalog = str(folder / "import" / "catalog.sqlite")
    seconds, megabytes, kept = measured(_import_csv, str(file), catalog)
    yield Figure(CASE, f"import {rows:,} hourly rows from CSV", seconds, "s", 20.0)
    yield Figure(CASE, "… peak memory", megabytes, "MB", 1000.0)
    yield Figure(CASE, "… share of rows stored", kept / rows, "", 1.0, at_least=True)
    again, _, _ = measured(_import_csv, str(file), catalog)
    yield Figure(CASE, "… the same file again", again, "s", 20.0)


def _best(work: Any, repeat: int = 5) -> float:
    """Return the shortest of some warm runs, seconds."""
    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _readings(catalog: Path, rows: int) -> Iterator[Figure]:
    stations = [f"TH{i:03d}" for i in range(STATIONS)]
    hours = rows // (STATIONS * CHUNKS)
    with Lake.open(catalog) as lake:
        for chunk in range(CHUNKS):
            table = readings(stations, START + pd.Timedelta(hours=chunk * hours), hours, chunk)
            lake.append({"observations": table}, record=ImportRecord("observations", f"chunk {chunk}"))
        stored = lake.count("observations")
        middle = START + pd.Timedelta(hours=CHUNKS * hours // 2)
        end = middle + pd.Timedelta(days=30)
        province = stations[40 : 40 + PROVINCE]

        def month() -> None:
            daily_means(lake.observations(["pm25"], start=middle, end=end, station_ids=province))

        yield Figure(CASE, f"{stored:,} readings: 30 daily means of {PROVINCE}", _best(month), "s", 0.5)
        series = _best(lambda: lake.observations(["pm25"], station_ids=["TH100"]))
        yield Figure(CASE, "… the whole series of one station", series, "s", 0.2)
    size = sum(file.stat().st_size for file in catalog.parent.rglob("*") if file.is_file())
    yield Figure(CASE, "… disk", size / stored, "B/row", 12.0)


def _write(catalog: str, writer: int, times: int) -> None:
    with Lake.open(catalog) as lake:
        for i in range(times):
            own = readings([f"w{writer}"], START + pd.Timedelta(hours=24 * i), 24, i)
            shared = readings(["shared"], START + pd.Timedelta(hours=24 * i), 24, i)
            table = pd.concat([own.astype({"station_id": str}), shared.astype({"station_id": str})])
            lake.append({"observations": table}, record=ImportRecord("observations", f"{writer}-{i}"))


def _queued() -> float:
    """Return the seconds that this process's threads have waited for a processor (Linux; 0 elsewhere)."""
    total = 0
    for file in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):  # the thread is over
            total += int(file.read_text().split()[1])
    return total / 1e9


def _writers(catalog: Path, commits: int) -> Iterator[Figure]:
    """Four processes write own rows and the same rows, while this one reads."""
    Lake.open(catalog).close()
    context = get_context("spawn")
    each = commits // 4
    writers = [context.Process(target=_write, args=(str(catalog), n, each)) for n in range(4)]
    start = time.perf_counter()
    for writer in writers:
        writer.start()
    waits = [(0.0, 0.0)]
    with Lake.open(catalog) as lake:
        while any(writer.is_alive() for writer in writers):
            before, queued = time.perf_counter(), _queued()
            lake.observations(["pm25"], station_ids=["shared"])
            waits.append((time.perf_counter() - before, _queued() - queued))
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        expected = 24 * each * 5
        found = lake.count("observations")
        distinct = len(lake.observations(["pm25"]).drop_duplicates(["station_id", "time"]))
        yield Figure(CASE, f"{4 * each:,} commits of 4 processes: lost rows", float(expected - distinct), "", 0.0)
        yield Figure(CASE, "… doubled rows", float(found - distinct), "", 0.0)
        yield Figure(CASE, "… lost imports", float(4 * each - lake.count("imports")), "", 0.0)
        longest, queued = max(waits)
        remark = (
            f"of it {min(queued, longest):.3f} s for a processor; usual wait {np.median(np.array(waits)[:, 0]):.3f} s"
        )
        yield Figure(CASE, "… longest wait of a reader", longest, "s", 1.0, remark=remark)
        yield Figure(CASE, "… commits a second", 4 * each / seconds, "1/s")
