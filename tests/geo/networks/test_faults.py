"""Answers of any shape end in a sentence, and a fetch that is killed loses nothing that was stored."""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.lake import Lake
from geo.networks import NETWORKS, Query, fetch
from geo.networks.engine import _SHAPE
from geo.networks.model import Network, Request
from language import UserError

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 2, 10, tzinfo=UTC)
JUNK = st.sampled_from([None, "", "-", "x", -1, 1e9, True, [], {}, [None], {"a": None}, "2569-13-40", float("inf")])

STATION = {"stationID": "44t", "lat": "7.02", "long": "100.48", "AQILast": {"date": "2026-02-12", "time": "00:00",
           "PM25": {"color_id": "4", "value": "41.3"}, "PM10": None}}  # fmt: skip
HOURS = {"stationID": "44t", "data": [{"DATETIMEDATA": "2026-02-11 01:00:00", "PM25": "20.1", "PM10": None}]}
PERIOD = {"datetimeFrom": {"utc": "2026-02-10T00:00:00Z"}}
PLACE = {
    "id": 5,
    "coordinates": {"latitude": 6.8, "longitude": 100.4},
    "sensors": [{"id": 1, "parameter": {"name": "pm25"}}],
}
UNIT = {"dustboy_id": "1", "dustboy_lat": "6.8", "dustboy_lng": "100.4", "dustboy_name_th": "ก"}
CITIZEN = {
    "sensor": {"id": 1, "sensor_type": {"name": "SDS011"}},
    "location": {"id": 9, "latitude": "13", "longitude": "99"},
}
SHARED = {"locationId": 5, "latitude": 13.8, "longitude": 99.9, "timestamp": "2026-02-10T08:00:00Z", "pm02": 3}

CASES: list[tuple[str, Any, Request]] = [
    ("air4thai", {"stations": [STATION]}, Request("http://x/services", what="live")),
    ("air4thai", {"stations": [HOURS]}, Request("http://x/forweb/getHistoryData.php", what="h")),
    ("openaq", {"results": [PLACE]}, Request("http://x/locations", what="l")),
    ("openaq", {"results": [{"value": 1.0, "period": PERIOD, "coverage": {"percentComplete": 90}}]},
     Request("http://x/sensors/1/hours", what="s", about={"location": "5", "variable": "pm25"})),
    ("dustboy", [UNIT], Request("http://x/stations", what="stations")),
    ("dustboy", [{"log_datetime": "2026-02-10 01:00:00", "pm25": "9"}], Request("http://x/value/1", what="v")),
    ("purpleair", {"fields": ["sensor_index", "latitude", "longitude"], "data": [[1, 13.8, 99.9]]},
     Request("http://x/sensors", what="sensors")),
    ("purpleair", {"fields": ["time_stamp", "pm2.5_cf_1_a", "pm2.5_cf_1_b"], "data": [[1770681600, 5, 6]]},
     Request("http://x/sensors/1/history", what="s")),
    ("sensor-community", [CITIZEN], Request("http://x/f", what="sensors")),
    ("airgradient", [SHARED], Request("http://x/c", what="current")),
]  # fmt: skip


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [p for key, item in inner for p in spots(item, (*path, key))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with one place changed, or without it where `new` is Ellipsis."""
    if not path:
        return None if new is ... else new
    result = copy.deepcopy(value)
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    if new is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return result


@pytest.mark.parametrize(("name", "answer", "request_"), CASES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_shape_is_rows_or_a_sentence(name: str, answer: Any, request_: Request, data: st.DataObject) -> None:
    """One place lost or replaced by junk: whole rows come out, or an error that the engine turns into a sentence."""
    network: Network = NETWORKS[name]
    wish = Query(START, START + timedelta(days=1), service="live" if request_.what == "live" else "")
    path = data.draw(st.sampled_from(spots(answer)))
    spoilt = put(answer, path, data.draw(st.one_of(st.just(...), JUNK)))
    try:
        batch = network.parse(spoilt, request_, wish)
    except (UserError, *_SHAPE):
        return
    rows = batch.tables.get("observations", pd.DataFrame())
    if len(rows):
        assert rows["value"].abs().max() <= 1e5 and rows["station_id"].notna().all() and rows["time"].notna().all()


def test_a_shape_nobody_expects_is_a_sentence(lake: Lake, server: Any) -> None:
    """Lists where records were, in a list that the plan reads too."""
    server.routes["/services/getNewAQI_JSON.php"] = {"stations": [[1], "x"]}
    report = fetch(lake, NETWORKS["air4thai"], Query(START, START + timedelta(days=1), base_url=server.url))
    assert "changed its format" in report.errors[0].say()


FETCH = """
import sys
from datetime import datetime, timedelta, UTC
from geo.lake import Lake
from geo.networks import NETWORKS, Query, engine, fetch
from geo.networks.web import Web
engine._PORTION = 50  # many small transactions, so that a kill meets one
start = datetime(2026, 2, 10, tzinfo=UTC)
with Lake.open(sys.argv[1]) as lake:
    print("begun", flush=True)
    fetch(lake, NETWORKS["dustboy"], Query(start, start + timedelta(days=1), base_url=sys.argv[2]),
          web=Web("DustBoy", per_minute=1e6))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_at_any_moment(tmp_path: Path, server: Any) -> None:
    """What was stored before a kill is there, no row is doubled or half; the next run completes it."""
    units = [{**UNIT, "dustboy_id": str(i), "dustboy_lng": str(100 + i / 100)} for i in range(30)]
    hours = [{"log_datetime": f"2026-02-11 {h:02d}:00:00", "pm25": str(20 + h)} for h in range(24)]
    server.routes["/api/ccdc/stations"] = units
    server.routes |= {f"/api/ccdc/value/{i}": hours for i in range(30)}
    catalog = tmp_path / "c.sqlite"
    seen = 0
    for wait in (0.15, 0.6):
        child = subprocess.Popen(
            [sys.executable, "-c", FETCH, str(catalog), server.url], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert child.stdout is not None and child.stdout.readline().strip() == "begun"
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        with Lake.open(catalog) as lake:
            rows = lake.observations(["pm25"], flagged=True)
            assert not rows.duplicated(["station_id", "time"]).any()
            assert len(rows) >= seen and set(rows["import_id"]) <= set(lake.imports()["import_id"])
            seen = len(rows)
    subprocess.run([sys.executable, "-c", FETCH, str(catalog), server.url], cwd=ROOT, check=True, capture_output=True,
                   env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    with Lake.open(catalog) as lake:
        assert len(lake.observations(["pm25"], flagged=True)) == 30 * 24
        assert len(lake.stations()) == 30
