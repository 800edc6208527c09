"""The map's places as tables a reader understands: the same things, without the map."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo import catalogues, glyphs
from pages.parts import dust_view, frame
from pages.parts.i18n import _, lang
from planning.screening import Screening


def draw(found: Screening) -> None:
    """Draw stations, factories and receptors under tabs."""
    names = [_("Stations"), _("Factories"), _("Schools and care")]
    tables = [stations(found), factories(found), receptors(found)]
    for tab, table in zip(st.tabs(names), tables, strict=True):
        tab.dataframe(table, hide_index=True, width="stretch")


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
    groups = [_(catalogues.FACTORY_GROUPS.get(str(group), "Other")) for group in rows["type_group"]]
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
