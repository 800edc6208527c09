"""Shortened runs of the store's benchmarks: what they count must come out right, however slow the machine."""

from __future__ import annotations

import pytest

from benchmarks import faults
from benchmarks import lake as store

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_store_loses_and_doubles_nothing() -> None:
    """Rows imported, written by four processes, and read back are the rows given; disk stays small."""
    figures = list(store.run(rows=20_000, imported=5_000, commits=8))
    counted = {f.what: f.met for f in figures if f.unit in ("", "B/row") and f.bound is not None}
    assert any("lost rows" in what for what in counted)
    # A few thousand rows can't share the catalogue's own size among them.
    counted.pop("… disk", None)
    assert all(counted.values()), counted


def test_faults_end_in_sentences_and_whole_rows() -> None:
    """Kills, torn and missing files, a read-only folder, a full disk where one can be mounted."""
    figures = list(faults.run(kills=3))  # an append, an import and a fetch
    assert len(figures) >= 11
    assert all(f.met is not False for f in figures), [f.line() for f in figures if f.met is False]
