"""What the computer decided for a surface, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from language import N_, concentration, number
from pages.parts.i18n import _, lang
from planning.readings import error_sd
from planning.screening import Screening

MODELS = {
    "exponential": N_("exponential"), "spherical": N_("spherical"), "gaussian": N_("Gaussian"),
    "matern32": N_("Matérn 3/2"), "matern52": N_("Matérn 5/2"),
}  # fmt: skip

TRANSFORMS = {
    "none": N_("Computed with the values as they are: that fits their spread best."),
    "sqrt": N_("Computed with the square roots of the values, as high values spread more; shown in plain values."),
    "log": N_("Computed with the logarithms of the values, as high values spread more; shown in plain values."),
    "boxcox": N_("Computed with a power of the values (Box-Cox), as high values spread more; shown in plain values."),
}


def model_name(model: str) -> str:
    """Return a variogram model's name."""
    return _(MODELS[model]) if model in MODELS else model


def transform_words(name: str) -> str:
    """Return on which scale was computed, and why."""
    return _(TRANSFORMS[name])


def small_scale(share: float) -> str:
    """Return what the nugget is: true differences over distances shorter than between stations."""
    if share < 0.005:
        return _("None was found: neighbouring stations agree as closely as their own errors allow.")
    return _(
        "{share} of the variation lies within distances shorter than between stations, as beside a road or a fire; "
        "the map cannot show it and counts it as uncertainty.",
        share=f"{share:.0%}",
    )


def sensor_noise(found: Screening) -> str:
    """Return what is known of the sensors' own errors, and that the map is without them."""
    errors = error_sd(found.stations)
    stated = errors[errors > 0]
    if not stated.size:
        return _("No station states how exact it is, so sensor noise cannot be told from small-scale variation.")
    return _(
        "{count} of {total} stations state their error (one standard deviation {least} to {most}); an exact station "
        "counts more, and the map shows the dust without this noise.",
        count=number(int(stated.size)), total=number(len(errors)),
        least=concentration(float(stated.min()), lang(), 1), most=concentration(float(stated.max()), lang(), 1),
    )  # fmt: skip


def clamped(found: Screening) -> str:
    """Return how much of the map had to be raised to zero."""
    mean = found.surface["mean"].to_numpy()
    good = np.isfinite(mean)
    share = float((mean[good] <= 0).mean()) if good.any() else 0.0
    if share == 0:
        return _("No cell came out below zero.")
    return _("{share} of the cells came out below zero and were set to zero.", share=f"{share:.1%}")


def support(found: Screening) -> str:
    """Return where the map has values: where both of its krigings say something."""
    return within(min(k.variogram_.practical_range for k in (found.kriging, found.period_kriging)) / 1000)


def within(reach_km: float) -> str:
    """Return the rule of the support mask."""
    return _(
        "Values only where a station lies within {range} km and explains enough; elsewhere hatched.",
        range=number(reach_km, 1),
    )


def direction(found: Screening) -> str:
    """Return whether dust stays alike farther in one direction."""
    model = found.variogram
    if model.ratio >= 1:
        return _("Dust changes alike in every direction.")
    return _("Dust stays alike {times} times as far along {angle}° (clockwise from north) as across it.",
             times=number(1 / model.ratio, 1), angle=number(model.angle))  # fmt: skip


def decisions(found: Screening) -> Sequence[tuple[str, str]]:
    """Return each automatic decision of the daily maps: what it is about, and what was decided."""
    kriging = found.kriging
    names = tuple(kriging.problem().drift.names)
    further = (
        _("Also computed with: {names}. Places beyond what the stations cover are flagged.", names=", ".join(names))
        if names
        else _("No other layer (height, roads) is used, so no place reaches beyond what the stations cover.")
    )
    return [
        (_("Scale"), transform_words(kriging.transform_.name)),
        (_("Variogram"), _("The {model} model fits best; beyond {range} km places tell nothing of each other.",
                           model=model_name(found.variogram.model),
                           range=number(found.variogram.practical_range / 1000, 1))),
        (_("Direction"), direction(found)),
        (_("Small-scale variation"), small_scale(found.variogram.nugget_share)),
        (_("Sensor noise"), sensor_noise(found)),
        (_("Below zero"), clamped(found)),
        (_("Where there are values"), support(found)),
        (_("Other layers"), further),
    ]  # fmt: skip


def table(rows: Sequence[tuple[str, str]]) -> None:
    """Draw decisions as a table of two columns."""
    cell = "text-align:start;vertical-align:top;white-space:nowrap;padding:.2rem 1rem .2rem 0"
    body = "".join(
        f"<tr><th scope='row' style='{cell}'>{escape(name)}</th><td style='padding:.2rem 0'>{escape(words)}</td></tr>"
        for name, words in rows
    )
    st.html(f"<table style='border-collapse:collapse'>{body}</table>")
