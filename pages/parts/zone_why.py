"""Why a zone stands where it stands: the parts of its score, opened down to the readings."""

from __future__ import annotations

from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from language import concentration, day, number, pollutant_name, unit, with_range
from pages.parts import (
    badges,
    charts,
    errors,
    facts,
    fold,
    likely_table,
    results,
    state,
    tables,
    zone_score,
    zone_voices,
)
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from pages.parts.zone_score import name
from planning import burden, hotspots, surfaces, zone_measures
from planning.screening import Screening

__all__ = ["name", "receptor_kind", "show", "station_kind"]

SAMPLE = 60
"""Cells that stand for a zone in its series; more would not change the mean visibly."""


def show(found: Screening, row: pd.Series, chosen: Choice) -> None:
    """Open one zone: the sentence, the parts, and behind each part what it rests on."""
    rank = int(row["rank"])
    named = errors.plain(name(row))
    question = _("Why is {name} first?", name=named) if rank == 1 else _(
        "Why is {name} number {rank}?", name=named, rank=rank
    )  # fmt: skip
    head, mark = st.columns([6, 1.2], vertical_alignment="center")
    head.markdown(f"#### {question}")
    with mark:
        badges.zone_badge(row["class"])
    st.markdown(errors.plain(row["reason_th" if lang() == "th" else "reason_en"]))
    left, right = st.columns(2, gap="medium")
    with left:
        zone_score.parts(row)
        st.caption(_robust(row, len(found.zones)))
    with right:
        _behind(found, row, chosen)


def _robust(row: pd.Series, total: int) -> str:
    ranks = (
        _("Rank {low} in 90 of 100 draws of weights and surfaces", low=int(row["rank_low"]))
        if row["rank_low"] == row["rank_high"]
        else _("Rank {low} to {high} in 90 of 100 draws of weights and surfaces",
               low=int(row["rank_low"]), high=int(row["rank_high"]))
    )  # fmt: skip
    top = _("in the first three in {share}", share=facts.percent(row["top_three_share"])) if total > 3 else _(
        "first in {share}", share=facts.percent(row["top_three_share"])
    )  # fmt: skip
    return f"{ranks} ({_('of {total} zones', total=total)}), {top}: {_(badges.ROBUSTNESS[row['robustness']])}."


def _behind(found: Screening, row: pd.Series, chosen: Choice) -> None:
    """Draw what the parts rest on, a tab each: days, stations, people, sources, what people say."""
    zone = str(row["zone_id"])
    fold.tabs(
        {
            _("Days"): partial(_days, found, row, chosen),
            _("Stations"): partial(_readings, found, row, chosen),
            _("People and care"): partial(_people, found, row),
            _("Likely sources"): partial(likely_table.show, found, zone, 300),
            _("What people said"): partial(zone_voices.show, found, zone),
        },
        "zone-behind",
    )


