"""Screenings kept on the disk: found again only while everything they rest on is the same, never from foreign hands."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from geo.lake import Lake
from geo.schema import ImportRecord
from planning import documents, factory_screen
from planning import screening_store as store
from planning.parameters import Parameters

ASKED = Parameters(area="a", pollutant="pm25", start=date(2026, 1, 1), end=date(2026, 1, 2))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCREENINGS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def lake(moment: str = "2026-01-01") -> Any:
    rows = pd.DataFrame({"snapshot_time": [moment]})
    return SimpleNamespace(query=lambda _sql, _params: rows)


def test_what_was_put_is_got(place: Path) -> None:
    assert store.get("a") is None
    store.put("a", {"mean": 1.5})  # type: ignore[arg-type]
    assert store.get("a") == {"mean": 1.5}
    assert [p.suffix for p in place.iterdir()] == [".pickle"]


def test_a_torn_file_is_none_and_goes(place: Path) -> None:
    store.put("a", list(range(1000)))  # type: ignore[arg-type]
    file = place / "a.pickle"
    file.write_bytes(file.read_bytes()[:50])
    assert store.get("a") is None
    assert not file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="rights are otherwise there")
def test_a_folder_others_may_write_is_not_read(place: Path) -> None:
    store.put("a", 1)  # type: ignore[arg-type]
    place.chmod(0o777)
    assert store.get("a") is None
    place.chmod(0o700)
    assert store.get("a") == 1


def test_those_not_asked_for_longest_go_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n, name in enumerate("abc"):
        store.put(name, bytes(1000))  # type: ignore[arg-type]
        os.utime(place / f"{name}.pickle", (n, n))
    assert store.get("a") is not None, "asked for now"
    monkeypatch.setattr(store, "MOST", 2500)
    store.put("d", 1)  # type: ignore[arg-type]
    assert {p.stem for p in place.iterdir()} == {"a", "c", "d"}


def test_the_name_changes_with_whatever_the_result_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.name_of(lake(), ASKED, 3)
    assert store.name_of(lake(), ASKED, 3) == first
    others = [
        store.name_of(lake(), ASKED, 4),
        store.name_of(lake(moment="2026-01-02"), ASKED, 3),
        store.name_of(lake(), Parameters(area="b", pollutant="pm25", start=ASKED.start, end=ASKED.end), 3),
    ]
    monkeypatch.setattr(store, "program", lambda: "another")
    assert len({first, *others, store.name_of(lake(), ASKED, 3)}) == 5


def test_nothing_is_kept_where_the_folder_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENINGS", "")
    store.put("a", 1)  # type: ignore[arg-type]
    assert store.get("a") is None


def test_a_saved_plan_needs_no_new_screening_but_other_data_do(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "c.sqlite", tmp_path / "files") as opened:
        place = pd.DataFrame({"receptor_id": ["r"], "name_th": ["ร"], "kind": ["school"], "lat": [13.8], "lon": [99.9]})
        data = opened.append({"receptors": place}, record=ImportRecord(kind="receptors", file_name="r.csv"))
        assert store.snapshot_of(opened) == data
        opened.save_plan("p", "w", "n", {})
        factory_screen.save_screen(opened, "big", "hp=50")
        documents.save(opened, "project", "d", {}, workspace_id="w", name="n")
        assert opened.snapshot() == data + 3 and store.snapshot_of(opened) == data
        assert documents.take_back(opened, "d") and store.snapshot_of(opened) == data
        moved = {"receptors": place.assign(people=[30])}
        assert opened.append(moved, record=ImportRecord(kind="receptors", file_name="r.csv")) == data + 5
        opened.save_plan("p", "w", "n", {})
        assert store.snapshot_of(opened) == data + 5
        # What a forgotten snapshot changed is not known: the oldest one after it holds today's data.
        opened.query(f"CALL ducklake_expire_snapshots('lake', versions => [{data + 5}])")
        assert store.snapshot_of(opened) == data + 6
