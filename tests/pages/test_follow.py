"""Follow-up: a project is set up, measured, shown to the council, taken back; sites for the next sensors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_decide import press, table, words

Open = Callable[..., AppTest]


def test_a_project_is_followed_and_taken_back(own_app: Open) -> None:
    at = own_app("effects", lang="en")
    assert "The true change on a typical day" in words(at)  # the example stands where nothing is followed yet
    at = next(g for g in at.button_group if g.label == "View").set_value("setup").run()
    at = press(at, "follow-save")
    assert any("Name the project" in e.value for e in at.error)
    next(t for t in at.text_input if t.label == "Name of the project").set_value("Road sweeping")
    next(t for t in at.text_input if t.label == "Saved by").set_value("Somsri")
    at = press(at, "follow-save")
    assert not at.exception
    verdict = " ".join(str(b.value) for b in [*at.warning, *at.success, *at.error])
    assert "Can't tell yet" in verdict or "It " in verdict
    at = next(g for g in at.button_group if g.label == "View").set_value("council").run()
    assert list(table(at, "Verdict")["Project"]) == ["Road sweeping"]
    at = press(at, "follow-undo")
    assert not at.exception and any("No project is followed yet" in i.value for i in at.info)


@pytest.mark.long
def test_sites_and_the_sensor_that_adds_least_are_listed(app: Open) -> None:
    at = app("effects", lang="en", fu="sites", sensors="2")
    assert not at.exception
    sites = table(at, "Latitude, longitude")
    assert list(sites["Rank"]) == [1, 2]
    assert len(table(at, "Sensor")) > 5
    assert "A wrong call is a day" in words(at)
