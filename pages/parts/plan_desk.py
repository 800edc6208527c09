"""The plans on the desk of this session: what was done, what can be undone, what was saved.

A plan belongs to the area it was made for; choosing another area puts another plan on the desk and
keeps the first. Saved versions are in the lake.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import streamlit as st

from language import UserError
from pages.parts import results
from pages.parts.frame import Choice
from planning import plan as plans
from planning.plan import History, Plan, PlanRow

_DESKS, _OWNER = "_plan_desks", "_plan_owner"


@dataclass(frozen=True)
class Desk:
    """One plan being edited.

    Attributes
    ----------
    history : History
        The plan as it is now, its past and its undone future.
    base : Plan
        What the table widget started from; its own edits come on top until the next start.
    start : int
        Counts the table's starts: part of the widget's key.
    plan_id : str
        Id under which its versions are saved.
    """

    history: History[Plan]
    base: Plan
    start: int = 0
    plan_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])


def lay(chosen: Choice, fresh: Plan) -> None:
    """Put the area's plan on the desk: the one being edited, or else `fresh`."""
    st.session_state[_OWNER] = f"{chosen.workspace_id}|{chosen.area}"
    _desks().setdefault(st.session_state[_OWNER], Desk(History(fresh), fresh))


def _desks() -> dict[str, Desk]:
    found: dict[str, Desk] = st.session_state.setdefault(_DESKS, {})
    return found


def desk() -> Desk:
    """Return the desk in use."""
    return _desks()[st.session_state[_OWNER]]


def _put(new: Desk) -> None:
    _desks()[st.session_state[_OWNER]] = new


def present() -> Plan:
    """Return the plan as it is now."""
    return desk().history.present


def typed(plan: Plan) -> None:
    """Take over what was typed into the table; the table goes on undisturbed."""
    _put(replace(desk(), history=desk().history.do(plan)))


def table_key() -> str:
    """Return the key of the table widget; another start makes it another widget."""
    return f"plan-table-{desk().plan_id}-{desk().start}"


def catch_up() -> None:
    """Take over what was typed just before a button was pressed; first thing in every callback.

    A cell that is still being edited is sent together with the press of the button, after which the
    table starts anew: without this, what was typed last would be lost.
    """
    edits = st.session_state.get(table_key())
    if not isinstance(edits, Mapping):
        return
    try:
        typed(plans.from_frame(desk().base, with_edits(plans.to_frame(desk().base), edits)))
    except UserError:
        return  # the table itself says what is wrong, and keeps it to be put right


def settle() -> None:
    """Start the table from the plan as it is; call before drawing it.

    Streamlit forgets the edits of a table that was not drawn in a run (another step, another page):
    the plan has them, so the table must begin with it, not with what it began with before.
    """
    if table_key() not in st.session_state and desk().base != present():
        _show(desk().history)


def with_edits(table: pd.DataFrame, edits: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table with the edits of `st.data_editor`: cells, rows added and rows deleted."""
    edited = table.reset_index(drop=True).astype(object)
    for row, cells in edits.get("edited_rows", {}).items():
        for column, value in cells.items():
            edited.loc[int(row), column] = value
    kept = edited.drop(index=list(edits.get("deleted_rows", ())))
    added = pd.DataFrame(list(edits.get("added_rows", ())), columns=edited.columns, dtype=object)
    return pd.concat([kept, added], ignore_index=True) if len(added) else kept


def change(plan: Plan) -> None:
    """Take a plan that was changed outside the table; the table starts again from it."""
    _show(desk().history.do(plan))


def undo() -> None:
    """Go one step back."""
    catch_up()
    _show(desk().history.undo())


def redo() -> None:
    """Go one step forth."""
    catch_up()
    _show(desk().history.redo())


def rename(lao_name: str) -> None:
    """Name the local government."""
    catch_up()
    change(replace(present(), lao_name=lao_name.strip()))


def choose_round(first_year: int) -> None:
    """Put the plan into another round; amounts keep their place."""
    catch_up()
    change(plans.with_round(present(), first_year))


def _show(history: History[Plan]) -> None:
    _put(replace(desk(), history=history, base=history.present, start=desk().start + 1))


def add_rows(rows: Iterable[PlanRow]) -> None:
    """Add the rows that are not in the plan yet, as one step that one undo takes back."""
    catch_up()
    plan = present()
    taken = {row.row_id for row in plan.rows}
    for row in rows:
        if row.row_id not in taken:
            plan = plans.add(plan, row)
    change(plan)


def take_over(rows: Iterable[PlanRow]) -> None:
    """Add rows of a workbook at the end, each with an id of its own, as one step that one undo takes back."""
    catch_up()
    plan = present()
    for row in rows:
        plan = plans.add(plan, row)
    change(plan)


def remove_row(row_id: str) -> None:
    """Take a row out of the plan."""
    catch_up()
    change(plans.remove(present(), row_id))


def saved_plans(chosen: Choice) -> pd.DataFrame:
    """Return the saved plans of the workspace, the newest version of each, newest first."""
    found = results.lake().plans()
    return found[found["workspace_id"] == chosen.workspace_id].reset_index(drop=True)


def versions(plan_id: str) -> pd.DataFrame:
    """Return every saved version of a plan, newest first."""
    return results.lake().read("plans", "plan_id = ?", [plan_id]).sort_values("version", ascending=False)


def save(chosen: Choice, name: str, author: str) -> int:
    """Save the plan in the lake as its next version and return the version."""
    latest = versions(desk().plan_id)
    before = int(latest["version"].max()) if len(latest) else 0
    plan = plans.saved(replace(present(), name=name.strip(), version=before), author)
    version = results.lake().save_plan(
        desk().plan_id, chosen.workspace_id, plan.name, plans.to_json(plan), author=plan.author,
        snapshot=plan.snapshot,
    )  # fmt: skip
    _show(replace(desk().history, present=replace(plan, version=version)))
    return version


def reopen(plan_id: str, version: int) -> None:
    """Put a saved version on the desk; saving it again makes a new version."""
    stored = results.lake().plan(plan_id, version)
    plan = plans.from_json(str(stored["body"]))
    _put(Desk(History(plan), plan, desk().start + 1, plan_id))
