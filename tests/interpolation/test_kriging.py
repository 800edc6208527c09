"""Kriging: what it promises for every layout, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpolation import Kriging, Variogram
from interpolation.engine import single_precision_error
from language import UserError

MODEL = Variogram("exponential", nugget=2.0, partial_sill=10.0, range=3000.0)


def _said(notes) -> str:
    return " | ".join(n.say("en") for n in notes)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(6, 25))
def test_order_of_stations_does_not_matter(random, n: int) -> None:
    """Stations in another order give the same map."""
    rng = np.random.default_rng(random.randint(0, 10**6))
    xy, z = rng.uniform(0, 10_000, (n, 2)), rng.normal(30, 5, n)
    order = rng.permutation(n)
    targets = rng.uniform(0, 10_000, (5, 2))
    one = Kriging(MODEL).fit(xy, z).predict(targets)
    other = Kriging(MODEL).fit(xy[order], z[order]).predict(targets)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-9)
    np.testing.assert_allclose(one.sd, other.sd, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.01, 100.0))
def test_place_and_unit_do_not_matter(dx: float, dy: float, scale: float) -> None:
    """Moving the map and changing the unit of length moves and scales nothing else."""
    rng = np.random.default_rng(4)
    xy, z = rng.uniform(0, 10_000, (20, 2)), rng.normal(30, 5, 20)
    targets = rng.uniform(0, 10_000, (5, 2))
    one = Kriging(MODEL).fit(xy, z).predict(targets)
    moved = Variogram("exponential", 2.0, 10.0, 3000.0 * scale)
    other = Kriging(moved).fit(xy * scale + [dx, dy], z).predict(targets * scale + [dx, dy])
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-6)
    np.testing.assert_allclose(one.sd, other.sd, rtol=1e-6)


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_unit_of_values_does_not_matter(field, factor: float) -> None:
    """An automatic fit in another unit gives the same map in that unit."""
    xy, z = field(MODEL, 40, seed=2)
    z = np.exp(3 + z[0] / 5)
    targets = np.random.default_rng(1).uniform(0, 10_000, (6, 2))
    one = Kriging().fit(xy, z)
    other = Kriging().fit(xy, z * factor)
    assert one.transform_.name == other.transform_.name
    np.testing.assert_allclose(one.predict(targets).mean * factor, other.predict(targets).mean, rtol=2e-3)


def test_missing_stations_equal_fits_without_them(field) -> None:
    """Gaps handled by the bordered inverse give what kriging without those stations gives."""
    rng = np.random.default_rng(3)
    xy, z = field(MODEL, 30, 15)
    z[rng.random(z.shape) < 0.25] = np.nan
    covariate = rng.normal(size=(30, 2))
    targets, at_targets = rng.uniform(0, 10_000, (20, 2)), rng.normal(size=(20, 2))
    turned = Variogram("spherical", 2.0, 10.0, 6000.0, angle=30.0, ratio=0.5)
    whole = Kriging(turned).fit(xy, z, covariates=covariate)
    every, left_out = whole.predict(targets, covariates=at_targets), whole.validate().table
    for step, row in enumerate(z):
        known = np.isfinite(row)
        alone = Kriging(turned).fit(xy[known], row[known], covariates=covariate[known])
        one = alone.predict(targets, covariates=at_targets)
        np.testing.assert_allclose(every.mean[step], one.mean, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(every.sd[step], one.sd, rtol=1e-8)
        mine = left_out[left_out["step"] == step]
        np.testing.assert_allclose(mine["mean"], alone.validate().table["mean"], rtol=1e-8, atol=1e-8)


def test_leave_one_out_equals_refitting(field) -> None:
    """The closed form equals kriging each station from the others."""
    xy, z = field(MODEL, 25)
    table = Kriging(MODEL).fit(xy, z[0]).validate().table
    for k in range(25):
        rest = np.delete(np.arange(25), k)
        one = Kriging(MODEL).fit(xy[rest], z[0, rest]).predict(xy[[k]])
        assert table["mean"][k] == pytest.approx(one.mean[0], rel=1e-9)
        assert table["sd"][k] == pytest.approx(one.sd[0], rel=1e-9)


def test_known_errors_enter_the_diagonal(field) -> None:
    """With known sensor errors the weights are those of the textbook system, and a station is not exact."""
    xy, z = field(MODEL, 12)
    error = np.linspace(0.0, 3.0, 12)
    target = np.array([[4000.0, 5000.0]])
    ours = Kriging(MODEL).fit(xy, z[0], error_sd=error).predict(np.vstack([target, xy[:1], xy[-1:]]))

    def covariance(a, b):
        h = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
        return MODEL.sill - MODEL.semivariance(h)

    border = np.zeros((13, 13))
    border[:12, :12] = covariance(xy, xy) + np.diag(error**2)
    border[:12, 12] = border[12, :12] = 1.0
    right = np.append(covariance(xy, target)[:, 0], 1.0)
    solution = np.linalg.solve(border, right)
    assert ours.mean[0] == pytest.approx(float(solution[:12] @ z[0]), rel=1e-9)
    assert ours.sd[0] ** 2 == pytest.approx(MODEL.sill - float(solution @ right), rel=1e-9)
    assert ours.sd[1] == 0.0
    assert ours.sd[2] > 0.5
    assert ours.mean[2] != pytest.approx(z[0, -1])


def test_reference_station_counts_more(field) -> None:
    """Of two sensors at almost one place the one without error decides."""
    xy, z = field(MODEL, 20)
    xy = np.vstack([xy, [[5000.0, 5000.0], [5000.0, 5010.0]]])
    values = np.append(z[0], [10.0, 50.0])
    errors = np.append(np.full(20, 1.0), [0.1, 20.0])
    mean = Kriging(MODEL).fit(xy, values, error_sd=errors).predict([[5000.0, 5005.0]]).mean[0]
    assert abs(mean - 10.0) < abs(mean - 50.0)


@pytest.mark.parametrize("transform", ["none", "sqrt", "log", "boxcox"])
def test_intervals_cover_simulated_truth(field, transform: str) -> None:
    """On fields that are normal after the transform, 95 % intervals hold about 95 % of the truth, without bias."""
    truth_model = Variogram("exponential", 0.02, 0.2, 3000.0)
    xy, latent = field(truth_model, 80, 30, seed=5)
    back = {"none": lambda u: 40 + 10 * u, "sqrt": lambda u: (6 + u) ** 2, "log": lambda u: np.exp(3 + u),
            "boxcox": lambda u: (0.25 * (6 + u) + 1) ** 4}[transform]  # fmt: skip
    values = back(latent)
    kriging = Kriging("exponential", transform).fit(xy[:50], values[:, :50])
    predicted = kriging.predict(xy[50:], threshold=float(np.median(values)))
    inside = (values[:, 50:] >= predicted.lower95) & (values[:, 50:] <= predicted.upper95)
    assert 0.92 < inside.mean() < 0.98
    assert abs(predicted.mean.mean() / values[:, 50:].mean() - 1) < 0.03
    assert predicted.exceedance.mean() == pytest.approx((values[:, 50:] > np.median(values)).mean(), abs=0.04)


def test_log_is_chosen_for_lognormal_fields(field) -> None:
    """The likelihood finds a strong skewness, and leaves symmetric fields alone."""
    xy, latent = field(Variogram("exponential", 0.05, 0.6, 3000.0), 50, 20)
    assert Kriging().fit(xy, np.exp(3 + latent)).transform_.name in ("log", "boxcox")
    assert Kriging().fit(xy, 100 + latent).transform_.name in ("none", "sqrt", "log")
    skewless = Kriging(transform="none").fit(xy, 100 + latent).validate().rmse
    assert Kriging().fit(xy, 100 + latent).validate().rmse == pytest.approx(skewless, rel=0.02)


def test_few_stations_refused() -> None:
    """Four stations are not a network."""
    with pytest.raises(UserError, match="at least 5"):
        Kriging().fit([[0, 0], [1, 0], [0, 1], [1, 1]], [1.0, 2.0, 3.0, 4.0])


def test_equal_values_refused() -> None:
    """Equal values everywhere give no map."""
    with pytest.raises(UserError, match="All values are equal"):
        Kriging().fit(np.random.default_rng(0).uniform(0, 9, (8, 2)), np.full(8, 12.0))


def test_values_equal_but_for_rounding_have_a_variogram() -> None:
    """What is computed from readings (a change of 5 everywhere) differs in the last bit: the map is that value."""
    rng = np.random.default_rng(0)
    xy, z = rng.uniform(0, 5000, (20, 2)), 5.0 + rng.normal(0, 4e-16, 20)
    fitted = Kriging("exponential", transform="none").fit(xy, z, error_sd=np.full(20, 2.0))
    again = Kriging(fitted.variogram_, transform="none").fit(xy, z, error_sd=np.full(20, 2.0))
    assert again.predict([[2500.0, 2500.0]]).mean[0] == pytest.approx(5.0)


def test_one_equal_step_among_others_has_a_width(field) -> None:
    """A step whose values are all equal borrows the sill of the others: no sd of zero."""
    xy, z = field(MODEL, 12, 20)
    z[3] = 5.0
    p = Kriging(transform="none").fit(xy, z).predict([[5000.0, 5000.0]])
    assert p.mean[3, 0] == pytest.approx(5.0)
    assert p.sd[3, 0] > 0.05


def test_coincident_stations_are_merged_with_a_note() -> None:
    """Stations at one place are averaged, and it is said."""
    rng = np.random.default_rng(0)
    xy, z = rng.uniform(0, 9000, (8, 2)), rng.normal(30, 4, 8)
    doubled = Kriging(MODEL).fit(np.vstack([xy, xy[:1]]), np.append(z, z[0] + 2))
    assert doubled.n_stations_ == 8
    assert "1 stations stand at the place of another one" in _said(doubled.notes_)
    assert doubled.predict(xy[:1]).mean[0] == pytest.approx(z[0] + 1)


def test_collinear_stations_give_a_map_and_a_note() -> None:
    """Stations on one line are kriged, with a note."""
    x = np.linspace(0, 9000, 12)
    kriging = Kriging().fit(np.column_stack([x, 2 * x]), 20 + np.sin(x / 2000) * 5 + np.cos(x))
    assert "one line" in _said(kriging.notes_)
    assert kriging.variogram_.ratio == 1.0
    p = kriging.predict([[4000.0, 8000.0], [4000.0, 0.0]])
    assert np.isfinite(p.mean).all()
    assert p.sd[1] > p.sd[0]


def test_degrees_are_noticed() -> None:
    """Coordinates in degrees give a warning."""
    rng = np.random.default_rng(0)
    xy = np.column_stack([rng.uniform(99.7, 100.1, 12), rng.uniform(13.5, 13.9, 12)])
    assert "degrees" in _said(Kriging().fit(xy, rng.normal(30, 5, 12)).notes_)


def test_huge_coordinates(field) -> None:
    """Huge false eastings don't blur the map."""
    xy, z = field(MODEL, 20)
    near = Kriging(MODEL).fit(xy, z[0]).predict([[5000.0, 5000.0]])
    far = Kriging(MODEL).fit(xy + 5e7, z[0]).predict([[5e7 + 5000.0, 5e7 + 5000.0]])
    assert far.mean[0] == pytest.approx(near.mean[0], rel=1e-6)


