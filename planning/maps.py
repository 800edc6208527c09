"""Map pictures for documents: the surface in classes, outlines, badges, scale bar and a full legend.

Drawn with Pillow rather than a plotting library, because its text engine (Raqm) places Thai vowels
and tone marks rightly. The map is drawn in the surface's own UTM grid, north up, twice as large as
asked for and then reduced, so that lines are smooth in print.

Scope cuts: no base map; names are written inside zones only where they fit.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from geo import palettes
from language import N_, date_range, note, number, pollutant_name, translate, unit
from planning import panels

if TYPE_CHECKING:
    from planning.screening import Screening

FONTS = Path(__file__).resolve().parents[1] / "static" / "fonts"
TIMES = 2
"""Drawn so many times larger than asked for, then reduced."""

MAP_SHARE = 0.66
"""Of a picture's width is map; the rest is legend."""

LAYERS = ("mean", "days", "zones")


@dataclass(frozen=True)
class Layer:
    """What a map shows: a title, classes with their colours, and the class of each cell (-1: no data)."""

    title: str
    unit: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    classes: NDArray[np.int_]


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the vendored Thai font."""
    return ImageFont.truetype(str(FONTS / f"Sarabun-{'Bold' if bold else 'Regular'}.ttf"), size)


class Canvas:
    """A picture of one panel: places in metres become pixels.

    Parameters
    ----------
    bounds : (xmin, ymin, xmax, ymax) in metres, of the same shape as `size`
    size : (width, height) in pixels
    """

    def __init__(self, bounds: panels.Bounds, size: tuple[int, int]) -> None:
        self.size = size
        self.per_metre = size[0] / (bounds[2] - bounds[0])
        self.x0, self.y0 = bounds[0], bounds[3]
        self.image = Image.new("RGB", size, palettes.LAND)
        self.draw = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a place."""
        return (x - self.x0) * self.per_metre, (self.y0 - y) * self.per_metre

    def ring(self, points: Iterable[tuple[float, ...]]) -> list[tuple[float, float]]:
        """Return a ring of pixels."""
        return [self.at(p[0], p[1]) for p in points]

    def outline(self, shape: BaseGeometry, colour: str, width: int) -> None:
        """Draw the outline of a polygon, with a white casing so that it stands on any colour."""
        for line_colour, line_width in ((palettes.PAPER, width + 4), (colour, width)):
            for polygon in polygons(shape):
                for ring in (polygon.exterior, *polygon.interiors):
                    self.draw.line(self.ring(ring.coords), fill=line_colour, width=line_width, joint="curve")

    def badge(self, x: float, y: float, text: str, colour: str, radius: int) -> None:
        """Draw a round badge with a short text, centred on a place."""
        px, py = self.at(x, y)
        self.draw.ellipse(
            (px - radius, py - radius, px + radius, py + radius), fill=colour, outline=palettes.PAPER, width=4
        )
        self.draw.text((px, py), text, font=font(int(radius * 1.1), True), fill=palettes.PAPER, anchor="mm")


def polygons(shape: BaseGeometry) -> list[Any]:
    """Return the polygons of a shape."""
    parts = getattr(shape, "geoms", [shape])
    return [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]


# ------------------------------------------------------------------------------ layers


def mean_layer(screening: Screening, lang: str) -> Layer:
    """Return the period mean in classes of concentration."""
    values = np.asarray(screening.surface["mean"].to_numpy(), float)
    low, high = (np.nanmin(values), np.nanmax(values)) if np.isfinite(values).any() else (np.nan, np.nan)
    scale = palettes.concentration_scale(screening.parameters.pollutant, float(low), float(high))
    title = note(
        "{pollutant}, mean of 24-hour means over the period", pollutant=pollutant_name(screening.parameters.pollutant)
    ).say(lang)
    return Layer(title, unit(lang), scale.labels(), scale.colours, _classes(values, scale.breaks))


def days_scale(screening: Screening) -> palettes.Scale:
    """Return the classes of the expected days over the standard: even, in whole days."""
    values = np.asarray(screening.surface["expected_days"].to_numpy(), float)
    high = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    step = max(1, int(np.ceil((high + 1e-9) / 6)))
    breaks = tuple(float(step * i) for i in range(1, max(2, int(np.ceil(high / step))))) or (1.0,)
    n = len(breaks) + 1
    return palettes.Scale(breaks, tuple(palettes.blend(palettes.CONCENTRATION[:8], i / (n - 1)) for i in range(n)))


