"""The hotspots page's controls of the rule and of the two kinds, and the words for them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from language import N_, concentration, span
from pages.parts import facts, rule, state
from pages.parts.i18n import _, lang
from planning import trends
from planning.parameters import BASES, LEAST_OF_A_YEAR
from planning.screening import Screening
from planning.settings import settings

KINDS = ("health", "local")


def controls(found: Screening) -> None:
    """Draw the rule behind a button; every change screens again, on all pages."""
    changed = bool(rule.wishes())
    with st.popover(_("Rule (changed)") if changed else _("Rule"), icon=":material/tune:", width="stretch"):
        st.markdown(f"**{_('Over the standard')}**")
        long = (found.parameters.end - found.parameters.start).days + 1 >= LEAST_OF_A_YEAR
        st.radio(
            _("Judged by"), BASES, key="basis", disabled=not long and state.get("basis") == "days",
            format_func={
                "days": _("days over the 24-hour standard"), "annual": _("mean and annual standard")
            }.__getitem__,
            help=_("The annual standard needs a period of at least {count} days.", count=LEAST_OF_A_YEAR),
        )  # fmt: skip
        st.slider(_("On at least so many days (%)"), 1, 100, key="often")
        st.slider(_("With a probability of at least (%)"), 5, 99, key="sure")
        st.slider(_("Smallest area (ha)"), 0, 500, key="hectares")
        st.markdown(f"**{_('Above the background')}**")
        st.slider(_("More than the background by (µg/m³)"), 1.0, 50.0, step=0.5, key="above")
        st.slider(_("On at least so many days (%)"), 1, 100, key="longer")
        st.caption(_("The defaults and their reasons are in data/screening.toml."))
        st.button(_("Back to the defaults"), on_click=rule.back, disabled=not changed, icon=":material/restart_alt:")


def seen(found: Screening) -> Screening:
    """Return the screening with the kind of hotspots that is looked at as its hotspots; the others change places."""
    if not local():
        return found
    return replace(found, hotspots=found.local_hotspots, local_hotspots=found.hotspots)


def local() -> bool:
    """Return whether the page looks at local hotspots."""
    return bool(state.get("kind") == "local")


def kind(found: Screening) -> None:
    """Draw the choice between the two kinds of hotspots."""
    words = {
        "health": _("Over the standard ({count})", count=len(found.hotspots)),
        "local": _("Above the background ({count})", count=len(found.local_hotspots)),
    }
    chooser, said = st.columns([4, 6], vertical_alignment="center")
    chooser.segmented_control(
        _("Kind of hotspot"), KINDS, key=state.bind("kind", "health", allowed=KINDS, write=_short),
        format_func=words.__getitem__, label_visibility="collapsed", required=True,
    )  # fmt: skip
    said.caption(sentence(found, str(state.get("kind"))))


def _short(value: str | None) -> str:
    return "" if value in (None, "health") else str(value)


CONFIDENCE = {"robust": N_("robust"), "likely": N_("likely"), "weak": N_("weak")}


def sure(row: pd.Series) -> str:
    """Return how sure a hotspot is: ``robust``, or ``weak: gone from 31 % of the simulated maps``."""
    if row["confidence"] not in CONFIDENCE or pd.isna(row["vanishes"]):
        return "–"
    word = _(CONFIDENCE[row["confidence"]])
    if row["vanishes"] < 0.005:
        return word
    return _("{word}: gone from {share} of the simulated maps", word=word, share=facts.percent(row["vanishes"]))


def interval(row: pd.Series, name: str, decimals: int = 0) -> str:
    """Return ``1.2–3.4`` of a 90 % interval, a dash where none was drawn."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "–" if pd.isna(low) or pd.isna(high) else span(low, high, lang(), decimals)


def excess(row: pd.Series) -> str:
    """Return the excess over the background with its 95 % interval, without unit."""
    if pd.isna(row["local_ugm3"]):
        return "–"
    return f"{trends.signed(row['local_ugm3'])} ({span(row['local_lower95'], row['local_upper95'], lang(), 1)})"


def sentence(found: Screening, which: str) -> str:
    """Return the rule of a kind in one sentence."""
    asked, chosen = found.parameters, found.parameters.over(settings())
    if which == "local":
        return _(
            "Local hotspots: more than {excess} above the region's background in the same hours, on at least {share} "
            "of the days, with a probability of at least {probability}. Haze lifts both and doesn't count.",
            excess=concentration(chosen.local_excess_ugm3, lang()),
            share=facts.percent(chosen.local_day_share),
            probability=facts.percent(chosen.local_probability),
        )
    if asked.basis == "annual":
        return _(
            "Hotspots: mean of the period over the annual standard with a probability of at least {probability}.",
            probability=facts.percent(asked.probability or 0.0),
        )
    return _(
        "Hotspots: over {standard} (24-hour mean) on at least {share} of the days, with a probability of at least "
        "{probability}.",
        standard=concentration(found.standard.value, lang()),
        share=facts.percent(asked.day_share or 0.0),
        probability=facts.percent(asked.probability or 0.0),
    )
