"""Marks of stations and areas that stand in a cluster of high or low values, or differ from all around them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import folium
import geopandas as gpd

from geo import glyphs
from geo.cards import card, name_of
from geo.drawing import Drawing
from geo.palettes import INK
from language import N_, translate

HIGH, LOW = "#B42318", "#1D5FA8"

MARKS = {
    "high": N_("station in a cluster of high values"),
    "low": N_("station in a cluster of low values"),
    "unlike": N_("station unlike all around it"),
    "": N_("station in no cluster"),
}
"""What a station can be in the legend: told apart by shape as well as by colour."""

AREA_MARKS = {
    "high": N_("area in a cluster of high values"),
    "low": N_("area in a cluster of low values"),
    "unlike": N_("area unlike all around it"),
}
"""What an area can be: the shapes of the stations, hollow."""

_SHAPES = {
    "high": f"<path d='M10 2.5 18 17H2Z' fill='{HIGH}' stroke='#fff' stroke-width='1.6'/>",
    "low": f"<path d='M10 17.5 2 3H18Z' fill='{LOW}' stroke='#fff' stroke-width='1.6'/>",
    "unlike": f"<path d='M10 1.5 18.5 10 10 18.5 1.5 10Z' fill='#fff' stroke='{INK}' stroke-width='2.4'/>",
    "": f"<circle cx='10' cy='10' r='4' fill='#fff' stroke='{INK}' stroke-width='1.8'/>",
}


_HOLLOW = {
    "high": f"<path d='M10 2.5 18 17H2Z' fill='#fff' stroke='{HIGH}' stroke-width='2.6'/>",
    "low": f"<path d='M10 17.5 2 3H18Z' fill='#fff' stroke='{LOW}' stroke-width='2.6'/>",
    "unlike": f"<rect x='3' y='3' width='14' height='14' fill='#fff' stroke='{INK}' stroke-width='2.4'/>",
}


def glyph(mark: str) -> str:
    """Return the drawing of a station's mark."""
    return glyphs.svg(_SHAPES[mark])


def area_glyph(mark: str) -> str:
    """Return the drawing of an area's mark."""
    return glyphs.svg(_HOLLOW[mark])


def stations(table: gpd.GeoDataFrame, marks: Mapping[str, str], values: Mapping[str, str], lang: str) -> folium.Element:
    """Return the stations with their marks as a layer.

    Parameters
    ----------
    table : GeoDataFrame
        The lake's stations, with ``lat`` and ``lon``.
    marks : mapping of station id to a key of `MARKS`
        Those that took part; others are not drawn.
    values : mapping of station id to text
        The value with its unit, translated.
    lang : {"th", "en"}
    """
    items = [
        {**_item(row, MARKS[mark], values[station], lang), "icon": mark or "none", "size": 18 if mark else 12,
         "kind": "station", "id": station, "z": 350 if mark else 250}
        for _, row in table.to_crs(4326).iterrows()
        if (mark := marks.get(station := str(row["station_id"]))) is not None
    ]  # fmt: skip
    return _group("station-marks", {k or "none": glyph(k) for k in MARKS}, items)


def areas(table: gpd.GeoDataFrame, marks: Mapping[str, str], values: Mapping[str, str], lang: str) -> folium.Element:
    """Return the areas that are marked, each by a mark in its middle, as a layer.

    Parameters
    ----------
    table : GeoDataFrame
        Zones, with ``zone_id``.
    marks : mapping of zone id to a key of `AREA_MARKS`, or empty
    values : mapping of zone id to text
        The value with its unit, translated.
    lang : {"th", "en"}
    """
    middles = table.set_geometry(table.geometry.representative_point()).to_crs(4326)
    items = [
        {**_item(row, AREA_MARKS[mark], values[zone], lang), "icon": mark, "size": 20, "kind": "area", "id": zone,
         "z": 300}
        for _, row in middles.iterrows()
        if (mark := marks.get(zone := str(row["zone_id"])))
    ]  # fmt: skip
    return _group("area-marks", {k: area_glyph(k) for k in AREA_MARKS}, items)


def _item(row: Any, said: str, value: str, lang: str) -> dict[str, Any]:
    """Return place, tooltip and card of a mark."""
    name, words = name_of(row, lang), translate(said, lang)
    tip = f"{name}: {value}"
    return {
        "at": [round(float(row.geometry.y), 6), round(float(row.geometry.x), 6)],
        "tip": escape(tip),
        "alt": f"{tip}, {words}",
        "pop": card(name, [(words, value)], row, lang),
    }


def _group(name: str, icons: Mapping[str, str], items: list[dict[str, Any]]) -> folium.Element:
    group = folium.FeatureGroup(name=name, control=False)
    group.add_child(Drawing("points", {"icons": dict(icons), "items": items}))
    return group
