"""Keeps the store small and quick by itself: many small files become few, unused ones go after a day.

1. Rows that DuckLake keeps in the catalogue (small writes) are put into Parquet files.
2. Neighbouring small files are merged; every snapshot still reads the same rows.
3. Files that no snapshot needs, and files of writers that were killed, are deleted after a day, so that a
   reader who still has one open is not disturbed.

Deliberately left out: forgetting old snapshots. Results cite them, and they cost little.
"""

from __future__ import annotations

import logging

import duckdb

EVERY = 16
"""Looks at the number of files every so many snapshots."""

MANY = 48
"""So many files of readings are merged."""

_LOG = logging.getLogger(__name__)
_STEPS = (
    "CALL ducklake_flush_inlined_data('lake')",
    "CALL ducklake_merge_adjacent_files('lake')",
    "CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL '{age}')",
    "CALL ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL '{age}')",
)


def due(con: duckdb.DuckDBPyConnection, snapshot: int) -> bool:
    """Whether there are many small files; looked at every `EVERY` snapshots only."""
    if snapshot % EVERY:
        return False
    return len(con.execute("FROM ducklake_list_files('lake', 'observations')").fetchall()) >= MANY


def tidy(con: duckdb.DuckDBPyConnection, older_than: str = "1 day") -> bool:
    """Tidy up, while no other writer is at work; return whether all went well.

    The rows are safe whatever happens here, so that a failure is logged and the next time tries again.
    """
    for step in _STEPS:
        try:
            con.execute(step.format(age=older_than))
        except duckdb.Error as error:
            _LOG.warning("housekeeping: %s: %s", step, error)
            return False
    _LOG.info("housekeeping: small files were merged")
    return True
