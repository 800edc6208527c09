"""DuckDB with DuckLake: where the lake lies, how it is opened, and what its errors mean in words.

The extensions come as wheels of exactly DuckDB's version, so that nothing is downloaded at run time.
"""

from __future__ import annotations

import atexit
import importlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from geo.schema import TABLES
from language import UserError

_T = TypeVar("_T")
DATA = Path(__file__).resolve().parents[1] / "data" / "lake"
_BUSY = (
    "database is locked",
    "transaction conflict",
    "could not serialize",
    "failed to commit ducklake transaction",
    "deadlock detected",
    "unique constraint",  # two new snapshots with one number: the other writer was first
)


@dataclass(frozen=True)
class Place:
    """Where the catalogue and the data files lie: a path or a ``postgres:`` string, a folder or ``s3://``."""

    catalog: str
    data: str

    @property
    def local(self) -> bool:
        """Whether the catalogue is an SQLite file."""
        return not self.catalog.startswith("postgres:")

    @property
    def shown(self) -> str:
        """The catalogue without its password, for messages."""
        return _without_secrets(self.catalog)

    @property
    def path(self) -> Path:
        """The SQLite file of the catalogue."""
        return Path(self.catalog)


def place(catalog: str | Path | None = None, data: str | Path | None = None) -> Place:
    """Return where the lake lies: the arguments, else LAKE_CATALOG and LAKE_DATA, else ``data/lake``.

    With a catalogue of one's own and no data folder, the files lie in ``files`` beside the catalogue.
    """
    chosen = str(catalog or os.environ.get("LAKE_CATALOG") or DATA / "catalog.sqlite")
    postgres = chosen.startswith("postgres:")
    if not postgres:
        chosen = str(Path(chosen).expanduser().absolute())
    beside = DATA / "files" if postgres else Path(chosen).parent / "files"
    files = str(data or os.environ.get("LAKE_DATA") or beside)
    if "://" not in files:
        files = str(Path(files).expanduser().absolute())
    return Place(chosen, files)


_signed: set[Path] = set()
"""The extensions whose signature this process has checked."""


