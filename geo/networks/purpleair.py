"""PurpleAir: two optical counters in each outdoor unit (domain facts, sections 4.3 and 6.3).

The hourly history is asked for both channels. The value stored is the mean of both as the unit gives it
(`cf_1`, raw, uncorrected: published corrections fail in warm humid air, section 4.1). An hour where the channels
differ by more than 5 µg/m³ and 70 % (``data/quality.toml``), or where one is missing, gets the flag ``channels``.
Questions cost points, so only sensors within the bounds are asked, and the past never twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from geo import quality
from geo.networks.model import Batch, Network, Plan, Query, Request, number

_FIELDS = ("pm2.5_cf_1_a", "pm2.5_cf_1_b", "pm10.0_cf_1_a", "pm10.0_cf_1_b", "humidity", "temperature")
_DAYS = 14


class PurpleAir(Network):
    """API version 1."""

    name = "purpleair"
    title = "PurpleAir"
    base = "https://api.purpleair.com/v1"
    kind = "lowcost"
    attribution = "PurpleAir"
    licence = "PurpleAir terms of use (attribution, no resale)"
    per_minute = 40.0
    key_variable = "PURPLEAIR_API_KEY"
    key_needed = True
    prefix = "purpleair-"

    def plan(self, query: Query) -> Plan:
        """Yield the outdoor sensors within the bounds, then 14 days of hours of each at a time."""
        west, south, east, north = query.bounds
        area = {"nwlng": west, "nwlat": north, "selng": east, "selat": south}
        params = {k: f"{v:g}" for k, v in area.items()}
        params |= {"fields": "name,latitude,longitude,altitude,location_type,last_seen", "location_type": "0"}
        if query.stations:
            params["show_only"] = ",".join(query.stations)
        request = Request(f"{self.root(query)}/sensors", params, "sensors")
        answer = yield request
        for sensor in self._table(answer, request, "sensor_index").to_dict("records"):
            begin = query.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            while begin < query.end:
                end = min(begin + timedelta(days=_DAYS), query.end)
                yield Request(
                    f"{self.root(query)}/sensors/{int(sensor['sensor_index'])}/history",
                    {"start_timestamp": str(int(begin.timestamp())), "end_timestamp": str(int(end.timestamp())),
                     "average": "60", "fields": ",".join(_FIELDS)},
                    f"sensor {int(sensor['sensor_index'])}, {begin:%Y-%m-%d}",
                    settled=datetime.now(UTC) - end > timedelta(days=2), optional=True,
                )  # fmt: skip
                begin = end

    def parse(self, answer: Any, request: Request, _query: Query) -> Batch:
        """Return the sensors, or the hours of one."""
        if request.what != "sensors":
            return self._hours(self._table(answer, request, "time_stamp"), request)
        table = self._table(answer, request, "sensor_index", "latitude", "longitude")
        places = [
            {"station_id": self.station_id(int(row["sensor_index"])), "name_th": row.get("name"),
             "name_en": row.get("name"), "lat": number(row["latitude"]), "lon": number(row["longitude"]),
             "elevation_m": None if number(row.get("altitude")) is None else float(row["altitude"]) * 0.3048}
            for row in table.to_dict("records")
            if number(row["latitude"]) is not None and row.get("location_type", 0) in (0, "0", None)
        ]  # fmt: skip
        return Batch({"stations": self.stations(places)}, rows=len(table))

    def _hours(self, table: pd.DataFrame, request: Request) -> Batch:
        station = self.station_id(request.url.split("/sensors/")[1].split("/")[0])
        if table.empty:
            return Batch()
        for name in ("pm2.5_cf_1_a", "pm2.5_cf_1_b"):
            if name not in table:
                raise self.changed(request, f"{name} ?")
        limits = quality.thresholds().channels
        time = pd.to_datetime(pd.to_numeric(table["time_stamp"]), unit="s", utc=True).dt.floor("h")
        if time.isna().any():
            raise self.changed(request, "time_stamp ?")
        parts = []
        for ours, stem in (("pm25", "pm2.5_cf_1"), ("pm10", "pm10.0_cf_1")):
            a, b = _column(table, f"{stem}_a"), _column(table, f"{stem}_b")
            value, bad = quality.channels(a, b, limits)
            parts.append(pd.DataFrame({"variable": ours, "time": time, "value": value, "bad": bad}))
        warm = (_column(table, "temperature") - 32) / 1.8
        for ours, values in (("rh", _column(table, "humidity")), ("temp", warm)):
            parts.append(pd.DataFrame({"variable": ours, "time": time, "value": values, "bad": False}))
        rows = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
        rows["flag"] = rows.pop("bad").map({True: "channels", False: None})
        return Batch({"observations": rows.assign(station_id=station, period_hours=1)}, rows=len(table))

    def _table(self, answer: Any, request: Request, *needed: str) -> pd.DataFrame:
        """Return an answer of names and rows as a table."""
        self.need(answer, request, "fields", "data")
        table = pd.DataFrame(answer["data"], columns=answer["fields"])
        for name in needed:
            if name not in table:
                raise self.changed(request, f"{name} ?")
        return table


def _column(table: pd.DataFrame, name: str) -> pd.Series[float]:
    """Return a column as numbers, NaN where it is missing or says nothing."""
    values = [number(value) for value in table[name]] if name in table else None
    return pd.Series(values, index=table.index, dtype="float64")
