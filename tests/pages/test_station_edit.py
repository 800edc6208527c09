"""Putting a station right on its page: kept in the log, seen everywhere, taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import results

Open = Callable[..., AppTest]


def said(at: AppTest) -> str:
    return "\n".join(str(getattr(e, name, "")) for e in at.main for name in ("value", "label", "body"))


def field(at: AppTest, kind: str, name: str) -> object:
    return next(w for w in getattr(at, kind) if str(w.key).startswith(f"edit-{name}-"))


@pytest.mark.long
def test_a_station_is_renamed_moved_hidden_and_all_is_taken_back(own_app: Open) -> None:
    at = own_app("data", lang="en", data="stations", station="DEMO-BK04", plot="edit")
    assert not at.exception
    before = results.lake().stations().set_index("station_id").loc["DEMO-BK04"]
    field(at, "text_input", "name_en").set_value("Old market")
    field(at, "text_input", "who").set_value("Environment office")
    field(at, "number_input", "lat").set_value(float(before["lat"]) + 0.01)
    at = at.button(key="edit-keep").click().run()
    assert not at.exception and not at.error
    now = results.lake().stations().set_index("station_id").loc["DEMO-BK04"]
    assert now["name_en"] == "Old market" and now["name_th"] == before["name_th"]
    assert abs(now["lat"] - before["lat"] - 0.01) < 1e-5 and now["lon"] == before["lon"]
    assert "Environment office" in said(at) and "Old market (DEMO-BK04)" in said(at) + str(at.selectbox)
    at = at.button(key="edit-keep").click().run()
    assert "Nothing changed" in at.error[0].value
    at = at.button(key="edit-hide").click().run()
    assert "DEMO-BK04" not in set(results.lake().stations()["station_id"])
    assert at.selectbox(key="station").value == "DEMO-BK04", "a hidden station can still be chosen, to be shown again"
    for _entry in range(3):
        at = next(b for b in at.button if str(b.key).startswith("edit-undo-") and b.label == "Undo").click().run()
    assert not at.exception
    again = results.lake().stations().set_index("station_id").loc["DEMO-BK04"]
    assert again["name_en"] == before["name_en"] and again["lat"] == before["lat"]
    log = own_app("data", lang="th", data="history")
    assert not log.exception and "Environment office" in said(log)


def test_what_an_undo_would_do_is_said_before(own_app: Open) -> None:
    at = own_app("data", lang="en", data="import")
    at.file_uploader[0].upload("s.csv", b"station_id,name_th,name_en,lat,lon\nNEW1,A,New station,13.81,99.87\n")
    at = next(b for b in at.run().button if b.label.startswith("4 Import")).click().run()
    row = results.lake().imports().iloc[0]
    assert row["file_name"] == "s.csv"
    at = at.button(key="undo-just-now").click().run()
    assert not at.exception
    assert "1 rows go: Stations." in said(at) + "\n".join(m.value for m in at.markdown)
    at = at.button(key="undo-import-sure").click().run()
    assert not at.exception
    assert "NEW1" not in set(results.lake().stations()["station_id"])
