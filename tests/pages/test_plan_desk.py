"""What is typed into the plan's table is never lost, however the next button is pressed."""

from __future__ import annotations

import pandas as pd

from pages.parts.plan_desk import with_edits
from planning import plan as plans
from planning.plan import Plan, PlanRow

PLAN = Plan("p", "ทต.ตัวอย่าง", 2571, rows=(PlanRow("a", "โครงการ ก"), PlanRow("b", "โครงการ ข")))


def typed(edits: dict[str, object]) -> Plan:
    return plans.from_frame(PLAN, with_edits(plans.to_frame(PLAN), edits))


def test_no_edit_is_the_same_plan() -> None:
    assert typed({"edited_rows": {}, "added_rows": [], "deleted_rows": []}) == PLAN


def test_cells_rows_added_and_rows_deleted() -> None:
    new = typed(
        {
            "edited_rows": {"1": {"2572": 150000, "project": "โครงการ ค"}},
            "added_rows": [{"project": "โครงการใหม่", "2571": 5}],
            "deleted_rows": [0],
        }
    )
    assert [row.project for row in new.rows] == ["โครงการ ค", "โครงการใหม่"]
    assert new.row("b").budgets == (None, 150000, None, None, None)
    assert new.rows[1].budgets[0] == 5


def test_a_cell_can_be_emptied() -> None:
    with_money = plans.set_budget(PLAN, "a", 2571, 100)
    table = with_edits(plans.to_frame(with_money), {"edited_rows": {"0": {"2571": None}}})
    assert plans.from_frame(with_money, table).row("a").budgets[0] is None
    assert isinstance(table, pd.DataFrame)
