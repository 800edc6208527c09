"""The reader's language in this session, and the one-letter translator the pages use."""

from __future__ import annotations

import streamlit as st

from language import available_languages, translate
from pages.parts import state


def begin() -> None:
    """Bind the language and the hall switch, so that titles and the navigation already speak and fit."""
    state.bind("lang", available_languages()[0], allowed=available_languages())
    state.bind("hall", False, parse=state.flag, write=state.write_flag)


def lang() -> str:
    """Return the language of this session, Thai until another is chosen."""
    return str(st.session_state.get("lang") or available_languages()[0])


def _(text: str, /, **values: object) -> str:
    """Return `text` in the reader's language with its ``{name}`` fields filled in."""
    translated = translate(text, lang())
    return translated.format(**values) if values else translated
