"""Means of an hour out of readings of single moments that came in several polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from geo.networks.model import Batch

QUARTERS = 3
"""Different quarter-hours that the mean of an hour needs: 75 %, as for the hours of a day."""


def hourly(batch: Batch, earlier: Sequence[pd.DataFrame], now: datetime) -> Batch:
    """Return the batch with means of hours as its observations.

    An hour with readings in fewer than three of its quarters has the flag ``incomplete`` until more come.
    Wind directions are averaged as vectors.
    """
    assert batch.readings is not None
    rows = pd.concat([*earlier, batch.readings], ignore_index=True)
    rows = rows.drop_duplicates(["station_id", "variable", "time"], keep="last")
    rows = rows[rows["time"] > pd.Timestamp(now) - pd.Timedelta(hours=3)]
    if rows.empty:
        return replace(batch, readings=None)
    keys = ["station_id", "variable", "hour"]
    rows = rows.assign(hour=rows["time"].dt.floor("h"), quarter=rows["time"].dt.minute // 15)
    angle = np.deg2rad(rows["value"])
    rows = rows.assign(sine=np.sin(angle), cosine=np.cos(angle))
    groups = rows.groupby(keys, observed=True)
    hours = groups.agg(
        value=("value", "mean"), quarters=("quarter", "nunique"), sine=("sine", "mean"), cosine=("cosine", "mean")
    ).reset_index()
    turned = np.rad2deg(np.arctan2(hours["sine"], hours["cosine"])) % 360
    hours["value"] = hours["value"].where(hours["variable"] != "wind_dir", turned)
    flag = hours["quarters"].ge(QUARTERS).map({True: None, False: "incomplete"}).astype(object)
    hours = hours.assign(flag=flag, period_hours=1).rename(columns={"hour": "time"})
    # The first hour of the window may have lost its beginning to the window's edge.
    whole = hours["time"] >= (pd.Timestamp(now) - pd.Timedelta(hours=3)).ceil("h")
    columns = ["station_id", "variable", "time", "period_hours", "value", "flag"]
    return replace(batch, readings=None, tables={**batch.tables, "observations": hours.loc[whole, columns]})
