"""Pages in Chromium: opening, interaction, memory, 70,000 factories, a surface, 25 readers; beside st_folium.

1. The demo: every page is opened three times in a browser that knows the app; the language is switched as the
   interaction that redraws all of a page; memory of scripts after a collection.
2. A made-up province: 70,000 factories, 310 by 310 cells. First view, dragging, surface, days; the peer is
   `benchmarks/_peer_app.py` with the same data. *Cold* is a server that has just been started (its libraries
   loaded, the screening kept on the disk from before) and a browser that never saw the app.
3. 25 readers who change the map's ground every three seconds or so, over sockets.

The office's page has 10,000 factories of a province of its own. Times hold for this machine with its browser on
the same cores.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import sessions, watch
from benchmarks.browser import FLAGS, HINT, ROOT, find_chromium, running
from benchmarks.report import Figure
from benchmarks.scale import CODE, fill
from geo.lake import Lake
from planning.settings import FILE as SETTINGS

PAGES = ("", *re.findall(r'url_path="([\w-]+)"', (ROOT / "app.py").read_text("utf-8")))
"""Addresses of all pages, as app.py registers them; the first is the overview."""
OPEN_S, ACT_S, HEAP_MB, SERVER_MB = 3.0, 3.0, 150.0, 1500.0
WARM_UP_S = 12.0
WIDE = {"width": 1366, "height": 768}
ENGLISH = "() => document.documentElement.lang === 'en' || /[?&]lang=en/.test(location.search)"


def run(
    factories: int = 70_000, office: int = 10_000, cells: int = 300, days: int = 14, readers: int = 25, times: int = 3,
    pages: Sequence[str] = PAGES,
) -> Iterator[Figure]:  # fmt: skip
    """Yield the figures; smaller numbers make a shorter run for tests."""
    path = find_chromium()
    if path is None:
        yield Figure("pages", "Chromium", None, remark=HINT)
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield from _demo(chromium, Path(name) / "demo", times, pages)
            yield from _province(chromium, Path(name) / "province", factories, cells, days, times)
            yield from _office(chromium, Path(name) / "office", office, times)
        finally:
            chromium.close()
        yield from _readers(Path(name) / "demo", readers)


def _new(chromium: Any) -> Any:
    return chromium.new_context(viewport=WIDE, locale="th-TH", timezone_id="Asia/Bangkok")


def resident(pid: int) -> float | None:
    """Return the memory of a process in MB, or None where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _demo(chromium: Any, folder: Path, times: int, pages: Sequence[str]) -> Iterator[Figure]:
    folder.mkdir()
    with running(folder, more=_kept(folder)) as (app, pid):
        context = _new(chromium)
        page, (first,) = watch.opened(context, app.url)
        page.close()
        yield Figure("demo", "first page of a fresh server, demo built", first, "s", remark="libraries loaded, walked")
        for path in pages:
            name = path or "overview"
            url = f"{app.url}/{path}?lang=th"
            watch.opened(context, url)[0].close()
            (seconds,) = watch.median_open(context, url, times=times)
            yield Figure(name, "open", seconds, "s", OPEN_S)
            page, _ = watch.opened(context, url)
            yield Figure(name, "… memory of scripts", watch.megabytes(page), "MB", HEAP_MB)
            english = page.get_by_text("English", exact=True)
            yield Figure(name, "… switch the language", watch.acted(page, english.first.click, ENGLISH), "s", ACT_S)
            page.close()
        context.close()
        yield Figure("demo", "memory of the server", resident(pid), "MB", SERVER_MB)


def _settings(folder: Path) -> dict[str, str]:
    """Write settings that keep the fine grid of a province; return the environment that names them."""
    text = "\n".join(
        "cells = 120000" if line.startswith("cells = ") else line for line in SETTINGS.read_text("utf-8").splitlines()
    )
    (folder / "screening.toml").write_text(text + "\n", encoding="utf-8")
    return {"SCREENING_SETTINGS": str(folder / "screening.toml"), **_kept(folder)}


def _kept(folder: Path) -> dict[str, str]:
    """Return where a server of this benchmark keeps its screenings: beside its lake, gone with it."""
    return {"SCREENINGS": str(folder / "screenings")}


