"""Plots of one station: readings with flags, hours of the day and the week, calendar, completeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from geo import averages, profiles
from geo.palettes import INK, PRIMARY, concentration_scale, rgb
from geo.standards import standard
from language import day, moment, number, unit
from pages.parts import charts, errors, flag_words, holdings, results
from pages.parts.i18n import _, lang

if TYPE_CHECKING:
    from pages.parts.station_page import Shown

MANY = 4000
"""Readings above which a series is drawn by its daily means: single hours could not be told apart."""

SIGNS = {
    "range": ("#B91C1C", "cross"), "stuck": ("#7C3AED", "square"), "spike": ("#B45309", "triangle-up"),
    "step": ("#1D4ED8", "triangle-right"), "drift": ("#9D174D", "diamond"), "neighbour": ("#4D7C0F", "triangle-down"),
    "colocation": ("#BE185D", "square"), "position": ("#374151", "cross"), "humidity": ("#0369A1", "circle"),
    "channels": ("#0E7490", "triangle-left"), "incomplete": ("#475569", "stroke"),
}  # fmt: skip
"""Colour and shape of a flag: never colour alone."""
PALE = "#E3E7E4"
HEIGHT = 300


def flag_name(flag: str) -> str:
    """Return a flag in words."""
    return _(holdings.FLAGS[flag]) if flag in holdings.FLAGS else flag


def local(times: pd.Series) -> pd.Series:
    """Return moments in Bangkok time, without a zone: what a plot's axis shows."""
    return times.dt.tz_convert(results.BANGKOK).dt.tz_localize(None)


def series(shown: Shown) -> None:
    """Draw the good readings as a line and the marked ones as signs, and say what each sign means."""
    found = shown.readings.sort_values("time")
    good, marked = found[found["flag"].isna()], found[found["flag"].notna()]
    daily = len(good) > MANY
    averaging = _("hourly means, shown as 24-hour means") if daily else _averaging(shown)
    line = alt.Chart(_line(good, shown, daily)).mark_line(strokeWidth=1.4, color=PRIMARY).encode(
        x=_time_axis(), y=alt.Y("value:Q", title=unit(lang())),
        tooltip=[alt.Tooltip("when:N", title=_("Time")), alt.Tooltip("value:Q", title=_("Value"), format=".1f")],
    )  # fmt: skip
    parts = [line]
    kinds = [flag for flag in holdings.FLAGS if (marked["flag"] == flag).any()]
    if kinds:
        parts.append(_signs(marked, kinds))
    charts.show(alt.layer(*parts), _("{pollutant}: readings and flags", pollutant=shown.pollutant),
                shown.source(averaging), key="station-series", height=HEIGHT)  # fmt: skip
    if not kinds:
        st.caption(_("No reading of this pollutant is marked in this period."))
    for flag in kinds:
        _explain(flag, int((marked["flag"] == flag).sum()))
    if kinds:
        st.caption(_("Marked readings stay in the store and are left out of the computing. The limits can be changed "
                     "in data/quality.toml."))  # fmt: skip


def _explain(flag: str, count: int) -> None:
    """Draw what a flag means: why, the rule with its limits, where these come from, how many readings."""
    rule, source = (errors.plain(text) for text in (flag_words.rule(flag), flag_words.source(flag)))
    st.markdown(
        f"**{flag_name(flag)}** · {_('{count} readings', count=number(count))} — {_(holdings.FLAG_REASONS[flag])}  \n"
        f"<small>{_('Rule')}: {rule}. {_('Source of the limits')}: {source}</small>",
        unsafe_allow_html=True,
    )


def _averaging(shown: Shown) -> str:
    return _("hourly means") if shown.hourly else _("24-hour means")


def _time_axis() -> alt.X:
    return alt.X("time:T", title=None, axis=alt.Axis(format="%d/%m", labelOverlap="greedy", labelSeparation=12))


