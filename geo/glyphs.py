"""Small drawings for places on a map: told apart by shape first, by colour second.

All are SVG on a 20 × 20 field, used for markers and for the legend alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from geo.palettes import INK, NO_DATA
from language import N_

FACTORY = "#37474F"
RECEPTOR = "#1D4E89"

_FACTORY_SHAPES: Mapping[str, str] = {
    "mineral": "<path d='M10 2 19 18H1z'/>",
    "metal": "<path d='M10 1 19 10 10 19 1 10z'/>",
    "chemical": "<path d='M5.5 2h9L19 10l-4.5 8h-9L1 10z'/>",
    "food": "<path d='M10 1.5 18.6 7.7 15.3 17.8H4.7L1.4 7.7z'/>",
    "wood": "<path d='M2 7 10 2l8 5v11H2z'/>",
    "energy": "<path d='M12 1 3 11.5h5L6.5 19 17 8h-5.6z'/>",
    "waste": "<path d='M2 4h16l-3 14H5z'/>",
    "other": "<path d='M7 2h6v5h5v6h-5v5H7v-5H2V7h5z'/>",
}

FACTORY_FAMILIES: Mapping[str, str] = {
    "mineral": N_("stone, cement, quarry"),
    "metal": N_("metal and machines"),
    "chemical": N_("chemicals, plastic, rubber"),
    "food": N_("food and crops"),
    "wood": N_("wood and paper"),
    "energy": N_("power and boilers"),
    "waste": N_("waste"),
    "other": N_("other factories"),
}
"""Shape key -> what it stands for."""

_FAMILY_OF_GROUP = {
    "mineral": "mineral", "metal": "metal", "vehicle": "metal", "chemical": "chemical", "plastic": "chemical",
    "rubber": "chemical", "food": "food", "crop": "food", "wood": "wood", "paper": "wood", "energy": "energy",
    "waste": "waste",
}  # fmt: skip

RECEPTOR_KINDS: Mapping[str, str] = {
    "school": N_("school"),
    "childcare": N_("child care centre"),
    "hospital": N_("hospital"),
    "health_centre": N_("health centre"),
    "elderly_home": N_("home for the elderly"),
    "other": N_("other receptor"),
}

_RECEPTOR_SHAPES: Mapping[str, str] = {
    "school": "<path d='M10 4 2.5 7.8 10 11.6l7.5-3.8zM5 11v3.2c2.6 2.4 7.4 2.4 10 0V11l-5 2.5z'/>",
    "childcare": "<circle cx='10' cy='6.2' r='2.7'/><path d='M4.8 16.5c0-4 2.3-6.3 5.2-6.3s5.2 2.3 5.2 6.3z'/>",
    "hospital": "<path d='M8 3.5h4V8h4.5v4H12v4.5H8V12H3.5V8H8z'/>",
    "health_centre": "<path d='M4 9.5 10 4l6 5.5v6.8H4zM9.1 9v2H7.3v1.8h1.8v1.9h1.8v-1.9h1.8V11h-1.8V9z'/>",
    "elderly_home": "<path d='M10 16.3 4.3 10.5a3.4 3.4 0 0 1 5.7-3.8 3.4 3.4 0 0 1 5.7 3.8z'/>",
    "other": "<circle cx='10' cy='10' r='4'/>",
}


def family(group: object) -> str:
    """Return the shape key of a factory type group (``geo.catalogues.factory_types``)."""
    return _FAMILY_OF_GROUP.get(str(group), "other")


def family_of(type_no: object, type_sub: object, groups: Mapping[tuple[int, int], str]) -> str:
    """Return the shape key of a factory type number; a sub-type nobody listed is its type."""
    kind, sub = _whole(type_no), _whole(type_sub)
    if kind is None:
        return family(None)
    return family(groups.get((kind, sub or 0)) or groups.get((kind, 0)))


def _whole(value: object) -> int | None:
    try:
        return int(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):  # missing in any of its forms
        return None


def horsepower_size(horsepower: float | None) -> int:
    """Return a factory's size on the map in pixels: below 50 hp, 50-500, 500-5,000, more, unknown smallest."""
    if horsepower is None or not horsepower > 0:
        return 13
    return 13 if horsepower < 50 else 16 if horsepower < 500 else 20 if horsepower < 5000 else 25


def svg(inner: str, *, size: str = "100%") -> str:
    """Return a drawing on the 20 × 20 field."""
    return f"<svg viewBox='0 0 20 20' width='{size}' height='{size}' aria-hidden='true'>{inner}</svg>"


def factory(kind: str) -> str:
    """Return the silhouette of a factory family."""
    shape = _FACTORY_SHAPES.get(kind, _FACTORY_SHAPES["other"])
    return svg(f"<g fill='{FACTORY}' stroke='#fff' stroke-width='1.3' stroke-linejoin='round'>{shape}</g>")


def receptor(kind: str) -> str:
    """Return the badge of a school, a hospital and so on."""
    shape = _RECEPTOR_SHAPES.get(kind, _RECEPTOR_SHAPES["other"])
    return svg(
        f"<rect x='.8' y='.8' width='18.4' height='18.4' rx='4' fill='{RECEPTOR}' stroke='#fff' "
        f"stroke-width='1.2'/><g fill='#fff' fill-rule='evenodd'>{shape}</g>"
    )


