"""The map's places as tables a reader understands: the same things, without the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from geo import catalogues, glyphs
from language import number
from pages.parts import dust_view, fold, frame, results, tables
from pages.parts.i18n import _, lang
from planning.screening import Screening

MANY = 5000
"""Rows from which on a table is drawn only when asked for."""


def draw(found: Screening) -> None:
    """Draw stations, factories and receptors under tabs."""

    def show(make: Callable[[Screening], pd.DataFrame], rows: pd.DataFrame) -> None:
        # A table of very many rows is megabytes for every reader in every run: only for who asks.
        if len(rows) <= MANY or st.toggle(_("Show all {count} rows", count=number(len(rows))), key=make.__name__):
            tables.show(results.derived(found, f"table-{make.__name__}-{lang()}", partial(make, found)))

    fold.tabs(
        {
            _("Stations"): partial(show, stations, found.stations),
            _("Factories"): partial(show, factories, found.factories),
            _("Schools and care"): partial(show, receptors, found.receptors),
        },
        "place-tables",
    )


def expander(make: Callable[[], pd.DataFrame]) -> None:
    """Draw a map's table, folded away under it."""
    if box := fold.unfolded(_("The map as a table"), "map-table", icon=":material/table:"):
        with box:
            tables.show(make())


def stations(found: Screening) -> pd.DataFrame:
    """Return the stations with what they measured in the period."""
    rows = found.stations
    return pd.DataFrame(
        {
            _("Station"): _labels(rows),
            _("Kind"): [_(dust_view.KIND_WORDS[str(kind)]) for kind in rows["kind"]],
            _("Mean (µg/m³)"): rows["value"].round(1),
            _("Days over"): rows["days_over"],
            _("Days with data"): rows["n_days"],
            _("Distance to the area (km)"): rows["distance_km"].round(1),
            _("Network"): rows["network"],
            _("Source"): rows["source"],
            _("Latitude"): rows["lat"].round(5),
            _("Longitude"): rows["lon"].round(5),
        }
    )


def factories(found: Screening) -> pd.DataFrame:
    """Return the factories with type, size, and the zone and hotspot they belong to."""
    rows = found.factories
    kinds = rows["type_group"].astype(str)
    # Translated once a group, not once a row.
    groups = kinds.map({kind: _(catalogues.FACTORY_GROUPS.get(kind, "Other")) for kind in set(kinds)})
    return pd.DataFrame(
        {
            _("Factory"): rows["name_th"],
            _("Registration no."): rows["reg_no"],
            _("Group"): groups,
            _("Type"): rows["type_name_th" if lang() == "th" else "type_name_en"],
            _("Horsepower"): rows["hp"],
            _("Workers"): rows["workers"],
            _("Hotspot"): rows["hotspot_id"],
            _("Zone"): rows["zone_id"],
            _("Source"): rows["source"],
            _("Latitude"): rows["lat"].round(5),
            _("Longitude"): rows["lon"].round(5),
        }
    )


def receptors(found: Screening) -> pd.DataFrame:
    """Return schools, hospitals and homes for the elderly."""
    rows = found.receptors
    kinds = [str(kind) if kind in glyphs.RECEPTOR_KINDS else "other" for kind in rows["kind"]]
    return pd.DataFrame(
        {
            _("Name"): _labels(rows),
            _("Kind"): [_(glyphs.RECEPTOR_KINDS[kind]) for kind in kinds],
            _("People"): rows["people"],
            _("Source"): rows["source"],
            _("Latitude"): rows["lat"].round(5),
            _("Longitude"): rows["lon"].round(5),
        }
    )


def _labels(rows: pd.DataFrame) -> list[str]:
    return [frame.label(row) for _i, row in rows.iterrows()]