@pytest.mark.parametrize(
    ("xy", "z", "words"),
    [
        (np.full((6, 2), np.nan), np.arange(6.0), "not numbers"),
        (np.arange(12.0).reshape(6, 2), np.array([1, 2, np.inf, 4, 5, 6.0]), "infinite"),
        (np.arange(12.0).reshape(6, 2), np.arange(5.0), "6 places and 5 values"),
        (np.arange(18.0).reshape(6, 3), np.arange(6.0), "two columns"),
    ],
)
def test_bad_arrays_are_refused(xy, z, words: str) -> None:
    """Wrong shapes and infinite numbers end with a sentence."""
    with pytest.raises(UserError, match=words):
        Kriging().fit(xy, z)


def test_one_accident_does_not_flatten_the_map(field) -> None:
    """A single extreme value is reported, and the rest of the map keeps its shape and width."""
    truth = Variogram("exponential", 0.5, 20.0, 4000.0)
    xy, z = field(truth, 60, seed=8)
    z = 40 + z
    z[0, 7] = 2000.0
    calm = np.delete(np.arange(60), 7)
    kriging = Kriging().fit(xy, z[0], names=[f"S{k}" for k in range(60)])
    result = kriging.validate()
    assert "Possible local event at station S7" in _said(result.notes)
    assert kriging.variogram_.nugget_share < 0.5
    targets = xy[calm][np.hypot(*(xy[calm] - xy[7]).T) > 3000]
    near = Kriging().fit(xy[calm], z[0, calm]).predict(targets + 300.0)
    ours = kriging.predict(targets + 300.0)
    assert np.corrcoef(ours.mean, near.mean)[0, 1] > 0.8


