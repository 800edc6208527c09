"""Calibration of a low-cost sensor against a reference that stands beside it.

1. `geo.colocation` finds the pairs and puts their days side by side;
2. `calibrate` fits one of a few plain models on 24-hour means (or takes a published correction as it is) and judges it
   on days it has not seen (blocks of consecutive days are left out in turn); `compare` does so for all methods;
3. `apply` corrects readings when they are read; what is stored stays raw. What is left on unseen days (the root of
   their mean squared difference) is that sensor's error for kriging, for a day and for an hour.

Plain models, because complex ones gain little (Chiang Mai: linear R² 0.90, GAM 0.92) and because a
calibration holds for its place and season only (PSU, Atmosphere 2023 14(3):496). *Scope cuts*: no machine
learning, no transfer from one sensor to another, no fit on fewer than ten days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.averages import BANGKOK
from geo.colocation import CONDITIONS, FEWEST_DAYS, TEST_DAYS, outliers, paired_days, paired_hours
from geo.colocation import conditions_station as conditions_of
from geo.colocation import daily_table as daily
from geo.corrections import CORRECTIONS
from geo.performance import FEWEST, Performance, Precision, performance, precision
from language import N_, Note, UserError, note

Array = NDArray[np.float64]

FOLDS = 5
FITTED: Mapping[str, str] = {
    "linear": N_("Straight line"),
    "humidity": N_("Straight line with relative humidity"),
    "humidity-temperature": N_("Straight line with relative humidity and temperature"),
    "seasonal": N_("Straight line for the dry and the wet season"),
}
"""Methods that are fitted here, the plainest first, with their labels (message ids)."""

PUBLISHED: Mapping[str, str] = {name: correction.label for name, correction in CORRECTIONS.items()}
"""Corrections published for other places, to be taken by name only; for PM2.5."""

METHODS: Mapping[str, str] = {**FITTED, **PUBLISHED}

SIMPLER = 1.05
"""A plainer method is suggested where its error is at most this many times the least one."""

# Months of the Thai dry season (November to April), when dust comes from other sources than in the rains.
_DRY = (11, 12, 1, 2, 3, 4)


@dataclass(frozen=True)
class Calibration:
    """One calibration of one sensor.

    Attributes
    ----------
    station_id, reference_id, pollutant, method : str
    coefficients : mapping
        Term -> value, for ``reference = Σ coefficient · term``; empty for a published correction.
    begin, end : date
        First and last day it was fitted (or judged) on.
    days : int
    before, after : Performance
        Against the reference: raw, and calibrated on days left out of the fit.
    residual_sd : float
        Root mean square of what is left on unseen days, for a 24-hour mean (µg/m³): the sensor's error.
    version : str
        Changes with the data and the method; stored beside what it was applied to.
    conditions_id : str
        Station whose humidity and temperature it takes; the sensor's own where empty.
    left_out : int
        Days left out as outliers.
    distance_m : float or None
    hourly_sd : float or None
        As `residual_sd`, for an hourly mean; None where there are no common hours.
    between : Precision or None
        How alike the units beside it are.
    """

    station_id: str
    reference_id: str
    pollutant: str
    method: str
    coefficients: Mapping[str, float]
    begin: date
    end: date
    days: int
    before: Performance
    after: Performance
    residual_sd: float
    version: str
    conditions_id: str = ""
    left_out: int = 0
    distance_m: float | None = None
    hourly_sd: float | None = None
    between: Precision | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """What it needs beside the reading: ``rh``, ``temp``."""
        return needed(self.method)

    def apply(self, conditions: pd.DataFrame) -> Array:
        """Return calibrated values (µg/m³, not below 0); NaN where a term is missing.

        Parameters
        ----------
        conditions : DataFrame
            `value`, and as the method needs: `rh` (%), `temp` (°C), `month` (1-12).
        """
        return _predict(self.method, self.coefficients, conditions)

    def error_sd(self, hours: int = 24) -> float:
        """Return the standard deviation (µg/m³) of a mean of so many hours against the reference."""
        return self.residual_sd if hours >= 24 or self.hourly_sd is None else self.hourly_sd

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file; `from_dict` reads them back."""
        plain = {**self.__dict__, "coefficients": dict(self.coefficients)}
        plain["begin"], plain["end"] = self.begin.isoformat(), self.end.isoformat()
        plain["before"], plain["after"] = self.before.to_dict(), self.after.to_dict()
        plain["between"] = None if self.between is None else self.between.__dict__
        return plain

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Calibration:
        """Read a calibration that `to_dict` wrote; what an older one lacks is not known."""
        values = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        for name in ("begin", "end"):
            values[name] = date.fromisoformat(values[name])
        for name in ("before", "after"):
            values[name] = Performance(**values[name])
        if values.get("between"):
            values["between"] = Precision(**values["between"])
        return cls(**values)


