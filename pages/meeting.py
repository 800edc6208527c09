"""The town meeting: one story in slides, readable at ten metres, moved by arrow keys or a clicker."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import streamlit as st

from pages.parts import files, frame, hall_phone, hall_say, results, state
from pages.parts.i18n import _, lang
from planning import voices
from planning.meeting import page, tell
from planning.screening import Screening


def story(found: Screening, reports: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the story with what was said until now; made once for all sessions."""

    def make() -> dict[str, Any]:
        with results.progress(_("Drawing the slides")):
            return tell(found, reports=reports)

    made: dict[str, Any] = results.derived(found, f"meeting-{hash(tuple(reports['report_id']))}", make)
    return made


chosen = frame.choice()
found = results.steady(chosen)
heard = voices.heard(results.lake().reports(), found.area, simulated=found.simulated)
told = story(found, heard)
left, middle, right = st.columns([5, 1.2, 1.6], vertical_alignment="center")
with left:
    frame.header(
        _("Town meeting"),
        _("Click the slide once, then use arrow keys or a clicker. F: full screen, N: notes."),
        badge=found.simulated,
    )  # fmt: skip
with middle:
    phone = hall_phone.offered()
with right:
    st.download_button(
        _("Download as one file"), lambda: page(told, lang()), file_name=files.name("meeting", chosen, "html"),
        mime="text/html", on_click="ignore", icon=":material/download:", width="stretch",
        help=_("Opens from a USB stick in any browser, without a network."),
    )  # fmt: skip
views = {"slides": _("Slides"), "say": _("What you say")}
view = st.segmented_control(
    _("View"), list(views), format_func=views.__getitem__, required=True, label_visibility="collapsed",
    key=state.bind("show", "slides", allowed=list(views)),
)  # fmt: skip
if phone:
    hall_phone.share(page(told, lang(), readonly=True))
if view == "say":
    hall_say.show(found, chosen)
else:
    with st.container(key="slides"):
        st.iframe(page({**told, "phone": phone}, lang()), height=620, alt=_("Slides of the town meeting"))