def days_layer(screening: Screening, lang: str) -> Layer:
    """Return the expected days over the 24-hour standard in even classes."""
    values = np.asarray(screening.surface["expected_days"].to_numpy(), float)
    scale = days_scale(screening)
    breaks, colours = scale.breaks, scale.colours
    labels = (
        f"< {breaks[0]:g}",
        *(f"{a:g}–{b:g}" for a, b in itertools.pairwise(breaks)),
        note("{value} and more", value=f"{breaks[-1]:g}").say(lang),
    )
    title = note(
        "Expected days with {pollutant} (24-hour mean) over {limit} {unit}, of {total} days",
        pollutant=pollutant_name(screening.parameters.pollutant),
        limit=f"{screening.standard.value:g}",
        unit=unit(lang),
        total=screening.days_total,
    ).say(lang)
    return Layer(title, translate("days", lang), labels, colours, _classes(values, breaks))


def _classes(values: NDArray[np.float64], breaks: tuple[float, ...]) -> NDArray[np.int_]:
    classes = np.searchsorted(np.asarray(breaks), values, side="right")
    return np.where(np.isfinite(values), classes, -1).astype(int)


def day_scale(screening: Screening) -> palettes.Scale:
    """Return the classes that all single days share."""
    values = screening.daily.to_numpy(float)
    if not np.isfinite(values).any():
        return palettes.concentration_scale(screening.parameters.pollutant, float("nan"), float("nan"))
    return palettes.concentration_scale(
        screening.parameters.pollutant, float(np.nanmin(values)), float(np.nanmax(values))
    )


def day_layer(screening: Screening, when: date, lang: str) -> Layer:
    """Return the 24-hour mean of one day in the classes of all days."""
    scale = day_scale(screening)
    values = np.asarray(screening.daily_mean(when)["mean"].to_numpy(), float)
    title = note("{pollutant}, 24-hour mean of each day", pollutant=pollutant_name(screening.parameters.pollutant)).say(
        lang
    )
    return Layer(title, unit(lang), scale.labels(), scale.colours, _classes(values, scale.breaks))


# ------------------------------------------------------------------------------ drawing


def _raster(canvas: Canvas, screening: Screening, layer: Layer) -> None:
    table = np.array([palettes.rgb(c) for c in (*layer.colours, palettes.LAND)], np.uint8)
    colours = Image.fromarray(table[layer.classes])
    x, y = screening.surface["x"].to_numpy(), screening.surface["y"].to_numpy()
    cell = abs(float(x[1] - x[0])) if len(x) > 1 else 100.0
    left, top = canvas.at(float(x.min()) - cell / 2, float(y.max()) + cell / 2)
    right, bottom = canvas.at(float(x.max()) + cell / 2, float(y.min()) - cell / 2)
    box = (max(1, round(right - left)), max(1, round(bottom - top)))
    shown = colours.resize(box, Image.Resampling.NEAREST)
    known = Image.fromarray((layer.classes >= 0).astype(np.uint8) * 255).resize(box, Image.Resampling.NEAREST)
    if float(y[0]) < float(y[-1]):
        shown, known = (i.transpose(Image.Transpose.FLIP_TOP_BOTTOM) for i in (shown, known))
    hatch = Image.new("RGB", canvas.size, palettes.LAND)
    lines = ImageDraw.Draw(hatch)
    for i in range(-hatch.height, hatch.width, 18):
        lines.line((i, hatch.height, i + hatch.height, 0), fill="#C9CFCC", width=2)
    hatch.paste(shown, (round(left), round(top)), known)
    canvas.image.paste(hatch, (0, 0))


def _stations(canvas: Canvas, screening: Screening) -> None:
    r = 11
    stations = screening.stations.to_crs(screening.surface.rio.crs)
    for kind, point in zip(stations["kind"], stations.geometry, strict=True):
        px, py = canvas.at(point.x, point.y)
        if not (0 <= px < canvas.size[0] and 0 <= py < canvas.size[1]):
            continue
        box = (px - r, py - r, px + r, py + r)
        draw = canvas.draw.rectangle if kind == "reference" else canvas.draw.ellipse
        draw(box, fill=palettes.INK, outline=palettes.PAPER, width=3)


