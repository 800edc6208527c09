"""The planner's map: every layer, day by day, click anywhere for the value with its range."""

from __future__ import annotations

import folium
import numpy as np
import streamlit as st
from shapely.geometry import Point

from geo import cards, layers, legend
from language import concentration, number, probability_words
from pages.parts import dust_view, fields, frame, map_tools, map_view, place_history, place_tables, results, state
from pages.parts.i18n import _, lang
from planning import inside
from planning.screening import Screening

PLACES = ("stations", "hotspots", "zones", "factories", "receptors", "units")
USUAL = ("stations", "hotspots", "units")


def controls(found: Screening, chosen: frame.Choice) -> tuple[str, list[str], float, bool, bool]:
    """Draw the row of controls: ground, search, layers (places, opacity, uncertainty, online map), files."""
    names = {
        "stations": _("Stations"), "hotspots": _("Hotspots"), "zones": _("Zones"), "factories": _("Factories"),
        "receptors": _("Schools and care"), "units": _("Boundaries"),
    }  # fmt: skip
    left, right = st.columns([4.75, 2.65], vertical_alignment="bottom")
    # One row also on a phone, so that the map stays in sight.
    buttons = right.container(horizontal=True, gap="small")
    ground = left.segmented_control(
        _("Colour shows"), dust_view.KINDS, format_func=dust_view.titles().__getitem__, required=True,
        key=state.bind("ground", "mean", allowed=dust_view.KINDS), label_visibility="collapsed",
    )  # fmt: skip
    with buttons:
        map_tools.search(found)
    with buttons.popover(_("Layers"), icon=":material/layers:", width="stretch"):
        shown = st.pills(
            _("Show on the map"), PLACES, format_func=names.__getitem__, selection_mode="multi",
            key=state.bind("layers", list(USUAL), parse=_places, write=state.write_words),
        )  # fmt: skip
        opacity = st.slider(
            _("Opacity of the colours"), 20, 100, step=5, format="%d %%",
            key=state.bind("opacity", 75, parse=_percent, write=str),
        )  # fmt: skip
        uncertainty = st.toggle(
            _("Uncertainty as dots"),
            key=state.bind("unc", False, parse=state.flag, write=state.write_flag),
            help=_("Dots grow where the estimate is less certain."),
        )
        online = st.toggle(
            _("Online base map"),
            key=state.bind("online", False, parse=state.flag, write=state.write_flag),
            help=_("Roads and places from OpenStreetMap; needs the internet. Everything else works without."),
        )
    with buttons:
        map_tools.take_home(found, chosen)
    return str(ground), list(shown or []), opacity / 100, uncertainty, online


def _places(text: str) -> list[str]:
    return [word for word in state.words(text) if word in PLACES]


def _percent(text: str) -> int:
    value = int(text)
    if not 20 <= value <= 100:
        raise ValueError(text)
    return value


def place_groups(found: Screening, shown: list[str], ground: str) -> tuple[list[folium.FeatureGroup], list[legend.Key]]:
    """Return the layers of places that are switched on, and their legend."""
    groups: list[folium.FeatureGroup] = []
    keys: list[legend.Key] = []
    if "units" in shown:
        groups.append(layers.boundaries(found.units, lang=lang(), names=len(found.units) <= 60))
    if "zones" in shown:
        groups.append(layers.zones(found.zones, lang=lang(), selected=state.get("zone"), by_badge=True))
    if "hotspots" in shown:
        groups.append(layers.hotspots(found.hotspots, lang=lang(), selected=state.get("hotspot"), by_badge=True))
    if "factories" in shown:
        groups.append(fields.factories(found, found.factories, lang()))
        # Very many bring a box of their own that filters them and names the signs.
        keys += [] if fields.is_field(found.factories) else dust_view.factory_keys()
    if "receptors" in shown:
        groups.append(layers.receptors(found.receptors, lang=lang()))
        keys += dust_view.receptor_keys()
    if "stations" in shown:
        # Single days and days over have other classes than the stations' period means.
        groups.append(dust_view.stations(found, coloured=ground not in ("days", "over")))
        keys = dust_view.station_keys() + keys
    return groups, keys


def place_name(found: Screening, lat: float, lon: float) -> str:
    """Return the name of the unit a place lies in."""
    here = found.units[found.units.covers(Point(lon, lat))]
    return frame.label(here.iloc[0]) if len(here) else _("Outside the area")


