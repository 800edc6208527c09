"""The planner draws an area, searches, prints and takes the moving picture home, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader


@pytest.mark.long
def test_an_area_is_drawn_searched_around_and_printed(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "en")
    visitor.open("dust-map", lang="en")
    page, frame = visitor.page, visitor.map()
    frame.locator(".eco-measure .m").click()
    box = frame.locator(".leaflet-container").bounding_box()
    corners = [(0.35, 0.35), (0.55, 0.35), (0.55, 0.6), (0.35, 0.6), (0.35, 0.35)]
    for x, y in corners:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(350)
    page.get_by_text("Inside the drawn area").wait_for(timeout=20000)
    visitor.quiet()
    assert re.search(r"poly=13\.\d+", page.url)
    assert "at=" not in page.url, "drawing is no question"
    assert "km²" in frame.locator(".eco-measure output").inner_text()
    frame.locator(".eco-measure .x").click()
    page.get_by_text("Inside the drawn area").wait_for(state="detached", timeout=20000)
    visitor.quiet()
    assert "poly=" not in page.url

    page.get_by_role("button", name="Search").click()
    page.get_by_label("Place, factory").fill("Ban Pong")
    page.keyboard.press("Enter")
    answer = page.locator("[class*=st-key-hit-0] button")
    answer.click()
    frame.locator(".leaflet-popup h3").wait_for()
    visitor.quiet()
    assert "at=13." in page.url
    assert "weight" in frame.locator(".leaflet-popup").inner_text()
    assert not visitor.outside and not visitor.errors


def test_sheet_and_moving_picture_are_taken_home(demo_app, visit: Callable, tmp_path: Path) -> None:
    visitor = visit(demo_app, "th")
    visitor.open("dust-map", lang="th")
    page = visitor.page
    page.get_by_role("button", name="พิมพ์").first.click()
    for pressed, name in ((".st-key-print-A4 a", "a4.pdf"), (".st-key-print-gif button", "days.gif")):
        with page.expect_download(timeout=90000) as download:
            page.locator(pressed).click()
        assert "simulated" in download.value.suggested_filename
        download.value.save_as(tmp_path / name)
    box = PdfReader(tmp_path / "a4.pdf").pages[0].mediabox
    assert round(float(box.width) * 25.4 / 72) == 297
    assert Image.open(tmp_path / "days.gif").n_frames == 60
    assert not visitor.outside and not visitor.errors


TOGETHER = """before => {
  const windows = [...document.querySelectorAll("iframe[title*='st_folium']")].map(f => f.contentWindow);
  if (windows.length !== 2 || !windows.every(w => w.map && w.map.eco && w.map.eco.fitted)) return false;
  if (windows.some(w => w.map._panAnim && w.map._panAnim._inProgress || w.map._animatingZoom)) return false;
  const views = windows.map(w => { const c = w.map.getCenter();
    return [c.lat, c.lng, w.map.getZoom()].map(n => n.toFixed(3)).join(); });
  return views[0] === views[1] && views[0] !== before ? views[0] : false;
}"""
"""Whether both maps are fitted, at rest and show one view, another one than `before`; if so, that view."""

STEPS = """want => {
  const bars = [...document.querySelectorAll("iframe[title*='st_folium']")].map(f =>
    f.contentDocument.querySelector(".eco-time input"));
  return bars.length === 2 && bars.every(bar => bar && (want === null || bar.value === want)) ? bars[0].value : false;
}"""
"""Whether both time bars stand, at the step wanted; if so, the step."""


def test_two_maps_move_together_and_frames_come_by_address(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "th")
    visitor.open("dust-map", lang="th", cmp="periods", cmpp="2026-01-01..2026-01-20", ground="days",
                 period="2026-01-21..2026-02-09")  # fmt: skip
    page = visitor.page

    def until(condition: str, given: object = None) -> object:
        return page.wait_for_function(condition, arg=given, timeout=60_000).json_value()

    began = until(TOGETHER, "")
    before = until(STEPS)
    left, right = (f for f in page.frames if "streamlit_folium" in f.url)
    box = page.locator("iframe[title*='st_folium']").nth(0).bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] - 90, at[1] - 60, steps=4)
    page.wait_for_timeout(300)  # held still before it is let go, the map does not glide on
    page.mouse.up()
    moved = until(TOGETHER, began)
    # A step on one map is the same step on the other: both periods have twenty days.
    left.locator(".eco-time .f").click()
    until(STEPS, str((int(str(before)) + 1) % 20))
    left.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.leaflet-surface-pane img')];"
        " return all.length && all.every(i => i.src.includes('/pictures/')); }"
    )
    # Another averaging time, chosen on the bar, leaves the view alone and stands in the address.
    left.locator(".eco-time select").select_option("month")
    left.get_by_text("2569").first.wait_for()
    page.wait_for_url(re.compile(r"(?=.*[?&]every=month)(?=.*[?&]view=)"))
    left.wait_for_function("() => document.querySelector('.eco-time select').value === 'month'")
    visitor.quiet()
    assert not left.is_detached() and not right.is_detached(), "no map was built afresh"
    assert until(TOGETHER, "") == moved
    assert "2569" in left.locator(".eco-time output").inner_text()
    assert not visitor.outside and not visitor.errors
