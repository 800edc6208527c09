"""Scores of zones: indicators become parts, parts a score, and drawn weights and surfaces say how firm a rank is.

Two methods:

*product*, burden × vulnerability as in CalEnviroScreen 4.0 (OEHHA 2021, "Update to the California Communities
Environmental Health Screening Tool", chapter on method): each indicator becomes a percentile among the compared zones
(zero stays zero), percentiles are averaged within burden and within vulnerability (environmental effects count half),
each average is scaled so that the highest zone has 10, and the two are multiplied: 0 to 100.

*weighted*: Σ weight × part, each part 0 to 100.

A part unknown for a zone is left out of its averages. Where no part of one component is known or weighs anything,
the other one alone makes the score (10 × its scaled value).

Robustness: weights are drawn around the chosen ones, and with each bundle of weights goes one simulated surface,
as likely as the map given the readings; so the range of ranks holds what is not known about either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.settings import BURDEN, PARTS, VULNERABILITY, Settings

Array = NDArray[np.float64]

COMPONENTS = {
    "burden": np.array([p in BURDEN for p in PARTS]),
    "vulnerability": np.array([p in VULNERABILITY for p in PARTS]),
}
"""Which parts each component of the product holds."""

SIMULATED = {"exceedance": "share_days", "excess": "excess_ugm3", "hotspot": "hotspot_share"}
"""Parts that differ from one simulated surface to the other, and the indicator behind each."""


@dataclass(frozen=True, eq=False)
class SurfaceDraws:
    """Indicators of the zones on simulated surfaces.

    Attributes
    ----------
    codes : tuple of str
        The zones' codes.
    drawn : mapping of indicator (`SIMULATED`) to ndarray (surfaces, zones)
        NaN where nothing supports an estimate.
    """

    codes: tuple[str, ...]
    drawn: Mapping[str, Array]

    @property
    def surfaces(self) -> int:
        """Number of surfaces."""
        return len(next(iter(self.drawn.values())))

    def of(self, indicator: str, codes: Sequence[str]) -> Array:
        """Return the draws (surfaces, zones) of some zones, in their order."""
        place = {code: i for i, code in enumerate(self.codes)}
        return np.asarray(self.drawn[indicator][:, [place[c] for c in codes]])


def scale(values: Array, method: str, least: float = 0.0) -> Array:
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


def scaling_of(method: str, settings: Settings) -> str:
    """Return how indicators become parts in a method."""
    return "percentile" if method == "product" else settings.zones_scaling


def component(parts: Array, weights: Array, members: NDArray[np.bool_]) -> Array:
    """Return the weighted mean of the known parts of one component, NaN where none weighs.

    Parameters
    ----------
    parts : ndarray (n zones, p parts), NaN = unknown
    weights : ndarray (p,) or (d draws, p)
    members : ndarray (p,) of bool

    Returns
    -------
    ndarray (n,) or (d, n), 0 to 100
    """
    weights = weights * members
    known = np.isfinite(parts)
    total = weights @ known.T.astype(float)
    summed = weights @ np.nan_to_num(parts).T
    result: Array = np.divide(summed, total, out=np.full_like(summed, np.nan), where=total > 0)
    return result


def scaled_component(parts: Array, weights: Array, members: NDArray[np.bool_]) -> Array:
    """Return a component scaled so that the highest zone has 10; NaN where it is not known."""
    value = component(parts, weights, members)
    highest = np.max(np.nan_to_num(value), axis=-1, keepdims=True)
    scaled: Array = 10.0 * value / np.where(highest > 0, highest, 1.0)
    return scaled


def scores(parts: Array, weights: Array, method: str = "weighted") -> Array:
    """Return the scores of zones.

    Parameters
    ----------
    parts : ndarray (n zones, p parts), NaN = unknown
    weights : ndarray (p,) or (d draws, p)
    method : {"weighted", "product"}

    Returns
    -------
    ndarray (n,) or (d, n)
        0 to 100; 0 for a zone of which nothing that weighs is known.
    """
    if method == "weighted":
        return np.nan_to_num(component(parts, weights, np.ones(parts.shape[1], bool)))
    burden, people = (scaled_component(parts, weights, members) for members in COMPONENTS.values())
    only_burden, only_people = (np.isnan(c).all(axis=-1, keepdims=True) for c in (people, burden))
    product = np.where(only_burden, 10.0 * burden, np.where(only_people, 10.0 * people, burden * people))
    return np.nan_to_num(product)


@dataclass(frozen=True)
class Choice:
    """How scores are made: weights of all parts (sum 1), method, settings."""

    weights: Mapping[str, float]
    method: str
    settings: Settings

    @property
    def vector(self) -> Array:
        """The weights in the order of `PARTS`."""
        return np.array([self.weights[p] for p in PARTS])


def robustness(
    parts: Array, score: Array, choice: Choice, draws: SurfaceDraws | None, codes: Sequence[str]
) -> dict[str, Array | list[str]]:
    """Return how firmly each zone holds its place when weights and surfaces are drawn anew.

    Weights are drawn from a Dirichlet distribution around the chosen ones: mean the chosen weights,
    spread by ``[robustness] concentration``.

    Parameters
    ----------
    parts : ndarray (n, p), score : ndarray (n,)
        As reported.
    choice : Choice
    draws : SurfaceDraws or None
        Without, only the weights are drawn.
    codes : sequence of str
        Of the zones, in the order of `parts`.

    Returns
    -------
    dict
        ``rank_low``, ``rank_high``: 5 % and 95 % quantile of the rank (1 = first); ``top_three_share``:
        share of the draws in the first three (in the first one where there are not more than three zones);
        ``robustness``: "robust", "likely" or "sensitive", by the share of draws in which the zone stays on its
        side of the line between the first three and the rest.
    """
    settings = choice.settings
    ranks = drawn_ranks(parts, choice, draws, codes)
    own = rank(score[None, :])[0]
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


def drawn_ranks(parts: Array, choice: Choice, draws: SurfaceDraws | None, codes: Sequence[str]) -> NDArray[np.int64]:
    """Return the ranks (draws, zones) under drawn weights and, where given, simulated surfaces."""
    settings = choice.settings
    rng = np.random.default_rng(settings.robustness_seed)
    chosen, count = choice.vector, settings.robustness_draws
    used = chosen > 0
    drawn = np.zeros((count, len(PARTS)))
    drawn[:, used] = rng.dirichlet(settings.robustness_concentration * chosen[used], count)
    if draws is None:
        return rank(scores(parts, drawn, choice.method))
    surfaces = draws.surfaces
    simulated = _simulated_parts(parts, choice, draws, codes)
    bundles = np.array_split(drawn, surfaces)
    return np.vstack(
        [rank(scores(simulated[k], bundle, choice.method)) for k, bundle in enumerate(bundles) if len(bundle)]
    )


def _simulated_parts(parts: Array, choice: Choice, draws: SurfaceDraws, codes: Sequence[str]) -> Array:
    """Return the parts (surfaces, zones, p) with those of `SIMULATED` from the drawn surfaces."""
    how = scaling_of(choice.method, choice.settings)
    found = np.repeat(parts[None], draws.surfaces, axis=0)
    for part, indicator in SIMULATED.items():
        least = choice.settings.zones_least[part]
        unknown = np.isnan(parts[:, PARTS.index(part)])
        for k, values in enumerate(draws.of(indicator, codes)):
            known = np.where(unknown, np.nan, np.maximum(values, 0.0))
            found[k, :, PARTS.index(part)] = scale(known, how, least)
    return found


def rank(score: Array) -> NDArray[np.int64]:
    """Return ranks along the last axis, 1 for the greatest; equal scores in the order of the zones."""
    position = np.argsort(-score, axis=-1, kind="stable")
    ranks = np.empty_like(position)
    np.put_along_axis(ranks, position, np.broadcast_to(np.arange(1, score.shape[-1] + 1), position.shape), -1)
    return ranks
