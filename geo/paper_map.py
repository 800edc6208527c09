"""A map's layers on paper: what ``static/map/eco.js`` draws in a browser, drawn as SVG from the same data.

One description of a layer (`geo.drawing.Drawing`) serves screen and paper, so that a sheet shows what was seen. The
map is in EPSG:3857 as on the screen; the scale bar is true at the middle of the sheet. A pixel of the screen is a
`UNIT` of the sheet. Left out: the land around the area, tiles of the network, cards.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from geo.drawing import Drawing
from geo.palettes import INK, LAND, PAPER

Item = tuple[str, Mapping[str, Any]]
"""A call of the drawing library: function and data."""
Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

PANES = ("land", "basemap", "surface", "pattern", "dots", "outline", "zones", "hotspots", "markers", "names")
"""Lowest first, as in ``static/map/eco.js``."""
NAME_SIZE, BADGE_SIZE = 13.0, 13.0
SHAPES: Mapping[str, str] = {
    "▲": "<path d='M0 -5L5.5 4.5H-5.5z' fill='#fff'/>",
    "●": "<circle r='4.4' fill='#fff'/>",
    "✓": "<path d='M-5 0L-1.5 4L5 -4.5' fill='none' stroke='#fff' stroke-width='2.2'/>",
}
"""Signs that the vendored font has no letter for, around (0, 0)."""


def drawings(parts: Iterable[Any]) -> list[Item]:
    """Return the calls of the drawing library in some groups or maps of folium, in their order."""
    found: list[Item] = []
    for part in parts:
        children = part._children.values()
        found += [(child.function, child.data) for child in children if isinstance(child, Drawing)]
    return found


@dataclass(frozen=True)
class Step:
    """The step of a moving layer that is printed: its number and its time in words."""

    number: int
    words: str


def step_of(items: Sequence[Item], name: str) -> Step | None:
    """Return the step of the moving layer that has this name (where none has: the one it starts with), or None."""
    for function, data in items:
        if function == "moving":
            names = list(data["names"])
            return step_at(items, names.index(name) if name in names else int(data["start"]))
    return None


def step_at(items: Sequence[Item], number: int) -> Step | None:
    """Return the step of this number of the moving layer, or None."""
    data = next((data for function, data in items if function == "moving"), None)
    if data is None or not 0 <= number < len(data["labels"]):
        return None
    return Step(number, unescape(data["labels"][number]))


@dataclass
class Panel:
    """One map of a sheet.

    Parameters
    ----------
    box : Box
        What must be seen.
    size : (width, height) in units of the sheet
    picture : callable
        PNG of a moving layer's step by address and number.
    places : callable
        Latitudes and longitudes of a set of very many factories, by its address.
    """

    box: Box
    size: tuple[float, float]
    picture: Callable[[str, int], bytes]
    places: Callable[[str], Sequence[tuple[float, float]]]
    margin: float = 14.0
    _drawn: dict[str, list[str]] = field(default_factory=lambda: {pane: [] for pane in PANES})
    _taken: list[Box] = field(default_factory=list)
    _names: list[tuple[Sequence[float], str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        west, south, east, north = self.box
        (x0, y1), (x1, y0) = _mercator(south, west), _mercator(north, east)
        width, height = self.size[0] - 2 * self.margin, self.size[1] - 2 * self.margin
        self.scale = min(width / max(x1 - x0, 1e-9), height / max(y1 - y0, 1e-9))
        self.x0 = (x0 + x1) / 2 - self.size[0] / 2 / self.scale
        self.y0 = (y0 + y1) / 2 - self.size[1] / 2 / self.scale

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a place is on the panel."""
        x, y = _mercator(lat, lon)
        return (x - self.x0) * self.scale, (y - self.y0) * self.scale

    def metres_per_unit(self) -> float:
        """Return how many metres on the ground a unit is, at the middle of the panel."""
        latitude = (self.box[1] + self.box[3]) / 2
        return 2 * math.pi * 6378137.0 * math.cos(math.radians(latitude)) / self.scale

    def draw(self, items: Sequence[Item], step: Step | None = None) -> str:
        """Return the panel as SVG, without the patterns that it refers to."""
        moving = next((data for function, data in items if function == "moving"), None)
        for function, data in items:
            if function == "shapes":
                self._shapes(data)
            elif function == "points":
                self._points(data, moving, step)
            elif function == "image":
                self._image(str(data["url"]), data["bounds"], float(data["opacity"]))
            elif function == "moving" and step is not None:
                png = base64.b64encode(self.picture(str(data["url"]), step.number)).decode()
                self._image(f"data:image/png;base64,{png}", data["bounds"], float(data["opacity"]))
            elif function == "dots":
                self._dots(data)
            elif function == "field":
                self._specks(self.places(str(data["url"])))
            elif function == "measure" and data["polygon"]:
                ring = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*corner) for corner in data["polygon"]))
                self._drawn["zones"].append(
                    f"<polygon points='{ring}' fill='none' stroke='#0F766E' stroke-width='2.5'/>")  # fmt: skip
            elif function == "ask":
                self._sign(data["icon"], data["at"], 26)
        # Last, towns before quarters: a name gives way to badges and to names that came first.
        for at, name, bold in sorted(self._names, key=lambda n: not n[2]):
            self._name(at, name, bold=bold)
        width, height = self.size
        inner = "".join(part for pane in PANES for part in self._drawn[pane])
        return (
            f"<svg width='{width:.1f}' height='{height:.1f}' viewBox='0 0 {width:.1f} {height:.1f}'>"
            f"<rect width='{width:.1f}' height='{height:.1f}' fill='{LAND}'/>{inner}</svg>"
        )

    # ------------------------------------------------------------------------------ kinds of layers

    def _shapes(self, data: Mapping[str, Any]) -> None:
        pane = data["pane"] if data["pane"] in PANES else "outline"
        for item in data["items"]:
            style = _style(item["style"])
            self._drawn[pane].append(f"<path d='{self._path(item['geometry'])}' {style}/>")
            if item.get("badge"):
                self._badge(item["badgeAt"], str(item["badge"]), str(item["colour"]))
            if item.get("name"):
                self._names.append((item["nameAt"], str(item["name"]), data["pane"] == "land"))

    def _path(self, shape: Mapping[str, Any]) -> str:
        if "geometries" in shape:
            return "".join(self._path(part) for part in shape["geometries"])
        kind, places = shape["type"], shape["coordinates"]
        depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}.get(kind)
        if depth is None:
            return ""
        lines = [places]
        for _ in range(depth):
            lines = [line for part in lines for line in part]
        close = "z" if "Polygon" in kind else ""
        return "".join(
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (self.at(p[1], p[0]) for p in line)) + close for line in lines
        )

    def _points(self, data: Mapping[str, Any], moving: Mapping[str, Any] | None, step: Step | None) -> None:
        colours = _colours(moving, step)
        for item in sorted(data["items"], key=lambda i: (i.get("z") or 0, -i["at"][0])):
            icon = str(data["icons"][item["icon"]])
            if item["kind"] == "station" and str(item["id"]) in colours:
                icon = re.sub(r"fill='#\w+'", f"fill='{colours[str(item['id'])]}'", icon, count=1)
            self._sign(icon, item["at"], float(item["size"]))

    def _sign(self, icon: str, at: Sequence[float], size: float) -> None:
        x, y = self.at(at[0], at[1])
        if self._inside(x, y):
            self._drawn["markers"].append(sign(icon, x - size / 2, y - size / 2, size))

    def _image(self, url: str, bounds: Any, opacity: float) -> None:
        (south, west), (north, east) = bounds
        (left, top), (right, bottom) = self.at(north, west), self.at(south, east)
        self._drawn["surface"].append(
            f"<image href='{url}' x='{left:.2f}' y='{top:.2f}' width='{right - left:.2f}' height='{bottom - top:.2f}' "
            f"preserveAspectRatio='none' opacity='{opacity:g}'/>"
        )

    def _dots(self, data: Mapping[str, Any]) -> None:
        dots = "".join(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}'/>"
            for (x, y), radius in ((self.at(lat, lon), radius) for lat, lon, radius in data["items"])
        )
        self._drawn["dots"].append(f"<g fill='{INK}' fill-opacity='.62'>{dots}</g>")

    def _specks(self, places: Sequence[tuple[float, float]]) -> None:
        dots = "".join(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='1.3'/>"
            for x, y in (self.at(lat, lon) for lat, lon in places) if self._inside(x, y)
        )  # fmt: skip
        self._drawn["dots"].append(f"<g fill='#263238' fill-opacity='.7'>{dots}</g>")

    # ------------------------------------------------------------------------------ words

    def _badge(self, at: Sequence[float], html: str, colour: str) -> None:
        words = unescape(html).replace("\xa0", " ")
        shape = SHAPES.get(words[-1:], "")
        words = words[:-1].rstrip() if shape else words
        (x, y), long = self.at(at[0], at[1]), _width(words, BADGE_SIZE)
        width = 12 + long + (15 if shape else 0)
        if not self._inside(x, y):
            return
        self._taken.append((x - width / 2, y - 11, x + width / 2, y + 11))
        self._drawn["names"].append(
            f"<rect x='{x - width / 2:.1f}' y='{y - 11:.1f}' width='{width:.1f}' height='22' rx='11' fill='{colour}' "
            f"stroke='{PAPER}' stroke-width='2'/>"
            + text(words, x - (7.5 if shape else 0), y + BADGE_SIZE * 0.36, BADGE_SIZE, bold=True, colour=PAPER,
                   anchor="middle")
            + (f"<g transform='translate({x + long / 2:.1f} {y:.1f})'>{shape}</g>" if shape else "")
        )  # fmt: skip

    def _name(self, at: Sequence[float], html: str, *, bold: bool) -> None:
        """Write a name where it covers no other one; else a little lower or higher, or not at all."""
        words = unescape(html)
        (x, y), width = self.at(at[0], at[1]), _width(words, NAME_SIZE)
        for shift in (0.0, 16.0, -16.0, 32.0):
            place = (x - width / 2, y + shift - NAME_SIZE, x + width / 2, y + shift + 5)
            if self._inside(place[0], place[1]) and self._inside(place[2], place[3]) and self._free(place):
                self._taken.append(place)
                self._drawn["names"].append(
                    text(words, x, y + shift, NAME_SIZE, bold=bold, anchor="middle", halo=True))  # fmt: skip
                return

    def _free(self, box: Box) -> bool:
        return all(box[2] < t[0] or box[0] > t[2] or box[3] < t[1] or box[1] > t[3] for t in self._taken)

    def _inside(self, x: float, y: float) -> bool:
        return 0 <= x <= self.size[0] and 0 <= y <= self.size[1]


