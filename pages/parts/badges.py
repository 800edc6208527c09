"""Names and signs of classes that people must tell apart without colour."""

from __future__ import annotations

import streamlit as st

from geo import legend
from geo.layers import ZONE_SIGNS
from geo.palettes import ZONE_CLASSES
from language import N_, probability_words
from pages.parts import facts
from pages.parts.i18n import _, lang

ZONE_NAMES = {"urgent": N_("Urgent"), "watch": N_("Watch"), "prevent": N_("Prevent")}
_ZONE_ICONS = {
    "urgent": ":material/warning:", "watch": ":material/visibility:", "prevent": ":material/check_circle:",
}  # fmt: skip
_ZONE_COLOURS = {"urgent": "red", "watch": "orange", "prevent": "primary"}

ROBUSTNESS = {
    "robust": N_("robust: keeps its place when weights and surface change"),
    "likely": N_("likely: mostly keeps its place when weights and surface change"),
    "sensitive": N_("sensitive: its place depends on weights and surface"),
}


ROBUST_WORDS = {"robust": N_("robust"), "likely": N_("likely"), "sensitive": N_("sensitive")}


def zone_class(key: str) -> str:
    """Return a zone class as sign and word, for tables: ``▲ Urgent``."""
    return f"{ZONE_SIGNS[key]} {_(ZONE_NAMES[key])}"


def zone_keys() -> list[legend.Key]:
    """Return the legend of the zone classes: sign, colour and word."""
    drawing = (
        "<svg viewBox='0 0 20 20'><circle cx='10' cy='10' r='9' fill='{colour}'/><text x='10' y='14' fill='#fff' "
        "font-size='11' text-anchor='middle'>{sign}</text></svg>"
    )
    return [
        legend.Key(drawing.format(colour=ZONE_CLASSES[key], sign=sign), _(ZONE_NAMES[key]))
        for key, sign in ZONE_SIGNS.items()
    ]


def zone_badge(key: str) -> None:
    """Draw the badge of a zone class: sign, word and colour."""
    st.badge(_(ZONE_NAMES[key]), icon=_ZONE_ICONS[key], color=_ZONE_COLOURS[key])


def to_check() -> None:
    """Draw the badge of a fact that nobody has checked against its source yet."""
    st.badge(_("to be checked"), icon=":material/pending:", color="gray")


def chance(p: float) -> str:
    """Return a probability in words and figures: ``likely to exceed (64 %)``."""
    return f"{probability_words(p, lang())} ({facts.percent(p)})"
