"""The frame around every page: language, sidebar choices, heading, context line, simulated badge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from language import available_languages, date_range, language_name, pollutant_name, unit
from pages.parts import empty, results, state
from pages.parts.i18n import _, lang

STATIC = Path(__file__).resolve().parents[2] / "static"
STYLE = STATIC / "app.css"
POLLUTANTS = ("pm25", "pm10")
HALL = "html{font-size:26px}.st-key-maptools{flex-wrap:wrap!important}"
"""Style of the projector mode: every letter 26 pixels high or more."""
USUAL_DAYS = 60
"""Length of the period a reader starts with: a haze season, as long as data reach."""


@dataclass(frozen=True)
class Choice:
    """What the reader looks at, from the sidebar.

    Attributes
    ----------
    workspace_id : str
    area : str
        Workspace id (the whole workspace) or the code of one of its boundaries; `find_area` reads both.
    pollutant : {"pm25", "pm10"}
    start, end : date
        First and last calendar day in Bangkok, both inside.
    lang : str
    hall : bool
        Projector mode: everything larger.
    simulated : bool
        The workspace is a simulated one.
    name : str
        The area's name in the reader's language.
    """

    workspace_id: str
    area: str
    pollutant: str
    start: date
    end: date
    lang: str
    hall: bool
    simulated: bool
    name: str

    @property
    def days(self) -> int:
        """Calendar days in the period."""
        return (self.end - self.start).days + 1


def hall() -> bool:
    """Whether everything is shown larger, for a projector."""
    return bool(state.get("hall", False))


def style() -> None:
    """Put the house's style on the page, and the name on the sidebar."""
    name, line = _("EcoTown Air"), _("Dust map of the eco-industrial town")
    st.html(STYLE)
    st.html(
        "<style>"
        f"[data-testid=stSidebarHeader]::before{{content:{json.dumps(name, ensure_ascii=False)}}}"
        f"[data-testid=stSidebarHeader]::after{{content:{json.dumps(line, ensure_ascii=False)}}}"
        + (HALL if hall() else "")
        + "</style>"
    )
    script = (STATIC / "frame.js").read_text(encoding="utf-8").replace("@@LANG@@", lang())
    st.html(f"<script>{script.replace('@@PAGES@@', _('Pages'))}</script>", unsafe_allow_javascript=True)


def label(row: pd.Series) -> str:
    """Return a row's name in the reader's language (the other one where it is missing)."""
    first, second = ("name_th", "name_en") if lang() == "th" else ("name_en", "name_th")
    for column in (first, second):
        text = row.get(column)
        if isinstance(text, str) and text:
            return text
    return str(row.get("code") or row.get("workspace_id") or "")


def sidebar() -> None:
    """Draw the choices; `choice` returns them. Draws only language and hall where nothing is stored."""
    st.session_state.pop("_choice", None)
    spaces = results.workspaces()
    with st.sidebar:
        if len(spaces):
            st.session_state["_choice"] = _choices(spaces)
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.segmented_control(
            _("Language"), available_languages(), format_func=language_name, required=True,
            key="lang", label_visibility="collapsed", on_change=_speak,
        )  # fmt: skip
        right.toggle(_("Hall"), key="hall")


def _speak() -> None:
    """Let what is chosen already be read in the language just chosen."""
    state.show_again()


def _choices(spaces: pd.DataFrame) -> Choice:
    rows = spaces.set_index("workspace_id", drop=False)
    ids = list(rows.index)
    titles = {i: label(rows.loc[i]) for i in ids}
    st.selectbox(
        _("Workspace"), ids, format_func=titles.__getitem__,
        key=state.bind("ws", ids[0], allowed=ids),
    )  # fmt: skip
    workspace = rows.loc[state.get("ws")]
    areas = results.areas(str(workspace["workspace_id"]))
    areas = areas[areas["code"] != workspace["workspace_id"]]  # a town may be its own workspace
    codes = [str(workspace["workspace_id"]), *areas["code"]]
    names = {codes[0]: _("Whole workspace"), **{row["code"]: label(row) for _i, row in areas.iterrows()}}
    st.selectbox(
        _("Area"), codes, format_func=names.__getitem__, key=state.bind("area", codes[0], allowed=codes),
        label_visibility="collapsed",
    )  # fmt: skip
    st.segmented_control(
        _("Pollutant"), POLLUTANTS, format_func=pollutant_name, required=True,
        key=state.bind("p", "pm25", allowed=POLLUTANTS), label_visibility="collapsed",
    )  # fmt: skip
    start, end = _period(str(workspace["workspace_id"]), str(state.get("p")))
    area = str(state.get("area"))
    return Choice(
        workspace_id=str(workspace["workspace_id"]),
        area=area,
        pollutant=str(state.get("p")),
        start=start,
        end=end,
        lang=lang(),
        hall=hall(),
        simulated=bool(workspace["simulated"]),
        name=label(workspace) if area == codes[0] else names[area],
    )