def _province(chromium: Any, folder: Path, factories: int, cells: int, days: int, times: int) -> Iterator[Figure]:
    folder.mkdir()
    catalog, storage = str(folder / "catalog.sqlite"), str(folder / "files")
    fill(catalog, cells, 30, factories, 30, days=days, storage=storage)
    more = _settings(folder)
    places = f"dust-map?lang=th&ws=bench&layers=factories&ground=none&area={CODE}"
    ground = "dust-map?lang=th&ws=bench&layers=-&ground="
    with running(folder, more=more) as (app, _pid):
        context = _new(chromium)
        # Nobody has computed it yet: the walk and the map's day pictures.
        page, (walked,) = watch.opened(context, f"{app.url}/{ground}days", watch.PICTURE)
        page.close()
        yield Figure("a province", f"screened from its readings, {factories:,} factories", walked, "s")
        context.close()
    yield from _cold(chromium, folder, f"{ground}mean", more, cells)
    with running(folder, more=more) as (app, pid):
        context = _new(chromium)
        for warm in ("days", "mean"):
            watch.opened(context, f"{app.url}/{ground}{warm}", watch.PICTURE)[0].close()
        yield from _factories(context, f"{app.url}/{places}", factories, times)
        both = (watch.HEADING, watch.PICTURE)
        page_s, seconds = watch.median_open(context, f"{app.url}/{ground}mean", *both, times=times)
        after = f"{seconds - page_s:.2f} s after the page's heading"
        yield Figure("surface of a province", "page to visible, warm", seconds, "s", 1.5, remark=after)
        page, _ = watch.opened(context, f"{app.url}/{ground}days", watch.PICTURE)
        watch.until(page, watch.READY, time.perf_counter())
        changes = watch.frame_changes(page)
        yield Figure("days of a province", "change of frame, 95 %", watch.percentile(changes, 0.95), "s", 0.1)
        page.close()
        context.close()
        yield Figure("a province", "memory of the server", resident(pid), "MB", SERVER_MB)
    yield from _peer(chromium, folder, factories, days, times)


def _cold(chromium: Any, folder: Path, path: str, more: Mapping[str, str], cells: int) -> Iterator[Figure]:
    with running(folder, more=more) as (app, _pid):
        # It loads its libraries by itself before anybody comes.
        time.sleep(WARM_UP_S)
        context = _new(chromium)
        page, (seconds,) = watch.opened(context, f"{app.url}/{path}", watch.PICTURE)
        what = f"page to visible, cold ({cells + 10}×{cells + 10} cells)"
        yield Figure("surface of a province", what, seconds, "s", 4.0, remark="fresh server and browser")
        page.close()
        context.close()


def _factories(context: Any, url: str, count: int, times: int) -> Iterator[Figure]:
    case = f"{count:,} factories"
    watch.opened(context, url, watch.FIELD)[0].close()
    page_s, all_s = watch.median_open(context, url, watch.HEADING, watch.FIELD, times=times)
    yield Figure(case, "first view after the page", all_s - page_s, "s", 2.0, remark=f"{all_s:.2f} s after the address")
    page, _ = watch.opened(context, url, watch.FIELD)
    watch.until(page, watch.READY, time.perf_counter())
    drawn = watch.frame_of(page).evaluate("() => ECO_FIELD.shown + ECO_FIELD.gathered")
    yield Figure(case, "… shown or counted in circles", drawn, "", float(count), at_least=True)
    ticks = watch.dragged(page)
    yield Figure(case, "… between frames while dragged, 95 %", watch.percentile(ticks, 0.95), "s", 0.1)
    yield Figure(case, "… memory of scripts", watch.megabytes(page), "MB", HEAP_MB)
    zoom = """() => new Promise(done => { const start = performance.now(), map = window.map;
        map.once('moveend', () => requestAnimationFrame(() => requestAnimationFrame(
            () => done((performance.now() - start) / 1000)))); map.setZoom(map.getZoom() + 1, {animate: false}); })"""
    yield Figure(case, "… one zoom step", watch.frame_of(page).evaluate(zoom), "s", 0.3)
    page.close()


@contextmanager
def peer(folder: Path, places: pd.DataFrame, days: int) -> Iterator[str]:
    """Run plain st_folium on some places and as many cells; yields where it answers."""
    places[["lat", "lon"]].to_parquet(folder / "factories.parquet")
    side = np.linspace(0, 3, 310)
    waves = [np.sin(side + day)[:, None] * np.cos(side)[None, :] / 2 + 0.5 for day in range(days)]
    np.save(folder / "surface.npy", np.array(waves))
    # In a folder of its own: beside it Streamlit looks for static files and Python for modules.
    script = folder / "peer" / "app.py"
    shutil.copytree(ROOT / "static", script.parent / "static")
    shutil.copy(ROOT / "benchmarks" / "_peer_app.py", script)
    with running(folder, str(script), {"PEER_DATA": str(folder), "PYTHONPATH": str(ROOT)}) as (app, _pid):
        yield app.url


