"""DustBoy, the low-cost network of Chiang Mai University's Climate Change Data Center (domain facts, 6.2).

``open``: the older open service, station list and latest values of each station.
``official``: the API with a key; stations, and 30 days of values each (public accounts: 10 outdoor points).

What an hour's label means is not documented; it is taken as the end of the hour, as the public pages show the
mean of the past hour. The lists hold names and telephone numbers of caretakers, which are dropped before
anything is kept. Attribution to CCDC, CMU is compulsory.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from geo.networks.model import BANGKOK, Batch, Network, Plan, Query, Request, long_rows, number

_VALUES = {"pm25": "pm25", "pm10": "pm10", "temp": "temp", "humid": "rh", "wind_speed": "wind_speed",
           "wind_direction": "wind_dir"}  # fmt: skip


class DustBoy(Network):
    """Open and official service."""

    name = "dustboy"
    title = "DustBoy"
    base = "https://www.cmuccdc.org"
    services = ("open", "official")
    open_services = ("open",)
    kind = "lowcost"
    attribution = "DustBoy, CCDC มหาวิทยาลัยเชียงใหม่"
    licence = "attribution to CCDC CMU"
    per_minute = 60.0
    key_variable = "DUSTBOY_API_KEY"
    key_header = "Authorization"
    key_prefix = "Bearer "
    prefix = "dustboy-"

    def root(self, query: Query) -> str:
        """Return the address of the service."""
        official = "https://open-api.cmuccdc.org/api/dustboy"
        if query.base_url:
            return query.base_url.rstrip("/") + ("/api/dustboy" if self.service(query) == "official" else "/api/ccdc")
        return official if self.service(query) == "official" else f"{self.base}/api/ccdc"

    def plan(self, query: Query) -> Plan:
        """Yield the list of stations, then the values of each."""
        answer = yield Request(f"{self.root(query)}/stations", what="stations")
        path = "data30day" if self.service(query) == "official" else "value"
        wanted = [str(row["station_id"]).removeprefix(self.prefix) for row in self._places(answer, query)]
        for station in wanted:
            yield Request(f"{self.root(query)}/{path}/{station}", what=f"station {station}", optional=True)

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return the stations, or the values of one."""
        records = self.records(answer, request, "stations", "data", "value", "values", "result")
        if request.what == "stations":
            for record in records:
                self.need(record, request, "dustboy_id", "dustboy_lat", "dustboy_lng")
            return Batch({"stations": self.stations(self._places(answer, query))}, rows=len(records))
        station = self.station_id(request.url.rsplit("/", 1)[1])
        rows = []
        for record in records:
            self.need(record, request, "log_datetime", "pm25")
            stamp = _local(record["log_datetime"])
            if stamp is None:
                raise self.changed(request, f"log_datetime = {record['log_datetime']!r}")
            values = {ours: number(record.get(theirs)) for theirs, ours in _VALUES.items()}
            rows += long_rows(station, stamp - timedelta(hours=1), values)
        return Batch({"observations": pd.DataFrame(rows)}, rows=len(records))

    def _places(self, answer: Any, query: Query) -> list[dict[str, Any]]:
        records = answer if isinstance(answer, list) else next(
            (v for v in (answer or {}).values() if isinstance(v, list)), []
        )  # fmt: skip
        places = []
        for record in records:
            lat, lon = number(record.get("dustboy_lat")), number(record.get("dustboy_lng"))
            identifier = str(record.get("dustboy_id", "")).strip()
            if lat is None or lon is None or not identifier or not query.holds(lat, lon):
                continue
            if query.stations and identifier not in query.stations:
                continue
            names = record.get("dustboy_name_th") or record.get("dustboy_name"), record.get("dustboy_name_en")
            places.append(
                {"station_id": self.station_id(identifier), "name_th": names[0] or names[1], "name_en": names[1],
                 "lat": lat, "lon": lon}
            )  # fmt: skip
        return places


def _local(text: Any) -> datetime | None:
    """Return a Thai time cut to its hour: units report some minutes past it."""
    try:
        stamp = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=BANGKOK)
    return stamp.replace(minute=0, second=0, microsecond=0)
