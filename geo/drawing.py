"""Folium elements that call the drawing library (``static/map/eco.js``) with plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template
from shapely.geometry import mapping


class Drawing(MacroElement):
    """A call of the drawing library with plain data, added to its parent (a group or the map)."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            {{ this.call }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, function: str, data: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "EcoDrawing"
        self.function, self.data = function, data
        self.call = f"Eco.{function}({as_json(data)})"


class Start(MacroElement):
    """The part of the base map that the drawing library sets up."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            Eco.start({{ this._parent.get_name() }}, {{ this.options }});
            Eco.graticule({{ this._parent.get_name() }}, 0.05).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "EcoStart"
        self.options = as_json(options)


def as_json(data: Any) -> str:
    """Return JSON that is safe inside a script: no ``</script>``, no template signs."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("{{", "{ {").replace("}}", "} }")


def empty_group(name: str) -> folium.FeatureGroup:
    """Return a layer without anything on it."""
    return folium.FeatureGroup(name=name, control=False)


def drawing(name: str, function: str, data: Mapping[str, Any]) -> folium.FeatureGroup:
    """Return a layer that is one call of the drawing library."""
    made = empty_group(name)
    made.add_child(Drawing(function, data))
    return made


def place(row: Any, kind: str, id_: Any, icon: str, size: int, tip: str, pop: str, z: int) -> dict[str, Any]:
    """Return a sign at a place (``lat``, ``lon`` of a row) as ``Eco.points`` wants it; `pop` is HTML from a card."""
    return {
        "at": [round(float(row["lat"]), 6), round(float(row["lon"]), 6)],
        "icon": icon,
        "size": size,
        "tip": escape(tip),
        "alt": tip,
        "pop": pop,
        "kind": kind,
        "id": str(id_),
        "z": z,
    }


def geometry(shape: Any) -> dict[str, Any]:
    """Return a shape (WGS84) as GeoJSON to a metre."""
    return rounded(mapping(shape))


def rounded(shape: Mapping[str, Any], digits: int = 5) -> dict[str, Any]:
    """Return a GeoJSON geometry with coordinates to a metre, half the size."""

    def cut(part: Any) -> Any:
        if part and isinstance(part[0], int | float):
            return [round(part[0], digits), round(part[1], digits)]
        return [cut(p) for p in part]

    if "geometries" in shape:
        return {"type": shape["type"], "geometries": [rounded(g) for g in shape["geometries"]]}
    return {"type": shape["type"], "coordinates": cut(shape["coordinates"])}
