"""Layers of one's own on the map: roads, fire points, anything with a place; added, shown and taken away here."""

from __future__ import annotations

from functools import partial

import folium
import streamlit as st

from geo import context_layers, glyphs, legend, own_layers
from geo.own_layers import OwnLayer
from geo.schema import SHAPE_KINDS
from language import UserError, number
from pages.parts import errors, results, state
from pages.parts.i18n import _, lang
from planning import surroundings
from planning.screening import Screening

TYPES = ["geojson", "json", "gpkg", "kml", "zip", "parquet", "csv", "xlsx"]


def stored() -> dict[str, OwnLayer]:
    """Return the stored layers by their identifier in the address."""
    made: list[OwnLayer] = results.remembered("own-layers", lambda: own_layers.layers(results.lake()))
    return {layer.import_id[:8]: layer for layer in made}


def controls() -> None:
    """Draw the switches of one's own layers, and the way to add or take away one."""
    kept = stored()
    switch_on_new()
    key = state.bind("own", [], parse=state.words, write=",".join, late=True)
    st.session_state[key] = [i for i in st.session_state[key] if i in kept]
    if kept:
        st.pills(
            _("Your layers"), list(kept), selection_mode="multi", key=key,
            format_func=lambda i: f"{kept[i].name} ({number(kept[i].count)})",
        )  # fmt: skip
    with st.expander(_("Add or remove a layer of your own"), icon=":material/add_location_alt:"):
        _add()
        for name, layer in kept.items():
            st.button(
                _("Remove {layer}", layer=layer.name), icon=":material/delete:", key=f"own-remove-{name}",
                on_click=partial(_remove, layer), type="tertiary",
            )  # fmt: skip


def _add() -> None:
    words = {"roads": _("Roads and lines"), "fires": _("Fire points (satellite)"), "other": _("Something else")}
    file = st.file_uploader(
        _("File with places"), type=TYPES, key="own-file",
        help=_("GeoJSON, GeoPackage, KML, zipped shapefile, GeoParquet; CSV or Excel with coordinates. Fire points as "
               "NASA FIRMS gives them: with acq_date, acq_time and frp they follow the chosen period."),
    )  # fmt: skip
    kind = st.segmented_control(
        _("What it is"), SHAPE_KINDS, format_func=words.__getitem__, required=True, default="roads",
        key="own-kind",
    )  # fmt: skip
    name = st.text_input(_("Name on the map"), key="own-name", placeholder=file.name if file else "")
    simulated = st.checkbox(_("These are simulated data"), key="own-simulated")
    if st.button(_("Add the layer"), icon=":material/add:", disabled=file is None, key="own-add") and file:
        content = file.getvalue()
        try:
            with results.progress(_("Reading the file"), here=True) as say:
                found = own_layers.read(content, file.name, str(kind), name.strip())
                say(0.6, _("Storing the layer"))
                made = own_layers.store(results.lake(), found, file.name, content, simulated=simulated)
        except UserError as error:
            st.error(error.say(lang()), icon=":material/error:")
            return
        st.session_state["_own_told"] = (len(found.table), found.dropped)
        st.session_state["_own_new"] = made[:8]
        st.rerun()
    told = st.session_state.pop("_own_told", None)
    if told:
        st.success(_("{count} shapes are on the map; {dropped} without a place were left out.",
                     count=number(told[0]), dropped=number(told[1])), icon=":material/check:")  # fmt: skip


def switch_on_new() -> None:
    """Switch a layer on that was just added; before its switch is drawn."""
    new = st.session_state.pop("_own_new", None)
    if new:
        state.put("own", [*dict.fromkeys([*(state.get("own") or []), new])])


def _remove(layer: OwnLayer) -> None:
    results.lake().remove_import(layer.import_id)
    state.put("own", [i for i in state.get("own") or [] if i != layer.import_id[:8]])
    st.toast(_("{layer} was taken away.", layer=errors.plain(layer.name)), icon=":material/check:")


def groups(found: Screening) -> tuple[list[folium.FeatureGroup], list[legend.Key]]:
    """Return one's own layers that are switched on, and their legend."""
    made: list[folium.FeatureGroup] = []
    keys: list[legend.Key] = []
    kept = stored()
    for name in state.get("own") or ():
        layer = kept.get(name)
        if layer is None:
            continue
        table = results.derived(found, f"own-{name}", partial(surroundings.own_shapes, results.lake(), found, layer))
        made += context_layers.own(table, layer, lang())
        keys.append(_key(layer, len(table)))
    return made, keys


def _key(layer: OwnLayer, shown: int) -> legend.Key:
    mark = f" ({_('Simulated data')})" if layer.simulated else ""
    count = "" if layer.kind == "roads" else f" · {number(shown)}"
    line = glyphs.svg("<path d='M2 15 8 6l5 7 5-9' fill='none' stroke='#3F3F46' stroke-width='2.4'/>")
    drawing = {"fires": glyphs.fire(), "roads": line}.get(layer.kind, glyphs.own_point())
    return legend.Key(drawing, f"{layer.name}{count}{mark} · {layer.source}")
