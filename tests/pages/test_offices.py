"""The provincial office and the hall: what a person filters, records, saves and takes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo import export
from geo.lake import Lake
from pages.parts import files, hall_say

Open = Callable[..., AppTest]


def factories(at: AppTest) -> pd.DataFrame:
    """Return the table of factories."""
    return next(t.value for t in at.dataframe if "receptors_1km" in t.value.columns)


def button(at: AppTest, words: str) -> object:
    """Return the button with these words."""
    return next(b for b in at.button if b.label == words)


@pytest.mark.long
def test_filters_of_the_address_leave_what_fits_and_can_be_saved(own_app: Open) -> None:
    """A link restores the filters; they are saved under a name, and a stricter one shows fewer rows."""
    everything = factories(own_app("offices", lang="en"))
    at = own_app("offices", lang="en", hp="200", only="hotspot")
    some = factories(at)
    assert 0 < len(some) < len(everything)
    assert (some["hp"] >= 200).all()
    assert some["hotspot_id"].notna().all()
    at.text_input(key="screen_name").set_value("Large and near")
    button(at, "Save these filters").click().run()  # type: ignore[attr-defined]
    assert not at.exception
    again = own_app("offices", lang="en")
    again.selectbox(key="saved").set_value("Large and near").run()
    assert len(factories(again)) == len(some)


def test_without_factories_the_way_to_them_is_said(own_app: Open, tmp_path: Path) -> None:
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        lake.query("DELETE FROM lake.factories")
    at = own_app("offices", lang="en")
    assert not at.exception and not at.text_input
    assert "Bring in the register" in at.info[0].value


def test_hands_are_recorded_and_taken_back(own_app: Open) -> None:
    """An idea needs no place; a complaint does; the last one is taken back."""
    at = own_app("meeting", lang="th", show="say")
    assert not at.exception, [e.value for e in at.exception]
    button(at, "บันทึกเรื่องนี้").click().run()  # type: ignore[attr-defined]
    assert any("คลิกแผนที่ตรงที่ชาวบ้านหมายถึงก่อน" in e.value for e in at.error)
    at.pills(key="say_kind").set_value("idea")
    at.number_input(key="say_votes").set_value(7)
    button(at, "บันทึกเรื่องนี้").click().run()  # type: ignore[attr-defined]
    assert "7 มือ · 1 เรื่อง" in " ".join(str(getattr(element, "body", "")) for element in at.main)
    button(at, "ยกเลิกเรื่องล่าสุด").click().run()  # type: ignore[attr-defined]
    assert any("ยังไม่มีบันทึก" in e.value for e in at.info)


def test_a_hall_reads_the_table_as_text_and_the_map_chooses_in_it(own_app: Open) -> None:
    """Real text instead of a canvas; the factory chosen on the map stands first, marked; its files are one row."""
    wide = factories(own_app("offices", lang="en"))
    at = own_app("offices", lang="en", hall="1", factory="DEMO-F007")
    assert not at.exception
    body = next(text for text in (str(getattr(e, "body", "")) for e in at.main) if "eco-table" in text)
    rows = re.findall(r"<tr[^>]*>.*?</tr>", body)
    assert len(rows) == len(wide) + 1
    assert "aria-current" in rows[1] and "7 (" in rows[1] and "aria-current" not in rows[2]
    assert "title='Machine power in the register'" in rows[0]
    assert [str(b.label) for b in at.get("download_button")][:2] == ["1 factory · .xlsx", "1 factory · .csv"]


def test_bulk_export_opens_as_excel_text_and_map() -> None:
    """The three files hold every row and column again, Thai and blanks included; no text that Excel would run."""
    rows = gpd.GeoDataFrame(
        {
            "factory_id": ["F1", "F2"], "name_th": ["โรงสีหนึ่ง", "=HYPERLINK(1)"], "hp": [300.0, None],
            "hotspot_id": ["H1", None], "complaints_1km": [2, 0], "last_visit": ["2026-02-12", None],
            "simulated": [True, True],
        },
        geometry=gpd.points_from_xy([99.87, 99.88], [13.82, 13.81]), crs=4326,
    )  # fmt: skip
    sheet = pd.read_excel(BytesIO(hall_say.workbook(export.harmless(pd.DataFrame(rows.drop(columns="geometry"))))))
    text = pd.read_csv(BytesIO(files.csv(rows)), encoding="utf-8-sig")
    layer = gpd.read_file(BytesIO(files.geopackage(rows, "factories")), layer="factories")
    for table in (sheet, text, layer):
        assert table["factory_id"].tolist() == ["F1", "F2"]
        assert table["name_th"].iloc[0] == "โรงสีหนึ่ง"
        assert table["hp"].iloc[0] == 300 and pd.isna(table["hp"].iloc[1])
        assert table["complaints_1km"].tolist() == [2, 0]
    assert not sheet["name_th"].iloc[1].startswith("=") and not text["name_th"].iloc[1].startswith("=")
    assert text[["lat", "lon"]].to_numpy().tolist() == [[13.82, 99.87], [13.81, 99.88]]
    assert layer.crs.to_epsg() == 4326 and layer.geometry.iloc[0].x == 99.87
