"""Map layers: plain data out of tables, every text escaped, identity kept, colours and shapes as the legend says."""

from __future__ import annotations

import base64
import io
import json
import re

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image
from pyproj import Transformer
from shapely.geometry import Point, box, shape

from geo import glyphs, layers, legend, overlays
from geo.palettes import EXCEEDANCE, NO_DATA, Scale

NASTY = "<script>alert('x')</script> & \"โรงงาน\" {{ 'y' }} </script>"


def data(group: folium.FeatureGroup) -> dict:
    """Return the plain data of a group's one drawing."""
    (drawing,) = group._children.values()
    return dict(drawing.data)


def script(group: folium.FeatureGroup) -> str:
    """Return the script that the browser gets for a group."""
    (drawing,) = group._children.values()
    return drawing.call


@pytest.fixture
def stations() -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {
            "station_id": ["a", "b", "c"],
            "name_th": [NASTY, "ข", "ค"],
            "name_en": ["A", "B", None],
            "kind": ["reference", "lowcost", "lowcost"],
            "network": "n",
            "source": "s",
            "value": [12.0, 60.0, np.nan],
            "days_over": [0, 12, np.nan],
            "n_days": [60, 60, 60],
            "lat": [13.8, 13.81, 13.82],
            "lon": [99.87, 99.88, 99.89],
            "simulated": [True, False, pd.NA],
        }
    )
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.lon, table.lat), crs=4326)


@pytest.fixture
def surface() -> xr.Dataset:
    """A 12 x 10 grid of 100 m in UTM 47N: rises to the east, unsupported in its west third."""
    x, y = 588050.0 + 100 * np.arange(12), 1526950.0 - 100 * np.arange(10)
    values = np.broadcast_to(np.arange(12.0) * 10, (10, 12)).astype(np.float32).copy()
    supported = np.broadcast_to(np.arange(12) >= 4, (10, 12))
    values[~supported] = np.nan
    return xr.Dataset(
        {
            "mean": (("y", "x"), values),
            "sd": (("y", "x"), values / 20),
            "exceedance": (("y", "x"), values / 110),
            "supported": (("y", "x"), supported.copy()),
        },
        coords={"x": x, "y": y},
    ).rio.write_crs(32647)


SCALE = Scale((25.0, 50.0), ("#FAF3DF", "#CE913B", "#351F17"))


def pixels(url: str) -> tuple[np.ndarray, Image.Image]:
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1])))
    return np.asarray(image), image


class TestText:
    def test_every_field_is_escaped(self, stations: gpd.GeoDataFrame) -> None:
        """A name from a file cannot become a tag, close the script, or reach a template."""
        item = data(layers.stations(stations, SCALE, lang="th"))["items"][0]
        for key in ("tip", "pop"):
            assert "<script" not in item[key]
            assert "&lt;script&gt;" in item[key]
        sent = script(layers.stations(stations, SCALE, lang="th"))
        assert "</script" not in sent
        assert "{{" not in sent
        assert "<" not in sent

    @pytest.mark.parametrize("lang", ["th", "en"])
    def test_factories_receptors_and_areas_too(self, lang: str) -> None:
        factory = pd.DataFrame(
            [
                {
                    "factory_id": "f",
                    "name_th": NASTY,
                    "activity": NASTY,
                    "type_no": 58,
                    "type_sub": 1,
                    "hp": 80.0,
                    "lat": 13.8,
                    "lon": 99.8,
                }
            ]
        )
        receptor = pd.DataFrame([{"receptor_id": "r", "name_th": NASTY, "kind": "school", "lat": 13.8, "lon": 99.8}])
        zone = gpd.GeoDataFrame(
            [{"zone_id": "Z1", "rank": 1, "name_th": NASTY, "name_en": NASTY, "class": "urgent", "score": 80.0,
              "days_over": 3.0, "people": None, "mean_ugm3": 40.0, "lower95": 30.0, "upper95": 50.0,
              "reason_th": NASTY, "reason_en": NASTY}],
            geometry=[box(99.8, 13.8, 99.9, 13.9)], crs=4326,
        )  # fmt: skip
        for group in (
            layers.factories(factory, {}, lang=lang),
            layers.receptors(receptor, lang=lang),
            layers.zones(zone, lang=lang),
        ):
            item = data(group)["items"][0]
            assert "<script" not in item["tip"] + item["pop"]

    def test_both_languages_have_their_name(self, stations: gpd.GeoDataFrame) -> None:
        names = [item["tip"] for item in data(layers.stations(stations, SCALE, lang="en"))["items"]]
        assert names[1].startswith("B")
        assert names[2].startswith("ค")  # the other language where one is missing