def _zone_outlines(canvas: Canvas, screening: Screening, lang: str, badges: bool) -> None:
    zones = screening.zones.to_crs(screening.surface.rio.crs)
    for shape in zones.geometry:
        canvas.outline(shape, palettes.LINE, 3)
    if not badges:
        return
    for row, shape in zip(zones.to_dict("records"), zones.geometry, strict=True):
        place = shape.representative_point()
        radius = min(38 if row["class"] == "urgent" else 32, max(22, int(0.22 * shape.area**0.5 * canvas.per_metre)))
        canvas.badge(place.x, place.y, str(row["rank"]), palettes.ZONE_CLASSES[row["class"]], radius)
        name = str(row["name_th"] if lang == "th" else row["name_en"] or row["name_th"])
        px, py = canvas.at(place.x, place.y)
        width = font(34, True).getlength(name)
        bounds = shape.bounds
        if width < (bounds[2] - bounds[0]) * canvas.per_metre * 0.95:
            canvas.draw.text(
                (px, py + radius + 24),
                name,
                font=font(30, True),
                fill=palettes.INK,
                anchor="mm",
                stroke_width=5,
                stroke_fill=palettes.PAPER,
            )


def _hotspots(canvas: Canvas, screening: Screening) -> None:
    spots = screening.hotspots
    if not len(spots):
        return
    spots = spots.to_crs(screening.surface.rio.crs)
    for row, shape in zip(spots.to_dict("records"), spots.geometry, strict=True):
        canvas.outline(shape, palettes.HOTSPOT, 6)
        top = max((c for p in polygons(shape) for c in p.exterior.coords), key=lambda c: c[1])
        canvas.badge(top[0], top[1], str(row["hotspot_id"]), palettes.HOTSPOT, 32)


def _scale_bar(canvas: Canvas, lang: str, north: bool) -> None:
    target = canvas.size[0] * 0.2 / canvas.per_metre
    power = 10 ** np.floor(np.log10(target))
    metres = next(m * power for m in (5, 2, 1) if m * power <= target)
    length, y, x = metres * canvas.per_metre, canvas.size[1] - 44, 36
    canvas.draw.rectangle((x - 14, y - 58, x + length + 14, y + 20), fill=palettes.PAPER)
    canvas.draw.line((x, y - 10, x, y, x + length, y, x + length, y - 10), fill=palettes.INK, width=5)
    km = metres >= 1000
    words = translate("km", lang) if km else translate("m", lang)
    canvas.draw.text(
        (x + length / 2, y - 32),
        f"{metres / 1000 if km else metres:g} {words}",
        font=font(36),
        fill=palettes.INK,
        anchor="mm",
    )
    if not north:
        return
    nx, ny = canvas.size[0] - 60, 96
    canvas.draw.polygon([(nx, ny - 60), (nx - 22, ny), (nx, ny - 14), (nx + 22, ny)], fill=palettes.INK)
    canvas.draw.text(
        (nx, ny + 24),
        translate("N", lang),
        font=font(38, True),
        fill=palettes.INK,
        anchor="mm",
        stroke_width=4,
        stroke_fill=palettes.PAPER,
    )


