"""The whole walk on real input: German PM10, Thai factories and tambons, a Californian fire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import box, mapping

from geo.catalogues import factory_types
from geo.importing import import_file
from geo.lake import Lake
from geo.readers import Options
from planning import artefacts, sources
from planning.screening import Parameters, Screening, screen
from planning.settings import settings


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Return an empty lake for this module."""
    folder = tmp_path_factory.mktemp("lake")
    with Lake.open(folder / "catalog.sqlite", folder / "files") as opened:
        yield opened


def town(lake: Lake, folder: Path, name: str, lon: float, lat: float, size: float = 0.1) -> None:
    """Import a box around a city as a municipality of four quarters."""
    whole = box(lon - size, lat - size, lon + size, lat + size)
    rows = [("", whole, "municipality")]
    for i, (x, y) in enumerate([(-size, 0.0), (0.0, 0.0), (-size, -size), (0.0, -size)]):
        rows.append((f" {i + 1}", box(lon + x, lat + y, lon + x + size, lat + y + size), "subarea"))
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": f"{name}{tag}".replace(" ", "-"),
                "name_th": f"{name}{tag}",
                "name_en": f"{name}{tag}",
                "level": level,
                "population": 40_000 if tag == "" else 10_000,
            },
            "geometry": mapping(shape),
        }
        for tag, shape, level in rows
    ]
    file = folder / f"{name}.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_file(lake, file, "boundaries", options=Options(approximate=True, source="drawn for the test"))