def text(
    words: str, x: float, y: float, size: float, *, bold: bool = False, colour: str = INK, anchor: str = "start",
    halo: bool = False,
) -> str:  # fmt: skip
    """Return a line of text as SVG; with `halo` it has a white edge."""
    edge = f" stroke='{PAPER}' stroke-width='3' stroke-linejoin='round' paint-order='stroke'" if halo else ""
    weight = " font-weight='700'" if bold else ""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-family='Sarabun' font-size='{size:g}'{weight} fill='{colour}' "
        f"text-anchor='{anchor}'{edge}>{escape(words)}</text>"
    )


def sign(icon: str, x: float, y: float, size: float) -> str:
    """Return a sign of `geo.glyphs` at a place and of a size."""
    found = re.match(r"<svg([^>]*)>", icon)
    if found is None:
        return ""
    kept = re.search(r"viewBox='[^']*'", found[1])
    shape = kept[0] if kept else f"viewBox='0 0 {_size(found[1], 'width')} {_size(found[1], 'height')}'"
    inner = re.sub(r"<text[^>]*>([▲●✓])</text>", lambda m: f"<g transform='translate(10 10)'>{SHAPES[m[1]]}</g>",
                   icon[found.end():])  # fmt: skip
    return f"<svg x='{x:.1f}' y='{y:.1f}' width='{size:.1f}' height='{size:.1f}' {shape}>{inner}"


