"""The eco-industrial-town action plan as a Word document.

Question it answers: what does a council read before it decides, and can it be filed as it is?

1. Chapters, their order and titles are data (data/forms/plan_outline.toml).
2. Findings come from the screening, projects and budgets from the plan; vision and targets are left
   to the office, as dotted lines.
3. Every table and picture says pollutant, averaging period, unit, period, source, and "simulated"
   where it is; unverified catalogue facts are listed as to be checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from language import UserError, note, translate
from planning.plan import Plan, refuse_errors
from planning.report import annex, findings, programme, word
from planning.report.context import Context
from planning.report.outline import Outline, Section, read_outline

if TYPE_CHECKING:
    from planning.assessment import Assessment
    from planning.screening import Screening

__all__ = ["CHAPTERS", "Outline", "read_outline", "write_docx"]

CHAPTERS: dict[str, Callable[[Context], None]] = {
    "summary": findings.summary,
    "baseline": findings.baseline,
    "hotspots": findings.hotspots,
    "sources": findings.sources,
    "zones": findings.zones,
    "vision": programme.vision,
    "strategies": programme.strategies,
    "projects": programme.projects,
    "budget": programme.budget,
    "laws": programme.laws,
    "monitoring": programme.monitoring,
    "assessment": annex.assessed,
    "method": annex.method,
    "data": annex.data,
}
"""What can fill a section; ``cover`` and ``notes`` are written by `write_docx` itself."""


def write_docx(
    plan: Plan, screening: Screening, path: Path, lang: str = "th", outline: Outline | None = None,
    *, assessment: Assessment | None = None,
) -> Path:  # fmt: skip
    """Write the plan as a .docx file.

    Parameters
    ----------
    plan : Plan
    screening : Screening
        The screening the plan was proposed from.
    lang : {"th", "en"}
    outline : Outline, optional
        Chapters; data/forms/plan_outline.toml by default.
    assessment : Assessment, optional
        The town's self-assessment; its annex is left out without one.
    """
    refuse_errors(plan)
    chosen = outline or read_outline()
    if assessment is None or not assessment.answers:
        chosen = replace(chosen, sections=tuple(s for s in chosen.sections if s.chapter != "assessment"))
    document = word.new_document()
    c = Context(document, plan, screening, lang, assessment)
    titles = _numbered(chosen, lang)
    for number, (section, title) in enumerate(zip(chosen.sections, titles, strict=True)):
        if section.chapter == "cover":
            findings.cover(c, title)
            _contents(c, {n: t for n, t in enumerate(titles) if chosen.sections[n].chapter != "cover"})
            continue
        _section(c, section, title, chosen, number)
    _running(c)
    return word.save(document, path, lang, title=titles[0], author=plan.author)


def _numbered(outline: Outline, lang: str) -> list[str]:
    titles, chapter, annexes = [], 0, 0
    for section in outline.sections:
        title = section.title(lang)
        if section.annex:
            annexes += 1
            title = note("Annex {number}: {title}", number=annexes, title=title).say(lang)
        elif section.chapter != "cover":
            chapter += 1
            title = f"{chapter}. {title}"
        titles.append(title)
    return titles


def _contents(c: Context, titles: dict[int, str]) -> None:
    word.page_break(c.document)
    word.paragraph(c.document, translate("Contents", c.lang), bold=True, size=22, colour=word.TEAL)
    for number, title in titles.items():
        word.contents_line(c.document, title, number)
    word.page_break(c.document)


def _section(c: Context, section: Section, title: str, outline: Outline, number: int) -> None:
    if section.landscape:
        word.turn(c.document, landscape=True)
    heading = word.paragraph(c.document, title, style="Heading 1")
    word.bookmark(heading, number)
    values = {"lao_name": c.plan.lao_name, "first": c.plan.years[0], "last": c.plan.years[-1]}
    for text in section.paragraphs(c.lang):
        word.paragraph(c.document, text.format(**values))
    if section.chapter == "notes":
        annex.notes(c, outline)
    elif section.chapter:
        if section.chapter not in CHAPTERS:
            raise UserError(
                "The outline asks for a chapter “{chapter}” that does not exist; choose from {known}.",
                chapter=section.chapter,
                known=", ".join([*CHAPTERS, "cover", "notes"]),
            )
        CHAPTERS[section.chapter](c)
    if section.landscape:
        word.turn(c.document, landscape=False)


def _running(c: Context) -> None:
    """Write header and footer; the following sections take them over."""
    section = c.document.sections[0]
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    if c.screening.simulated:
        word.run(head, translate("Simulated data", c.lang) + "   ", bold=True, size=13, colour=word.RED)
    word.run(head, f"{c.plan.lao_name} · {c.plan.years[0]}–{c.plan.years[-1]}", size=13)
    word.numbered_foot(c.document, translate("Page", c.lang))
