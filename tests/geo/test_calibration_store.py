"""Calibrations in the lake: versions, read-time values, the sensor's error, taking one back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.__main__ import main
from geo.calibration import calibrate
from geo.calibration_store import calibrated, choices, choose, current, history, pairs, save, with_errors
from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError

BEGIN = pd.Timestamp("2026-01-01 17:00", tz="UTC")


@pytest.fixture
def pair(lake: Lake) -> Lake:
    """Return a lake with a reference and a sensor beside it that reads 2 x + 5 + 0.1 rh."""
    hours = 24 * 30
    rng = np.random.default_rng(5)
    true = 40 + 20 * np.sin(np.arange(hours) / 40) + rng.normal(0, 2, hours)
    rh = 60 + 20 * np.cos(np.arange(hours) / 90)
    time = pd.date_range(BEGIN, periods=hours, freq="h")
    parts = [("REF", "pm25", true), ("LOW", "pm25", 2 * true + 5 + 0.1 * rh), ("LOW", "rh", rh)]
    rows = pd.concat(
        [
            pd.DataFrame({"station_id": s, "variable": v, "time": time, "period_hours": 1, "value": x})
            for s, v, x in parts
        ]
    )
    stations = pd.DataFrame(
        {"station_id": ["REF", "LOW"], "name_th": ["อ้างอิง", "เครื่อง"], "kind": ["reference", "lowcost"], "lat": 13.8,
         "lon": [99.9, 99.9001], "simulated": False, "error_sd": [np.nan, 9.0]}
    )  # fmt: skip
    lake.append({"observations": rows, "stations": stations}, record=ImportRecord("observations", "a", import_id="a"))
    return lake


def fitted(lake: Lake, method: str = "humidity") -> object:
    return calibrate(lake.observations(["pm25", "rh"]), "LOW", "REF", method=method)[0]


def test_values_are_calibrated_when_read(pair: Lake) -> None:
    """With humidity from the lake; the stored readings stay raw, the reference is left alone."""
    save(pair, fitted(pair))
    raw = pair.observations(["pm25"])
    result, notes = calibrated(pair, raw)
    wide = result.pivot_table(index="time", columns="station_id", values="value")
    assert np.abs(wide["LOW"] - wide["REF"]).max() < 0.5
    assert result.loc[result["station_id"] == "REF", "calibration"].isna().all()
    assert len(result) == len(raw) and "LOW" in notes[0].say()
    pd.testing.assert_frame_equal(pair.observations(["pm25"]), raw)


def error(lake: Lake, hours: int = 24, pollutant: str = "pm25", snapshot: int | None = None) -> float:
    stations = lake.stations(snapshot=snapshot)
    table = with_errors(lake, stations, pollutant, hours=hours, snapshot=snapshot).set_index("station_id")
    assert np.isnan(table.loc["REF", "error_sd"])
    return float(table.loc["LOW", "error_sd"])


def test_the_residual_is_the_sensors_error(pair: Lake) -> None:
    """For a day and for an hour, of the snapshot that is read; the stated one is kept, and comes back."""
    before = pair.snapshot()
    calibration = fitted(pair)
    identifier = save(pair, calibration)
    assert error(pair) == calibration.residual_sd and error(pair, hours=1) == calibration.hourly_sd
    assert error(pair, pollutant="pm10") == 9.0 and error(pair, snapshot=before) == 9.0
    listed = pair.stations().assign(error_sd=4.0)[["station_id", "lat", "lon", "error_sd", "simulated"]]
    pair.append({"stations": listed}, record=ImportRecord("stations", "b"))  # the list of stations comes again
    stations = with_errors(pair, pair.stations(), "pm25").set_index("station_id")
    assert stations.loc["LOW", "error_sd"] == calibration.residual_sd and stations.loc["REF", "error_sd"] == 4.0
    pair.remove_import(identifier)
    assert with_errors(pair, pair.stations(), "pm25").set_index("station_id").loc["LOW", "error_sd"] == 4.0
    assert history(pair) == [] and calibrated(pair, pair.observations(["pm25"]))[1] == ()


def test_a_version_is_chosen_and_the_choice_undone(pair: Lake) -> None:
    """An older version, or none; a newer calibration counts again; taking a choice back restores what was."""
    moments = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 6)]
    first = save(pair, fitted(pair, "linear"), now=moments[0])
    second = save(pair, fitted(pair, "humidity"), now=moments[1])
    then = pair.snapshot()
    older = choose(pair, "LOW", "pm25", first, author="เทศบาล", now=moments[2])
    assert [s.import_id for s in current(pair)] == [first] and choices(pair)[0].author == "เทศบาล"
    none = choose(pair, "LOW", "pm25", now=moments[3])
    raw = pair.observations(["pm25"])
    assert current(pair) == [] and calibrated(pair, raw)[0].equals(raw) and error(pair) == 9.0
    assert [s.import_id for s in current(pair, snapshot=then)] == [second]
    third = save(pair, fitted(pair, "seasonal"), now=moments[4])
    assert [s.import_id for s in current(pair)] == [third]
    for identifier, left in ((third, []), (none, [first]), (first, [second]), (older, [second])):
        pair.remove_import(identifier)
        assert [s.import_id for s in current(pair)] == left
    with pytest.raises(UserError, match="no calibration"):
        choose(pair, "LOW", "pm25", first)


def test_the_pairs_of_a_lake(pair: Lake) -> None:
    """Found by distance, with the days of overlap."""
    found = pairs(pair)
    assert found[["station_id", "reference_id", "days"]].to_numpy().tolist() == [["LOW", "REF", 30]]
    assert pairs(pair, distance=5).empty and pairs(pair, "pm10").empty


def test_versions_are_kept(pair: Lake) -> None:
    """The newest counts; a result computed from an older snapshot uses the one of then."""
    first = save(pair, fitted(pair, "linear"), now=datetime(2026, 3, 1, tzinfo=UTC))
    then = pair.snapshot()
    second = save(pair, fitted(pair, "humidity"), now=datetime(2026, 3, 2, tzinfo=UTC))
    assert [s.import_id for s in history(pair)] == [second, first]
    assert [s.import_id for s in current(pair)] == [second]
    result, _ = calibrated(pair, pair.observations(["pm25"], snapshot=then), snapshot=then)
    assert set(result["calibration"].dropna()) == {current(pair, snapshot=then)[0].calibration.version}
    assert "linear" in next(iter(set(result["calibration"].dropna())))
    pair.remove_import(second)
    assert [s.import_id for s in current(pair)] == [first]


def test_a_season_without_a_fit_gives_no_value(pair: Lake) -> None:
    """A calibration of the dry season says nothing about July; that is said, and no raw value slips in."""
    save(pair, fitted(pair, "seasonal"))
    july = pair.observations(["pm25"], station_ids=["LOW"]).head(24).assign(
        time=pd.date_range("2026-07-01", periods=24, freq="h", tz="UTC")
    )  # fmt: skip
    result, notes = calibrated(pair, july)
    assert result["value"].isna().all() and "24 readings" in notes[1].say()


def test_no_such_station(lake: Lake, pair: Lake) -> None:
    """A calibration of an unknown station is refused."""
    calibration = fitted(pair)
    pair.remove_import("a")
    with pytest.raises(UserError, match="LOW"):
        save(pair, calibration)


def test_command(
    pair: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """List pairs, compare, fit and store, choose, list versions, write the sheet."""
    monkeypatch.setenv("LAKE_CATALOG", str(Path(pair.where.catalog)))
    monkeypatch.setenv("LANGUAGE", "en")
    assert main(["calibrate"]) == 0
    assert "LOW stands 11 m from REF" in capsys.readouterr().err
    assert main(["calibrate", "LOW", "REF", "--compare", "--published"]) == 0
    told = capsys.readouterr()
    assert "barkjohn-2021" in told.out and "humidity-temperature   –" in told.out and "* The plainest" in told.err
    sheet = tmp_path / "sheet.html"
    assert main(["calibrate", "LOW", "REF", "--method", "humidity", "--dry-run", "--sheet", str(sheet)]) == 0
    assert history(pair) == [] and "US EPA" in sheet.read_text("utf-8")
    assert main(["calibrate", "LOW", "REF", "--method", "humidity"]) == 0
    assert "Stored as calibration-" in capsys.readouterr().err
    stored = history(pair)[0]
    assert stored.calibration.distance_m == pytest.approx(10.8, abs=0.1)
    assert main(["calibrate", "LOW"]) == 0
    assert f"{stored.import_id}*: LOW, humidity-" in capsys.readouterr().err
    assert main(["calibrate", "LOW", "--choose", "raw"]) == 0 and current(pair) == []
    assert main(["calibrate", "LOW", "--choose", stored.import_id]) == 0 and len(current(pair)) == 1
    assert main(["calibrate", "NONE", "REF"]) == 2
    assert main(["calibrate", "LOW", "--choose", "nothing"]) == 2
    assert main(["calibrate", "LOW", "REF", "--dry-run", "--sheet", str(tmp_path / "no" / "s.html")]) == 2
