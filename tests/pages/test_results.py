"""Results are computed once however many ask, and forgotten oldest first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from language import UserError
from pages.parts.results import Jobs, Kept, local_date


def test_computed_once() -> None:
    kept, calls = Kept(3), []
    for _ in range(3):
        assert kept.get("a", lambda: calls.append(1) or "A") == "A"
    assert calls == [1]


def test_many_at_once_compute_once() -> None:
    kept, calls, ready = Kept(3), [], threading.Barrier(8)

    def compute() -> str:
        calls.append(1)
        threading.Event().wait(0.05)
        return "A"

    found: list[str] = []

    def ask() -> None:
        ready.wait()
        found.append(kept.get("a", compute))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["A"] * 8
    assert calls == [1]


def test_the_least_recently_used_goes_first() -> None:
    kept = Kept(2)
    kept.get("a", lambda: "A")
    kept.get("b", lambda: "B")
    assert kept.peek("a") == "A"
    kept.get("c", lambda: "C")
    assert kept.peek("b") is None
    assert (kept.peek("a"), kept.peek("c")) == ("A", "C")


def test_a_failure_is_not_kept() -> None:
    kept = Kept(2)

    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("a", fail)
    assert kept.get("a", lambda: "A") == "A"


def test_a_day_is_a_bangkok_day() -> None:
    assert local_date(pd.Timestamp("2026-02-28T17:00Z")) == date(2026, 3, 1)
    assert local_date(pd.Timestamp("2026-02-28T16:59Z")) == date(2026, 2, 28)


def test_a_job_runs_once_and_tells_its_progress() -> None:
    jobs, calls, go = Jobs(2), [], threading.Event()

    def compute(say: Callable[[float, str], None]) -> str:
        calls.append(1)
        say(0.5, "half")
        go.wait(5)
        return "A"

    first, second = jobs.start("a", compute), jobs.start("a", compute)
    assert first is second
    while first.share < 0.5:
        threading.Event().wait(0.001)
    assert first.sentence == "half"
    go.set()
    assert first.future.result(5) == "A"
    assert calls == [1]


def test_a_failed_job_is_told_and_tried_again() -> None:
    jobs, calls = Jobs(2), []

    def fail(say: Callable[[float, str], None]) -> str:
        calls.append(1)
        raise UserError("no")

    for _ in range(2):
        with pytest.raises(UserError):
            jobs.start("a", fail).future.result(5)
        # The failure is forgotten in the worker's own time.
        for _ in range(500):
            if jobs.start("probe", lambda say: 1) and "a" not in jobs._jobs:
                break
            threading.Event().wait(0.002)
    assert calls == [1, 1]
