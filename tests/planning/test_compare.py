"""Versions side by side: nothing is missed, nothing is invented."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import plan as plans
from planning.compare import differences
from planning.plan import Plan, PlanRow

pytestmark = pytest.mark.slow

PLAN = Plan("p", "ทต.ก", 2571, rows=tuple(PlanRow(c, f"โครงการ {c}") for c in "abcd"))


def kinds(before: Plan, after: Plan) -> list[tuple[str, str, str]]:
    return list(differences(before, after)[["kind", "row_id", "field"]].itertuples(index=False, name=None))


def test_the_same_plan_has_no_difference():
    assert differences(PLAN, PLAN).empty


def test_each_change_is_named():
    after = plans.remove(PLAN, "b")
    after = plans.add(after, PlanRow("n", "ใหม่", budgets=(1, None, None, None, None)))
    after = plans.edit(after, "a", owner="กองช่าง")
    after = replace(plans.set_budget(after, "c", 2573, 120_000), vision="อากาศดี")
    assert kinds(PLAN, after) == [
        ("plan", "", "vision"),
        ("changed", "a", "owner"),
        ("changed", "c", "2573"),
        ("added", "n", "total"),
        ("removed", "b", "total"),
    ]
    money = differences(PLAN, after).query("field == '2573'").iloc[0]
    assert (money["before"], money["after"]) == ("", "120,000")


def test_one_row_carried_to_the_end_is_one_move():
    assert kinds(PLAN, plans.move(PLAN, "a", 3)) == [("moved", "a", "place")]


@given(st.permutations(list("abcd")))
def test_moved_rows_are_those_that_break_the_order(order):
    after = replace(PLAN, rows=tuple(PLAN.row(c) for c in order))
    moved = set(differences(PLAN, after)["row_id"])
    rest = [c for c in order if c not in moved]
    assert rest == sorted(rest)
    assert (not moved) == (list(order) == list("abcd"))
