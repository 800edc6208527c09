"""Cards of places on a map, as HTML: a title, what is known, the simulated mark. All texts escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from language import concentration, number, translate, with_range


def name_of(row: Any, lang: str) -> str:
    """Return a row's name in the language (the other one, or its code, where it is missing)."""
    first, second = ("name_th", "name_en") if lang == "th" else ("name_en", "name_th")
    for column in (first, second, "code", "station_id", "receptor_id"):
        text = row.get(column)
        if isinstance(text, str) and text:
            return text
    return ""


def card(title: str, rows: Sequence[tuple[str, Any]], source: Any, lang: str) -> str:
    """Return a card: title, rows that have something to say, the simulated mark. All texts escaped."""
    lines = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(str(value))}</td></tr>" for label, value in rows if _says(value)
    )
    mark = (
        f"<span class='eco-sim'>{escape(translate('Simulated data', lang))}</span>"
        if _is_true(source.get("simulated"))
        else ""
    )
    return f"<div class='eco-pop'><h3>{escape(title)}</h3><table>{lines}</table>{mark}</div>"


def factory_name(row: Any) -> str:
    """Return what a factory is called: its name, else its registration number, else its id."""
    known = (row[c] for c in ("name_th", "reg_no") if isinstance(row.get(c), str) and row[c])
    return str(next(known, row["factory_id"]))


def factory_card(row: Any, family: str, lang: str) -> str:
    """Return the card of a factory; `family` is the group's name, translated."""
    pop = [
        (translate("type", lang), f"{row.get('type_code') or '–'} · {family}"),
        (translate("activity", lang), row.get("activity")),
        (translate("horsepower", lang), number(finite(row.get("hp")))),
        (translate("workers", lang), number(finite(row.get("workers")))),
        (translate("registration number", lang), row.get("reg_no")),
        (translate("position", lang), row.get("coordinate_note")),
        (translate("source", lang), row.get("source")),
    ]
    return card(factory_name(row), pop, row, lang)


def _says(value: Any) -> bool:
    return value is not None and value == value and str(value) not in ("", "–", "-", "None", "nan", "<NA>")


def _is_true(value: Any) -> bool:
    return value is not None and value is not pd.NA and bool(value)


def finite(value: Any) -> float | None:
    """Return a finite number, or None for anything missing."""
    if value is None or value is pd.NA:
        return None
    found = float(value)
    return found if np.isfinite(found) else None


def part_of(part: Any, whole: Any) -> str:
    """Return ``12 / 60``."""
    a, b = finite(part), finite(whole)
    return "–" if a is None else f"{number(a, 0 if a == round(a) else 1)}{'' if b is None else f' / {number(b)}'}"


def mean_with_range(row: Any, lang: str) -> str:
    """Return a mean with its 95 % range, from ``mean_ugm3``, ``lower95``, ``upper95``."""
    mean = finite(row.get("mean_ugm3"))
    if mean is None:
        return "–"
    return with_range(concentration(mean, lang), finite(row.get("lower95")), finite(row.get("upper95")), lang)
