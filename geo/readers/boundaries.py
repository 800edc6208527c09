"""Boundaries out of a map file: codes, names, levels, valid polygons, areas, and the workspace they make."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.readers.cells import Cells
from geo.readers.names import key
from geo.readers.places import to_wgs84
from geo.schema import LEVELS
from language import UserError, note

_GEOD = pyproj.Geod(ellps="WGS84")
_LEVEL_COLUMNS = (
    ("tambon", r"adm3|^tam|tambon|ตำบล"),
    ("district", r"adm2|^amp|amphoe|อำเภอ"),
    ("province", r"adm1|^pro|province|จังหวัด"),
    ("municipality", r"lao|dla|เทศบาล|อบต|อปท"),
    ("subarea", r"ชุมชน|subarea|หมู่บ้าน|community"),
)
_LEVEL_NAMES = (
    ("municipality", r"เทศบาล|^ทต\.?|^ทม\.?|^ทน\.?|^อบต|องค์การบริหารส่วนตำบล|municipality"),
    ("subarea", r"^ชุมชน|^หมู่(ที่|บ้าน)?|^เขต|community|^moo "),
    ("tambon", r"^ตำบล|^ต\.|^tambon"),
    ("district", r"^อำเภอ|^อ\.|^amphoe|district"),
    ("province", r"^จังหวัด|^จ\.|province"),
)
_CODE_LEVELS = {8: "tambon", 6: "district", 4: "province"}


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``boundaries`` and the one row of ``workspaces`` that they make.

    Raises
    ------
    UserError
        Where the file has no polygons.
    """
    raw = cells.raw
    shapes = _shapes(cells)
    polygons, areas = _polygons(cells, shapes)
    good = np.isfinite(areas)
    if not good.any():
        raise UserError("{file} has no areas (polygons); nothing was imported.", file=raw.name)
    thai, english = cells.titles()
    codes = _codes(cells, thai, english)
    level = _levels(cells, codes, thai)
    population = np.round(cells.number("population"))
    said = cells.text("approximate").str.casefold().isin(["true", "1", "yes", "ใช่"]).fillna(False)
    source = f"{raw.name}: {cells.column_names('population')}" if cells.has("population") else None
    frame = pd.DataFrame(
        {
            "code": codes,
            "name_th": thai.fillna(codes),
            "name_en": english,
            "level": level,
            "parent_code": cells.text("parent_code"),
            "population": pd.array(np.where(population < 0, np.nan, population), dtype="Float64").astype("Int64"),
            "population_source": cells.text("population_source", source),
            "area_km2": areas,
            "approximate": (said | cells.options.approximate).to_numpy(dtype=bool),
            "geometry": polygons,
            **cells.origin(),
        }
    )[good]
    frame = _dissolved(frame, cells).reset_index(drop=True)
    frame["geometry"] = shapely.to_wkb(frame["geometry"].to_numpy())
    return {"boundaries": frame, "workspaces": _workspace(cells, frame)}


def _shapes(cells: Cells) -> NDArray[np.object_]:
    raw = cells.raw
    if raw.shapes is None and cells.has("geometry"):
        texts = cells.text("geometry")
        shapes = shapely.from_wkt(texts.fillna("").to_numpy(dtype=object), on_invalid="ignore")
        raw.shapes = gpd.GeoSeries(shapes)
    if raw.shapes is None:
        raise UserError(
            "{file} has no shapes. Boundaries come as GeoJSON, GeoPackage, KML or a zipped shapefile.", file=raw.name
        )
    shapes, _ = to_wgs84(raw, cells.options)
    return np.asarray(shapes.to_numpy(), dtype=object)


