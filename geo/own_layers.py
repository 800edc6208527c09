"""People's own map layers: roads, fire points, land use, anything with a place, kept in the data store.

1. `read` takes any file the other imports take (GeoJSON, GeoPackage, KML, zipped shapefile, GeoParquet; CSV or Excel
   with coordinates), keeps its shapes in WGS84 with a label, and of fire points the time and the power too.
2. `store` puts them into the lake as one import, which can be taken back like any other.
3. `layers` lists them, `shapes` returns one, cut to a place.

Fire points are read as NASA FIRMS names its columns (acq_date, acq_time in UTC, frp in MW). Other columns are not
kept: a layer is to be looked at, not asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.lake import Lake
from geo.readers import names
from geo.readers.cells import Cells, made_id
from geo.readers.files import open_raw
from geo.readers.model import Options, Raw
from geo.readers.places import given, places, to_wgs84
from geo.schema import SHAPE_KINDS, ImportRecord
from language import Note, UserError

MOST_ROWS = 200_000
"""Shapes of a file that are kept."""
MOST_VERTICES = 40_000
"""Vertices drawn at most; above, shapes are thinned."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class OwnLayer:
    """A stored layer: the import that brought it, its name, its kind (`SHAPE_KINDS`), how many shapes, its source."""

    import_id: str
    name: str
    kind: str
    count: int
    source: str
    simulated: bool = False


@dataclass(frozen=True)
class Read:
    """What was read of a file: rows of ``shapes``, how many were left out, notes."""

    table: pd.DataFrame
    rows: int
    notes: tuple[Note, ...] = ()

    @property
    def dropped(self) -> int:
        """Rows without a usable place."""
        return self.rows - len(self.table)


def read(content: bytes, file: str, kind: str, layer: str = "") -> Read:
    """Read a file as a layer.

    Parameters
    ----------
    content : bytes
    file : str
        Its name.
    kind : {"fires", "roads", "other"}
    layer : str
        The layer's name; the file's by default.

    Raises
    ------
    UserError
        Where it holds no place that can be used, or too many.
    """
    if kind not in SHAPE_KINDS:
        raise ValueError(kind)
    options = replace(Options(), limit=0)
    raw = open_raw(content, "receptors", options, file)
    if len(raw.frame) > MOST_ROWS:
        raise UserError(
            "{file} has {count} shapes; a layer takes up to {most}. Cut it to your area first.",
            file=raw.name, count=f"{len(raw.frame):,}", most=f"{MOST_ROWS:,}",
        )  # fmt: skip
    cells = Cells(raw, names.complete("receptors", raw.columns, None), options)
    shapes = _shapes(raw, cells, options)
    good = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if not good.any():
        raise UserError("{file} holds no place that can be shown on a map; nothing was stored.", file=raw.name)
    thai, english = cells.titles()
    wkb = shapely.to_wkb(shapes)
    size = len(raw.frame)
    table = pd.DataFrame(
        {
            "shape_id": made_id([layer or raw.name] * size, [kind] * size, wkb, np.arange(size)),
            "layer": layer or raw.name,
            "kind": kind,
            "label": thai.fillna(english).astype("string"),
            "time": _times(raw),
            "value": _power(raw),
            "geometry": wkb,
            **cells.origin(),
        }
    )[good]
    return Read(table.reset_index(drop=True), len(raw.frame), tuple(raw.notes))


def _shapes(raw: Raw, cells: Cells, options: Options) -> NDArray[np.object_]:
    if raw.shapes is not None:
        found, _crs = to_wgs84(raw, options)
        return np.asarray(shapely.force_2d(found.to_numpy()), dtype=object)
    if not given(cells.mapping, raw):
        raise UserError(
            "{file} has no columns with coordinates. Columns: {columns}.", file=raw.name, columns=", ".join(raw.columns)
        )
    points = places(raw, cells.mapping, options)
    made = np.full(len(points.lon), None, dtype=object)
    good = np.isfinite(points.lon) & np.isfinite(points.lat)
    made[good] = shapely.points(points.lon[good], points.lat[good])
    return made


def _column(raw: Raw, name: str) -> pd.Series[Any] | None:
    """Return a column by its name, whatever its capitals."""
    found = [c for c in raw.columns if str(c).strip().casefold() == name]
    return raw.frame[found[0]] if found else None


