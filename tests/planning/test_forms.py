"""The forms column for column: header, sums, fonts, page set-up, simulated mark, and text that stays text."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from language import UserError
from planning import forms, plan
from planning.amendment import Amendment, amended
from planning.plan import Plan, PlanRow

P02_2566 = [
    "ที่",
    "โครงการ",
    "วัตถุประสงค์",
    "เป้าหมาย(ผลผลิตของโครงการ)",
    "งบประมาณ",
    "",
    "",
    "",
    "",
    "ตัวชี้วัด(KPI)",
    "ผลที่คาดว่าจะได้รับ",
    "หน่วยงานที่รับผิดชอบหลัก",
]
P02_2571 = [
    "ที่",
    "โครงการ",
    "วัตถุประสงค์",
    "เป้าหมาย(ผลผลิตของโครงการ)",
    "งบประมาณ",
    "",
    "",
    "",
    "",
    "ผลที่คาดว่าจะได้รับ",
    "หน่วยงานรับผิดชอบหลัก",
]


def a_plan(first_year: int, *, simulated: bool = True) -> Plan:
    made = Plan("แผน", "เทศบาลเมืองบ้านโป่ง", first_year, simulated=simulated, snapshot=7)
    for number, programme in enumerate(("แผนงานสาธารณสุข", "แผนงานเคหะและชุมชน", "แผนงานสาธารณสุข"), 1):
        made = plan.add(
            made,
            PlanRow(
                f"r{number}",
                f"โครงการ {number}",
                objective="เพื่อลดฝุ่น",
                target="ทุกชุมชน " * 12,
                kpi="ลดลงร้อยละ 10",
                budgets=(100_000 * number, None, 0, 50_000, 1),
                result="ดีขึ้น",
                owner="กองช่าง",
                programme=programme,
                issue="คุณภาพอากาศ",
                strategy="ยุทธศาสตร์ด้านสิ่งแวดล้อม",
                tactic="ลดฝุ่น",
            ),
        )
    return made


def opened(made: Plan, folder: Path, form: int | None = None) -> openpyxl.Workbook:
    [path] = forms.write(made, form, folder)
    return openpyxl.load_workbook(path)


def heading(sheet, row: int) -> list[str]:
    return [str(sheet.cell(row, c).value or "").replace("\n", "") for c in range(1, sheet.max_column + 1)]


def merged(sheet) -> set[str]:
    return {str(r) for r in sheet.merged_cells.ranges}


def test_p02_2566_column_for_column(tmp_path):
    """Eleven lines above, header in rows 12-14, twelve columns A-L, years with (บาท) beneath."""
    sheet = opened(a_plan(2566), tmp_path)["ผ.02 สาธารณสุข"]
    assert heading(sheet, 12) == P02_2566
    assert [sheet.cell(13, c).value for c in range(5, 10)] == ["2566", "2567", "2568", "2569", "2570"]
    assert {sheet.cell(14, c).value for c in range(5, 10)} == {"(บาท)"}
    assert {"A12:A14", "B12:B14", "E12:I12", "J12:J14", "L12:L14"} <= merged(sheet)
    assert sheet["A15"].value == 1 and sheet["B15"].value == "โครงการ 1"


def test_p02_2566_preamble(tmp_path):
    """Title, plan, local government, the ladder ก. to จ., strategy, tactic, programme; stamp top right."""
    sheet = opened(a_plan(2566), tmp_path)["ผ.02 สาธารณสุข"]
    lines = ["".join(str(sheet.cell(r, c).value or "") for c in range(1, 13)) for r in range(1, 12)]
    assert "รายละเอียดโครงการพัฒนา" in lines[0]
    assert sheet["K1"].value == "แบบ ผ.02"
    assert "2566 - 2570" in lines[1]
    assert lines[2] == "เทศบาลเมืองบ้านโป่ง"
    assert [line[:2] for line in lines[3:8]] == ["ก.", "ข.", "ค.", "ง.", "จ."]
    assert "....." in lines[3]
    assert "ด้านสิ่งแวดล้อม" in lines[8] and "ลดฝุ่น" in lines[9] and lines[10] == "แผนงาน: สาธารณสุข"


def test_p02_2571_column_for_column(tmp_path):
    """Grouped by development issue; the KPI column is gone; years carry พ.ศ."""
    sheet = opened(a_plan(2571), tmp_path)["ผ.02 คุณภาพอากาศ"]
    assert heading(sheet, 5) == P02_2571
    assert [sheet.cell(6, c).value for c in range(5, 10)] == [f"พ.ศ. {y}" for y in range(2571, 2576)]
    assert "บัญชีรายละเอียดโครงการพัฒนาท้องถิ่น" in [c.value for c in sheet[1]]
    assert "ประเด็นการพัฒนาท้องถิ่น: คุณภาพอากาศ" in [c.value for c in sheet[4]]


@pytest.mark.parametrize(("first_year", "top"), [(2566, 12), (2571, 5)])
@pytest.mark.parametrize(
    ("kind", "said"), [("add", "เพิ่มเติม"), ("change", "เปลี่ยนแปลง"), ("correct", "แก้ไข")]
)
def test_every_amended_form_states_its_kind_and_the_reasons(tmp_path, first_year, top, kind, said):
    """The kind stands behind the plan's name on ผ.01 to ผ.03, and each project gives its reason."""
    made = a_plan(first_year)
    for row_id, form in (("r2", "p02-1"), ("r3", "p03")):
        made = plan.edit(made, row_id, form=form)
    made = plan.edit(made, "r1", reason="ฝุ่นเกินค่ามาตรฐาน 12 วัน")
    book = opened(amended(made, Amendment(kind, 2, 2569)), tmp_path)
    named = [sheet for sheet in book if sheet.title.startswith("ผ.")]
    assert {sheet.title.split()[0] for sheet in named} == {"ผ.01", "ผ.02", "ผ.02-1", "ผ.03"}
    for sheet in named:
        assert sheet["A2"].value.endswith(f") {said} ครั้งที่ 2/2569"), sheet.title
    sheet = next(sheet for sheet in named if sheet.title.startswith("ผ.02 "))
    assert heading(sheet, top)[-1] == "เหตุผลความจำเป็น"
    assert sheet.cell(top + 3, sheet.max_column).value == "ฝุ่นเกินค่ามาตรฐาน 12 วัน"
    plain = opened(made, tmp_path)
    assert plain["ผ.01"]["A2"].value.endswith(")") and heading(plain[sheet.title], top)[-1] != "เหตุผลความจำเป็น"


