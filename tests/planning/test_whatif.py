"""Two rankings side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from language import UserError
from planning import whatif

pytestmark = pytest.mark.slow


def ranking(order: str, classes: str) -> pd.DataFrame:
    words = {"u": "urgent", "w": "watch"}
    return pd.DataFrame(
        {
            "code": list(order), "name_th": list(order), "name_en": list(order), "rank": range(1, len(order) + 1),
            "score": [90.0 - 10 * i for i in range(len(order))], "class": [words[c] for c in classes],
            "days_over": 5.0,
        }
    )  # fmt: skip


def test_who_moves_who_enters_and_whose_class_changes() -> None:
    """D passes C, so it enters the first three; B falls from urgent to watch."""
    found = whatif.compare(ranking("ABCD", "uuww"), ranking("ABDC", "uwww"))
    assert found.table["code"].tolist() == list("ABCD")
    assert found.table["moved"].tolist() == [0, 0, -1, 1]
    assert (found.entered, found.left, found.moved, found.reclassed) == (("D",), ("C",), 2, 1)


def test_the_same_ranking_changes_nothing_and_missing_zones_are_left_out() -> None:
    """A zone that is ranked only once can't be compared."""
    same = whatif.compare(ranking("ABC", "uuw"), ranking("ABC", "uuw"))
    assert (same.moved, same.reclassed, same.entered) == (0, 0, ())
    assert len(whatif.compare(ranking("ABC", "uuw"), ranking("AB", "uu")).table) == 2


def test_the_last_indicator_cannot_be_dropped() -> None:
    """Nothing would weigh anything."""
    assert whatif.without_part({"people": 0.5, "exceedance": 0.5}, "people")["people"] == 0.0
    with pytest.raises(UserError, match="Nothing else weighs"):
        whatif.without_part({"people": 1.0}, "people")
