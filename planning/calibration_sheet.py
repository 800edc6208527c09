"""The calibration sheet as a Word page (A4): facts, picture, metrics beside their targets, a place to sign."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from docx.shared import Mm, Pt
from PIL import Image, ImageDraw

from geo import calibration_sheet as content
from geo import palettes
from geo.calibration import Calibration
from language import N_, day, note, translate, unit
from planning.maps import TIMES, font
from planning.report import word

_SIZE, _EDGE = 620, 78
_FACTS, _METRICS = (78, 96), (80, 20, 24, 27, 23)
"""Widths of the columns (mm)."""


def write_docx(
    calibration: Calibration,
    days: pd.DataFrame,
    path: Path,
    lang: str = "th",
    *,
    names: tuple[str, str] = ("", ""),
    simulated: bool = False,
    office: str = "",
    made: date | None = None,
) -> Path:
    """Write the sheet; it fits one page.

    Parameters
    ----------
    calibration : Calibration
    days : DataFrame
        As `geo.colocation.paired_days` returns them.
    lang : {"th", "en"}
    names : (sensor, reference)
        Names of the two stations, beside their identifiers.
    simulated : bool
        Whether the readings are simulated; then the sheet says so.
    office : str
        Who answers for it.
    made : date, optional
        Day of the calibration.
    """
    document = word.new_document()
    section = document.sections[0]
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(14), Mm(12)
    title = translate(N_("Calibration sheet"), lang)
    word.paragraph(document, title, bold=True, size=22, colour=word.TEAL, after=0)
    if simulated:
        mark = translate(N_("Simulated data"), lang)
        word.paragraph(document, mark, bold=True, size=14, colour=word.RED, after=2)
    _facts(document, calibration, names, lang)
    words = note("Reference and sensor, 24-hour means of {days} days", days=len(days)).say(lang)
    word.picture(document, scatter(calibration, days, lang), 60, words)
    _metrics(document, calibration, lang)
    for said in content.remarks(calibration, lang):
        word.paragraph(document, said, size=10.5, after=0)
    when = day(made or date.today(), lang)
    line = note("Made on {day} by {office}", day=when, office=office or "." * 40).say(lang)
    word.paragraph(document, line, size=13, align="right").paragraph_format.space_before = Pt(6)
    return word.save(document, path, lang, title=f"{title}: {calibration.station_id}", author=office)


def _facts(document: object, calibration: Calibration, names: tuple[str, str], lang: str) -> None:
    named = dict(zip((calibration.station_id, calibration.reference_id), names, strict=True))
    rows = [
        [name, f"{named[value]} ({value})" if named.get(value) else value]
        for name, value in content.facts(calibration, lang)
    ]
    heads = [translate(N_("Fact"), lang), translate(N_("Value"), lang)]
    word.table(document, heads, rows, _FACTS, size=10.5)


def _metrics(document: object, calibration: Calibration, lang: str) -> None:
    rows = [
        [line.name, line.raw, line.calibrated, line.target or "–", content.answer(line.met, lang)]
        for line in content.metrics(calibration, lang)
    ]
    heads = [translate(head, lang) for head in content.HEADS]
    word.table(document, heads, rows, _METRICS, align=["left", "right", "right", "center", "left"], size=10.5)


def scatter(calibration: Calibration, days: pd.DataFrame, lang: str) -> bytes:
    """Return sensor against reference (PNG): rings raw, dots calibrated, and the line where both are equal."""
    reference, raw = days["reference"].to_numpy(float), days["value"].to_numpy(float)
    fitted = calibration.apply(days)
    top = 10 * float(np.ceil(np.nanmax(np.concatenate([reference, raw, fitted])) / 10 + 0.2))
    edge, size = _EDGE * TIMES, _SIZE * TIMES
    image = Image.new("RGB", (size, size), palettes.PAPER)
    draw = ImageDraw.Draw(image)

    def at(x: float, y: float) -> tuple[float, float]:
        room = size - 2 * edge
        return edge + room * x / top, size - edge - room * y / top

    draw.rectangle((*at(0, top), *at(top, 0)), outline="#C9D1CE", width=3)
    draw.line((*at(0, 0), *at(top, top)), fill="#B45309", width=4)
    for value in np.linspace(0, top, 5):
        draw.text((at(value, 0)[0], size - edge + 14), f"{value:g}", font=font(40), fill=palettes.INK, anchor="ma")
        draw.text((edge - 14, at(0, value)[1]), f"{value:g}", font=font(40), fill=palettes.INK, anchor="rm")
    for xs, ys, radius, ring in ((reference, raw, 12, True), (reference, fitted, 11, False)):
        for x, y in zip(xs, ys, strict=True):
            if np.isfinite(y):
                (a, b), fill = at(x, y), None if ring else palettes.PRIMARY
                draw.ellipse((a - radius, b - radius, a + radius, b + radius), fill=fill, outline="#5B6B70", width=3)
    x, y = edge + 34, edge + 40
    for label, ring in ((N_("Raw"), True), (N_("Calibrated"), False)):
        fill = None if ring else palettes.PRIMARY
        draw.ellipse((x - 12, y - 12, x + 12, y + 12), fill=fill, outline="#5B6B70", width=3)
        draw.text((x + 24, y), translate(label, lang), font=font(42), fill=palettes.INK, anchor="lm")
        x += 70 + draw.textlength(translate(label, lang), font=font(42))
    across = f"{translate(N_('Reference'), lang)} ({unit(lang)})"
    draw.text((size / 2, size - 6), across, font=font(44), fill=palettes.INK, anchor="ms")
    up = f"{translate(N_('Sensor'), lang)} ({unit(lang)})"
    draw.text((10, 10), up, font=font(44), fill=palettes.INK)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
