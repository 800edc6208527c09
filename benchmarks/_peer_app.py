"""What one would write first: the same factories, surface and days with plain folium and st_folium.

Served by the benchmark only. Leaflet and its plugins come from this project's bundle, because plain st_folium
is blank without the network; everything else is as its documentation shows it.
"""

from __future__ import annotations

import os

import folium
import folium.plugins
import numpy as np
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from pages.parts import map_view  # noqa: F401 - answers the addresses outside from the bundle

FOLDER = os.environ["PEER_DATA"]


@st.cache_data
def factories() -> pd.DataFrame:
    """Return the factories: lat, lon, name."""
    return pd.read_parquet(f"{FOLDER}/factories.parquet")


@st.cache_data
def surface() -> np.ndarray:
    """Return the surfaces, days × rows × columns, scaled to 0 … 1."""
    return np.load(f"{FOLDER}/surface.npy")


def main() -> None:
    """Draw the case that the address asks for."""
    st.set_page_config(layout="wide")
    st.title("Peer")
    case = st.query_params.get("case", "factories")
    places = factories()
    south, west, north, east = places["lat"].min(), places["lon"].min(), places["lat"].max(), places["lon"].max()
    shown = folium.Map([(south + north) / 2, (west + east) / 2], zoom_start=10, tiles=None, maxZoom=18)
    if case == "factories":
        # The usual callback asks for a plugin for coloured pins that the bundle does not hold: plain pins.
        pin = "function (row) { return L.marker(new L.LatLng(row[0], row[1])); }"
        folium.plugins.FastMarkerCluster(places[["lat", "lon"]].to_numpy().tolist(), callback=pin).add_to(shown)
    else:
        days = surface()
        day = st.slider("Day", 0, len(days) - 1, 0) if case == "days" else 0
        folium.raster_layers.ImageOverlay(
            days[day], [[south, west], [north, east]], mercator_project=True, opacity=0.75,
            colormap=lambda v: (0.3 + 0.6 * (1 - v), 0.2 + 0.6 * (1 - v), 0.1, 1),
        ).add_to(shown)  # fmt: skip
    st_folium(shown, use_container_width=True, height=560, returned_objects=["last_object_clicked"])


main()
