"""Threads: as many as there are cores, and never threads of the linear algebra inside threads of ours.

On a busy machine two BLAS threads that wait for each other make small factorisations ten times
slower than one; so small work runs on one, and blocks of a surface are spread over our own threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


@cache
def _controller() -> ThreadpoolController:
    # Looked up once: it walks through the loaded libraries, NumPy's and SciPy's among them.
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """Let the linear algebra use `count` threads inside the block."""
    with _controller().limit(limits=count, user_api="blas"):
        yield