@pytest.fixture(scope="module")
def germany(lake: Lake, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return the lake with 69 German background stations, January 2005, and a box around Leipzig."""
    folder = tmp_path_factory.mktemp("germany")
    readings = pd.read_csv(shared_data / "de_rb_2005" / "pm10_daily_long.csv")
    january = folder / "pm10.csv"
    readings[readings["date"] <= "2005-01-31"].to_csv(january, index=False)
    stations = import_file(
        lake, shared_data / "de_rb_2005" / "stations.csv", "stations", options=Options(source="EEA AirBase v6")
    )
    assert stations.kept == 69
    import_file(lake, january, "observations")
    town(lake, folder, "Leipzig", 12.37, 51.34)
    return lake


LEIPZIG = Parameters("Leipzig", "pm10", date(2005, 1, 1), date(2005, 1, 31), threshold=20.0)


@pytest.fixture(scope="module")
def leipzig(germany: Lake) -> Screening:
    """Return Leipzig screened for days over 20 µg/m³."""
    return screen(germany, LEIPZIG)


def test_a_german_month_gives_every_artefact(leipzig: Screening, tmp_path: Path) -> None:
    """Surface, hotspots, zones, factories and manifest are there and readable."""
    assert 20 <= len(leipzig.stations) <= 69 and leipzig.days_total == 31
    assert leipzig.stations["distance_km"].max() <= 300
    assert not leipzig.simulated and "EEA AirBase v6" in " ".join(leipzig.sources)
    out = artefacts.write(leipzig, tmp_path / "out")
    with rasterio.open(out / "surface.tif") as surface:
        assert surface.descriptions == ("mean", "sd", "exceedance")
        assert surface.crs.to_epsg() == 32633
        mean = surface.read(1, masked=True)
        assert 10 < mean.mean() < 40
        assert surface.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"
    zones = gpd.read_file(out / "zones.gpkg")
    assert len(zones) == 4 and zones["score"].between(0, 100).all()
    assert zones["people"].tolist() == [10_000] * 4
    table = pd.read_csv(out / "zones.csv", encoding="utf-8-sig")
    assert (out / "zones.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert len(pd.read_csv(out / "factories.csv", encoding="utf-8-sig")) == 0
    assert {"hotspot_id", "people", "days_over"} <= set(gpd.read_file(out / "hotspots.gpkg").columns)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["snapshot"] == leipzig.snapshot and manifest["standard"]["value"] == 20.0
    assert all(n["th"] and n["en"] for n in manifest["notes"])


def test_the_german_surface_agrees_with_its_stations(leipzig: Screening) -> None:
    """Leave-one-out stands near the published 6.1 µg/m³ for the year, and intervals hold what they say."""
    assert leipzig.validation.rmse < 9
    assert 0.8 <= leipzig.validation.coverage90 <= 1.0
    surface = leipzig.surface
    days = surface["expected_days"].to_numpy()
    assert np.nanmin(days) >= 0 and np.nanmax(days) <= 31
    assert np.allclose(days / 31, surface["exceedance"], equal_nan=True, atol=1e-5)


@pytest.mark.long
def test_clean_air_gives_empty_layers_and_says_what_comes_nearest(germany: Lake, tmp_path: Path) -> None:
    """Nothing is near 400 µg/m³: empty tables with every column, and a note."""
    result = screen(germany, replace(LEIPZIG, threshold=400.0))
    assert result.hotspots.empty and "urgent" not in set(result.zones["class"])
    assert any("There is no hotspot" in n for n in result.say_notes("en"))
    out = artefacts.write(result, tmp_path)
    written = gpd.read_file(out / "hotspots.gpkg")
    assert len(written) == 0 and {"hotspot_id", "name_th", "max_day"} <= set(written.columns)
    assert len(pd.read_csv(out / "hotspots.csv", encoding="utf-8-sig")) == 0
    assert artefacts.read(out).hotspots.empty


def test_prachinburi_factories_are_joined_and_doubled_places_reported(lake: Lake, shared_data: Path) -> None:
    """632 factories, each in a tambon or named; 61 stand where an earlier one does; potential from the catalogue."""
    import_file(lake, shared_data / "thailand_boundaries" / "tha_adm3_simplified.gpkg", "boundaries")
    report = import_file(lake, shared_data / "factories_diw_prachinburi" / "factories_prachinburi.csv", "factories")
    assert report.kept == 632 and report.dropped.empty
    factories = lake.factories()
    factories = factories[factories["import_id"] == report.import_id]
    assert len(factories) == 632
    assert factories["boundary_code"].str.startswith("TH25").mean() > 0.97
    places = factories[["lat", "lon"]].apply(tuple, axis=1)
    shared = places.duplicated(keep=False)
    assert (shared.sum(), places.duplicated().sum()) == (102, 61)
    assert factories.loc[shared, "coordinate_note"].notna().all()
    assert any("61" in n.say("en") for n in report.notes)
    named, notes = sources.add_potential(factories, factory_types(), settings())
    known = named["potential"].notna()
    assert known.mean() > 0.5 and named.loc[known, "potential"].between(0, 9).all()
    assert known.all() or any(str((~known).sum()) in n.say("en") for n in notes)


@pytest.fixture(scope="module")
def fire(lake: Lake, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return the lake with a week of the 2018 Camp Fire and a box around Chico."""
    folder = tmp_path_factory.mktemp("fire")
    source = shared_data / "pm25_airnow_campfire_2018"
    readings = pd.read_csv(source / "pm25_hourly_long.csv.gz")
    week = readings[readings["datetime"].between("2018-11-09T00", "2018-11-16T24")]
    assert week["pm25"].max() > 1000
    week.to_csv(folder / "week.csv", index=False)
    import_file(lake, source / "stations.csv", "stations")
    import_file(lake, folder / "week.csv", "observations")
    town(lake, folder, "Chico", -121.84, 39.73, size=0.2)
    return lake


@pytest.mark.long
def test_a_fire_week_with_extremes_and_gaps_is_screened(fire: Lake) -> None:
    """Hourly values over 1,000 µg/m³ and outages: hotspots with finite numbers, nearly every day over."""
    result = screen(fire, Parameters("Chico", "pm25", date(2018, 11, 10), date(2018, 11, 15)))
    assert result.standard.value == 50.0  # the Thai standard of 2018
    assert result.daily.isna().any().any() and float(result.daily.max().max()) > 150
    assert result.surface.rio.crs.to_epsg() == 32610
    assert len(result.hotspots) >= 1
    first = result.hotspots.iloc[0]
    assert first["days_over"] > 0.5 * result.days_total
    numbers = ["days_over", "mean_ugm3", "lower95", "upper95", "excess_ugm3", "probability", "area_km2"]
    assert np.isfinite(first[numbers].astype(float)).all()
    assert 0 < first["lower95"] < first["mean_ugm3"] < first["upper95"]
    assert result.zones["class"].eq("urgent").any()
