"""Data: what the store holds, bringing one's own, what was imported, and the areas people work on."""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    calibration,
    fold,
    frame,
    history,
    holdings,
    importer,
    networks,
    results,
    state,
    station_page,
    tables,
    workspaces,
)
from pages.parts.i18n import _


def what_we_have() -> None:
    """Draw counts, completeness, flags, stations and sources."""
    holdings.counts()
    chosen = st.session_state.get("_choice")
    if chosen is None:
        st.info(_("The store is empty: import your files, or bring the demo back."), icon=":material/upload_file:")
        return

    def calendar() -> None:
        with st.container(height=430, border=False):
            holdings.calendar(chosen)

    def flags() -> None:
        st.caption(_("Marked readings stay in the store with their reason and are left out of the computing."))
        holdings.flags(chosen)

    fold.tabs(
        {
            _("Completeness"): calendar,
            _("Measured things"): holdings.variables,
            _("Flags"): flags,
            _("Stations"): lambda: tables.show(holdings.stations(chosen)),
            _("Sources and licences"): lambda: tables.show(holdings.sources()),
        },
        "have-parts",
    )


frame.header(
    _("Data"),
    _("{stations} stations, {readings} readings", **holdings.short())
    if not results.lake().is_empty()
    else _("Nothing is here yet"),
)
PARTS = {
    "have": (_("What we have"), what_we_have),
    "stations": (_("Station page"), station_page.show),
    "calibrate": (_("Calibration"), calibration.show),
    "import": (_("Bring your own"), importer.show),
    "networks": (_("Live networks"), networks.show),
    "history": (_("What was imported"), history.show),
    "areas": (_("Workspaces and demo"), workspaces.show),
}
usual = "import" if results.lake().is_empty() else "have"
part = st.segmented_control(
    _("Part"),
    list(PARTS),
    key=state.bind("data", usual, allowed=PARTS),
    format_func=lambda key: PARTS[key][0],
    label_visibility="collapsed",
    required=True,
)
PARTS[part][1]()
