"""A table that is read from afar: real HTML, whose letters follow the page's, unlike those of a canvas.

Only for the hall: no sorting, no selection; what is chosen elsewhere is marked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import escape

import pandas as pd
import streamlit as st

from pages.parts.i18n import _

LONG = 40
"""Letters from which on a cell is broken into lines."""
MOST = 300
"""Rows that a hall scrolls through; the rest is in the files."""


def html(table: pd.DataFrame, columns: Mapping[str, tuple[str, str]], chosen: Collection[int] = ()) -> str:
    """Return a table as HTML, everything escaped.

    Parameters
    ----------
    columns : mapping of column to (heading, meaning)
        Already translated; the meaning shows on pointing.
    chosen : collection of int
        Positions of the rows to mark.
    """
    head = "".join(
        f"<th scope='col' title='{escape(meaning, quote=True)}'>{escape(name)}</th>"
        for name, meaning in columns.values()
    )
    rows = []
    for position, values in enumerate(table[list(columns)].head(MOST).itertuples(index=False)):
        mark = " aria-current='true'" if position in chosen else ""
        rows.append(f"<tr{mark}>{''.join(f'<td{_align(v)}>{escape(_text(v))}</td>' for v in values)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def show(
    table: pd.DataFrame, columns: Mapping[str, tuple[str, str]], chosen: Collection[int], label: str, height: int
) -> None:
    """Draw the table in a box that scrolls, by keyboard too; `height` in CSS pixels."""
    st.html(
        f"<div class='eco-table' tabindex='0' role='region' aria-label='{escape(label, quote=True)}' "
        f"style='max-height:{height}px'>{html(table, columns, chosen)}</div>"
    )
    if len(table) > MOST:
        st.caption(_("{count} more rows are in the files.", count=f"{len(table) - MOST:,}"))


def _text(value: object) -> str:
    if value is None or value is pd.NaT or value != value or value is pd.NA:
        return "–"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _align(value: object) -> str:
    figure = isinstance(value, str) and re.fullmatch(r"[+−-]?[\d,.]+( ?%)?", value)
    if figure or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return " class='n'"
    return " class='long'" if isinstance(value, str) and len(value) > LONG else ""
