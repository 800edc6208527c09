"""What kinds of source a zone has, and how strongly each: what measures are matched to.

1. The factories that count are the zone's own, and those elsewhere among its first likely sources.
2. Their evidence is what the likely sources say (`planning.likely`, the ``share`` of all that is weighed); where a
   zone has no such table (no wind, no exceedance), their dust potential.
3. Traffic and burning, which no register knows, have a base strength in data/forms/proposal.toml; the likely
   sources raise it by the share that the clock gives them.

Scope cut: a screening order, not an effect estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd

from geo import catalogues
from planning.proposal import settings, split

FACTORY_SOURCES = ("industry", "combustion", "yard")
GROUPS = {"traffic": ("road",), "burning": ("waste-burning", "crop-burning")}
"""Kinds of likely sources without a place in the register -> the source groups of measures."""

FIRST = 5
"""Likely sources of a zone whose factories count, wherever they stand."""


def likely_of(zone: Mapping[str, Any], likely: pd.DataFrame | None) -> pd.DataFrame:
    """Return the likely sources of a zone, first one first; no rows where nothing could be weighed."""
    if likely is None or likely.empty:
        return pd.DataFrame({"source_id": [], "kind": [], "share": []})
    mine = (likely["target_id"] == str(zone["zone_id"])) & likely["share"].notna()
    return likely.loc[mine].sort_values("rank")


def factories_of(
    zone: Mapping[str, Any], factories: pd.DataFrame, likely: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the zone's own factories, and those elsewhere among its `FIRST` likely sources."""
    if "zone_id" not in factories:
        return factories[:0]
    suspected = likely_of(zone, likely)["source_id"].head(FIRST)
    mine = (factories["zone_id"] == str(zone["zone_id"])) | factories["factory_id"].isin(suspected)
    return factories.loc[mine]


def with_groups(factories: pd.DataFrame) -> pd.DataFrame:
    """Return factories with ``sources`` (list of source groups), ``type_number`` and ``weight`` (dust potential)."""
    types = catalogues.factory_types()
    exact: dict[tuple[int, int], str] = {}
    broad: dict[int, str] = {}
    columns = (types[name].tolist() for name in ("type_no", "type_sub", "source_groups"))
    for kind, part, groups in zip(*columns, strict=True):
        exact[int(kind), int(part)] = str(groups)
        broad.setdefault(int(kind), str(groups))
    codes = factories.get("type_code", pd.Series("", index=factories.index)).astype(str)
    digits = codes.str.extract(r"^(\d{3})(\d{2})")
    number_ = pd.to_numeric(digits[0], errors="coerce").fillna(-1).astype(int)
    sub = pd.to_numeric(digits[1], errors="coerce").fillna(0).astype(int)
    sources = [split(exact.get((n, s), broad.get(n, ""))) for n, s in zip(number_, sub, strict=True)]
    weight = pd.to_numeric(factories.get("potential", pd.Series(1.0, index=factories.index)), errors="coerce")
    listed = pd.Series(sources, index=factories.index, dtype=object)
    return factories.assign(sources=listed, type_number=number_, weight=weight.fillna(0.0).clip(lower=0.0))


def strengths(
    zone: Mapping[str, Any], factories: pd.DataFrame, likely: pd.DataFrame | None = None
) -> dict[str, float]:
    """Return how strong each kind of source is for a zone, 0 to 1.

    Parameters
    ----------
    zone : mapping
        Row of the zone table.
    factories : DataFrame
        Of `factories_of`: ``factory_id``, ``type_code``, ``potential`` (from 0 up).
    likely : DataFrame, optional
        Likely sources of all zones (`planning.likely.COLUMNS`).

    Returns
    -------
    dict
        By source group. A factory group's strength is its part of the factories' evidence, scaled by how much of all
        evidence is the factories' (by the zone's part of the score for factories where no likely sources are known);
        ``exposure`` follows people and receptors.
    """
    found = dict(settings()["base"])
    listed, known = with_groups(factories), likely_of(zone, likely)
    scale = _share(zone.get("part_factories"), default=0.5)
    if len(known):
        evidence = known.drop_duplicates("source_id").set_index("source_id")["share"]
        listed = listed.assign(weight=listed["factory_id"].map(evidence).fillna(0.0))
        scale = float(known.loc[known["kind"] == "factory", "share"].sum())
        for kind, groups in GROUPS.items():
            share = float(known.loc[known["kind"] == kind, "share"].sum())
            found |= {group: _raised(found.get(group, 0.0), share) for group in groups}
    total = float(listed["weight"].sum())
    for group in sorted({s for sources in listed["sources"] for s in sources}):
        of_group = float(listed.loc[[group in s for s in listed["sources"]], "weight"].sum())
        part = (0.4 + 0.6 * scale) * of_group / total if total > 0 else 0.0
        found[group] = _raised(float(found.get(group, 0.0)), part)
    people = max(_share(zone.get("part_people")), _share(zone.get("part_receptors")))
    found["exposure"] = _raised(found["exposure"], people)
    return found


def _raised(base: float, part: float) -> float:
    return base + (1 - base) * min(max(part, 0.0), 1.0)


def _share(part: object, default: float = 0.0) -> float:
    try:
        value = float(part)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return default
    return min(max(value / 100, 0.0), 1.0) if isfinite(value) else default
