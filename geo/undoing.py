"""Taking an import back, whatever has come since.

1. Every row that the import wrote, and nobody has replaced since, goes.
2. What it had replaced returns: the newest earlier version of the row whose import still stands, found by going back
   through the snapshots in which the import, or another one that was taken back before, had written.
3. Flags that its readings had cast on the readings of others are lifted.
4. A station that came along with the readings stays where another import has readings of it; a workspace loses only
   the codes whose boundaries are gone. Nothing that came later is lost.

All functions work inside the caller's transaction on the attached ``lake``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from geo.merging import rejoin_dangling
from geo.schema import TABLES

_AROUND = "INTERVAL 31 DAY"
"""So far around its own hours an import may have cast flags (`geo.checking`)."""

# Readings first: what is left of them decides which stations stay.
_OWNED = ("observations", *(n for n, t in TABLES.items() if "import_id" in t.columns
                            and n not in ("imports", "observations")))  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What taking an import back does.

    Attributes
    ----------
    gone : mapping
        Rows per table that go.
    back : mapping
        Of them, rows that an earlier import's version replaces.
    homeless : int
        Stations that lose their place although another import has readings of them.
    """

    gone: Mapping[str, int] = field(default_factory=dict)
    back: Mapping[str, int] = field(default_factory=dict)
    homeless: int = 0


def take_back(con: duckdb.DuckDBPyConnection, import_id: str) -> None:
    """Take an import back."""
    _prepare(con, import_id)
    kind = con.execute("SELECT kind FROM lake.imports WHERE import_id = ?", [import_id]).fetchone()
    _lift_flags(con, import_id)
    for name in _OWNED:
        if not _removed(con, name, import_id):
            continue
        con.execute(f"DELETE FROM lake.{name} WHERE import_id = ?", [import_id])
        _earlier(con, name, store=True)
        if name == "stations" and kind is not None and kind[0] != "stations":
            _keep_stations(con)
        if name == "boundaries":
            _forget_codes(con)
    con.execute("DELETE FROM lake.imports WHERE import_id = ?", [import_id])
    rejoin_dangling(con)


def effect(con: duckdb.DuckDBPyConnection, import_id: str) -> Effect:
    """Return what taking an import back would do; nothing is changed."""
    _prepare(con, import_id)
    gone, back = {}, {}
    for name in _OWNED:
        rows = _removed(con, name, import_id)
        if rows:
            gone[name] = rows
            found = _earlier(con, name, store=False)
            back.update({name: found} if found else {})
    homeless = 0
    kind = con.execute("SELECT kind FROM lake.imports WHERE import_id = ?", [import_id]).fetchone()
    if kind is not None and kind[0] == "stations" and "stations" in gone:
        _removed(con, "stations", import_id)
        homeless = _count(
            con,
            "SELECT count(DISTINCT station_id) FROM lake.observations "
            "WHERE station_id IN (SELECT station_id FROM removed) AND import_id IN (SELECT import_id FROM standing)",
        ) - back.get("stations", 0)
    return Effect(gone, back, max(homeless, 0))


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0] or 0) if row else 0


def _prepare(con: duckdb.DuckDBPyConnection, import_id: str) -> None:
    """Note which imports stand, and in which snapshots others had written, newest first."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE standing AS SELECT import_id FROM lake.imports WHERE import_id <> ?", [import_id]
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE tried AS SELECT snapshot_id, commit_extra_info AS import_id "
        "FROM ducklake_snapshots('lake') WHERE coalesce(commit_extra_info, '') <> '' "
        "AND commit_extra_info NOT IN (SELECT import_id FROM standing) "
        # What was there before can't be looked at where housekeeping has forgotten it.
        "AND snapshot_id - 1 IN (SELECT snapshot_id FROM ducklake_snapshots('lake'))"
    )


def _removed(con: duckdb.DuckDBPyConnection, name: str, import_id: str) -> int:
    """Put the rows that go into ``removed`` and their keys into ``missing``; return how many."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE removed AS SELECT * FROM lake.{name} WHERE import_id = ?", [import_id])
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE missing AS SELECT {', '.join(TABLES[name].key)} FROM removed"
    )
    return _count(con, "SELECT count(*) FROM missing")


