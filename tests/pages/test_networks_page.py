"""Live networks on the data page: nothing leaves unasked, answers and failures are sentences, keys stay secret."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.util import patch_config_options

from geo.networks import NETWORKS, web
from geo.networks.airgradient import AirGradient
from geo.networks.engine import network_key
from language import UserError, note
from pages.parts import networks

Open = Callable[..., AppTest]

KEY = "k3y-that-must-not-show"


def words(at: AppTest) -> str:
    parts = [at.main, at.sidebar]
    found = [str(getattr(e, name, "")) for part in parts for e in part for name in ("value", "label", "body")]
    return "\n".join([*found, *(t.value.to_string() for t in at.dataframe)])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of addresses asked for; each answers with one AirGradient station of now."""
    addresses: list[str] = []

    def get(_self: web.Web, request: Any) -> web.Answer:
        addresses.append(request.address)
        record = {
            "locationId": 7, "publicLocationName": "Ban Pong", "latitude": 13.81, "longitude": 99.87,
            "timestamp": pd.Timestamp.now("UTC").isoformat(), "pm02": 41.0, "pm10": 60.0, "rhum": 70, "atmp": 30,
        }  # fmt: skip
        return web.Answer(json.dumps([record]).encode())

    monkeypatch.setattr(web.Web, "get", get)
    return addresses


def press(at: AppTest) -> AppTest:
    return at.button(key="net-fetch").click().run()


@pytest.mark.parametrize("lang", ["th", "en"])
def test_choosing_a_network_asks_nobody(
    app: Open, asked: list[str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("something left the machine")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    at = app("data", lang=lang, data="networks", net=networks.NAMES[0])
    for name in networks.NAMES:
        at = at.selectbox(key="net").set_value(name).run()
        assert not at.exception and not at.error
        assert at.query_params["net"] == name or name == networks.NAMES[0]
    assert asked == []


def test_what_came_is_said_and_stored_once(own_app: Open, asked: list[str]) -> None:
    at = press(own_app("data", lang="en", data="networks", net="airgradient"))
    assert not at.exception and not at.error
    assert len(asked) == 1
    assert "are stored" in at.success[0].value
    assert "CC BY-SA 4.0" in words(at)
    assert "29 stations" in words(own_app("data", lang="en"))
    history = own_app("data", lang="en", data="history").dataframe[0].value
    assert (history["source"] == AirGradient.attribution).any()


def test_a_network_that_cannot_be_reached_is_a_sentence(own_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(_self: web.Web, _request: Any) -> web.Answer:
        raise web.Unreachable(note("AirGradient cannot be reached."))

    monkeypatch.setattr(web.Web, "get", get)
    at = press(own_app("data", lang="en", data="networks", net="airgradient"))
    assert not at.exception
    assert [e.value for e in at.error] == ["AirGradient cannot be reached."]
    assert not at.success
    assert "28 stations" in words(own_app("data", lang="en")), "nothing is lost or added"


def test_a_key_is_needed_and_never_shown(app: Open, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PURPLEAIR_API_KEY", raising=False)
    at = app("data", lang="en", data="networks", net="purpleair")
    assert at.button(key="net-fetch").disabled
    assert "PURPLEAIR_API_KEY" in words(at)
    monkeypatch.setenv("PURPLEAIR_API_KEY", KEY)
    at = app("data", lang="en", data="networks", net="purpleair")
    assert not at.button(key="net-fetch").disabled
    assert "The key is set" in words(at)
    kept = at.session_state._state.filtered_state
    assert KEY not in words(at) and KEY not in str(kept) and KEY not in str(at.query_params)
    assert asked == []


def test_without_a_workspace_the_page_opens(empty_app: Open, asked: list[str]) -> None:
    for name in ("air4thai", "boundaries"):
        at = empty_app("data", lang="th", data="networks", net=name)
        assert not at.exception
    assert asked == []


def test_two_fetches_of_one_network_do_not_run_at_once() -> None:
    import threading

    free = threading.Event()
    fetches = networks.Fetches()
    first = fetches.start("diw", lambda _say: free.wait(10))  # type: ignore[arg-type, return-value]
    with pytest.raises(UserError, match="already"):
        fetches.start("diw", lambda _say: None)  # type: ignore[arg-type, return-value]
    free.set()
    first.future.result(10)
    fetches.start("diw", lambda _say: None).future.result(10)  # type: ignore[arg-type, return-value]


def test_the_watch_is_shown_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "lang", lambda: "en")
    stamp = pd.Timestamp("2026-02-12 01:00", tz="UTC")
    table = pd.DataFrame(
        {
            "network": ["air4thai", "gone"], "last_success": [stamp, pd.NaT], "newest": [stamp, pd.NaT],
            "lag_hours": [1.5, float("nan")], "rows_added": [3, 0], "next_try": [stamp, pd.NaT], "failures": [0, 2],
            "error": ["", "It cannot be reached."], "running": True,
        }
    )  # fmt: skip
    shown = networks.watch_table(table).to_string()
    assert "12 Feb 2026 08:00" in shown
    assert "NaT" not in shown and "nan" not in shown
    assert "It cannot be reached." in shown


def test_a_key_in_the_apps_secrets_reaches_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit loads the file when the server starts and hands its keys on as environment variables."""
    variable = NETWORKS["openaq"].key_variable
    monkeypatch.setenv(variable, "")  # so that it is taken away again
    monkeypatch.delenv(variable)
    assert network_key(NETWORKS["openaq"]) == ""
    (tmp_path / "secrets.toml").write_text(f'{variable} = "{KEY}"', encoding="utf-8")
    with patch_config_options({"secrets.files": [str(tmp_path / "secrets.toml")]}):
        assert Secrets().load_if_toml_exists()
    assert network_key(NETWORKS["openaq"]) == KEY