def test_white_noise_is_said(field) -> None:
    """Where neighbours are no more alike than strangers, a warning says so."""
    rng = np.random.default_rng(2)
    kriging = Kriging(transform="none").fit(rng.uniform(0, 1e4, (40, 2)), rng.normal(50, 5, (60, 40)))
    assert "hardly more alike" in _said(kriging.notes_)
    assert kriging.predict([[5000.0, 5000.0]]).sd[0, 0] > 4


def test_steps_with_too_few_stations(field) -> None:
    """Thin steps borrow the variogram; empty ones stay empty; both are said."""
    xy, z = field(MODEL, 12, 10)
    z[2, 3:] = np.nan
    z[5] = np.nan
    kriging = Kriging().fit(xy, z)
    p = kriging.predict([[5000.0, 5000.0]])
    assert np.isfinite(p.mean[2, 0])
    assert p.upper95[2, 0] - p.lower95[2, 0] > 0
    assert np.isnan(p.mean[5, 0])
    assert "1 time steps have fewer than 5" in _said(kriging.notes_)
    assert "1 time steps have too few" in _said(kriging.notes_)


def test_means_are_not_negative(field) -> None:
    """Values of zero and more give means and bounds of zero and more, and the share set to zero is said."""
    xy, z = field(Variogram("gaussian", 0.01, 4.0, 3000.0), 40, seed=3)
    values = np.maximum(z[0], 0.0)
    p = Kriging("gaussian", "none").fit(xy, values).predict(np.random.default_rng(0).uniform(-2e3, 12e3, (400, 2)))
    assert p.mean.min() >= 0
    assert p.lower95.min() >= 0
    assert "set to zero" in _said(p.notes)


