"""Map layers for folium, from tables and surfaces; the one place where the map's drawing is described.

Each function returns a ``folium.FeatureGroup`` (or the base map) whose content is plain data for the small
drawing library in ``static/map/eco.js``. Nothing here knows Streamlit. Every text from a file is
HTML-escaped here. The pages show them through ``pages.parts.map_view``, which serves the library locally.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo import glyphs, overlays
from geo.cards import card, factory_card, factory_name, finite, mean_with_range, name_of, part_of
from geo.drawing import Drawing, Start, drawing, empty_group, geometry, place, rounded
from geo.legend import PATTERNS
from geo.palettes import EXCEEDANCE_PATTERNS, HOTSPOT, INK, LINE, PAPER, ZONE_CLASSES, Scale
from language import N_, concentration, number, translate

CLUSTER_ABOVE = 2000
"""Places from which on they are gathered into counted circles."""

ZONE_CLASS_NAMES: Mapping[str, str] = {"urgent": N_("urgent"), "watch": N_("watch"), "prevent": N_("prevent")}
ZONE_SIGNS: Mapping[str, str] = {"urgent": "▲", "watch": "●", "prevent": "✓"}
FEW_ZONES = 6
"""Up to so many zones their badges have room for the word of the class; above, for its sign."""
STATION_KINDS: Mapping[str, str] = {
    "reference": N_("reference station"),
    "lowcost": N_("low-cost sensor"),
    "unknown": N_("station of unknown kind"),
}


def base_map(
    area: gpd.GeoDataFrame, *, lang: str, hall: bool = False, label: str = "", linked: bool = False, ground: str = "",
    group: str = "", view: tuple[float, float, float, float] | None = None,
) -> folium.Map:
    """Return the constant part of a map: sea and land, graticule, scale, the area's land and names.

    Parameters
    ----------
    area : GeoDataFrame
        Boundaries to draw; the view is fitted to them. Columns ``name_th``, ``name_en`` where known.
    hall : bool
        Larger letters, for a projector.
    label : str
        What the map shows, for a screen reader.
    linked : bool
        Keep centre and zoom in the page's address (``view=lat,lon,zoom``) and begin with them.
    ground : str
        Address of the shapes of the base map (``static/shapes``); without one the map is plain paper.
    group : str
        Maps of one group on a page show the same view: what moves one moves the others.
    view : (west, south, east, north), optional
        Degrees to begin with; the whole area without it.

    Notes
    -----
    Build it afresh in every run: streamlit-folium gives a reused map another identity.
    """
    degrees = area.to_crs(4326)
    west, south, east, north = (float(v) for v in degrees.total_bounds)
    first = view or (west, south, east, north)
    made = folium.Map(
        location=[(first[1] + first[3]) / 2, (first[0] + first[2]) / 2], zoom_start=11, tiles=None, maxZoom=18,
        minZoom=4, zoomSnap=0.25, zoomDelta=0.5, attributionControl=True,
    )  # fmt: skip
    made.add_child(
        Start(
            {
                "lang": lang,
                "hall": hall,
                "label": label or translate("Map", lang),
                "fullscreen": translate("Whole screen", lang),
                "patterns": PATTERNS,
                "bounds": [[first[1], first[0]], [first[3], first[2]]],
                "linked": linked,
                "group": group,
            }
        )
    )
    if ground:
        made.add_child(
            Drawing(
                "ground",
                {
                    "url": ground,
                    "lang": lang,
                    "bounds": [[south, west], [north, east]],
                    "attribution": translate("Background, approximate: Natural Earth, GSHHG", lang),
                },
            )
        )
    style = {"color": LINE, "weight": 1.2, "fillColor": PAPER, "fillOpacity": 0.85}
    items = [
        {"geometry": geometry(row.geometry), "style": style, **_place_name(row, lang)} for _, row in degrees.iterrows()
    ]
    made.add_child(Drawing("shapes", {"pane": "land", "items": items}))
    return made


ONLINE = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


def tiles(url: str, attribution: str, *, minzoom: int = 0, maxzoom: int = 19) -> folium.FeatureGroup:
    """Return a base map of pictures, above the paper and under the dust.

    `ONLINE` leaves the machine, so it is only for who switches it on.
    """
    made = empty_group("tiles")
    made.add_child(
        folium.TileLayer(
            url, attr=escape(attribution) or " ", min_zoom=3, max_zoom=19, min_native_zoom=minzoom,
            max_native_zoom=maxzoom, opacity=0.75, pane="tiles",
        )
    )  # fmt: skip
    return made


def remember(name: str, value: str) -> folium.FeatureGroup:
    """Return a choice for the browser to remember (a cookie ``eco_NAME``); nothing is drawn."""
    return drawing(f"remember {name}", "remember", {"name": name, "value": value})


def basemap(table: gpd.GeoDataFrame) -> folium.FeatureGroup:
    """Return the shapes of `geo.basemap` in quiet colours: areas, lines, points."""
    line = {"color": "#9AA7A0", "weight": 1.1}
    area = {"color": "#B9C3BC", "weight": 0.6, "fillColor": "#DDE4DC", "fillOpacity": 0.6}
    items = [
        {"geometry": geometry(g), "style": area if "Polygon" in g.geom_type else line}
        for g in table.geometry
        if "Point" not in g.geom_type
    ]
    return drawing("basemap", "shapes", {"pane": "basemap", "items": items})


def boundaries(table: gpd.GeoDataFrame, *, lang: str, names: bool = True) -> folium.FeatureGroup:
    """Return outlines with names; approximate ones dashed."""
    items = []
    for _, row in table.to_crs(4326).iterrows():
        dashed = {"dashArray": "5 4"} if row.get("approximate") else {}
        items.append(
            {
                "geometry": geometry(row.geometry),
                "style": {"color": LINE, "weight": 1.4, "fill": False, **dashed},
                **(_place_name(row, lang) if names else {}),
            }
        )
    return drawing("boundaries", "shapes", {"pane": "outline", "items": items})


def stations(
    table: gpd.GeoDataFrame,
    scale: Scale | None,
    *,
    lang: str,
    value: str = "value",
    words: str = "",
    flagged: Iterable[str] = (),
) -> folium.FeatureGroup:
    """Return stations: shape by kind, colour by value, grey where there is none, ringed where flagged.

    Parameters
    ----------
    table : GeoDataFrame
        Columns of the lake's stations; `value` in µg/m³; ``days_over``, ``n_days`` where known.
    scale : Scale or None
        None leaves all of them white (only where they stand).
    words : str
        What the value is, translated: ``period mean``.
    flagged : iterable of str
        Station ids with flagged readings.
    """
    ringed = set(flagged)
    icons: dict[str, str] = {}
    items = []
    for _, row in table.to_crs(4326).iterrows():
        reading = finite(row.get(value))
        colour = PAPER if scale is None else None if reading is None else scale.colour(reading)
        ring = row["station_id"] in ringed
        icon = f"{row['kind']}{colour}{ring}"
        icons.setdefault(icon, glyphs.station(str(row["kind"]), colour, flagged=ring))
        name = name_of(row, lang)
        shown = "" if reading is None else f": {concentration(reading, lang)}"
        pop = [
            (words or translate("value", lang), concentration(reading, lang)),
            (translate("days over the standard", lang), part_of(row.get("days_over"), row.get("n_days"))),
            (translate("kind", lang), translate(STATION_KINDS.get(str(row["kind"]), "-"), lang)),
            (translate("network", lang), row.get("network")),
            (translate("source", lang), row.get("source")),
        ]
        items.append(
            place(row, "station", row["station_id"], icon, 20, f"{name}{shown}", card(name, pop, row, lang), 300)
        )
    return drawing("stations", "points", {"icons": icons, "items": items})


def factories(table: pd.DataFrame, groups: Mapping[tuple[int, int], str], *, lang: str) -> folium.FeatureGroup:
    """Return factories: silhouette by type group, size by horsepower; gathered above `CLUSTER_ABOVE`.

    Parameters
    ----------
    table : DataFrame
        Columns of the lake's factories.
    groups : mapping of (type_no, type_sub) to group
        From ``geo.catalogues.factory_types``.
    """
    icons = {kind: glyphs.factory(kind) for kind in glyphs.FACTORY_FAMILIES}
    items = []
    for row in table[table["lat"].notna() & table["lon"].notna()].to_dict("records"):
        kind = glyphs.family_of(row.get("type_no"), row.get("type_sub"), groups)
        words = translate(glyphs.FACTORY_FAMILIES[kind], lang)
        name = factory_name(row)
        pop = factory_card(row, words, lang)
        horsepower = finite(row.get("hp"))
        items.append(
            place(row, "factory", row["factory_id"], kind, glyphs.horsepower_size(horsepower), name,
                   pop, 100)
        )  # fmt: skip
    data = {"icons": icons, "items": items, "cluster": len(items) > CLUSTER_ABOVE}
    return drawing("factories", "points", data)


def receptors(table: pd.DataFrame, *, lang: str) -> folium.FeatureGroup:
    """Return schools, hospitals, homes for the elderly, each with its own glyph."""
    icons = {kind: glyphs.receptor(kind) for kind in glyphs.RECEPTOR_KINDS}
    items = []
    for row in table[table["lat"].notna() & table["lon"].notna()].to_dict("records"):
        kind = row["kind"] if row["kind"] in icons else "other"
        words = translate(glyphs.RECEPTOR_KINDS[kind], lang)
        name = name_of(row, lang)
        pop = [
            (translate("kind", lang), words),
            (translate("people", lang), number(finite(row.get("people")))),
            (translate("source", lang), row.get("source")),
        ]
        items.append(
            place(row, "receptor", row["receptor_id"], kind, 19, f"{words}: {name}", card(name, pop, row, lang), 50)
        )
    return drawing("receptors", "points", {"icons": icons, "items": items, "cluster": len(items) > CLUSTER_ABOVE})


def picture(found: overlays.Picture, *, opacity: float = 0.75, alt: str = "") -> folium.FeatureGroup:
    """Return a picture of `geo.overlays` as a layer."""
    data = {"url": found.url, "bounds": found.bounds, "opacity": opacity, "alt": alt}
    return drawing("surface", "image", data)


def hatch(surface: xr.Dataset, mask: NDArray[np.bool_]) -> folium.FeatureGroup:
    """Return the fine diagonal hatch over cells that nothing supports."""
    return hatched(overlays.unsupported(surface, mask))


def hatched(found: Mapping[str, Any] | None) -> folium.FeatureGroup:
    """Return the same hatch over an outline of `overlays.unsupported` that was kept."""
    items = [] if found is None else [_pattern(found, "hatch")]
    return drawing("unsupported", "shapes", {"pane": "pattern", "items": items})


def extrapolation(cells: NDArray[np.bool_], surface: xr.Dataset) -> folium.FeatureGroup:
    """Return lines over the cells beyond the stations' range of a covariate."""
    items = [_pattern(overlays.outline(cells, surface["mean"]), "lines")] if cells.any() else []
    return drawing("extrapolated", "shapes", {"pane": "pattern", "items": items})


