"""Validation: what the map says at each station when the station is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2

from interpolation import scores, student
from interpolation.arrays import Array, Indices
from interpolation.finish import BANDS, Finish
from interpolation.neighbourhood import leave_one_out_local
from interpolation.patterns import Patterns
from interpolation.solution import EXTREME, Solution
from interpolation.system import System, complete
from interpolation.transform import Transform
from language import Note, UserError, note


@dataclass(frozen=True)
class Labels:
    """What stations and steps are called in notes; their numbers, from 1, where they have no names."""

    stations: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    def station(self, number: int) -> str:
        """Return a station's name."""
        return self.stations[number] if self.stations else str(number + 1)

    def step(self, number: int) -> str:
        """Return a step's name."""
        return self.steps[number] if self.steps else str(number + 1)


@dataclass(frozen=True)
class Latent:
    """Leave-one-out predictions on the transformed scale, all (T, n); NaN where nothing was measured."""

    mean: Array
    sd: Array
    freedom: Array
    observed: Array


@dataclass(frozen=True)
class Validation:
    """Scores of predictions at left-out stations.

    Attributes
    ----------
    table : DataFrame
        step, station (both from 0), observed, mean, sd, lower95, upper95, z (standardised error on
        the transformed scale), crps [, exceedance, exceeded].
    n, mae, rmse, me, r, crps : numbers
        ME is predicted minus observed [unit of the values].
    coverage90, coverage95 : float
        Share of the observations inside the interval.
    rmsse : float
        Root mean squared standardised error on the transformed scale; 1 = honest.
    per_station : DataFrame
        The same scores of each station.
    notes : tuple of Note
        Among them possible local events.
    """

    table: pd.DataFrame
    n: int
    mae: float
    rmse: float
    me: float
    r: float
    crps: float
    coverage90: float
    coverage95: float
    rmsse: float
    per_station: pd.DataFrame
    notes: tuple[Note, ...]

    def reliability(self, classes: int = 10) -> pd.DataFrame:
        """Return the reliability diagram of the exceedance probability: stated and observed share, by class.

        Empty without a threshold.
        """
        if "exceedance" not in self.table:
            return pd.DataFrame(columns=["stated", "observed", "n"])
        at = np.minimum((self.table["exceedance"] * classes).astype(int), classes - 1)
        grouped = self.table.groupby(at)
        return pd.DataFrame(
            {
                "stated": grouped["exceedance"].mean(),
                "observed": grouped["exceeded"].mean(),
                "n": grouped.size(),
            }
        ).reset_index(drop=True)

    def to_dict(self) -> dict[str, float]:
        """Return the scores as plain values."""
        names = ("n", "mae", "rmse", "me", "r", "crps", "coverage90", "coverage95", "rmsse")
        return {name: getattr(self, name) for name in names}


def leave_one_out(solution: Solution) -> Latent:
    """Predict every station from the others at every step, without refitting."""
    problem, sills = solution.problem, solution.sills
    if problem.local:
        mean, share = leave_one_out_local(problem)
        freedom = np.broadcast_to(sills.total_freedom[:, None], mean.shape)
        return Latent(mean, np.sqrt(share * sills.each[:, None]), freedom, problem.z)
    mean, variance, freedom = solution.leave_one_out()
    with np.errstate(invalid="ignore"):
        return Latent(mean, np.sqrt(variance), freedom, problem.z)


def mixed(parts: Sequence[tuple[float, Latent]]) -> Latent:
    """Return the mixture of predictions under several variograms: their mean, and the spread within and between.

    Parameters
    ----------
    parts : sequence of (weight, Latent)
        The weights add up to one.
    """
    if len(parts) == 1:
        return parts[0][1]
    mean = sum(np.asarray(w * one.mean) for w, one in parts)
    variance = sum(np.asarray(w * (one.sd**2 + (one.mean - mean) ** 2)) for w, one in parts)
    first = parts[0][1]
    return Latent(np.asarray(mean), np.sqrt(variance), first.freedom, first.observed)


