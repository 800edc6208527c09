"""Averaging over plausible variograms: weights, their mixture, and the coverage of small networks."""

from __future__ import annotations

import numpy as np
import pytest

from interpolation import Kriging, Variogram, posterior
from interpolation.system import correlation_matrix

pytestmark = pytest.mark.slow


def field(seed: int, n: int, steps: int, variogram: Variogram) -> tuple[np.ndarray, np.ndarray]:
    """Return n places on a square of 10 km and `steps` independent fields at them, mean 30, variance 25."""
    rng = np.random.default_rng([seed, n, steps])
    xy = rng.uniform(0, 10_000, (n, 2))
    lower = np.linalg.cholesky(correlation_matrix(variogram.flatten(xy), variogram.model, variogram.nugget_share))
    return xy, 30 + 5 * rng.standard_normal((steps, n)) @ lower.T


MODEL = Variogram("exponential", 0.1, 0.9, 3_000.0)


def test_a_normal_posterior_is_found_again() -> None:
    centre, sd = np.array([0.4, -0.8]), np.array([0.2, 0.3])
    found = posterior.weigh(lambda at: float((((at - centre) / sd) ** 2).sum()), centre, 0.0)
    weights, points = np.array([w for w, _ in found]), np.array([p for _, p in found])
    # The product of two normals: the prior pulls the mean and narrows the spread.
    prior = posterior._PRIOR_SD
    precision = 1 / sd**2 + 1 / prior**2
    mean = (centre / sd**2 + np.array([0.0, posterior._PRIOR_SHARE]) / prior**2) / precision
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ points == pytest.approx(mean, abs=0.02)
    assert weights @ (points - mean) ** 2 == pytest.approx(1 / precision, rel=0.1)


def test_many_steps_need_no_averaging() -> None:
    xy, values = field(0, 12, 200, MODEL)
    assert len(Kriging().fit(xy, values)._mixture) == 0


def test_a_given_variogram_is_taken_as_it_is() -> None:
    xy, values = field(0, 12, 1, MODEL)
    assert len(Kriging(MODEL).fit(xy, values[0])._mixture) == 0


def test_the_mixture_is_the_sum_of_its_parts() -> None:
    xy, values = field(3, 14, 2, MODEL)
    kriging = Kriging(transform="none").fit(xy, values)
    targets = np.array([[2_000.0, 2_500.0], [8_000.0, 1_000.0], [5_000.0, 5_000.0]])
    whole = kriging.predict(targets)
    assert len(kriging._mixture) > 3
    assert any("averages over" in n.text for n in kriging.notes_)
    means, variances, weights = [], [], []
    for weight, solution in kriging._mixture:
        # Each part alone, with its own sills: a fixed variogram a step.
        for step in range(2):
            part = Kriging(solution.problem.variogram.with_sill(float(solution.problem.sills[step])), "none")
            alone = part.fit(xy, values[step]).predict(targets)
            means.append(alone.mean)
            variances.append(alone.sd**2)
        weights.append(weight)
    w = np.array(weights)[:, None, None]
    m, v = np.reshape(means, (-1, 2, 3)), np.reshape(variances, (-1, 2, 3))
    expected = (w * m).sum(axis=0)
    assert whole.mean == pytest.approx(expected, abs=1e-6)
    assert whole.sd == pytest.approx(np.sqrt((w * (v + (m - expected) ** 2)).sum(axis=0)), rel=1e-6)


def test_left_out_stations_are_predicted_by_the_mixture() -> None:
    xy, values = field(5, 16, 1, MODEL)
    kriging = Kriging(transform="none").fit(xy, values[0])
    latent = kriging.leave_one_out()
    parts = [(w, *s.leave_one_out()[:2]) for w, s in kriging._mixture]
    assert latent.mean == pytest.approx(sum(w * m for w, m, _ in parts))
    assert (latent.sd**2 >= sum(w * v for w, _, v in parts) - 1e-9).all()


def test_intervals_of_small_networks_hold_what_they_say() -> None:
    """Ten to twenty stations, one map, ranges and nuggets that nobody knows: 95 % intervals hold 95 %."""
    inside, alone = [], []
    for seed in range(90):
        truth = Variogram("exponential", *((0.02, 0.98) if seed % 2 else (0.3, 0.7)), (1e3, 3e3, 8e3)[seed % 3])
        n = (10, 14, 20)[seed // 3 % 3]
        xy, values = field(seed, n + 40, 1, truth)
        kriging = Kriging(transform="none").fit(xy[:n], values[0, :n])
        shown = kriging.predict(xy[n:])
        inside.append(np.mean((values[0, n:] >= shown.lower95) & (values[0, n:] <= shown.upper95)))
        kriging._mixture = ()
        shown = kriging.predict(xy[n:])
        alone.append(np.mean((values[0, n:] >= shown.lower95) & (values[0, n:] <= shown.upper95)))
    assert 0.935 <= np.mean(inside) <= 0.97
    assert np.mean(inside) > np.mean(alone)
