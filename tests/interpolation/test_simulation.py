"""Conditional simulation: moments of the kriging, right covariances, exact at stations, steps that repeat."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from interpolation import Kriging, Variogram
from interpolation.sequential import SequentialField, distinct
from interpolation.simulation import FieldSimulation, repeat_share
from interpolation.variogram import correlation
from language import UserError

MODEL = Variogram("exponential", 2.0, 23.0, 3_000.0)


def everything(field: FieldSimulation, count: int) -> np.ndarray:
    """Return all draws, (draws, T, m)."""
    return np.concatenate([values for _, values in field.draws(count)])


@pytest.mark.parametrize(
    ("model", "reach"), [("exponential", 2_000.0), ("exponential", 20_000.0), ("matern32", 2_000.0), ("spherical", 5e3)]
)
def test_unconditional_fields_have_the_models_correlation(model: str, reach: float) -> None:
    rng = np.random.default_rng(2)
    side = np.arange(100.0, 10_000.0, 300.0)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    flat = np.vstack([rng.uniform(0, 10_000, (20, 2)), grid]) / reach
    field = SequentialField(flat, model, first=20)
    # A draw is linear in its normals: their unit vectors give the covariance without any sampling.
    linear = field.correlate(np.eye(len(flat), dtype=np.float32))
    off = linear @ linear.T - correlation(model, cdist(flat, flat))
    assert np.abs(off).mean() < 0.008
    assert np.abs(off).max() < 0.05


def test_places_that_are_the_same_are_one() -> None:
    places, number = distinct(np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]), 1e-9)
    assert len(places) == 3
    assert number.tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("transform", ["none", "log"])
def test_draws_have_the_krigings_mean_and_sd(field, transform: str) -> None:
    xy, values = field(MODEL, 24, steps=12, seed=3)
    values = 60 + 2 * values
    values[np.random.default_rng(0).random(values.shape) < 0.15] = np.nan
    kriging = Kriging(transform=transform).fit(xy, values, error_sd=np.full(24, 2.0))
    targets = np.random.default_rng(1).uniform(0, 10_000, (60, 2))
    shown = kriging.predict(targets)
    drawn = everything(FieldSimulation(kriging, targets, seed=5), 1_500)
    usable = shown.supported
    error = (drawn.mean(axis=0) - shown.mean)[:, usable] / shown.sd[:, usable]
    assert np.abs(error).mean() < 0.03
    # Estimated sills give Student's t, whose sd is above the stated one.
    freedom = kriging.finish(None).freedom[:, None]
    wider = np.sqrt(freedom / (freedom - 2))
    ratio = (drawn.std(axis=0) / shown.sd / wider)[:, usable]
    assert ratio.mean() == pytest.approx(1.0, abs=0.03)
    assert np.isnan(drawn[:, :, ~usable]).all()


def test_draws_have_the_krigings_covariance_between_places() -> None:
    xy = np.random.default_rng(4).uniform(0, 8_000, (18, 2))
    values = 30 + 5 * np.random.default_rng(5).standard_normal(18)
    kriging = Kriging(MODEL).fit(xy, values, error_sd=np.full(18, 1.5))
    targets = np.random.default_rng(6).uniform(0, 8_000, (40, 2))
    drawn = everything(FieldSimulation(kriging, targets, seed=2), 8_000)[:, 0]
    problem = kriging.problem()
    every = np.vstack([xy, targets])
    covariance = MODEL.sill - MODEL.semivariance(cdist(every, every))
    np.fill_diagonal(covariance, MODEL.sill)
    # Ordinary kriging errors: c(x, y) with the generalised least squares mean taken out, from the textbook.
    k = covariance[:18, :18] + 1.5**2 * np.eye(18)
    c = covariance[:18, 18:]
    inverse = np.linalg.inv(k)
    spread = 1 / inverse.sum()
    rest = 1 - inverse.sum(axis=0) @ c
    exact = covariance[18:, 18:] - c.T @ inverse @ c + spread * np.outer(rest, rest)
    off = np.cov(drawn.T) - exact
    assert problem.sills[0] == pytest.approx(MODEL.sill)
    assert np.abs(off).mean() < 0.02 * MODEL.sill
    assert np.abs(off).max() < 0.08 * MODEL.sill


def test_draws_go_through_stations_without_error_on_the_steps_they_report(field) -> None:
    xy, values = field(MODEL, 15, steps=3, seed=8)
    values = values + 40
    values[1, 4] = np.nan
    kriging = Kriging(MODEL).fit(xy, values)
    drawn = everything(FieldSimulation(kriging, xy, seed=1), 40)
    there = np.isfinite(values)
    assert drawn[:, there] == pytest.approx(np.broadcast_to(values[there], (40, there.sum())), abs=2e-3)
    assert drawn[:, 1, 4].std() > 1.0


def test_errors_repeat_from_step_to_step_as_told(field) -> None:
    xy, values = field(MODEL, 20, steps=30, seed=9)
    kriging = Kriging(MODEL).fit(xy, values + 50)
    targets = np.array([[2_500.0, 7_100.0], [6_200.0, 3_300.0]])
    mean = kriging.predict(targets).mean
    for told in (0.0, 0.6):
        error = everything(FieldSimulation(kriging, targets, seed=3, repeat=told), 600) - mean
        pairs = [np.corrcoef(error[:, a, 0], error[:, b, 0])[0, 1] for a, b in pairwise(range(0, 30, 3))]
        assert np.mean(pairs) == pytest.approx(told, abs=0.06)


def test_the_repeated_share_is_read_off_the_stations(field) -> None:
    xy, daily = field(MODEL, 25, steps=80, seed=10)
    _, once = field(MODEL, 25, steps=1, seed=10)
    kept = np.sqrt(0.5) * daily + np.sqrt(0.5) * once
    assert repeat_share(Kriging(MODEL).fit(xy, daily)) < 0.05
    assert repeat_share(Kriging(MODEL).fit(xy, kept)) == pytest.approx(0.5, abs=0.15)
    assert repeat_share(Kriging(MODEL).fit(xy, once[0])) == 0.0


def test_days_over_agree_with_the_exceedance_probabilities(field) -> None:
    xy, values = field(MODEL, 22, steps=25, seed=11)
    kriging = Kriging(transform="none").fit(xy, values + 35)
    targets = np.random.default_rng(3).uniform(0, 10_000, (50, 2))
    shown = kriging.predict(targets, threshold=37.5)
    days = FieldSimulation(kriging, targets, seed=4).days_over(37.5, 600)
    supported = shown.supported
    expected = shown.exceedance.sum(axis=0)
    assert days[:, supported].mean(axis=0) == pytest.approx(expected[supported], abs=0.8)
    assert np.isnan(days[:, ~supported]).all()


def test_the_same_seed_gives_the_same_draws_whatever_the_memory(field) -> None:
    xy, values = field(MODEL, 12, steps=4, seed=12)
    kriging = Kriging().fit(xy, values + 30)
    targets = np.random.default_rng(2).uniform(0, 10_000, (30, 2))
    whole = everything(FieldSimulation(kriging, targets, seed=7), 24)
    small = np.concatenate([v for _, v in FieldSimulation(kriging, targets, seed=7).draws(24, budget=40_000)])
    assert np.array_equal(whole, small, equal_nan=True)
    assert not np.array_equal(whole, everything(FieldSimulation(kriging, targets, seed=8), 24), equal_nan=True)


def test_what_cannot_be_simulated_is_refused(field) -> None:
    xy, values = field(MODEL, 12, seed=13)
    with pytest.raises(UserError, match="cannot be simulated"):
        FieldSimulation(Kriging(MODEL, neighbours=4).fit(xy, values[0]), xy, seed=1)
    with pytest.raises(UserError, match="between 0 and 1"):
        FieldSimulation(Kriging(MODEL).fit(xy, values[0]), xy, seed=1, repeat=1.5)
