"""What the reader has chosen: kept over page changes, written into the URL, restored from it.

Streamlit forgets a widget's value when its page is left, and clears the query string with it.
Here every choice has a name; a page binds the name before it draws the widget:

    st.selectbox(_("Layer"), ["mean", "sd"], key=state.bind("layer", "mean", allowed=["mean", "sd"]))

`begin` (first in app.py) looks what the URL asks for, `publish` (last) writes the choices back, so
that the address in the browser always restores what is seen. A name means the same on every page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

_KEPT = "_state_kept"  # name -> URL text of the last value, over page changes
_SEEN = "_state_published"  # the two last published query strings, newest first
_ASKED = "_state_asked"  # what the URL newly asks for in this run
_BOUND = "_state_bound"  # name -> writer, of the names bound in this run

Parse = Callable[[str], Any]
Write = Callable[[Any], str | None]


def begin() -> None:
    """Read what the URL newly asks for. Call once, first, in every run."""
    session = st.session_state
    seen: list[dict[str, str]] = session.setdefault(_SEEN, [{}, {}])
    # The browser may still send the address of the run before: only what we did not write ourselves is a wish.
    session[_ASKED] = {
        name: text for name, text in st.query_params.to_dict().items() if all(text != old.get(name) for old in seen)
    }
    session[_BOUND] = {}
    session.setdefault(_KEPT, {})


def bind(
    name: str,
    default: Any,
    *,
    parse: Parse = str,
    write: Write = str,
    allowed: Collection[Any] | None = None,
    late: bool = False,
) -> str:
    """Give the choice `name` its value for this run and return its key for a widget.

    Parameters
    ----------
    name : str
        Name in the URL and in the session; short, lower case.
    default
        Value of a reader who has not chosen yet.
    parse, write
        From and to the text in the URL. `parse` may raise ValueError: the default is taken then.
        `write` returning None keeps the last text (a widget that is half filled in).
    allowed : collection, optional
        A value outside of it (an old link, another workspace) becomes the default.
    late : bool
        The widget stands in a popover: the browser makes it only when that is opened, and then knows only what the
        last run sent. So its value goes along in every run; once, since Streamlit refuses it after the widget.
    """
    session = st.session_state
    asked = session[_ASKED].pop(name, None)
    text = asked if asked is not None else (None if name in session else session[_KEPT].get(name))
    if text is not None:
        try:
            session[name] = parse(text)
        except ValueError:
            session[name] = default
    elif name not in session:
        session[name] = default
    if allowed is not None and session[name] not in allowed:
        session[name] = default
    if late and name not in session[_BOUND]:
        session[name] = session[name]
    session[_BOUND][name] = write
    return name


def get(name: str, default: Any = None) -> Any:
    """Return the present value of a bound choice."""
    return st.session_state.get(name, default)


def put(name: str, value: Any) -> None:
    """Change a choice from code (a click on a map); use before its widget is drawn, or in a callback."""
    st.session_state[name] = value


def show_again() -> None:
    """Send every choice to the browser once more, so that its label is drawn in another language.

    A select box keeps the words it was chosen by until its value is set from here.
    """
    for name in st.session_state.get(_BOUND, {}):
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]


def publish() -> None:
    """Write every choice bound in this run into the URL. Call once, last, in every run."""
    session = st.session_state
    kept: dict[str, str] = session[_KEPT]
    for name, write in session[_BOUND].items():
        value = session.get(name)
        text = None if value is None else write(value)
        if text is not None:
            kept[name] = text
        elif value is None:
            kept.pop(name, None)
    query = {name: kept[name] for name in session[_BOUND] if kept.get(name)}
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)
    if query != session[_SEEN][0]:
        session[_SEEN] = [query, session[_SEEN][0]]


def flag(text: str) -> bool:
    """Parse a switch: ``1`` is on."""
    return text == "1"


def write_flag(value: bool) -> str:
    """Write a switch as ``1`` or nothing, so that the usual state leaves the URL short."""
    return "1" if value else ""


def words(text: str) -> list[str]:
    """Parse a comma-separated list of short words."""
    return [part for part in text.split(",") if part]


def write_words(values: Collection[str]) -> str:
    """Write a list of short words with commas; an empty list is ``-`` so that it is remembered."""
    return ",".join(values) or "-"
