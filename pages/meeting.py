"""The town meeting: one story in slides, readable at ten metres, moved by arrow keys or a clicker."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import files, frame, hall_say, results, state
from pages.parts.i18n import _, lang
from planning.meeting import write_html
from planning.screening import Screening


def story(found: Screening, language: str) -> str:
    """Return the slides: one file that needs neither server nor network."""
    with results.progress(_("Drawing the slides")):
        return files.written(partial(write_html, found, lang=language), "html").decode("utf-8")


chosen = frame.choice()
found = results.steady(chosen)
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
views = {"slides": _("Slides"), "say": _("What you say")}
view = st.segmented_control(
    _("View"), list(views), format_func=views.__getitem__, required=True, label_visibility="collapsed",
    key=state.bind("view", "slides", allowed=list(views)),
)  # fmt: skip
if view == "say":
    hall_say.show(found, chosen)
else:
    with st.container(key="slides"):
        st.iframe(html, height=620, alt=_("Slides of the town meeting"))
