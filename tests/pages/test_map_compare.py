"""Two maps side by side: one scale, one view, the same link back; the difference with its uncertainty."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from geo import own_layers
from geo.lake import Lake

Open = Callable[..., AppTest]
SPAN = "2026-02-02..2026-02-15"


def maps(at: AppTest) -> list[dict[str, Any]]:
    """Return what each map of the page was sent."""
    return [json.loads(c.proto.json_args) for c in at.get("component_instance")]


def bars(at: AppTest) -> list[str]:
    """Return the colours of the legend that stands under two maps."""
    (strip,) = [str(h.proto.body) for h in at.get("html") if "class='eco-strip'" in str(h.proto.body)]
    return re.findall(r"background:(#\w+)", strip)


def place(at: AppTest) -> list[int]:
    """Return where the (first) map stands in the page: the numbers of the blocks it lies in."""

    def search(block: Any, path: list[int]) -> list[int]:
        for number, child in getattr(block, "children", {}).items():
            if child.type == "component_instance":
                return [*path, number]
            if deeper := search(child, [*path, number]):
                return deeper
        return []

    return search(at.main, [])


def test_two_days_share_scale_and_view(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, cmp="days", cmpd1="2026-02-03", cmpd2="2026-02-12")
    assert not at.exception and not at.warning
    left, right = maps(at)
    assert all('"group":"compare"' in sent["script"] for sent in (left, right))
    assert "3 Feb 2026" in left["feature_group"] and "12 Feb 2026" in right["feature_group"]
    assert at.segmented_control(key="ground").proto.disabled
    assert at.query_params["cmpd1"] == "2026-02-03" and at.query_params["cmp"] == "days"
    # A station's colour means the same on both: every fill is of the one bar (or the grey of no data).
    fills = {f for sent in (left, right) for f in re.findall(r"fill='(#\w+)' stroke='#1F2A2E'", sent["feature_group"])}
    assert len(fills) > 2 and fills <= {*bars(at), "#9AA5A8"}


def test_the_difference_of_two_days_says_its_uncertainty(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, cmp="days", cmpd1="2026-02-03", cmpd2="2026-02-12", **{"as": "change"})
    (sent,) = maps(at)
    shown = sent["feature_group"]
    assert "12 Feb 2026 minus 3 Feb 2026" in shown and "usual uncertainty: ±" in shown
    assert "nan" not in re.findall(r"usual uncertainty: ±(\S+)", shown)[0]
    at = app("map", lang="en", period=SPAN, cmp="days", cmpd1="2026-02-12", cmpd2="2026-02-12", **{"as": "change"})
    assert len(maps(at)) == 1 and "two different" in at.warning[0].value


def test_two_pollutants_share_the_classes(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, cmp="pollutants")
    left, right = maps(at)
    assert "PM2.5, mean" in left["feature_group"] and "PM10, mean" in right["feature_group"]
    assert len(bars(at)) >= 4


def test_two_limits_are_two_scenarios(app: Open) -> None:
    at = app("map", lang="th", period=SPAN, cmp="scenarios", scen="limit-who-aqg", ground="over", at="13.815,99.875")
    left, right = maps(at)
    assert "37.5" in left["feature_group"] and "เกณฑ์ 15" in right["feature_group"]
    assert "Eco.ask" in left["feature_group"] and "Eco.ask" in right["feature_group"]


def test_a_day_without_a_map_leaves_one_map_and_a_sentence(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, cmp="periods", cmpp="2026-02-02..2026-02-08")
    assert len(maps(at)) == 2 and not at.warning
    at = app("map", lang="en", period=SPAN, cmp="nonsense", cmpp="x", scen="limit-none", **{"as": "?"})
    assert len(maps(at)) == 1 and not at.exception


def test_each_averaging_time_plays_by_address(app: Open) -> None:
    stands = place(app("map", lang="en", period=SPAN))
    for step, words in (("hour", "1-hour mean"), ("rolling", "last 24 hours"), ("month", "each month")):
        at = app("map", lang="en", period=SPAN, ground="days", every=step)
        assert not at.exception and not at.info
        assert place(at) == stands, "a map that changes its place is built afresh in the browser"
        shown = maps(at)[0]["feature_group"]
        assert words in shown and re.search(r"\.\./\.\./pictures/\w+/\{n\}\.png", shown)
        assert "data:image/png" not in shown, "no frame travels with the page"
    at = app("map", lang="en", period=SPAN, ground="days", t="2026-02-10")
    assert '"start":8' in maps(at)[0]["feature_group"]
    assert at.query_params["t"] == "2026-02-10"


def test_the_factory_filter_is_kept_in_the_link(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, layers="factories", fhp="500", fhide="food,waste")
    kept = maps(at)[0]["feature_group"].count('"kind":"factory"')
    everything = maps(app("map", lang="en", period=SPAN, layers="factories"))[0]["feature_group"]
    assert 0 < kept < everything.count('"kind":"factory"')
    assert at.query_params["fhp"] == "500" and at.query_params["fhide"] == "food,waste"
    assert any("factories are shown" in str(c.value) for c in at.caption)
    # What stands in a popover is made by the browser when it is opened: every run must say what is chosen.
    at.run()
    assert at.session_state["layers"] == ["factories"] and at.session_state["fhp"] == 500
    late = {g.key: g.proto.set_value for g in at.get("button_group") if g.key in ("layers", "fhide", "fhp")}
    assert late == {"layers": True, "fhide": True, "fhp": True}
    assert at.slider(key="opacity").proto.set_value


def test_a_place_has_the_history_of_the_averaging_time(app: Open) -> None:
    at = app("map", lang="en", period=SPAN, ground="days", every="rolling", at="13.81500,99.87500")
    assert not at.exception and not at.info
    charts = " ".join(str(c.proto) for c in at.get("vega_lite_chart") + at.get("arrow_vega_lite_chart"))
    assert "moving 24-hour means estimated for" in charts


@pytest.mark.long
def test_a_layer_of_ones_own_is_shown_and_taken_away(own_app: Open, tmp_path: Path) -> None:
    fires = b"latitude,longitude,acq_date,acq_time,frp\n13.81,99.87,2026-02-05,0634,9\n13.82,99.88,2026-03-01,0634,9\n"
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        found = own_layers.read(fires, "firms.csv", "fires", "ไฟป่า")
        made = own_layers.store(lake, found, "firms.csv", fires, simulated=True)
    at = own_app("map", lang="en", period=SPAN, own=made[:8], layers="people,wind,reports", levels="municipality")
    assert not at.exception
    shown = maps(at)[0]["feature_group"]
    assert shown.count('"kind":"own"') == 1, "the fire of another month is not shown"
    assert "fire power" in shown and "ไฟป่า · 1 (Simulated data) · firms.csv" in shown
    assert '"kind":"people"' in shown and "Wind at" in shown and '"kind":"report"' in shown
    assert at.query_params["own"] == made[:8] and at.query_params["levels"] == "municipality"
    at.button(key=f"own-remove-{made[:8]}").click().run()
    assert not at.exception and '"kind":"own"' not in maps(at)[0]["feature_group"]
