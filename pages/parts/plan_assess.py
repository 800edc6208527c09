"""The eco-town self-assessment as a tab of the plan: marks, levels, gaps, and the projects that close them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from geo import catalogues
from language import N_, UserError, buddhist_year, data_language, moment, number
from pages.parts import assess_desk, errors, facts, files, plan_desk, results, state, tables
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import assessment as assess
from planning import assessment_files, criteria, measures
from planning.assessment import Assessment
from planning.criteria import KINDS, VERSIONS
from planning.plan import Plan
from planning.proposal import records
from planning.screening import Screening
from planning.zone_sources import factories_of

HEIGHT = 300
SHORT = {
    "basic": N_("Basic"), "general": N_("General"), "specific": N_("Specific"), "aspect": N_("Aspects"),
    "indicator": N_("Indicators"),
}  # fmt: skip


def show(found: Screening, chosen: Choice) -> None:
    """Draw the tab."""
    plan = plan_desk.present()
    version = str(state.get("criteria", VERSIONS[0]))
    year = buddhist_year(results.today().year)
    assess_desk.lay(
        chosen, version, lambda: assess.begin(plan.lao_name, version, year=year, simulated=bool(found.simulated))
    )
    kind = _controls(found, chosen, version)
    _levels(kind)
    _table(kind, plan)
    notes = assess.problems(assess_desk.present())
    if notes:
        errors.notes(notes)
    _helpers(found, plan, kind)
    _gaps(found, plan_desk.present(), kind)


def bind() -> None:
    """Give the version of the criteria its value from the address; call before `show`."""
    state.bind("criteria", VERSIONS[0], allowed=VERSIONS)


# ------------------------------------------------------------------------------ controls


def _controls(found: Screening, chosen: Choice, version: str) -> str:
    left, middle, steps, keep = st.columns([2.4, 4.1, 1.2, 2.8], vertical_alignment="bottom")
    left.segmented_control(
        _("Criteria"), VERSIONS, key="criteria", required=True, label_visibility="collapsed",
        format_func={v: _("Criteria {version}", version=v) for v in VERSIONS}.__getitem__,
    )  # fmt: skip
    summed = assess.summary(assess_desk.present()).groupby("kind")[["items", "answered"]].sum()
    kinds = KINDS[version]
    kind = str(
        middle.segmented_control(
            _("Kind"), kinds, required=True, key=state.bind(f"kind-{version}", kinds[0], allowed=kinds),
            label_visibility="collapsed",
            format_func={k: f"{_(SHORT[k])} {summed.loc[k, 'answered']}/{summed.loc[k, 'items']}"
                         for k in kinds}.__getitem__,
        )
    )  # fmt: skip
    history = assess_desk.desk().history
    with steps.container(horizontal=True, gap="small"):
        st.button("", icon=":material/undo:", help=_("Undo"), on_click=assess_desk.undo, args=(kind,),
                  disabled=not history.past, key="assess-undo")  # fmt: skip
        st.button("", icon=":material/redo:", help=_("Redo"), on_click=assess_desk.redo, args=(kind,),
                  disabled=not history.future, key="assess-redo")  # fmt: skip
    with keep:
        first, second = st.columns(2, wrap=False)
        with first, st.popover(_("Keep"), icon=":material/save:", width="stretch"):
            _save(found, chosen)
        with second, st.popover(_("Files"), icon=":material/folder_zip:", width="stretch"):
            _files(chosen, version)
    return kind


def _save(found: Screening, chosen: Choice) -> None:
    with st.form("save-assessment", border=False):
        author = st.text_input(_("Saved by"), value=assess_desk.present().author, key="assess-author")
        if st.form_submit_button(_("Save the self-assessment"), type="primary"):
            if not author.strip():
                st.error(_("Say who saves it, so that others know whom to ask."))
            else:
                version = assess_desk.save(chosen, author, found.snapshot)
                st.toast(_("Version {version} is saved.", version=version), icon=":material/check:")
                st.rerun()
    kept = assess_desk.versions()
    if kept.empty:
        return
    names = {
        int(r["version"]): _("{version}, {author}, {when}", version=r["version"], author=r["author"] or "–",
                             when=moment(r["saved_at"], lang()))
        for r in kept.to_dict("records")
    }  # fmt: skip
    picked = st.selectbox(_("Saved version"), list(names), format_func=names.__getitem__, key="assess-version")
    st.button(_("Open this version"), on_click=assess_desk.reopen, args=(picked,), icon=":material/folder_open:",
              key="assess-open")  # fmt: skip
    st.button(_("Take the newest version back"), on_click=assess_desk.take_back, icon=":material/delete:",
              key="assess-take-back")  # fmt: skip


def _files(chosen: Choice, version: str) -> None:
    now, plan = assess_desk.present(), plan_desk.present()
    get = partial(st.download_button, on_click="ignore", icon=":material/download:", width="stretch")
    for words, make, suffix, mime in (
        (_("Self-assessment (.xlsx)"), assessment_files.write_xlsx, "xlsx", files.XLSX),
        (_("Self-assessment (.docx)"), assessment_files.write_docx, "docx", files.DOCX),
    ):
        get(
            words, partial(files.written, partial(_written, make, now, plan), suffix), mime=mime,
            file_name=files.name(f"self-assessment-{version}", chosen, suffix), key=f"get-assess-{suffix}",
        )  # fmt: skip
    st.caption(
        _(
            "Load the official wording: a table (.xlsx, .csv) with the columns kind, number, dimension, text_th, "
            "text_en, level, source. The sheet “Criteria” of the workbook above is one."
        )
    )
    given = st.file_uploader(_("Wording of the criteria"), type=["xlsx", "csv"], key="criteria-file",
                             label_visibility="collapsed")  # fmt: skip
    if given is None:
        return
    try:
        texts, notes = criteria.read_texts(given.getvalue(), given.name, version)
    except UserError as error:
        st.error(error.say(lang()), icon=":material/error:")
        return
    errors.notes(notes)
    if texts:
        st.button(
            _("Take over {count} texts", count=len(texts)), type="primary", key="take-texts",
            on_click=lambda: assess_desk.change(assess.with_texts(assess_desk.present(), texts)),
        )  # fmt: skip


def _written(make: Any, found: Assessment, plan: Plan, path: Path) -> None:
    make(found, plan, path, lang())


# ------------------------------------------------------------------------------ levels


def _levels(kind: str) -> None:
    now = assess_desk.present()
    key = f"{assess_desk.desk().document_id}-{assess_desk.desk().start}"
    area, level, wanted, year = st.columns([4, 2.5, 2.5, 1.2], vertical_alignment="bottom")
    table = assess.areas().set_index("number")
    names = {"": _("Not in the national programme (or not found)")}
    names |= {n: str(row[f"name_{'th' if lang() == 'th' else 'en'}"]) for n, row in table.iterrows()}
    area.selectbox(
        _("Area of the national programme"), list(names), index=list(names).index(now.area),
        format_func=names.__getitem__, key=f"area-{key}", help=_national(now.area),
        on_change=lambda: _set(kind, area=st.session_state[f"area-{key}"]),
    )  # fmt: skip
    words = {None: _("not stated"), 0: _("none yet")}
    words |= {n: f"{n} {names_[0 if lang() == 'th' else 1]}" for n, names_ in criteria.levels().items()}
    for column, label, name in ((level, _("Level now"), "level_now"), (wanted, _("Level wanted"), "level_target")):
        column.selectbox(
            label, list(words), index=list(words).index(getattr(now, name)), format_func=words.__getitem__,
            key=f"{name}-{key}", on_change=lambda name=name: _set(kind, **{name: st.session_state[f"{name}-{key}"]}),
        )  # fmt: skip
    year.number_input(
        _("By the year"), 2560, 2600, now.target_year, key=f"by-{key}",
        on_change=lambda: _set(kind, target_year=int(st.session_state[f"by-{key}"])),
    )  # fmt: skip


def _national(area: str) -> str:
    table = assess.areas().set_index("number")
    said = [
        _("Results of the 18 areas of phase 1 in 2565 B.E.: level 3 in 14, level 4 in 4; none has reached level 5."),
        _("Source: environmental quality management plan 2566–2570, table ผ-67 (DIW 2565)."),
    ]
    if area:
        row = table.loc[area]
        national = _("National target of phase {phase}: level {level} by {year} B.E.", phase=str(row["phase"])[-1],
                     level=row["target"], year=row["by"])  # fmt: skip
        said.insert(0, national)
        if not row["verified"]:
            said.append(_("The province of this area is from memory: to be checked."))
    return " ".join(said)


def _set(kind: str, **changes: Any) -> None:
    assess_desk.catch_up(kind)
    now = assess_desk.present()
    if "area" in changes:
        assess_desk.change(assess.choose_area(now, changes["area"]))
    else:
        assess_desk.change(replace(now, **changes))


# ------------------------------------------------------------------------------ the table


def _table(kind: str, plan: Plan) -> None:
    assess_desk.settle(kind)
    base = assess_desk.desk().base
    table = assess.table(base, kind)
    # A link to a project that is not on the desk (another plan, taken out) is kept and said.
    names = {p: _("not in this plan: {row}", row=p) for a in base.answers.values() for p in a.projects}
    names |= {r.row_id: r.project for r in plan.rows}
    edited = st.data_editor(
        table, key=assess_desk.table_key(kind), hide_index=True, width="stretch", height=facts.scaled(HEIGHT),
        row_height=facts.scaled(42), column_config=_columns(base, kind, names), placeholder="–",
        column_order=["number", "text_th", "dimension", "now", "target", "evidence", "projects", "origin",
                      f"link_{data_language(lang())}"],
    )  # fmt: skip
    try:
        assess_desk.typed(assess_desk.take_over(base, kind, edited))
    except UserError as error:
        st.error(error.say(lang()), icon=":material/error:")


def _helpers(found: Screening, plan: Plan, kind: str) -> None:
    """Draw what fills in the table: links by the catalogue's aspects, and what the readings show."""
    now = assess_desk.present()
    if now.version != "2560":
        return
    left, right = st.columns(2)
    left.button(
        _("Link the plan’s projects to their aspects"), icon=":material/link:", key="assess-link", on_click=_link,
        args=(kind,), disabled=not plan.rows, width="stretch",
        help=_("By the aspects that the catalogue of measures names; links made by hand stay."),
    )  # fmt: skip
    offered = {k: n.say(lang()) for k, n in assess.evidence(found, lang()).items() if not now.said(k).evidence}
    right.button(
        _("Put in what the readings show ({count})", count=len(offered)), icon=":material/lab_profile:",
        help="\n\n".join(offered.values()) or None, key="assess-evidence", on_click=_show_evidence,
        args=(kind, offered), disabled=not offered, width="stretch",
    )  # fmt: skip


