"""The plan: choose measures, fill in the form, check, save, and take it home."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from language import moment, number
from language.progress import silent
from pages.parts import (
    assess_desk,
    errors,
    facts,
    files,
    frame,
    plan_amend,
    plan_assess,
    plan_cards,
    plan_desk,
    plan_editor,
    plan_import,
    plan_letters,
    plan_order,
    plan_targets,
    plan_versions,
    results,
    state,
    zone_weights,
)
from pages.parts.i18n import _, lang
from planning import forms, rebuild, report
from planning import plan as plans
from planning.plan import Plan
from planning.screening import Screening

# Height of the cards and of the table, CSS pixels: both fit a laptop's window.
# (A bare string under a name would be drawn on the page by Streamlit.)
HEIGHT = 400

VIEWS = ("measures", "form", "targets", "assess", "letters", "versions")


def fresh(found: Screening) -> Plan:
    """Return an empty plan for the area, that knows what it is computed from."""
    return results.derived(found, "empty plan", lambda: plans.from_screening(found, choose=None))  # type: ignore[no-any-return]


def lead(plan: Plan) -> str:
    """Return the page's one line: how many projects, how much money, saved or not."""
    total = number(plans.totals(plan).iloc[0]["total"])
    if not plan.rows:
        return _("No project yet: choose measures below.")
    if len(plan.rows) == 1:
        return _("One project, {total} baht in five years.", total=total)
    return _("{count} projects, {total} baht in five years.", count=len(plan.rows), total=total)


def downloads(found: Screening, plan: Plan) -> None:
    """Draw the files to take home; refused in words while something in the plan is wrong."""
    wrong = [note.say(lang()) for note in plans.problems(plan) if note.level == "error"]
    blocked = bool(wrong) or not plan.rows
    reason = wrong[0] if wrong else _("Add a project first.") if not plan.rows else None
    first, second = st.columns([3, 2], wrap=False)
    first.download_button(
        _("Download แบบ ผ.02"), partial(files.written, partial(_p02, plan), "xlsx"),
        file_name=files.name(f"p02-{plan.round}", chosen, "xlsx"), mime=files.XLSX, type="primary",
        icon=":material/download:", disabled=blocked, help=reason, on_click="ignore", width="stretch", key="get-p02",
    )  # fmt: skip
    with second.popover(_("More files"), icon=":material/folder_zip:", width="stretch"):
        get = partial(st.download_button, on_click="ignore", icon=":material/download:", width="stretch")
        get(
            _("All forms (.xlsx)"), partial(files.written, partial(_forms, plan), "xlsx"), disabled=blocked,
            file_name=files.name(f"forms-{plan.round}", chosen, "xlsx"), mime=files.XLSX, key="get-forms",
        )  # fmt: skip
        get(
            _("Action plan (.docx)"), partial(files.written, partial(_docx, plan, found), "docx"), disabled=blocked,
            file_name=files.name("plan", chosen, "docx"), mime=files.DOCX, key="get-docx",
        )  # fmt: skip
        get(
            _("Whole plan with its manifest (.zip)"), partial(_package, plan, found), mime="application/zip",
            disabled=blocked, file_name=files.name("plan-package", chosen, "zip"), key="get-package",
            help=_(
                "Forms, action plan and what they were computed from; python -m planning rebuild makes every file "
                "again and compares. Takes some seconds."
            ),
        )  # fmt: skip
        for part, words, table in (("zones", _("Zones"), found.zones), ("hotspots", _("Hotspots"), found.hotspots)):
            get(
                f"{words} · GeoPackage", partial(files.geopackage, table, part), mime=files.GPKG,
                file_name=files.name(part, chosen, "gpkg"), key=f"get-{part}-gpkg",
            )  # fmt: skip
            get(
                f"{words} · CSV (Excel)", partial(files.csv, table), mime=files.CSV,
                file_name=files.name(part, chosen, "csv"), key=f"get-{part}-csv",
            )  # fmt: skip


def _p02(plan: Plan, path: Any) -> None:
    forms.write_p02(plan, path)


def _forms(plan: Plan, path: Any) -> None:
    forms.workbook(plan, lang=lang()).save(path)


def _package(plan: Plan, found: Screening) -> bytes:
    return rebuild.package(results.lake(), plan, found.parameters, found.snapshot, lang(), silent)


def _docx(plan: Plan, found: Screening, path: Any) -> None:
    report.write_docx(plan, found, path, lang(), assessment=assess_desk.laid())


