"""Wind rose and pollution rose of a station, with its own wind or that of the nearest station that has one."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from geo import polar, profiles
from geo.palettes import INK, concentration_scale
from geo.profiles import Rose
from language import date_range, number, unit
from pages.parts import charts, frame, results
from pages.parts import station_page_polar as polar_plots
from pages.parts.i18n import _, lang

if TYPE_CHECKING:
    from pages.parts.station_page import Shown

FARTHEST = 30.0
"""km; the wind of a station farther away says little about this one."""
SPEED_COLOURS = ("#CFE8E4", "#8CC9C0", "#4A9F96", "#1F6F69", "#0B4440")
RINGS = 4
HEIGHT = 330


def roses(shown: Shown, stations: pd.DataFrame) -> None:
    """Draw the roses, the conditional probability and the polar plot, and say whose wind it is."""
    found = _source_of_wind(shown, stations)
    if found is None:
        st.info(
            _("No wind was measured within {km} km in this period. Import wind speed and direction to see the roses.",
              km=f"{FARTHEST:g}"), icon=":material/air:",
        )  # fmt: skip
        return
    who, away, wind = found
    left, right = st.columns(2, gap="medium")
    with left:
        _wind_rose(shown, who, profiles.wind_rose(wind))
    with right:
        _pollution_rose(shown, who, profiles.pollution_rose(shown.readings, wind, shown.chosen.pollutant))
    left, right = st.columns(2, gap="medium")
    with left:
        polar_plots.conditional(
            shown, who, polar.conditional_probability(shown.readings, wind, shown.chosen.pollutant)
        )
    with right:
        polar_plots.bivariate(shown, who, polar.bivariate(shown.readings, wind, shown.chosen.pollutant))
    place = _("this station") if away < 0.01 else _("{station}, {km} km away", station=frame.label(who),
                                                    km=f"{away:.1f}")  # fmt: skip
    st.caption(
        _("Wind measured at: {place}. Directions are those the wind comes from; below {calm} m/s it counts as calm. "
          "Dust from one direction is a hint, not a proof, of a source there.", place=place, calm=f"{profiles.CALM:g}")
    )  # fmt: skip


def _source_of_wind(shown: Shown, stations: pd.DataFrame) -> tuple[pd.Series, float, pd.DataFrame] | None:
    """Return the station whose wind counts, how far it is (km), and its wind; only one as simulated as this one."""
    near = stations[stations["simulated"] == shown.row["simulated"]]
    near = near.assign(km=profiles.distance_km(float(shown.row["lat"]), float(shown.row["lon"]), near))
    near = near[near["km"] <= FARTHEST].sort_values("km")
    wind = results.remembered(
        "wind", lambda: results.lake().observations(
            ["wind_speed", "wind_dir"], start=shown.start, end=shown.end, station_ids=list(near["station_id"])
        ),
        shown.row["station_id"], shown.start, shown.end,
    )  # fmt: skip
    for _i, row in near.iterrows():
        own = wind[wind["station_id"] == row["station_id"]]
        if set(own.loc[own["period_hours"] == 1, "variable"]) >= {"wind_speed", "wind_dir"}:
            return row, float(row["km"]), own
    return None


def points() -> list[str]:
    """Return the names of the eight main directions, clockwise from north."""
    return [
        _("north"), _("north-east"), _("east"), _("south-east"), _("south"), _("south-west"), _("west"),
        _("north-west"),
    ]  # fmt: skip


def direction(sector: int) -> str:
    """Return a sector's direction: name (of the main ones) and degrees."""
    degrees = f"{sector * 360 / profiles.SECTORS:g}°"
    return f"{points()[sector // 2]} {degrees}" if sector % 2 == 0 else degrees


def _turns(table: pd.DataFrame) -> pd.DataFrame:
    """Add the sides of each sector in radians, clockwise from north, and its name; finer cells bring their own."""
    if "begin" in table.columns:
        return table
    width = 2 * math.pi / profiles.SECTORS
    return table.assign(
        begin=(table["sector"] - 0.46) * width, end=(table["sector"] + 0.46) * width,
        name=[direction(int(s)) for s in table["sector"]],
    )  # fmt: skip


