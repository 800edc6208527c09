"""What a watch keeps beside the lake: how each network's last poll went, and the right to poll alone.

With a local catalogue these are two files beside it; the system frees the lock when the process ends, however it
ends. With a PostgreSQL catalogue they lie on the server, where other machines see them: a row a network, and an
advisory lock that the server frees when the connection ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from geo import engine
from geo.locking import file_lock, roll_back
from language import UserError

_TABLE = "town_watch"
_SERVER = "watch"
_TURN = 7_306_212  # any number but the writers', the same in every process of the product


@dataclass(frozen=True)
class Poll:
    """What is known of one network: times as ISO text in UTC, errors as `language.Note` dicts."""

    network: str
    last_try: str
    last_success: str = ""
    newest: str = ""
    rows_added: int = 0
    rows_updated: int = 0
    every_minutes: float = 0.0
    next_try: str = ""
    failures: int = 0
    errors: tuple[dict[str, Any], ...] = ()

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


class Turn(Protocol):
    """The right to poll, while it lasts."""

    def keep(self) -> None:
        """Make sure that nobody else has it by now.

        Raises
        ------
        UserError
            Where somebody has.
        """


class State(Protocol):
    """Where a watch keeps what it knows."""

    def read(self) -> dict[str, Poll]:
        """Return the last poll of each network; what a crash cut is left out, the next poll writes it anew."""

    def write(self, poll: Poll) -> None:
        """Keep the last poll of its network."""

    def running(self) -> bool:
        """Whether a watch runs on this data store."""

    def alone(self) -> Any:
        """Hold the right to poll while a block runs; it gets a `Turn`."""


def of(where: engine.Place) -> State:
    """Return the state of a data store."""
    return Files(where) if where.local else Server(where)


def _taken() -> UserError:
    return UserError("Another watch runs on this data store already; two would fetch everything twice.")


def _polls(rows: list[Any]) -> dict[str, Poll]:
    try:
        polls = [Poll(**{**row, "errors": tuple(row["errors"])}) for row in rows]
    except (KeyError, TypeError):
        return {}  # of an older version
    return {poll.network: poll for poll in polls}


class Files:
    """Beside a local catalogue: ``catalog.sqlite.watch.json`` and ``….lock``."""

    def __init__(self, where: engine.Place) -> None:
        self.file = Path(where.catalog + ".watch.json")
        self.lock = self.file.with_suffix(".lock")

    def read(self) -> dict[str, Poll]:
        """Return the last poll of each network."""
        try:
            return _polls(json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def write(self, poll: Poll) -> None:
        """Keep the last poll of its network."""
        polls = {**self.read(), poll.network: poll}
        partial = self.file.with_suffix(".part")
        try:
            partial.write_text("[" + ",\n".join(p.text() for p in polls.values()) + "]", "utf-8")
            partial.replace(self.file)
        except OSError as error:
            raise UserError(
                "The state of the watch cannot be written to {file} ({detail}).",
                file=str(self.file), detail=error.strerror or str(error),
            ) from error  # fmt: skip

    def running(self) -> bool:
        """Whether a watch holds the lock."""
        if not self.lock.exists():
            return False
        try:
            with file_lock(self.lock, wait=0.0):
                return False
        except UserError:
            return True

    @contextmanager
    def alone(self) -> Iterator[Turn]:
        """Hold the lock while the block runs."""
        try:
            turn = file_lock(self.lock, wait=0.0)
            turn.__enter__()
        except UserError as error:
            raise _taken() from error
        try:
            yield _Kept()
        finally:
            turn.__exit__(None, None, None)


class _Kept:
    """A turn that the system keeps."""

    def keep(self) -> None:
        """Do nothing: a file's lock is lost with the process alone."""


class Server:
    """On a PostgreSQL server: rows of a table of their own, and an advisory lock."""

    def __init__(self, where: engine.Place) -> None:
        self.where = where

    def read(self) -> dict[str, Poll]:
        """Return the last poll of each network; nothing where the server does not answer."""
        try:
            with connected(self.where) as con:
                if not engine.server_has(con, _SERVER, _TABLE):
                    return {}
                return _polls([json.loads(body) for body in _ask(con, f"SELECT body FROM {_TABLE} ORDER BY network")])
        except (duckdb.Error, UserError, ValueError):
            return {}

    def write(self, poll: Poll) -> None:
        """Keep the last poll of its network."""
        values = f"({engine.quoted(poll.network)}, {engine.quoted(poll.text())})"
        try:
            with connected(self.where) as con:
                _tell(con, f"CREATE TABLE IF NOT EXISTS {_TABLE} (network TEXT PRIMARY KEY, body TEXT)")
                _tell(con, f"INSERT INTO {_TABLE} VALUES {values} "
                           "ON CONFLICT (network) DO UPDATE SET body = excluded.body")  # fmt: skip
        except duckdb.Error as error:
            raise engine.explain(error, self.where) from error

    def running(self) -> bool:
        """Whether a watch holds the lock, on whatever machine."""
        held = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            f"AND classid = 0 AND objid = {_TURN} "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        try:
            with connected(self.where) as con:
                return _ask(con, held) != ["0"]
        except (duckdb.Error, UserError):
            return False

    @contextmanager
    def alone(self) -> Iterator[Turn]:
        """Hold the advisory lock while the block runs."""
        turn = _ServerTurn(self.where)
        turn.keep()
        try:
            yield turn
        finally:
            turn.end()


class _ServerTurn:
    """An advisory lock of a transaction that stays open.

    The connections that DuckDB keeps forget a session's locks between two statements, so the lock is the
    transaction's; "read committed", so that the server may go on tidying up behind a transaction of weeks.
    """

    def __init__(self, where: engine.Place) -> None:
        self.where = where
        self._con: duckdb.DuckDBPyConnection | None = None

    def keep(self) -> None:
        """Take the lock, or take it again where the connection was lost; raise `UserError` where another has it."""
        if self._con is not None:
            try:
                _tell(self._con, "SELECT 1")
                return
            except duckdb.Error:
                self.end()
        self._con = _connect(self.where)
        try:
            self._con.execute("BEGIN")
            _tell(self._con, "SET LOCAL idle_in_transaction_session_timeout = 0")
            mine = _ask(self._con, f"SELECT pg_try_advisory_xact_lock({_TURN})::text") == ["true"]
        except duckdb.Error as error:
            self.end()
            raise engine.explain(error, self.where) from error
        if not mine:
            self.end()
            raise _taken()

    def end(self) -> None:
        """Give the lock up."""
        con, self._con = self._con, None
        if con is not None:
            roll_back(con)  # first: DuckDB ends the whole process over an open transaction of a lost connection
            con.close()


@contextmanager
def connected(where: engine.Place) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection to the server for a block."""
    con = _connect(where)
    try:
        yield con
    finally:
        con.close()


def _connect(where: engine.Place) -> duckdb.DuckDBPyConnection:
    con = engine.connected("postgres_scanner")
    address = engine.quoted(where.catalog.removeprefix("postgres:"))
    try:
        con.execute(f"ATTACH {address} AS {_SERVER} (TYPE postgres, ISOLATION_LEVEL 'READ COMMITTED')")
    except duckdb.Error as error:
        con.close()
        raise engine.no_answer(error) from error
    return con


def _ask(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return engine.server_query(con, _SERVER, sql)


def _tell(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    engine.server_execute(con, _SERVER, sql)
