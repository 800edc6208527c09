"""Calibration finds planted errors, is judged on unseen days, and published formulas give published values."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.calibration import FITTED, METHODS, PUBLISHED, Calibration, apply, calibrate, compare, suggested
from geo.colocation import beside, colocations, nearby, outliers
from geo.corrections import CORRECTIONS, barkjohn_2022, epa_piecewise_atm, kappa_koehler
from geo.performance import TARGETS, performance, precision
from language import UserError

BEGIN = pd.Timestamp("2025-12-31 17:00", tz="UTC")


def rows(station, variable, values):
    times = pd.date_range(BEGIN, periods=len(values), freq="h")
    return pd.DataFrame(
        {"station_id": station, "variable": variable, "time": times, "period_hours": 1, "value": values, "flag": None}
    )


def field(days=40, noise=1.0, humid=0.0, seed=0, start=0.0):
    """Return rows of a reference R and of a sensor S = (truth - 4 - humid·rh) / 0.5, with noise."""
    rng = np.random.default_rng(seed)
    hours = days * 24
    truth = 35 + 12 * np.sin(np.arange(hours) / 50 + start) + np.repeat(rng.normal(0, 6, days), 24)
    rh = 65 + np.repeat(rng.normal(0, 10, days), 24)
    raw = (truth - 4 - humid * rh) / 0.5 + noise * rng.standard_normal(hours)
    return pd.concat(
        [rows("R", "pm25", truth), rows("S", "pm25", raw), rows("S", "rh", rh), rows("S", "temp", rh * 0 + 27.0)],
        ignore_index=True,
    )


def test_a_planted_line_is_found():
    calibration, notes = calibrate(field(noise=0.2), "S", "R")
    assert calibration.coefficients["value"] == pytest.approx(0.5, abs=0.01)
    assert calibration.coefficients["intercept"] == pytest.approx(4.0, abs=0.5)
    assert calibration.after.all_met
    assert not calibration.before.met["error"]
    assert calibration.residual_sd < 0.2
    assert [n.level for n in notes] == ["info"] and "dry season" in notes[0].say("en")


def test_humidity_is_found_where_it_matters():
    table = field(humid=0.3, noise=0.2)
    straight, _ = calibrate(table, "S", "R")
    with_rh, _ = calibrate(table, "S", "R", method="humidity")
    assert with_rh.coefficients["rh"] == pytest.approx(0.3, abs=0.01)
    assert with_rh.residual_sd < 0.3 * straight.residual_sd


def test_residual_is_that_of_unseen_days():
    """With pure noise as reading, a fit on all days would flatter itself; left-out days do not."""
    rng = np.random.default_rng(5)
    table = field(days=12)
    reading = (table["station_id"] == "S") & (table["variable"] == "pm25")
    table.loc[reading, "value"] = np.repeat(rng.uniform(10, 60, 12), 24)
    calibration, notes = calibrate(table, "S", "R", method="humidity")
    reference = table.query("station_id == 'R'")["value"].to_numpy().reshape(12, 24).mean(axis=1)
    assert calibration.residual_sd > 0.9 * reference.std()
    assert not calibration.after.all_met
    assert "misses" in notes[-1].say("en")
    assert calibration.residual_sd == calibration.after.rmse


def test_applied_values_keep_the_raw_ones():
    table = field(noise=0.0)
    calibration, _ = calibrate(table, "S", "R")
    result = apply(table, [calibration])
    sensor = (result["station_id"] == "S") & (result["variable"] == "pm25")
    reference = table.query("station_id == 'R'")["value"].to_numpy()
    np.testing.assert_allclose(result.loc[sensor, "value"], reference, atol=1e-6)
    np.testing.assert_array_equal(result.loc[sensor, "raw"], table.loc[sensor, "value"])
    assert result.loc[sensor, "calibration"].eq(calibration.version).all()
    others = result[~sensor]
    assert others["raw"].isna().all()
    pd.testing.assert_series_equal(others["value"], table.loc[~sensor, "value"])


def test_an_hour_without_humidity_gets_no_value():
    table = field(humid=0.3)
    calibration, _ = calibrate(table, "S", "R", method="humidity")
    dry = table[~((table["variable"] == "rh") & (table["time"] == BEGIN))]
    result = apply(dry, [calibration]).query("station_id == 'S' and variable == 'pm25'")
    assert np.isnan(result["value"].iloc[0])
    assert result["value"].iloc[1:].notna().all()


def test_a_season_that_was_never_seen_gets_no_value():
    calibration, _ = calibrate(field(), "S", "R", method="seasonal")
    assert set(calibration.coefficients) == {"intercept dry", "value dry"}
    values = calibration.apply(pd.DataFrame({"value": [50.0, 50.0], "month": [1, 8]}))
    assert np.isfinite(values[0])
    assert np.isnan(values[1])


def test_calibrated_values_are_never_below_zero():
    calibration, _ = calibrate(field(), "S", "R")
    below = replace(calibration, coefficients={"intercept": -20.0, "value": 1.0})
    assert below.apply(pd.DataFrame({"value": [5.0, 50.0]})).tolist() == [0.0, 30.0]


def test_one_bad_day_is_left_out_and_said():
    table = field(noise=0.3)
    bad = (
        (table["station_id"] == "S")
        & (table["variable"] == "pm25")
        & (table.groupby(["station_id", "variable"]).cumcount() // 24 == 20)
    )
    table.loc[bad, "value"] *= 6
    calibration, notes = calibrate(table, "S", "R")
    assert calibration.days == 39
    assert calibration.coefficients["value"] == pytest.approx(0.5, abs=0.02)
    assert "1 days" in notes[0].say("en")


def test_a_perfect_pair_has_no_outliers():
    assert not outliers(np.arange(20.0), np.arange(20.0)).any()


def test_stored_and_read_again():
    calibration, _ = calibrate(field(), "S", "R", method="humidity-temperature")
    again = Calibration.from_dict(json.loads(json.dumps(calibration.to_dict())))
    assert again == calibration


def test_too_little_is_refused():
    with pytest.raises(UserError, match="needs 10 days"):
        calibrate(field(days=6), "S", "R")
    with pytest.raises(UserError, match="no complete day"):
        calibrate(field(), "X", "R")
    with pytest.raises(UserError, match=r"needs relative humidity at .* Choose the straight line"):
        calibrate(field().query("variable == 'pm25'"), "S", "R", method="humidity")
    with pytest.raises(UserError, match="linear, humidity"):
        calibrate(field(), "S", "R", method="forest")


@pytest.mark.parametrize("method", sorted(FITTED))
def test_every_method_runs(method):
    calibration, _ = calibrate(field(), "S", "R", method=method)
    assert calibration.after.r2 > 0.95


def test_a_published_correction_is_judged_as_it_is_and_never_suggested():
    """Where Barkjohn's own formula made the reference, it errs by nothing; elsewhere by what it is wrong."""
    table = field(days=35, noise=0.0)
    rh = table.query("variable == 'rh'")["value"].to_numpy()
    sensor = table.query("station_id == 'S' and variable == 'pm25'")["value"].to_numpy()
    american = table.copy()
    american.loc[american["station_id"] == "R", "value"] = 0.524 * sensor - 0.0862 * rh + 5.75
    exact, notes = calibrate(american, "S", "R", method="barkjohn-2021")
    assert exact.coefficients == {} and exact.residual_sd < 1e-9 and exact.reference_id == "R"
    assert any("made elsewhere" in n.say("en") for n in notes)
    there, _ = calibrate(table, "S", "R", method="barkjohn-2021")
    raw = table.query("station_id == 'R'")["value"].to_numpy().reshape(35, 24).mean(axis=1)
    wrong = (0.524 * sensor - 0.0862 * rh + 5.75).reshape(35, 24).mean(axis=1) - raw
    assert there.left_out == 0 and there.residual_sd == pytest.approx(np.sqrt(np.mean(wrong**2)), rel=1e-6)
    trials = compare(american, "S", "R", published=True)
    assert [t.method for t in trials] == [*FITTED, *PUBLISHED]
    assert suggested(trials).method in FITTED
    assert [t.method for t in compare(table, "S", "R")] == list(FITTED)
    with pytest.raises(UserError, match="temperature, seasonal"):
        calibrate(table.assign(variable=table["variable"].replace("pm25", "pm10")), "S", "R", "pm10", "barkjohn-2021")


