"""Clusters of high and low values among stations and among areas, with false alarms held down.

Question it answers: is what stands together on the map more than chance would put together?

1. Stations at one place are averaged; each gets its nearest neighbours (areas: those that touch it).
2. *Gi\\** (Getis & Ord 1992; Ord & Getis 1995): is the sum over a place and its neighbours high or low?
   *Local Moran* (Anselin 1995): is the place like its neighbours (high among high, low among low) or unlike them
   (high among low, low among high)? Both from esda. p-values by permutation: for Gi* all values are shuffled; for
   local Moran the place keeps its own and the others are. (esda keeps the place's own value for Gi* too, which makes
   the two tests one and the same: it asks of the neighbours alone.)
3. A hundred tests at 5 % would mark five places of a map without any pattern. The p-values of a map are therefore
   judged together (Benjamini & Hochberg 1995; for maps Caldas de Castro & Singer 2006): of the places marked, at
   most the chosen share is expected to be a false alarm.

Never on kriged cells: neighbours there are alike because the map was smoothed. Area means come from that map, so
their result is called a description of the map; the stations' result is the evidence.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from esda import G_Local, Moran_Local, fdr  # type: ignore[import-untyped]
from libpysal.weights import W  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from language import N_, Note, note
from planning.settings import settings

if TYPE_CHECKING:
    from planning.screening import Screening

MEASURES = {"mean": N_("mean of the period"), "days": N_("days over the standard")}
"""What is looked at: the mean of 24-hour means (µg/m³), or the days over the 24-hour standard."""

KINDS = ("high", "low", "high-high", "low-low", "high-low", "low-high", "")
"""What a place can be: Gi* the first two, local Moran the next four, empty for neither."""

SAME_PLACE_M = 50.0
"""Stations nearer than this are one place: a place must not be its own neighbour."""
SEED = 2569

COLUMNS = (
    "place_id", "name_th", "name_en", "value", "neighbours", "neighbours_mean", "gi_z", "gi_p", "gi", "moran",
    "moran_p", "moran_kind",
)  # fmt: skip
"""One row a place; ``place_id`` joins the ids of stations at one place with a comma. ``gi_z`` is the z-value of Gi*,
``moran`` local Moran's I; ``gi_p``, ``moran_p`` two-sided permutation p-values; ``gi`` and ``moran_kind`` one of
`KINDS`, marked only within the false-discovery rate."""


class _Words(NamedTuple):
    """Sentences of one kind of places: too few of them, clusters, none, those unlike all around, how far to trust."""

    few: str
    counts: str
    none: str
    unlike: str
    trust: tuple[str, ...] = ()


_WORDS = {
    "stations": _Words(
        N_("Too few stations to tell clusters from chance: {count}; at least {minimum} are needed."),
        N_(
            "Of {total} stations, {high} stand in a cluster of high values and {low} in one of low values: there "
            "a station and its neighbours are higher or lower together than chance would have it."
        ),
        N_("Of {total} stations, none stands in a cluster that chance could not explain."),
        N_("Stations that differ from all around them: {count}. Something very near, or the sensor itself."),
    ),
    "areas": _Words(
        N_("Too few areas to tell clusters from chance: {count}; at least {minimum} are needed."),
        N_(
            "Of {total} areas, {high} stand in a cluster of high values and {low} in one of low values: there an "
            "area and its neighbours are higher or lower together than chance would have it."
        ),
        N_("Of {total} areas, none stands in a cluster that chance could not explain."),
        N_("Areas that differ from all around them: {count}."),
        (
            N_(
                "Area means come from the kriged map, which is smooth: neighbours are alike partly for that reason. "
                "Read it as a description of the map; the stations are the evidence."
            ),
        ),
    ),
}


@dataclass(frozen=True, eq=False)
class Clusters:
    """What was found, or why nothing can be said.

    Attributes
    ----------
    of : {"stations", "areas"}
    measure : {"mean", "days"}
    table : DataFrame
        `COLUMNS`; empty where nothing can be said.
    sentences : tuple of Note
        The result in words: what was found, what a mark means, how many false alarms to expect.
    """

    of: str
    measure: str
    table: pd.DataFrame
    sentences: tuple[Note, ...]

    @property
    def high(self) -> pd.DataFrame:
        """The places that stand in a cluster of high values (Gi*)."""
        return self.table[self.table["gi"] == "high"]

    def at(self, place: str) -> pd.Series[Any] | None:
        """Return the row of a station or area, None where it took no part."""
        parts = self.table["place_id"].str.split(",")
        rows = self.table[[place in ids for ids in parts]]
        return None if rows.empty else rows.iloc[0]


def station_clusters(found: Screening, measure: str = "mean") -> Clusters:
    """Return the clusters among the screening's stations.

    Parameters
    ----------
    found : Screening
    measure : {"mean", "days"}
        Period mean (µg/m³), or measured days over the standard, scaled to all days where some are missing.
    """
    used = found.stations[found.stations["used"].astype(bool)].to_crs(found.surface.rio.crs)
    values = pd.to_numeric(used["value"], errors="coerce")
    if measure == "days":
        share = pd.to_numeric(used["days_over"], errors="coerce") / pd.to_numeric(used["n_days"], errors="coerce")
        values = share * found.days_total
    places = _merged(used.assign(reading=values).dropna(subset=["reading"]))
    near = nearest(np.column_stack([places.geometry.x, places.geometry.y]), settings().clusters_neighbours)
    return _found("stations", measure, places, near)


def area_clusters(found: Screening, measure: str = "mean") -> Clusters:
    """Return the clusters among the areas that the zones are: their mean, or their expected days over the standard."""
    column = "days_over" if measure == "days" else "mean_ugm3"
    areas = found.zones.to_crs(found.surface.rio.crs).rename(columns={"zone_id": "place_id"})
    areas = areas.assign(reading=pd.to_numeric(areas[column], errors="coerce")).dropna(subset=["reading"])
    return _found("areas", measure, areas.reset_index(drop=True), touching(areas.geometry))


def _merged(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stations with those at one place as one row: ids joined, value the mean, name of the first."""
    if stations.empty:
        return stations.assign(place_id=pd.Series(dtype=str))
    points = np.column_stack([stations.geometry.x, stations.geometry.y])
    first = np.arange(len(points))
    for a, b in sorted(cKDTree(points).query_pairs(SAME_PLACE_M)):
        first[b] = min(first[b], first[a])
    grouped = stations.assign(place=first).groupby("place", sort=True)
    rows = stations.iloc[sorted(set(first))].reset_index(drop=True)
    ids = grouped["station_id"].agg(lambda column: ",".join(map(str, column)))
    return rows.assign(place_id=ids.to_numpy(), reading=grouped["reading"].mean().to_numpy())


