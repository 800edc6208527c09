"""The lake: one place for stations, readings, factories, receptors, boundaries and plans.

DuckDB with DuckLake. Every write is one transaction, retried while others write; every state has a
snapshot number and can be read again by it. Removing an import brings back the rows it had replaced.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import pandas as pd

from geo import edits, engine, undoing
from geo.engine import patiently
from geo.housekeeping import due, tidy
from geo.locking import Journal, advisory_lock, file_lock, roll_back
from geo.merging import joined, merge, owned, placed, rejoin, rejoin_dangling, with_shapes
from geo.schema import TABLES, ImportRecord, conform
from language import UserError

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (WGS84)."""


@dataclass(frozen=True)
class Change:
    """What a write did: the snapshot it made (or found), and rows per table."""

    snapshot: int
    added: Mapping[str, int] = field(default_factory=dict)
    updated: Mapping[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether every row had been there already, with the same values."""
        return not any(self.added.values()) and not any(self.updated.values())


class Lake:
    """An open lake; use `Lake.open`. May be shared between the threads of a process. `written` counts its writes."""

    def __init__(self, con: duckdb.DuckDBPyConnection, where: engine.Place, read_only: bool) -> None:
        self._con = con
        self.where = where
        self.read_only = read_only
        self._writing = threading.RLock()
        self.written = 0
        self._journal = False

    @classmethod
    def open(cls, catalog: str | Path | None = None, data: str | Path | None = None) -> Lake:
        """Open the lake, creating its tables where it is new.

        Parameters
        ----------
        catalog : path of an SQLite file or ``postgres:...``, default LAKE_CATALOG
        data : folder or ``s3://...``, default LAKE_DATA

        Raises
        ------
        UserError
            Where it cannot be created, read or reached.
        """
        where = engine.place(catalog, data)
        con, read_only = patiently(lambda: engine.attach(where), where)
        lake = cls(con, where, read_only)
        if not lake._has_tables():
            if read_only:
                raise engine.damaged(where.catalog, "no tables")
            lake._transaction(engine.create_tables, "create")
        if where.local and not read_only:
            Journal.keep(where.path, lake.snapshot)
            lake._journal = True
        return lake

    def _has_tables(self) -> bool:
        sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake'"
        return set(TABLES) <= {row[0] for row in self._fetch(sql)}

    def close(self) -> None:
        """Close the connection."""
        if self._journal:
            self._journal = False
            Journal.leave(self.where.path)
            with suppress(UserError):  # the last one out writes the journal back into the catalogue
                self.snapshot()
        self._con.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Reading

    def query(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """Run a SELECT; tables are named ``lake.stations`` and so on, times come as UTC."""

        def run(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
            with con.cursor() as cursor:
                frame: pd.DataFrame = cursor.execute(sql, list(params)).to_arrow_table().to_pandas()
                return frame

        try:
            return patiently(lambda: run(self._con), self.where)
        except UserError as error:
            if not engine.needs_copy(error, self.where):
                raise
        con, _ = engine.attach(self.where, read_only=True)
        with con:
            return patiently(lambda: run(con), self.where)

    def batches(self, sql: str, rows: int = 200_000) -> Iterator[pd.DataFrame]:
        """Yield the result of a SELECT piece by piece."""
        with self._con.cursor() as cursor:
            for batch in cursor.execute(sql).to_arrow_reader(rows):
                yield batch.to_pandas()

    def _fetch(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        def run() -> list[tuple[Any, ...]]:
            with self._con.cursor() as cursor:
                return cursor.execute(sql, list(params)).fetchall()

        return patiently(run, self.where)

    def snapshot(self) -> int:
        """Return the newest snapshot's number."""
        return int(self._fetch("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")[0][0])

    def is_empty(self) -> bool:
        """Whether no data (stations, factories, receptors, boundaries) are stored."""
        tables = ("stations", "observations", "factories", "receptors", "boundaries")
        return not any(self.count(table) for table in tables)

    def count(self, table: str, where: str = "", params: Sequence[Any] = ()) -> int:
        """Return the number of rows of `table`."""
        return int(self._fetch(f"SELECT count(*) FROM {self._at(table)}{_where(where)}", params)[0][0])

    def _at(self, table: str, snapshot: int | None = None) -> str:
        if table not in TABLES:
            raise ValueError(f"no table {table}")
        return f"lake.{table}" + ("" if snapshot is None else f" AT (VERSION => {int(snapshot)})")

    def read(
        self, table: str, where: str = "", params: Sequence[Any] = (), *, snapshot: int | None = None
    ) -> pd.DataFrame:
        """Return rows of a table.

        Parameters
        ----------
        table : str
            A name of `geo.schema.TABLES`.
        where : str
            SQL condition with ``?`` for each of `params`.
        snapshot : int, optional
            Read the state of that snapshot instead of the newest.

        Raises
        ------
        UserError
            Where the snapshot doesn't exist (any more).
        """
        if snapshot is not None:
            self._check_snapshot(snapshot)
            if snapshot < self._began(table):
                return self.read(table, "false")
        order = ", ".join(TABLES[table].key) if table != "observations" else ""
        return self.query(
            f"SELECT * FROM {self._at(table, snapshot)}{_where(where)}" + (f" ORDER BY {order}" * bool(order)),
            params,
        )

    def _check_snapshot(self, snapshot: int) -> None:
        known = "SELECT count(*) FROM ducklake_snapshots('lake') WHERE snapshot_id = ? AND schema_version > 0"
        if not self._fetch(known, [snapshot])[0][0]:
            raise UserError(
                "The data store has no snapshot {snapshot} (any more); the newest is {newest}.",
                snapshot=snapshot,
                newest=self.snapshot(),
            )

    def _began(self, table: str) -> int:
        """Return the snapshot that made a table: an older store has not had all of them from its beginning."""
        sql = "SELECT max(begin_snapshot) FROM __ducklake_metadata_lake.ducklake_table WHERE table_name = ?"
        return int(self._fetch(sql, [table])[0][0] or 0)

    def _points(self, table: str, bounds: Bounds | None, snapshot: int | None, more: str = "") -> gpd.GeoDataFrame:
        params = list(bounds or ())
        where = f"lon >= ? AND lat >= ? AND lon <= ? AND lat <= ? {more}" if params else ""
        return placed(self.read(table, where, params, snapshot=snapshot))

    def stations(
        self, bounds: Bounds | None = None, *, hidden: bool = False, snapshot: int | None = None
    ) -> gpd.GeoDataFrame:
        """Return stations (within `bounds`) as people have edited them (`geo.edits`), EPSG:4326.

        Parameters
        ----------
        hidden : bool
            Also return hidden stations, with the column ``hidden``.
        """
        found = edits.overlay(self.read("stations", snapshot=snapshot), self.read("edits", snapshot=snapshot))
        if not hidden:
            found = found[~found["hidden"]].drop(columns="hidden").reset_index(drop=True)
        if bounds is not None:
            inside = found["lon"].between(bounds[0], bounds[2]) & found["lat"].between(bounds[1], bounds[3])
            found = found[inside].reset_index(drop=True)
        return placed(found)

    def factories(self, bounds: Bounds | None = None, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
        """Return factories (within `bounds`), EPSG:4326; one without a place has an empty point."""
        return self._points("factories", bounds, snapshot)

    def receptors(self, bounds: Bounds | None = None, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
        """Return schools, health centres and the like (within `bounds`), EPSG:4326."""
        return self._points("receptors", bounds, snapshot)

    def population(self, bounds: Bounds | None = None, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
        """Return who lives where: cells (within `bounds`) and all areas, which have an empty point; EPSG:4326."""
        return self._points("population", bounds, snapshot, "OR lon IS NULL")

    def reports(self, bounds: Bounds | None = None, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
        """Return what people said in meetings (within `bounds`), EPSG:4326; one without a place has an empty point."""
        return self._points("reports", bounds, snapshot)

    def boundaries(
        self,
        level: str | None = None,
        codes: Sequence[str] | None = None,
        *,
        snapshot: int | None = None,
    ) -> gpd.GeoDataFrame:
        """Return boundaries of a level and/or with these codes, EPSG:4326."""
        conditions, params = [], []
        if level is not None:
            conditions.append("level = ?")
            params.append(level)
        if codes is not None:
            conditions.append("code IN (SELECT unnest(?::VARCHAR[]))")
            params.append(list(codes))  # type: ignore[arg-type]
        frame = self.read("boundaries", " AND ".join(conditions), params, snapshot=snapshot)
        return with_shapes(frame)

    def observations(
        self,
        variables: Sequence[str],
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        station_ids: Sequence[str] | None = None,
        flagged: bool = False,
        snapshot: int | None = None,
    ) -> pd.DataFrame:
        """Return readings of `variables`, start inclusive, end exclusive (times with a zone).

        Parameters
        ----------
        flagged : bool
            Also return values that quality control has flagged.

        Returns
        -------
        DataFrame
            The columns of ``observations``; ``time`` in UTC is the beginning of the period; ordered by
            variable, time, station.
        """
        conditions: list[str] = ["variable IN (SELECT unnest(?::VARCHAR[]))"]
        params: list[Any] = [list(variables)]
        if len(variables) == 1:  # an equality lets DuckDB skip whole row groups
            conditions, params = ["variable = ?"], [variables[0]]
        for condition, value in (("time >= ?", start), ("time < ?", end)):
            if value is not None:
                conditions.append(condition)
                params.append(value)
        if station_ids is not None:
            conditions.append("station_id IN (SELECT unnest(?::VARCHAR[]))")
            params.append(list(station_ids))
        if snapshot is not None:
            self._check_snapshot(snapshot)
        columns = edits.columns(self.read("edits", snapshot=snapshot))
        kept = "" if flagged else "WHERE flag IS NULL"
        return self.query(
            f"SELECT * FROM (SELECT {columns} FROM {self._at('observations', snapshot)} "
            f"WHERE {' AND '.join(conditions)}) {kept} ORDER BY variable, time, station_id",
            params,
        )

    def period(self, variable: str) -> tuple[datetime, datetime] | None:
        """Return the times of the first and the last reading of `variable`, None where there is none."""
        row = self.query(
            "SELECT min(time) AS a, max(time) AS b FROM lake.observations WHERE variable = ?", [variable]
        ).iloc[0]
        return None if pd.isna(row["a"]) else (row["a"].to_pydatetime(), row["b"].to_pydatetime())

    def imports(self) -> pd.DataFrame:
        """Return the imports, newest first; dropped, mapping and notes as JSON text."""
        return self.query("SELECT * FROM lake.imports ORDER BY imported_at DESC")

    def workspaces(self, *, snapshot: int | None = None) -> pd.DataFrame:
        """Return the workspaces; ``boundary_codes`` is a JSON list."""
        table = self._at("workspaces", snapshot)
        return self.query(f"SELECT * FROM {table} ORDER BY simulated, created_at, workspace_id")

    def plans(self) -> pd.DataFrame:
        """Return the newest version of every plan, without its body."""
        return self.query(
            "SELECT * EXCLUDE (body) FROM lake.plans "
            "QUALIFY version = max(version) OVER (PARTITION BY plan_id) ORDER BY saved_at DESC"
        )

    def plan(self, plan_id: str, version: int | None = None) -> pd.Series[Any]:
        """Return one saved plan (the newest version unless told); ``body`` is JSON text."""
        where, params = "plan_id = ?", [plan_id]
        if version is not None:
            where, params = "plan_id = ? AND version = ?", [plan_id, version]  # type: ignore[list-item]
        found = self.read("plans", where, params)
        if found.empty:
            raise UserError("There is no saved plan {plan}.", plan=plan_id)
        return found.sort_values("version").iloc[-1]

    # Writing

    def append(self, tables: Mapping[str, pd.DataFrame], *, record: ImportRecord) -> int:
        """Store rows in one transaction and return the snapshot; see `upsert`."""
        return self.upsert(tables, record=record).snapshot

    def upsert(self, tables: Mapping[str, pd.DataFrame], *, record: ImportRecord) -> Change:
        """Store rows in one transaction: new keys are added, changed rows replaced, equal rows left.

        Parameters
        ----------
        tables : mapping
            Table name -> rows. Columns may be left out (null); an unknown column is an error. Factories
            and reports get their ``boundary_code``; the factories within new boundaries are joined again.
        record : ImportRecord
            Its ``import_id`` is put on every row that has none (where only the flag of another import's row
            changes, it stays that import's). Two calls with the same record and rows change nothing the second time.
        """
        frames = {name: conform(name, owned(frame, record.import_id)) for name, frame in tables.items()}
        frames["imports"] = record.frame()
        added: dict[str, int] = {}
        updated: dict[str, int] = {}

        def work(con: duckdb.DuckDBPyConnection) -> bool:
            for place in {"factories", "reports"} & set(frames):
                frames[place] = joined(con, frames[place], frames.get("boundaries"))
            again = con.execute("SELECT 1 FROM lake.imports WHERE import_id = ?", [record.import_id]).fetchone()
            for name, frame in frames.items():
                added[name], updated[name] = merge(con, name, frame, claim=again is None)
            if "boundaries" in frames and added["boundaries"] + updated["boundaries"]:
                rejoin(con, frames["boundaries"])
            return any(added.values()) or any(updated.values())

        snapshot = self._transaction(work, f"{record.kind}: {record.file_name}", record.import_id)
        return Change(snapshot, added, updated)

    def insert_rows(self, tables: Mapping[str, pd.DataFrame], message: str) -> int:
        """Store rows as they are, each with the import it belongs to, in one transaction (to restore a backup)."""
        frames = {name: conform(name, frame) for name, frame in tables.items()}

        def work(con: duckdb.DuckDBPyConnection) -> bool:
            return sum(sum(merge(con, name, frame)) for name, frame in frames.items()) > 0

        return self._transaction(work, message)

    def remove_import(self, import_id: str) -> int:
        """Take an import back in one transaction; rows that it had replaced return. Returns the snapshot.

        Raises
        ------
        UserError
            Where there is no such import.
        """
        found = self.read("imports", "import_id = ?", [import_id])
        if found.empty:
            raise UserError("There is no import {import_id} (any more).", import_id=import_id)

        def work(con: duckdb.DuckDBPyConnection) -> bool:
            undoing.take_back(con, import_id)
            return True

        return self._transaction(work, f"{found['kind'].iloc[0]}: import {import_id} removed")

    def removal(self, import_id: str) -> undoing.Effect:
        """Return what `remove_import` would do; nothing is changed."""

        with self._con.cursor() as con:
            return patiently(lambda: undoing.effect(con, import_id), self.where)

    def remove_simulated(self) -> int:
        """Remove everything simulated (the demo) in one transaction and return the snapshot.

        Plans of the removed workspaces go too: their figures are simulated.
        """

        def work(con: duckdb.DuckDBPyConnection) -> bool:
            for table, condition in (
                ("observations", "import_id IN (SELECT import_id FROM lake.imports WHERE simulated)"),
                ("plans", "workspace_id IN (SELECT workspace_id FROM lake.workspaces WHERE simulated)"),
            ):
                con.execute(f"DELETE FROM lake.{table} WHERE {condition}")
            for table, definition in TABLES.items():
                if "simulated" in definition.columns:
                    con.execute(f"DELETE FROM lake.{table} WHERE simulated")
            rejoin_dangling(con)
            return True

        return self._transaction(work, "remove simulated")

    def save_plan(
        self,
        plan_id: str,
        workspace_id: str,
        name: str,
        body: Mapping[str, Any] | str,
        *,
        author: str = "",
        snapshot: int | None = None,
    ) -> int:
        """Save a plan as its next version and return the version.

        `snapshot` is the one that its figures come from (default: the newest).
        """
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        cited = self.snapshot() if snapshot is None else snapshot
        version = 0

        def work(con: duckdb.DuckDBPyConnection) -> bool:
            nonlocal version
            sql = "SELECT coalesce(max(version), 0) + 1 FROM lake.plans WHERE plan_id = ?"
            row = con.execute(sql, [plan_id]).fetchone()
            version = int(row[0]) if row else 1
            con.execute(
                "INSERT INTO lake.plans VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                [plan_id, version, workspace_id, name, author, datetime.now(UTC), cited, text],
            )
            return True

        self._transaction(work, f"plan {plan_id}")
        return version

    def _transaction(self, work: Callable[[duckdb.DuckDBPyConnection], bool], message: str, extra: str = "") -> int:
        """Run `work` in one transaction; it returns whether there is anything to keep."""
        if self.read_only:
            raise UserError(
                "The data store in {folder} is read-only; nothing was changed. "
                "Ask for the right to write there, or choose another place with LAKE_CATALOG and LAKE_DATA.",
                folder=self.where.data,
            )

        def attempt() -> bool:
            with self._con.cursor() as con:
                con.execute("BEGIN")
                try:
                    keep = work(con)
                    if keep:
                        call = "CALL lake.set_commit_message('', ?, extra_info => ?)"
                        con.execute(call, [message[:200], extra])
                    con.execute("COMMIT" if keep else "ROLLBACK")
                except BaseException:
                    roll_back(con)
                    raise
                return keep

        with self._writing, self._writer_lock():
            patiently(attempt, self.where)
            self.written += 1
            snapshot = self.snapshot()  # still alone: the newest snapshot is ours
            with self._con.cursor() as con:
                if due(con, snapshot):
                    tidy(con, self.where)
            return snapshot

    def tidy_up(self, older_than: str = "1 day") -> bool:
        """Merge small files, delete unused ones of that age (happens by itself too); return whether it went well."""
        with self._writing, self._writer_lock(), self._con.cursor() as con:
            return tidy(con, self.where, older_than)

    def _writer_lock(self) -> AbstractContextManager[None]:
        """One writer at a time, so that two of them can't both add the same key."""
        if self.where.local:
            return file_lock(Path(self.where.catalog + ".lock"))
        return advisory_lock(self._con, self.where.catalog)


def _where(condition: str) -> str:
    return f" WHERE {condition}" if condition else ""
