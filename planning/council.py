"""The yearly progress page for the council: what was measured since each project began, on paper.

Question it answers: the money is spent; what can the mayor tell the council, and what not yet?

1. A table: project, start, stations, 24-hour means before and since, change with its range, verdict in words.
2. A picture for each project: measured, and expected without the measure.
3. What the figures rest on, and what must not be concluded from them.

`write_docx` gives a document to edit, `pdf` the same pages as pictures of exact size (letters can't be searched).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo import palettes
from language import N_, Note, UserError, day, note, number, translate, unit
from planning import charts, maps
from planning.paper import PER_MM, SIZE, Paper
from planning.progress import Progress, sentences
from planning.report import word

EDGE_MM = 16.0
HEADS = (N_("Project"), N_("Start"), N_("Stations / controls"), N_("Mean before / since (µg/m³)"),
         N_("Change, weather taken off (95 % range)"), N_("Verdict"))  # fmt: skip
VERDICTS = {"less": N_("helped"), "more": N_("got worse"), "unclear": N_("can’t tell yet")}


@dataclass(frozen=True)
class Entry:
    """A project and what was measured; ``problem`` says why nothing could be."""

    name: str
    found: Progress | None
    problem: UserError | None = None


@dataclass(frozen=True)
class Page:
    """The council's page.

    Attributes
    ----------
    office : str
    until : date
        Last day with readings that count.
    entries : tuple of Entry
    simulated : bool
    """

    office: str
    until: date
    entries: tuple[Entry, ...]
    simulated: bool

    def title(self, lang: str) -> str:
        """Return the page's title."""
        return note("Progress of the dust projects, readings until {day}", day=day(self.until, lang)).say(lang)


def row(entry: Entry, lang: str) -> list[str]:
    """Return a project as cells of the table."""
    if entry.found is None:
        told = entry.problem.say(lang) if entry.problem else "–"
        return [entry.name, "–", "–", "–", "–", told]
    seen, project = entry.found.effect, entry.found.project
    return [
        entry.name,
        day(project.start, lang),
        f"{len(entry.found.affected)} / {len(entry.found.controls)}",
        f"{number(seen.mean_before, 1)} / {number(seen.mean_after, 1)}",
        note("{change} % ({low} to {high} %)", change=f"{100 * seen.change:+.0f}", low=f"{100 * seen.lower:+.0f}",
             high=f"{100 * seen.upper:+.0f}").say(lang),
        translate(VERDICTS[seen.verdict], lang),
    ]


def rows(page: Page, lang: str) -> list[list[str]]:
    """Return the table's rows; one that says so where no project is followed."""
    return [row(entry, lang) for entry in page.entries] or [[note("No project is followed yet.").say(lang), *[""] * 5]]


def closing() -> list[Note]:
    """Return what must be said under the table."""
    return [
        note(
            "The change compares the stations near each project with stations farther away, with weather taken off; "
            "the plain means before and since also hold haze and season."
        ),
        note("“Can’t tell yet” means that the change could be chance; it does not mean that nothing changed."),
    ]


def picture(entry: Entry, lang: str) -> bytes | None:
    """Return a project's chart, None where nothing could be measured."""
    if entry.found is None:
        return None
    series = entry.found.effect.series
    return charts.before_after(
        list(series.index), [float(v) for v in series["observed"]], [float(v) for v in series["expected"]],
        entry.found.project.start, title=note("24-hour mean at the project’s stations").say(lang), unit=unit(lang),
        lang=lang,
    )  # fmt: skip


# ------------------------------------------------------------------------------ document


