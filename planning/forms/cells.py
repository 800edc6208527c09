"""Cells of a Thai form: font, borders, and rows high enough for their text.

Spreadsheet programs break Thai lines by dictionary, and not all of them fit rows by themselves. Row
heights are therefore estimated from the glyph widths of the vendored font and stored as a
suggestion (without ``customHeight``), so that a program that does fit rows still may.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import ceil
from pathlib import Path

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet
from PIL import ImageFont

FONT = "TH Sarabun New"
"""The government's document font; programs without it fall back to another Thai font."""

SIZE = 14
MAX_HEIGHT = 400.0
"""Points; a spreadsheet row cannot be higher than 409."""

TO_FILL = PatternFill("solid", fgColor="FFF8DC")
HEADER = PatternFill("solid", fgColor="EEF1EC")
_SIDE = Side(style="thin", color="FF1F2A2E")
BOX = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
MONEY = '#,##0;[Red]-#,##0;"-"'

_FILE = Path(__file__).resolve().parents[2] / "static" / "fonts" / "Sarabun-Regular.ttf"
# TH Sarabun is narrower than the Sarabun on file, but the fonts that stand in for it where it is not
# installed are as wide: the estimate holds for them too.
_POINTS_PER_CHARACTER = 5.25


class FittedRow(RowDimension):  # type: ignore[misc]
    """A row with a suggested height that the program may change, which openpyxl cannot say itself."""

    @property
    def customHeight(self) -> bool:
        """Return False: the height is an estimate, not a wish."""
        return False


@cache
def _measure() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FILE), 100, layout_engine=ImageFont.Layout.BASIC)


def heads(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
    """Write the heading of a table, and set the widths of its columns (characters)."""
    for column, (text, width) in enumerate(zip(texts, widths, strict=True), 1):
        write(sheet, row, column, text, bold=True, align="center", vertical="center").fill = HEADER
        sheet.column_dimensions[get_column_letter(column)].width = width
    fit_row(sheet, row, list(zip(texts, widths, strict=True)))


def text_width(text: str, size: float = SIZE) -> float:
    """Return the estimated width of one line of text in points."""
    return float(_measure().getlength(text)) / 100 * size


def lines_needed(text: str, width: float, size: float = SIZE) -> int:
    """Return how many lines a text takes in a column of `width` characters."""
    # A line ends at a word: some of its room stays empty.
    room = max((width * _POINTS_PER_CHARACTER - 6) * 0.92, 10.0)
    return sum(max(1, ceil(text_width(line, size) / room)) for line in str(text).split("\n"))


def line_height(size: float) -> float:
    """Return the height of a line in points: Thai needs room above and below."""
    return size * 1.5


def fit_row(sheet: Worksheet, index: int, texts: list[tuple[str, float]]) -> None:
    """Suggest the height of a row from its texts and their column widths; shrink what cannot fit.

    Parameters
    ----------
    texts : list of (text, width in characters)
    """
    for size in (SIZE, 12, 11, 10, 9, 8):
        lines = max((lines_needed(text, width, size) for text, width in texts), default=1)
        height = (lines + 0.15) * line_height(size)
        if height <= MAX_HEIGHT:
            break
    if size != SIZE:
        for cell in sheet[index]:
            cell.font = Font(name=FONT, size=size, bold=cell.font.b, color=cell.font.color)
    sheet.row_dimensions[index] = FittedRow(sheet, index=index, ht=min(height, MAX_HEIGHT))


def fixed_row(sheet: Worksheet, index: int, height: float) -> None:
    """Set the height of a row of single-line text."""
    sheet.row_dimensions[index].height = height


def write(
    sheet: Worksheet,
    row: int,
    column: int,
    value: object,
    *,
    bold: bool = False,
    size: float = SIZE,
    align: str = "left",
    vertical: str = "top",
    box: bool = True,
    wrap: bool = True,
    colour: str = "FF1F2A2E",
) -> Cell:
    """Write one cell with its Thai font, and return it.

    Text that begins with ``=``, ``+``, ``-`` or ``@`` came from a person and stays text; a formula of
    the form itself is written with `formula`.
    """
    cell: Cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.font = Font(name=FONT, size=size, bold=bold, color=colour)
    cell.alignment = Alignment(horizontal=align, vertical=vertical, wrap_text=wrap)
    if box:
        cell.border = BOX
    return cell


def formula(
    sheet: Worksheet, row: int, column: int, text: str, *, style: str = MONEY, align: str = "right", bold: bool = True
) -> Cell:
    """Write a formula cell; its figure shrinks rather than turning into ``###``."""
    cell = write(sheet, row, column, None, bold=bold, align=align, vertical="center")
    cell.value = text
    cell.number_format = style
    cell.alignment = Alignment(horizontal=align, vertical="center", shrink_to_fit=True)
    return cell


def money(sheet: Worksheet, row: int, column: int, amount: int | None) -> Cell:
    """Write an amount in baht; an amount that is not set is left empty and marked to be filled."""
    cell = write(sheet, row, column, amount, align="right")
    cell.number_format = MONEY
    cell.alignment = Alignment(horizontal="right", vertical="top", shrink_to_fit=True)
    if amount is None:
        cell.fill = TO_FILL
    return cell


def merged(sheet: Worksheet, first: tuple[int, int], last: tuple[int, int], value: object, **style: object) -> Cell:
    """Merge a rectangle of cells (row, column), write its value, and give every cell font and border."""
    for row in range(first[0], last[0] + 1):
        for column in range(first[1], last[1] + 1):
            write(sheet, row, column, None, **style)  # type: ignore[arg-type]
    cell = write(sheet, first[0], first[1], value, **style)  # type: ignore[arg-type]
    if first != last:
        sheet.merge_cells(start_row=first[0], start_column=first[1], end_row=last[0], end_column=last[1])
    return cell
