"""The sheet that doesn't belong to the form: why each project is there, its law, and what must be checked."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from language import N_, translate
from planning.forms import cells, page
from planning.forms.layout import Layout, read_layout
from planning.plan import FORMS, Plan

_COLUMNS = (
    ("", 5.0),
    (N_("Project"), 34.0),
    (N_("Form"), 9.0),
    (N_("Zone"), 18.0),
    (N_("Why it is proposed"), 40.0),
    (N_("Who holds the power"), 26.0),
    (N_("Legal basis"), 34.0),
    (N_("Catalogue facts"), 14.0),
)


def _preamble(plan: Plan, layout: Layout, lang: str) -> list[str]:
    said = [translate("Where the projects come from, and what must still be checked", lang), plan.lao_name or "–"]
    if plan.simulated:
        said.append(translate("Simulated data: for practice only, not for a decision.", lang))
    if not layout.verified:
        said.append(
            translate("Form layout: {source}. Compare it with the official letter before filing.", lang).format(
                source=layout.source(lang)
            )
        )
    return said


def write_origin(book: Workbook, plan: Plan, lang: str) -> None:
    """Append the sheet of origins to a book of forms."""
    sheet = book.create_sheet(translate("Origin", lang))
    layout = read_layout("p02", plan.round)
    lines = _preamble(plan, layout, lang)
    for index, line in enumerate(lines, 1):
        cells.merged(
            sheet,
            (index, 1),
            (index, len(_COLUMNS)),
            line,
            bold=index == 1,
            box=False,
            size=16 if index == 1 else 13,
            wrap=True,
        )
        cells.fit_row(sheet, index, [(line, sum(w for _, w in _COLUMNS))])
    top = len(lines) + 1
    for at, (heading, width) in enumerate(_COLUMNS, 1):
        cells.write(
            sheet, top, at, translate(heading, lang), bold=True, align="center", vertical="center"
        ).fill = cells.HEADER
        sheet.column_dimensions[get_column_letter(at)].width = width
    cells.fixed_row(sheet, top, 26)
    for number, row in enumerate(plan.rows, 1):
        checked = translate(N_("checked") if row.verified else N_("to be checked"), lang)
        if not row.measure_id:
            checked = translate("written by the office", lang)
        texts = [
            row.say("project", lang),
            FORMS[row.form],
            row.say("zone_name", lang),
            row.say("reason", lang),
            row.say("agency", lang),
            row.say("law", lang),
            checked,
        ]
        cells.write(sheet, top + number, 1, number, align="center")
        for at, text in enumerate(texts, 2):
            cells.write(sheet, top + number, at, text)
        cells.fit_row(sheet, top + number, [(t, w) for t, (_, w) in zip(texts, _COLUMNS[1:], strict=True)])
    page.setup(sheet, layout, plan, (top, top), top + len(plan.rows), len(_COLUMNS))
    sheet.oddHeader.right.text = None
