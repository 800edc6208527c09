"""Priority zones: the units of the area scored, ranked and explained.

score = Σ weight × part, each part 0 to 100:

===========  ====================================================================
part         from
===========  ====================================================================
exceedance   expected share of days over the standard, mean of the zone's cells
hotspot      share of the zone's area inside hotspots
people       people who live there
receptors    schools, childcare centres, hospitals, health centres, homes for the elderly
factories    sum of the factories' dust potential
===========  ====================================================================

With scaling ``greatest`` a part is 100 × value / greatest value among the zones (or a least value that deserves
100, data/screening.toml, where that is more): a zone with half the people has half the points, and two zones that
hardly differ stay close. With ``percentile`` it is the zone's rank from
below among those with a value above zero, in percent, as in CalEnviroScreen 4.0 (OEHHA, 2021); zero stays zero.
A part that is unknown for every zone is left out and its weight goes to the others; a zone that alone
lacks a value is scored without it, and a note says so.

Everything a score needs stands in the table, so that other weights need no kriging (`rescore`).
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from language import Note, note
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
    *(f"part_{p}" for p in PARTS),
    *(f"weight_{p}" for p in PARTS),
    "days_over",
    "days_total",
    "share_days",
    "hot_days",
    "mean_ugm3",
    "lower95",
    "upper95",
    "people",
    "people_source",
    "receptors",
    "schools",
    "hospitals",
    "factories",
    "factories_high",
    "factories_potential",
    "hotspot_share",
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
    "hotspot": "hotspot_share",
    "people": "people",
    "receptors": "receptors",
    "factories": "factories_potential",
}


def scale(values: NDArray[np.float64], method: str, least: float = 0.0) -> NDArray[np.float64]:
    """Return values (NaN = unknown, none below 0) as parts from 0 to 100.

    Parameters
    ----------
    values : ndarray (n,)
    method : {"greatest", "percentile"}
    least : float
        With ``greatest``: the value from which 100 points can be given.

    Examples
    --------
    >>> import numpy as np
    >>> scale(np.array([0.0, 5.0, 10.0]), "greatest").tolist()
    [0.0, 50.0, 100.0]
    >>> scale(np.array([0.0, 5.0, 10.0]), "greatest", least=40.0).tolist()
    [0.0, 12.5, 25.0]
    >>> scale(np.array([0.0, 5.0, 10.0, 10.0]), "percentile").round(1).tolist()
    [0.0, 33.3, 83.3, 83.3]
    """
    values = np.asarray(values, float)
    known = np.isfinite(values)
    if not known.any() or np.nanmax(values) <= 0:
        return np.where(known, 0.0, np.nan)
    if method == "percentile":
        positive = known & (values > 0)
        ranks = pd.Series(values[positive]).rank(method="average").to_numpy(float)
        parts = np.where(known, 0.0, np.nan)
        parts[positive] = 100.0 * ranks / positive.sum()
        return parts
    return np.asarray(100.0 * (values / max(float(np.nanmax(values)), least)), dtype=float)


def parts_of(zones: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the parts of all zones, columns `PARTS`, 0 to 100, NaN where the indicator is unknown.

    Receptors or factories that are zero in every zone count as unknown.
    """
    columns = {
        part: scale(
            pd.to_numeric(zones[column], errors="coerce").to_numpy(float),
            settings.zones_scaling,
            settings.zones_least[part],
        )
        for part, column in _INDICATORS.items()
    }
    # A register that is empty all over the area was not brought yet; it doesn't say that there is nothing.
    for part, counted in (("receptors", "receptors"), ("factories", "factories")):
        if not zones[counted].sum():
            columns[part] = np.full(len(zones), np.nan)
    return pd.DataFrame(columns, index=zones.index)


