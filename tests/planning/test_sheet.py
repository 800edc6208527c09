"""The print sheet is a page of exact size in both languages; the moving picture holds every day in its classes."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image
from pypdf import PdfReader

from geo import palettes
from language import UserError
from planning import maps, sheet

PRINTED = date(2026, 11, 25)


@pytest.mark.parametrize(("paper", "size"), [("A4", (297, 210)), ("A3", (420, 297))])
@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_sheet_is_one_lying_page_of_its_paper(screening, paper, size, lang):
    reader = PdfReader(io.BytesIO(sheet.print_sheet(screening, "mean", lang, paper, printed=PRINTED)))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert [float(v) * 25.4 / 72 for v in (box.width, box.height)] == pytest.approx(size, abs=0.3)


def page(screening, layer="mean", lang="en"):
    reader = PdfReader(io.BytesIO(sheet.print_sheet(screening, layer, lang, printed=PRINTED)))
    return reader.pages[0].images[0].image.convert("RGB")


def dark(image, box):
    """Return how many pixels of a part (shares of the page) are ink."""
    w, h = image.size
    part = image.crop((int(box[0] * w), int(box[1] * h), int(box[2] * w), int(box[3] * h))).convert("L")
    return sum(part.histogram()[:100])


def test_title_legend_scale_and_foot_are_on_the_sheet(screening):
    image = page(screening)
    assert dark(image, (0.03, 0.04, 0.6, 0.1)) > 500  # title
    assert dark(image, (0.68, 0.15, 0.97, 0.6)) > 500  # legend
    assert dark(image, (0.03, 0.85, 0.15, 0.91)) > 100  # scale bar
    assert dark(image, (0.58, 0.15, 0.65, 0.25)) > 100  # north arrow
    assert dark(image, (0.03, 0.93, 0.4, 0.97)) > 100  # date and snapshot


def test_simulated_data_are_marked_and_real_ones_are_not(made_up):
    corner = (0.8, 0.08, 0.98, 0.13)

    def red(image):
        w, h = image.size
        part = image.crop((int(corner[0] * w), int(corner[1] * h), int(corner[2] * w), int(corner[3] * h)))
        return sum(n for n, (r, g, b) in part.getcolors(1 << 20) if r > 150 and g < 90 and b < 90)

    assert red(page(made_up(simulated=True))) > 100
    assert red(page(made_up(simulated=False))) == 0


def test_an_unknown_paper_is_refused_in_words(screening):
    with pytest.raises(UserError, match="A4, A3"):
        sheet.print_sheet(screening, paper="Letter", printed=PRINTED)


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
