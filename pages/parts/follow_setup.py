"""Setting up a project to be followed: what, where, since when, which stations it reaches and which compare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import folium
import geopandas as gpd
import streamlit as st

from geo import layers
from language import UserError
from pages.parts import facts, follow_desk, frame, map_view, results, state
from pages.parts.follow_desk import NEW, Followed
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import progress
from planning.detectable import LEAST_DAYS

MAP_HEIGHT = 400


def show(chosen: Choice, kept: list[Followed]) -> None:
    """Draw the choice of a project (or a new one), its form and its map."""
    by_id = {one.document_id: one for one in kept}
    names = {NEW: _("New project"), **{key: one.project.name for key, one in by_id.items()}}
    picked = st.session_state.get("follow-edit", NEW)
    if picked not in names:
        st.session_state["follow-edit"] = picked = NEW
    left, right = st.columns([4, 5], gap="medium")
    with left:
        st.selectbox(_("Project"), list(names), format_func=names.__getitem__, key="follow-edit",
                     label_visibility="collapsed")  # fmt: skip
        old = by_id.get(picked)
        project = _form(chosen, old, picked)
    with right:
        stations = _map(project, picked)
    with left:
        _stations_and_save(chosen, project, old, picked, stations)


def _plan_rows(chosen: Choice) -> dict[str, str]:
    """Return the projects of the plan on the desk: row id -> name."""
    desk = st.session_state.get("_plan_desks", {}).get(f"{chosen.workspace_id}|{chosen.area}")
    return {} if desk is None else {row.row_id: row.project for row in desk.history.present.rows}


def _place(chosen: Choice, old: Followed | None, picked: str) -> tuple[float, float]:
    asked = st.session_state.get(f"follow-at-{picked}")
    if asked:
        return asked  # type: ignore[no-any-return]
    if old is not None:
        return old.project.lon, old.project.lat
    middle = results.land(chosen.area).to_crs(4326).union_all().representative_point()
    return float(middle.x), float(middle.y)


def _form(chosen: Choice, old: Followed | None, picked: str) -> progress.Project:
    rows = _plan_rows(chosen)
    row_id = "" if old is None else old.project.row_id
    if rows and old is None:
        words = {"": _("Own words"), **rows}
        row_id = str(st.selectbox(_("From the plan"), list(words), format_func=words.__getitem__, key="follow-row"))
    name = st.text_input(_("Name of the project"), value=rows.get(row_id, "") if old is None else old.project.name,
                         key=f"follow-name-{picked}-{row_id}")  # fmt: skip
    first, last = follow_desk.reach(chosen)
    day, radius = st.columns(2)
    begun = day.date_input(
        _("First day with the measure"), value=first + (last - first) / 2 if old is None else old.project.start,
        min_value=first, max_value=last, format="DD/MM/YYYY", key=f"follow-start-{picked}",
        help=_("At least {least} days with readings are needed before it and after it.", least=LEAST_DAYS),
    )  # fmt: skip
    felt = radius.number_input(
        _("Felt within (km)"), 0.3, 20.0, 2.0 if old is None else old.project.radius_km, 0.5, format="%.1f",
        key=f"follow-radius-{picked}",
    )  # fmt: skip
    lon, lat = _place(chosen, old, picked)
    return progress.Project(
        name.strip(), lon, lat, begun, chosen.pollutant, float(felt), max(50.0, 2 * felt + 1.0), row_id=row_id
    )


def _map(project: progress.Project, picked: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None:
    """Draw the place and its stations; a click moves the place. Return affected and control stations."""
    try:
        groups = progress.groups(results.lake(), project, results.snapshot())
    except UserError as problem:
        groups, words = None, problem
    ring = folium.FeatureGroup(name="felt")
    for radius, dash in ((project.radius_km, ""), (2 * project.radius_km, "6 8")):
        folium.Circle((project.lat, project.lon), radius=1000 * radius, color="#B45309", weight=2, fill=False,
                      dash_array=dash or None).add_to(ring)  # fmt: skip
    folium.CircleMarker((project.lat, project.lon), radius=6, color="#B45309", weight=3, fill=True).add_to(ring)
    shown = [ring]
    if groups is not None:
        for table in groups:
            shown.append(layers.stations(table.assign(value=float("nan")), None, lang=lang()))
    chosen = frame.choice()
    answer = map_view.show_map(
        layers.base_map(results.land(chosen.area), lang=lang(), hall=frame.hall(), label=_("Map of the project")),
        key=f"follow-{lang()}", layers=shown, height=facts.scaled(MAP_HEIGHT), returned_objects=map_view.CLICKS,
    )  # fmt: skip
    click = map_view.clicked(answer, "follow")
    if click:
        st.session_state[f"follow-at-{picked}"] = (round(click.lon, 6), round(click.lat, 6))
        st.rerun()
    st.caption(_("Click the map where the measure was taken. Full ring: affected; beyond the dashed ring: controls."))
    if groups is None:
        st.warning(words.say(lang()), icon=":material/info:")
    return groups


def _stations_and_save(
    chosen: Choice, project: progress.Project, old: Followed | None, picked: str,
    groups: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None,
) -> None:  # fmt: skip
    if groups is None:
        return
    both = {str(r["station_id"]): f"{frame.label(r)} · {r['away_km']:.1f} km" for g in groups for _i, r in g.iterrows()}
    near, far = ([str(s) for s in group["station_id"]] for group in groups)
    key = f"{picked}-{project.lon}-{project.lat}-{project.radius_km}"
    had = (old.project.affected, old.project.controls) if old is not None else ((), ())
    picks: list[list[str]] = []
    for label, usual, own, name in (
        (_("Affected stations"), near, had[0], "near"), (_("Control stations"), far, had[1], "far"),
    ):  # fmt: skip
        start = [s for s in (own or usual) if s in both]
        picks.append(
            st.multiselect(label, list(both), default=start, format_func=both.__getitem__, key=f"follow-{name}-{key}")
        )
    changed = [tuple(p) if set(p) != set(u) else () for p, u in zip(picks, (near, far), strict=True)]
    author = st.text_input(_("Saved by"), value="" if old is None else old.author, key=f"follow-author-{picked}")
    save, gone = st.columns(2)
    if save.button(_("Save and compare"), type="primary", icon=":material/save:", width="stretch", key="follow-save"):
        _save(chosen, replace(project, affected=changed[0], controls=changed[1]), author, old, picks[0])
    if old is not None and gone.button(_("Take out"), icon=":material/delete:", width="stretch", key="follow-remove"):
        follow_desk.remove(chosen, old)
        st.rerun()


def _save(chosen: Choice, project: progress.Project, author: str, old: Followed | None, near: list[Any]) -> None:
    if not project.name:
        st.error(_("Name the project, so that the council knows what is meant."), icon=":material/error:")
    elif not near:
        st.error(_("Choose at least one affected station."), icon=":material/error:")
    elif not author.strip():
        st.error(_("Say who saves it, so that others know whom to ask."), icon=":material/error:")
    else:
        key = follow_desk.save(chosen, project, author, old.document_id if old else None)
        st.session_state["_follow_next"] = (key, "result")
        st.rerun()


def after_save() -> None:
    """Go where a save leads: to the saved project's result; call before any widget is drawn."""
    asked = st.session_state.pop("_follow_next", None)
    if asked:
        state.put("followed", asked[0])
        state.put("fu", asked[1])
