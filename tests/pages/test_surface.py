"""The surface page: its sides, its test station by station, its decisions, and its hours."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from language.progress import Progress
from pages.parts import surface_hours
from pages.parts.surface_jobs import Desk, settle
from planning.hours import Cancelled

Open = Callable[..., AppTest]
SHORT = "2026-02-09..2026-02-14"


def words(at: AppTest) -> str:
    """Return everything the page says."""
    said = [str(getattr(e, name)) for e in at.main for name in ("value", "label", "body") if hasattr(e, name)]
    return "\n".join(said)


def table(at: AppTest, column: str) -> pd.DataFrame:
    """Return the first table with a column."""
    return next(t.value for t in at.dataframe if any(column in str(name) for name in t.value.columns))


def layer(at: AppTest) -> str:
    """Return what the first map adds to itself, as text."""
    arguments = json.loads(at.get("component_instance")[0].proto.json_args)
    return json.dumps(arguments, ensure_ascii=False)


def hours_of(at: AppTest) -> AppTest:
    """Run the page again until its hours are there, as the browser does."""
    for _ in range(60):
        if at.get("component_instance") or at.error:
            return at
        time.sleep(0.3)
        at.run()
    raise AssertionError("the hours never came")


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("check", ["decided", "stations", "chances", "methods", "covariates", "table"])
def test_every_part_opens(app: Open, lang: str, check: str) -> None:
    at = app("surface", lang=lang, check=check, period=SHORT)
    assert not at.exception and not at.error
    assert at.query_params["check"] == check


def test_the_decisions_are_in_plain_words(app: Open) -> None:
    said = words(app("surface", lang="en", period=SHORT))
    for topic in ("Scale", "Small-scale variation", "Sensor noise", "Below zero", "Where there are values"):
        assert f">{topic}</th>" in said
    assert "stations state their error" in said
    assert "No cell came out below zero." in said
    assert "no place reaches beyond what the stations cover" in said


def test_the_worst_station_comes_first(app: Open) -> None:
    at = app("surface", lang="en", check="stations", period=SHORT)
    listed = table(at, "Typical miss")
    misses = list(listed["Typical miss (µg/m³)"])
    assert misses == sorted(misses, reverse=True) and len(misses) > 5
    assert listed["Station"].nunique() == len(listed)
    assert "Possible local events" in words(at)


def test_methods_are_ranked_and_pykrige_waits_for_the_button(app: Open) -> None:
    at = app("surface", lang="en", check="methods", period=SHORT)
    listed = table(at, "Method")
    assert listed["Typical miss (µg/m³)"].is_monotonic_increasing
    assert len(listed) == 4 and not listed["Method"].str.contains("PyKrige").any()
    at.button(key="with-pykrige").click().run()
    assert table(at, "Method")["Method"].str.contains("PyKrige").sum() == 1


def test_the_hours_of_the_worst_day(app: Open) -> None:
    at = hours_of(app("surface", lang="en", side="hours", period=SHORT))
    assert not at.exception and not at.error
    assert "1-hour mean" in words(at)
    shown = layer(at)
    assert re.search(r"\.\./\.\./pictures/\w+/\{n\}\.png", shown) and "data:image/png" not in shown
    assert shown.count(":00–") == 24
    assert "1-hour mean" in shown and "Simulated data" in shown and "One step forward" in shown
    assert "24-hour standard and the air quality index do not apply" in shown
    assert "One variogram for all hours" in words(at)


def test_another_day_and_all_days(app: Open) -> None:
    at = hours_of(app("surface", lang="th", side="hours", hday="2026-02-10", period=SHORT))
    assert "10 ก.พ. 2569" in layer(at)
    at.segmented_control(key="hspan").set_value("all").run()
    hours_of(at)
    assert not at.exception and not at.error and "10 ก.พ. 2569" in layer(at)


def test_a_long_stack_is_announced_and_waits(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface_hours, "SHORT", 0.0)
    at = app("surface", lang="en", side="hours", hspan="all", period="2026-02-01..2026-02-03")
    said = words(at)
    assert "72 hourly maps of" in said and "MB of memory" in said
    assert not at.get("component_instance")
    at.button(key="hours-compute").click().run()
    assert "1-hour mean" in layer(hours_of(at))


def test_a_day_of_an_old_link_becomes_one_of_the_period(app: Open) -> None:
    at = app("surface", lang="en", side="hours", hday="1999-01-01", period=SHORT)
    assert at.session_state["hday"].isoformat() >= "2026-02-09"


def test_a_run_is_shared_and_stops_when_nobody_wants_it() -> None:
    desk, go = Desk(), threading.Event()

    def work(say: Progress) -> str:
        say(0.1, "begun")
        go.wait(10)
        say(0.5, "half")
        return "made"

    run = desk.start("k", "a", work)
    assert desk.start("k", "b", work) is run
    desk.cancel("k", "a")
    assert desk.find("k") is run  # b still waits
    desk.cancel("k", "b")
    assert desk.find("k") is None
    go.set()
    assert settle(run, 5)
    assert isinstance(run.future.exception(), Cancelled)
    again = desk.start("k", "a", work)
    assert again is not run and settle(again, 5) and again.future.result() == "made"
    desk.cancel("k", "a")  # too late: what is done stays
    assert desk.find("k") is again
    desk.forget("k")
    assert desk.find("k") is None


def test_a_covariate_is_tested_and_mapped(app: Open) -> None:
    at = app("surface", lang="en", check="covariates", explain="factory_density", period=SHORT)
    assert not at.exception and not at.error
    shown = table(at, "Without")
    assert {"Without", "With"} <= set(shown.columns) and shown["With"].ne(shown["Without"]).any()
    assert "typical miss" in words(at)
    assert len(at.get("component_instance")) == 2  # the surface's map, and the one with the covariate
    assert at.query_params["explain"] == "factory_density"
