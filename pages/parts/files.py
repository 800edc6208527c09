"""Files a reader takes home: made when the button is pressed, named after what they hold."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import streamlit as st

from geo import export
from pages.parts.frame import Choice
from pages.parts.i18n import _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GPKG = "application/geopackage+sqlite3"
CSV = "text/csv"


def name(what: str, chosen: Choice, suffix: str) -> str:
    """Return a file name: what, where, pollutant and period, and the simulated mark."""
    # Thai vowels and tone marks are no "word" signs to a regular expression: name what must go instead.
    place = re.sub(r'[\s\\/:*?"<>|()]+', "-", chosen.name).strip("-")
    mark = "-simulated" if chosen.simulated else ""
    return f"{what}-{place}-{chosen.pollutant}-{chosen.start:%Y%m%d}-{chosen.end:%Y%m%d}{mark}.{suffix}"


def written(write: Callable[[Path], object], suffix: str) -> bytes:
    """Return the bytes that `write` puts into the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{suffix}"
        write(path)
        return path.read_bytes()


def geopackage(table: gpd.GeoDataFrame, layer: str) -> bytes:
    """Return a table with its shapes as GeoPackage."""
    return written(lambda path: table.to_file(path, driver="GPKG", layer=layer), "gpkg")


def csv(table: gpd.GeoDataFrame) -> bytes:
    """Return a table as CSV that Excel opens with its Thai right; a point inside stands for the shape."""
    plain = table.drop(columns="geometry")
    if len(table):
        inside = table.geometry.representative_point()
        plain = plain.assign(lat=inside.y.round(6), lon=inside.x.round(6))
    return export.harmless(plain).to_csv(index=False).encode("utf-8-sig")


def offer(what: str, tables: dict[str, tuple[str, gpd.GeoDataFrame]], chosen: Choice) -> None:
    """Draw the download button of a page: each table as GeoPackage and CSV.

    Parameters
    ----------
    what : str
        Key of the page's buttons.
    tables : dict
        File name part -> (words on the button, table).
    """
    with st.popover(_("Download"), icon=":material/download:", width="stretch"):
        for part, (words, table) in tables.items():
            for suffix, kind, mime, make in (
                ("gpkg", "GeoPackage", GPKG, partial(geopackage, table, part)),
                ("csv", "CSV (Excel)", CSV, partial(csv, table)),
            ):
                st.download_button(
                    f"{words} · {kind}",
                    make,
                    file_name=name(part, chosen, suffix),
                    mime=mime,
                    key=f"{what}-{part}-{suffix}",
                    on_click="ignore",
                    icon=":material/download:",
                    width="stretch",
                )