class TestStations:
    def test_shape_tells_the_kind_and_grey_no_data(self, stations: gpd.GeoDataFrame) -> None:
        found = data(layers.stations(stations, SCALE, lang="th", flagged=["b"]))
        drawn = {item["id"]: found["icons"][item["icon"]] for item in found["items"]}
        assert "<rect" in drawn["a"] and "<circle" not in drawn["a"]
        assert SCALE.colour(12.0) in drawn["a"]
        assert "stroke-dasharray" in drawn["b"] and SCALE.colour(60.0) in drawn["b"]
        assert NO_DATA in drawn["c"] and "stroke-dasharray" not in drawn["c"]

    def test_the_simulated_mark_follows_the_row(self, stations: gpd.GeoDataFrame) -> None:
        marks = ["eco-sim" in item["pop"] for item in data(layers.stations(stations, SCALE, lang="en"))["items"]]
        assert marks == [True, False, False]


class TestFactories:
    def test_size_grows_with_horsepower(self) -> None:
        sizes = [glyphs.horsepower_size(hp) for hp in (None, 10, 100, 1000, 10000)]
        assert sizes == sorted(sizes)
        assert len(set(sizes[1:])) == 4

    def test_each_family_has_a_shape_of_its_own(self) -> None:
        drawings = [glyphs.factory(kind) for kind in glyphs.FACTORY_FAMILIES]
        assert len(set(drawings)) == len(glyphs.FACTORY_FAMILIES)
        receptors = [glyphs.receptor(kind) for kind in glyphs.RECEPTOR_KINDS]
        assert len(set(receptors)) == len(glyphs.RECEPTOR_KINDS)

    def test_family_from_the_catalogue(self) -> None:
        table = pd.DataFrame(
            {
                "factory_id": ["a", "b"],
                "type_no": [58, 999],
                "type_sub": [1, 0],
                "hp": [1.0, np.nan],
                "lat": 13.8,
                "lon": 99.8,
            }
        )
        icons = [i["icon"] for i in data(layers.factories(table, {(58, 1): "mineral"}, lang="th"))["items"]]
        assert icons == ["mineral", "other"]

    @pytest.mark.parametrize("count, gathered", [(10, False), (layers.CLUSTER_ABOVE + 1, True)])
    def test_many_are_gathered(self, count: int, gathered: bool) -> None:
        table = pd.DataFrame({"factory_id": range(count), "lat": 13.8, "lon": 99.8})
        found = data(layers.factories(table, {}, lang="th"))
        assert found["cluster"] is gathered
        assert len(found["items"]) == count  # nothing is dropped

    def test_without_a_place_nothing_is_drawn(self) -> None:
        table = pd.DataFrame({"factory_id": ["a", "b"], "lat": [13.8, np.nan], "lon": [99.8, 99.8]})
        assert [i["id"] for i in data(layers.factories(table, {}, lang="th"))["items"]] == ["a"]


