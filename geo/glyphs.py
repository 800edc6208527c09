"""Small drawings for places on a map: told apart by shape first, by colour second.

All are SVG on a 20 × 20 field, used for markers and for the legend alike.
"""

from __future__ import annotations

from collections.abc import Mapping

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
