"""The map to take home: a print sheet as PDF, and the days as a moving picture (GIF).

The sheet shows the maps as they are on the screen (`geo.paper_map`), with title, legend, scale bar and sources, as a
picture in a PDF page of exact size; it needs no browser. The moving picture is drawn by `planning.maps`.
Scope cuts: letters in the PDF cannot be searched; a moving picture is a GIF, not an MP4.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from resvg_py import svg_to_bytes

from geo import palettes, paper_map
from geo.legend import PATTERNS, Key
from language import N_, UserError, day, note, translate
from language.progress import Progress, silent
from planning import maps

if TYPE_CHECKING:
    from planning.screening import Screening

PAPERS = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
"""Paper, lying: width and height in millimetres."""

PER_MM = 8.0
"""Pixels in a millimetre: 203 to the inch."""

UNITS = 6.0
"""Units of the drawing in a millimetre: a sign of 20 pixels on the screen is 3.3 mm on paper."""

MARGIN, HEAD, FOOT, LEGEND = 10.0, 19.0, 8.0, 78.0
"""Millimetres: the white edge, the title's room, the last line's, the legend's width."""

FRAME_MS = 600
"""Milliseconds that a day is shown."""

GIF_SIZE = (1180, 860)
"""Pixels of the moving picture."""


@dataclass(frozen=True)
class Sheet:
    """What is printed: the maps on the screen with their legend; all words translated.

    Attributes
    ----------
    title : str
        What the colours show, with its unit.
    place : str
    lines : sequence of str
        Averaging time, period, notes.
    keys : sequence of geo.legend.Key
        The classes, the patterns, the signs of the layers that are shown.
    sides : sequence of (title, calls of the drawing library)
        One map, or two beside each other; the title is empty where there is one.
    box : west, south, east, north
        The area, degrees.
    source : str
    simulated, approximate : bool
    snapshot : int
        Of the lake.
    picture, places : callable
        See `geo.paper_map.Panel`.
    """

    title: str
    place: str
    lines: Sequence[str]
    keys: Sequence[Key]
    sides: Sequence[tuple[str, Sequence[paper_map.Item]]]
    box: paper_map.Box
    source: str
    simulated: bool
    approximate: bool
    snapshot: int
    picture: Callable[[str, int], bytes]
    places: Callable[[str], Sequence[tuple[float, float]]]


def print_sheet(
    sheet: Sheet, lang: str = "th", paper: str = "A4", *, printed: date, step: str = "",
    box: paper_map.Box | None = None,
) -> bytes:  # fmt: skip
    """Return a sheet as PDF: title, map, legend, scale bar, north arrow, sources, date.

    Parameters
    ----------
    paper : {"A4", "A3"}
        Lying.
    printed : date
        Written at the foot.
    step : str
        Name of the step that a moving map shows; the one it starts with where it has no such step.
    box : west, south, east, north, optional
        The part of the map that is seen, degrees; all of the area by default.
    """
    if paper not in PAPERS:
        raise UserError("There is no paper {paper}; choose one of {papers}.", paper=paper, papers=", ".join(PAPERS))
    width, height = PAPERS[paper]
    svg = _page(sheet, lang, (width * UNITS, height * UNITS), printed, step, box)
    # Texts and signs are rendered by resvg, which shapes Thai as browsers do.
    png = svg_to_bytes(
        svg_string=svg, width=round(width * PER_MM), skip_system_fonts=True, font_family="Sarabun",
        font_files=[str(maps.FONTS / f"Sarabun-{face}.ttf") for face in ("Regular", "Bold")],
    )  # fmt: skip
    page = Image.open(io.BytesIO(png)).convert("RGB")
    stream = io.BytesIO()
    page.save(stream, "PDF", resolution=25.4 * PER_MM, quality=93, title=sheet.title, producer="EcoTown Air")
    return stream.getvalue()