def test_the_plainest_of_equals_is_suggested_and_none_beside_good_raw_readings():
    assert suggested(compare(field(noise=0.5), "S", "R")).method == "linear"
    assert suggested(compare(field(humid=0.3, noise=0.2), "S", "R")).method == "humidity"
    rng = np.random.default_rng(3)
    alike = field(days=30)
    sensor = (alike["station_id"] == "S") & (alike["variable"] == "pm25")
    reference = alike.query("station_id == 'R'")["value"].to_numpy()
    alike.loc[sensor, "value"] = reference + np.repeat(rng.normal(0, 1.0, 30), 24)
    assert suggested(compare(alike, "S", "R")) is None


def test_an_hour_errs_more_than_a_day():
    """White noise of 8 µg/m³ at the sensor is 4 after the slope of 0.5, and 4/√24 in a day's mean."""
    calibration, _ = calibrate(field(days=60, noise=8.0), "S", "R")
    assert calibration.hourly_sd == pytest.approx(4.0, rel=0.1)
    assert calibration.residual_sd == pytest.approx(4.0 / np.sqrt(24), rel=0.3)
    assert calibration.error_sd(1) == calibration.hourly_sd and calibration.error_sd(24) == calibration.residual_sd


def test_humidity_of_the_reference_stands_in_when_fitted_and_when_read():
    """A sensor without a humidity of its own is calibrated with the reference's, and read with it too."""
    table = field(humid=0.3, noise=0.0)
    table.loc[table["variable"].isin(["rh", "temp"]), "station_id"] = "R"
    calibration, _ = calibrate(table, "S", "R", method="humidity")
    assert calibration.conditions_id == "R"
    result = apply(table, [calibration]).query("station_id == 'S'")
    reference = table.query("station_id == 'R' and variable == 'pm25'")["value"].to_numpy()
    np.testing.assert_allclose(result["value"], reference, atol=1e-6)


