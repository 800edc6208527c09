"""Speed and memory of kriging beside PyKrige, GSTools and gstat, in one run on this machine."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import data
from benchmarks.report import Figure, measured
from interpolation import Grid, Kriging, Variogram, fit_variogram
from interpolation.surface import krige
from interpolation.system import correlation_matrix
from interpolation.threads import cores

Array = NDArray[np.float64]

MODEL = Variogram("exponential", nugget=10.0, partial_sill=90.0, range=20_000.0)
SIDE, CELLS = 60_000.0, 300
# (stations, bound over PyKrige C, bound over PyKrige vectorized)
SINGLE = ((100, 1.5, 8.0), (500, 4.0, 8.0), (1000, 4.0, 5.0))


def run() -> Iterator[Figure]:
    """Yield the figures of every case."""
    rate = _matrix_rate()
    yield Figure("machine", "float32 matrix products", rate / 1e9, "Gmadd/s", remark=f"{cores()} cores")
    for peer, there in _peers().items():
        if not there:
            yield Figure("peers", peer, None, remark="not installed")
    for stations, over_c, over_default in SINGLE:
        yield from _single(stations, over_c, over_default, rate)
    yield from _month(rate)
    yield from _leave_one_out()
    yield from _fit()
    yield from _thailand(rate)


@cache
def _peers() -> dict[str, bool]:
    return {
        "PyKrige": importlib.util.find_spec("pykrige") is not None,
        "GSTools": importlib.util.find_spec("gstools") is not None,
        "gstat (R)": _has_gstat(),
    }


def field(stations: int, steps: int, missing: float = 0.0, side: float = SIDE) -> tuple[Array, Array]:
    """Return places (n, 2) and values (steps, n) of a simulated field with the benchmark's variogram."""
    rng = np.random.default_rng(stations + steps)
    xy = rng.uniform(0, side, (stations, 2))
    lower = np.linalg.cholesky(correlation_matrix(MODEL.flatten(xy), MODEL.model, MODEL.nugget_share))
    values = 50.0 + np.sqrt(MODEL.sill) * rng.standard_normal((steps, stations)) @ lower.T
    values[rng.random(values.shape) < missing] = np.nan
    return xy, values


def ours(stations: int, steps: int, missing: float, side: float, cell: float) -> None:
    """Fit with the known variogram and krige the square, mean and sd."""
    xy, values = field(stations, steps, missing, side)
    grid = Grid.covering((0, 0, side, side), cell, "EPSG:32647")
    kriging = Kriging(MODEL).fit(xy, values if steps > 1 else values[0])
    krige(kriging, grid, times=range(steps) if steps > 1 else None, bands=("mean", "sd"))


def simulate_only(stations: int, steps: int, missing: float, side: float, cell: float) -> None:
    """Do what `ours` does before the clock matters, to be taken off."""
    field(stations, steps, missing, side)
    Grid.covering((0, 0, side, side), cell, "EPSG:32647")


def pykrige(stations: int, backend: str) -> None:
    """The same map with PyKrige: mean and variance, all stations."""
    from pykrige.ok import OrdinaryKriging

    xy, values = field(stations, 1)
    name, parameters = MODEL.to_pykrige()
    centres = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    peer = OrdinaryKriging(xy[:, 0], xy[:, 1], values[0], variogram_model=name, variogram_parameters=parameters)
    peer.execute("grid", centres, centres, backend=backend)


def gstools(stations: int) -> None:
    """The same map with GSTools."""
    import gstools as gs

    xy, values = field(stations, 1)
    centres = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    model = gs.Exponential(dim=2, var=MODEL.partial_sill, len_scale=MODEL.range, nugget=MODEL.nugget)
    gs.krige.Ordinary(model, (xy[:, 0], xy[:, 1]), values[0]).structured([centres, centres])


GSTAT = """
args <- commandArgs(TRUE)
suppressPackageStartupMessages({library(sp); library(gstat)})
d <- read.csv(args[1]); coordinates(d) <- ~x+y
side <- as.numeric(args[2]); cells <- as.integer(args[3])
c <- (seq_len(cells) - 0.5) * side / cells
g <- expand.grid(x = c, y = c); coordinates(g) <- ~x+y
m <- vgm(as.numeric(args[4]), "Exp", as.numeric(args[5]), nugget = as.numeric(args[6]))
cat(system.time(krige(z ~ 1, d, g, m, debug.level = 0))[["elapsed"]])
"""


def gstat(stations: int) -> float:
    """Return the seconds that R's gstat takes for the same map; starting R and reading are not counted."""
    xy, values = field(stations, 1)
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "stations.csv", Path(folder) / "krige.R"
        np.savetxt(table, np.column_stack([xy, values[0]]), delimiter=",", header="x,y,z", comments="")
        script.write_text(GSTAT)
        numbers = (SIDE, CELLS, MODEL.partial_sill, MODEL.range, MODEL.nugget)
        done = subprocess.run(
            ["Rscript", str(script), str(table), *map(str, numbers)], capture_output=True, text=True, check=True
        )
    return float(done.stdout)


def _has_gstat() -> bool:
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(gstat)"], capture_output=True).returncode == 0


def _ours_net(repeat: int, *case: Any) -> tuple[float, float]:
    before, _, _ = measured(simulate_only, *case, repeat=repeat)
    total, megabytes, _ = measured(ours, *case, repeat=repeat)
    return total - before, megabytes