def _page(
    sheet: Sheet, lang: str, size: tuple[float, float], printed: date, step: str, box: paper_map.Box | None
) -> str:
    """Return the whole page as SVG, its size in units."""
    width, height = size
    edge, top = MARGIN * UNITS, (MARGIN + HEAD) * UNITS
    room = (width - 2 * edge - LEGEND * UNITS, height - top - edge - FOOT * UNITS)
    shown = paper_map.step_of(sheet.sides[0][1], step)
    gap = 3 * UNITS
    each = (room[0] - gap * (len(sheet.sides) - 1)) / len(sheet.sides) - gap
    lines = [*([shown.words] if shown and len(sheet.sides) == 1 else []), *sheet.lines]
    parts = [_head(sheet, lang, lines, width, edge), _foot(sheet, lang, size, printed, edge)]
    for number_, (title, items) in enumerate(sheet.sides):
        panel = paper_map.Panel(box or sheet.box, (each, room[1]), sheet.picture, sheet.places)
        left = edge + number_ * (each + gap)
        own = paper_map.step_of(items, step if number_ == 0 else "")
        if own and shown and number_:  # maps side by side are at the same step, whatever its date
            own = paper_map.step_at(items, shown.number)
        words = " · ".join(filter(None, [title, own.words if own and len(sheet.sides) > 1 else ""]))
        frame = f"<rect width='{each:.1f}' height='{room[1]:.1f}' fill='none' stroke='{palettes.LINE}'/>"
        inside = panel.draw(items, own) + _scale_bar(panel, lang) + _north(panel, lang) + _name(words, each) + frame
        parts.append(f"<g transform='translate({left:.1f} {top:.1f})'>{inside}</g>")
    parts.append(_legend(sheet, lang, lines, (width - edge - LEGEND * UNITS, top), LEGEND * UNITS, room[1]))
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:g}' height='{height:g}' viewBox='0 0 {width:g} "
        f"{height:g}'><defs>{PATTERNS}</defs><rect width='{width:g}' height='{height:g}' fill='{palettes.PAPER}'/>"
        f"{''.join(parts)}</svg>"
    )


def place_name(screening: Screening, lang: str) -> str:
    """Return the names of the places that the area is made of."""
    rows = screening.area.to_dict("records")
    first, second = ("name_th", "name_en") if lang == "th" else ("name_en", "name_th")
    names = [str(row.get(first) or row.get(second) or row.get("code") or "") for row in rows]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _fitted(words: str, width: float, size: int, least: int, *, bold: bool = False) -> tuple[str, int]:
    """Return a line that fits: smaller letters first, then an end in dots."""
    while maps.font(size, bold).getlength(words) > width and size > least:
        size -= 1
    while maps.font(size, bold).getlength(words) > width and len(words) > 20:
        words = words[:-2].rstrip(" ;…") + "…"
    return words, size


def _head(sheet: Sheet, lang: str, lines: Sequence[str], width: float, edge: float) -> str:
    room = width - 2 * edge
    words, size = _fitted(f"{sheet.title} · {sheet.place}", room, 38, 22, bold=True)
    drawn = paper_map.text(words, edge, edge + 34, size, bold=True)
    mark = translate("Simulated data", lang) if sheet.simulated else ""
    if mark:
        drawn += paper_map.text(mark, width - edge, edge + 84, 30, bold=True, anchor="end",
                                colour=palettes.ZONE_CLASSES["urgent"])  # fmt: skip
    line, small = _fitted(" · ".join(lines[:2]), room - 300, 26, 18)
    return drawn + paper_map.text(line, edge, edge + 82, small, colour=palettes.LINE)


def _foot(sheet: Sheet, lang: str, size: tuple[float, float], printed: date, edge: float) -> str:
    width, y = size[0], size[1] - edge
    left = note(
        "EcoTown Air · printed {day} · data snapshot {snapshot}", day=day(printed, lang), snapshot=sheet.snapshot
    ).say(lang)  # fmt: skip
    room = width - 2 * edge - maps.font(19).getlength(left) - 40
    source, _size = _fitted(note("Source: {source}", source=sheet.source).say(lang), room, 19, 19)
    line = f"<path d='M{edge} {y - 30:.1f}H{width - edge:.1f}' stroke='{palettes.LINE}'/>"
    return (
        line
        + paper_map.text(left, edge, y - 4, 19)
        + paper_map.text(source, width - edge, y - 4, 19, anchor="end")
    )  # fmt: skip