def _peer(chromium: Any, folder: Path, factories: int, days: int, times: int) -> Iterator[Figure]:
    """Measure plain st_folium on the same places and as many cells."""
    with Lake.open(str(folder / "catalog.sqlite"), str(folder / "files")) as lake:
        places = lake.factories()
    with peer(folder, places, days) as address:
        context = _new(chromium)
        for case, condition in (("factories", watch.GATHERED), ("surface", watch.PICTURE)):
            url = f"{address}/?case={case}"
            watch.opened(context, url, condition)[0].close()
            page_s, all_s = watch.median_open(context, url, watch.HEADING, condition, times=times)
            what = f"{factories:,} factories" if case == "factories" else "surface of a province"
            name = "first view after the page" if case == "factories" else "page to visible, warm"
            seconds = all_s - page_s if case == "factories" else all_s
            remark = f"{all_s:.2f} s after the address; clusters" if case == "factories" else ""
            yield Figure(f"st_folium: {what}", name, seconds, "s", remark=remark)
        page, _ = watch.opened(context, f"{address}/?case=factories", watch.GATHERED)
        ticks = watch.dragged(page)
        yield Figure(f"st_folium: {factories:,} factories", "… between frames while dragged, 95 %",
                     watch.percentile(ticks, 0.95), "s")  # fmt: skip
        yield Figure(f"st_folium: {factories:,} factories", "… memory of scripts", watch.megabytes(page), "MB")
        page.close()
        slid = _slid(context, address, min(8, days - 1))
        yield Figure("st_folium: days", "change of frame, 95 %", watch.percentile(slid, 0.95), "s")
        context.close()


def _slid(context: Any, url: str, steps: int) -> list[float]:
    """Return the seconds from a step of the peer's slider until the new picture stands."""
    page, _ = watch.opened(context, f"{url}/?case=days", watch.PICTURE)
    handle = page.locator("[data-testid=stSlider] input[type=range]").first
    source = """() => [...document.querySelectorAll('iframe[title*=st_folium]')].map(f => f.contentDocument &&
        [...f.contentDocument.querySelectorAll('img.leaflet-image-layer')].map(i => i.src.slice(-400))).flat().join()"""
    times = []
    for _ in range(steps):
        before = page.evaluate(source)
        start = time.perf_counter()
        handle.press("ArrowRight")
        page.wait_for_function(f"(before) => {{ const now = ({source})(); return now && now !== before; }}", arg=before,
                               timeout=watch.LIMIT, polling="raf")  # fmt: skip
        times.append(watch.until(page, watch.PICTURE, start))
    page.close()
    return times


def _office(chromium: Any, folder: Path, factories: int, times: int) -> Iterator[Figure]:
    folder.mkdir()
    fill(str(folder / "catalog.sqlite"), 200, 30, factories, 30, days=14, storage=str(folder / "files"))
    with running(folder, more=_kept(folder)) as (app, _pid):
        context = _new(chromium)
        url = f"{app.url}/factory-screening?lang=th&ws=bench"
        watch.opened(context, url)[0].close()
        (seconds,) = watch.median_open(context, url, times=times)
        case = f"office, {factories:,} factories"
        yield Figure(case, "open", seconds, "s", 2.0)
        page, _ = watch.opened(context, url)
        power = page.locator("input[type=number]").first

        def filter_() -> None:
            power.fill("500")
            power.press("Enter")

        filtered = watch.acted(page, filter_, "() => /[?&]hp=500/.test(location.search)")
        yield Figure(case, "… filter by horsepower", filtered, "s", 2.0)
        yield Figure(case, "… memory of scripts", watch.megabytes(page), "MB", HEAP_MB)
        page.close()
        context.close()


def _readers(folder: Path, readers: int) -> Iterator[Figure]:
    """Measure many readers at once on the demo."""
    queries = [f"lang=th&ground={ground}" for ground in ("mean", "over", "exceedance", "sd", "mean", "over")]
    with running(folder, more=_kept(folder)) as (app, pid):
        sessions.answered(app.url, "dust-map", queries, readers=1, think=0.1)
        alone = sessions.answered(app.url, "dust-map", queries, readers=1, think=0.2)
        yield Figure("1 reader", "run of the map page, median", watch.percentile(alone, 0.5), "s")
        times = sessions.answered(app.url, "dust-map", queries, readers=readers)
        yield Figure(f"{readers} readers", "run of the map page, median", watch.percentile(times, 0.5), "s")
        yield Figure(f"{readers} readers", "… 95 %", watch.percentile(times, 0.95), "s", 1.0)
        yield Figure(f"{readers} readers", "… memory of the server", resident(pid), "MB", SERVER_MB)