def probability_patterns(areas: Mapping[str, Mapping[str, Any]]) -> folium.FeatureGroup:
    """Return the patterns that tell the four probability classes apart without colour."""
    items = [
        _pattern(area, EXCEEDANCE_PATTERNS[key])
        for key, area in areas.items()
        if EXCEEDANCE_PATTERNS[key] != "none"
    ]
    return drawing("patterns", "shapes", {"pane": "pattern", "items": items})


def _pattern(geometry: Mapping[str, Any], name: str) -> dict[str, Any]:
    style = {"stroke": False, "fill": True, "fillColor": f"url(#eco-{name})", "fillOpacity": 1}
    return {"geometry": rounded(geometry), "style": style}


def unsure(cells: NDArray[np.bool_], surface: xr.Dataset) -> folium.FeatureGroup:
    """Return dots over the cells of a difference that may be none."""
    items = [_pattern(overlays.outline(cells, surface["mean"]), "dots")] if cells.any() else []
    return drawing("unsure", "shapes", {"pane": "pattern", "items": items})


def uncertainty(dots: Sequence[Sequence[float]]) -> folium.FeatureGroup:
    """Return dots that grow with the standard deviation (`overlays.dots`)."""
    return drawing("uncertainty", "dots", {"items": dots})


def hotspots(
    table: gpd.GeoDataFrame,
    *,
    lang: str,
    selected: str | None = None,
    by_badge: bool = False,
    badges: bool = True,
) -> folium.FeatureGroup:
    """Return dust hotspots: outline and rank badge; columns of ``Screening.hotspots``.

    With `by_badge`, only the badge answers a click, so that the ground inside can be asked about too.
    Without `badges` only the outlines are drawn.
    """
    items = []
    for _, row in table.to_crs(4326).iterrows():
        chosen = row["hotspot_id"] == selected
        name = name_of(row, lang)
        pop = [
            (translate("days over the standard", lang), part_of(row["days_over"], row["days_total"])),
            (translate("period mean", lang), mean_with_range(row, lang)),
            (translate("people", lang), number(finite(row["people"]))),
            (translate("schools and health places", lang), number(finite(row["receptors"]))),
            (translate("size", lang), f"{number(finite(row['area_km2']), 2)} km²"),
        ]
        words = translate("Dust hotspot {rank}: {name}", lang).format(rank=row["rank"], name=name)
        items.append(
            _area(row, "hotspot", row["hotspot_id"], words, card(words, pop, row, lang), chosen, by_badge)
            | {
                "style": {"color": HOTSPOT, "weight": 4.5 if chosen else 3, "fillColor": HOTSPOT,
                          "fillOpacity": 0.12 if chosen else 0.04},
                "badge": escape(str(row["hotspot_id"])) if badges else "",
                "colour": HOTSPOT,
            }
        )  # fmt: skip
    return drawing("hotspots", "shapes", {"pane": "hotspots", "items": items})


