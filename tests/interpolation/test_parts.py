"""The small parts: transforms, Student's t, sills, scores, patterns, grids, covariates, plain methods."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from interpolation import Grid, Kriging, Transform, Variogram, covariates, peers, sills, student
from interpolation.patterns import Patterns
from interpolation.scores import crps
from interpolation.transform import candidates, resolution_of
from language import UserError

TRANSFORMS = (Transform(), Transform("sqrt"), Transform("log", shift=2.0), Transform("boxcox", shift=1.0, power=0.25))


@given(st.sampled_from(TRANSFORMS), st.floats(0.01, 1e4))
def test_transforms_come_back(transform: Transform, value: float) -> None:
    """Forward and inverse undo each other; the derivative is the slope."""
    y = np.array([value])
    assert transform.inverse(transform.forward(y))[0] == pytest.approx(value, rel=1e-6)
    step = 1e-5 * value
    slope = (transform.forward(y + step) - transform.forward(y - step)) / (2 * step)
    assert transform.derivative(y)[0] == pytest.approx(float(slope[0]), rel=1e-4)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_back_transform_is_unbiased(transform: Transform) -> None:
    """Mean and variance are those of simulated values."""
    mean, sd = 2.5, 0.4
    draws = transform.inverse(np.random.default_rng(0).normal(mean, sd, 400_000))
    m, v = transform.moments(np.array([mean]), np.array([sd**2]))
    assert m[0] == pytest.approx(draws.mean(), rel=0.01)
    assert np.sqrt(v[0]) == pytest.approx(draws.std(), rel=0.02)


def test_zeros_stay_near_zero() -> None:
    """Where most readings are zero and the others high, a zero doesn't count as half the smallest other one."""
    values = np.array([0.0] * 15 + [29.0, 30.0, 31.0, 32.0, 33.0])
    for transform in candidates(values, "auto"):
        back = transform.inverse(transform.forward(values))
        assert back[0] <= 0.05 * 31.0 + 1e-9, transform
    fine = np.array([0.0, 0.1, 0.4, 12.0, 18.0, 25.0, 31.0])
    assert resolution_of(fine) == pytest.approx(0.05)


def test_transform_wishes() -> None:
    """Negative values allow no root, and unknown names are refused."""
    assert [t.name for t in candidates(np.array([-1.0, 2.0, 3.0]), "auto")] == ["none"]
    with pytest.raises(UserError, match="zero or more"):
        candidates(np.array([-1.0, 2.0]), "log")
    with pytest.raises(UserError, match="Unknown transform"):
        candidates(np.array([1.0, 2.0]), "cube")


@pytest.mark.parametrize("freedom", [4.0, 8.0, 30.0, 200.0])
def test_student_mapping(freedom: float) -> None:
    """Student's t as a normal quantile, both ways, agrees with SciPy."""
    t = np.linspace(-6, 6, 49)
    exact = stats.norm.ppf(stats.t.cdf(t, freedom))
    np.testing.assert_allclose(student.to_normal(t, freedom), exact, atol=3e-3)
    np.testing.assert_allclose(student.exceedance(t, freedom), stats.t.sf(t, freedom), atol=3e-4)
    z = np.linspace(-3, 3, 25)
    exact = stats.t.ppf(stats.norm.cdf(z), freedom)
    np.testing.assert_allclose(student.from_normal(z, freedom), exact, rtol=0.03, atol=1e-9)


def test_infinite_freedom_is_normal() -> None:
    """Infinite freedom changes nothing."""
    t = np.linspace(-3, 3, 7)
    np.testing.assert_array_equal(student.to_normal(t, np.inf), t)
    assert student.quantile(0.975, np.array([np.inf]))[0] == pytest.approx(1.959964, rel=1e-5)


