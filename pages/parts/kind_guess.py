"""What kind of file was dropped: the kind whose own columns are in it, and that can be read from it."""

from __future__ import annotations

from geo import readers
from geo.readers import Options, population
from geo.schema import KINDS, VARIABLES
from language import UserError

ROWS = 200
"""Rows that are read to find out."""

_OWN = {
    "boundaries": {"level", "parent_code", "population", "area_km2"},
    "observations": {"time", "value", "variable", *VARIABLES},
    "factories": {"reg_no", "type_code", "factory_class", "hp", "workers", "capital_baht", "activity"},
    "receptors": {"receptor_id", "people"},
    "population": {"code", "people", "children", "elderly"},
    "reports": {"report_id", "meeting_id", "meeting_date", "votes"},
    "stations": {"station_id", "network", "elevation_m", "error_sd"},
}
"""Fields that only this kind has; names and places are in all of them."""


def guess_kind(data: bytes, name: str) -> str:
    """Return the kind of a file, one of `geo.schema.KINDS`.

    Raises
    ------
    UserError
        Where the file can't be opened at all.
    """
    if population.is_tiff(data):  # a raster of people
        return "population"
    scores = {kind: _score(data, name, kind) for kind in KINDS}
    return max(scores, key=lambda kind: scores[kind])


def _score(data: bytes, name: str, kind: str) -> float:
    """Return how well a file fits a kind: its own fields, twice as much where rows come out of them."""
    seen = readers.preview(data, kind, name=name, options=Options(limit=ROWS))
    own = len(_OWN[kind] & set(seen.mapping))
    if kind == "observations" and not ("time" in seen.mapping and own > 1):
        own = 0
    shapes = seen.shapes.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) if len(seen.shapes) else None
    if kind == "boundaries":
        return 20.0 if shapes is not None and shapes.all() else 0.0
    try:
        kept = readers.read(data, kind, name=name, options=Options(limit=ROWS)).rows_kept
    except UserError:
        kept = 0
    if kind == "observations" and kept and "time" in seen.mapping:
        own = max(own, 2)  # a table of days and hours, or of hours and stations, names no other field
    return own * (2.0 if kept else 0.5) + 0.1 * bool(kept)
