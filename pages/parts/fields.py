"""Factories on a map: few as signs the keyboard reaches, many on one canvas fetched from this server by address."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pages.parts.addresses import FACTORIES

if TYPE_CHECKING:
    import folium
    import pandas as pd

    from geo.field import Field
    from planning.screening import Screening

FEW = 400
"""Up to so many factories each is a sign of its own that the keyboard reaches."""
KEPT = 24
"""Sets of factories that are answered for; a page that is drawn again asks for its own anew."""

_made: OrderedDict[tuple[Any, ...], Field] = OrderedDict()
_guard = threading.Lock()


def served(key: str) -> Field | None:
    """Return the set of factories of an address, or None where nobody drew it lately."""
    with _guard:
        return next((found for found in reversed(_made.values()) if found.key == key), None)


def made(name: tuple[Any, ...], make: Callable[[], Field]) -> Field:
    """Return the set of factories of a name, made if nobody has; its address is answered from now on."""
    with _guard:
        found = _made.get(name)
    if found is None:
        found = make()
    with _guard:
        _made[name] = found
        _made.move_to_end(name)
        while len(_made) > KEPT:
            _made.popitem(last=False)
    return found


def is_field(table: pd.DataFrame) -> bool:
    """Whether a table has so many factories that they are drawn on one canvas."""
    return len(table) > FEW


def factories(found: Screening, table: pd.DataFrame, lang: str, *, report: bool = False) -> folium.FeatureGroup:
    """Return the layer of factories, however many.

    Parameters
    ----------
    table : DataFrame
        Rows of ``found.factories``.
    report : bool
        Tell the page which one was clicked.
    """
    from geo import field, layers
    from pages.parts import dust_view

    groups = dust_view.factory_groups()
    if not is_field(table):
        return layers.factories(table, groups, lang=lang)
    name = (found.snapshot, lang, len(table), _of_all(found) if table is found.factories else _hash(table))
    drawn = made(name, lambda: field.factory_field(table, groups, lang=lang))
    return field.layer(drawn, f"{FACTORIES}{drawn.key}", report=report, linked=not report)


def _hash(table: pd.DataFrame) -> int:
    return hash(tuple(table["factory_id"]))


def _of_all(found: Screening) -> int:
    """Return the hash of every factory's id; made once, because seventy thousand take a fifth of a second."""
    from pages.parts import results

    return int(results.derived(found, "factory-ids", lambda: _hash(found.factories)))
