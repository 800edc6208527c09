"""Taking imports back in any order: what other imports brought, before or after, is all there."""

from __future__ import annotations

import json
import random

import pandas as pd
import pytest
import shapely

from geo import importing
from geo.lake import Lake
from geo.schema import ImportRecord

pytestmark = pytest.mark.slow

START = pd.Timestamp("2026-01-01", tz="UTC")


def readings(values: dict[int, float], station: str = "S1", **more: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"station_id": station, "variable": "pm25", "time": [START + pd.Timedelta(hours=h) for h in values],
         "period_hours": 1, "value": list(values.values()), **more}
    )  # fmt: skip


def bring(lake: Lake, name: str, values: dict[int, float], **tables: pd.DataFrame) -> None:
    record = ImportRecord("observations", f"{name}.csv", import_id=name, rows_kept=len(values))
    lake.append({"observations": readings(values), **tables}, record=record)


def stored(lake: Lake) -> dict[int, float]:
    rows = lake.observations(["pm25"], flagged=True)
    hours = ((rows["time"] - START) // pd.Timedelta(hours=1)).astype(int)
    assert hours.is_unique
    return dict(zip(hours, rows["value"], strict=True))


def test_the_first_import_goes_and_the_second_stays_whole(lake: Lake) -> None:
    bring(lake, "A", {0: 1.0, 1: 2.0, 2: 3.0})
    bring(lake, "B", {1: 2.0, 2: 30.0, 3: 4.0})
    effect = lake.removal("A")
    assert effect.gone == {"observations": 1} and effect.back == {}
    lake.remove_import("A")
    assert stored(lake) == {1: 2.0, 2: 30.0, 3: 4.0}, "an equal hour of B belongs to B too"
    bring(lake, "A", {0: 1.0, 1: 2.0, 2: 3.0})
    assert lake.removal("A").back == {"observations": 2}
    lake.remove_import("A")
    assert stored(lake) == {1: 2.0, 2: 30.0, 3: 4.0}


def test_a_chain_of_corrections_is_undone_from_the_middle(lake: Lake) -> None:
    for name, value in (("A", 1.0), ("B", 2.0), ("C", 3.0)):
        bring(lake, name, {0: value})
    lake.remove_import("B")
    assert stored(lake) == {0: 3.0}
    lake.remove_import("C")
    assert stored(lake) == {0: 1.0}, "the version of A returns, not that of B, which was taken back"
    lake.remove_import("A")
    assert stored(lake) == {}


def test_portions_of_one_import_with_another_between_them(lake: Lake) -> None:
    bring(lake, "A", {0: 1.0})
    bring(lake, "X", {0: 7.0, 1: 8.0})
    bring(lake, "A", {0: 2.0, 1: 2.0, 2: 2.0})
    lake.remove_import("A")
    assert stored(lake) == {0: 7.0, 1: 8.0}


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_imports_and_undos_equals_the_imports_that_stand(lake: Lake, seed: int) -> None:
    chance = random.Random(seed)
    standing: dict[str, dict[int, float]] = {}
    for number in range(14):
        if standing and chance.random() < 0.4:
            gone = chance.choice(list(standing))
            lake.remove_import(gone)
            del standing[gone]
        else:
            values = {h: float(chance.randint(1, 3)) for h in chance.sample(range(6), 3)}
            standing[f"I{number}"] = values
            bring(lake, f"I{number}", values)
        expected: dict[int, float] = {}
        for values in standing.values():
            expected |= values
        assert stored(lake) == expected, (seed, number, standing)


def test_stations_that_came_along_stay_with_the_readings_of_others(lake: Lake) -> None:
    first = b"station_id,lat,lon,time,pm25\nS1,13.8,99.9,2026-01-01 00:00,10\nS2,13.9,99.9,2026-01-01 00:00,11\n"
    second = b"station_id,lat,lon,time,pm25\nS1,13.8,99.9,2026-01-02 00:00,12\n"
    a = importing.import_file(lake, first, "observations", name="a.csv")
    importing.import_file(lake, second, "observations", name="b.csv")
    lake.remove_import(a.import_id)
    assert list(lake.stations()["station_id"]) == ["S1"]
    assert len(lake.observations(["pm25"])) == 1
    only = lake.imports()
    assert len(only) == 1
    lake.remove_import(only["import_id"].iloc[0])
    assert lake.is_empty()


def test_an_undone_list_of_stations_says_whose_readings_lose_their_place(lake: Lake) -> None:
    table = pd.DataFrame({"station_id": ["S1", "S2"], "lat": 13.8, "lon": 99.9, "simulated": False})
    lake.append({"stations": table}, record=ImportRecord("stations", "s.csv", import_id="L"))
    bring(lake, "A", {0: 1.0})
    effect = lake.removal("L")
    assert effect.gone == {"stations": 2} and effect.homeless == 1
    lake.remove_import("L")
    assert lake.stations().empty and stored(lake) == {0: 1.0}


def test_flags_that_an_import_cast_on_others_are_lifted_with_it(lake: Lake) -> None:
    stations = pd.DataFrame({"station_id": ["S1"], "kind": "lowcost", "lat": 13.8, "lon": 99.9, "simulated": False})
    lake.append({"stations": stations}, record=ImportRecord("stations", "s.csv"))
    csv = "station_id,time,pm25\n"
    first = csv + "".join(f"S1,2026-01-01 {h:02d}:00,{v}\n" for h, v in enumerate([11.5, 12.5, 30.5, 30.5]))
    second = csv + "".join(f"S1,2026-01-01 {h:02d}:00,30.5\n" for h in range(4, 8))
    a = importing.import_file(lake, first.encode(), "observations", name="a.csv")
    assert lake.observations(["pm25"], flagged=True)["flag"].isna().all()
    b = importing.import_file(lake, second.encode(), "observations", name="b.csv")
    flags = lake.observations(["pm25"], flagged=True)
    assert (flags["flag"] == "stuck").sum() == 6
    assert (flags["import_id"] == a.import_id).sum() == 4, "a flag does not change whose row it is"
    lake.remove_import(b.import_id)
    assert lake.observations(["pm25"], flagged=True)["flag"].isna().all()
    importing.import_file(lake, second.encode(), "observations", name="b.csv")
    lake.remove_import(a.import_id)
    left = lake.observations(["pm25"], flagged=True)
    assert len(left) == 4 and (left["flag"] == "stuck").all()


def test_a_workspace_keeps_the_areas_that_stay(lake: Lake) -> None:
    def area(code: str, west: float) -> pd.DataFrame:
        shape = shapely.to_wkb(shapely.box(west, 13.0, west + 0.1, 13.1))
        return pd.DataFrame([{"code": code, "name_th": code, "level": "tambon", "geometry": shape, "area_km2": 1.0}])

    for name, codes in (("A", ["a"]), ("B", ["a", "b"])):
        space = pd.DataFrame([{"workspace_id": "w", "name_th": "w", "boundary_codes": json.dumps(codes)}])
        tables = {"boundaries": area(name.lower(), 99.0 + len(codes)), "workspaces": space}
        lake.append(tables, record=ImportRecord("boundaries", name, import_id=name))
    lake.remove_import("A")
    assert json.loads(lake.workspaces()["boundary_codes"].iloc[0]) == ["b"]
    assert list(lake.boundaries()["code"]) == ["b"]


def test_an_undo_looked_at_changes_nothing(lake: Lake) -> None:
    bring(lake, "A", {0: 1.0, 1: 1.0})
    before = lake.snapshot()
    assert lake.removal("A").gone == {"observations": 2}
    assert lake.removal("nobody").gone == {}
    assert lake.snapshot() == before and stored(lake) == {0: 1.0, 1: 1.0}
