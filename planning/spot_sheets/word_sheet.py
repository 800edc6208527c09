"""The sheet of a hotspot as a Word document (A4, two pages)."""

from __future__ import annotations

import io

from docx.shared import Mm

from language import N_, translate
from planning.report import word
from planning.spot_sheets.content import Sheet

MAP_MM, CHART_MM = 128.0, 104.0
"""Widths of the pictures: with them the sheet fills two pages."""


def docx(sheet: Sheet) -> bytes:
    """Return the sheet as the bytes of a .docx file."""
    document = word.new_document()
    section = document.sections[0]
    section.left_margin = section.right_margin = Mm(17)
    section.top_margin, section.bottom_margin = Mm(14), Mm(14)
    if sheet.simulated:
        word.paragraph(document, sheet.simulated, bold=True, colour=word.RED, after=0)
    word.paragraph(document, sheet.title, bold=True, size=24, colour=word.TEAL, after=0)
    word.paragraph(document, sheet.lead, size=17, after=4)
    _facts(document, sheet)
    word.picture(document, sheet.map.png, MAP_MM, sheet.map.caption)
    word.source_line(document, sheet.foot)
    for heading, sentences in sheet.parts:
        word.paragraph(document, heading, style="Heading 3", after=0)
        word.paragraph(document, " ".join(sentences), size=14, after=0)
    for chart in sheet.charts:
        word.picture(document, chart.png, CHART_MM, chart.caption)
        document.paragraphs[-1].paragraph_format.keep_with_next = False
    _sources(document, sheet)
    foot = section.footer.paragraphs[0]
    word.run(foot, f"EcoTown Air · {sheet.title}", size=12)
    if sheet.simulated:
        word.run(foot, f" · {sheet.simulated}", bold=True, size=12, colour=word.RED)
    word.describe(document, sheet.lang, title=sheet.title)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _facts(document: object, sheet: Sheet) -> None:
    """Write the figures in two columns of names and values."""
    half = -(-len(sheet.facts) // 2)
    left, right = sheet.facts[:half], sheet.facts[half:]
    right = [*right, *[("", "")] * (half - len(right))]
    rows = [[*a, *b] for a, b in zip(left, right, strict=True)]
    heads = [translate(N_("Figure"), sheet.lang), translate(N_("Value"), sheet.lang)] * 2
    word.table(document, heads, rows, [42, 58, 36, 40], size=11)


def _sources(document: object, sheet: Sheet) -> None:
    word.paragraph(document, translate(N_("Likely sources"), sheet.lang), style="Heading 3", after=0)
    word.paragraph(document, sheet.sources_words[0], bold=True, size=14, after=3)
    if sheet.sources:
        align = ["center", "left", "right", "center", "right"]
        word.table(document, sheet.headings, sheet.sources, [13, 93, 22, 24, 24], align=align, size=12)
    for words in sheet.sources_words[1:]:
        word.source_line(document, words)