def _link(kind: str) -> None:
    assess_desk.catch_up(kind)
    assess_desk.change(assess.link(assess_desk.present(), plan_desk.present()))


def _columns(found: Assessment, kind: str, projects: dict[str, str]) -> dict[str, Any]:
    most = found.criteria.of(kind)[0].most
    marks = {0: _("not met"), 1: _("partly met"), 2: _("met")}
    if most == 5:
        side = 0 if lang() == "th" else 1
        marks = {0: _("0 none")} | {n: f"{n} {name[side]}" for n, name in criteria.levels().items()}
    dims = {"": "–"} | {n: f"{n} {names[0 if lang() == 'th' else 1]}"
                        for n, names in criteria.dimensions(found.version).items()}  # fmt: skip
    origins = {k: _(v) for k, v in assessment_files.ORIGINS.items()}
    text = st.column_config.TextColumn
    pick = st.column_config.SelectboxColumn
    return {
        "number": text(_("No."), disabled=True, width=50),
        "text_th": text(_("Criterion"), width=300, help=_("In Thai; write the official wording over it")),
        "dimension": pick(_("Dimension"), options=list(dims), format_func=lambda d: dims.get(d, "–"), width=130),
        "now": pick(_("Now"), options=list(marks), format_func=lambda m: marks.get(int(m), "–"), width=120),
        "target": pick(_("Wanted"), options=list(marks), format_func=lambda m: marks.get(int(m), "–"), width=120),
        "evidence": text(_("What shows it"), width=200),
        "projects": st.column_config.MultiselectColumn(
            _("Projects of the plan"), options=list(projects), format_func=lambda i: projects.get(i, "–"), width=180
        ),
        "origin": pick(_("Text"), options=list(origins), format_func=lambda o: origins.get(o, "–"), disabled=True),
        f"link_{data_language(lang())}": text(_("About dust"), disabled=True),
    }


