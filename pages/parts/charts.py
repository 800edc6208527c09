"""Charts in one style: Altair, Sarabun, title and source inside, so that a saved picture explains itself."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st
from altair.utils import schemapi

from geo.palettes import INK, PRIMARY
from pages.parts.frame import hall

GREY = "#5B6B70"
GRID = "#E3E7E4"
# Altair would check every piece of a chart when it is made, and the whole again when it is drawn: once is enough.
schemapi.disable_debug_mode()

PADDING = {"top": 12, "left": 4, "right": 8, "bottom": 4}
"""Room for Thai vowels above the title."""


def size() -> int:
    """Return the letters' size in pixels."""
    return 20 if hall() else 13


def style(chart: Any, title: str, source: str | list[str] = "") -> Any:
    """Return the chart in the house's style, with its title and source written inside."""
    letters = size()
    heading = alt.TitleParams(
        title, subtitle=source, anchor="start", fontSize=letters + 2, subtitleFontSize=letters - 1, color=INK,
        subtitleLineHeight=round(1.45 * letters), subtitlePadding=6, subtitleColor=GREY, fontWeight="bold", offset=8,
    )  # fmt: skip
    axis = {
        "labelFontSize": letters - 1, "titleFontSize": letters - 1, "titleFontWeight": "normal", "labelColor": INK,
        "titleColor": GREY, "gridColor": GRID, "domainColor": "#B8C1BC", "tickColor": "#B8C1BC",
    }  # fmt: skip
    return (
        chart.properties(title=heading, autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=PADDING)
        .configure(
            font="Sarabun, sans-serif", background="#FFFFFF", padding={"top": 12, "left": 4, "right": 8, "bottom": 4}
        )
        .configure_axis(**axis)
        .configure_legend(labelFontSize=letters - 1, titleFontSize=letters - 1, labelColor=INK, titleColor=GREY)
        .configure_view(strokeWidth=0)
        .configure_mark(color=PRIMARY)
    )


def show(
    chart: Any, title: str, source: str | list[str] = "", *, key: str | None = None, height: int | None = None
) -> None:
    """Draw a chart; Streamlit's buttons over it save it as PNG and show its data. `height` in pixels."""
    tall = round(height * (1.5 if hall() else 1)) if height else None
    styled = style(chart.properties(height=tall) if tall else chart, title, source)
    st.altair_chart(styled, theme=None, width="stretch", key=key)
