"""Times as people write them: Buddhist-era years, Thai months, offsets, 24:00, Excel's day numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.readers.numbers import THAI_DIGITS, text

BANGKOK_HOURS = 7.0
"""Thailand has been seven hours ahead of UTC, without summer time, since 1920."""

_MONTHS = {
    name: i + 1
    for names in (
        "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
        "มค กพ มีค เมย พค มิย กค สค กย ตค พย ธค",
        "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
    )
    for i, name in enumerate(names.split())
}
_MONTH = "|".join(re.escape(m) for m in sorted(_MONTHS, key=len, reverse=True))
_CLOCK = (
    r"(?:(?:[T,]|\s|เวลา)*(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>am|pm)?\s*(?:น\.?|hrs?)?\s*(?P<zone>z|utc|gmt|ict|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_NUMERIC = re.compile(r"^(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2})[-/. ](?P<c>\d{1,4})" + _CLOCK, re.I)
_WORDS = re.compile(
    r"^(?:[^\W\d]+\.?,?\s+)?(?P<a>\d{1,2})[-/\s]*(?P<b>"
    + _MONTH
    + r")\.?[-/\s,]*(?:พ\.ศ\.\s*)?(?P<c>\d{2,4})"
    + _CLOCK,
    re.I,
)
_COMPACT = re.compile(
    r"^(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})?(?P<second>\d{2})?(?P<zone>Z)?)?$"
)


@dataclass(frozen=True)
class Times:
    """Parsed times.

    Attributes
    ----------
    utc : array of datetime64[us], shape (n,)
        NaT where there is none.
    wrong : array of bool, shape (n,)
        The cell holds something that is not a time.
    date_only : bool
        No cell has a time of day.
    ended_at_24 : bool
        Some cell says 24:00.
    at_midnight : bool
        Some cell says 00:00.
    buddhist : bool
        Some year was a Buddhist-era one.
    had_zone : bool
        Some cell says its offset from UTC.
    month_first : bool
        12/31/2026 order was found.
    """

    utc: NDArray[np.datetime64]
    wrong: NDArray[np.bool_]
    date_only: bool = False
    ended_at_24: bool = False
    at_midnight: bool = False
    buddhist: bool = False
    had_zone: bool = False
    month_first: bool = False


def times(values: pd.Series[Any], *, utc: bool = False) -> Times:
    """Return cells as UTC times.

    Parameters
    ----------
    values : Series, shape (n,)
        Text, dates, or numbers (Excel's days since 1899-12-30, Unix seconds or milliseconds).
    utc : bool
        Times without an offset are UTC; otherwise they are Bangkok time.
    """
    shift = 0.0 if utc else BANGKOK_HOURS
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        stamps = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
        return Times(stamps, np.zeros(len(values), dtype=bool), had_zone=True)
    codes, unique = pd.factorize(values)
    found = _unique_times(pd.Series(unique), shift)
    here = codes >= 0
    at = np.where(here, codes, 0)
    if not len(unique):
        return Times(np.full(len(values), np.datetime64("NaT", "us")), ~here & here)
    return Times(
        np.where(here, found.utc[at], np.datetime64("NaT", "us")),
        here & found.wrong[at],
        found.date_only,
        found.ended_at_24,
        found.at_midnight,
        found.buddhist,
        found.had_zone,
        found.month_first,
    )


def _unique_times(values: pd.Series[Any], shift: float) -> Times:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _from_numbers(values.to_numpy(dtype="float64", na_value=np.nan), shift)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.astype(object)
    # Dates of a workbook may have the year 2569: as text they go the same way as all others.
    cells = values.map(_as_text) if values.dtype == object else values
    cells = text(cells).fillna("").str.translate(THAI_DIGITS)
    # 2026011508 is a date, 1768438800 are seconds: ten digits are seconds where they give no date.
    as_numbers = pd.to_numeric(cells.where(~cells.str.fullmatch(r"\d{8}|[2-9]\d{9}|\d{12}|\d{14}")), errors="coerce")
    parts = _extract(cells)
    result = _assemble(parts, shift)
    serial = as_numbers.notna().to_numpy() & np.isnat(result.utc)
    if serial.any():
        numeric = _from_numbers(as_numbers.to_numpy(dtype="float64", na_value=np.nan), shift)
        result.utc[serial] = numeric.utc[serial]
    wrong = np.isnat(result.utc) & (cells != "").to_numpy(dtype=bool)
    return Times(
        result.utc,
        wrong,
        result.date_only,
        result.ended_at_24,
        result.at_midnight,
        result.buddhist,
        result.had_zone,
        result.month_first,
    )


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _from_numbers(values: NDArray[np.float64], shift: float) -> Times:
    seconds = np.full(len(values), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        serial = (values > 20_000) & (values < 300_000)  # 1954 to 2721, which is BE 2721 at the latest
        seconds = np.where(serial, (values - 25_569) * 86_400 - shift * 3600, seconds)
        seconds = np.where((values > 5e8) & (values < 5e9), values, seconds)
        seconds = np.where((values > 5e11) & (values < 5e12), values / 1000, seconds)
    good = np.isfinite(seconds)
    stamps = np.full(len(values), np.datetime64("NaT", "us"))
    # Excel's day numbers carry rounding: 08:00 may come as 07:59:59.999.
    stamps[good] = (np.round(seconds[good]) * 1e6).astype("int64").astype("datetime64[us]")
    return Times(stamps, ~good & np.isfinite(values), date_only=bool((values[good] % 1 == 0).all() and serial.any()))


def _extract(cells: pd.Series[Any]) -> pd.DataFrame:
    parts = cells.str.extract(_NUMERIC.pattern, flags=re.I)
    for pattern in (_WORDS, _COMPACT):
        left = parts["a"].isna() & (cells != "")
        if left.any():
            more = cells[left].str.extract(pattern.pattern, flags=re.I)
            if "b" in more and pattern is _WORDS:
                more["b"] = more["b"].str.lower().map(_MONTHS).astype("string")
            parts = parts.astype(object)
            parts.loc[left, more.columns] = more.astype(object)
    return parts


def _assemble(parts: pd.DataFrame, shift: float) -> Times:
    a, b, c = (pd.to_numeric(parts[k], errors="coerce").to_numpy(dtype="float64", na_value=np.nan) for k in "abc")
    year_first = (parts["a"].str.len() == 4).fillna(False).to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        last = ~year_first
        month_first = bool((b[last] > 12).any() and not (a[last] > 12).any())
    year = np.where(year_first, a, c)
    month = np.where(year_first, b, a if month_first else b)
    day = np.where(year_first, c, b if month_first else a)
    with np.errstate(invalid="ignore"):
        # Two digits: 43 to 99 are BE 2543 to 2599, below that CE.
        year = np.where(year < 43, year + 2000, np.where(year < 100, year + 2500, year))
        be = year > 2400
    year = np.where(be, year - 543, year)
    hour, minute, second = (
        pd.to_numeric(parts[k], errors="coerce").fillna(0).to_numpy(dtype="float64")
        for k in ("hour", "minute", "second")
    )
    half = parts["half"].str.lower().fillna("") if "half" in parts else pd.Series("", index=parts.index)
    hour = np.where((half == "pm") & (hour < 12), hour + 12, np.where((half == "am") & (hour == 12), 0, hour))
    days = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce")
    possible = (hour <= 24) & (minute < 60) & (second < 60) & ~((hour == 24) & (minute + second > 0))
    seconds = hour * 3600 + minute * 60 + second
    offset, had = _offsets(parts["zone"], shift)
    stamps = days.to_numpy(dtype="datetime64[us]") + ((seconds - offset * 3600) * 1e6).astype("timedelta64[us]")
    stamps[~possible] = np.datetime64("NaT", "us")
    good = ~np.isnat(stamps)
    clock = parts["hour"].notna().to_numpy(dtype=bool)
    return Times(
        stamps,
        ~good,
        date_only=not (clock & good).any(),
        ended_at_24=bool((good & (hour == 24)).any()),
        at_midnight=bool((good & clock & (hour == 0)).any()),
        buddhist=bool((good & be).any()),
        had_zone=had,
        month_first=month_first,
    )


def _offsets(zones: pd.Series[Any], shift: float) -> tuple[NDArray[np.float64], bool]:
    codes, unique = pd.factorize(zones.str.upper())
    if not len(unique):
        return np.full(len(zones), shift), False
    table = np.array([_offset(str(zone)) for zone in unique])
    return np.where(codes >= 0, table[np.maximum(codes, 0)], shift), True


def _offset(zone: str) -> float:
    if zone in ("Z", "UTC", "GMT"):
        return 0.0
    if zone == "ICT":
        return BANGKOK_HOURS
    digits = zone[1:].replace(":", "")
    hours = int(digits[:2]) + int(digits[2:] or 0) / 60
    return -hours if zone[0] == "-" else hours
