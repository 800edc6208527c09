"""Boxes and tabs: what is hidden is not made."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def said(at: AppTest) -> list[str]:
    return [m.value for m in at.markdown]


def box() -> None:
    import streamlit as st

    from pages.parts import fold

    if opened := fold.unfolded("More", "box"):
        with opened:
            st.write("inside")


def test_a_closed_box_draws_nothing() -> None:
    at = AppTest.from_function(box).run()
    assert said(at) == []
    at.session_state["box"] = True
    assert said(at.run()) == ["inside"]


def two_tabs() -> None:
    from functools import partial

    import streamlit as st

    from pages.parts import fold

    names = st.session_state.get("names", ("One", "Two"))
    fold.tabs({name: partial(st.write, f"under {place}") for place, name in enumerate(names)}, "tabs")


def test_only_the_open_tab_is_drawn_and_stays_open_in_another_language() -> None:
    at = AppTest.from_function(two_tabs).run()
    assert said(at) == ["under 0"]
    at.session_state["tabs"] = "Two"
    assert said(at.run()) == ["under 1"]
    at.session_state["names"] = ("หนึ่ง", "สอง")
    assert said(at.run()) == ["under 1"]
    at.session_state["names"] = ("alone",)
    assert said(at.run()) == ["under 0"]
