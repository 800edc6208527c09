"""Small chart pictures for documents, drawn with the vendored Thai font."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise

from PIL import Image, ImageDraw

from geo import palettes
from language import day, note, number
from planning.maps import TIMES, font, wrap

_PAD = (110, 66, 20, 66)


def daily_bars(
    days: Sequence[date],
    values: Sequence[float],
    limit: float,
    *,
    title: str,
    unit: str,
    lang: str,
    width: int = 1500,
    height: int = 470,
) -> bytes:
    """Return a bar for each day's value, dark where it is over the limit, with the limit as a line (PNG).

    Parameters
    ----------
    values : sequence of float
        One a day, in `unit`; a missing day (NaN) leaves a gap.
    limit : float
        The standard, in `unit`.
    """
    size = (width * TIMES, height * TIMES)
    image = Image.new("RGB", size, palettes.PAPER)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = (p * TIMES for p in _PAD)
    known = [v for v in values if v == v]
    high = max([*known, limit]) * 1.12
    room = (size[0] - left - right, size[1] - top - bottom)

    def level(value: float) -> float:
        return top + room[1] * (1 - value / high)

    for line, text in enumerate(wrap(title, font(56, True), size[0] - 80)):
        draw.text((left, 10 + line * 76), text, font=font(56, True), fill=palettes.INK)
    step = next(s for s in (5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000) if high / s <= 6)
    for tick in range(0, int(high) + 1, step):
        draw.line((left, level(tick), size[0] - right, level(tick)), fill="#DADFDC", width=2)
        draw.text((left - 16, level(tick)), f"{tick:,}", font=font(54), fill=palettes.INK, anchor="rm")
    slot = room[0] / max(len(days), 1)
    for i, value in enumerate(values):
        if value == value:
            colour = palettes.CONCENTRATION[6] if value > limit else palettes.CONCENTRATION[2]
            x = left + i * slot
            draw.rectangle((x + slot * 0.12, level(value), x + slot * 0.88, level(0)), fill=colour)
    every = max(1, round(len(days) / 8))
    for i in range(0, len(days), every):
        draw.text(
            (left + (i + 0.5) * slot, level(0) + 16),
            day(days[i], lang, year=False),
            font=font(52),
            fill=palettes.INK,
            anchor="ma",
        )
    draw.line((left, level(limit), size[0] - right, level(limit)), fill=palettes.ZONE_CLASSES["urgent"], width=5)
    words = note("24-hour standard {limit} {unit}", limit=number(limit, 1), unit=unit).say(lang)
    draw.text(
        (size[0] - right - 8, level(limit) - 10),
        words,
        font=font(52, True),
        anchor="rs",
        fill=palettes.ZONE_CLASSES["urgent"],
        stroke_width=6,
        stroke_fill=palettes.PAPER,
    )
    draw.line((left, level(0), size[0] - right, level(0)), fill=palettes.INK, width=3)
    stream = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def before_after(
    days: Sequence[date], observed: Sequence[float], expected: Sequence[float], start: date, *, title: str, unit: str,
    lang: str, width: int = 1500, height: int = 520,
) -> bytes:  # fmt: skip
    """Return measured and expected 24-hour means as two lines, with the start of the measure (PNG).

    Parameters
    ----------
    expected : sequence of float
        As it would have been without the measure; the dashed line.
    start : date
        First day with the measure.
    """
    size = (width * TIMES, height * TIMES)
    image = Image.new("RGB", size, palettes.PAPER)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = (p * TIMES for p in (*_PAD[:3], _PAD[3] + 46))
    high = max([*observed, *expected]) * 1.12
    room = (size[0] - left - right, size[1] - top - bottom)
    first, span = days[0], max((days[-1] - days[0]).days, 1)

    def at(day_: date, value: float) -> tuple[float, float]:
        return left + room[0] * (day_ - first).days / span, top + room[1] * (1 - value / high)

    draw.text((left, 10), f"{title} ({unit})", font=font(56, True), fill=palettes.INK)
    step = next(s for s in (5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000) if high / s <= 6)
    for tick in range(0, int(high) + 1, step):
        y = at(first, tick)[1]
        draw.line((left, y, size[0] - right, y), fill="#DADFDC", width=2)
        draw.text((left - 16, y), f"{tick:,}", font=font(54), fill=palettes.INK, anchor="rm")
    lines = ((expected, palettes.ZONE_CLASSES["watch"], True), (observed, palettes.PRIMARY, False))
    for values, colour, dashed in lines:
        _line(draw, [at(d, v) for d, v in zip(days, values, strict=True)], colour, dashed=dashed)
    x = at(start, 0)[0]
    draw.line((x, top, x, top + room[1]), fill=palettes.INK, width=5)
    draw.text((x + 12, top), note("start").say(lang), font=font(52, True), fill=palettes.INK, stroke_width=6,
              stroke_fill=palettes.PAPER)  # fmt: skip
    for i in range(0, len(days), max(1, round(len(days) / 8))):
        draw.text((at(days[i], 0)[0], top + room[1] + 16), day(days[i], lang, year=False), font=font(52),
                  fill=palettes.INK, anchor="ma")  # fmt: skip
    y = size[1] - 60
    words = note("line: measured; dashes: expected without the measure").say(lang)
    draw.text((left, y - 24), words, font=font(50), fill=palettes.INK)
    stream = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _line(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: str, *, dashed: bool) -> None:
    for number_, (a, b) in enumerate(pairwise(points)):
        if not dashed or number_ % 2 == 0:
            draw.line((*a, *b), fill=colour, width=9)


def labelled_bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    unit: str,
    ranges: Sequence[tuple[float, float]] = (),
    dark: Collection[int] = (),
    width: int = 1500,
    height: int = 470,
) -> bytes:
    """Return a bar for each label, up or down from zero, with whiskers where ranges are given (PNG).

    Parameters
    ----------
    labels : sequence of str
        Written under the bars, as many as fit.
    ranges : sequence of (low, high)
        One a bar, in `unit`.
    dark : collection of int
        Positions of the bars to stress.
    """
    size = (width * TIMES, height * TIMES)
    image = Image.new("RGB", size, palettes.PAPER)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = (p * TIMES for p in _PAD)
    every = [v for v in (*values, *(end for pair in ranges for end in pair)) if v == v]
    high, low = max([*every, 0.0]) * 1.1 or 1.0, min([*every, 0.0]) * 1.1
    room = (size[0] - left - right, size[1] - top - bottom)

    def level(value: float) -> float:
        return top + room[1] * (high - value) / (high - low)

    head = f"{title} ({unit})"
    points = next((s for s in (56, 50, 44, 38) if font(s, True).getlength(head) <= size[0] - left - 20), 34)
    draw.text((left, 14), head, font=font(points, True), fill=palettes.INK)
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000) if (high - low) / s <= 6)
    for k in range(int(low // step), int(high // step) + 1):
        if low <= k * step <= high:
            draw.line((left, level(k * step), size[0] - right, level(k * step)), fill="#DADFDC", width=2)
            draw.text((left - 16, level(k * step)), f"{k * step:g}", font=font(54), fill=palettes.INK, anchor="rm")
    slot = room[0] / max(len(values), 1)
    for i, value in enumerate(values):
        x = left + i * slot
        if value == value:
            colour = palettes.CONCENTRATION[6] if i in dark else palettes.CONCENTRATION[2]
            ends = sorted((level(value), level(0.0)))
            draw.rectangle((x + slot * 0.12, ends[0], x + slot * 0.88, ends[1]), fill=colour, outline=palettes.INK)
        if ranges:
            middle = x + slot / 2
            draw.line((middle, level(ranges[i][0]), middle, level(ranges[i][1])), fill=palettes.INK, width=6)
    widest = max((font(50).getlength(text) for text in labels), default=0.0)
    skip = max(1, -(-int(widest * 1.15) // max(int(slot), 1)))
    for i in range(0, len(labels), skip):
        draw.text((left + (i + 0.5) * slot, size[1] - bottom + 14), labels[i], font=font(50), fill=palettes.INK,
                  anchor="ma")  # fmt: skip
    draw.line((left, level(0.0), size[0] - right, level(0.0)), fill=palettes.INK, width=3)
    stream = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()
