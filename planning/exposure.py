"""Who is there: people, receptors and factories inside areas.

People of a unit come from the first of these that is known, and say so:

1. an imported table of areas (`Population.areas`), with children and old people where it has them;
2. the boundary's own population;
3. the sum of an imported raster's cells (`Population.cells`);
4. the parent's population, shared out by the cells, without a raster by area.

People of a part of a unit (a hotspot) are the unit's, in proportion to the cells inside it, without a raster in
proportion to its area. Where nothing is known, people stay blank; nothing is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from interpolation import Grid
from language import N_

VULNERABLE = {
    "school": N_("schools"),
    "childcare": N_("childcare centres"),
    "hospital": N_("hospitals"),
    "health_centre": N_("health centres"),
    "elderly_home": N_("homes for the elderly"),
}
"""Kinds of receptors in the order in which they are named."""


@dataclass(frozen=True, eq=False)
class Population:
    """Who lives where, as imported.

    Attributes
    ----------
    areas : DataFrame
        ``code`` (or a name), ``people``, ``children``, ``elderly``, ``source``; newest first.
    cells : GeoDataFrame
        Middles of a raster's cells with ``people`` and ``source``, metres.
    """

    areas: pd.DataFrame
    cells: gpd.GeoDataFrame

    @classmethod
    def of(cls, table: gpd.GeoDataFrame, crs: Any, *, simulated: bool) -> Population:
        """Return it from the lake's table; simulated people stay with simulated areas."""
        kept = table[table["simulated"].fillna(False).astype(bool) == simulated]
        placed = kept["lon"].notna()
        areas = pd.DataFrame(kept[~placed].drop(columns="geometry")).sort_values("year", ascending=False)
        return cls(areas, kept[placed].to_crs(crs))

    @classmethod
    def none(cls, crs: Any) -> Population:
        """Return nothing imported."""
        columns = ("code", "people", "children", "elderly", "source")
        return cls(pd.DataFrame(columns=list(columns)), gpd.GeoDataFrame({"people": []}, geometry=[], crs=crs))

    @property
    def origin(self) -> str:
        """Source of the raster."""
        return "; ".join(dict.fromkeys(text_of(s) for s in self.cells.get("source", []) if text_of(s)))

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree(self.cells.geometry.to_numpy())

    def inside(self, shape: Any) -> float:
        """Return the people of the cells whose middle lies in a shape."""
        if self.cells.empty:
            return 0.0
        found = self._tree.query(shape, predicate="intersects")
        return float(self.cells["people"].to_numpy(float)[found].sum())


    def per_cell(self, grid: Grid) -> NDArray[np.float64]:
        """Return the raster's people in each cell of a grid (ny, nx)."""
        half = grid.cell / 2
        x, y = self.cells.geometry.x.to_numpy(), self.cells.geometry.y.to_numpy()
        column = np.floor((x - (grid.x.min() - half)) / grid.cell).astype(int)
        row = np.floor((y - (grid.y.min() - half)) / grid.cell).astype(int)
        row = row if grid.y[0] < grid.y[-1] else len(grid.y) - 1 - row
        inside = (column >= 0) & (column < len(grid.x)) & (row >= 0) & (row < len(grid.y))
        out = np.zeros(grid.shape)
        np.add.at(out, (row[inside], column[inside]), self.cells["people"].to_numpy(float)[inside])
        return out


