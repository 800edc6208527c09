"""How zones are ranked: what is compared, the method, the weights with their reasons; kept in the page's address."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from geo.boundaries import find_area
from geo.schema import LEVELS
from language import UserError
from pages.parts import map_tools, results, state, zone_score
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import units
from planning.screening import Screening, rescore
from planning.settings import BURDEN, METHODS, PARTS, VULNERABILITY, settings

STEP = 5
MOST_DRAWN = 20
KINDS = ["geojson", "json", "gpkg", "kml", "zip"]


def key(part: str) -> str:
    """Return the name of a part's weight in the address."""
    return f"w-{part}"


def usual(method: str) -> dict[str, int]:
    """Return the weights of data/screening.toml: in per cent, or of a product with 100 for the greatest."""
    weights = settings().usual_weights(method)
    top = max(weights.values()) if method == "product" else 1.0
    return {part: round(100 * weights[part] / top) for part in PARTS}


def bind() -> dict[str, float]:
    """Give the choices their values for this run and return the weights."""
    state.bind("method", settings().zones_method, allowed=METHODS, late=True)
    state.bind("units", "auto", allowed=[*units.CHOICES, "own"], late=True)
    state.bind("areas", [], parse=parse_areas, write=write_areas)
    state.bind("w-why", "", late=True)
    for part, default in usual(str(state.get("method"))).items():
        state.bind(
            key(part), default, parse=_percent, late=True,
            write=lambda value, default=default: "" if value == default else str(value),
        )  # fmt: skip
    return {part: float(state.get(key(part))) for part in PARTS}


def parse_areas(text: str) -> list[map_tools.Corners]:
    """Parse drawn areas: corners as on the map page, areas parted by ``~``."""
    return [map_tools.parse_corners(part) for part in text.split("~") if part][:MOST_DRAWN]


def write_areas(areas: list[map_tools.Corners]) -> str:
    """Write drawn areas so that `parse_areas` reads them."""
    return "~".join(map_tools.write_corners(corners) for corners in areas)


def wish() -> str:
    """Return what is ranked, as `planning.units` takes it."""
    chosen = str(state.get("units"))
    if chosen != "own":
        return chosen
    brought = st.session_state.get("_own_file")
    if brought:
        return str(brought[1])
    return _drawn_text(state.get("areas") or []) or "auto"


def _drawn_text(areas: list[map_tools.Corners]) -> str:
    if not areas:
        return ""
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"OWN-{i}"},
            "geometry": {"type": "Polygon", "coordinates": [[[lon, lat] for lat, lon in [*corners, corners[0]]]]},
        }
        for i, corners in enumerate(areas, 1)
    ]
    return units.as_text(features)


def screening(chosen: Choice, **changes: Any) -> Screening:
    """Return the screening with its zones made and scored as chosen here; other weights need no kriging."""
    weights = bind()
    found = _screened(chosen, changes)
    method, reason = str(state.get("method")), str(state.get("w-why") or "")
    if method == settings().zones_method and weights == usual(method) and not reason:
        return found
    if not any(weights.values()):
        weights = {k: float(v) for k, v in usual(method).items()}
    name = f"weights-{method}-{sorted(weights.items())}-{reason}"
    return results.derived(found, name, lambda: rescore(found, weights, method, reason))  # type: ignore[no-any-return]


def _screened(chosen: Choice, changes: dict[str, Any]) -> Screening:
    ranked = wish()
    if ranked == "auto":
        return results.screening(chosen, **changes)
    try:
        return results.screening(chosen, units=ranked, **changes)
    except UserError as problem:
        st.warning(problem.say(lang()), icon=":material/warning:")
        return results.screening(chosen, **changes)


def unit_names() -> dict[str, str]:
    """Return what can be ranked, in words."""
    return {
        "auto": _("Parts of the area (finest boundaries)"),
        "subarea": _("Sub-areas"),
        "municipality": _("Municipalities"),
        "tambon": _("Tambons"),
        "district": _("Districts"),
        "province": _("Provinces"),
        "squares": _("Squares"),
        "hotspots": _("Dust hotspots"),
        "own": _("Areas I draw or bring"),
    }


def _offered(chosen: Choice) -> list[str]:
    """Return the units that this area has."""

    def levels() -> list[str]:
        lake = results.lake()
        area = find_area(lake, chosen.area)
        kept = []
        for level in LEVELS:
            try:
                units.candidates(lake, area, level, None)
            except UserError:
                continue
            kept.append(level)
        return kept

    return ["auto", *results.remembered("levels", levels, chosen.area), "squares", "hotspots", "own"]


