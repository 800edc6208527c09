"""How things are: one line, four figures, a small map, the first zones with why, what changed."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from geo import layers
from language import concentration, date_range, day, number
from pages.parts import badges, dust_view, empty, frame, map_view, place_tables, results
from pages.parts.errors import plain
from pages.parts.i18n import _, lang
from planning.screening import Screening

WEEK = 7
FIRST = 3
"""Zones that the overview names and shows."""


def headline(found: Screening, means: pd.Series) -> str:
    """Return the one line that says how things are."""
    over, total = int((means > found.standard.value).sum()), len(means)
    last = means.index[-1]
    words = {
        "days": over,
        "total": total,
        "last": day(last, lang()),
        "value": concentration(means.iloc[-1], lang(), 0),
    }
    if total == 1:
        if over:
            return _("On {last} the dust was over the standard: {value}.", **words)
        return _("On {last} the dust was within the standard: {value}.", **words)
    if over == 0:
        return _("None of the {total} days was over the standard. The last day, {last}: {value}.", **words)
    if means.iloc[-1] > found.standard.value:
        return _(
            "On {days} of {total} days the dust was over the standard, on the last one too ({last}: {value}).", **words
        )
    return _("On {days} of {total} days the dust was over the standard. Not on the last one, {last}: {value}.", **words)


def town_means(found: Screening) -> pd.Series:
    """Return the mean of the used stations for each day, µg/m³."""
    return found.daily[list(dust_view.used(found)["station_id"])].mean(axis=1).dropna()


def figures(found: Screening, means: pd.Series, chosen: frame.Choice) -> None:
    """Draw the four figures."""
    over = int((means > found.standard.value).sum())
    people = pd.to_numeric(found.hotspots["people"], errors="coerce").sum() if len(found.hotspots) else 0
    reporting = int(found.daily.iloc[-1].notna().sum())
    last = results.last_reading(chosen.workspace_id, chosen.pollutant)
    frame.figures(
        {
            _("Days over the standard"): (
                _("{days} of {total}", days=over, total=len(means)),
                _("Days on which the mean of all stations was over the 24-hour standard of {value}.",
                  value=concentration(found.standard.value, lang())),
            ),
            _("People in dust hotspots"): (
                number(people),
                _("Estimated from the population of the areas, spread evenly inside each."),
            ),
            _("Stations reporting"): (
                _("{count} of {total}", count=reporting, total=len(found.stations)),
                _("Stations with a complete 24-hour mean on the last day."),
            ),
            _("Last data"): (
                day(last, lang()) if last is not None else "–",
                _("The newest reading stored for this workspace."),
            ),
        }
    )  # fmt: skip


def small_map(found: Screening) -> None:
    """Draw the map: dust, stations, hotspots, zones."""
    shown = dust_view.view(found, "mean")
    groups = [
        *shown.groups,
        dust_view.stations(found),
        layers.hotspots(found.hotspots, lang=lang(), badges=False),
        layers.zones(found.zones.head(FIRST), lang=lang(), signs=True),
        dust_view.legend_of(found, shown, dust_view.station_keys()),
    ]
    with st.container(key="smallmap"):
        map_view.show_map(dust_view.base(found, _("Dust and priority zones")), f"overview-{lang()}", groups, height=390)


def first_zones(found: Screening) -> None:
    """Draw the three first zones with why."""
    st.html(f"<h2 class='eco-h2'>{_('Where to act first')}</h2>")
    for _index, zone in found.zones.head(FIRST).iterrows():
        with st.container(border=True, gap="xsmall"):
            name, mark = st.columns([5, 2], vertical_alignment="center")
            name.markdown(f"**{zone['rank']}. {plain(frame.label(zone))}**")
            with mark:
                badges.zone_badge(str(zone["class"]))
            st.caption(plain(str(zone["reason_th" if lang() == "th" else "reason_en"])))
    st.page_link("pages/zones.py", label=_("All zones and how they were ranked"), icon=":material/flag:")


def changes(means: pd.Series) -> None:
    """Draw what changed: the last week beside the week before, and the last import."""
    st.html(f"<h2 class='eco-h2'>{_('What changed')}</h2>")
    if len(means) >= 2 * WEEK:
        recent, before = means.iloc[-WEEK:], means.iloc[-2 * WEEK : -WEEK]
        words = {
            "recent": concentration(recent.mean(), lang(), 0),
            "before": concentration(before.mean(), lang(), 0),
            "span": date_range(recent.index[0], recent.index[-1], lang()),
        }
        if recent.mean() > before.mean() * 1.05:
            st.markdown(
                ":material/trending_up: " + _("Last week ({span}) was dustier: {recent} after {before}.", **words)
            )
        elif recent.mean() < before.mean() * 0.95:
            st.markdown(
                ":material/trending_down: " + _("Last week ({span}) was cleaner: {recent} after {before}.", **words)
            )
        else:
            st.markdown(
                ":material/trending_flat: " + _("Last week ({span}) was like the one before: {recent}.", **words)
            )
    imports = results.remembered("imports", results.lake().imports)
    if len(imports):
        newest = imports.iloc[0]
        st.markdown(
            ":material/database: "
            + _("Newest data put in: {name}, {when}.", name=plain(str(newest["file_name"])),
                when=day(newest["imported_at"], lang()))
        )  # fmt: skip


def table(found: Screening) -> pd.DataFrame:
    """Return the map's table."""
    rows = found.zones
    return pd.DataFrame(
        {
            _("Rank"): rows["rank"],
            _("Zone"): [frame.label(row) for _i, row in rows.iterrows()],
            _("Class"): [badges.zone_class(str(c)) for c in rows["class"]],
            _("Score"): rows["score"].round(0),
            _("Days over"): rows["days_over"].round(1),
            _("Mean (µg/m³)"): rows["mean_ugm3"].round(1),
            _("People"): rows["people"],
        }
    )


chosen = frame.choice()
found = results.screening(chosen)
means = town_means(found)
if means.empty:
    frame.header(_("How things are"), badge=found.simulated)
    empty.too_little(_("No day in this period has enough readings for a 24-hour mean."))
    st.stop()
frame.header(_("How things are"), headline(found, means), badge=found.simulated)
frame.context_line(chosen, source=", ".join(found.sources))
figures(found, means, chosen)
left, right = st.columns([3, 2], gap="medium")
with left:
    small_map(found)
    changes(means)
    place_tables.expander(partial(table, found))
with right:
    first_zones(found)
