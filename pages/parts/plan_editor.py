"""The plan as an editable table that looks like แบบ ผ.02, and its sums.

The table widget keeps its own edits as long as its key stays the same, so that typing is never
interrupted; the plan is read from it in every run. Whatever changes the plan from outside (a card,
undo, another version) gives the table a new start.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from language import UserError, number
from pages.parts import facts, plan_desk
from pages.parts.i18n import _, lang
from planning import plan as plans
from planning.plan import Plan

HIDDEN = {"row_id", "zone_id", "role", "measure_id", "strategy", "tactic", "dimension"}
"""Columns that are kept with the rows and not shown."""

FORM_NAMES = {"p02": "ผ.02", "p02-1": "ผ.02/1", "p02-2": "ผ.02/2", "p03": "ผ.03"}


def table(height: int) -> None:
    """Draw the plan as a table and take over what is typed.

    Parameters
    ----------
    height : int
        CSS pixels.
    """
    plan_desk.settle()
    base = plan_desk.desk().base
    shown = _view(base)
    edited = st.data_editor(
        shown,
        key=plan_desk.table_key(),
        num_rows="dynamic",
        width="stretch",
        height=height,
        row_height=facts.scaled(42),
        column_config=_columns(base),
        column_order=[name for name in shown.columns if name not in HIDDEN | _not_in_form(base)],
        placeholder="–",
    )
    try:
        plan_desk.typed(plans.from_frame(base, edited))
    except UserError as error:
        st.error(error.say(lang()), icon=":material/error:")


def _not_in_form(plan: Plan) -> set[str]:
    return {"kpi", "programme"} if plan.round == 2571 else {"issue"}


def _view(plan: Plan) -> pd.DataFrame:
    view = plans.to_frame(plan)
    view.index = pd.RangeIndex(1, len(view) + 1, name="ที่")
    years = [str(year) for year in plan.years]
    order = ["project", "objective", "target", *years, "kpi", "result", "owner", "zone_name", "form"]
    return view[[*order, *(name for name in view.columns if name not in order)]]


def _columns(plan: Plan) -> dict[str, Any]:
    texts = {
        "project": _("Project"), "objective": _("Objective"), "target": _("Target (output of the project)"),
        "kpi": _("Indicator (KPI)"), "result": _("Expected result"), "owner": _("Responsible unit"),
        "law": _("Legal basis"), "agency": _("Who may order it"), "reason": _("Why here"),
        "issue": _("Development issue"), "zone_name": _("Zone"),
    }  # fmt: skip
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(label, width={"objective": 110, "target": 110}.get(name, 160))
        for name, label in texts.items()
    }
    # The name stays in sight while the years and the reasons are filled in.
    config["project"] = st.column_config.TextColumn(texts["project"], width=200, pinned=True)
    for year in plan.years:
        config[str(year)] = st.column_config.NumberColumn(
            _("{year} (baht)", year=year), min_value=0, step=1, format="localized", width=104
        )
    config["programme"] = st.column_config.SelectboxColumn(
        _("Programme (แผนงาน)"), options=list(plans.PROGRAMMES), width="medium"
    )
    config["form"] = st.column_config.SelectboxColumn(
        _("Form"), options=list(plans.FORMS), format_func=lambda key: FORM_NAMES.get(key, key), width="small",
        help=_("ผ.02 own project, ผ.02/1 community project, ผ.02/2 beyond the municipality's means, ผ.03 equipment"),
    )  # fmt: skip
    config["verified"] = st.column_config.CheckboxColumn(
        _("Facts checked"), help=_("Whether the catalogue's facts were checked against their source"), disabled=True
    )
    return config


def totals(plan: Plan) -> None:
    """Draw the sum of each year and of all, in one line."""
    row = plans.totals(plan).iloc[0]
    cells = {
        **{str(year): number(row[str(year)]) for year in plan.years},
        _("Five years"): number(row["total"]),
    }
    unit = _("baht")
    boxes = "".join(
        f"<div style='background:#F6F7F4;border-radius:.5rem;padding:.2rem .8rem;flex:1 1 7rem'>"
        f"<span style='color:#46565B;font-size:.85rem'>{name}</span><br><b>{value}</b> "
        f"<span style='font-size:.85rem'>{unit}</span></div>"
        for name, value in cells.items()
    )
    st.html(f"<div style='display:flex;flex-wrap:wrap;gap:.5rem'>{boxes}</div>")