def _period(workspace_id: str, pollutant: str) -> tuple[date, date]:
    """Draw the period and return it; the last whole one while the reader has picked only its first day."""
    reach = results.period(workspace_id, pollutant)
    if reach is None:
        st.caption(_("No readings of this pollutant here yet."))
        today = results.today()
        return today, today
    first, last = reach
    usual = (max(first, last - timedelta(days=USUAL_DAYS - 1)), last)
    # Half a choice is not sent back: the calendar that it is being made in would begin anew.
    whole = len(st.session_state.get("period", usual)) == 2
    key = state.bind("period", usual, parse=parse_period, write=write_period, late=whole)
    picked = st.session_state[key]
    if len(picked) == 2 and (picked[0] < first or picked[1] > last):
        within = (max(picked[0], first), min(picked[1], last))
        st.session_state[key] = picked = within if within[0] <= within[1] else usual
    if len(picked) == 2:
        st.session_state["_whole_period"] = tuple(picked)
    start, end = st.session_state.get("_whole_period", usual)
    # Folded away: the calendar's fields are the costliest thing on every page, and know no Buddhist years.
    with st.popover(date_range(start, end, lang()), icon=":material/date_range:", key="period-box", width="stretch"):
        st.date_input(_("Period"), key=key, min_value=first, max_value=last, format="DD/MM/YYYY")
    return start, end


def parse_period(text: str) -> tuple[date, date]:
    """Parse ``2026-01-01..2026-03-01``."""
    start, end = (date.fromisoformat(part) for part in text.split("..", 1))
    if start > end:
        raise ValueError(text)
    return start, end


def write_period(value: tuple[date, ...]) -> str | None:
    """Write a period so that `parse_period` reads it; None while only its first day is picked."""
    return f"{value[0].isoformat()}..{value[1].isoformat()}" if len(value) == 2 else None


def choice() -> Choice:
    """Return what is chosen in the sidebar; an empty lake shows the two ways on and ends the run."""
    chosen = st.session_state.get("_choice")
    if chosen is None:
        empty.no_data()
    return chosen


def header(title: str, lead: str = "", *, badge: bool | None = None) -> None:
    """Draw a page's heading: the title, one line under it, and the simulated badge.

    Parameters
    ----------
    title, lead : str
        Already translated; escaped here.
    badge : bool, optional
        Show "simulated"; by default what the chosen workspace says.
    """
    chosen = st.session_state.get("_choice")
    st.session_state["_headed"] = True
    simulated = bool(chosen and chosen.simulated) if badge is None else badge
    st.html(
        f"<header class='eco-head'><h1>{escape(title)}</h1>{simulated_badge() if simulated else ''}"
        f"{f'<p>{escape(lead)}</p>' if lead else ''}</header>"
    )


def figures(items: Mapping[str, tuple[str, str]]) -> None:
    """Draw some figures side by side (two by two on a phone).

    Parameters
    ----------
    items : mapping of name to (value, explanation)
        All already translated; escaped here. The explanation shows on pointing.
    """
    cells = "".join(
        f"<div title='{escape(words)}'><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, (value, words) in items.items()
    )
    st.html(f"<dl class='eco-figures'>{cells}</dl>")


def simulated_badge() -> str:
    """Return the mark of simulated data, as HTML."""
    return f"<span class='eco-badge'>{escape(_('Simulated data'))}</span>"


def context_line(chosen: Choice, *, averaging: str = "", source: str = "", extra: str = "") -> None:
    """Draw what every number on the page is: pollutant, averaging, unit, place, period, source.

    Parameters
    ----------
    averaging : str
        Already translated; by default "24-hour mean".
    source, extra : str
        Already translated sentences, put last.
    """
    parts = [
        f"<b>{escape(pollutant_name(chosen.pollutant))}</b>",
        escape(averaging or _("24-hour mean")),
        escape(unit(chosen.lang)),
        escape(chosen.name),
        escape(date_range(chosen.start, chosen.end, chosen.lang)),
        *(escape(part) for part in (source, extra) if part),
    ]
    st.html(f"<p class='eco-context'>{' · '.join(parts)}</p>")