def zones(
    table: gpd.GeoDataFrame, *, lang: str, selected: str | None = None, by_badge: bool = False, signs: bool = False
) -> folium.FeatureGroup:
    """Return priority zones: thick outline, class colour and words in the badge only; ``Screening.zones``.

    With `by_badge`, only the badge answers a click. With `signs`, badges have the class's sign in place of its word.
    """
    items = []
    short = ZONE_SIGNS if signs or len(table) > FEW_ZONES else {}
    for _, row in table.to_crs(4326).iterrows():
        chosen = row["zone_id"] == selected
        name = name_of(row, lang)
        words = translate(ZONE_CLASS_NAMES.get(str(row["class"]), str(row["class"])), lang)
        reason = row.get("reason_th" if lang == "th" else "reason_en")
        pop = [
            (translate("class", lang), words),
            (translate("score", lang), f"{number(finite(row['score']))} / 100"),
            (translate("days over the standard", lang), number(finite(row["days_over"]), 1)),
            (translate("period mean", lang), mean_with_range(row, lang)),
            (translate("people", lang), number(finite(row["people"]))),
            (translate("why", lang), reason),
        ]
        title = translate("Zone {rank}: {name}", lang).format(rank=row["rank"], name=name)
        items.append(
            _area(row, "zone", row["zone_id"], f"{title} · {words}", card(title, pop, row, lang), chosen, by_badge)
            | {
                "style": {"color": INK, "weight": 5 if chosen else 2.6, "fillColor": INK,
                          "fillOpacity": 0.10 if chosen else 0.0},
                "badge": f"{escape(str(row['rank']))}&nbsp;{escape(short.get(str(row['class']), f'· {words}'))}",
                "colour": ZONE_CLASSES.get(str(row["class"]), LINE),
            }
        )  # fmt: skip
    return drawing("zones", "shapes", {"pane": "zones", "items": items})


