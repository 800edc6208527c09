"""The layers panel of the planner's map: what is shown over the dust, how, and which of it; all kept in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import folium
import geopandas as gpd
import numpy as np
import streamlit as st

from geo import context_layers, glyphs, layers, legend
from geo.reports import KIND_WORDS
from geo.schema import LEVELS
from language import number
from pages.parts import badges, dust_view, fields, map_own, results, state
from pages.parts.i18n import _, lang
from planning import surroundings
from planning.screening import Screening

PLACES = ("stations", "hotspots", "zones", "factories", "receptors", "units", "people", "wind", "reports")
USUAL = ("stations", "hotspots", "units")
HORSEPOWER = (0, 50, 500, 5000)
"""Least horsepower to choose from: the bounds of the signs' sizes."""


@dataclass(frozen=True)
class Look:
    """What is switched on.

    Attributes
    ----------
    shown : tuple of str
        Of `PLACES`.
    opacity : float
        Of the colours, 0 to 1.
    uncertainty : bool
        Growing dots over the colours.
    under : list of FeatureGroup
        The online base map, where it is on; the browser remembers the choice.
    """

    shown: tuple[str, ...]
    opacity: float
    uncertainty: bool
    under: list[folium.FeatureGroup]


def names() -> dict[str, str]:
    """Return each layer's name in the reader's language."""
    return {
        "stations": _("Stations"), "hotspots": _("Hotspots"), "zones": _("Zones"), "factories": _("Factories"),
        "receptors": _("Schools and care"), "units": _("Boundaries"), "people": _("People"), "wind": _("Wind"),
        "reports": _("What people said"),
    }  # fmt: skip


def controls(found: Screening, ground: str) -> None:
    """Draw the panel."""
    shown = st.pills(
        _("Show on the map"), PLACES, format_func=names().__getitem__, selection_mode="multi",
        key=state.bind("layers", list(USUAL), parse=_places, write=state.write_words, late=True),
    )  # fmt: skip
    _levels(found)
    map_own.controls()
    if "factories" in (shown or []) and not fields.is_field(found.factories):
        _factory_filter(found)
    st.slider(
        _("Opacity of the colours"), 20, 100, step=5, format="%d %%",
        key=state.bind("opacity", 75, parse=_percent, write=str, late=True),
    )  # fmt: skip
    if ground in ("mean", "over", "exceedance"):
        st.toggle(
            _("Uncertainty as dots"),
            key=state.bind("unc", False, parse=state.flag, write=state.write_flag, late=True),
            help=_("Dots grow where the estimate is less certain."),
        )
    st.toggle(
        _("Online base map"),
        key=state.bind("online", _online_before(), parse=state.flag, write=state.write_flag, late=True),
        help=_("Roads and places from OpenStreetMap; needs the internet and is remembered. Without it, the map shows "
               "land and water, and any .pmtiles, .mbtiles or GeoPackage file put into data/basemap."),
    )


def _levels(found: Screening) -> None:
    """Draw the levels of boundaries beside the area's own."""
    present = list(levels(found))
    key = state.bind("levels", [], parse=_level_words, write=",".join, late=True)
    st.session_state[key] = [level for level in st.session_state[key] if level in present]
    if present:
        st.pills(
            _("Further boundaries"), present, selection_mode="multi", key=key,
            format_func=lambda level: _(context_layers.LEVEL_NAMES[level]),
        )  # fmt: skip


def levels(found: Screening) -> dict[str, gpd.GeoDataFrame]:
    """Return the boundaries around the area by level."""
    made: dict[str, gpd.GeoDataFrame] = results.remembered(
        "levels", lambda: surroundings.levels(results.lake(), found), found.parameters.area, found.simulated
    )
    return made


def _factory_filter(found: Screening) -> None:
    families = _families(found)
    present = [kind for kind in glyphs.FACTORY_FAMILIES if kind in set(families)]
    st.pills(
        _("Kinds of factory hidden"), present, selection_mode="multi",
        format_func=lambda kind: f"{_(glyphs.FACTORY_FAMILIES[kind])} ({int((families == kind).sum())})",
        key=state.bind("fhide", [], parse=_kinds, write=",".join, late=True),
    )  # fmt: skip
    words = {0: _("all"), **{hp: _("{hp} and more", hp=number(hp)) for hp in HORSEPOWER[1:]}}
    st.segmented_control(
        _("Horsepower"), HORSEPOWER, format_func=words.__getitem__, required=True,
        key=state.bind("fhp", 0, parse=int, write=lambda v: str(v) if v else "", allowed=HORSEPOWER, late=True),
    )  # fmt: skip
    kept = len(factories(found))
    if kept < len(found.factories):
        st.caption(_("{kept} of {all} factories are shown.", kept=number(kept), all=number(len(found.factories))))