def toolbar(plan: Plan) -> None:
    """Draw the local government's name, the round, the way back and forth, save and open."""
    name, round_, steps, keep = st.columns([3, 2.6, 1.3, 3], vertical_alignment="bottom")
    desk = plan_desk.desk()
    key = f"lao-{desk.plan_id}-{desk.start}"
    name.text_input(
        _("Name of the local government"), value=plan.lao_name, key=key, label_visibility="collapsed",
        placeholder=_("Name of the local government"),
        on_change=lambda: plan_desk.rename(st.session_state[key]),
    )  # fmt: skip
    key_round = f"round-{desk.plan_id}-{desk.start}"
    round_.segmented_control(
        _("Round"), plans.ROUNDS, format_func=lambda first: f"{first}–{first + 4}", default=plan.round, required=True,
        key=key_round, label_visibility="collapsed",
        on_change=lambda: plan_desk.choose_round(st.session_state[key_round]),
    )  # fmt: skip
    with steps.container(horizontal=True, gap="small"):
        st.button(
            "", icon=":material/undo:", help=_("Undo"), on_click=plan_desk.undo, disabled=not desk.history.past,
            key="undo",
        )  # fmt: skip
        st.button(
            "", icon=":material/redo:", help=_("Redo"), on_click=plan_desk.redo, disabled=not desk.history.future,
            key="redo",
        )  # fmt: skip
    with keep:
        left, right = st.columns(2, wrap=False)
        with left, st.popover(_("Save"), icon=":material/save:", width="stretch"):
            save(plan)
        with right, st.popover(_("Open"), icon=":material/folder_open:", width="stretch"):
            reopen()


def save(plan: Plan) -> None:
    """Draw the form that saves the plan with its author."""
    with st.form("save-plan", border=False):
        title = st.text_input(_("Name of the plan"), value=plan.name or _("Plan against dust"))
        author = st.text_input(_("Saved by"), value=plan.author)
        if st.form_submit_button(_("Save as version {version}", version=plan.version + 1), type="primary"):
            if not author.strip():
                st.error(_("Say who saves the plan, so that others know whom to ask."))
            else:
                plan_desk.typed(plan_amend.current(plan_desk.present()))
                version = plan_desk.save(chosen, title, author)
                st.toast(_("Version {version} is saved.", version=version), icon=":material/check:")
                st.rerun()


def reopen() -> None:
    """Draw the saved plans and their versions."""
    kept = plan_desk.saved_plans(chosen)
    if kept.empty:
        st.caption(_("No plan of this workspace has been saved yet."))
        return
    titles = dict(zip(kept["plan_id"], kept["name"], strict=True))
    plan_id = st.selectbox(_("Plan"), list(titles), format_func=titles.__getitem__)
    stored = plan_desk.versions(plan_id).to_dict("records")
    names = {
        row["version"]: _(
            "{version}, {author}, {when}", version=row["version"], author=row["author"] or "–",
            when=moment(row["saved_at"], lang()),
        )
        for row in stored
    }  # fmt: skip
    version = st.selectbox(_("Saved version"), list(names), format_func=names.__getitem__)
    st.button(
        _("Open this version"), on_click=plan_desk.reopen, args=(plan_id, version), type="primary",
        icon=":material/folder_open:",
    )  # fmt: skip


def choose(found: Screening) -> None:
    """Draw the zones, and the cards of the one that is chosen."""
    zones = {row["zone_id"]: row for row in found.zones.to_dict("records")}
    state.bind("zone", next(iter(zones)), allowed=list(zones))
    plan_cards.show(found, zones, facts.scaled(HEIGHT + 40))


def fill() -> None:
    """Draw the form as a table, its sums, and what is still missing."""
    tools = st.container(horizontal=True, gap="small")
    plan_editor.table(facts.scaled(HEIGHT - 56))
    plan = plan_desk.present()
    with tools:
        plan_amend.show(plan)
        plan_order.show(plan)
    plan_editor.totals(plan)
    plan_import.show(plan)
    found = plans.problems(plan_amend.current(plan))
    if not found:
        st.success(_("Nothing is missing: the form can go to the council."), icon=":material/check_circle:")
        return
    with st.expander(_("Still to do before it is filed: {count}", count=len(found)), icon=":material/checklist:"):
        errors.notes(found)


chosen = frame.choice()
found = zone_weights.screening(chosen)
plan_desk.lay(chosen, fresh(found))
left, right = st.columns([5, 3], vertical_alignment="top")
tools = st.container()
view = st.segmented_control(
    _("Step"), VIEWS, required=True, key=state.bind("step", "measures", allowed=VIEWS), label_visibility="collapsed",
    format_func={
        "measures": _("1 Choose measures"),
        "form": _("2 Fill in แบบ ผ.02 ({count})", count=len(plan_desk.present().rows)),
        "targets": _("3 KPI"),
        "assess": _("4 Self-assessment"),
        "letters": _("5 Draft letters"),
        "versions": _("6 Versions"),
    }.__getitem__,
)  # fmt: skip
if view == "form":
    fill()
elif view == "letters":
    plan_letters.show(found, chosen, plan_desk.present().lao_name)
elif view == "targets":
    plan_targets.show(found)
elif view == "assess":
    plan_assess.bind()
    plan_assess.show(found, chosen)
elif view == "versions":
    plan_versions.show(chosen)
else:
    choose(found)
# Drawn last, into their places above: what is typed into the table counts at once.
with left:
    frame.header(_("Plan"), lead(plan_desk.present()), badge=plan_desk.present().simulated)
    frame.context_line(chosen)
with right:
    downloads(found, plan_amend.current(plan_desk.present()))
with tools:
    toolbar(plan_desk.present())