def leave_blocks_out(solution: Solution, block: Indices) -> Latent:
    """Predict every station from the stations of other blocks, for clustered networks.

    Parameters
    ----------
    block : (n,) int array
        The block of each station.
    """
    problem, sills = solution.problem, solution.sills
    mean = np.full(problem.z.shape, np.nan)
    share = np.full(problem.z.shape, np.nan)
    for one in np.unique(block):
        rest, out = np.flatnonzero(block != one), np.flatnonzero(block == one)
        values = problem.z[:, rest]
        usable = np.isfinite(values).sum(axis=1) > problem.drift_matrix.shape[1]
        system = System.factorise(problem.matrix[np.ix_(rest, rest)], problem.drift_matrix[rest])
        patterns = Patterns.of(np.where(usable[:, None], values, 0.0))
        done = complete(system, np.where(usable[:, None], values, 0.0), patterns)
        c, f = problem.matrix[np.ix_(out, rest)], problem.drift_matrix[out]
        weights = c @ system.projection + f @ system.border.T
        multipliers = c @ system.border - f @ system.spread
        whole = np.diag(problem.matrix)[out] - (c * weights).sum(axis=1) - (f * multipliers).sum(axis=1)
        for number, present in enumerate(patterns.present):
            steps = np.flatnonzero((patterns.of_step == number) & usable)
            gaps = np.flatnonzero(~present)
            extra: Array = np.zeros(len(out))
            if gaps.size:
                hole = np.linalg.inv(system.projection[np.ix_(gaps, gaps)])
                extra = np.einsum("ok,kl,ol->o", weights[:, gaps], hole, weights[:, gaps])
            mean[np.ix_(steps, out)] = done.filled[steps] @ weights.T
            share[np.ix_(steps, out)] = whole + extra
    known = np.isfinite(problem.z)
    sd = np.sqrt(share * sills.each[:, None])
    freedom = np.broadcast_to(sills.total_freedom[:, None], mean.shape)
    return Latent(np.where(known, mean, np.nan), np.where(known, sd, np.nan), freedom, problem.z)


def spatial_blocks(coordinates: Array, count: int) -> Indices:
    """Return a block number for each station: `count` compact groups (k-means, seeded)."""
    scaled = (coordinates - coordinates.mean(axis=0)) / np.ptp(coordinates, axis=0).max()
    _, block = kmeans2(scaled, count, minit="++", rng=np.random.default_rng(0))
    return np.asarray(block, dtype=np.intp)


def judge(
    observed: Array,
    latent: Latent,
    transform: Transform,
    threshold: float | None,
    nonnegative: bool,
    notes: Sequence[Note],
    labels: Labels | None = None,
) -> Validation:
    """Score leave-out predictions on the original scale.

    Parameters
    ----------
    observed : (T, n) array
        Original scale.
    """
    step, station = np.nonzero(np.isfinite(observed) & np.isfinite(latent.mean) & np.isfinite(latent.sd))
    if step.size == 0:
        raise UserError("No station can be predicted from the others.")
    at = (step, station)
    y, mean, sd, freedom = observed[at], latent.mean[at], latent.sd[at], latent.freedom[at]
    bands = BANDS if threshold is not None else BANDS[:-1]
    done, _ = Finish(transform, freedom, threshold, nonnegative)(mean[:, None], (sd**2)[:, None], bands)
    table = pd.DataFrame({"step": step, "station": station, "observed": y})
    for name, values in done.items():
        table[name] = values[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["z"] = np.where(sd > 0, (latent.observed[at] - mean) / sd, 0.0)
    table["normal"] = student.to_normal(table["z"].to_numpy(), np.maximum(freedom, 1.0))
    table["crps"] = scores.crps(y, mean, sd, freedom, transform)
    reach = student.quantile(0.95, freedom)
    table["inside90"] = table["z"].abs() <= reach
    table["inside95"] = table["z"].abs() <= student.quantile(0.975, freedom)
    if threshold is not None:
        table["exceeded"] = table["observed"] > threshold
    whole = _scores(table)
    rows = [{"station": s, **_scores(part)} for s, part in table.groupby("station")]
    return Validation(
        table=table,
        n=int(whole["n"]),
        **{k: whole[k] for k in ("mae", "rmse", "me", "r", "crps", "coverage90", "coverage95", "rmsse")},
        per_station=pd.DataFrame(rows),
        notes=(*notes, *_events(table, labels or Labels())),
    )


def _scores(table: pd.DataFrame) -> dict[str, float]:
    out = scores.summary(table["observed"].to_numpy(), table["mean"].to_numpy())
    out["crps"] = float(table["crps"].mean())
    out["coverage90"] = float(table["inside90"].mean())
    out["coverage95"] = float(table["inside95"].mean())
    out["rmsse"] = float(np.sqrt(np.mean(np.square(table["z"]))))
    return out


def _events(table: pd.DataFrame, labels: Labels) -> list[Note]:
    """Return notes on the three values farthest above what their surroundings explain."""
    extreme = table[table["normal"] > EXTREME]
    worst = extreme.loc[extreme.groupby("station")["z"].idxmax()].nlargest(3, "z")
    return [
        note(
            "Possible local event at station {station}, time {step}: {value} where the others suggest {expected} "
            "(standardised error {z}).",
            level="warning",
            station=labels.station(int(row["station"])),
            step=labels.step(int(row["step"])),
            value=f"{row['observed']:.4g}",
            expected=f"{row['mean']:.4g}",
            z=f"{row['z']:.1f}",
        )
        for _, row in worst.iterrows()
    ]