def _earlier(con: duckdb.DuckDBPyConnection, name: str, *, store: bool) -> int:
    """Find the newest earlier version of each missing row whose import stands; return how many (and store them).

    Such a version was followed by one of an import that doesn't stand, so it is what the table held just before
    one of the snapshots in ``tried``. A key that the table did not hold at all then had no standing version.
    """
    began = _count(con, "SELECT max(begin_snapshot) FROM __ducklake_metadata_lake.ducklake_table "
                        f"WHERE table_name = '{name}'")  # fmt: skip
    keys = ", ".join(TABLES[name].key)
    snapshots = con.execute("SELECT snapshot_id FROM tried ORDER BY snapshot_id DESC").fetchall()
    found = 0
    for (snapshot,) in snapshots:
        if snapshot - 1 < max(began, 1) or not _count(con, "SELECT count(*) FROM missing"):
            break
        span = _span(con) if name == "observations" else ""
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE was AS SELECT * FROM lake.{name} AT (VERSION => {snapshot - 1}) "
            f"WHERE ({keys}) IN (SELECT ({keys}) FROM missing){span}"
        )
        stands = "FROM was WHERE import_id IN (SELECT import_id FROM standing)"
        found += _count(con, f"SELECT count(*) {stands}")
        if store:
            con.execute(f"INSERT INTO lake.{name} SELECT * {stands}")
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE missing AS SELECT {keys} FROM was "
            "WHERE import_id IS NOT NULL AND import_id NOT IN (SELECT import_id FROM standing)"
        )
    return found


def _span(con: duckdb.DuckDBPyConnection, more: str = "INTERVAL 0 DAY") -> str:
    """Return a condition on time that lets whole files be passed over."""
    first, last = con.execute(
        f"SELECT (min(time) - {more})::VARCHAR, (max(time) + {more})::VARCHAR FROM missing"
    ).fetchone() or (None, None)
    if first is None:
        return " AND false"
    return f" AND time BETWEEN TIMESTAMPTZ '{first}' AND TIMESTAMPTZ '{last}'"


def _lift_flags(con: duckdb.DuckDBPyConnection, import_id: str) -> None:
    """Give back the flag that readings of other imports had before this one's readings cast theirs on them."""
    if not _removed(con, "observations", import_id):
        return
    span = _span(con, _AROUND)
    key = TABLES["observations"].key
    columns = f"{', '.join(key)}, value, flag, import_id"
    on = " AND ".join(f"a.{c} = b.{c}" for c in key)
    quoted = "'" + import_id.replace("'", "''") + "'"
    for (snapshot,) in con.execute(
        "SELECT snapshot_id FROM tried WHERE import_id = ? ORDER BY snapshot_id DESC", [import_id]
    ).fetchall():
        at = f"SELECT {columns} FROM lake.observations AT (VERSION => {{}}) WHERE import_id <> {quoted}{span}"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE cast_flags AS SELECT {', '.join(f'a.{c}' for c in key)}, a.flag AS flag, "
            f"b.flag AS cast_flag FROM ({at.format(snapshot - 1)}) AS a JOIN ({at.format(snapshot)}) AS b ON {on} "
            "AND a.import_id = b.import_id AND a.value = b.value WHERE a.flag IS DISTINCT FROM b.flag"
        )
        if _count(con, "SELECT count(*) FROM cast_flags"):
            con.execute(
                "UPDATE lake.observations SET flag = c.flag FROM cast_flags AS c WHERE "
                + " AND ".join(f"lake.observations.{c} = c.{c}" for c in key)
                + " AND lake.observations.flag IS NOT DISTINCT FROM c.cast_flag"
            )


def _keep_stations(con: duckdb.DuckDBPyConnection) -> None:
    """Put stations back that other imports have readings of; they belong to one of these from now on."""
    con.execute(
        "INSERT INTO lake.stations SELECT r.* REPLACE (o.import_id AS import_id) FROM removed AS r JOIN ("
        "SELECT station_id, min(import_id) AS import_id FROM lake.observations "
        "WHERE station_id IN (SELECT station_id FROM removed) AND import_id IN (SELECT import_id FROM standing) "
        "GROUP BY station_id) AS o ON o.station_id = r.station_id "
        "WHERE r.station_id NOT IN (SELECT station_id FROM lake.stations)"
    )


def _forget_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Take the codes of boundaries that are gone out of the workspaces that stay."""
    gone = {
        code
        for (code,) in con.execute(
            "SELECT code FROM removed WHERE code NOT IN (SELECT code FROM lake.boundaries)"
        ).fetchall()
    }
    for workspace, text in con.execute("SELECT workspace_id, boundary_codes FROM lake.workspaces").fetchall():
        codes = json.loads(text)
        if gone & set(codes):
            left = json.dumps([code for code in codes if code not in gone], ensure_ascii=False)
            con.execute(
                "UPDATE lake.workspaces SET boundary_codes = ? WHERE workspace_id = ?", [left, workspace]
            )
