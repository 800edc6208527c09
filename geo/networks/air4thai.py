"""Air4Thai, the reference stations of the Pollution Control Department (domain facts, section 6.1).

Three services, three meanings of a number:

* ``history`` (getHistoryData): hourly values, one decimal, labelled by the *end* of the hour;
* ``history2`` (webV2/history): hourly values, whole numbers, labelled by the *beginning*;
* ``live``: PM2.5 and PM10 as the mean of the last 24 hours. They are stored with ``period_hours`` 24 and
  labelled by the beginning of the 24 hours, so they never mix with hourly values; of a station's running
  means only the one that begins at midnight is a day's mean (`geo.averages.daily_means`).

All times are Thai time without an offset. The licence for re-use is not known.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from geo.networks.model import BANGKOK, Batch, Network, Plan, Query, Request, long_rows, number

_PARAMETERS = {"PM25": "pm25", "PM10": "pm10", "WS": "wind_speed", "WD": "wind_dir", "TEMP": "temp", "RH": "rh"}
_AT_ONCE = 45
_DAYS = 15
_SETTLED_AFTER = timedelta(days=7)
"""Values may still be corrected by hand for some days."""


class Air4Thai(Network):
    """Live list and both history services."""

    name = "air4thai"
    title = "Air4Thai"
    base = "https://air4thai.pcd.go.th"
    services = ("history", "history2", "live")
    kind = "reference"
    attribution = "Air4Thai, กรมควบคุมมลพิษ"
    licence = "ไม่ได้ระบุ / not stated by the network"
    per_minute = 20.0

    def plan(self, query: Query) -> Plan:
        """Yield the live list, then the history of 45 stations and 15 days at a time."""
        service = self.service(query)
        answer = yield Request(f"{self.root(query)}/services/getNewAQI_JSON.php", what="live")
        if service == "live" or answer is None:
            return
        wanted = query.stations or tuple(
            str(s.get("stationID"))
            for s in answer.get("stations", ())
            if query.holds(number(s.get("lat")) or 0.0, number(s.get("long")) or 0.0)
        )
        path = "/forweb/getHistoryData.php" if service == "history" else "/webV2/history/api/data.php"
        for begin, end in _spans(query):
            for first in range(0, len(wanted), _AT_ONCE):
                some = wanted[first : first + _AT_ONCE]
                yield Request(
                    self.root(query) + path,
                    {
                        "stationID": ",".join(some), "param": ",".join(_PARAMETERS), "type": "hr",
                        "sdate": f"{begin:%Y-%m-%d}", "edate": f"{end:%Y-%m-%d}", "stime": "00", "etime": "23",
                    },
                    what=f"{begin:%Y-%m-%d} – {end:%Y-%m-%d}, {some[0]} … {some[-1]}",
                    settled=datetime.now(BANGKOK) - end > _SETTLED_AFTER,
                    optional=True,
                )  # fmt: skip

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return stations of the live list (and its running means), or hourly values of a history."""
        stations = self.records(answer, request, "stations")
        if request.what == "live":
            return self._live(stations, request, query)
        ending = "getHistoryData" in request.url
        rows, read = [], 0
        for station in stations:
            self.need(station, request, "stationID", "data")
            for record in station["data"] or ():
                self.need(record, request, "DATETIMEDATA")
                read += 1
                stamp = _local(str(record["DATETIMEDATA"]))
                if stamp is None:
                    raise self.changed(request, f"DATETIMEDATA = {record['DATETIMEDATA']!r}")
                values = {ours: number(record.get(theirs)) for theirs, ours in _PARAMETERS.items() if theirs != "TEMP"}
                values["temp"] = number(record.get("TEMP"), missing=lambda v: v <= -99)
                begin = stamp - timedelta(hours=1) if ending else stamp
                rows += long_rows(self.station_id(station["stationID"]), begin, values)
        if read and not any(name in record for name in _PARAMETERS):
            raise self.changed(request, "PM25 ?")
        return Batch({"observations": pd.DataFrame(rows)}, rows=read)

    def _live(self, stations: list[Any], request: Request, query: Query) -> Batch:
        places, rows = [], []
        for station in stations:
            self.need(station, request, "stationID", "lat", "long")
            # Lists kept from before about 2020 call it LastUpdate.
            last = station.get("AQILast") or station.get("LastUpdate")
            if last is None:
                raise self.changed(request, "AQILast ?")
            identifier = str(station["stationID"])
            lat, lon = number(station["lat"]), number(station["long"])
            if lat is None or lon is None or not (query.holds(lat, lon) or identifier in query.stations):
                continue
            if query.stations and identifier not in query.stations:
                continue
            places.append(
                {
                    "station_id": self.station_id(identifier), "name_th": station.get("nameTH"),
                    "name_en": station.get("nameEN"), "lat": lat, "lon": lon,
                }
            )  # fmt: skip
            if self.service(query) == "live":
                rows += self._running_means(identifier, last, request)
        tables = {"stations": self.stations(places), "observations": pd.DataFrame(rows)}
        return Batch(tables, rows=len(stations))

    def _running_means(self, identifier: str, last: Any, request: Request) -> list[dict[str, Any]]:
        self.need(last, request, "date", "time", "PM25")
        stamp = _local(f"{last['date']} {last['time']}")
        if stamp is None:
            return []  # a station that has never reported has no time either
        values = {}
        for theirs in ("PM25", "PM10"):
            part = last.get(theirs) or {}
            # color_id 0 says that there is no value, whatever number stands beside it.
            values[_PARAMETERS[theirs]] = None if str(part.get("color_id", "0")) == "0" else number(part.get("value"))
        return long_rows(self.station_id(identifier), stamp - timedelta(hours=24), values, period_hours=24)


def _local(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=BANGKOK)
    except ValueError:
        return None


def _spans(query: Query) -> list[tuple[datetime, datetime]]:
    """Return first and last local days of the pieces that a long period is asked in."""
    first, last = query.start.astimezone(BANGKOK), query.end.astimezone(BANGKOK)
    pieces = max(math.ceil(((last.date() - first.date()).days + 1) / _DAYS), 1)
    spans = []
    for piece in range(pieces):
        begin = first + timedelta(days=piece * _DAYS)
        spans.append((begin, min(begin + timedelta(days=_DAYS - 1), last)))
    return spans