def test_daily_rows_take_the_humidity_of_their_day():
    """A row of 24 hours meets the mean of its 24 hours, not that of midnight; too few hours give no value."""
    table = field(humid=0.3, noise=0.0)
    rng = np.random.default_rng(8)
    wet = table["variable"] == "rh"
    table.loc[wet, "value"] += rng.normal(0, 5, int(wet.sum()))
    calibration, _ = calibrate(table, "S", "R", method="humidity")
    sensor = table.query("station_id == 'S' and variable == 'pm25'")
    days = sensor.iloc[::24].assign(period_hours=24, value=sensor["value"].to_numpy().reshape(-1, 24).mean(axis=1))
    result = apply(days, [calibration], table[wet])
    rh = table.loc[wet, "value"].to_numpy().reshape(-1, 24).mean(axis=1)
    c = calibration.coefficients
    expected = c["intercept"] + c["value"] * days["value"].to_numpy() + c["rh"] * rh
    np.testing.assert_allclose(result["value"], expected, rtol=1e-9)
    gone = table[wet].drop(table[wet].index[:8])
    assert np.isnan(apply(days, [calibration], gone)["value"].iloc[0])


def test_units_beside_each_other_are_compared():
    """Two units 2 µg/m³ apart: SD near √2, on the calibration that is kept."""
    table = field(noise=0.0)
    sensor = table.query("station_id == 'S' and variable == 'pm25'")
    other = sensor.assign(station_id="T", value=sensor["value"] + 2.0)
    calibration, _ = calibrate(pd.concat([table, other]), "S", "R", units=["T"])
    assert calibration.between.units == 2 and calibration.between.sd == pytest.approx(1.0, abs=0.02)
    assert calibration.between.met
    assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration
    assert calibrate(table, "S", "R")[0].between is None


def test_a_calibration_of_before_is_still_read():
    """What was stored without the newer fields keeps working."""
    calibration, _ = calibrate(field(), "S", "R", method="humidity")
    older = {k: v for k, v in calibration.to_dict().items() if k not in ("conditions_id", "hourly_sd", "between")}
    again = Calibration.from_dict(older)
    assert again.hourly_sd is None and again.error_sd(1) == calibration.residual_sd
    assert apply(field(), [again]).query("station_id == 'S' and variable == 'pm25'")["value"].notna().all()


def test_the_version_follows_the_data():
    one, other = (calibrate(field(seed=seed), "S", "R")[0] for seed in (1, 2))
    assert one.version != other.version and one.version == calibrate(field(seed=1), "S", "R")[0].version


