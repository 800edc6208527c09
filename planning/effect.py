"""Did a measure work, and which change could this network see at all?

`smallest_detectable` answers the second question before the money is spent, `measure` the first one after it.

1. The day-to-day noise is the residual of the affected stations after what the control stations, the weather
   and the weekday explain. It has a standard deviation and a memory: today's residual resembles yesterday's,
   so n days are worth only n / (1 + 2 Σ (1 − k/n) ρᵏ) independent ones (Wilks 2011, eq. 5.12, first-order memory).
2. Ordinary residuals understate ρ in short records. Here ρ is the one whose expected residual lag-1 product over
   residual variance, tr(MΣL)/tr(MΣM) with the regression's residual maker M, equals the observed one.
3. The change is the step at the start date in a regression of the logarithm: a share, comparable between
   stations (difference in differences: the controls' own change is taken off). Its variance is the sandwich
   (XᵀX)⁻¹ XᵀΣX (XᵀX)⁻¹, its interval Student's t with the effective number of days less the parameters.
4. The smallest change found with power 1 − β at confidence 1 − α is (t₁₋α/₂ + t₁₋β) times its standard error
   (Bloom 1995, Evaluation Review 19:547).

Scope cuts: one start date, one lasting step; no spatial spread of the effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t as student
from sklearn.preprocessing import SplineTransformer

from language import Note, UserError, note

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


@dataclass(frozen=True)
class Effect:
    """The change at the affected stations since the start, less what weather and controls explain.

    Attributes
    ----------
    change, lower, upper : float
        Shares: −0.2 is a fifth less. The interval has `confidence`.
    detectable : float
        Size of the smallest decrease (a share, positive) that these days would show with 80 % power.
    raw_change : float
        Change of the plain means, weather and haze included.
    mean_before, mean_after : float
        Plain means, µg/m³.
    days_before, days_after : int
    noise : Noise
        Of the logarithm.
    verdict : {"less", "more", "unclear"}
    confidence : float
    notes : tuple of Note
    series : DataFrame
        Index date; ``observed`` and ``expected`` (as it would have been without the measure), µg/m³.
    """

    change: float
    lower: float
    upper: float
    detectable: float
    raw_change: float
    mean_before: float
    mean_after: float
    days_before: int
    days_after: int
    noise: Noise
    verdict: str
    confidence: float
    notes: tuple[Note, ...]
    series: pd.DataFrame

    def sentence(self) -> Note:
        """Return what a villager may be told."""
        values: dict[str, Any] = {
            "lower": f"{100 * abs(self.lower):.0f}",
            "upper": f"{100 * abs(self.upper):.0f}",
            "change": f"{100 * abs(self.change):.0f}",
            "days": self.days_after,
            "sure": f"{100 * self.confidence:.0f}",
        }
        if self.verdict == "less":
            return note(
                "It helped: after {days} days there is about {change} % less dust than without the measure "
                "({sure} % range: {upper} to {lower} % less), weather and haze taken off.",
                **values,
            )
        if self.verdict == "more":
            return note(
                "It got worse: after {days} days there is about {change} % more dust than expected "
                "({sure} % range: {lower} to {upper} % more), weather and haze taken off.",
                **values,
            )
        return note(
            "Can't tell yet: after {days} days the change lies between {low} % and {high} %, so it may be chance. "
            "These days would show a decrease of {least} % or more.",
            days=self.days_after,
            low=f"{100 * self.lower:+.0f}",
            high=f"{100 * self.upper:+.0f}",
            least=f"{100 * self.detectable:.0f}",
        )


# ------------------------------------------------------------------------------ noise


def effective_days(days: float, memory: float) -> float:
    """Return how many independent days `days` in a row are worth (Wilks 2011, eq. 5.12).

    Examples
    --------
    >>> effective_days(100, 0.0), round(effective_days(100, 0.5), 1)
    (100.0, 34.0)
    """
    lag = np.arange(1, max(int(days), 1))
    return float(days / (1 + 2 * np.sum((1 - lag / days) * memory**lag)))


def _noise(y: Array, x: Array, at: Array) -> tuple[Noise, Array]:
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


def _day_numbers(index: pd.Index) -> Array:
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
    noise, _ = _noise(table["y"].to_numpy(float), np.column_stack(columns), _day_numbers(table.index))
    before, after = effective_days(days_before, noise.memory), effective_days(days_after, noise.memory)
    error = noise.sd * np.sqrt(1 / before + 1 / after)
    freedom = max(before + after - 2, 2.0)
    size = student.ppf(0.5 + confidence / 2, freedom) + student.ppf(power, freedom)
    return Detectable(float(size * error), noise, before, after, power, confidence)


# ------------------------------------------------------------------------------ before and after


def _weather_columns(weather: pd.DataFrame) -> list[Array]:
    """Return regression columns: a bent line for wind speed, the wind's two components, moisture, temperature."""
    columns: list[Array] = []
    for name in weather.columns:
        values = weather[name].to_numpy(float)
        if np.nanstd(values) < 1e-9:
            continue
        if name == "wind_speed":
            bent = SplineTransformer(n_knots=3, degree=2, include_bias=False).fit_transform(values[:, None])
            columns += list(np.asarray(bent).T)
        else:
            columns.append((values - values.mean()) / values.std())
    return columns


