"""Areas by name: the area someone means, its units, and the local UTM zone."""

from __future__ import annotations

import difflib
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.lake import Lake
from geo.schema import LEVELS
from language import UserError

COLUMNS = [
    "code", "name_th", "name_en", "level", "population", "population_source", "approximate", "simulated", "geometry",
]  # fmt: skip
SQUARES = (1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 50_000.0)
"""Sides of the squares where an area has no units of its own, metres."""
MOST_SQUARES = 150
"""More than so many places can't be told apart on a page or in a meeting: then the next larger square."""

_COVER = 0.5
_PREFIXES = (
    ("municipality", r"^(เทศบาลนคร|เทศบาลเมือง|เทศบาลตำบล|เทศบาล|ทน\.|ทม\.|ทต\.|องค์การบริหารส่วนตำบล|อบต\.?)\s*"),
    ("municipality", r"\s*(city|town|subdistrict|tambon)?\s*municipality$"),
    ("tambon", r"^(ตำบล|แขวง|ต\.)\s*|^tambon\s+|\s+(subdistrict|tambon)$"),
    ("district", r"^(อำเภอ|เขต|อ\.)\s*|^amphoe\s+|\s+(district|amphoe)$"),
    ("province", r"^(จังหวัด|จ\.)\s*|^changwat\s+|\s+province$"),
    ("subarea", r"^ชุมชน\s*"),
)
# Which of several areas of one name is meant when nobody says the level.
_PREFERENCE = ("municipality", "tambon", "district", "province", "subarea")


