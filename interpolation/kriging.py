"""Kriging of a network: fit once over all time steps, predict anywhere with an honest uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interpolation import engine, validation
from interpolation.arrays import Array, Flags, Indices
from interpolation.drift import Drift
from interpolation.finish import BANDS, Finish
from interpolation.fit import choose_transform, fit_shape, replicates
from interpolation.layout import Layout, is_line, prepare
from interpolation.problem import Problem
from interpolation.sample import SampleVariogram, sample_variogram
from interpolation.solution import Solution, calm_values, solve
from interpolation.support import support_rule
from interpolation.threads import blas_threads
from interpolation.transform import Transform, candidates
from interpolation.variogram import Variogram, parse
from language import Note, UserError, note

_FEW_STEPS = 30  # up to here a single extreme can bend the variogram, and a second fit is cheap


@dataclass(frozen=True)
class Prediction:
    """Predictions at m targets, for one step (m,) or for T steps (T, m).

    Attributes
    ----------
    mean, sd : array
        Of the predictive distribution [unit of the values].
    lower95, upper95 : array
        Bounds of the 95 % prediction interval.
    exceedance : array or None
        Probability that the threshold is exceeded.
    supported : (m,) bool array
        Whether the stations say anything about the target (`Kriging.support_rule`).
    extrapolated : (m,) bool array
        Whether a covariate lies beyond its range at the stations.
    notes : tuple of Note
    """

    mean: Array
    sd: Array
    lower95: Array
    upper95: Array
    exceedance: Array | None
    supported: Flags
    extrapolated: Flags
    notes: tuple[Note, ...] = ()


class Kriging:
    """Ordinary kriging, or kriging with external drift, with everything automatic by default.

    Parameters
    ----------
    variogram : str or Variogram
        ``auto``, a model's name (its parameters are fitted), or a whole `Variogram`, which is then
        taken as it is, sill included, for every step.
    transform : {"auto", "none", "sqrt", "log", "boxcox"}
        With a whole variogram, ``auto`` means ``none``: its numbers belong to one scale.
    neighbours : int, optional
        Krige every target from its nearest stations only; all stations by default.
    anisotropy : bool
        Whether a fit may find a direction with a longer range.
    covariate_names : sequence of str, optional
        For messages.

    Attributes
    ----------
    variogram_ : Variogram
        On the transformed scale, with the median sill of the steps.
    transform_ : Transform
    sample_variogram_ : SampleVariogram
    notes_ : list of Note
        Every automatic decision.
    n_stations_ : int
    coordinates_ : (n, 2) array
        After merging coincident stations [m].
    readings_ : (T, n) array
        Values at these places.

    Examples
    --------
    >>> xy = [[0, 0], [0, 1000], [1000, 0], [1000, 1000], [500, 400], [200, 700]]
    >>> model = Variogram("exponential", nugget=0.0, partial_sill=25.0, range=800.0)
    >>> k = Kriging(model).fit(xy, [20, 30, 25, 35, 28, 27])
    >>> p = k.predict([[500, 400], [250, 250]])
    >>> float(p.mean[0]), float(p.sd[0])
    (28.0, 0.0)
    >>> bool(20 < p.mean[1] < 30)
    True
    """

    variogram_: Variogram
    transform_: Transform
    sample_variogram_: SampleVariogram
    notes_: list[Note]
    n_stations_: int
    coordinates_: Array
    readings_: Array

    def __init__(
        self,
        variogram: str | Variogram = "auto",
        transform: str = "auto",
        neighbours: int | None = None,
        anisotropy: bool = True,
        covariate_names: Sequence[str] | None = None,
    ) -> None:
        self.variogram = parse(variogram) if isinstance(variogram, str) else variogram
        self.transform = transform
        self.neighbours = neighbours
        self.anisotropy = anisotropy
        self.covariate_names = covariate_names
        if neighbours is not None and neighbours < 3:
            raise UserError("Kriging needs at least 3 neighbours.")

    def fit(
        self,
        coordinates: Array | Sequence[Sequence[float]],
        values: Array | Sequence[float],
        error_sd: Array | None = None,
        covariates: Array | None = None,
        names: Sequence[str] | None = None,
        times: Sequence[str] | None = None,
    ) -> Kriging:
        """Read the stations and choose transform and variogram.

        Parameters
        ----------
        coordinates : (n, 2) array
            [m] in a projected system.
        values : (n,) or (T, n) array
            NaN = missing.
        error_sd : (n,) array, optional
            Known standard deviation of each sensor's error [unit of the values]. The mapped field
            is then the one without this error.
        covariates : (n, p) array, optional
        names, times : sequences of str, optional
            What notes call the stations (n) and the steps (T).

        Raises
        ------
        UserError
            See `interpolation.layout.prepare` and `interpolation.drift.Drift`.
        """
        self._single = np.ndim(values) == 1
        layout = prepare(np.asarray(coordinates), np.asarray(values), error_sd, covariates)
        self._layout = layout
        self.coordinates_ = layout.coordinates
        self.readings_ = layout.values
        self.n_stations_ = len(layout.coordinates)
        self.notes_ = list(layout.notes)
        self._labels = _labels(layout, names, times)
        drift = Drift.of(layout.covariates, self.n_stations_, self.covariate_names)
        with blas_threads(1):
            self._solution = self._solve(layout, (drift, drift.matrix(layout.covariates, self.n_stations_)))
        self.sample_variogram_ = sample_variogram(
            layout.coordinates, self._solution.problem.z, self._solution.problem.drift_matrix
        )
        return self

    @property
    def fixed(self) -> bool:
        """Whether the variogram was given, not fitted."""
        return isinstance(self.variogram, Variogram)

    def _solve(self, layout: Layout, drift: tuple[Drift, Array]) -> Solution:
        z = self._transformed(layout, drift[1])
        error = self._errors(layout, z)
        shape = self._shape(layout, z, drift[1], error)

        def again(shape: Variogram, quiet: Flags | None = None) -> Solution:
            return solve(layout.coordinates, z, drift, shape, error, self.fixed, self.neighbours, quiet)

        solution = again(shape)
        calm = None if self.fixed else calm_values(solution)
        if calm is not None:
            count = int((~calm).sum())
            if len(z) <= _FEW_STEPS:
                shape = self._shape(layout, np.where(calm, z, np.nan), drift[1], error)
            solution = again(shape, calm)
            self.notes_.append(
                note(
                    "{count} values that their surroundings cannot explain did not count for the variogram; "
                    "they stay in the map.",
                    level="warning",
                    count=count,
                )
            )
        self._mixture = () if solution.problem.local else tuple((w, again(v, calm)) for w, v in self._plausible)
        self.notes_ += [*self._shape_notes, *solution.notes]
        self.variogram_ = shape
        if not self.fixed:
            # Values that differ by rounding alone leave a sill of zero, which no variogram may have.
            least = float(np.finfo(float).eps * np.nanmax(np.abs(z))) ** 2
            sill = float(np.median(solution.sills.each[solution.problem.usable]))
            self.variogram_ = shape.with_sill(max(sill, least, np.finfo(float).tiny))
        self._note_steps(np.isfinite(z).sum(axis=1), drift[1].shape[1])
        return solution

    def _transformed(self, layout: Layout, drift: Array) -> Array:
        wish = "none" if self.fixed and self.transform == "auto" else self.transform
        options = candidates(layout.values, wish)
        self.transform_, scores = choose_transform(options, layout.coordinates, layout.values, drift)
        if len(scores) > 1:
            self.notes_.append(
                note(
                    "The values were transformed by '{name}', the most likely of {count} choices.",
                    name=self.transform_.name,
                    count=len(scores),
                )
            )
        return np.asarray(self.transform_.forward(layout.values), dtype=float)

    def _shape(self, layout: Layout, z: Array, drift: Array, error: Array | None) -> Variogram:
        self._shape_notes: tuple[Note, ...] = ()
        self._plausible: tuple[tuple[float, Variogram], ...] = ()
        if isinstance(self.variogram, Variogram):
            return self.variogram
        turn = self.anisotropy and not is_line(layout.coordinates)
        fitted = fit_shape(replicates(layout.coordinates, z, drift, error), self.variogram, turn)
        self._shape_notes, self._plausible = fitted.notes, fitted.plausible
        return fitted.variogram

    def _errors(self, layout: Layout, z: Array) -> Array | None:
        """Return the known error variance on the transformed scale (delta method at each station's mean)."""
        if layout.error_sd is None:
            return None
        if self.fixed and self.transform_.name == "none":
            return np.asarray(np.square(layout.error_sd))
        slope = self.transform_.derivative(np.nanmean(layout.values, axis=0))
        if not self.fixed:
            self.notes_.append(note("Known sensor errors enter as a constant share of the field's variance."))
        variance = np.asarray(np.square(layout.error_sd * slope))
        spread = float(np.nanmean(np.nanvar(z, axis=1)))
        if np.median(variance) > spread > 0:
            self.notes_.append(
                note(
                    "The stated sensor errors are larger than the spread of the values; they were limited to it.",
                    level="warning",
                )
            )
        return np.minimum(variance, spread) if spread > 0 else variance

    def _note_steps(self, count: Indices, parameters: int) -> None:
        usable = count > parameters
        few = int(((count <= 4) & usable).sum())
        none = int((~usable).sum())
        if few:
            self.notes_.append(
                note(
                    "{count} time steps have fewer than 5 stations; they borrow the variogram of the others.",
                    level="warning",
                    count=few,
                )
            )
        if none:
            self.notes_.append(
                note(
                    "{count} time steps have too few stations ({least} are needed) and were left empty.",
                    level="warning",
                    count=none,
                    least=parameters + 1,
                )
            )

    @property
    def _nonnegative(self) -> bool:
        return not self.fixed and bool(np.nanmin(self._layout.values) >= 0)

    def predict(
        self,
        targets: Array | Sequence[Sequence[float]],
        threshold: float | None = None,
        covariates: Array | None = None,
    ) -> Prediction:
        """Predict at the targets, in double precision.

        Parameters
        ----------
        targets : (m, 2) array
            [m] in the stations' system.
        threshold : float, optional
            [unit of the values] For the exceedance probability.
        covariates : (m, p) array
            Of the targets, where the stations have covariates.
        """
        places = np.asarray(targets, dtype=float).reshape(-1, 2)
        if not np.isfinite(places).all():
            row = int(np.flatnonzero(~np.isfinite(places).all(axis=1))[0])
            raise UserError("The coordinates of target {row} are not numbers.", row=row + 1)
        bands = tuple(b for b in BANDS if b != "exceedance" or threshold is not None)
        job = self.job(threshold, bands, np.dtype(np.float64))
        result = engine.run(job, places, covariates)
        notes = []
        if result.clamped:
            notes.append(self._clamp_note(result.clamped, result.bands["mean"].size))
        if result.extrapolated.any():
            notes.append(extrapolation_note(int(result.extrapolated.sum()), self.problem().drift.names))
        shaped = {k: (v[0] if self._single else v) for k, v in result.bands.items()}
        return Prediction(
            shaped["mean"],
            shaped["sd"],
            shaped["lower95"],
            shaped["upper95"],
            shaped.get("exceedance"),
            result.supported,
            result.extrapolated,
            tuple(notes),
        )

    @staticmethod
    def _clamp_note(clamped: int, total: int) -> Note:
        return note(
            "{share} % of the predictions were below zero and were set to zero.", share=f"{100 * clamped / total:.3g}"
        )

    @property
    def _solutions(self) -> tuple[tuple[float, Solution], ...]:
        """The solved network under every plausible variogram, with its weight."""
        return self._mixture or ((1.0, self._solution),)

    def weights(self, targets: Array) -> Array:
        """Return the weight of every station at every target when all report, (n, m); averaged over the variograms.

        Rows are `coordinates_`. NaN where each target is kriged from its own nearest stations only, or with covariates.
        """
        places = np.asarray(targets, dtype=float)
        if self.problem().neighbours is not None or self.problem().drift.names:
            return np.full((self.n_stations_, len(places)), np.nan)
        parts = [share * engine.kriging_weights(s.problem, places, None) for share, s in self._solutions]
        return np.asarray(np.sum(parts, axis=0))

    def problem(self) -> Problem:
        """Return the fitted numbers that the engine needs."""
        return self._solution.problem

    def job(self, threshold: float | None, bands: tuple[str, ...], dtype: np.dtype[Any], **how: Any) -> engine.Job:
        """Return the work order for the engine: everything fitted, and what is wanted (see `engine.Job`)."""
        mixture = tuple((weight, solution.problem) for weight, solution in self._mixture)
        return engine.Job(self.problem(), self.finish(threshold), bands, dtype, mixture=mixture, **how)

    def finish(self, threshold: float | None) -> Finish:
        """Return the way back from the transformed scale."""
        return Finish(self.transform_, self._solution.sills.total_freedom, threshold, self._nonnegative)

    def support_rule(self) -> Note:
        """Return the rule of the support mask in words."""
        return support_rule(self.variogram_, self.problem().gap)

    def leave_one_out(self) -> validation.Latent:
        """Return mean, sd and degrees of freedom (T, n) at every left-out station, on the transformed scale."""
        with blas_threads(1):
            return validation.mixed([(w, validation.leave_one_out(s)) for w, s in self._solutions])

    def validate(self, threshold: float | None = None, blocks: int | Array | None = None) -> validation.Validation:
        """Leave every station out in turn, at every step, in closed form.

        Parameters
        ----------
        threshold : float, optional
            For the reliability of the exceedance probability.
        blocks : int or (n,) int array, optional
            Leave whole blocks of stations out, for clustered networks: their number (compact groups
            are made), or the block of each station in `coordinates_`.
        """
        if blocks is None:
            latent = self.leave_one_out()
        else:
            if isinstance(blocks, int | np.integer):
                if not 2 <= blocks <= self.n_stations_:
                    raise UserError("The number of blocks must be between 2 and {stations}.", stations=self.n_stations_)
                blocks = validation.spatial_blocks(self.coordinates_, int(blocks))
            with blas_threads(1):
                block = np.asarray(blocks)
                latent = validation.mixed([(w, validation.leave_blocks_out(s, block)) for w, s in self._solutions])
        return validation.judge(
            self._layout.values, latent, self.transform_, threshold, self._nonnegative, self.notes_, self._labels
        )


def _labels(layout: Layout, names: Sequence[str] | None, times: Sequence[str] | None) -> validation.Labels:
    """Return the labels of the merged stations: each place is called after its first row."""
    stations: tuple[str, ...] = ()
    if names is not None:
        first = [int(np.flatnonzero(layout.place == k)[0]) for k in range(len(layout.coordinates))]
        stations = tuple(str(names[k]) for k in first)
    return validation.Labels(stations, tuple(str(t) for t in times) if times is not None else ())


def extrapolation_note(count: int, names: Sequence[str]) -> Note:
    """Return the note for targets beyond the stations' range of a covariate."""
    return note(
        "{count} targets lie beyond the stations' range of {names}; the map there is an extrapolation.",
        level="warning",
        count=count,
        names=", ".join(names),
    )
