"""Published corrections of low-cost sensors, by name, for comparison.

All PurpleAir formulas were made in the United States. None is a default here: they are weak in warm, humid
air (Mathieu-Campbell et al. 2024, AMT 17:6735), blind to coarse dust (Jaffe et al. 2023, AMT 16:1311), and
their intercept of +5.75 µg/m³ does not fit what units in Thailand show. Calibrate against a reference nearby
(`geo.calibration`) instead. `x` is the mean of channels A and B (µg/m³), RH in %.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from language import N_

Array = NDArray[np.float64]


def barkjohn_2021(x: Array, rh: Array) -> Array:
    """Return Barkjohn et al. (2021, AMT 14:4617), US-wide, 24 h, cf_1.

    >>> round(float(barkjohn_2021(np.array(40.0), np.array(50.0))), 2)
    22.4
    """
    return np.asarray(0.524 * x - 0.0862 * rh + 5.75)


def epa_sensortoolkit(x: Array, rh: Array) -> Array:
    """Return the older constants that the US EPA's code still holds (sensortoolkit)."""
    return np.asarray(0.524 * x - 0.0852 * rh + 5.72)


def airnow_fire_2_part(x: Array, rh: Array) -> Array:
    """Return the AirNow Fire and Smoke Map's correction in two parts, cf_1 (AirSensor2)."""
    low = 0.52 * x - 0.086 * rh + 5.75
    high = 0.46 * x + 3.93e-4 * x**2 + 2.97
    return np.asarray(np.where(x <= 343, low, high))


def barkjohn_2022(x: Array, rh: Array) -> Array:
    """Return Barkjohn et al. (2022, Sensors 22:9669), extended to smoke, cf_1; blended from 570 to 611.

    The quadratic part was not checked in the paper itself.
    """
    low = 0.524 * x - 0.0862 * rh + 5.75
    high = 4.21e-4 * x**2 + 0.392 * x + 3.44
    share = np.clip(0.0244 * x - 13.9, 0, 1)
    return np.asarray(np.where(x < 570, low, np.where(x >= 611, high, (1 - share) * low + share * high)))


def epa_piecewise_atm(x: Array, rh: Array) -> Array:
    """Return the US EPA's piecewise correction, cf_atm; the weights of the blends were not checked in a source."""
    low = 0.524 * x - 0.0862 * rh + 5.75
    rising = np.clip(x / 20 - 1.5, 0, 1)
    middle = (0.786 * rising + 0.524 * (1 - rising)) * x - 0.0862 * rh + 5.75
    share = np.clip(x / 50 - 4.2, 0, 1)
    quadratic = 8.84e-4 * x**2 + 0.69 * x + 2.966
    # From 210 on the humidity term fades out with the blend.
    steep = 0.786 * x - 0.0862 * rh + 5.75
    high = (1 - share) * steep + share * quadratic
    return np.asarray(np.where(x < 30, low, np.where(x < 210, middle, high)))


def kappa_koehler(x: Array, rh: Array, kappa: float = 0.3, highest: float = 95.0) -> Array:
    """Return `x` without the water of its particles (Crilley et al. 2018, AMT 11:709).

    ``x / (1 + (κ/1.65) / (100/RH - 1))``; the formula diverges at 100 %, so RH stops at `highest`. κ depends
    on place and season, 0.1 to 0.6; 0.3 is a middle, to be checked locally.
    """
    wet = np.clip(rh, 0.0, highest)
    growth = np.where(wet > 0, kappa / 1.65 / (100 / np.maximum(wet, 1e-9) - 1), 0.0)
    return np.asarray(x / (1 + growth))


@dataclass(frozen=True)
class Correction:
    """One published correction: function of reading and RH, label (message id), source, whether read there."""

    function: Callable[[Array, Array], Array]
    label: str
    source: str
    verified: bool


CORRECTIONS: Mapping[str, Correction] = {
    "barkjohn-2021": Correction(
        barkjohn_2021, N_("PurpleAir, Barkjohn 2021 (United States)"), "AMT 14:4617, PMC8422884", True
    ),
    "epa-sensortoolkit": Correction(
        epa_sensortoolkit, N_("PurpleAir, older EPA constants"), "US EPA sensortoolkit", True
    ),
    "airnow-2-part": Correction(
        airnow_fire_2_part, N_("PurpleAir, AirNow fire and smoke map"), "AirSensor2 documentation", True
    ),
    "barkjohn-2022": Correction(
        barkjohn_2022, N_("PurpleAir, Barkjohn 2022 extended to smoke"), "Sensors 22:9669", False
    ),
    "epa-piecewise": Correction(
        epa_piecewise_atm, N_("PurpleAir, EPA piecewise (cf_atm)"), "davewsmith aqi.py; PurpleAir community", False
    ),
    "kappa-koehler": Correction(kappa_koehler, N_("Humidity growth removed (κ-Köhler)"), "AMT 11:709", False),
}
"""Corrections by name; none is a default."""
