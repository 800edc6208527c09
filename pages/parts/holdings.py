"""What the store holds: counts and periods, completeness of each station, flags with their reasons, sources."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo import averages
from geo.boundaries import find_area
from geo.palettes import INK
from language import N_, date_range, day, moment, number, pollutant_name
from pages.parts import charts, facts, flag_words, frame, results, tables, zone_why
from pages.parts.i18n import _, lang

FLAGS = {
    "range": N_("outside the possible range"),
    "stuck": N_("stuck: the same value for hours"),
    "spike": N_("spike: one hour far from its neighbours in time"),
    "step": N_("step: the level jumps and stays"),
    "drift": N_("drift: it moves away from the stations around"),
    "neighbour": N_("unlike the stations around"),
    "colocation": N_("unlike the unit that stands beside it"),
    "position": N_("the readings belong to another place"),
    "humidity": N_("too wet for an optical sensor"),
    "channels": N_("the two counters of the unit disagree, or one is missing"),
    "incomplete": N_("too few readings in the hour or day"),
}
FLAG_REASONS = {
    "range": N_("The instrument cannot measure such a value: it is a fault or a code for “missing”."),
    "stuck": N_("Air never stands exactly still. The same figure for hours means a blocked or frozen instrument."),
    "spike": N_("One or two hours several times above the hours around them and above the stations around."),
    "step": N_("From one day to the next the level against the stations around jumps, and stays there."),
    "drift": N_("Over weeks the level creeps away from the stations around: dirt in the sensor, or its ageing."),
    "neighbour": N_("A whole day far above all stations around; a true plume rarely lasts so long at one place only."),
    "colocation": N_("Units side by side measure the same air. In these hours this one is far off the others."),
    "position": N_(
        "The readings follow the air of another place, or are the same as those of a station far away, or the network "
        "now says another place. Put the place right or confirm it: then they count again."
    ),
    "humidity": N_("In nearly saturated air an optical sensor counts droplets as dust and reads far too high."),
    "channels": N_("The unit counts twice. Both counts must agree; here they do not, or one is missing."),
    "incomplete": N_("The hour or day rests on too few readings to stand for the whole of it."),
}
"""Why a check marks a reading, in plain words; thresholds with sources are in ``data/quality.toml``."""
TABLES = {
    "stations": N_("Stations"),
    "observations": N_("Readings"),
    "factories": N_("Factories"),
    "receptors": N_("Schools and care"),
    "boundaries": N_("Boundaries"),
    "reports": N_("What people said"),
    "shapes": N_("Own map layers"),
    "workspaces": N_("Workspaces"),
    "plans": N_("Saved plans"),
    "documents": N_("Saved records"),
}
COMPLETE = ("#3F0D0A", "#8C4A8B", "#D98E2B", "#A9CFC6", "#E4EFEC")
"""Nothing, only marked, below the limit, enough, all: from dark to light, so that grey tells them apart too."""


def _counts() -> dict[str, int]:
    lake = results.lake()
    return results.remembered("counts", lambda: {name: lake.count(name) for name in TABLES})


def short() -> dict[str, str]:
    """Return the two counts of the page's one line."""
    known = _counts()
    return {"stations": number(known["stations"]), "readings": number(known["observations"])}


def counts() -> None:
    """Draw how many rows each table has, and the snapshot."""
    known = _counts()
    shown = {_(TABLES[name]): number(rows) for name, rows in known.items()}
    facts.grid({**shown, _("Snapshot of the store"): number(results.snapshot())}, narrowest=8)


def periods() -> pd.DataFrame:
    """Return each variable's first and last reading, number of stations and readings."""
    return results.remembered("periods", _periods)


def _periods() -> pd.DataFrame:
    return results.lake().query(
        "SELECT variable, count(DISTINCT station_id) AS stations, count(*) AS readings, min(time) AS first_time, "
        "max(time) AS last_time, count(flag) AS flagged FROM lake.observations GROUP BY variable ORDER BY variable"
    )


def variable_name(variable: str) -> str:
    """Return the name of a measured thing with its unit."""
    names = {
        "wind_speed": _("wind speed (m/s)"), "wind_dir": _("wind direction (degrees, from)"),
        "rh": _("relative humidity (%)"), "temp": _("temperature (°C)"),
    }  # fmt: skip
    return names.get(variable) or f"{pollutant_name(variable)} ({_('µg/m³')})"


def variables() -> None:
    """Draw the measured things with their periods."""
    table = periods()
    if table.empty:
        st.caption(_("No readings yet."))
        return
    shown = pd.DataFrame(
        {
            "variable": [variable_name(v) for v in table["variable"]],
            "period": [
                date_range(results.local_date(a), results.local_date(b), lang())
                for a, b in zip(table["first_time"], table["last_time"], strict=True)
            ],
            "stations": table["stations"],
            "readings": table["readings"],
            "flagged": table["flagged"],
        }
    )
    figure = st.column_config.NumberColumn
    tables.show(
        shown,
        column_config={
            "variable": st.column_config.TextColumn(_("Measured")),
            "period": st.column_config.TextColumn(_("Period")),
            "stations": figure(_("Stations")),
            "readings": figure(_("Readings"), format="localized"),
            "flagged": figure(_("Flagged"), format="localized", help=_("Kept with the reason, left out of computing")),
        },
    )


