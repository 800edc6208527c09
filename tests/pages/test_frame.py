"""The frame: first visit, choices restored from a link, maps without an outside address, an emptied lake."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.lake import Lake
from language import UserError
from pages.parts import frame, results, tables

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


def maps(at: AppTest) -> list[dict[str, Any]]:
    """Return what every map of a page sends to the browser."""
    return [json.loads(found.proto.json_args) for found in at.get("component_instance")]


def test_the_first_visit_builds_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "catalog.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(tmp_path / "files"))
    st.cache_resource.clear()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert not at.exception
    st.cache_resource.clear()
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        assert len(lake.workspaces()) >= 1
        assert not lake.is_empty()


def test_an_emptied_lake_stays_empty(empty_app: Open, emptied_lake: Path) -> None:
    at = empty_app("overview", lang="en")
    assert not at.exception
    assert any(button.label == "Build the demo" for button in at.button)
    st.cache_resource.clear()
    with Lake.open(emptied_lake / "catalog.sqlite", emptied_lake / "files") as lake:
        assert lake.is_empty()


def test_a_link_restores_what_was_seen(app: Open) -> None:
    at = app("map", lang="en", p="pm10", period="2026-02-01..2026-02-20", ground="exceedance", layers="stations,zones",
             opacity="60", at="13.81,99.87")  # fmt: skip
    assert not at.exception
    state = at.session_state
    assert state["p"] == "pm10"
    assert state["period"] == (date(2026, 2, 1), date(2026, 2, 20))
    assert state["ground"] == "exceedance"
    assert state["layers"] == ["stations", "zones"]
    assert state["opacity"] == 60
    assert state["at"] == (13.81, 99.87)
    sent = dict(at.query_params)
    assert (sent["p"], sent["lang"], sent["at"]) == ("pm10", "en", "13.81000,99.87000")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ws": "no-such-place"},
        {"area": "no-such-code"},
        {"p": "ozone"},
        {"period": "yesterday"},
        {"period": "1999-01-01..1999-02-01"},
        {"period": "2026-02-20..2026-02-01"},
        {"lang": "xx"},
        {"ground": "gold", "layers": "a,b", "opacity": "900", "at": "north"},
    ],
)
def test_a_wrong_link_still_opens(app: Open, wrong: dict[str, str]) -> None:
    at = app("map", **wrong)
    assert not at.exception
    assert not at.error
    assert maps(at)


@pytest.mark.parametrize("page", ["overview", "map", "surface", "hotspots", "zones"])
def test_no_map_asks_for_an_outside_address(app: Open, page: str) -> None:
    at = app(page, lang="th")
    sent = maps(at)
    assert sent
    for arguments in sent:
        assert all(url.startswith("../../app/static/") for url in arguments["js_links"] + arguments["css_links"])
        assert "http" not in arguments["script"]
        assert "http" not in (arguments["feature_group"] or "")


def test_the_online_map_only_by_switch(app: Open) -> None:
    (sent,) = maps(app("map", lang="en", online="1"))
    assert "tile.openstreetmap.org" in sent["feature_group"]


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("ground", ["mean", "days", "exceedance", "sd", "none"])
def test_every_ground_has_its_legend_with_the_marks(app: Open, lang: str, ground: str) -> None:
    (sent,) = maps(app("map", lang=lang, ground=ground))
    group = sent["feature_group"]
    assert "Eco.legend" in group
    assert {"th": "ข้อมูลจำลอง", "en": "Simulated data"}[lang] in group
    assert ("Eco.moving" in group) is (ground == "days")
    assert ("eco-hatch" in group) is (ground != "none")


def test_changing_a_layer_keeps_the_map(app: Open) -> None:
    """The base map's identity is its key: it must not change with the layers on it."""
    one = maps(app("map", lang="th", ground="mean"))[0]
    other = maps(app("map", lang="th", ground="exceedance", layers="zones"))[0]
    assert one["script"] == other["script"]
    assert one["feature_group"] != other["feature_group"]


def test_a_label_takes_the_other_language_where_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "lang", lambda: "en")
    assert frame.label(pd.Series({"name_th": "ก", "name_en": "K"})) == "K"
    assert frame.label(pd.Series({"name_th": "ก", "name_en": None})) == "ก"
    assert frame.label(pd.Series({"name_th": None, "name_en": float("nan"), "code": "7"})) == "7"


def test_too_little_data_keep_the_heading_and_show_what_there_is(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise UserError("There is no day with a map in this period; choose a longer one.")

    monkeypatch.setattr(results, "screening", refuse)
    at = app("zones", lang="en")
    assert not at.exception and len(at.error) == 1
    assert any("<h1>Priority zones</h1>" in str(h.proto.body) for h in at.get("html"))
    (shown,) = maps(at)
    assert shown["feature_group"].count('"kind":"station"') == 19
    assert len(at.dataframe[0].value) == 19, "every map has its table"


def test_tables_are_text_in_a_hall(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "hall", lambda: True)
    drawn: list[str] = []
    monkeypatch.setattr(tables.hall_table.st, "html", drawn.append)
    table = pd.DataFrame({"a": [1234.0, None], "b": [0.256, 0.5], "c": ["<b>", "x"], "hidden": [1, 2]})
    tables.show(
        table, chosen=[1],
        column_config={"b": st.column_config.NumberColumn("Share", help="of all", format="%.2f"), "hidden": None},
    )  # fmt: skip
    (html,) = drawn
    assert "title='of all'>Share</th>" in html and "<td class='n'>0.26</td>" in html
    assert "1,234" in html and "–" in html and "&lt;b&gt;" in html and "hidden" not in html
    assert html.count("aria-current='true'") == 1


def test_names_stay_plain_and_a_number_keeps_its_per_cent() -> None:
    from pages.parts import errors

    assert errors.plain("a_b *c* 98 % of 5 km") == "a\\_b \\*c\\* 98\u00a0% of 5 km"
