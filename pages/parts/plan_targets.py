"""KPIs of the plan: baselines from the surface, yearly targets, and what this network could show at all."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.parts import errors, facts, plan_desk
from pages.parts.i18n import _, lang
from planning import targets
from planning.plan import Plan
from planning.screening import Screening

HEIGHT = 330


def show(found: Screening) -> None:
    """Draw the table of KPIs, even steps, and which targets could not be shown."""
    plan = plan_desk.present()
    fresh = targets.merged(plan.targets, targets.baselines(found))
    if [replace(t, years=()) for t in plan.targets] != [replace(t, years=()) for t in fresh]:
        # A plan of an older screening, or of before there were KPIs: its baselines follow the map on the page.
        plan_desk.typed(replace(plan, targets=fresh))
        plan = plan_desk.present()
    key = f"plan-targets-{plan_desk.desk().plan_id}-{plan_desk.desk().start}"
    base = st.session_state.setdefault(f"_{key}", plan.targets)
    edited = st.data_editor(
        _table(plan, base), key=key, hide_index=True, width="stretch", height=facts.scaled(HEIGHT),
        row_height=facts.scaled(48), column_config=_columns(plan), placeholder="–",
    )  # fmt: skip
    typed = tuple(
        replace(t, years=tuple(None if pd.isna(v) else float(v) for v in row))
        for t, row in zip(base, edited[[str(y) for y in plan.years]].to_numpy(), strict=True)
    )
    plan_desk.typed(replace(plan_desk.present(), targets=typed))
    left, right = st.columns([2, 5], vertical_alignment="center")
    left.button(_("Even steps between"), icon=":material/stairs:", on_click=_fill, key="targets-fill", width="stretch",
                help=_("Fills the years between the baseline and the years you typed"))  # fmt: skip
    right.caption(
        _(
            "The same months of later years are compared. A change smaller than the one shown cannot be told from "
            "chance by this network (80 % power, 95 % confidence)."
        )
    )
    doubtful = targets.doubts(plan_desk.present())
    if doubtful:
        errors.notes(doubtful)


def _fill() -> None:
    plan = plan_desk.present()
    plan_desk.change(replace(plan, targets=tuple(targets.filled(t) for t in plan.targets)))


def _table(plan: Plan, base: tuple[targets.Target, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "label": t.label(lang()), "baseline": t.baseline, "detectable": t.detectable,
                **{str(y): v for y, v in zip(plan.years, t.years, strict=True)},
            }
            for t in base
        ]
    ).astype({str(y): "float64" for y in plan.years})  # fmt: skip


def _columns(plan: Plan) -> dict[str, object]:
    figure = st.column_config.NumberColumn
    return {
        "label": st.column_config.TextColumn(_("Indicator"), disabled=True, width=470),
        "baseline": figure(_("Baseline"), disabled=True, format="%.1f"),
        "detectable": figure(_("Can show from"), disabled=True, format="%.1f",
                             help=_("Smallest change that can be shown")),
        **{str(y): figure(str(y), min_value=0.0, format="%.1f", width=70) for y in plan.years},
    }  # fmt: skip
