"""What sensors make of the true air: gain, offset, humidity, noise, gaps, and the faults we must find.

A low-cost optical sensor reads the light scattered by particles swollen with water. κ-Köhler theory
(Crilley et al. 2018, AMT 11:709) gives the factor ``1 + (κ/1.65) / (100/RH - 1)``; makers correct most of
it, so a small rest (`humidity`) stays. It also sees only part of coarse dust (Jaffe et al. 2023, AMT 16:1311).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sensor:
    """How a kind of sensor errs.

    Attributes
    ----------
    gain_sd : float
        Standard deviation between units of the gain.
    offset_sd : float
        … of the offset (µg/m³).
    noise : tuple of float
        Standard deviation of an hourly reading: fixed part (µg/m³) and share of the value.
    humidity : float
        κ that the maker's correction leaves.
    coarse_seen : float
        Share of the coarse dust (PM10 - PM2.5) that is seen.
    gap_rate : float
        Gaps a day; each lasts some hours, rarely days.
    error_sd : float
        Standard deviation to state for a 24-hour mean (µg/m³ at about 35 µg/m³).
    """

    gain_sd: float
    offset_sd: float
    noise: tuple[float, float]
    humidity: float
    coarse_seen: float
    gap_rate: float
    error_sd: float


LOW_COST = Sensor(0.035, 0.7, (1.0, 0.06), 0.004, 0.85, 0.12, 2.0)
REFERENCE = Sensor(0.01, 0.3, (0.5, 0.015), 0.0, 1.0, 0.05, 0.8)
SENSORS = {"lowcost": LOW_COST, "reference": REFERENCE}

_HIGHEST_RH = 95.0


@dataclass(frozen=True)
class Fault:
    """One fault of one station.

    Attributes
    ----------
    kind : {"stuck", "drift", "outage", "spike"}
    start, hours : int
        From the beginning of the simulation.
    size : float
        Drift: the factor reached at the end; spike: µg/m³ added.
    """

    station_id: str
    kind: Literal["stuck", "drift", "outage", "spike"]
    start: int
    hours: int
    size: float = 1.0


def read(
    sensor: Sensor, truth: tuple[Array, Array], humidity: Array, faults: tuple[Fault, ...], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return what one sensor reports over the hours.

    Parameters
    ----------
    sensor : Sensor
    truth : tuple of (hours,) ndarray
        True PM2.5 and PM10 at the sensor (µg/m³).
    humidity : (hours,) ndarray
        Relative humidity (%).
    faults : tuple of Fault
        Of this station.

    Returns
    -------
    tuple of (hours,) ndarray
        Reported PM2.5 and PM10 (µg/m³, one decimal), NaN where nothing came.
    """
    hours = len(humidity)
    # Makers sort out units that err by more than two standard deviations.
    gain = 1 + sensor.gain_sd * np.clip(rng.standard_normal(), -2, 2)
    offset = sensor.offset_sd * rng.standard_normal()
    water = 1 + sensor.humidity / 1.65 / (100 / np.minimum(humidity, _HIGHEST_RH) - 1)
    fine = gain * water * truth[0] + offset
    coarse = gain * sensor.coarse_seen * (truth[1] - truth[0])
    fine = fine + (sensor.noise[0] + sensor.noise[1] * truth[0]) * rng.standard_normal(hours)
    coarse = coarse * (1 + sensor.noise[1] * rng.standard_normal(hours))
    values = np.maximum(np.column_stack([fine, fine + np.maximum(coarse, 0)]), 0.0)
    for fault in faults:
        _apply(fault, values)
    values[_gaps(sensor.gap_rate, hours, rng)] = np.nan
    rounded = np.asarray(np.round(values, 1), np.float64)
    return rounded[:, 0], rounded[:, 1]


def _apply(fault: Fault, values: Array) -> None:
    during = slice(fault.start, fault.start + fault.hours)
    if fault.kind == "stuck":
        values[during] = values[fault.start]
    elif fault.kind == "drift":
        count = len(values[during])
        values[during] *= np.linspace(1.0, fault.size, count)[:, None]
        # What has drifted stays so until somebody cleans the sensor.
        values[fault.start + fault.hours :] *= fault.size
    elif fault.kind == "spike":
        values[during] += fault.size
    else:
        values[during] = np.nan


def _gaps(rate: float, hours: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    missing = np.zeros(hours, dtype=bool)
    for start in rng.integers(0, hours, rng.poisson(rate * hours / 24)):
        missing[start : start + int(np.ceil(rng.gamma(0.7, 8.0)))] = True
    return missing