@dataclass(frozen=True)
class Trial:
    """One method tried on a pair: the calibration, or why there is none."""

    method: str
    calibration: Calibration | None
    notes: tuple[Note, ...] = ()
    refused: UserError | None = None


def needed(method: str) -> tuple[str, ...]:
    """Return what a method needs beside the reading."""
    return ("rh",) if method in PUBLISHED else CONDITIONS.get(method, ())


def _linear(table: pd.DataFrame) -> tuple[Array, list[str]]:
    return np.column_stack([np.ones(len(table)), table["value"]]).astype(float), ["intercept", "value"]


def _humidity(table: pd.DataFrame) -> tuple[Array, list[str]]:
    terms, names = _linear(table)
    return np.column_stack([terms, table["rh"]]).astype(float), [*names, "rh"]


def _humidity_temperature(table: pd.DataFrame) -> tuple[Array, list[str]]:
    terms, names = _humidity(table)
    return np.column_stack([terms, table["temp"]]).astype(float), [*names, "temp"]


def _seasonal(table: pd.DataFrame) -> tuple[Array, list[str]]:
    dry = table["month"].isin(_DRY).to_numpy(float)
    terms, _ = _linear(table)
    names = ["intercept dry", "value dry", "intercept wet", "value wet"]
    return np.column_stack([terms * dry[:, None], terms * (1 - dry)[:, None]]), names


_TERMS: Mapping[str, Callable[[pd.DataFrame], tuple[Array, list[str]]]] = {
    "linear": _linear,
    "humidity": _humidity,
    "humidity-temperature": _humidity_temperature,
    "seasonal": _seasonal,
}


def _predict(method: str, coefficients: Mapping[str, float], conditions: pd.DataFrame) -> Array:
    if method in PUBLISHED:
        value, rh = conditions["value"].to_numpy(float), conditions["rh"].to_numpy(float)
        return np.asarray(np.maximum(CORRECTIONS[method].function(value, rh), 0.0))
    terms, names = _TERMS[method](conditions)
    fitted = np.array([coefficients.get(name, np.nan) for name in names])
    # A season that was not in the fit has no coefficients; its rows, and only those, get no value.
    return np.asarray(np.maximum(np.where(terms == 0, 0.0, terms * fitted).sum(axis=1), 0.0))


def calibrate(
    observations: pd.DataFrame,
    station_id: str,
    reference_id: str,
    pollutant: str = "pm25",
    method: str = "linear",
    folds: int = FOLDS,
    *,
    units: Sequence[str] = (),
    distance_m: float | None = None,
) -> tuple[Calibration, tuple[Note, ...]]:
    """Return the calibration of a sensor against a reference beside it.

    Parameters
    ----------
    observations : DataFrame
        Rows of both stations (and of `units`); `rh` and `temp` of the sensor's station, or, where it has none, of the
        reference's, for the methods that need them.
    method : str
        One of `METHODS`.
    folds : int
        Blocks of consecutive days that are left out in turn.
    units : sequence of str
        Other sensors that stand beside this one.
    distance_m : float, optional
        Between the two, to be kept with it.

    Returns
    -------
    calibration : Calibration
    notes : tuple of Note
        Outliers left out, too short or one-sided a period, targets missed.

    Raises
    ------
    UserError
        Where the method is unknown, days are too few, or humidity is missing.
    """
    if method not in METHODS or (method in PUBLISHED and pollutant != "pm25"):
        raise UserError(
            "There is no calibration method “{method}”; there are: {methods}.",
            method=method, methods=", ".join(METHODS if pollutant == "pm25" else FITTED),
        )  # fmt: skip
    wanted = needed(method)
    every = paired_days(observations, station_id, reference_id, pollutant, wanted)
    days = _usual_days(every)
    coefficients = _fit(days, method)
    blocks = np.array_split(np.arange(len(days)), min(folds, len(days)))
    unseen, folded = _cross_validated(days, method, blocks)
    before = performance(days["value"], days["reference"], pollutant)
    after = performance(unseen, days["reference"], pollutant)
    begin, end = days.index[0].date(), days.index[-1].date()
    calibration = Calibration(
        station_id=station_id, reference_id=reference_id, pollutant=pollutant, method=method,
        coefficients=coefficients, begin=begin, end=end, days=len(days), before=before, after=after,
        residual_sd=after.rmse, version=_version(method, coefficients, days),
        conditions_id=conditions_of(observations, station_id, reference_id, wanted) if wanted else "",
        left_out=len(every) - len(days), distance_m=distance_m,
        hourly_sd=_hourly_error(
            paired_hours(observations, station_id, reference_id, pollutant, wanted), days, method, blocks, folded
        ),
        between=_between(observations, [station_id, *units], pollutant),
    )  # fmt: skip
    return calibration, tuple(_said(calibration, days))


