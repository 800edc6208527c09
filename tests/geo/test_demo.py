"""The demo is complete, marked as simulated everywhere, plausible, and written once."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import from_wkb

from geo import demo
from geo.averages import daily_means
from geo.standards import standard


@pytest.fixture(scope="module")
def built():
    return demo.tables()


@pytest.fixture(scope="module")
def outlines(built):
    table = built.frames["boundaries"]
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=from_wkb(table["geometry"]), crs=4326).to_crs(
        demo.CRS
    )


def test_everything_says_simulated(built):
    for name, table in built.frames.items():
        assert table["simulated"].all(), name
        if "source" in table:
            assert table["source"].str.startswith("ข้อมูลจำลอง / simulated").all(), name
    assert built.frames["boundaries"]["approximate"].all()
    assert built.frames["boundaries"]["population_source"].str.contains("simulated").all()
    assert built.frames["factories"]["reg_no"].str.startswith("DEMO-").all()


def test_sizes(built):
    frames = built.frames
    assert list(frames["workspaces"]["workspace_id"]) == list(demo.DEMO_WORKSPACES)
    kinds = frames["stations"]["kind"].value_counts()
    assert kinds.to_dict() == {"lowcost": 25, "reference": 3}
    assert 110 <= len(frames["factories"]) <= 130
    assert 36 <= len(frames["receptors"]) <= 44
    assert frames["receptors"]["kind"].eq("hospital").sum() == 2
    for codes in frames["workspaces"]["boundary_codes"]:
        assert set(json.loads(codes)) <= set(frames["boundaries"]["code"])


def test_sixty_bangkok_days_that_end_on_the_first_of_march(built):
    local = built.observations["time"].dt.tz_convert("Asia/Bangkok")
    assert local.min() == pd.Timestamp("2026-01-01 00:00", tz="Asia/Bangkok")
    assert local.max() == pd.Timestamp("2026-03-01 23:00", tz="Asia/Bangkok")
    assert set(built.observations["variable"]) == {"pm25", "pm10", "wind_speed", "wind_dir", "rh", "temp"}
    with_wind = built.observations.query("variable == 'wind_dir'")["station_id"].unique()
    assert len(with_wind) == 2


def test_outlines_are_valid_apart_and_of_the_stated_area(outlines):
    assert outlines.geometry.is_valid.all()
    towns = outlines[outlines["level"] == "municipality"].set_index("code")
    for a in towns.index:
        for b in towns.index:
            if a < b:
                assert towns.geometry[a].intersection(towns.geometry[b]).area < 1
    assert towns.geometry["demo-ban-pong"].area / 1e6 == pytest.approx(2.91, rel=0.01)
    assert towns.geometry["demo-phatong"].area / 1e6 == pytest.approx(6.68, rel=0.01)


def test_quarters_fill_their_town_and_its_people(outlines):
    towns = outlines[outlines["level"] == "municipality"]
    for town in towns.itertuples():
        parts = outlines[outlines["parent_code"] == town.code]
        assert 4 <= len(parts) <= 8
        assert parts.area.sum() == pytest.approx(town.geometry.area, rel=1e-4)
        assert parts.union_all().symmetric_difference(town.geometry).area < 1e-3 * town.geometry.area
        assert parts["population"].sum() == town.population
        assert parts["population"].min() > 200
        assert parts["name_th"].str.startswith("ย่าน ").all()


def test_factories_and_receptors_lie_inside_a_town(built, outlines):
    towns = outlines[outlines["level"] == "municipality"].union_all().buffer(5)
    for name in ("factories", "receptors"):
        table = built.frames[name]
        points = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(demo.CRS)
        inside = points.within(towns)
        assert inside.all(), table[~inside.to_numpy()]


def test_types_are_written_as_the_register_does(built):
    table = built.frames["factories"]
    assert table["type_code"].str.fullmatch(r"\d{5}").all()
    assert (table["type_code"].str[:3].astype(int) == table["type_no"]).all()
    assert (table["hp"] > 50).all()
    assert table["factory_id"].is_unique


def test_haze_season_levels(built):
    """Daily means lie where Thai haze-season means lie, with days above the standard here and there."""
    pm25 = built.observations.query("variable == 'pm25' and flag.isna()")
    daily = daily_means(pm25).dropna(subset="value")
    assert daily["value"].quantile(0.01) > 12
    assert daily["value"].quantile(0.99) < 95
    above = daily.assign(above=daily["value"] > standard("pm25").value).groupby("date")["above"].mean()
    assert (above > 0.9).sum() >= 1
    assert (above == 0).sum() >= 5
    assert above.between(0.02, 0.6).sum() >= 15


@pytest.mark.parametrize("workspace", demo.DEMO_WORKSPACES)
def test_hotspots_are_local(built, outlines, workspace):
    """Around the works the 24-hour mean stands 5 to 30 µg/m³ above the country air, in a small part of the town."""
    simulation = built.simulations[workspace]
    codes = json.loads(built.frames["workspaces"].set_index("workspace_id")["boundary_codes"][workspace])
    area = outlines[outlines["code"].isin(codes)].union_all()
    x0, y0, x1, y1 = area.bounds
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(x0, x1, 100), np.arange(y0, y1, 100)))
    inside = gpd.GeoSeries(gpd.points_from_xy(x, y)).within(area).to_numpy()
    mean = simulation.daily_truth("pm25", x[inside], y[inside])
    lifted = mean.mean(axis=0) - mean.mean(axis=0).min()
    assert 5 < np.quantile(lifted, 0.98) < 32
    assert (mean > 37.5).mean(axis=0).max() > 0.2
    assert np.quantile((mean > 37.5).mean(axis=0), 0.4) < 0.2


def test_planted_faults_are_flagged_with_a_reason(built):
    counts = built.observations.groupby(["station_id", "flag"]).size()
    assert counts["DEMO-KY03", "stuck"] > 150
    assert counts["DEMO-PT05", "stuck"] > 100
    assert counts["DEMO-BK04", "drift"] > 500
    assert counts["DEMO-PT06", "drift"] > 300
    assert counts["DEMO-BP04", "spike"] >= 1
    said = " ".join(n.say("en") for n in built.notes)
    for station in ("DEMO-KY03", "DEMO-PT05", "DEMO-BK04", "DEMO-PT06", "DEMO-BP04"):
        assert station in said
    healthy = built.observations[
        ~built.observations["station_id"].isin(["DEMO-KY03", "DEMO-PT05", "DEMO-BK04", "DEMO-PT06"])
    ]
    assert healthy["flag"].notna().mean() < 0.02


def test_sensors_follow_the_truth(built):
    simulation = built.simulations["demo-ratchaburi"]
    stations = simulation.stations
    good = built.observations.query("variable == 'pm25' and flag.isna()")
    wide = daily_means(good).pivot_table(index="date", columns="station_id", values="value")
    truth = simulation.daily_truth("pm25", stations["x"], stations["y"])
    error = wide[stations["station_id"]].to_numpy() - truth
    assert np.sqrt(np.nanmean(error[:, (stations["kind"] == "lowcost").to_numpy()] ** 2)) < 4
    assert np.sqrt(np.nanmean(error[:, (stations["kind"] == "reference").to_numpy()] ** 2)) < 1


def test_written_once(lake):
    first = demo.build(lake)
    assert lake.count("observations") == first.kept["observations"] > 80_000
    assert sorted(lake.workspaces()["workspace_id"]) == sorted(demo.DEMO_WORKSPACES)
    assert lake.imports()["simulated"].all()
    factories = lake.factories()
    assert factories["boundary_code"].notna().mean() > 0.97
    assert demo.build(lake).snapshot == first.snapshot
    lake.remove_simulated()
    assert lake.is_empty()


def test_other_weather_for_the_same_town():
    one = demo.simulations()["demo-phatong"]
    other = demo.with_seed(one, 77)
    place = one.stations[["x", "y"]].to_numpy()[:3].T
    assert not np.allclose(one.daily_truth("pm25", *place), other.daily_truth("pm25", *place))
    pd.testing.assert_frame_equal(one.scenario.sources, other.scenario.sources)
