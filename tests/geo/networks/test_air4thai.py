"""Air4Thai: three services with three meanings of a time, and what goes wrong with a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from geo.averages import daily_means
from geo.lake import Lake
from geo.networks import NETWORKS, Query, fetch

AIR = NETWORKS["air4thai"]
LIVE, ENDING, BEGINNING = (
    "/services/getNewAQI_JSON.php",
    "/forweb/getHistoryData.php",
    "/webV2/history/api/data.php",
)
START = datetime(2026, 2, 10, 17, tzinfo=UTC)  # midnight of the 11th in Bangkok


def station(identifier: str = "44t", value: str = "41.3", **more: Any) -> dict[str, Any]:
    part = {"color_id": "4", "aqi": "110", "value": value}
    last = {"date": "2026-02-12", "time": "00:00", "PM25": part, "PM10": {**part, "color_id": "0", "value": "-1"}}
    return {
        "stationID": identifier, "nameTH": "เทศบาลนครหาดใหญ่", "nameEN": "Hat Yai", "stationType": "GROUND",
        "lat": "7.020434", "long": "100.484088", "forecast": [], "AQILast": last, **more,
    }  # fmt: skip


def history(hours: int = 48, first: str = "2026-02-11 01:00:00", identifier: str = "44t") -> dict[str, Any]:
    stamps = pd.date_range(first, periods=hours, freq="h")
    data = [
        {"DATETIMEDATA": str(t), "PM25": f"{20 + (i * 7) % 13 + i / 10:.1f}", "PM10": None, "TEMP": "31.5", "RH": "-1"}
        for i, t in enumerate(stamps)
    ]
    return {"result": "OK", "error": "", "stations": [{"stationID": identifier, "data": data, "summary": {}}]}


def query(server: Any, **more: Any) -> Query:
    return Query(START, START + timedelta(days=2), base_url=server.url, **more)


def test_history_labels_the_end_of_the_hour(lake: Lake, server: Any) -> None:
    """01:00 in Bangkok is the hour from 00:00, which is 17:00 UTC of the day before; -1 and null are missing."""
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history()}
    report = fetch(lake, AIR, query(server))
    rows = lake.observations(["pm25", "pm10", "rh", "temp"])
    pm = rows[rows["variable"] == "pm25"]
    assert report.errors == () and report.complete
    assert pm["time"].min() == pd.Timestamp("2026-02-10 17:00", tz="UTC")
    assert len(pm) == 48 and pm["value"].iloc[0] == 20.0 and set(rows["period_hours"]) == {1}
    assert set(rows["variable"]) == {"pm25", "temp"}
    place = lake.stations().iloc[0]
    assert (place["station_id"], place["kind"], place["network"]) == ("44t", "reference", "Air4Thai")
    assert server.asked[1][1]["stationID"] == "44t" and "Air4Thai" in place["source"]


def test_second_history_labels_the_beginning(lake: Lake, server: Any) -> None:
    """The other history service gives whole numbers, "-" for missing, and hours by their beginning."""
    answer = history(30, "2026-02-11 00:00:00")
    for i, row in enumerate(answer["stations"][0]["data"]):
        row["PM25"] = "-" if i == 3 else str(20 + i)
    server.routes |= {LIVE: {"stations": [station()]}, BEGINNING: answer}
    fetch(lake, AIR, query(server, service="history2"))
    pm = lake.observations(["pm25"])
    assert pm["time"].min() == pd.Timestamp("2026-02-10 17:00", tz="UTC") and len(pm) == 29


def test_live_values_are_means_of_24_hours(lake: Lake, server: Any) -> None:
    """A running mean never mixes with hours, and only the one that begins at midnight is a day's mean."""
    first = station()
    server.routes[LIVE] = {"stations": [first]}
    fetch(lake, AIR, query(server, service="live"))
    later = station(value="90.0")
    later["AQILast"]["time"] = "08:00"
    server.routes[LIVE] = {"stations": [later]}
    fetch(lake, AIR, query(server, service="live"))
    rows = lake.observations(["pm25", "pm10"])
    assert list(rows["period_hours"]) == [24, 24] and list(rows["variable"]) == ["pm25", "pm25"]
    assert rows["time"].iloc[0] == pd.Timestamp("2026-02-10 17:00", tz="UTC")
    days = daily_means(rows)
    assert list(days["value"]) == [41.3] and str(days["date"].iloc[0].date()) == "2026-02-11"


