"""The plan being edited in this session: its history, its table, and the way back and forth.

The table widget keeps its own edits as long as its key stays the same, so that typing is never
interrupted; the plan is read from it in every run. Whatever changes the plan from outside the
table (a card added, undo, another version opened) gives the table a new start and a new key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from language import UserError
from pages.parts.i18n import _
from planning import plan as plans
from planning.plan import History, Plan, PlanRow

_HISTORY, _BASE, _REVISION, _OWNER = "_plan_history", "_plan_base", "_plan_revision", "_plan_owner"


def start(owner: str, fresh: Callable[[], Plan]) -> None:
    """Begin an empty plan for `owner` (workspace and round) unless one is being edited already."""
    if st.session_state.get(_OWNER) != owner:
        open_plan(fresh())
        st.session_state[_OWNER] = owner


def open_plan(plan: Plan) -> None:
    """Put another plan on the desk; the way back begins anew."""
    _set(History(plan))


def history() -> History:
    """Return the plan of this session with its past and its undone future."""
    found: History = st.session_state[_HISTORY]
    return found


def present() -> Plan:
    """Return the plan as it is now."""
    return history().present


def change(plan: Plan) -> None:
    """Take a plan changed outside the table; use in callbacks."""
    _set(history().do(plan))


def undo() -> None:
    """Go one step back."""
    _set(history().undo())


def redo() -> None:
    """Go one step forth."""
    _set(history().redo())


def add_rows(rows: tuple[PlanRow, ...]) -> None:
    """Add proposed rows that are not in the plan yet, in one step that one undo takes back."""
    plan = present()
    taken = {row.row_id for row in plan.rows}
    for row in rows:
        if row.row_id not in taken:
            plan = plans.add(plan, row)
    change(plan)


def remove_row(row_id: str) -> None:
    """Take a row out of the plan."""
    change(plans.remove(present(), row_id))


def _set(new: History) -> None:
    st.session_state[_HISTORY] = new
    st.session_state[_BASE] = new.present
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def table(zones: dict[str, str], height: int) -> None:
    """Draw the plan as an editable table like แบบ ผ.02 and take over what is typed.

    Parameters
    ----------
    zones : dict
        Zone id -> name, for rows of the office's own.
    height : int
        Height of the table, pixels.
    """
    base: Plan = st.session_state[_BASE]
    shown = _to_view(base, zones)
    edited = st.data_editor(
        shown,
        key=f"plan-table-{st.session_state[_REVISION]}",
        num_rows="dynamic",
        width="stretch",
        height=height,
        column_config=_columns(base),
        column_order=[name for name in shown.columns if name not in _hidden(base)],
        placeholder="–",
    )
    try:
        st.session_state[_HISTORY] = history().do(plans.from_frame(base, _from_view(base, edited, zones)))
    except UserError as error:
        from pages.parts.i18n import lang

        st.error(error.say(lang()), icon=":material/error:")


def _hidden(plan: Plan) -> set[str]:
    """Return the columns that this round's form does not have."""
    common = {"row_id", "zone_id", "role", "measure_id", "strategy", "tactic", "dimension"}
    return common | ({"kpi", "programme"} if plan.round == 2571 else {"issue"})


def _to_view(plan: Plan, zones: dict[str, str]) -> pd.DataFrame:
    view = plans.to_frame(plan)
    view["zone_name"] = [
        zones.get(zone, name) for zone, name in zip(view["zone_id"], view["zone_name"], strict=True)
    ]
    view.index = pd.RangeIndex(1, len(view) + 1, name="ที่")
    years = [str(year) for year in plan.years]
    order = ["project", "objective", "target", *years, "kpi", "result", "owner", "zone_name", "programme", "issue"]
    return view[[*order, *(name for name in view.columns if name not in order)]]


def _from_view(plan: Plan, edited: pd.DataFrame, zones: dict[str, str]) -> pd.DataFrame:
    """Undo what `_to_view` changed, so that a row nobody touched stays exactly as it was."""
    known = {row.row_id: row for row in plan.rows}
    table = edited.copy()
    table["zone_name"] = [
        known[row_id].zone_name if row_id in known and name == zones.get(zone, name) else name
        for row_id, zone, name in zip(table["row_id"], table["zone_id"], table["zone_name"], strict=True)
    ]
    return table


def _columns(plan: Plan) -> dict[str, Any]:
    text, config = st.column_config.TextColumn, {}
    for name, label, width in (
        ("project", _("Project"), "large"),
        ("objective", _("Objective"), "medium"),
        ("target", _("Target (output of the project)"), "medium"),
        ("kpi", _("Indicator (KPI)"), "medium"),
        ("result", _("Expected result"), "medium"),
        ("owner", _("Responsible unit"), "medium"),
        ("law", _("Legal basis"), "medium"),
        ("agency", _("Who may order it"), "medium"),
        ("reason", _("Why here"), "medium"),
        ("issue", _("Development issue"), "medium"),
    ):
        config[name] = text(label, width=width)
    for year in plan.years:
        config[str(year)] = st.column_config.NumberColumn(
            _("Budget {year} (baht)", year=year), min_value=0, step=1, format="localized", width="small"
        )
    config["zone_name"] = text(_("Zone"), width="small")
    config["programme"] = st.column_config.SelectboxColumn(
        _("Programme"), options=list(plans.PROGRAMMES), width="medium"
    )
    config["beyond"] = st.column_config.CheckboxColumn(_("Beyond our capacity (ผ.02/2)"), width="small")
    config["verified"] = st.column_config.CheckboxColumn(
        _("Facts checked"), help=_("Whether the catalogue's facts were checked against their source."),
        disabled=True, width="small",
    )
    return config
