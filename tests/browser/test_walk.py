"""A planner's walk with data of their own: import, surface, hotspot, zone, an edited plan row, the form in hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

LON, LAT = 100.50, 14.50
DAYS = pd.date_range("2026-01-10", "2026-01-29", freq="D")


def town() -> dict[str, tuple[str, bytes]]:
    """Return the files a clerk would send: a town of two halves, the west one dusty on most days."""
    rng = np.random.default_rng(7)
    place = [(LON - 0.03 + 0.02 * i, LAT - 0.015 + 0.015 * j) for i in range(4) for j in range(3)]
    stations = pd.DataFrame(
        {
            "รหัสสถานี": [f"T{i + 1:02}" for i in range(len(place))],
            "ชื่อสถานี": [f"จุดวัด {i + 1}" for i in range(len(place))],
            "ลองจิจูด": [p[0] for p in place],
            "ละติจูด": [p[1] for p in place],
        }
    )
    hours = pd.date_range(DAYS[0], periods=24 * len(DAYS), freq="h")
    haze = 8 * np.sin(np.arange(len(hours)) / 24 * 2 * np.pi / 9)
    rows = []
    for code, (lon, _) in zip(stations["รหัสสถานี"], place, strict=True):
        west = 55.0 - 900.0 * (lon - (LON - 0.03))
        values = np.clip(west + haze + rng.normal(0, 2, len(hours)), 1, None).round(1)
        rows.append(pd.DataFrame({"station_id": code, "datetime": hours.strftime("%d/%m/") + "2569"
                                  + hours.strftime(" %H:%M"), "pm25": values}))  # fmt: skip
    readings = pd.concat(rows, ignore_index=True)
    readings["pm25"] = readings["pm25"].astype(object)
    readings.loc[5, "pm25"] = "-999"
    readings.loc[6, "pm25"] = "เสีย"

    def square(x0: float, x1: float) -> dict[str, object]:
        ring = [[x0, LAT - 0.02], [x1, LAT - 0.02], [x1, LAT + 0.02], [x0, LAT + 0.02], [x0, LAT - 0.02]]
        return {"type": "Polygon", "coordinates": [ring]}

    names = [("9001", "ชุมชนตะวันตก", "West quarter", LON - 0.035, LON), ("9002", "ชุมชนตะวันออก", "East quarter", LON,
             LON + 0.035)]  # fmt: skip
    halves = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": square(x0, x1),
             "properties": {"code": code, "name_th": th, "name_en": en, "level": "subarea", "population": 4000}}
            for code, th, en, x0, x1 in names
        ],
    }  # fmt: skip
    factories = pd.DataFrame(
        {
            "เลขทะเบียน": ["จ3-9(1)-1/60กท", "จ3-58(1)-2/61กท", "จ2-34(1)-3/62กท"],
            "ประเภท": ["00901", "05801", "03401"],
            "จำพวก": [3, 3, 2],
            "ชื่อโรงงาน": ["โรงสีหนึ่ง", "คอนกรีตสอง", "โรงเลื่อยสาม"],
            "แรงม้า": [300, 120, 60],
            "ละติจูด": [LAT, LAT + 0.005, LAT - 0.005],
            "ลองติจูด": [LON - 0.02, LON - 0.015, LON + 0.02],
        }
    )
    return {
        "boundaries": ("halves.geojson", json.dumps(halves, ensure_ascii=False).encode()),
        "stations": ("stations.csv", stations.to_csv(index=False).encode("cp874")),
        "observations": ("readings.csv", readings.to_csv(index=False).encode("utf-8-sig")),
        "factories": ("factories.csv", factories.to_csv(index=False).encode("cp874")),
    }


def bring(visitor, kind: str, file: tuple[str, bytes]) -> str:
    """Import a file on the data page; return what the page says about it."""
    page = visitor.page
    page.locator("input[type=file]").first.set_input_files(
        {"name": file[0], "mimeType": "application/octet-stream", "buffer": file[1]}
    )
    store = page.locator("button", has_text="4 Import")
    store.wait_for(timeout=60_000)
    visitor.quiet()
    assert kind_shown(page).lower().startswith(kind), f"{file[0]} was taken for {kind_shown(page)}"
    store.click()
    page.locator("[data-testid=stAlert]", has_text="rows are stored").wait_for(timeout=60_000)
    visitor.quiet()
    return page.locator("[data-testid=stAlert]", has_text="rows are stored").inner_text()


def kind_shown(page) -> str:
    """Return the kind of file that the page guessed."""
    return page.locator("[class*='st-key-kind-'] input").input_value()


def download(page, key: str) -> bytes:
    """Press a download button and return the file."""
    with page.expect_download(timeout=120_000) as waiting:
        page.locator(f".st-key-{key} button").click()
    return Path(waiting.value.path()).read_bytes()


def type_budget(visitor, amount: int) -> None:
    """Type an amount into the first project's first budget year, as with a keyboard."""
    from playwright.sync_api import TimeoutError as TooLate

    page = visitor.page
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for()
    visitor.quiet()
    for limit in (8_000, 60_000):  # a busy machine may open the cell only after the first digits
        _type_into_first_year(page, grid.bounding_box(), amount)
        try:
            page.get_by_text(f"{amount:,}").first.wait_for(timeout=limit)
        except TooLate:
            if limit == 60_000:
                raise
            page.keyboard.press("Escape")
        else:
            break
    visitor.quiet()