def test_an_amendment_holds_what_differs_from_the_filed_version(tmp_path):
    """An addition the new project, a change the changed one; the summary adds up those alone."""
    filed = plan.saved(a_plan(2571), "สมชาย")
    now = plan.add(filed, PlanRow("r9", "โครงการใหม่", budgets=(7, None, None, None, None), issue="คุณภาพอากาศ"))
    now = plan.edit(now, "r2", budgets=[1, 2, 3, 4, 5])
    for kind, expected in (("add", ["โครงการใหม่"]), ("change", ["โครงการ 2"])):
        one = amended(now, Amendment(kind, 1, 2571), filed)
        sheet = opened(one, tmp_path)["ผ.02 คุณภาพอากาศ"]
        assert [sheet.cell(r, 2).value for r in range(8, 8 + len(expected))] == expected
        assert sheet.cell(8 + len(expected), 1).value == "รวมงบประมาณ"
        assert plan.from_json(plan.to_json(one)) == one
    with pytest.raises(UserError, match="would be empty"):
        forms.write(amended(filed, Amendment("add"), filed), None, tmp_path)


def test_an_amended_form_asks_for_reasons():
    noted = [n.say("en") for n in plan.problems(amended(a_plan(2571), Amendment("correct")))]
    assert sum("the reason is missing" in text for text in noted) == 3
    with pytest.raises(UserError, match="choose one of add, change, correct"):
        Amendment("review")


def test_sums_are_formulas_over_the_rows(tmp_path):
    """รวมงบประมาณ adds each year, รวมจำนวนโครงการ counts; nothing is a pasted figure."""
    sheet = opened(a_plan(2566), tmp_path)["ผ.02 สาธารณสุข"]
    assert sheet["A17"].value == "รวมงบประมาณ"
    assert sheet["A18"].value == "รวมจำนวนโครงการ"
    assert [sheet.cell(17, c).value for c in range(5, 10)] == [f"=SUM({x}15:{x}16)" for x in "EFGHI"]
    assert [sheet.cell(18, c).value for c in range(5, 10)] == [f'=COUNTIF({x}15:{x}16,">0")' for x in "EFGHI"]


def test_open_budget_cells_are_empty_and_marked(tmp_path):
    """Not zero, not invented: empty and coloured; a zero is a figure."""
    sheet = opened(a_plan(2566), tmp_path)["ผ.02 สาธารณสุข"]
    assert sheet["F15"].value is None
    assert sheet["F15"].fill.fgColor.rgb.endswith("FFF8DC")
    assert sheet["G15"].value == 0
    assert sheet["G15"].fill.fill_type is None


def test_every_cell_has_the_thai_font_and_body_text_wraps(tmp_path):
    """Each written cell of each sheet, and each row of the body, has room for its text."""
    for sheet in opened(a_plan(2566), tmp_path):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.font.name == "TH Sarabun New", (sheet.title, cell.coordinate)
    sheet = opened(a_plan(2566), tmp_path)["ผ.02 สาธารณสุข"]
    assert sheet["D15"].alignment.wrap_text
    assert sheet.row_dimensions[15].height > 4 * 21