# ------------------------------------------------------------------------------ gaps


def _gaps(found: Screening, plan: Plan, kind: str) -> None:
    now = assess_desk.present()
    table = assess.gaps(now, plan)
    if table.empty:
        st.caption(_("A gap appears here where the mark now is below the one wanted."))
        return
    shown = pd.DataFrame(
        {
            _("Gap"): table[f"text_{data_language(lang())}"],
            _("Now → wanted"): [f"{n} → {t}" for n, t in zip(table["now"], table["target"], strict=True)],
            _("Projects of the plan"): ["; ".join(p) or _("no project yet") for p in table["projects"]],
            _("Baht, five years"): [number(b) if p else "–"
                                    for b, p in zip(table["budget"], table["projects"], strict=True)],
        }
    )  # fmt: skip
    st.markdown(f"**{_('Gaps and projects')}**")
    tables.show(shown)
    _propose(found, table, kind)


def _show_evidence(kind: str, offered: dict[str, str]) -> None:
    assess_desk.catch_up(kind)
    now = assess_desk.present()
    for key, words in offered.items():
        now = assess.answer(now, key, evidence=words)
    assess_desk.change(now)


def _propose(found: Screening, table: pd.DataFrame, kind: str) -> None:
    """Offer the measures that would close a gap no project works on."""
    open_ = table[[not p and bool(m) for p, m in zip(table["projects"], table["measures"], strict=True)]]
    if open_.empty:
        return
    left, right = st.columns([3, 4], vertical_alignment="bottom")
    names = dict(zip(open_["key"], open_[f"text_{data_language(lang())}"], strict=True))
    key = left.selectbox(_("A measure for the gap"), list(names), format_func=names.__getitem__, key="assess-gap")
    ids = open_.set_index("key")["measures"][key]
    catalogue = catalogues.measures()
    zone = records(found.zones.drop(columns="geometry").sort_values("rank"))[0]
    near = factories_of(zone, found.factories, found.likely)
    rows = measures.propose(
        zone, near, catalogue[catalogue["measure_id"].isin(ids)], likely=found.likely,
        area_name=measures.area_name(found), pollutant=found.parameters.pollutant, count=2,
    )  # fmt: skip
    if not rows:
        right.caption(_("No measure of the catalogue fits the first zone here."))
    for column, row in zip(right.columns(2), rows, strict=False):
        column.button(
            _("Add: {project}", project=errors.plain(row.say("project", lang()))), icon=":material/add:",
            key=f"assess-add-{row.row_id}", on_click=_add, args=(kind, key, row), width="stretch",
        )  # fmt: skip


def _add(kind: str, key: str, row: Any) -> None:
    assess_desk.catch_up(kind)
    plan_desk.add_rows([row])
    now = assess_desk.present()
    assess_desk.change(assess.answer(now, key, projects=(*now.said(key).projects, row.row_id)))

