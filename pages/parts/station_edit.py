"""Putting a station right: names, place, hiding; and the log of what was edited, each entry with its undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import folium
import pandas as pd
import streamlit as st

from geo import edits, layers
from language import UserError, moment
from pages.parts import errors, facts, frame, map_view, results
from pages.parts.i18n import _, lang

if TYPE_CHECKING:
    from pages.parts.station_page import Shown

_LISTED = 40
_AROUND = 0.012
"""Degrees around the station that its map shows."""


def show(shown: Shown) -> None:
    """Draw the form beside the map, and the station's log."""
    station = str(shown.row["station_id"])
    _told()
    left, right = st.columns([2, 3], gap="medium")
    with right:
        _place(shown, station)
    with left:
        _form(shown, station)
    log(station)


def _told() -> None:
    """Say what the last button did: an error stays until the next one."""
    error = st.session_state.pop("_edit_error", None)
    if error is not None:
        st.error(error.say(lang()), icon=":material/error:")
    warned = st.session_state.pop("_edit_warning", None)
    if warned is not None:
        st.warning(errors.plain(warned.say(lang())), icon=":material/warning:")


def _do(act: Callable[[], edits.Edit]) -> None:
    """Make an edit; what is wrong with it is said in the next run."""
    try:
        st.session_state["_edit_warning"] = edits.warning(act())
    except UserError as error:
        st.session_state["_edit_error"] = error
        return
    st.toast(_("Kept in the log; it can be taken back."), icon=":material/check:")


def _form(shown: Shown, station: str) -> None:
    row = shown.row
    version = f"{station}-{len(edits.entries(results.lake(), station))}"
    # The widgets of one state of the log: after an edit or an undo they show what counts now.
    keys = {name: f"edit-{name}-{version}" for name in ("name_th", "name_en", "lat", "lon", "who", "why")}
    for name in ("name_th", "name_en"):
        st.session_state.setdefault(keys[name], "" if pd.isna(row[name]) else str(row[name]))
    for name in ("lat", "lon"):
        st.session_state.setdefault(keys[name], float(row[name]) if pd.notna(row[name]) else 0.0)
    clicked = st.session_state.pop(f"_edit-at-{station}", None)
    if clicked is not None:
        st.session_state[keys["lat"]], st.session_state[keys["lon"]] = clicked
    first, second = st.columns(2)  # a pair a row: on a phone they stand in this order
    first.text_input(_("Name (Thai)"), key=keys["name_th"])
    second.text_input(_("Name (English)"), key=keys["name_en"])
    first, second = st.columns(2)
    first.number_input(_("Latitude"), key=keys["lat"], format="%.5f", step=0.001)
    second.number_input(_("Longitude"), key=keys["lon"], format="%.5f", step=0.001)
    first, second = st.columns(2)
    first.text_input(_("Who says so (may stay empty)"), key=keys["who"])
    second.text_input(_("Why (may stay empty)"), key=keys["why"])
    first, second = st.columns(2)
    hidden = bool(row["hidden"])
    first.button(
        _("Keep the changes"), type="primary", icon=":material/check:", width="stretch", key="edit-keep",
        on_click=_keep, args=(station, keys),
    )  # fmt: skip
    second.button(
        _("Show this station again") if hidden else _("Hide this station"), width="stretch", key="edit-hide",
        icon=":material/visibility:" if hidden else ":material/visibility_off:", on_click=_hide,
        args=(station, hidden, keys),
    )  # fmt: skip
    st.caption(
        _("What was imported stays stored. A hidden station is left out of every map and calculation.")
        if not hidden
        else _("This station is hidden: it is left out of every map and calculation.")
    )


def _said(keys: dict[str, str]) -> dict[str, str]:
    return {"author": st.session_state[keys["who"]], "reason": st.session_state[keys["why"]]}


