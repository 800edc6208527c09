"""Tables to look at: on the desk Streamlit's own, in a hall as text whose letters grow with the page's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.parts import hall_table
from pages.parts.frame import hall
from pages.parts.i18n import _

TALL = 620
"""CSS pixels of a table in a hall before it scrolls."""


def show(
    data: pd.DataFrame | Styler, *, column_config: Mapping[str, Any] | None = None, height: int | None = None,
    chosen: Collection[int] = (),
) -> None:
    """Draw a table over the whole width, without its row numbers; a style is for the desk.

    Parameters
    ----------
    column_config : mapping, optional
        As `st.dataframe` takes it; a hall uses its headings, meanings and formats.
    height : int, optional
        CSS pixels on the desk; by default as high as its rows.
    chosen : collection of int
        Rows that a hall marks.
    """
    if hall():
        data = data.data if isinstance(data, Styler) else data
        config = dict(column_config or {})
        shown = [c for c in data.columns if not _hidden(config, c)]
        texts = pd.DataFrame({c: [_text(v, _format(config.get(c))) for v in data[c]] for c in shown}, columns=shown)
        hall_table.show(texts, {c: _heading(config.get(c), str(c)) for c in shown}, chosen, _("Table"), TALL)
        return
    more = {} if height is None else {"height": height}
    st.dataframe(data, hide_index=True, width="stretch", column_config=dict(column_config or {}) or None,
                 placeholder="–", **more)  # fmt: skip


def _hidden(config: Mapping[str, Any], column: Any) -> bool:
    return column in config and (config[column] is None or bool(_get(config[column], "hidden")))


def _get(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else None


def _heading(entry: Any, column: str) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, ""
    return str(_get(entry, "label") or column), str(_get(entry, "help") or "")


def _format(entry: Any) -> str:
    return str(_get(_get(entry, "type_config"), "format") or "")


def _text(value: Any, pattern: str) -> str:
    """Return a cell in words: a number in its column's format, a day as such, a dash where nothing is known."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, Real):
        if "%" in pattern:
            return pattern.replace(",", "") % value
        return f"{value:,}" if float(value).is_integer() else f"{float(value):,.4g}"
    return value.strftime("%d/%m/%Y") if isinstance(value, pd.Timestamp) else str(value)
