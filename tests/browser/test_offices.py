"""The provincial office: a row ticked in the table is ringed on the map and taken home alone; the hall reads text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd


def test_table_and_map_show_the_same_choice(demo_app, visit: Callable, tmp_path: Path) -> None:
    visitor = visit(demo_app, "en")
    visitor.open("factory-screening", lang="en")
    page, frame = visitor.page, visitor.map()
    frame.locator(".leaflet-container").wait_for()
    rings = frame.locator("path[stroke='#1F2A2E'][stroke-width='4']")
    assert rings.count() == 0
    grid = page.locator("[data-testid=stDataFrame]").first.bounding_box()
    for row in (1, 2):
        page.mouse.click(grid["x"] + 18, grid["y"] + 35 * row + 18)
        visitor.quiet()
    page.get_by_text("2 factories · .xlsx").wait_for()
    rings.nth(1).wait_for(state="attached")
    with page.expect_download() as download:
        page.locator(".st-key-office-xlsx button").click()
    download.value.save_as(tmp_path / "chosen.xlsx")
    assert len(pd.read_excel(tmp_path / "chosen.xlsx")) == 2
    # What the map chooses (its click writes the factory into the link) is the row ticked in the table.
    visitor.open("factory-screening", lang="en", factory="DEMO-F007")
    page.get_by_text("1 factory · .xlsx").wait_for()
    assert not visitor.outside and not visitor.errors
