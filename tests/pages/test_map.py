"""The planner's map: search, drawn areas and files, their state kept in the address."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from pages.parts import map_tools, sheets

SQUARE = "13.79000,99.84000;13.79000,99.92000;13.85000,99.92000;13.85000,99.84000"


def groups(at: AppTest) -> str:
    """Return the script of the map's exchanged layers."""
    return str(json.loads(at.get("component_instance")[0].proto.json_args)["feature_group"])


def ask(endpoint: Callable[..., Any], **path: object) -> Response:
    """Return what an endpoint answers; in a thread of its own, because a browser may keep a loop in this one."""
    request = Request({"type": "http", "path_params": path, "query_string": b""})
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, endpoint(request)).result()


def test_search_answers_are_buttons_that_move_the_map(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en", find="13.81, 99.87")
    hits = [b for b in at.button if str(b.key).startswith("hit-")]
    assert [b.label for b in hits] == ["13.81000, 99.87000"]
    assert "Eco.goto" not in groups(at)
    hits[0].click().run()
    assert not at.exception
    assert at.session_state["at"] == (13.81, 99.87)
    assert at.query_params["at"] == "13.81000,99.87000"
    assert "Eco.goto" in groups(at)


def test_a_factory_found_switches_its_layer_on(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en")
    assert "factories" not in at.session_state["layers"]
    at.text_input(key="find").set_value("โรงงาน").run()
    hit = next(b for b in at.button if str(b.key).startswith("hit-") and "factory" in b.icon)
    hit.click().run()
    assert "factories" in at.session_state["layers"]


def test_a_drawn_area_comes_back_from_the_address_with_its_statistics(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en", poly=SQUARE)
    assert not at.exception
    shown = " ".join(str(m.value) for m in at.main if hasattr(m, "value"))
    assert "Inside the drawn area" in shown
    assert at.query_params["poly"] == SQUARE
    assert "Factories" in " ".join(str(getattr(e, "body", "")) for e in at.main)


@pytest.mark.parametrize("text", ["1,2;3,4", "a", "99,0;1,1;2,2", "nan,1;1,1;2,2", "1,2,3;4,5;6,7", ""])
def test_a_broken_area_in_the_address_is_left_out(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        map_tools.parse_corners(text)


def test_corners_are_written_as_they_are_read() -> None:
    assert map_tools.write_corners(map_tools.parse_corners(SQUARE)) == SQUARE


def test_the_card_names_the_weights_of_the_nearest_stations(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en", at="13.81500,99.87500")
    assert not at.exception
    assert ", weight " in groups(at)


def test_days_over_colour_the_ground_and_say_their_unit(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en", ground="over")
    assert not at.exception
    assert at.query_params["ground"] == "over"
    assert "Expected days with PM2.5" in groups(at)


def test_very_many_factories_are_fetched_by_address(
    app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.parts import fields, server

    few = app("map", lang="en", layers="factories")
    assert "Eco.points" in groups(few)
    monkeypatch.setattr(fields, "FEW", 5)
    at = app("map", lang="en", layers="factories", fac="metal~500~")
    assert not at.exception
    assert at.query_params["fac"] == "metal~500~"
    drawn = groups(at)
    key = drawn.split("../../factories/")[1].split('"')[0]
    found = fields.served(key)
    assert found is not None
    assert f'"count":{found.count}' in drawn
    assert found.card(0)["id"] in set(found.table["factory_id"])
    answer = ask(server.factories, key=key)
    assert len(json.loads(gzip.decompress(answer.body))["lat"]) == found.count
    assert "immutable" in answer.headers["cache-control"]
    assert json.loads(ask(server.factory, key=key, number=0).body) == found.card(0)
    assert ask(server.factory, key=key, number=found.count).status_code == 404
    assert ask(server.factories, key="unknown").status_code == 404


def test_the_online_map_is_remembered_by_the_browser(
    app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.runtime.context import ContextProxy

    at = app("map", lang="en")
    assert 'Eco.remember({"name":"online","value":""})' in groups(at)
    assert "tile.openstreetmap.org" not in groups(at)
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _self: {"eco_online": "1"}))
    later = app("map", lang="en")
    assert 'Eco.remember({"name":"online","value":"1"})' in groups(later)
    assert "tile.openstreetmap.org" in groups(later)


def test_the_sheet_to_print_shows_what_is_on_the_screen(app: Callable[..., AppTest]) -> None:
    at = app("map", lang="en", ground="sd", layers="zones")
    assert not at.exception
    links = [link.proto.url for link in at.get("link_button")]
    assert [link.rsplit("/", 1)[1] for link in links] == ["A4.pdf", "A3.pdf"]
    key = links[0].split("/")[-2]
    answered = ask(sheets.answer, key=key, paper="A4")
    assert answered.status_code == 200 and bytes(answered.body).startswith(b"%PDF")
    assert "simulated.pdf" in answered.headers["content-disposition"]
    assert ask(sheets.answer, key=key, paper="Letter").status_code == 404
    assert ask(sheets.answer, key="nobody", paper="A4").status_code == 404
    assert sheets.parse_box("99.8,13.7,99.9,13.9") == (99.8, 13.7, 99.9, 13.9)
    assert [sheets.parse_box(text) for text in ("", "1,2,3", "9,9,1,1", "nan,0,1,1", "a,b,c,d")] == [None] * 5
