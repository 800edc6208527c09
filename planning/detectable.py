"""How much a dust figure varies by itself from day to day, and the smallest change that can be told from that.

1. The day-to-day noise is the residual of the affected stations after what the control stations, the weather
   and the weekday explain. It has a standard deviation and a memory: today's residual resembles yesterday's,
   so n days are worth only n / (1 + 2 Σ (1 − k/n) ρᵏ) independent ones (Wilks 2011, eq. 5.12, first-order memory).
2. Ordinary residuals understate ρ in short records. Here ρ is the one whose expected residual lag-1 product over
   residual variance, tr(MΣL)/tr(MΣM) with the regression's residual maker M, equals the observed one.
3. The smallest change found with power 1 − β at confidence 1 − α is (t₁₋α/₂ + t₁₋β) times its standard error
   (Bloom 1995, Evaluation Review 19:547).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t as student

from language import UserError

Array = NDArray[np.float64]

LEAST_DAYS = 21
"""Fewer days than this before or after the start say nothing: three weeks hold each weekday three times."""

YEAR = 365.25
MOST_MEMORY = 0.95


@dataclass(frozen=True)
class Noise:
    """What varies from day to day without any measure.

    Attributes
    ----------
    sd : float
        Standard deviation, in the series' unit.
    memory : float
        Correlation of one day with the next, 0 to 0.95.
    freedom : float
        Effective days less the parameters that were fitted.
    """

    sd: float
    memory: float
    freedom: float


@dataclass(frozen=True)
class Detectable:
    """The smallest change that a network can tell from chance.

    Attributes
    ----------
    change : float
        In the series' unit (µg/m³ for a mean, days a year for `days_a_year`).
    noise : Noise
    effective_before, effective_after : float
        What the days are worth as independent ones.
    power, confidence : float
    """

    change: float
    noise: Noise
    effective_before: float
    effective_after: float
    power: float
    confidence: float



def effective_days(days: float, memory: float) -> float:
    """Return how many independent days `days` in a row are worth (Wilks 2011, eq. 5.12).

    Examples
    --------
    >>> effective_days(100, 0.0), round(effective_days(100, 0.5), 1)
    (100.0, 34.0)
    """
    lag = np.arange(1, max(int(days), 1))
    return float(days / (1 + 2 * np.sum((1 - lag / days) * memory**lag)))


def noise_of(y: Array, x: Array, at: Array) -> tuple[Noise, Array]:
    """Return the noise of `y` given the columns of `x`, and the correlation matrix of its days.

    Parameters
    ----------
    at : (n,) array
        Day numbers; days may be missing between them.
    """
    n, parameters = x.shape
    maker = np.eye(n) - x @ np.linalg.pinv(x)
    residual = maker @ y
    next_day = (np.abs(at[:, None] - at[None, :]) == 1).astype(float)
    squares = float(residual @ residual)
    if squares <= 1e-18 * max(float(y @ y), 1e-300):
        return Noise(0.0, 0.0, float(n - parameters)), np.eye(n)
    observed = float(residual @ next_day @ residual) / squares
    apart = np.abs(at[:, None] - at[None, :]).astype(int)
    # Sums by distance in days, so that every trial of the memory costs one short product.
    seen = np.bincount(apart.ravel(), (maker @ next_day @ maker).ravel())
    kept = np.bincount(apart.ravel(), maker.ravel())
    lags = np.arange(len(kept))

    def expected(memory: float) -> tuple[float, float]:
        days = memory**lags
        return float(seen @ days), float(kept @ days)

    def gap(memory: float) -> float:
        product, variance = expected(memory)
        return product / variance - observed

    if gap(0.0) >= 0:
        memory = 0.0
    elif gap(MOST_MEMORY) <= 0:
        memory = MOST_MEMORY
    else:
        memory = float(brentq(gap, 0.0, MOST_MEMORY, xtol=1e-4))
    sd = float(np.sqrt(squares / expected(memory)[1]))
    freedom = max(n * (1 - memory) / (1 + memory) - parameters, 2.0)
    return Noise(sd, memory, freedom), np.asarray(memory**apart)


def day_numbers(index: pd.Index) -> Array:
    """Return the days of an index as numbers."""
    return pd.to_datetime(index).to_numpy().astype("datetime64[D]").astype(float)


def kpi_series(
    daily: pd.DataFrame, *, threshold: float | None = None, weights: Mapping[str, float] | None = None
) -> pd.Series:
    """Return a KPI day by day from 24-hour means, one column a station.

    Parameters
    ----------
    daily : DataFrame (days, stations)
        24-hour means, µg/m³, NaN where missing.
    threshold : float, optional
        With it, the (weighted) share of stations above it times 365.25: days over the standard a year. Without
        it, the (weighted) mean, µg/m³.
    weights : mapping, optional
        People per station; equal by default.
    """
    people = pd.Series(dict.fromkeys(daily.columns, 1.0) if weights is None else dict(weights)).reindex(daily.columns)
    values = daily if threshold is None else (daily > threshold).astype(float).where(daily.notna()) * YEAR
    present = daily.notna().mul(people.fillna(0.0))
    total = present.sum(axis=1)
    return (values.fillna(0.0) * present).sum(axis=1).div(total.where(total > 0))


def smallest_detectable(
    series: pd.Series,
    *,
    days_before: int,
    days_after: int,
    controls: pd.Series | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
) -> Detectable:
    """Return the smallest change of a KPI between two periods that the network could detect.

    Parameters
    ----------
    series : Series
        KPI a day (`kpi_series`), index of dates; its unit is the result's.
    days_before, days_after : int
        Lengths of the compared periods.
    controls : Series, optional
        The same at stations that the measure doesn't reach; what they share with `series` is no noise.
    power : float
        Chance that a change of this size is found.
    confidence : float
        1 − chance that a change is found where there is none.

    Raises
    ------
    UserError
        Fewer than 21 days to learn the noise from.
    """
    table = pd.DataFrame({"y": series} if controls is None else {"y": series, "control": controls}).dropna()
    if len(table) < LEAST_DAYS:
        raise UserError(
            "Days with readings: {count}; at least {least} are needed to tell a change from chance.",
            count=len(table),
            least=LEAST_DAYS,
        )
    columns = [np.ones(len(table))] + ([] if controls is None else [table["control"].to_numpy(float)])
    noise, _ = noise_of(table["y"].to_numpy(float), np.column_stack(columns), day_numbers(table.index))
    before, after = effective_days(days_before, noise.memory), effective_days(days_after, noise.memory)
    error = noise.sd * np.sqrt(1 / before + 1 / after)
    freedom = max(before + after - 2, 2.0)
    size = student.ppf(0.5 + confidence / 2, freedom) + student.ppf(power, freedom)
    return Detectable(float(size * error), noise, before, after, power, confidence)
