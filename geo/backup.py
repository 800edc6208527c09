"""The whole data store in one file, and back.

A local store is copied as it is, with its history: SQLite's own backup gives one consistent catalogue while
others write, and the Parquet files it names never change. A PostgreSQL catalogue or files on S3 are saved as
the tables of one snapshot, without history.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pandas as pd

from geo import engine, ledger
from geo.lake import Lake
from geo.schema import TABLES
from language import UserError, environment_language, note
from language.progress import Progress, silent

_MANIFEST = "backup.json"
_CATALOG = "catalog.sqlite"
_FORMAT = 1
_FILES = """
    SELECT s.path || t.path || f.path AS file, f.path_is_relative FROM {table} AS f
    JOIN ducklake_table AS t ON t.table_id = f.table_id JOIN ducklake_schema AS s ON s.schema_id = t.schema_id
"""


def backup(lake: Lake, file: Path, progress: Progress = silent) -> int:
    """Write the data store into one file and return the newest snapshot in it.

    Raises
    ------
    UserError
        Where the file can't be written, or a data file of the store is missing.
    """
    partial = file.with_name(file.name + ".part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            if lake.where.local and "://" not in lake.where.data:
                snapshot = _copy_files(lake, archive, progress)
            else:
                snapshot = _copy_tables(lake, archive, progress)
        partial.replace(file)  # the file is there wholly or not at all
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(
            "The backup {file} cannot be written ({detail}).", file=str(file), detail=error.strerror or str(error)
        ) from error
    except UserError:
        partial.unlink(missing_ok=True)
        raise
    progress(1.0, note("Backup written").say(environment_language()))
    return snapshot


def _manifest(kind: str, snapshot: int) -> str:
    return json.dumps({"format": _FORMAT, "kind": kind, "snapshot": snapshot, "made": datetime.now(UTC).isoformat()})


_COPY = """
import sqlite3, sys
source, target = sqlite3.connect(sys.argv[1], timeout=30), sqlite3.connect(sys.argv[2])
source.backup(target)
target.close(), source.close()
"""


def _copy_catalog(catalog: Path, copy: Path) -> None:
    """Copy the catalogue of one moment, while others write.

    A process of its own does it: were Python's SQLite to close the file here, the locks that DuckDB's SQLite holds
    on it would be given up (sqlite.org/howtocorrupt, section 2.2.1).
    """
    done = subprocess.run([sys.executable, "-c", _COPY, str(catalog), str(copy)], capture_output=True, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(0, words[-1] if words else "sqlite3")


def _copy_files(lake: Lake, archive: zipfile.ZipFile, progress: Progress) -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _CATALOG
        _copy_catalog(lake.where.path, copy)
        with sqlite3.connect(copy) as con:
            snapshot = int(con.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()[0])
            names = [
                str(name)
                for table in ("ducklake_data_file", "ducklake_delete_file")
                for name, _ in con.execute(_FILES.format(table=table))
            ]
        con.close()
        archive.write(copy, _CATALOG)
        for kind in ledger.KINDS:
            if ledger.file(lake.where, kind).exists():
                archive.write(ledger.file(lake.where, kind), f"{kind}.jsonl")
        root = Path(lake.where.data)
        for i, name in enumerate(names):
            if not (root / name).exists():
                raise UserError(
                    "A data file of the store is missing or damaged ({detail}). "
                    "Restore a backup with: python -m geo restore FILE",
                    detail=name,
                )
            archive.write(root / name, f"files/{name}")
            progress(0.05 + 0.9 * i / len(names), note("Copying data files").say(environment_language()))
    archive.writestr(_MANIFEST, _manifest("store", snapshot))
    return snapshot


def _copy_tables(lake: Lake, archive: zipfile.ZipFile, progress: Progress) -> int:
    snapshot = lake.snapshot()
    with tempfile.TemporaryDirectory() as folder:
        for i, table in enumerate(TABLES):
            target = Path(folder) / f"{table}.parquet"
            lake.read(table, snapshot=snapshot).to_parquet(target, compression="zstd", index=False)
            archive.write(target, f"tables/{table}.parquet")
            progress(0.05 + 0.9 * i / len(TABLES), note("Copying data files").say(environment_language()))
    archive.writestr(_MANIFEST, _manifest("tables", snapshot))
    return snapshot


def restore(
    file: Path, catalog: str | Path | None = None, data: str | Path | None = None, progress: Progress = silent
) -> int:
    """Put a backup back and return the newest snapshot.

    A store that lies there already is not lost: its catalogue and files are moved aside, to names that end
    in ``.before-`` and the time.

    Raises
    ------
    UserError
        Where the file is no backup or is damaged, or the place can't be written.
    """
    where = engine.place(catalog, data)
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _check(archive, file)
            if manifest["kind"] == "store" and where.local and "://" not in where.data:
                _put_files(archive, where, progress)
            elif manifest["kind"] == "store":
                _move_store(archive, where, progress)
            else:
                _put_tables(archive, where, progress)
    except FileNotFoundError as error:
        raise UserError("There is no file {file}.", file=str(file)) from error
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise _no_backup(file) from error
    except OSError as error:
        raise engine.not_writable(where, error) from error
    with Lake.open(catalog, data) as lake:
        progress(1.0, note("Restored").say(environment_language()))
        return lake.snapshot()


def _no_backup(file: Path) -> UserError:
    return UserError("{file} is no backup of this product, or it is damaged.", file=str(file))


def _check(archive: zipfile.ZipFile, file: Path) -> dict[str, str]:
    manifest: dict[str, str] = json.loads(archive.read(_MANIFEST))
    names = [PurePosixPath(name) for name in archive.namelist()]
    if any(name.is_absolute() or ".." in name.parts for name in names) or archive.testzip() is not None:
        raise _no_backup(file)
    return manifest


def _put_files(archive: zipfile.ZipFile, where: engine.Place, progress: Progress) -> None:
    parent = where.path.parent
    parent.mkdir(parents=True, exist_ok=True)
    progress(0.1, note("Restoring").say(environment_language()))
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        archive.extractall(folder)
        (Path(folder) / "files").mkdir(exist_ok=True)
        _aside(where)
        Path(where.data).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder) / "files", where.data)
        for kind in ledger.KINDS:
            if (Path(folder) / f"{kind}.jsonl").exists():
                shutil.move(Path(folder) / f"{kind}.jsonl", ledger.file(where, kind))
        # The catalogue goes last: without it the store doesn't exist.
        shutil.move(Path(folder) / _CATALOG, where.path)


def _aside(where: engine.Place) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    paths = [where.path.with_name(where.path.name + suffix) for suffix in ("", "-wal", "-shm")]
    paths += [ledger.file(where, kind) for kind in ledger.KINDS]
    for path in [*paths, Path(where.data)]:
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.exists():
            path.rename(path.with_name(f"{path.name}.before-{stamp}"))


def _empty_lake(where: engine.Place) -> Lake:
    lake = Lake.open(where.catalog, where.data)
    if not lake.is_empty():
        lake.close()
        raise UserError("The data store {place} is not empty; restore into an empty one.", place=where.shown)
    return lake


def _move_store(archive: zipfile.ZipFile, where: engine.Place, progress: Progress) -> None:
    """Put a local store's newest tables into a PostgreSQL catalogue or onto S3."""
    with tempfile.TemporaryDirectory() as folder:
        _put_files(archive, engine.Place(f"{folder}/catalog.sqlite", f"{folder}/files"), progress)
        with Lake.open(f"{folder}/catalog.sqlite", f"{folder}/files") as source:
            _fill(where, {table: source.read(table) for table in TABLES})


def _put_tables(archive: zipfile.ZipFile, where: engine.Place, progress: Progress) -> None:
    progress(0.1, note("Restoring").say(environment_language()))
    with tempfile.TemporaryDirectory() as folder:
        archive.extractall(folder)
        frames = {table: pd.read_parquet(Path(folder) / "tables" / f"{table}.parquet") for table in TABLES}
    if where.local and where.path.exists():
        _aside(where)
    _fill(where, frames)


def _fill(where: engine.Place, frames: dict[str, pd.DataFrame]) -> None:
    with _empty_lake(where) as lake:
        lake.insert_rows(frames, "restore")
