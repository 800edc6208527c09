"""The calibration sheet in Word: one page with every fact, figure and target, in both languages."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest

from geo.calibration import Calibration, calibrate
from geo.colocation import paired_days
from planning.calibration_sheet import write_docx


@pytest.fixture(scope="module")
def pair() -> tuple[Calibration, pd.DataFrame]:
    """Return a fitted calibration with a unit beside it, and its days."""
    rng = np.random.default_rng(2)
    times = pd.date_range("2025-12-31 17:00", periods=35 * 24, freq="h", tz="UTC")
    truth = 35 + np.repeat(rng.normal(0, 9, 35), 24)
    rows = {"R": truth, "S": truth * 1.7 + 3 + rng.normal(0, 1, len(times)), "T": truth * 1.6 + 4}
    table = pd.concat(
        pd.DataFrame({"station_id": s, "variable": "pm25", "time": times, "period_hours": 1, "value": v, "flag": None})
        for s, v in rows.items()
    )
    return calibrate(table, "S", "R", units=["T"], distance_m=12.0)[0], paired_days(table, "S", "R")


def texts(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_fact_and_target_is_on_it(pair: tuple[Calibration, pd.DataFrame], tmp_path: Path, lang: str) -> None:
    """Stations by name, period, equation, targets beside the figures, who made it; simulated where it is."""
    calibration, days = pair
    path = write_docx(
        calibration, days, tmp_path / "sheet.docx", lang, names=("เครื่องวัดโรงเรียน", "สถานีอ้างอิง"), simulated=True,
        office="เทศบาลทดลอง", made=date(2026, 3, 1),
    )  # fmt: skip
    said = texts(path)
    for part in ("เครื่องวัดโรงเรียน (S)", "สถานีอ้างอิง (R)", "1 ± 0.35", "≤ 30", calibration.version, "เทศบาลทดลอง"):
        assert part in said, part
    assert ("ข้อมูลจำลอง" if lang == "th" else "Simulated data") in said
    assert "{" not in said


def test_it_is_one_page(pair: tuple[Calibration, pd.DataFrame], tmp_path: Path) -> None:
    """As LibreOffice sets it."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    names = ("เครื่องวัดโรงเรียนเทศบาล ๑", "สถานีอ้างอิงจังหวัด")
    path = write_docx(*pair, tmp_path / "sheet.docx", "th", names=names, simulated=True)
    command = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    pdf = (tmp_path / "sheet.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page(?!s)", pdf)) == 1
