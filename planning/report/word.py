"""Word documents in Thai: fonts for complex script, tables whose header repeats, pictures, captions.

Word takes Thai letters from the *complex script* font and size (``w:cs``, ``w:szCs``) and breaks lines by
the *bidi* language; python-docx sets none of these, so they are set on the styles here.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

FONT = "TH Sarabun New"
BODY, TABLE = 16, 12.5
INK = RGBColor(0x1F, 0x2A, 0x2E)
TEAL = RGBColor(0x0B, 0x5A, 0x54)
RED = RGBColor(0xB9, 0x1C, 0x1C)
WIDTH_MM = {False: 160.0, True: 257.0}
"""Room between the margins, portrait and landscape."""

ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def thai_font(style: Any, size: float, *, bold: bool = False, colour: RGBColor = INK) -> None:
    """Set a style's Latin and complex-script font, size, weight and language."""
    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = FONT, Pt(size), bold, colour
    style.font.italic = False
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for theme in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
    for old in ("w:szCs", "w:bCs", "w:lang"):
        for found in properties.findall(qn(old)):
            properties.remove(found)
    properties.append(_element("w:szCs", val=str(round(size * 2))))
    if bold:
        properties.append(_element("w:bCs"))
    properties.append(_element("w:lang", val="en-US", eastAsia="en-US", bidi="th-TH"))


def new_document() -> Document:
    """Return an empty A4 document whose styles are Thai."""
    document = docx.Document()
    styles = document.styles
    thai_font(styles["Normal"], BODY)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Normal"].paragraph_format.line_spacing = 1.0
    for name, size, colour in (
        ("Title", 28, TEAL),
        ("Heading 1", 22, TEAL),
        ("Heading 2", 18, INK),
        ("Heading 3", 16, INK),
    ):
        thai_font(styles[name], size, bold=True, colour=colour)
        styles[name].paragraph_format.space_before = Pt(14 if name != "Heading 3" else 8)
        styles[name].paragraph_format.space_after = Pt(4)
        styles[name].paragraph_format.keep_with_next = True
    for name, size in (("Caption", 14), ("Header", 13), ("Footer", 13), ("List Bullet", BODY)):
        thai_font(styles[name], size)
    styles["Caption"].paragraph_format.space_after = Pt(4)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    return document


def paragraph(
    document: Any,
    text: str,
    *,
    style: str | None = None,
    bold: bool = False,
    size: float | None = None,
    align: str = "left",
    colour: RGBColor | None = None,
    after: float | None = None,
) -> Paragraph:
    """Append a paragraph; sizes and weights are set for both scripts."""
    added: Paragraph = document.add_paragraph(style=style)
    run(added, text, bold=bold, size=size, colour=colour)
    added.alignment = ALIGN[align]
    if after is not None:
        added.paragraph_format.space_after = Pt(after)
    return added


def run(
    added: Paragraph, text: str, *, bold: bool = False, size: float | None = None, colour: RGBColor | None = None
) -> None:
    """Append a run of text to a paragraph; ``w:cs`` is left to the style."""
    piece = added.add_run(text)
    properties = piece._r.get_or_add_rPr()
    if bold:
        piece.bold = True
        properties.append(_element("w:bCs"))
    if size is not None:
        piece.font.size = Pt(size)
        properties.append(_element("w:szCs", val=str(round(size * 2))))
    if colour is not None:
        piece.font.color.rgb = colour


def _shade(cell: Any, colour: str) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=colour))


def _cell(cell: Any, text: str, align: str, size: float, *, bold: bool = False) -> None:
    lines = str(text).split("\n")
    for number, line in enumerate(lines):
        target = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        target.paragraph_format.space_after = Pt(0)
        target.paragraph_format.line_spacing = 1.0
        target.alignment = ALIGN[align]
        run(target, line, bold=bold, size=size)


def bookmark(added: Paragraph, number: int) -> None:
    """Put a bookmark around a heading, for `contents_line` of the same number."""
    start = _element("w:bookmarkStart", id=str(number))
    start.set(qn("w:name"), f"part{number}")
    added._p.insert_element_before(start, "w:r")
    added._p.append(_element("w:bookmarkEnd", id=str(number)))


