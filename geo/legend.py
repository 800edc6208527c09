"""The legend of a map as HTML: what the colours mean, in which unit, over which time, from where."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from geo.palettes import EXCEEDANCE, EXCEEDANCE_PATTERNS, HOTSPOT, Scale
from language import N_, translate

PROBABILITY_LABELS = {
    "unlikely": N_("unlikely to exceed (< 10 %)"),
    "possible": N_("may exceed (10–50 %)"),
    "likely": N_("likely to exceed (50–80 %)"),
    "almost-certain": N_("almost certain to exceed (> 80 %)"),
}

# Fills that tell classes apart in grey, and the hatch of "no support". Ink on a transparent ground.
PATTERNS = (
    "<pattern id='eco-hatch' width='6' height='6' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'>"
    "<path d='M0 0V6' stroke='#7C8A8D' stroke-width='1'/></pattern>"
    "<pattern id='eco-dots' width='9' height='9' patternUnits='userSpaceOnUse'>"
    "<circle cx='4.5' cy='4.5' r='1.1' fill='#5B3A10'/></pattern>"
    "<pattern id='eco-lines' width='8' height='8' patternUnits='userSpaceOnUse' patternTransform='rotate(-45)'>"
    "<path d='M0 0V8' stroke='#4A2506' stroke-width='1.4'/></pattern>"
    "<pattern id='eco-cross' width='8' height='8' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'>"
    "<path d='M0 0V8M0 0H8' stroke='#fff' stroke-width='1.3' fill='none'/></pattern>"
)


@dataclass(frozen=True)
class Key:
    """One line of a legend: a small drawing (SVG, ours) and its words (any text)."""

    drawing: str
    words: str


def colour_bar(scale: Scale, unit: str, *, signed: bool = False) -> str:
    """Return the classes of a concentration as one bar with its bounds underneath; `signed`: with their sign."""
    n = len(scale.colours)
    swatches = "".join(f"<i style='background:{colour}'></i>" for colour in scale.colours)
    ticks = "".join(
        f"<span style='left:{100 * (i + 1) / n:.1f}%'>{_bound(bound, signed)}</span>"
        for i, bound in enumerate(scale.breaks)
    )
    return f"<div class='eco-bar'>{swatches}</div><div class='eco-ticks' title='{escape(unit)}'>{ticks}</div>"


def class_keys(scale: Scale, *, signed: bool = False) -> list[Key]:
    """Return the classes of a scale one by one, the highest first, for a sheet of paper."""
    bounds = [_bound(bound, signed) for bound in scale.breaks]
    between = " … " if signed else "–"
    words = [f"< {bounds[0]}", *(f"{a}{between}{b}" for a, b in itertools.pairwise(bounds)), f"> {bounds[-1]}"]
    shape = "<svg width='26' height='14'><rect x='.5' y='.5' width='25' height='13' stroke='#7C8A8D' fill='{}'/></svg>"
    boxes = [shape.format(colour) for colour in scale.colours]
    return [Key(*pair) for pair in reversed(list(zip(boxes, words, strict=True)))]


def _bound(value: float, signed: bool) -> str:
    return f"{value:+g}".replace("-", "−") if signed else f"{value:g}"


def unsure_key(lang: str) -> Key:
    """Return the key of the part of a difference whose 95 % range holds zero."""
    box = "<rect x='1' y='3' width='18' height='14' fill='url(#eco-dots)' stroke='#6B7A7E'/>"
    words = translate("may be no change: the 95 % range holds zero", lang)
    return Key(f"<svg viewBox='0 0 20 20'>{box}</svg>", words)


def probability_keys(lang: str) -> list[Key]:
    """Return the four classes of the probability of exceeding, each with its pattern and words."""
    keys = []
    for name, colour in EXCEEDANCE.items():
        pattern = EXCEEDANCE_PATTERNS[name]
        over = "" if pattern == "none" else f"<rect width='26' height='14' fill='url(#eco-{pattern})'/>"
        box = f"<svg width='26' height='14'><rect width='26' height='14' fill='{colour}' stroke='#7C8A8D'/>{over}</svg>"
        keys.append(Key(box, translate(PROBABILITY_LABELS[name], lang)))
    return keys


def probability_classes(lang: str) -> str:
    """Return the four classes of the probability of exceeding as HTML."""
    rows = "".join(f"{key.drawing}<span>{escape(key.words)}</span>" for key in probability_keys(lang))
    return f"<div class='eco-classes'>{rows}</div>"


def hotspot_key(lang: str) -> Key:
    """Return the key of a dust hotspot: its outline."""
    shape = f"<path d='M3 6 9 3l8 4-1 8-9 2-4-5z' fill='none' stroke='{HOTSPOT}' stroke-width='2'/>"
    return Key(f"<svg viewBox='0 0 20 20'>{shape}</svg>", translate("dust hotspot", lang))


def hatch_key(lang: str) -> Key:
    """Return the key of the hatched part of a surface."""
    box = "<rect x='1' y='3' width='18' height='14' fill='url(#eco-hatch)' stroke='#6B7A7E'/>"
    drawing = f"<svg viewBox='0 0 20 20'>{box}</svg>"
    return Key(drawing, translate("no station near enough: no value", lang))


def extrapolation_key(lang: str) -> Key:
    """Return the key of the part of a surface beyond the stations' range of a covariate."""
    box = "<rect x='1' y='3' width='18' height='14' fill='url(#eco-lines)' stroke='#6B7A7E'/>"
    words = translate("beyond what the stations know of a covariate: extrapolated", lang)
    return Key(f"<svg viewBox='0 0 20 20'>{box}</svg>", words)


