"""The simulator's physics against formulas, its truth against itself, and its plausibility."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.simulator import (
    LOW_COST,
    Background,
    Climate,
    Fault,
    Haze,
    Region,
    Scenario,
    factory_sources,
    random_scenario,
    road_sources,
    simulate,
)
from geo.simulator.plume import RELEASES, SECTOR, STABILITIES, PlumeTable, Release, concentration, sigmas
from geo.simulator.sensors import read
from geo.simulator.weather import simulate_weather, stability_class, wander


@pytest.fixture(scope="module")
def simulation():
    return simulate(random_scenario(7, days=14))


@pytest.fixture(scope="module")
def places(simulation):
    stations = simulation.scenario.stations
    return stations["x"].to_numpy(), stations["y"].to_numpy()


@pytest.fixture(scope="module")
def table():
    return PlumeTable()


# -- plumes ------------------------------------------------------------------------------------------


def test_briggs_urban_coefficients_at_one_kilometre():
    """Values computed by hand from Briggs' (1973) urban formulas."""
    expected = {"A": (270.45, 339.41), "C": (185.93, 200.0), "D": (135.22, 122.79), "F": (92.97, 50.60)}
    for letter, (across, deep) in expected.items():
        y, z = sigmas(np.array([1000.0]), letter)
        assert y[0] == pytest.approx(across, rel=1e-4)
        assert z[0] == pytest.approx(deep, rel=1e-4)


def test_mass_is_conserved_across_the_plume():
    """The flux through a plane downwind, both halves of the reflected plume, is the emission."""
    release, x = Release(20.0, 40.0, 5.0), 800.0
    y = np.linspace(-4000, 4000, 8001)
    ground = concentration(np.full_like(y, x), y, "D", release)
    _, sz = sigmas(np.array([x]), "D")
    deep = np.hypot(sz[0], release.sigma_z)
    crosswind = np.trapezoid(ground, y)
    # Over height the plume falls off as [exp(-(z-h)²/2σ²) + exp(-(z+h)²/2σ²)] / [2 exp(-h²/2σ²)] of the
    # ground's value; integrated from the ground up that is √(π/2) σ / exp(-h²/2σ²).
    profile = np.sqrt(np.pi / 2) * deep / np.exp(-0.5 * (release.height / deep) ** 2)
    assert crosswind * profile == pytest.approx(1e6, rel=1e-3)


def test_plume_is_weaker_upwind_with_height_and_in_wind():
    release = Release(25.0, 60.0, 10.0)
    down, up = concentration(np.array([800.0, -800.0]), np.zeros(2), "D", release)
    assert down > 1000 * up
    assert concentration(np.array([300.0]), np.zeros(1), "F", release) < concentration(
        np.array([300.0]), np.zeros(1), "F", replace(release, height=1.0)
    )
    calm, windy = (concentration(np.array([500.0]), np.zeros(1), "D", release, u)[0] for u in (1.0, 4.0))
    assert calm == pytest.approx(4 * windy)


@pytest.mark.parametrize("release", sorted(RELEASES))
@pytest.mark.parametrize("stability", range(len(STABILITIES)))
def test_table_agrees_with_the_formula(table, release, stability):
    rng = np.random.default_rng(1)
    points = rng.uniform(-6000, 6000, (400, 2))
    sector = 6  # wind from 60°
    found = table.look_up(table.places(points, np.zeros((1, 2))), release, stability, sector)[:, 0]
    towards = np.deg2rad(sector * SECTOR + 180)
    along = points @ np.array([np.sin(towards), np.cos(towards)])
    across = points @ np.array([np.cos(towards), -np.sin(towards)])
    exact = concentration(along, across, STABILITIES[stability], RELEASES[release])
    strong = exact > 0.02 * exact.max()
    error = np.abs(found[strong] / exact[strong] - 1)
    assert error.max() < 0.12
    assert np.median(error) < 0.03