def find_area(lake: Lake, text: str, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
    """Return the area that a code, a name or a workspace means, one row, EPSG:4326.

    Parameters
    ----------
    text : str
        Code (``TH700501``), Thai or English name with or without เทศบาล, ตำบล …, or a workspace's
        identifier or name. Of several areas with one name, one's own goes before the simulated, a
        municipality before a tambon, a tambon before a district.
    snapshot : int, optional
        The lake's snapshot to read; the newest by default.

    Returns
    -------
    GeoDataFrame
        Columns of ``boundaries``; a workspace has level ``workspace`` and the union of its boundaries.

    Raises
    ------
    UserError
        Where there is none (naming near ones), or several that can't be told apart.
    """
    wanted = text.strip()
    version = "" if snapshot is None else f" AT (VERSION => {int(snapshot)})"
    names = lake.query(f"SELECT code, name_th, name_en, level, parent_code, simulated FROM lake.boundaries{version}")
    exact = names[names["code"].str.casefold() == wanted.casefold()]
    spaces = lake.workspaces(snapshot=snapshot)
    hits = spaces[spaces["workspace_id"] == wanted]
    if exact.empty and hits.empty:
        exact = _by_name(names, wanted)
        if exact.empty:
            hits = spaces[(spaces["name_th"] == wanted) | (spaces["name_en"].str.casefold() == wanted.casefold())]
    if len(exact):
        return lake.boundaries(codes=[exact.iloc[0]["code"]], snapshot=snapshot)
    if len(hits):
        return _workspace_area(lake, hits.iloc[0], snapshot)
    raise _unknown(wanted, names, spaces)


def _by_name(names: pd.DataFrame, wanted: str) -> pd.DataFrame:
    level, plain = _plain(wanted)
    thai = names["name_th"].fillna("").map(lambda n: _plain(n)[1])
    english = names["name_en"].fillna("").map(lambda n: _plain(n)[1])
    found = names[(thai == plain) | (english == plain)]
    if found.empty or not plain:
        return names.iloc[:0]
    own = ~found["simulated"].fillna(False).astype(bool)
    found = found[own] if own.any() else found
    for chosen in (level,) if level and (found["level"] == level).any() else _PREFERENCE:
        same = found[found["level"] == chosen]
        if len(same) > 1:
            choices = same.merge(names, left_on="parent_code", right_on="code", how="left", suffixes=("", "_parent"))
            listed = [
                f"{r['code']} ({', '.join(str(r[n]) for n in ('name_th', 'name_th_parent') if pd.notna(r[n]))})"
                for r in choices.head(8).to_dict("records")
            ]
            raise UserError(
                "{count} areas are called {name}. Give the code of the one you mean: {choices}.",
                count=len(same),
                name=wanted,
                choices=", ".join(listed),
            )
        if len(same):
            return same
    return found


def _plain(name: str) -> tuple[str | None, str]:
    """Return the level that a name's own words say, and the name without them."""
    low = re.sub(r"\s+", " ", name.strip()).casefold()
    for level, pattern in _PREFIXES:
        bare = re.sub(pattern, "", low)
        if bare != low and bare:
            return level, bare.replace(" ", "")
    return None, low.replace(" ", "")


def _unknown(wanted: str, names: pd.DataFrame, spaces: pd.DataFrame) -> UserError:
    if names.empty:
        return UserError(
            "No boundaries are stored yet. Import some with: python -m geo import boundaries FILE, "
            "or write the demo with: python -m geo demo"
        )
    known = pd.concat(
        [
            names["name_th"],
            names["name_en"],
            names["code"],
            spaces["workspace_id"],
            spaces["name_th"],
            spaces["name_en"],
        ]
    )
    by_plain = {_plain(str(n))[1]: str(n) for n in known.dropna()}
    near = difflib.get_close_matches(_plain(wanted)[1], list(by_plain), n=5, cutoff=0.5)
    if near:
        return UserError(
            "There is no area called {name}. Did you mean: {near}?",
            name=wanted,
            near=", ".join(by_plain[n] for n in near),
        )
    return UserError(
        "There is no area called {name}. Stored are, for example: {some}.",
        name=wanted,
        some=", ".join(names["name_th"].dropna().head(5)),
    )


def _workspace_area(lake: Lake, workspace: pd.Series[str], snapshot: int | None) -> gpd.GeoDataFrame:
    parts = lake.boundaries(codes=json.loads(workspace["boundary_codes"]), snapshot=snapshot)
    if parts.empty:
        raise UserError(
            "The workspace {name} has no boundaries (any more). Import them again.", name=workspace["name_th"]
        )
    # Subareas lie inside their municipality: only the coarsest level is counted.
    level = max(parts["level"], key=lambda item: LEVELS.index(item) if item in LEVELS else -1)
    coarsest = parts[parts["level"] == level]
    row = {
        "code": workspace["workspace_id"],
        "name_th": workspace["name_th"],
        "name_en": workspace["name_en"],
        "level": "workspace",
        "population": coarsest["population"].sum(min_count=len(coarsest)),
        "population_source": next(iter(coarsest["population_source"].dropna()), None),
        "area_km2": float(coarsest["area_km2"].sum()),
        "approximate": bool(parts["approximate"].any()),
        "source": next(iter(parts["source"].dropna()), None),
        "licence": next(iter(parts["licence"].dropna()), None),
        "simulated": bool(workspace["simulated"]),
    }
    return gpd.GeoDataFrame([row], geometry=[shapely.union_all(parts.geometry.to_numpy())], crs=4326)


def utm_crs(shapes: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry) -> pyproj.CRS:
    """Return the WGS84 UTM zone of the middle of some shapes (a bare geometry is in degrees).

    >>> utm_crs(shapely.Point(99.87, 13.8)).to_epsg()
    32647
    """
    if isinstance(shapes, shapely.Geometry):
        west, south, east, north = shapes.bounds
    else:
        west, south, east, north = shapes.to_crs(4326).total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise UserError("The area is empty: it has no place on the map.")
    zone = min(int((lon + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def units(lake: Lake, area: gpd.GeoDataFrame, *, snapshot: int | None = None) -> gpd.GeoDataFrame:
    """Return the parts of an area that are ranked against each other, EPSG:4326.

    The finest level with at least two boundaries that lie (by more than half) inside the area and together
    cover at least half of it; the demo's schematic lines only inside a simulated area. Without such a level,
    squares named A1, B2 … (letters from west to east, numbers from north to south), cut at the area's line;
    their side is the smallest of `SQUARES` that gives at most `MOST_SQUARES`.

    Returns
    -------
    GeoDataFrame
        `COLUMNS` and ``kind`` (boundary or grid).
    """
    metric = utm_crs(area)
    outline = shapely.union_all(area.to_crs(metric).geometry.to_numpy())
    shapely.prepare(outline)
    own, made_up = set(area["code"]), bool(area["simulated"].fillna(False).any())
    for level in LEVELS:
        found = lake.boundaries(level=level, snapshot=snapshot)
        found = found[~found["code"].isin(own) & (found["simulated"].fillna(False).astype(bool) == made_up)]
        if found.empty:
            continue
        near = found.iloc[found.sindex.query(shapely.union_all(area.geometry.to_numpy()), predicate="intersects")]
        shapes = near.to_crs(metric).geometry.to_numpy()
        common = shapely.area(shapely.intersection(shapes, outline))
        inside = common > 0.5 * shapely.area(shapes)
        if inside.sum() >= 2 and common[inside].sum() >= _COVER * outline.area:
            chosen = near[inside].sort_values("code", ignore_index=True)
            return chosen[COLUMNS].assign(kind="boundary")
    return _grid(area, outline, metric)


def squares(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return an area cut into the squares of `units`, whatever boundaries are stored."""
    metric = utm_crs(area)
    return _grid(area, shapely.union_all(area.to_crs(metric).geometry.to_numpy()), metric)


def _grid(area: gpd.GeoDataFrame, outline: shapely.Geometry, metric: pyproj.CRS) -> gpd.GeoDataFrame:
    west, south, east, north = outline.bounds
    side = next((s for s in SQUARES if outline.area / s**2 <= MOST_SQUARES), SQUARES[-1])
    left, top = np.floor(west / side), np.ceil(north / side)
    columns = int(np.ceil(east / side) - left)
    rows = int(top - np.floor(south / side))
    column, row = (a.ravel() for a in np.meshgrid(np.arange(columns), np.arange(rows)))
    x, y = (left + column) * side, (top - row - 1) * side
    cut = shapely.intersection(shapely.box(x, y, x + side, y + side), outline)
    # A sliver of less than 0.5 % of a square is no place to plan for.
    kept = shapely.area(cut) > 0.005 * side**2
    if not kept.any():
        kept = shapely.area(cut) > 0
    names = [f"{_letters(c)}{r + 1}" for c, r in zip(column[kept], row[kept], strict=True)]
    grid = gpd.GeoDataFrame(
        {
            "code": [f"{area.iloc[0]['code']}-{name}" for name in names],
            "name_th": names,
            "name_en": names,
            "level": "subarea",
            "population": pd.array([pd.NA] * len(names), dtype="Int64"),
            "population_source": None,
            "approximate": True,
            "simulated": bool(area.iloc[0].get("simulated", False)),
        },
        geometry=cut[kept],
        crs=metric,
    )
    return grid.to_crs(4326)[COLUMNS].assign(kind="grid")


def _letters(number: int) -> str:
    """Return A, B … Z, AA, AB … for 0, 1 …

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    first = "" if number < 26 else _letters(number // 26 - 1)
    return first + chr(65 + number % 26)
