"""Conditional probability by wind direction and the bivariate polar plot of a station."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from geo import polar, profiles
from geo.palettes import concentration_scale
from language import concentration, date_range, number, unit
from pages.parts import charts, facts
from pages.parts import station_page_wind as wind
from pages.parts.i18n import _, lang

if TYPE_CHECKING:
    from pages.parts.station_page import Shown

COLOUR = "#9A4F10"


def _lines(shown: Shown, who: pd.Series, said: list[str]) -> list[str]:
    source = who["source"] if isinstance(who["source"], str) else _("source not known")
    mark = [_("Simulated data")] if who["simulated"] or shown.row["simulated"] else []
    span = date_range(shown.chosen.start, shown.chosen.end, lang())
    lines = [[shown.name], [span, _("hourly means")], *([line] for line in said), [*mark, source]]
    return [" · ".join(filter(None, line)) for line in lines]


def conditional(shown: Shown, who: pd.Series, found: polar.Conditional) -> None:
    """Draw the share of high hours by wind direction."""
    data = found.table.dropna(subset="share")
    if data.empty:
        st.caption(_("Too few hours with both wind and {pollutant}.", pollutant=shown.pollutant))
        return
    data = data.assign(low=0.0, high_share=data["share"], percent=100 * data["share"])
    data = data.assign(
        range=[f"{100 * a:.0f}–{100 * b:.0f} %" for a, b in zip(data["lower95"], data["upper95"], strict=True)],
        count=[f"{h} / {n}" for h, n in zip(data["high"], data["hours"], strict=True)],
        high=data["percent"],
    )
    tips = [alt.Tooltip("name:N", title=_("From")), alt.Tooltip("percent:Q", title=_("High hours (%)"), format=".0f"),
            alt.Tooltip("range:N", title=_("95 % range")),
            alt.Tooltip("count:N", title=_("High hours / hours"))]  # fmt: skip
    limit = concentration(found.threshold, lang(), 1)
    said = [
        _("high: above {limit}, the upper quarter of the hours", limit=limit),
        _("{hours} hours; over all directions {share}", hours=number(found.hours), share=facts.percent(found.overall)),
    ]
    charts.show(
        wind.rings(data, wind.nice(float(data["high"].max())), alt.value(COLOUR), tips, "%"),
        _("Share of high hours by wind direction (CPF)"), _lines(shown, who, said), key="station-cpf",
        height=wind.HEIGHT,
    )  # fmt: skip


def bivariate(shown: Shown, who: pd.Series, cells: pd.DataFrame) -> None:
    """Draw the mean concentration by wind direction (angle) and speed (radius)."""
    if cells.empty:
        st.caption(_("Too few hours with both wind and {pollutant}.", pollutant=shown.pollutant))
        return
    half = math.pi / polar.CELLS
    data = cells.assign(
        sector=profiles.sector(cells["direction"]),
        begin=[math.radians(d) - half for d in cells["direction"]],
        end=[math.radians(d) + half for d in cells["direction"]],
        name=[f"{d:g}°" for d in cells["direction"]],
        low=cells["speed"] - polar.SPEED_STEP / 2,
        high=cells["speed"] + polar.SPEED_STEP / 2,
    )
    scale = concentration_scale(shown.chosen.pollutant, float(data["mean"].min()), float(data["mean"].max()))
    colour = alt.Color("mean:Q", title=unit(lang()), scale=alt.Scale(
        type="threshold", domain=list(scale.breaks), range=list(scale.colours)))  # fmt: skip
    tips = [alt.Tooltip("name:N", title=_("From")), alt.Tooltip("speed:Q", title=_("Speed"), format=".1f"),
            alt.Tooltip("mean:Q", title=_("Mean"), format=".1f"),
            alt.Tooltip("weight:Q", title=_("Hours behind it"), format=".0f")]  # fmt: skip
    metres = _("m/s")
    said = [_("angle: wind from; radius: wind speed, {unit}", unit=metres)]
    charts.show(
        wind.rings(data, wind.nice(float(data["high"].max())), colour, tips, ""),
        _("Polar plot: mean {pollutant} by wind direction and speed", pollutant=shown.pollutant),
        _lines(shown, who, said), key="station-polar", height=wind.HEIGHT,
    )  # fmt: skip
