"""Tools of the planner's map: search, measuring and drawing."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import folium
import streamlit as st

from geo import glyphs, layers
from language import UserError, concentration, number, with_range
from pages.parts import frame, results, state
from pages.parts.i18n import _, lang
from planning import inside
from planning.screening import Screening
from planning.search import MOST, Answer
from planning.search import search as answers

Corners = list[tuple[float, float]]

KIND_ICONS = {
    "place": ":material/map:", "station": ":material/sensors:", "factory": ":material/factory:",
    "receptor": ":material/school:", "position": ":material/location_on:",
}  # fmt: skip
LAYER_OF = {"place": "units", "station": "stations", "factory": "factories", "receptor": "receptors"}
MOST_CORNERS = 60


def search(found: Screening) -> None:
    """Draw the search: a few letters, the answers as buttons, each moves the map."""
    with st.popover(_("Search"), icon=":material/search:", width="stretch"):
        text = st.text_input(
            _("Place, factory, registration number or position"), key=state.bind("find", "", late=True),
            placeholder=_("a few letters, or 13.75, 100.5"),
        )  # fmt: skip
        if not text.strip():
            st.caption(_("Searches places, stations, factories, schools and care of this area."))
            return
        hits, count = answers(found, text, lang())
        if not hits:
            st.caption(_("Nothing found. Try fewer letters, or choose another area at the side."))
        for n, hit in enumerate(hits):
            words = hit.name if hit.detail in ("", hit.name) else f"{hit.name} · {hit.detail}"
            st.button(
                words, key=f"hit-{n}", icon=KIND_ICONS[hit.kind], width="stretch", type="tertiary",
                on_click=partial(_go, hit),
            )  # fmt: skip
        if count > MOST:
            st.caption(_("{count} more; type more letters.", count=number(count - MOST)))


def _go(hit: Answer) -> None:
    """Move the map to an answer, ask about the dust there and switch its layer on."""
    at = (round(hit.lat, 5), round(hit.lon, 5))
    state.put("at", at)
    st.session_state["_went"] = (hit.name, at)
    layer = LAYER_OF.get(hit.kind)
    shown = list(state.get("layers") or [])
    if layer and layer not in shown:
        state.put("layers", [*shown, layer])


def found_name(lat: float, lon: float) -> str:
    """Return the name of the answer the reader went to, where this is its place; else nothing."""
    name, at = st.session_state.get("_went", ("", None))
    return str(name) if at == (lat, lon) else ""


def going() -> list[folium.FeatureGroup]:
    """Return the move to the answer chosen last; the browser makes it once."""
    _name, at = st.session_state.get("_went", ("", None))
    if at is None:
        return []
    lat, lon = at
    return [layers.goto((lon - 0.008, lat - 0.008, lon + 0.008, lat + 0.008))]


# ------------------------------------------------------------------------------ measuring, drawing


def measuring() -> list[folium.FeatureGroup]:
    """Return the measuring tool with the area drawn before."""
    state.bind("poly", None, parse=parse_corners, write=write_corners)
    return [layers.measure(lang(), state.get("poly") or [])]


def parse_corners(text: str) -> Corners:
    """Parse ``lat,lon;lat,lon;…``."""
    corners = [(float(a), float(b)) for a, b in (pair.split(",") for pair in text.split(";"))]
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError(text)
    if not all(math.isfinite(a) and math.isfinite(b) and abs(a) <= 90 and abs(b) <= 180 for a, b in corners):
        raise ValueError(text)
    return corners


def write_corners(corners: Corners) -> str:
    """Write corners so that `parse_corners` reads them, to a metre."""
    return ";".join(f"{lat:.5f},{lon:.5f}" for lat, lon in corners)


def drawn(answer: dict[str, Any]) -> bool:
    """Take over an area that was just drawn or taken away on the map; whether there was one."""
    feature = answer.get("last_active_drawing") or {}
    properties = feature.get("properties") or {}
    if properties.get("kind") != "drawn" or st.session_state.get("_drawn") == properties.get("id"):
        return False
    st.session_state["_drawn"] = properties.get("id")
    corners = [(lat, lon) for lon, lat in feature["geometry"]["coordinates"][0][:-1]]
    state.put("poly", corners[:MOST_CORNERS] if properties.get("keep") else None)
    return True


def polygon(found: Screening) -> None:
    """Draw the statistics of the area that was drawn."""
    corners = state.get("poly")
    if not corners:
        return
    try:
        what = results.derived(found, f"inside-{write_corners(corners)}", lambda: inside.inside(found, corners))
    except UserError as error:
        st.warning(error.say(lang()))
        return
    with st.container(border=True):
        st.markdown(f"**{_('Inside the drawn area')}** · {number(what.km2, 2)} {_('km²')}")
        frame.figures(_figures(found, what))
        kinds = [f"{_(words)} {what.receptors[kind]}" for kind, words in glyphs.RECEPTOR_KINDS.items()
                 if kind in what.receptors]  # fmt: skip
        lines = [_("Schools and care: {list}", list=", ".join(kinds))] if kinds else []
        if what.supported < 0.995:
            lines.append(_("{share} % of the area has an estimate; the dust is that part's.",
                           share=number(100 * what.supported)))  # fmt: skip
        lines.append(_("People are counted by share of area; the 95 % range is on the safe side (wide)."))
        st.caption(" ".join(lines))


def _figures(found: Screening, what: inside.Inside) -> dict[str, tuple[str, str]]:
    known = math.isfinite(what.mean)
    mean = with_range(concentration(what.mean, lang()), what.lower95, what.upper95, lang()) if known else "–"
    days = _("about {days} of {total}", days=number(what.days, 0), total=found.days_total) if known else "–"
    return {
        _("Mean of the period"): (mean, _("Mean over the area of the 24-hour means' mean.")),
        _("Days over the standard"): (
            days, _("Worst spot inside: {days}", days=number(what.days_most, 0)) if known else ""),
        _("People"): (number(what.people), _("Counted by share of area; blank where a part is not known.")),
        _("Factories"): (number(what.factories), _("{hp} horsepower together", hp=number(what.horsepower))),
        _("Schools and care"): (number(sum(what.receptors.values())), ""),
    }  # fmt: skip