def _times(raw: Raw) -> pd.Series[Any]:
    """Return when a satellite saw a fire (UTC); missing where the file doesn't say."""
    days = _column(raw, "acq_date")
    if days is None:
        return pd.Series(pd.NaT, index=raw.frame.index, dtype="datetime64[ns, UTC]")
    clock = _column(raw, "acq_time")
    digits = pd.Series("0000", index=days.index) if clock is None else (
        clock.astype("string").str.replace(":", "").str.replace(r"\.0$", "", regex=True).str.zfill(4))  # fmt: skip
    day = pd.to_datetime(days.astype("string"), errors="coerce")
    joined = day.dt.strftime("%Y-%m-%d").astype("string") + " " + digits.astype("string")
    return pd.to_datetime(joined, format="%Y-%m-%d %H%M", errors="coerce", utc=True)


def _power(raw: Raw) -> pd.Series[Any]:
    power = _column(raw, "frp")
    return pd.Series(np.nan, index=raw.frame.index) if power is None else pd.to_numeric(power, errors="coerce")


def store(lake: Lake, found: Read, file: str, content: bytes, *, simulated: bool = False) -> str:
    """Store a layer as one import and return its identifier."""
    layer = str(found.table["layer"].iloc[0])
    sha = hashlib.sha256(content).hexdigest()
    record = ImportRecord(
        kind="shapes", file_name=file, sha256=sha, rows_read=found.rows, rows_kept=len(found.table),
        import_id=hashlib.sha256(f"{sha}{layer}{found.table['kind'].iloc[0]}".encode()).hexdigest()[:16],
        notes=[n.to_dict() for n in found.notes], source=file, simulated=simulated,
    )  # fmt: skip
    lake.upsert({"shapes": found.table.assign(simulated=simulated)}, record=record)
    return record.import_id


def layers(lake: Lake) -> list[OwnLayer]:
    """Return the stored layers by name."""
    rows = lake.query(
        "SELECT import_id, any_value(layer) AS layer, any_value(kind) AS kind, count(*) AS count, "
        "any_value(source) AS source, bool_or(coalesce(simulated, false)) AS simulated "
        "FROM lake.shapes GROUP BY import_id ORDER BY layer, import_id"
    )
    return [
        OwnLayer(str(r["import_id"]), str(r["layer"]), str(r["kind"]), int(r["count"]), str(r["source"] or ""),
                 bool(r["simulated"]))
        for r in rows.to_dict("records")
    ]  # fmt: skip


def shapes(lake: Lake, import_id: str, bounds: Bounds) -> gpd.GeoDataFrame:
    """Return a layer's shapes inside bounds (west, south, east, north), thinned to what a screen shows."""
    rows = lake.read("shapes", "import_id = ?", [import_id])
    geometry = gpd.GeoSeries.from_wkb(rows["geometry"].map(bytes), crs=4326)
    table = gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=geometry, crs=4326)
    inside = table[table.geometry.intersects(shapely.box(*bounds))].copy()
    plain = (inside.geometry.geom_type == "Point").all()
    if not plain and len(inside):
        inside["geometry"] = thin(inside.geometry, bounds)
    return inside[~inside.geometry.is_empty].reset_index(drop=True)


def thin(series: gpd.GeoSeries, bounds: Bounds) -> gpd.GeoSeries:
    """Cut shapes to bounds and drop vertices a screen cannot show, coarser where there are very many."""
    valid = series.where(series.is_valid, series.make_valid())
    cut = valid.clip_by_rect(*bounds)
    step = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 4000
    found = cut.simplify(step, preserve_topology=False)
    while int(found.count_coordinates().sum()) > MOST_VERTICES and step < 1:
        step *= 2
        found = cut.simplify(step, preserve_topology=False)
    return found


def during(table: gpd.GeoDataFrame, first: Any, last: Any) -> gpd.GeoDataFrame:
    """Return the shapes of some time (Bangkok days, both inside) and those without any time."""
    local = pd.to_datetime(table["time"], utc=True).dt.tz_convert("Asia/Bangkok")
    start, end = pd.Timestamp(first, tz="Asia/Bangkok"), pd.Timestamp(last, tz="Asia/Bangkok") + pd.Timedelta(days=1)
    return table[table["time"].isna() | ((local >= start) & (local < end))]
