"""Did a measure work? Before and after, weather and haze taken off, with an interval that holds.

`planning.detectable` says before the money is spent which change this network could see; `measure` is for afterwards.

1. Stations and days are fitted together to a common level a day (`level_of`), of the logarithm: changes are shares.
2. The change is the step at the start date in a regression on the control stations' level, the weather and the
   weekday (difference in differences: the controls' own change is taken off). Its variance is the sandwich
   (XᵀX)⁻¹ XᵀΣX (XᵀX)⁻¹ with the noise's memory in Σ, its interval Student's t with the effective days less the
   parameters.
3. Each control station is treated as if it had been the project's (a placebo in space; Abadie, Diamond & Hainmueller
   2010, JASA 105:493): where their steps scatter more than their own standard errors say (sensors that drift, dust
   the model doesn't explain), the standard error is widened by that much and Student's t counts these stations.
4. `placebo_dates` measures made-up starts before the true one: a verdict there is a false alarm.

Scope cuts: one start date, one lasting step; no spatial spread of the effect.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.preprocessing import SplineTransformer

from language import Note, UserError, note
from planning.detectable import (
    LEAST_DAYS,
    YEAR,
    Array,
    Detectable,
    Noise,
    day_numbers,
    effective_days,
    kpi_series,
    noise_of,
    smallest_detectable,
)

__all__ = [
    "LEAST_DAYS",
    "Detectable",
    "Effect",
    "Noise",
    "effective_days",
    "kpi_series",
    "level_of",
    "measure",
    "placebo_dates",
    "smallest_detectable",
]

LEAST_PLACEBOS = 5
"""Fewer control stations say nothing about how far steps scatter where nothing was done."""


@dataclass(frozen=True)
class Effect:
    """The change at the affected stations since the start, less what weather and controls explain.

    Attributes
    ----------
    change, lower, upper : float
        Shares of a typical (geometric mean) day: −0.2 is a fifth less. The interval has `confidence`.
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
    placebos : int
        Control stations treated as if they had been the project's; 0 where there were too few.
    inflation : float
        By how much the standard error was widened for what these showed, at least 1.
    rests_on : str
        Affected station without which nothing would be found: a drifting sensor looks the same, so nothing is said.
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
    placebos: int = 0
    inflation: float = 1.0
    rests_on: str = ""

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
                "It helped: after {days} days there is about {change} % less dust on a typical day than without the "
                "measure ({sure} % range: {upper} to {lower} % less), weather and haze taken off.",
                **values,
            )
        if self.verdict == "more":
            return note(
                "It got worse: after {days} days there is about {change} % more dust on a typical day than expected "
                "({sure} % range: {lower} to {upper} % more), weather and haze taken off.",
                **values,
            )
        if self.rests_on:
            return note(
                "Can't tell yet: after {days} days the change ({change} %) shows at one station only ({station}). Look "
                "whether that sensor drifts before anything is concluded.",
                days=self.days_after,
                change=f"{100 * self.change:+.0f}",
                station=self.rests_on,
            )
        return note(
            "Can't tell yet: after {days} days the change lies between {low} % and {high} %, so it may be chance. "
            "These days would show a decrease of {least} % or more.",
            days=self.days_after,
            low=f"{100 * self.lower:+.0f}",
            high=f"{100 * self.upper:+.0f}",
            least=f"{100 * self.detectable:.0f}",
        )


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
    step = (~_before(table, start)).astype(float)
    columns = [step, np.ones(len(table)), (days.dayofweek >= 5).astype(float)]
    if "control" in table:
        columns.append(table["control"].to_numpy(float))
    columns += _weather_columns(table[weather])
    if (days[-1] - days[0]).days >= 1.5 * YEAR:
        angle = 2 * np.pi * days.dayofyear.to_numpy(float) / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def level_of(daily: pd.DataFrame, *, robust: bool = False) -> pd.Series:
    """Return the logarithm of the stations' common level a day, free of which stations happened to report.

    Stations and days are fitted together, by turns: a station that was silent during the haze is not taken for a
    clean one. `robust`: with medians from three stations on (Tukey 1977, median polish), so that a control that
    drifts doesn't carry the others along; the affected stations keep their mean, as the measure may reach one of
    them more than the next.
    """
    logs = np.log(daily.where(daily > 0).to_numpy(float))
    middle = np.nanmedian if robust and logs.shape[1] >= 3 else np.nanmean
    own, days = np.zeros(logs.shape[1]), np.full(len(logs), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a day or a station without readings stays unknown
        for _ in range(100):
            days = middle(logs - own, axis=1)
            new = middle(logs - days[:, None], axis=0)
            new = np.nan_to_num(new - np.nanmean(new))
            done = bool(np.abs(new - own).max(initial=0.0) < 1e-9)
            own = new
            if done:
                break
        days = middle(logs - own, axis=1)
    return pd.Series(days, index=daily.index)


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
    table, names, notes = _table(affected, controls, weather)
    before = _before(table, start)
    if min(before.sum(), (~before).sum()) < LEAST_DAYS:
        raise UserError(
            "Can't tell yet: days with readings before the start: {before}, after it: {after}; at least {least} "
            "are needed on each side.",
            before=int(before.sum()),
            after=int((~before).sum()),
            least=LEAST_DAYS,
        )
    asked = int(day_numbers(table.index)[-1] - day_numbers(table.index)[0]) + 1
    if len(table) < asked:
        notes.append(note("Days left out because readings are missing: {count}.", count=asked - len(table)))
    placebos = [] if controls is None else _placebos(controls, start, weather)
    if affected.shape[1] == 1:
        notes.append(
            note("Only one station stands near the project: a drift of that sensor would look the same.", "warning")
        )
    found = _estimate(table, before, _step(table, start, names), confidence, notes, placebos)
    if found.verdict == "unclear" or affected.shape[1] == 1:
        return found
    return replace(found, **_alone(found, affected, start, controls, weather))


def _alone(
    found: Effect, affected: pd.DataFrame, start: date, controls: pd.DataFrame | None, weather: pd.DataFrame | None
) -> dict[str, Any]:
    """Return the verdict "unclear" and the station without which nothing is found; nothing where there is none."""
    for station in affected.columns:
        step = _tried(affected.drop(columns=station), start, controls, weather)
        if step is None:
            continue
        reach = float(student.ppf(0.5 + found.confidence / 2, step.noise.freedom)) * step.error * found.inflation
        if abs(step.size) <= reach or (step.size < 0) != (found.change < 0):
            return {"verdict": "unclear", "rests_on": str(station)}
    return {}


@dataclass(frozen=True)
class _Step:
    """The step at a date: its size (of the logarithm), standard error, and the noise it was found in."""

    size: float
    error: float
    noise: Noise


def _table(
    affected: pd.DataFrame, controls: pd.DataFrame | None, weather: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[str], list[Note]]:
    """Return the days with everything there (``y``, ``control``, weather), the weather's columns, and notes."""
    notes: list[Note] = []
    parts: dict[str, pd.Series] = {"y": level_of(affected)}
    if controls is not None and controls.notna().any(axis=None):
        parts["control"] = level_of(controls, robust=True)
    else:
        notes.append(
            note("No control station: haze that came or went at the same time counts as the measure's.", "warning")
        )
    names = [] if weather is None else [c for c in weather.columns if weather[c].notna().sum() >= 2 * LEAST_DAYS]
    if weather is None or not names:
        notes.append(note("No weather readings: the weather of the two periods was not taken off.", "warning"))
    else:
        parts |= {name: weather[name] for name in names}
    return pd.DataFrame(parts).dropna().sort_index(), names, notes


def _before(table: pd.DataFrame, start: date) -> NDArray[np.bool_]:
    """Return which days lie before the start."""
    return np.asarray(pd.to_datetime(table.index) < pd.Timestamp(start))


def _tried(
    affected: pd.DataFrame, start: date, controls: pd.DataFrame | None, weather: pd.DataFrame | None
) -> _Step | None:
    """Return the step at other stations than were asked for, None where too few days lie on either side."""
    table, names, _ = _table(affected, controls, weather)
    before = int(_before(table, start).sum())
    if min(before, len(table) - before) < LEAST_DAYS // 2:
        return None
    return _step(table, start, names)


def _step(table: pd.DataFrame, start: date, weather: list[str]) -> _Step:
    y, x = table["y"].to_numpy(float), _design(table, start, weather)
    noise, days = noise_of(y, x, day_numbers(table.index))
    first = np.linalg.pinv(x)[0]
    return _Step(float(first @ y), noise.sd * float(np.sqrt(first @ days @ first)), noise)


def _placebos(controls: pd.DataFrame, start: date, weather: pd.DataFrame | None) -> list[float]:
    """Return the step over its standard error of each control station, judged by the others."""
    found = []
    whole = [s for s in controls.columns if controls[s].notna().sum() >= 0.6 * len(controls)]
    for station in whole if len(whole) >= LEAST_PLACEBOS else ():
        step = _tried(controls[[station]], start, controls.drop(columns=station), weather)
        if step is not None and step.error > 0:
            found.append(step.size / step.error)
    return found if len(found) >= LEAST_PLACEBOS else []


def _estimate(
    table: pd.DataFrame, before: Any, found: _Step, confidence: float, notes: list[Note], placebos: list[float]
) -> Effect:
    noise, step = found.noise, found.size
    inflation = max(1.0, float(np.sqrt(np.mean(np.square(placebos))))) if placebos else 1.0
    freedom = min(noise.freedom, float(len(placebos))) if inflation > 1 else noise.freedom
    error = found.error * inflation
    reach = float(student.ppf(0.5 + confidence / 2, freedom)) * error
    lower, upper = np.expm1(step - reach), np.expm1(step + reach)
    level = np.exp(table["y"].to_numpy(float))
    mean_before, mean_after = float(level[before].mean()), float(level[~before].mean())
    seen = reach + float(student.ppf(0.8, freedom)) * error
    if inflation > 1:
        notes.append(
            note(
                "Control stations, each treated as if it had been the project's, scatter {times} times as much as "
                "chance alone: the range is widened by that.",
                times=f"{inflation:.1f}",
            )
        )
    if not placebos:
        notes.append(
            note("Too few control stations to check the range by treating them as the project's.", "warning")
        )
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
        notes=tuple(notes),
        series=pd.DataFrame({"observed": level, "expected": np.exp(table["y"] - step * ~before)}, index=table.index),
        placebos=len(placebos),
        inflation=inflation,
    )


def placebo_dates(
    affected: pd.DataFrame,
    start: date,
    *,
    controls: pd.DataFrame | None = None,
    weather: pd.DataFrame | None = None,
    every: int = 7,
) -> pd.DataFrame:
    """Measure made-up starts before the true one, when nothing had been done yet: a verdict there is a false alarm.

    Returns
    -------
    DataFrame
        ``start`` (date), ``change``, ``lower``, ``upper`` (shares), ``verdict``; empty where fewer than six weeks
        lie before the start.
    """
    earlier = affected.index < start
    days = list(affected.index[earlier])
    rows = []
    for trial in days[LEAST_DAYS :: every]:
        try:
            seen = measure(
                affected[earlier],
                trial,
                controls=None if controls is None else controls[controls.index < start],
                weather=weather,
            )
        except UserError:
            continue
        rows.append((trial, seen.change, seen.lower, seen.upper, seen.verdict))
    return pd.DataFrame(rows, columns=["start", "change", "lower", "upper", "verdict"])