def _line(good: pd.DataFrame, shown: Shown, daily: bool) -> pd.DataFrame:
    """Return the line's points; hours without a good reading stay empty, so that the line breaks there."""
    if daily or not shown.hourly:
        means = averages.daily_means(good).set_index("date")["value"]
        table = means.reindex(pd.date_range(shown.chosen.start, shown.chosen.end)).rename_axis("time").reset_index()
        return table.assign(when=[day(t, lang()) for t in table["time"]])
    hours = good[good["period_hours"] == 1]
    step = pd.date_range(hours["time"].min(), hours["time"].max(), freq="h") if len(hours) else hours["time"]
    values = hours.groupby("time")["value"].mean().reindex(step).rename_axis("utc").reset_index()
    return pd.DataFrame(
        {
            "time": local(values["utc"]), "value": values["value"],
            "when": [moment(t.to_pydatetime(), lang()) for t in values["utc"]],
        }
    )  # fmt: skip


def _signs(marked: pd.DataFrame, kinds: list[str]) -> alt.Chart:
    """Return the marked readings; of very many, the largest of each day and flag."""
    rows = marked[marked["flag"].isin(kinds)]
    if len(rows) > MANY:
        dates = rows["time"].dt.tz_convert(results.BANGKOK).dt.date
        rows = rows.loc[rows.groupby([dates, "flag"], observed=True)["value"].idxmax()]
    table = pd.DataFrame(
        {
            "time": local(rows["time"]), "value": rows["value"], "flag": [flag_name(f) for f in rows["flag"]],
            "when": [moment(t.to_pydatetime(), lang()) for t in rows["time"]],
        }
    )  # fmt: skip
    names = [flag_name(flag) for flag in kinds]
    legend = alt.Legend(orient="top", columns=2 if len(kinds) > 1 else 1, labelLimit=420, symbolSize=80)
    return alt.Chart(table).mark_point(filled=True, size=34, opacity=0.85).encode(
        x=_time_axis(), y="value:Q",
        color=alt.Color("flag:N", title=None, legend=legend,
                        scale=alt.Scale(domain=names, range=[SIGNS[f][0] for f in kinds])),
        shape=alt.Shape("flag:N", title=None, legend=legend,
                        scale=alt.Scale(domain=names, range=[SIGNS[f][1] for f in kinds])),
        tooltip=[alt.Tooltip("when:N", title=_("Time")), alt.Tooltip("value:Q", title=_("Value"), format=".1f"),
                 alt.Tooltip("flag:N", title=_("Reason"))],
    )  # fmt: skip


def hours(shown: Shown) -> None:
    """Draw the hours of the day beside the hours of the week."""
    if not shown.hourly:
        st.info(_("This station gives means of 24 hours only; hours cannot be told apart."), icon=":material/info:")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _hours_of_day(shown)
    with right:
        _hours_of_week(shown)
    st.caption(
        _("An hour is named by its beginning (Thai time). Marked readings are left out; an hour with fewer than "
          "{least} readings is not shown.", least=profiles.LEAST)
    )  # fmt: skip


def _hour_axis() -> alt.X:
    labels = alt.Axis(values=list(range(0, 24, 3)), labelExpr="datum.value + ':00'", labelAngle=0)
    return alt.X("hour:O", title=None, axis=labels)


def _hours_of_day(shown: Shown) -> None:
    table = profiles.by_hour(shown.readings, shown.chosen.pollutant)
    tips = [
        alt.Tooltip("hour:Q", title=_("Hour")), alt.Tooltip("median:Q", title=_("Median"), format=".1f"),
        alt.Tooltip("q25:Q", title=_("Quarter below"), format=".1f"),
        alt.Tooltip("q75:Q", title=_("Quarter above"), format=".1f"), alt.Tooltip("n:Q", title=_("Readings")),
    ]  # fmt: skip
    band = alt.Chart(table).mark_area(opacity=0.22, color=PRIMARY).encode(
        x=_hour_axis(), y=alt.Y("q25:Q", title=unit(lang())), y2="q75:Q"
    )  # fmt: skip
    line = alt.Chart(table).mark_line(point=True, color=PRIMARY).encode(x=_hour_axis(), y="median:Q", tooltip=tips)
    lines = shown.source(_("hourly means"))
    charts.show(band + line, _("{pollutant} by hour: median and middle half", pollutant=shown.pollutant), lines,
                key="station-hours", height=HEIGHT)  # fmt: skip


