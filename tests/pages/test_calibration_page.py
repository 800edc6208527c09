"""Calibration on the data page: find a pair, compare, use it, read the station with it, go back to raw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo.calibration_store import choose, current
from geo.lake import Lake
from geo.schema import ImportRecord

Open = Callable[..., AppTest]


def add_pair(folder: Path) -> str:
    """Put a sensor that reads 1.6 x + 3 beside a reference of the demo, and return the reference."""
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        stations = lake.stations()
        reference = stations[stations["kind"] == "reference"].iloc[0]
        rows = lake.observations(["pm25"], station_ids=[reference["station_id"]])
        noise = np.random.default_rng(1).normal(0, 3, len(rows))
        own = rows.assign(station_id="BESIDE", value=(1.6 * rows["value"] + 3 + noise).clip(lower=0))
        at = {"lat": reference["lat"] + 0.0001, "lon": reference["lon"], "simulated": True}
        place = pd.DataFrame({"station_id": ["BESIDE"], "name_th": ["เครื่องข้างสถานี"], "kind": "lowcost", **at})
        tables = {"stations": place, "observations": own.drop(columns="import_id")}
        lake.append(tables, record=ImportRecord("observations", "pair.csv", simulated=True))
        return str(reference["station_id"])


def press(at: AppTest, key: str) -> AppTest:
    return next(b for b in at.button if b.key == key).click().run()


def test_a_lake_without_a_pair_says_how_to_get_one(empty_app: Open) -> None:
    at = empty_app("data", lang="en", data="calibrate")
    assert not at.exception and "Set one beside a reference" in at.info[0].value
    assert "No calibration is stored yet" in "\n".join(c.value for c in at.caption)


@pytest.mark.parametrize(("lang", "place"), [("en", "beside reference point 26t"), ("th", "คู่กับจุดอ้างอิง 26t")])
def test_the_demo_has_one_pair_to_walk_through(app: Open, lang: str, place: str) -> None:
    """One of its low-cost sensors stands beside a reference: its fit is judged and its sheet can be taken home."""
    at = app("data", lang=lang, data="calibrate")
    assert not at.exception, at.exception
    (pair,) = at.selectbox(key="calib-pair").options
    assert place in pair and "14" in pair
    methods = at.dataframe[0].value
    fitted = methods.dropna(subset="rmse")
    assert len(fitted) >= 3 and (fitted["r2"] > 0.8).all() and (fitted["rmse"] < 7).all()
    assert any(str(getattr(b, "icon", "")) == ":material/download:" for b in at.get("download_button"))


@pytest.mark.long
def test_a_pair_is_calibrated_used_and_taken_back(own_app: Open, tmp_path: Path) -> None:
    folder = next(p.parent for p in tmp_path.rglob("catalog.sqlite"))
    reference = add_pair(folder)
    at = own_app("data", lang="en", data="calibrate")
    assert not at.exception, at.exception
    methods = at.dataframe[0].value
    assert methods["method"].iloc[0] == "Raw" and "suggested" in methods["method"].iloc[1]
    assert methods["met"].iloc[1] == "4 of 4" and methods["rmse"].iloc[1] < methods["rmse"].iloc[0]
    assert len(methods) == 5
    at = at.toggle(key="calib-published").set_value(True).run()
    assert len(at.dataframe[0].value) == 11 and at.dataframe[0].value["method"].str.contains("suggested").sum() == 1
    at = at.text_input(key="calib-office").set_value("เทศบาลทดลอง").run()
    at = press(at, "calib-use")
    assert not at.exception
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        (stored,) = current(lake)
        assert stored.author == "เทศบาลทดลอง" and stored.calibration.reference_id == reference
    assert at.dataframe[1].value["state"].tolist() == ["counts"]
    assert any(getattr(b, "label", "") == "Calibration sheet (Word)" for b in at.get("download_button"))
    station = own_app("data", lang="en", data="stations", station="BESIDE", plot="about")
    assert not station.exception
    said = "\n".join(html.body for html in station.main if isinstance(getattr(html, "body", None), str))
    assert "Straight line" in said
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        choose(lake, "BESIDE", "pm25")
    at = own_app("data", lang="en", data="calibrate")
    assert at.dataframe[1].value["state"].tolist() == ["kept"]