def _series(found: Screening, zone_id: str) -> pd.DataFrame:
    """Return date, mean, chance of exceeding and background of a zone, day by day (µg/m³)."""
    shape = found.zones.set_index("zone_id").to_crs(found.grid.crs).geometry[zone_id]
    cells = zone_measures.zone_cells(shape, found.grid) & found.surface["supported"].to_numpy()
    base = found.background
    if not cells.any():
        blank = np.full(len(found.days), np.nan)
        return pd.DataFrame({"date": found.days, "mean": blank, "chance": blank, "background": base})
    points = found.grid.points()[cells.ravel()]
    mean, chance = surfaces.daily_at(found.kriging, points[:: max(len(points) // SAMPLE, 1)], found.standard.value)
    series = {"date": found.days, "mean": mean.mean(axis=1), "chance": chance.mean(axis=1), "background": base}
    return pd.DataFrame(series)


def _days(found: Screening, row: pd.Series, chosen: Choice) -> None:
    """Draw the zone's days: mean, background and chance; and the readings of one day."""
    zone = str(row["zone_id"])
    series = results.derived(found, f"zone-days-{row['code']}", lambda: _series(found, zone))
    if series["mean"].isna().all():
        st.caption(_("No station is near enough to say how the dust is here."))
        return
    mean, base = _("This zone"), _("Background")
    lines = series.rename(columns={"mean": mean, "background": base}).melt("date", [mean, base], "what", "value")
    lines = lines.assign(date=pd.to_datetime(lines["date"]))
    colour = alt.Color("what:N", title=None, legend=alt.Legend(orient="top"),
                       scale=alt.Scale(domain=[mean, base], range=["#7F3E06", "#6B7280"]))  # fmt: skip
    chart = alt.Chart(lines).mark_line(point=alt.OverlayMarkDef(size=14)).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%d/%m", labelOverlap=True)),
        y=alt.Y("value:Q", title=unit(lang())), color=colour,
        strokeDash=alt.StrokeDash("what:N", legend=None, scale=alt.Scale(domain=[mean, base], range=[[1, 0], [5, 3]])),
        tooltip=[alt.Tooltip("date:T", format="%d/%m/%Y", title=_("Day")), alt.Tooltip("what:N", title=" "),
                 alt.Tooltip("value:Q", format=".1f", title=unit(lang()))],
    )  # fmt: skip
    limit = alt.Chart(pd.DataFrame({"y": [found.standard.value]})).mark_rule(strokeDash=[6, 4]).encode(y="y:Q")
    mark = f" · {_('Simulated data')}" if found.simulated else ""
    words = _("24-hour mean; dashed rule: standard {value}", value=concentration(found.standard.value, lang()))
    charts.show(
        alt.layer(chart, limit).properties(height=190),
        _("{pollutant} day by day, {name}", pollutant=pollutant_name(chosen.pollutant), name=name(row)),
        words + mark, key="zone-daily",
    )  # fmt: skip
    st.caption(
        _("Dust above the background: mean of the differences, {value}; trend: {trend}. Background: the network's low "
          "quantile, hour by hour; the one that local hotspots stand above.",
          value=zone_score.value("excess", row), trend=zone_score.trend_words(row))
    )  # fmt: skip
    _one_day(found, row, series)


def _one_day(found: Screening, row: pd.Series, series: pd.DataFrame) -> None:
    """Draw one day's estimate and the stations' 24-hour means it was made from."""
    worst = int(series["mean"].idxmax())
    names = dict(enumerate(day(d, lang()) for d in series["date"]))
    picked = st.selectbox(
        _("Day"), list(names), index=worst, format_func=names.__getitem__,
        key=f"zone-day-{row['code']}-{len(series)}",
    )  # fmt: skip
    one = series.iloc[int(picked)]
    st.markdown(
        _("Estimate {mean}, chance of being over the standard {chance}, background {base}; from these 24-hour means:",
          mean=concentration(one["mean"], lang(), 1), chance=facts.percent(one["chance"]),
          base=concentration(one["background"], lang(), 1))
    )  # fmt: skip
    near = _near(found, row).head(8)
    values = found.daily.loc[one["date"]].reindex(near["station_id"]).to_numpy(float)
    figure = st.column_config.NumberColumn
    tables.show(
        pd.DataFrame({"name": _station_names(near), "km": near["km"].round(1), "value": values.round(1)}), height=190,
        column_config={
            "name": st.column_config.TextColumn(_("Station")),
            "km": figure(_("Distance (km)"), format="%.1f", help=_("From the edge of the zone; 0 is inside")),
            "value": figure(_("24-hour mean ({unit})", unit=unit(lang())), format="%.1f"),
        },
    )  # fmt: skip
    _open_readings(near)


def _open_readings(near: pd.DataFrame) -> None:
    """Draw the way from a day's mean to a station's hourly readings."""
    names = dict(zip(near["station_id"].astype(str), _station_names(near).astype(str), strict=True))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    picked = left.selectbox(
        _("Station"), list(names), format_func=names.__getitem__, label_visibility="collapsed",
        key=f"zone-station-{'-'.join(names)}",
    )  # fmt: skip
    if right.button(_("Open its hourly readings"), icon=":material/show_chart:", width="stretch"):
        for key, value in (("data", "stations"), ("station", picked), ("plot", "series")):
            state.put(key, value)
        st.switch_page("pages/data.py")


def _near(found: Screening, row: pd.Series) -> pd.DataFrame:
    """Return the stations by distance (``km``) from the zone."""
    zone = found.zones.set_index("zone_id").to_crs(found.grid.crs).geometry[row["zone_id"]]
    near = found.stations.to_crs(found.grid.crs)
    return pd.DataFrame(near.assign(km=near.geometry.distance(zone) / 1000.0).sort_values("km"))


def _station_names(stations: pd.DataFrame) -> pd.Series:
    return stations["name_th" if lang() == "th" else "name_en"].fillna(stations["station_id"])


def _readings(found: Screening, row: pd.Series, chosen: Choice) -> None:
    near = _near(found, row).head(8)
    st.markdown(
        _("{pollutant}, mean of the period {mean}, estimated from these stations:",
          pollutant=pollutant_name(chosen.pollutant),
          mean=with_range(concentration(row["mean_ugm3"], lang()), row["lower95"], row["upper95"], lang()))
    )  # fmt: skip
    shown = pd.DataFrame(
        {
            "name": _station_names(near),
            "kind": [station_kind(k) for k in near["kind"]],
            "km": near["km"].round(1),
            "mean": near["value"].astype(float).round(1),
            "days": near["days_over"],
            "of": near["n_days"],
        }
    )
    figure = st.column_config.NumberColumn
    tables.show(
        shown,
        height=240,
        column_config={
            "name": st.column_config.TextColumn(_("Station"), width=150),
            "kind": st.column_config.TextColumn(_("Kind"), width=85),
            "km": figure(_("Distance (km)"), format="%.1f", help=_("From the edge of the zone; 0 is inside")),
            "mean": figure(_("Mean ({unit})", unit=unit(lang())), format="%.1f"),
            "days": figure(_("Days over"), help=_("24-hour means over the standard at the station itself")),
            "of": figure(_("Days measured")),
        },
    )


def station_kind(kind: str) -> str:
    """Return the name of a kind of station."""
    names = {"reference": _("reference"), "lowcost": _("low-cost")}
    return names.get(kind, _("unknown"))


def _people(found: Screening, row: pd.Series) -> None:
    source = row["people_source"]
    zone = found.zones.set_index("zone_id").geometry[row["zone_id"]]
    inside = found.receptors[found.receptors.within(zone)]
    facts.grid(
        {
            _("People"): facts.count(row["people"]),
            _("Over the standard on an average day"): _over(row, "people_day"),
            _("Where it is over on {days} days or more", days=_often(found)): _over(row, "people_often"),
            _("Source of the figure"): str(source) if isinstance(source, str) and source else "–",
            _("Children and old people"): zone_score.vulnerable_words(row),
            _("Schools"): facts.count(row["schools"]),
            _("Hospitals"): facts.count(row["hospitals"]),
            _("Health centres"): facts.count(int((inside["kind"] == "health_centre").sum())),
        }
    )
    _burden(found, row)
    if inside.empty:
        st.caption(_("No school or place of care is listed in this zone."))
        return
    shown = pd.DataFrame(
        {
            "name": inside["name_th" if lang() == "th" else "name_en"].fillna(inside["name_th"]),
            "kind": [receptor_kind(k) for k in inside["kind"]],
            "people": inside["people"],
        }
    )
    tables.show(
        shown,
        height=180,
        column_config={
            "name": st.column_config.TextColumn(_("Name")),
            "kind": st.column_config.TextColumn(_("Kind")),
            "people": st.column_config.NumberColumn(_("People"), format="localized"),
        },
    )


def _over(row: pd.Series, name: str) -> str:
    """Return people over the standard with the 90 % interval, a dash where it is not known."""
    if pd.isna(row[name]):
        return "–"
    return with_range(number(row[name]), row[f"{name}_low"], row[f"{name}_high"], lang(), sure=90)


def _often(found: Screening) -> int:
    """Return the days over the standard that make a hotspot."""
    return hotspots.days_needed(found.days_total, float(found.parameters.day_share or 0.0))


def _burden(found: Screening, row: pd.Series) -> None:
    """Say what long-term PM2.5 of this level means for health, with its interval and its warnings."""
    if found.parameters.pollutant != "pm25" or pd.isna(row["mean_ugm3"]):
        return
    share = burden.attributable_share(row["mean_ugm3"], row["lower95"], row["upper95"])
    people = float("nan") if pd.isna(row["people"]) else float(row["people"])
    said = [
        _("If the yearly mean were {mean}, {share} % of natural-cause deaths from the age of 30 would be put down to "
          "PM2.5 (95 % interval: {low}–{high} %; WHO method, against {base} µg/m³).",
          mean=concentration(row["mean_ugm3"], lang()), share=number(100 * share.value),
          low=number(100 * share.low), high=number(100 * share.high), base=f"{burden.COUNTERFACTUAL:g}"),
        *(warning.say(lang()) for warning in burden.warnings(people, int(row["days_total"]))),
    ]  # fmt: skip
    if found.simulated:
        said.append(_("Simulated data"))
    st.caption(" ".join(said))


def receptor_kind(kind: str) -> str:
    """Return the name of a kind of receptor."""
    names = {
        "school": _("school"), "childcare": _("childcare centre"), "hospital": _("hospital"),
        "health_centre": _("health centre"), "elderly_home": _("home for the elderly"), "other": _("other place"),
    }  # fmt: skip
    return names.get(kind, kind)
