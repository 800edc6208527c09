"""The hours of a day in a real browser: stepped without a run, computed and cancelled, taken home."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import rasterio
import rioxarray  # noqa: F401 - gives datasets their .rio
import xarray as xr

PERIOD = "2026-01-20..2026-02-20"


def test_hours_are_stepped_in_the_browser_and_taken_home(
    own_app: object, visit: Callable[..., object], tmp_path: Path
) -> None:
    v = visit(own_app, lang="en")
    v.open("dust-surface", lang="en", side="hours", hday="2026-02-11", period=PERIOD)
    page, frame = v.page, v.map()
    output = frame.locator(".eco-time output")
    output.wait_for(timeout=60_000)
    before = output.inner_text()
    assert before.startswith("11 Feb 2026")
    picture = frame.locator(".leaflet-surface-pane img, img.leaflet-image-layer").first
    first = picture.get_attribute("src")
    runs = page.locator("[data-testid=stStatusWidget]").count()
    frame.locator(".eco-time .f").click()
    # Exchanged within the click: nothing is asked of the server.
    assert output.inner_text() != before
    assert picture.get_attribute("src") != first
    assert page.locator("[data-testid=stStatusWidget]").count() == runs
    assert frame.locator(".eco-time input").get_attribute("max") == "23"

    page.get_by_test_id("stMain").get_by_test_id("stPopoverButton").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="All hours, NetCDF").click()
    file = tmp_path / "hours.nc"
    waiting.value.save_as(file)
    assert "simulated" in waiting.value.suggested_filename
    with xr.open_dataset(io.BytesIO(file.read_bytes()), engine="h5netcdf", decode_coords="all") as stored:
        assert stored.sizes["time"] == 24 and stored.rio.crs is not None
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="GeoTIFF of this hour").click()
    waiting.value.save_as(tmp_path / "hour.tif")
    with rasterio.open(tmp_path / "hour.tif") as source:
        assert source.descriptions == ("mean", "sd") and source.crs.is_projected
    assert not v.errors and not v.outside


@pytest.mark.long
def test_a_long_run_shows_its_progress_and_can_be_cancelled(own_app: object, visit: Callable[..., object]) -> None:
    v = visit(own_app, lang="en")
    v.open("dust-surface", lang="en", side="hours", hday="2026-02-11", period=PERIOD)
    page = v.page
    v.map().locator(".eco-time output").wait_for(timeout=60_000)
    page.get_by_role("button", name="All days of the period").or_(
        page.get_by_role("radio", name="All days of the period")
    ).first.click()
    compute = page.get_by_role("button", name="Compute the hours")
    cancel = page.get_by_role("button", name="Cancel")
    compute.or_(cancel).first.wait_for(timeout=30_000)
    if compute.count():
        compute.click()
    cancel.click(timeout=30_000)
    page.get_by_text("Stopped. Nothing half-made was kept.").wait_for(timeout=30_000)
    assert "768 hourly maps" in page.get_by_text("hourly maps of").first.inner_text()
    # The estimate and the way to start again are there; started again, it comes to its end.
    compute.click()
    v.map().locator(".eco-time output").wait_for(timeout=120_000)
    assert not v.errors and not v.outside
    names = {file.suffix for file in (v.lake / "cache" / "hours").iterdir()}
    assert names == {".nc", ".json"}