@pytest.mark.parametrize("first_year", [2566, 2571])
def test_paper(tmp_path, first_year):
    """A4 landscape, one page wide, header repeated, page numbers, print area."""
    for sheet in opened(a_plan(first_year), tmp_path).worksheets[:3]:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows
        assert sheet.print_area
        assert "&P" in sheet.oddFooter.right.text
    header = "$12:$14" if first_year == 2566 else "$5:$7"
    assert opened(a_plan(first_year), tmp_path).worksheets[1].print_title_rows == header


def test_simulated_data_is_marked_and_real_data_is_not(tmp_path):
    """The mark stands on the sheet and in its print header."""
    sheet = opened(a_plan(2566), tmp_path).worksheets[1]
    assert sheet["A1"].value == "ข้อมูลจำลอง"
    assert "ข้อมูลจำลอง" in sheet.oddHeader.left.text
    sheet = opened(a_plan(2566, simulated=False), tmp_path).worksheets[1]
    assert sheet["A1"].value is None
    assert not sheet.oddHeader.left.text


def test_one_form_for_another_round(tmp_path):
    """`form` chooses the layout whatever the plan's own round is."""
    book = opened(a_plan(2571), tmp_path, 2566)
    assert heading(book["ผ.02 สาธารณสุข"], 12) == P02_2566


def test_rows_go_to_their_forms(tmp_path):
    """Beyond capacity to ผ.02/2, community to ผ.02/1, equipment to ผ.03; ผ.02 keeps the rest."""
    made = a_plan(2566)
    for row_id, form in (("r1", "p02-2"), ("r2", "p02-1"), ("r3", "p03")):
        made = plan.edit(made, row_id, form=form, equipment="ครุภัณฑ์วิทยาศาสตร์")
    book = opened(made, tmp_path)
    assert book["ผ.02-2 สาธารณสุข"]["B15"].value == "โครงการ 1"
    assert book["ผ.02-1 เคหะและชุมชน"]["B15"].value == "โครงการ 2"
    equipment = book["ผ.03"]
    assert heading(equipment, 4)[:5] == ["ที่", "แผนงาน", "หมวด", "ประเภท", "เป้าหมาย(ผลผลิตของครุภัณฑ์)"]
    assert equipment["D7"].value == "ครุภัณฑ์วิทยาศาสตร์"
    assert book["ผ.02"]["B15"].value is None


def test_empty_plan_is_an_empty_form(tmp_path):
    """A form to fill by hand, with sums that work."""
    book = opened(Plan("", "", 2571), tmp_path)
    assert book["ผ.02"]["A9"].value == "รวมงบประมาณ"


def test_errors_stop_the_form(tmp_path):
    """A negative budget is not put on paper."""
    made = plan.edit(a_plan(2566), "r1", budgets=[-1, 0, 0, 0, 0])
    with pytest.raises(UserError, match="negative"):
        forms.write(made, 2566, tmp_path)


def test_typed_text_is_never_a_formula(tmp_path):
    """What a person wrote into a field stays text, whatever it begins with."""
    made = plan.edit(a_plan(2566), "r1", project='=HYPERLINK("x")', owner="@SUM(A1)")
    sheet = opened(made, tmp_path)["ผ.02 สาธารณสุข"]
    assert sheet["B15"].data_type == "s"
    assert sheet["L15"].data_type == "s"


def test_odd_sheet_names(tmp_path):
    """Group names with signs a sheet name may not have, long or alike, still give their own sheets."""
    made = a_plan(2571)
    for row_id, issue in (("r1", "ก/ข: [ค]*?"), ("r2", "ประเด็น" * 9 + "ก"), ("r3", "ประเด็น" * 9 + "ข")):
        made = plan.edit(made, row_id, issue=issue)
    book = opened(made, tmp_path)
    assert len([s for s in book.sheetnames if s.startswith("ผ.02")]) == 3
    assert all(len(s) <= 31 for s in book.sheetnames)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_adds_up(tmp_path):
    """The formulas give the plan's own totals in a spreadsheet program."""
    made = a_plan(2566)
    [path] = forms.write(made, 2566, tmp_path)
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--convert-to",
            "ods",
            "--outdir",
            str(tmp_path),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(tmp_path / "again"),
            str(path.with_suffix(".ods")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    book = openpyxl.load_workbook(tmp_path / "again" / path.name, data_only=True)
    summary = book["ผ.01"]
    last = next(r for r in range(1, 30) if summary.cell(r, 1).value == "รวมทั้งสิ้น")
    whole = plan.totals(made).iloc[0]
    assert summary.cell(last, 13).value == whole["total"]
    assert summary.cell(last, 12).value == 3
    assert summary.cell(last, 3).value == whole["2566"]
    assert "รวม 5 ปี 500,002 บาท" in [c.value for c in book["ผ.02 สาธารณสุข"][17]]
