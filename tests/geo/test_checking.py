"""Quality flags on what comes in: context, repeated imports, memory of flags, and a true wildfire."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo import checking, edits
from geo.importing import import_file
from geo.lake import Lake
from geo.schema import ImportRecord

BEGIN = pd.Timestamp("2026-02-01", tz="UTC")


def places(count: int = 5, kind: str = "lowcost") -> pd.DataFrame:
    return pd.DataFrame(
        {"station_id": [f"S{i}" for i in range(count)], "name_th": "ส", "kind": kind,
         "lat": 13.8 + 0.01 * np.arange(count), "lon": 99.9, "simulated": False}
    )  # fmt: skip


def readings(hours: int = 96, count: int = 5, seed: int = 1, begin: pd.Timestamp = BEGIN) -> pd.DataFrame:
    """Return hourly PM2.5 that all stations share, with a little noise of their own."""
    rng = np.random.default_rng(seed)
    common = 40 + 15 * np.sin(np.arange(hours) / 6)
    values = common[:, None] * rng.lognormal(0, 0.05, (hours, count))
    return pd.DataFrame(
        {
            "station_id": np.tile([f"S{i}" for i in range(count)], hours),
            "variable": "pm25",
            "time": np.repeat(pd.date_range(begin, periods=hours, freq="h"), count),
            "period_hours": 1,
            "value": values.ravel(),
            "flag": None,
        }
    )


def store(
    lake: Lake, rows: pd.DataFrame, name: str, stations: pd.DataFrame | None = None, simulated: bool = False
) -> None:
    tables = {"observations": rows}
    if stations is not None:
        tables["stations"] = stations
    lake.append(tables, record=ImportRecord("observations", name, import_id=name, simulated=simulated))


def test_good_readings_stay_good(lake: Lake) -> None:
    """Nothing is flagged in five stations that agree."""
    checked, notes = checking.check(lake, readings(), places())
    assert checked["flag"].isna().all() and notes == []


def test_neighbours_in_the_lake_judge_a_newcomer(lake: Lake) -> None:
    """One hour alone can't be judged by itself; the readings stored around it show the spike."""
    rows = readings()
    last = rows["time"].max()
    newcomer = (rows["station_id"] == "S0") & (rows["time"] == last)
    store(lake, rows[~newcomer], "a", places())
    spike = rows[newcomer].assign(value=900.0)
    checked, notes = checking.check(lake, spike)
    assert list(checked["flag"]) == ["spike"] and "S0 (1)" in notes[0].say()
    alone, _ = checking.check(lake, spike.assign(station_id="S9"), places(1).assign(station_id="S9", lat=18.0))
    assert alone["flag"].isna().all()


def test_earlier_hours_of_a_standstill_get_their_flag(lake: Lake) -> None:
    """The third equal hour makes a run; the two that are stored belong to it and are flagged with it."""
    rows = readings()
    times = np.sort(rows["time"].unique())[-3:]
    stands = (rows["station_id"] == "S1") & rows["time"].isin(times)
    rows.loc[stands, "value"] = 33.3
    new = stands & (rows["time"] == times[-1])
    store(lake, rows[~new], "a", places())
    checked, notes = checking.check(lake, rows[new])
    assert list(checked["flag"]) == ["stuck"] * 3 and checked["time"].nunique() == 3
    assert any("2 stored readings" in n.say() for n in notes)


def test_a_step_goes_on_hour_by_hour(lake: Lake) -> None:
    """Readings of later polls are still measured against the level before the step."""
    rows = readings(240)
    after = (rows["station_id"] == "S2") & (rows["time"] >= BEGIN + pd.Timedelta(hours=120))
    rows.loc[after, "value"] *= 2.5
    store(lake, rows[rows["time"] < BEGIN + pd.Timedelta(hours=200)], "a", places())
    for poll, hour in enumerate(range(200, 206)):
        fresh = rows[rows["time"] == BEGIN + pd.Timedelta(hours=hour)]
        checked, _ = checking.check(lake, fresh)
        mine = checked[(checked["station_id"] == "S2") & (checked["time"] == BEGIN + pd.Timedelta(hours=hour))]
        assert list(mine["flag"]) == ["step"]
        assert checked.loc[checked["station_id"] != "S2", "flag"].isna().all()
        store(lake, checked, f"poll{poll}")


def test_simulated_stations_judge_nobody(lake: Lake) -> None:
    """The demo's stations beside a measured one don't make its readings doubtful, nor the other way round."""
    rows = readings()
    store(lake, rows.assign(value=rows["value"] / 6), "demo", places().assign(simulated=True), simulated=True)
    real = rows[rows["station_id"] == "S0"].assign(station_id="R")
    checked, _ = checking.check(lake, real, places(1).assign(station_id="R"))
    assert checked["flag"].isna().all()
    simulated, _ = checking.check(lake, real, places(1).assign(station_id="R"), simulated=True)
    assert (simulated["flag"] == "neighbour").all()


