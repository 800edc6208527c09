"""Versions of a plan compared with the plan on the desk."""

from __future__ import annotations

import streamlit as st

from language import moment
from pages.parts import plan_desk, tables
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import plan as plans
from planning.compare import differences


def show(chosen: Choice) -> None:
    """Draw the choice of a saved version, and what differs from the plan on the desk."""
    kept = plan_desk.saved_plans(chosen)
    if kept.empty:
        st.info(_("No plan of this workspace has been saved yet."), icon=":material/history:")
        return
    stored = {
        (row["plan_id"], int(row["version"])): row
        for plan_id in kept["plan_id"]
        for row in plan_desk.versions(plan_id).to_dict("records")
    }
    names = {
        key: _(
            "{name}, version {version}, {author}, {when}", name=row["name"], version=key[1],
            author=row["author"] or "–", when=moment(row["saved_at"], lang()),
        )
        for key, row in stored.items()
    }  # fmt: skip
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    key = left.selectbox(_("Compare with"), list(names), format_func=names.__getitem__, key="compare-with")
    right.button(
        _("Open this version"), on_click=plan_desk.reopen, args=key, icon=":material/folder_open:", width="stretch",
        key="compare-open",
    )  # fmt: skip
    before = plans.from_json(str(stored[key]["body"]))
    after = plan_desk.present()
    table = differences(before, after)
    facts = _("Version {version}: data snapshot {snapshot}, {count} projects", version=before.version,
              snapshot="–" if before.snapshot is None else before.snapshot, count=len(before.rows))  # fmt: skip
    st.caption(facts)
    if table.empty:
        st.success(_("The plan on the desk is the same as this version."), icon=":material/check_circle:")
        return
    tables.show(_shown(table))


def _shown(table: object) -> object:
    kinds = {"plan": _("The plan itself"), "added": _("Added"), "removed": _("Taken out"), "changed": _("Changed"),
             "moved": _("Moved")}  # fmt: skip
    fields = {
        "project": _("Project"), "objective": _("Objective"), "target": _("Target (output of the project)"),
        "kpi": _("Indicator (KPI)"), "result": _("Expected result"), "owner": _("Responsible unit"),
        "law": _("Legal basis"), "agency": _("Who may order it"), "reason": _("Why here"),
        "issue": _("Development issue"), "zone_name": _("Zone"), "programme": _("Programme (แผนงาน)"),
        "form": _("Form"), "total": _("Five years"), "place": _("Place in the table"), "name": _("Name of the plan"),
        "lao_name": _("Name of the local government"), "round": _("Round"), "vision": _("Vision"),
        "snapshot": _("Data snapshot"), "amendment": _("What the forms file"),
    }  # fmt: skip
    shown = table.assign(  # type: ignore[attr-defined]
        kind=table["kind"].map(kinds),  # type: ignore[index]
        field=[fields.get(f, f) for f in table["field"]],  # type: ignore[index]
    )
    return shown.drop(columns="row_id").rename(
        columns={"kind": _("What"), "project": _("Project"), "field": _("Field"), "before": _("Before"),
                 "after": _("Now")}
    )  # fmt: skip
