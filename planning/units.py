"""What is ranked: the parts of an area, boundaries of a level, squares, hotspots, or areas somebody drew or brought.

Own areas travel inside the parameters as GeoJSON, so that a manifest holds everything a ranking needs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo import boundaries
from geo.lake import Lake
from geo.schema import LEVELS
from language import UserError

CHOICES = ("auto", *LEVELS, "squares", "hotspots")
"""What can be asked for by a word."""

MOST = 300
"""More own areas can't be told apart in a meeting."""

_NAMES = {
    "name_th": ("name_th", "ชื่อ", "TAM_NAM_T", "ADM3_TH"),
    "name_en": ("name_en", "name", "Name", "NAME", "ADM3_EN"),
    "code": ("code", "id", "ADM3_PCODE"),
}


def is_own(text: str) -> bool:
    """Whether a wish holds areas of its own."""
    return text.lstrip().startswith("{")


def check(text: str) -> str:
    """Return a wish as it was given.

    Raises
    ------
    UserError
        Where it is none of `CHOICES` and no GeoJSON.
    """
    if text not in CHOICES and not is_own(text):
        raise UserError(
            "“{text}” can't be ranked. Choose one of {known}, or a file with areas.",
            text=text[:60],
            known=", ".join(CHOICES),
        )
    return text


def candidates(lake: Lake, area: gpd.GeoDataFrame, wish: str, snapshot: int | None) -> gpd.GeoDataFrame | None:
    """Return the areas to rank, EPSG:4326, with the columns of `geo.boundaries.units`; None for the usual parts.

    Parameters
    ----------
    area : GeoDataFrame
        Of `geo.boundaries.find_area`.
    wish : str
        As in `check`; hotspots are found later.

    Raises
    ------
    UserError
        Where none of them lies in the area.
    """
    if check(wish) in ("auto", "hotspots"):
        return None
    if wish == "squares":
        return boundaries.squares(area)
    outline = shapely.union_all(area.to_crs(4326).geometry.to_numpy())
    made_up = bool(area["simulated"].fillna(False).any())
    found = _own(wish, area) if is_own(wish) else lake.boundaries(level=wish, snapshot=snapshot)
    if not is_own(wish):
        found = found[found["simulated"].fillna(False).astype(bool) == made_up]
    shapes = shapely.intersection(shapely.make_valid(found.geometry.to_numpy()), outline)
    whole = shapely.area(found.geometry.to_numpy())
    least = 0.0 if is_own(wish) else 0.05  # a neighbour whose line is drawn a little differently is no part
    inside = shapely.area(shapes) > least * whole
    if not inside.any():
        raise UserError(
            "Nothing to rank lies in the area {area}: {wish}. Choose other units.",
            area=str(area.iloc[0]["code"]),
            wish=wish if not is_own(wish) else ", ".join(found["name_en"].head(3)),
        )
    kept = gpd.GeoDataFrame(found[inside].drop(columns="geometry"), geometry=shapes[inside], crs=4326)
    kept = kept.assign(kind="own" if is_own(wish) else "boundary").reset_index(drop=True)
    # A part of a boundary holds a part of its people.
    share = shapely.area(shapes[inside]) / whole[inside]
    people = (pd.to_numeric(kept["population"], errors="coerce") * share).round()
    return kept.assign(population=people.astype("Int64"))[[*boundaries.COLUMNS, "kind"]]


def _own(text: str, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the polygons of a GeoJSON text as units."""
    table = parse(text)
    return table.assign(
        level="own",
        population=pd.array([pd.NA] * len(table), dtype="Int64"),
        population_source=None,
        approximate=True,
        simulated=bool(area["simulated"].fillna(False).any()),
    )


def parse(text: str) -> gpd.GeoDataFrame:
    """Return the areas of a GeoJSON FeatureCollection: code, name_th, name_en, geometry (EPSG:4326).

    Raises
    ------
    UserError
        Where the text can't be read or holds no area.
    """
    try:
        features = json.loads(text)["features"]
        shapes = [shapely.make_valid(shapely.geometry.shape(f["geometry"])) for f in features if f.get("geometry")]
        named = [dict(f.get("properties") or {}) for f in features if f.get("geometry")]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as problem:
        raise UserError("The drawn areas can't be read: {problem}. Draw them again.", problem=str(problem)) from problem
    rows = [_row(i, row, shape) for i, (row, shape) in enumerate(zip(named, shapes, strict=True), 1) if shape.area > 0]
    if not rows:
        raise UserError("The file has no areas (polygons). Choose another.")
    if len(rows) > MOST:
        raise UserError("The file has {count} areas; at most {most} can be ranked.", count=len(rows), most=MOST)
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)
    if table["code"].duplicated().any():
        table["code"] = [f"OWN-{i}" for i in range(1, len(table) + 1)]
    return table


def _row(number: int, properties: dict[str, Any], shape: Any) -> dict[str, Any]:
    def first(key: str) -> str:
        return next((str(properties[n]) for n in _NAMES[key] if properties.get(n) not in (None, "")), "")

    thai, english = first("name_th"), first("name_en")
    return {
        "code": first("code") or f"OWN-{number}",
        "name_th": thai or english or f"พื้นที่ {number}",
        "name_en": english or thai or f"Area {number}",
        "geometry": shape,
    }


def read_file(path: Path) -> str:
    """Return a file of areas (GeoJSON, GeoPackage, shapefile, KML) as the text `candidates` takes.

    Raises
    ------
    UserError
        Where it can't be read, says no coordinate system or holds no area.
    """
    try:
        table = gpd.read_file(path)
    except Exception as problem:
        raise UserError(
            "{file} can't be read as a file of areas: {problem}", file=path.name, problem=str(problem).splitlines()[0]
        ) from problem
    if table.crs is None:
        raise UserError("{file} does not say its coordinate system.", file=path.name)
    placed = table[table.geometry.notna() & ~table.geometry.is_empty].to_crs(4326)
    wanted = [c for names in _NAMES.values() for c in names if c in placed.columns]
    features = [
        {
            "type": "Feature",
            "properties": {c: str(row[c]) for c in wanted if pd.notna(row[c])},
            # Seven decimals are a centimetre; the text stays short.
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-7))),
        }
        for row, shape in zip(placed.to_dict("records"), placed.geometry, strict=True)
    ]
    text = as_text(features)
    parse(text)
    return text


def as_text(features: list[dict[str, Any]]) -> str:
    """Return GeoJSON features as the text `candidates` takes."""
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
