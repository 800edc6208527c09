"""Priority zones: the units of the area scored, ranked and explained.

A score is made of parts, each 0 to 100 (`planning.scoring` says how):

===========  ==============================================================================================
part         from
===========  ==============================================================================================
exceedance   expected share of days over the standard, mean of the zone's cells
excess       mean above the region's background in the same hours, µg/m³ (below it counts as 0)
hotspot      share of the zone's area inside hotspots
trend        rise of that excess, µg/m³ a month, where it is new or significant; else 0
factories    sum of the factories' dust potential
citizens     complaints of smoke, dust, smell and burning in meetings, with the hands shown for them
people       people who live there
vulnerable   children and old people among them, or people registered at schools and care places
receptors    schools, childcare centres, hospitals, health centres, homes for the elderly
confidence   how well the readings support the map there, per cent (`planning.indicators.confidence`)
===========  ==============================================================================================

The first six and confidence make the burden of the product, the three about people the vulnerability. A part that is
unknown for every zone is left out and its weight goes to the others; a zone that alone lacks a value is scored
without it, and a note says so.

Everything a score needs stands in the table, so that other weights need no kriging (`rescore`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from language import Note, note
from planning import zone_people
from planning.indicators import RISING
from planning.scoring import COMPONENTS, Choice, SurfaceDraws, robustness, scale, scaled_component, scaling_of, scores
from planning.sentences import zone_reason
from planning.settings import PARTS, Settings, check_weights

CLASSES = ("urgent", "watch", "prevent")

COLUMNS = (
    "zone_id",
    "rank",
    "code",
    "name_th",
    "name_en",
    "class",
    "score",
    "method",
    "burden",
    "vulnerability",
    *(f"part_{p}" for p in PARTS),
    *(f"weight_{p}" for p in PARTS),
    "days_over",
    "days_total",
    "share_days",
    "hot_days",
    "mean_ugm3",
    "lower95",
    "upper95",
    "excess_ugm3",
    "excess_low",
    "excess_high",
    "trend",
    "trend_p",
    "trend_class",
    "people",
    "people_source",
    *zone_people.COLUMNS,
    "vulnerable_people",
    "vulnerable_source",
    "receptors",
    "schools",
    "hospitals",
    "factories",
    "factories_high",
    "factories_potential",
    "hotspot_share",
    "complaints",
    "confidence",
    "top_factory_types",
    "top_factory_types_en",
    "rank_low",
    "rank_high",
    "top_three_share",
    "robustness",
    "reason_th",
    "reason_en",
    "area_km2",
    "level",
    "approximate",
    "simulated",
    "geometry",
)
"""Columns of the zone table (WGS84)."""

_INDICATORS = {
    "exceedance": "share_days",
    "excess": "excess_ugm3",
    "hotspot": "hotspot_share",
    "trend": "trend",
    "factories": "factories_potential",
    "citizens": "complaints",
    "people": "people",
    "vulnerable": "vulnerable_people",
    "receptors": "receptors",
    "confidence": "confidence",
}

_COUNTED = ("receptors", "factories", "citizens")
"""Parts that are unknown where nothing at all is counted: a register that is empty all over the area was not brought
yet; it doesn't say that there is nothing."""


def indicator(part: str, zones: pd.DataFrame) -> pd.Series[float]:
    """Return what a part is made from, NaN where unknown; never below 0."""
    values = pd.to_numeric(zones[_INDICATORS[part]], errors="coerce").astype(float).clip(lower=0.0)
    if part == "trend":  # a rise that may be chance is none
        return values.where(zones["trend_class"].isin(RISING) | values.isna(), 0.0)
    return values


def parts_of(zones: pd.DataFrame, settings: Settings, method: str = "weighted") -> pd.DataFrame:
    """Return the parts of all zones, columns `PARTS`, 0 to 100, NaN where the indicator is unknown."""
    how = scaling_of(method, settings)
    columns = {}
    for part in PARTS:
        values = np.asarray(indicator(part, zones), dtype=np.float64)
        if part in _COUNTED and not np.nansum(values):
            values = np.full(len(zones), np.nan)
        columns[part] = scale(values, how, settings.zones_least[part])
    return pd.DataFrame(columns, index=zones.index)


