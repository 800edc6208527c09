"""Edits of stations: an overlay that every reader sees, a log with undo, old snapshots that stay as they were."""

from __future__ import annotations

import pandas as pd
import pytest

from geo import __main__ as command
from geo import edits, export
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError

HOURS = pd.date_range("2026-01-01", periods=6, freq="h", tz="UTC")


def bring(lake: Lake, name: str = "A", **more: object) -> int:
    table = pd.DataFrame(
        {"station_id": ["S1", "S2"], "name_th": ["หนึ่ง", "สอง"], "name_en": ["One", "Two"], "lat": [13.80, 13.88],
         "lon": [99.80, 99.88], "kind": "lowcost", "simulated": False, **more}
    )  # fmt: skip
    return lake.append({"stations": table}, record=ImportRecord("stations", "s.csv", import_id=name))


def row(lake: Lake, station: str, **more: object) -> pd.Series:
    return lake.stations(**more).set_index("station_id").loc[station]  # type: ignore[arg-type]


def test_a_renamed_and_moved_station_is_so_everywhere_and_an_old_snapshot_stays(lake: Lake) -> None:
    before = bring(lake)
    entry = edits.rename(lake, "S1", name_th="ตลาด  ใหม่", author="สำนักงานสิ่งแวดล้อม", reason="ชื่อผิด")
    edits.move(lake, "S1", 13.85, 99.85)
    now = row(lake, "S1")
    assert (now["name_th"], now["name_en"], now["lat"], now["lon"]) == ("ตลาด ใหม่", "One", 13.85, 99.85)
    assert (now.geometry.y, now.geometry.x) == (13.85, 99.85)
    old = row(lake, "S1", snapshot=before)
    assert (old["name_th"], old["lat"]) == ("หนึ่ง", 13.80)
    assert lake.read("stations").set_index("station_id").loc["S1", "lat"] == 13.80, "what was imported stays stored"
    inside = lake.stations(bounds=(99.84, 13.84, 99.86, 13.86))
    assert list(inside["station_id"]) == ["S1"]
    assert entry.before == {"name_th": "หนึ่ง"} and entry.after == {"name_th": "ตลาด ใหม่"}
    log = edits.entries(lake, "S1")
    assert [e.action for e in log] == ["move", "rename"]
    assert log[1].author == "สำนักงานสิ่งแวดล้อม" and log[1].reason == "ชื่อผิด"


def test_hidden_stations_are_nowhere_and_come_back(lake: Lake) -> None:
    bring(lake)
    hidden = edits.hide(lake, "S2")
    assert list(lake.stations()["station_id"]) == ["S1"]
    assert "hidden" not in lake.stations()
    every = lake.stations(hidden=True).set_index("station_id")["hidden"]
    assert every.to_dict() == {"S1": False, "S2": True}
    said = [note.say("en") for note in edits.notes(lake, lake.stations())]
    assert said == ["Stations hidden by hand and not used: S2."]
    edits.show(lake, "S2")
    assert len(lake.stations()) == 2
    edits.undo(lake, edits.entries(lake)[0].edit_id)
    assert len(lake.stations()) == 1, "the showing was taken back, the hiding stands"
    edits.undo(lake, hidden.edit_id)
    assert len(lake.stations()) == 2


def test_each_entry_is_undone_by_itself_and_an_undo_can_be_undone(lake: Lake) -> None:
    bring(lake)
    first = edits.rename(lake, "S1", name_en="Market")
    second = edits.rename(lake, "S1", name_en="School")
    edits.undo(lake, first.edit_id)
    assert row(lake, "S1")["name_en"] == "School", "a later entry for the same field still counts"
    taken = edits.undo(lake, second.edit_id)
    assert row(lake, "S1")["name_en"] == "One"
    assert taken.before == {"name_en": "School"} and taken.after == {"name_en": "One"}
    again = edits.undo(lake, taken.edit_id)
    assert row(lake, "S1")["name_en"] == "School"
    assert again.after == {"name_en": "School"}
    with pytest.raises(UserError, match="taken back already"):
        edits.undo(lake, taken.edit_id)
    states = {e.edit_id: e.in_force for e in edits.entries(lake)}
    assert states[first.edit_id] is False and states[second.edit_id] is True
    assert len(states) == 5, "the log forgets nothing"


def test_edits_outlive_the_same_file_and_an_undone_import(lake: Lake) -> None:
    bring(lake)
    edits.move(lake, "S1", 14.0, 100.0)
    bring(lake, "B", lat=[13.81, 13.91])
    assert row(lake, "S1")["lat"] == 14.0
    assert row(lake, "S2")["lat"] == 13.91
    lake.remove_import("B")
    lake.remove_import("A")
    assert lake.stations().empty
    bring(lake)
    assert row(lake, "S1")["lat"] == 14.0
    lake.remove_import("A")
    edits.undo(lake, edits.entries(lake)[0].edit_id)
    bring(lake)
    assert row(lake, "S1")["lat"] == 13.80


