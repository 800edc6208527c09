"""Calibration of a low-cost sensor against a reference that stands beside it.

1. `colocations` finds pairs of sensor and reference that are near enough and overlap in time;
2. `calibrate` fits one of a few plain models on 24-hour means and judges it on days it has not seen
   (blocks of consecutive days are left out in turn);
3. `apply` corrects readings when they are read; what is stored stays raw. The residual standard deviation
   is that sensor's error for kriging.

Plain models, because complex ones gain little (Chiang Mai: linear R² 0.90, GAM 0.92) and because a
calibration holds for its place and season only (PSU, Atmosphere 2023 14(3):496). *Scope cuts*: no machine
learning, no transfer from one sensor to another, no fit on fewer than ten days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.averages import daily_means
from geo.performance import Performance, performance
from language import N_, Note, UserError, note

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEWEST_DAYS = 10
"""Days that a fit needs."""

FOLDS = 5
NEAR = 250.0
"""Largest distance (m) of a co-location."""

METHODS: Mapping[str, str] = {
    "linear": N_("Straight line"),
    "humidity": N_("Straight line with relative humidity"),
    "humidity-temperature": N_("Straight line with relative humidity and temperature"),
    "seasonal": N_("Straight line for the dry and the wet season"),
}
"""Methods with their labels (message ids)."""

_METRIC_NAMES: Mapping[str, str] = {"r2": "R²", "error": "RMSE"}

# Months of the Thai dry season (November to April), when dust comes from other sources than in the rains.
_DRY = (11, 12, 1, 2, 3, 4)


@dataclass(frozen=True)
class Calibration:
    """One fitted calibration of one sensor.

    Attributes
    ----------
    station_id, reference_id, pollutant, method : str
    coefficients : mapping
        Term -> value, for ``reference = Σ coefficient · term``.
    begin, end : date
        First and last day it was fitted on.
    days : int
    before, after : Performance
        Against the reference: raw, and calibrated on days left out of the fit.
    residual_sd : float
        Standard deviation of the left-out residuals of 24-hour means (µg/m³): the sensor's error.
    version : str
        Changes with the data and the method; stored beside what it was applied to.
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

    def apply(self, conditions: pd.DataFrame) -> Array:
        """Return calibrated values (µg/m³, not below 0); NaN where a term is missing.

        Parameters
        ----------
        conditions : DataFrame
            `value`, and as the method needs: `rh` (%), `temp` (°C), `month` (1-12).
        """
        terms, names = _TERMS[self.method](conditions)
        fitted = np.array([self.coefficients.get(name, np.nan) for name in names])
        # A season that was not in the fit has no coefficients; its rows, and only those, get no value.
        products = np.where(terms == 0, 0.0, terms * fitted)
        return np.asarray(np.maximum(products.sum(axis=1), 0.0))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file; `from_dict` reads them back."""
        plain = {**self.__dict__, "coefficients": dict(self.coefficients)}
        plain["begin"], plain["end"] = self.begin.isoformat(), self.end.isoformat()
        plain["before"], plain["after"] = self.before.to_dict(), self.after.to_dict()
        return plain

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Calibration:
        """Read a calibration that `to_dict` wrote."""
        values = dict(stored)
        for name in ("begin", "end"):
            values[name] = date.fromisoformat(values[name])
        for name in ("before", "after"):
            values[name] = Performance(**values[name])
        return cls(**values)


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


def colocations(
    stations: pd.DataFrame, observations: pd.DataFrame, pollutant: str = "pm25", distance: float = NEAR
) -> pd.DataFrame:
    """Return pairs of a low-cost sensor and a reference that stand together, best first.

    Parameters
    ----------
    stations : DataFrame
        `station_id`, `kind`, `lat`, `lon`.
    observations : DataFrame
        As `Lake.observations` returns them.
    distance : float
        Largest distance (m).

    Returns
    -------
    DataFrame
        `station_id`, `reference_id`, `distance_m`, `days` on which both have a daily mean, `begin`, `end`.
    """
    wide = _daily_table(observations, pollutant)
    there = stations[stations["station_id"].isin(wide.columns)]
    names, kinds = there["station_id"].to_numpy(str), there["kind"].to_numpy(str)
    lat, lon = there["lat"].to_numpy(float), there["lon"].to_numpy(float)
    rows: list[tuple[str, str, float, int, date, date]] = []
    for sensor in np.flatnonzero(kinds != "reference"):
        # Within some hundred metres a flat earth is exact enough.
        away = 111_195.0 * np.hypot(lat - lat[sensor], (lon - lon[sensor]) * np.cos(np.deg2rad(lat[sensor])))
        for other in np.flatnonzero((kinds == "reference") & (away <= distance)):
            both = wide.index[wide[names[sensor]].notna() & wide[names[other]].notna()]
            if len(both):
                span = (both[0].date(), both[-1].date())
                rows.append((names[sensor], names[other], float(away[other]), len(both), *span))
    table = pd.DataFrame(rows, columns=["station_id", "reference_id", "distance_m", "days", "begin", "end"])
    return table.sort_values(["days", "distance_m"], ascending=[False, True], ignore_index=True)


def calibrate(
    observations: pd.DataFrame,
    station_id: str,
    reference_id: str,
    pollutant: str = "pm25",
    method: str = "linear",
    folds: int = FOLDS,
) -> tuple[Calibration, tuple[Note, ...]]:
    """Return the calibration of a sensor against a reference beside it.

    Parameters
    ----------
    observations : DataFrame
        Rows of both stations; `rh` and `temp` of the sensor's station (or, where it has none, of the
        reference's) for the methods that need them.
    method : str
        One of `METHODS`.
    folds : int
        Blocks of consecutive days that are left out in turn.

    Returns
    -------
    calibration : Calibration
    notes : tuple of Note
        Outliers left out, targets missed.

    Raises
    ------
    UserError
        Where the method is unknown, days are too few, or humidity is missing.
    """
    if method not in METHODS:
        raise UserError(
            "There is no calibration method “{method}”; there are: {methods}.",
            method=method, methods=", ".join(METHODS),
        )  # fmt: skip
    days, notes = _usual_days(paired_days(observations, station_id, reference_id, pollutant, method))
    coefficients = _fit(days, method)
    unseen = _cross_validated(days, method, folds)
    before = performance(days["value"], days["reference"], pollutant)
    after = performance(unseen, days["reference"], pollutant)
    residual = days["reference"].to_numpy() - unseen
    begin, end = days.index[0].date(), days.index[-1].date()
    calibration = Calibration(
        station_id, reference_id, pollutant, method, coefficients, begin, end, len(days), before, after,
        float(np.nanstd(residual, ddof=1)), f"{method}-{begin:%Y%m%d}-{end:%Y%m%d}-{len(days)}",
    )  # fmt: skip
    if not after.all_met:
        missed = ", ".join(_METRIC_NAMES.get(name, name) for name, met in after.met.items() if not met)
        notes.append(
            note(
                "After calibration the sensor misses US EPA targets: {missed}. Use its values with care.",
                level="warning", missed=missed,
            )
        )  # fmt: skip
    return calibration, tuple(notes)


def apply(observations: pd.DataFrame, calibrations: Sequence[Calibration]) -> pd.DataFrame:
    """Return observations with calibrated values, the raw ones kept in `raw` and the version in `calibration`.

    Rows of stations without a calibration stay as they are. A row that lacks what its method needs (humidity
    at that hour, a season in the fit) gets no value rather than a raw one, so that the two are never mixed.
    """
    result = observations.assign(raw=np.nan, calibration=None)
    for calibration in calibrations:
        mine = (observations["station_id"] == calibration.station_id).to_numpy()
        rows = mine & (observations["variable"] == calibration.pollutant).to_numpy()
        if not rows.any():
            continue
        conditions = observations.loc[rows, ["time", "value"]].assign(
            month=observations.loc[rows, "time"].dt.tz_convert("Asia/Bangkok").dt.month
        )
        for variable in ("rh", "temp"):
            series = observations[mine & (observations["variable"] == variable).to_numpy()]
            conditions[variable] = conditions["time"].map(series.groupby("time")["value"].mean())
        result.loc[rows, "raw"] = observations.loc[rows, "value"]
        result.loc[rows, "value"] = calibration.apply(conditions)
        result.loc[rows, "calibration"] = calibration.version
    return result


def outliers(sensor: Array, reference: Array) -> Mask:
    """Return days that are outliers of a co-location.

    Cook's distance above 4/n, and a difference above the median plus two standard deviations both in µg/m³
    and in per cent (as Barkjohn et al. 2021 clean their co-locations).
    """
    x, y = np.asarray(sensor, float), np.asarray(reference, float)
    terms = np.column_stack([np.ones_like(x), x])
    solution, *_ = np.linalg.lstsq(terms, y, rcond=None)
    residual = y - terms @ solution
    leverage = np.einsum("ij,ji->i", terms, np.linalg.pinv(terms))
    spare = max(len(x) - 2, 1)
    variance = float((residual**2).sum() / spare)
    if variance == 0:
        return np.zeros(len(x), dtype=bool)
    cook = residual**2 / (2 * variance) * leverage / np.maximum(1 - leverage, 1e-9) ** 2
    off = np.abs(x - y)
    share = off / np.maximum((x + y) / 2, 1e-9)
    large = (off > np.median(off) + 2 * off.std()) & (share > np.median(share) + 2 * share.std())
    return np.asarray((cook > 4 / len(x)) & large)


def _daily_table(observations: pd.DataFrame, variable: str) -> pd.DataFrame:
    daily = daily_means(observations[observations["variable"] == variable]).dropna(subset="value")
    return daily.pivot_table(index="date", columns="station_id", values="value")


def paired_days(
    observations: pd.DataFrame, station_id: str, reference_id: str, pollutant: str = "pm25", method: str = "linear"
) -> pd.DataFrame:
    """Return the days on which sensor and reference both have a daily mean.

    Returns
    -------
    DataFrame
        By `date`: `value` (sensor) and `reference` (µg/m³), `month`, and what the method needs (`rh`, `temp`).
    """
    wide = _daily_table(observations, pollutant)
    for station in (station_id, reference_id):
        if station not in wide:
            raise UserError("Station {station} has no complete day to calibrate with.", station=station)
    days = pd.DataFrame({"value": wide[station_id], "reference": wide[reference_id]})
    needed = {"humidity": ("rh",), "humidity-temperature": ("rh", "temp")}.get(method, ())
    for variable in needed:
        table = _daily_table(observations, variable)
        source = next((s for s in (station_id, reference_id) if s in table), None)
        if source is None:
            raise UserError(
                "The method “{method}” needs {variable} at station {station} or {reference}, and there is none. "
                "Choose the straight line.",
                method=method, variable=variable, station=station_id, reference=reference_id,
            )  # fmt: skip
        days[variable] = table[source]
    days["month"] = pd.DatetimeIndex(days.index).month
    days = days.dropna()
    if len(days) < FEWEST_DAYS:
        raise UserError(
            "A calibration needs {fewest} days on which both stations have a daily mean; here are {count}.",
            fewest=FEWEST_DAYS, count=len(days),
        )  # fmt: skip
    return days


def _usual_days(days: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Return the days without outliers; all of them where too few would be left to judge from."""
    odd = outliers(days["value"].to_numpy(), days["reference"].to_numpy())
    if not odd.any() or (~odd).sum() < FEWEST_DAYS:
        return days, []
    said = note(
        "{count} days on which sensor and reference disagree far more than usual were left out.",
        level="warning", count=int(odd.sum()),
    )  # fmt: skip
    return days[~odd], [said]


def _fit(days: pd.DataFrame, method: str) -> dict[str, float]:
    """Return the least-squares coefficients; terms that are zero on all days (a season without data) are left out."""
    terms, names = _TERMS[method](days)
    used = terms.any(axis=0)
    solution, *_ = np.linalg.lstsq(terms[:, used], days["reference"].to_numpy(float), rcond=None)
    return {name: float(value) for name, value in zip(np.array(names)[used], solution, strict=True)}


def _cross_validated(days: pd.DataFrame, method: str, folds: int) -> Array:
    """Return each day's value from a fit that has not seen its block of days."""
    unseen = np.full(len(days), np.nan)
    for block in np.array_split(np.arange(len(days)), min(folds, len(days))):
        seen = np.setdiff1d(np.arange(len(days)), block)
        coefficients = _fit(days.iloc[seen], method)
        terms, names = _TERMS[method](days.iloc[block])
        fitted = np.array([coefficients.get(name, np.nan) for name in names])
        unseen[block] = np.maximum(np.where(terms == 0, 0.0, terms * fitted).sum(axis=1), 0.0)
    return unseen
