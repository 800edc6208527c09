"""Folium maps without a network: one vendored bundle in place of every outside address.

streamlit-folium hands the browser a list of script and style addresses. Its one choke point is the
private `_component_func`; here it is wrapped, so that the list becomes the bundle alone and an
address nobody vendored raises instead of leaving the machine silently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import folium
import streamlit as st
import streamlit_folium

from pages.parts.addresses import PREFIX, STATIC

# What folium and its plugins ask for and the bundle already holds, or nothing of ours uses.
_BUNDLED = re.compile(
    r"/leaflet@1\.9\.3/|jquery|bootstrap|awesome-markers|awesome\.rotate|fontawesome|markercluster"
    r"|leaflet\.fullscreen",
    re.IGNORECASE,
)


@cache
def bundle() -> str:
    """Return the address of the vendored bundle, whose name carries its hash."""
    built = sorted((STATIC / "vendor").glob("bundle-*.js"))
    if len(built) != 1:
        raise LookupError("static/vendor must hold one bundle-*.js; run python static/build_bundle.py")
    return f"{PREFIX}vendor/{built[0].name}"


def local(url: str) -> str | None:
    """Return the local address for a link, or None where the bundle already holds it.

    Raises
    ------
    LookupError
        For an outside address that is not vendored.
    """
    if not re.match(r"^(https?:)?//", url):
        return url
    if _BUNDLED.search(url):
        return None
    raise LookupError(f"not vendored: {url}; add it to static/build_bundle.py")


_component = streamlit_folium._component_func


def _offline(*args: Any, **arguments: Any) -> Any:
    scripts = [found for url in arguments["js_links"] if (found := local(url))]
    arguments["js_links"] = [bundle(), *scripts]
    arguments["css_links"] = [found for url in arguments["css_links"] if (found := local(url))]
    # The browser begins to count clicks at 0 and tells the page of all that differs from here: without this, every
    # page with a map would be run twice when it is opened.
    if "last_object_clicked_count" in arguments["default"]:
        arguments["default"]["last_object_clicked_count"] = 0
    return _component(*args, **arguments)


streamlit_folium._component_func = _offline


def show_map(
    base: folium.Map,
    key: str,
    layers: Sequence[folium.FeatureGroup] = (),
    *,
    height: int = 560,
    returned_objects: Sequence[str] = (),
    center: tuple[float, float] | None = None,
    zoom: int | None = None,
) -> dict[str, Any]:
    """Draw a map and return what was clicked.

    Parameters
    ----------
    base : folium.Map
        The constant part; built afresh in each run (a reused one gets another identity and flickers).
    key : str
        One a map. Letters and hyphens: streamlit-folium ignores what follows an underscore.
    layers : sequence of folium.FeatureGroup
        What changes: exchanged without a new frame, zoom and pan stay.
    height : int
        CSS pixels.
    returned_objects : sequence of str
        What to hear of: ``last_object_clicked_tooltip``, ``last_clicked``, … Empty: display only.
    """
    if "_" in key:
        raise ValueError(f"the map key {key!r} must not hold an underscore")
    result = streamlit_folium.st_folium(
        base,
        key=key,
        height=height,
        feature_group_to_add=list(layers) or None,
        returned_objects=list(returned_objects),
        center=center,
        zoom=zoom,
        use_container_width=True,
        render=False,  # what is sent to the browser is rendered anyway; this would render a page of its own besides
    )
    return dict(result or {})


CLICKS = ("last_clicked", "last_object_clicked", "last_object_clicked_count", "last_active_drawing")
"""What a map must report for `clicked` to tell."""


@dataclass(frozen=True)
class Click:
    """A new click: where, and on what (``kind`` and ``id`` of the layer's item, empty on the bare map)."""

    lat: float
    lon: float
    kind: str = ""
    id: str = ""


def clicked(answer: dict[str, Any], key: str) -> Click | None:
    """Return the click that is new in this answer of `show_map`, or None.

    The component repeats its last answer in every run, so what was seen before is not told again.
    """
    seen = f"_click-{key}"
    place, item = answer.get("last_clicked"), answer.get("last_object_clicked")
    now = {"place": place, "item": item, "count": answer.get("last_object_clicked_count")}
    before = st.session_state.get(seen)
    st.session_state[seen] = now
    if before is None:
        before = {"place": None, "item": None, "count": None}
    if item and (item != before["item"] or now["count"] != before["count"]):
        properties = (answer.get("last_active_drawing") or {}).get("properties") or {}
        if properties.get("kind"):
            return Click(item["lat"], item["lng"], str(properties["kind"]), str(properties.get("id", "")))
    if place and place != before["place"]:
        return Click(place["lat"], place["lng"])
    return None
