"""Likely sources of a hotspot or zone: a ranked table of screening evidence, never proof.

For one place (a hotspot or a zone) and its *exceedance hours*:

1. Exceedance hours are the hours on its days over the standard in which the stations nearest to it read more than
   the standard's value; where no hourly readings are at hand, every hour of those days.
2. Each factory gets a *plume weight*: what a source of 1 g/s would add at the place in these hours, by a Gaussian
   plume (`plume`). Times the strength its type and motors suggest (`emission_weight`) it is the factory's *evidence*.
3. Traffic with the town, and open burning, have no place in the register. They are compared by the clock: the
   readings' excess over the network's low quantile in the same hour is fitted (non-negative least squares) by
   the factories' evidence, by the hours of traffic and by the hours of burning, each thinned by the wind as dust is.
4. Days are drawn anew with replacement (bootstrap); the ranks' 5 % and 95 % quantiles and the share of draws among
   the first three say how firm the order is.

*Assumptions*, all rough: one wind for the whole area; stability by the clock and the wind alone (Turner 1970, clear
sky); effective height `HEIGHT`; factories without a furnace work by day; no plume rise, deposition, chemistry or
terrain; potential in place of emission. Filters nobody registered are seen only as far as the readings of all hours
show them (`planning.strengths`, where there are stations enough); else a factory with filters ranks as one without.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from planning.readings import LOCAL
from planning.scoring import rank

Array = NDArray[np.float64]

REACH = 10_000.0
"""Metres from the place beyond which a factory isn't weighed: there its plume is thin and the wind has turned."""

HEIGHT = 15.0
"""Effective height of a release, m: between a yard and a stack; the register knows neither."""

SPREAD = 150.0
"""Initial width of a works, m: halls, yards and vents, not a point."""

TURN = float(np.tan(np.deg2rad(12.0)))
"""Tangent of the wind's swing within an hour (Hanna 1983: 10 to 20 degrees in light wind)."""

LEAST_WIND = 0.8
"""m/s put in place of weaker wind, so that a division doesn't explode."""

SECTOR = 10
"""Degrees to which wind directions are taken together."""

DRAWS = 400
RANKED = 40
"""Sources that take part in the draws: those behind never come near the first ones."""

SEED = 2569
POINTS = 9
NEAREST = 3
UNKNOWN_HP = 75.0
SHIFT = range(7, 18)
NIGHT_SHARE = 0.15
"""Share of a day factory's strength outside `SHIFT`; factories that burn (boilers, kilns) work round the clock."""
BACKGROUND = 0.2
ALTERNATIVES = ("traffic", "burning")
"""Sources without a place: traffic and the town's small sources; open burning."""

TRAFFIC_HOURS = {6: 1.0, 7: 1.0, 8: 1.0, 16: 1.0, 17: 1.0, 18: 1.0}
BURNING_HOURS = {15: 0.5, 16: 1.0, 17: 1.0, 18: 1.0, 19: 1.0, 20: 1.0, 21: 1.0, 22: 0.5}

DESCRIBED = ("name_th", "type_name_th", "type_name_en", "factory_class")
COLUMNS = (
    "target_id", "rank", "source_id", "kind", "name_th", "type_name_th", "type_name_en", "factory_class",
    "potential", "distance_km", "plume_weight", "factor", "share", "upwind_share",
    "hours", "days", "rank_low", "rank_high", "top_three_share",
)  # fmt: skip
"""Columns of the table; README of the folder (columns.csv) gives their meaning."""

# Briggs (1973), urban, as a x (1 + b x)^c; by class A-B, C, D, E-F.
_SIGMA_Y = np.array([[0.32, 4e-4, -0.5], [0.22, 4e-4, -0.5], [0.16, 4e-4, -0.5], [0.11, 4e-4, -0.5]])
_SIGMA_Z = np.array([[0.24, 1e-3, 0.5], [0.20, 0.0, 1.0], [0.14, 3e-4, -0.5], [0.08, 1.5e-3, -0.5]])
_DEEPEST = np.array([1000.0, 700.0, 400.0, 150.0])