def test_dust_goes_where_the_wind_goes(table):
    corners = np.array([[0.0, 1000.0], [1000.0, 0.0], [0.0, -1000.0], [-1000.0, 0.0]])
    places = table.places(corners, np.zeros((1, 2)))
    for wind_from, downwind in ((0, 2), (90, 3), (180, 0), (270, 1)):
        field = table.look_up(places, "yard", 3, wind_from // SECTOR)[:, 0]
        assert int(field.argmax()) == downwind


# -- weather and background --------------------------------------------------------------------------


def test_stability_follows_sun_and_wind():
    hour = np.array([12, 12, 12, 8, 2, 2, 2])
    wind = np.array([1.0, 4.0, 7.0, 1.0, 1.0, 4.0, 7.0])
    assert stability_class(hour, wind).tolist() == [0, 1, 2, 1, 5, 4, 3]


def test_wander_has_unit_variance_and_the_stated_memory():
    series = wander(np.random.default_rng(3), 60_000, 10.0)[:, 0]
    assert series.var() == pytest.approx(1, rel=0.1)
    assert np.corrcoef(series[:-10], series[10:])[0, 1] == pytest.approx(np.exp(-1), abs=0.05)


def test_weather_is_plausible():
    weather = simulate_weather(Climate(wind_from=60), 24 * 120, np.random.default_rng(5))
    by_hour = weather.groupby("hour").mean()
    assert by_hour["mixing_height"].idxmax() in range(13, 18)
    assert by_hour["rh"].idxmax() in range(1, 6)
    assert by_hour["wind_speed"].between(0.5, 6).all()
    assert weather["rh"].between(20, 100).all()
    toward = np.exp(1j * np.deg2rad(weather["wind_dir"])).mean()
    assert np.rad2deg(np.angle(toward)) == pytest.approx(60 + 20, abs=20)


def test_haze_raises_its_days_and_no_others():
    def daily(haze):
        region = Region(level=25, spread=0.0001, haze=haze)
        mixing = np.tile(np.full(24, 500.0), 30)
        return Background(region, mixing, np.full(720, 68.0), np.random.default_rng(0)).pm25.reshape(30, 24).mean(1)

    lifted = daily((Haze(15, 1.5, 40.0),)) - daily(())
    assert lifted[15] == pytest.approx(40, rel=0.02)
    assert np.abs(lifted[:8]).max() < 0.01


# -- truth -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pollutant", ["pm25", "pm10"])
def test_daily_truth_is_the_mean_of_hourly_truth(simulation, places, pollutant):
    hourly = simulation.truth(pollutant, *places)
    daily = simulation.daily_truth(pollutant, *places)
    np.testing.assert_allclose(daily, hourly.reshape(14, 24, -1).mean(axis=1), rtol=1e-6)


def test_contributions_add_up_to_the_truth(simulation, places):
    parts = simulation.contributions("pm25", *places)
    np.testing.assert_allclose(parts.sum(axis=1), simulation.daily_truth("pm25", *places).mean(axis=0), rtol=1e-5)
    assert (parts.to_numpy() >= 0).all()
    some = simulation.contributions("pm25", *places, days=np.array([2, 5]))
    np.testing.assert_allclose(
        some.sum(axis=1), simulation.daily_truth("pm25", *places)[[2, 5]].mean(axis=0), rtol=1e-5
    )


def test_truth_at_chosen_hours(simulation, places):
    times = simulation.times[[3, 30]]
    np.testing.assert_array_equal(
        simulation.truth("pm10", *places, times=times), simulation.truth("pm10", *places)[[3, 30]]
    )
    with pytest.raises(ValueError, match="outside the simulated time"):
        simulation.truth("pm25", *places, times=simulation.times[:1] - pd.Timedelta(days=1))


def test_truth_does_not_depend_on_who_else_is_asked(simulation, places):
    x, y = places
    alone = simulation.daily_truth("pm25", x[:1], y[:1])
    np.testing.assert_allclose(alone[:, 0], simulation.daily_truth("pm25", x, y)[:, 0], rtol=1e-6)


def test_a_lone_factory_is_the_strongest_source_around_it():
    scenario = replace(random_scenario(3, factories=0, days=5, fires_per_day=0), region=Region(texture=0.0))
    lone = factory_sources(
        pd.DataFrame(
            {"factory_id": ["F"], "x": [606_000.0], "y": [1_524_000.0], "type_no": [59], "type_sub": [0], "hp": [900]}
        )
    )
    scenario = replace(scenario, sources=lone)
    simulation = simulate(scenario)
    turn = np.linspace(0, 2 * np.pi, 24)
    x, y = 606_000 + 400 * np.sin(turn), 1_524_000 + 400 * np.cos(turn)
    parts = simulation.contributions("pm25", x, y)
    assert set(simulation.strongest_source("pm25", x, y)) == {"F"}
    assert 3 < parts["F"].max() < 60
    far = simulation.contributions("pm25", [606_000 + 9_000.0], [1_524_000.0])["F"][0]
    assert far < 0.05 * parts["F"].max()


def test_exceedance_area_counts_cells(simulation):
    x, y = np.meshgrid(np.arange(600_500, 612_000, 1000.0), np.arange(1_520_500, 1_532_000, 1000.0))
    area = simulation.exceedance_area("pm25", x, y, 1000.0, 37.5)
    above = (simulation.daily_truth("pm25", x, y) > 37.5).sum(axis=1)
    assert area.tolist() == above.tolist()
    assert list(area.index) == list(simulation.dates)


def test_days_are_bangkok_days(simulation):
    assert simulation.times[0] == pd.Timestamp("2025-12-31 17:00", tz="UTC")
    assert simulation.dates[0] == pd.Timestamp("2026-01-01")


def test_same_seed_same_numbers_other_seed_other_numbers():
    one, two, other = (simulate(random_scenario(seed, days=2)).observations for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one, two)
    assert not one["value"].head(40).equals(other["value"].head(40))


def test_a_fault_leaves_the_other_stations_as_they_are():
    scenario = random_scenario(4, days=2)
    stuck = replace(scenario, faults=(Fault("S05", "stuck", 10, 20),))
    before, after = simulate(scenario).observations, simulate(stuck).observations
    others = before["station_id"] != "S05"
    pd.testing.assert_frame_equal(before[others], after[after["station_id"] != "S05"])
    changed = after.query("station_id == 'S05' and variable == 'pm25'")["value"]
    assert changed.value_counts().iloc[0] >= 15


# -- sensors -----------------------------------------------------------------------------------------


def sensor_series(faults=(), hours=24 * 40, level=40.0, humidity=68.0, sensor=LOW_COST):
    truth = (np.full(hours, level), np.full(hours, level * 1.6))
    return read(sensor, truth, np.full(hours, humidity), faults, np.random.default_rng(11))


def test_sensor_errs_as_stated():
    exact = replace(LOW_COST, gain_sd=0.0, offset_sd=0.0, humidity=0.0)
    fine, coarse = sensor_series(sensor=exact)
    assert np.nanmean(fine) == pytest.approx(40, abs=0.5)
    assert np.nanstd(fine) == pytest.approx(1.0 + 0.06 * 40, rel=0.15)
    assert np.nanmean(coarse) < 64  # part of the coarse dust is not seen


def test_wet_air_swells_the_reading():
    assert np.nanmean(sensor_series(humidity=94.0)[0]) > np.nanmean(sensor_series(humidity=50.0)[0]) + 1


def test_daily_error_is_about_what_is_stated():
    errors = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        truth = (np.full(24, 35.0), np.full(24, 56.0))
        fine, _ = read(LOW_COST, truth, np.full(24, 68.0), (), rng)
        errors.append(np.nanmean(fine) - 35)
    assert np.std(errors) == pytest.approx(LOW_COST.error_sd, rel=0.35)


def test_faults_do_what_they_say():
    drift, _ = sensor_series((Fault("S", "drift", 240, 240, 2.0),))
    assert np.nanmean(drift[600:]) == pytest.approx(2 * np.nanmean(drift[:200]), rel=0.05)
    outage, _ = sensor_series((Fault("S", "outage", 100, 48),))
    assert np.isnan(outage[100:148]).all()
    spike, _ = sensor_series((Fault("S", "spike", 50, 1, 300.0),))
    assert spike[50] > 250


def test_readings_have_gaps_and_one_decimal(simulation):
    table = simulation.observations
    expected = 28 * 14 * 24 * 2
    assert 0.85 * expected < len(table) < expected
    assert np.allclose(table["value"] * 10, np.round(table["value"] * 10))
    assert table["value"].min() >= 0
    assert not table.duplicated(["station_id", "variable", "time"]).any()


def test_met_station_reports_wind_as_it_is(simulation):
    wide = simulation.wind_observations("W").pivot_table(index="time", columns="variable", values="value")
    turned = np.abs((wide["wind_dir"].to_numpy() - simulation.weather["wind_dir"].to_numpy() + 180) % 360 - 180)
    assert np.median(turned) < 10
    assert wide["wind_dir"].between(0, 359).all()


# -- sources -----------------------------------------------------------------------------------------


def test_emission_grows_with_potential_and_horsepower():
    table = pd.DataFrame(
        {
            "factory_id": ["ice", "mill", "big mill", "crusher", "unknown"],
            "x": 0.0,
            "y": 0.0,
            "type_no": [14, 9, 9, 3, 999],
            "type_sub": [0, 1, 1, 1, 1],
            "hp": [500.0, 500.0, 5000.0, 500.0, 500.0],
        }
    )
    sources = factory_sources(table).set_index("source_id")
    assert sources.loc["ice", "pm25"] == 0
    assert sources.loc["big mill", "pm25"] == pytest.approx(sources.loc["mill", "pm25"] * 10**0.6)
    assert sources.loc["crusher", "pm25"] > sources.loc["mill", "pm25"]
    assert sources.loc["unknown", "pm25"] > 0


def test_road_keeps_its_emission_however_it_is_cut():
    line = np.array([[0.0, 0.0], [3000.0, 0.0], [3000.0, 4000.0]])
    for spacing in (150.0, 900.0):
        road = road_sources("r", line, 0.03, spacing)
        assert road["pm25"].sum() == pytest.approx(0.03 * 7)
    assert road["x"].between(0, 3000).all()


def test_a_scenario_without_any_source_is_the_background():
    scenario = Scenario(1, date(2026, 1, 1), 2, pd.DataFrame({"station_id": [], "x": [], "y": [], "kind": []}))
    simulation = simulate(replace(scenario, region=Region(texture=0.0)))
    field = simulation.truth("pm25", [0.0, 5000.0], [0.0, 0.0])
    np.testing.assert_allclose(field[:, 0], simulation.background.pm25)
    np.testing.assert_allclose(field[:, 0], field[:, 1])
