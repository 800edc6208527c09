"""How sure a hotspot is: its area, people, days and rank over many equally likely dust maps.

1. Maps are drawn by conditional simulation (`interpolation.FieldSimulation`) at some places of the area; every
   cell counts with the place nearest to it.
2. In every draw all readings are off by a common factor as well (`[hotspots] common_error` of data/screening.toml):
   what the sensors of a network share, such as the maker's correction, does not show in the readings themselves.
3. A hotspot of a draw is what hangs together with the hotspot of the map: places over the standard on enough days
   that connect to it, and lie nearer to it than to another one. Where less than a tenth of it is left, it has
   vanished from that draw.

Deliberate cut: hotspots that appear only in some draws and nowhere on the map are not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree

from interpolation import Grid, Kriging
from interpolation.simulation import FieldSimulation
from language import UserError
from planning.hotspots import INTERVALS
from planning.place import Air
from planning.settings import Settings
from planning.surfaces import DayRule, cells_in

VALUES = 4_000_000
"""Draws × days × places that are simulated at most; a longer period takes fewer places."""

FEWEST, MOST = 200, 500
"""Places of the area at least and at most."""

PER_HOTSPOT = 25
"""Places taken in each hotspot besides, so that a small one is not missed between the others."""

LEFT = 0.1
"""Share of a hotspot below which a draw counts as being without it."""

LEVEL = 0.9
"""Of the intervals."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Simulated days over the standard.

    Attributes
    ----------
    places : ndarray (k, 2)
        Metres.
    area_km2 : ndarray (k,)
        What each place stands for.
    people : ndarray (k,)
        Who lives there; NaN where not known.
    mapped : ndarray (k,)
        Who of them lives where there is a map; only they count as exposed.
    days : ndarray (draws, k)
        Days over the standard in each draw.
    owner : ndarray (k,) of int
        The hotspot nearest to each place; -1 where there is none.
    inside : ndarray (k,) of bool
        Whether the place lies in that hotspot.
    steps : int
        Days screened.
    place_of : ndarray (ny, nx) of int
        The place that stands for each cell; -1 where nothing supports an estimate.
    """

    places: NDArray[np.float64]
    area_km2: NDArray[np.float64]
    people: NDArray[np.float64]
    mapped: NDArray[np.float64]
    days: NDArray[np.float32]
    owner: NDArray[np.int64]
    inside: NDArray[np.bool_]
    steps: int
    place_of: NDArray[np.int64]

    def exposed(self) -> tuple[float, float, float]:
        """Return the people over the standard on an average day: mean and 90 % interval; NaN where not known."""
        return interval((self.days @ self.mapped) / self.steps)


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and 90 % interval over draws; NaN where one is not known."""
    low, high = np.quantile(values, _tails())
    return float(values.mean()), float(low), float(high)