def drawer(chosen: Choice) -> None:
    """Draw units, method, sliders with the reason for each usual weight, one's own reason, and the way back."""
    method = str(state.get("method"))
    values = {part: int(state.get(key(part))) for part in PARTS}
    weights_changed = values != usual(method)
    changed = weights_changed or method != settings().zones_method or state.get("units") != "auto"
    label = _("Ranking (changed)") if changed else _("Ranking")
    with st.popover(label, icon=":material/tune:", width="stretch"):
        _unit_choice(chosen)
        names = {"product": _("Burden × vulnerability"), "weighted": _("Weighted mean")}
        st.segmented_control(
            _("Method"), METHODS, format_func=names.__getitem__, required=True, key="method", on_change=_restore,
            help=_("Burden × vulnerability: as in CalEnviroScreen 4.0, percentiles averaged within each, the two "
                   "multiplied. Weighted mean: every part 0 to 100 times its weight."),
        )  # fmt: skip
        st.caption(_("How much each part counts. Only the proportions matter; the dust map stays as it is."))
        reasons = settings().zones_reasons_th if lang() == "th" else settings().zones_reasons_en
        columns = st.columns(2, gap="medium")
        ordered = _ordered(method)
        for i, part in enumerate(ordered):
            column = columns[2 * i // len(ordered)]
            column.slider(zone_score.part_words(part), 0, 100, step=STEP, key=key(part), help=reasons[part])
        if not any(values.values()):
            st.warning(_("All weights are zero, so the usual ones are used."), icon=":material/warning:")
        if weights_changed:
            st.text_input(
                _("Why these weights?"), key="w-why", max_chars=300,
                placeholder=_("for instance: council decision of 12 March"),
                help=_("Kept with the plan and its documents."),
            )  # fmt: skip
        st.button(
            _("Restore the usual ranking"), on_click=_restore_all, disabled=not changed, icon=":material/restart_alt:"
        )


def _ordered(method: str) -> tuple[str, ...]:
    return (*BURDEN, *VULNERABILITY) if method == "product" else PARTS


def _unit_choice(chosen: Choice) -> None:
    names = unit_names()
    st.selectbox(_("What is ranked"), _offered(chosen), format_func=names.__getitem__, key="units")
    if state.get("units") != "own":
        return
    areas = state.get("areas") or []
    brought = st.session_state.get("_own_file")
    if brought:
        st.caption(_("From the file {name}.", name=brought[0]))
    elif areas:
        st.caption(_("Areas drawn: {count}.", count=len(areas)))
    else:
        st.caption(_("Draw areas on the map with the ruler button, or bring a file."))
    st.file_uploader(
        _("File of areas (GeoJSON, GeoPackage, KML, zipped shapefile)"), type=KINDS, key="areas-file", on_change=_bring
    )
    if areas or brought:
        st.button(_("Take my areas away"), on_click=_forget, icon=":material/delete:")
    if problem := st.session_state.pop("_own_problem", None):
        st.error(problem.say(lang()))


def _bring() -> None:
    """Take over a file of areas."""
    given = st.session_state.get("areas-file")
    if given is None:
        st.session_state.pop("_own_file", None)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(given.name).name
        path.write_bytes(given.getvalue())
        try:
            st.session_state["_own_file"] = (given.name, units.read_file(path))
        except UserError as problem:
            st.session_state["_own_problem"] = problem


def _forget() -> None:
    st.session_state.pop("_own_file", None)
    state.put("areas", [])


def take_drawn(answer: dict[str, Any]) -> bool:
    """Take over an area drawn on the map of zones; whether there was one."""
    feature = answer.get("last_active_drawing") or {}
    properties = feature.get("properties") or {}
    if properties.get("kind") != "drawn" or st.session_state.get("_drawn_zone") == properties.get("id"):
        return False
    st.session_state["_drawn_zone"] = properties.get("id")
    if not properties.get("keep"):
        return False
    corners = [(lat, lon) for lon, lat in feature["geometry"]["coordinates"][0][:-1]]
    state.put("areas", [*(state.get("areas") or []), corners[: map_tools.MOST_CORNERS]][:MOST_DRAWN])
    return True


def _restore() -> None:
    for part, weight in usual(str(state.get("method"))).items():
        state.put(key(part), weight)


def _restore_all() -> None:
    state.put("method", settings().zones_method)
    state.put("units", "auto")
    state.put("w-why", "")
    _restore()


def _percent(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 100:
        raise ValueError(text)
    return value