def _file_of(name: str) -> Path | None:
    """Return where the wheel of an extension keeps it; None where no wheel is installed."""
    try:
        module = importlib.import_module(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        return None
    folder = Path(str(module.__file__)).parent / "extensions" / f"v{duckdb.__version__}"
    file = folder / f"{name}.duckdb_extension"
    if not file.exists():
        raise _does_not_fit(name)
    return file


def _does_not_fit(name: str) -> UserError:
    return UserError(
        "The DuckDB extension {name} does not fit DuckDB {version}. Run: pip install -r requirements.txt",
        name=name,
        version=duckdb.__version__,
    )


def connected(*extensions: str) -> duckdb.DuckDBPyConnection:
    """Return a new connection with extensions loaded from their wheels, or from DuckDB's own server.

    DuckDB checks the signature of an extension, some 35 MB to hash, for every connection anew. That is two thirds
    of opening a store, so each file is checked once a process: a connection that needs only files checked
    before is told to load them without.
    """
    files = {name: _file_of(name) for name in extensions}
    known = all(file in _signed for file in files.values())
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"} if known else {})
    for name, file in files.items():
        try:
            con.execute(f"INSTALL {name}" if file is None else f"LOAD {quoted(str(file))}")
            if file is None:
                con.load_extension(name)
            else:
                _signed.add(file)
        except duckdb.Error as error:
            con.close()
            if file is not None:
                raise _does_not_fit(name) from error
            raise UserError(
                "The DuckDB extension {name} is missing and could not be downloaded. "
                "Connect to the internet once, or run: pip install -r requirements.txt",
                name=name,
            ) from error
    return con


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def server_execute(con: duckdb.DuckDBPyConnection, database: str, sql: str) -> None:
    """Run a statement in PostgreSQL's own words; `database` is the name under which the server is attached."""
    con.execute(f"CALL postgres_execute({quoted(database)}, {quoted(sql)})")


def server_query(con: duckdb.DuckDBPyConnection, database: str, sql: str) -> list[str]:
    """Return the first column of a query in PostgreSQL's own words, as text."""
    rows = con.execute(f"FROM postgres_query({quoted(database)}, {quoted(sql)})").fetchall()
    return [str(row[0]) for row in rows]


def server_has(con: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    """Whether the server has a table by now, whoever made it."""
    return server_query(con, database, f"SELECT count(*) FROM pg_tables WHERE tablename = {quoted(table)}") != ["0"]


def writable(where: Place) -> bool:
    """Whether new rows can be stored there, as far as the file system says."""
    if not where.local:
        return True
    folders = [where.path.parent] + ([Path(where.data)] if "://" not in where.data else [])
    return all(os.access(f, os.W_OK) for f in folders if f.exists()) and (
        not where.path.exists() or os.access(where.path, os.W_OK)
    )


def not_writable(where: Place, error: OSError) -> UserError:
    """Return the sentence for a folder that cannot be created or written."""
    return UserError(
        "The folder {folder} cannot be created or written ({detail}). "
        "Choose another place with LAKE_CATALOG and LAKE_DATA, or ask for the right to write there.",
        folder=str(where.path.parent),
        detail=error.strerror or str(error),
    )


def prepare(where: Place) -> bool:
    """Create the folders; refuse a catalogue that is damaged or was lost while its data are still there.

    Returns whether the catalogue keeps a write-ahead journal already, so that readers and a writer never wait for
    each other.
    """
    if not where.local:
        return False
    try:
        where.path.parent.mkdir(parents=True, exist_ok=True)
        if "://" not in where.data:
            Path(where.data).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(where, error) from error
    if not where.path.exists() or where.path.stat().st_size == 0:
        if "://" not in where.data and next(Path(where.data).glob("main/*/*.parquet"), None):
            raise UserError(
                "The catalogue {file} is missing, but its data files are still in {folder}. Put the "
                "catalogue back, or restore a backup with: python -m geo restore FILE",
                file=str(where.path),
                folder=where.data,
            )
        if not writable(where):
            raise UserError(
                "The folder {folder} is read-only and holds no data yet. "
                "Choose another place with LAKE_CATALOG and LAKE_DATA, or ask for the right to write there.",
                folder=str(where.path.parent),
            )
        return False
    return _check_sqlite(where.path)


_checked: set[tuple[str, int, int]] = set()


def _check_sqlite(path: Path) -> bool:
    """Refuse what is no SQLite file; return whether it keeps a write-ahead journal (SQLite file format, 1.3.3).

    A file is opened only once by a process: closing it gives up the locks that SQLite holds on it (POSIX).
    """
    about = path.stat()
    known = (str(path), about.st_dev, about.st_ino)
    if known in _checked:
        return True
    with path.open("rb") as stream:
        head = stream.read(20)
    if head[:16] != b"SQLite format 3\x00":
        raise damaged(path, "not an SQLite file")
    journalled = head[18:20] == b"\x02\x02"
    if journalled:
        _checked.add(known)
    return journalled


def damaged(path: Path | str, detail: str) -> UserError:
    """Return the sentence for a catalogue that cannot be read."""
    return UserError(
        "The catalogue {file} cannot be read ({detail}). Restore a backup with: python -m geo restore FILE",
        file=str(path),
        detail=detail,
    )


def attach(where: Place, read_only: bool | None = None) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """Open a connection with the lake attached as ``lake``; also return whether it is read-only.

    `read_only` None: find out. A local lake that is read-only is read through a private copy of its catalogue.
    """
    journalled = prepare(where)
    remote = where.data.startswith("s3://")
    extensions = ["ducklake", "sqlite_scanner" if where.local else "postgres_scanner"] + ["httpfs"] * remote
    con = connected(*extensions)
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")  # it would stand in the middle of what a command prints
    if remote:
        con.execute("CREATE SECRET (TYPE s3, PROVIDER config" + _s3_settings() + ")")
    read_only = not writable(where) if read_only is None else read_only
    if where.local:
        catalog = f"sqlite:{_private_copy(where.path) if read_only else where.path}"
        # SQLite waits in whole seconds; `patiently` waits in hundredths. And asking for the journal once more
        # with every transaction needs a lock that a writer may hold, though a journal once chosen stays.
        more = ", META_BUSY_TIMEOUT 0" + ("" if read_only or journalled else ", META_JOURNAL_MODE 'WAL'")
    else:
        catalog, more = where.catalog, ""
    options = f"DATA_PATH {quoted(where.data)}, OVERRIDE_DATA_PATH true{more}"
    if read_only:
        options += ", READ_ONLY"
    try:
        con.execute(f"ATTACH {quoted('ducklake:' + catalog)} AS lake ({options})")
    except duckdb.Error as error:
        con.close()
        if busy(error):
            raise
        if where.local:
            raise damaged(where.path, first_line(error)) from error
        raise no_answer(error) from error
    return con, read_only


def create_tables(con: duckdb.DuckDBPyConnection) -> bool:
    """Create the tables that are not there yet, in the caller's transaction."""
    for name, table in TABLES.items():
        columns = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
        con.execute(f"CREATE TABLE IF NOT EXISTS lake.{name} ({columns})")
    con.execute("CALL lake.set_option('parquet_compression', 'zstd')")
    con.execute("CALL lake.set_option('parquet_version', '2')")
    return True


def _private_copy(catalog: Path) -> Path:
    """Copy a catalogue beside which nothing can be written: SQLite wants to write there even to read it."""
    memory = Path("/dev/shm")  # the usual folder may lie on the disk that is full
    roomy = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="lake-", dir=roomy))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for suffix in ("", "-wal"):
        source = catalog.with_name(catalog.name + suffix)
        if source.exists():
            shutil.copy(source, folder / source.name)
    copy = folder / catalog.name
    copy.chmod(0o600)
    with sqlite3.connect(copy) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return copy