@dataclass(frozen=True, eq=False)
class Hours:
    """The exceedance hours of a place, with wind.

    Attributes
    ----------
    day : ndarray (k,)
        Day of each hour (datetime64[D], Bangkok).
    hour : ndarray (k,)
        Hour of the day, 0 to 23.
    direction, speed : ndarray (k,)
        Wind from (degrees) and its speed (m/s).
    """

    day: NDArray[np.datetime64]
    hour: NDArray[np.int64]
    direction: Array
    speed: Array

    @classmethod
    def of(cls, wind: pd.DataFrame) -> Hours:
        """Return the hours of a wind table (`exceedance_hours`)."""
        local = _local(wind)
        return cls(
            local.astype("datetime64[D]"),
            (local.astype(np.int64) % 24).astype(np.int64),
            wind["direction"].to_numpy(float),
            wind["speed"].to_numpy(float),
        )

    def __len__(self) -> int:
        return len(self.day)

    @cached_property
    def winds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The combinations of wind sector and stability there are (sector × 4 + class), and that of each hour."""
        sector = np.rint(self.direction / SECTOR).astype(np.int64) % (360 // SECTOR)
        pairs, number = np.unique(sector * 4 + stability(self.hour, self.speed), return_inverse=True)
        return pairs, number


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
    return np.isin(_local(table).astype("datetime64[D]"), np.array(list(days), dtype="datetime64[D]"))


def _local(table: pd.DataFrame | pd.Series[float]) -> NDArray[np.datetime64]:
    """Return the times of a table's index as Bangkok hours without zone."""
    local = pd.DatetimeIndex(table.index).tz_convert(LOCAL).tz_localize(None)
    hours: NDArray[np.datetime64] = local.to_numpy().astype("datetime64[h]")
    return hours


def stability(hour: NDArray[np.int64], speed: Array) -> NDArray[np.int64]:
    """Return Pasquill's class as 0 (A-B), 1 (C), 2 (D) or 3 (E-F) for a clear sky (Turner 1970, table 3-1).

    Examples
    --------
    >>> stability(np.array([12, 12, 2, 2]), np.array([1.5, 6.5, 1.0, 6.0])).tolist()
    [0, 1, 3, 2]
    """
    day = (hour >= 7) & (hour < 18)
    by_day = np.select([speed < 4.0, speed < 7.0], [0, 1], 2)
    by_night = np.where(speed < 5.0, 3, 2)
    return np.where(day, by_day, by_night).astype(np.int64)


def plume(along: Array, across: Array, kind: int) -> Array:
    """Return the ground concentration of 1 g/s at 1 m/s, µg/m³ (Pasquill 1961; Turner 1970, eq. 3.3).

    Parameters
    ----------
    along, across : ndarray
        Metres downwind of the source (negative: upwind) and across the wind.
    kind : int
        Of `stability`.
    """
    x = np.maximum(along, 0.0)
    (a, b, c), (d, e, f) = _SIGMA_Y[kind], _SIGMA_Z[kind]
    wide = np.sqrt((a * x * (1 + b * x) ** c) ** 2 + (TURN * x) ** 2 + SPREAD**2)
    deep = np.minimum(np.hypot(d * x * (1 + e * x) ** f, HEIGHT), _DEEPEST[kind])
    # A works is felt a little upwind of its middle, as far as it is wide itself.
    felt = np.where(along >= 0, 1.0, np.exp(-0.5 * (along / SPREAD) ** 2))
    cloud = np.exp(-0.5 * (across / wide) ** 2 - 0.5 * (HEIGHT / deep) ** 2)
    field: Array = 1e6 / (np.pi * wide * deep) * felt * cloud
    return field


def emission_weight(factories: pd.DataFrame) -> Array:
    """Return the assumed strength of factories relative to one of middle potential with 500 hp.

    A class of dust potential (1 to 3) stands for a threefold: emission factors of dry bulk trades and of clean
    ones lie orders of magnitude apart (AP-42), so that points added up would let ten workshops outweigh a kiln. Size
    counts with the power 0.6 (economies of scale, the usual six-tenths rule of engineering).
    """
    grade = factories["type_potential"].fillna(0.0).to_numpy(float)
    hp = factories["hp"].fillna(UNKNOWN_HP).clip(lower=20.0).to_numpy(float)
    weight: Array = np.where(grade > 0, 3.0 ** (grade - 2.0), 0.0) * (hp / 500.0) ** 0.6
    return weight


