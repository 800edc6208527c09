"""Surfaces against plain kriging, and hotspots against the truth of simulated towns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.averages import daily_means
from geo.simulator import Simulation, random_scenario, simulate
from interpolation import counting
from interpolation.simulation import repeat_share
from language import UserError
from language.progress import silent
from planning import hotspots, readings, surfaces
from planning.settings import settings

CRS = "EPSG:32647"
AREA = box(602_000, 1_522_000, 610_000, 1_530_000)
THRESHOLD = 37.5


def network(simulation: Simulation) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return stations (metres, with what they measured) and their PM2.5 24-hour means."""
    observed = simulation.observations
    means = daily_means(observed[observed["variable"] == "pm25"])
    daily = means.pivot_table(index="date", columns="station_id", values="value")
    daily.index = pd.Index([d.date() for d in daily.index], name="date")
    table = simulation.stations.set_index("station_id").loc[daily.columns].reset_index()
    points = gpd.points_from_xy(table["x"], table["y"])
    stations, _ = readings.station_table(
        gpd.GeoDataFrame(table, geometry=points, crs=CRS), daily, THRESHOLD, settings()
    )
    return stations, daily


@pytest.fixture(scope="module")
def town() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return a small network of ten days."""
    return network(simulate(random_scenario(4, stations=15, days=10)))


def test_counting_in_blocks_equals_kriging_every_day(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expected days, hot days, certainty and excess by hand, with blocks of a few rows."""
    stations, daily = town
    kriging = surfaces.krige_days(stations, daily)
    grid, mask = surfaces.make_grid(AREA, CRS, 500.0, settings())
    monkeypatch.setattr(surfaces, "BLOCK_VALUES", 700)
    heard: list[float] = []
    rule = surfaces.DayRule(THRESHOLD, needed=3, certain=0.6, repeat=0.4)
    counts = surfaces.count_days(kriging, grid, mask, rule, lambda share, _: heard.append(share))
    assert len(heard) > 3 and heard[-1] == 1.0
    by_hand = kriging.predict(grid.points()[mask.ravel()], threshold=THRESHOLD)
    assert by_hand.exceedance is not None
    good = by_hand.supported
    chance = by_hand.exceedance[:, good]
    hot = chance >= 0.6
    assert np.allclose(counts["expected_days"][mask][good], chance.sum(axis=0), atol=1e-3)
    near = (np.abs(chance - 0.6) < 1e-4).any(axis=0)  # single precision may fall on either side
    assert (counts["hot_days"][mask][good] == hot.sum(axis=0))[~near].all()
    over, unclear = chance > 0.5, (np.abs(chance - 0.5) < 1e-4).any(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.where(over, by_hand.mean[:, good] - THRESHOLD, 0).sum(axis=0) / over.sum(axis=0)
    assert np.allclose(counts["excess"][mask][good][~unclear], excess[~unclear], atol=0.01, equal_nan=True)
    assert np.allclose(counts["certainty"][mask][good], counting.at_least(chance, 3, 0.4), atol=1e-3)
    assert not counts["supported"][~mask].any()


def test_a_day_map_equals_kriging_that_day_among_all(town: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    """One day alone, with its gaps, is what the kriging of all days says for it."""
    stations, daily = town
    gappy = daily.copy()
    gappy.iloc[3, [1, 4]] = np.nan
    kriging = surfaces.krige_days(stations, gappy)
    grid, mask = surfaces.make_grid(AREA, CRS, 800.0, settings())
    one = surfaces.day_map(kriging, grid, mask, 3, date(2026, 1, 4), THRESHOLD)
    everything = kriging.predict(grid.points()[mask.ravel()], threshold=THRESHOLD)
    assert everything.exceedance is not None
    for name in ("mean", "sd", "lower95", "upper95", "exceedance"):
        expected = np.where(everything.supported, getattr(everything, name)[3], np.nan)
        assert np.allclose(one[name].to_numpy()[mask], expected, rtol=2e-3, atol=2e-3, equal_nan=True), name
    assert one.rio.crs.to_epsg() == 32647


def test_cells_are_chosen_by_the_area_not_its_box() -> None:
    """A compact town gets small cells; two towns far apart get small cells too, a province large ones."""
    small = box(0, 0, 3000, 3000)
    assert surfaces.choose_cell(small, settings()) == 50.0
    assert surfaces.choose_cell(small.union(box(15_000, 0, 18_000, 3000)), settings()) == 50.0
    assert surfaces.choose_cell(box(0, 0, 100_000, 100_000), settings()) == 1000.0
    assert surfaces.choose_cell(box(0, 0, 3e7, 3e7), settings()) == 10_000.0


@pytest.mark.parametrize("cell", [0.0, -100.0, float("nan")])
def test_a_cell_of_no_size_is_refused(cell: float) -> None:
    """Zero, negative and not-a-number cells end in a sentence."""
    with pytest.raises(UserError, match="cell size"):
        surfaces.make_grid(AREA, CRS, cell, settings())


def test_the_grid_covers_the_area_and_its_margin() -> None:
    """Cells snap to whole multiples; the mask is the area and one kilometre around it."""
    grid, mask = surfaces.make_grid(AREA, CRS, 200.0, settings())
    assert (grid.x[0] - 100) % 200 == 0 and grid.x[0] <= 601_100 and grid.x[-1] >= 610_900
    inside = surfaces.cells_in(AREA, grid)
    assert inside.sum() == 40 * 40
    assert (mask & inside).sum() == inside.sum() and mask.sum() > 48 * 48


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_hotspots_lie_where_the_truth_is_over_the_standard(seed: int) -> None:
    """28 sensors that err, 60 days: of the hotspot area at least 80 % is truly over on 6 days or more.

    And as much of what truly is gets found.
    """
    simulation = simulate(random_scenario(seed))
    stations, daily = network(simulation)
    grid, mask = surfaces.make_grid(AREA, CRS, 200.0, settings())
    daily_kriging, period = surfaces.krige_days(stations, daily), surfaces.krige_period(stations)
    rule = surfaces.DayRule(THRESHOLD, 6, 0.8, repeat_share(daily_kriging))
    surface = surfaces.make_surface(daily_kriging, period, grid, mask, rule, silent)
    inside = surfaces.cells_in(AREA, grid)
    found, _ = hotspots.find_hotspots(surface, inside, AREA, days=len(daily), probability=0.6, minimum_area_km2=0.05)
    points = grid.points()[inside.ravel()]
    over = (simulation.daily_truth("pm25", points[:, 0], points[:, 1]) > THRESHOLD).sum(axis=0) >= 6
    hot = surfaces.cells_in(found.geometry.union_all(), grid)[inside]
    assert (hot & over).sum() >= 0.8 * hot.sum()
    assert (hot & over).sum() >= 0.8 * over.sum()


def test_the_period_mean_is_near_the_truth_and_says_how_near() -> None:
    """Over the whole area the mean is within 2 µg/m³, and most cells lie in their 95 % interval."""
    simulation = simulate(random_scenario(1))
    stations, _ = network(simulation)
    grid, _ = surfaces.make_grid(AREA, CRS, 400.0, settings())
    points = grid.points()[surfaces.cells_in(AREA, grid).ravel()]
    truth = simulation.daily_truth("pm25", points[:, 0], points[:, 1]).mean(axis=0)
    estimate = surfaces.krige_period(stations).predict(points)
    assert abs((estimate.mean - truth).mean()) < 2
    assert ((truth > estimate.lower95) & (truth < estimate.upper95)).mean() > 0.75


def test_days_that_nobody_measured_are_left_out() -> None:
    """A day with fewer stations than needed is not used, and a note counts."""
    start = date(2026, 1, 1)
    table = pd.DataFrame(
        np.full((4, 6), 30.0), index=[start + timedelta(d) for d in range(4)], columns=[f"S{i}" for i in range(6)]
    )
    table.iloc[2, 2:] = np.nan
    kept, notes = readings.usable_days(table, start, start + timedelta(3), settings())
    assert len(kept) == 3 and notes[0].say("en").startswith("3 of 4 days")
    with pytest.raises(UserError, match="On no day"):
        readings.usable_days(table, start, start + timedelta(3), replace(settings(), days_minimum_stations=7))