def _type_into_first_year(page, head: dict, amount: int) -> None:
    page.mouse.click(head["x"] + 140, head["y"] + 60)
    for _ in range(3):  # project, objective, target, first year
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # opens the cell
    page.wait_for_timeout(400)
    page.keyboard.type(str(amount), delay=80)
    page.keyboard.press("Enter")


@pytest.fixture()
def planner(own_app, visit: Callable):
    """Return a visitor whose store holds the town's files."""
    visitor = visit(own_app, "en")
    visitor.open("my-data", lang="en", data="import")
    said = {kind: bring(visitor, kind, file) for kind, file in town().items()}
    assert "2 left out" in said["observations"] or "1 left out" in said["observations"]
    return visitor


def test_from_files_to_a_form(planner) -> None:
    page = planner.page
    planner.open("dust-surface", lang="en", ws=workspace(planner), p="pm25", period="2026-01-10..2026-01-29")
    assert page.get_by_text("What the computer decided").count()
    geotiff = page.locator("[data-testid=stPopover] button", has_text="Download").first
    assert geotiff.count() == 1

    follow(planner, "dust-hotspots")
    assert page.get_by_text("West quarter").count(), "the dusty half is no hotspot"
    assert not page.get_by_text("imulated").count(), "measured data are called simulated"

    follow(planner, "priority-zones")
    assert "West quarter" in page.locator(".eco-head p").first.inner_text()

    follow(planner, "plan-forms")
    page.locator("[class*='st-key-add-first-'] button").click()
    planner.quiet()
    page.locator("button", has_text="2 Fill in").click()
    planner.quiet()
    type_budget(planner, 250000)
    assert page.get_by_text("250,000").count(), "the sums don't know the budget"
    form = load_workbook(io.BytesIO(download(page, "get-p02")))
    cells = [str(c.value) for sheet in form for row in sheet.iter_rows() for c in row if c.value is not None]
    assert any("แบบ ผ.02" in text for text in cells)
    assert any("250000" in text for text in cells)
    assert any(text.startswith("=") and "SUM" in text for text in cells)
    assert not any("จำลอง" in text for text in cells), "measured data are called simulated on the form"


def workspace(visitor) -> str:
    """Return the id of the workspace that the import made."""
    from geo.lake import Lake

    folder = visitor.lake
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        table = lake.workspaces()
    return str(table.loc[~table["simulated"].astype(bool), "workspace_id"].iloc[0])


def follow(visitor, path: str) -> None:
    """Go to another page by the sidebar, as a person does; the choices come along."""
    visitor.page.locator(f"[data-testid=stSidebarNavLink][href*='{path}']").click()
    visitor.page.wait_for_url(f"**/{path}**")
    visitor.quiet()
