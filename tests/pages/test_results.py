"""Results are computed once however many ask, and forgotten oldest first."""

from __future__ import annotations

import threading
from datetime import date

import pandas as pd
import pytest

from pages.parts.results import Kept, local_date


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
