"""Where a map's frame finds what this server keeps for it.

Apart from `map_view`, because whoever imports streamlit-folium before a page runs leaves Streamlit without it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
# Relative to the component's frame (/component/streamlit_folium.st_folium/index.html): right under a base path too.
PREFIX = "../../app/static/"
FACTORIES = "../../factories/"
BASEMAP = "../../basemap/"


@cache
def ground() -> str:
    """Return the address of the base map's shapes, whose name carries its hash."""
    built = sorted((STATIC / "shapes").glob("ground-*.json"))
    if len(built) != 1:
        raise LookupError("static/shapes must hold one ground-*.json; run python static/build_shapes.py")
    return f"{PREFIX}shapes/{built[0].name}"
