"""The planner's map: every layer, over time, side by side; click anywhere for the value with its range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from shapely.geometry import Point
from streamlit.delta_generator import DeltaGenerator

from geo import cards, layers, legend
from language import concentration, number, probability_words, with_range
from pages.parts import (
    dust_view,
    fold,
    frame,
    map_compare,
    map_layers,
    map_print,
    map_time,
    map_tools,
    map_view,
    place_history,
    place_tables,
    results,
    state,
)  # fmt: skip
from pages.parts.dust_view import View
from pages.parts.i18n import _, lang
from pages.parts.map_compare import Comparison, Side
from planning import inside
from planning.screening import Screening


def controls(found: Screening, chosen: frame.Choice) -> tuple[str, DeltaGenerator]:
    """Draw the row of controls: ground, comparison, search, layers, print; return the ground, and what print opens."""
    names = {
        "mean": _("Mean"), "days": _("Over time"), "over": _("Days over"), "exceedance": _("Chance over"),
        "sd": _("Uncertainty"), "none": _("None"),
    }  # fmt: skip
    fixed = map_compare.bind()
    left, right = st.columns([4.1, 3.3], vertical_alignment="bottom")
    # One row also on a phone, so that the map stays in sight.
    buttons = right.container(horizontal=True, gap="small", key="maptools")
    ground = left.segmented_control(
        _("Colour shows"), dust_view.KINDS, format_func=names.__getitem__, required=True,
        key=state.bind("ground", "mean", allowed=dust_view.KINDS), label_visibility="collapsed", disabled=fixed,
    )  # fmt: skip
    with buttons:
        with st.popover(_("Compare"), icon=":material/compare:", width="stretch"):
            map_compare.controls(found, chosen)
        map_tools.search(found)
        with st.popover(_("Layers"), icon=":material/layers:", width="stretch"):
            map_layers.controls(found, str(ground))
        printing = map_print.popover()
    return str(ground), printing


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


def card(found: Screening, lat: float, lon: float, extra: list[tuple[str, str]]) -> str:
    """Return the card of a place: what the map shows there, the mean with its 95 % range, what it rests on."""
    here = found.at(lon, lat)
    title = map_tools.found_name(lat, lon) or place_name(found, lat, lon)
    if not np.isfinite(here["mean"]):
        rows = [(_("Dust"), _("No station is near enough to say how the dust is here."))]
    else:
        rows = [
            *extra,
            (
                _("Mean of the period"),
                with_range(concentration(here["mean"], lang()), here["lower95"], here["upper95"], lang()),
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


def draw(found: Screening, chosen: frame.Choice) -> Comparison:
    """Draw controls and the map, or the two maps, that fill the window; return what is compared."""
    ground, printing = controls(found, chosen)
    state.bind("at", None, parse=_position, write=_write_position)
    # Written by the map itself (static/map/eco.js); bound here so that it stays in the address.
    state.bind("view", None)
    state.bind("fac", None)
    map_time.bind()
    # What is said only sometimes has a place of its own: were the map to change its place, it would be built afresh.
    said = st.container()
    with said:
        if ground == "days":
            map_time.controls(found)
        compared = map_compare.comparison(found, chosen)
    draw_maps = _two if len(compared.sides) == 2 and compared.change is None else _one
    drawn = draw_maps(compared, ground, said)
    map_print.fill(printing, found, chosen, *drawn)
    return compared


Drawn = tuple[View, Sequence[legend.Key], list[tuple[str, list[Any]]]]
"""The ground with its legend, the signs of the other layers, and each map's title and layers: what can be printed."""


def _one(compared: Comparison, ground: str, said: DeltaGenerator) -> Drawn:
    side = compared.sides[-1]
    found, look = side.found, map_layers.look()
    if compared.change is None:
        shared = map_compare.shared(compared)
        with said:
            seen = map_compare.view(side, ground, shared, opacity=look.opacity, uncertainty=look.uncertainty)
        signs = map_compare.stations(side, ground, shared)
    else:
        seen, signs = map_compare.change_view(compared.change, compared.sides, look.opacity)
    places, keys = map_layers.groups(found, look, signs)
    groups = [*look.under, *seen.groups, *places, *_asked(compared, side), *map_tools.going(), *map_tools.measuring()]
    shown, base = [*groups, dust_view.legend_of(found, seen, keys)], dust_view.base(
        found, _("Map of dust and places"), linked=True)  # fmt: skip
    with st.container(key="fullmap"):
        answer = map_view.show_map(base, f"map-{lang()}", shown, height=560, returned_objects=map_view.CLICKS)
    _heard(answer, "map")
    return seen, keys, [("", [base, *groups])]


def _two(compared: Comparison, ground: str, said: DeltaGenerator) -> Drawn:
    shared, look = map_compare.shared(compared), map_layers.look()
    with said:
        views = [
            map_compare.view(side, ground, shared if n == 0 else map_compare.second(shared), opacity=look.opacity,
                             uncertainty=look.uncertainty)
            for n, side in enumerate(compared.sides)
        ]  # fmt: skip
    same = views[0].title == views[1].title
    tools = map_tools.measuring()
    keys: Sequence[legend.Key] = []
    drawn: list[tuple[str, list[Any]]] = []
    with st.container(key="twomaps"):
        for name, column, side, seen in zip(("left", "right"), st.columns(2, gap="small"), compared.sides, views,
                                            strict=True):  # fmt: skip
            places, keys = map_layers.groups(side.found, look, map_compare.stations(side, ground, shared))
            groups = [*look.under, *seen.groups, *places, *_asked(compared, side), *map_tools.going(), *tools]
            shown = [*groups, map_compare.badge(side, "" if same else seen.title)]
            key, label = f"map-{name}-{lang()}", _("Map of dust and places: {side}", side=side.title)
            base = dust_view.base(side.found, label, linked=True, group=map_compare.GROUP)
            with column:
                answer = map_view.show_map(base, key, shown, height=520, returned_objects=map_view.CLICKS)
            _heard(answer, key)
            drawn.append((side.title if same else f"{side.title} · {seen.title}", [base, *groups]))
    map_compare.strip(views, compared.sides, ground if compared.sides[0].when is None else "days", keys)
    return views[0], keys, drawn


def _asked(compared: Comparison, side: Side) -> list[object]:
    """Return the place asked about with its card, as this side's map has it."""
    at = state.get("at")
    if not at:
        return []
    found = side.found
    html = card(found, *at, map_compare.at(compared, side, *at))
    return [layers.ask(*at, html, alt=_("The place you asked about"))]


def _heard(answer: dict[str, object], key: str) -> None:
    """Take over what was drawn, chosen or clicked on a map."""
    if map_tools.drawn(answer) or map_time.took(answer):
        st.rerun()
    click = map_view.clicked(answer, key)
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
        shown = map_time.series(found) if state.get("ground") == "days" else None
        place_history.place(found, at[0], at[1], place_name(found, *at), shown)
    if station in set(found.stations["station_id"]):
        place_history.station(found, str(station))
    if box := fold.unfolded(_("The map as tables"), "map-tables", icon=":material/table:"):
        with box:
            place_tables.draw(found)


chosen = frame.choice()
found = results.screening(chosen)
frame.header(_("Map"), _("Click anywhere for the dust there; click a sign for its card."), badge=found.simulated)
draw(found, chosen)
below(found)