def _size(attributes: str, name: str) -> str:
    found = re.search(rf"{name}='([\d.]+)'", attributes)
    return found[1] if found else "20"


def _mercator(lat: float, lon: float) -> tuple[float, float]:
    """Return a place on the Mercator square, 0 to 1, downwards."""
    s = math.sin(math.radians(min(max(lat, -85.0), 85.0)))
    return lon / 360 + 0.5, 0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)


def _style(style: Mapping[str, Any]) -> str:
    """Return Leaflet's style of a path as attributes of SVG."""
    stroke = style.get("color", "#3388ff") if style.get("stroke", True) else "none"
    fill = style.get("fillColor", stroke) if style.get("fill", "fillColor" in style) else "none"
    dash = f" stroke-dasharray='{style['dashArray']}'" if style.get("dashArray") else ""
    return (
        f"stroke='{stroke}' stroke-width='{style.get('weight', 3)}' stroke-linejoin='round' fill='{fill}' "
        f"fill-opacity='{style.get('fillOpacity', 0.2)}' fill-rule='evenodd'{dash}"
    )


def _colours(moving: Mapping[str, Any] | None, step: Step | None) -> dict[str, str]:
    """Return each station's colour at a step of the moving layer."""
    told = (moving or {}).get("stations")
    if not told or step is None or step.number >= len(told["classes"]):
        return {}
    letters = told["classes"][step.number]
    return {str(i): told["colours"][ord(letters[n]) - 97] for n, i in enumerate(told["ids"])}


def _width(words: str, size: float) -> float:
    """Return about how wide a line is: Thai marks above and below take no room."""
    marks = sum(letter in "ัิีึืฺุู็่้๊๋์ํ๎" for letter in words)
    return 0.56 * size * (len(words) - marks)