def rings(data: pd.DataFrame, largest: float, colour: alt.Color, tips: list[alt.Tooltip], mark: str) -> alt.LayerChart:
    """Return sectors from `low` to `high` over rings with figures and the names of the directions.

    Parameters
    ----------
    largest : float
        Radius of the outermost ring.
    mark : str
        What follows a ring's figure: a unit.
    """
    turn = alt.Scale(domain=[0, 2 * math.pi], range=[0, 2 * math.pi])
    radius = alt.Scale(type="linear", domain=[0, largest * 1.16], zero=True, nice=False)
    ring_values = [largest * (i + 1) / RINGS for i in range(RINGS)]
    circles = pd.DataFrame({"begin": 0.0, "end": 2 * math.pi, "low": ring_values, "high": ring_values})
    grid = alt.Chart(circles).mark_arc(stroke="#C9D1CC", strokeWidth=1, filled=False).encode(
        theta=alt.Theta("begin:Q", scale=turn, stack=None), theta2="end:Q",
        radius=alt.Radius("high:Q", scale=radius, stack=None), radius2="low:Q",
    )  # fmt: skip
    arcs = alt.Chart(_turns(data)).mark_arc(stroke="#FFFFFF", strokeWidth=0.5).encode(
        theta=alt.Theta("begin:Q", scale=turn, stack=None), theta2="end:Q",
        radius=alt.Radius("high:Q", scale=radius, stack=None), radius2="low:Q", color=colour, tooltip=tips,
    )  # fmt: skip
    names = [_words(pd.DataFrame({"angle": [i * math.pi / 2], "far": largest * 1.07, "text": [points()[2 * i]]}),
                    turn, radius, align, charts.size() - 1, INK)
             for i, align in enumerate(("center", "left", "center", "right"))]  # fmt: skip
    free = data.groupby("sector")["high"].max().reindex(range(profiles.SECTORS), fill_value=0.0)
    clear = int((free + free.shift(1, fill_value=free.iloc[-1])).idxmin()) - 0.5  # between two low neighbours
    figures = pd.DataFrame(
        {
            "angle": clear * 2 * math.pi / profiles.SECTORS % (2 * math.pi), "far": ring_values,
            "text": [f"{v:g} {mark}".strip() for v in ring_values],
        }
    )  # fmt: skip
    labels = _words(figures, turn, radius, "center", charts.size() - 3, charts.GREY)
    return alt.layer(grid, arcs, *names, labels)


def _words(
    data: pd.DataFrame, turn: alt.Scale, radius: alt.Scale, align: str, size: int, colour: str
) -> alt.Chart:  # fmt: skip
    """Return texts at `angle` and `far`."""
    return alt.Chart(data).mark_text(fontSize=size, color=colour, align=align, baseline="middle").encode(
        theta=alt.Theta("angle:Q", scale=turn, stack=None), radius=alt.Radius("far:Q", scale=radius, stack=None),
        text="text:N",
    )  # fmt: skip


def nice(largest: float) -> float:
    """Return a round number not below `largest` that can be quartered."""
    if not largest > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * power >= largest * 0.999)


def speed_names() -> list[str]:
    """Return the speed classes in figures."""
    limits = [f"{v:g}" for v in profiles.SPEEDS]
    return [*(f"{a}–{b}" for a, b in itertools.pairwise(limits)), f"≥ {limits[-1]}"]


def _wind_rose(shown: Shown, who: pd.Series, rose: Rose) -> None:
    table = rose.table.assign(percent=100 * rose.table["share"])
    high = table.groupby("sector")["percent"].cumsum()
    names = speed_names()
    data = table.assign(high=high, low=high - table["percent"], speed=[names[i] for i in table["speed"]])
    colour = alt.Color("speed:N", title=_("m/s"), sort=names,
                       scale=alt.Scale(domain=names, range=list(SPEED_COLOURS)))  # fmt: skip
    tips = [alt.Tooltip("name:N", title=_("From")), alt.Tooltip("speed:N", title=_("Speed")),
            alt.Tooltip("percent:Q", title=_("% of the hours"), format=".1f"),
            alt.Tooltip("hours:Q", title=_("Hours"))]  # fmt: skip
    largest = nice(float(high.max()))
    charts.show(
        rings(data[data["hours"] > 0], largest, colour, tips, "%"),
        _("Wind rose: % of the hours"), _lines(shown, who, rose, frame.label(who), "", ""),
        key="station-wind", height=HEIGHT,
    )  # fmt: skip


def _pollution_rose(shown: Shown, who: pd.Series, rose: Rose) -> None:
    data = rose.table.dropna(subset="mean").assign(low=0.0)
    data = data.assign(high=data["mean"])
    if data.empty:
        st.caption(_("Too few hours with both wind and {pollutant}.", pollutant=shown.pollutant))
        return
    scale = concentration_scale(shown.chosen.pollutant, float(data["mean"].min()), float(data["mean"].max()))
    colour = alt.Color("mean:Q", title=unit(lang()), scale=alt.Scale(
        type="threshold", domain=list(scale.breaks), range=list(scale.colours)))  # fmt: skip
    tips = [alt.Tooltip("name:N", title=_("From")), alt.Tooltip("mean:Q", title=_("Mean"), format=".1f"),
            alt.Tooltip("hours:Q", title=_("Hours"))]  # fmt: skip
    calm = "" if math.isnan(rose.calm_mean) else _("mean in calm air {mean}", mean=number(rose.calm_mean, 1))
    charts.show(
        rings(data, nice(float(data["high"].max())), colour, tips, ""),
        _("Pollution rose: mean {pollutant} by wind direction", pollutant=shown.pollutant),
        _lines(shown, who, rose, shown.name, unit(lang()), calm),
        key="station-pollution", height=HEIGHT,
    )  # fmt: skip


def _lines(shown: Shown, who: pd.Series, rose: Rose, place: str, scale: str, calm: str) -> list[str]:
    """Return the lines under a rose's title: place; period, averaging, unit; hours and calm; mark and source."""
    hours = _("{hours} hours, {calm} % calm", hours=number(rose.hours), calm=f"{100 * rose.calm_share:.0f}")
    source = who["source"] if isinstance(who["source"], str) else _("source not known")
    mark = [_("Simulated data")] if who["simulated"] or shown.row["simulated"] else []
    span = date_range(shown.chosen.start, shown.chosen.end, lang())
    lines = [[place], [span, _("hourly means"), scale], [hours, calm], [*mark, source]]
    return [" · ".join(filter(None, line)) for line in lines]
