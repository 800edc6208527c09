"""Variogram models, their parameters' meaning, and fits that find the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pykrige import variogram_models

from interpolation import Kriging, Variogram, fit_variogram
from interpolation.sample import sample_variogram
from interpolation.variogram import MODELS, parse
from language import UserError


@pytest.mark.parametrize("model", ["exponential", "spherical", "gaussian"])
def test_models_equal_pykrige(model: str) -> None:
    """Semivariances equal PyKrige's after the conversion of the range."""
    variogram = Variogram(model, 1.5, 4.0, 700.0)
    name, p = variogram.to_pykrige()
    function = getattr(variogram_models, f"{name}_variogram_model")
    distance = np.linspace(1, 4000, 50)
    theirs = function([p["psill"], p["range"], p["nugget"]], distance)
    np.testing.assert_allclose(variogram.semivariance(distance), theirs, rtol=1e-12)
    again = Variogram.from_pykrige(name, p["psill"], p["range"], p["nugget"])
    assert again.range == pytest.approx(700.0)


@pytest.mark.parametrize("model", MODELS)
def test_practical_range(model: str) -> None:
    """At the practical range five per cent of the correlation are left."""
    v = Variogram(model, 0.0, 1.0, 100.0)
    assert float(v.semivariance([v.practical_range])[0]) == pytest.approx(0.95, abs=2e-4)


@given(st.sampled_from(MODELS), st.floats(0, 10), st.floats(0.1, 10), st.floats(1, 1e5))
def test_semivariance_grows(model: str, nugget: float, sill: float, reach: float) -> None:
    """γ starts at zero, grows, and ends at the sill."""
    gamma = Variogram(model, nugget, sill, reach).semivariance(np.linspace(0, 50 * reach, 200))
    assert gamma[0] == 0
    assert (np.diff(gamma) >= -1e-9).all()
    assert gamma[-1] == pytest.approx(nugget + sill, rel=1e-6)


def test_direction_is_clockwise_from_north() -> None:
    """With angle 90 the field reaches farther to the east than to the north."""
    v = Variogram("exponential", 0.0, 1.0, 1000.0, angle=90.0, ratio=0.25)
    flat = v.flatten(np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]]))
    assert np.hypot(*flat[1]) == pytest.approx(1.0)
    assert np.hypot(*flat[2]) == pytest.approx(4.0)


def test_parse_whole_variogram() -> None:
    """The command line's form is read in gstat's and in PyKrige's meaning."""
    v = parse("exponential:nugget=13.5,psill=66.5,range=224000")
    assert v == Variogram("exponential", 13.5, 66.5, 224_000.0)
    p = parse("exponential:nugget=13.5, psill=66.5, range=672000, convention=pykrige")
    assert isinstance(p, Variogram)
    assert p.range == pytest.approx(224_000.0)
    turned = parse("spherical:psill=1,range=10,angle=30,ratio=0.5")
    assert turned == Variogram("spherical", 0.0, 1.0, 10.0, 30.0, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "linear",
        "exponential:psill=1",
        "exponential:psill=a,range=3",
        "exponential:sill=1,range=3",
        "spherical:psill=1,range=-3",
        "spherical:psill=1,range=3,ratio=2",
        "matern32:psill=1,range=3,convention=pykrige",
    ],
)
def test_parse_refuses(text: str) -> None:
    """What is not a variogram ends with a sentence."""
    with pytest.raises(UserError):
        parse(text)


@pytest.mark.parametrize("model", MODELS)
def test_pooled_fit_finds_the_truth(field, model: str) -> None:
    """Eight stations and many hours with gaps are enough for range, nugget and sill."""
    truth = Variogram(model, 1.0, 4.0, 2500.0 if model != "spherical" else 6000.0)
    xy, z = field(truth, 8, 1000, seed=11)
    z[np.random.default_rng(0).random(z.shape) < 0.1] = np.nan
    fitted = fit_variogram(xy, z, model)
    assert fitted.practical_range == pytest.approx(truth.practical_range, rel=0.35)
    assert fitted.sill == pytest.approx(truth.sill, rel=0.3)


def test_model_is_chosen_by_likelihood(field) -> None:
    """A smooth field is not taken for a rough one."""
    xy, z = field(Variogram("gaussian", 0.02, 1.0, 2500.0), 60, 40)
    assert fit_variogram(xy, z).model in ("gaussian", "matern52")
    xy, z = field(Variogram("exponential", 0.0, 1.0, 2500.0), 60, 40)
    assert fit_variogram(xy, z).model == "exponential"


def test_anisotropy_is_found_and_not_invented(field) -> None:
    """A direction is found where there is one, and only there."""
    truth = Variogram("exponential", 0.1, 1.0, 5000.0, angle=60.0, ratio=0.4)
    xy, z = field(truth, 60, 60)
    fitted = fit_variogram(xy, z, "exponential", anisotropy=True)
    assert fitted.angle == pytest.approx(60.0, abs=12)
    assert fitted.ratio == pytest.approx(0.4, abs=0.12)
    xy, z = field(Variogram("exponential", 0.1, 1.0, 3000.0), 60, 60)
    assert fit_variogram(xy, z, "exponential", anisotropy=True).ratio > 0.8


def test_sill_follows_the_step(field) -> None:
    """Quiet and rough steps share the shape and keep their own widths."""
    xy, z = field(Variogram("exponential", 0.2, 1.0, 3000.0), 40, 40)
    z[::2] *= 5.0
    p = Kriging("exponential", "none").fit(xy, z).predict([[5000.0, 5000.0]])
    assert np.median(p.sd[::2]) / np.median(p.sd[1::2]) == pytest.approx(5.0, rel=0.2)


def test_known_errors_are_not_taken_for_small_scale_variation(field) -> None:
    """With the sensors' error told, the nugget is what is left."""
    xy, z = field(Variogram("exponential", 0.0, 4.0, 3000.0), 60, 100)
    noisy = z + np.random.default_rng(0).normal(0, 1.5, z.shape)
    told = Kriging("exponential", "none", anisotropy=False).fit(xy, noisy, error_sd=np.full(60, 1.5)).variogram_
    untold = Kriging("exponential", "none", anisotropy=False).fit(xy, noisy).variogram_
    assert untold.nugget == pytest.approx(2.25, rel=0.3)
    assert told.nugget < 0.5
    assert told.partial_sill == pytest.approx(4.0, rel=0.3)


def test_sample_variogram_equals_gstat(shared_data) -> None:
    """Distance classes, semivariances and pair counts are gstat's."""
    table = pd.read_csv(shared_data / "meuse" / "meuse.csv")
    theirs = pd.read_csv(shared_data / "reference" / "meuse_logzinc_variogram.csv")
    ours = sample_variogram(table[["x", "y"]].to_numpy(), np.log(table["zinc"].to_numpy()))
    np.testing.assert_array_equal(ours.pairs, theirs["np"])
    np.testing.assert_allclose(ours.distance, theirs["dist"], rtol=1e-6)
    np.testing.assert_allclose(ours.semivariance, theirs["gamma"], rtol=1e-6)
