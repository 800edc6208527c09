"""One writer at a time: a lock between processes and threads; and a catalogue's journal kept open for readers."""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import duckdb

from geo import engine
from language import UserError

WAIT = 120.0
"""Seconds a writer waits for the others before it gives up."""

_ADVISORY_LOCK = 7_306_211  # any number, the same in every process of the product


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def file_lock(path: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock `path` while the block runs; the system frees it when the process dies.

    Raises
    ------
    UserError
        Where another program keeps it for longer than `wait` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        patience = time.monotonic() + wait
        pause = 0.002
        while not _try_lock(descriptor):
            if time.monotonic() > patience:
                raise UserError(
                    "Another program has been writing into the data store for {seconds} seconds. "
                    "Wait until it has finished, or end it, and try again.",
                    seconds=round(wait),
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
        try:
            yield
        finally:
            _unlock(descriptor)
    finally:
        os.close(descriptor)


class Journal:
    """Keeps the write-ahead journal of an SQLite catalogue in place while a lake is open.

    DuckLake opens and closes the catalogue with every transaction. Whoever closes it last writes the journal back
    and deletes it; whoever comes next builds it anew, and a reader who meets that moment waits a whole second (the
    SQLite inside DuckDB sleeps in seconds). So each process holds what an open connection would hold: a shared lock
    on the file (sqlite.org/fileformat2.html, "pending byte" + 2) and on the journal's index (byte 128 of ``-shm``).
    They are locks of an open file (Linux), because those of a process would be lost with the next file it closes.
    Where the system has no such locks nothing is held, and only the waits are longer.
    """

    _SHARED = (0x40000002, 510)
    _INDEX = (128, 1)

    _guard = threading.Lock()
    _held: ClassVar[dict[Path, tuple[int, list[int]]]] = {}

    @classmethod
    def keep(cls, catalog: Path, touch: Callable[[], object]) -> None:
        """Hold the journal of a catalogue; give it up with `leave`. `touch` reads from the catalogue."""
        with cls._guard:
            users, descriptors = cls._held.get(catalog, (0, []))
            if not users:
                descriptors = _share(catalog, *cls._SHARED)
                touch()  # from here on nobody deletes the journal; this makes one where there is none
                descriptors += _share(catalog.with_name(catalog.name + "-shm"), *cls._INDEX)
            cls._held[catalog] = users + 1, descriptors

    @classmethod
    def leave(cls, catalog: Path) -> None:
        """Give the journal up again, where no other lake of this process has it open."""
        with cls._guard:
            users, descriptors = cls._held.pop(catalog, (0, []))
            if users > 1:
                cls._held[catalog] = users - 1, descriptors
                return
            for descriptor in descriptors:
                os.close(descriptor)


def _share(file: Path, start: int, length: int) -> list[int]:
    """Return the descriptor that holds a shared lock on a part of `file`; none where that is not possible."""
    if not sys.platform.startswith("linux"):
        return []
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return []
    wanted = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, start, length, 0)
    for _ in range(100):  # somebody may be deleting the journal just now
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
            return [descriptor]
        except OSError:
            time.sleep(0.005)
    os.close(descriptor)
    return []


@contextmanager
def advisory_lock(connection: duckdb.DuckDBPyConnection, catalog: str) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of the product while the block runs; `catalog` is ``postgres:...``."""
    with connection.cursor() as con:
        name = f"lock_{uuid.uuid4().hex[:8]}"
        con.execute(f"ATTACH '{catalog.removeprefix('postgres:')}' AS {name} (TYPE postgres)")
        try:
            con.execute("BEGIN")
            wanted = f"SET LOCAL lock_timeout = '{round(WAIT)}s'; SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"
            engine.server_execute(con, name, wanted)
            yield
            con.execute("ROLLBACK")
        finally:
            roll_back(con)
            con.execute(f"DETACH {name}")


def roll_back(con: duckdb.DuckDBPyConnection) -> None:
    """End a transaction, if one is open."""
    try:
        con.execute("ROLLBACK")
    except duckdb.Error:
        return  # no transaction was open any more
