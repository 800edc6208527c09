"""AirGradient's public world list: the current readings of shared monitors (domain facts, section 6.3).

The list only has readings of the moment. They are kept, and the mean of an hour is made of several polls; it
counts from three different quarter-hours up, before that it has the flag ``incomplete``. So poll it every 10 or 15
minutes (``python -m geo watch airgradient --every 10``). The values are raw: near Thai reference stations these
units read some µg/m³ too low (section 4.1). CC BY-SA.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from geo.networks.model import Batch, Network, Plan, Query, Request, number

_VALUES = {"pm02": "pm25", "pm10": "pm10", "rhum": "rh", "atmp": "temp"}


class AirGradient(Network):
    """World list of current readings."""

    name = "airgradient"
    title = "AirGradient"
    base = "https://api.airgradient.com/public/api/v1"
    kind = "lowcost"
    attribution = "AirGradient"
    licence = "CC BY-SA 4.0"
    per_minute = 30.0
    prefix = "airgradient-"

    def plan(self, query: Query) -> Plan:
        """Yield the one list."""
        yield Request(f"{self.root(query)}/world/locations/measures/current", what="current")

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return stations within the bounds and their readings of the moment."""
        places, rows = [], []
        records = self.records(answer, request, "data")
        for record in records:
            self.need(record, request, "locationId", "latitude", "longitude", "timestamp")
            lat, lon = number(record["latitude"]), number(record["longitude"])
            own = str(record["locationId"])
            if lat is None or lon is None or not query.holds(lat, lon) or record.get("offline"):
                continue
            if query.stations and own not in query.stations:
                continue
            name = record.get("publicLocationName") or record.get("locationName") or f"AirGradient {own}"
            licence = record.get("publicLicense") or self.licence
            places.append(
                {"station_id": self.station_id(own), "name_th": name, "name_en": name, "lat": lat, "lon": lon,
                 "licence": licence}
            )  # fmt: skip
            stamp = pd.to_datetime(record["timestamp"], utc=True, errors="coerce")
            if stamp is pd.NaT:
                continue
            for theirs, ours in _VALUES.items():
                value = number(record.get(theirs), missing=lambda v: v <= -999)
                if value is not None and (value >= 0 or ours == "temp"):
                    rows.append({"station_id": self.station_id(own), "variable": ours, "time": stamp, "value": value})
        if records and not any("pm02" in record for record in records):
            raise self.changed(request, "pm02 ?")
        columns = ["station_id", "variable", "time", "value"]
        readings = pd.DataFrame(rows, columns=columns)
        return Batch({"stations": self.stations(places)}, readings=readings, rows=len(records))