def draw(
    kriging: Kriging,
    grid: Grid,
    cells: NDArray[np.bool_],
    groups: list[NDArray[np.bool_]],
    people: NDArray[np.float64],
    rule: DayRule,
    settings: Settings,
) -> Draws | None:
    """Draw maps and count days; None where the network cannot be simulated or nothing is supported.

    Parameters
    ----------
    kriging : Kriging
        Fitted to the daily means.
    grid : Grid
    cells : ndarray (ny, nx) of bool
        Cells of the area with a map.
    groups : list of ndarray (ny, nx) of bool
        Cells of each hotspot, perhaps some beyond the map.
    people : ndarray (ny, nx)
        Who lives in each cell; NaN where not known.
    rule : DayRule
    settings : Settings
    """
    if not cells.any():
        return None
    whole = np.logical_or.reduce([cells, *groups])
    centres, mapped = grid.points()[whole.ravel()], cells[whole]
    group = np.full(grid.shape, -1)
    for number, own in enumerate(groups):
        group[own] = number
    group_of = group[whole]
    count, steps = settings.hotspots_draws, len(kriging.problem().z)
    chosen = _places(group_of, int(np.clip(VALUES // (count * steps), FEWEST, MOST)), len(groups))
    try:
        field = FieldSimulation(
            kriging, centres[chosen], seed=settings.robustness_seed, repeat=rule.repeat, microscale=False, far=True
        )
    except UserError:  # too many stations: kriged from the nearest ones only
        return None
    common = np.random.default_rng([settings.robustness_seed, 1]).standard_normal(count)
    days = field.days_over(rule.threshold * np.exp(settings.hotspots_common_error * common), count)
    nearest = cKDTree(centres[chosen]).query(centres)[1]
    owner, inside = np.full(len(chosen), -1), group_of[chosen] >= 0
    if groups:
        hot = group_of >= 0
        owner = group_of[hot][cKDTree(centres[hot]).query(centres[chosen])[1]]
    place_of = np.full(grid.shape, -1)
    place_of[cells] = nearest[mapped]
    lived = people[whole]
    return Draws(
        places=centres[chosen],
        area_km2=_summed(nearest, np.full(len(nearest), grid.cell**2 / 1e6), len(chosen)),
        people=_summed(nearest, lived, len(chosen)),
        mapped=_summed(nearest[mapped], lived[mapped], len(chosen)),
        days=np.nan_to_num(days).astype(np.float32),
        owner=owner,
        inside=inside,
        steps=steps,
        place_of=place_of,
    )


def _summed(place: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the sum of the values that belong to each of `count` places."""
    return np.asarray(np.bincount(place, weights=values, minlength=count), dtype=np.float64)


def draw_in(
    hotspots: gpd.GeoDataFrame, air: Air, people: NDArray[np.float64], shape: Any, settings: Settings
) -> Draws | None:
    """Draw maps of the area's air with the hotspots in it (`draw`).

    Parameters
    ----------
    hotspots : GeoDataFrame
        In the grid's system.
    air : Air
        What they were found in.
    people : ndarray (ny, nx)
        Who lives in each cell of its grid; NaN where not known.
    shape : shapely geometry
        The area, in the grid's system.
    settings : Settings
    """
    inside = cells_in(shape, air.grid)
    cells = air.surface["supported"].to_numpy() & inside
    groups = [cells_in(outline, air.grid) & inside for outline in hotspots.geometry]
    return draw(air.kriging, air.grid, cells, groups, people, air.rule, settings)


def add_intervals(
    hotspots: gpd.GeoDataFrame, draws: Draws | None, rule: DayRule, settings: Settings
) -> gpd.GeoDataFrame:
    """Return the hotspots with `INTERVALS`; blank where the network cannot be simulated."""
    if draws is None or hotspots.empty:
        return blank(hotspots)
    table = intervals(draws, len(hotspots), rule, settings)
    return hotspots.assign(**{name: table[name].to_numpy() for name in INTERVALS})


def blank(hotspots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return hotspots about which the draws say nothing."""
    return hotspots.assign(**dict.fromkeys(INTERVALS, np.nan) | {"confidence": ""})


def _places(group_of: NDArray[np.int64], most: int, groups: int) -> NDArray[np.int64]:
    """Return the numbers of the cells to simulate: some of all in even steps, and some of every hotspot."""
    even = np.linspace(0, len(group_of) - 1, min(most, len(group_of))).round().astype(int)
    taken = [even]
    for number in range(groups):
        own = np.flatnonzero(group_of == number)
        taken.append(own[:: max(len(own) // PER_HOTSPOT, 1)])
    return np.unique(np.concatenate(taken))


def intervals(draws: Draws, groups: int, rule: DayRule, settings: Settings) -> pd.DataFrame:
    """Return `INTERVALS` of the hotspots 0 ... groups - 1, in their order.

    Parameters
    ----------
    draws : Draws
    groups : int
        Number of hotspots.
    rule : DayRule
    settings : Settings
        Classes: ``weak`` where a hotspot vanishes from more than `hotspots_weak` of the draws, ``robust`` up to
        `hotspots_robust`, ``likely`` between.
    """
    hot = draws.days >= rule.needed
    labels = _connected(hot, _neighbours(draws.places))
    rows, mean_days = [], []
    for g in range(groups):
        own = draws.inside & (draws.owner == g)
        size = float(draws.area_km2[own].sum())
        left = hot[:, own] @ draws.area_km2[own]
        gone = left < LEFT * size
        belongs = np.zeros_like(hot)
        for d in np.flatnonzero(~gone):
            reached = np.unique(labels[d, own & hot[d]])
            belongs[d] = hot[d] & (draws.owner == g) & np.isin(labels[d], reached)
        days = draws.days[:, own] @ (draws.area_km2[own] / size) if size else np.zeros(len(hot))
        mean_days.append(np.where(gone, -1.0, days))
        area = np.asarray(belongs @ draws.area_km2, dtype=np.float64)
        people = np.asarray(belongs @ np.nan_to_num(draws.people), dtype=np.float64)
        row = _interval("area_km2", area) | _interval("days", days) | _interval("people", people)
        if np.isnan(draws.people[draws.owner == g]).any():
            row |= {"people_low": np.nan, "people_high": np.nan}
        vanishes = float(gone.mean())
        rows.append(row | {"vanishes": vanishes, "confidence": _class(vanishes, settings)})
    ranks = 1 + np.argsort(np.argsort(-np.round(np.array(mean_days), 1), axis=0, kind="stable"), axis=0)
    table = pd.DataFrame(rows)
    for end, share in zip(("low", "high"), _tails(), strict=True):
        table[f"rank_{end}"] = np.quantile(ranks, share, axis=1).round().astype(int)
    return table[list(INTERVALS)]


def _tails() -> tuple[float, float]:
    return (1 - LEVEL) / 2, (1 + LEVEL) / 2


def _interval(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    low, high = np.quantile(values, _tails())
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def _class(vanishes: float, settings: Settings) -> str:
    if vanishes > settings.hotspots_weak:
        return "weak"
    return "robust" if vanishes <= settings.hotspots_robust else "likely"


def _neighbours(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return pairs of places that touch: Delaunay neighbours not much farther apart than is usual, (e, 2)."""
    try:
        triangles = Delaunay(places).simplices
    except (QhullError, ValueError):  # fewer than three, or all on one line
        return np.column_stack([np.arange(len(places) - 1), np.arange(1, len(places))])
    pairs = np.unique(np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0)
    length = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    kept: NDArray[np.int64] = pairs[length <= 3 * np.median(length)]
    return kept


def _connected(hot: NDArray[np.bool_], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the connected piece of each hot place in each draw, (draws, k)."""
    labels = np.empty(hot.shape, np.int64)
    for d, here in enumerate(hot):
        joined = pairs[here[pairs].all(axis=1)]
        graph = csr_matrix((np.ones(len(joined), bool), joined.T), shape=(len(here), len(here)))
        labels[d] = connected_components(graph, directed=False)[1]
    return labels