def station(kind: str, colour: str | None, *, flagged: bool = False) -> str:
    """Return a station: square for a reference one, circle for a low-cost one; ringed where flagged.

    Parameters
    ----------
    kind : {"reference", "lowcost", "unknown"}
    colour : str or None
        Of the value; None is "no data": grey and crossed out.
    """
    fill = colour or NO_DATA
    style = f"fill='{fill}' stroke='{INK}' stroke-width='1.6'"
    body = f"<rect x='3.5' y='3.5' width='13' height='13' {style}/>"
    if kind != "reference":
        body = f"<circle cx='10' cy='10' r='6.8' {style}/>"
    if colour is None:
        body += f"<path d='M6.5 13.5 13.5 6.5' stroke='{INK}' stroke-width='1.4'/>"
    if flagged:
        body += (
            "<circle cx='10' cy='10' r='9.2' fill='none' stroke='#B91C1C' stroke-width='1.6' stroke-dasharray='3 2'/>"
        )
    return svg(body)


FIRE, WIND, SAID, PEOPLE = "#C2410C", "#155E75", "#6B21A8", "#1D4E89"

_SAID_SHAPES: Mapping[str, str] = {
    "smoke": "<path d='M6 13a3 3 0 0 1 .4-6A4 4 0 0 1 14 6.6 3.2 3.2 0 0 1 14 13z'/>",
    "dust": "<circle cx='7' cy='8' r='1.5'/><circle cx='12' cy='6.6' r='1.5'/><circle cx='10.4' cy='11.2' r='1.5'/>"
            "<circle cx='14.2' cy='10' r='1.2'/><circle cx='6' cy='12' r='1.1'/>",
    "smell": "<path d='M6 13c-2-3 2-4 0-7M10 13c-2-3 2-4 0-7M14 13c-2-3 2-4 0-7' fill='none' stroke='#fff' "
             "stroke-width='1.6'/>",
    "burning": "<path d='M10 4c3 3 4 4.6 4 6.4A4 4 0 0 1 6 10.4C6 9 7 8 7.6 7c.6 1 1.2 1.4 1.8 1.4C9.4 "
               "7 9.2 5.6 10 4z'/>",
    "praise": "<path d='M10 13.4 5.6 9a2.5 2.5 0 0 1 4.4-2.2A2.5 2.5 0 0 1 14.4 9z'/>",
    "idea": "<path d='M10 4a3.6 3.6 0 0 1 2 6.6V12H8v-1.4A3.6 3.6 0 0 1 10 4zM8.3 12.8h3.4v1H8.3z'/>",
}  # fmt: skip


def said(kind: str) -> str:
    """Return the speech bubble of what people said: `geo.schema.REPORT_KINDS`."""
    shape = _SAID_SHAPES.get(kind, _SAID_SHAPES["idea"])
    bubble = "<path d='M2 1.5h16a1.5 1.5 0 0 1 1.5 1.5v11.5a1.5 1.5 0 0 1-1.5 1.5h-6.5L9 19.5V16H2A1.5 "
    bubble += f"1.5 0 0 1 .5 14.5V3A1.5 1.5 0 0 1 2 1.5z' fill='{SAID}' stroke='#fff' stroke-width='1.1'/>"
    return svg(f"{bubble}<g fill='#fff'>{shape}</g>")


def fire() -> str:
    """Return a fire point seen from space."""
    flame = "M10 1c5 4.5 6.8 7 6.8 10.5A6.8 6.8 0 0 1 3.2 11.5C3.2 9 4.6 7.5 6 5.8c.8 1.6 1.7 2.3 2.8 2.3"
    return svg(f"<path d='{flame}C8.8 5.8 8.6 3.4 10 1z' fill='{FIRE}' stroke='#fff' stroke-width='1.2'/>")


def own_point() -> str:
    """Return a point of a layer of one's own."""
    return svg("<path d='M10 3 17 10 10 17 3 10z' fill='#0F766E' stroke='#fff' stroke-width='1.5'/>")


def crowd(words: str) -> str:
    """Return a circle with the number of people it stands for; its size is set where it is drawn."""
    size = 5.6 if len(words) < 5 else 4.8
    return svg(
        f"<circle cx='10' cy='10' r='9.4' fill='{PEOPLE}' fill-opacity='.16' stroke='{PEOPLE}' stroke-width='.7'/>"
        f"<text x='10' y='12' font-size='{size}' font-weight='700' text-anchor='middle' fill='{PEOPLE}' "
        f"stroke='#fff' stroke-width='1.4' paint-order='stroke'>{words}</text>"
    )


def rose(shares: Sequence[float]) -> str:
    """Return a wind rose: petals point to where the wind comes from, the longest fills the circle.

    Parameters
    ----------
    shares : sequence of float
        Of each direction, clockwise from north.
    """
    largest = max(shares, default=0.0) or 1.0
    half = 180.0 / max(len(shares), 1) * 0.8
    petals = []
    for i, share in enumerate(shares):
        reach = 8.5 * (share / largest) ** 0.5
        if reach < 0.3:
            continue
        a, b = (math.radians(360.0 * i / len(shares) + turn) for turn in (-half, half))
        ends = [(10 + reach * math.sin(t), 10 - reach * math.cos(t)) for t in (a, b)]
        petals.append(f"M10 10L{ends[0][0]:.2f} {ends[0][1]:.2f}A{reach:.2f} {reach:.2f} 0 0 1 "
                      f"{ends[1][0]:.2f} {ends[1][1]:.2f}z")  # fmt: skip
    return svg(
        f"<circle cx='10' cy='10' r='9.3' fill='#fff' fill-opacity='.82' stroke='{WIND}' stroke-width='.5'/>"
        f"<path d='{''.join(petals)}' fill='{WIND}'/><path d='M10 .2 11 2.2H9z' fill='{INK}'/>"
    )