def dots_key(full: float, unit: str, lang: str) -> Key:
    """Return the key of the uncertainty dots: the largest one's standard deviation."""
    words = translate("uncertainty: the largest dot is ±{value} {unit} (one standard deviation)", lang)
    drawing = (
        "<svg viewBox='0 0 20 20'><circle cx='4' cy='10' r='1.5'/><circle cx='9' cy='10' r='2.6'/>"
        "<circle cx='15.5' cy='10' r='4'/></svg>"
    )
    return Key(drawing, words.format(value=f"{full:g}", unit=unit))


def build(
    title: str,
    *,
    lang: str,
    body: str = "",
    lines: Sequence[str] = (),
    always: Sequence[Key] = (),
    keys: Sequence[Key] = (),
    source: str = "",
    simulated: bool = False,
    approximate: bool = False,
    open_: bool = True,
) -> str:
    """Return a legend.

    Parameters
    ----------
    title : str
        What the colours are, with unit: ``PM2.5, period mean (µg/m³)``.
    body : str
        HTML of `colour_bar` or `probability_classes`.
    lines : sequence of str
        Averaging period, time; always shown.
    always : sequence of Key
        Patterns that are always shown: the mask, the uncertainty dots.
    keys : sequence of Key
        Symbols; fold away.
    source : str
    simulated, approximate : bool
        Marks that are always shown.
    open_ : bool
        Start unfolded (a narrow map starts folded in any case).
    """
    marks = f" <span class='eco-sim'>{escape(translate('Simulated data', lang))}</span>" if simulated else ""
    shown = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    fixed = "".join(f"<div class='eco-always'>{key.drawing}<span>{escape(key.words)}</span></div>" for key in always)
    more = "".join(f"<div>{key.drawing}<span>{escape(key.words)}</span></div>" for key in keys)
    below = f"<div class='eco-keys'>{more}</div>" if more else ""
    if source:
        below += f"<p>{escape(translate('Source: {source}', lang).format(source=source))}</p>"
    if approximate:
        below += f"<p>{escape(translate('Boundaries are approximate, not a legal line.', lang))}</p>"
    head = f"<h4>{escape(title)}{marks}</h4>{body}{shown}{fixed}"
    if not below:
        return head
    words = escape(translate("Symbols and source", lang))
    summary = f"<summary>{head}<span class='eco-more'>{words}</span></summary>"
    return f"<details{' open' if open_ else ''}>{summary}{below}</details>"
