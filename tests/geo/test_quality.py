"""Quality control finds planted faults, leaves true dust alone, and deletes nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo import catalogues, quality
from geo.misplaced import misplaced
from geo.neighbours import distances
from geo.simulator import Fault, random_scenario, simulate
from language import UserError

BEGIN = pd.Timestamp("2025-12-31 17:00", tz="UTC")


def network(count=8, step=0.01):
    return pd.DataFrame(
        {
            "station_id": [f"S{n}" for n in range(count)],
            "kind": "lowcost",
            "lat": 13.8 + step * np.arange(count),
            "lon": 99.9,
        }
    )


def readings(matrix, variable="pm25"):
    """Return hourly rows from a table of hours by stations; NaN means no row."""
    hours, count = matrix.shape
    table = pd.DataFrame(
        {
            "station_id": np.tile([f"S{n}" for n in range(count)], hours),
            "variable": variable,
            "time": np.repeat(pd.date_range(BEGIN, periods=hours, freq="h"), count),
            "period_hours": 1,
            "value": matrix.ravel(),
            "flag": None,
        }
    )
    return table[table["value"].notna()].reset_index(drop=True)


def air(days=40, count=8, seed=0):
    rng = np.random.default_rng(seed)
    level = 30 * np.exp(0.3 * np.sin(np.arange(days * 24) / 40))
    return np.round(level[:, None] * np.exp(0.05 * rng.standard_normal((days * 24, count))), 1)


def flags_of(table, station):
    own = table[table["station_id"] == station]
    return own.set_index("time")["flag"]


def test_clean_air_gets_almost_no_flag_and_no_row_is_lost():
    table = readings(air())
    result, _ = quality.flag(table, network())
    assert len(result) == len(table)
    pd.testing.assert_frame_equal(result.drop(columns="flag"), table.drop(columns="flag"))
    assert result["flag"].notna().mean() < 0.01


def test_range_depends_on_the_instrument():
    matrix = air(2)
    matrix[5, 0], matrix[6, 1], matrix[7, 2], matrix[7, 3] = 1500.0, -3.0, 1500.0, -3.0
    stations = network()
    stations.loc[2:3, "kind"] = "reference"
    result, notes = quality.flag(readings(matrix), stations)
    by_range = result[result["flag"] == "range"]
    assert sorted(by_range["station_id"]) == ["S0", "S1"]
    assert "outside what the instrument can measure" in notes[0].say("en")


def test_a_station_without_a_kind_is_judged_as_not_known_to_be_cheap():
    matrix = air(2)
    matrix[5, 0], matrix[6, 1] = 1500.0, 6000.0
    stations = network().assign(kind=pd.Series([pd.NA] * 8, dtype="string"))
    result, _ = quality.flag(readings(matrix), stations)
    assert list(result[result["flag"] == "range"]["station_id"]) == ["S1"]


def test_true_smoke_over_1000_everywhere_is_no_fault_of_reference_instruments():
    matrix = air(4)
    matrix[30:60] *= 40
    stations = network().assign(kind="reference")
    result, _ = quality.flag(readings(matrix), stations)
    assert matrix.max() > 1000
    assert result["flag"].notna().mean() < 0.01


def test_stuck_run_is_flagged_whole_and_nothing_else():
    matrix = air()
    matrix[100:160, 3] = 41.7
    result, notes = quality.flag(readings(matrix), network())
    flags = flags_of(result, "S3")
    assert (flags.iloc[100:160] == "stuck").all()
    assert (flags == "stuck").sum() < 64
    assert any("S3 (" in n.say("en") and "stand still" in n.say("en") for n in notes)


def test_whole_numbers_may_repeat_for_some_hours():
    matrix = np.round(air())
    matrix[50:55, 2] = 30.0
    result, _ = quality.flag(readings(matrix), network())
    assert not (flags_of(result, "S2").iloc[50:55] == "stuck").any()
    matrix[50:70, 2] = 30.0
    result, _ = quality.flag(readings(matrix), network())
    assert (flags_of(result, "S2").iloc[50:70] == "stuck").all()


def test_zero_may_repeat_for_some_hours():
    limits = {"hours": 3, "whole_number_hours": 6}
    assert not quality.stuck(np.array([[0.0]] * 5 + [[1.5]]), limits).any()
    assert quality.stuck(np.array([[0.0]] * 6 + [[1.5]]), limits).sum() == 6


def test_a_gap_breaks_a_run():
    values = np.array([[5.1], [5.1], [np.nan], [5.1], [5.1]])
    assert not quality.stuck(values, {"hours": 3, "whole_number_hours": 6}).any()


def test_spike_of_one_station_is_flagged_and_haze_is_not():
    matrix = air()
    matrix[200, 4] += 500
    matrix[400:430] *= 6
    result, _ = quality.flag(readings(matrix), network())
    assert flags_of(result, "S4").iloc[200] == "spike"
    assert result["flag"].isin(["spike"]).sum() == 1


def test_step_is_flagged_from_the_jump_to_the_jump_back():
    matrix = air(60)
    matrix[500:900, 1] *= 2.6
    result, _ = quality.flag(readings(matrix), network())
    flags = flags_of(result, "S1")
    assert (flags.iloc[510:890] == "step").all()
    assert flags.iloc[:490].isna().mean() > 0.99
    assert flags.iloc[910:].isna().mean() > 0.95
    assert not (result[result["station_id"] != "S1"]["flag"] == "step").any()


def test_drift_is_found_while_it_creeps():
    matrix = air(60)
    matrix[600:, 6] *= np.linspace(1, 2.4, len(matrix) - 600)
    result, notes = quality.flag(readings(matrix), network())
    flags = flags_of(result, "S6")
    assert flags.iloc[:600].isna().mean() > 0.99
    assert flags.iloc[-200:].isin(["drift", "step", "neighbour"]).all()
    assert not (result[result["station_id"] != "S6"]["flag"] == "drift").any()
    assert any("drift" in n.say("en") for n in notes)


def test_days_far_above_all_neighbours():
    matrix = air(10)
    matrix[100:140, 5] *= 4
    result, _ = quality.flag(readings(matrix), network())
    assert flags_of(result, "S5").iloc[105:138].notna().all()


def test_an_optical_sensor_in_wet_air_is_flagged_and_a_reference_is_not():
    values = air(days=2, count=3)
    stations = network(3).assign(kind=["lowcost", "lowcost", "reference"], lat=[13.80, 13.81, 13.84])
    hours = pd.date_range(BEGIN, periods=48, freq="h")
    wet = np.where(np.arange(48) < 6, 97.0, 60.0)
    humidity = pd.concat(
        [pd.DataFrame({"station_id": "S0", "time": hours, "value": wet}),
         pd.DataFrame({"station_id": "S2", "time": hours, "value": 60.0})]
    )  # fmt: skip
    table, notes = quality.flag(readings(values), stations, humidity=humidity)
    assert (flags_of(table, "S0").iloc[:6] == "humidity").all() and flags_of(table, "S0").iloc[6:].isna().all()
    # S1 has none of its own: that of the nearest unit counts, as far as it stands within the radius.
    assert (flags_of(table, "S1").iloc[:6] == "humidity").all()
    assert flags_of(table, "S2").isna().all()
    assert "more than 95 % humidity" in notes[0].say("en")
    far, _ = quality.flag(readings(values), stations.assign(lat=[13.8, 14.8, 15.8]), humidity=humidity)
    assert flags_of(far, "S1").isna().all()
    assert len(table) == values.size, "nothing is deleted"


def test_of_units_that_stand_together_the_one_that_the_others_contradict_is_named():
    rng = np.random.default_rng(4)
    values = np.round(air(days=20, count=3) * 1.3 ** np.arange(3), 1)  # each with its own constant ratio
    wrong = rng.choice(len(values), 8, replace=False)
    values[wrong, 1] *= 2.2
    stations = network(3, step=0.0001).assign(kind="lowcost")
    table, notes = quality.flag(readings(values), stations)
    marked = flags_of(table, "S1") == "colocation"
    found = set(np.flatnonzero(marked))
    assert found <= set(wrong) and len(found) >= len(wrong) - 1
    assert (table["flag"] == "colocation").sum() == len(found)
    assert any("stands beside" in n.say("en") for n in notes)
    pair, _ = quality.flag(readings(values[:, :2]), stations.head(2).assign(kind=["reference", "lowcost"]))
    assert (flags_of(pair, "S1") == "colocation").sum() >= len(wrong) - 1
    assert flags_of(pair, "S0").isna().all(), "a reference is not blamed for the sensor beside it"
    apart, _ = quality.flag(readings(values), network(3, step=0.01))
    assert not (apart["flag"] == "colocation").any()


def towns(seed=3, days=15):
    """Two towns 60 km apart, each with a haze and plumes of its own: six stations each."""
    rng = np.random.default_rng(seed)
    hours = np.arange(days * 24)
    common = 30 * np.exp(0.4 * np.sin(hours / 50))
    own = [np.exp(0.5 * np.sin(hours / period) + 0.2 * rng.standard_normal(len(hours))) for period in (7, 11)]
    values = np.column_stack([common * own[n // 6] * np.exp(0.08 * rng.standard_normal(len(hours))) for n in range(12)])
    stations = network(12).assign(lat=[13.8 + 0.01 * (n % 6) + 0.54 * (n // 6) for n in range(12)])
    return np.round(values, 1), stations


def test_a_station_whose_readings_belong_to_the_other_town_is_named():
    values, stations = towns()
    right, _ = quality.flag(readings(values), stations)
    assert not (right["flag"] == "position").any()
    wrong = stations.assign(lat=stations["lat"].where(stations["station_id"] != "S2", 14.37))
    table, notes = quality.flag(readings(values), wrong)
    named = table.loc[table["flag"] == "position", "station_id"].unique()
    assert list(named) == ["S2"]
    assert flags_of(table, "S2").notna().all()
    assert any("another place" in n.say("en") for n in notes)


def test_of_twins_far_apart_the_one_that_does_not_fit_its_place_is_named():
    values, stations = towns()
    twin = network(13).tail(1).assign(lat=13.8, lon=99.7)  # 20 km west of the town whose readings it gives
    both = np.column_stack([values, values[:, 0]])
    table, _ = quality.flag(readings(both), pd.concat([stations, twin]))
    assert set(table.loc[table["flag"] == "position", "station_id"]) == {"S12"}
    beside = twin.assign(lat=13.8, lon=99.901)
    table, _ = quality.flag(readings(both), pd.concat([stations, beside]))
    assert not (table["flag"] == "position").any(), "the same instrument in two networks, rightly placed"


def test_far_stations_are_no_neighbours():
    matrix = air(10)
    matrix[100:140, 5] *= 4
    result, _ = quality.flag(readings(matrix), network(step=2.0))
    assert not result["flag"].isin(["neighbour", "step", "drift"]).any()


def test_flags_that_are_set_stay():
    table = readings(air(3))
    table.loc[10, "flag"] = "step"
    result, _ = quality.flag(table, network())
    assert result.loc[10, "flag"] == "step"


def test_weather_and_daily_rows_are_left_alone_but_for_the_range():
    table = readings(air(3)).assign(period_hours=24)
    table.loc[0, "value"] = 4000.0
    wind = readings(np.full((50, 8), 2.0), "wind_speed")
    result, _ = quality.flag(pd.concat([table, wind], ignore_index=True), network())
    assert result.loc[0, "flag"] == "range"
    assert result["flag"].notna().sum() == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_faults_in_simulated_air(seed):
    plain = random_scenario(seed, days=60, extent=8000)
    faults = (
        Fault("S10", "stuck", 500, 60),
        Fault("S15", "drift", 500, 600, 2.2),
        Fault("S20", "spike", 333, 1, 600.0),
    )
    simulation = simulate(replace(plain, faults=faults))
    stations = simulation.stations.assign(
        lat=simulation.stations["y"] / 111_000, lon=simulation.stations["x"] / 111_000
    )
    result, _ = quality.flag(simulation.observations, stations)
    flags = result[result["variable"] == "pm25"].set_index(["station_id", "time"])["flag"]
    stuck = flags["S10"].reindex(simulation.times[501:559]).dropna()
    assert (stuck == "stuck").sum() > 40
    assert flags["S15"].iloc[-150:].notna().mean() > 0.9
    assert flags["S20"].get(simulation.times[333], "spike") == "spike"
    healthy = flags.drop(["S10", "S15"], level=0)
    assert healthy.notna().mean() < 0.05


def test_thresholds_are_read_from_the_file(tmp_path):
    shutil.copy(catalogues.CATALOGUES / "quality.toml", tmp_path)
    file = tmp_path / "quality.toml"
    file.write_text(file.read_text("utf-8").replace("lowcost_high = 1000.0", "lowcost_high = 500.0"), "utf-8")
    matrix = air(2)
    matrix[5, 0] = 700.0
    result, _ = quality.flag(readings(matrix), network(), quality.thresholds(tmp_path))
    assert (result["flag"] == "range").sum() == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("hours = 3", 'hours = "three"', "section stuck: hours"),
        ("[drift]", "[creep]", "section drift"),
        ("ratio = 1.8", "", "step"),
    ],
)
def test_wrong_thresholds_are_named(tmp_path, old, new, says):
    text = (catalogues.CATALOGUES / "quality.toml").read_text("utf-8")
    (tmp_path / "quality.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(UserError, match=says):
        quality.thresholds(tmp_path)


def test_broken_toml_is_a_sentence(tmp_path):
    (tmp_path / "quality.toml").write_text("[range\n", "utf-8")
    with pytest.raises(UserError, match=r"quality\.toml cannot be read"):
        quality.thresholds(tmp_path)


def test_no_true_place_in_real_smoke_is_doubted_and_a_wrong_one_is_found(shared_data):
    folder = shared_data / "pm25_airnow_campfire_2018"
    table = pd.read_csv(folder / "pm25_hourly_long.csv.gz").pivot_table(
        index="datetime", columns="deviceDeploymentID", values="pm25"
    )
    places = pd.read_csv(folder / "stations.csv").drop_duplicates("deviceDeploymentID")
    places = places.set_index("deviceDeploymentID").reindex(table.columns)
    lat, lon = (places[c].to_numpy(float, copy=True) for c in ("latitude", "longitude"))
    values = table.to_numpy(float)
    limits = quality.thresholds().position
    assert not misplaced(values, lat, lon, limits).any()
    limits = {**limits, "radius_km": 30.0, "hours": 120}  # the network is thin: few have three others within 15 km
    assert not misplaced(values, lat, lon, limits).any()
    away = distances(lat, lon)
    crowded = np.flatnonzero((away <= 30).sum(axis=1) >= 4)
    found = []
    for one in crowded[::8]:
        other = crowded[np.argmax(np.where(np.isfinite(away[one, crowded]), away[one, crowded], 0))]
        moved_lat, moved_lon = lat.copy(), lon.copy()
        moved_lat[one], moved_lon[one] = lat[other] + 0.02, lon[other] + 0.02
        named = np.flatnonzero(misplaced(values, moved_lat, moved_lon, limits))
        assert set(named) <= {one}, "nobody else is doubted"
        found.append(len(named))
    assert len(found) >= 3 and np.mean(found) >= 0.5, found


def test_real_smoke_is_not_taken_for_a_fault(shared_data):
    """Camp Fire 2018: hourly PM2.5 up to 1847 µg/m³; true smoke stays, little is flagged, nothing is lost."""
    folder = shared_data / "pm25_airnow_campfire_2018"
    names = {"deviceDeploymentID": "station_id", "latitude": "lat", "longitude": "lon", "pm25": "value"}
    stations = pd.read_csv(folder / "stations.csv").rename(columns=names).assign(kind="reference")
    table = pd.read_csv(folder / "pm25_hourly_long.csv.gz").rename(columns={**names, "datetime": "time"})
    table = table.assign(time=pd.to_datetime(table["time"], utc=True), variable="pm25", period_hours=1, flag=None)
    result, _ = quality.flag(table, stations)
    assert len(result) == 43_089
    assert result["flag"].notna().mean() < 0.015
    smoke = result[result["value"] > 500]
    assert smoke["flag"].notna().sum() <= 2
    assert not (result["flag"] == "range").any()
