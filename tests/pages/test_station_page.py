"""The station page: restored by its address, every plot explains itself, flags are said in words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]

PLOTS = ("series", "hours", "calendar", "wind", "complete", "about")


def charts(at: AppTest) -> list[str]:
    return [json.dumps(json.loads(c.proto.spec), ensure_ascii=False) for c in at.get("vega_lite_chart")]


def said(at: AppTest) -> str:
    return "\n".join(str(getattr(e, name, "")) for e in at.main for name in ("value", "label", "body"))


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("plot", PLOTS)
def test_an_address_restores_station_and_plot(app: Open, plot: str, lang: str) -> None:
    at = app("data", lang=lang, data="stations", station="DEMO-BK04", plot=plot)
    assert not at.exception and not at.error
    assert at.selectbox(key="station").value == "DEMO-BK04"
    assert at.query_params["station"] in ("DEMO-BK04", ["DEMO-BK04"])
    expected = {"hours": 2, "wind": 4, "about": 0}.get(plot, 1)
    assert len(charts(at)) == expected


@pytest.mark.parametrize("plot", PLOTS[:-1])
def test_every_plot_carries_period_unit_source_and_mark(app: Open, plot: str) -> None:
    at = app("data", lang="en", data="stations", station="DEMO-BP02", plot=plot, p="pm10")
    for spec in charts(at):
        title = json.loads(spec)["title"]
        text = " ".join([title["text"], *title["subtitle"]])
        assert "Simulated data" in text
        assert "2026" in text
        assert "hourly means" in text or "24-hour means" in text
        assert "µg/m³" in text or "m/s" in spec
        assert "simulated" in title["subtitle"][-1]


def test_flags_are_explained_beside_the_plot(app: Open) -> None:
    at = app("data", lang="en", data="stations", station="DEMO-BK04")
    text = said(at)
    assert "drift: it moves away" in text
    assert "dirt in the sensor" in text
    assert "stuck" not in text, "only the flags that occur are explained"


def test_the_nearest_wind_is_named_with_its_distance(app: Open) -> None:
    own = said(app("data", lang="en", data="stations", station="DEMO-BP01", plot="wind"))
    assert "Wind measured at: this station" in own
    other = said(app("data", lang="en", data="stations", station="DEMO-BP02", plot="wind"))
    assert "km away" in other


def test_a_station_nobody_has_becomes_the_first_one(app: Open) -> None:
    at = app("data", lang="en", data="stations", station="NOBODY")
    assert not at.exception
    assert at.selectbox(key="station").value.startswith("DEMO-")


@pytest.mark.long
def test_a_station_without_readings_says_so(own_app: Open) -> None:
    at = own_app("data", lang="en", data="import")
    at.file_uploader[0].upload("s.csv", b"station_id,name_th,name_en,lat,lon\nNEW1,A,New station,13.81,99.87\n")
    at = next(b for b in at.run().button if b.label.startswith("4 Import")).click().run()
    at = own_app("data", lang="en", data="stations", station="NEW1")
    assert not at.exception
    assert "New station has no readings of PM2.5" in said(at)


def test_an_empty_lake_leads_on(empty_app: Open) -> None:
    at = empty_app("data", lang="en", data="stations")
    assert not at.exception
    assert "No station yet" in said(at)
