"""Colours that keep their order in grey, and classes that cover every value."""

from __future__ import annotations

import itertools
import math

import pytest

from geo import palettes


def grey(colour: str) -> float:
    """Return the relative luminance (WCAG 2.1) of a hex colour."""
    parts = [c / 255 for c in palettes.rgb(colour)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_dust_darkens_at_every_step():
    """Photocopied in grey, more dust is always darker."""
    shades = [grey(c) for c in palettes.ramp(n=64)]
    assert all(a > b for a, b in itertools.pairwise(shades))


def test_exceedance_classes_darken():
    """The four classes are ordered in grey as well."""
    shades = [grey(c) for c in palettes.EXCEEDANCE.values()]
    assert shades == sorted(shades, reverse=True)
    assert len(set(palettes.EXCEEDANCE_PATTERNS.values())) == 4


def test_zone_badges_carry_white_letters():
    """White on a class's badge has a contrast of 4.5 or more."""
    for colour in palettes.ZONE_CLASSES.values():
        assert 1.05 / (grey(colour) + 0.05) >= 4.5


@pytest.mark.parametrize(("low", "high"), [(0, 5), (8, 140), (41, 48), (36, 39), (10, 10), (0, 1500), (0, 0)])
@pytest.mark.parametrize("pollutant", ["pm25", "pm10", "tsp"])
def test_scale_covers_values(low: float, high: float, pollutant: str):
    """Every value has a class; bounds rise; labels and colours match the classes."""
    scale = palettes.concentration_scale(pollutant, low, high)
    assert len(scale.colours) == len(scale.breaks) + 1 == len(scale.labels())
    assert list(scale.breaks) == sorted(set(scale.breaks))
    assert 0 <= scale.index(low) <= scale.index(high) <= len(scale.breaks)


def test_bound_belongs_to_the_class_above():
    """37.5 is the first value of the class 37.5–50."""
    scale = palettes.concentration_scale("pm25", 0, 200)
    assert scale.labels()[scale.index(37.5)] == "37.5–50"


def test_missing_value_is_grey():
    """No number, no dust colour."""
    scale = palettes.concentration_scale("pm25", math.nan, math.nan)
    assert scale.colour(math.nan) == palettes.NO_DATA
