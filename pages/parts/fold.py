"""Boxes and tabs whose hidden parts are neither made nor sent: every reader would wait for them on opening a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import streamlit as st


def unfolded(label: str, key: str, *, icon: str | None = None) -> AbstractContextManager[object] | None:
    """Draw a box that opens and closes; return it while it is open, None while it is not.

    Parameters
    ----------
    label : str
        Already translated.
    key : str
        One a box; it stays open as long as the page is not left.
    """
    box = st.expander(label, icon=icon, key=key, on_change="rerun")
    return box if box.open else None


def tabs(parts: Mapping[str, Callable[[], None]], key: str) -> None:
    """Draw tabs, and under the one that is open what its function draws.

    Parameters
    ----------
    parts : mapping of str to function
        Name of each tab, already translated, and what draws it.
    key : str
        As in `unfolded`.
    """
    names, session = list(parts), st.session_state
    if key in session and session[key] not in names:  # named in another language: the same tab stays open
        session[key] = names[min(session.get(f"_{key}", 0), len(names) - 1)]
    for place, tab in enumerate(st.tabs(names, key=key, on_change="rerun")):
        if tab.open:
            session[f"_{key}"] = place
            with tab:
                parts[names[place]]()
