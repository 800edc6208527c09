"""The sheet of one hotspot: where, how often, how sure, who lives there, and what stands near it."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo.palettes import EXCEEDANCE, INK
from language import (
    concentration,
    day,
    number,
    pollutant_name,
    probability_class,
    probability_words,
    span,
    unit,
    with_range,
)
from pages.parts import (
    badges,
    charts,
    errors,
    facts,
    frame,
    hotspot_rule,
    hotspot_time,
    likely_table,
    results,
    state,
)
from pages.parts.i18n import _, lang
from planning import surfaces, trends
from planning.screening import Screening
from planning.sentences import days_sentence, unmapped_note

SAMPLE = 200
"""Cells that stand for a hotspot in its daily chart; more would not change the mean visibly."""


def days_words(row: pd.Series) -> str:
    """Return ``12 of 60 days``."""
    return _("{count} of {total} days", count=number(row["days_over"]), total=int(row["days_total"]))


def table(hotspots: pd.DataFrame) -> pd.DataFrame:
    """Return the ranked list as it is shown, one row a hotspot, in the order of `hotspots`."""
    named = "name_th" if lang() == "th" else "name_en"
    return pd.DataFrame(
        {
            "rank": hotspots["rank"].astype(int),
            "place": hotspots[named],
            "days": hotspots["days_over"].round(1),
            "chance": [badges.chance(p) for p in hotspots["probability"]],
            "mean": hotspots["mean_ugm3"].round(1),
            "range": [
                span(low, high, lang()) for low, high in zip(hotspots["lower95"], hotspots["upper95"], strict=True)
            ],
            "excess": [hotspot_rule.excess(row) for _i, row in hotspots.iterrows()],
            "sure": [hotspot_rule.sure(row) for _i, row in hotspots.iterrows()],
            "people": hotspots["people"],
            "receptors": hotspots["receptors"],
            "factories": hotspots["factories"],
            "area": hotspots["area_km2"].round(2),
        }
    )


def columns(found: Screening) -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table`."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    above = {
        "days": st.column_config.ProgressColumn(
            _("Days above the background"), min_value=0, max_value=found.days_total, format="%.1f", width=135,
            help=_("Expected days above the background by more than the rule asks, of {total}", total=found.days_total),
        ),
        "chance": plain(_("How likely"), help=_("Chance of being above the background on the asked share of the days")),
        "mean": None, "range": None,
    } if hotspot_rule.local() else {}  # fmt: skip
    return {
        "rank": figure(_("Rank"), width=50, help=_("By days over the standard, then people, then size")),
        "place": plain(_("Place"), width=165, help=_("The municipality, tambon or sub-area that holds most of it")),
        "days": st.column_config.ProgressColumn(
            _("Days over standard"), min_value=0, max_value=found.days_total, format="%.1f", width=135,
            help=_("Expected days over the 24-hour standard, of {total}", total=found.days_total),
        ),
        "chance": plain(
            _("How likely"), help=_("Chance of being over the standard on the asked share of the days")
        ),
        "mean": figure(
            _("Mean ({unit})", unit=unit(lang())), format="%.1f", help=_("Mean of the period over the hotspot")
        ),
        "range": plain(_("95 % range"), help=_("The true mean lies in it in 95 of 100 such cases")),
        "excess": plain(
            _("Above the background ({unit})", unit=unit(lang())),
            help=_("Mean excess over the region's background in the same hours, with its 95 % range"),
        ),
        "sure": plain(_("How sure"), help=_("Over many equally likely dust maps: weak where it is often gone")),
        "people": figure(_("People"), format="localized", help=_("People who live inside the outline")),
        "receptors": figure(_("Schools and care"), help=_("Schools, hospitals and other places of care inside")),
        "factories": figure(_("Factories near"), help=_("Factories inside or within 1 km")),
        "area": figure(_("Area (km²)"), format="%.2f", help=_(
            "Up to a kilometre of it may lie where no station is near enough to map but the network makes it as likely"
        )),
        **above,
    }


def head(found: Screening, row: pd.Series, chosen: frame.Choice) -> None:
    """Draw the first part of the sheet: what it is, in a sentence and in figures, and the sheet to take home."""
    named = row["name_th"] if lang() == "th" else row["name_en"]
    title, take = st.columns([5, 2], vertical_alignment="center")
    with take:
        hotspot_time.offer_sheet(found, str(row["hotspot_id"]), chosen)
    title.markdown("#### " + _("Hotspot {rank}: {name}", rank=int(row["rank"]), name=errors.plain(str(named))))
    st.markdown(sentence(row))
    _figures(found, row)


def sentence(row: pd.Series) -> str:
    """Return the hotspot in one sentence."""
    if not hotspot_rule.local():
        return days_sentence(float(row["days_over"]), int(row["days_total"]), lang())
    return _(
        "On average {excess} {unit} above the air that comes in (95 % range); above it by more than the rule asks on "
        "about {days} of {total} days.",
        excess=hotspot_rule.excess(row),
        unit=unit(lang()),
        days=number(row["days_over"]),
        total=int(row["days_total"]),
    )


def details(found: Screening, row: pd.Series, chosen: frame.Choice) -> None:
    """Draw the second part of the sheet: day by day, and where the dust may come from."""
    named = row["name_th"] if lang() == "th" else row["name_en"]
    left, right = st.columns([5, 6], gap="medium")
    with left:
        views = hotspot_time.names()
        view = st.segmented_control(
            _("Over time"), list(views), key=state.bind("time", "days", allowed=hotspot_time.VIEWS),
            format_func=views.__getitem__, required=True, label_visibility="collapsed",
        )  # fmt: skip
        if view == "days":
            daily_chart(found, row, named, chosen)
        else:
            hotspot_time.show(found, row, str(named), str(view), chosen)
    with right:
        likely_table.show(found, str(row["hotspot_id"]), 330)


def _figures(found: Screening, row: pd.Series) -> None:
    mean = with_range(concentration(row["mean_ugm3"], lang()), row["lower95"], row["upper95"], lang())
    excess = _("{excess} above the standard of {standard}, on the days over it",
               excess=concentration(row["excess_ugm3"], lang()),
               standard=concentration(found.standard.value, lang()))  # fmt: skip
    receptors = _("schools {schools}, hospitals {hospitals}, other places of care {others}",
                  schools=facts.count(row["schools"]), hospitals=facts.count(row["hospitals"]),
                  others=facts.count(row["receptors"] - row["schools"] - row["hospitals"]))  # fmt: skip
    worst = pd.to_datetime(row["max_day"])
    over = {_("Mean of the period"): mean, _("On those days"): excess}
    local = f"{hotspot_rule.excess(row)} {unit(lang())}"
    size = f"{number(row['area_km2'], 2)} {_('km²')} ({hotspot_rule.interval(row, 'area_km2', 1)})"
    beyond = unmapped_note(float(row["unmapped_share"]))
    about = {
        _("How often"): f"{days_words(row)} ({hotspot_rule.interval(row, 'days')})",
        _("How likely is a hotspot here"): badges.chance(row["probability"]),
        **({} if hotspot_rule.local() else over),
        _("Above the background"): local,
        _("How sure"): hotspot_rule.sure(row),
        _("Rank, 90 % range"): hotspot_rule.interval(row, "rank"),
        _("Who lives there"): _("{count} people ({range})", count=facts.count(row["people"]),
                                range=hotspot_rule.interval(row, "people")),
        _("Who needs care"): receptors,
        _("Area"): f"{size}, {beyond.say(lang())}" if beyond else size,
        _("Worst day"): "–" if pd.isna(worst) else day(worst.date(), lang()),
    }  # fmt: skip
    facts.grid(about | hotspot_time.about(found, row))


def nearest_miss(found: Screening) -> str:
    """Return in words where it comes nearest to a hotspot, empty where nothing is known of the area."""
    zones = found.zones[found.zones["hot_days"].notna()]
    if zones.empty:
        return ""
    first = zones.sort_values(["hot_days", "days_over"], ascending=False).iloc[0]
    return _(
        "{name}: almost certainly over on {hot} of {total} days, {days} days expected over the standard.",
        name=first["name_th" if lang() == "th" else "name_en"],
        hot=number(first["hot_days"], 1),
        days=number(first["days_over"], 1),
        total=int(first["days_total"]),
    )


def _series(found: Screening, hotspot_id: str) -> pd.DataFrame:
    """Return date, mean and chance of exceeding over the hotspot, day by day."""
    geometry = found.hotspots.set_index("hotspot_id").to_crs(found.surface.rio.crs).geometry[hotspot_id]
    points = trends.places_in(found, geometry, SAMPLE)
    mean, exceedance = surfaces.daily_at(found.kriging, points, found.standard.value)
    return pd.DataFrame({"date": found.days, "mean": mean.mean(axis=1), "chance": exceedance.mean(axis=1)})


def daily_chart(found: Screening, row: pd.Series, named: str, chosen: frame.Choice) -> None:
    """Draw the hotspot's 24-hour means day by day, with the standard."""
    hotspot = str(row["hotspot_id"])
    series = results.derived(found, f"days-{hotspot}", lambda: _series(found, hotspot))
    keys = list(EXCEEDANCE)
    words = {key: probability_words(p, lang()) for key, p in zip(keys, (0.05, 0.3, 0.65, 0.9), strict=True)}
    data = series.assign(
        words=[words[probability_class(p)] for p in series["chance"]],
        day=[day(d, lang()) for d in series["date"]],
        percent=(100 * series["chance"]).round(),
        date=pd.to_datetime(series["date"]),
    )
    scale = alt.Scale(domain=list(words.values()), range=list(EXCEEDANCE.values()))
    low = alt.Legend(orient="bottom", columns=2, labelLimit=220)
    bars = alt.Chart(data).mark_bar(stroke=INK, strokeWidth=0.4).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%d/%m", labelOverlap=True)),
        y=alt.Y("mean:Q", title=unit(lang())),
        color=alt.Color("words:N", scale=scale, title=None, legend=low),
        tooltip=[
            alt.Tooltip("day:N", title=_("Day")), alt.Tooltip("mean:Q", title=_("24-hour mean"), format=".1f"),
            alt.Tooltip("words:N", title=_("How likely")), alt.Tooltip("percent:Q", title=_("Chance (%)")),
        ],
    )  # fmt: skip
    line = alt.Chart(pd.DataFrame({"y": [found.standard.value]})).mark_rule(strokeDash=[6, 4], color=INK)
    standard = _("dashed: standard {value}", value=concentration(found.standard.value, lang()))
    mark = f" · {_('Simulated data')}" if found.simulated else ""
    charts.show(
        alt.layer(bars, line.encode(y="y:Q")).properties(height=300),
        _("{pollutant} day by day, {name}", pollutant=pollutant_name(chosen.pollutant), name=named),
        f"{standard}{mark}",
        key="hotspot-daily",
    )
    st.caption(
        _(
            "24-hour means, kriged and averaged over the hotspot; the colour says how likely the day was over the "
            "standard."
        )
    )
