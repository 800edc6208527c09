"""A plan can be made again from its manifest and the lake's snapshot, bit for bit, whatever was stored since."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError
from language.progress import silent
from planning import __main__ as command
from planning import artefacts, rebuild
from planning import plan as plans
from planning.screening import Parameters, screen

pytestmark = pytest.mark.slow

ASKED = Parameters("demo-boek-phrai", "pm25", date(2026, 2, 8), date(2026, 2, 20), cell_m=300.0)


@pytest.fixture(scope="module")
def folder(demo_place: Path) -> Path:
    """A lake, a screening's folder, and the folder of an edited plan; readings changed after that."""
    place = demo_place
    with Lake.open(place / "catalog.sqlite", place / "files") as lake:
        artefacts.write(screen(lake, ASKED), place / "screening")
        found = artefacts.read(place / "screening")
        plan = plans.from_screening(found, lao_name="ทต.เบิกไพร")
        plan = plans.saved(plans.edit(plan, plan.rows[0].row_id, budgets=["1,200,000", "-", None, None, None]), "สมชาย")
        rebuild.write_plan(plan, found, place / "plan", "th")
        rows = lake.observations(["pm25"])
        record = ImportRecord(kind="observations", file_name="later.csv", simulated=True)
        lake.upsert({"observations": rows.assign(value=rows["value"] * 3).drop(columns="import_id")}, record=record)
    return place


@pytest.fixture
def same_screening(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the screening be the stored one: that it comes out the same is the first test's matter."""
    monkeypatch.setattr(rebuild, "_screened", lambda *_args: artefacts.read(folder / "screening"))


@pytest.fixture
def lake(folder: Path) -> Iterator[Lake]:
    with Lake.open(folder / "catalog.sqlite", folder / "files") as opened:
        yield opened


def test_a_plan_is_rebuilt_bit_for_bit_although_readings_changed_since(lake: Lake, folder: Path) -> None:
    found = rebuild.rebuild(lake, folder / "plan")
    assert found.same, found.files.to_string()
    assert set(found.files["file"]) == {"forms-2571-2575.xlsx", "manifest.json", "plan.docx", "plan.json"}
    assert not found.notes
    assert "all 4 files" in found.sentence().say("en")


@pytest.mark.usefixtures("same_screening")
def test_what_was_touched_is_named_and_the_command_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A budget changed in plan.json, a form replaced, a version of long ago, a file of somebody's own."""
    spoilt = tmp_path / "plan"
    shutil.copytree(folder / "plan", spoilt)
    body = json.loads((spoilt / "plan.json").read_text("utf-8"))
    body["rows"][0]["budgets"][0] = 9
    (spoilt / "plan.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    manifest = json.loads((spoilt / "manifest.json").read_text("utf-8"))
    manifest["versions"]["numpy"] = "1.0"
    (spoilt / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (spoilt / "mine.txt").write_text("note")
    monkeypatch.setenv("LAKE_CATALOG", str(folder / "catalog.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(folder / "files"))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert command.main(["rebuild", str(spoilt)]) == 1
    said = capsys.readouterr().err
    assert "forms-2571-2575.xlsx" in said and "plan.docx" in said and "mine.txt" not in said
    assert "numpy 1.0" in said


def test_a_folder_without_a_manifest_is_refused_in_words(lake: Lake, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no manifest that can be read"):
        rebuild.rebuild(lake, tmp_path)
    (tmp_path / "manifest.json").write_text('{"kind": "plan", "snapshot": 1}')
    with pytest.raises(UserError, match="lacks lang, parameters"):
        rebuild.rebuild(lake, tmp_path)


@pytest.mark.usefixtures("same_screening")
def test_the_package_of_the_page_is_a_folder_that_can_be_rebuilt(lake: Lake, folder: Path, tmp_path: Path) -> None:
    stored = plans.from_json((folder / "plan" / "plan.json").read_text("utf-8"))
    snapshot = int(json.loads((folder / "plan" / "manifest.json").read_text("utf-8"))["snapshot"])
    content = rebuild.package(lake, replace(stored, vision="เมืองน่าอยู่"), ASKED, snapshot, "en", silent)
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "taken")
    assert rebuild.rebuild(lake, tmp_path / "taken").same
    assert isinstance(pd.read_excel(tmp_path / "taken" / "forms-2571-2575.xlsx"), pd.DataFrame)
