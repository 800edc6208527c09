"""The sheet of KPIs: baseline, smallest change the network can show, and the target of each year."""

from __future__ import annotations

from openpyxl.workbook import Workbook

from language import N_, translate
from planning import targets
from planning.forms import cells, page
from planning.forms.layout import read_layout
from planning.plan import Plan

WIDTHS = (60.0, 14.0, 20.0, *(12.0,) * 5)


def write_aims(book: Workbook, plan: Plan, lang: str) -> None:
    """Append the sheet of KPIs; nothing where the plan has none."""
    if not plan.targets:
        return
    sheet = book.create_sheet(translate(N_("KPI"), lang))
    title = translate(N_("Indicators and yearly targets"), lang)
    cells.merged(sheet, (1, 1), (1, len(WIDTHS)), title, bold=True, box=False, size=16)
    cells.fixed_row(sheet, 1, 27)
    heads = [*(translate(h, lang) for h in targets.HEADS), *map(str, plan.years)]
    cells.heads(sheet, 2, heads, WIDTHS)
    for row, target in enumerate(plan.targets, 3):
        texts = [target.label(lang), *targets.cells(target)]
        for at, text in enumerate(texts, 1):
            cell = cells.write(sheet, row, at, text, align="left" if at == 1 else "right")
            if at > 3 and not text:
                cell.fill = cells.TO_FILL
        cells.fit_row(sheet, row, list(zip(texts, WIDTHS, strict=True)))
    page.setup(sheet, read_layout("p02", plan.round), plan, (2, 2), 2 + len(plan.targets), len(WIDTHS))
    sheet.oddHeader.right.text = None
