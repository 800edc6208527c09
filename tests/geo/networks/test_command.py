"""``python -m geo fetch`` and ``watch``: exit codes, sentences, help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.__main__ import main
from geo.lake import Lake
from geo.networks import NETWORKS

PLACE = {"stationID": "44t", "nameTH": "หาดใหญ่", "nameEN": "Hat Yai", "lat": "7.02", "long": "100.48"}
LAST = {"date": "2026-02-12", "time": "00:00", "PM25": {"color_id": "4", "aqi": "110", "value": "41.3"}}


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a lake of one's own, in English."""
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "c.sqlite"))
    monkeypatch.delenv("LAKE_DATA", raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    return tmp_path


def test_fetch_stores_and_tells(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What was asked, read and stored, with the import and the snapshot."""
    server.routes["/services/getNewAQI_JSON.php"] = {"stations": [{**PLACE, "AQILast": LAST}]}
    assert main(["fetch", "air4thai", "--service", "live", "--base-url", server.url]) == 0
    said = capsys.readouterr().err
    assert "Air4Thai: 1 questions" in said and "import air4thai-" in said
    with Lake.open() as lake:
        assert lake.count("observations") == 1 and lake.count("imports") == 1


def test_errors_end_with_two(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, no traceback."""
    assert main(["fetch", "air4thai", "--base-url", server.url]) == 2
    assert "HTTP 404" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["air4thai", "--bbox", "1,2,3"], "--bbox"),
        (["air4thai", "--from", "yesterday"], "yesterday"),
        (["air4thai", "--from", "2026-02-02", "--to", "2026-02-01"], "first day"),
        (["air4thai", "--service", "tomorrow"], "history2"),
        (["air4thai", "--area", "Atlantis"], "boundaries"),
        (["csv"], "geo fetch csv"),
        (["air4thai", "--ca-file", "/none.pem"], "/none.pem"),
    ],
)
def test_wrong_wishes(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is a sentence that names what was wrong."""
    assert main(["fetch", *arguments]) == 2
    assert word in capsys.readouterr().err


def test_buddhist_years(server: Any) -> None:
    """Days may be written in the Buddhist era."""
    server.routes |= {"/services/getNewAQI_JSON.php": {"stations": [{**PLACE, "AQILast": LAST}]}}
    main(["fetch", "air4thai", "--from", "2569-02-01", "--to", "2569-02-02", "--base-url", server.url])
    assert server.asked[1][1]["sdate"] == "2026-02-01"


def test_watch_one_round(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A round for a scheduler; an error is said and the round goes on."""
    server.routes["/services/getNewAQI_JSON.php"] = {"stations": [{**PLACE, "AQILast": LAST}]}
    assert main(["watch", "air4thai", "airgradient", "--rounds", "1", "--service", "", "--base-url", server.url]) == 0
    said = capsys.readouterr().err
    assert "AirGradient has no answer" in said


def test_help_names_every_network_and_the_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    """Networks with their services and keys; systemd and Windows."""
    for command, words in (("fetch", [*NETWORKS, "OPENAQ_API_KEY"]), ("watch", ["systemd", "schtasks"])):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        shown = capsys.readouterr().out
        assert all(word in shown for word in words)
