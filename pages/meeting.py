"""The town meeting: one story in slides, readable at ten metres, moved by arrow keys or a clicker."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import files, frame, results
from pages.parts.i18n import _, lang
from planning.meeting import write_html
from planning.screening import Screening


def story(found: Screening, language: str) -> str:
    """Return the slides: one file that needs neither server nor network."""
    with results.progress(_("Drawing the slides")):
        return files.written(partial(write_html, found, lang=language), "html").decode("utf-8")


chosen = frame.choice()
found = results.screening(chosen)
html = results.derived(found, f"meeting-{lang()}", partial(story, found, lang()))
left, right = st.columns([5, 1.6], vertical_alignment="center")
with left:
    frame.header(
        _("Town meeting"), _("Click the slide once, then use the arrow keys or a clicker; F fills the screen."),
        badge=found.simulated,
    )  # fmt: skip
with right:
    st.download_button(
        _("Download as one file"), html, file_name=files.name("meeting", chosen, "html"), mime="text/html",
        on_click="ignore", icon=":material/download:", width="stretch",
        help=_("Opens from a USB stick in any browser, without a network."),
    )  # fmt: skip
with st.container(key="slides"):
    st.iframe(html, height=620, alt=_("Slides of the town meeting"))
