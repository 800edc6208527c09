"""Designed states for no data yet, and for too little of it."""

from __future__ import annotations

import streamlit as st

from geo import demo
from pages.parts import results
from pages.parts.i18n import _


def no_data() -> None:
    """Say that nothing is here yet and offer the two ways on; ends the run of the page."""
    st.html(
        f"<section class='eco-empty'><h1>{_('Nothing is here yet')}</h1>"
        f"<p>{_('Look around in a simulated town first, or bring your own measurements.')}</p></section>"
    )
    left, right = st.columns(2)
    with left.container(border=True):
        st.subheader(_("Try the demo"))
        st.write(_("Four pilot towns with simulated sensors, factories and schools. Removed with one click."))
        if st.button(_("Build the demo"), type="primary", icon=":material/play_arrow:"):
            with results.progress(_("Writing the demo workspace"), here=True):
                demo.build(results.lake())
            st.rerun()
    with right.container(border=True):
        st.subheader(_("Bring your data"))
        st.write(_("Stations and readings from CSV or Excel, factories and boundaries from your own files."))
        st.page_link("pages/data.py", label=_("Open the data page"), icon=":material/upload_file:")
    st.stop()


def too_little(sentence: str) -> None:
    """Say what is missing for this view, in place of a figure that would mislead."""
    with st.container(border=True):
        st.markdown(f":material/hourglass_empty: {sentence}")
        st.page_link("pages/data.py", label=_("Open the data page"), icon=":material/database:")
