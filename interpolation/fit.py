"""Choice of transform and variogram by restricted likelihood.

1. Take the steps with enough stations, at most a fixed number of them, spread evenly.
2. For every transform fit the exponential model to a part of the steps; compare −2 ℓ less twice the
   log Jacobian of the contrasts (Box and Cox 1964, §3; for REML scaled by degrees of freedom).
3. With the best transform fit every model; the smallest −2 ℓ wins.
4. Try a geometric anisotropy on the winner; keep it where Akaike's criterion gains more than 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from interpolation import posterior
from interpolation.arrays import Array, Indices
from interpolation.drift import Drift
from interpolation.layout import prepare
from interpolation.likelihood import Replicates, deviance
from interpolation.patterns import Patterns
from interpolation.system import correlation_matrix
from interpolation.threads import blas_threads
from interpolation.transform import Transform
from interpolation.variogram import MODELS, Variogram
from language import Note, UserError, note

MOST_STEPS = 1000
"""Most steps that a fit reads."""
_WORK = 2e7
_BLOCK = 250
_ANISOTROPY_GAIN = 4.0  # Akaike's price of two parameters
# Prior standard deviation of the log of the ratio of the ranges. One map says little about a ratio, and
# the likelihood alone tends to strips; 0.5 means a ratio above 1/3 in most networks.
_STRETCH = 0.5
_LEAST_FOR_DIRECTION = 20
_LEAST_FOR_CHOICE = 25  # degrees of freedom
# A model's range parameter beside the exponential's, for about the same practical range.
_PRACTICAL = {"exponential": 1.0, "spherical": 2.5, "gaussian": 0.8, "matern32": 0.5, "matern52": 0.4}


@dataclass(frozen=True)
class Fit:
    """A fitted shape.

    Attributes
    ----------
    variogram : Variogram
        Its sill is the median sill of the steps.
    deviance : float
        −2 restricted log-likelihood.
    tried : mapping
        −2 ℓ of every model that was tried.
    notes : tuple of Note
    plausible : tuple of (weight, Variogram)
        Where the values leave the shape open: all shapes to average over (`interpolation.posterior`).
    """

    variogram: Variogram
    deviance: float
    tried: dict[str, float] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    plausible: tuple[tuple[float, Variogram], ...] = ()


@dataclass(frozen=True)
class _Scale:
    """Lengths of a layout: the bounds of the range."""

    low: float
    high: float
    start: float
    spacing: float

    @classmethod
    def of(cls, coordinates: Array) -> _Scale:
        extent = float(np.hypot(*np.ptp(coordinates, axis=0)))
        spacing = float(np.median(cKDTree(coordinates).query(coordinates, k=2)[0][:, 1]))
        return cls(0.1 * spacing, 5.0 * extent, 0.25 * extent, spacing)


def usable_steps(values: Array, parameters: int, limit: int) -> Indices:
    """Return at most `limit` steps that can tell about the shape, spread evenly."""
    count = np.isfinite(values).sum(axis=1)
    filled = np.where(np.isfinite(values), values, np.nan)
    with np.errstate(invalid="ignore"):
        high = np.nanmax(np.where(np.isfinite(filled), filled, -np.inf), axis=1)
        low = np.nanmin(np.where(np.isfinite(filled), filled, np.inf), axis=1)
    varied = np.array([len(np.unique(row[np.isfinite(row)])) > 2 for row in values], dtype=bool)
    good = np.flatnonzero((count >= parameters + 3) & (high > low) & varied)
    if len(good) <= limit:
        return good
    return np.asarray(good[np.unique(np.linspace(0, len(good) - 1, limit).round().astype(int))])


def replicates(
    coordinates: Array, values: Array, drift: Array, error_variance: Array | None = None, limit: int | None = None
) -> list[Replicates]:
    """Return what the likelihood reads: all stations, or blocks of neighbours where there are many.

    Above 500 stations the likelihood is a composite one (Vecchia 1988; Stein et al. 2004): blocks of
    near stations for short distances and a spread sample for long ones.
    """
    n = len(coordinates)
    most = limit or int(np.clip(_WORK / min(n, _BLOCK) ** 2, 30, MOST_STEPS))
    steps = usable_steps(values, drift.shape[1], most)
    out = []
    for rows in _blocks(coordinates):
        part = values[np.ix_(steps, rows)]
        part = part[usable_steps(part, drift.shape[1], most)]
        if len(part):
            error = None if error_variance is None else error_variance[rows]
            out.append(Replicates(coordinates[rows], drift[rows], part, Patterns.of(part), error))
    return out


def _blocks(coordinates: Array) -> list[Indices]:
    everything = np.arange(len(coordinates))
    if len(coordinates) <= 2 * _BLOCK:
        return [everything]
    parts = [everything]
    while max(len(p) for p in parts) > _BLOCK:
        halves = []
        for part in parts:
            axis = int(np.argmax(np.ptp(coordinates[part], axis=0)))
            order = part[np.argsort(coordinates[part, axis], kind="stable")]
            halves += [order[: len(order) // 2], order[len(order) // 2 :]]
        parts = halves
    keep = parts[:: max(1, len(parts) // 4)]
    spread = np.sort(np.random.default_rng(0).permutation(len(coordinates))[:_BLOCK])
    return [*keep, spread]


class _Objective:
    """−2 ℓ as a function of log range, logit nugget share and, if wanted, the anisotropy's two parts."""

    def __init__(self, parts: Sequence[Replicates], model: str, scale: _Scale, reference: float) -> None:
        self.parts, self.model, self.scale, self.reference = parts, model, scale, reference

    def variogram(self, theta: Array) -> Variogram:
        """Return the unit-sill variogram of the parameters."""
        length = float(np.exp(np.clip(theta[0], np.log(self.scale.low), np.log(self.scale.high))))
        share = float(1.0 / (1.0 + np.exp(-np.clip(theta[1], -9.0, 9.0))))
        if self.model == "gaussian":
            share = max(share, 1e-3)  # without a nugget the gaussian matrix is singular in practice
        angle, ratio = 0.0, 1.0
        if len(theta) > 2:
            stretch = float(np.hypot(theta[2], theta[3]))
            ratio = float(np.exp(-min(stretch, np.log(8.0))))
            angle = float(np.rad2deg(0.5 * np.arctan2(theta[3], theta[2])) % 180.0)
        return Variogram(self.model, share, 1.0 - share, length, angle, ratio)

    def __call__(self, theta: Array) -> float:
        return self.evaluate(theta)[0]

    def evaluate(self, theta: Array) -> tuple[float, Array]:
        """Return −2 ℓ and the sills of all steps of all parts."""
        shape = self.variogram(theta)
        total, sills = 0.0, []
        for part in self.parts:
            error = None if part.error_variance is None else part.error_variance / self.reference
            matrix = correlation_matrix(shape.flatten(part.coordinates), self.model, shape.nugget, error)
            value, sill = deviance(part, matrix)
            total += value
            sills.append(sill)
        outside = np.maximum(theta[0] - np.log(self.scale.high), 0.0) + np.maximum(
            np.log(self.scale.low) - theta[0], 0.0
        )
        outside += np.maximum(np.abs(theta[1]) - 9.0, 0.0)
        if len(theta) > 2:
            outside += (theta[2] ** 2 + theta[3] ** 2) / _STRETCH**2
        return total + float(outside), np.concatenate(sills)


