"""What every network's pages go through on their way into the lake: given twice, or with moved labels of hours."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from geo.lake import Lake
from geo.networks import NETWORKS, Query
from geo.networks.model import Batch, Network
from geo.networks.storing import Portion
from language import UserError

NOW = datetime(2026, 2, 12, tzinfo=UTC)
MEASURING = [n for n in NETWORKS.values() if n.name not in ("diw", "boundaries")]


def batch(network: Network, shift: int = 0) -> Batch:
    """Return a day of a station as the network gives it, its hours moved by some."""
    times = pd.date_range("2026-02-10", periods=24, freq="h", tz="UTC") + pd.Timedelta(hours=shift)
    values = 20 + 10 * np.random.default_rng(4).random(24).round(2)
    rows = pd.DataFrame({"station_id": network.station_id("7"), "variable": "pm25", "time": times, "period_hours": 1,
                         "value": values, "flag": None})  # fmt: skip
    place = network.stations([{"station_id": network.station_id("7"), "lat": 13.8, "lon": 99.9}])
    return Batch({"observations": rows, "stations": place}, rows=24)


@pytest.mark.parametrize("network", MEASURING, ids=lambda n: n.name)
def test_a_page_given_twice_and_moved_labels(lake: Lake, network: Network) -> None:
    """Twice in one run, and again in the next: stored once. Moved by an hour: refused by name, nothing changed."""

    def portion(number: int) -> Portion:
        return Portion(lake, network, Query.last(48, now=NOW), f"run-{number}", lambda: NOW)

    first = portion(1)
    first.take(batch(network))
    first.take(batch(network))
    first.store(48)
    stored = lake.observations(["pm25"], flagged=True)
    assert len(stored) == 24 and lake.count("stations") == 1
    again = portion(2)
    again.take(batch(network))
    again.store(24)
    assert (again.added, again.updated) == (0, 0)
    for hours in (-1, 1):
        moved = portion(3)
        moved.take(batch(network, hours))
        with pytest.raises(UserError, match="label hours"):
            moved.store(24)
    pd.testing.assert_frame_equal(lake.observations(["pm25"], flagged=True), stored)
    place = lake.stations().iloc[0]
    if network.name != "csv":  # whose table it is, the person says
        assert place["network"] == network.title
        assert len(place["licence"]) > 3 and len(place["source"]) > 3, "whose it is stands with the rows"