def _polygons(cells: Cells, shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return valid polygons and their areas in km² (on the ellipsoid), NaN where a row has none."""
    raw = cells.raw
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if broken.any():
        raw.notes.append(
            note("{count} shapes crossed themselves and were mended (first: row {row}).", level="warning",
                 count=int(broken.sum()), row=int(raw.rows[broken][0]))
        )  # fmt: skip
    mended = shapes.copy()
    mended[broken] = shapely.make_valid(shapes[broken])
    result = np.array([_only_polygons(shape) for shape in mended], dtype=object)
    areas = np.array([np.nan if s is None else abs(_GEOD.geometry_area_perimeter(s)[0]) / 1e6 for s in result])
    none = np.isnan(areas)
    reason = note("this row has no area (polygon); it was left out.", level="error")
    kinds = ["" if s is None else s.geom_type for s in shapes[none]]
    raw.drops.add(raw.rows[none], "geometry", kinds, reason)
    return result, areas


def _only_polygons(shape: Any) -> Any:
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon") and not p.is_empty]
    return shapely.union_all(parts) if parts else None


def _codes(cells: Cells, thai: pd.Series[Any], english: pd.Series[Any]) -> pd.Series[Any]:
    """Return a code for each row; running numbers and missing ones get the parent or the file before them."""
    stem = Path(cells.raw.name).name.split(".")[0]
    own = cells.text("code")
    number = pd.Series(np.arange(1, len(cells) + 1), index=own.index).astype("string")
    label = english.fillna(thai)
    named = label.notna() & ~label.duplicated(keep=False)
    fallback = (stem + "-" + number).where(~named, label)
    parent = cells.text("parent_code", stem)
    running = own.fillna("").str.fullmatch(r"\d{1,3}")
    return own.where(~running, parent.fillna(stem) + "-" + own.fillna("")).fillna(fallback)


def _levels(cells: Cells, codes: pd.Series[Any], thai: pd.Series[Any]) -> Any:
    """Return the level of each row: what the person or the file says, else names of columns, names, codes."""
    if cells.options.level:
        return cells.options.level
    said = cells.text("level").str.casefold()
    levels = said.map({level: level for level in LEVELS})
    heading = key(cells.column_names("code") if cells.has("code") else cells.column_names("name_th"))
    by_column = next((level for level, pattern in _LEVEL_COLUMNS if re.search(pattern, heading)), None)
    by_name = thai.fillna("").map(
        lambda n: next((level for level, pattern in _LEVEL_NAMES if re.search(pattern, n, re.I)), None)
    )
    by_code = codes.map(lambda c: _CODE_LEVELS.get(len(c)) if re.fullmatch(r"TH\d+", str(c)) else None)
    levels = levels.fillna(by_code).fillna(by_name)
    if by_column:
        levels = levels.fillna(by_column)
    if levels.isna().any():
        guess = "municipality" if len(cells) == 1 else "subarea"
        cells.raw.notes.append(
            note(
                "The file doesn't say what kind of areas these are; {kind} was assumed. Say it with --level.",
                level="warning",
                kind=guess,
            )
        )
        levels = levels.fillna(guess)
    return levels


def _dissolved(frame: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Join rows with one code into one area."""
    again = frame["code"].duplicated(keep=False)
    if not again.any():
        return frame
    cells.raw.notes.append(
        note("{count} rows with the same code were joined into one area each.", count=int(again.sum()))
    )
    first = frame.drop_duplicates("code").set_index("code")
    groups = frame[again].groupby("code", sort=False)
    first.loc[list(groups.groups), "geometry"] = groups["geometry"].agg(lambda g: shapely.union_all(list(g)))
    first.loc[list(groups.groups), "area_km2"] = groups["area_km2"].sum()
    return first.reset_index()


def _workspace(cells: Cells, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the workspace of these boundaries, named after the one area, the common parent, or the file."""
    stem = Path(cells.raw.name).name.split(".")[0]
    name_th, name_en, identifier = stem, stem, f"area-{stem}"
    if len(frame) == 1:
        only = frame.iloc[0]
        name_th = only["name_th"]
        name_en = only["name_en"] if isinstance(only["name_en"], str) else name_th
        identifier = f"area-{only['code']}"
    else:
        parents = Counter(frame["parent_code"].dropna())
        level = 2 if "ADM3_TH" in cells.raw.columns else 1
        for adm in range(level, 0, -1):
            thai, english = f"ADM{adm}_TH", f"ADM{adm}_EN"
            if thai in cells.raw.columns and len(cells.raw.frame[thai].unique()) == 1:
                name_th = str(cells.raw.frame[thai].iloc[0])
                name_en = str(cells.raw.frame[english].iloc[0]) if english in cells.raw.columns else name_th
                identifier = f"area-{name_en.replace(' ', '-')}"
                break
        if len(parents) == 1:
            identifier = f"area-{next(iter(parents))}"
    codes = json.dumps(sorted(frame["code"]), ensure_ascii=False)
    return pd.DataFrame([{"workspace_id": identifier, "name_th": name_th, "name_en": name_en, "boundary_codes": codes}])