def write_docx(page: Page, path: Path, lang: str = "th") -> Path:
    """Write the page as a Word document."""
    document = word.new_document()
    if page.simulated:
        said = translate(N_("Simulated data: for practice only, not for a decision."), lang)
        word.paragraph(document, said, bold=True, colour=word.RED)
    word.paragraph(document, page.title(lang), style="Heading 1")
    word.paragraph(document, page.office or "–", bold=True)
    word.table(document, [translate(h, lang) for h in HEADS], rows(page, lang), [42, 22, 20, 26, 30, 20],
               align=["left", "center", "center", "center", "center", "left"], size=12)  # fmt: skip
    for said_note in closing():
        word.paragraph(document, said_note.say(lang), after=3)
    for entry in page.entries:
        word.paragraph(document, entry.name, style="Heading 2")
        drawn = picture(entry, lang)
        if drawn is not None and entry.found is not None:
            told = sentences(entry.found, lang)
            word.picture(document, drawn, 155, told[0].say(lang))
            for sentence in told:
                word.paragraph(document, sentence.say(lang), style="List Bullet", after=2)
        elif entry.problem:
            word.paragraph(document, entry.problem.say(lang))
    word.numbered_foot(document, translate(N_("Page"), lang))
    return word.save(document, path, lang, title=page.title(lang), author=page.office)


# ------------------------------------------------------------------------------ pages on paper


class _Sheets(Paper):
    """The council's paper: numbered, and marked where the data are simulated."""

    def __init__(self, page: Page, lang: str) -> None:
        self.page, self.lang = page, lang
        super().__init__(round(EDGE_MM * PER_MM))

    def turn(self) -> None:
        super().turn()
        if self.page.simulated:
            mark, face = translate(N_("Simulated data"), self.lang), maps.font(34, True)
            self.draw.text((SIZE[0] - self.edge, self.edge - 70), mark, font=face, anchor="ra",
                           fill=palettes.ZONE_CLASSES["urgent"])  # fmt: skip
        self.draw.text((SIZE[0] - self.edge, SIZE[1] - 80), str(len(self.pages)), font=maps.font(28),
                       fill=palettes.INK, anchor="ra")  # fmt: skip

    def text(self, words: str, size: int = 34, *, bold: bool = False, after: int = 14) -> None:
        face = maps.font(size, bold)
        for line in maps.wrap(words, face, self.width):
            self.room(1.65 * size)
            self.draw.text((self.edge, self.y), line, font=face, fill=palettes.INK)
            self.y += round(1.65 * size)
        self.y += after

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float]) -> None:
        widths = [self.width * s / sum(shares) for s in shares]
        for number_, cells in enumerate([heads, *rows]):
            face = maps.font(28, number_ == 0)
            lines = [maps.wrap(str(c), face, w - 20) for c, w in zip(cells, widths, strict=True)]
            height = 48 * max(len(found) for found in lines) + 14
            self.room(height)
            x = float(self.edge)
            for found, width in zip(lines, widths, strict=True):
                if number_ == 0:
                    self.draw.rectangle((x, self.y, x + width, self.y + height), fill="#EEF1EC")
                self.draw.rectangle((x, self.y, x + width, self.y + height), outline=palettes.INK, width=2)
                for i, line in enumerate(found):
                    self.draw.text((x + 10, self.y + 4 + 48 * i), line, font=face, fill=palettes.INK)
                x += width
            self.y += height
        self.y += 24


def pdf(page: Page, lang: str = "th") -> bytes:
    """Return the pages as PDF (pictures of exact size, A4 upright)."""
    sheets = _Sheets(page, lang)
    sheets.text(page.title(lang), 48, bold=True, after=4)
    sheets.text(page.office or "–", 36, bold=True)
    sheets.table([translate(h, lang) for h in HEADS], rows(page, lang), [50, 20, 18, 24, 30, 22])
    for said in closing():
        sheets.text(said.say(lang), 30, after=6)
    for entry in page.entries:
        drawn = picture(entry, lang)
        sheets.room(760 if drawn else 150)
        sheets.text(entry.name, 38, bold=True, after=4)
        if drawn is not None and entry.found is not None:
            sheets.picture(drawn)
            for sentence in sentences(entry.found, lang):
                sheets.text(f"• {sentence.say(lang)}", 30, after=2)
        elif entry.problem:
            sheets.text(entry.problem.say(lang), 30)
    return sheets.pdf(page.title(lang))
