"""The data page: what is there, a file in and out again, the demo away and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.help_data import EXAMPLES

Open = Callable[..., AppTest]

BAD_STATIONS = b"station_id,name_th,lat,lon\nS01,A,13.81,99.87\nS02,B,999,99.88\nS03,C,13.83,\n"
SQUARE = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"T1","name_th":"\xe0\xb8\x81",'
    b'"name_en":"Town","level":"municipality"},"geometry":{"type":"Polygon","coordinates":'
    b"[[[99.80,13.78],[99.92,13.78],[99.92,13.94],[99.80,13.94],[99.80,13.78]]]}}]}"
)


def words(at: AppTest) -> str:
    return "\n".join(
        str(text) for element in at.main for name in ("value", "label", "body")
        if isinstance(text := getattr(element, name, None), str)
    )  # fmt: skip


def labelled(at: AppTest, start: str) -> object:
    return next(b for b in at.button if b.label.startswith(start))


def drop(app: Open, name: str, content: bytes, **query: str) -> AppTest:
    at = app("data", lang="en", data="import", **query)
    at.file_uploader[0].upload(name, content)
    return at.run()


def test_what_we_have(app: Open) -> None:
    at = app("data", lang="en", unfolded={"have-parts": "Measured things"})
    said = words(at)
    assert "28 stations" in said
    assert any({"flagged", "period"} <= set(t.value.columns) for t in at.dataframe)
    at = app("data", lang="en", unfolded={"have-parts": "Flags"})
    assert any({"station_id", "reason", "count"} <= set(t.value.columns) for t in at.dataframe)
    flags = next(t.value for t in at.dataframe if "reason" in t.value.columns)
    assert not flags["reason"].isin(["stuck", "range", "drift"]).any(), "flags are said in words"


@pytest.mark.parametrize(
    "kind", [k if k == "observations" else pytest.param(k, marks=pytest.mark.long) for k in EXAMPLES]
)
def test_an_example_file_goes_all_the_way(own_app: Open, kind: str) -> None:
    at = drop(own_app, f"{kind}.csv", EXAMPLES[kind].encode("utf-8-sig"))
    assert not at.exception
    assert not at.error, [e.value for e in at.error]
    at = labelled(at, "4 Import").click().run()
    assert not at.exception
    assert any("are stored" in s.value for s in at.success)
    history = own_app("data", lang="en", data="history")
    assert f"{kind}.csv" in list(history.dataframe[0].value["file"])


def test_what_is_left_out_is_said_with_row_and_reason_before_storing(own_app: Open) -> None:
    at = drop(own_app, "stations.csv", BAD_STATIONS)
    left_out = next(t.value for t in at.dataframe if "Reason" in t.value.columns)
    assert set(left_out["Row"]) == {3, 4}
    assert left_out["Reason"].str.len().min() > 10
    assert labelled(at, "4 Import").label == "4 Import 1 rows"
    assert "28 stations" in words(own_app("data", lang="en")), "nothing is stored before it is confirmed"


def test_a_file_that_cannot_be_read_is_a_sentence(own_app: Open) -> None:
    at = drop(own_app, "stations.xlsx", b"this is no workbook")
    assert not at.exception
    assert at.error
    assert "Traceback" not in at.error[0].value


def test_boundaries_make_a_workspace(own_app: Open) -> None:
    at = drop(own_app, "town.geojson", SQUARE)
    at = labelled(at, "4 Import").click().run()
    assert not at.exception
    at = labelled(at, "Work in the new workspace").click().run()
    assert not at.exception
    assert at.sidebar.selectbox(key="ws").value not in ("demo-ratchaburi", "demo-phatong")


@pytest.mark.long
def test_the_demo_goes_and_comes_back(own_app: Open) -> None:
    at = own_app("data", lang="en", data="areas")
    at = labelled(at, "Remove the demo").click().run()
    at = at.button(key="remove-demo-sure").click().run()
    assert not at.exception
    assert "The demo is removed" in words(at)
    at = labelled(at, "Bring the demo back").click().run()
    assert not at.exception
    assert "28 stations" in words(own_app("data", lang="en"))
