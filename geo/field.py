"""Very many factories on one canvas: what the browser fetches by address, and a card for the one clicked.

1. Places, type group, horsepower and type number go as plain columns in one compressed answer; the browser
   draws, gathers and filters them itself (``static/map/field.js``), so nothing of it is sent again.
2. A card is made when it is asked for. The position in the table is its number.

Nothing is left out silently: what has no position is counted and said.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import folium
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import glyphs
from geo.cards import factory_card, factory_name
from geo.drawing import Drawing
from language import N_, data_language, translate

KINDS = tuple(glyphs.FACTORY_FAMILIES)

_WORDS: Mapping[str, str] = {
    "shown": N_("{shown} of {count} factories shown"),
    "circle": N_("{count} factories; a click comes nearer"),
    "filter": N_("Filter"),
    "power": N_("Horsepower"),
    "from": N_("from {hp}"),
    "any": N_("any"),
    "type": N_("Type number"),
    "all": N_("all"),
    "here": N_("at this place"),
    "back": N_("previous"),
    "next": N_("next"),
    "wait": N_("Loading the factories …"),
    "gone": N_("The factories could not be fetched. Reload the page."),
}


@dataclass(frozen=True)
class Field:
    """Factories as the browser fetches them.

    Attributes
    ----------
    key : str
        Of the content and language: the same factories have the same address.
    body : bytes
        Compressed (gzip) JSON of columns.
    count, unplaced : int
        Factories of the table; those of them without a position.
    table : DataFrame
        Those with a position, in the order of the columns.
    lang : str
        Of the cards.
    """

    key: str
    body: bytes = field(repr=False)
    count: int
    unplaced: int
    table: pd.DataFrame = field(repr=False)
    families: NDArray[np.uint8] = field(repr=False)
    lang: str

    def card(self, number: int) -> dict[str, str] | None:
        """Return id, name and card (HTML, escaped) of one factory, or None where there is none of that number."""
        if not 0 <= number < len(self.table):
            return None
        row = self.table.iloc[number].to_dict()
        words = translate(glyphs.FACTORY_FAMILIES[KINDS[self.families[number]]], self.lang)
        return {
            "id": str(row["factory_id"]),
            "tip": escape(factory_name(row)),
            "html": factory_card(row, words, self.lang),
        }


def factory_field(table: pd.DataFrame, groups: Mapping[tuple[int, int], str], *, lang: str) -> Field:
    """Return factories made ready to be fetched.

    Parameters
    ----------
    table : DataFrame
        Columns of the lake's factories; ``type_name_th``, ``type_name_en`` where known.
    groups : mapping of (type_no, type_sub) to group
        From ``geo.catalogues.factory_types``.
    """
    placed = table[table["lat"].notna() & table["lon"].notna()].reset_index(drop=True)
    families = _families(placed, groups)
    names, codes = _types(placed, lang)
    power = pd.to_numeric(_column(placed, "hp"), errors="coerce").to_numpy(float)
    data = {
        # A hundred-thousandth of a degree is a metre.
        "lat": np.round(1e5 * placed["lat"].to_numpy(float)).astype(int).tolist(),
        "lon": np.round(1e5 * placed["lon"].to_numpy(float)).astype(int).tolist(),
        "kind": families.tolist(),
        "hp": np.where(np.isfinite(power), np.ceil(np.nan_to_num(power)), -1).astype(int).tolist(),
        "type": codes.tolist(),
        "types": names,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    key = hashlib.sha256(text + lang.encode() + "".join(placed["factory_id"].astype(str)).encode()).hexdigest()[:20]
    body = gzip.compress(text, 5, mtime=0)
    return Field(key, body, len(table), len(table) - len(placed), placed, families, lang)


def _families(placed: pd.DataFrame, groups: Mapping[tuple[int, int], str]) -> NDArray[np.uint8]:
    pairs = list(zip(_column(placed, "type_no"), _column(placed, "type_sub"), strict=True))
    known: dict[Any, int] = {}
    for pair in pairs:
        if pair not in known:
            known[pair] = KINDS.index(glyphs.family_of(*pair, groups))
    return np.array([known[pair] for pair in pairs], np.uint8)


def _types(placed: pd.DataFrame, lang: str) -> tuple[list[list[str]], NDArray[np.int64]]:
    """Return each type number with its name, by number, and which one every factory has."""
    codes = _column(placed, "type_code").fillna("").astype(str)
    which, labels = pd.factorize(codes)
    words = _column(placed, f"type_name_{data_language(lang)}").fillna("").astype(str)
    first = words.groupby(codes.to_numpy(), sort=False).first() if len(placed) else words
    order = sorted(range(len(labels)), key=lambda i: _by_number(str(labels[i])))
    place = np.empty(max(len(order), 1), int)
    place[order] = np.arange(len(order))
    names = [[str(labels[i]) or "–", str(first.get(labels[i], ""))[:60]] for i in order]
    return names, place[which]


def _by_number(code: str) -> tuple[int, str]:
    digits = re.match(r"\d+", code)
    return (int(digits[0]) if digits else 10_000, code)


def _column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    return table[name] if name in table else pd.Series([None] * len(table), index=table.index, dtype=object)


def layer(found: Field, url: str, *, report: bool = False, linked: bool = False) -> folium.FeatureGroup:
    """Return the layer that fetches its places from `url` and the card of number n from ``url/n``.

    Parameters
    ----------
    report : bool
        Tell the page which factory was clicked.
    linked : bool
        Keep the filter in the page's address (``fac=``).
    """
    words = {name: escape(translate(text, found.lang)) for name, text in _WORDS.items()}
    words["unplaced"] = escape(
        translate("{count} more have no position and are only in the table.", found.lang)
    ).format(count=f"{found.unplaced:,}")
    group = folium.FeatureGroup(name="factories", control=False)
    group.add_child(
        Drawing(
            "field",
            {
                "url": url,
                "count": found.count,
                "unplaced": found.unplaced,
                "kinds": KINDS,
                "names": [escape(translate(glyphs.FACTORY_FAMILIES[k], found.lang)) for k in KINDS],
                "icons": [glyphs.factory(k) for k in KINDS],
                "report": report,
                "linked": linked,
                "words": words,
            },
        )
    )
    return group
