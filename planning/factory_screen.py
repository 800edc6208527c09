"""The provincial office's table: one row a factory, with all evidence beside each other.

1. The screened factories bring type, horsepower, potential, hotspot and upwind share (`planning.sources`).
2. Receptors within 1 km and complaints of meetings within 1 km are counted around each.
3. The last visit comes from the office's own records in the lake.

Screening evidence, not proof: nothing here says that a factory emits.
"""

from __future__ import annotations

import uuid
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.lake import Lake
from geo.readers.reports import without_people
from geo.schema import COMPLAINTS, ImportRecord
from language import UserError

NEAR_M = 1000.0
"""Metres around a factory in which receptors and complaints count."""

COLUMNS = (
    "factory_id", "reg_no", "name_th", "type_code", "type_name_th", "type_name_en", "hp", "potential_class",
    "potential", "hotspot_id", "upwind_share", "upwind_hours", "receptors_1km", "complaints_1km", "hands_1km",
    "last_visit", "visit_note", "simulated",
)  # fmt: skip


def table(
    factories: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, reports: gpd.GeoDataFrame, visits: pd.DataFrame,
    *, simulated: bool = False,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the factories with `COLUMNS`, in their order, WGS84.

    Parameters
    ----------
    factories, receptors : GeoDataFrame
        Of a `Screening`.
    reports : GeoDataFrame
        `Lake.reports`; only the four complaints count.
    visits : DataFrame
        ``visits`` of the lake; the newest day of each factory counts.
    simulated : bool
        Count simulated reports only; otherwise measured ones only, so that the two are never mixed.
    """
    crs = factories.estimate_utm_crs() if len(factories) else "EPSG:32647"
    kept = reports[reports["kind"].isin(COMPLAINTS) & (reports["simulated"].fillna(False).astype(bool) == simulated)]
    at = factories.to_crs(crs).geometry.to_numpy()
    ones = np.ones(len(receptors))
    newest = visits.sort_values(["visited_on", "import_id"]).drop_duplicates("factory_id", keep="last")
    newest = newest.set_index("factory_id")
    result = factories.assign(
        receptors_1km=_near(at, receptors.to_crs(crs), ones),
        complaints_1km=_near(at, kept.to_crs(crs), np.ones(len(kept))),
        hands_1km=_near(at, kept.to_crs(crs), kept["votes"].fillna(1).to_numpy(float)),
        last_visit=factories["factory_id"].map(newest["visited_on"]),
        visit_note=factories["factory_id"].map(newest["note"]),
    )
    return result.reindex(columns=[*COLUMNS, "geometry"])


def _near(at: NDArray[np.object_], points: gpd.GeoDataFrame, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the summed weight of the points within `NEAR_M` of each place."""
    total = np.zeros(len(at))
    if len(at) and len(points):
        which, hit = shapely.STRtree(points.geometry.to_numpy()).query(at, predicate="dwithin", distance=NEAR_M)
        np.add.at(total, which, weights[hit])
    return total.astype("int64")


def record_visit(
    lake: Lake, factory_ids: list[str], visited_on: date, said: str = "", *, today: date, simulated: bool = False
) -> str:
    """Store that factories were visited; return the import that `Lake.remove_import` takes back.

    Raises
    ------
    UserError
        Without a factory, or for a day to come.
    """
    if not factory_ids:
        raise UserError("Choose the factories in the table first.")
    if visited_on > today:
        raise UserError("The day of a visit lies in the future; write the day on which it was made.")
    day = visited_on.isoformat()
    rows = [
        {"visit_id": uuid.uuid4().hex[:12], "factory_id": factory, "visited_on": day,
         "note": without_people(said) or None, "simulated": simulated}
        for factory in factory_ids
    ]  # fmt: skip
    record = ImportRecord(
        kind="visits", file_name=f"visits {day}", rows_read=len(rows), rows_kept=len(rows), simulated=simulated
    )
    lake.upsert({"visits": pd.DataFrame(rows)}, record=record)
    return record.import_id


def save_screen(lake: Lake, name: str, body: str) -> None:
    """Keep a filter under a name; the same name is replaced.

    Raises
    ------
    UserError
        Without a name.
    """
    name = name.strip()[:80]
    if not name:
        raise UserError("Give the screen a name first.")
    record = ImportRecord(kind="screens", file_name=name, rows_read=1, rows_kept=1)
    lake.upsert({"screens": pd.DataFrame([{"screen_id": name.casefold(), "name": name, "body": body}])}, record=record)
