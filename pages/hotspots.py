"""Dust hotspots: the ranked list, the map, and the sheet of the one that is chosen."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from geo import layers
from language import concentration, number
from pages.parts import (
    decision_map,
    dust_view,
    files,
    frame,
    hotspot_clusters,
    hotspot_rule,
    hotspot_sheet,
    hotspot_time,
    place_tables,
    results,
    state,
    tables,
)
from pages.parts.i18n import _, lang
from planning import trends
from planning.screening import Screening

TABLE = 186  # CSS pixels: five rows; the sheet of the chosen one begins below it
SORTS = ("rank", "people", "mean_ugm3", "receptors", "factories", "area_km2")


def lead(found: Screening) -> str:
    """Return the page's one line."""
    if hotspot_rule.local():
        if found.hotspots.empty:
            return _("No place stands out above the region's air.")
        return _("Places that add dust of their own, day after day: {count}.", count=len(found.hotspots))
    if found.hotspots.empty:
        return _("No place is a dust hotspot in this period.")
    people = pd.to_numeric(found.hotspots["people"], errors="coerce").sum()
    if len(found.hotspots) == 1:
        return _("One dust hotspot; about {people} people live in it.", people=number(people))
    return _(
        "{count} dust hotspots; about {people} people live in them.", count=len(found.hotspots), people=number(people)
    )


def controls(found: Screening) -> pd.DataFrame:
    """Draw search, filter and order in one row and return what is left of the list."""
    names = {
        "rank": _("Rank"), "people": _("People"), "mean_ugm3": _("Mean dust"), "receptors": _("Schools and care"),
        "factories": _("Factories near"), "area_km2": _("Area"),
    }  # fmt: skip
    search, order, moving, only = st.columns([3, 2, 2, 3], vertical_alignment="bottom")
    words = search.text_input(
        _("Search"), key=state.bind("q", ""), placeholder=_("Search a place"), label_visibility="collapsed"
    )
    sort = order.selectbox(
        _("Sort by"), SORTS, key=state.bind("sort", "rank", allowed=SORTS), format_func=names.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    cared = only.toggle(
        _("Only with schools or care"), key=state.bind("care", False, parse=state.flag, write=state.write_flag)
    )
    kept = found.hotspots
    if words:
        text = kept["name_th"].astype(str) + " " + kept["name_en"].astype(str) + " " + kept["hotspot_id"].astype(str)
        kept = kept[text.str.contains(words, case=False, regex=False)]
    if cared:
        kept = kept[kept["receptors"] > 0]
    kept = hotspot_time.trend_filter(found, kept, moving, state.bind("trend", "", allowed=("", *trends.KINDS)))
    return kept.sort_values(sort, ascending=sort == "rank", kind="stable", na_position="last")


def ranked(found: Screening, kept: pd.DataFrame) -> None:
    """Draw the list; choosing a row chooses the hotspot."""
    if kept.empty:
        st.info(_("No hotspot fits the search and the filter."), icon=":material/filter_alt_off:")
        return
    ids = list(kept["hotspot_id"])
    selected = [ids.index(state.get("hotspot"))] if state.get("hotspot") in ids else []
    listed = hotspot_time.with_time(found, kept, hotspot_sheet.table(kept))
    config = hotspot_sheet.columns(found) | hotspot_time.columns()
    if frame.hall():  # chosen on the map beside it
        tables.show(listed, column_config=config, chosen=selected)
        return
    # The key holds the choice: a click on the map gives the table a new start with that row chosen.
    key = f"hotspots-{'-'.join(ids)}-{state.get('hotspot')}"

    def choose() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            state.put("hotspot", ids[rows[0]])

    st.dataframe(
        listed,
        hide_index=True,
        width="stretch",
        height=min(36 * (len(kept) + 1) + 3, TABLE),
        column_config=config,
        key=key,
        on_select=choose,
        selection_mode="single-row-required" if selected else "single-row",
        selection_default={"selection": {"rows": selected}},
    )


def nothing(found: Screening) -> None:
    """Say why there is no hotspot and what comes nearest."""
    st.info(_("Nowhere in this area does the rule hold."), icon=":material/check_circle:")
    nearest = "" if hotspot_rule.local() else hotspot_sheet.nearest_miss(found)
    if nearest:
        st.markdown(f"**{_('What comes nearest')}:** {nearest}")
    decision_map.show(found, "hotspots-none", [dust_view.stations(found)], _("Map of the dust and the stations"))
    place_tables.expander(partial(place_tables.stations, found))


chosen = frame.choice()
whole = results.screening(chosen)
left, right = st.columns([5, 1.4], vertical_alignment="top")
with right:
    hotspot_rule.controls(whole)
with left:
    state.bind("kind", "health", allowed=hotspot_rule.KINDS)
    found = results.derived(whole, f"kind-{state.get('kind')}", lambda: hotspot_rule.seen(whole))
    frame.header(_("Dust hotspots"), lead(found), badge=found.simulated)
    standard = _("standard {value}", value=concentration(found.standard.value, lang()))
    frame.context_line(chosen, source=", ".join(found.sources), extra=standard)
with right:
    near = found.factories[found.factories["hotspot_id"].notna()]
    files.offer(
        "hotspots",
        {"hotspots": (_("Hotspots"), found.hotspots), "factories": (_("Factories near hotspots"), near)},
        chosen,
    )
hotspot_rule.kind(whole)
if found.hotspots.empty:
    nothing(found)
else:
    state.bind("hotspot", found.hotspots["hotspot_id"].iloc[0], allowed=list(found.hotspots["hotspot_id"]))
    kept = controls(found)
    hours_there = hotspot_time.hours_now(found) is not None
    hotspot_clusters.bind()
    marked, keys = hotspot_clusters.layer(found)
    listed, mapped = st.columns([6, 5], gap="small")
    row = found.hotspots.set_index("hotspot_id", drop=False).loc[state.get("hotspot")]
    with listed:
        ranked(found, kept)
        hotspot_sheet.head(found, row, chosen)
    with mapped:
        shown = layers.hotspots(found.hotspots, lang=lang(), selected=state.get("hotspot"))
        decision_map.choose_on(
            found, "hotspots-map", shown, "hotspot", "hotspot", _("Map of the dust hotspots"), keys, marked
        )
    hotspot_sheet.details(found, row, chosen)
    hotspot_clusters.show(found)
    hotspot_time.watch(found, hours_there)
