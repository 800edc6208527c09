"""The map to take home: a print sheet as PDF, and the days as a moving picture (GIF).

Both are drawn by `planning.maps`, whose text engine places Thai vowels and tone marks rightly; the
sheet is therefore a picture in a PDF page of exact size, and needs no browser and no further library.
Scope cuts: letters in the PDF cannot be searched; a moving picture is a GIF, not an MP4.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from geo import palettes
from language import N_, UserError, date_range, day, note, translate
from language.progress import Progress, silent
from planning import maps

if TYPE_CHECKING:
    from planning.screening import Screening

PAPERS = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
"""Paper, lying: width and height in millimetres."""

PER_MM = 8.0
"""Pixels in a millimetre: 203 to the inch."""

MARGIN, HEAD, FOOT = 10.0, 22.0, 9.0
"""Millimetres: the white edge, the title's room, the last line's."""

TITLES = {
    "mean": N_("Dust map: mean of the period"),
    "days": N_("Dust map: days over the standard"),
    "zones": N_("Dust map: priority zones"),
}

FRAME_MS = 600
"""Milliseconds that a day is shown."""

GIF_SIZE = (1180, 860)
"""Pixels of the moving picture."""


def print_sheet(
    screening: Screening, layer: str = "mean", lang: str = "th", paper: str = "A4", *, printed: date
) -> bytes:
    """Return a sheet as PDF: title, map, legend, scale bar, north arrow, sources, date.

    Parameters
    ----------
    layer : {"mean", "days", "zones"}
        See `planning.maps.draw_map`.
    paper : {"A4", "A3"}
        Lying.
    printed : date
        Written at the foot.
    """
    if paper not in PAPERS:
        raise UserError("There is no paper {paper}; choose one of {papers}.", paper=paper, papers=", ".join(PAPERS))
    width, height = (round(side * PER_MM) for side in PAPERS[paper])
    edge = round(MARGIN * PER_MM)
    page = Image.new("RGB", (width, height), palettes.PAPER)
    room = (width - 2 * edge, height - 2 * edge - round((HEAD + FOOT) * PER_MM))
    drawn = maps.compose(
        screening, maps.choose(screening, layer, lang), lang, round(room[0] / 1.5), round(room[1] / 1.5),
        zones=layer == "zones",
    )  # fmt: skip
    page.paste(drawn, (edge, edge + round(HEAD * PER_MM)))
    _head(page, screening, layer, lang, edge)
    _foot(page, screening, lang, printed, edge)
    stream = io.BytesIO()
    title = translate(TITLES[layer], lang)
    page.save(stream, "PDF", resolution=25.4 * PER_MM, quality=93, title=title, producer="EcoTown Air")
    return stream.getvalue()


def place_name(screening: Screening, lang: str) -> str:
    """Return the names of the places that the area is made of."""
    rows = screening.area.to_dict("records")
    first, second = ("name_th", "name_en") if lang == "th" else ("name_en", "name_th")
    names = [str(row.get(first) or row.get(second) or row.get("code") or "") for row in rows]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _head(page: Image.Image, screening: Screening, layer: str, lang: str, edge: int) -> None:
    draw = ImageDraw.Draw(page)
    title = f"{translate(TITLES[layer], lang)} · {place_name(screening, lang)}"
    size = 62
    while maps.font(size, True).getlength(title) > page.width - 2 * edge and size > 30:
        size -= 4
    draw.text((edge, edge - 12), title, font=maps.font(size, True), fill=palettes.INK)
    span = date_range(screening.parameters.start, screening.parameters.end, lang)
    words = note("24-hour means of {count} days, {span}", count=screening.days_total, span=span).say(lang)
    draw.text((edge, edge + 84), words, font=maps.font(40), fill=palettes.LINE)
    if screening.simulated:
        mark, face = translate("Simulated data", lang), maps.font(44, True)
        left = page.width - edge - face.getlength(mark)
        draw.text((left, edge + 80), mark, font=face, fill=palettes.ZONE_CLASSES["urgent"])


def _foot(page: Image.Image, screening: Screening, lang: str, printed: date, edge: int) -> None:
    draw = ImageDraw.Draw(page)
    top = page.height - edge - 48
    draw.line((edge, top - 14, page.width - edge, top - 14), fill=palettes.LINE, width=2)
    face = maps.font(30)
    left = note(
        "EcoTown Air · printed {day} · data snapshot {snapshot}", day=day(printed, lang), snapshot=screening.snapshot
    ).say(lang)  # fmt: skip
    source = note("Source: {source}", source="; ".join(screening.sources)).say(lang)
    room = page.width - 2 * edge - face.getlength(left) - 60
    while face.getlength(source) > room and len(source) > 20:
        source = source[:-2].rstrip(" ;…") + "…"
    draw.text((edge, top), left, font=face, fill=palettes.INK)
    draw.text((page.width - edge, top), source, font=face, fill=palettes.INK, anchor="ra")


def animation(screening: Screening, lang: str = "th", progress: Progress = silent) -> bytes:
    """Return the days as a GIF that repeats: one picture a day, all in the same classes, each with its date."""
    days = screening.days
    if not days:
        raise UserError("There is no day with a map in this period; choose a longer one.")
    first = maps.day_layer(screening, days[0], lang)
    ground = maps.compose(screening, first, lang, *GIF_SIZE)
    frames: list[Image.Image] = []
    table = _palette(first.colours)
    for n, when in enumerate(days):
        picture = ground.copy()
        maps.paste_panels(picture, screening, first if n == 0 else maps.day_layer(screening, when, lang), lang)
        _date_strip(picture, day(when, lang), (n + 1) / len(days))
        small = picture.resize(GIF_SIZE, Image.Resampling.LANCZOS)
        frames.append(small.quantize(palette=table, dither=Image.Dither.NONE))
        progress((n + 1) / len(days), N_("Drawing a map for each day"))
    stream = io.BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, optimize=False
    )
    return stream.getvalue()


def _palette(colours: Sequence[str]) -> Image.Image:
    """Return one palette for all pictures: each class's own colour exactly, and its way to paper and to ink."""
    tones = (*colours, palettes.LAND, palettes.HOTSPOT, palettes.PRIMARY, palettes.ZONE_CLASSES["urgent"])
    found = [palettes.rgb(tone) for tone in tones]
    found += [palettes.rgb(palettes.blend((tone, palettes.PAPER), part)) for tone in tones for part in (0.3, 0.6, 0.85)]
    found += [palettes.rgb(palettes.blend((tone, palettes.INK), part)) for tone in tones for part in (0.35, 0.7)]
    found += [palettes.rgb(grey) for grey in palettes.ramp((palettes.INK, palettes.PAPER), 24)]
    image = Image.new("P", (1, 1))
    image.putpalette([part for tone in (found + [(255, 255, 255)] * 256)[:256] for part in tone])
    return image


def _date_strip(picture: Image.Image, words: str, share: float) -> None:
    draw = ImageDraw.Draw(picture)
    left, width, y = picture.width * maps.MAP_SHARE + 30, picture.width * (1 - maps.MAP_SHARE) - 50, picture.height - 22
    draw.rectangle((left - 10, y - 80, picture.width, picture.height), fill=palettes.PAPER)
    draw.text((left, y - 76), words, font=maps.font(46, True), fill=palettes.INK)
    draw.rectangle((left, y, left + width, y + 10), fill="#DDE4DC")
    draw.rectangle((left, y, left + width * share, y + 10), fill=palettes.PRIMARY)
