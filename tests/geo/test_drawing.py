"""Elements that call the drawing library: what they say is data, never a template, and may be shown again."""

from __future__ import annotations

import folium
import shapely

from geo import drawing


def test_what_looks_like_a_template_is_only_text() -> None:
    group = drawing.drawing("said", "points", {"tip": "{{ 'seven' * 2 }} {% raw %} </script>"})
    page = folium.Map(tiles=None)
    group.add_to(page)
    text = page.get_root().render()
    assert "{ { 'seven' * 2 } }" in text and "sevenseven" not in text
    assert "{% raw %}" in text and "\\u003c/script>" in text


def test_a_layer_shown_again_says_the_same_under_another_name() -> None:
    group = drawing.drawing("stations", "points", {"items": [{"at": [13.8, 99.9]}]})
    first, second = drawing.again(group), drawing.again(group)
    one, two = (next(iter(made._children.values())) for made in (first, second))
    assert one.call == two.call == "Eco.points({\"items\":[{\"at\":[13.8,99.9]}]})"
    assert one.data is two.data and one.get_name() != two.get_name() and first.get_name() != second.get_name()
    for made in (first, second):
        page = folium.Map(tiles=None)
        made.add_to(page)
        assert page.get_root().render().count("Eco.points") == 1


def test_a_shape_is_rounded_to_a_metre_once() -> None:
    shape = shapely.Point(99.123456789, 13.987654321)
    assert drawing.geometry(shape) == {"type": "Point", "coordinates": [99.12346, 13.98765]}
    assert drawing.geometry(shapely.Point(99.123456789, 13.987654321)) is drawing.geometry(shape)
