"""Places of a thinned grid as coloured squares on a map, and ranked places as numbered badges."""

from __future__ import annotations

from html import escape

import folium
import geopandas as gpd
import numpy as np
from shapely.geometry import box, mapping

from geo.drawing import Drawing
from geo.palettes import CONCENTRATION, PRIMARY, Scale


def even_scale(highest: float, classes: int = 6) -> Scale:
    """Return classes from 0 up with round, even steps, from light to dark.

    Examples
    --------
    >>> even_scale(23.0).breaks
    (5.0, 10.0, 15.0, 20.0, 25.0)
    """
    rough = max(highest, 1e-9) / classes
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(s * power) for s in (1, 2, 2.5, 5, 10) if s * power >= rough)
    return Scale(tuple(round(step * i, 10) for i in range(1, classes)), tuple(CONCENTRATION[:classes]))


def squares(
    table: gpd.GeoDataFrame, column: str, side_m: float, scale: Scale, words: str, *, opacity: float = 0.7
) -> folium.FeatureGroup:
    """Return one square a row, coloured by a column.

    Parameters
    ----------
    table : GeoDataFrame
        Points in a metric system.
    side_m : float
        Side of a square, metres.
    words : str
        What the value is, for the tip: ``{value}`` is filled in.
    """
    half = side_m / 2
    shapes = gpd.GeoSeries(
        [box(p.x - half, p.y - half, p.x + half, p.y + half) for p in table.geometry], crs=table.crs
    ).to_crs(4326)
    items = [
        {
            "geometry": mapping(shape),
            "style": {"stroke": False, "fillColor": scale.colour(float(value)), "fillOpacity": opacity},
            "tip": escape(words.format(value=f"{value:,.1f}")),
            "sticky": True,
        }
        for shape, value in zip(shapes, table[column], strict=True)
    ]
    return _group("squares", "shapes", {"pane": "surface", "items": items})


def ranked(table: gpd.GeoDataFrame, tips: list[str], colour: str = PRIMARY) -> folium.FeatureGroup:
    """Return ranked points (``rank``) as badges with a tip each."""
    items = [
        {
            "geometry": mapping(point.buffer(1e-5)),
            "style": {"color": colour, "weight": 3},
            "badge": escape(str(rank)),
            "badgeAt": [round(point.y, 6), round(point.x, 6)],
            "colour": colour,
            "tip": escape(tip),
        }
        for point, rank, tip in zip(table.to_crs(4326).geometry, table["rank"], tips, strict=True)
    ]
    return _group("ranked", "shapes", {"pane": "zones", "items": items})


def _group(name: str, function: str, data: dict[str, object]) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name, control=False)
    group.add_child(Drawing(function, data))
    return group