def _minimise(objective: _Objective, starts: Sequence[Array], evaluations: int) -> tuple[Array, float]:
    values = [objective(s) for s in starts]
    start = starts[int(np.argmin(values))]
    steps = np.array([0.7, 0.9, 0.3, 0.3])[: len(start)]
    simplex = np.vstack([start, start + np.diag(steps)])
    best = minimize(
        objective,
        start,
        method="Nelder-Mead",
        options={"maxfev": evaluations, "xatol": 0.01, "fatol": 0.02, "initial_simplex": simplex},
    )
    return best.x, float(best.fun)


def fit_shape(
    parts: Sequence[Replicates], model: str = "auto", anisotropy: bool = True, start: Array | None = None
) -> Fit:
    """Fit range, nugget share and model to replicates of one field.

    Raises
    ------
    UserError
        No step has enough stations with differing values.
    """
    if not parts:
        raise UserError("No time step has enough stations with differing values for a variogram.")
    scale = _Scale.of(np.unique(np.vstack([p.coordinates for p in parts]), axis=0))
    reference = float(np.median([np.nanvar(p.values, axis=1).mean() for p in parts]))
    tried: list[_Optimum] = []
    freedom = sum(int(p.freedom.sum()) for p in parts)
    few = model == "auto" and freedom < _LEAST_FOR_CHOICE
    for name in ("exponential",) if few else MODELS if model == "auto" else (model,):
        tried.append(_isotropic(parts, name, scale, tried[-1].reference if tried else reference, start))
        start = tried[0].theta if tried[0].model == "exponential" else start
    tried.sort(key=lambda o: o.deviance)
    if not np.isfinite(tried[0].deviance):
        raise UserError("No variogram could be fitted to these values; give one with --variogram.")
    best = tried[0]
    if anisotropy and max(len(p.coordinates) for p in parts) >= _LEAST_FOR_DIRECTION:
        # A direction may change which model is the best one.
        best = min((_anisotropic(parts, o, scale) for o in tried[:3]), key=lambda o: o.deviance)
    plausible = _plausible(parts, best, scale) if freedom <= posterior.MOST_FREEDOM else ()
    shape = plausible[0][1] if plausible else _shape(parts, best, scale)
    notes = _notes(shape, scale)
    if few:
        # A handful of values can look smooth by chance; the exponential model doesn't believe it.
        notes = (note("Too few values to choose a variogram model; the exponential one was taken."), *notes)
    if len(plausible) > 1:
        notes = (*notes, _AVERAGED)
    return Fit(shape, best.deviance, {o.model: o.deviance for o in tried}, notes, plausible)