def _s3_settings() -> str:
    names = {
        "KEY_ID": "AWS_ACCESS_KEY_ID",
        "SECRET": "AWS_SECRET_ACCESS_KEY",
        "SESSION_TOKEN": "AWS_SESSION_TOKEN",
        "REGION": "AWS_REGION",
    }
    found = {option: os.environ.get(name, "") for option, name in names.items()}
    parts = [f", {option} {quoted(value)}" for option, value in found.items() if value]
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint:
        scheme, _, host = endpoint.partition("://")
        ssl = "true" if scheme == "https" else "false"
        parts.append(f", ENDPOINT {quoted(host.rstrip('/'))}, URL_STYLE 'path', USE_SSL {ssl}")
    return "".join(parts)


def busy(error: BaseException) -> bool:
    """Whether the error only says that another writer was faster, so that trying again helps."""
    text = str(error).lower()
    return isinstance(error, duckdb.Error) and any(sign in text for sign in _BUSY)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _without_secrets(text: str) -> str:
    text = re.sub(r"password\s*=\s*('[^']*'|\S+)", "password=…", text, flags=re.I)
    return re.sub(r"(://[^:/@\s]+):[^@\s]+@", r"\1:…@", text)


def no_answer(error: duckdb.Error) -> UserError:
    """Return the sentence for a PostgreSQL server that cannot be reached."""
    return UserError(
        "The PostgreSQL catalogue does not answer ({detail}). "
        "Check that the server runs and that LAKE_CATALOG is right.",
        detail=_without_secrets(first_line(error)),
    )


def explain(error: duckdb.Error, where: Place) -> UserError:
    """Return what went wrong with the store as a sentence."""
    text = str(error)
    low = text.lower()
    if _is_full(low, where):
        return UserError(
            "The disk is full; nothing was changed. Free some space in {folder} and try again.",
            folder=where.data,
        )
    if "read-only" in low or "readonly" in low or "permission denied" in low:
        return UserError(
            "The data store in {folder} is read-only; nothing was changed. "
            "Ask for the right to write there, or choose another place with LAKE_CATALOG and LAKE_DATA.",
            folder=where.data,
        )
    if "malformed" in low or "not a database" in low:
        return damaged(where.catalog if where.local else "PostgreSQL", first_line(error))
    if ".parquet" in low:
        return UserError(
            "A data file of the store is missing or damaged ({detail}). "
            "Restore a backup with: python -m geo restore FILE",
            detail=first_line(error),
        )
    if busy(error):
        return UserError("The data store is busy with another program; nothing was changed. Try again in a moment.")
    return UserError("The data store reports a problem; nothing was changed: {detail}", detail=first_line(error))


def _is_full(text: str, where: Place) -> bool:
    if "no space left" in text or "database or disk is full" in text:
        return True
    return "disk i/o error" in text and where.local and shutil.disk_usage(where.path.parent).free < 1_000_000


def needs_copy(error: UserError, where: Place) -> bool:
    """Whether a question failed only because SQLite could write nothing beside the catalogue."""
    return where.local and isinstance(error.__cause__, duckdb.Error) and _is_full(str(error.__cause__).lower(), where)


def patiently(work: Callable[[], _T], where: Place, wait: float = 60.0) -> _T:
    """Run `work`, again while others keep the catalogue locked; other errors of the store become sentences.

    Raises
    ------
    UserError
        With DuckDB's error as its cause.
    """
    patience = time.monotonic() + wait
    pause = 0.01
    while True:
        try:
            return work()
        except duckdb.Error as error:
            if not busy(error) or time.monotonic() > patience:
                raise explain(error, where) from error
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
