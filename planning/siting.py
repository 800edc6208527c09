"""Where the next sensors help most, and which one is missed least.

A map makes a wrong call at a place on a day when it says "over the standard" and the air is not, or the other way
round. With the chance p of being over, the better call is wrong with chance min(p, 1 − p). A sensor's worth is how
much it is expected to lower that, added up over days and weighted by the people who live there.

1. The fitted daily kriging gives every day a normal prediction of each cell on the transformed scale, with a
   covariance between cells, C = k − cᵀPc' − cᵀBf' − fᵀBᵀc' + fᵀGf' (Chilès and Delfiner 2012, §3.4).
2. C does not depend on what a new sensor will read. A sensor with error variance τ² at candidate s lowers the
   variance of cell u by C(u,s)² / (C(s,s) + τ²); the mean moves by a normal amount of that same variance.
3. The expected chance of a wrong call afterwards is the chance that the sign of the new mean m' ~ N(μ, r) differs
   from the sign of the truth Z ~ N(μ, v), where μ is the mean less the standard, v the variance before, r its
   reduction and Cov(m', Z) = r. Owen's formula for the bivariate normal (Owen 1956, eq. 2.1) then leaves
   2 T(μ/√v, √((v − r)/r)) with Owen's T: min(p, 1 − p) for r = 0, and 0 for r = v.
4. Greedy: take the candidate that lowers the sum most, update C by the rank-one step of 2 (the reductions add up
   in step 3), repeat. Removing one existing sensor is the same sum without it.

Scope cuts: the air to be called is the part of the field that is smooth between neighbours, so the nugget counts
as error of a new sensor, not as something to be mapped; candidates are cells of the grid or given points; stations
present on some days only count as present.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.special import owens_t

from interpolation import Kriging
from interpolation.problem import Problem
from interpolation.system import System, correlation_matrix
from interpolation.variogram import Variogram, correlation
from language import Note, UserError, data_language, note
from language.progress import Progress, silent
from planning import exposure
from planning.screening import Screening

Array = NDArray[np.float64]

MOST_DAYS = 40
"""Days, evenly taken, that stand for the period."""

MOST_CELLS = 700
"""Cells, evenly taken, that are both the judged places and the candidates."""

MOST_STATIONS = 60
"""Existing stations, nearest to the area first, that are ranked."""

LEAST_LEFT = 4
"""With no more places than this, none can be spared."""


@dataclass(frozen=True)
class Field:
    """What is known of the judged places before a sensor is added.

    Attributes
    ----------
    distance : (T, m) array
        Mean less the standard, in standard deviations of the whole field (unit sill).
    covariance : (m, m) array
        Between the places' prediction errors, over the sill.
    people : (m,) array
        Weight of each place.
    error : float
        Error variance of a new sensor over the sill (nugget within a cell and measurement error).
    gained : (m,) array
        By how much sensors added before have lowered the variance.
    """

    distance: Array
    covariance: Array
    people: Array
    error: float
    gained: Array

    @classmethod
    def of(cls, distance: Array, covariance: Array, people: Array, error: float) -> Field:
        """Return a field to which nothing has been added."""
        return cls(np.atleast_2d(distance), covariance, people, error, np.zeros(len(covariance)))


@dataclass(frozen=True)
class Siting:
    """The proposal.

    Attributes
    ----------
    sites : GeoDataFrame
        WGS84, best first: ``rank``, ``wrong_before``, ``wrong_after`` (expected wrong calls, person-days a year),
        ``drop_share``, ``sd_before``, ``sd_after`` (standard deviation at the site over the field's, 0 to 1).
    stations : GeoDataFrame
        The existing stations, the one that adds least first: ``rank``, ``added`` (person-days a year of wrong calls
        that would come back without it).
    cells : GeoDataFrame
        Judged places, WGS84: ``wrong_before``, ``wrong_after`` (days a year), ``people``.
    people_known : bool
        False where no population is stored: then every cell weighs the same, as one person.
    simulated : bool
    """

    sites: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    people_known: bool
    simulated: bool


# ------------------------------------------------------------------------------ the numbers


def wrong_calls(distance: Array, variance: Array, reduction: Array) -> Array:
    """Return the expected chance of a wrong call after the variance has been lowered by `reduction`.

    Parameters
    ----------
    distance : (T, m) array
        Predicted mean less the standard.
    variance, reduction : (m,) arrays
        In the square of the same unit; 0 ≤ reduction ≤ variance. With 0 it is min(p, 1 − p) now.
    """
    left = np.maximum(variance - reduction, 0.0)
    with np.errstate(divide="ignore"):
        ratio = np.sqrt(left / np.maximum(reduction, 1e-300))
    return np.asarray(2.0 * owens_t(distance / np.sqrt(np.maximum(variance, 1e-12)), ratio))


def _reduction(field: Field, site: int) -> Array:
    """Return by how much a sensor at `site` lowers each place's variance."""
    column = field.covariance[:, site]
    return np.asarray(column**2 / (column[site] + field.error))


def loss(field: Field, extra: Array | float = 0.0) -> float:
    """Return the expected wrong calls a day, weighted by people, with `extra` variance taken away."""
    whole = np.diag(field.covariance) + field.gained
    wrong = wrong_calls(field.distance, whole, np.minimum(field.gained + extra, whole))
    return float(wrong.mean(axis=0) @ field.people)


def add(field: Field, site: int) -> Field:
    """Return the field with a sensor at `site` (rank-one update)."""
    column = field.covariance[:, site]
    lowered = field.covariance - np.outer(column, column) / (column[site] + field.error)
    return replace(field, covariance=lowered, gained=field.gained + _reduction(field, site))


def greedy(field: Field, sensors: int, candidates: list[int], progress: Progress = silent) -> list[tuple[int, float]]:
    """Return the chosen places in order, each with the loss after it.

    Places are judged one by one; the loss of all candidates is the same sum with other reductions.
    """
    chosen: list[tuple[int, float]] = []
    for step in range(min(sensors, len(candidates))):
        left = [c for c in candidates if c not in {site for site, _ in chosen}]
        losses = [loss(field, _reduction(field, c)) for c in left]
        best = int(np.argmin(losses))
        chosen.append((left[best], losses[best]))
        field = add(field, left[best])
        progress((step + 1) / sensors, "")
    return chosen


# ------------------------------------------------------------------------------ from a network


def _covariance(system: System, flat: Array, places: Array, variogram: Variogram, drift: Array) -> tuple[Array, Array]:
    """Return the prediction errors' covariance (m, m) over the sill, and the weights (n, m)."""
    share = 1.0 - variogram.nugget_share
    to_stations = share * correlation(variogram.model, cdist(flat, places))
    among = share * correlation(variogram.model, cdist(places, places))
    weights = system.projection @ to_stations + system.border @ drift.T
    spread = drift @ system.spread @ drift.T
    cross = to_stations.T @ system.border @ drift.T
    covariance = among - to_stations.T @ system.projection @ to_stations - cross - cross.T + spread
    return 0.5 * (covariance + covariance.T), weights


def network_field(
    stations: Array,
    values: Array,
    places: Array,
    people: Array,
    variogram: Variogram,
    threshold: float,
    *,
    sills: Array | None = None,
    error_share: Array | None = None,
    new_error: float = 0.0,
) -> Field:
    """Return the field of a network with one constant mean a day.

    Parameters
    ----------
    stations, places : (n, 2), (m, 2) arrays [m]
    values : (T, n) array
        On the variogram's scale, complete (holes filled with their kriging prediction).
    threshold : float
        On the same scale.
    sills : (T,) array, optional
        Each day's sill; the variogram's by default.
    error_share : (n,) array, optional
        Known error variance of the stations over the sill.
    new_error : float
        The same for a new sensor; the nugget comes on top.
    """
    flat, at = variogram.flatten(stations), variogram.flatten(places)
    ones = np.ones((len(flat), 1))
    matrix = correlation_matrix(flat, variogram.model, variogram.nugget_share, error_share)
    system = System.factorise(matrix, ones)
    covariance, weights = _covariance(system, flat, at, variogram, np.ones((len(at), 1)))
    each = np.full(len(values), variogram.sill) if sills is None else sills
    distance = (values @ weights - threshold) / np.sqrt(each)[:, None]
    return Field.of(distance, covariance, people, variogram.nugget_share + new_error)


def field_of(kriging: Kriging, threshold_ugm3: float, places: Array, people: Array) -> Field:
    """Return what a fitted daily kriging knows of some places (m, 2) [m] before a sensor is added."""
    return _Network.of(kriging, threshold_ugm3).field(places, people)


def _people(screening: Screening, points: gpd.GeoDataFrame) -> tuple[Array, bool]:
    """Return the people of each cell, spread evenly over their unit; one a cell where none are known."""
    units = screening.units.to_crs(points.crs)
    if "people" not in units:
        units = exposure.populated_units(units, units.iloc[:0])
    joined = gpd.sjoin(points[["geometry"]], units[["people", "geometry"]], how="left", predicate="within")
    unit = joined.groupby(level=0)["index_right"].first().reindex(points.index)
    share = unit.map(unit.value_counts())
    people = pd.to_numeric(unit.map(units["people"]), errors="coerce") / share
    if not (people > 0).any():
        return np.ones(len(points)), False
    return people.fillna(0.0).to_numpy(float), True


def propose(
    screening: Screening,
    sensors: int,
    candidates: gpd.GeoDataFrame | None = None,
    progress: Progress = silent,
) -> Siting:
    """Rank sites for the next sensors, and the existing stations by how little they add.

    Parameters
    ----------
    screening : Screening
    sensors : int
        How many to add, 1 to 50.
    candidates : GeoDataFrame, optional
        Points where a sensor could stand; all cells of the area by default.

    Raises
    ------
    UserError
        The number is out of range, no candidate lies in the area, or the network is too large to be judged whole.
    """
    if not 1 <= sensors <= 50:
        raise UserError("Choose 1 to 50 new sensors, not {count}.", count=sensors)
    points = _cells(screening)
    problem = screening.kriging.problem()
    if problem.local or problem.drift_matrix.shape[1] != 1:
        raise UserError("Sites cannot be proposed for more than 3,000 stations or a map with covariates.")
    judged = len(points)
    if candidates is not None:
        own = candidates.to_crs(points.crs)
        own = own[own.geometry.within(screening.area.to_crs(points.crs).union_all())]
        if own.empty:
            raise UserError("None of the candidate places lies in the area.")
        points = gpd.GeoDataFrame(geometry=pd.concat([points.geometry, own.geometry], ignore_index=True))
    weights, known = _people(screening, points.iloc[:judged])
    people = np.concatenate([weights, np.zeros(len(points) - judged)])
    network = _Network.of(screening.kriging, screening.standard.value)
    start = network.field(_xy(points), people)
    pool = list(range(judged)) if candidates is None else list(range(judged, len(points)))
    chosen = greedy(start, sensors, pool, progress)
    return Siting(
        _sites(points, start, chosen),
        _least(screening, network, points.iloc[:judged], weights),
        _judged(points.iloc[:judged], start, [site for site, _ in chosen]),
        known,
        screening.simulated,
    )


def _xy(points: gpd.GeoDataFrame) -> Array:
    return np.column_stack([points.geometry.x, points.geometry.y]).astype(float)


@dataclass(frozen=True)
class _Network:
    """The fitted daily kriging, some days of it, with all its stations or some."""

    coordinates: Array
    problem: Problem
    days: NDArray[np.intp]
    threshold: float

    @classmethod
    def of(cls, kriging: Kriging, threshold_ugm3: float) -> _Network:
        problem = kriging.problem()
        usable = np.flatnonzero(problem.usable)
        days = usable[np.unique(np.linspace(0, len(usable) - 1, min(MOST_DAYS, len(usable))).astype(int))]
        threshold = float(kriging.transform_.forward(np.array([threshold_ugm3]))[0])
        return cls(kriging.coordinates_, problem, days, threshold)

    def field(self, places: Array, people: Array, without: int | None = None) -> Field:
        """Return the field at some places; a new sensor errs like the network's middle one."""
        keep = np.array([i for i in range(len(self.coordinates)) if i != without])
        error = self.problem.error_share
        return network_field(
            self.coordinates[keep],
            self.problem.completed.filled[self.days][:, keep],
            places,
            people,
            self.problem.variogram,
            self.threshold,
            sills=self.problem.sills[self.days],
            error_share=error[keep],
            new_error=float(np.median(error) if without is None else error[without]),
        )


def _cells(screening: Screening) -> gpd.GeoDataFrame:
    """Return the judged places: supported cells within the area, evenly thinned to so many."""
    x, y = np.meshgrid(screening.grid.x, screening.grid.y)
    inside = screening.surface["supported"].to_numpy().astype(bool) & screening.mask
    cells = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x[inside], y[inside]), crs=screening.grid.crs)
    cells = cells[cells.within(screening.area.to_crs(screening.grid.crs).union_all())].reset_index(drop=True)
    if cells.empty:
        raise UserError("The map supports no cell of the area, so no site can be compared.")
    every = int(np.ceil(np.sqrt(len(cells) / MOST_CELLS)))
    column = np.round((cells.geometry.x - cells.geometry.x.min()) / screening.grid.cell).astype(int)
    row = np.round((cells.geometry.y - cells.geometry.y.min()) / screening.grid.cell).astype(int)
    kept = cells[(column % every == 0) & (row % every == 0)]
    return kept.reset_index(drop=True)


