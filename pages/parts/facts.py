"""Figures with their names, in a grid that fits a phone and a projector."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from language import number
from pages.parts.frame import hall


def grid(facts: Mapping[str, str], *, narrowest: int = 13) -> None:
    """Draw names and values; both are escaped.

    Parameters
    ----------
    narrowest : int
        Least width of a column, in widths of a letter (rem).
    """
    columns = f"repeat(auto-fit,minmax(min({narrowest}rem,100%),1fr))"
    style = f"display:grid;grid-template-columns:{columns};gap:.5rem 1.4rem;margin:0;padding:0"
    cells = "".join(
        f"<div><dt style='color:#46565B;font-size:.85rem'>{escape(name)}</dt>"
        f"<dd style='margin:0;font-weight:700'>{escape(value)}</dd></div>"
        for name, value in facts.items()
    )
    st.html(f"<dl style='{style}'>{cells}</dl>")


def scaled(pixels: int) -> int:
    """Return a height in CSS pixels for the letters in use: larger in a hall."""
    return round(1.6 * pixels) if hall() else pixels


def percent(share: float) -> str:
    """Return a share as ``96 %``."""
    return f"{100 * share:.0f} %"


def count(value: Any) -> str:
    """Return a whole number, or an en dash where it is unknown."""
    return "–" if pd.isna(value) else number(float(value))