class TestBase:
    def test_identity_depends_on_what_is_shown(self) -> None:
        """streamlit-folium cuts `_[a-z0-9]+` out of the script: other bounds must still make another key."""
        from streamlit_folium import _get_map_string, generate_js_hash

        def key(east: float) -> str:
            table = gpd.GeoDataFrame({"name_th": ["ก"]}, geometry=[box(99.8, 13.7, east, 13.9)], crs=4326)
            made = layers.base_map(table, lang="th")
            made.get_root().render()
            return generate_js_hash(_get_map_string(made), "k")

        assert key(99.9) == key(99.9)
        assert key(99.9) != key(99.95)

    def test_no_address_outside(self) -> None:
        table = gpd.GeoDataFrame({"name_th": ["ก"]}, geometry=[box(99.8, 13.7, 99.9, 13.9)], crs=4326)
        made = layers.base_map(table, lang="en")
        made.get_root().render()
        assert "http" not in made.get_root().script.render()

    def test_projected_boundaries_come_back_in_degrees(self) -> None:
        table = gpd.GeoDataFrame({"name_th": ["ก"]}, geometry=[box(99.8, 13.7, 99.9, 13.9)], crs=4326).to_crs(32647)
        item = data(layers.boundaries(table, lang="th"))["items"][0]
        assert shape(item["geometry"]).centroid.distance(Point(99.85, 13.8)) < 0.01

    def test_approximate_boundaries_are_dashed(self) -> None:
        table = gpd.GeoDataFrame(
            {"name_th": ["ก", "ข"], "approximate": [True, False]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326
        )
        styles = [item["style"] for item in data(layers.boundaries(table, lang="th"))["items"]]
        assert "dashArray" in styles[0] and "dashArray" not in styles[1]


class TestAreas:
    @pytest.fixture
    def hotspots(self) -> gpd.GeoDataFrame:
        row = {
            "hotspot_id": "H1", "rank": 1, "name_th": "ตลาด", "name_en": "Market", "days_over": 12.4,
            "days_total": 60, "people": 1200, "receptors": 2, "area_km2": 0.5, "mean_ugm3": 44.0,
            "lower95": 38.0, "upper95": 51.0,
        }  # fmt: skip
        return gpd.GeoDataFrame([row], geometry=[box(99.86, 13.8, 99.88, 13.82)], crs=4326)

    def test_outline_and_badge(self, hotspots: gpd.GeoDataFrame) -> None:
        item = data(layers.hotspots(hotspots, lang="en", selected="H1"))["items"][0]
        assert item["badge"] == "H1" and item["selected"]
        assert "95 % range: 38–51" in item["pop"]
        lat, lon = item["badgeAt"]
        assert hotspots.geometry.iloc[0].contains(Point(lon, lat))

    def test_by_badge_leaves_the_ground_to_be_asked(self, hotspots: gpd.GeoDataFrame) -> None:
        item = data(layers.hotspots(hotspots, lang="th", by_badge=True))["items"][0]
        assert "pop" not in item and "pop" in item["badgeCard"]


class TestOverlays:
    def test_picture_lies_where_the_grid_lies(self, surface: xr.Dataset) -> None:
        (south, west), (north, east) = overlays.picture(surface["mean"], SCALE).bounds
        to_degrees = Transformer.from_crs(32647, 4326, always_xy=True)
        x, y = to_degrees.transform(*zip((588000, 1526000), (589200, 1527000), strict=True))
        assert west == pytest.approx(min(x), abs=2e-4) and east == pytest.approx(max(x), abs=2e-4)
        assert south == pytest.approx(min(y), abs=2e-4) and north == pytest.approx(max(y), abs=2e-4)

    def test_picture_has_the_classes_and_nothing_where_unsupported(self, surface: xr.Dataset) -> None:
        image, file = pixels(overlays.picture(surface["mean"], SCALE).url)
        assert file.mode == "P"
        height, width = image.shape
        assert (image[:, : width // 4] == 0).all()  # transparent
        row = image[height // 2, width // 3 + 20 : -10]
        assert (np.diff(row.astype(int)) >= 0).all()
        assert set(np.unique(row)) == {2, 3}

    def test_a_palette_keeps_it_small(self, surface: xr.Dataset) -> None:
        assert len(overlays.picture(surface["mean"], SCALE).url) < 20_000

    def test_probability_classes_bound_as_the_words(self, surface: xr.Dataset) -> None:
        areas = overlays.probability_areas(surface["exceedance"])
        assert set(areas) <= set(EXCEEDANCE)
        assert sum(shape(a).area for a in areas.values()) == pytest.approx(
            shape(overlays.outline(surface["supported"].to_numpy(), surface["mean"])).area, rel=1e-6
        )

    def test_hatch_covers_exactly_what_nothing_supports(self, surface: xr.Dataset) -> None:
        mask = np.ones((10, 12), bool)
        found = overlays.unsupported(surface, mask)
        assert found is not None
        area = gpd.GeoSeries([shape(found)], crs=4326).to_crs(32647).area.iloc[0]
        assert area == pytest.approx(4 * 10 * 100 * 100, rel=1e-4)
        assert overlays.unsupported(surface, surface["supported"].to_numpy()) is None

    def test_dots_grow_with_the_standard_deviation(self, surface: xr.Dataset) -> None:
        dots, full = overlays.dots(surface["sd"], across=12)
        assert full >= float(np.nanmax(surface["sd"]))
        by_lon = sorted(dots, key=lambda d: d[1])
        assert by_lon[0][2] < by_lon[-1][2] <= 6.0

    def test_nothing_known_gives_no_dots(self, surface: xr.Dataset) -> None:
        assert overlays.dots(surface["sd"] * np.nan) == ([], 0.0)


class TestLegend:
    @pytest.mark.parametrize("lang", ["th", "en"])
    def test_says_unit_time_source_and_marks(self, lang: str) -> None:
        html = legend.build(
            "PM2.5 (µg/m³)", lang=lang, body=legend.colour_bar(SCALE, "µg/m³"), lines=["1–2"],
            always=[legend.hatch_key(lang)], source=NASTY, simulated=True, approximate=True,
        )  # fmt: skip
        assert "<script" not in html
        assert "eco-sim" in html and "1–2" in html and "eco-hatch" in html
        assert re.findall(r"<span style='left:[\d.]+%'>([\d.]+)</span>", html) == ["25", "50"]

    def test_four_classes_with_patterns_and_words(self) -> None:
        html = legend.probability_classes("en")
        for words in ("unlikely to exceed", "may exceed", "likely to exceed", "almost certain to exceed"):
            assert words in html
        assert html.count("url(#eco-") == 3


def test_scripts_are_plain_json(stations: gpd.GeoDataFrame) -> None:
    """No NaN, which JavaScript's JSON does not know, whatever is missing in the table."""
    sent = script(layers.stations(stations, SCALE, lang="th"))
    body = sent[sent.index("(") + 1 : -1]
    json.loads(body, parse_constant=lambda word: pytest.fail(word))


def test_a_map_begins_with_the_view_asked_for() -> None:
    """The area's land is drawn, but the view is a station's surroundings."""
    area = gpd.GeoDataFrame({"name_th": ["ก"], "name_en": ["A"]}, geometry=[box(99.0, 13.0, 100.0, 14.0)], crs=4326)
    for view, bounds in ((None, "[[13.0,99.0],[14.0,100.0]]"), ((99.4, 13.4, 99.6, 13.6), "[[13.4,99.4],[13.6,99.6]]")):
        made = layers.base_map(area, lang="en", view=view).get_root()
        assert f'"bounds":{bounds}' in made.render().replace(" ", "")
