"""A network that puts a station elsewhere: its new readings wait until a person has settled the place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from geo import edits
from geo.lake import Lake
from geo.networks.model import Batch
from geo.networks.storing import Portion

NETWORK = SimpleNamespace(title="Net", attribution="Net", licence="open", name="net")
QUERY = SimpleNamespace(url="", options=SimpleNamespace(source="", licence=""))


def fetch(lake: Lake, day: int, lat: float) -> None:
    stations = pd.DataFrame({"station_id": ["n-1"], "kind": "lowcost", "network": "Net", "lat": lat, "lon": 99.9})
    times = pd.date_range(f"2026-01-0{day}", periods=4, freq="h", tz="UTC")
    readings = pd.DataFrame(
        {"station_id": "n-1", "variable": "pm25", "time": times, "period_hours": 1, "value": [10.1, 12.2, 13.3, 14.4]}
    )
    portion = Portion(lake, NETWORK, QUERY, f"day {day}", lambda: datetime(2026, 2, 1, tzinfo=UTC))  # type: ignore[arg-type]
    portion.take(Batch({"stations": stations, "observations": readings}, rows=4))
    portion.store(4)


def test_readings_of_a_station_that_the_network_moved_are_marked(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "catalog.sqlite") as lake:
        fetch(lake, 1, 13.80)
        fetch(lake, 2, 13.801)  # a hundred metres are a better reading of the same place
        assert len(lake.observations(["pm25"])) == 8
        fetch(lake, 3, 13.95)
        assert len(lake.observations(["pm25"])) == 8
        assert list(lake.observations(["pm25"], flagged=True)["flag"].dropna()) == ["position"] * 4
        edits.move(lake, "n-1", 13.95, 99.9)
        assert len(lake.observations(["pm25"])) == 12
