"""Each network against the same bad days of a server: refusals, errors, torn answers; and keys that stay secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from geo.lake import Lake
from geo.networks import NETWORKS, Query, fetch

START = datetime(2026, 2, 10, tzinfo=UTC)
KEY = "hush-key-9876543210"
SERVICES = [(name, service) for name, network in NETWORKS.items() for service in network.services or ("",)]


class Always(dict[str, Any]):
    """Routes of a server that answers every path in the same way."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def get(self, _path: str, _default: Any = None) -> Any:
        return self.reply


def query(server: Any, service: str) -> Query:
    return Query(
        START, START + timedelta(days=1), service=service, base_url=server.url, url=f"{server.url}/log.csv",
        province="Ratchaburi", stations=("225573",),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every network that takes a key one in its environment variable."""
    for network in NETWORKS.values():
        if network.key_variable:
            monkeypatch.setenv(network.key_variable, KEY)


def files(lake: Lake) -> Iterator[Path]:
    return (file for file in lake.where.path.parent.rglob("*") if file.is_file())


BAD: dict[str, Any] = {
    "500": (500, {}, b"out of order"),
    "429": (429, {"Retry-After": "2"}, b"slowly"),
    "truncated": b'{"stations": [{"stationID": "44',
    "changed": {"surprise": [1, {"x": None}]},
}


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_a_bad_day_is_a_sentence_and_stores_nothing(
    lake: Lake, server: Any, name: str, service: str, caplog: pytest.LogCaptureFixture, no_waiting: list[float]
) -> None:
    """No exception, no row; what went wrong is said in Thai and English; the key is nowhere."""
    caplog.set_level(logging.DEBUG)
    for day, reply in BAD.items():
        server.routes = Always(reply)
        server.asked.clear()
        no_waiting.clear()
        report = fetch(lake, NETWORKS[name], query(server, service))
        assert report.errors, f"{day}: a bad answer must not pass for a good one"
        for error in report.errors:
            assert len(error.say("en")) > 20 and error.say("th") != error.say("en")
        assert lake.count("observations") == lake.count("stations") == lake.count("factories") == 0
        if day in ("500", "429"):
            assert len(server.asked) > 1, "asked again before giving up"
        if day == "429":
            assert any(pause >= 2 for pause in no_waiting)
        said = caplog.text + "".join(e.say("en") for e in (*report.errors, *report.notes))
        assert KEY not in said
    assert not [file for file in files(lake) if KEY.encode() in file.read_bytes()]