def unit_plumes(hours: Hours, points: Array, places: Array) -> Array:
    """Return the mean over some points of the plumes of 1 g/s at 1 m/s: (`Hours.winds`, places), µg/m³.

    Parameters
    ----------
    points : ndarray (m, 2)
        Where the dust is felt, metres.
    places : ndarray (k, 2)
        Where the sources stand.
    """
    offset = points[:, None, :] - places[None, :, :]
    winds, _ = hours.winds
    plumes = np.zeros((len(winds), len(places)))
    for i, pair in enumerate(winds):
        towards = np.deg2rad((pair // 4) * SECTOR + 180.0)
        east, north = np.sin(towards), np.cos(towards)
        along = offset[..., 0] * east + offset[..., 1] * north
        across = offset[..., 0] * north - offset[..., 1] * east
        plumes[i] = plume(along, across, int(pair % 4)).mean(axis=0)
    return plumes


def plume_by_day(hours: Hours, plumes: Array, by_day: NDArray[np.bool_]) -> tuple[NDArray[np.datetime64], Array]:
    """Return the days, and per day the plume weights (of `unit_plumes`) summed over its hours: (days, places).

    In µg/m³ h per g/s.
    """
    days, which = np.unique(hours.day, return_inverse=True)
    winds, number = hours.winds
    thinned = 1.0 / np.maximum(hours.speed, LEAST_WIND)
    sums = []
    for strength in (thinned, thinned * _shift(hours)):
        weight = np.zeros((len(days), len(winds)))
        np.add.at(weight, (which, number), strength)
        sums.append(weight @ plumes)
    return days, np.where(by_day, sums[1], sums[0])


def _shift(hours: Hours) -> Array:
    return np.where(np.isin(hours.hour, list(SHIFT)), 1.0, NIGHT_SHARE)


def plume_by_hour(hours: Hours, plumes: Array, strength: Array, by_day: NDArray[np.bool_]) -> Array:
    """Return what sources of some strength (g/s) add, each hour: (hours,), µg/m³; `plumes` of `unit_plumes`."""
    _, number = hours.winds
    always, shift = plumes @ np.where(by_day, 0.0, strength), plumes @ np.where(by_day, strength, 0.0)
    felt: Array = (always[number] + shift[number] * _shift(hours)) / np.maximum(hours.speed, LEAST_WIND)
    return felt


def plumes_by_hour(hours: Hours, plumes: Array, strength: Array, by_day: NDArray[np.bool_]) -> Array:
    """Return what each source of some strength adds, each hour: (hours, sources); `plumes` of `unit_plumes`."""
    _, number = hours.winds
    work = np.where(by_day[None, :], _shift(hours)[:, None], 1.0)
    felt: Array = (plumes * strength)[number] * work / np.maximum(hours.speed, LEAST_WIND)[:, None]
    return felt


def apart(places: Array, points: Array) -> Array:
    """Return how far each place (n, 2) lies from the nearest of some points (m, 2): (n,), metres."""
    away: Array = np.hypot(*(places[:, None, :] - points[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    return away


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
        return np.asarray(np.argsort(apart(self.places, points), kind="stable")[:NEAREST])

    @cached_property
    def background(self) -> pd.Series[float]:
        """The network's low quantile, hour by hour."""
        values = self.table.to_numpy(float)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # an hour without any reading
            return pd.Series(np.nanquantile(values, BACKGROUND, axis=1), index=self.table.index)

    def level(self, points: Array) -> pd.Series[float]:
        """Return the mean of the stations nearest to some points, hour by hour."""
        return self.table.iloc[:, self.near(points)].mean(axis=1)

    def excess(self, points: Array) -> pd.Series[float]:
        """Return that mean above the network's low quantile of the same hour, not below 0."""
        return (self.level(points) - self.background).clip(lower=0.0)


def likely_sources(
    target: str,
    hours: Hours,
    points: Array,
    factories: pd.DataFrame,
    readings: Readings | None,
    upwind: Any = None,
    keep: int = 10,
    windy: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the likely sources of one place, the likeliest first.

    Parameters
    ----------
    target : str
        Id of the hotspot or zone.
    hours : Hours
    points : ndarray (m, 2)
        Places in it, metres.
    factories : DataFrame
        ``factory_id``, ``x``, ``y`` (metres), ``potential`` (0 to 9, NaN unknown).
    readings : Readings or None
        Without, traffic and burning are not weighed.
    upwind : callable, optional
        Gives the upwind share of places (k, 2).
    keep : int
        Rows kept.
    windy : DataFrame, optional
        Wind of all hours that are not calm: the factories' strengths are then fitted to all readings
        (`planning.strengths`); ``factor`` says by what each was multiplied.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``share`` is a source's part of all that is weighed; ``plume_weight`` the mean over the hours
        of what 1 g/s would add (µg/m³). Empty without hours or sources.
    """
    near = _near(factories, points)
    if not len(hours) or (near.empty and readings is None):
        return pd.DataFrame(columns=list(COLUMNS))
    table = _evidence_table(hours, points, near, readings, windy).head(keep)
    table = table.assign(target_id=target, rank=np.arange(1, len(table) + 1), upwind_share=np.nan)
    table = table.reset_index(drop=True)
    listed = (table["kind"] == "factory").to_numpy()
    if upwind is not None and listed.any():
        named = near.set_index(near["factory_id"].astype(str))[["x", "y"]]
        table.loc[listed, "upwind_share"] = upwind(named.loc[table.loc[listed, "source_id"]].to_numpy(float))
    described = near.assign(source_id=near["factory_id"].astype(str)).reindex(columns=["source_id", *DESCRIBED])
    return table.merge(described.drop_duplicates("source_id"), on="source_id", how="left")[list(COLUMNS)]


def _evidence_table(
    hours: Hours, points: Array, near: pd.DataFrame, readings: Readings | None, windy: pd.DataFrame | None
) -> pd.DataFrame:
    """Return every source that was weighed, the likeliest first, with how firm its rank is."""
    places, by_day = near[["x", "y"]].to_numpy(float), near["by_day"].to_numpy(bool)
    strength = emission_weight(near)
    days, plumes = plume_by_day(hours, unit_plumes(hours, points, places), by_day)
    factor = np.ones(len(near))
    if windy is not None and readings is not None:
        from planning import strengths  # it needs the plumes of this module

        factor = strengths.fit(windy, readings, points, near, plumes.sum(axis=0) * strength)
        strength = strength * factor
    others, unit = _alternatives(hours, days, points, places, strength, by_day, readings)
    evidence = np.hstack([unit * plumes * strength, others])
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
            "plume_weight": [*(plumes.sum(axis=0) / len(hours)), *blank],
            "factor": [*factor, *blank],
            "share": total / max(total.sum(), 1e-12),
            "hours": len(hours),
            "days": len(days),
            "rank_low": np.quantile(ranks, 0.05, axis=0, method="lower"),
            "rank_high": np.quantile(ranks, 0.95, axis=0, method="higher"),
            "top_three_share": (ranks <= 3).mean(axis=0),
        }
    )
    return table[table["share"] > 0].sort_values("share", ascending=False, kind="stable")


def _near(factories: pd.DataFrame, points: Array) -> pd.DataFrame:
    """Return the factories with a potential within reach of the points, with ``away`` in metres."""
    known = factories[factories["potential"].fillna(0.0) > 0]
    known = known.assign(away=apart(known[["x", "y"]].to_numpy(float), points))
    return known[known["away"] <= REACH]


def _alternatives(
    hours: Hours,
    days: NDArray[np.datetime64],
    points: Array,
    places: Array,
    strength: Array,
    by_day: NDArray[np.bool_],
    readings: Readings | None,
) -> tuple[Array, float]:
    """Return what traffic and burning give per day (days, 2), and the factor of the factories' evidence."""
    none: Array = np.zeros((len(days), len(ALTERNATIVES)))
    if readings is None:
        return none, 1.0
    stations = readings.places[readings.near(points)]
    excess = readings.excess(points)
    stamp = hours.day.astype("datetime64[h]") + hours.hour.astype("timedelta64[h]")
    measured = pd.Series(excess.to_numpy(float), index=_local(excess))
    seen = measured[~measured.index.duplicated()].reindex(stamp).to_numpy(float)
    clocks = np.column_stack([clock(hours, TRAFFIC_HOURS), clock(hours, BURNING_HOURS)])
    works = plume_by_hour(hours, unit_plumes(hours, stations, places), strength, by_day)
    there = np.isfinite(seen)
    if there.sum() < 24:
        return none, 1.0
    design = np.column_stack([works, clocks])[there]
    scale = np.where(design.max(axis=0) > 0, design.max(axis=0), 1.0)
    found, _ = nnls(design / scale, seen[there])
    unit, *others = found / scale
    added: Array = np.zeros(none.shape)
    np.add.at(added, np.searchsorted(days, hours.day), clocks * np.array(others))
    return added, float(unit) if unit > 0 else 1e-9


def clock(hours: Hours, course: dict[int, float]) -> Array:
    """Return the course of a day over the hours, thinned by the wind."""
    strength = np.array([course.get(int(h), 0.0) for h in hours.hour])
    thinned: Array = strength / np.maximum(hours.speed, LEAST_WIND)
    return thinned


def _drawn_ranks(evidence: Array) -> NDArray[np.int64]:
    """Return the ranks of the sources over draws of days with replacement: (draws, sources)."""
    rng = np.random.default_rng(SEED)
    count = len(evidence)
    times = rng.multinomial(count, np.full(count, 1.0 / count), DRAWS)
    return rank(times @ evidence)
