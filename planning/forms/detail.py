"""The detail forms (ผ.02, ผ.02/1, ผ.02/2, ผ.03): one sheet a group, header of three rows, sums as formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from planning.forms import cells, page
from planning.forms.layout import Column, Layout
from planning.plan import FORMS, Plan, PlanRow

HEADER_ROWS = 3


@dataclass(frozen=True)
class Written:
    """A written group: its sheet, its names, and the rows of its sums (for the summary's formulas)."""

    sheet: str
    group: dict[str, str]
    first_row: int
    last_row: int
    budget_columns: tuple[str, ...]
    projects: int


def _group(plan: Plan, layout: Layout) -> dict[tuple[str, ...], list[PlanRow]]:
    groups: dict[tuple[str, ...], list[PlanRow]] = {}
    for row in plan.rows:
        if row.form == layout.form:
            groups.setdefault(tuple(str(getattr(row, g)) for g in layout.group_by), []).append(row)
    return groups


def _sheet_name(book: Workbook, layout: Layout, last: str) -> str:
    form = FORMS[layout.form].replace("/", "-")
    short = re.sub(r"[\[\]:*?/\\']", " ", last.removeprefix("แผนงาน")).strip()
    base = f"{form} {short}".strip()[:28]
    name, count = base, 2
    while name in book.sheetnames:
        name, count = f"{base} {count}", count + 1
    return name


def spread(layout: Layout, amended: bool) -> list[tuple[Column, int | None]]:
    """Return the sheet's columns in order; a ``budget`` column once for each year's index."""
    columns = [*layout.columns, *([layout.amendment] if amended and layout.amendment else [])]
    return [(c, i) for c in columns for i in (range(5) if c.field == "budget" else [None])]


def _header(sheet: Worksheet, layout: Layout, columns: list[tuple[Column, int | None]], top: int) -> None:
    bottom = top + HEADER_ROWS - 1
    style = {"bold": True, "align": "center", "vertical": "center"}
    for at, (column, year) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
        if column.field != "budget":
            cells.merged(sheet, (top, at), (bottom, at), "\n".join(column.header), **style)
            continue
        if year == 0:
            cells.merged(sheet, (top, at), (top, at + 4), column.header[0], **style)
        for offset, line in enumerate(column.header[1:], 1):
            text = line.format(year=layout.years[year or 0])
            cells.write(sheet, top + offset, at, text, **style)  # type: ignore[arg-type]
    for row in range(top, bottom + 1):
        cells.fixed_row(sheet, row, 22)
        for at in range(1, len(columns) + 1):
            sheet.cell(row, at).fill = cells.HEADER


def _body(sheet: Worksheet, columns: list[tuple[Column, int | None]], rows: list[PlanRow], first: int) -> int:
    for number, row in enumerate(rows, 1):
        at_row, texts = first + number - 1, []
        for at, (column, year) in enumerate(columns, 1):
            if year is not None:
                cells.money(sheet, at_row, at, row.budgets[year])
                continue
            if column.field == "number":
                cells.write(sheet, at_row, at, number, align="center")
                continue
            text = column.text if column.field == "fixed" else str(getattr(row, column.field))
            cells.write(sheet, at_row, at, text)
            texts.append((text, column.width))
        cells.fit_row(sheet, at_row, texts)
    if not rows:  # an empty form still has one row to write in, and sums that work
        for at in range(1, len(columns) + 1):
            cells.write(sheet, first, at, None)
        cells.fixed_row(sheet, first, 40)
    return first + max(len(rows), 1) - 1


def _closing(sheet: Worksheet, layout: Layout, columns: list[tuple[Column, int | None]], first: int, last: int) -> int:
    budget, count = last + 1, last + 2
    money = [i for i, (_, year) in enumerate(columns, 1) if year is not None]
    names = next(i for i, (c, _) in enumerate(columns, 1) if c.field in {"project", "equipment"})
    left, right = money[0] - 1, money[-1] + 1
    cells.merged(
        sheet, (budget, 1), (budget, left), layout.closing_budget, bold=True, align="center", vertical="center"
    )
    cells.merged(sheet, (count, 1), (count, left), layout.closing_count, bold=True, align="center", vertical="center")
    for at in money:
        letter = get_column_letter(at)
        cells.formula(sheet, budget, at, f"=SUM({letter}{first}:{letter}{last})")
        cells.formula(sheet, count, at, f'=COUNTIF({letter}{first}:{letter}{last},">0")', style='0;-0;"-"')
    letters = get_column_letter(money[0]), get_column_letter(money[-1])
    cells_ = f"{letters[0]}{first}:{letters[1]}{last}"
    total = f'=IF(COUNT({cells_})=0,"ยังไม่ระบุงบประมาณ","รวม 5 ปี "&TEXT(SUM({cells_}),"#,##0")&" บาท")'
    name = get_column_letter(names)
    counted = f'="ทั้งหมด "&COUNTIF({name}{first}:{name}{last},"?*")&" รายการ"'
    if layout.form != "p03":
        counted = counted.replace("รายการ", "โครงการ")
    for row, text in ((budget, total), (count, counted)):
        if right < len(columns):
            cells.merged(sheet, (row, right), (row, len(columns)), None, vertical="center")
        cells.formula(sheet, row, right, text, style="General", align="center")
        cells.fixed_row(sheet, row, 26)
    return count


def _notes(sheet: Worksheet, rows: list[PlanRow], at: int, columns: int) -> int:
    if not any(b is None for r in rows for b in r.budgets):
        return at - 1
    text = "ช่องสีเหลืองอ่อน = ยังไม่ได้ระบุงบประมาณ ให้หน่วยงานเป็นผู้กรอก (ระบบไม่ประมาณราคาแทน)"
    cells.merged(sheet, (at, 1), (at, columns), text, size=12, box=False, wrap=False)
    cells.fixed_row(sheet, at, 21)
    return at


def write_detail(book: Workbook, plan: Plan, layout: Layout) -> list[Written]:
    """Write one sheet for every group of the plan's rows on this form; return what was written.

    ผ.02 gets an empty sheet where no row belongs on it; the other forms are then left out.
    """
    groups = _group(plan, layout)
    if not groups and layout.form == "p02":
        groups = {tuple("" for _ in layout.group_by): []}
    written = []
    for key, rows in groups.items():
        group = dict(zip(layout.group_by, key, strict=True))
        sheet = book.create_sheet(_sheet_name(book, layout, key[-1] if key else ""))
        columns = spread(layout, plan.amendment is not None)
        header = page.top(sheet, layout, plan, layout.lines(plan, group), len(columns))
        _header(sheet, layout, columns, header)
        first = header + HEADER_ROWS
        last = _body(sheet, columns, rows, first)
        closing = _closing(sheet, layout, columns, first, last)
        end = _notes(sheet, rows, closing + 1, len(columns))
        page.setup(sheet, layout, plan, (header, first - 1), end, len(columns))
        letters = tuple(get_column_letter(i) for i, (_, year) in enumerate(columns, 1) if year is not None)
        written.append(Written(sheet.title, group, first, last, letters, len(rows)))
    return written
