"""Conditional simulation: many equally likely surfaces that honour the readings, with shared weights.

What it answers: how sure is anything that is made of many cells or many days at once (the area over the
standard, the people in it, the number of days, a rank), which a map of standard deviations cannot tell.

    field = FieldSimulation(kriging, targets, seed=1)      # kriging: fitted `Kriging`; targets: (m, 2) metres
    days = field.days_over(threshold, draws=200)           # (200, m): steps above the threshold in each draw
    for part, values in field.draws(200):                  # values (draws, T, m) [unit of the values]
        ...

1. Unconditional fields are drawn at stations and targets together (`interpolation.sequential`).
2. Conditioning by kriging the error, "residual substitution" (Journel 1974; Chilès and Delfiner 2012, §7.3.1):
   kriging of the readings + (drawn field − kriging of the drawn field at the stations). The drawn stations get
   drawn sensor errors. So each draw has the kriging mean, the kriging variance with its drift, and goes
   through every station that has no error. Weights are the same for every draw and, but for missing stations,
   which are filled as in `interpolation.system`, for every step.
3. Steps are not independent: what a map misses today it misses tomorrow (a works between two sensors, a sensor
   that reads high). A share `repeat` of every error's variance is common to all steps; `repeat_share` reads it
   off the leave-one-station-out errors.
4. Where several variograms are plausible, each gets its share of the draws; where the sill of a step is
   estimated, every draw has a sill of its own (scaled inverse χ²), so that draws follow Student's t.

Memory: `draws` and what builds on it work through a few draws at a time within a budget.
Deliberate cuts: networks that are kriged from nearest stations only (more than 3,000) are not simulated;
correlation between steps is the same for near and far steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from interpolation import engine, student
from interpolation.arrays import Array, Flags, Indices
from interpolation.kriging import Kriging
from interpolation.problem import Problem
from interpolation.sequential import SequentialField, distinct
from interpolation.threads import blas_threads
from language import UserError

BUDGET = 2**28
"""Working memory of a block of draws [bytes]."""


def repeat_share(kriging: Kriging) -> float:
    """Return which share of the map's error variance stays from step to step, 0 to 1.

    The intraclass correlation of the standardised leave-one-station-out errors, a station's steps being a
    class (Searle, Casella and McCulloch 1992, §3.6, unbalanced one-way layout). One step has no share.
    """
    latent = kriging.leave_one_out()
    z = kriging.problem().z
    with np.errstate(invalid="ignore", divide="ignore"):
        error = student.to_normal((z - latent.mean) / latent.sd, np.maximum(latent.freedom, 3.0))
    error = np.where(np.isfinite(error), error, np.nan)
    count = np.isfinite(error).sum(axis=0)
    groups = count > 1
    if groups.sum() < 2:
        return 0.0
    error, count = error[:, groups], count[groups]
    own = np.nanmean(error, axis=0)
    total, k = count.sum(), len(count)
    within = float(np.nansum((error - own) ** 2) / max(total - k, 1))
    between = float((count * (own - np.average(own, weights=count)) ** 2).sum() / (k - 1))
    usual = (total - (count**2).sum() / total) / (k - 1)
    stays = max(between - within, 0.0) / usual
    return float(stays / (stays + within)) if stays + within > 0 else 0.0


@dataclass(frozen=True)
class _Part:
    """One plausible variogram's network: what conditioning needs.

    ``weight``; ``mean`` (T, m), the kriging on the transformed scale; ``weights`` (n, m); ``field`` at distinct
    places, the stations first; ``place`` (m,) of each target among them; ``gaps``, how missing readings are filled.
    """

    weight: float
    problem: Problem
    mean: Array
    weights: Array
    field: SequentialField
    place: Indices
    gaps: tuple[_Gap, ...]


class _Gap(NamedTuple):
    """Stations missing on some steps, kriged from those present: ``weights`` (present, missing)."""

    steps: Indices
    present: Indices
    missing: Indices
    weights: Array


class FieldSimulation:
    """Draws of the mapped field (free of sensor errors) at some targets, for all steps of a kriging.

    Parameters
    ----------
    kriging : Kriging
        Fitted.
    targets : (m, 2) array
        [m] in the stations' system.
    seed : int
        The same seed gives the same draws.
    repeat : float, optional
        Share of the error variance common to all steps, 0 to 1; `repeat_share` by default.
    covariates : (m, p) array, optional
        Of the targets, where the stations have covariates.
    microscale : bool
        Whether the nugget, as far as it isn't stated sensor error, is part of the field (as in the kriging's
        sd). Without it draws are means over small surroundings rather than values at points.
    far : bool
        Draw also where no station is near enough to map, with the network's mean and whole spread.

    Attributes
    ----------
    repeat : float
    supported : (m,) bool array
        As in `Kriging.predict`, or everywhere; draws are NaN elsewhere, and on steps with too few stations.

    Raises
    ------
    UserError
        The network is kriged from nearest stations only.

    Examples
    --------
    >>> from interpolation import Variogram
    >>> xy = [[0, 0], [0, 1000], [1000, 0], [1000, 1000], [500, 400], [200, 700]]
    >>> k = Kriging(Variogram("exponential", 0.0, 25.0, 800.0)).fit(xy, [20, 30, 25, 35, 28, 27])
    >>> part, values = next(FieldSimulation(k, [[500, 400], [250, 250]], seed=1).draws(100))
    >>> values.shape, bool((values[:, 0, 0] == 28).all())
    ((100, 1, 2), True)
    """

    def __init__(
        self,
        kriging: Kriging,
        targets: Array,
        *,
        seed: int,
        repeat: float | None = None,
        covariates: Array | None = None,
        microscale: bool = True,
        far: bool = False,
    ) -> None:
        places = np.asarray(targets, dtype=float).reshape(-1, 2)
        job = kriging.job(None, (), np.dtype(np.float64))
        if job.problem.local:
            raise UserError(
                "A network of more than 3,000 stations, or kriging from the nearest ones, cannot be simulated. Choose "
                "fewer stations."
            )
        self.seed, self.microscale = seed, microscale
        self.repeat = repeat_share(kriging) if repeat is None else float(repeat)
        if not 0 <= self.repeat <= 1:
            raise UserError("The repeated share of the errors lies between 0 and 1, not {value}.", value=self.repeat)
        self.finish = kriging.finish(None)
        self.supported: Flags = engine.run(job, places, covariates).supported | far
        with blas_threads(1):
            self._parts = [_part(weight, problem, places, covariates) for weight, problem in job.parts]
        self.steps = len(job.problem.z)
        self.targets = len(places)

    def days_over(
        self,
        threshold: float | Array,
        draws: int,
        progress: Callable[[float], None] | None = None,
        budget: int = BUDGET,
    ) -> Array:
        """Return on how many steps each draw is above the threshold at each target: (draws, m) of float32.

        Parameters
        ----------
        threshold : float or (draws,) array
            [unit of the values]; one for each draw where given so.
        draws : int
        progress : callable, optional
            Called with the share done.
        budget : int
            Working memory [bytes].
        """
        limits = np.broadcast_to(np.asarray(threshold, dtype=float), (draws,))
        limits = np.asarray(self.finish.transform.forward(limits), dtype=np.float32)[:, None, None]
        out = np.full((draws, self.targets), np.nan, dtype=np.float32)
        usable = self._parts[0].problem.usable
        for rows, latent in self.latent(draws, budget):
            out[rows] = (latent[:, usable] > limits[rows]).sum(axis=1, dtype=np.float32)
            if progress:
                progress(rows.stop / draws)
        out[:, ~self.supported] = np.nan
        return out

    def draws(self, count: int, budget: int = BUDGET) -> Iterator[tuple[slice, Array]]:
        """Yield blocks of draws: which of `count` they are, and their values (draws, T, m), float32.

        Values on the original scale, NaN where nothing supports an estimate.
        """
        for rows, latent in self.latent(count, budget):
            values = self.finish.transform.inverse(latent).astype(np.float32)
            if self.finish.nonnegative:
                np.maximum(values, 0, out=values)
            values[:, :, ~self.supported] = np.nan
            yield rows, values

    def latent(self, count: int, budget: int = BUDGET) -> Iterator[tuple[slice, Array]]:
        """Yield blocks of draws on the transformed scale, (draws, T, m) of float32, also where not supported."""
        shares = np.cumsum([part.weight for part in self._parts])
        edges = np.r_[0, np.round(shares / shares[-1] * count)].astype(int)
        each = 6 * 4 * (self.steps + 1) * max(self.targets + len(self._parts[0].problem.flat), 1)
        block = max(int(budget // each), 1)
        for number, part in enumerate(self._parts):
            for first in range(edges[number], edges[number + 1], block):
                rows = slice(first, min(first + block, int(edges[number + 1])))
                # Every draw has its own stream, so that the budget doesn't change the numbers.
                yield rows, np.stack([self._one(part, k) for k in range(rows.start, rows.stop)])

    def _one(self, part: _Part, number: int) -> Array:
        """Return one draw (T, m) on the transformed scale."""
        rng = np.random.default_rng([self.seed, number])
        problem, steps = part.problem, self.steps
        n = len(problem.flat)
        own, common = np.float32(np.sqrt(1 - self.repeat)), np.float32(np.sqrt(self.repeat))

        def repeated(fields: Array) -> Array:
            """Return (k, T) of which the last drawn field is common to all steps."""
            return np.asarray(own * fields[:, :-1] + common * fields[:, -1:])

        nugget = problem.variogram.nugget_share
        smooth = repeated(part.field.draw(steps + 1, rng)) * np.float32(np.sqrt(1 - nugget))
        if nugget > 0:
            grain = repeated(rng.standard_normal((*smooth.shape[:1], steps + 1), dtype=np.float32))
            grain *= np.float32(np.sqrt(nugget))
            stations = smooth[:n] + grain[:n]
            at = (smooth + grain)[part.place] if self.microscale else smooth[part.place]
        else:
            stations, at = smooth[:n], smooth[part.place]
        error = repeated(rng.standard_normal((n, steps + 1), dtype=np.float32))
        read = stations + error * np.sqrt(problem.error_share)[:, None].astype(np.float32)
        off = at.T - _filled(part.gaps, read.T.astype(float)).astype(np.float32) @ part.weights
        scale = np.sqrt(problem.sills * self._spread(rng))
        return np.asarray(part.mean + off * scale[:, None].astype(np.float32), dtype=np.float32)

    def _spread(self, rng: np.random.Generator) -> Array:
        """Return what each step's sill is multiplied by in a draw: freedom / χ²(freedom), (T,)."""
        freedom = np.maximum(np.minimum(self.finish.freedom, 1e9), 1.0)
        return np.asarray(freedom / rng.chisquare(freedom))