_AVERAGED = note(
    "These readings do not settle range and nugget; the map averages over what they leave open, so its uncertainty "
    "includes that of the variogram."
)


def _shape(parts: Sequence[Replicates], found: _Optimum, scale: _Scale) -> Variogram:
    """Return an optimum as a variogram with the median sill of the steps."""
    objective = _Objective(parts, found.model, scale, found.reference)
    return objective.variogram(found.theta).with_sill(float(np.median(objective.evaluate(found.theta)[1])))


def _plausible(parts: Sequence[Replicates], found: _Optimum, scale: _Scale) -> tuple[tuple[float, Variogram], ...]:
    """Return the shapes that the values leave open, heaviest first, with weights and sills; the direction stays."""
    objective = _Objective(parts, found.model, scale, found.reference)

    def whole(pair: Array) -> Array:
        return np.concatenate([pair, found.theta[2:]])

    middle = float(np.log(scale.start * _PRACTICAL[found.model]))
    out = []
    for weight, pair in posterior.weigh(lambda pair: objective(whole(pair)), found.theta[:2], middle):
        sill = float(np.median(objective.evaluate(whole(pair))[1]))
        if np.isfinite(sill) and sill > 0:
            out.append((weight, objective.variogram(whole(pair)).with_sill(sill)))
    total = sum(weight for weight, _ in out)
    return tuple((weight / total, shape) for weight, shape in out)


@dataclass(frozen=True)
class _Optimum:
    """A model's best parameters, −2 ℓ (with the price of parameters), and the sill its errors refer to."""

    model: str
    theta: Array
    deviance: float
    reference: float


def _isotropic(
    parts: Sequence[Replicates], model: str, scale: _Scale, reference: float, start: Array | None
) -> _Optimum:
    with_error = any(p.error_variance is not None for p in parts)
    # Known errors are shares of the sill, which is known only after a fit; three rounds settle it.
    least = 0.02 * reference
    for _ in range(3 if with_error else 1):
        objective = _Objective(parts, model, scale, reference)
        theta, value = _minimise(objective, _starts(model, scale, start), 60)
        sill = float(np.median(objective.evaluate(theta)[1]))
        reference = max(sill, least) if np.isfinite(sill) else reference
        start = theta if with_error else start
    return _Optimum(model, theta, value, reference)


def _starts(model: str, scale: _Scale, first: Array | None) -> list[Array]:
    """Return starting points; after the exponential fit its practical range leads the others."""
    factor = _PRACTICAL[model]
    if first is not None:
        return [np.array([first[0] + np.log(factor), first[1]]), np.array([np.log(scale.start * factor), -0.5])]
    ranges = (0.3 * scale.start, scale.start, 4 * scale.start)
    return [np.array([np.log(r * factor), s]) for r in ranges for s in (-2.0, 0.0)]


