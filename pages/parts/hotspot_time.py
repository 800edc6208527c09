"""A hotspot over time: its trend against the network, and the hours, weekdays and months in which it is worst.

The trend takes a moment and is there at once. The hours are kriged in the background; the page shows everything
else meanwhile and draws itself again when they are there.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from geo.lake import Lake
from geo.palettes import CONCENTRATION, INK, PRIMARY
from language import UserError, date_range, number, pollutant_name, span, unit
from language.progress import Progress
from pages.parts import charts, files, results
from pages.parts.i18n import _, lang
from planning import profiles, trends
from planning.screening import Screening
from planning.settings import settings
from planning.spot_hours import Hours, hours_of
from planning.trends import Trend

if TYPE_CHECKING:
    from pages.parts.frame import Choice

VIEWS = ("days", "trend", "hour", "weekday", "month")
WAIT = "…"
LISTED = 3
POLL_S = 2.0
HEIGHT = 300


# ------------------------------------------------------------------------------ what is known


def all_trends(found: Screening) -> dict[str, Trend]:
    """Return every hotspot's trend by id."""
    made: dict[str, Trend] = results.derived(found, "trends", lambda: trends.of_all(found, trends.all_spots(found)))
    return made


@st.cache_resource(show_spinner=False)
def _jobs() -> results.Jobs:
    """Jobs of their own: hours must not push screenings out, nor keep them waiting."""
    return results.Jobs(results.KEPT_RESULTS, threads=1)


def start(found: Screening) -> Future[Hours]:
    """Begin with the hours if nobody has, and return what will hold them."""
    key = f"{found.snapshot}|{found.parameters}"
    return _jobs().start(key, partial(_hours, results.lake(), found)).future


def _hours(lake: Lake, found: Screening, say: Progress) -> Hours:
    try:
        return hours_of(lake, found, say)
    except Exception:  # a failed job is begun anew by every page that asks: say it once, and keep the trace
        logging.getLogger(__name__).exception("hours of the hotspots")
        return Hours({}, UserError("The hours of the day could not be computed."))


def hours_now(found: Screening) -> Hours | None:
    """Return the hours if they are there."""
    waited = start(found)
    return waited.result() if waited.done() else None


def watch(found: Screening, shown: bool) -> None:
    """Draw the page again when the hours are there; `shown` where all of this run already had them."""
    if shown:
        return
    if start(found).done():  # they came while the page was being drawn: its upper part still waits
        st.rerun()

    @st.fragment(run_every=POLL_S)
    def look() -> None:
        if start(found).done():
            st.rerun()

    look()


def offer_sheet(found: Screening, spot: str, chosen: Choice) -> None:
    """Draw the buttons that give the hotspot's sheet as Word document and PDF, in the reader's language."""
    language = lang()

    def made(suffix: str) -> bytes:
        from planning import spot_sheets  # python-docx and Pillow: only who takes a sheet waits for them

        sheet = spot_sheets.of_spot(found, spot, start(found).result(), language)
        return spot_sheets.docx(sheet) if suffix == "docx" else spot_sheets.pdf(sheet)

    with st.popover(_("Sheet"), icon=":material/description:", width="stretch"):
        for suffix, words, mime in (("pdf", _("Sheet as PDF"), "application/pdf"),
                                    ("docx", _("Sheet as Word document"), files.DOCX)):  # fmt: skip
            st.download_button(
                words, partial(made, suffix), file_name=files.name(f"hotspot-{spot}", chosen, suffix), mime=mime,
                key=f"sheet-{suffix}", on_click="ignore", icon=":material/download:", width="stretch",
            )  # fmt: skip


# ------------------------------------------------------------------------------ the list


