"""Likely sources of a hotspot or zone: a ranked table of screening evidence, never proof.

For one place (a hotspot or a zone) and its *exceedance hours*:

1. Exceedance hours are the hours on its days over the standard in which the stations nearest to it read more than
   the standard's value; where no hourly readings are at hand, every hour of those days.
2. Each factory gets a *plume weight*: what a source of 1 g/s would add at the place in these hours, by a Gaussian
   plume (`planning.plumes`). Times the strength its type and motors suggest it is the factory's *evidence*.
3. Traffic with the town, and open burning, have no place in the register. They are compared by the clock: the
   readings' excess over the network's low quantile in the same hour is fitted (non-negative least squares, over all
   windy hours of the period where they are at hand) by the factories' evidence, by the hours of traffic and by the
   hours of burning, each thinned by the wind as dust is. What they add counts in the exceedance hours.
4. Days are drawn anew with replacement (bootstrap); the ranks' 5 % and 95 % quantiles and the share of draws among
   the first three say how firm the order is.

*Assumptions*, all rough: those of `planning.plumes`. Filters nobody registered are seen only as far as the readings of
all hours show them (`planning.strengths`, where there are stations enough); else a factory with filters ranks as one
without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning import alternatives, plumes, strengths
from planning.alternatives import ALTERNATIVES
from planning.background import background
from planning.plumes import Array
from planning.scoring import rank
from planning.settings import settings

REACH = 10_000.0
"""Metres from the place beyond which a factory isn't weighed: there its plume is thin and the wind has turned."""

DRAWS = 400
RANKED = 40
"""Sources that take part in the draws: those behind never come near the first ones."""

SEED = 2569
POINTS = 9
NEAREST = 3
DESCRIBED = ("name_th", "type_name_th", "type_name_en", "factory_class")
COLUMNS = (
    "target_id", "rank", "source_id", "kind", "name_th", "type_name_th", "type_name_en", "factory_class",
    "potential", "distance_km", "plume_weight", "factor", "share", "upwind_share", "nearby",
    "hours", "days", "rank_low", "rank_high", "top_three_share",
)  # fmt: skip
"""Columns of the table; README of the folder (columns.csv) gives their meaning."""


def exceedance_hours(
    wind: pd.DataFrame,
    days: Sequence[date],
    calm: float,
    level: pd.Series[float] | None = None,
    threshold: float = 0.0,
) -> pd.DataFrame:
    """Return the hours of `wind` on some days, those over the threshold where readings are given.

    Parameters
    ----------
    wind : DataFrame
        Of `planning.sources.hourly_wind`.
    days : sequence of date
        Days over the standard at the place (Bangkok days).
    calm : float
        m/s; calmer hours are left out.
    level : Series, optional
        Hourly readings near the place (index UTC), µg/m³. Where none of the days has a reading above the
        threshold, every hour of the days counts.
    threshold : float
        µg/m³.
    """
    chosen = wind[wind["speed"] >= calm]
    if chosen.empty or not len(days):
        return chosen.head(0)
    chosen = chosen[on_days(chosen, days)]
    if level is None or chosen.empty:
        return chosen
    over = (level.reindex(chosen.index) > threshold).to_numpy(bool)
    return chosen[over] if over.any() else chosen


def on_days(table: pd.DataFrame, days: Sequence[date]) -> NDArray[np.bool_]:
    """Return which rows of an hourly table (index UTC) lie on some Bangkok days."""
    return np.isin(plumes.local_hours(table).astype("datetime64[D]"), np.array(list(days), dtype="datetime64[D]"))


@dataclass(frozen=True, eq=False)
class Readings:
    """Hourly readings near a place.

    Attributes
    ----------
    table : DataFrame
        Index time (UTC), one column a station, µg/m³.
    places : ndarray (n, 2)
        Metres, in the order of the columns.
    """

    table: pd.DataFrame
    places: Array

    def near(self, points: Array) -> NDArray[np.int64]:
        """Return the positions of the stations nearest to some points."""
        return np.asarray(np.argsort(plumes.apart(self.places, points), kind="stable")[:NEAREST])

    @cached_property
    def background(self) -> pd.Series[float]:
        """The region's background, hour by hour (`planning.background`)."""
        return pd.Series(background(self.table.to_numpy(float), settings()), index=self.table.index)

    def level(self, points: Array) -> pd.Series[float]:
        """Return the mean of the stations nearest to some points, hour by hour."""
        return self.table.iloc[:, self.near(points)].mean(axis=1)

    def excess(self, points: Array) -> pd.Series[float]:
        """Return that mean above the background of the same hour, not below 0."""
        return (self.level(points) - self.background).clip(lower=0.0)


