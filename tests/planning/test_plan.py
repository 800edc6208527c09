"""The plan is changed by pure functions, checked in words, summed, and saved without loss."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language import UserError
from planning import __main__ as command
from planning import plan as plans
from planning.plan import History, Plan, PlanRow


def a_plan(*names: str, first_year: int = 2566) -> Plan:
    plan = Plan("แผน", "ทต.ตัวอย่าง", first_year)
    for name in names:
        plan = plans.add(plan, PlanRow(name, f"โครงการ {name}", programme="แผนงานสาธารณสุข"))
    return plan


def ids(plan: Plan) -> list[str]:
    return [r.row_id for r in plan.rows]


def test_changes_return_new_plans():
    """Add, move, edit, remove leave the old plan as it was."""
    old = a_plan("a", "b", "c")
    new = plans.remove(plans.move(plans.edit(old, "a", owner="กองช่าง"), "c", 0), "b")
    assert ids(old) == ["a", "b", "c"]
    assert ids(new) == ["c", "a"]
    assert new.row("a").owner == "กองช่าง"
    assert old.row("a").owner == ""


def test_a_taken_id_gets_a_number():
    """Two rows never share an id."""
    assert ids(a_plan("a", "a", "a")) == ["a", "a-2", "a-3"]


@given(st.lists(st.sampled_from(["add", "remove", "move", "undo", "redo"]), max_size=30))
def test_undo_leads_back_and_redo_forth(steps):
    """After any walk, undoing everything gives the first plan, redoing gives the last one."""
    history = first = History(a_plan("a", "b"))
    for number, step in enumerate(steps):
        present = history.present
        if step == "add":
            history = history.do(plans.add(present, PlanRow(f"n{number}", "โครงการใหม่")))
        elif step == "remove" and present.rows:
            history = history.do(plans.remove(present, present.rows[0].row_id))
        elif step == "move" and present.rows:
            history = history.do(plans.move(present, present.rows[-1].row_id, 0))
        elif step == "undo":
            history = history.undo()
        elif step == "redo":
            history = history.redo()
    while history.future:
        history = history.redo()
    last = history.present
    while history.past:
        history = history.undo()
    assert history.present == first.present
    while history.future:
        history = history.redo()
    assert history.present == last


def test_a_change_forgets_the_undone():
    """After undo and a new change, redo does nothing."""
    history = History(a_plan("a")).do(a_plan("a", "b")).undo().do(a_plan("a", "c"))
    assert history.redo() is history


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,200,000", 1_200_000),
        ("๑๒๓", 123),
        ("-", 0),
        ("", None),
        (None, None),
        (float("nan"), None),
        ("250000 บาท", 250_000),
        (1500.0, 1500),
        (0, 0),
        ("-500", -500),
        ("99.6", 100),
    ],
)
def test_budget_as_people_type_it(typed, amount):
    """Separators, Thai digits, a dash for zero, nothing for not yet known."""
    assert plans.parse_budget(typed) == amount


@pytest.mark.parametrize("typed", ["สองแสน", "1.2.3", "inf", "nan?"])
def test_words_are_not_budgets(typed):
    """What is not a number is refused in words that repeat it."""
    with pytest.raises(UserError, match="not a number"):
        plans.parse_budget(typed)


def test_negative_budget_is_an_error_and_stops_the_form():
    """The sentence names row, project, year and amount."""
    plan = plans.edit(a_plan("a"), "a", budgets=[1, -5, 0, None, 2])
    errors = [p for p in plans.problems(plan) if p.level == "error"]
    assert len(errors) == 1
    assert "2567" in errors[0].say() and "-5" in errors[0].say()
    with pytest.raises(UserError, match="negative"):
        plans.refuse_errors(plan)


def test_missing_owner_is_a_warning():
    """A draft may lack its owner; it is said, and said in Thai too."""
    said = [p.say("en") for p in plans.problems(a_plan("a")) if p.level == "warning"]
    assert any("responsible unit" in s for s in said)


def test_kpi_is_asked_for_only_where_the_form_has_it():
    """The 2571-2575 form has no KPI column."""
    assert any("KPI" in p.say() for p in plans.problems(a_plan("a", first_year=2566)))
    assert not any("KPI" in p.say() for p in plans.problems(a_plan("a", first_year=2571)))


def test_totals_by_year_and_programme():
    """Sums, counts of projects with money, counts without any."""
    plan = plans.edit(a_plan("a", "b", "c"), "a", budgets=[100, None, 0, 50, 0])
    plan = plans.edit(plan, "b", budgets=[10, 10, 10, 10, 10], programme="แผนงานเคหะและชุมชน")
    table = plans.totals(plan, "programme").set_index("group")
    assert table.loc["แผนงานสาธารณสุข", "total"] == 150
    assert table.loc["แผนงานสาธารณสุข", "unfilled"] == 1
    assert table.loc["แผนงานสาธารณสุข", "projects_2568"] == 0
    assert table.loc["แผนงานเคหะและชุมชน", "2570"] == 10
    whole = plans.totals(plan).iloc[0]
    assert (whole["total"], whole["2566"], whole["projects"]) == (200, 110, 3)
    assert plans.totals(a_plan()).iloc[0]["total"] == 0


def test_set_one_budget_cell():
    """By year; a year outside the round is refused."""
    plan = plans.set_budget(a_plan("a"), "a", 2568, "1,000")
    assert plan.row("a").budgets == (None, None, 1000, None, None)
    with pytest.raises(UserError, match="2571"):
        plans.set_budget(plan, "a", 2571, 1)


def test_unknown_rows_fields_forms_and_rounds_are_refused():
    """Each in words that name what was asked."""
    plan = a_plan("a")
    for act in (
        lambda: plans.remove(plan, "x"),
        lambda: plans.edit(plan, "a", colour="red"),
        lambda: plans.edit(plan, "a", form="p99"),
        lambda: plans.with_round(plan, 2580),
        lambda: plans.edit(plan, "a", budgets=[1]),
    ):
        with pytest.raises(UserError):
            act()


def test_json_keeps_everything(screening):
    """Author, version, snapshot, parameters, rows: the same after saving and reading."""
    plan = plans.from_screening(screening, 2566)
    plan = plans.saved(
        plans.edit(plan, plan.rows[0].row_id, budgets=[1, 2, 3, 4, 5]),
        " สมชาย ",
        datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
    )
    again = plans.from_json(plans.to_json(plan))
    assert again == plan
    assert (again.author, again.version, again.snapshot) == ("สมชาย", 1, 12)
    assert again.parameters["pollutant"] == "pm25"
    assert plans.to_json(again) == plans.to_json(plan)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 99}',
        '{"format": 1, "rows": [{}]}',
        '{"format": 1, "rows": [], "name": "x", "lao_name": "", "round": 2566, "odd": 1}',
    ],
)
def test_damaged_files_are_refused(text):
    """No trace, a sentence."""
    with pytest.raises(UserError):
        plans.from_json(text)


def test_table_and_back(screening):
    """An unedited table gives the same plan; edits, new rows, order and removals come back."""
    plan = plans.from_screening(screening, 2571)
    table = plans.to_frame(plan)
    assert plans.from_frame(plan, table) == plan
    table.loc[0, "2571"] = 900
    table.loc[0, "owner"] = "กองช่าง"
    table = table.drop(index=1).iloc[::-1]
    edited = plans.from_frame(plan, table)
    assert len(edited.rows) == len(plan.rows) - 1
    assert edited.rows[-1].budgets[0] == 900
    assert edited.rows[-1].owner == "กองช่าง"
    table = pd.concat([table, pd.DataFrame([{"project": "โครงการใหม่"}])], ignore_index=True)
    grown = plans.from_frame(plan, table)
    assert grown.rows[-1].project == "โครงการใหม่"
    assert grown.rows[-1].budgets == (None,) * 5


def test_edited_words_lose_their_english():
    """What the office writes is shown as written in every language."""
    plan = plans.add(a_plan(), PlanRow("a", "โครงการ", english={"project": "Project", "owner": "Unit"}))
    edited = plans.edit(plan, "a", project="โครงการของเรา").row("a")
    assert edited.say("project", "en") == "โครงการของเรา"
    assert edited.say("owner", "en") == "Unit"


def test_proposal_names_area_and_is_marked(screening, made_up):
    """A plan from simulated data says so; one from real data doesn't."""
    plan = plans.from_screening(screening)
    assert plan.lao_name == "เทศบาลเมืองบ้านโป่ง"
    assert plan.simulated
    assert not plans.from_screening(made_up(simulated=False)).simulated
    assert plans.problems(plan) and not [p for p in plans.problems(plan) if p.level != "info"]


