"""Messages for what went wrong or was decided: what happened, where, what to do. No trace, no code."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

from language import Note, UserError
from pages.parts.i18n import _, lang

_ICONS = {"info": ":material/info:", "warning": ":material/warning:", "error": ":material/block:"}


def show(error: UserError) -> None:
    """Show why something could not be done, and the way on."""
    st.error(error.say(lang()), icon=":material/error:")
    st.caption(_("Nothing stored was changed. Choose another area or period on the left, or look at the data."))
    st.page_link("pages/data.py", label=_("Open the data page"), icon=":material/database:")


def instead(error: UserError, title: str) -> None:
    """Show it in place of a page: with the page's heading, and the stations there are so far."""
    from pages.parts import frame, here_so_far

    if not st.session_state.get("_headed"):
        frame.header(title)
    show(error)
    here_so_far.draw()


def notes(items: Iterable[Note], *, key_sentence: str | None = None) -> None:
    """List automatic decisions, the weightiest first, as plain sentences."""
    rank = {"error": 0, "warning": 1, "info": 2}
    ordered = sorted(dict.fromkeys(items), key=lambda note: rank[note.level])
    if not ordered:
        st.caption(_("The computer had nothing to decide here."))
        return
    if key_sentence:
        st.caption(key_sentence)
    for note in ordered:
        st.markdown(f"{_ICONS[note.level]} {plain(note.say(lang()))}")


def plain(text: str) -> str:
    """Escape what Markdown would take for its own signs (names come from people's files); keep "95 %" on one line."""
    text = re.sub(r"(?<=\d) %", "\u00a0%", text)
    for sign in "\\`*_{}[]<>#$~|":
        text = text.replace(sign, "\\" + sign)
    return text