def _families(found: Screening) -> np.ndarray:
    return np.array([glyphs.family(group) for group in found.factories["type_group"]], dtype=object)


def factories(found: Screening) -> gpd.GeoDataFrame:
    """Return the factories that the filter lets through; those of unknown horsepower only where all sizes show."""
    keep = ~np.isin(_families(found), list(state.get("fhide") or []))
    least = int(state.get("fhp") or 0)
    if least:
        keep &= found.factories["hp"].fillna(-1).to_numpy(float) >= least
    return found.factories[keep]


def _online_before() -> bool:
    """Whether this browser had the online map on when it last showed a map."""
    return bool(st.context.cookies.get("eco_online") == "1")


def look() -> Look:
    """Return what the panel says."""
    online = bool(state.get("online"))
    under = [layers.remember("online", state.write_flag(online))]
    if online:
        under.append(layers.tiles(layers.ONLINE, "© OpenStreetMap contributors"))
    shown = tuple(str(name) for name in state.get("layers") or ())
    return Look(shown, int(state.get("opacity", 75)) / 100, bool(state.get("unc")), under)


def groups(
    found: Screening, look: Look, stations: folium.FeatureGroup
) -> tuple[list[folium.FeatureGroup], Sequence[legend.Key]]:
    """Return the layers of places that are switched on, and their legend.

    Parameters
    ----------
    stations : FeatureGroup
        The stations in the colours of the ground.
    """
    made: list[folium.FeatureGroup] = []
    keys: list[legend.Key] = []
    for level in state.get("levels") or ():
        made.append(context_layers.level(levels(found)[level], level, lang()))
    own, own_keys = map_own.groups(found)
    made += own
    keys += own_keys
    if "units" in look.shown:
        made.append(dust_view.kept(found, f"units-{lang()}", lambda: layers.boundaries(
            found.units, lang=lang(), names=len(found.units) <= 60)))  # fmt: skip
    if "zones" in look.shown:
        chosen = state.get("zone")
        made.append(dust_view.kept(found, f"zones-{lang()}-{chosen}", lambda: layers.zones(
            found.zones, lang=lang(), selected=chosen, by_badge=True)))  # fmt: skip
        keys += badges.zone_keys()
    if "hotspots" in look.shown:
        spot = state.get("hotspot")
        made.append(dust_view.kept(found, f"hotspots-{lang()}-{spot}", lambda: layers.hotspots(
            found.hotspots, lang=lang(), selected=spot, by_badge=True)))  # fmt: skip
        keys += [legend.hotspot_key(lang())] if len(found.hotspots) else []
    if "factories" in look.shown:
        # Very many bring a box of their own that filters them and names the signs.
        many = fields.is_field(found.factories)
        made.append(fields.factories(found, found.factories if many else factories(found), lang()))
        keys += [] if many else dust_view.factory_keys()
    if "receptors" in look.shown:
        made.append(dust_view.kept(found, f"receptors-{lang()}", lambda: layers.receptors(
            found.receptors, lang=lang())))  # fmt: skip
        keys += dust_view.receptor_keys()
    around, around_keys = _around(found, look)
    made += around
    keys += around_keys
    if "stations" in look.shown:
        made.append(stations)
        keys = dust_view.station_keys() + keys
    return made, keys


def _around(found: Screening, look: Look) -> tuple[list[folium.FeatureGroup], list[legend.Key]]:
    """Return people, wind and what was said, where they are switched on."""
    made: list[folium.FeatureGroup] = []
    keys: list[legend.Key] = []
    if "people" in look.shown:
        made.append(context_layers.population(found.units, lang()))
        keys.append(legend.Key(glyphs.crowd(""), _("people; the area of the circle is their number")))
    if "wind" in look.shown:
        roses = results.derived(found, "winds", lambda: surroundings.winds(results.lake(), found))
        made.append(context_layers.wind(roses, lang(), (found.parameters.start, found.parameters.end)))
        words = _("wind of the period; petals point to where it comes from") if roses else _("no wind was measured")
        keys.append(legend.Key(glyphs.rose([1, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0.5]), words))
    if "reports" in look.shown:
        made.append(context_layers.reports(found.reports, lang()))
        kinds = [kind for kind in KIND_WORDS if kind in set(found.reports["kind"])]
        keys += [legend.Key(glyphs.said(kind), _(KIND_WORDS[kind])) for kind in kinds]
    return made, keys


def _level_words(text: str) -> list[str]:
    return [word for word in state.words(text) if word in LEVELS]


def _places(text: str) -> list[str]:
    return [word for word in state.words(text) if word in PLACES]


def _kinds(text: str) -> list[str]:
    return [word for word in state.words(text) if word in glyphs.FACTORY_FAMILIES]


def _percent(text: str) -> int:
    value = int(text)
    if not 20 <= value <= 100:
        raise ValueError(text)
    return value