def test_colocations_are_near_and_overlap():
    stations = pd.DataFrame(
        {
            "station_id": ["S", "far", "R"],
            "kind": ["lowcost", "lowcost", "reference"],
            "lat": [13.8000, 13.9, 13.8005],
            "lon": [99.9000, 99.9, 99.9000],
        }
    )
    table = pd.concat([field(days=12), rows("far", "pm25", np.full(288, 20.0))])
    found = colocations(stations, table)
    assert found[["station_id", "reference_id", "days"]].to_numpy().tolist() == [["S", "R", 12]]
    assert found["distance_m"].iloc[0] == pytest.approx(55.6, rel=0.01)
    assert colocations(stations, table, distance=10).empty
    assert nearby(stations)["distance_m"].tolist() == found["distance_m"].tolist()
    more = pd.concat([stations, stations.iloc[:1].assign(station_id="T", lat=13.8001)])
    assert beside(more, "S") == ["T"] and beside(more, "nobody") == []


# -- metrics -----------------------------------------------------------------------------------------


def test_metrics_of_a_known_line():
    reference = np.array([10.0, 20.0, 30.0, 40.0])
    result = performance(1.2 * reference + 3, reference)
    assert (result.slope, result.intercept, result.r2) == pytest.approx((1.2, 3.0, 1.0))
    assert result.bias == pytest.approx(8.0)
    assert result.rmse == pytest.approx(np.sqrt(np.mean((0.2 * reference + 3) ** 2)))
    assert result.nrmse == pytest.approx(100 * result.rmse / 25)


def test_targets_are_those_of_the_epa():
    goal = TARGETS["pm25"]
    assert (goal.slope, goal.intercept, goal.r2, goal.rmse, goal.nrmse, goal.sd, goal.cv) == (
        0.35,
        5,
        0.7,
        7,
        30,
        5,
        30,
    )
    assert (TARGETS["pm10"].intercept, TARGETS["pm10"].rmse) == (10, 14)


def test_relative_error_may_stand_in_for_absolute_error():
    reference = np.linspace(80, 160, 20)
    assert performance(reference * 1.2, reference).met["error"]
    assert not performance(np.linspace(5, 15, 20) + 10, np.linspace(5, 15, 20)).met["error"]


def test_spread_between_units():
    """Two units 2 µg/m³ apart on N days: Σ(x - mean)² = 2N, SD = √(2N / (2N - 1))."""
    base = np.linspace(20, 40, 10)
    result = precision(np.column_stack([base - 1, base + 1]))
    assert result.sd == pytest.approx(np.sqrt(20 / 19))
    assert result.cv == pytest.approx(100 * result.sd / 30)
    assert result.met
    with pytest.raises(UserError):
        precision(base[:, None])


def test_nothing_to_judge():
    with pytest.raises(UserError, match="here are 2 days"):
        performance([1.0, 2.0, np.nan], [1.0, 2.0, 3.0])
    with pytest.raises(UserError, match="TSP"):
        performance([1.0, 2, 3], [1.0, 2, 3], "tsp")


# -- published corrections ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "x", "rh", "expected"),
    [
        ("barkjohn-2021", 40.0, 50.0, 22.40),
        ("epa-sensortoolkit", 40.0, 50.0, 22.42),
        ("airnow-2-part", 100.0, 50.0, 53.45),
        ("airnow-2-part", 400.0, 50.0, 249.85),
        ("barkjohn-2022", 700.0, 50.0, 484.13),
        ("epa-piecewise", 100.0, 50.0, 80.04),
        ("kappa-koehler", 50.0, 0.0, 50.0),
    ],
)
def test_published_formulas(name, x, rh, expected):
    corrected = CORRECTIONS[name].function(np.array([x]), np.array([rh]))
    assert corrected[0] == pytest.approx(expected, abs=0.01)
    assert METHODS[name] == CORRECTIONS[name].label


def test_blends_are_continuous():
    for function, breaks in ((barkjohn_2022, (570, 611)), (epa_piecewise_atm, (30, 50, 210, 260))):
        for x in breaks:
            near = function(np.array([x - 1e-6, x + 1e-6]), np.full(2, 60.0))
            assert abs(near[1] - near[0]) < 1.2, (function.__name__, x)


def test_humidity_growth_stops_at_95_percent():
    assert kappa_koehler(np.array([50.0]), np.array([100.0])) == kappa_koehler(np.array([50.0]), np.array([95.0]))
    assert kappa_koehler(np.array([50.0]), np.array([90.0]))[0] < 25


def test_what_was_not_checked_says_so():
    assert not CORRECTIONS["kappa-koehler"].verified
    assert CORRECTIONS["barkjohn-2021"].verified
