"""Keeps the store small and quick by itself: many small files become few, unused ones go after a day.

1. Rows that DuckLake keeps in the catalogue (small writes) are put into Parquet files.
2. Neighbouring small files are merged; every snapshot still reads the same rows.
3. Snapshots older than `KEEP_DAYS` are forgotten, except those that may still be asked for (`forgettable`).
4. Files that no snapshot needs, and files of writers that were killed, are deleted after a day, so that a
   reader who still has one open is not disturbed.

What was done is noted beside the catalogue (`geo.ledger`) and shown on the data page.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import duckdb

from geo import engine, ledger
from geo.schema import TABLES
from language import note

EVERY = 16
"""Looks at the number of files every so many snapshots."""

MANY = 48
"""So many files of readings are merged."""

KEEP_DAYS = 180
"""Days for which every snapshot is kept."""

_LOG = logging.getLogger(__name__)
_STEPS = (
    "CALL ducklake_flush_inlined_data('lake')",
    "CALL ducklake_merge_adjacent_files('lake')",
    "CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL '{age}')",
    "CALL ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL '{age}')",
)


def due(con: duckdb.DuckDBPyConnection, snapshot: int) -> bool:
    """Whether there are many small files; looked at every `EVERY` snapshots only."""
    return snapshot % EVERY == 0 and _files(con) >= MANY


def _files(con: duckdb.DuckDBPyConnection) -> int:
    return len(con.execute("FROM ducklake_list_files('lake', 'observations')").fetchall())


def tidy(con: duckdb.DuckDBPyConnection, where: engine.Place, older_than: str = "1 day") -> bool:
    """Tidy up, while no other writer is at work; return whether all went well.

    The rows are safe whatever happens here, so that a failure is logged and the next time tries again.
    """
    said = None
    try:
        before = _files(con)
        gone = forget(con, where)
        for step in _STEPS:
            con.execute(step.format(age=older_than))
        said = note(
            "Files of readings: {before} before, {after} after; old snapshots forgotten: {gone}.",
            before=before, after=_files(con), gone=len(gone),
        )  # fmt: skip
    except (duckdb.Error, OSError) as error:
        _LOG.warning("housekeeping: %s", error)
        said = note("Upkeep was put off ({detail}); it is tried again.", level="warning", detail=type(error).__name__)
    else:
        _LOG.info("housekeeping: %s", said.say("en"))
    try:
        ledger.add(where, con, ledger.UPKEEP, {"said": said.to_dict()})
    except (duckdb.Error, OSError) as error:
        _LOG.warning("housekeeping: %s", error)
    return said.level != "warning"


def forget(con: duckdb.DuckDBPyConnection, where: engine.Place, now: datetime | None = None) -> list[int]:
    """Forget the snapshots that may go, and return them."""
    gone = forgettable(con, where, now)
    if gone:
        con.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{', '.join(map(str, gone))}])")
    return gone


def forgettable(con: duckdb.DuckDBPyConnection, where: engine.Place, now: datetime | None = None) -> list[int]:
    """Return the snapshots that are older than `KEEP_DAYS` and that nobody may still ask for.

    Kept however old: those that a result cites (`ledger.cite`), those that a saved plan or record names, the last of
    each month (Bangkok), the newest, and what an undo of a file's import reads: its own and the one before.
    """
    limit = (now or datetime.now(UTC)) - timedelta(days=KEEP_DAYS)
    rows = con.execute(
        "SELECT snapshot_id, epoch(snapshot_time), strftime(snapshot_time AT TIME ZONE 'Asia/Bangkok', '%Y-%m'), "
        "coalesce(commit_extra_info, '') FROM ducklake_snapshots('lake') ORDER BY snapshot_id"
    ).fetchall()
    kept = {int(entry["snapshot"]) for entry in ledger.entries(where, con, ledger.CITED) if "snapshot" in entry}
    kept |= {int(snapshot) for snapshot in {month: snapshot for snapshot, _, month, _ in rows}.values()}
    for name, table in TABLES.items():
        if "snapshot" in table.columns:
            kept |= {int(n) for (n,) in con.execute(f"SELECT DISTINCT snapshot FROM lake.{name}").fetchall() if n}
    files = con.execute("SELECT import_id FROM lake.imports WHERE coalesce(sha256, '') <> ''").fetchall()
    undone = {import_id for (import_id,) in files}
    for snapshot, _, _, import_id in rows:
        if import_id in undone:
            kept |= {snapshot, snapshot - 1}
    kept |= {0, 1, rows[-1][0]} if rows else set()
    return [snapshot for snapshot, time, _, _ in rows if time < limit.timestamp() and snapshot not in kept]