def _single(stations: int, over_c: float, over_default: float, rate: float) -> Iterator[Figure]:
    case = f"one map, {stations} stations, 300×300"
    seconds, megabytes = _ours_net(3, stations, 1, 0.0, SIDE, SIDE / CELLS)
    yield Figure(case, "ours, mean + variance", seconds, "s")
    yield Figure(case, "ours, peak memory", megabytes, "MB", 500)
    floor = stations**2 / 2 * CELLS**2 / rate
    yield Figure(case, "ours / floor of multiply-adds", seconds / floor, "×")
    peers = _peers()
    if peers["PyKrige"]:
        for backend, bound in (("C", over_c), ("vectorized", over_default)):
            theirs, used, _ = measured(pykrige, stations, backend)
            yield Figure(
                case, f"PyKrige {backend} / ours", theirs / seconds, "×", bound, True, f"{theirs:.2f} s, {used:.0f} MB"
            )
    if peers["gstat (R)"]:
        theirs = gstat(stations)
        yield Figure(case, "gstat / ours", theirs / seconds, "×", remark=f"{theirs:.2f} s")
    if peers["GSTools"] and stations == SINGLE[0][0]:  # it takes minutes with more
        theirs, used, _ = measured(gstools, stations)
        yield Figure(case, "GSTools / ours", theirs / seconds, "×", remark=f"{theirs:.2f} s, {used:.0f} MB")


def _month(rate: float) -> Iterator[Figure]:
    case = "a month, 720 h, 100 stations, 5 % gaps"
    seconds, megabytes = _ours_net(2, 100, 720, 0.05, SIDE, SIDE / CELLS)
    yield Figure(case, "ours, mean + sd", seconds, "s")
    yield Figure(case, "ours, peak memory", megabytes, "MB")
    floor = (100 * 720 + 25 * 720) * CELLS**2 / rate
    yield Figure(case, "ours / floor of multiply-adds", seconds / floor, "×")
    if not _peers()["PyKrige"]:
        return
    for backend, bound, aim in (("C", 60, 120), ("vectorized", 300, 600)):
        theirs, _, _ = measured(_twelve_hours, backend)
        yield Figure(
            case, f"PyKrige {backend} / ours", theirs * 60 / seconds, "×", bound, True, f"12 hours × 60; aim {aim}"
        )


def _twelve_hours(backend: str) -> None:
    from pykrige.ok import OrdinaryKriging

    xy, values = field(100, 720, 0.05)
    name, parameters = MODEL.to_pykrige()
    centres = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    for row in values[:12]:
        known = np.isfinite(row)
        peer = OrdinaryKriging(
            xy[known, 0], xy[known, 1], row[known], variogram_model=name, variogram_parameters=parameters
        )
        peer.execute("grid", centres, centres, backend=backend)


def _germany_field() -> tuple[Array, Array, Variogram]:
    xy, values, _ = data.germany()
    return xy, values, Variogram("exponential", 13.5, 66.5, 224_000.0)


def _closed_form() -> float:
    xy, values, model = _germany_field()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        Kriging(model).fit(xy, values).leave_one_out()
        best = min(best, time.perf_counter() - start)
    return best


def _refit() -> float:
    from pykrige.ok import OrdinaryKriging

    xy, values, model = _germany_field()
    name, parameters = model.to_pykrige()
    rng = np.random.default_rng(0)
    at = np.argwhere(np.isfinite(values))
    start = time.perf_counter()
    for step, station in at[rng.choice(len(at), 200, replace=False)]:
        rest = np.isfinite(values[step])
        rest[station] = False
        peer = OrdinaryKriging(
            xy[rest, 0], xy[rest, 1], values[step, rest], variogram_model=name, variogram_parameters=parameters
        )
        peer.execute("points", xy[station : station + 1, 0], xy[station : station + 1, 1])
    return (time.perf_counter() - start) / 200 * len(at)


def _leave_one_out() -> Iterator[Figure]:
    case = "leave-one-out, 23,230 station-days"
    if not data.FOLDER.is_dir():
        yield Figure(case, "de_rb_2005", None, remark="not on this machine")
        return
    seconds = measured(_closed_form)[2]
    yield Figure(case, "ours", seconds, "s")
    if _peers()["PyKrige"]:
        theirs = measured(_refit)[2]
        yield Figure(
            case, "PyKrige refitting / ours", theirs / seconds, "×", 100, True, f"{theirs:.1f} s from 200 refits"
        )


def _pooled_fit() -> float:
    xy, values, _ = _germany_field()
    start = time.perf_counter()
    fit_variogram(xy, np.sqrt(values), anisotropy=True)
    return time.perf_counter() - start


def _automatic_fit() -> float:
    xy, values, _ = _germany_field()
    start = time.perf_counter()
    Kriging().fit(xy, values)
    return time.perf_counter() - start


def _fit() -> Iterator[Figure]:
    case = "pooled REML fit, 69 × 365"
    if not data.FOLDER.is_dir():
        yield Figure(case, "de_rb_2005", None, remark="not on this machine")
        return
    yield Figure(case, "five models and a direction", measured(_pooled_fit)[2], "s", 5)
    yield Figure(case, "with the choice among 8 transforms", measured(_automatic_fit)[2], "s", 5)


def _thailand(rate: float) -> Iterator[Figure]:
    case = "Thailand, 2,000 stations, 1 km"
    side = 1_140_000.0  # 1.3 million cells
    seconds, megabytes = _ours_net(1, 2000, 1, 0.0, side, 1000.0)
    yield Figure(case, "ours, all stations, mean + sd", seconds, "s", 60)
    yield Figure(case, "ours, peak memory", megabytes, "MB", 2000)
    yield Figure(case, "ours / floor of multiply-adds", seconds / (2000**2 / 2 * (side / 1000) ** 2 / rate), "×")


def _matrix_rate() -> float:
    """Return this machine's float32 multiply-adds per second in matrix products, all cores."""
    rng = np.random.default_rng(0)
    left, right = (rng.random((1500, 1500), dtype=np.float32) for _ in range(2))
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - start)
    return 1500**3 / best