class _Legend:
    """Writes the column right of the map from top to bottom."""

    def __init__(self, picture: Image.Image, left: float) -> None:
        self.draw, self.x = ImageDraw.Draw(picture), left
        self.width = picture.width - self.x - 10
        self.y = 8.0

    def text(self, text: str, size: int = 36, *, bold: bool = False, colour: str = palettes.INK) -> None:
        """Write a paragraph, broken where it must be."""
        for line in wrap(text, font(size, bold), self.width):
            self.draw.text((self.x, self.y), line, font=font(size, bold), fill=colour)
            self.y += size * 1.5

    def box(self, colour: str, text: str, *, hatch: bool = False) -> None:
        """Write a class: its colour and its figures."""
        frame = (self.x, self.y + 6, self.x + 66, self.y + 44)
        self.draw.rectangle(frame, fill=colour, outline=palettes.LINE, width=2)
        if hatch:
            for i in range(0, 66, 14):
                self.draw.line(
                    (self.x + i, self.y + 42, self.x + min(i + 26, 64), self.y + 10), fill="#9AA5A8", width=2
                )
        self.draw.text((self.x + 84, self.y), text, font=font(35), fill=palettes.INK)
        self.y += 50

    def sign(self, kind: str, text: str) -> None:
        """Write a symbol: ``square``, ``dot``, ``ring`` or a badge colour (``#…``)."""
        cx, cy = self.x + 33, self.y + 26
        if kind == "square":
            self.draw.rectangle((cx - 11, cy - 11, cx + 11, cy + 11), fill=palettes.INK)
        elif kind == "dot":
            self.draw.ellipse((cx - 11, cy - 11, cx + 11, cy + 11), fill=palettes.INK)
        elif kind == "ring":
            self.draw.ellipse((cx - 19, cy - 15, cx + 19, cy + 15), outline=palettes.HOTSPOT, width=5)
        else:
            self.draw.ellipse((cx - 20, cy - 20, cx + 20, cy + 20), fill=kind)
        self.draw.text((self.x + 84, self.y), text, font=font(35), fill=palettes.INK)
        self.y += 52

    def gap(self, height: float = 18) -> None:
        """Leave room."""
        self.y += height


