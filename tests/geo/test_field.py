"""Very many factories for the browser: columns that lose nothing, an address of the content, escaped cards."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import field, glyphs, layers

NASTY = "<script>alert('x')</script>"
GROUPS = {(58, 1): "mineral", (3, 0): "food"}


def table(count: int = 3) -> pd.DataFrame:
    """Return factories in a row, the second without a name, the last one known by two types."""
    return pd.DataFrame(
        {
            "factory_id": [f"f{n}" for n in range(count)],
            "name_th": [NASTY, None, *["ค"] * (count - 2)],
            "reg_no": ["1", "3-58-1/50", *["9"] * (count - 2)],
            "type_no": [58, 3, *[999] * (count - 2)],
            "type_sub": [1, np.nan, *[0] * (count - 2)],
            "type_code": ["58(1)", "3", *[None] * (count - 2)],
            "type_name_th": ["ปูน", "อาหาร", *[None] * (count - 2)],
            "hp": [120.2, np.nan, *[5000.0] * (count - 2)],
            "lat": 13.8 + np.arange(count) / 1000,
            "lon": 99.8,
            "simulated": [True, False, *[None] * (count - 2)],
        }
    )


def columns(found: field.Field) -> dict[str, list[int]]:
    return dict(json.loads(gzip.decompress(found.body)))


def test_columns_say_where_what_and_how_strong() -> None:
    made = columns(field.factory_field(table(), GROUPS, lang="th"))
    assert made["lat"] == [1380000, 1380100, 1380200]
    assert [field.KINDS[k] for k in made["kind"]] == ["mineral", "food", "other"]
    assert made["hp"] == [121, -1, 5000]
    assert [made["types"][t] for t in made["type"]] == [["58(1)", "ปูน"], ["3", "อาหาร"], ["–", ""]]
    assert made["types"][0] == ["3", "อาหาร"], "by number, not by letters"


def test_what_has_no_position_is_counted() -> None:
    some = table(4)
    some.loc[1, "lat"] = np.nan
    found = field.factory_field(some, GROUPS, lang="th")
    assert (found.count, found.unplaced, len(columns(found)["lat"])) == (4, 1, 3)
    assert found.card(1)["id"] == "f2", "numbers are those of the columns"


def test_cards_are_the_ones_of_the_few() -> None:
    found = field.factory_field(table(), GROUPS, lang="th")
    (drawing,) = layers.factories(table(), GROUPS, lang="th")._children.values()
    for number, item in enumerate(drawing.data["items"]):
        card = found.card(number)
        assert card == {"id": item["id"], "tip": item["tip"], "html": item["pop"]}
        assert "<script" not in card["html"] + card["tip"]
    assert found.card(1)["tip"] == "3-58-1/50"
    assert found.card(3) is None
    assert found.card(-1) is None


def test_the_address_is_of_the_content_and_the_language() -> None:
    key = field.factory_field(table(), GROUPS, lang="th").key
    assert field.factory_field(table(), GROUPS, lang="th").key == key
    assert field.factory_field(table(), GROUPS, lang="en").key != key
    assert field.factory_field(table().assign(hp=1.0), GROUPS, lang="th").key != key


def test_the_layer_says_its_counts_and_fetches_the_rest() -> None:
    many = pd.concat([table(), table().assign(lat=np.nan)])
    (drawing,) = field.layer(field.factory_field(many, GROUPS, lang="en"), "../../factories/k")._children.values()
    assert drawing.data["count"] == 6
    assert drawing.data["words"]["unplaced"].startswith("3 more have no position")
    assert len(drawing.data["icons"]) == len(glyphs.FACTORY_FAMILIES)
    assert len(drawing.call) < 6000, "no place is written into the page"


def test_none_at_all() -> None:
    found = field.factory_field(table().iloc[:0], GROUPS, lang="th")
    assert (found.count, columns(found)["lat"]) == (0, [])


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, "x", "", np.inf])
def test_a_type_number_that_is_none_is_another_factory(value: object) -> None:
    assert glyphs.family_of(value, 0, GROUPS) == "other"


@given(st.floats(-85, 85), st.floats(-180, 180))
def test_positions_are_kept_to_a_metre(lat: float, lon: float) -> None:
    made = columns(field.factory_field(table().assign(lat=lat, lon=lon), GROUPS, lang="th"))
    assert abs(made["lat"][0] / 1e5 - lat) <= 0.5001e-5
    assert abs(made["lon"][0] / 1e5 - lon) <= 0.5001e-5
