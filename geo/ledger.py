"""Short notes kept beside the lake, outside its snapshots: which snapshots results cite, and what upkeep has done.

Writing such a note must neither make a snapshot nor wait for a writer. So with a local catalogue they are lines of a
file beside it (``catalog.sqlite.cited.jsonl``), which the system adds whole; with PostgreSQL, rows of a table of
their own in the catalogue's database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from geo import engine

if TYPE_CHECKING:
    from geo.lake import Lake

CITED, UPKEEP = "cited", "upkeep"
KINDS = (CITED, UPKEEP)

_LAKE = "__ducklake_metadata_lake"
_TABLE = "town_ledger"


def file(where: engine.Place, kind: str) -> Path:
    """Return the file of a local catalogue's notes."""
    return where.path.with_name(f"{where.path.name}.{kind}.jsonl")


def add(where: engine.Place, con: duckdb.DuckDBPyConnection, kind: str, entry: Mapping[str, Any]) -> None:
    """Write a note down.

    Raises
    ------
    OSError, duckdb.Error
        Where it can't be written.
    """
    body = json.dumps({"noted": datetime.now(UTC).isoformat(timespec="seconds"), **entry}, ensure_ascii=False)
    if where.local:
        with file(where, kind).open("a", encoding="utf-8") as stream:
            stream.write(body + "\n")
        return
    # By PostgreSQL's own words: DuckDB remembers which tables there are, and another process may have made this one.
    engine.server_execute(con, _LAKE, f"CREATE TABLE IF NOT EXISTS {_TABLE} (kind TEXT, body TEXT)")
    engine.server_execute(con, _LAKE, f"INSERT INTO {_TABLE} VALUES ({engine.quoted(kind)}, {engine.quoted(body)})")


def entries(where: engine.Place, con: duckdb.DuckDBPyConnection, kind: str) -> list[dict[str, Any]]:
    """Return the notes of a kind, oldest first; one that was cut by a crash is passed over."""
    if where.local:
        try:
            lines = file(where, kind).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
    else:
        if not engine.server_has(con, _LAKE, _TABLE):
            return []
        lines = engine.server_query(con, _LAKE, f"SELECT body FROM {_TABLE} WHERE kind = {engine.quoted(kind)}")
    found = []
    for line in lines:
        try:
            found.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            continue
    return sorted(found, key=lambda entry: str(entry.get("noted", "")))


def cite(lake: Lake, snapshot: int, by: str) -> None:
    """Keep a snapshot from being forgotten, because a result names it; where nothing can be written, do nothing."""
    if lake.read_only:
        return
    try:
        with lake._con.cursor() as con:
            if all(entry.get("snapshot") != snapshot for entry in entries(lake.where, con, CITED)):
                add(lake.where, con, CITED, {"snapshot": snapshot, "by": by[:200]})
    except (OSError, duckdb.Error):
        return  # a result is not refused because its snapshot may be forgotten half a year later


def upkeep(lake: Lake) -> list[dict[str, Any]]:
    """Return what housekeeping has done, newest first: `noted`, and `said` (a `language.Note` as dict)."""
    try:
        with lake._con.cursor() as con:
            return entries(lake.where, con, UPKEEP)[::-1]
    except (OSError, duckdb.Error):
        return []
