"""Excel workbooks: merged headers, headers of two rows, several sheets."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import xlrd
from xlrd.compdoc import CompDocError

from geo.readers import names
from geo.readers.model import Options, Raw
from geo.readers.texts import unique
from language import UserError, note

_Grid = list[list[Any]]
_HEADER_ROWS = 20


def read_xlsx(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return the sheet of an .xlsx file that fits best."""
    try:
        # read_only is faster by far but knows no merged cells; those matter in the header alone.
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content)) if _has_formulas(content) else book
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise UserError("{file} is damaged or protected: Excel's content cannot be read.", file=name) from error
    grids = {sheet.title: _grid_xlsx(sheet, written[sheet.title]) for sheet in book.worksheets}
    return _best(grids, name, "Excel (.xlsx)", kind, options)


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<f[ >]", archive.read(name)) for name in sheets)


def _grid_xlsx(sheet: Any, written: Any) -> _Grid:
    grid = [list(row) for row in sheet.iter_rows(values_only=True)]
    if written is not sheet:
        # ="0630" written by a program has no computed value: its text is its value.
        for r, row in enumerate(written.iter_rows(values_only=True)):
            for c, cell in enumerate(row):
                if grid[r][c] is None and isinstance(cell, str) and cell.startswith('="'):
                    grid[r][c] = cell
    for area in sheet.merged_cells.ranges:
        if area.min_row <= _HEADER_ROWS:
            _fill(grid, area.min_row - 1, area.max_row, area.min_col - 1, area.max_col)
    return grid


def _fill(grid: _Grid, top: int, bottom: int, left: int, right: int) -> None:
    value = grid[top][left]
    for r in range(top, min(bottom, len(grid))):
        for c in range(left, min(right, len(grid[r]))):
            grid[r][c] = value


def read_xls(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return the sheet of an old .xls file that fits best."""
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=False)
    except (xlrd.XLRDError, CompDocError, struct.error, AssertionError, IndexError, UnicodeDecodeError) as error:
        raise UserError("{file} is damaged or protected: Excel's content cannot be read.", file=name) from error
    grids = {sheet.name: _grid_xls(sheet, book.datemode) for sheet in book.sheets()}
    return _best(grids, name, "Excel (.xls)", kind, options)


def _grid_xls(sheet: Any, datemode: int) -> _Grid:
    def value(cell: Any) -> Any:
        if cell.ctype == xlrd.XL_CELL_EMPTY or cell.ctype == xlrd.XL_CELL_BLANK or cell.value == "":
            return None
        if cell.ctype == xlrd.XL_CELL_DATE and cell.value >= 1:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        return cell.value

    grid = [[value(cell) for cell in sheet.row(r)] for r in range(sheet.nrows)]
    for top, bottom, left, right in sheet.merged_cells:
        if top < _HEADER_ROWS:
            _fill(grid, top, bottom, left, right)
    return grid


def _best(grids: dict[str, _Grid], name: str, what: str, kind: str, options: Options) -> Raw:
    if options.layer and options.layer not in grids:
        raise UserError(
            "{file} has no sheet {sheet}. Sheets: {sheets}.", file=name, sheet=options.layer, sheets=", ".join(grids)
        )
    filled = {title: grid for title, grid in grids.items() if any(_texts(row) for row in grid)}
    if options.layer:
        filled = {options.layer: grids[options.layer]}
    if not filled:
        raise UserError("{file} is empty.", file=name)
    heads = {title: _header(grid, kind) for title, grid in filled.items()}
    title = max(heads, key=lambda t: (heads[t][2], len(filled[t])))
    first, columns, _ = heads[title]
    raw = _raw(filled[title], first, columns, name, what, options)
    if len(filled) > 1:
        raw.notes.append(
            note(
                "Sheet {sheet} was read; the workbook also has: {others}.",
                sheet=title,
                others=", ".join(t for t in filled if t != title),
            )
        )
    return raw


def _texts(row: list[Any]) -> list[str]:
    return [str(c).strip() for c in row if c is not None and str(c).strip()]


def _header(grid: _Grid, kind: str) -> tuple[int, list[str], int]:
    """Return the first data row (0-based), the column names and how well they fit."""
    width = max(len(row) for row in grid)
    rows = [[*row, *[None] * (width - len(row))] for row in grid[:_HEADER_ROWS]]
    best: tuple[int, list[str], int] = (1, unique(["" if c is None else str(c) for c in rows[0]]), -1)
    for i, row in enumerate(rows):
        for depth in (1, 2):
            if i + 1 < depth:
                continue
            columns = unique(_headings(rows[i - depth + 1 : i + 1]))
            fit = names.score(kind, columns) if len(_texts(row)) > 1 or width == 1 else 0
            if fit > best[2]:
                best = (i + 1, columns, fit)
    if best[2] <= 0:
        i = next((i for i, row in enumerate(rows) if len(_texts(row)) > width / 2), 0)
        return i + 1, unique(["" if c is None else str(c) for c in rows[i]]), 0
    return best


def _headings(rows: list[list[Any]]) -> list[str]:
    """Return one name a column from one or two header rows; merged cells repeat their text."""
    last = ["" if c is None else str(c).strip() for c in rows[-1]]
    if len(rows) == 1:
        return last
    over = ["" if c is None else str(c).strip() for c in rows[0]]
    result = []
    for top, sub in zip(over, last, strict=True):
        if not sub or sub == top:
            result.append(top or sub)
        else:
            # The same sub-heading under two headings needs both words.
            result.append(f"{top} {sub}" if top and last.count(sub) > 1 else sub)
    return result


def _raw(grid: _Grid, first: int, columns: list[str], name: str, what: str, options: Options) -> Raw:
    width = len(columns)
    numbered = [
        (i, [*row[:width], *[None] * (width - len(row))])
        for i, row in enumerate(grid[first:], first + 1)
        if _texts(row)
    ]
    if options.limit:
        numbered = numbered[: options.limit]
    cells = [row for _, row in numbered]
    frame = pd.DataFrame(cells, columns=columns, dtype=object)
    filled = [i for i, c in enumerate(columns) if not c.startswith("column ") or frame.iloc[:, i].notna().any()]
    frame = frame.iloc[:, filled]
    raw = Raw(name, what, frame, np.array([i for i, _ in numbered], dtype="int64"))
    if first > 1:
        raw.notes.append(note("The header is in row {row}; the lines above it were skipped.", row=first))
    return raw
