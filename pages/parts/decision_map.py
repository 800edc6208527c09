"""The map of the deciding pages: the period's dust, and on it hotspots or zones to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
import streamlit as st

from geo import legend
from pages.parts import dust_view, facts, frame, map_view, state
from pages.parts.i18n import lang
from planning.screening import Screening

HEIGHT = 410
"""CSS pixels: with the controls above it fits a laptop's window."""


def choose_on(
    found: Screening,
    key: str,
    group: folium.FeatureGroup,
    kind: str,
    chosen_name: str,
    label: str,
    keys: Sequence[legend.Key] = (),
    more: Sequence[folium.FeatureGroup] = (),
) -> dict[str, Any]:
    """Draw the map and return what was done on it; a click on an area of `kind` chooses it.

    Parameters
    ----------
    key : str
        Of the map.
    group : folium.FeatureGroup
        Hotspots or zones, from `geo.layers`.
    kind : str
        ``hotspot`` or ``zone``: what may be chosen.
    chosen_name : str
        Name of the choice in the address.
    label : str
        What the map shows, for a screen reader.
    keys : sequence of legend.Key
        What the legend says of the areas.
    more : sequence of folium.FeatureGroup
        Drawn over it.
    """
    answer = map_view.show_map(
        dust_view.base(found, label),
        key=_identity(key),
        layers=[*_dust(found, keys), group, *more],
        height=facts.scaled(HEIGHT),
        returned_objects=["last_active_drawing", "last_object_clicked"],
    )
    clicked = (answer.get("last_active_drawing") or {}).get("properties") or {}
    # The last click stays in the answer: only a new place clicked is a new wish.
    place = str(answer.get("last_object_clicked"))
    seen = f"_clicked-{key}"
    if clicked.get("kind") == kind and place != st.session_state.get(seen):
        st.session_state[seen] = place
        if clicked["id"] != state.get(chosen_name):
            state.put(chosen_name, clicked["id"])
            st.rerun()
    return answer


def show(found: Screening, key: str, groups: Sequence[folium.FeatureGroup], label: str) -> None:
    """Draw the map to be looked at."""
    map_view.show_map(
        dust_view.base(found, label),
        key=_identity(key),
        layers=[*_dust(found), *groups],
        height=facts.scaled(HEIGHT),
    )


def _identity(key: str) -> str:
    """Return the map's key: another language or size of letters is another map."""
    return f"{key}-{lang()}-{'hall' if frame.hall() else 'desk'}"


def _dust(found: Screening, keys: Sequence[legend.Key] = ()) -> list[folium.FeatureGroup]:
    """Return the period's mean with its legend, hatched where nothing supports it."""
    shown = dust_view.view(found, "mean", opacity=0.6)
    return [*shown.groups, dust_view.legend_of(found, shown, keys)]