def wrap(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break text into lines at spaces, and inside a word only where it alone is too long.

    Thai is broken at its spaces (between phrases); a longer run is broken before a leading vowel or
    consonant, never before a mark.
    """
    lines: list[str] = [""]
    for word in text.split(" "):
        tried = f"{lines[-1]} {word}".strip()
        if face.getlength(tried) <= width:
            lines[-1] = tried
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            mark = letter in "ะาำิีึืฺุู็่้๊๋์ํ๎ๅๆฯ" or not letter.isalnum()
            if face.getlength(lines[-1] + letter) > width and not mark:
                lines.append("")
            lines[-1] += letter
    return lines


def _legend(legend: _Legend, screening: Screening, layer: Layer, lang: str, zones: bool) -> None:
    if screening.simulated:
        legend.text(translate("Simulated data", lang), 42, bold=True, colour=palettes.ZONE_CLASSES["urgent"])
        legend.gap(6)
    legend.text(layer.title, 38, bold=True)
    legend.text(layer.unit, 34)
    legend.gap(6)
    for colour, label in reversed(list(zip(layer.colours, layer.labels, strict=True))):
        legend.box(colour, label)
    if (layer.classes < 0).any():
        legend.box(palettes.LAND, translate("no data", lang), hatch=True)
    legend.gap()
    if zones:
        for key, name in (("urgent", N_("urgent")), ("watch", N_("watch")), ("prevent", N_("prevent"))):
            legend.sign(palettes.ZONE_CLASSES[key], translate(name, lang))
    if len(screening.hotspots) and not zones:
        legend.sign("ring", translate("dust hotspot", lang))
    kinds = set() if zones else set(screening.stations["kind"])
    if "reference" in kinds:
        legend.sign("square", translate("reference station", lang))
    if kinds - {"reference"}:
        legend.sign("dot", translate("low-cost sensor", lang))
    legend.gap()
    start, end = screening.parameters.start, screening.parameters.end
    legend.text(date_range(start, end, lang), 34)
    legend.text(note("{count} stations", count=number(len(screening.stations))).say(lang), 34)
    legend.text(translate("Source", lang) + ": " + "; ".join(screening.sources[:2]), 27, colour=palettes.LINE)
    if "approximate" in screening.zones and screening.zones["approximate"].astype(bool).any():
        legend.text(translate("Boundaries approximate, not a legal line", lang), 27, colour=palettes.LINE)


def draw_map(
    screening: Screening, layer: str = "mean", lang: str = "th", width: int = 1500, height: int = 940
) -> bytes:
    """Return a map as a PNG.

    Parameters
    ----------
    layer : {"mean", "days", "zones"}
        Period mean with hotspots; expected days over the standard; the same with ranked zones.
    width, height : int
        Size of the picture in pixels, legend included.
    """
    picture = compose(screening, choose(screening, layer, lang), lang, width, height, zones=layer == "zones")
    stream = io.BytesIO()
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(192).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def draw_around(
    screening: Screening,
    shape: BaseGeometry,
    lang: str,
    width: int = 1500,
    height: int = 900,
    *,
    badge: str = "",
    numbers: Iterable[tuple[float, float, str]] = (),
    numbered: str = "",
) -> bytes:
    """Return a map of the period mean around one place as a PNG, its own hotspot and the neighbours in it.

    Parameters
    ----------
    shape : geometry in the surface's system
        What is in the middle, drawn with a thick outline, and `badge` on its top.
    numbers : iterable of (x, y, text)
        Places with a number (likely sources by rank); those outside the picture are left out.
    numbered : str
        What the numbers are, for the legend.
    """
    factor = TIMES * 0.75
    picture = Image.new("RGB", (int(width * factor), int(height * factor)), palettes.PAPER)
    layer = mean_layer(screening, lang)
    xmin, ymin, xmax, ymax = shape.bounds
    reach = max(0.45 * max(xmax - xmin, ymax - ymin), 1000.0)
    size = (int(picture.width * MAP_SHARE), picture.height)
    bounds = panels.fitted((xmin - reach, ymin - reach, xmax + reach, ymax + reach), size[1] / size[0])
    canvas = Canvas(bounds, size)
    area = screening.area.to_crs(screening.surface.rio.crs).geometry.union_all()
    _panel(canvas, screening, layer, area, lang, zones=False, north=True)
    canvas.outline(shape, palettes.HOTSPOT, 12)
    top = max((c for p in polygons(shape) for c in p.exterior.coords), key=lambda c: c[1])
    canvas.badge(top[0], top[1], badge, palettes.HOTSPOT, 38)
    numbers = list(numbers)
    for x, y, text in numbers:
        canvas.badge(x, y, text, palettes.INK, 30)
    picture.paste(canvas.image, (0, 0))
    legend = _Legend(picture, picture.width * MAP_SHARE + 30)
    if numbers:
        legend.sign(palettes.INK, numbered)
    _legend(legend, screening, layer, lang, zones=False)
    stream = io.BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).quantize(192).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def choose(screening: Screening, layer: str, lang: str) -> Layer:
    """Return what one of `LAYERS` shows."""
    return mean_layer(screening, lang) if layer == "mean" else days_layer(screening, lang)


def compose(
    screening: Screening, shown: Layer, lang: str, width: int, height: int, *, zones: bool = False
) -> Image.Image:
    """Return map and legend, 1.5 times `width` by `height` pixels: `draw_map` before it is reduced."""
    factor = TIMES * 0.75  # sizes in this module are pixels of a picture about 2000 wide
    picture = Image.new("RGB", (int(width * factor), int(height * factor)), palettes.PAPER)
    paste_panels(picture, screening, shown, lang, zones=zones)
    _legend(_Legend(picture, picture.width * MAP_SHARE + 30), screening, shown, lang, zones=zones)
    return picture


def paste_panels(picture: Image.Image, screening: Screening, shown: Layer, lang: str, *, zones: bool = False) -> None:
    """Draw the map itself into the left part of a picture, a panel for each part of the area."""
    shape = screening.area.to_crs(screening.surface.rio.crs).geometry.union_all()
    found = panels.parts(shape)
    boxes = panels.layout(len(found), picture.width * MAP_SHARE, picture.height, 16)
    for number_, (bounds, box) in enumerate(zip(found, boxes, strict=True)):
        size = (int(box[2]), int(box[3]))
        canvas = Canvas(panels.fitted(bounds, size[1] / size[0]), size)
        _panel(canvas, screening, shown, shape, lang, zones=zones, north=number_ == 0)
        picture.paste(canvas.image, (int(box[0]), int(box[1])))


def _panel(
    canvas: Canvas, screening: Screening, layer: Layer, shape: BaseGeometry, lang: str, *, zones: bool, north: bool
) -> None:
    """Draw everything of one panel."""
    _raster(canvas, screening, layer)
    _zone_outlines(canvas, screening, lang, badges=zones)
    canvas.outline(shape, palettes.INK, 5)
    if not zones:
        _stations(canvas, screening)
        _hotspots(canvas, screening)
    _scale_bar(canvas, lang, north)
    canvas.draw.rectangle((0, 0, canvas.size[0] - 1, canvas.size[1] - 1), outline=palettes.LINE, width=3)