def contents_line(document: Any, title: str, number: int) -> None:
    """Append a line of the contents list: title, dots, and the page of a bookmark.

    The page is a field: Word and LibreOffice fill it in when they open the document, since only they know the pages.
    """
    line = paragraph(document, title + "\t", after=2)
    line.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM[False]), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    page = _element("w:fldSimple", instr=f" PAGEREF part{number} \\h ", dirty="true")
    unknown = _element("w:r")
    unknown.append(_element("w:t"))
    unknown[0].text = "–"
    page.append(unknown)
    line._p.append(page)


def table(
    document: Any,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float],
    *,
    align: Sequence[str] | None = None,
    size: float = TABLE,
    sizes: Sequence[float] = (),
    last_bold: bool = False,
    merge: Mapping[int, Sequence[tuple[int, int]]] = MappingProxyType({}),
) -> None:
    """Append a table: header row repeated on each page, rows not split, widths fixed.

    Parameters
    ----------
    align : sequence of {"left", "center", "right"}, optional
        One a column; left by default.
    sizes : sequence of float, optional
        Point size of each column; `size` for all by default.
    last_bold : bool
        The last row is a sum.
    merge : mapping of int to (first, last) columns
        Cells of a row (from 0) that become one; the text is the first one's.
    """
    columns = align or ["left"] * len(headings)
    grid = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="60", type="dxa"))
    grid._tbl.tblPr.append(margins)
    head = grid.rows[0]
    head._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    for cell, text in zip(head.cells, headings, strict=True):
        _cell(cell, text, "center", size - 1, bold=True)
        _shade(cell, "EEF1EC")
    for number, row in enumerate(rows, 1):
        added = grid.add_row()
        for cell, text, side, points in zip(added.cells, row, columns, sizes or [size] * len(row), strict=True):
            _cell(cell, text, side, points, bold=last_bold and number == len(rows))
    for column, width in zip(grid.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)
    for number, spans in merge.items():
        cells = grid.rows[number + 1].cells
        for first, last in spans:
            one = cells[first].merge(cells[last])
            for empty in one.paragraphs[1:]:
                empty._p.getparent().remove(empty._p)
            one.paragraphs[0].alignment = ALIGN["center"]
    spacer = document.add_paragraph()
    spacer.paragraph_format.space_after = Pt(0)
    spacer.paragraph_format.line_spacing = Pt(6)


def page_break(document: Any) -> None:
    """Begin a new page."""
    document.add_page_break()


def caption(document: Any, text: str) -> None:
    """Append the line above a table or below a picture."""
    paragraph(document, text, style="Caption").paragraph_format.keep_with_next = True


def source_line(document: Any, text: str) -> None:
    """Append the small line that says unit, period and source."""
    paragraph(document, text, size=12, after=8)


def picture(document: Any, png: bytes, width_mm: float, alternative: str) -> None:
    """Append a picture, centred, with a text for those who don't see it."""
    document.add_picture(io.BytesIO(png), width=Mm(width_mm))
    added = document.paragraphs[-1]
    added.alignment = WD_ALIGN_PARAGRAPH.CENTER
    added.paragraph_format.space_after = Pt(2)
    added.paragraph_format.keep_with_next = True
    for properties in added._p.iter(qn("wp:docPr")):
        properties.set("descr", alternative)


def turn(document: Document, landscape: bool) -> None:
    """Begin a new section, upright or landscape."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    long, short = Mm(297), Mm(210)
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    section.left_margin = section.right_margin = Mm(20 if landscape else 25)


def describe(document: Document, lang: str, *, title: str, author: str = "") -> None:
    """Set the file's own title, author and language."""
    properties = document.core_properties
    properties.title, properties.author = title[:250], author or "EcoTown Air"
    properties.language = "th-TH" if lang == "th" else "en-US"


def save(document: Document, path: Path, lang: str, *, title: str, author: str = "") -> Path:
    """Write the document with its title, author and language; its folder is made where it isn't there."""
    describe(document, lang, title=title, author=author)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def numbered_foot(document: Document, before: str) -> None:
    """Write a word and the number of the page at the right of every foot."""
    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = ALIGN["right"]
    page_number(foot, before)


def page_number(added: Paragraph, before: str, size: float = 13) -> None:
    """Append a page-number field after some words."""
    run(added, f"{before} ", size=size)
    piece = added.add_run()
    piece.font.size = Pt(size)
    piece._r.get_or_add_rPr().append(_element("w:szCs", val=str(round(size * 2))))
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            piece._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            instruction = _element("w:instrText")
            instruction.text = text
            piece._r.append(instruction)
