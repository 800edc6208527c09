"""Dates, numbers and probabilities as a Thai or English reader writes them."""

from __future__ import annotations

from datetime import date, datetime
from math import isfinite
from zoneinfo import ZoneInfo

from babel.dates import format_date

from language.catalogue import translate
from language.notes import N_

BANGKOK = ZoneInfo("Asia/Bangkok")

_UNITS = {"th": "มคก./ลบ.ม.", "en": "µg/m³"}
_POLLUTANTS = {"pm25": "PM2.5", "pm10": "PM10", "tsp": "TSP"}
# (upper bound, class key, English words); the words are LOOK's: what a person would say.
_PROBABILITY_CLASSES = (
    (0.10, "unlikely", N_("unlikely to exceed")),
    (0.50, "possible", N_("may exceed")),
    (0.80, "likely", N_("likely to exceed")),
    (1.01, "almost-certain", N_("almost certain to exceed")),
)


def buddhist_year(year: int) -> int:
    """Return the Buddhist-era year of a common-era year (BE = CE + 543)."""
    return year + 543


def day(when: date, lang: str, *, year: bool = True, long: bool = False) -> str:
    """Return a date: ``12 ก.พ. 2569`` in Thai (Buddhist era), ``12 Feb 2026`` in English.

    A `datetime` with a zone is read in Bangkok time.
    """
    if isinstance(when, datetime):
        when = (when.astimezone(BANGKOK) if when.tzinfo else when).date()
    month = format_date(when, "MMMM" if long else "MMM", locale=lang)
    if not year:
        return f"{when.day} {month}"
    return f"{when.day} {month} {buddhist_year(when.year) if lang == 'th' else when.year}"


def moment(when: datetime, lang: str) -> str:
    """Return date and time in Bangkok: ``12 ก.พ. 2569 08:00 น.`` or ``12 Feb 2026 08:00``."""
    local = when.astimezone(BANGKOK) if when.tzinfo else when
    return f"{day(local, lang)} {local:%H:%M}{' น.' if lang == 'th' else ''}"


def date_range(start: date, end: date, lang: str) -> str:
    """Return ``1 ม.ค. – 1 มี.ค. 2569``; the first year is left out where both are the same."""
    if start == end:
        return day(start, lang)
    return f"{day(start, lang, year=start.year != end.year)} – {day(end, lang)}"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators, or an en dash where there is none."""
    if value is None or not isfinite(value):
        return "–"
    return f"{value:,.{digits}f}"


def span(low: float | None, high: float | None, lang: str, digits: int = 0) -> str:
    """Return a range: ``26–39``; in words, ``−0.8 to 12.7``, where a bound is negative and a dash would be misread."""
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return "–"
    low, high = round(low, digits) + 0.0, round(high, digits) + 0.0  # no minus before a zero
    if low >= 0:
        return f"{number(low, digits)}–{number(high, digits)}"
    words = translate(N_("{low} to {high}"), lang)
    return words.format(low=number(low, digits), high=number(high, digits)).replace("-", "−")


def with_range(value: str, low: float | None, high: float | None, lang: str, digits: int = 0, sure: int = 95) -> str:
    """Return a figure with its range: ``41.3 µg/m³ (95 % range: 33–50)``; `sure` in per cent."""
    words = translate(N_("{value} ({sure} % range: {range})"), lang)
    return words.format(value=value, sure=sure, range=span(low, high, lang, digits))


def unit(lang: str) -> str:
    """Return the unit of a mass concentration: ``มคก./ลบ.ม.`` or ``µg/m³``."""
    return _UNITS.get(lang, _UNITS["en"])


def pollutant_name(pollutant: str) -> str:
    """Return ``PM2.5`` for ``pm25``, ``PM10`` for ``pm10``."""
    return _POLLUTANTS.get(pollutant, pollutant)


def concentration(value: float | None, lang: str, digits: int = 1) -> str:
    """Return a concentration with its unit: ``41.3 µg/m³``."""
    return f"{number(value, digits)} {unit(lang)}"


def probability_class(p: float) -> str:
    """Return the class key of an exceedance probability: unlikely, possible, likely, almost-certain."""
    return next(key for bound, key, _ in _PROBABILITY_CLASSES if p < bound or bound > 1)


def probability_words(p: float, lang: str) -> str:
    """Return an exceedance probability in words: below 10 %, 10-50, 50-80, from 80 % up."""
    return translate(next(words for bound, _, words in _PROBABILITY_CLASSES if p < bound or bound > 1), lang)
