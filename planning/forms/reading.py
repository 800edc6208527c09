"""Rows of a plan from an existing ผ.02 workbook, with a sentence for what was not understood.

Question it answers: an office has its projects in a workbook already; which of them can be taken over?

1. Every sheet is searched for a header: a row with ``โครงการ`` (or ``ครุภัณฑ์``) and, within three rows, five years.
2. Columns are told by their heading, in any order; years are Thai or Arabic digits.
3. Below it each row with a name is a project, until the sums (``รวม…``). ``-`` is zero, numbers may be text with
   commas, cells may have several lines, and numbering may begin anew after an amendment.
4. What can't be read is a note with sheet and row; the good rows are kept.

Scope cuts: text boxes over cells are not seen (a note can't be given for what the file's cells don't hold).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from language import Note, UserError, note
from planning.rows import THAI_DIGITS, PlanRow, clean_text, parse_budget

HEADINGS = (
    ("reason", ("เหตุผลความจำเป็น",)),
    ("owner", ("หน่วยงาน",)),
    ("result", ("ผลที่คาดว่า",)),
    ("kpi", ("ตัวชี้วัด", "kpi")),
    ("objective", ("วัตถุประสงค์",)),
    ("target", ("เป้าหมาย",)),
    ("programme", ("แผนงาน",)),
    ("equipment", ("ประเภท",)),
    ("number", ("ที่", "ลำดับ")),
    ("project", ("โครงการ", "ครุภัณฑ์")),
)
"""Row field -> what its heading begins with, the more telling ones first."""

FORM_STAMPS = (("p02-1", "ผ.02/1"), ("p02-2", "ผ.02/2"), ("p03", "ผ.03"), ("p03", "ผ.08"), ("p02", "ผ.02"))
LABELS = (("programme", "แผนงาน"), ("strategy", "ยุทธศาสตร์การพัฒนาขององค์กรปกครองส่วนท้องถิ่น"), ("tactic", "กลยุทธ์"),
          ("issue", "ประเด็นการพัฒนาท้องถิ่น"))  # fmt: skip
_YEAR = re.compile(r"25[5-9]\d")
_DOTS = re.compile(r"[.…]{3,}")


@dataclass(frozen=True)
class Read:
    """What a workbook held: rows, the first year of its round (None where no table was found), and notes."""

    rows: tuple[PlanRow, ...]
    round: int | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Header:
    first: int
    last: int
    columns: dict[str, int]
    years: dict[int, int]


def read_workbook(path: Path) -> Read:
    """Read the projects of a workbook's sheets.

    Parameters
    ----------
    path : Path
        An .xlsx file; another kind is refused in words.
    """
    try:
        book = load_workbook(path, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise UserError(
            "{file} is not an Excel workbook (.xlsx); open it in a spreadsheet program and save it as .xlsx.",
            file=path.name,
        ) from error
    rows: list[PlanRow] = []
    notes: list[Note] = []
    first_year: int | None = None
    for sheet in book.worksheets:
        cells = [[_text(v) for v in line] for line in sheet.iter_rows(values_only=True, **_used(sheet))]
        headers = _headers(cells)
        if not headers:
            notes.append(note("Sheet {sheet}: no project table found, left out.", sheet=sheet.title, level="info"))
            continue
        for at, header in enumerate(headers):
            end = headers[at + 1].first if at + 1 < len(headers) else len(cells)
            year = min(header.years)
            if first_year is None:
                first_year = year
            elif year != first_year:
                notes.append(
                    note(
                        "Sheet {sheet}: its years begin in {year}, not {first}; left out.",
                        level="warning", sheet=sheet.title, year=year, first=first_year,
                    )
                )  # fmt: skip
                continue
            rows += _table(cells, header, end, sheet.title, len(rows), notes)
    if not rows:
        notes.append(note("No project was found in this workbook.", level="warning"))
    return Read(tuple(rows), first_year, tuple(notes))


def _used(sheet: Any) -> dict[str, int]:
    """Return the cells to look at: a workbook may claim a million rows."""
    return {"max_row": min(sheet.max_row, 5000), "max_col": min(sheet.max_column, 60)}


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_text(value)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).translate(THAI_DIGITS).lower()


def _headers(cells: list[list[str]]) -> list[_Header]:
    """Return the headers of a sheet, from above."""
    found: list[_Header] = []
    row = 0
    while row < len(cells):
        columns = _columns(cells[row])
        if "project" in columns or ("equipment" in columns and "target" in columns):
            years: dict[int, int] = {}
            below = row
            for line in range(row, min(row + 3, len(cells))):
                here: dict[int, int] = {}
                for column, text in enumerate(cells[line]):
                    if match := _YEAR.search(_squeezed(text)):
                        here.setdefault(int(match[0]), column)  # the second block is the budget ordinance's
                if len(here) >= 5 and not years:
                    first = min(here, key=lambda y: here[y])
                    years = {y: here[y] for y in range(first, first + 5) if y in here}
                    below = line
            if len(years) == 5:
                for line in range(row + 1, below + 1):
                    columns = {**_columns(cells[line]), **columns}
                found.append(_Header(row, below, columns, years))
                row = below
        row += 1
    return found


def _columns(line: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, text in enumerate(line):
        said = _squeezed(text)
        for name, begins in HEADINGS:
            if said.startswith(begins) and len(said) < 60 and name not in columns:
                # "โครงการ" heads a column; "โครงการก่อสร้าง…" is a project.
                if name in {"project", "number"} and said not in begins and said not in {"ลำดับที่", "ชื่อโครงการ"}:
                    continue
                columns[name] = index
                break
    return columns


def _table(
    cells: list[list[str]], header: _Header, end: int, sheet: str, taken: int, notes: list[Note]
) -> list[PlanRow]:
    form = _form(cells[: header.first], sheet)
    labels = _labels(cells[: header.first])
    name_at = header.columns.get("project", header.columns.get("equipment", 1))
    rows: list[PlanRow] = []
    for index in range(header.last + 1, end):
        line = cells[index]
        name = line[name_at] if name_at < len(line) else ""
        begins = next((t for t in line if t), "")
        if begins.startswith("รวม"):
            if rows:
                break
            continue
        if not name or name.startswith("(") or _squeezed(name) in {"โครงการ", "ครุภัณฑ์"}:
            money = [line[i] for i in header.years.values() if i < len(line) and line[i]]
            if any(_money(m)[0] for m in money):
                notes.append(
                    note("Sheet {sheet}, row {row}: amounts without a project name, left out.", level="warning",
                         sheet=sheet, row=index + 1)
                )  # fmt: skip
            continue
        rows.append(_row(line, header, form, labels, name, f"read-{taken + len(rows) + 1}", sheet, index + 1, notes))
    return rows


def _row(
    line: list[str], header: _Header, form: str, labels: dict[str, str], name: str, row_id: str, sheet: str, at: int,
    notes: list[Note],
) -> PlanRow:  # fmt: skip
    amounts = []
    for year, column in header.years.items():
        typed = line[column] if column < len(line) else ""
        amount, understood = _money(typed)
        if not understood:
            notes.append(
                note(
                    "Sheet {sheet}, row {row}: “{typed}” in {year} is not an amount; the cell is left empty.",
                    level="warning", sheet=sheet, row=at, typed=typed, year=year,
                )
            )  # fmt: skip
        amounts.append(amount)
    texts = {
        field: line[column]
        for field, column in header.columns.items()
        if field not in {"number", "project"} and column < len(line) and line[column]
    }
    return PlanRow(
        row_id,
        re.sub(r"\s*\n\s*", " ", name),
        budgets=tuple(amounts),
        form=form,
        **{**labels, **texts},  # type: ignore[arg-type]
    )


def _money(typed: str) -> tuple[int | None, bool]:
    """Return an amount and whether the cell was understood."""
    try:
        return parse_budget(typed.replace("\n", " ").replace("—", "-")), True
    except UserError:
        return None, False


def _form(above: list[list[str]], sheet: str) -> str:
    words = _squeezed(" ".join([sheet.replace("-", "/"), *(t for line in above for t in line)]))
    return next((form for form, stamp in FORM_STAMPS if stamp in words), "p02")


def _labels(above: list[list[str]]) -> dict[str, str]:
    """Return แผนงาน, strategy, tactic and issue from the last lines above a table that name them."""
    found: dict[str, str] = {}
    for line in above:
        text = " ".join(t for t in line if t)
        for name, label in LABELS:
            if text.startswith(label) and not text.startswith("แผนงานที่"):
                said = _DOTS.sub("", text.removeprefix(label).lstrip(" :：")).strip()
                if said:
                    found[name] = f"แผนงาน{said}" if name == "programme" else said
    return found