def nearest(points: NDArray[np.float64], count: int) -> dict[int, list[int]]:
    """Return the `count` nearest other places of each place (fewer where there are fewer).

    Examples
    --------
    >>> import numpy as np
    >>> nearest(np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]]), 1)
    {0: [1], 1: [0], 2: [1]}
    """
    if len(points) < 2:
        return {i: [] for i in range(len(points))}
    wanted = min(count, len(points) - 1)
    _, found = cKDTree(points).query(points, k=wanted + 1)
    return {i: [int(j) for j in row if j != i][:wanted] for i, row in enumerate(np.atleast_2d(found))}


def touching(areas: gpd.GeoSeries) -> dict[int, list[int]]:
    """Return the areas that touch each area (drawn lines may miss each other by metres); a lone one its nearest two."""
    shapes = areas.reset_index(drop=True)
    near = {i: sorted(set(map(int, shapes.sindex.query(s.buffer(SAME_PLACE_M), predicate="intersects"))) - {i})
            for i, s in enumerate(shapes)}  # fmt: skip
    inside = shapes.representative_point()
    lone = nearest(np.column_stack([inside.x, inside.y]), 2)
    return {i: others or lone[i] for i, others in near.items()}


def judge(
    values: NDArray[np.float64], near: dict[int, list[int]], *, rate: float, permutations: int, seed: int = SEED
) -> pd.DataFrame:
    """Return Gi* and local Moran of each place, marked within the false-discovery rate.

    Parameters
    ----------
    values : ndarray (n,)
        Finite, not all the same.
    near : dict
        Neighbours of each place (0 to n - 1).
    rate : float
        Expected share of false alarms among the places marked, 0 to 1.
    permutations : int
    seed : int

    Returns
    -------
    DataFrame
        ``gi_z``, ``gi_p``, ``gi``, ``moran``, ``moran_p``, ``moran_kind`` (`COLUMNS`), one row a place.
    """
    with warnings.catch_warnings():  # esda says that the place itself gets the weight 1: it is wanted
        warnings.simplefilter("ignore")
        getis = G_Local(values, W(near, silence_warnings=True), transform="B", permutations=0, star=True)
        moran = Moran_Local(values, W(near, silence_warnings=True), permutations=permutations, seed=seed, n_jobs=1)
    sizes = np.array([1 + len(near[i]) for i in range(len(values))])
    gi_p = _shuffled(values, sizes, np.asarray(getis.Gs), permutations, seed)
    moran_p = _two_sided(np.asarray(moran.Is), moran.sim)
    gi = np.where(gi_p <= fdr(gi_p, rate), np.where(np.asarray(getis.Zs) > 0, "high", "low"), "")
    kinds = np.array(["high-high", "low-high", "low-low", "high-low"])[np.asarray(moran.q, int) - 1]
    return pd.DataFrame(
        {
            "gi_z": np.asarray(getis.Zs, float),
            "gi_p": gi_p,
            "gi": gi,
            "moran": np.asarray(moran.Is, float),
            "moran_p": moran_p,
            "moran_kind": np.where(moran_p <= fdr(moran_p, rate), kinds, ""),
        }
    )


