"""Air quality standards and indices by pollutant, averaging period and date.

An index (AQI) belongs to a 24-hour mean: colouring an hourly value with it is not what the Thai
Pollution Control Department does, and is not done here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from geo import catalogues
from language import UserError, pollutant_name
from language.formats import BANGKOK


@dataclass(frozen=True)
class Standard:
    """One ambient standard.

    Attributes
    ----------
    pollutant, averaging, name : str
        ``pm25``, ``24h`` and ``thai``, for instance.
    value : float
        In `unit` (µg/m³); an exceedance is a mean above it.
    effective : date
        First day it holds.
    source : str
        Where it was read.
    verified : bool
        False: to be checked.
    """

    pollutant: str
    averaging: str
    name: str
    value: float
    unit: str
    effective: date
    name_th: str
    name_en: str
    source: str
    verified: bool


@dataclass(frozen=True)
class Aqi:
    """An air quality index of one 24-hour mean.

    Attributes
    ----------
    value : int or None
        None where the index is open-ended (Thai: above 200), see `label`.
    level : int
        1 is the best.
    """

    value: int | None
    level: int
    name_th: str
    name_en: str
    colour: str
    label: str
    pollutant: str
    mean24h: float
    scheme: str
    advice_th: str
    advice_en: str
    advice_risk_th: str
    advice_risk_en: str
    source: str
    verified: bool


def standard(
    pollutant: str,
    averaging: str = "24h",
    when: date | None = None,
    name: str = "thai",
    folder: Path | None = None,
) -> Standard:
    """Return the standard that holds on a day.

    Parameters
    ----------
    pollutant : {"pm25", "pm10", "tsp"}
    averaging : {"24h", "annual"}
    when : date, optional
        The day it must hold on; without it the newest. A `datetime` is read in Bangkok time.
    name : str
        ``thai``, ``who-aqg``, ``who-it1`` … ``who-it4``, ``us-epa``, or another name in the catalogue.

    Raises
    ------
    UserError
        Where the catalogue has no such standard for that day.
    """
    table = catalogues.standards(folder)
    rows = table[(table["pollutant"] == pollutant) & (table["averaging"] == averaging) & (table["name"] == name)]
    if rows.empty:
        raise UserError(
            "There is no {averaging} standard “{name}” for {pollutant} in standards.csv; names: {names}.",
            averaging=averaging, name=name, pollutant=pollutant_name(pollutant),
            names=", ".join(sorted(table["name"].unique())),
        )  # fmt: skip
    row = _in_force(rows, when)
    if row is None:
        raise UserError(
            "The {averaging} standard “{name}” for {pollutant} holds only from {first}.",
            averaging=averaging, name=name, pollutant=pollutant_name(pollutant), first=min(rows["effective"]),
        )  # fmt: skip
    fields = {str(k): v for k, v in row.items() if k not in ("value", "verified")}
    return Standard(value=float(row["value"]), verified=bool(row["verified"]), **fields)


def aqi(
    pollutant: str,
    mean24h: float,
    when: date | None = None,
    scheme: str = "thai",
    folder: Path | None = None,
) -> Aqi | None:
    """Return the air quality index of a 24-hour mean; None where there is no mean.

    Linear within a band (PCD 2566 for ``thai``, US EPA 2024 for ``us-epa``; earlier bands by their dates). The
    Thai rule rounds the mean first (PM2.5 to 0.1, PM10 to 1 µg/m³, half up) and leaves the index open above 200;
    the US rule truncates it.

    Parameters
    ----------
    pollutant : {"pm25", "pm10"}
    mean24h : float
        µg/m³, not below 0.
    """
    if pollutant not in ("pm25", "pm10"):
        raise UserError("There is no air quality index for {pollutant}.", pollutant=pollutant_name(pollutant))
    if not mean24h >= 0:
        return None
    table = catalogues.aqi_bands(folder)
    rows = table[table["scheme"] == scheme]
    newest = _in_force(rows, when)
    if newest is None:
        raise UserError(
            "aqi_bands.csv has no bands of “{scheme}” for this day; schemes: {schemes}.",
            scheme=scheme, schemes=", ".join(sorted(table["scheme"].unique())),
        )  # fmt: skip
    bands = rows[rows["effective"] == newest["effective"]].sort_values("level")
    # PM2.5 has one decimal where its bands have (the Thai ones before 2023 were whole numbers), PM10 none.
    whole = pollutant == "pm10" or bool((bands[f"{pollutant}_low"] % 1 == 0).all())
    digits = "1" if whole else "0.1"
    rounding = ROUND_HALF_UP if scheme == "thai" else "ROUND_DOWN"
    mean = float(Decimal(repr(float(mean24h))).quantize(Decimal(digits), rounding=rounding))
    band = bands[bands[f"{pollutant}_low"] <= mean].iloc[-1]
    return _index(band, pollutant, mean, float(mean24h))


def _index(band: pd.Series, pollutant: str, mean: float, raw: float) -> Aqi:
    low, high = float(band[f"{pollutant}_low"]), band[f"{pollutant}_high"]
    open_ended = pd.isna(high) or pd.isna(band["aqi_high"])
    value: int | None = None
    if not open_ended and mean <= float(high):
        aqi_low, aqi_high = float(band["aqi_low"]), float(band["aqi_high"])
        index = aqi_low + (aqi_high - aqi_low) / (float(high) - low) * (mean - low)
        value = int(Decimal(repr(index)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        label = str(value)
    else:
        last = band["aqi_low"] - 1 if open_ended else band["aqi_high"]
        label = f">{last:.0f}"
    words = ("name_th", "name_en", "colour", "advice_th", "advice_en", "advice_risk_th", "advice_risk_en", "source")
    return Aqi(
        value=value, level=int(band["level"]), label=label, pollutant=pollutant, mean24h=raw,
        scheme=str(band["scheme"]), verified=bool(band["verified"]), **{k: str(band[k]) for k in words},
    )  # fmt: skip


def _in_force(rows: pd.DataFrame, when: date | None) -> pd.Series | None:
    """Return the newest row that holds on the day, or None."""
    if isinstance(when, datetime):
        when = (when.astimezone(BANGKOK) if when.tzinfo else when).date()
    held = rows if when is None else rows[rows["effective"] <= when]
    return None if held.empty else held.sort_values("effective").iloc[-1]