def span(chosen: frame.Choice) -> tuple[datetime, datetime]:
    """Return the chosen period as moments, the end exclusive."""
    first = datetime.combine(chosen.start, time(), results.BANGKOK)
    return first, datetime.combine(chosen.end + timedelta(days=1), time(), results.BANGKOK)


def near(workspace_id: str, *, hidden: bool = False) -> pd.DataFrame:
    """Return the stations in and around a workspace; hidden ones too (column ``hidden``) where asked for."""
    west, south, east, north = find_area(results.lake(), workspace_id).to_crs(4326).total_bounds
    margin = results.MARGIN
    return results.lake().stations(bounds=(west - margin, south - margin, east + margin, north + margin), hidden=hidden)


def _readings(chosen: frame.Choice) -> pd.DataFrame:
    start, end = span(chosen)
    around = near(chosen.workspace_id)
    return results.lake().observations(
        [chosen.pollutant], start=start, end=end, station_ids=list(around["station_id"]), flagged=True
    )


def _complete(chosen: frame.Choice) -> pd.DataFrame:
    """Return hours with a good reading per station and day, days without any included."""
    found = _readings(chosen)
    daily = averages.daily_means(found)
    if found.empty:
        return daily
    marked = found[found["flag"].notna()]
    days = marked["time"].dt.tz_convert(results.BANGKOK).dt.tz_localize(None).dt.normalize()
    counted = marked.groupby([marked["station_id"], days.rename("date")], observed=True).size().rename("marked")
    every = pd.MultiIndex.from_product(
        [sorted(found["station_id"].unique()), pd.date_range(chosen.start, chosen.end)], names=["station_id", "date"]
    )
    table = daily.set_index(["station_id", "date"]).reindex(every)
    table = table.assign(marked=counted.reindex(every).fillna(0).to_numpy(int)).reset_index()
    return table.assign(hours=table["hours"].fillna(0), complete=table["complete"].fillna(False).astype(bool))


def calendar(chosen: frame.Choice) -> None:
    """Draw the calendar of completeness: a row a station, a column a day."""
    table = results.remembered(
        "completeness", lambda: _complete(chosen), chosen.workspace_id, chosen.pollutant, chosen.start, chosen.end
    )
    if table.empty:
        st.caption(_("No readings of this pollutant here in this period."))
        return
    words = [
        _("no reading"), _("only marked readings"), _("fewer than 18 of 24 hours: not used"), _("18 to 23 hours"),
        _("all 24 hours"),
    ]  # fmt: skip
    good = table["hours"] > 0
    state = good * 2 + (~good & (table["marked"] > 0)) + table["complete"] * 1
    state += table["complete"] & (table["hours"] >= 24)
    data = table.assign(
        state=[words[i] for i in state], day=[day(d, lang()) for d in table["date"]],
        station=table["station_id"], hours=table["hours"].astype(int), date=table["date"].dt.strftime("%Y-%m-%d"),
    )  # fmt: skip
    days = sorted(data["date"].unique())
    mondays = [d for d in days if pd.Timestamp(d).dayofweek == 0] or days[:1]
    labels = {d: day(pd.Timestamp(d).date(), lang(), year=False) for d in mondays}
    expression = " : ".join(f"datum.value == '{d}' ? '{label}'" for d, label in labels.items()) + " : ''"
    chart = alt.Chart(data).mark_rect(stroke="#FFFFFF", strokeWidth=0.6).encode(
        x=alt.X("date:O", title=None, axis=alt.Axis(values=mondays, labelExpr=expression, labelAngle=0, ticks=False,
                                                    labelOverlap=True)),
        y=alt.Y("station:N", title=None),
        color=alt.Color(
            "state:N", title=None, scale=alt.Scale(domain=words, range=list(COMPLETE)),
            legend=alt.Legend(orient="top", columns=1, symbolStrokeColor=INK, labelLimit=260),
        ),
        tooltip=[
            alt.Tooltip("station:N", title=_("Station")), alt.Tooltip("day:N", title=_("Day")),
            alt.Tooltip("hours:Q", title=_("Hours")), alt.Tooltip("marked:Q", title=_("Marked readings")),
            alt.Tooltip("state:N", title=_("Use")),
        ],
    )  # fmt: skip
    mark = f" · {_('Simulated data')}" if chosen.simulated else ""
    legend = 75  # pixels of its five rows: side by side they would not fit a phone
    charts.show(
        chart.properties(height=max(17 * data["station"].nunique(), 80) + legend),
        _("How complete each station is, {pollutant}", pollutant=pollutant_name(chosen.pollutant)),
        f"{date_range(chosen.start, chosen.end, lang())}{mark}",
        key="completeness",
    )


