"""Very many factories on the map, and the stopwatches of `benchmarks pages`, on a small made-up province."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks import pages, sessions, watch
from benchmarks.browser import App, start
from benchmarks.scale import fill

COUNT = 500
MAP = "dust-map?lang=en&ws=bench&layers=factories&ground="


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("province")
    fill(str(folder / "catalog.sqlite"), 30, 4, COUNT, 10, days=5, storage=str(folder / "files"))
    app: App
    server: subprocess.Popen[bytes]
    app, server = start(folder)
    yield app
    server.terminate()
    server.wait(20)


MAP_PAGE = (90, 150, 600, 500)
"""Part of the map page's map (left, top, right, bottom) left of the legend and clear of the buttons."""
OFFICE = (60, 40, 300, 320)
"""The same of the smaller map beside the office's table."""


def at(frame: Any, kind: str, within: tuple[int, int, int, int] = MAP_PAGE) -> tuple[float, float] | None:
    """Return where a circle or a sign in a part of the map stands in the window."""
    found = frame.evaluate(
        """([kind, [left, top, right, bottom]]) => { const box = window.frameElement.getBoundingClientRect();
        const list = ECO_FIELD[kind].map(c => window.map.layerPointToContainerPoint([c.x, c.y]));
        const p = list.find(p => p.x > left && p.x < right && p.y > top && p.y < bottom);
        return p ? [p.x + box.x, p.y + box.y] : null; }""",
        [kind, within],
    )
    return None if found is None else (found[0], found[1])


def bare(frame: Any) -> tuple[float, float]:
    """Return a place in the window with nothing on it."""
    found = frame.evaluate(
        """() => { const box = window.frameElement.getBoundingClientRect();
        const drawn = [...ECO_FIELD.circles, ...ECO_FIELD.alone];
        const taken = drawn.map(c => window.map.layerPointToContainerPoint([c.x, c.y]));
        for (let x = 100; x < 600; x += 25) for (let y = 150; y < 500; y += 25)
          if (taken.every(p => Math.hypot(p.x - x, p.y - y) > 45)) return [x + box.x, y + box.y];
        return null; }"""
    )
    return found[0], found[1]


def test_many_factories_are_counted_opened_and_filtered(visit: Callable[..., Any], province: App) -> None:
    visitor = visit(province, lang="en")
    page = visitor.page
    page.goto(f"{province.url}/{MAP}none")
    watch.until(page, watch.FIELD, 0)
    watch.until(page, watch.READY, 0)
    frame = watch.frame_of(page)
    assert frame.evaluate("ECO_FIELD.shown + ECO_FIELD.gathered") == COUNT, "nothing is dropped"
    line = frame.locator(".eco-field output")
    assert line.inner_text() == f"{COUNT} of {COUNT} factories shown"
    zoom = frame.evaluate("window.map.getZoom()")
    circle = at(frame, "circles")
    assert circle is not None, "from afar they are gathered"
    page.mouse.click(*circle)
    frame.wait_for_function("zoom => window.map.getZoom() > zoom && !window.map._animatingZoom", arg=zoom)
    # A click beside them asks about the place; the page runs again, and the map stays the one it was.
    frame.evaluate("window.map.setView(window.map.getCenter(), 16, {animate: false})")
    page.mouse.click(*bare(frame))
    page.wait_for_function("() => /[?&]at=/.test(location.search)", timeout=60_000)
    watch.until(page, watch.READY, 0)
    assert not frame.is_detached() and frame.evaluate("window.map.getZoom()") == 16
    # The place's card comes with the answer and may come after the address; it goes slowly, too.
    card = frame.locator(".leaflet-popup")
    card.get_by_text("Mean of the period").wait_for(timeout=60_000)
    frame.evaluate("window.map.closePopup()")
    card.wait_for(state="detached", timeout=10_000)
    sign = at(frame, "alone")
    assert sign is not None, "close up each stands alone"
    page.mouse.click(*sign)
    card.locator(".eco-pop").wait_for(timeout=10_000)
    assert re.search(r"3-\d+-\d+/69xx", card.inner_text())
    frame.locator(".eco-field select.hp").select_option("500")
    kept = int(line.inner_text().split(" of ")[0])
    assert 0 < kept < COUNT
    page.wait_for_function("() => /[?&]fac=/.test(location.search)")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    watch.until(page, watch.FIELD, 0)
    again = watch.frame_of(page).locator(".eco-field output")
    assert again.inner_text() == f"{kept} of {COUNT} factories shown", "a link brings the filter back"
    assert visitor.errors == [] and visitor.outside == []


def test_a_click_on_the_canvas_ticks_the_row_of_the_office(visit: Callable[..., Any], province: App) -> None:
    visitor = visit(province, lang="en")
    page = visitor.page
    page.goto(f"{province.url}/factory-screening?lang=en&ws=bench")
    page.get_by_text(f"{COUNT} factories · .xlsx").wait_for(timeout=120_000)
    watch.until(page, watch.FIELD, 0)
    watch.until(page, watch.READY, 0)
    page.locator("iframe[title*=st_folium]").scroll_into_view_if_needed()
    frame = watch.frame_of(page)
    sign = at(frame, "alone", OFFICE)
    for zoom in range(int(frame.evaluate("window.map.getZoom()")) + 1, 16):
        if sign is not None:
            break
        frame.evaluate("zoom => window.map.setZoom(zoom, {animate: false})", zoom)
        sign = at(frame, "alone", OFFICE)
    assert sign is not None, "close up one stands alone"
    page.mouse.click(*sign)
    page.get_by_text("1 factory · .xlsx").wait_for(timeout=60_000)
    assert re.search(r"[?&]factory=", page.url), "the link holds the factory that was clicked"
    assert visitor.errors == [] and visitor.outside == []


@pytest.mark.long
def test_the_stopwatches_measure(browser: Any, province: App) -> None:
    """The whole of `benchmarks pages` takes minutes; here each of its instruments works once."""
    context = browser.new_context(viewport=pages.WIDE)
    page, seconds = watch.opened(context, f"{province.url}/{MAP}days", watch.HEADING, watch.PICTURE, watch.READY)
    assert 0 < seconds[0] <= seconds[1] <= seconds[2]
    assert len(watch.frame_changes(page, 2)) == 2
    assert len(watch.dragged(page, 8)) > 1
    assert 1 < watch.megabytes(page) < 500
    times = sessions.answered(province.url, "dust-map", ["lang=th&ground=sd"], readers=2, think=0.05)
    assert len(times) == 2 and min(times) > 0
    context.close()