def compare(
    observations: pd.DataFrame,
    station_id: str,
    reference_id: str,
    pollutant: str = "pm25",
    *,
    published: bool = False,
    units: Sequence[str] = (),
    distance_m: float | None = None,
) -> list[Trial]:
    """Return every method tried on a pair, the fitted ones first; published corrections only where wanted."""
    methods = [*FITTED, *(PUBLISHED if published and pollutant == "pm25" else ())]
    trials = []
    for method in methods:
        try:
            fitted, notes = calibrate(
                observations, station_id, reference_id, pollutant, method, units=units, distance_m=distance_m
            )
        except UserError as error:
            trials.append(Trial(method, None, refused=error))
            continue
        trials.append(Trial(method, fitted, notes))
    return trials


def suggested(trials: Sequence[Trial]) -> Calibration | None:
    """Return the plainest fitted calibration that errs hardly more than the best one on unseen days.

    None where none is better than the raw reading. A published correction is never suggested.
    """
    fitted = [t.calibration for t in trials if t.calibration is not None and t.method in FITTED]
    # A method that left days unjudged would be compared on easier ones.
    most = max((c.after.n for c in fitted), default=0)
    fitted = [c for c in fitted if c.after.n == most and c.after.rmse < c.before.rmse]
    least = min((c.residual_sd for c in fitted), default=np.inf)
    return next((c for c in fitted if c.residual_sd <= SIMPLER * least), None)


