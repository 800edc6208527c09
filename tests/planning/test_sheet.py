"""The print sheet is a page of exact size in both languages; the moving picture holds every day in its classes."""

from __future__ import annotations

import io
from datetime import date

import geopandas as gpd
import pytest
from PIL import Image
from pypdf import PdfReader

from geo import layers, legend, moving, overlays, palettes, paper_map
from geo.drawing import drawing, geometry
from language import UserError
from planning import maps, sheet

PRINTED = date(2026, 11, 25)
RED = "#FF0000"


def sheet_of(screening, *, parts=(), sides=1, simulated=True):
    """Return a sheet of the period mean with the stations, or of the parts given."""
    scale = palettes.concentration_scale("pm25", 10, 60)
    points = screening.stations.to_crs(4326)
    stations = points.assign(lat=points.geometry.y, lon=points.geometry.x)
    parts = parts or [
        layers.picture(overlays.picture(screening.surface["mean"], scale)),
        layers.stations(stations, scale, lang="en"),
    ]
    items = paper_map.drawings(parts)
    return sheet.Sheet(
        title="PM2.5, mean (µg/m³)", place="Ban Pong", lines=["24-hour means"], keys=legend.class_keys(scale),
        sides=[(f"side {n}" if sides > 1 else "", items) for n in range(sides)],
        box=tuple(screening.area.to_crs(4326).total_bounds), source="made up", simulated=simulated, approximate=True,
        snapshot=3, picture=lambda _url, number: one_colour((255, 0, 0) if number == 1 else (0, 0, 255)),
        places=lambda _url: [],
    )  # fmt: skip


def one_colour(colour):
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(stream, "PNG")
    return stream.getvalue()


def page(made, lang="en", **given):
    reader = PdfReader(io.BytesIO(sheet.print_sheet(made, lang, printed=PRINTED, **given)))
    return reader.pages[0].images[0].image.convert("RGB")


def count(image, box, wanted):
    """Return how many pixels of a part (shares of the page) are as wanted."""
    w, h = image.size
    part = image.crop((int(box[0] * w), int(box[1] * h), int(box[2] * w), int(box[3] * h)))
    return sum(n for n, colour in part.getcolors(1 << 22) if wanted(*colour))


def ink(r, g, b):
    return r + g + b < 300


def red(r, g, b):
    return r > 150 and g < 90 and b < 90


@pytest.mark.parametrize(("paper", "size", "lang"), [("A4", (297, 210), "th"), ("A3", (420, 297), "en")])
def test_a_sheet_is_one_lying_page_of_its_paper(screening, paper, size, lang):
    reader = PdfReader(io.BytesIO(sheet.print_sheet(sheet_of(screening), lang, paper, printed=PRINTED)))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert [float(v) * 25.4 / 72 for v in (box.width, box.height)] == pytest.approx(size, abs=0.3)


def test_title_legend_scale_and_foot_are_on_the_sheet(screening):
    image = page(sheet_of(screening))
    for box in (
        (0.03, 0.04, 0.6, 0.1),  # title
        (0.71, 0.14, 0.97, 0.5),  # legend
        (0.03, 0.86, 0.15, 0.91),  # scale bar
        (0.64, 0.14, 0.69, 0.2),  # north arrow
        (0.03, 0.92, 0.4, 0.97),  # date and snapshot
    ):
        assert count(image, box, ink) > 60, box


def test_simulated_data_are_marked_and_real_ones_are_not(screening):
    corner = (0.8, 0.08, 0.98, 0.13)
    assert count(page(sheet_of(screening)), corner, red) > 100
    assert count(page(sheet_of(screening, simulated=False)), corner, red) == 0


def test_what_is_on_the_screen_is_printed_and_nothing_else(screening):
    whole = (0.03, 0.13, 0.7, 0.92)
    zone = screening.zones.geometry.iloc[0]
    drawn = {"geometry": geometry(gpd.GeoSeries([zone], crs=screening.zones.crs).to_crs(4326).iloc[0])}
    item = drawn | {"style": {"color": RED, "weight": 4, "fill": False}}
    outline = drawing("x", "shapes", {"pane": "zones", "items": [item]})
    assert count(page(sheet_of(screening)), whole, red) == 0
    assert count(page(sheet_of(screening, parts=[outline])), whole, red) > 200


def test_the_step_chosen_on_the_screen_is_printed_on_every_side(screening):
    low, high = overlays.bounds(screening.surface["mean"])
    moves = moving.moving(
        moving.Frames("../../pictures/k/{n}.png", ["1 Feb", "2 Feb"], ["2026-02-01", "2026-02-02"], (low, high), 0),
        lang="en", opacity=1.0,
    )  # fmt: skip
    made = sheet_of(screening, parts=[moves], sides=2)
    left, right = (0.1, 0.3, 0.3, 0.8), (0.42, 0.3, 0.62, 0.8)
    chosen = page(made, step="2026-02-02")
    assert min(count(chosen, side, red) for side in (left, right)) > 1000
    assert count(page(made, step="nonsense"), left, red) == 0, "an unknown step: the one it starts with"


def test_the_part_of_the_map_that_is_seen_is_printed(screening):
    west, south, east, north = screening.area.to_crs(4326).total_bounds
    part = (west, south, west + (east - west) / 4, south + (north - south) / 4)
    made = sheet_of(screening)
    assert page(made).tobytes() != page(made, box=part).tobytes()
    panel = paper_map.Panel(part, (600, 400), made.picture, made.places)
    assert panel.at((part[1] + part[3]) / 2, (part[0] + part[2]) / 2) == pytest.approx((300, 200), abs=0.5)


def test_an_unknown_paper_is_refused_in_words(screening):
    with pytest.raises(UserError, match="A4, A3"):
        sheet.print_sheet(sheet_of(screening), paper="Letter", printed=PRINTED)


def test_the_moving_picture_has_every_day_in_the_exact_classes(screening):
    film = Image.open(io.BytesIO(sheet.animation(screening, "en")))
    assert film.n_frames == len(screening.days)
    assert film.info["loop"] == 0
    layer = maps.day_layer(screening, screening.days[0], "en")
    shown = {layer.colours[c] for c in layer.classes[layer.classes >= 0].ravel()}
    colours = {c for _n, c in film.convert("RGB").getcolors(1 << 20)}
    assert {palettes.rgb(c) for c in shown} <= colours
    first = film.convert("RGB").tobytes()
    film.seek(film.n_frames - 1)
    assert film.convert("RGB").tobytes() != first


def test_days_over_have_even_whole_classes_that_reach_the_most(screening):
    scale = maps.days_scale(screening)
    steps = {b - a for a, b in zip(scale.breaks, scale.breaks[1:], strict=False)}
    assert len(steps) <= 1 and all(b == int(b) for b in scale.breaks)
    assert scale.index(float(screening.surface["expected_days"].max())) == len(scale.colours) - 1