def weekdays() -> list[str]:
    """Return the names of the weekdays, Monday first."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _hours_of_week(shown: Shown) -> None:
    table = profiles.by_weekday_and_hour(shown.readings, shown.chosen.pollutant).dropna(subset="mean")
    names = weekdays()
    table = table.assign(day=[names[i] for i in table["weekday"]])
    chart = alt.Chart(table).mark_rect(stroke="#FFFFFF", strokeWidth=0.6).encode(
        x=_hour_axis(), y=alt.Y("day:O", sort=names, title=None, scale=alt.Scale(domain=names)),
        color=_concentration(shown, table["mean"]),
        tooltip=[alt.Tooltip("day:N", title=_("Day")), alt.Tooltip("hour:Q", title=_("Hour")),
                 alt.Tooltip("mean:Q", title=_("Mean"), format=".1f"), alt.Tooltip("n:Q", title=_("Readings"))],
    )  # fmt: skip
    charts.show(chart, _("{pollutant} by weekday and hour: mean", pollutant=shown.pollutant),
                shown.source(_("hourly means")), key="station-week", height=HEIGHT)  # fmt: skip


def _concentration(shown: Shown, values: pd.Series, field: str = "mean") -> alt.Color:
    """Return the colours of a concentration, in the classes of the maps."""
    scale = concentration_scale(shown.chosen.pollutant, float(values.min()), float(values.max()))
    return alt.Color(
        f"{field}:Q", title=unit(lang()), legend=alt.Legend(orient="right", gradientLength=200),
        scale=alt.Scale(type="threshold", domain=list(scale.breaks), range=list(scale.colours)),
    )  # fmt: skip


def calendar(shown: Shown) -> None:
    """Draw the 24-hour means as a calendar: a column a week, a row a weekday, the value in the cell."""
    table = averages.daily_means(shown.readings)
    table = table[table["complete"]]
    if table.empty:
        st.caption(_("No day has enough readings for a 24-hour mean (18 of 24 hours)."))
        return
    limit = standard(shown.chosen.pollutant, when=shown.chosen.end).value
    names = weekdays()
    scale = concentration_scale(shown.chosen.pollutant, float(table["value"].min()), float(table["value"].max()))
    dark = [sum(rgb(scale.colour(v))) < 330 for v in table["value"]]
    data = pd.DataFrame(
        {
            "week": (table["date"] - pd.to_timedelta(table["date"].dt.dayofweek, unit="D")).dt.strftime("%Y-%m-%d"),
            "weekday": [names[i] for i in table["date"].dt.dayofweek], "value": table["value"],
            "day": [day(d, lang()) for d in table["date"]], "ink": ["#FFFFFF" if d else INK for d in dark],
            "hours": table["hours"],
            "over": [_("over the standard") if v > limit else _("within the standard") for v in table["value"]],
        }
    )  # fmt: skip
    weeks = sorted(data["week"].unique())
    every = max(len(weeks) // 12, 1)
    labels = {w: day(pd.Timestamp(w).date(), lang(), year=False) for w in weeks[::every]}
    expression = " : ".join(f"datum.value == '{w}' ? '{label}'" for w, label in labels.items()) + " : ''"
    tips = [alt.Tooltip("day:N", title=_("Day")), alt.Tooltip("value:Q", title=_("Mean"), format=".1f"),
            alt.Tooltip("hours:Q", title=_("Hours")), alt.Tooltip("over:N", title=_("Standard"))]  # fmt: skip
    base = alt.Chart(data).encode(
        x=alt.X("week:O", title=None, axis=alt.Axis(labelExpr=expression, labelAngle=0, ticks=False,
                                                    values=list(labels))),
        y=alt.Y("weekday:O", sort=names, title=None, scale=alt.Scale(domain=names)), tooltip=tips,
    )  # fmt: skip
    chart = base.mark_rect(stroke="#FFFFFF", strokeWidth=1.5).encode(
        color=_concentration(shown, data["value"], "value")
    )
    if len(weeks) <= 20:
        ink = alt.Color("ink:N", scale=None, legend=None)
        chart = alt.layer(
            chart, base.mark_text(fontSize=charts.size() - 2).encode(text=alt.Text("value:Q", format=".0f"), color=ink)
        ).resolve_scale(color="independent")
    charts.show(chart, _("{pollutant}: calendar of 24-hour means", pollutant=shown.pollutant),
                shown.source(_("24-hour means")), key="station-calendar", height=HEIGHT)  # fmt: skip
    over = int((data["value"] > limit).sum())
    st.caption(
        _("Of {days} days with a 24-hour mean, {over} were over the standard of {limit} {unit}.",
          days=number(len(data)), over=number(over), limit=f"{limit:g}", unit=unit(lang()))
    )  # fmt: skip


def completeness(shown: Shown) -> None:
    """Draw for each day how many hours have a good reading, a marked one, or none."""
    table = hours_by_state(shown)
    names = {"good": _("good"), "marked": _("marked"), "missing": _("missing")}
    data = table.melt("date", var_name="state", value_name="hours")
    order = {"good": 0, "marked": 1, "missing": 2}
    data = data.assign(state=[names[s] for s in data["state"]], order=[order[s] for s in data["state"]],
                       when=[day(d, lang()) for d in data["date"]])  # fmt: skip
    chart = alt.Chart(data).mark_bar(width={"band": 0.9}).encode(
        x=alt.X("yearmonthdate(date):O", title=None,
                axis=alt.Axis(format="%d/%m", labelOverlap="greedy", labelSeparation=14)),
        y=alt.Y("hours:Q", title=_("hours"), scale=alt.Scale(domain=[0, 24]), axis=alt.Axis(values=[0, 6, 12, 18, 24])),
        color=alt.Color("state:N", title=None, legend=alt.Legend(orient="top"),
                        scale=alt.Scale(domain=list(names.values()), range=["#5FA69E", "#9F5500", PALE])),
        order="order:Q",
        tooltip=[alt.Tooltip("when:N", title=_("Day")), alt.Tooltip("state:N", title=_("Use")),
                 alt.Tooltip("hours:Q", title=_("Hours"))],
    )  # fmt: skip
    charts.show(chart, _("{pollutant}: hours of each day", pollutant=shown.pollutant),
                shown.source(_averaging(shown)), key="station-complete", height=HEIGHT)  # fmt: skip
    share = table[["good", "marked", "missing"]].sum() / max(float(table[["good", "marked", "missing"]].sum().sum()), 1)
    st.caption(
        _("Good {good} %, marked {marked} %, missing {missing} % of the hours. A day counts with at least 18 good "
          "hours.", good=f"{100 * share['good']:.1f}", marked=f"{100 * share['marked']:.1f}",
          missing=f"{100 * share['missing']:.1f}")
    )  # fmt: skip


def hours_by_state(shown: Shown) -> pd.DataFrame:
    """Return `date` and hours `good`, `marked` and `missing` of each day of the period; 24 in all."""
    found = shown.readings.assign(date=local(shown.readings["time"]).dt.normalize())
    whole = found[(found["period_hours"] >= 24) & found["flag"].isna()]
    hourly = found[found["period_hours"] == 1].drop_duplicates(["time"])
    days = pd.date_range(shown.chosen.start, shown.chosen.end, name="date")
    good = hourly[hourly["flag"].isna()].groupby("date").size().reindex(days, fill_value=0)
    good[good.index.isin(whole["date"])] = 24
    marked = hourly[hourly["flag"].notna()].groupby("date").size().reindex(days, fill_value=0)
    marked = marked.clip(upper=24 - good)
    return pd.DataFrame({"good": good, "marked": marked, "missing": 24 - good - marked}).reset_index()
