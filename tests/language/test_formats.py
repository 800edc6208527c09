"""Dates, numbers and probabilities as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from language import (
    concentration,
    date_range,
    day,
    moment,
    number,
    probability_class,
    probability_words,
    span,
    with_range,
)


def test_thai_dates_are_in_the_buddhist_era() -> None:
    assert day(date(2026, 2, 12), "th") == "12 ก.พ. 2569"
    assert day(date(2026, 2, 12), "en") == "12 Feb 2026"


def test_moments_are_in_bangkok_time() -> None:
    evening = datetime(2026, 2, 11, 18, tzinfo=UTC)
    assert moment(evening, "th") == "12 ก.พ. 2569 01:00 น."
    assert day(evening, "en") == "12 Feb 2026"


def test_a_range_says_the_year_once() -> None:
    assert date_range(date(2026, 1, 1), date(2026, 3, 1), "en") == "1 Jan – 1 Mar 2026"
    assert date_range(date(2025, 12, 31), date(2026, 1, 1), "th") == "31 ธ.ค. 2568 – 1 ม.ค. 2569"
    assert date_range(date(2026, 1, 1), date(2026, 1, 1), "en") == "1 Jan 2026"


def test_a_range_with_a_negative_bound_has_words_between() -> None:
    assert span(26.4, 38.6, "th") == "26–39" and span(1234, 5678.9, "en") == "1,234–5,679"
    assert span(-0.23, 13.34, "en", 1) == "−0.2 to 13.3" and span(-0.23, 13.34, "th", 1) == "−0.2 ถึง 13.3"
    assert span(-3.0, -1.0, "en") == "−3 to −1"
    assert span(-0.04, 2.0, "en", 1) == "0.0–2.0"
    assert span(float("nan"), 2.0, "en") == span(None, 2.0, "th") == "–"
    assert with_range("41.3 µg/m³", 33, 50, "en") == "41.3 µg/m³ (95 % range: 33–50)"
    assert with_range("41.3", -1, 50, "th", sure=90) == "41.3 (ช่วง 90 %: −1 ถึง 50)"


def test_numbers() -> None:
    assert number(12345.678, 1) == "12,345.7"
    assert number(None) == number(float("nan")) == "–"
    assert concentration(41.34, "th") == "41.3 มคก./ลบ.ม."


@pytest.mark.parametrize(
    ("p", "key", "words"),
    [
        (0.0, "unlikely", "ไม่น่าเกิน"),
        (0.0999, "unlikely", "ไม่น่าเกิน"),
        (0.10, "possible", "อาจเกิน"),
        (0.5, "likely", "น่าจะเกิน"),
        (0.8, "almost-certain", "แทบแน่ว่าเกิน"),
        (1.0, "almost-certain", "แทบแน่ว่าเกิน"),
    ],
)
def test_probability_words(p: float, key: str, words: str) -> None:
    assert probability_class(p) == key
    assert probability_words(p, "th") == words
