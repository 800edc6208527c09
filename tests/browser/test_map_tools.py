"""The planner draws an area, searches, prints and takes the moving picture home, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from pypdf import PdfReader


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
    for key, name in (("print-A4", "a4.pdf"), ("print-gif", "days.gif")):
        with page.expect_download(timeout=90000) as download:
            page.locator(f".st-key-{key} button").click()
        assert "simulated" in download.value.suggested_filename
        download.value.save_as(tmp_path / name)
    box = PdfReader(tmp_path / "a4.pdf").pages[0].mediabox
    assert round(float(box.width) * 25.4 / 72) == 297
    assert Image.open(tmp_path / "days.gif").n_frames == 60
    assert not visitor.outside and not visitor.errors