def test_covariates_are_checked(field) -> None:
    """Constant, doubled, missing or wrong covariates end with a sentence; extrapolation is flagged."""
    xy, z = field(MODEL, 20)
    good = np.linspace(0, 1, 20)[:, None]
    with pytest.raises(UserError, match="same value"):
        Kriging().fit(xy, z[0], covariates=np.ones((20, 1)))
    with pytest.raises(UserError, match="say the same"):
        Kriging().fit(xy, z[0], covariates=np.hstack([good, 2 * good]))
    with pytest.raises(UserError, match="missing in row 3"):
        Kriging().fit(xy, z[0], covariates=np.where(np.arange(20)[:, None] == 2, np.nan, good))
    kriging = Kriging(covariate_names=["elevation"]).fit(xy, z[0], covariates=good)
    with pytest.raises(UserError, match="elevation"):
        kriging.predict(xy[:2])
    p = kriging.predict(xy[:2] + 50.0, covariates=[[0.5], [9.0]])
    assert p.extrapolated.tolist() == [False, True]
    assert "elevation" in _said(p.notes)


def test_drift_is_found(field) -> None:
    """A covariate that explains the field lowers the error."""
    rng = np.random.default_rng(6)
    xy, z = field(Variogram("exponential", 0.2, 1.0, 2000.0), 60, 10)
    height = rng.uniform(0, 1000, 60)
    values = 50 + z - 0.02 * height
    without = Kriging(transform="none").fit(xy, values).validate().rmse
    assert Kriging(transform="none").fit(xy, values, covariates=height[:, None]).validate().rmse < 0.7 * without


