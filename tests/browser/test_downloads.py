"""What a person takes home opens in the programs they have, with its Thai right and its simulated mark."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
import xarray as xr
from docx import Document
from openpyxl import load_workbook
from rasterio.warp import transform_bounds


def take(visitor, popover: str | None, key: str, target: Path) -> Path:
    """Open the list of files if there is one, press the button, and keep the file."""
    page = visitor.page
    if popover:
        page.locator("[data-testid=stPopover] button", has_text=popover).first.click()
    button = page.locator(f"[class*='st-key-{key}'] button")
    button.wait_for()
    with page.expect_download(timeout=120_000) as waiting:
        button.click()
    path = target / waiting.value.suggested_filename
    waiting.value.save_as(path)
    if popover:
        page.keyboard.press("Escape")
    return path


@pytest.fixture()
def planner(demo_app, visit: Callable):
    """Return a Thai planner at the demo."""
    return visit(demo_app, "th")


def test_the_surface_opens_in_a_gis(planner, tmp_path: Path) -> None:
    planner.open("dust-surface", lang="th")
    with rasterio.open(take(planner, "ดาวน์โหลด", "surface-tif", tmp_path)) as tif:
        assert tif.descriptions == ("mean", "sd", "exceedance")
        assert tif.crs.to_epsg() == 32647
        assert tif.transform.e < 0, "the picture must lie north up"
        west, south, east, north = transform_bounds(tif.crs, 4326, *tif.bounds)
        assert 99 < west < east < 101
        assert 13 < south < north < 15
    planner.open("dust-surface", lang="th")
    with xr.open_dataset(take(planner, "ดาวน์โหลด", "surface-nc", tmp_path)) as nc:
        assert {"mean", "sd", "exceedance"} <= set(nc.data_vars)
        assert nc["mean"].attrs["units"]


def test_a_chart_is_taken_home(planner) -> None:
    planner.open("dust-surface", lang="th")
    frame = planner.page.locator("[data-testid=stFullScreenFrame]", has=planner.page.get_by_test_id("stVegaLiteChart"))
    frame.first.hover()
    with planner.page.expect_download(timeout=60_000) as waiting:
        frame.first.get_by_role("button", name="Download as PNG").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
    assert not planner.outside


@pytest.mark.parametrize(("page", "part"), [
    pytest.param("dust-hotspots", "hotspots", marks=pytest.mark.long), ("priority-zones", "zones"),
])  # fmt: skip
def test_layers_open_in_a_gis_and_tables_in_excel(planner, page: str, part: str, tmp_path: Path) -> None:
    planner.open(page, lang="th")
    layer = gpd.read_file(take(planner, "ดาวน์โหลด", f"{part}-{part}-gpkg", tmp_path))
    assert layer.crs.to_epsg() == 4326
    assert layer["simulated"].astype(bool).all()
    planner.open(page, lang="th")
    raw = take(planner, "ดาวน์โหลด", f"{part}-{part}-csv", tmp_path).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read Thai"
    table = pd.read_csv(io.BytesIO(raw))
    assert len(table) == len(layer)
    assert table["name_th"].str.contains("[ก-๙]").all()


def test_plan_files_say_that_the_demo_is_simulated(planner, tmp_path: Path) -> None:
    planner.open("plan-forms", lang="th")
    planner.page.locator("[class*='st-key-add-first-'] button").click()
    planner.quiet()
    form = load_workbook(take(planner, None, "get-p02", tmp_path))
    texts = [str(c.value) for sheet in form for row in sheet.iter_rows() for c in row if c.value is not None]
    assert any("จำลอง" in text for text in texts)
    assert any("แบบ ผ.02" in text for text in texts)
    plan = Document(str(take(planner, "ไฟล์", "get-docx", tmp_path)))
    words = "\n".join(p.text for p in plan.paragraphs)
    assert "จำลอง" in words
    assert len(plan.tables) >= 1
    assert len(plan.inline_shapes) >= 1, "the plan has no map"


@pytest.mark.long
def test_a_saved_plan_comes_back(own_app, visit: Callable) -> None:
    visitor = visit(own_app, "en")
    visitor.open("plan-forms", lang="en")
    page = visitor.page
    page.locator("[class*='st-key-add-first-'] button").click()
    visitor.quiet()
    lead = page.locator(".eco-head p").first.inner_text()
    assert lead.startswith(("4 projects", "3 projects", "2 projects"))
    page.locator(".st-key-undo button").first.click()
    visitor.quiet()
    assert page.locator(".eco-head p").first.inner_text().startswith("No project yet")
    page.locator(".st-key-redo button").first.click()
    visitor.quiet()
    page.locator("[data-testid=stPopover] button", has_text="Save").click()
    page.get_by_label("Saved by").fill("Somsri")
    page.locator("[data-testid=stFormSubmitButton] button").click()
    page.get_by_text("Version 1 is saved").wait_for()
    again = visit(own_app, "en")
    again.open("plan-forms", lang="en")
    again.page.locator("[data-testid=stPopover] button", has_text="Open").click()
    again.page.get_by_text("Open this version").click()
    again.quiet()
    assert again.page.locator(".eco-head p").first.inner_text() == lead


def put_right(visitor) -> None:
    """Rename, move and hide a station on its page, and take all of it back."""
    page = visitor.page
    visitor.open("my-data", lang="en", data="stations", station="DEMO-BP03", plot="edit")
    name, north = page.get_by_label("Name (English)"), page.get_by_label("Latitude")
    old, stood = name.input_value(), north.input_value()
    name.fill("Old bridge")
    north.fill("13.81900")
    page.get_by_label("Who says so").fill("Environment office")
    page.get_by_role("button", name="Keep the changes").click()
    page.get_by_text("moved · ").wait_for()
    visitor.quiet()
    assert name.input_value() == "Old bridge" and north.input_value() == "13.81900"
    assert page.get_by_text("→ Old bridge · Environment office").count() == 1, "the log says what became what"
    page.get_by_role("button", name="Hide this station").click()
    page.get_by_text("This station is hidden").wait_for()
    page.get_by_role("button", name="Show this station again").click()
    page.get_by_text("A hidden station is left out").wait_for()
    for count, entry in enumerate(("moved", "renamed")):
        row = page.locator("[data-testid=stHorizontalBlock]", has_text=f" · {entry} · ").last
        row.get_by_role("button", name="Undo").click()
        page.get_by_text("(taken back)").nth(count).wait_for()
    visitor.quiet()
    assert (name.input_value(), north.input_value()) == (old, stood)


def test_a_station_is_put_right_and_the_demo_goes_and_comes_back(own_app, visit: Callable) -> None:
    """Each with a click, as a person does it."""
    visitor = visit(own_app, "en")
    put_right(visitor)
    visitor.open("my-data", lang="en", data="areas")
    page = visitor.page
    page.get_by_role("button", name="Remove the demo").click()
    page.locator(".st-key-remove-demo-sure button").click()
    page.get_by_role("button", name="Bring the demo back").wait_for()
    for path in ("", "dust-map", "dust-hotspots", "priority-zones", "plan-forms", "town-meeting", "dust-surface"):
        visitor.open(path, lang="en")
        assert page.locator("h1").count() >= 1
    visitor.open("my-data", lang="en", data="areas")
    page.get_by_role("button", name="Bring the demo back").click()
    page.get_by_role("button", name="Remove the demo").wait_for(timeout=60_000)


def test_the_meeting_pack_needs_no_server(planner, tmp_path: Path, browser) -> None:
    planner.open("town-meeting", lang="th")
    with planner.page.expect_download(timeout=120_000) as waiting:
        planner.page.get_by_role("button", name="ดาวน์โหลดเป็นไฟล์เดียว").click()
    pack = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(pack)
    assert pack.stat().st_size < 15e6
    page = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True).new_page()
    page.goto(pack.as_uri())
    first = page.locator("body").inner_text()
    assert "จำลอง" in first
    page.keyboard.press("ArrowRight")
    page.wait_for_function("first => document.body.innerText !== first", arg=first)
