"""Proposed measures as cards: what it does, on what law, who may order it, and whether that was checked."""

from __future__ import annotations

from typing import Any

import streamlit as st

from geo import catalogues
from language import data_language
from pages.parts import badges, errors, plan_desk, results, state, zone_why
from pages.parts.i18n import _, lang
from planning import measures
from planning.plan import PlanRow
from planning.screening import Screening
from planning.zone_sources import factories_of

OFFERED = 12
"""Cards a zone shows at most; the first ones are those the computer proposes."""


def offered(found: Screening, zone: dict[str, Any]) -> list[PlanRow]:
    """Return the measures that fit a zone, best first, kept until the data or the weights change."""
    mine = factories_of(zone, found.factories, found.likely)

    def compute() -> list[PlanRow]:
        return measures.propose(
            zone, mine, likely=found.likely, area_name=measures.area_name(found),
            pollutant=found.parameters.pollutant, count=OFFERED,
        )  # fmt: skip

    return results.remembered("measures", compute, found.parameters, zone["zone_id"])


def show(found: Screening, zones: dict[str, dict[str, Any]], height: int) -> None:
    """Draw the choice of a zone, why it is where it is, and its cards.

    Parameters
    ----------
    zones : dict
        Zone id -> row of the zone table, first zone first; ``zone`` in the address names the chosen one.
    height : int
        CSS pixels for the cards.
    """
    names = {
        key: f"{zone['rank']} · {zone_why.name(zone)} · {badges.zone_class(zone['class'])}"
        for key, zone in zones.items()
    }
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    left.selectbox(_("Zone"), list(zones), format_func=names.__getitem__, key="zone", label_visibility="collapsed")
    zone = zones[state.get("zone")]
    rows = offered(found, zone)
    taken = {row.row_id for row in plan_desk.present().rows}
    first = [row for row in rows[:4] if row.row_id not in taken]
    right.button(
        _("Add the first {count}", count=len(first)) if first else _("The first are in the plan"),
        on_click=plan_desk.add_rows, args=(first,), disabled=not first, icon=":material/playlist_add:",
        width="stretch", key=f"add-first-{zone['zone_id']}",
    )  # fmt: skip
    st.caption(errors.plain(zone["reason_th" if lang() == "th" else "reason_en"]))
    with st.container(height=height, border=False):
        for start in range(0, len(rows), 3):
            for column, row in zip(st.columns(3), rows[start : start + 3], strict=False):
                with column.container(border=True, height="stretch"):
                    _card(row, row.row_id in taken)


def _card(row: PlanRow, taken: bool) -> None:
    measure = _measure(row.measure_id)
    st.markdown(f"**{errors.plain(row.say('project', lang()))}**")
    told = data_language(lang())
    lines = {
        _("Effect"): " · ".join(filter(None, (measure.get(f"{key}_{told}") for key in ("effect", "reduction")))),
        _("Law"): row.say("law", lang()),
        _("Who may order it"): row.say("agency", lang()),
    }
    st.caption("  \n".join(f"**{name}:** {errors.plain(words)}" for name, words in lines.items() if words))
    with st.container(horizontal=True, vertical_alignment="center"):
        if taken:
            st.button(
                _("Take out"), key=f"out-{row.row_id}", on_click=plan_desk.remove_row, args=(row.row_id,),
                icon=":material/remove:",
            )  # fmt: skip
        else:
            st.button(
                _("Add"), key=f"in-{row.row_id}", on_click=plan_desk.add_rows, args=((row,),), type="primary",
                icon=":material/add:",
            )  # fmt: skip
        if row.role == "request":
            st.badge(_("request to the province"), icon=":material/forward_to_inbox:", color="blue")
        if not row.verified:
            badges.to_check()


def _measure(measure_id: str) -> dict[str, Any]:
    table = catalogues.measures()
    found = table[table["measure_id"] == measure_id]
    return {} if found.empty else {k: "" if v != v else str(v) for k, v in found.iloc[0].to_dict().items()}
