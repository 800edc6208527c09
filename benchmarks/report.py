"""Figures of a benchmark: each beside its peer or bound, and whether it falls short."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes
    ----------
    case, what : str
        The case, and what was measured.
    value : float or None
        None where it could not be measured, for instance because a peer is absent.
    unit : str
    bound : float or None
        What must be shown; None where there is nothing to show.
    at_least : bool
        Whether `bound` is a lower bound.
    remark : str
    """

    case: str
    what: str
    value: float | None
    unit: str = ""
    bound: float | None = None
    at_least: bool = False
    remark: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bound is met; None without bound or value."""
        if self.bound is None or self.value is None:
            return None
        return bool(self.value >= self.bound if self.at_least else self.value <= self.bound)

    def line(self) -> str:
        """Return the figure as one line of text."""
        value = "absent" if self.value is None else f"{self.value:,.4g} {self.unit}".rstrip()
        bound = "" if self.bound is None else f"{'≥' if self.at_least else '≤'} {self.bound:g}"
        mark = {True: "met", False: "SHORT", None: ""}[self.met]
        return f"{self.case:<34.34} {self.what:<44.44} {value:>16} {bound:>10} {mark:<5} {self.remark}".rstrip()

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as plain values."""
        return {**asdict(self), "met": self.met}


def _timed(function: Callable[..., Any], arguments: tuple[Any, ...], repeat: int) -> tuple[float, float, Any]:
    best, result = float("inf"), None
    for _ in range(repeat):
        start = time.perf_counter()
        result = function(*arguments)
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return best, peak / 1024.0, result


def measured(function: Callable[..., Any], *arguments: Any, repeat: int = 1) -> tuple[float, float, Any]:
    """Run a function in a process of its own.

    Returns
    -------
    seconds, megabytes, result
        Best of `repeat` runs; the process's peak memory, libraries included; what the function returned.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_timed, function, arguments, repeat).result()