def test_a_place_put_right_lifts_the_flag_position(lake: Lake) -> None:
    bring(lake)
    readings = pd.DataFrame(
        {"station_id": "S1", "variable": "pm25", "time": HOURS, "period_hours": 1, "value": 10.0,
         "flag": ["position"] * 5 + ["spike"]}
    )  # fmt: skip
    stored = lake.append({"observations": readings}, record=ImportRecord("observations", "r.csv"))
    assert lake.observations(["pm25"]).empty
    entry = edits.move(lake, "S1", 13.7, 99.7)
    assert len(lake.observations(["pm25"])) == 5
    assert sorted(lake.observations(["pm25"], flagged=True)["flag"].dropna()) == ["spike"]
    assert lake.observations(["pm25"], snapshot=stored).empty
    edits.undo(lake, entry.edit_id)
    assert lake.observations(["pm25"]).empty


IMPOSSIBLE = [
    (lambda lake: edits.rename(lake, "S1", name_th="  "), "needs a name"),
    (lambda lake: edits.rename(lake, "S1", name_th="ก" * 300), "too long"),
    (lambda lake: edits.rename(lake, "S1", name_en="One"), "Nothing changed"),
    (lambda lake: edits.rename(lake, "S1"), "Nothing changed"),
    (lambda lake: edits.move(lake, "S1", 99.8, 213.8), "no position on earth"),
    (lambda lake: edits.move(lake, "S1", 0.0, 0.0), "no position on earth"),
    (lambda lake: edits.move(lake, "S1", float("nan"), 99.0), "no position on earth"),
    (lambda lake: edits.move(lake, "S1", 13.8, 99.8), "Nothing changed"),
    (lambda lake: edits.hide(lake, "S9"), "no station S9"),
    (lambda lake: edits.show(lake, "S1"), "Nothing changed"),
    (lambda lake: edits.undo(lake, "none"), "no edit none"),
]


def test_what_cannot_be_is_a_sentence_and_leaves_no_entry(lake: Lake) -> None:
    bring(lake)
    for act, says in IMPOSSIBLE:
        with pytest.raises(UserError, match=says):
            act(lake)
    assert edits.entries(lake) == []


def test_a_far_move_is_asked_about(lake: Lake) -> None:
    bring(lake)
    near, far = edits.move(lake, "S1", 13.81, 99.8), edits.move(lake, "S2", 18.8, 98.98)
    assert edits.warning(near) is None
    said = edits.warning(far)
    assert said is not None and "55" in said.say("en")


def test_edits_of_simulated_stations_go_with_the_demo(lake: Lake) -> None:
    bring(lake, simulated=[True, False])
    edits.hide(lake, "S1")
    edits.hide(lake, "S2")
    lake.remove_simulated()
    assert [e.station_id for e in edits.entries(lake)] == ["S2"]


def test_a_store_from_before_the_log_is_read_at_its_old_snapshots(lake: Lake) -> None:
    old = bring(lake)
    lake._transaction(lambda con: bool(con.execute("DROP TABLE lake.edits")), "as an older version was")
    again = Lake.open(lake.where.catalog)
    try:
        edits.hide(again, "S1")
        assert len(again.stations(snapshot=old)) == 2
        assert len(again.stations()) == 1
    finally:
        again.close()


def test_the_command_line_edits_and_lists(
    lake: Lake, tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(lake)
    monkeypatch.setenv("LAKE_CATALOG", str(lake.where.path))
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert command.main(["edit", "rename", "S1", "--name-en", "Market", "--by", "Office", "--why", "wrong"]) == 0
    assert command.main(["edit", "move", "S1", "13.9", "99.95"]) == 0
    assert command.main(["edit", "hide", "S2"]) == 0
    assert list(lake.stations()["name_en"]) == ["Market"]
    capsys.readouterr()
    assert command.main(["edit", "list", "S1"]) == 0
    told = capsys.readouterr().err
    assert "One" in told and "Market" in told and "Office" in told and "S2" not in told
    hidden = edits.entries(lake, "S2")[0]
    assert command.main(["edit", "undo", hidden.edit_id]) == 0
    assert len(lake.stations()) == 2
    assert command.main(["edit", "hide", "S9"]) == 2
    assert "S9" in capsys.readouterr().err


def test_the_export_shows_the_edited_station_and_the_log(lake: Lake, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "out"
    bring(lake)
    edits.rename(lake, "S1", name_en="Market")
    files = {f.name for f in export.write(lake, folder)}
    assert "edits.csv" in files
    import geopandas as gpd

    assert "Market" in set(gpd.read_file(folder / "lake.gpkg", layer="stations")["name_en"])