def _part(weight: float, problem: Problem, places: Array, covariates: Array | None) -> _Part:
    mean, _ = engine.latent(problem, places, covariates, np.dtype(np.float64))
    weights = engine.kriging_weights(problem, places, covariates)
    flat = problem.variogram.flatten(places)
    sites, number = distinct(np.vstack([problem.flat, flat]), problem.same_place)
    n = len(problem.flat)
    field = SequentialField(sites, problem.variogram.model, first=n)
    means, onto = mean.astype(np.float32), weights.astype(np.float32)
    return _Part(weight, problem, means, onto, field, number[n:], _gaps(problem))


def _gaps(problem: Problem) -> tuple[_Gap, ...]:
    """Return how the stations missing at a step are kriged from the others; draws share the weights."""
    projection = problem.system.projection
    gaps = []
    for pattern, there in enumerate(problem.patterns.present):
        present, missing = np.flatnonzero(there), np.flatnonzero(~there)
        steps = np.flatnonzero((problem.patterns.of_step == pattern) & problem.usable)
        if missing.size and steps.size:
            between = projection[np.ix_(present, missing)]
            weights = -np.linalg.solve(projection[np.ix_(missing, missing)], between.T).T
            gaps.append(_Gap(steps, present, missing, weights))
    return tuple(gaps)


def _filled(gaps: tuple[_Gap, ...], z: Array) -> Array:
    """Return drawn readings (T, n) in which the stations missing at a step are kriged from the others."""
    out = z.copy()
    for gap in gaps:
        out[np.ix_(gap.steps, gap.missing)] = z[np.ix_(gap.steps, gap.present)] @ gap.weights
    return out
