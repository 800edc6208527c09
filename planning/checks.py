"""What is wrong with a plan, in words, and what it adds up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from language import N_, Note, UserError, note
from planning.rows import PlanRow

if TYPE_CHECKING:
    from planning.plan import Plan


_MISSING = (
    ("objective", None, N_("Row {number} ({project}): the objective is missing.")),
    ("target", None, N_("Row {number} ({project}): the target is missing.")),
    ("owner", None, N_("Row {number} ({project}): the responsible unit is missing.")),
    ("result", None, N_("Row {number} ({project}): the expected result is missing.")),
    ("kpi", 2566, N_("Row {number} ({project}): the indicator (KPI) is missing; the 2566–2570 form asks for it.")),
    ("programme", 2566, N_("Row {number} ({project}): the programme (แผนงาน) is missing.")),
    ("issue", 2571, N_("Row {number} ({project}): the development issue is missing.")),
)
"""Fields a row should have, the round whose forms ask for them (None: both), and what is said otherwise."""


def _row_problems(plan: Plan, row: PlanRow, number: int) -> list[Note]:
    found = [
        note(
            "Row {number} ({project}): the budget of {year} is negative ({amount:,} baht).",
            level="error",
            number=number,
            project=row.project,
            year=year,
            amount=amount,
        )
        for year, amount in zip(plan.years, row.budgets, strict=True)
        if amount is not None and amount < 0
    ]
    if not row.project:
        found.append(note("Row {number}: the project has no name.", level="error", number=number))
    named = {"number": number, "project": row.project}
    found += [
        Note(text, named, "warning")
        for name, asked_in, text in _MISSING
        if asked_in in {None, plan.round} and not getattr(row, name)
    ]
    if plan.amendment is not None and not row.reason:
        found.append(
            note("Row {number} ({project}): the reason is missing; an amended form asks for it.", "warning", **named)
        )
    if all(b is None for b in row.budgets):
        found.append(note("Row {number} ({project}): no budget is filled in yet.", level="info", **named))
    return found


def _amendment_problems(plan: Plan) -> list[Note]:
    chosen = plan.amendment
    if chosen is None or chosen.since is None or not plan.rows:
        return []
    if any(row.row_id in chosen.rows for row in plan.rows):
        return []
    return [
        note("No project differs from version {version} in this way, so the amendment would be empty.", "error",
             version=chosen.since)
    ]  # fmt: skip


def problems(plan: Plan) -> list[Note]:
    """Return in words what is wrong (``error``), missing (``warning``) or open (``info``)."""
    found: list[Note] = []
    if not plan.lao_name:
        found.append(note("The plan does not name its local government.", level="warning"))
    if not plan.rows:
        found.append(note("The plan has no project yet.", level="warning"))
    found += _amendment_problems(plan)
    seen: dict[str, int] = {}
    for number, row in enumerate(plan.rows, 1):
        found += _row_problems(plan, row, number)
        if row.project and row.project in seen:
            found.append(
                note(
                    "Rows {first} and {second} have the same project name: {project}.",
                    level="warning",
                    first=seen[row.project],
                    second=number,
                    project=row.project,
                )
            )
        seen.setdefault(row.project, number)
    return found


def refuse_errors(plan: Plan) -> None:
    """Raise the first error of `problems`, so that no wrong form is written."""
    errors = [p for p in problems(plan) if p.level == "error"]
    if errors:
        raise UserError(
            "The plan cannot be written yet. {first} ({count} to put right.)", first=errors[0], count=len(errors)
        )


def totals(plan: Plan, by: str | None = None) -> pd.DataFrame:
    """Return sums in baht, by year and in all.

    Parameters
    ----------
    by : str, optional
        A text field of the rows (``programme``, ``issue``, ``dimension``, ``zone_name``…); without
        it, one row for the plan.

    Returns
    -------
    DataFrame
        ``group``, one column a year (baht), ``total`` (baht), ``projects`` (count), one
        ``projects_<year>`` a year (count of projects with money in that year), ``unfilled`` (count
        of projects without any budget). Groups stand in their order of appearance.
    """
    groups: dict[str, list[PlanRow]] = {}
    for row in plan.rows:
        groups.setdefault(str(getattr(row, by)) if by else "", []).append(row)
    if not by:
        groups.setdefault("", [])
    table = []
    for group, rows in groups.items():
        years = {str(y): sum(r.budgets[i] or 0 for r in rows) for i, y in enumerate(plan.years)}
        counts = {f"projects_{y}": sum(bool(r.budgets[i]) for r in rows) for i, y in enumerate(plan.years)}
        unfilled = sum(all(b is None for b in r.budgets) for r in rows)
        table.append(
            {
                "group": group,
                **years,
                "total": sum(years.values()),
                "projects": len(rows),
                **counts,
                "unfilled": unfilled,
            }
        )
    return pd.DataFrame(table)
