"""Folium elements that call the drawing library (``static/map/eco.js``) with plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from branca.element import MacroElement
from folium.template import Template


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
        self.data = data
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
