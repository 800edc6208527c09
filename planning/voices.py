"""What people said in meetings about an area and its zones.

1. `heard` keeps the reports of one area: pins inside it, and praise and ideas without a place of the same meetings.
2. `by_zone` counts pins and hands of each kind in each zone.

Hands are no measurement, and who came to the hall is no sample of who lives there: complaints are one indicator of
the zones' score with a small weight (`planning.indicators.complaints`); praise and ideas change no rank.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.schema import REPORT_KINDS

COLUMNS = ("zone_id", "kind", "reports", "hands")
"""Of `by_zone`: pins or votes, and the hands raised for them."""

REPORT_COLUMNS = (
    "report_id", "meeting_id", "meeting_date", "place", "kind", "votes", "lat", "lon", "note", "simulated",
)  # fmt: skip
"""What a screening's folder keeps of a report."""


def empty() -> gpd.GeoDataFrame:
    """Return no report."""
    return gpd.GeoDataFrame({c: pd.Series(dtype=object) for c in REPORT_COLUMNS}, geometry=[], crs=4326)


def heard(reports: gpd.GeoDataFrame, area: gpd.GeoDataFrame, *, simulated: bool) -> gpd.GeoDataFrame:
    """Return the reports that belong to an area, WGS84, oldest meeting first.

    Parameters
    ----------
    reports : GeoDataFrame
        `Lake.reports`; one without a place has an empty point.
    area : GeoDataFrame
    simulated : bool
        Keep simulated reports only; otherwise measured ones only, so that the two are never mixed.
    """
    alike = reports[reports["simulated"].fillna(False).astype(bool) == simulated]
    if alike.empty:
        return empty()
    inside = alike.geometry.intersects(area.to_crs(4326).geometry.union_all())
    meetings = set(alike.loc[inside, "meeting_id"])
    kept = alike[inside | (alike.geometry.is_empty & alike["meeting_id"].isin(meetings))]
    ordered = kept.sort_values(["meeting_date", "report_id"], kind="stable")
    return ordered[[*REPORT_COLUMNS, "geometry"]].reset_index(drop=True)


def by_zone(reports: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return pins and hands of each kind in each zone, most hands first: `COLUMNS`.

    A zone or kind of which nothing was said has no row.
    """
    placed = reports[~reports.geometry.is_empty].reset_index(drop=True)
    if placed.empty or zones.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype({"reports": "int64", "hands": "int64"})
    where = placed[["kind", "votes", "geometry"]].sjoin(zones[["zone_id", "geometry"]].to_crs(4326))
    where = where[~where.index.duplicated()]  # a pin on the line between two zones counts once
    counted = where.groupby(["zone_id", "kind"])["votes"].agg(["size", "sum"]).reset_index()
    counted.columns = pd.Index(COLUMNS)
    order = {kind: i for i, kind in enumerate(REPORT_KINDS)}
    counted = counted.assign(order=counted["kind"].map(order)).astype({"reports": "int64", "hands": "int64"})
    ordered = pd.DataFrame(counted.sort_values(["zone_id", "hands", "order"], ascending=[True, False, True]))
    return ordered[list(COLUMNS)].reset_index(drop=True)
