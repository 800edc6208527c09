"""Marks of stations that stand in a cluster of high or low values, or differ from all around them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

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

_SHAPES = {
    "high": f"<path d='M10 2.5 18 17H2Z' fill='{HIGH}' stroke='#fff' stroke-width='1.6'/>",
    "low": f"<path d='M10 17.5 2 3H18Z' fill='{LOW}' stroke='#fff' stroke-width='1.6'/>",
    "unlike": f"<path d='M10 1.5 18.5 10 10 18.5 1.5 10Z' fill='#fff' stroke='{INK}' stroke-width='2.4'/>",
    "": f"<circle cx='10' cy='10' r='4' fill='#fff' stroke='{INK}' stroke-width='1.8'/>",
}


def glyph(mark: str) -> str:
    """Return the drawing of a mark."""
    return glyphs.svg(_SHAPES[mark])


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
    items = []
    for _, row in table.to_crs(4326).iterrows():
        station = str(row["station_id"])
        if station not in marks:
            continue
        name, words = name_of(row, lang), translate(MARKS[marks[station]], lang)
        tip = f"{name}: {values[station]}"
        items.append(
            {
                "at": [round(float(row.geometry.y), 6), round(float(row.geometry.x), 6)],
                "icon": marks[station] or "none",
                "size": 18 if marks[station] else 12,
                "tip": escape(tip),
                "alt": f"{tip}, {words}",
                "pop": card(name, [(words, values[station])], row, lang),
                "kind": "station",
                "id": station,
                "z": 350 if marks[station] else 250,
            }
        )
    group = folium.FeatureGroup(name="station-marks", control=False)
    group.add_child(Drawing("points", {"icons": {k or "none": glyph(k) for k in MARKS}, "items": items}))
    return group