def _sites(points: gpd.GeoDataFrame, start: Field, chosen: list[tuple[int, float]]) -> gpd.GeoDataFrame:
    before, field, rows = loss(start), start, []
    for rank, (site, after) in enumerate(chosen, 1):
        variance = max(float(field.covariance[site, site]), 0.0)
        field = add(field, site)
        rows.append(
            {
                "rank": rank,
                "wrong_before": 365.25 * before,
                "wrong_after": 365.25 * after,
                "drop_share": 1 - after / before if before > 0 else 0.0,
                "sd_before": float(np.sqrt(variance)),
                "sd_after": float(np.sqrt(max(float(field.covariance[site, site]), 0.0))),
            }
        )
        before = after
    places = points.geometry.iloc[[site for site, _ in chosen]].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=places, crs=points.crs).to_crs(4326)


def _judged(points: gpd.GeoDataFrame, start: Field, chosen: list[int]) -> gpd.GeoDataFrame:
    end = start
    for site in chosen:
        end = add(end, site)
    whole = np.diag(start.covariance)
    now = wrong_calls(start.distance, whole, np.zeros(len(whole))).mean(axis=0)
    then = wrong_calls(start.distance, whole, np.minimum(end.gained, whole)).mean(axis=0)
    count = len(points)
    table = points.assign(
        wrong_before=365.25 * now[:count], wrong_after=365.25 * then[:count], people=start.people[:count]
    )
    return table.to_crs(4326)


