"""Accuracy on real sets beside published figures; every setting automatic and the same for all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks import data
from benchmarks.report import Figure
from interpolation import Kriging, Validation, peers
from interpolation.scores import crps
from interpolation.transform import Transform


def run() -> Iterator[Figure]:
    """Yield the figures of every set, or say that the sets are absent."""
    if not data.FOLDER.is_dir():
        yield Figure("accuracy", "the real sets (../shared/data)", None, remark="not on this machine")
        return
    yield from _germany()
    yield from _switzerland()
    yield from _meuse()
    yield from _campfire()


def _errors(case: str, result: Validation, rmse: float, mae: float | None, remark: str) -> Iterator[Figure]:
    yield Figure(case, "RMSE", result.rmse, "", rmse, remark=remark)
    if mae is not None:
        yield Figure(case, "MAE", result.mae, "", mae, remark=remark)
    yield Figure(case, "CRPS", result.crps)
    yield Figure(case, "RMS standardised error", result.rmsse)


def _coverage(case: str, share: float, low: float, high: float) -> Iterator[Figure]:
    yield Figure(case, "95 % coverage", 100 * share, "%", low, at_least=True)
    yield Figure(case, "95 % coverage", 100 * share, "%", high)


def _germany() -> Iterator[Figure]:
    xy, values, altitude = data.germany()
    plain = Kriging().fit(xy, values).validate()
    yield from _errors("de_rb_2005", plain, 6.04, 4.03, "best published 6.05 / 4.04")
    yield from _coverage("de_rb_2005", plain.coverage95, 93, 97)
    drift = Kriging().fit(xy, values, covariates=altitude).validate()
    yield from _errors("de_rb_2005, elevation", drift, 5.42, 3.50, "")
    yield from _coverage("de_rb_2005, elevation", drift.coverage95, 93, 97)


def _switzerland() -> Iterator[Figure]:
    xy, rain, targets, truth = data.switzerland()
    for name, turn, bound in (("sic97, isotropic", False, 54.4), ("sic97, automatic", True, 54.4)):
        prediction = Kriging(anisotropy=turn).fit(xy, rain).predict(targets)
        error = prediction.mean - truth
        inside = (truth >= prediction.lower95) & (truth <= prediction.upper95)
        yield Figure(
            name, "RMSE, 367 hold-out", float(np.sqrt(np.mean(error**2))), "", bound, remark="gstat 54.40; aim 51"
        )
        yield Figure(name, "MAE, 367 hold-out", float(np.mean(np.abs(error))), remark="gstat 38.34")
        yield from _coverage(name, float(inside.mean()), 93, 97)


def _meuse() -> Iterator[Figure]:
    xy, zinc, distance = data.meuse()
    yield from _errors("meuse log zinc", Kriging().fit(xy, zinc).validate(), 0.387, None, "gstat 0.389")
    drift = Kriging().fit(xy, zinc, covariates=distance).validate()
    yield from _errors("meuse log zinc, sqrt(dist)", drift, 0.376, None, "gstat 0.378")


def _campfire() -> Iterator[Figure]:
    xy, values = data.campfire()
    kriging = Kriging().fit(xy, values)
    ours = kriging.validate()
    case = "campfire 2018, hourly"
    yield Figure(case, "MAE of inverse distance / ours", _mae(peers.idw(xy, values), values) / ours.mae, "×", 1, True)
    # Inverse distance states no uncertainty; its score is its absolute error.
    yield Figure(case, "CRPS of inverse distance / ours", _mae(peers.idw(xy, values), values) / ours.crps, "×", 1, True)
    mean, sd = peers.pykrige(xy, values)
    known = np.isfinite(mean) & np.isfinite(values)
    freedom = np.full(int(known.sum()), np.inf)
    score = crps(values[known], mean[known], np.maximum(sd[known], 1e-9), freedom, Transform())
    yield Figure(case, "MAE of PyKrige automatic / ours", _mae(mean, values) / ours.mae, "×", 1, True)
    yield Figure(case, "CRPS of PyKrige automatic / ours", float(score.mean()) / ours.crps, "×", 1, True)
    yield Figure(case, "MAE", ours.mae)
    yield Figure(case, "CRPS", ours.crps)
    yield from _coverage(case, ours.coverage95, 90, 97)


def _mae(predicted: np.ndarray, observed: np.ndarray) -> float:
    known = np.isfinite(predicted) & np.isfinite(observed)
    return float(np.mean(np.abs(predicted[known] - observed[known])))
