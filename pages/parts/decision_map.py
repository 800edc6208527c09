"""The map of the deciding pages: the period's dust, and on it hotspots or zones to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import folium
import numpy as np
import streamlit as st

from geo import layers, legend, overlays
from geo.palettes import concentration_scale
from language import date_range, pollutant_name, unit
from pages.parts import frame, map_view, results, state
from pages.parts.i18n import _, lang
from planning.screening import Screening

HEIGHT = 410
"""CSS pixels: with the controls above it fits a laptop's window."""


def choose_on(found: Screening, key: str, group: folium.FeatureGroup, kind: str, chosen_name: str) -> None:
    """Draw the map; a click on an area of `kind` chooses it.

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
    """
    answer = map_view.show_map(
        layers.base_map(found.area, lang=lang(), hall=frame.hall()),
        key=f"{key}-{lang()}",
        layers=[*_dust(found), group],
        height=HEIGHT,
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


def show(found: Screening, key: str, groups: Sequence[folium.FeatureGroup] = ()) -> None:
    """Draw the map to be looked at."""
    map_view.show_map(
        layers.base_map(found.area, lang=lang(), hall=frame.hall()),
        key=f"{key}-{lang()}",
        layers=[*_dust(found), *groups],
        height=HEIGHT,
    )


def _dust(found: Screening) -> list[folium.FeatureGroup]:
    """Return the period's mean with its legend, hatched where nothing supports it."""
    band = found.surface["mean"]
    values = band.to_numpy()
    good = values[np.isfinite(values)]
    low, high = (float(good.min()), float(good.max())) if good.size else (np.nan, np.nan)
    pollutant = found.parameters.pollutant
    scale = concentration_scale(pollutant, low, high)
    picture = results.remembered("mean-picture", lambda: overlays.picture(band, scale), found.parameters)
    box = legend.build(
        _("{pollutant}, mean of the period ({unit})", pollutant=pollutant_name(pollutant), unit=unit(lang())),
        lang=lang(),
        body=legend.colour_bar(scale, unit(lang())),
        lines=[date_range(found.parameters.start, found.parameters.end, lang())],
        keys=[legend.hatch_key(lang())],
        source=", ".join(found.sources),
        simulated=found.simulated,
        approximate=bool(found.zones["approximate"].any()) if len(found.zones) else False,
        open_=False,
    )
    return [layers.picture(picture, opacity=0.6), layers.hatch(found.surface, found.mask), layers.legend(box)]