def flags(chosen: frame.Choice) -> None:
    """List what the checks have marked: station, reason, how many, first and last."""
    table = results.remembered(
        "flags", lambda: _flags(chosen), chosen.workspace_id, chosen.pollutant, chosen.start, chosen.end
    )
    if table.empty:
        st.caption(_("No reading of this pollutant is marked in this period."))
        return
    shown = table.assign(
        reason=[_(FLAGS[f]) if f in FLAGS else f for f in table["flag"]],
        why=[_(FLAG_REASONS[f]) if f in FLAG_REASONS else "" for f in table["flag"]],
        rule=[flag_words.rule(f) if f in flag_words.RULES else "" for f in table["flag"]],
    )
    shown["when"] = [
        date_range(results.local_date(a), results.local_date(b), lang())
        for a, b in zip(table["first_time"], table["last_time"], strict=True)
    ]
    tables.show(
        shown[["station_id", "reason", "count", "when", "why", "rule"]],
        column_config={
            "station_id": st.column_config.TextColumn(_("Station")),
            "reason": st.column_config.TextColumn(_("Reason")),
            "count": st.column_config.NumberColumn(_("Readings"), format="localized"),
            "when": st.column_config.TextColumn(_("When")),
            "why": st.column_config.TextColumn(_("Why")),
            "rule": st.column_config.TextColumn(_("Rule")),
        },
    )


def _flags(chosen: frame.Choice) -> pd.DataFrame:
    found = _readings(chosen)
    marked = found[found["flag"].notna()]
    grouped = marked.groupby(["station_id", "flag"], observed=True)["time"]
    table = grouped.agg(count="count", first_time="min", last_time="max").reset_index()
    return table.sort_values("count", ascending=False, ignore_index=True)


def stations(chosen: frame.Choice) -> pd.DataFrame:
    """Return the workspace's stations as they are listed: how fresh, how complete, how much is marked, whose."""
    around = near(chosen.workspace_id, hidden=True)
    known = results.remembered(
        "freshness", lambda: _fresh(chosen), chosen.workspace_id, chosen.pollutant, chosen.start, chosen.end
    ).reindex(around["station_id"])
    newest = [None if pd.isna(t) else t.to_pydatetime() for t in known["newest"]]
    return pd.DataFrame(
        {
            _("Station"): around["station_id"],
            _("Name"): around["name_th" if lang() == "th" else "name_en"].fillna(around["name_th"]),
            _("Kind"): [zone_why.station_kind(k) for k in around["kind"]],
            _("Newest reading"): ["–" if t is None else moment(t, lang()) for t in newest],
            _("Age"): ["–" if t is None else age(t) for t in newest],
            _("Usable days"): [_percent(v) for v in known["usable"]],
            _("Marked readings"): [_percent(v) for v in known["marked"]],
            _("Shown"): [_("hidden") if h else _("yes") for h in around["hidden"]],
            _("Network"): around["network"],
            _("Source"): around["source"],
            _("Licence"): around["licence"],
        }
    )


def _percent(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.0f} %"


def age(time_: datetime) -> str:
    """Return how long ago a moment is: hours up to two days, then days."""
    hours = (datetime.now(UTC) - time_).total_seconds() / 3600
    if hours < 48:
        return _("{count} hours", count=number(max(round(hours), 0)))
    return _("{count} days", count=number(round(hours / 24)))


def _fresh(chosen: frame.Choice) -> pd.DataFrame:
    """Return by station: newest reading of all, share of the period's days that are usable, share marked."""
    newest = results.lake().query(
        "SELECT station_id, max(time) AS newest FROM lake.observations WHERE variable = ? GROUP BY station_id",
        [chosen.pollutant],
    ).set_index("station_id")  # fmt: skip
    complete = _complete(chosen)
    found = _readings(chosen)
    usable = complete.groupby("station_id")["complete"].mean() if len(complete) else pd.Series(dtype=float)
    marked = found["flag"].notna().groupby(found["station_id"].astype(str)).mean()
    return newest.assign(usable=usable, marked=marked)


def sources() -> pd.DataFrame:
    """Return where the rows come from: source, licence, nature, tables."""
    imports = results.lake().imports()
    grouped = imports.fillna({"source": "–", "licence": "–"}).groupby(["source", "licence", "simulated"], dropna=False)
    rows: list[dict[str, Any]] = [
        {
            _("Source"): source or "–",
            _("Licence"): licence or "–",
            _("Nature"): _("simulated") if simulated else _("measured or registered"),
            _("Tables"): ", ".join(sorted({kind_name(k) for k in part["kind"]})),
        }
        for (source, licence, simulated), part in grouped
    ]
    return pd.DataFrame(rows)


def kind_name(kind: str) -> str:
    """Return the name of what an import brought."""
    others = {"demo": _("Demo"), "calibration": _("Calibration"), "calibration-choice": _("Choice of a calibration")}
    return _(TABLES[kind]) if kind in TABLES else others.get(kind, kind)