def likely_sources(
    target: str,
    hours: plumes.Hours,
    points: Array,
    factories: pd.DataFrame,
    readings: Readings | None,
    upwind: Any = None,
    keep: int = 10,
    basis: strengths.Basis | None = None,
    fitted: bool = True,
) -> pd.DataFrame:
    """Return the likely sources of one place, the likeliest first.

    Parameters
    ----------
    target : str
        Id of the hotspot or zone.
    hours : Hours
        Of `exceedance_hours`.
    points : ndarray (m, 2)
        Places in it, metres.
    factories : DataFrame
        ``factory_id``, ``x``, ``y`` (metres), ``potential`` (0 to 9, NaN unknown).
    readings : Readings or None
        Without, traffic and burning are not weighed.
    upwind : callable, optional
        Gives the upwind share of places (k, 2).
    keep : int
        Rows kept; traffic and burning, where they were weighed, besides.
    basis : strengths.Basis, optional
        Of these factories and readings: their strengths are then fitted to all hours; ``factor`` says by what each
        was multiplied.
    fitted : bool
        Whether they are; else the basis only spares working out its plumes again.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``share`` is a source's part of all that is weighed; ``plume_weight`` the mean over the hours
        of what 1 g/s would add (µg/m³); ``nearby`` is filled by `planning.layer_evidence`. Empty without hours or
        sources.
    """
    near = _near(factories.reset_index(drop=True), points)
    if not len(hours) or (near.empty and readings is None):
        return pd.DataFrame(columns=list(COLUMNS))
    table = _evidence_table(hours, points, near, readings, basis, fitted)
    table = table.assign(target_id=target, rank=np.arange(1, len(table) + 1), upwind_share=np.nan, nearby=np.nan)
    # Traffic and burning are alternatives that a reader looks for, also where they weigh little.
    table = table[(table["rank"] <= keep) | (table["kind"] != "factory")].reset_index(drop=True)
    listed = (table["kind"] == "factory").to_numpy()
    if upwind is not None and listed.any():
        named = near.set_index(near["factory_id"].astype(str))[["x", "y"]]
        table.loc[listed, "upwind_share"] = upwind(named.loc[table.loc[listed, "source_id"]].to_numpy(float))
    described = near.assign(source_id=near["factory_id"].astype(str)).reindex(columns=["source_id", *DESCRIBED])
    return table.merge(described.drop_duplicates("source_id"), on="source_id", how="left")[list(COLUMNS)]


def _evidence_table(
    hours: plumes.Hours,
    points: Array,
    near: pd.DataFrame,
    readings: Readings | None,
    basis: strengths.Basis | None,
    fitted: bool,
) -> pd.DataFrame:
    """Return every source that was weighed, the likeliest first, with how firm its rank is."""
    places, by_day = near[["x", "y"]].to_numpy(float), near["by_day"].to_numpy(bool)
    strength = plumes.emission_weight(near)
    days, weights = plumes.by_day(hours, plumes.unit_plumes(hours, points, places), by_day)
    factor = np.ones(len(near))
    if basis is not None and fitted:
        factor = strengths.fit(basis, points, near, weights.sum(axis=0) * strength)
        strength = strength * factor
    clocked = _alternatives(hours, points, near, strength, readings, basis)
    diffuse, unit = clocked or (np.zeros(len(ALTERNATIVES)), 1.0)
    others = alternatives.by_day(hours, days, diffuse)
    evidence = np.hstack([unit * weights * strength, others])
    total = evidence.sum(axis=0)
    ranks = np.full((DRAWS, len(total)), RANKED + 1, dtype=np.int64)
    leading = np.argsort(-total, kind="stable")[:RANKED]
    ranks[:, leading] = _drawn_ranks(evidence[:, leading])
    blank = [np.nan] * len(ALTERNATIVES)
    table = pd.DataFrame(
        {
            "source_id": [*near["factory_id"].astype(str), *ALTERNATIVES],
            "kind": ["factory"] * len(near) + list(ALTERNATIVES),
            "potential": [*near["potential"], *blank],
            "distance_km": [*(near["away"] / 1000.0), *blank],
            "plume_weight": [*(weights.sum(axis=0) / len(hours)), *blank],
            "factor": [*factor, *blank],
            "share": total / max(total.sum(), 1e-12),
            "hours": len(hours),
            "days": len(days),
            "rank_low": np.quantile(ranks, 0.05, axis=0, method="lower"),
            "rank_high": np.quantile(ranks, 0.95, axis=0, method="higher"),
            "top_three_share": (ranks <= 3).mean(axis=0),
        }
    )
    weighed = (table["share"] > 0) | ((table["kind"] != "factory") & (clocked is not None))
    return table[weighed].sort_values("share", ascending=False, kind="stable")


def _near(factories: pd.DataFrame, points: Array) -> pd.DataFrame:
    """Return the factories with a potential within reach of the points, with ``away`` in metres."""
    known = factories[factories["potential"].fillna(0.0) > 0]
    known = known.assign(away=plumes.apart(known[["x", "y"]].to_numpy(float), points))
    return known[known["away"] <= REACH]


def _alternatives(
    hours: plumes.Hours,
    points: Array,
    near: pd.DataFrame,
    strength: Array,
    readings: Readings | None,
    basis: strengths.Basis | None,
) -> tuple[Array, float] | None:
    """Return the strengths of traffic and burning (2,), and the factor of the factories' evidence, if known."""
    if readings is None:
        return None
    stations = readings.near(points)
    if basis is not None:
        hours, columns = basis.hours, near.index.to_numpy()
        unit = np.stack([basis.kernels.at(hours, int(s), columns) for s in stations]).mean(axis=0)
    else:
        unit = plumes.unit_plumes(hours, readings.places[stations], near[["x", "y"]].to_numpy(float))
    excess = readings.excess(points)
    measured = pd.Series(excess.to_numpy(float), index=plumes.local_hours(excess))
    stamp = hours.day.astype("datetime64[h]") + hours.hour.astype("timedelta64[h]")
    seen = np.asarray(measured[~measured.index.duplicated()].reindex(stamp), dtype=np.float64)
    works = plumes.by_hour(hours, unit, strength, near["by_day"].to_numpy(bool))
    return alternatives.weigh(hours, seen, works)


def _drawn_ranks(evidence: Array) -> NDArray[np.int64]:
    """Return the ranks of the sources over draws of days with replacement: (draws, sources)."""
    rng = np.random.default_rng(SEED)
    count = len(evidence)
    times = rng.multinomial(count, np.full(count, 1.0 / count), DRAWS)
    return rank(times @ evidence)