def test_neighbourhood_of_all_is_exact(field) -> None:
    """As many neighbours as stations give the exact map; a few give nearly it."""
    xy, z = field(MODEL, 60, 3)
    targets = np.random.default_rng(0).uniform(0, 10_000, (30, 2))
    exact = Kriging(MODEL).fit(xy, z).predict(targets)
    near = Kriging(MODEL, neighbours=25).fit(xy, z).predict(targets)
    assert np.abs(near.mean - exact.mean).max() < 0.35 * np.sqrt(MODEL.sill)
    all_but_one = Kriging(MODEL, neighbours=59).fit(xy, z).predict(targets)
    np.testing.assert_allclose(all_but_one.mean, exact.mean, atol=0.05)
    np.testing.assert_allclose(all_but_one.sd, exact.sd, rtol=1e-2)


def test_many_stations_are_kriged_locally() -> None:
    """Above 3,000 stations the nearest ones are used, with a note, and the map is right."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 1e5, (3200, 2))
    truth = np.sin(xy[:, 0] / 9000) * 10 + np.cos(xy[:, 1] / 7000) * 5 + 50
    model = Variogram("matern32", 0.01, 80.0, 9000.0)
    kriging = Kriging(model).fit(xy, truth)
    targets = rng.uniform(1e4, 9e4, (50, 2))
    expected = np.sin(targets[:, 0] / 9000) * 10 + np.cos(targets[:, 1] / 7000) * 5 + 50
    np.testing.assert_allclose(kriging.predict(targets).mean, expected, atol=0.3)
    assert "64 nearest" in _said(kriging.notes_)


def test_single_precision_is_accurate(field) -> None:
    """Blocked single precision stays within 1e-4 of the sill, gaps included."""
    xy, z = field(MODEL, 150, 6)
    z[np.random.default_rng(0).random(z.shape) < 0.1] = np.nan
    problem = Kriging(MODEL).fit(xy, z).problem()
    targets = np.random.default_rng(1).uniform(0, 10_000, (500, 2))
    assert single_precision_error(problem, targets, None) < 1e-4


def test_neighbours_below_three_are_refused() -> None:
    """Two neighbours are no neighbourhood."""
    with pytest.raises(UserError, match="at least 3"):
        Kriging(neighbours=2)


def test_few_values_take_the_cautious_model() -> None:
    """Six values choose no smooth model by chance, and it is said."""
    rng = np.random.default_rng(1)
    kriging = Kriging().fit(rng.uniform(0, 9000, (6, 2)), rng.lognormal(3, 0.5, 6))
    assert kriging.variogram_.model == "exponential"
    assert "Too few values" in _said(kriging.notes_)
    assert np.isfinite(kriging.validate().crps)


def test_two_different_values_are_refused() -> None:
    """Zeros and ones are no field."""
    rng = np.random.default_rng(1)
    with pytest.raises(UserError, match="differing values"):
        Kriging().fit(rng.uniform(0, 9000, (10, 2)), np.arange(10) % 2.0)


def test_errors_beyond_the_spread_are_limited() -> None:
    """Sensor errors larger than everything measured are limited, with a note."""
    rng = np.random.default_rng(1)
    kriging = Kriging().fit(rng.uniform(0, 9000, (10, 2)), rng.lognormal(3, 0.5, 10), error_sd=np.full(10, 500.0))
    assert "larger than the spread" in _said(kriging.notes_)
    assert np.isfinite(kriging.validate().rmse)
