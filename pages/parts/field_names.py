"""What the fields of an import are called in the reader's language."""

from __future__ import annotations

from language import N_
from pages.parts import holdings
from pages.parts.i18n import _

NAMES = {
    "station_id": N_("station code"),
    "name": N_("name (either language)"),
    "name_th": N_("name in Thai"),
    "name_en": N_("name in English"),
    "lat": N_("latitude"),
    "lon": N_("longitude"),
    "latlon": N_("latitude and longitude in one column"),
    "x": N_("x, metres east"),
    "y": N_("y, metres north"),
    "zone": N_("UTM zone (47 or 48)"),
    "kind": N_("kind"),
    "network": N_("network"),
    "elevation_m": N_("height above sea (m)"),
    "error_sd": N_("standard error (µg/m³)"),
    "time": N_("time"),
    "date": N_("date"),
    "hour": N_("hour"),
    "variable": N_("what is measured"),
    "value": N_("value"),
    "unit": N_("unit"),
    "factory_id": N_("factory code"),
    "reg_no": N_("registration number"),
    "type_code": N_("factory type"),
    "factory_class": N_("factory class (จำพวก)"),
    "activity": N_("activity"),
    "hp": N_("horsepower"),
    "workers": N_("workers"),
    "capital_baht": N_("capital (baht)"),
    "status": N_("status"),
    "address": N_("address"),
    "coordinate_note": N_("note on the position"),
    "receptor_id": N_("code of the place"),
    "people": N_("number of people"),
    "code": N_("code"),
    "level": N_("level of the boundary"),
    "parent_code": N_("code of the boundary around it"),
    "population": N_("population"),
    "population_source": N_("source of the population"),
    "area_km2": N_("area (km²)"),
    "approximate": N_("approximate, not a legal line"),
    "geometry": N_("shape"),
    "report_id": N_("code of the report"),
    "meeting_id": N_("code of the meeting"),
    "meeting_date": N_("day of the meeting"),
    "place": N_("place of the meeting"),
    "votes": N_("hands raised"),
    "note": N_("what was said"),
    "source": N_("source"),
    "licence": N_("licence"),
}
MEASURED = ("pm25", "pm10", "wind_speed", "wind_dir", "rh", "temp")


def name(field: str) -> str:
    """Return a field's name with its code: ``name in Thai (name_th)``."""
    words = holdings.variable_name(field) if field in MEASURED else _(NAMES[field]) if field in NAMES else ""
    return f"{words} ({field})" if words else field