def apply(
    observations: pd.DataFrame, calibrations: Sequence[Calibration], conditions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return observations with calibrated values, the raw ones kept in `raw` and the version in `calibration`.

    Rows of stations without a calibration stay as they are. A row that lacks what its method needs (humidity
    at that hour, a season in the fit) gets no value rather than a raw one, so that the two are never mixed.

    Parameters
    ----------
    conditions : DataFrame, optional
        Where humidity and temperature are found; `observations` themselves unless given.
    """
    weather = observations if conditions is None else conditions
    result = observations.assign(raw=np.nan, calibration=None)
    for calibration in calibrations:
        mine = (observations["station_id"] == calibration.station_id).to_numpy()
        rows = mine & (observations["variable"] == calibration.pollutant).to_numpy()
        if not rows.any():
            continue
        own = observations.loc[rows, ["time", "period_hours", "value"]]
        table = own.assign(month=own["time"].dt.tz_convert(BANGKOK).dt.month)
        there = weather[weather["station_id"] == (calibration.conditions_id or calibration.station_id)]
        for variable in calibration.needed:
            table[variable] = _at(own, there[there["variable"] == variable])
        result.loc[rows, "raw"] = own["value"]
        result.loc[rows, "value"] = calibration.apply(table)
        result.loc[rows, "calibration"] = calibration.version
    return result


def _at(rows: pd.DataFrame, series: pd.DataFrame) -> Array:
    """Return a condition at each reading: of its hour, or the mean of its 24 hours where at least 18 are there."""
    found = np.full(len(rows), np.nan)
    if series.empty:
        return found
    long = (rows["period_hours"] >= 24).to_numpy()
    whole = series[series["period_hours"] >= 24].groupby("time")["value"].mean()
    short = series[series["period_hours"] < 24]
    hourly = short.groupby(short["time"].dt.floor("h"))["value"].mean().sort_index()
    found[~long] = rows["time"].dt.floor("h").map(hourly).to_numpy(float)[~long]
    if long.any():
        sums = np.concatenate([[0.0], np.cumsum(hourly.to_numpy(float))])
        first = hourly.index.searchsorted(pd.DatetimeIndex(rows["time"][long]))
        last = hourly.index.searchsorted(pd.DatetimeIndex(rows["time"][long]) + pd.Timedelta(hours=24))
        count = last - first
        means = np.where(count >= 18, (sums[last] - sums[first]) / np.maximum(count, 1), np.nan)
        given = rows["time"].map(whole).to_numpy(float)[long]
        found[long] = np.where(np.isfinite(given), given, means)
    return found


def _usual_days(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days without outliers; all of them where too few would be left to judge from."""
    odd = outliers(days["value"].to_numpy(), days["reference"].to_numpy())
    return days if (~odd).sum() < FEWEST_DAYS else days[~odd]


def _fit(days: pd.DataFrame, method: str) -> dict[str, float]:
    """Return the least-squares coefficients; terms that are zero on all days (a season without data) are left out."""
    if method in PUBLISHED:
        return {}
    terms, names = _TERMS[method](days)
    used = terms.any(axis=0)
    solution, *_ = np.linalg.lstsq(terms[:, used], days["reference"].to_numpy(float), rcond=None)
    return {str(name): float(value) for name, value in zip(np.array(names)[used], solution, strict=True)}


def _cross_validated(
    days: pd.DataFrame, method: str, blocks: Sequence[NDArray[np.int64]]
) -> tuple[Array, list[dict[str, float]]]:
    """Return each day's value from a fit that has not seen its block of days, and the fit of each block."""
    unseen = np.full(len(days), np.nan)
    fits = []
    for block in blocks:
        seen = np.setdiff1d(np.arange(len(days)), block)
        fits.append(_fit(days.iloc[seen], method))
        unseen[block] = _predict(method, fits[-1], days.iloc[block])
    return unseen, fits


def _hourly_error(
    hours: pd.DataFrame,
    days: pd.DataFrame,
    method: str,
    blocks: Sequence[NDArray[np.int64]],
    fits: Sequence[Mapping[str, float]],
) -> float | None:
    """Return the root mean square of what is left in the hours of unseen days (µg/m³)."""
    squares: list[float] = []
    for block, fitted in zip(blocks, fits, strict=True):
        own = hours[hours["date"].isin(days.index[block])]
        if len(own):
            left = _predict(method, fitted, own) - own["reference"].to_numpy(float)
            squares += list(left[np.isfinite(left)] ** 2)
    return float(np.sqrt(np.mean(squares))) if len(squares) >= 24 * FEWEST else None


def _between(observations: pd.DataFrame, units: Sequence[str], pollutant: str) -> Precision | None:
    """Return how alike units beside each other are, on the days on which all of them measured."""
    wide = daily(observations, pollutant)
    there = [unit for unit in dict.fromkeys(units) if unit in wide]
    if len(there) < 2 or len(wide[there].dropna()) < FEWEST:
        return None
    return precision(wide[there].to_numpy(float), pollutant)


def _version(method: str, coefficients: Mapping[str, float], days: pd.DataFrame) -> str:
    figures = repr([(k, round(v, 9)) for k, v in coefficients.items()]) + days.round(6).to_csv()
    digest = hashlib.sha256(figures.encode()).hexdigest()[:6]
    return f"{method}-{days.index[0]:%Y%m%d}-{days.index[-1]:%Y%m%d}-{len(days)}-{digest}"


def _said(calibration: Calibration, days: pd.DataFrame) -> list[Note]:
    """Return what a person should know of it."""
    notes = []
    if calibration.left_out:
        notes.append(
            note(
                "{count} days on which sensor and reference disagree far more than usual were left out.",
                level="warning", count=calibration.left_out,
            )
        )  # fmt: skip
    unjudged = calibration.days - calibration.after.n
    if unjudged:
        notes.append(
            note(
                "{count} days could not be judged: no other days of their season were there to fit with.",
                level="warning", count=unjudged,
            )
        )  # fmt: skip
    if calibration.days < TEST_DAYS:
        notes.append(
            note(
                "It rests on {days} days; the US EPA's test asks for {wanted}.", days=calibration.days, wanted=TEST_DAYS
            )
        )
    seasons = days["month"].isin(_DRY)
    if seasons.all() or not seasons.any():
        season = Note(N_("dry season (November to April)") if seasons.all() else N_("wet season (May to October)"))
        notes.append(note("Only days of one season were seen: {season}. It holds for that season.", season=season))
    if calibration.method in PUBLISHED:
        notes.append(elsewhere(calibration.method))
    if not calibration.after.all_met:
        met = calibration.after.met
        notes.append(
            note(
                "After calibration the sensor misses {missed} of {all} US EPA targets. Use its values with care.",
                level="warning", missed=len(met) - sum(met.values()), all=len(met),
            )
        )  # fmt: skip
    return notes


def elsewhere(name: str) -> Note:
    """Return the warning that goes with a published correction."""
    return note(
        "The correction “{label}” was made elsewhere and may be wrong in Thai air; "
        "a calibration against a reference station nearby is better.",
        level="warning", label=Note(CORRECTIONS[name].label),
    )  # fmt: skip