def with_time(found: Screening, kept: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return the list's table with the trend and the hours of each hotspot, after its days."""
    known, hours = all_trends(found), hours_now(found)
    ids = kept["hotspot_id"].astype(str)
    words = [known[i].name.say(lang()) if i in known else "–" for i in ids]
    place = list(table.columns).index("days") + 1
    table = table.copy()
    table.insert(place, "trend", words)
    table.insert(place + 1, "hours", [_hours_words(hours, i) for i in ids])
    return table.assign(sources=[_sources_words(found, i) for i in ids])


def _sources_words(found: Screening, spot: str) -> str:
    """Return the first likely sources by their kind, with their shares: no name stands in the list alone."""
    others = {"traffic": _("traffic and town"), "burning": _("open burning")}
    rows = found.likely[(found.likely["target_id"] == spot) & (found.likely["rank"] <= LISTED)].sort_values("rank")
    kinds = rows["type_name_th" if lang() == "th" else "type_name_en"]
    words = [
        f"{others.get(str(source), kind if isinstance(kind, str) and kind else str(source))} {100 * share:.0f} %"
        for source, kind, share in zip(rows["source_id"], kinds, rows["share"], strict=True)
    ]
    return ", ".join(words) or "–"


def _hours_words(hours: Hours | None, spot: str) -> str:
    if hours is None:
        return WAIT
    made = hours.profiles.get(spot)
    return (made["hour"].words if made else "") or "–"


def about(found: Screening, row: pd.Series) -> dict[str, str]:
    """Return trend and worst hours for the figures of the sheet."""
    spot = str(row["hotspot_id"])
    known = all_trends(found)
    return {
        _("Trend"): known[spot].name.say(lang()) if spot in known else "–",
        _("Worst hours"): _hours_words(hours_now(found), spot),
    }


def columns() -> dict[str, Any]:
    """Return heading and meaning of the two columns."""
    plain = st.column_config.TextColumn
    return {
        "trend": plain(
            _("Trend"), width=95, help=_("Against the stations around it on the same days, so that weather cancels")
        ),
        "hours": plain(
            _("Worst hours"), width=85, help=_("Hours of the day clearly above the day’s mean, Bangkok time")
        ),
    }


def trend_filter(found: Screening, kept: pd.DataFrame, where: Any, key: str) -> pd.DataFrame:
    """Draw the choice of a trend and return the hotspots that have it. `key` is bound by the page."""
    known = all_trends(found)
    ids = kept["hotspot_id"].astype(str)
    there = {known[i].kind for i in ids if i in known}
    options = ["", *(k for k in trends.KINDS if k in there)]
    if st.session_state.get(key) not in options:
        st.session_state[key] = ""
    names = {"": _("Every trend")} | {k: _("Trend: {name}", name=_(trends.KINDS[k])) for k in trends.KINDS}
    wanted = where.selectbox(_("Trend"), options, key=key, format_func=names.__getitem__, label_visibility="collapsed")
    if kept.empty:  # an empty list of yes and no would be taken for a list of columns
        return kept
    return kept[[not wanted or (i in known and known[i].kind == wanted) for i in ids]]


# ------------------------------------------------------------------------------ the sheet


def names() -> dict[str, str]:
    """Return the views of the sheet's charts."""
    return {
        "days": _("Day by day"), "trend": _("Trend"), "hour": _("Hours"), "weekday": _("Weekdays"),
        "month": _("Months"),
    }  # fmt: skip


def show(found: Screening, row: pd.Series, named: str, view: str, chosen: Choice) -> None:
    """Draw one of the views but the first."""
    spot = str(row["hotspot_id"])
    if view == "trend":
        _trend(found, all_trends(found)[spot], named, chosen)
        return
    hours = hours_now(found)
    if hours is None:
        st.info(_("The hours are being computed; this part appears by itself."), icon=":material/hourglass_top:")
    elif hours.problem is not None:
        st.info(hours.problem.say(lang()), icon=":material/info:")
    elif spot in hours.profiles:
        _profile(found, hours.profiles[spot][view], named, chosen)


def _mark(found: Screening) -> list[str]:
    return [_("Simulated data")] if found.simulated else []


def _trend(found: Screening, trend: Trend, named: str, chosen: Choice) -> None:
    """Draw the excess block by block, with its line, and say the class in words."""
    sentences = trend.sentences(lang())
    st.markdown(f"**{_('Trend')}: {trend.name.say(lang())}.** " + " ".join(sentences))
    if len(trend.series):
        least = number(settings().trends_excess_ugm3, 1)
        words = {True: _("high: at least {least} above the network", least=least), False: _("not high")}
        data = trend.series.assign(
            when=[date_range(a, b, lang()) for a, b in zip(trend.series["start"], trend.series["end"], strict=True)],
            start=pd.to_datetime(trend.series["start"]),
            end=pd.to_datetime(trend.series["end"]) + pd.Timedelta(days=1),
            words=[words[bool(h)] for h in trend.series["high"]],
            zero=0.0,
        )
        scale = alt.Scale(domain=list(words.values()), range=[CONCENTRATION[6], "#C9CFCC"])
        bars = alt.Chart(data).mark_bar(stroke=INK, strokeWidth=0.4).encode(
            x=alt.X("start:T", title=None, axis=alt.Axis(format="%d/%m", labelOverlap=True)), x2="end:T",
            y=alt.Y("excess:Q", title=unit(lang())), y2="zero:Q",
            color=alt.Color("words:N", scale=scale, title=None, legend=alt.Legend(orient="bottom")),
            tooltip=[
                alt.Tooltip("when:N", title=_("Period")),
                alt.Tooltip("excess:Q", title=_("Above the network"), format="+.1f"),
                alt.Tooltip("spot:Q", title=_("Hotspot"), format=".1f"),
                alt.Tooltip("level:Q", title=_("Network"), format=".1f"),
                alt.Tooltip("days:Q", title=_("Days")),
            ],
        )  # fmt: skip
        zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(color=INK).encode(y="y:Q")
        block = _("means of months") if trend.block == "month" else _("means of weeks")
        about = [_("hotspot minus the stations around it, {block}", block=block), *_mark(found)]
        charts.show(
            alt.layer(bars, zero),
            _("{pollutant} against the network, {name}", pollutant=pollutant_name(chosen.pollutant), name=named),
            " · ".join(about), key="hotspot-trend", height=HEIGHT - 40,
        )  # fmt: skip
    with st.expander(_("How the trend is decided")):
        for rule in trends.rules():
            st.markdown(f"- {rule.say(lang())}")


def _profile(found: Screening, profile: profiles.Profile, named: str, chosen: Choice) -> None:
    """Draw a profile with its band, and say the peak in words."""
    st.markdown(f"**{profile.sentence.say(lang())}**")
    if profile.table.empty:
        return
    data = profile.table.assign(
        label=[profiles.key_name(profile.kind, int(k), lang()) for k in profile.table["key"]],
        range=[span(a, b, lang(), 1)
               for a, b in zip(profile.table["lower95"], profile.table["upper95"], strict=True)],
    )  # fmt: skip
    titles = {
        "hour": _("{pollutant} by the hour of the day, {name}"),
        "weekday": _("{pollutant} by the day of the week, {name}"),
        "month": _("{pollutant} by the month, {name}"),
    }
    title = titles[profile.kind].format(pollutant=pollutant_name(chosen.pollutant), name=named)
    mean = _("1-hour means, Bangkok time") if profile.kind == "hour" else _("means of days")
    source = " · ".join([mean, _("band: 95 %, all together"), *_mark(found)])
    charts.show(profile_chart(profile, data), title, source, key=f"hotspot-{profile.kind}", height=HEIGHT)
    said = [
        _("Each hour, kriged over the hotspot, against the mean of its own day, so that hazy days don’t count double.")
        if profile.kind == "hour"
        else _("From the same hours; weekdays are compared within their own week."),
        _("The band comes from drawing runs of days again and again; it does not hold the error of a sensor."),
    ]
    st.caption(" ".join(said))


def profile_chart(profile: profiles.Profile, data: pd.DataFrame) -> Any:
    """Return a line with its band for hours, points with whiskers for weekdays and months."""
    y = alt.Y("mean:Q", title=unit(lang()), scale=alt.Scale(zero=profile.kind != "hour", nice=True))
    tips = [
        alt.Tooltip("label:N", title=_("When")), alt.Tooltip("mean:Q", title=_("Mean"), format=".1f"),
        alt.Tooltip("range:N", title=_("95 % range")), alt.Tooltip("count:Q", title=_("Days")),
    ]  # fmt: skip
    if profile.kind == "hour":
        x = alt.X("key:Q", title=_("hour of the day"), scale=alt.Scale(domain=[0, 23], nice=False),
                  axis=alt.Axis(values=list(range(0, 24, 3)), format="02d"))  # fmt: skip
        base = alt.Chart(data)
        band = base.mark_area(opacity=0.22, color=PRIMARY).encode(x=x, y=alt.Y("lower95:Q"), y2="upper95:Q")
        line = base.mark_line(color=PRIMARY, strokeWidth=2.5).encode(x=x, y=y)
        peak = data["key"].isin(list(profile.peak))
        points = alt.Chart(data.assign(peak=peak)).mark_point(filled=True, opacity=1).encode(
            x=x, y=y, tooltip=tips,
            size=alt.condition("datum.peak", alt.value(70), alt.value(22)),
            color=alt.condition("datum.peak", alt.value(CONCENTRATION[7]), alt.value(PRIMARY)),
        )  # fmt: skip
        return alt.layer(band, line, points)
    order = list(data["label"])
    x = alt.X("label:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(data)
    whiskers = base.mark_rule(color=INK, strokeWidth=2).encode(x=x, y="lower95:Q", y2="upper95:Q")
    bars = base.mark_bar(color=CONCENTRATION[3], stroke=INK, strokeWidth=0.4).encode(x=x, y=y, tooltip=tips)
    return alt.layer(bars, whiskers)
