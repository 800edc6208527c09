"""What a flag means, in words: the rule with its thresholds, where these come from, how many readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo import catalogues
from language import N_
from pages.parts.i18n import _

SECTIONS: Mapping[str, str] = {"incomplete": "completeness"}
"""Section of ``data/quality.toml`` of a flag that has another name there."""

RULES: Mapping[str, str] = {
    "range": N_(
        "below {lowcost_low} or above {lowcost_high} µg/m³ (low-cost), below {other_low} or above {other_high} (others)"
    ),
    "stuck": N_("the same value for {hours} hours or more ({whole_number_hours} where it is a whole number or zero)"),
    "spike": N_(
        "more than {factor} times the median of {window_hours} hours and {above} µg/m³ above it, and more than "
        "{neighbour_factor} times the stations around"
    ),
    "step": N_("the level against the stations around changes by a factor of {ratio} between two {window_hours}-hour "
               "spans and stays"),
    "drift": N_("over {window_days} days the level against the stations around is a factor of {ratio} away from that "
                "of the first {baseline_days} days"),
    "neighbour": N_("over {hours} hours more than {factor} times the stations around, where these have more than "
                    "{median_above} µg/m³"),
    "colocation": N_(
        "within {metres} m of another unit; Cook's distance above {cook}/N, {deviations} standard deviations above the "
        "usual difference, and at least {apart} µg/m³ and {apart_share} % apart; compared over at least {hours} hours"
    ),
    "position": N_(
        "the stated place changed by more than {moved_km} km; or the same readings in {twin_share} % of the hours as a "
        "station more than {twin_km} km away; or a correlation of at most {here} with the stations within {radius_km} "
        "km, and of at least {there} with those around another place"
    ),
    "humidity": N_("relative humidity above {above} %, at the unit or at the nearest station within {radius_km} km"),
    "channels": N_("the counters are more than {apart} µg/m³ and {apart_share} % of their mean apart, or one is "
                   "missing"),
    "incomplete": N_("fewer than {share} % of the readings that the hour should have"),
}  # fmt: skip
"""Each flag's rule; the names in braces are those of ``data/quality.toml``, shares in per cent."""


def rule(flag: str) -> str:
    """Return a flag's rule with the thresholds that count now."""
    section = catalogues.settings("quality").get(SECTIONS.get(flag, flag), {})
    shown: dict[str, Any] = {
        name: f"{100 * value if 'share' in name else value:g}"
        for name, value in section.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }  # fmt: skip
    return _(RULES[flag], **shown)


def source(flag: str) -> str:
    """Return where a flag's thresholds come from; what was not read there is to be checked."""
    section = catalogues.settings("quality").get(SECTIONS.get(flag, flag), {})
    text = str(section.get("source", "–"))
    return text if section.get("verified") else f"{text} ({_('to be checked')})"
