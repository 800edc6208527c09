"""The self-assessment to take home: a workbook, and a Word document or the annex of the action plan.

1. `write_xlsx`: a sheet of what it adds up to, one of the criteria (which `planning.criteria.read_texts` reads
   back, so that an office can write the official wording into it), one of the gaps with their projects.
2. `write_docx`: the same as a document of its own; `body` fills the annex of the action plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from language import N_, Note, note, number, translate
from planning import assessment as assess
from planning.assessment import Assessment
from planning.criteria import COLUMNS, KIND_NAMES, KINDS, Criterion, dimensions, levels
from planning.forms import cells, page
from planning.measures import without_place
from planning.plan import Plan
from planning.report import word

OWN_WORDS = N_("A self-assessment by the office, not an assessment by the Department of Industrial Works.")
ORIGINS = {
    "own": N_("office’s own text"), "checked": N_("checked"), "check": N_("to be checked"), "missing": N_("missing"),
}  # fmt: skip


# ------------------------------------------------------------------------------ words


def _dimension(number_: str, version: str, lang: str) -> str:
    names = dimensions(version).get(number_)
    return "–" if names is None else f"{number_} {names[0 if lang == 'th' else 1]}"


def _level(level: int | None, lang: str) -> str:
    if level is None:
        return "–"
    if level == 0:
        return note("none yet").say(lang)
    return f"{level} {levels()[level][0 if lang == 'th' else 1]}"


def _mark(value: Any, item: Criterion | None, lang: str) -> str:
    """Return a mark as read: ``3`` of 5, or not met / partly / met."""
    if value is None or pd.isna(value):
        return "–"
    if item is not None and item.most == 2:
        return (note("not met"), note("partly met"), note("met"))[int(value)].say(lang)
    return str(int(value))


def facts(found: Assessment, plan: Plan, lang: str) -> list[tuple[str, str]]:
    """Return what stands at the head: town, criteria, area, level now and wanted, snapshot, origin."""
    area = assess.areas().set_index("number").reindex([found.area]).iloc[0]
    name = area["name_th" if lang == "th" else "name_en"]
    said = [
        (N_("Local government"), found.lao_name or "–"),
        (N_("Criteria"), note("version {version} B.E.", version=found.version).say(lang)),
        (N_("Area of the national programme"), "–" if pd.isna(name) else str(name)),
        (N_("Year assessed (B.E.)"), str(found.year)),
        (N_("Level now, as stated by the office"), _level(found.level_now, lang)),
        (N_("Level wanted"), f"{_level(found.level_target, lang)} · {found.target_year}"),
    ]
    derived = assess.reached(found)
    if derived is not None:
        said.append((N_("Level by the criteria met"), _level(derived, lang)))
    if plan.snapshot is not None:
        said.append((N_("Data snapshot"), str(plan.snapshot)))
    return [(translate(head, lang), value) for head, value in said]


def _summary_rows(found: Assessment, lang: str) -> list[list[str]]:
    return [
        [
            Note(KIND_NAMES[row["kind"]]).say(lang),
            _dimension(row["dimension"], found.version, lang),
            str(row["items"]),
            str(row["answered"]),
            str(row["met"]),
        ]
        for row in assess.summary(found).to_dict("records")
    ]


def _gap_rows(found: Assessment, plan: Plan, lang: str) -> list[list[str]]:
    rows = []
    for gap in assess.gaps(found, plan).to_dict("records"):
        item = found.criteria.item(gap["key"])
        rows.append(
            [
                f"{Note(KIND_NAMES[item.kind]).say(lang)} {item.number}\n{item.say(lang)}",
                _dimension(gap["dimension"], found.version, lang),
                _mark(gap["now"], item, lang),
                _mark(gap["target"], item, lang),
                _projects(found, plan, gap["key"], lang),
                number(gap["budget"]) if gap["projects"] else "–",
            ]
        )  # fmt: skip
    return rows


def _projects(found: Assessment, plan: Plan, key: str, lang: str) -> str:
    """Return the projects linked to a criterion, each kind once with its number of places, as lines."""
    linked = set(found.said(key).projects)
    names = Counter(without_place(r, lang) for r in plan.rows if r.row_id in linked)
    lines = [name if count == 1 else f"{name} (×{count})" for name, count in names.items()]
    return "\n".join(f"• {line}" for line in lines) or note("no project yet").say(lang)


SUMMARY_HEADS = (N_("Kind"), N_("Dimension"), N_("Criteria"), N_("Assessed"), N_("At target"))
GAP_HEADS = (N_("Criterion"), N_("Dimension"), N_("Now"), N_("Wanted"), N_("Projects of the plan"),
             N_("Baht, five years"))  # fmt: skip
ITEM_HEADS = (N_("Criterion"), N_("Now"), N_("Wanted"), N_("What shows it"), N_("Text"))


# ------------------------------------------------------------------------------ workbook


def write_xlsx(found: Assessment, plan: Plan, path: Path, lang: str = "th") -> Path:
    """Write the workbook: summary, criteria (readable by `planning.criteria.read_texts`), gaps."""
    book = Workbook()
    sheet = book.active
    sheet.title = translate(N_("Self-assessment"), lang)
    row = _title(sheet, found, translate(N_("Eco-industrial town self-assessment"), lang), lang, 5)
    for head, value in facts(found, plan, lang):
        cells.merged(sheet, (row, 1), (row, 2), head, bold=True, box=False)
        cells.merged(sheet, (row, 3), (row, 5), value, box=False)
        cells.fit_row(sheet, row, [(value, 42.0), (head, 60.0)])
        row += 1
    last = _grid(sheet, row + 1, [translate(h, lang) for h in SUMMARY_HEADS], _summary_rows(found, lang),
                 [26, 34, 14, 14, 14])  # fmt: skip
    _page(sheet, found, row + 1, last, 5, lang)
    _criteria_sheet(book, found, lang)
    gaps = book.create_sheet(translate(N_("Gaps and projects"), lang))
    row = _title(gaps, found, translate(N_("Gaps and projects"), lang), lang, 6)
    rows = _gap_rows(found, plan, lang) or [[note("No gap is marked yet.").say(lang), *[""] * 5]]
    last = _grid(gaps, row, [translate(h, lang) for h in GAP_HEADS], rows, [40, 22, 12, 12, 40, 16])
    _page(gaps, found, row, last, 6, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _criteria_sheet(book: Workbook, found: Assessment, lang: str) -> None:
    """Write the sheet whose first row names the columns in English, so that it can be loaded again."""
    sheet = book.create_sheet(translate(N_("Criteria"), lang))
    heads = [*COLUMNS, "now", "target", "evidence", "origin"]
    rows = [
        [
            item.kind, item.number, item.dimension, item.text_th, item.text_en,
            "" if item.level is None else str(item.level), item.source,
            _mark(said.now, item, lang), _mark(said.target, item, lang), said.evidence,
            translate(ORIGINS[item.origin], lang),
        ]
        for item in found.criteria.items
        for said in (found.said(item.key),)
    ]  # fmt: skip
    last = _grid(sheet, 1, heads, rows, [11, 9, 11, 44, 36, 8, 26, 12, 12, 30, 16])
    _page(sheet, found, 1, last, len(heads), lang)


def _title(sheet: Worksheet, found: Assessment, title: str, lang: str, columns: int) -> int:
    lines = [title, translate(OWN_WORDS, lang)]
    if found.simulated:
        lines.append(translate(N_("Simulated data: for practice only, not for a decision."), lang))
    for row, line in enumerate(lines, 1):
        colour = "FFB91C1C" if row == 3 else "FF1F2A2E"
        cells.merged(sheet, (row, 1), (row, columns), line, bold=row != 2, box=False, size=18 if row == 1 else 14,
                     colour=colour)  # fmt: skip
        cells.fixed_row(sheet, row, 27 if row == 1 else 22)
    return len(lines) + 1


def _grid(
    sheet: Worksheet, top: int, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> int:
    cells.heads(sheet, top, heads, widths)
    for index, row in enumerate(rows, top + 1):
        for column, text in enumerate(row, 1):
            cells.write(sheet, index, column, text)
        cells.fit_row(sheet, index, [(text, width) for text, width in zip(row, widths, strict=True)])
    return top + len(rows)


def _page(sheet: Worksheet, found: Assessment, header: int, last: int, columns: int, lang: str) -> None:
    page.paper(sheet, (header, header), last, columns)
    sheet.oddFooter.right.text = f'&"{cells.FONT},Regular"&12&P / &N'
    if found.simulated:
        sheet.oddHeader.left.text = f'&"{cells.FONT},Bold"&12{translate(N_("Simulated data"), lang)}'


# ------------------------------------------------------------------------------ document


def body(document: Any, found: Assessment, plan: Plan, lang: str) -> None:
    """Write the annex: facts, summary, gaps with projects, marks given, and what must be checked."""
    word.paragraph(document, translate(OWN_WORDS, lang))
    heads = [translate(N_("What"), lang), translate(N_("Stated"), lang)]
    word.table(document, heads, [list(f) for f in facts(found, plan, lang)], [70, 90], size=14)
    word.paragraph(document, translate(N_("What it adds up to"), lang), style="Heading 2")
    word.table(document, [translate(h, lang) for h in SUMMARY_HEADS], _summary_rows(found, lang),
               [42, 52, 22, 22, 22], align=["left", "left", "right", "right", "right"])  # fmt: skip
    word.paragraph(document, translate(N_("Gaps and projects"), lang), style="Heading 2")
    rows = _gap_rows(found, plan, lang)
    if rows:
        word.table(document, [translate(h, lang) for h in GAP_HEADS], rows, [36, 20, 15, 15, 56, 18],
                   align=["left", "left", "center", "center", "left", "right"], size=12)  # fmt: skip
    else:
        word.paragraph(document, note("No gap is marked yet.").say(lang))
    _marks(document, found, lang)
    for said in assess.problems(found):
        word.paragraph(document, said.say(lang), style="List Bullet", after=2)


def _marks(document: Any, found: Assessment, lang: str) -> None:
    word.paragraph(document, translate(N_("Marks given"), lang), style="Heading 2")
    for kind in KINDS[found.version]:
        items = [c for c in found.criteria.of(kind) if found.said(c.key) != assess.Answer()]
        if not items:
            continue
        word.paragraph(document, translate(KIND_NAMES[kind], lang), style="Heading 3")
        rows = [
            [
                f"{c.number} {c.say(lang)}", _mark(found.said(c.key).now, c, lang),
                _mark(found.said(c.key).target, c, lang), found.said(c.key).evidence,
                translate(ORIGINS[c.origin], lang),
            ]
            for c in items
        ]  # fmt: skip
        word.table(document, [translate(h, lang) for h in ITEM_HEADS], rows, [58, 17, 17, 46, 22],
                   align=["left", "center", "center", "left", "center"], size=12)  # fmt: skip


def write_docx(found: Assessment, plan: Plan, path: Path, lang: str = "th") -> Path:
    """Write the self-assessment as a document of its own."""
    document = word.new_document()
    title = translate(N_("Eco-industrial town self-assessment"), lang)
    if found.simulated:
        word.paragraph(document, translate(N_("Simulated data: for practice only, not for a decision."), lang),
                       bold=True, colour=word.RED)  # fmt: skip
    word.paragraph(document, title, style="Heading 1")
    body(document, found, plan, lang)
    word.numbered_foot(document, translate(N_("Page"), lang))
    return word.save(document, path, lang, title=title, author=found.author)
