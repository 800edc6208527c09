"""How rows get into a table that may hold them already, and how places are made of them.

All functions work inside the caller's transaction on the attached ``lake``.
"""

from __future__ import annotations

import duckdb
import geopandas as gpd
import pandas as pd
import shapely

from geo.joins import finest_boundary
from geo.schema import TABLES


def owned(frame: pd.DataFrame, import_id: str) -> pd.DataFrame:
    """Return rows with the import they belong to: `import_id` where none is said."""
    if "import_id" not in frame:
        return frame.assign(import_id=import_id)
    return frame.assign(import_id=frame["import_id"].astype("string").fillna(import_id))


def with_shapes(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return rows of ``boundaries`` with their WKB made into shapes, EPSG:4326."""
    shapes = shapely.from_wkb(frame["geometry"].to_numpy(dtype=object)) if len(frame) else []
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=4326)


def placed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return rows with `lon` and `lat` as points, EPSG:4326; one without a place has an empty point."""
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    points[frame["lon"].isna().to_numpy()] = shapely.Point()  # NaN coordinates would count as a place
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def merge(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, *, claim: bool = False) -> tuple[int, int]:
    """Add or replace rows by key; return how many were added and how many got other values.

    With `claim`, a row that is stored with the same values by another import belongs to this one from now on, so
    that it stays when the other is taken back (and returns to the other when this one is).
    """
    table = TABLES[name]
    frame = frame.drop_duplicates(list(table.key), keep="last")
    if frame.empty:
        return 0, 0
    same_key = " AND ".join(f"old.{c} = new.{c}" for c in table.key)
    unsaid = {"import_id", "imported_at", "created_at", *table.key}
    same_row = " AND ".join(f"old.{c} IS NOT DISTINCT FROM new.{c}" for c in table.columns if c not in unsaid)
    claimed = "old.import_id IS DISTINCT FROM new.import_id" if claim and name != "imports" else "false"
    span = ""
    if "time" in table.key:
        first, last = frame["time"].min(), frame["time"].max()
        span = f" AND old.time BETWEEN TIMESTAMPTZ '{first.isoformat()}' AND TIMESTAMPTZ '{last.isoformat()}'"
    con.register("incoming", frame)
    try:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE known AS "
            f"SELECT {', '.join(f'old.{c}' for c in table.key)}, ({same_row}) AS same, (NOT ({same_row}) OR {claimed}) "
            f"AS replaced FROM lake.{name} AS old, incoming AS new WHERE {same_key}{span}"
        )
        counted = con.execute(
            "SELECT count(*), count(*) FILTER (NOT same), count(*) FILTER (replaced) FROM known"
        ).fetchone()
        known, changed, replaced = counted or (0, 0, 0)
        keys = ", ".join(table.key)
        if replaced:
            con.execute(f"DELETE FROM lake.{name} AS old USING known AS new WHERE {same_key}{span} AND new.replaced")
        left = ""
        if known:
            left = f" WHERE ({keys}) NOT IN (SELECT ({keys}) FROM known WHERE NOT replaced)"
        order = f" ORDER BY {', '.join(table.order)}" if table.order else ""
        if len(frame) > known - replaced:
            con.execute(f"INSERT INTO lake.{name} SELECT * FROM incoming{left}{order}")
        con.execute("DROP TABLE known")  # after an error the transaction takes it away itself
    finally:
        con.unregister("incoming")
    return len(frame) - known, changed


def _boundaries(con: duckdb.DuckDBPyConnection) -> gpd.GeoDataFrame:
    sql = "SELECT code, level, area_km2, geometry FROM lake.boundaries"
    return with_shapes(con.execute(sql).to_arrow_table().to_pandas())


def joined(con: duckdb.DuckDBPyConnection, factories: pd.DataFrame, new: pd.DataFrame | None) -> pd.DataFrame:
    places = _boundaries(con)
    if new is not None:
        fresh = with_shapes(new[["code", "level", "area_km2", "geometry"]])
        places = pd.concat([places[~places["code"].isin(fresh["code"])], fresh])
    codes = finest_boundary(factories["lon"], factories["lat"], places)
    return factories.assign(boundary_code=pd.array(codes, dtype="string"))


def rejoin(con: duckdb.DuckDBPyConnection, boundaries: pd.DataFrame) -> None:
    """Join the factories within the bounds of new boundaries again."""
    west, south, east, north = with_shapes(boundaries).total_bounds
    _update_codes(con, "lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?", [west, east, south, north])


def rejoin_dangling(con: duckdb.DuckDBPyConnection) -> None:
    gone = "boundary_code IS NOT NULL AND boundary_code NOT IN (SELECT code FROM lake.boundaries)"
    _update_codes(con, gone, [])


def _update_codes(con: duckdb.DuckDBPyConnection, where: str, params: list[float]) -> None:
    sql = f"SELECT factory_id, lon, lat, boundary_code FROM lake.factories WHERE {where}"
    found: pd.DataFrame = con.execute(sql, params).to_arrow_table().to_pandas()
    codes = pd.Series(finest_boundary(found["lon"], found["lat"], _boundaries(con)), index=found.index)
    moved = found.assign(code=codes)[codes.fillna("").ne(found["boundary_code"].fillna(""))]
    if moved.empty:
        return
    con.register("moved", moved[["factory_id", "code"]].astype("string"))
    con.execute(
        "UPDATE lake.factories SET boundary_code = moved.code FROM moved "
        "WHERE lake.factories.factory_id = moved.factory_id"
    )
    con.unregister("moved")