def test_sills_borrow_strength() -> None:
    """Where steps agree the estimates draw together; where they don't, they stay apart."""
    rng = np.random.default_rng(0)
    freedom = np.full(300, 6.0)
    same = sills.estimate(4.0 * rng.chisquare(6, 300), freedom)
    assert same.each.std() < 0.4 * (same.rss / 6).std()
    assert same.prior == pytest.approx(4.0, rel=0.15)
    apart = sills.estimate(np.exp(rng.normal(0, 2, 300)) * rng.chisquare(6, 300), freedom)
    assert apart.prior_freedom < 3
    alone = sills.estimate(np.array([12.0]), np.array([6.0]))
    assert (alone.each[0], alone.prior_freedom) == (2.0, 0.0)


def test_crps_of_the_normal() -> None:
    """The score equals the closed form of Gneiting and Raftery 2007, eq. 21."""
    rng = np.random.default_rng(0)
    mean, sd, y = rng.normal(30, 5, 40), rng.uniform(1, 6, 40), rng.normal(30, 8, 40)
    z = (y - mean) / sd
    exact = sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(crps(y, mean, sd, np.full(40, np.inf), Transform()), exact, rtol=1e-4)


def test_crps_of_the_lognormal() -> None:
    """The score equals the mean over simulated values (Gneiting and Raftery 2007, eq. 21)."""
    rng = np.random.default_rng(1)
    draws = np.exp(rng.normal(3.0, 0.5, (2, 400_000)))
    exact = np.abs(draws[0] - 35.0).mean() - 0.5 * np.abs(draws[0] - draws[1]).mean()
    one = np.ones(1)
    assert crps(35 * one, 3.0 * one, 0.5 * one, np.inf * one, Transform("log"))[0] == pytest.approx(exact, rel=0.01)


