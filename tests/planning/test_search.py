"""Search finds by part of a name, by registration number and by degrees, and counts what it leaves out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.search import natural, position, search


def test_a_part_of_a_name_finds_it_in_either_language(screening):
    for lang, text in (("en", "pak raet"), ("th", "บ้านโป่ง")):
        hits, count = search(screening, text, lang)
        assert count >= len(hits) > 0
    hits, _count = search(screening, "PAK-RAET", "en")
    assert hits[0].kind == "place"
    unit = screening.units[screening.units["name_en"].str.startswith("Pak Raet")].iloc[0]
    assert unit.geometry.buffer(1e-9).covers(__import__("shapely").Point(hits[0].lon, hits[0].lat))


def test_a_registration_number_finds_its_factory(screening):
    row = screening.factories.iloc[3]
    hits, count = search(screening, row["reg_no"].replace("-", " "))
    assert count >= 1
    assert (hits[0].lat, hits[0].lon) == pytest.approx((row.geometry.y, row.geometry.x))


def test_degrees_are_a_position_and_nonsense_finds_nothing(screening):
    assert search(screening, "13.75, 100.5")[0][0].kind == "position"
    assert search(screening, "zzz-nothing") == ([], 0)
    assert search(screening, " - ") == ([], 0)
    assert search(screening, "(") == ([], 0)


def test_answers_stand_in_the_order_people_count():
    names = ["โรงงาน 10", "โรงงาน ๓", "โรงงาน 1", "โรงงาน 2 ข", "โรงงาน 2 ก", "โรงงาน 11"]
    assert sorted(names, key=natural) == [
        "โรงงาน 1", "โรงงาน 2 ก", "โรงงาน 2 ข", "โรงงาน ๓", "โรงงาน 10", "โรงงาน 11"]  # fmt: skip


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_texts_can_be_ordered(texts):
    ordered = sorted(texts, key=natural)
    assert all(natural(a) <= natural(b) for a, b in itertools.pairwise(ordered))


def test_more_than_fit_are_counted(screening):
    hits, count = search(screening, "a", "en", most=2)
    assert len(hits) == 2 < count


@given(st.text(max_size=12))
def test_position_never_leaves_the_globe(text):
    found = position(text)
    assert found is None or (abs(found[0]) <= 90 and abs(found[1]) <= 180)
