"""What the forms file: the plan itself, or an addition, change or correction of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from language import buddhist_year
from pages.parts import plan_desk, results
from pages.parts.i18n import _, lang
from planning import amendment as amendments
from planning import plan as plans
from planning.amendment import Amendment
from planning.plan import Plan

_WHOLE = "plan"


def current(plan: Plan) -> Plan:
    """Return the plan with its amendment's projects compared anew with the version it is an amendment of."""
    chosen = plan.amendment
    if chosen is None or chosen.since is None:
        return plan
    return amendments.amended(plan, chosen, _saved().get(chosen.since))


def _saved() -> dict[int, Plan]:
    """Return the saved versions of the plan on the desk, the newest first."""
    kept = plan_desk.versions(plan_desk.desk().plan_id).to_dict("records")
    return {int(row["version"]): plans.from_json(str(row["body"])) for row in kept}


def show(plan: Plan) -> None:
    """Draw the choice of kind, number, year and projects; its label says what is chosen."""
    chosen = plan.amendment
    label = _("Files: {what}", what=chosen.title(lang()) if chosen else _("the plan itself"))
    with st.popover(label, icon=":material/edit_note:"):
        _choices(plan, chosen)


def _choices(plan: Plan, chosen: Amendment | None) -> None:
    keys = {name: f"amend-{name}-{plan_desk.desk().plan_id}-{plan_desk.desk().start}"
            for name in ("kind", "number", "year", "since")}  # fmt: skip
    told = "th" if lang() == "th" else "en"
    kinds = amendments.kinds()
    names = {_WHOLE: _("The plan itself"), **{kind: str(kinds[kind][f"name_{told}"]) for kind in kinds}}
    kind = st.segmented_control(
        _("What the forms file"), list(names), format_func=names.__getitem__, required=True, key=keys["kind"],
        default=chosen.kind if chosen else _WHOLE, on_change=_take, args=(keys,),
    )  # fmt: skip
    if chosen is None or kind == _WHOLE:
        st.caption(_("A plan that was filed before is added to, changed or corrected by forms that say so."))
        return
    facts = kinds[chosen.kind]
    st.caption(f"{facts[f'meaning_{told}']} · {facts[f'steps_{told}']}")
    left, right = st.columns(2)
    left.number_input(_("Which time"), min_value=1, step=1, value=chosen.number, key=keys["number"], on_change=_take,
                      args=(keys,))  # fmt: skip
    right.number_input(_("Year (B.E.)"), min_value=2560, max_value=2600, step=1, value=chosen.year, key=keys["year"],
                       on_change=_take, args=(keys,))  # fmt: skip
    saved = _saved()
    counts = {v: len(amendments.touched(before, plan, chosen.kind)) for v, before in saved.items()}
    told_of = {
        None: _("All projects"),
        **{v: _("{count} that differ from version {version}", count=n, version=v) for v, n in counts.items()},
    }
    st.selectbox(
        _("Which projects"), list(told_of), format_func=told_of.__getitem__, key=keys["since"], on_change=_take,
        index=list(told_of).index(chosen.since) if chosen.since in told_of else 0, args=(keys,),
        help=_("An addition holds the projects that are new since a saved version; a change or a correction those "
               "that differ from it."),
    )  # fmt: skip
    if not saved:
        st.caption(_("Save the plan as it was filed first; then what differs from that version can be filed alone."))
    st.caption(_("Every form states the kind behind the plan's name and has the column เหตุผลความจำเป็น, which takes "
                 "the words of “Why here”."))  # fmt: skip


def _take(keys: dict[str, str]) -> None:
    """Put what was chosen into the plan, as one step that undo takes back."""
    plan_desk.catch_up()
    given = {name: st.session_state.get(key) for name, key in keys.items()}
    plan = plan_desk.present()
    if given["kind"] == _WHOLE:
        plan_desk.change(replace(plan, amendment=None))
        return
    year = given["year"] if plan.amendment else buddhist_year(results.today().year)
    chosen = Amendment(str(given["kind"]), int(given["number"] or 1), None if year is None else int(year))
    before = None if given["since"] is None else _saved().get(int(given["since"]))
    plan_desk.change(amendments.amended(plan, chosen, before))
