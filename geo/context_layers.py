"""Layers of what surrounds the dust: people, wind, what was said, fire points, own layers, further boundaries.

As in `geo.layers`: plain data for ``static/map/eco.js``, every text of a file escaped, nothing of Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import folium
import geopandas as gpd
import pandas as pd

from geo import glyphs
from geo.cards import card, finite, name_of
from geo.drawing import drawing, empty_group, geometry, place
from geo.layers import CLUSTER_ABOVE
from geo.own_layers import OwnLayer
from geo.profiles import Rose
from geo.reports import KIND_WORDS
from geo.schema import LEVELS
from language import N_, date_range, moment, number, translate

LEVEL_NAMES: Mapping[str, str] = {
    "subarea": N_("Communities"), "municipality": N_("Municipalities"), "tambon": N_("Subdistricts (tambon)"),
    "district": N_("Districts"), "province": N_("Provinces"),
}  # fmt: skip
COMPASS = (N_("north"), N_("north-east"), N_("east"), N_("south-east"), N_("south"), N_("south-west"), N_("west"),
           N_("north-west"))  # fmt: skip
MOST_NAMES = 60
_SMALLEST, _LARGEST = 20, 56
"""Pixels across the circle of the fewest and of the most people."""


@dataclass(frozen=True)
class Wind:
    """A station's wind rose over some days (eight directions), and its mean speed (m/s)."""

    station: pd.Series
    rose: Rose
    speed: float


def population(units: gpd.GeoDataFrame, lang: str) -> folium.FeatureGroup:
    """Return a circle in each unit whose area is its number of people; units without a number have none."""
    known = units[units["population"].notna()] if "population" in units else units.iloc[:0]
    most = float(known["population"].max()) if len(known) else 1.0
    icons: dict[str, str] = {}
    items = []
    for _, row in known.to_crs(4326).iterrows():
        people = float(row["population"])
        words = number(people) if people < 10_000 else f"{number(people / 1000, 0)}k"
        icons.setdefault(words, glyphs.crowd(words))
        point = row.geometry.representative_point()
        name = name_of(row, lang)
        area = finite(row.get("area_km2"))
        pop = [
            (translate("people", lang), number(people)),
            (translate("people per km²", lang), number(people / area) if area else None),
            (translate("source", lang), row.get("population_source") or row.get("source")),
        ]
        size = max(_SMALLEST, round(_LARGEST * (people / max(most, 1.0)) ** 0.5))
        where = {"lat": point.y, "lon": point.x}
        items.append(place(where, "people", row["code"], words, size, f"{name}: {number(people)}",
                           card(name, pop, row, lang), -200))  # fmt: skip
    return drawing("population", "points", {"icons": icons, "items": items})


def wind(roses: Sequence[Wind], lang: str, days: tuple[Any, Any]) -> folium.FeatureGroup:
    """Return the wind roses of the stations that measure wind; petals point to where it comes from."""
    icons: dict[str, str] = {}
    items = []
    for found in roses:
        row = found.station
        shares = found.rose.table.groupby("sector")["share"].sum()
        every = [float(shares.get(i, 0.0)) for i in range(len(COMPASS))]
        key = str(row["station_id"])
        icons[key] = glyphs.rose(every)
        first = max(range(len(COMPASS)), key=lambda i: every[i])
        mostly = translate("{direction} ({share} % of the hours)", lang).format(
            direction=translate(COMPASS[first], lang), share=number(100 * every[first])
        )
        pop = [
            (translate("wind mostly from the", lang), mostly),
            (translate("mean speed", lang), f"{number(found.speed, 1)} m/s"),
            (translate("calm", lang), f"{number(100 * found.rose.calm_share)} %"),
            (translate("hours", lang), number(found.rose.hours)),
            (translate("period", lang), date_range(*days, lang)),
            (translate("source", lang), row.get("source")),
        ]
        title = translate("Wind at {station}", lang).format(station=name_of(row, lang))
        items.append(place(row, "wind", key, key, 62, f"{title}: {mostly}", card(title, pop, row, lang), -100))
    return drawing("wind", "points", {"icons": icons, "items": items})


