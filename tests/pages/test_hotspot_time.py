"""Hotspots page over time: trend and hours of each, clusters of stations, all in one opened page."""

from __future__ import annotations

import time
from collections.abc import Callable

import pandas as pd
from streamlit.testing.v1 import AppTest

from planning import trends

Open = Callable[..., AppTest]


def words(at: AppTest) -> str:
    return "\n".join(
        str(text) for element in at.main for name in ("value", "label", "body")
        if isinstance(text := getattr(element, name, None), str)
    )  # fmt: skip


def listed(at: AppTest) -> pd.DataFrame:
    return next(t.value for t in at.dataframe if "trend" in t.value.columns)


def test_trend_hours_and_clusters_are_shown(app: Open) -> None:
    at = app("hotspots", lang="en", time="trend", unfolded={"clusters": True})
    assert not at.exception
    names = set(trends.KINDS.values())
    assert set(listed(at)["trend"]) <= names
    said = words(at)
    assert "Change against the network" in said or trends.MEANINGS["short"] in said
    assert "How the trend is decided" in said
    # Stations: the sentence, the table of all of them, and the other measure by one press.
    assert "Do high places stand together?" in said and "Area means come from the kriged map" in said
    stations = next(t.value for t in at.dataframe if "gi" in t.value.columns)
    assert len(stations) >= 8
    assert stations["p"].between(0, 1).all()
    at.segmented_control(key="among").set_value("areas")
    at = at.segmented_control(key="together").set_value("days").run()
    assert at.query_params["together"] == "days"
    areas = next(t.value for t in at.dataframe if "gi" in t.value.columns)
    assert len(areas) == 17 and areas["p"].between(0, 1).all()
    # The hours come from the background: the page is drawn again until they are there.
    at = at.segmented_control(key="time").set_value("hour").run()
    for _ in range(240):
        if "being computed" not in words(at):
            break
        time.sleep(0.5)
        at.run()
    assert not at.exception
    hours = listed(at)["hours"]
    assert (hours != "…").all()
    assert hours.str.fullmatch(r"\d\d–\d\d|–").all()
    assert "Bangkok time" in words(at) or "No hour of the day" in words(at)
    # A trend that nobody has cannot be chosen; one that is there leaves its hotspots.
    first = at.selectbox(key="trend").options
    assert first[0] == "Every trend"
    kinds = [k for k in trends.KINDS if trends.KINDS[k] in set(listed(at)["trend"])]
    at = at.selectbox(key="trend").set_value(kinds[0]).run()
    assert set(listed(at)["trend"]) == {trends.KINDS[kinds[0]]}