def _legend(
    sheet: Sheet, lang: str, lines: Sequence[str], at: tuple[float, float], width: float, height: float
) -> str:
    """Return the column right of the map: what the colours are, the signs, the marks; smaller where there is much."""
    notes = [translate("Boundaries are approximate, not a legal line.", lang)] if sheet.approximate else []
    for size in (24, 22, 20, 18, 16, 14, 12, 10):
        drawn, used = _column(sheet, lines, notes, at, width, size)
        if used <= height:
            break
    return drawn


def _column(
    sheet: Sheet, lines: Sequence[str], notes: Sequence[str], at: tuple[float, float], width: float, size: int
) -> tuple[str, float]:
    x, y = at[0] + 12, at[1]
    parts: list[str] = []
    step = size * 1.42

    def write(words: str, indent: float = 0.0, *, bold: bool = False, colour: str = palettes.INK) -> None:
        nonlocal y
        for line in maps.wrap(words, maps.font(size, bold), width - 12 - indent):
            parts.append(paper_map.text(line, x + indent, y + size, size, bold=bold, colour=colour))
            y += step

    write(sheet.title, bold=True)
    for line in lines:
        write(line)
    y += size * 0.5
    for key in sheet.keys:
        wide = "width='26'" in key.drawing
        parts.append(paper_map.sign(key.drawing, x, y + size * 0.08, size * (1.5 if wide else 1.15)))
        write(key.words, size * 1.8)
        y += size * 0.12
    y += size * 0.4
    for line in notes:
        write(line, colour=palettes.LINE)
    return "".join(parts), y - at[1]


def _scale_bar(panel: paper_map.Panel, lang: str) -> str:
    metres = panel.size[0] * 0.22 * panel.metres_per_unit()
    power = 10 ** math.floor(math.log10(metres))
    metres = next(m * power for m in (5, 2, 1) if m * power <= metres)
    length, x, y = metres / panel.metres_per_unit(), 18.0, panel.size[1] - 18
    words = f"{metres / 1000:g} {translate('km', lang)}" if metres >= 1000 else f"{metres:g} {translate('m', lang)}"
    return (
        f"<rect x='{x - 9}' y='{y - 31:.1f}' width='{length + 18:.1f}' height='41' fill='{palettes.PAPER}' "
        f"fill-opacity='.85'/><path d='M{x} {y - 6:.1f}V{y:.1f}H{x + length:.1f}V{y - 6:.1f}' fill='none' "
        f"stroke='{palettes.INK}' stroke-width='2.4'/>"
        + paper_map.text(words, x + length / 2, y - 11, 18, anchor="middle")
    )


def _north(panel: paper_map.Panel, lang: str) -> str:
    x = panel.size[0] - 30
    arrow = f"M{x:.1f} 14L{x - 12:.1f} 48L{x:.1f} 41L{x + 12:.1f} 48z"
    return (
        f"<path d='{arrow}' fill='{palettes.INK}' stroke='{palettes.PAPER}' stroke-width='1.5'/>"
        + paper_map.text(translate("N", lang), x, 68, 19, bold=True, anchor="middle", halo=True)
    )


def _name(words: str, width: float) -> str:
    """Return the name of one of two maps, in its upper left corner."""
    if not words:
        return ""
    words, size = _fitted(words, width - 90, 22, 14, bold=True)
    room = maps.font(size, True).getlength(words) + 20
    box = f"<rect x='8' y='8' width='{room:.1f}' height='34' fill='{palettes.PAPER}' fill-opacity='.9'/>"
    return box + paper_map.text(words, 18, 32, size, bold=True)


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