def scores(parts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted mean of the known parts.

    Parameters
    ----------
    parts : ndarray (n zones, p parts), NaN = unknown
    weights : ndarray (p,) or (d draws, p)

    Returns
    -------
    ndarray (n,) or (d, n)
        0 to 100; 0 for a zone of which nothing that weighs is known.
    """
    known = np.isfinite(parts)
    total = weights @ known.T.astype(float)
    summed = weights @ np.nan_to_num(parts).T
    result: NDArray[np.float64] = np.divide(summed, total, out=np.zeros_like(summed), where=total > 0)
    return result


def rank_zones(
    zones: gpd.GeoDataFrame, weights: Mapping[str, float], settings: Settings, day_share: float
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

    Returns
    -------
    zones : GeoDataFrame
        Sorted by rank, with every column of `COLUMNS`.
    notes : list of Note
    """
    weight = check_weights(dict(weights))
    parts = parts_of(zones, settings)
    score = scores(parts.to_numpy(), np.array([weight[p] for p in PARTS]))
    table = zones.assign(
        **{f"part_{p}": parts[p].round(1) for p in PARTS},
        **{f"weight_{p}": round(weight[p], 4) for p in PARTS},
        score=score.round(1),
    )
    table = table.assign(**robustness(parts.to_numpy(), score, weight, settings))
    position = np.lexsort((np.arange(len(score)), -table["share_days"].fillna(0).to_numpy(), -score))
    table = table.iloc[position].reset_index(drop=True)
    table["rank"] = np.arange(1, len(table) + 1)
    if "zone_id" not in table or table["zone_id"].isna().any():
        table["zone_id"] = [f"Z{r}" for r in table["rank"]]
    table["class"] = [_class_of(row, settings, day_share) for row in table.to_dict("records")]
    for lang in ("th", "en"):
        table[f"reason_{lang}"] = [zone_reason(row, len(table), lang) for row in table.to_dict("records")]
    return table[list(COLUMNS)], _part_notes(parts, weight)


def _class_of(row: Mapping[str, object], settings: Settings, day_share: float) -> str:
    score, share, hot = (float(str(row[k])) for k in ("score", "share_days", "hotspot_share"))
    dusty = share >= day_share or hot > 0
    if score >= settings.zones_urgent and dusty:
        return "urgent"
    return "watch" if score >= settings.zones_watch or dusty else "prevent"


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
                    level="warning",
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
    "hotspot": note("share inside hotspots"),
    "people": note("number of people"),
    "receptors": note("schools and care places"),
    "factories": note("dust potential of factories"),
}


def robustness(
    parts: NDArray[np.float64],
    score: NDArray[np.float64],
    weights: Mapping[str, float],
    settings: Settings,
) -> dict[str, NDArray[np.float64] | list[str]]:
    """Return how firmly each zone holds its place when the weights are drawn anew.

    Weights are drawn from a Dirichlet distribution around the chosen ones: mean the chosen weights,
    spread by ``[robustness] concentration``.

    Returns
    -------
    dict
        ``rank_low``, ``rank_high``: 5 % and 95 % quantile of the rank (1 = first); ``top_three_share``:
        share of the draws in the first three (in the first one where there are not more than three zones);
        ``robustness``: "robust", "likely" or "sensitive", by the share of draws in which the zone stays on its
        side of the line between the first three and the rest.
    """
    rng = np.random.default_rng(settings.robustness_seed)
    chosen = np.array([weights[p] for p in PARTS])
    used = chosen > 0
    drawn = np.zeros((settings.robustness_draws, len(PARTS)))
    drawn[:, used] = rng.dirichlet(settings.robustness_concentration * chosen[used], settings.robustness_draws)
    ranks = _ranks(scores(parts, drawn))
    own = _ranks(score[None, :])[0]
    leading = 3 if len(score) > 3 else 1
    top = (ranks <= leading).mean(axis=0)
    holds = np.where(own <= leading, top, 1 - top)
    words = np.select(
        [holds >= settings.robustness_robust, holds >= settings.robustness_likely],
        ["robust", "likely"],
        "sensitive",
    )
    return {
        "rank_low": np.quantile(ranks, 0.05, axis=0, method="lower"),
        "rank_high": np.quantile(ranks, 0.95, axis=0, method="higher"),
        "top_three_share": top,
        "robustness": [str(w) for w in words],
    }


def _ranks(score: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return ranks along the last axis, 1 for the greatest; equal scores in the order of the zones."""
    position = np.argsort(-score, axis=-1, kind="stable")
    ranks = np.empty_like(position)
    np.put_along_axis(ranks, position, np.broadcast_to(np.arange(1, score.shape[-1] + 1), position.shape), -1)
    return ranks