def _least(screening: Screening, network: _Network, points: gpd.GeoDataFrame, people: Array) -> gpd.GeoDataFrame:
    """Return the nearest stations, the one whose absence would cost least first."""
    stations = screening.stations.head(MOST_STATIONS).reset_index(drop=True)
    places, weights = _xy(points), np.append(people, 0.0)
    added = []
    for place in _xy(stations.to_crs(points.crs)):
        index = int(np.argmin(np.linalg.norm(network.coordinates - place, axis=1)))
        if len(network.coordinates) <= LEAST_LEFT:
            added.append(float("nan"))
            continue
        field = network.field(np.vstack([places, network.coordinates[index]]), weights, without=index)
        added.append(365.25 * (loss(field) - loss(field, _reduction(field, len(places)))))
    table = stations[["station_id", "name_th", "name_en", "geometry"]].assign(added=added)
    table = table.sort_values("added").reset_index(drop=True)
    return table.assign(rank=np.arange(1, len(table) + 1))


# ------------------------------------------------------------------------------ words and files


def sentences(found: Siting, lang: str = "en") -> list[Note]:
    """Return the decision in words."""
    words = [
        note(
            "Sensor {rank}: {lat} N, {lon} E. Wrong calls fall from {before} to {after} {unit}.",
            rank=row["rank"],
            lat=f"{row['geometry'].y:.5f}",
            lon=f"{row['geometry'].x:.5f}",
            before=f"{row['wrong_before']:,.0f}",
            after=f"{row['wrong_after']:,.0f}",
            unit=_unit(found),
        )
        for row in found.sites.to_dict("records")
    ]
    least = found.stations[found.stations["added"].notna()]
    if len(least):
        name = exposure.text_of(least.iloc[0][f"name_{data_language(lang)}"]) or least.iloc[0]["station_id"]
        added = f"{least.iloc[0]['added']:,.0f}"
        words.append(
            note("The existing sensor that adds least: {name} (saves {added} {unit}).", name=name, added=added,
                 unit=_unit(found))
        )  # fmt: skip
    words.append(
        note(
            "A wrong call is a day on which the map says over the standard and the air is not, or the other way "
            "round; expected from the fitted map, before any reading of the new sensors. A proposal for the desk: "
            "power, shade and permission are to be checked on site."
        )
    )
    if not found.people_known:
        words.append(note("No population is stored, so every cell counts the same.", "warning"))
    if found.simulated:
        words.append(note("Simulated data: an example, not a measurement."))
    return words


def _unit(found: Siting) -> Note:
    return note("person-days a year") if found.people_known else note("cell-days a year")


def read_candidates(path: Path) -> gpd.GeoDataFrame:
    """Return the points of a file of candidate places.

    Raises
    ------
    UserError
        It can't be read, has no reference system, or holds no points.
    """
    try:
        table = gpd.read_file(path)
    except Exception as problem:
        raise UserError("The file {name} can't be read as a map of places.", name=path.name) from problem
    points = table[table.geometry.notna() & (table.geometry.geom_type == "Point")]
    if points.crs is None or points.empty:
        raise UserError("The file {name} holds no points with a coordinate system.", name=path.name)
    return points


def write(found: Siting, folder: Path) -> None:
    """Write ``sites``, ``stations`` and ``cells``, each as GeoPackage, and the first two as CSV too."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("sites", found.sites), ("stations", found.stations), ("cells", found.cells)):
        marked = table.assign(simulated=found.simulated)
        marked.to_file(folder / f"{name}.gpkg", driver="GPKG")
        if name != "cells":
            flat = marked.drop(columns="geometry").assign(lon=table.geometry.x, lat=table.geometry.y)
            flat.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
