"""A sheet as a page of paper: A4 landscape, stamp, simulated mark, page numbers, repeated header."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from language import translate
from planning.forms import cells
from planning.forms.layout import Layout
from planning.plan import Plan

SIMULATED = "ข้อมูลจำลอง"


def top(sheet: Worksheet, layout: Layout, plan: Plan, lines: list[str], columns: int) -> int:
    """Write the lines above the table; return the first row of the table's header.

    The stamp stands top right, the simulated mark (where it applies) top left, in the title's row,
    so that the table begins in the row the form prescribes.
    """
    stamp_at = max(columns - 1, 2)
    for index, line in enumerate(lines, 1):
        centred = index <= layout.centred
        first, last = (3, stamp_at - 1) if index == 1 and columns > 6 else (1, columns)
        cells.merged(
            sheet,
            (index, first),
            (index, last),
            line,
            bold=centred,
            box=False,
            size=18 if index == 1 else 16 if centred else cells.SIZE,
            align="center" if centred else "left",
            vertical="center",
            wrap=False,
        )
        cells.fixed_row(sheet, index, 27 if index == 1 else 24 if centred else 23.5)
    if columns > 6:
        cells.merged(
            sheet,
            (1, stamp_at),
            (1, columns),
            layout.stamp,
            bold=True,
            size=16,
            align="center",
            vertical="center",
            wrap=False,
        )
        mark = SIMULATED if plan.simulated else None
        cells.merged(
            sheet,
            (1, 1),
            (1, 2),
            mark,
            bold=True,
            size=16,
            box=plan.simulated,
            colour="FFB91C1C",
            align="center",
            vertical="center",
            wrap=False,
        )
    return len(lines) + 1


def paper(sheet: Worksheet, header: tuple[int, int], last_row: int, columns: int) -> None:
    """Set A4 landscape, as wide as the paper: margins, print area, and header rows that repeat and stay in sight."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.55, header=0.25, footer=0.25)
    sheet.print_title_rows = f"{header[0]}:{header[1]}"
    sheet.print_area = f"A1:{get_column_letter(columns)}{last_row}"
    sheet.freeze_panes = sheet.cell(header[1] + 1, 1)


def setup(sheet: Worksheet, layout: Layout, plan: Plan, header: tuple[int, int], last_row: int, columns: int) -> None:
    """Set paper, margins, print area, repeated header rows, page numbers and what stands at the foot."""
    paper(sheet, header, last_row, columns)
    sheet.print_options.horizontalCentered = True
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 90
    font = f'&"{cells.FONT},Regular"&12'
    sheet.oddFooter.right.text = f"{font}หน้า &P / &N"
    sheet.oddFooter.left.text = f"{font}{foot(plan)}"
    if plan.simulated:
        sheet.oddHeader.left.text = f'&"{cells.FONT},Bold"&12{SIMULATED}'
    sheet.oddHeader.right.text = f"{font}{layout.stamp}"


def foot(plan: Plan, lang: str = "th") -> str:
    """Return where the rows come from: program, lake snapshot, version of the plan."""
    said = translate("EcoTown Air, data snapshot {snapshot}, plan version {version}", lang)
    return said.format(snapshot="–" if plan.snapshot is None else plan.snapshot, version=plan.version)
