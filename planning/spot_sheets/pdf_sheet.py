"""The sheet of a hotspot as a PDF: pages of exact size (A4, upright), drawn with the vendored Thai font."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import ImageDraw

from geo import palettes
from language import N_, note, translate
from planning.maps import font, wrap
from planning.paper import PER_MM, SIZE, Paper
from planning.spot_sheets.content import Sheet

EDGE = round(13 * PER_MM)
FOOT = round(16 * PER_MM)
RED = palettes.ZONE_CLASSES["urgent"]


class _Marked(Paper):
    """The sheet's paper, marked where the data are simulated."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        super().__init__(EDGE, FOOT)

    def turn(self) -> None:
        """Begin a page."""
        super().turn()
        if self.sheet.simulated:
            self.y += 34
            self.draw.text(
                (SIZE[0] - EDGE, EDGE - 20), self.sheet.simulated, font=font(38, True), fill=RED, anchor="ra"
            )

    def text(self, words: str, size: int, *, bold: bool = False, colour: str = palettes.INK, gap: float = 0.0) -> None:
        """Write a paragraph."""
        lines = wrap(words, font(size, bold), self.width)
        self.room(len(lines) * size * 1.5)
        for line in lines:
            self.draw.text((EDGE, self.y), line, font=font(size, bold), fill=colour)
            self.y += size * 1.5
        self.y += gap

    def table(self, rows: Sequence[Sequence[str]], shares: Sequence[float], size: int, *, right: Sequence[int]) -> None:
        """Write rows; the first is the heading. `shares` of the width; `right`: columns set to the right."""
        width = self.width
        for number, row in enumerate(rows):
            face = font(size, number == 0)
            cells = [wrap(text, face, width * share - 24) for text, share in zip(row, shares, strict=True)]
            height = max(map(len, cells)) * size * 1.45 + 14
            self.room(height)
            if number == 0:
                self.draw.rectangle((EDGE, self.y, EDGE + width, self.y + height), fill="#EEF1EC")
            x = float(EDGE)
            for column, (lines, share) in enumerate(zip(cells, shares, strict=True)):
                for k, line in enumerate(lines):
                    at, anchor = (x + width * share - 12, "ra") if column in right else (x + 12, "la")
                    self.draw.text(
                        (at, self.y + 4 + k * size * 1.45), line, font=face, fill=palettes.INK, anchor=anchor
                    )
                x += width * share
            self.y += height
            self.draw.line((EDGE, self.y, EDGE + width, self.y), fill=palettes.LINE, width=2)
        self.y += 18


def pdf(sheet: Sheet) -> bytes:
    """Return the sheet as the bytes of a .pdf file."""
    paper = _Marked(sheet)
    paper.text(sheet.title, 56, bold=True, colour=palettes.PRIMARY)
    paper.text(sheet.lead, 40, gap=8)
    _facts(paper, sheet)
    paper.picture(sheet.map.png, after=22)
    for heading, sentences in sheet.parts:
        paper.text(heading, 38, bold=True)
        paper.text(" ".join(sentences), 33, gap=10)
    paper.turn()
    for chart in sheet.charts:
        paper.picture(chart.png, 0.74, after=22)
    paper.text(translate(N_("Likely sources"), sheet.lang), 42, bold=True)
    paper.text(sheet.sources_words[0], 32, bold=True, gap=10)
    if sheet.sources:
        paper.table([sheet.headings, *sheet.sources], [0.07, 0.57, 0.11, 0.12, 0.13], 28, right=(2, 4))
    for words in sheet.sources_words[1:]:
        paper.text(words, 28, gap=8)
    _feet(paper)
    return paper.pdf(sheet.title)


def _facts(paper: _Marked, sheet: Sheet) -> None:
    """Write names and values in two columns."""
    column = paper.width / 2
    half = -(-len(sheet.facts) // 2)
    for pair in zip(sheet.facts[:half], [*sheet.facts[half:], ("", "")], strict=False):
        tall = 0.0
        for side, (name, value) in enumerate(pair):
            x = EDGE + side * column
            paper.draw.text((x, paper.y), name, font=font(27), fill="#46565B")
            lines = wrap(value, font(33, True), column - 40)
            for k, line in enumerate(lines):
                paper.draw.text((x, paper.y + 38 + k * 47), line, font=font(33, True), fill=palettes.INK)
            tall = max(tall, 38 + 47 * len(lines))
        paper.y += tall + 8
    paper.y += 10


def _feet(paper: _Marked) -> None:
    """Write at the foot of every page what its figures are, and its number."""
    sheet = paper.sheet
    for number, page in enumerate(paper.pages, 1):
        draw = ImageDraw.Draw(page)
        y = SIZE[1] - EDGE - FOOT + 26
        draw.line((EDGE, y - 10, SIZE[0] - EDGE, y - 10), fill=palettes.LINE, width=2)
        for line in wrap(sheet.foot, font(27), paper.width)[:2]:
            draw.text((EDGE, y), line, font=font(27), fill=palettes.INK)
            y += 42
        pages = note("Page {number} of {total}", number=number, total=len(paper.pages)).say(sheet.lang)
        draw.text((EDGE, y), f"EcoTown Air · {pages}", font=font(27), fill=palettes.INK)