@given(st.integers(1, 12), st.integers(1, 8), st.integers(0, 1000))
def test_patterns_hold_every_step(steps: int, stations: int, seed: int) -> None:
    """Each step's pattern is its own presence; groups hold each pattern with gaps once."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((steps, stations)) < 0.4, np.nan, 1.0)
    patterns = Patterns.of(values)
    np.testing.assert_array_equal(patterns.present[patterns.of_step], np.isfinite(values))
    seen = np.concatenate([g.patterns for g in patterns.missing] or [np.zeros(0, dtype=int)])
    assert sorted(seen) == list(np.flatnonzero((~patterns.present).any(axis=1)))
    for group in patterns.missing:
        for row, real, pattern in zip(group.index, group.real, group.patterns, strict=True):
            assert set(row[real]) == set(np.flatnonzero(~patterns.present[pattern]))


@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(10, 1e4), st.floats(10, 1e4), st.sampled_from([10, 50, 250])
)
def test_grids_snap_and_cover(x: float, y: float, width: float, height: float, cell: int) -> None:
    """A grid covers its bounds, and its edges are whole multiples of the cell."""
    grid = Grid.covering((x, y, x + width, y + height), cell, None)
    left, top = grid.transform.c, grid.transform.f
    assert left / cell == pytest.approx(round(left / cell), abs=1e-6)
    assert top / cell == pytest.approx(round(top / cell), abs=1e-6)
    assert left <= x + 1e-6
    assert top >= y + height - 1e-6
    assert left + cell * grid.shape[1] >= x + width - 1e-6
    assert top - cell * grid.shape[0] <= y + 1e-6
    assert (np.diff(grid.y) < 0).all()


@pytest.mark.parametrize(
    ("bounds", "cell", "words"),
    [((0, 0, 10, 10), 0, "above zero"), ((0, 0, 0, 10), 1, "empty"), ((0, 0, 1e6, 1e6), 1, "million cells")],
)
def test_bad_grids_are_refused(bounds, cell: float, words: str) -> None:
    """A cell of zero, an empty area and a grid beyond reason end with a sentence."""
    with pytest.raises(UserError, match=words):
        Grid.covering(bounds, cell, None)


def test_distance_and_density() -> None:
    """Distances are to the nearest thing; the kernel holds one thing per thing."""
    assert covariates.distance([[0, 0]], [[3, 4], [30, 40]]).tolist() == [5.0]
    x, y = np.meshgrid(np.arange(-5000, 5001, 100), np.arange(-5000, 5001, 100))
    places = np.column_stack([x.ravel(), y.ravel()])
    total = covariates.density(places, [[0.0, 0.0]], 800.0).sum() * 0.01
    assert total == pytest.approx(1.0, rel=0.01)
    assert covariates.density(places[:3], np.zeros((0, 2)), 800.0).tolist() == [0, 0, 0]
    with pytest.raises(UserError):
        covariates.distance([[0, 0]], np.zeros((0, 2)))


def test_raster_values(tmp_path: Path) -> None:
    """A raster is read between its cell centres, in another coordinate system too, and refused outside."""
    path = tmp_path / "height.tif"
    grid = Grid.covering((600_000, 1_500_000, 610_000, 1_510_000), 500, 32647)
    plane = (grid.x[None] - 600_000) * 0.01 + (grid.y[:, None] - 1_500_000) * 0.02
    with rasterio.open(path, "w", driver="GTiff", height=20, width=20, count=1, dtype="float32",
                       crs="EPSG:32647", transform=grid.transform) as file:  # fmt: skip
        file.write(plane.astype("float32"), 1)
    places = np.array([[603_333.0, 1_504_444.0], [608_000.0, 1_502_000.0]])
    expected = (places[:, 0] - 600_000) * 0.01 + (places[:, 1] - 1_500_000) * 0.02
    np.testing.assert_allclose(covariates.from_raster(path, places, 32647), expected, rtol=1e-4)
    from pyproj import Transformer

    lonlat = np.column_stack(Transformer.from_crs(32647, 4326, always_xy=True).transform(places[:, 0], places[:, 1]))
    np.testing.assert_allclose(covariates.from_raster(path, lonlat, 4326), expected, rtol=1e-4)
    with pytest.raises(UserError, match="outside"):
        covariates.from_raster(path, places + 1e6, 32647)
    some = covariates.from_raster(path, np.vstack([places, places + 1e6]), 32647, missing="blank")
    assert np.isfinite(some).tolist() == [True, True, False, False]
    with pytest.raises(UserError, match="raster"):
        covariates.from_raster(tmp_path / "none.tif", places, 32647)


def test_plain_methods() -> None:
    """Inverse distance, nearest station and mean leave the station out, and respect gaps."""
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    values = np.array([[1.0, 2.0, 6.0], [1.0, np.nan, 6.0]])
    near = peers.nearest(xy, values)
    assert near[0].tolist() == [2.0, 1.0, 2.0]
    assert near[1, 0] == 6.0
    assert peers.mean(values)[0].tolist() == [4.0, 3.5, 1.5]
    assert peers.idw(xy, values)[0, 0] == pytest.approx((2 / 1 + 6 / 9) / (1 + 1 / 9))


def test_pykrige_peer_is_pykrige() -> None:
    """The closed form gives what PyKrige gives when it is asked station by station."""
    from pykrige.ok import OrdinaryKriging

    rng = np.random.default_rng(5)
    xy, z = rng.uniform(0, 100, (15, 2)), rng.normal(10, 2, 15)
    mean, sd = peers.pykrige(xy, z[None])
    fitted = OrdinaryKriging(xy[:, 0], xy[:, 1], z, variogram_model="spherical")
    sill, reach, nugget = fitted.variogram_model_parameters
    rest = np.arange(1, 15)
    one = OrdinaryKriging(xy[rest, 0], xy[rest, 1], z[rest], variogram_model="spherical",
                          variogram_parameters={"psill": sill, "range": reach, "nugget": nugget})  # fmt: skip
    m, v = one.execute("points", xy[:1, 0], xy[:1, 1])
    assert mean[0, 0] == pytest.approx(float(m[0]), rel=1e-6)
    assert sd[0, 0] ** 2 == pytest.approx(float(v[0]), rel=1e-6)


def test_ranking_prefers_kriging_on_a_kriging_field(field) -> None:
    """On a correlated field kriging leads and the mean comes last."""
    xy, z = field(Variogram("exponential", 0.05, 1.0, 4000.0), 40, 20)
    ranked = peers.ranked(Kriging().fit(xy, z), z, with_pykrige=True)
    assert ranked["method"].iloc[0] == "kriging"
    assert ranked["method"].iloc[-1] == "mean"
    assert set(ranked["method"]) == set(peers.NAMES)
