"""Factory screening for the provincial office: every factory with its evidence, as a table and as a map."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import folium
import geopandas as gpd
import pandas as pd
import streamlit as st

from geo import export, layers
from language import N_, UserError, data_language
from pages.parts import dust_view, facts, fields, files, frame, hall_say, hall_table, map_view, results, state
from pages.parts.i18n import _, lang
from planning import factory_screen
from planning.screening import Screening
from planning.sources import POTENTIAL_CLASSES

WHERE = ("all", "hotspot", "complaints", "unvisited")
CLASSES = {"none": N_("none"), "low": N_("low"), "medium": N_("medium"), "high": N_("high")}


def controls() -> None:
    """Draw the filters in one row."""
    search, only, power, potential = st.columns([2, 2, 1, 2], vertical_alignment="bottom")
    search.text_input(_("Name or registration number"), key=state.bind("name", ""))
    words = {
        "all": _("All"), "hotspot": _("In or near a hotspot"), "complaints": _("With complaints"),
        "unvisited": _("Not visited yet"),
    }  # fmt: skip
    only.selectbox(_("Show"), WHERE, format_func=words.__getitem__,
                   key=state.bind("only", "all", allowed=WHERE))  # fmt: skip
    power.number_input(_("Horsepower from"), min_value=0, step=50, key=state.bind("hp", 0, parse=_at_least_0))
    potential.multiselect(
        _("Dust potential"), POTENTIAL_CLASSES, format_func=lambda c: _(CLASSES[c]), placeholder=_("All"),
        key=state.bind("pot", [], parse=_classes, write=state.write_words),
    )  # fmt: skip


def _at_least_0(text: str) -> int:
    return max(int(text), 0)


def _classes(text: str) -> list[str]:
    return [word for word in state.words(text) if word in POTENTIAL_CLASSES]


def everything(found: Screening) -> gpd.GeoDataFrame:
    """Return every factory with its evidence, computed once for all readers until something is stored."""
    return results.derived(
        found, f"office-{results.snapshot()}",
        lambda: factory_screen.table(found.factories, found.receptors, results.lake().reports(),
                                     results.lake().read("visits"), simulated=found.simulated),
    )  # type: ignore[no-any-return]  # fmt: skip


def kept(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that the filters leave."""
    word, only = str(state.get("name")).strip().casefold(), state.get("only")
    if word:
        text = rows["name_th"].fillna("") + "|" + rows["reg_no"].fillna("") + "|" + rows["factory_id"]
        rows = rows[text.str.casefold().str.contains(word, regex=False)]
    if only == "hotspot":
        rows = rows[rows["hotspot_id"].notna()]
    elif only == "complaints":
        rows = rows[rows["complaints_1km"] > 0]
    elif only == "unvisited":
        rows = rows[rows["last_visit"].isna()]
    if state.get("hp"):
        rows = rows[pd.to_numeric(rows["hp"], errors="coerce") >= state.get("hp")]
    if state.get("pot"):
        rows = rows[rows["potential_class"].isin(state.get("pot"))]
    return rows.reset_index(drop=True)