def _design(table: pd.DataFrame, start: date, weather: list[str]) -> Array:
    """Return the regression's columns, the step at the start first."""
    days = pd.to_datetime(table.index)
    step = np.asarray([d >= pd.Timestamp(start) for d in days], dtype=float)
    columns = [step, np.ones(len(table)), (days.dayofweek >= 5).astype(float)]
    if "control" in table:
        columns.append(table["control"].to_numpy(float))
    columns += _weather_columns(table[weather])
    if (days[-1] - days[0]).days >= 1.5 * YEAR:
        angle = 2 * np.pi * days.dayofyear.to_numpy(float) / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def level_of(daily: pd.DataFrame) -> pd.Series:
    """Return the logarithm of the stations' common level a day, free of which stations happened to report."""
    logs = pd.DataFrame(np.log(daily.where(daily > 0)))
    own = logs.mean()
    return (logs - own).mean(axis=1) + own.mean()


def measure(
    affected: pd.DataFrame,
    start: date,
    *,
    controls: pd.DataFrame | None = None,
    weather: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> Effect:
    """Compare the affected stations before and after `start`, weather and controls taken off.

    Parameters
    ----------
    affected, controls : DataFrame (days, stations)
        24-hour means, µg/m³, NaN where missing.
    start : date
        First day with the measure.
    weather : DataFrame (days), optional
        Any of ``wind_speed`` (m/s), ``wind_u``, ``wind_v`` (m/s), ``rh`` (%), ``temp`` (°C).

    Raises
    ------
    UserError
        Fewer than 21 days on either side.
    """
    notes: list[Note] = []
    parts: dict[str, pd.Series] = {"y": level_of(affected)}
    if controls is not None and controls.notna().any(axis=None):
        parts["control"] = level_of(controls)
    else:
        notes.append(
            note("No control station: haze that came or went at the same time counts as the measure's.", "warning")
        )
    names = [] if weather is None else [c for c in weather.columns if weather[c].notna().sum() >= 2 * LEAST_DAYS]
    if weather is None or not names:
        notes.append(note("No weather readings: the weather of the two periods was not taken off.", "warning"))
    else:
        parts |= {name: weather[name] for name in names}
    table = pd.DataFrame(parts).dropna().sort_index()
    before = np.asarray([d < pd.Timestamp(start) for d in pd.to_datetime(table.index)])
    if min(before.sum(), (~before).sum()) < LEAST_DAYS:
        raise UserError(
            "Can't tell yet: days with readings before the start: {before}, after it: {after}; at least {least} "
            "are needed on each side.",
            before=int(before.sum()),
            after=int((~before).sum()),
            least=LEAST_DAYS,
        )
    asked = int(_day_numbers(table.index)[-1] - _day_numbers(table.index)[0]) + 1
    if len(table) < asked:
        notes.append(note("Days left out because readings are missing: {count}.", count=asked - len(table)))
    return _estimate(table, before, _design(table, start, names), confidence, tuple(notes))


def _estimate(table: pd.DataFrame, before: Any, x: Array, confidence: float, notes: tuple[Note, ...]) -> Effect:
    y = table["y"].to_numpy(float)
    noise, days = _noise(y, x, _day_numbers(table.index))
    inverse = np.linalg.pinv(x)
    coefficients = inverse @ y
    error = noise.sd * float(np.sqrt((inverse @ days @ inverse.T)[0, 0]))
    reach = float(student.ppf(0.5 + confidence / 2, noise.freedom)) * error
    step = float(coefficients[0])
    lower, upper = np.expm1(step - reach), np.expm1(step + reach)
    level = np.exp(y)
    mean_before, mean_after = float(level[before].mean()), float(level[~before].mean())
    seen = reach + float(student.ppf(0.8, noise.freedom)) * error
    return Effect(
        change=float(np.expm1(step)),
        lower=float(lower),
        upper=float(upper),
        detectable=float(-np.expm1(-seen)),
        raw_change=mean_after / mean_before - 1,
        mean_before=mean_before,
        mean_after=mean_after,
        days_before=int(before.sum()),
        days_after=int((~before).sum()),
        noise=noise,
        verdict="less" if upper < 0 else "more" if lower > 0 else "unclear",
        confidence=confidence,
        notes=notes,
        series=pd.DataFrame({"observed": level, "expected": np.exp(y - step * ~before)}, index=table.index),
    )
