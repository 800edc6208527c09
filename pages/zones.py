"""Priority zones: which come first, why, and how firm that order is."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st

from geo import layers
from language import concentration, with_range
from pages.parts import (
    badges,
    decision_map,
    facts,
    files,
    fold,
    frame,
    state,
    tables,
    zone_score,
    zone_weights,
    zone_whatif,
    zone_why,
)
from pages.parts.i18n import _, lang
from planning import burden
from planning.screening import Screening
from planning.sentences import exposed_note


def lead(found: Screening) -> str:
    """Return the page's one line: the first zone, and how many are urgent."""
    first = zone_score.name(found.zones.iloc[0])
    urgent = int((found.zones["class"] == "urgent").sum())
    if urgent == 0:
        return _("First: {name}. No zone is urgent.", name=first)
    if urgent == 1:
        return _("First: {name}. One zone is urgent.", name=first)
    return _("First: {name}. {count} zones are urgent.", name=first, count=urgent)


def breathed(found: Screening) -> str:
    """Return the mean weighted by people, with its interval; empty where people or means are not known."""
    zones = found.zones
    mean = burden.weighted_mean(zones["people"].astype(float), zones["mean_ugm3"], zones["lower95"], zones["upper95"])
    if mean is None:
        return ""
    return _("mean weighted by people {mean}",
             mean=with_range(concentration(mean.value, lang()), mean.low, mean.high, lang()))  # fmt: skip


def over(found: Screening) -> str:
    """Return the people of the area over the standard on an average day, with the interval; empty where not known."""
    said = exposed_note(found.exposed)
    return said.say(lang()).rstrip(".") if said else ""


def listed(found: Screening) -> None:
    """Draw the zones as a bar of parts, or as a table."""
    room = facts.scaled(decision_map.HEIGHT - 70)

    def scores() -> None:
        with st.container(height=room, border=False):
            zone_score.score_chart(found, room - 5)

    def table() -> None:
        tables.show(zone_score.table(found.zones), height=room, column_config=zone_score.columns(len(found.zones)))

    fold.tabs({_("Score"): scores, _("Table"): table}, "zones-listed")


def to_take(found: Screening) -> dict[str, tuple[str, gpd.GeoDataFrame]]:
    """Return what can be taken home."""
    return {"zones": (_("Zones"), found.zones), "factories": (_("Factories"), found.factories)}


chosen = frame.choice()
found = zone_weights.screening(chosen)
ids = list(found.zones["zone_id"])
state.bind("zone", ids[0], allowed=ids)
left, right = st.columns([5, 2.6], vertical_alignment="top")
with left:
    frame.header(_("Priority zones"), lead(found), badge=found.simulated)
with right:
    drawer, download = st.columns(2, wrap=False)
    with drawer:
        zone_weights.drawer(chosen)
    with download:
        files.offer("zones", to_take(found), chosen)
frame.context_line(chosen, extra=_("standard {value}", value=concentration(found.standard.value, lang())))
mapped, bars = st.columns([6, 5], gap="small")
with mapped:
    shown = layers.zones(found.zones, lang=lang(), selected=state.get("zone"))
    label = _("Map of the priority zones")
    own = state.get("units") == "own"
    answer = decision_map.choose_on(
        found, "zones-map-own" if own else "zones-map", shown, "zone", "zone", label, badges.zone_keys(),
        [layers.measure(lang())] if own else [],
    )  # fmt: skip
    if own and zone_weights.take_drawn(answer):
        st.rerun()
with bars:
    listed(found)
names = {row["zone_id"]: f"{row['rank']} · {zone_score.name(row)} · {badges.zone_class(row['class'])}"
         for row in found.zones.to_dict("records")}  # fmt: skip
views = {"why": _("Why this zone?"), "if": _("What if …")}
view = st.segmented_control(
    _("Below the map"), list(views), format_func=views.__getitem__, required=True, label_visibility="collapsed",
    key=state.bind("below", "why", allowed=views),
)  # fmt: skip
if view == "if":
    zone_whatif.show(found, chosen)
else:
    st.selectbox(_("Zone"), ids, format_func=names.__getitem__, key="zone", label_visibility="collapsed")
    zone_why.show(found, found.zones.set_index("zone_id", drop=False).loc[state.get("zone")], chosen)
st.caption(" · ".join(filter(None, [over(found), breathed(found), *found.sources])))