def reports(table: gpd.GeoDataFrame, lang: str) -> folium.FeatureGroup:
    """Return what people said in meetings, a bubble a kind, larger with more hands."""
    placed = table[table["lat"].notna() & table["lon"].notna()]
    icons = {str(kind): glyphs.said(str(kind)) for kind in placed["kind"].unique()}
    items = []
    for _, row in placed.iterrows():
        kind = translate(KIND_WORDS.get(str(row["kind"]), str(row["kind"])), lang)
        hands = finite(row.get("votes")) or 1.0
        pop = [
            (translate("what was said", lang), row.get("note")),
            (translate("hands", lang), number(hands)),
            (translate("meeting", lang), f"{row.get('meeting_date') or ''} {row.get('place') or ''}".strip()),
        ]
        size = min(22 + round(2 * hands**0.5), 40)
        items.append(place(row, "report", row["report_id"], str(row["kind"]), size, f"{kind} ({number(hands)})",
                           card(kind, pop, row, lang), 250))  # fmt: skip
    return drawing("reports", "points", {"icons": icons, "items": items, "cluster": len(items) > CLUSTER_ABOVE})


def own(table: gpd.GeoDataFrame, layer: OwnLayer, lang: str) -> list[folium.FeatureGroup]:
    """Return a layer of one's own: points as signs (fire points as flames), lines and areas as they are."""
    points = table[table.geometry.geom_type == "Point"]
    others = table[table.geometry.geom_type != "Point"]
    made = []
    if len(others):
        made.append(_shapes(others, layer, lang))
    if len(points):
        icon = glyphs.fire() if layer.kind == "fires" else glyphs.own_point()
        items = [_point(row, layer, lang) for row in points.to_dict("records")]
        made.append(drawing("own", "points", {"icons": {"p": icon}, "items": items, "cluster": len(items) > 400}))
    return made or [empty_group("own")]


def _point(row: Mapping[Any, Any], layer: OwnLayer, lang: str) -> dict[str, Any]:
    label = row["label"] if isinstance(row["label"], str) else layer.name
    when = row["time"] if isinstance(row["time"], pd.Timestamp) else None
    power = finite(row["value"])
    pop = [
        (translate("seen", lang), None if when is None else moment(when.to_pydatetime(), lang)),
        (translate("fire power", lang), None if power is None else f"{number(power, 1)} MW"),
        (translate("layer", lang), layer.name),
        (translate("source", lang), row.get("source")),
    ]
    size = 16 if power is None else min(14 + round(2 * power**0.5), 34)
    tip = label if when is None else f"{label} · {moment(when.to_pydatetime(), lang)}"
    where = {"lat": row["geometry"].y, "lon": row["geometry"].x}
    return place(where, "own", row["shape_id"], "p", size, tip, card(label, pop, row, lang), 20)


def _shapes(table: gpd.GeoDataFrame, layer: OwnLayer, lang: str) -> folium.FeatureGroup:
    line = {"color": "#3F3F46", "weight": 2.4} if layer.kind == "roads" else {"color": "#0F766E", "weight": 2}
    items = []
    for row in table.to_dict("records"):
        area = "Polygon" in row["geometry"].geom_type
        fill = {"fillColor": line["color"], "fillOpacity": 0.08} if area else {"fill": False}
        label = row["label"] if isinstance(row["label"], str) else layer.name
        pop = [(translate("layer", lang), layer.name), (translate("source", lang), row.get("source"))]
        # An area leaves the ground under it to be asked about; a line is thin enough to have a card.
        said = {} if area else {"pop": card(label, pop, row, lang)}
        items.append({"geometry": geometry(row["geometry"]), "style": {**line, **fill}, "tip": escape(label),
                      "sticky": True, "kind": "own", "id": str(row["shape_id"]), **said})  # fmt: skip
    return drawing("own-shapes", "shapes", {"pane": "outline", "items": items})


def level(table: gpd.GeoDataFrame, name: str, lang: str) -> folium.FeatureGroup:
    """Return the outlines of one level of boundaries, heavier the larger its areas; approximate ones dashed."""
    weight = 1.0 + 0.6 * LEVELS.index(name)
    items = []
    for _, row in table.to_crs(4326).iterrows():
        centre = row.geometry.representative_point()
        words = name_of(row, lang)
        named = {"name": escape(words), "nameAt": [round(centre.y, 5), round(centre.x, 5)]}
        items.append(
            {
                "geometry": geometry(row.geometry),
                "style": {"color": "#41525A", "weight": weight, "fill": False,
                          **({"dashArray": "6 4"} if row.get("approximate") else {})},
                **(named if words and len(table) <= MOST_NAMES else {}),
            }
        )  # fmt: skip
    return drawing(f"level-{name}", "shapes", {"pane": "outline", "items": items})
