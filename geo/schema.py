"""The tables of the lake: columns, types, natural keys, and the record of an import.

What is not a column here is not stored; that is how names and telephone numbers of people stay out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

KINDS = ("stations", "observations", "factories", "boundaries", "receptors", "reports", "population")
"""What can be imported."""

VARIABLES = ("pm25", "pm10", "wind_speed", "wind_dir", "rh", "temp")
"""Measured things: µg/m³, µg/m³, m/s, degrees the wind comes from, %, °C."""

LEVELS = ("subarea", "municipality", "tambon", "district", "province")
"""Boundary levels, finest first."""

STATION_KINDS = ("reference", "lowcost", "unknown")
RECEPTOR_KINDS = ("school", "childcare", "hospital", "health_centre", "elderly_home", "other")
REPORT_KINDS = ("smoke", "dust", "smell", "burning", "praise", "idea")
"""What people say in a meeting; the first four are complaints."""

COMPLAINTS = REPORT_KINDS[:4]
SHAPE_KINDS = ("fires", "roads", "other")
"""What a layer of one's own can be: it decides how the layer is drawn."""


@dataclass(frozen=True)
class Table:
    """One table: its columns with DuckDB types, and the columns that tell one row from another."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    order: tuple[str, ...] = ()


def _table(key: str, columns: str, order: str = "") -> Table:
    pairs = (line.split(maxsplit=1) for line in columns.split(","))
    return Table({name: kind.strip() for name, kind in pairs}, tuple(key.split()), tuple(order.split()))


TABLES: Mapping[str, Table] = {
    "stations": _table(
        "station_id",
        "station_id VARCHAR, name_th VARCHAR, name_en VARCHAR, kind VARCHAR, network VARCHAR, lat DOUBLE,"
        "lon DOUBLE, elevation_m DOUBLE, error_sd DOUBLE, source VARCHAR, licence VARCHAR,"
        "simulated BOOLEAN, import_id VARCHAR",
    ),
    "observations": _table(
        "station_id variable time period_hours",
        "station_id VARCHAR, variable VARCHAR, time TIMESTAMPTZ, period_hours SMALLINT, value DOUBLE,"
        "flag VARCHAR, import_id VARCHAR",
        # A station's series lies together; time spans are found by each file's first and last time.
        order="variable station_id time",
    ),
    "factories": _table(
        "factory_id",
        "factory_id VARCHAR, reg_no VARCHAR, name_th VARCHAR, type_code VARCHAR, type_no INTEGER,"
        "type_sub INTEGER, factory_class INTEGER, activity VARCHAR, hp DOUBLE, workers INTEGER,"
        "capital_baht DOUBLE, status VARCHAR, address VARCHAR, lat DOUBLE, lon DOUBLE,"
        "boundary_code VARCHAR, coordinate_note VARCHAR, source VARCHAR, licence VARCHAR,"
        "simulated BOOLEAN, import_id VARCHAR",
    ),
    "receptors": _table(
        "receptor_id",
        "receptor_id VARCHAR, name_th VARCHAR, name_en VARCHAR, kind VARCHAR, people INTEGER, lat DOUBLE,"
        "lon DOUBLE, source VARCHAR, licence VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    "boundaries": _table(
        "code",
        "code VARCHAR, name_th VARCHAR, name_en VARCHAR, level VARCHAR, parent_code VARCHAR,"
        "population BIGINT, population_source VARCHAR, area_km2 DOUBLE, approximate BOOLEAN,"
        "geometry BLOB, source VARCHAR, licence VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    # Who lives where: an area (by its code or name), or a cell of a raster (by its place).
    "population": _table(
        "place_id",
        "place_id VARCHAR, code VARCHAR, lat DOUBLE, lon DOUBLE, people DOUBLE, children DOUBLE, elderly DOUBLE,"
        "year INTEGER, source VARCHAR, licence VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    # What people say in a meeting: no names, no addresses; `boundary_code` is found from the point.
    "reports": _table(
        "report_id",
        "report_id VARCHAR, meeting_id VARCHAR, meeting_date VARCHAR, place VARCHAR, kind VARCHAR, votes INTEGER,"
        "lat DOUBLE, lon DOUBLE, boundary_code VARCHAR, note VARCHAR, source VARCHAR, licence VARCHAR,"
        "simulated BOOLEAN, import_id VARCHAR",
    ),
    # People's own map layers: roads, fire points, anything with a place; `layer` is its name, `value` e.g. fire power.
    "shapes": _table(
        "shape_id",
        "shape_id VARCHAR, layer VARCHAR, kind VARCHAR, label VARCHAR, time TIMESTAMPTZ, value DOUBLE,"
        "geometry BLOB, source VARCHAR, licence VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    # When an officer last saw a factory from inside: filled in by the provincial office.
    "visits": _table(
        "visit_id",
        "visit_id VARCHAR, factory_id VARCHAR, visited_on VARCHAR, note VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    # The log of what people put right about stations (geo/edits.py); entries are added, never changed.
    "edits": _table(
        "edit_id",
        "edit_id VARCHAR, station_id VARCHAR, action VARCHAR, before VARCHAR, after VARCHAR, undoes VARCHAR,"
        "reason VARCHAR, author VARCHAR, edited_at TIMESTAMPTZ, simulated BOOLEAN, import_id VARCHAR",
    ),
    # Named filters of the factory table; `body` is a query string.
    "screens": _table("screen_id", "screen_id VARCHAR, name VARCHAR, body VARCHAR, import_id VARCHAR"),
    # What people keep in versions beside a plan: a self-assessment, a project that is followed up; `body` is JSON.
    "documents": _table(
        "record_id",
        "record_id VARCHAR, document_id VARCHAR, kind VARCHAR, workspace_id VARCHAR, name VARCHAR, author VARCHAR,"
        "saved_at TIMESTAMPTZ, snapshot BIGINT, body VARCHAR, simulated BOOLEAN, import_id VARCHAR",
    ),
    "workspaces": _table(
        "workspace_id",
        "workspace_id VARCHAR, name_th VARCHAR, name_en VARCHAR, boundary_codes VARCHAR, simulated BOOLEAN,"
        "created_at TIMESTAMPTZ, import_id VARCHAR",
    ),
    "imports": _table(
        "import_id",
        "import_id VARCHAR, kind VARCHAR, file_name VARCHAR, sha256 VARCHAR, imported_at TIMESTAMPTZ,"
        "rows_read BIGINT, rows_kept BIGINT, dropped VARCHAR, mapping VARCHAR, notes VARCHAR,"
        "source VARCHAR, licence VARCHAR, simulated BOOLEAN",
    ),
    "plans": _table(
        "plan_id version",
        "plan_id VARCHAR, version INTEGER, workspace_id VARCHAR, name VARCHAR, author VARCHAR,"
        "saved_at TIMESTAMPTZ, snapshot BIGINT, body VARCHAR, import_id VARCHAR",
    ),
}

_DTYPES: Mapping[str, Any] = {
    "VARCHAR": "string",
    "DOUBLE": "float64",
    "SMALLINT": "Int16",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "BOOLEAN": "boolean",
}


@dataclass(frozen=True)
class ImportRecord:
    """Where rows come from: one row of ``imports``; `import_id` is put on every row written with it.

    Attributes
    ----------
    dropped : sequence of mapping
        What was left out: row, column, value, reason (a `language.Note` as dict).
    mapping : mapping
        Our column -> column of the file.
    notes : sequence of mapping
        Automatic decisions, `language.Note.to_dict`.
    """

    kind: str
    file_name: str
    import_id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    sha256: str = ""
    rows_read: int = 0
    rows_kept: int = 0
    dropped: Sequence[Mapping[str, Any]] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[Mapping[str, Any]] = ()
    source: str = ""
    licence: str = ""
    simulated: bool = False
    imported_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def frame(self) -> pd.DataFrame:
        """Return the record as one row of ``imports``."""
        row = {name: getattr(self, name) for name in TABLES["imports"].columns}
        for name in ("dropped", "mapping", "notes"):
            row[name] = json.dumps(row[name], ensure_ascii=False, default=str)
        return conform("imports", pd.DataFrame([row]))


def conform(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with exactly the columns of `table`, in its types; what is missing is null.

    Raises
    ------
    ValueError
        Where `frame` has a column that the table doesn't have, or a row lacks a part of its key:
        both are mistakes of the calling code, not of the user.
    """
    definition = TABLES[table]
    unknown = [name for name in frame.columns if name not in definition.columns]
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(map(str, unknown))}")
    columns: dict[str, pd.Series[Any]] = {}
    for name, kind in definition.columns.items():
        values = frame[name] if name in frame.columns else pd.Series(None, index=frame.index, dtype="object")
        if kind == "TIMESTAMPTZ":
            values = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        elif kind in _DTYPES and str(values.dtype) != "category":
            values = values.astype(_DTYPES[kind])
        columns[name] = values
    result = pd.DataFrame(columns).reset_index(drop=True)
    for name in definition.key:
        if result[name].isna().any():
            raise ValueError(f"{table}: a row without {name}")
    return result
