"""The calibration sheet says what was compared, in both languages, on one page that needs nothing else."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from geo.calibration import calibrate
from geo.calibration_sheet import equation, metrics, remarks, sheet
from geo.colocation import paired_days
from geo.performance import Precision


class Counter(HTMLParser):
    """Count tags and collect the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        assert not any(name in ("src", "href") for name, _ in attrs)

    def handle_data(self, data):
        self.text += data + " "


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(2)
    times = pd.date_range("2025-12-31 17:00", periods=20 * 24, freq="h", tz="UTC")
    truth = 35 + np.repeat(rng.normal(0, 9, 20), 24)
    rows = {"R": truth, "S": truth * 1.7 + 3 + rng.normal(0, 1, len(times))}
    table = pd.concat(
        pd.DataFrame({"station_id": s, "variable": "pm25", "time": times, "period_hours": 1, "value": v, "flag": None})
        for s, v in rows.items()
    )
    calibration, _ = calibrate(table, "S", "R")
    return calibration, paired_days(table, "S", "R")


def read(page):
    parser = Counter()
    parser.feed(page)
    return parser


def test_both_languages_hold_all_facts(pair):
    thai, english = (read(sheet(*pair, lang)) for lang in ("th", "en"))
    assert thai.tags == english.tags
    assert thai.tags["circle"] == 40
    assert "ใบสอบเทียบ" in thai.text
    assert "1 ± 0.35" in english.text
    assert "1 – 20 Jan 2026" in english.text.replace("1 Jan", "1")
    for text in (thai.text, english.text):
        assert "PM2.5" in text
        assert pair[0].version in text


def test_simulated_readings_are_named(pair):
    assert "Simulated data" in sheet(*pair, "en", simulated=True)
    assert "Simulated data" not in sheet(*pair, "en")


def test_names_are_escaped(pair):
    calibration, days = pair
    page = sheet(replace(calibration, station_id="<script>x</script>"), days, "en")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_equation_reads_as_a_line(pair):
    calibration = replace(pair[0], coefficients={"intercept": -1.5, "value": 0.59, "rh": -0.08})
    assert equation(calibration, "en") == "PM2.5 = − 1.5 + 0.59 × reading − 0.08 × relative humidity (%)"
    seasons = replace(pair[0], coefficients={"intercept dry": 2.0, "value dry": 0.5})
    assert equation(seasons, "en") == "PM2.5 = 2 (dry season) + 0.5 × reading (dry season)"
    published = replace(pair[0], coefficients={}, method="barkjohn-2021")
    assert equation(published, "en") == "AMT 14:4617, PMC8422884"


def test_every_target_stands_beside_its_figure(pair):
    """US EPA 2021: slope, intercept, R², RMSE or NRMSE, and the spread between units (SD or CV)."""
    alone = metrics(pair[0], "en")
    assert [m.target for m in alone] == ["1 ± 0.35", "± 5", "≥ 0.70", "≤ 7", "≤ 30", "", "≤ 5", "≤ 30"]
    assert [m.met for m in alone] == [True] * 5 + [None] * 3
    assert "No other unit" in remarks(pair[0], "en")[-1]
    with_units = replace(pair[0], between=Precision(6.0, 12.0, 20, 3, True))
    assert [m.raw for m in metrics(with_units, "en")][-2:] == ["6.0", "12"]
    assert "3 units" in remarks(with_units, "en")[-1]
