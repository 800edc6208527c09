"""Clusters of stations: a planted one is found, pure noise stays unmarked, and few stations get a sentence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import box

from planning import clusters

UTM = "EPSG:32647"
PERMUTATIONS = 999


def network(values: np.ndarray, points: np.ndarray, days_over: np.ndarray | None = None) -> Any:
    """Return what `clusters` reads of a screening: stations with their period means."""
    count = len(values)
    stations = gpd.GeoDataFrame(
        {
            "station_id": [f"S{i}" for i in range(count)],
            "name_th": "สถานี",
            "name_en": "station",
            "value": values,
            "days_over": np.zeros(count) if days_over is None else days_over,
            "n_days": 30,
            "used": True,
        },
        geometry=gpd.points_from_xy(points[:, 0], points[:, 1]),
        crs=UTM,
    )
    surface = xr.Dataset(coords={"y": [0.0], "x": [0.0]}).rio.write_crs(UTM)
    return SimpleNamespace(stations=stations, surface=surface, days_total=60)


def scattered(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform([600_000, 1_500_000], [620_000, 1_520_000], (count, 2))


def test_a_planted_cluster_is_found_and_far_stations_are_not_in_it() -> None:
    rng = np.random.default_rng(4)
    points = scattered(40, 4)
    away = np.hypot(*(points - points[0]).T)
    planted = away <= np.sort(away)[6]
    values = 30 + rng.normal(0, 2.0, 40) + 15 * planted
    found = clusters.station_clusters(network(values, points))
    marked = set(found.high["place_id"])
    assert "S0" in marked
    core = {f"S{i}" for i in np.flatnonzero(planted)}
    assert len(marked & core) >= 5
    assert all(away[int(s[1:])] < 8_000 for s in marked)
    assert found.at("S0")["moran_kind"] == "high-high"
    said = " ".join(s.say("en") for s in found.sentences)
    assert f"{len(marked)} stand in a cluster of high values" in said
    assert "at most 5 %" in said


def test_a_lone_high_station_among_low_ones_is_told_apart() -> None:
    rng = np.random.default_rng(1)
    points = scattered(60, 1)
    # A wide low region, and in its middle one sensor that reads high.
    away = np.hypot(*(points - points[10]).T)
    values = np.where(away <= np.sort(away)[20], 20.0, 45.0) + rng.normal(0, 1.0, 60)
    values[10] = 60.0
    found = clusters.station_clusters(network(values, points))
    assert found.at("S10")["moran_kind"] == "high-low"
    assert found.at("S10")["gi"] != "high"


def test_pure_noise_is_rarely_marked() -> None:
    """Without any pattern the share of maps with a mark is the false-discovery rate: 5 %, and no more."""
    rng = np.random.default_rng(20)
    marked, uncorrected, maps = {"gi": 0, "moran_kind": 0}, 0, 120
    for trial in range(maps):
        near = clusters.nearest(scattered(20, 1000 + trial), 5)
        table = clusters.judge(rng.gamma(4.0, 8.0, 20), near, rate=0.05, permutations=PERMUTATIONS, seed=trial)
        for column in marked:
            marked[column] += int((table[column] != "").any())
        uncorrected += int((table["moran_p"] <= 0.05).any())
    # 120 maps at 5 %: 12 or more (10 %) would happen in 2 of 100 runs, and these numbers are seeded.
    assert max(marked.values()) < 12
    assert uncorrected > 30  # each test at 5 % alone: the correction is what holds the alarms down


def test_p_values_under_chance_are_even() -> None:
    rng = np.random.default_rng(2)
    pooled = []
    for trial in range(240):
        near = clusters.nearest(scattered(25, trial), 5)
        table = clusters.judge(rng.normal(size=25), near, rate=0.05, permutations=499, seed=trial)
        pooled.append(table[["gi_p", "moran_p"]].to_numpy())
    p = np.vstack(pooled)
    assert np.allclose((p <= 0.1).mean(axis=0), 0.1, atol=0.02)
    assert np.allclose((p <= 0.5).mean(axis=0), 0.5, atol=0.06)


def test_gi_star_is_the_published_formula() -> None:
    """Ord & Getis (1995), eq. 14.3, for one station by hand."""
    points, values = scattered(15, 7), np.random.default_rng(7).normal(30, 5, 15)
    near = clusters.nearest(points, 5)
    table = clusters.judge(values, near, rate=0.05, permutations=99)
    inside = [0, *near[0]]
    n, w = 15, 6
    mean, sd = values.mean(), values.std()
    expected = (values[inside].sum() - w * mean) / (sd * np.sqrt((n * w - w**2) / (n - 1)))
    assert table["gi_z"][0] == pytest.approx(expected, rel=1e-6)


def test_too_few_stations_give_a_sentence() -> None:
    found = clusters.station_clusters(network(np.arange(7.0), scattered(7, 0)))
    assert found.table.empty
    assert found.high.empty
    assert found.at("S0") is None
    assert "at least 8" in found.sentences[0].say("en")
    assert "8" in found.sentences[0].say("th")


def test_equal_values_give_a_sentence() -> None:
    found = clusters.station_clusters(network(np.full(20, 31.0), scattered(20, 0)), "days")
    assert found.table.empty
    assert "same value" in found.sentences[0].say("en")


def test_stations_at_one_place_are_one() -> None:
    points = scattered(12, 3)
    points[5] = points[2] + 3.0
    values = np.random.default_rng(3).normal(30, 4, 12)
    found = clusters.station_clusters(network(values, points))
    assert len(found.table) == 11
    row = found.at("S5")
    assert row["place_id"] == "S2,S5"
    assert row["value"] == pytest.approx(values[[2, 5]].mean())


def test_days_over_are_scaled_to_all_days_and_missing_values_left_out() -> None:
    days = np.arange(20.0)
    values = np.random.default_rng(3).normal(30, 4, 20)
    values[4] = np.nan
    screening = network(values, scattered(20, 3), days)
    assert clusters.station_clusters(screening, "days").at("S10")["value"] == pytest.approx(20.0)
    assert clusters.station_clusters(screening).at("S4") is None


def test_areas_that_touch_are_neighbours() -> None:
    squares = [box(x * 1000, y * 1000, (x + 1) * 1000, (y + 1) * 1000) for y in range(6) for x in range(6)]
    squares.append(box(50_000, 0, 51_000, 1_000))
    high = np.array([s.centroid.x < 3000 and s.centroid.y < 3000 for s in squares])
    values = 20 + np.random.default_rng(0).normal(0, 1, len(squares)) + 20 * high
    zones = gpd.GeoDataFrame(
        {"zone_id": [f"Z{i}" for i in range(len(squares))], "name_th": "เขต", "name_en": "area",
         "mean_ugm3": values, "days_over": np.where(high, 9.0, 1.0)}, geometry=squares, crs=UTM,
    )  # fmt: skip
    near = clusters.touching(zones.geometry)
    assert near[0] == [1, 6, 7]
    assert len(near[36]) == 2
    screening = network(values, scattered(len(squares), 1))
    screening.zones = zones
    found = clusters.area_clusters(screening)
    assert {"Z0", "Z1", "Z7"} <= set(found.high["place_id"])
    assert set(found.high["place_id"]) <= {f"Z{i}" for i in np.flatnonzero(high)} | {"Z3", "Z9", "Z15", "Z18", "Z19"}
    assert any("smooth" in s.say("en") for s in found.sentences)
    assert isinstance(clusters.area_clusters(screening, "days").table, pd.DataFrame)
