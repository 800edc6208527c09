"""The provincial office and the hall: what a person filters, records, saves and takes back."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


def factories(at: AppTest) -> pd.DataFrame:
    """Return the table of factories."""
    return next(t.value for t in at.dataframe if "receptors_1km" in t.value.columns)


def button(at: AppTest, words: str) -> object:
    """Return the button with these words."""
    return next(b for b in at.button if b.label == words)


def test_filters_of_the_address_leave_what_fits_and_can_be_saved(own_app: Open) -> None:
    """A link restores the filters; they are saved under a name, and a stricter one shows fewer rows."""
    everything = factories(own_app("offices", lang="en"))
    at = own_app("offices", lang="en", hp="200", only="hotspot")
    some = factories(at)
    assert 0 < len(some) < len(everything)
    assert (some["hp"] >= 200).all()
    assert some["hotspot_id"].notna().all()
    at.text_input(key="screen_name").set_value("Large and near")
    button(at, "Save these filters").click().run()  # type: ignore[attr-defined]
    assert not at.exception
    again = own_app("offices", lang="en")
    again.selectbox(key="saved").set_value("Large and near").run()
    assert len(factories(again)) == len(some)


def test_hands_are_recorded_and_taken_back(own_app: Open) -> None:
    """An idea needs no place; a complaint does; the last one is taken back."""
    at = own_app("meeting", lang="th", view="say")
    assert not at.exception, [e.value for e in at.exception]
    button(at, "บันทึกเรื่องนี้").click().run()  # type: ignore[attr-defined]
    assert any("คลิกแผนที่ตรงที่ชาวบ้านหมายถึงก่อน" in e.value for e in at.error)
    at.pills(key="say_kind").set_value("idea")
    at.number_input(key="say_votes").set_value(7)
    button(at, "บันทึกเรื่องนี้").click().run()  # type: ignore[attr-defined]
    assert "7 มือ · 1 เรื่อง" in " ".join(str(getattr(element, "body", "")) for element in at.main)
    button(at, "ยกเลิกเรื่องล่าสุด").click().run()  # type: ignore[attr-defined]
    assert any("ยังไม่มีบันทึก" in e.value for e in at.info)
