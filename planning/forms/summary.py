"""แบบ ผ.01: count and budget by strategy and programme, or by development issue, as formulas on the ผ.02 sheets."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from planning.forms import cells, page
from planning.forms.detail import Written
from planning.forms.layout import BLANK, Layout
from planning.plan import Plan


def _header(sheet: Worksheet, layout: Layout, top: int) -> int:
    """Write the two header rows; return the number of columns."""
    style = {"bold": True, "align": "center", "vertical": "center"}
    at = 1
    for column in layout.columns:
        if column.field in {"number", "group"}:
            cells.merged(sheet, (top, at), (top + 1, at), column.header[0], **style)
            sheet.column_dimensions[get_column_letter(at)].width = column.width
            at += 1
            continue
        for year in layout.years if column.field == "year" else [None]:
            cells.merged(sheet, (top, at), (top, at + 1), column.header[0].format(year=year), **style)
            for offset, text in enumerate((layout.count_header, layout.budget_header)):
                cells.write(sheet, top + 1, at + offset, text, **style)  # type: ignore[arg-type]
                sheet.column_dimensions[get_column_letter(at + offset)].width = 9 if offset == 0 else column.width
            at += 2
    cells.fixed_row(sheet, top, 24)
    cells.fixed_row(sheet, top + 1, 46)
    for row in (top, top + 1):
        for i in range(1, at):
            sheet.cell(row, i).fill = cells.HEADER
    return at - 1


def _figures(sheet: Worksheet, row: int, first_column: int, source: Written) -> None:
    """Write the ten figures of a group and its five-year sum, referring to its sheet."""
    name = source.sheet.replace("'", "''")
    at = first_column
    rows = f"{source.first_row}:{{c}}{source.last_row}"
    for letter in source.budget_columns:
        cells_range = f"'{name}'!{letter}{rows.format(c=letter)}"
        cells.formula(sheet, row, at, f'=COUNTIF({cells_range},">0")', style='0;-0;"-"', bold=False)
        cells.formula(sheet, row, at + 1, f"=SUM({cells_range})", bold=False)
        at += 2
    project = f"'{name}'!B{rows.format(c='B')}"
    cells.formula(sheet, row, at, f'=COUNTIF({project},"?*")', style='0;-0;"-"', bold=False)
    sums = "+".join(f"{get_column_letter(first_column + 1 + 2 * i)}{row}" for i in range(5))
    cells.formula(sheet, row, at + 1, f"={sums}", bold=False)


def write_summary(book: Workbook, plan: Plan, layout: Layout, written: list[Written]) -> Worksheet:
    """Write ผ.01 as the book's first sheet; `written` are the groups of ผ.02."""
    sheet = book.create_sheet("ผ.01", 0)
    top = len(layout.preamble) + 1
    columns = _header(sheet, layout, top)
    page.top(sheet, layout, plan, layout.lines(plan, {}), columns)
    numbered = layout.columns[0].field == "number"
    name_at = 2 if numbered else 1
    width = layout.columns[name_at - 1].width
    row, data, heading = top + 2, [], ""
    for index, source in enumerate(written, 1):
        parts = [source.group.get(g) or BLANK[:30] for g in layout.group_by]
        if len(parts) > 1 and parts[0] != heading:
            heading = parts[0]
            cells.merged(sheet, (row, 1), (row, columns), f"ยุทธศาสตร์: {heading.removeprefix('ยุทธศาสตร์')}", bold=True)
            cells.fit_row(sheet, row, [(heading, 120)])
            row += 1
        if numbered:
            cells.write(sheet, row, 1, index, align="center")
        cells.write(sheet, row, name_at, parts[-1])
        _figures(sheet, row, name_at + 1, source)
        cells.fit_row(sheet, row, [(parts[-1], width)])
        data.append(row)
        row += 1
    cells.merged(sheet, (row, 1), (row, name_at), "รวมทั้งสิ้น", bold=True, align="center", vertical="center")
    for at in range(name_at + 1, columns + 1):
        letter = get_column_letter(at)
        money = (at - name_at) % 2 == 0
        cells.formula(
            sheet, row, at, f"=SUM({letter}{top + 2}:{letter}{row - 1})", style=cells.MONEY if money else '0;-0;"-"'
        )
    cells.fixed_row(sheet, row, 26)
    page.setup(sheet, layout, plan, (top, top + 1), row, columns)
    return sheet