def _anisotropic(parts: Sequence[Replicates], found: _Optimum, scale: _Scale) -> _Optimum:
    """Return the optimum with a direction where that is worth two parameters, else the one without."""
    objective = _Objective(parts, found.model, scale, found.reference)
    theta = found.theta
    turns = np.deg2rad([0.0, 90.0, 180.0, 270.0])
    levels = [(theta[0], theta[1])]
    if sum(len(p.values) for p in parts) <= 10:
        # Few steps have several optima; start also from a longer range with a nugget.
        levels.append((max(theta[0], np.log(scale.start)) + 0.3, -2.0))
    ends = []
    for a, b in levels:
        starts = [np.array([a, b, 0.6 * np.cos(t), 0.6 * np.sin(t)]) for t in turns]
        ends.append(_minimise(objective, starts, 120))
    turned, gained = min(ends, key=lambda e: e[1])
    gained += _ANISOTROPY_GAIN
    return replace(found, theta=turned, deviance=gained) if gained < found.deviance else found


def _notes(shape: Variogram, scale: _Scale) -> tuple[Note, ...]:
    notes = []
    if 1.0 - float(shape.semivariance([scale.spacing])[0]) / shape.sill < 0.05:
        notes.append(
            note(
                "Neighbouring stations are hardly more alike than far ones; the map stays near the mean and its "
                "uncertainty is wide.",
                level="warning",
            )
        )
    elif shape.range > 0.99 * scale.high:
        notes.append(note("The field varies over distances longer than the network; the range is at its limit."))
    if shape.ratio < 1:
        notes.append(
            note(
                "The field reaches {ratio} times farther along {angle}° from north than across.",
                ratio=f"{1 / shape.ratio:.1f}",
                angle=f"{shape.angle:.0f}",
            )
        )
    return tuple(notes)


def choose_transform(
    options: Sequence[Transform], coordinates: Array, values: Array, drift: Array
) -> tuple[Transform, dict[str, float]]:
    """Return the transform with the highest likelihood on the exponential model.

    Returns
    -------
    Transform, dict
        The winner, and each transform's −2 ℓ with its Jacobian, by name and parameter.
    """
    if len(options) == 1:
        return options[0], {}
    scores: dict[str, float] = {}
    best: tuple[float, Transform] | None = None
    start: Array | None = None
    limit = int(np.clip(4e6 / min(len(coordinates), _BLOCK) ** 2, 20, 200))
    scale = _Scale.of(coordinates)
    for option in options:
        parts = replicates(coordinates, option.forward(values), drift, limit=limit)
        if not parts:
            continue
        objective = _Objective(parts, "exponential", scale, 1.0)
        theta, value = _minimise(objective, _starts("exponential", scale, start), 30)
        start = theta
        raw = replicates(coordinates, values, drift, limit=limit)
        value -= 2.0 * sum(option.log_jacobian(r.values) * p.freedom.sum() for r, p in zip(raw, parts, strict=False))
        scores[f"{option.name}{option.shift:+.3g}^{option.power:g}"] = value
        if best is None or value < best[0]:
            best = (value, option)
    return (best[1] if best else options[0]), scores


def fit_variogram(
    coordinates: Array,
    values: Array,
    model: str = "auto",
    covariates: Array | None = None,
    anisotropy: bool = False,
) -> Variogram:
    """Fit a variogram by restricted maximum likelihood, pooled over time steps.

    Parameters
    ----------
    coordinates : (n, 2) array
        [m]
    values : (n,) or (T, n) array
        NaN = missing; taken as they are, without a transform.
    model : str
        ``auto`` (the most likely) or one of `interpolation.variogram.MODELS`.
    covariates : (n, p) array, optional
        Drift covariates.
    anisotropy : bool
        Whether to try a direction with a longer range.

    Returns
    -------
    Variogram
        With the median sill of the steps.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> xy = rng.uniform(0, 10_000, (60, 2))
    >>> distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    >>> factor = np.linalg.cholesky(4 * np.exp(-distance / 2500) + 1e-9 * np.eye(60))
    >>> fitted = fit_variogram(xy, rng.standard_normal((200, 60)) @ factor.T, "exponential")
    >>> 2300 < fitted.range < 2700
    True
    """
    layout = prepare(coordinates, values, None, covariates)
    n = len(layout.coordinates)
    drift = Drift.of(layout.covariates, n).matrix(layout.covariates, n)
    with blas_threads(1):
        return fit_shape(replicates(layout.coordinates, layout.values, drift), model, anisotropy).variogram