def test_the_command_takes_an_edited_plan_and_files_what_is_new(tmp_path, screening):
    """The page's plan.json in place of a proposal; an addition since the filed one; the year is Buddhist-era."""
    filed = plans.saved(plans.from_screening(screening, 2566), "สมชาย")
    edited = plans.add(filed, PlanRow("own-1", "โครงการใหม่"))
    (tmp_path / "filed.json").write_text(plans.to_json(filed), "utf-8")
    (tmp_path / "edited.json").write_text(plans.to_json(edited), "utf-8")
    asked = ["plan", "--screening", "x", "--out", "y", "--plan", str(tmp_path / "edited.json")]
    since = ["--since", str(tmp_path / "filed.json")]
    read = command.make_parser().parse_args
    found = command._plan(read([*asked, *since, "--amendment", "add", "--number", "2", "--year", "2026"]), screening)
    assert (found.round, found.amendment.title()) == (2566, "เพิ่มเติม ครั้งที่ 2/2569")
    assert found.amendment.rows == ("own-1",) and len(found.rows) == len(edited.rows)
    assert command._plan(read([*asked, "--form", "2571"]), screening).round == 2571
    with pytest.raises(UserError, match="needs --amendment"):
        command._plan(read([*asked, *since]), screening)
    with pytest.raises(UserError, match="No such file"):
        command._plan(read([*asked[:-1], str(tmp_path / "none.json")]), screening)


def test_rows_are_sorted_and_rows_that_are_alike_keep_their_order():
    """By text with the empty ones last, by form as the forms follow each other, or by budget."""
    rows = (
        PlanRow("a", "ก", zone_name="เขต 2", budgets=(1, None, None, None, None)),
        PlanRow("b", "ข"),
        PlanRow("c", "ค", zone_name="เขต 1", form="p03"),
        PlanRow("d", "ง", zone_name="เขต 1", budgets=(9,) * 5),
    )
    made = Plan("p", "ทต.ก", 2571, rows=rows)
    orders = {by: "".join(r.row_id for r in plans.sorted_by(made, by).rows) for by in ("zone_name", "form", "total")}
    assert orders == {"zone_name": "cdab", "form": "abdc", "total": "dabc"}
    with pytest.raises(UserError, match="no editable field"):
        plans.sorted_by(made, "budgets")
