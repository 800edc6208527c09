"""Sensor.Community: citizens' sensors, by the archive's daily files (domain facts, section 6.3).

The live list says which sensors stand within the bounds; their readings come from the archive, one file a day
and sensor, every two or three minutes, averaged to hours. P1 is PM10, P2 is PM2.5; times are UTC. The position is
rounded to about 100 m. Indoor sensors are left aside. ODbL / DbCL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from geo import readers
from geo.networks.model import Batch, Network, Plan, Query, Request, number
from geo.networks.openaq import prefixed

_ARCHIVE = "https://archive.sensor.community"
_PM_SENSORS = ("sds", "pms", "hpm", "sps", "ppd", "nextpm", "ips")


class SensorCommunity(Network):
    """Live list and archive."""

    name = "sensor-community"
    title = "Sensor.Community"
    base = "https://data.sensor.community"
    kind = "lowcost"
    attribution = "Sensor.Community"
    licence = "ODbL / DbCL"
    per_minute = 60.0
    prefix = "sensor-community-"

    def plan(self, query: Query) -> Plan:
        """Yield the live list of Thailand, then each sensor's daily files."""
        answer = yield Request(f"{self.root(query)}/airrohr/v1/filter/country=TH", what="sensors")
        sensors = {}
        for record in answer if isinstance(answer, list) else ():
            if self._wanted(record, query):
                sensor = record["sensor"]
                sensors[sensor["id"]] = str(sensor["sensor_type"]["name"]).lower()
        archive = (query.base_url or _ARCHIVE).rstrip("/")
        for day in query.days():
            if day + timedelta(days=1) > datetime.now(UTC):
                continue  # the file of a day is written when the day is over
            for number_, kind in sorted(sensors.items(), key=str):
                name = f"{day:%Y-%m-%d}_{kind}_sensor_{number_}.csv"
                yield Request(
                    f"{archive}/{day:%Y-%m-%d}/{name}", what=name, optional=True, missing_ok=True, form="bytes",
                    settled=datetime.now(UTC) - day > timedelta(days=4),
                )  # fmt: skip

    def _wanted(self, record: Any, query: Query) -> bool:
        """Whether it is an outdoor dust sensor within the bounds."""
        place, sensor = record.get("location") or {}, record.get("sensor") or {}
        kind = str((sensor.get("sensor_type") or {}).get("name", "")).casefold()
        if not kind.startswith(_PM_SENSORS) or "id" not in sensor:
            return False
        lat, lon = number(place.get("latitude")), number(place.get("longitude"))
        if lat is None or lon is None or not query.holds(lat, lon) or str(place.get("indoor", 0)) == "1":
            return False
        return not query.stations or str(place.get("id")) in query.stations

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return the stations of the list, or the hours of one file."""
        if request.form == "bytes":
            parsed = readers.read(answer, "observations", name=request.what)
            tables = {name: prefixed(table, self.prefix) for name, table in parsed.tables.items()}
            return Batch(tables, rows=parsed.rows_read, dropped=parsed.dropped, notes=list(parsed.notes))
        places = []
        for record in self.records(answer, request):
            self.need(record, request, "sensor", "location")
            place = record["location"]
            self.need(place, request, "id", "latitude", "longitude")
            if self._wanted(record, query):
                name = f"Sensor.Community {place['id']}"
                places.append(
                    {"station_id": self.station_id(place["id"]), "name_th": name, "name_en": name,
                     "lat": number(place["latitude"]), "lon": number(place["longitude"]),
                     "elevation_m": number(place.get("altitude"))}
                )  # fmt: skip
        return Batch({"stations": self.stations(places)}, rows=len(answer))
