"""What is stored of an area where there is too little for its maps: its boundaries and stations, as map and table."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo import layers, legend
from language import number
from pages.parts import dust_view, frame, map_view, results, tables
from pages.parts.addresses import ground
from pages.parts.i18n import _, lang


def draw() -> None:
    """Draw the map and the table of the stations in and near the area chosen; nothing where no area is."""
    chosen = st.session_state.get("_choice")
    if chosen is None:
        return
    area = results.land(chosen.area)
    near = results.remembered("stations-near", lambda: _near(area), chosen.area)
    st.html(f"<h2 class='eco-h2'>{_('What is stored here so far')}</h2>")
    frame.figures({_("Stations"): (number(len(near)), _("Stations in and near the area; nearer than about 30 km."))})
    key = legend.build(
        _("Stations"), lang=lang(), keys=dust_view.station_keys()[:2], simulated=chosen.simulated,
        source=", ".join(sorted({str(s) for s in near["source"].dropna()})),
    )  # fmt: skip
    signs = layers.stations(near.assign(value=float("nan")), None, lang=lang())
    base = layers.base_map(area, lang=lang(), hall=frame.hall(), label=_("Map of the stations"), ground=ground())
    map_view.show_map(base, f"so-far-{lang()}", [signs, layers.legend(key)], height=380)
    if len(near):
        with st.expander(_("The map as a table"), icon=":material/table:"):
            tables.show(_table(near))


def _near(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    west, south, east, north = area.to_crs(4326).total_bounds
    margin = results.MARGIN
    return results.lake().stations(bounds=(west - margin, south - margin, east + margin, north + margin))


def _table(near: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            _("Station"): [frame.label(row) for _i, row in near.iterrows()],
            _("Kind"): [_(dust_view.KIND_WORDS.get(str(kind), "-")) for kind in near["kind"]],
            _("Network"): near["network"],
            _("Source"): near["source"],
            _("Latitude"): near["lat"].round(5),
            _("Longitude"): near["lon"].round(5),
        }
    )