def test_running_means_alone_make_no_day(lake: Lake, server: Any) -> None:
    """Two running means of one day, none from midnight to midnight, give no day's mean."""
    for time in ("07:00", "08:00"):
        one = station()
        one["AQILast"]["time"] = time
        server.routes[LIVE] = {"stations": [one]}
        fetch(lake, AIR, query(server, service="live"))
    assert len(lake.observations(["pm25"])) == 2
    assert daily_means(lake.observations(["pm25"])).empty


def test_the_same_fetch_again_changes_nothing(lake: Lake, server: Any) -> None:
    """No snapshot, no import; and a second import is taken back without touching the first."""
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history()}
    first = fetch(lake, AIR, query(server))
    again = fetch(lake, AIR, query(server), again=True)
    assert again.snapshot == first.snapshot and again.added == again.updated == 0
    assert len(lake.imports()) == 1
    assert any("Nothing changed" in n.say() for n in again.notes)


def test_the_settled_past_is_not_asked_for_again(lake: Lake, server: Any) -> None:
    """A second run takes old answers from those kept; --again asks for them."""
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history()}
    fetch(lake, AIR, query(server))
    asked = len(server.asked)
    report = fetch(lake, AIR, query(server))
    assert report.kept == 1 and server.paths()[asked:] == [LIVE]
    fetch(lake, AIR, query(server), again=True)
    assert server.paths()[-1] == ENDING


def test_a_broken_run_goes_on_where_it_stopped(lake: Lake, server: Any) -> None:
    """Of 60 stations, the second call fails; what the first brought is stored, and only the rest is asked."""
    many = [station(f"{i}t") for i in range(60)]
    busy = {"on": True}

    def answer(params: dict[str, str]) -> Any:
        ids = params["stationID"].split(",")
        if busy["on"] and "59t" in ids:
            return 503, {}, b"busy"
        return {"stations": [history(3, identifier=i)["stations"][0] for i in ids]}

    server.routes |= {LIVE: {"stations": many}, ENDING: answer}
    first = fetch(lake, AIR, query(server))
    assert len(first.errors) == 1 and "busy" in first.errors[0].say()
    assert lake.observations(["pm25"])["station_id"].nunique() == 45
    busy["on"] = False
    second = fetch(lake, AIR, query(server))
    assert second.errors == () and second.kept == 1
    assert lake.observations(["pm25"])["station_id"].nunique() == 60


def test_a_server_that_fails_three_times_is_left_alone(lake: Lake, server: Any) -> None:
    """Of ten calls the first three fail: the other seven are not tried."""
    many = [station(f"{i}t") for i in range(450)]
    server.routes |= {LIVE: {"stations": many}, ENDING: (500, {}, b"")}
    report = fetch(lake, AIR, query(server))
    assert len(report.errors) == 3 and not report.complete and server.paths().count(ENDING) == 15
    assert len(lake.stations()) == 450


def test_retry_after_is_honoured(lake: Lake, server: Any, no_waiting: list[float]) -> None:
    """A 429 is waited out for exactly as long as the server says, a 500 with growing pauses."""
    busy = (500, {}, b"")
    server.routes[LIVE] = [(429, {"Retry-After": "17"}, b""), busy, busy, (200, {}, {"stations": [station()]})]
    report = fetch(lake, AIR, query(server, service="live"))
    assert report.errors == () and len(lake.observations(["pm25"])) == 1
    assert 17.0 in no_waiting and 2.0 in no_waiting and 4.0 in no_waiting


def test_too_long_a_wait_ends_the_run(lake: Lake, server: Any) -> None:
    """A server that wants an hour's rest is left alone; the sentence says for how long."""
    server.routes[LIVE] = (429, {"Retry-After": "3600"}, b"")
    report = fetch(lake, AIR, query(server, service="live"))
    assert "60 minutes" in report.errors[0].say() and len(server.asked) == 1