def _keep(station: str, keys: dict[str, str]) -> None:
    """Store what differs from what counts now: names and place are two entries, each with its own undo."""
    lake = results.lake()
    row = lake.stations(hidden=True).set_index("station_id").loc[station]
    now = {name: st.session_state[key] for name, key in keys.items()}
    names = {
        name: now[name] for name in ("name_th", "name_en")
        if now[name] != ("" if pd.isna(row[name]) else row[name])
    }  # fmt: skip
    said = _said(keys)
    # The form shows five digits (about a metre): what only differs beyond them was not moved.
    away = any(pd.isna(row[name]) or abs(float(row[name]) - now[name]) > 5e-6 for name in ("lat", "lon"))
    if not names and not away:
        st.session_state["_edit_error"] = UserError("Nothing changed: {station} is so already.", station=station)
        return
    if names:
        _do(lambda: edits.rename(lake, station, **names, **said))
    if away and "_edit_error" not in st.session_state:
        _do(lambda: edits.move(lake, station, now["lat"], now["lon"], **said))


def _hide(station: str, hidden: bool, keys: dict[str, str]) -> None:
    _do(lambda: (edits.show if hidden else edits.hide)(results.lake(), station, **_said(keys)))


def _place(shown: Shown, station: str) -> None:
    """Draw the station on the map; a click there is its new position, to be kept with the button."""
    everything = results.lake().stations(hidden=True)
    one = everything[everything["station_id"] == station].drop(columns="hidden")
    land = results.land(shown.chosen.workspace_id)
    lat, lon = float(shown.row["lat"]), float(shown.row["lon"])
    around = (lon - _AROUND, lat - _AROUND, lon + _AROUND, lat + _AROUND) if pd.notna(lat) else None
    base: folium.Map = layers.base_map(
        land, lang=lang(), label=_("Place of the station"), hall=frame.hall(), view=around
    )
    answer = map_view.show_map(
        base, f"edit-{station.lower().replace('_', '-')}",
        [layers.stations(one, None, lang=lang())],
        height=facts.scaled(300), returned_objects=map_view.CLICKS,
    )  # fmt: skip
    click = map_view.clicked(answer, f"edit-{station}")
    if click is not None and not click.kind:
        st.session_state[f"_edit-at-{station}"] = (round(click.lat, 5), round(click.lon, 5))
        st.rerun()
    said, sure = st.columns([3, 2], vertical_alignment="center")
    said.caption(_("Click where the station really stands; then keep the changes."))
    sure.button(
        _("The place is right"), icon=":material/where_to_vote:", key="edit-confirm", width="stretch",
        help=_("Readings that are marked as belonging to another place count again."), on_click=_do,
        args=(lambda: edits.confirm(results.lake(), station),),
    )  # fmt: skip


def log(station: str = "") -> None:
    """Draw the log (of a station), newest first, each entry with its undo."""
    found = edits.entries(results.lake(), station)
    if not found:
        st.caption(_("No edit yet: names, places and hiding that people put right are listed here, with undo."))
        return
    st.markdown(f"**{_('What was edited')}**")
    for edit in found[:_LISTED]:
        _entry(edit, named=not station)
    if len(found) > _LISTED:
        st.caption(_("The newest {shown} of {count} entries; all are in the export.", shown=_LISTED, count=len(found)))


def _entry(edit: edits.Edit, *, named: bool) -> None:
    text, button = st.columns([6, 1], vertical_alignment="center")
    change = f"{edits.plain(edit.before, lang())} → {edits.plain(edit.after, lang())}"
    parts = [
        moment(edit.edited_at, lang()), edit.station_id if named else "", _(edits.ACTIONS[edit.action]), change,
        edit.author, edit.reason,
    ]  # fmt: skip
    sentence = errors.plain(" · ".join(part for part in parts if part))
    text.markdown(sentence if edit.in_force else f"~~{sentence}~~ ({_('taken back')})")
    if edit.in_force:
        button.button(
            _("Do again") if edit.action == "undo" else _("Undo"), key=f"edit-undo-{edit.edit_id}", width="stretch",
            icon=":material/redo:" if edit.action == "undo" else ":material/undo:", on_click=_do,
            args=(lambda: edits.undo(results.lake(), edit.edit_id),),
        )  # fmt: skip
