"""How well a sensor does: the US EPA's metrics and targets for 24-hour means.

Source: US EPA (2021) performance testing protocols for PM2.5 air sensors, base test, as coded in
sensortoolkit ``_targets.py`` (PM10 targets from the same code). Sensor on reference, not the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from language import UserError, pollutant_name


@dataclass(frozen=True)
class Targets:
    """Targets of one pollutant: slope and intercept (µg/m³) are half widths, the rest bounds.

    RMSE or NRMSE must be met, and SD or CV.
    """

    slope: float
    intercept: float
    r2: float
    rmse: float
    nrmse: float
    sd: float
    cv: float


TARGETS: Mapping[str, Targets] = {
    "pm25": Targets(0.35, 5.0, 0.70, 7.0, 30.0, 5.0, 30.0),
    "pm10": Targets(0.35, 10.0, 0.70, 14.0, 30.0, 5.0, 30.0),
}

FEWEST = 3


@dataclass(frozen=True)
class Performance:
    """Metrics of a sensor against a reference.

    Attributes
    ----------
    n : int
        Pairs (24-hour means).
    slope, intercept, r2 : float
        Least squares of sensor on reference; intercept in µg/m³.
    rmse, bias : float
        µg/m³ (bias: sensor minus reference).
    nrmse : float
        RMSE over the reference's mean (%).
    met : mapping
        Target -> whether it is met: slope, intercept, r2, error.
    """

    n: int
    slope: float
    intercept: float
    r2: float
    rmse: float
    nrmse: float
    bias: float
    met: Mapping[str, bool]

    @property
    def all_met(self) -> bool:
        """Whether every target is met."""
        return all(self.met.values())

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return {**asdict(self), "met": dict(self.met)}


def targets(pollutant: str) -> Targets:
    """Return the targets of a pollutant; refuse one that has none."""
    if pollutant not in TARGETS:
        raise UserError("There are no performance targets for {pollutant}.", pollutant=pollutant_name(pollutant))
    return TARGETS[pollutant]


def performance(sensor: ArrayLike, reference: ArrayLike, pollutant: str = "pm25") -> Performance:
    """Return the metrics of a sensor against a reference.

    Parameters
    ----------
    sensor, reference : (n,) array_like
        Paired 24-hour means (µg/m³); pairs with NaN are left out.
    pollutant : {"pm25", "pm10"}

    Raises
    ------
    UserError
        Where fewer than three pairs are left or the reference does not vary.

    Examples
    --------
    >>> performance([11.0, 21.0, 31.0], [10.0, 20.0, 30.0]).intercept
    1.0
    """
    goal = targets(pollutant)
    y, x = np.asarray(sensor, float), np.asarray(reference, float)
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < FEWEST or np.ptp(x) == 0:
        raise UserError(
            "A sensor can be judged from {fewest} days on, with a reference that varies; here are {count} days.",
            fewest=FEWEST, count=len(x),
        )  # fmt: skip
    slope = float(np.cov(x, y, bias=True)[0, 1] / x.var())
    intercept = float(y.mean() - slope * x.mean())
    r2 = float(np.corrcoef(x, y)[0, 1] ** 2) if np.ptp(y) > 0 else 0.0
    rmse = float(np.sqrt(np.mean((y - x) ** 2)))
    nrmse = 100 * rmse / float(x.mean()) if x.mean() > 0 else float("inf")
    met = {
        "slope": abs(slope - 1) <= goal.slope,
        "intercept": abs(intercept) <= goal.intercept,
        "r2": r2 >= goal.r2,
        "error": rmse <= goal.rmse or nrmse <= goal.nrmse,
    }
    return Performance(len(x), slope, intercept, r2, rmse, nrmse, float((y - x).mean()), met)


@dataclass(frozen=True)
class Precision:
    """How alike units beside each other are: SD (µg/m³), CV (%), and whether the target (either) is met."""

    sd: float
    cv: float
    days: int
    units: int
    met: bool


def precision(units: ArrayLike, pollutant: str = "pm25") -> Precision:
    """Return the spread between units that stand beside each other.

    SD = √(Σ_days Σ_units (x - day's mean)² / (N·M - 1)), over the days on which all units report.

    Parameters
    ----------
    units : (days, units) array_like
        24-hour means (µg/m³).
    """
    goal = targets(pollutant)
    table: NDArray[np.float64] = np.asarray(units, float)
    table = table[np.isfinite(table).all(axis=1)]
    days, count = table.shape
    if count < 2 or days < FEWEST:
        raise UserError(
            "The spread between units needs two or more units and {fewest} days on which all report.", fewest=FEWEST
        )
    away = table - table.mean(axis=1, keepdims=True)
    sd = float(np.sqrt((away**2).sum() / (days * count - 1)))
    cv = 100 * sd / float(table.mean()) if table.mean() > 0 else float("inf")
    return Precision(sd, cv, days, count, sd <= goal.sd or cv <= goal.cv)
