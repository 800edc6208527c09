"""The order of the plan's projects: sorted as a whole, or one moved up and down."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import plan_desk
from pages.parts.i18n import _, lang
from planning import plan as plans
from planning.plan import Plan


def show(plan: Plan) -> None:
    """Draw what sorts all projects, and what moves one of them."""
    with st.popover(_("Order"), icon=":material/swap_vert:", disabled=len(plan.rows) < 2):
        st.caption(_("The order here is the order on the forms."))
        names = {"zone_name": _("By zone"), "form": _("By form"), "owner": _("By responsible unit"),
                 "total": _("Largest budget first")}  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            for key, label in names.items():
                st.button(label, key=f"order-{key}", on_click=_sort, args=(key,))
        titles = {row.row_id: f"{number}. {row.say('project', lang())}" for number, row in enumerate(plan.rows, 1)}
        st.selectbox(_("Project"), list(titles), format_func=titles.__getitem__, key="order-row")
        with st.container(horizontal=True, gap="small"):
            get = partial(st.button, on_click=_move)
            get(_("Up"), icon=":material/arrow_upward:", args=(-1,), key="order-up")
            get(_("Down"), icon=":material/arrow_downward:", args=(1,), key="order-down")
            get(_("To the top"), icon=":material/vertical_align_top:", args=(-len(plan.rows),), key="order-top")


def _sort(by: str) -> None:
    plan_desk.catch_up()
    plan_desk.change(plans.sorted_by(plan_desk.present(), by))


def _move(steps: int) -> None:
    plan_desk.catch_up()
    plan = plan_desk.present()
    places = {row.row_id: at for at, row in enumerate(plan.rows)}
    row_id = st.session_state["order-row"]
    if row_id in places:
        plan_desk.change(plans.move(plan, row_id, max(places[row_id] + steps, 0)))
