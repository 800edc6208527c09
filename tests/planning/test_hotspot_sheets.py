"""The sheet of a hotspot, from a screened demo read back from its folder: Word and PDF, Thai and English."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pandas as pd
import pytest

from geo.lake import Lake
from language import UserError
from planning import artefacts, spot_sheets, trends
from planning.__main__ import main
from planning.screening import Parameters, Screening, screen
from planning.spot_hours import Hours, hours_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a screening of four dusty weeks on coarse cells, of one hotspot of each kind."""
    wanted = Parameters("demo-ratchaburi", "pm25", date(2026, 1, 26), date(2026, 2, 22), cell_m=400.0)
    found = screen(lake, wanted)
    found = replace(found, hotspots=found.hotspots[:1], local_hotspots=found.local_hotspots[:1])
    return artefacts.write(found, tmp_path_factory.mktemp("screening"))


@pytest.fixture(scope="module")
def found(folder: Path) -> Screening:
    return artefacts.read(folder)


@pytest.fixture(scope="module")
def hours(lake: Lake, found: Screening) -> Hours:
    return hours_of(lake, found)


def text_of(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    parts = [p.text for p in document.paragraphs]
    parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    parts += [p.text for section in document.sections for p in section.footer.paragraphs]
    return "\n".join(parts)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_word_sheet_says_everything(found: Screening, hours: Hours, lang: str) -> None:
    row = found.hotspots.iloc[0]
    sheet = spot_sheets.of_spot(found, "H1", hours, lang)
    said = text_of(spot_sheets.docx(sheet))
    shape = found.hotspots.to_crs(found.surface.rio.crs).geometry.iloc[0]
    parts = {
        "name": str(row[f"name_{lang}"]),
        "people": f"{float(row['people']):,.0f}",
        "area": f"{row['area_km2']:.2f}",
        "mean": f"{row['mean_ugm3']:.1f}",
        "trend": trends.of_spot(found, shape).name.say(lang),
        "hours": hours.profiles["H1"]["hour"].words or "–",
        "snapshot": str(found.snapshot),
        "evidence": {"th": "ไม่ใช่หลักฐาน", "en": "not proof"}[lang],
        "simulated": {"th": "ข้อมูลจำลอง", "en": "Simulated data"}[lang],
        "standard": "37.5",
    }
    assert not [name for name, text in parts.items() if text not in said]
    assert len(sheet.charts) >= 2
    assert len(docx.Document(io.BytesIO(spot_sheets.docx(sheet))).inline_shapes) == 1 + len(sheet.charts)
    first = found.likely[(found.likely["target_id"] == "H1") & (found.likely["rank"] == 1)].iloc[0]
    if first["kind"] == "factory":
        assert str(first["name_th"]).split(" (")[0] in said


def test_the_local_sheet_speaks_of_the_background_not_of_the_standard(found: Screening, hours: Hours) -> None:
    sheet = spot_sheets.of_spot(found, "L1", hours, "en")
    assert "than the region around it" in sheet.lead
    names = [name for name, _ in sheet.facts]
    assert "Above the background, mean" in names
    assert "Above the standard, on the days over it" not in names
    assert sheet.title.startswith("Local hotspot 1")
    assert set(hours.profiles) == set(trends.all_spots(found)["hotspot_id"]) == {"H1", "L1"}


def test_the_folder_holds_the_trends(folder: Path, found: Screening) -> None:
    stored = pd.read_csv(folder / "trends.csv", encoding="utf-8-sig")
    assert stored["hotspot_id"].tolist() == ["H1", "L1"]
    assert set(stored["trend"]) <= set(trends.KINDS)
    meant = pd.read_csv(folder / "columns.csv", encoding="utf-8-sig")
    assert list(meant.loc[meant["file"] == "trends.csv", "column"]) == list(stored.columns)


def test_the_pdf_is_a4_and_named(found: Screening, hours: Hours) -> None:
    data = spot_sheets.pdf(spot_sheets.of_spot(found, "H1", hours, "th"))
    assert data.startswith(b"%PDF")
    boxes = [tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[\s*([^\]]+?)\s*\]", data)]
    assert len(boxes) == 2
    assert all(box == pytest.approx((0, 0, 595.3, 841.9), abs=1) for box in boxes)


def test_without_the_store_the_sheet_says_so(found: Screening) -> None:
    sheet = spot_sheets.of_spot(found, "H1", hours_of(None, found), "en")
    assert any("need the store of readings" in s for _, said in sheet.parts for s in said)
    with pytest.raises(UserError, match="no hotspot H99"):
        spot_sheets.of_spot(found, "H99", Hours({}), "en")


def test_the_command_writes_both_kinds_in_both_languages(
    folder: Path, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "empty.sqlite"))  # the folder alone, beside another store
    monkeypatch.setenv("LAKE_DATA", str(tmp_path / "files"))
    assert main(["sheets", "--screening", str(folder), "--out", str(tmp_path / "out")]) == 0
    names = {p.name for p in (tmp_path / "out").iterdir()}
    wanted = {f"hotspot-{s}-{n}.{x}" for s in ("H1", "L1") for n in ("th", "en") for x in ("docx", "pdf")}
    assert names == wanted
    bare = replace(artefacts.read(folder), hotspots=found_none(folder), local_hotspots=found_none(folder))
    with pytest.raises(UserError, match="no hotspot"):
        spot_sheets.write(bare, tmp_path / "none")


def found_none(folder: Path):  # type: ignore[no-untyped-def]
    """Return an empty hotspot table."""
    return artefacts.read(folder).hotspots[:0]