@pytest.mark.parametrize("body", [b'{"stations": [{"stationID": "44', b"<html>maintenance</html>", b""])
def test_cut_answers_are_asked_again_then_told(lake: Lake, server: Any, body: bytes) -> None:
    """Truncated JSON is tried five times; nothing stored is touched and nothing broken is kept as settled."""
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history()}
    fetch(lake, AIR, query(server))
    before = lake.observations(["pm25"])
    server.routes[ENDING] = body
    report = fetch(lake, AIR, query(server), again=True)
    assert "cut short" in report.errors[0].say("en") and server.paths().count(ENDING) == 6
    pd.testing.assert_frame_equal(lake.observations(["pm25"]), before)
    server.routes[ENDING] = history()
    assert fetch(lake, AIR, query(server)).errors == ()


def test_a_short_body_is_a_cut_answer(lake: Lake, server: Any) -> None:
    """Fewer bytes than the header says: the connection broke on the way."""
    server.routes[LIVE] = [(200, {"Content-Length": "5000"}, b'{"stations": ['), (200, {}, {"stations": [station()]})]
    report = fetch(lake, AIR, query(server, service="live"))
    assert report.errors == () and report.added == 2


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda s: s["stations"][0].pop("data"), "data"),
        (lambda s: [r.update(DATETIMEDATA="yesterday") for r in s["stations"][0]["data"]], "yesterday"),
        (lambda s: [r.pop("DATETIMEDATA") for r in s["stations"][0]["data"]], "DATETIMEDATA"),
        (lambda s: s.pop("stations"), "stations"),
        (lambda s: [[r.pop(k) for k in ("PM25", "PM10", "TEMP", "RH")] for r in s["stations"][0]["data"]], "PM25"),
    ],
)
def test_changed_fields_are_told(lake: Lake, server: Any, spoil: Any, word: str) -> None:
    """An answer that lost a field gives a sentence naming it, and stores nothing of itself."""
    answer = history()
    spoil(answer)
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: answer}
    report = fetch(lake, AIR, query(server))
    assert "changed its format" in report.errors[0].say() and word in report.errors[0].say()
    assert lake.observations(["pm25"]).empty and len(lake.stations()) == 1


def test_labels_that_change_are_noticed(lake: Lake, server: Any) -> None:
    """When the service begins to label hours by their beginning, its readings are refused, not shifted in."""
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history()}
    fetch(lake, AIR, query(server))
    before = lake.observations(["pm25"])
    server.routes[ENDING] = history(48, "2026-02-11 00:00:00")
    report = fetch(lake, AIR, query(server), again=True)
    assert "label hours differently" in report.errors[0].say()
    pd.testing.assert_frame_equal(lake.observations(["pm25"]), before)


def test_readings_of_the_future_are_left_out(lake: Lake, server: Any) -> None:
    """A station whose clock runs ahead is named."""
    later = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d %H:00:00")
    server.routes |= {LIVE: {"stations": [station()]}, ENDING: history(3, later)}
    report = fetch(lake, AIR, query(server))
    assert lake.observations(["pm25"]).empty
    assert any("future" in n.say() for n in report.notes)


def test_a_stored_place_is_kept(lake: Lake, server: Any) -> None:
    """A station that the network now puts elsewhere stays where it was, with a note."""
    server.routes[LIVE] = {"stations": [station()]}
    fetch(lake, AIR, query(server, service="live"))
    server.routes[LIVE] = {"stations": [station(lat="7.5")]}
    report = fetch(lake, AIR, query(server, service="live"))
    assert lake.stations().iloc[0]["lat"] == 7.020434
    assert any("another place" in n.say() for n in report.notes)


def test_only_stations_within_the_bounds(lake: Lake, server: Any) -> None:
    """Stations elsewhere are neither stored nor asked for."""
    server.routes |= {LIVE: {"stations": [station(), station("1t", lat="18.8", long="98.9")]}, ENDING: history()}
    fetch(lake, AIR, query(server, bounds=(100.0, 6.5, 101.0, 7.5)))
    assert list(lake.stations()["station_id"]) == ["44t"]
    assert server.asked[1][1]["stationID"] == "44t"


def test_nobody_answers(lake: Lake) -> None:
    """A server that isn't there gives a sentence with its name."""
    report = fetch(lake, AIR, Query(START, START + timedelta(days=1), base_url="http://127.0.0.1:9"))
    assert "127.0.0.1" in report.errors[0].say() and not report.complete