def rank_zones(
    zones: gpd.GeoDataFrame,
    weights: Mapping[str, float],
    settings: Settings,
    day_share: float,
    method: str = "weighted",
    draws: SurfaceDraws | None = None,
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Score, rank, classify and explain zones.

    Parameters
    ----------
    zones : GeoDataFrame
        One row per zone with the indicators (see `COLUMNS`).
    weights : mapping of part to weight
        Any scale; a part not named weighs nothing.
    settings : Settings
    day_share : float
        Share of days over the standard from which a zone may be urgent.
    method : {"weighted", "product"}
    draws : SurfaceDraws, optional
        Simulated surfaces; without, only the weights are drawn for the range of ranks.

    Returns
    -------
    zones : GeoDataFrame
        Sorted by rank, with every column of `COLUMNS`.
    notes : list of Note
    """
    choice = Choice(check_weights(dict(weights)), method, settings)
    parts = parts_of(zones, settings, method)
    values = parts.to_numpy()
    score = scores(values, choice.vector, method)
    table = zones.assign(
        **{f"part_{p}": parts[p].round(1) for p in PARTS},
        **{f"weight_{p}": round(choice.weights[p], 4) for p in PARTS},
        **{name: scaled_component(values, choice.vector, m).round(2) for name, m in COMPONENTS.items()},
        score=score.round(1),
        method=method,
    )
    codes = [str(c) for c in table["code"]]
    table = table.assign(**robustness(values, score, choice, draws, codes), **_excess_range(draws, codes))
    position = np.lexsort((np.arange(len(score)), -table["share_days"].fillna(0).to_numpy(), -score))
    table = table.iloc[position].reset_index(drop=True)
    table["rank"] = np.arange(1, len(table) + 1)
    if "zone_id" not in table or table["zone_id"].isna().any():
        table["zone_id"] = [f"Z{r}" for r in table["rank"]]
    table["class"] = [_class_of(row, settings, day_share) for row in table.to_dict("records")]
    for lang in ("th", "en"):
        table[f"reason_{lang}"] = [zone_reason(row, len(table), lang) for row in table.to_dict("records")]
    return table[list(COLUMNS)], [*_part_notes(parts, choice.weights), *_component_notes(values, choice)]


def _excess_range(draws: SurfaceDraws | None, codes: list[str]) -> dict[str, object]:
    """Return the bounds of the 90 % interval of the local excess over the simulated surfaces, µg/m³."""
    if draws is None:
        return {"excess_low": np.nan, "excess_high": np.nan}
    drawn = draws.of("excess_ugm3", codes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a zone that nothing supports
        low, high = np.nanquantile(drawn, [0.05, 0.95], axis=0)
    return {"excess_low": low, "excess_high": high}


def level_of(score: float, method: str) -> float:
    """Return the score on the scale of the class limits: of a product its geometric mean.

    >>> level_of(49.0, "product"), level_of(49.0, "weighted")
    (70.0, 49.0)
    """
    return 10.0 * float(np.sqrt(max(score, 0.0))) if method == "product" else score


def _class_of(row: Mapping[str, object], settings: Settings, day_share: float) -> str:
    score, share, hot = (float(str(row[k])) for k in ("score", "share_days", "hotspot_share"))
    level = level_of(score, str(row["method"]))
    dusty = share >= day_share or hot > 0
    if level >= settings.zones_urgent and dusty:
        return "urgent"
    return "watch" if level >= settings.zones_watch or dusty else "prevent"


def _component_notes(values: NDArray[np.float64], choice: Choice) -> list[Note]:
    """Say when a component of the product is missing."""
    if choice.method != "product":
        return []
    missing = [
        name for name, members in COMPONENTS.items() if np.isnan(scaled_component(values, choice.vector, members)).all()
    ]
    said = {
        "burden": note(
            "Nothing that tells of the burden is known or weighs anything; the score is the vulnerability alone.",
            level="warning",
        ),
        "vulnerability": note(
            "Nothing that tells of people is known or weighs anything; the score is the burden alone.", level="warning"
        ),
    }
    return [said[name] for name in missing]


def _part_notes(parts: pd.DataFrame, weights: Mapping[str, float]) -> list[Note]:
    notes = []
    for part in PARTS:
        missing = int(parts[part].isna().sum())
        if not missing or not weights[part]:
            continue
        if missing == len(parts):
            notes.append(
                note(
                    "Nothing is known about {part} in any zone; its weight goes to the other parts.",
                    level="info" if part in ("citizens", "trend") else "warning",
                    part=part_name(part),
                )
            )
        else:
            notes.append(
                note(
                    "{part} is unknown in {count} of {total} zones; these are scored without it, so compare "
                    "them with care.",
                    level="warning",
                    part=part_name(part),
                    count=missing,
                    total=len(parts),
                )
            )
    return notes


def part_name(part: str) -> Note:
    """Return the name of a part as a sentence piece that can be translated."""
    return _PART_NAMES[part]


_PART_NAMES = {
    "exceedance": note("days over the standard"),
    "excess": note("dust above the background"),
    "hotspot": note("share inside hotspots"),
    "trend": note("rise of local dust"),
    "factories": note("dust potential of factories"),
    "citizens": note("complaints in meetings"),
    "people": note("number of people"),
    "vulnerable": note("children and old people"),
    "receptors": note("schools and care places"),
    "confidence": note("confidence of the data"),
}
