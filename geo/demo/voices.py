"""What people would say in a meeting of each demo municipality: invented, near the invented factories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from geo.demo.facts import LICENCE, SOURCE, degrees, facts, stream
from geo.demo.places import Place, near
from geo.demo.schematic import points_within
from geo.readers.reports import meeting_id

DAY = date(2026, 3, 5)
"""After the 60 days of the demo."""


def voices(places: Mapping[str, Place], seed: int) -> pd.DataFrame:
    """Return ``reports``: complaints near the factories they may be about, praise anywhere, ideas without a place."""
    clusters = {str(row["cluster_id"]): row for row in facts("clusters").to_dict("records")}
    rows: list[dict[str, Any]] = []
    for fact in facts("voices").to_dict("records"):
        code, kind, cluster = (str(fact[k]) for k in ("municipality", "kind", "cluster"))
        place, rng = places[code], stream(seed, f"voices {fact['municipality']} {fact['kind']}")
        hall = f"ห้องประชุมสมมติ {place.row['short_th']}"
        for _ in range(int(fact["count"])):
            spot = near(place, clusters[cluster], rng) if cluster in clusters else points_within(place.shape, 1, rng)[0]
            lat, lon = degrees(*spot)
            rows.append(
                {
                    "report_id": f"DEMO-V{len(rows) + 1:02d}",
                    "meeting_id": meeting_id(DAY.isoformat(), hall, simulated=True),
                    "meeting_date": DAY.isoformat(),
                    "place": hall,
                    "kind": kind,
                    "votes": int(rng.integers(int(fact["hands_low"]), int(fact["hands_high"]) + 1)),
                    "lat": None if kind == "idea" else float(lat),
                    "lon": None if kind == "idea" else float(lon),
                    "note": fact["note_th"],
                    "source": SOURCE,
                    "licence": LICENCE,
                    "simulated": True,
                }
            )
    return pd.DataFrame(rows)
