"""KPIs: baselines by hand, even steps, what the network could not show, kept with the plan and in its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import docx
import pandas as pd
import pytest
from openpyxl import load_workbook

from planning import compare, forms, report, targets
from planning import plan as plans
from planning.plan import Plan, PlanRow
from planning.targets import Target

pytestmark = pytest.mark.slow

ROW = PlanRow("a", "โครงการ ก", objective="ก", target="ข", owner="ค", result="ง", issue="จ")


def planned(*years: float | None, detectable: float | None = 5.0) -> Plan:
    aim = Target("days_over", 12.0, 60, detectable=detectable, years=tuple(years))
    return Plan("p", "ทต.ก", 2571, (ROW,), targets=(aim,))


def test_baselines_are_weighted_by_people_and_count_complaints(screening: SimpleNamespace) -> None:
    """Worked by hand from the made-up zones: days over 12.3, 10.9, 6.2, 2.1 with 8200, 5100, 3300, 2100 people."""
    screening.reports = pd.DataFrame({"kind": ["dust", "smoke", "idea"]})
    found = {t.key: t for t in targets.baselines(screening)}
    by_hand = (12.3 * 8200 + 10.9 * 5100 + 6.2 * 3300 + 2.1 * 2100) / 18_700
    assert found["days_over|"].baseline == pytest.approx(by_hand)
    assert found["mean|"].baseline == pytest.approx((51.2 * 8200 + 48.8 * 5100 + 43.1 * 3300 + 33.9 * 2100) / 18_700)
    assert found["days_over|Z1"].baseline == 12.3
    assert found["complaints|"].baseline == 2  # an idea is no complaint
    assert found["complaints|"].detectable == pytest.approx(2.8 * 2)
    assert found["days_over|"].detectable == 21  # one long wave of three weeks shows nothing
    assert found["mean|"].detectable > 0


def test_even_steps_go_through_what_was_typed() -> None:
    assert targets.filled(Target("mean", 40.0, 60, years=(None, 36.0, None, None, 30.0))).years == (
        38.0, 36.0, 34.0, 32.0, 30.0,
    )  # fmt: skip
    assert targets.filled(Target("mean", 40.0, 60)).years == (None,) * 5


def test_targets_that_cannot_be_shown_are_named() -> None:
    said = [n.say("en") for n in targets.doubts(planned(13.0, 9.0, None, 7.0, 6.0))]
    assert len(said) == 2
    assert "above the baseline (12.0): 2571 (13.0)." in said[0] and "show them: 2572 (9.0)." in said[1]
    assert "days over" in said[0]
    blind = planned(*[None] * 5, detectable=12.0)
    twice = replace(blind, targets=(blind.targets[0], replace(blind.targets[0], zone_id="Z2", name_en="Market")))
    [one] = targets.doubts(twice)
    assert "not show any decrease" in one.say("en") and "Market: PM2.5" in one.say("en")
    assert not targets.doubts(planned(None, 9.0, None, None, None, detectable=None))


def test_targets_are_kept_compared_and_read_from_a_plan_of_before() -> None:
    plan = planned(11.0, None, None, None, 6.0)
    assert plans.from_json(plans.to_json(plan)) == plan
    older = {k: v for k, v in plans.to_dict(plan).items() if k != "targets"}
    assert plans.from_dict(older).targets == ()
    changed = replace(plan, targets=(replace(plan.targets[0], years=(10.0, None, None, None, 6.0)),))
    table = compare.differences(plan, changed)
    assert table[["field", "before", "after"]].to_numpy().tolist() == [["2571", "11.0", "10.0"]]
    again = targets.merged(plan.targets, (Target("days_over", 8.0, 60),))
    assert (again[0].baseline, again[0].years) == (8.0, plan.targets[0].years)


def test_targets_stand_in_workbook_and_document(screening: SimpleNamespace, tmp_path: Path) -> None:
    plan = planned(11.0, None, None, None, 6.0)
    book = load_workbook(forms.write(plan, None, tmp_path, "th")[0])
    sheet = book["KPI"]
    assert [sheet.cell(3, c).value for c in (2, 3, 4, 8)] == ["12.0", "5.0", "11.0", "6.0"]
    document = docx.Document(str(report.write_docx(plan, screening, tmp_path / "p.docx", "en")))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    assert "Smallest change that can be shown" in cells and "11.0" in cells
    assert "KPI" not in load_workbook(forms.write(replace(plan, targets=()), None, tmp_path, "th")[0]).sheetnames
