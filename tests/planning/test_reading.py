"""Reading an office's own ผ.02 workbook: both rounds' layouts come back, quirks are understood, the rest is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from language import UserError
from planning import forms, plan
from planning.amendment import Amendment, amended
from planning.forms.reading import read_workbook
from planning.plan import Plan, PlanRow

WORDS = ("project", "objective", "target", "result", "owner")


def a_plan(first: int) -> Plan:
    texts = {
        "objective": "ลดฝุ่น",
        "target": "ถนน 2 สาย\nยาว 3 กม.",
        "result": "ฝุ่นลดลง",
        "owner": "กองช่าง",
        "kpi": "ร้อยละ 80",
    }
    rows = [
        PlanRow(str(i), f"โครงการที่ {i}", budgets=(i * 1000, 0, None, 250_000, None), form=form,
                programme="แผนงานสาธารณสุข",
                issue="สิ่งแวดล้อม", strategy="เมืองน่าอยู่", tactic="อากาศสะอาด", **texts)
        for i, form in enumerate(["p02", "p02", "p02-1", "p02-2"], 1)
    ]  # fmt: skip
    return Plan("p", "ทต.ก", first, rows=tuple(rows))


@pytest.mark.parametrize("first", [2566, 2571])
@pytest.mark.parametrize("amendment", [None, Amendment("change", 3, 2569)])
def test_what_we_write_comes_back(tmp_path, first, amendment):
    made = amended(a_plan(first), amendment)
    path = forms.write(made, None, tmp_path)[0]
    read = read_workbook(path)
    assert read.round == first
    back, asked = read.rows, made.rows
    assert [[getattr(r, w) for w in WORDS] for r in back] == [[getattr(r, w) for w in WORDS] for r in asked]
    assert [r.budgets for r in back] == [r.budgets for r in asked]
    assert [r.form for r in back] == [r.form for r in asked]
    group = "programme" if first == 2566 else "issue"
    assert {getattr(r, group) for r in back} == {getattr(asked[0], group)}
    if first == 2566:
        assert {r.kpi for r in back} == {"ร้อยละ 80"} and {r.strategy for r in back} == {"เมืองน่าอยู่"}
    assert not [n for n in read.notes if n.level != "info"]


def a_book(path, lines):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    book.save(path)
    return path


HEAD = [
    ["แบบ ผ.02"],
    ["แผนงาน สาธารณสุข"],
    ["ที่", "โครงการ", "วัตถุประสงค์", "เป้าหมาย\n(ผลผลิตของโครงการ)", "งบประมาณ", None, None, None, None, "ตัวชี้วัด (KPI)",
     "ผลที่คาดว่า\nจะได้รับ", "หน่วยงานที่รับผิดชอบหลัก", "เทศบัญญัติ"],
    [None, None, None, None, *[f"{y}\n(บาท)" for y in ("๒๕๖๖", "2567", "2568", "2569", "2570")], None, None, None,
     "2566", "2567", "2568", "2569", "2570"],
]  # fmt: skip


def test_quirks_of_real_workbooks(tmp_path):
    path = a_book(
        tmp_path / "a.xlsx",
        [
            *HEAD,
            [1, "ล้างถนน", "ลดฝุ่น", "5 สาย", "-", "1,200,000", "๕๐๐", 20.0, None, "k", "r", "กองช่าง", 1, 2, 3, 4, 5],
            [2, "โครงการปลูก\nต้นไม้", None, None, 10, 10, 10, 10, "ตามจริง"],
            [None, None, "ต่อ", None, None],
            [1, "เพิ่มเติม: ติดเครื่องวัด", None, None, 5, "-", "-", "-", "-"],
            [None, "", None, None, 99],
            ["รวมงบประมาณ", None, None, None, 15, 1, 1, 1, 1],
            [9, "ไม่ใช่โครงการแล้ว", None, None, 1, 1, 1, 1, 1],
        ],
    )
    read = read_workbook(path)
    assert read.round == 2566
    assert [r.project for r in read.rows] == ["ล้างถนน", "โครงการปลูก ต้นไม้", "เพิ่มเติม: ติดเครื่องวัด"]
    assert [r.budgets for r in read.rows] == [(0, 1_200_000, 500, 20, None), (10, 10, 10, 10, None), (5, 0, 0, 0, 0)]
    assert {r.programme for r in read.rows} == {"แผนงานสาธารณสุข"}
    said = [n.say("en") for n in read.notes]
    assert any("row 6" in s and "ตามจริง" in s for s in said)
    assert any("row 9" in s and "without a project name" in s for s in said)
    assert len({r.row_id for r in read.rows}) == 3


def test_a_sheet_without_a_table_is_said(tmp_path):
    read = read_workbook(a_book(tmp_path / "a.xlsx", [["สารบัญ"], ["โครงการ", "หน้า"]]))
    assert not read.rows and read.round is None
    assert any("No project was found" in n.say("en") for n in read.notes)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_text("ที่,โครงการ")
    with pytest.raises(UserError, match="not an Excel workbook"):
        read_workbook(path)


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.lists(st.none() | st.integers(0, 10**9), min_size=5, max_size=5), min_size=1, max_size=8),
    st.sampled_from([2566, 2571]),
)
@example([[2576, 2566, None, 0, 5]], 2566)  # amounts that look like years
def test_any_amounts_come_back(tmp_path_factory, amounts, first):
    rows = tuple(PlanRow(str(i), f"โครงการ {i}", budgets=tuple(a)) for i, a in enumerate(amounts))
    made = replace(Plan("p", "ทต.ก", first), rows=rows)
    path = forms.write_p02(made, tmp_path_factory.mktemp("r") / "a.xlsx")
    assert [r.budgets for r in read_workbook(path).rows] == [r.budgets for r in rows]
    assert plan.totals(replace(made, rows=read_workbook(path).rows)).iloc[0]["total"] == sum(r.total for r in rows)