def nearest(found: Screening, lat: float, lon: float) -> str:
    """Return the nearest stations with their distance and their weight in the value."""
    near = results.derived(found, f"rests-{lat:.5f}-{lon:.5f}", lambda: inside.rests_on(found, lat, lon))
    return ", ".join(
        _("{station} ({km} km, weight {weight} %)", station=frame.label(s.station), km=number(s.km, 1),
          weight=number(100 * s.weight))
        if np.isfinite(s.weight) else f"{frame.label(s.station)} ({number(s.km, 1)} km)"
        for s in near
    )  # fmt: skip


def card(found: Screening, lat: float, lon: float) -> str:
    """Return the card of a place: the mean with its 95 % range, days over, what it rests on."""
    here = found.at(lon, lat)
    title = map_tools.found_name(lat, lon) or place_name(found, lat, lon)
    if not np.isfinite(here["mean"]):
        rows = [(_("Dust"), _("No station is near enough to say how the dust is here."))]
    else:
        rows = [
            (
                _("Mean of the period"),
                _("{mean} (95 % range: {lower}–{upper})", mean=concentration(here["mean"], lang()),
                  lower=number(here["lower95"]), upper=number(here["upper95"])),
            ),
            (
                _("Days over the standard"),
                _("about {days} of {total}", days=number(here["expected_days"], 0), total=found.days_total),
            ),
            (_("On any one day"), probability_words(here["exceedance"], lang())),
        ]  # fmt: skip
    rows += [
        (_("Nearest stations"), nearest(found, lat, lon)),
        (_("Position"), f"{lat:.5f}, {lon:.5f}"),
    ]
    return cards.card(title, rows, {"simulated": found.simulated}, lang())


def draw(found: Screening, chosen: frame.Choice) -> None:
    """Draw controls and the map that fills the window."""
    ground, shown, opacity, uncertainty, online = controls(found, chosen)
    seen = dust_view.view(found, ground, opacity=opacity, uncertainty=uncertainty)
    places, keys = place_groups(found, shown, ground)
    groups = [*([layers.tiles(layers.ONLINE, "© OpenStreetMap contributors")] if online else []), *seen.groups, *places]
    state.bind("at", None, parse=_position, write=_write_position)
    # Written by the map itself (static/map/eco.js); bound here so that it stays in the address.
    state.bind("view", None)
    state.bind("fac", None)
    at = state.get("at")
    if at:
        groups.append(layers.ask(*at, card(found, *at), alt=_("The place you asked about")))
    groups += map_tools.going()
    groups += map_tools.measuring()
    groups.append(dust_view.legend_of(found, seen, keys))
    with st.container(key="fullmap"):
        answer = map_view.show_map(
            dust_view.base(found, _("Map of dust and places"), linked=True), f"map-{lang()}", groups, height=560,
            returned_objects=map_view.CLICKS,
        )  # fmt: skip
    if map_tools.drawn(answer):
        st.rerun()
    click = map_view.clicked(answer, "map")
    if click and not click.kind:
        state.put("at", (round(click.lat, 5), round(click.lon, 5)))
        st.rerun()
    if click and click.kind == "station":
        state.put("station", click.id)
        st.rerun()


def _position(text: str) -> tuple[float, float]:
    lat, lon = (float(part) for part in text.split(","))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(text)
    return lat, lon


def _write_position(at: tuple[float, float]) -> str:
    return f"{at[0]:.5f},{at[1]:.5f}"


def below(found: Screening) -> None:
    """Draw what stands under the map: history of the place asked about and of the station chosen, the tables."""
    state.bind("station", None)
    station = state.get("station")
    map_tools.polygon(found)
    at = state.get("at")
    if at and np.isfinite(found.at(at[1], at[0])["mean"]):
        place_history.place(found, at[0], at[1], place_name(found, *at))
    if station in set(found.stations["station_id"]):
        place_history.station(found, str(station))
    with st.expander(_("The map as tables"), icon=":material/table:"):
        place_tables.draw(found)


chosen = frame.choice()
found = results.screening(chosen)
frame.header(_("Map"), _("Click anywhere for the dust there; click a sign for its card."), badge=found.simulated)
draw(found, chosen)
below(found)