def _shuffled(
    values: NDArray[np.float64], sizes: NDArray[np.int64], observed: NDArray[np.float64], permutations: int, seed: int
) -> NDArray[np.float64]:
    """Return the p-values of Gi* when all values are shuffled over the places.

    Gi* is the sum over the place and its neighbours as a share of the sum of all, so its distribution depends only
    on how many places are added up: one set of draws serves every place.
    """
    rng = np.random.default_rng(seed)
    sums = np.cumsum(rng.permuted(np.tile(values, (permutations, 1)), axis=1), axis=1) / values.sum()
    return _two_sided(observed, sums[:, sizes - 1])


def _two_sided(observed: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return two-sided permutation p-values: esda's own is that of the nearer tail alone.

    Twice the smaller tail, the observed value counted among the draws (Phipson & Smyth 2010, eq. 2).
    """
    count, slack = len(simulated), 1e-12 * np.abs(observed)  # sums of the same numbers in another order are equal
    upper = (1 + (simulated >= observed - slack).sum(axis=0)) / (count + 1)
    lower = (1 + (simulated <= observed + slack).sum(axis=0)) / (count + 1)
    tails: NDArray[np.float64] = np.minimum(2 * np.minimum(upper, lower), 1.0)
    return tails


def _found(of: str, measure: str, places: gpd.GeoDataFrame, near: dict[int, list[int]]) -> Clusters:
    """Judge the places, or say why nothing can be said."""
    chosen = settings()
    values = places["reading"].to_numpy(float)
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    if len(values) < chosen.clusters_minimum:
        least = {"count": len(values), "minimum": chosen.clusters_minimum}
        return Clusters(of, measure, empty, (Note(_WORDS[of].few, least),))
    if np.ptp(values) <= 1e-9 * max(abs(values).max(), 1.0):
        return Clusters(of, measure, empty, (note("All places have the same value: there is no pattern to look for."),))
    judged = judge(values, near, rate=chosen.clusters_rate, permutations=chosen.clusters_permutations)
    table = pd.DataFrame(
        {
            "place_id": places["place_id"].astype(str).to_numpy(),
            "name_th": places["name_th"].to_numpy(),
            "name_en": places["name_en"].to_numpy(),
            "value": values,
            "neighbours": [len(near[i]) for i in range(len(values))],
            "neighbours_mean": [float(values[near[i]].mean()) for i in range(len(values))],
        }
    )
    table = pd.concat([table, judged], axis=1)[list(COLUMNS)]
    return Clusters(of, measure, table, _sentences(of, table, chosen.clusters_rate))


def _sentences(of: str, table: pd.DataFrame, rate: float) -> tuple[Note, ...]:
    """Return what was found, what it means and how far to trust it."""
    words = _WORDS[of]
    high, low = int((table["gi"] == "high").sum()), int((table["gi"] == "low").sum())
    odd = int(table["moran_kind"].isin(["high-low", "low-high"]).sum())
    counts = {"total": len(table), "high": high, "low": low}
    said = [Note(words.counts, counts) if high or low else Note(words.none, {"total": len(table)})]
    if odd:
        said.append(Note(words.unlike, {"count": odd}))
    if high or low or (table["moran_kind"] != "").any():
        said.append(note("Expected false alarms among those marked: at most {rate}.", rate=f"{100 * rate:.0f} %"))
    return (*said, *(Note(text) for text in words.trust))