def legend(html: str, *, position: str = "topright") -> folium.FeatureGroup:
    """Return a legend (`geo.legend.build`) that is always on the map."""
    return drawing("legend", "legend", {"html": html, "position": position})


def ask(lat: float, lon: float, card_html: str, *, alt: str) -> folium.FeatureGroup:
    """Return the place a reader asked about, with its card open.

    Parameters
    ----------
    card_html : str
        From `geo.cards.card`.
    """
    icon = glyphs.svg(
        f"<circle cx='10' cy='10' r='7.5' fill='#fff' fill-opacity='.5' stroke='{INK}' stroke-width='2'/>"
        f"<path d='M10 0V6M10 14V20M0 10H6M14 10H20' stroke='{INK}' stroke-width='2'/>"
    )
    data = {"at": [lat, lon], "icon": icon, "pop": card_html, "alt": alt, "key": f"{lat:.5f},{lon:.5f}"}
    return drawing("ask", "ask", data)


def goto(bounds: Sequence[float]) -> folium.FeatureGroup:
    """Return a move of the view to bounds (west, south, east, north), made once."""
    west, south, east, north = (float(v) for v in bounds)
    return drawing("goto", "goto", {"bounds": [[south, west], [north, east]]})


def measure(lang: str, polygon: Sequence[tuple[float, float]] = ()) -> folium.FeatureGroup:
    """Return the button that measures: a line's length, an area's size; a closed area is reported as drawn.

    Parameters
    ----------
    polygon : sequence of (latitude, longitude)
        The area drawn before, shown until it is taken away.
    """
    data = {
        "start": translate("Measure or draw an area", lang),
        "hint": translate("Click the corners. A click on the first one closes the area, a double click ends.", lang),
        "done": translate("End measuring", lang),
        "clear": translate("Take the drawing away", lang),
        "m": translate("m", lang),
        "km": translate("km", lang),
        "km2": translate("km²", lang),
        "polygon": [list(corner) for corner in polygon],
    }
    return drawing("measure", "measure", data)


def _area(row: Any, kind: str, id_: Any, tip: str, pop: str, chosen: bool, by_badge: bool) -> dict[str, Any]:
    centre = row.geometry.representative_point()
    shown = {"tip": escape(tip), "pop": pop}
    return {
        "geometry": geometry(row.geometry),
        "badgeAt": [round(centre.y, 5), round(centre.x, 5)],
        "sticky": True,
        "kind": kind,
        "id": str(id_),
        "selected": chosen,
        **({"badgeCard": shown} if by_badge else shown),
    }


def _place_name(row: Any, lang: str) -> dict[str, Any]:
    name = name_of(row, lang)
    if not name:
        return {}
    centre = row.geometry.representative_point()
    return {"name": escape(name), "nameAt": [round(centre.y, 5), round(centre.x, 5)]}
