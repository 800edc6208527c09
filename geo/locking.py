"""One writer at a time: a lock between processes and threads, on a local file or in PostgreSQL."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from language import UserError

WAIT = 120.0
"""Seconds a writer waits for the others before it gives up."""


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
