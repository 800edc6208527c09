"""Folium elements that call the drawing library (``static/map/eco.js``) with plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

import folium
import shapely
from branca.element import Element, MacroElement
from folium.template import Template
from shapely.geometry import mapping


class _Script(Element):
    """A piece of script as it is: folium's own would be read as a template, in every run, however long its data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Return the script."""
        return self.text


class _ScriptAlone(MacroElement):
    """An element that is nothing but a script."""

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # as folium's own
        """Add the script to the figure."""
        figure: Any = self.get_root()
        module: Any = self._template.module
        figure.script.add_child(_Script(str(module.script(self, kwargs))), name=self.get_name())


class Drawing(_ScriptAlone):
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

    def again(self) -> Drawing:
        """Return the same call for another parent; its data are shared."""
        made = Drawing.__new__(Drawing)
        MacroElement.__init__(made)  # type: ignore[no-untyped-call]
        made._name, made.function, made.data, made.call = self._name, self.function, self.data, self.call
        return made


class Start(_ScriptAlone):
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


def again(group: folium.FeatureGroup) -> folium.FeatureGroup:
    """Return a layer of drawings anew: an element belongs to one map alone, but what it says may be kept."""
    made = empty_group(group.layer_name)
    children: Any = group._children.values()
    for child in children:
        made.add_child(child.again())
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
    """Return a shape (WGS84) as GeoJSON to a metre; shared, so not to be changed."""
    return _geometry(shapely.to_wkb(shape))


@lru_cache(maxsize=512)  # the land under a map is the same in every run
def _geometry(wkb: bytes) -> dict[str, Any]:
    return rounded(mapping(shapely.from_wkb(wkb)))


def rounded(shape: Mapping[str, Any], digits: int = 5) -> dict[str, Any]:
    """Return a GeoJSON geometry with coordinates to a metre, half the size."""

    def cut(part: Any) -> Any:
        if part and isinstance(part[0], int | float):
            return [round(part[0], digits), round(part[1], digits)]
        return [cut(p) for p in part]

    if "geometries" in shape:
        return {"type": shape["type"], "geometries": [rounded(g) for g in shape["geometries"]]}
    return {"type": shape["type"], "coordinates": cut(shape["coordinates"])}