def named(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places with both names: a missing one is the other, or the code."""
    thai = [text_of(n) for n in places["name_th"]]
    english = [text_of(n) for n in places["name_en"]]
    codes = [text_of(c) for c in places["code"]]
    return places.assign(
        name_th=[t or e or c for t, e, c in zip(thai, english, codes, strict=True)],
        name_en=[e or t or c for t, e, c in zip(thai, english, codes, strict=True)],
    )


def populated_units(
    units: gpd.GeoDataFrame, parents: gpd.GeoDataFrame, population: Population | None = None
) -> gpd.GeoDataFrame:
    """Return the units with ``people`` (float, NaN where unknown), ``people_source``, ``children``, ``elderly``.

    Parameters
    ----------
    units : GeoDataFrame
        Columns ``population``, ``population_source``, ``parent_code`` (may be missing), metres.
    parents : GeoDataFrame
        Boundaries with ``code``, ``population``, ``population_source`` in the same system.
    population : Population, optional
        What was imported beside the boundaries.
    """
    brought = population or Population.none(units.crs)
    people = pd.to_numeric(units["population"], errors="coerce").to_numpy(float, copy=True)
    source = [text_of(s) for s in units["population_source"]]
    by_age = {name: np.full(len(units), np.nan) for name in ("children", "elderly")}
    for i, row in _rows_of(units, brought.areas):
        people[i], source[i] = float(row["people"]), text_of(row["source"])
        for name, values in by_age.items():
            values[i] = float(row[name])
    known = parents[pd.to_numeric(parents["population"], errors="coerce").notna()].to_crs(units.crs)
    for i in map(int, np.flatnonzero(np.isnan(people))):
        shape = units.geometry.iloc[i]
        counted = brought.inside(shape)
        if counted > 0:
            people[i], source[i] = counted, f"raster: {brought.origin}"
            continue
        holders = known[known.geometry.intersection(shape).area >= 0.5 * shape.area]
        if len(holders):
            holder = holders.loc[holders.geometry.area.idxmin()]
            people[i] = float(holder["population"]) * min(shape.area / holder.geometry.area, 1.0)
            source[i] = f"area-weighted: {holder['code']} ({text_of(holder['population_source'])})"
    return units.assign(people=people, people_source=source, **by_age)


def _rows_of(units: gpd.GeoDataFrame, areas: pd.DataFrame) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield position and row of each unit that a table of areas names by its code or by a name only one unit has."""
    if areas.empty:
        return
    rows = {text_of(r["code"]).strip().casefold(): r for r in reversed(areas.to_dict("records"))}
    names = [[text_of(units[c].iloc[i]).strip().casefold() for c in ("name_th", "name_en")] for i in range(len(units))]
    often = Counter(n for pair in names for n in set(pair) if n)
    for i, code in enumerate(units["code"]):
        found = rows.get(text_of(code).strip().casefold())
        if found is None:
            found = next((rows[n] for n in names[i] if often[n] == 1 and n in rows), None)
        if found is not None:
            yield i, found


def text_of(value: Any) -> str:
    """Return a table's text, empty where there is none."""
    return "" if value is None or pd.isna(value) else str(value)


def whole(values: Any) -> pd.Series:
    """Return numbers of people as whole numbers that may be blank (``Int64``)."""
    return pd.Series(pd.to_numeric(pd.Series(values), errors="coerce").round().astype("Int64"))


def people_in(
    areas: gpd.GeoSeries, units: gpd.GeoDataFrame, population: Population | None = None
) -> NDArray[np.float64]:
    """Return the people in each area, from units with ``people``; NaN where any part is unknown.

    A unit's people are shared out by the raster's cells, without one by area. Units may lie over one another (a
    municipality in a tambon); then the smaller ones count first and only the rest of the area is taken from the
    larger ones.
    """
    result = np.zeros(len(areas))
    by_size = units.assign(_area=units.geometry.area).sort_values("_area")
    # A unit's own cells, counted once: most areas touch few units.
    cells: dict[int, float] = {}
    for k, shape in enumerate(areas):
        rest = shape
        for i, (people, size, unit) in enumerate(
            zip(by_size["people"], by_size["_area"], by_size.geometry, strict=True)
        ):
            part = rest.intersection(unit)
            if part.area <= 1e-6 * shape.area:
                continue
            share = part.area / size
            if population is not None and not population.cells.empty:
                if i not in cells:
                    cells[i] = population.inside(unit)
                share = population.inside(part) / cells[i] if cells[i] > 0 else share
            result[k] += people * share
            rest = rest.difference(unit)
        if rest.area > 0.02 * shape.area:  # slivers along the line are no reason to know nothing
            result[k] = np.nan
    return result


def people_of_cells(
    grid: Grid, cells: NDArray[np.bool_], units: gpd.GeoDataFrame, population: Population | None = None
) -> NDArray[np.float64]:
    """Return who lives in each of the `cells` (ny, nx); NaN elsewhere and where it is not known.

    A unit's people are shared out as in `people_in`: among the raster's cells, without one evenly. Where units lie
    over one another, the smallest counts.

    Parameters
    ----------
    grid : Grid
    cells : ndarray (ny, nx) of bool
    units : GeoDataFrame
        With ``people``, in the grid's system.
    population : Population, optional
    """
    points = shapely.points(grid.points()[cells.ravel()])
    weight = np.ones(len(points))
    if population is not None and not population.cells.empty:
        weight = population.per_cell(grid)[cells]
    found = np.full(len(points), np.nan)
    by_size = units.assign(_area=units.geometry.area).sort_values("_area", ascending=False)
    for people, size, shape in zip(by_size["people"], by_size["_area"], by_size.geometry, strict=True):
        shapely.prepare(shape)
        here = shapely.contains(shape, points)
        even = np.full(int(here.sum()), grid.cell**2 / size)
        lived = population.inside(shape) if population is not None else 0.0
        found[here] = float(people) * (weight[here] / lived if lived > 0 else even)
    out = np.full(grid.shape, np.nan)
    out[cells] = found
    return out


def points_in(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, key: str) -> pd.Series:
    """Return for each point the `key` of the area that holds it (the first in order), or NA.

    Parameters
    ----------
    points, areas : GeoDataFrame
        In one projected system.
    """
    pairs = STRtree(areas.geometry.to_numpy()).query(points.geometry.to_numpy(), predicate="intersects")
    return _keys(points, areas, key, pairs)


def points_near(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, key: str, distance: float) -> pd.Series:
    """Return for each point the `key` of the nearest area within `distance` metres, or NA."""
    if points.empty or areas.empty:
        return _keys(points, areas, key, np.empty((2, 0), int))
    pairs = STRtree(areas.geometry.to_numpy()).query_nearest(points.geometry.to_numpy(), max_distance=distance)
    return _keys(points, areas, key, pairs)


def _keys(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, key: str, pairs: NDArray[np.int64]) -> pd.Series:
    """Return the key of each point from (point, area) pairs; of several areas the first."""
    result = np.full(len(points), pd.NA, dtype=object)
    own, other = pairs[:, np.lexsort((-pairs[1], pairs[0]))]
    result[own] = areas[key].to_numpy(dtype=object)[other]  # the last written is the first in order
    return pd.Series(result, index=points.index)


def receptor_counts(receptors: gpd.GeoDataFrame, keys: pd.Series, names: list[str]) -> pd.DataFrame:
    """Return counts per area: ``receptors``, and one column per kind of `VULNERABLE`.

    Parameters
    ----------
    receptors : GeoDataFrame with ``kind``
    keys : Series
        The area each receptor lies in (same index).
    names : list of str
        All areas, in the order of the result.
    """
    counts = pd.DataFrame(0, index=names, columns=["receptors", *VULNERABLE], dtype=int)
    inside = keys.notna()
    for name, kind in zip(keys[inside], receptors.loc[inside, "kind"], strict=True):
        counts.loc[name, "receptors"] += 1
        if kind in VULNERABLE:
            counts.loc[name, kind] += 1
    return counts


def vulnerable(areas: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, located: pd.Series) -> dict[str, Any]:
    """Return ``vulnerable_people`` and ``vulnerable_source`` of areas.

    Children and old people where every area has them by age (columns ``children``, ``elderly``); otherwise, for all
    alike, the people registered at the schools and care places in each. Unknown where neither is known anywhere.

    Parameters
    ----------
    areas : GeoDataFrame
        With ``code``.
    receptors : GeoDataFrame
        With ``people``.
    located : Series
        Code of the area each receptor lies in.
    """
    by_age = [c for c in ("children", "elderly") if c in areas.columns and areas[c].notna().all()]
    if by_age and len(areas):
        total = areas[by_age].astype(float).sum(axis=1)
        return {"vulnerable_people": whole(total).to_numpy(), "vulnerable_source": "+".join(by_age)}
    registered = pd.to_numeric(receptors["people"], errors="coerce").astype(float)
    if not registered.notna().any():
        return {"vulnerable_people": whole([np.nan] * len(areas)).to_numpy(), "vulnerable_source": ""}
    summed = registered.fillna(0.0).groupby(located).sum()
    counts = [float(summed.get(str(code), 0.0)) for code in areas["code"]]
    return {"vulnerable_people": whole(counts).to_numpy(), "vulnerable_source": "registered"}
