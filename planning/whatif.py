"""What if: an indicator dropped, a threshold moved, a sensor removed; which zones change?

Two rankings of the same zones are laid side by side; a zone is known by its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from language import UserError
from planning.settings import PARTS


def without_part(weights: Mapping[str, float], part: str) -> dict[str, float]:
    """Return the weights with one part's weight at zero.

    Raises
    ------
    UserError
        Where nothing else weighs anything.
    """
    kept = {p: 0.0 if p == part else float(weights.get(p, 0.0)) for p in PARTS}
    if not sum(kept.values()):
        raise UserError("Nothing else weighs anything, so this indicator can't be dropped. Change the weights first.")
    return kept


@dataclass(frozen=True, eq=False)
class Changes:
    """Two rankings side by side.

    Attributes
    ----------
    table : DataFrame
        One row a zone, in the order of the ranking before: ``code``, ``name_th``, ``name_en``, ``rank_before``,
        ``rank_after``, ``moved`` (places up), ``score_before``, ``score_after``, ``class_before``, ``class_after``,
        ``days_before``, ``days_after``.
    entered, left : tuple of str
        Codes of the zones that come into the first three, or leave them.
    """

    table: pd.DataFrame
    entered: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def moved(self) -> int:
        """Number of zones with another rank."""
        return int((self.table["moved"] != 0).sum())

    @property
    def reclassed(self) -> int:
        """Number of zones with another class."""
        return int((self.table["class_before"] != self.table["class_after"]).sum())


def compare(before: pd.DataFrame, after: pd.DataFrame, leading: int = 3) -> Changes:
    """Compare two rankings (tables of `planning.zones.COLUMNS`) of the same zones.

    Zones that stand in one of them only (hotspots ranked under another threshold) are left out.
    """
    columns = {"rank": "rank", "score": "score", "class": "class", "days_over": "days"}
    tables = [
        t.set_index("code")[list(columns)].rename(columns={k: f"{v}_{name}" for k, v in columns.items()})
        for t, name in ((before, "before"), (after, "after"))
    ]
    joined = tables[0].join(tables[1], how="inner")
    names = before.set_index("code")[["name_th", "name_en"]]
    table = names.join(joined, how="inner").reset_index()
    table["moved"] = (table["rank_before"] - table["rank_after"]).astype(int)
    first = [set(t.sort_values("rank")["code"].head(leading)) for t in (before, after)]
    return Changes(
        table.sort_values("rank_before").reset_index(drop=True),
        tuple(sorted(first[1] - first[0])),
        tuple(sorted(first[0] - first[1])),
    )