def listed(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the table and return the factories chosen in it or on the map."""
    on_map = state.get("factory")
    ids = list(rows["factory_id"])
    at = [ids.index(on_map)] if on_map in ids else []
    figure, text = st.column_config.NumberColumn, st.column_config.TextColumn
    kind = f"type_name_{data_language(lang())}"
    # Translated once a word, not once a row.
    words = {c: _(CLASSES.get(c, "none")) for c in {str(c) for c in rows["potential_class"]}}
    shown = (
        pd.DataFrame(rows)[["name_th", "type_code", kind, "hp", "potential_class", "hotspot_id", "upwind_share",
                            "receptors_1km", "complaints_1km", "hands_1km", "last_visit", "visit_note", "reg_no"]]
        .assign(potential_class=[words[str(c)] for c in rows["potential_class"]],
                upwind_share=100 * pd.to_numeric(rows["upwind_share"], errors="coerce"))
    )  # fmt: skip
    if frame.hall():
        return _from_afar(rows, shown, kind, at)
    event = st.dataframe(
        shown,
        hide_index=True, width="stretch", height=facts.scaled(380), on_select="rerun", selection_mode="multi-row",
        # A click on the map gives the table a new start with that row chosen.
        key=f"factories-{hash(tuple(ids))}-{on_map}", selection_default={"selection": {"rows": at}},
        column_config={
            "name_th": text(_("Factory"), help=_("Name in the register"), pinned=True, width=210),
            "type_code": text(_("Type"), help=_("Type number of the factory law's list")),
            kind: text(_("Type name"), help=_("What the type number stands for"), width=120),
            "hp": figure(_("Horsepower"), help=_("Machine power in the register"), format="%,.0f"),
            "potential_class": text(_("Dust potential"), help=_(
                "Dust potential of the type, weighted by horsepower: what could be emitted, never what is")),
            "hotspot_id": text(_("Hotspot"), help=_("The dust hotspot in or near which the factory stands")),
            "upwind_share": figure(_("Upwind (%)"), format="%.0f", help=_(
                "Share of the windy hours on days over the standard in which the wind blew from the factory towards "
                "the hotspot (or the zone); inside a hotspot it says little")),
            "receptors_1km": figure(_("Schools and care, 1 km"), help=_(
                "Schools, hospitals and other places of care within 1 km")),
            "complaints_1km": figure(_("Complaints, 1 km"), help=_(
                "Smoke, dust, smell and burning reported in meetings within 1 km")),
            "hands_1km": figure(_("Hands, 1 km"), help=_("Hands raised for these complaints")),
            "last_visit": st.column_config.DateColumn(_("Last visit"), format="DD/MM/YYYY", help=_(
                "When an officer last saw it; filled in below")),
            "visit_note": text(_("Note of the visit"), help=_("What the officer wrote, without names")),
            "reg_no": text(_("Registration number"), help=_("Number in the register of the Department of "
                                                            "Industrial Works")),
        },
    )  # fmt: skip
    return rows.iloc[[i for i in event.selection.rows if i < len(rows)]]


def _from_afar(rows: gpd.GeoDataFrame, shown: pd.DataFrame, kind: str, at: list[int]) -> gpd.GeoDataFrame:
    """Draw the table for a hall, the factory that was clicked on the map first, and return that one."""
    columns = {
        "name_th": (_("Factory"), _("Name in the register")),
        kind: (_("Type name"), _("What the type number stands for")),
        "hp": (_("Horsepower"), _("Machine power in the register")),
        "hotspot_id": (_("Hotspot"), _("The dust hotspot in or near which the factory stands")),
        "receptors_1km": (_("Schools and care, 1 km"), _("Schools, hospitals and other places of care within 1 km")),
        "complaints_1km": (_("Complaints, 1 km"), _("Smoke, dust, smell and burning reported in meetings within 1 km")),
    }
    order = [*at, *(i for i in range(len(shown)) if i not in at)]
    hall_table.show(shown.iloc[order], columns, range(len(at)), _("Factory screening"), facts.scaled(380))
    return rows.iloc[at]


def mapped(found: Screening, rows: gpd.GeoDataFrame, picked: gpd.GeoDataFrame) -> None:
    """Draw the same factories; those chosen have a ring, a click chooses."""
    every = len(rows) == len(found.factories)
    shown = found.factories if every else found.factories[found.factories["factory_id"].isin(rows["factory_id"])]
    ring = folium.FeatureGroup(name="chosen")
    for point in picked.geometry[:300]:
        folium.CircleMarker((point.y, point.x), radius=16, color="#1F2A2E", weight=4, fill=False).add_to(ring)
    # Very many bring a box of their own that names the signs.
    signs = [] if fields.is_field(shown) else [
        dust_view.legend_of(found, dust_view.View([], _("Factories"), "", [], []), dust_view.factory_keys())
    ]  # fmt: skip
    answer = map_view.show_map(
        dust_view.base(found, _("Map of the factories")), key=f"offices-{lang()}", height=facts.scaled(380),
        layers=[layers.hotspots(found.hotspots, lang=lang(), by_badge=True),
                fields.factories(found, shown, lang(), report=True), ring, *signs],
        returned_objects=map_view.CLICKS,
    )  # fmt: skip
    click = map_view.clicked(answer, "offices")
    if click and click.kind == "factory" and click.id != state.get("factory"):
        state.put("factory", click.id)
        st.rerun()


def taken_home(rows: gpd.GeoDataFrame, chosen: frame.Choice) -> None:
    """Draw the three files of the chosen rows, or of all that the filters leave."""
    made = {
        "xlsx": (files.XLSX, lambda: hall_say.workbook(export.harmless(pd.DataFrame(rows.drop(columns="geometry"))))),
        "csv": (files.CSV, lambda: files.csv(rows)),
        "gpkg": (files.GPKG, lambda: files.geopackage(rows, "factories")),
    }
    many = _("1 factory") if len(rows) == 1 else _("{count} factories", count=f"{len(rows):,}")
    for column, (suffix, (mime, make)) in zip(st.columns(3), made.items(), strict=True):
        column.download_button(
            f"{many} · .{suffix}", make, mime=mime, key=f"office-{suffix}",
            file_name=files.name("screening", chosen, suffix), on_click="ignore", icon=":material/download:",
            width="stretch",
        )  # fmt: skip


def visits(picked: gpd.GeoDataFrame, simulated: bool) -> None:
    """Draw the form that records a visit to the chosen factories, and its undo."""
    with st.form("visit", clear_on_submit=True):
        left, right = st.columns([1, 2])
        day = left.date_input(_("Day of the visit"), value=results.today(), format="DD/MM/YYYY")
        said = right.text_input(_("Note of the visit"), max_chars=200)
        sent = st.form_submit_button(_("Record the visit of the chosen factories"), icon=":material/event_available:")
    if sent:
        try:
            done = factory_screen.record_visit(results.lake(), list(picked["factory_id"]), day, said,
                                               today=results.today(), simulated=simulated)  # fmt: skip
        except UserError as error:
            st.error(error.say(lang()), icon=":material/error:")
        else:
            st.session_state["_visit"] = done
            st.rerun()
    if st.session_state.get("_visit") and st.button(_("Take the last visit back"), icon=":material/undo:"):
        results.lake().remove_import(st.session_state.pop("_visit"))
        st.rerun()


def screens() -> None:
    """Draw the saved screens: keep the filters under a name, bring them back."""
    kept = results.remembered("screens", lambda: results.lake().read("screens"))
    saved = kept.set_index("name")["body"].to_dict()

    def bring() -> None:
        wanted = dict(parse_qsl(saved.get(st.session_state.get("saved"), "")))
        state.put("name", wanted.get("name", ""))
        state.put("only", wanted.get("only", "all"))
        state.put("hp", _at_least_0(wanted.get("hp", "0")))
        state.put("pot", _classes(wanted.get("pot", "")))

    if saved:
        st.selectbox(_("Saved screens"), list(saved), index=None, key="saved", on_change=bring,
                     placeholder=_("Choose a screen"))  # fmt: skip
    name = st.text_input(_("Name of this screen"), key="screen_name", max_chars=80)
    if st.button(_("Save these filters"), icon=":material/bookmark_add:"):
        values = {"name": state.get("name"), "only": state.get("only"), "hp": state.get("hp"),
                  "pot": state.write_words(state.get("pot"))}  # fmt: skip
        try:
            factory_screen.save_screen(results.lake(), name, urlencode(values))
        except UserError as error:
            st.error(error.say(lang()), icon=":material/error:")
        else:
            st.rerun()


chosen = frame.choice()
found = results.steady(chosen)
rows = everything(found)
frame.header(_("Factory screening"), _("Screening evidence, not proof: where to look first, not who is to blame."),
             badge=found.simulated)  # fmt: skip
frame.context_line(chosen, source=", ".join(found.sources))
if rows.empty:
    said = _("No factory is stored for this area. Bring in the register on the data page, or fetch it there.")
    st.info(said, icon=":material/factory:")
    st.page_link("pages/data.py", label=_("Open the data page"), icon=":material/database:")
    st.stop()
controls()
rows = kept(rows)
state.bind("factory", "")
if rows.empty:
    st.info(_("No factory fits these filters."), icon=":material/filter_alt_off:")
    screens()
else:
    left, right = st.columns([3, 2], gap="small")
    with left:
        picked = listed(rows)
    with right:
        mapped(found, rows, picked)
    taken_home(picked if len(picked) else rows, chosen)
    first, second = st.columns([3, 2])
    with first.expander(_("Record a visit"), icon=":material/event_available:"):
        visits(picked, found.simulated)
    with second.expander(_("Saved screens"), icon=":material/bookmark:"):
        screens()
