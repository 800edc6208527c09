"""One station: its readings with flags, profiles, calendar, wind, completeness, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import folium
import pandas as pd
import streamlit as st

from geo import layers
from geo.calibration_store import with_errors
from language import date_range, number, pollutant_name, unit
from pages.parts import addresses, calibration, facts, frame, holdings, map_view, results, state, station_edit, zone_why
from pages.parts import station_page_plots as plots
from pages.parts import station_page_wind as wind
from pages.parts.i18n import _, lang


@dataclass(frozen=True)
class Shown:
    """A station in the period that is looked at.

    Attributes
    ----------
    row : Series
        The lake's row of the station.
    readings : DataFrame
        The chosen pollutant's readings, flagged ones with their flag.
    start, end : datetime
        The chosen period, the end exclusive.
    """

    chosen: frame.Choice
    row: pd.Series
    readings: pd.DataFrame
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """Name of the station in the reader's language."""
        return frame.label(self.row)

    @property
    def hourly(self) -> bool:
        """Whether there are hourly readings."""
        return bool((self.readings["period_hours"] == 1).any())

    @property
    def pollutant(self) -> str:
        """Name of the pollutant."""
        return pollutant_name(self.chosen.pollutant)

    def source(self, averaging: str) -> list[str]:
        """Return the lines under a plot's title: place; period, averaging, unit; simulated mark, source."""
        span = date_range(self.chosen.start, self.chosen.end, lang())
        mark = [_("Simulated data")] if self.row["simulated"] else []
        origin = self.row["source"] if isinstance(self.row["source"], str) else _("source not known")
        return [self.name, f"{span} · {averaging} · {unit(lang())}", " · ".join([*mark, origin])]


def show() -> None:
    """Draw the choice of a station and its page."""
    chosen = st.session_state.get("_choice")
    table = results.remembered("all-stations", lambda: results.lake().stations(hidden=True).drop(columns="geometry"))
    if chosen is None or table.empty:
        st.info(_("No station yet: import a list of stations, or fetch one from a live network."),
                icon=":material/sensors:")  # fmt: skip
        return
    rows = table.set_index("station_id", drop=False)
    station_id = _pick(rows, chosen)
    row = rows.loc[station_id]
    shown = _shown(row, chosen)
    _line(shown)
    views = {
        "series": (_("Readings and flags"), partial(plots.series, shown)),
        "hours": (_("Hours and weekdays"), partial(plots.hours, shown)),
        "calendar": (_("Calendar"), partial(plots.calendar, shown)),
        "wind": (_("Wind"), partial(wind.roses, shown, table)),
        "complete": (_("Completeness"), partial(plots.completeness, shown)),
        "about": (_("Place and licence"), partial(_about, shown)),
        "edit": (_("Put right"), partial(station_edit.show, shown)),
    }
    view = st.segmented_control(
        _("Plot"), list(views), format_func={k: name for k, (name, _draw) in views.items()}.__getitem__,
        required=True, label_visibility="collapsed",
        key=state.bind("plot", "series", allowed=views),
    )  # fmt: skip
    if shown.readings.empty and view not in ("about", "edit"):
        st.info(
            _("{station} has no readings of {pollutant} in this period. Choose another period on the left.",
              station=shown.name, pollutant=shown.pollutant), icon=":material/info:",
        )  # fmt: skip
        return
    views[view][1]()


def _pick(rows: pd.DataFrame, chosen: frame.Choice) -> str:
    """Draw the list of stations: those of the workspace, and the one a link asks for wherever it is."""
    near = results.remembered("near", lambda: list(holdings.near(chosen.workspace_id, hidden=True)["station_id"]),
                              chosen.workspace_id)  # fmt: skip
    listed = near or list(rows.index)
    # The browser knows a choice by its words: told anew in every run, it keeps a station that was renamed or hidden.
    key = state.bind("station", listed[0], allowed=set(rows.index), late=True)
    if state.get(key) not in listed:
        listed = [*listed, state.get(key)]
    mark = {True: f" – {_('hidden')}", False: ""}
    names = {i: f"{frame.label(rows.loc[i])} ({i}){mark[bool(rows.loc[i, 'hidden'])]}" for i in listed}
    return str(
        st.selectbox(
            _("Station"), listed, key=key, format_func=names.__getitem__,
            help=_("Type a part of a name or number to search."), label_visibility="collapsed",
        )
    )  # fmt: skip


def _shown(row: pd.Series, chosen: frame.Choice) -> Shown:
    start, end = holdings.span(chosen)
    readings = results.remembered(
        "station-readings",
        lambda: results.lake().observations(
            [chosen.pollutant], start=start, end=end, station_ids=[row["station_id"]], flagged=True
        ),
        row["station_id"], chosen.pollutant, start, end,
    )  # fmt: skip
    return Shown(chosen, row, readings, start, end)


def _line(shown: Shown) -> None:
    """Draw what the station is, in one line."""
    parts = [zone_why.station_kind(shown.row["kind"]), *([_("hidden")] if shown.row["hidden"] else [])]
    if len(shown.readings):
        flagged = int(shown.readings["flag"].notna().sum())
        parts.append(_("{count} readings, {flagged} of them marked", count=number(len(shown.readings)),
                       flagged=number(flagged)))  # fmt: skip
    frame.context_line(
        shown.chosen,
        averaging=_("hourly means") if shown.hourly else _("24-hour means"),
        extra=" · ".join(parts),
    )


def _about(shown: Shown) -> None:
    """Draw position, source and licence beside a small map."""
    pollutant = shown.chosen.pollutant
    row = with_errors(results.lake(), shown.row.to_frame().T, pollutant, hours=1 if shown.hourly else 24).iloc[0]
    left, right = st.columns([2, 3], gap="medium")
    error = f"± {number(row['error_sd'], 1)} {unit(lang())}" if pd.notna(row["error_sd"]) else _("not known")
    with left:
        facts.grid(
            {
                _("Station"): shown.name,
                _("Identifier"): str(row["station_id"]),
                _("Kind"): zone_why.station_kind(row["kind"]),
                _("Network"): _text(row["network"]),
                _("Error of one reading (standard deviation)"): error,
                _("Calibration"): calibration.summary(str(row["station_id"]), pollutant),
                _("Position (latitude, longitude)"): f"{row['lat']:.5f}, {row['lon']:.5f}",
                _("Source"): _text(row["source"]),
                _("Licence"): _text(row["licence"]),
                _("Nature"): _("simulated") if row["simulated"] else _("measured or registered"),
            },
            narrowest=11,
        )
    with right:
        _map(shown)


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "–"


def _map(shown: Shown) -> None:
    all_stations = results.lake().stations(hidden=True)
    one = all_stations[all_stations["station_id"] == shown.row["station_id"]]
    base: folium.Map = layers.base_map(results.land(shown.chosen.workspace_id), lang=lang(), hall=frame.hall(),
                                         ground=addresses.ground())  # fmt: skip
    found = [layers.stations(one, None, lang=lang())]
    at = (float(shown.row["lat"]), float(shown.row["lon"]))
    map_view.show_map(base, "station-place", found, height=facts.scaled(360), center=at, zoom=12)
