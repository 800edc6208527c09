"""Colours of maps and figures: one definition for pages, documents and the meeting pack.

Plain hex strings, no plotting library, so that any floor above can use them.

The concentration sequence was built in OKLCH (Ottosson 2020): lightness falls evenly from 0.965 to
0.265, hue turns from straw to earth. It stays ordered in grey and for every kind of colour blindness,
and looks like dust. It is not the air quality index, whose colours belong to 24-hour means only.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

CONCENTRATION: tuple[str, ...] = (
    "#FAF3DF", "#ECD4A1", "#DEB36B", "#CE913B", "#B9720F", "#9F5500", "#7F3E06", "#5B2C14", "#351F17",
)
"""Nine colours from clean (light straw) to dusty (dark earth)."""

CONCENTRATION_BREAKS: dict[str, tuple[float, ...]] = {
    "pm25": (10.0, 15.0, 25.0, 37.5, 50.0, 75.0, 100.0, 150.0),
    "pm10": (20.0, 35.0, 50.0, 80.0, 120.0, 150.0, 200.0, 300.0),
}
"""Inner class bounds, µg/m³; the Thai annual and 24-hour standards are among them."""

EXCEEDANCE: dict[str, str] = {
    "unlikely": "#DCE8E4",
    "possible": "#F2D58A",
    "likely": "#D9822B",
    "almost-certain": "#8C1D18",
}
"""Probability of exceeding the standard, by `language.probability_class`."""

EXCEEDANCE_PATTERNS: dict[str, str] = {
    "unlikely": "none",
    "possible": "dots",
    "likely": "lines",
    "almost-certain": "cross",
}
"""What tells the four classes apart without colour."""

ZONE_CLASSES: dict[str, str] = {"urgent": "#B91C1C", "watch": "#B45309", "prevent": "#0F766E"}
"""Badge colour of a priority zone's class."""

DIFFERENCE: tuple[str, ...] = (
    "#1B4F72", "#4A86A8", "#8FBBD0", "#CFE3EC", "#FFFFFF", "#F3DEC4", "#DDB07A", "#B97B34", "#7A4A0C",
)
"""Less (blue) to more (brown), white at zero."""

INK = "#1F2A2E"
PAPER = "#FFFFFF"
LAND = "#F6F7F4"
WATER = "#DDE8EC"
LINE = "#5B6B70"
PRIMARY = "#0F766E"
NO_DATA = "#9AA5A8"
HOTSPOT = "#7A0F4B"
"""Outline of a dust hotspot: a plum that stands out from every brown."""


@dataclass(frozen=True)
class Scale:
    """Classes of a concentration map.

    Attributes
    ----------
    breaks : tuple of float
        Inner class bounds, µg/m³, rising; a value equal to a bound is in the class above it.
    colours : tuple of str
        One hex colour a class: ``len(breaks) + 1`` of them.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]

    def index(self, value: float) -> int:
        """Return the class number (from 0) of a value, µg/m³."""
        return bisect_right(self.breaks, value)

    def colour(self, value: float) -> str:
        """Return the hex colour of a value, µg/m³; grey for a missing one."""
        return self.colours[self.index(value)] if isfinite(value) else NO_DATA

    def labels(self) -> tuple[str, ...]:
        """Return each class in figures: ``< 10``, ``10–15``, …, ``> 150``."""
        words = [f"{b:g}" for b in self.breaks]
        inner = [f"{a}–{b}" for a, b in itertools.pairwise(words)]
        return (f"< {words[0]}", *inner, f"> {words[-1]}")


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0–255) of a hex colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def blend(colours: tuple[str, ...], share: float) -> str:
    """Return the colour at `share` (0 to 1) of a sequence, between its neighbours in sRGB."""
    at = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    low = min(int(at), len(colours) - 2)
    part = at - low
    mixed = [round(a + (b - a) * part) for a, b in zip(rgb(colours[low]), rgb(colours[low + 1]), strict=True)]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def ramp(colours: tuple[str, ...] = CONCENTRATION, n: int = 64) -> tuple[str, ...]:
    """Return `n` colours evenly along a sequence, for a continuous legend."""
    return tuple(blend(colours, i / (n - 1)) for i in range(n))


def _nice_step(span: float, classes: int) -> float:
    raw = span / classes
    power = 10.0 ** floor(log10(raw))
    return next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999)


def concentration_scale(pollutant: str, low: float, high: float) -> Scale:
    """Return the classes for a map whose values run from `low` to `high`.

    Where the values span four or more of the fixed classes, these are used, so that the maps of
    different days and places look alike. A flatter map gets round, even classes of its own: it
    would otherwise be one colour and hide what it knows. The legend always shows the figures.

    Parameters
    ----------
    pollutant : str
        ``pm25`` or ``pm10``.
    low, high : float
        Least and greatest value on the map, µg/m³.

    Examples
    --------
    >>> concentration_scale("pm25", 8, 140).breaks
    (10.0, 15.0, 25.0, 37.5, 50.0, 75.0, 100.0, 150.0)
    >>> concentration_scale("pm25", 41, 48).breaks
    (42.0, 43.0, 44.0, 45.0, 46.0, 47.0)
    """
    fixed = Scale(CONCENTRATION_BREAKS.get(pollutant, CONCENTRATION_BREAKS["pm10"]), CONCENTRATION)
    if not (isfinite(low) and isfinite(high)) or fixed.index(high) - fixed.index(low) >= 4:
        return fixed
    span = max(high - low, 0.02 * abs(high), 0.5)
    step = _nice_step(span, 7)
    first, last = floor(low / step) + 1, ceil(high / step) - 1
    breaks = tuple(round(i * step, 6) for i in range(first, max(last, first) + 1))
    n = len(breaks) + 1
    return Scale(breaks, tuple(blend(CONCENTRATION[:8], i / (n - 1)) for i in range(n)))


def difference_scale(low: float, high: float) -> Scale:
    """Return even classes around zero, the middle one white: less in blue, more in brown.

    Parameters
    ----------
    low, high : float
        Least and greatest difference on the map, µg/m³.

    Examples
    --------
    >>> difference_scale(-7.3, 3.1).breaks
    (-8.0, -6.0, -4.0, -2.0, 2.0, 4.0, 6.0, 8.0)
    """
    far = max((abs(v) for v in (low, high) if isfinite(v)), default=0.0)
    step = _nice_step(max(far, 0.4), 4)
    breaks = tuple(round(k * step, 6) for k in (-4, -3, -2, -1, 1, 2, 3, 4))
    return Scale(breaks, DIFFERENCE)