def test_daily_values_are_checked_against_the_range_only(lake: Lake) -> None:
    """Equal daily values are no standstill; one below zero is out of range."""
    daily = pd.DataFrame(
        {"station_id": "S0", "variable": "pm25", "time": pd.date_range(BEGIN, periods=6, freq="D"), "period_hours": 24,
         "value": [30.0, 30.0, 30.0, 30.0, 30.0, -50.0]}
    )  # fmt: skip
    checked, _ = checking.check(lake, daily, places())
    assert [None if pd.isna(f) else f for f in checked["flag"]] == [None] * 5 + ["range"]


def test_a_file_imported_twice_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    """Although its neighbours came in between, and would give it other flags now."""
    rows = readings()
    bad = (rows["station_id"] == "S0") & (rows["time"] == BEGIN + pd.Timedelta(hours=50))
    rows.loc[bad, "value"] = 800.0
    rows.loc[(rows["station_id"] == "S1") & (rows["time"] < BEGIN + pd.Timedelta(hours=4)), "value"] = 21.5
    file = tmp_path / "a.csv"
    rows.merge(places()[["station_id", "lat", "lon"]]).drop(columns=["flag", "period_hours"]).to_csv(file, index=False)
    first = import_file(lake, file, "observations")
    flags = lake.observations(["pm25"], flagged=True)["flag"]
    assert flags.value_counts().to_dict() == {"stuck": 4, "spike": 1}
    assert any("flagged, not deleted" in n.say() for n in first.notes)
    more = readings(seed=3, count=9)
    others = ~more["station_id"].isin(places()["station_id"])
    store(lake, more[others].assign(value=lambda rows: rows["value"] / 5), "others", places(9).iloc[5:])
    assert import_file(lake, file, "observations").unchanged


def test_long_series_are_judged_in_pieces(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pieces of 60 days the flags are those of one piece."""
    rows = readings(24 * 130, count=4)
    bad = rows.index[(rows["station_id"] == "S1") & rows["time"].isin(BEGIN + pd.to_timedelta([500, 1441, 2900], "h"))]
    rows.loc[bad, "value"] = 900.0
    whole, _ = checking.check(lake, rows, places())
    monkeypatch.setattr(checking, "_CELLS", 1)
    pieces, _ = checking.check(lake, rows, places())
    pd.testing.assert_series_equal(whole["flag"], pieces["flag"])
    assert list(whole.index[whole["flag"] == "spike"]) == list(bad)


def test_a_true_wildfire_keeps_its_readings(lake: Lake, shared_data: Path) -> None:
    """Camp Fire 2018: hourly values above 1,000 µg/m³ were true; none is out of range, and few are flagged."""
    folder = shared_data / "pm25_airnow_campfire_2018"
    import_file(lake, folder / "stations.csv", "stations")
    import_file(lake, folder / "pm25_hourly_long.csv.gz", "observations")
    rows = lake.observations(["pm25"], flagged=True)
    high = rows[rows["value"] > 1000]
    assert len(high) >= 10 and high["flag"].isna().all()
    assert "range" not in set(rows["flag"]) and rows["flag"].notna().mean() < 0.02


def humid(hours: int, value: float, begin: pd.Timestamp = BEGIN) -> pd.DataFrame:
    times = pd.date_range(begin, periods=hours, freq="h")
    return pd.DataFrame(
        {"station_id": "S0", "variable": "rh", "time": times, "period_hours": 1, "value": value, "flag": None}
    )


def test_humidity_that_comes_later_marks_what_is_stored_and_what_comes(lake: Lake) -> None:
    """In whichever order readings and humidity come, the same hours are marked."""
    rows = readings(hours=24)
    store(lake, rows[rows["time"] < BEGIN + pd.Timedelta(hours=12)], "a", places())
    checked, notes = checking.check(lake, humid(6, 98.0))
    extra = checked[checked["variable"] == "pm25"]
    assert set(extra["flag"]) == {"humidity"} and len(extra) == 6 * 5
    assert set(extra["import_id"]) == {"a"}
    assert any("30 stored readings" in n.say() for n in notes)
    later = pd.concat([rows[rows["time"] >= BEGIN + pd.Timedelta(hours=12)],
                       humid(3, 99.0, BEGIN + pd.Timedelta(hours=12))], ignore_index=True)  # fmt: skip
    checked, _ = checking.check(lake, later)
    assert (checked["flag"] == "humidity").sum() == 3 * 5


def test_a_file_that_puts_a_station_elsewhere_has_its_readings_marked(lake: Lake) -> None:
    """The stored place stays; the readings count again once a person has settled the place."""
    rows = "station_id,lat,lon,time,pm25\n"
    first = rows + "".join(f"S1,13.80,99.90,2026-01-01 {h:02d}:00,{20 + h}\n" for h in range(3))
    second = rows + "".join(f"S1,13.80,100.10,2026-01-02 {h:02d}:00,{20 + h}\n" for h in range(3))
    import_file(lake, first.encode(), "observations", name="a.csv")
    report = import_file(lake, second.encode(), "observations", name="b.csv")
    assert any("stand elsewhere" in n.say() for n in report.notes)
    assert len(lake.observations(["pm25"])) == 3
    marked = lake.observations(["pm25"], flagged=True)["flag"].dropna()
    assert list(marked) == ["position"] * 3
    again = import_file(lake, second.encode(), "observations", name="b.csv")
    assert again.unchanged
    edits.confirm(lake, "S1")
    assert len(lake.observations(["pm25"])) == 6
