"""Validation: honest scores, per station, by block, and a reliability diagram."""

from __future__ import annotations

import numpy as np
import pytest

from interpolation import Kriging, Variogram
from interpolation.validation import spatial_blocks
from language import UserError

MODEL = Variogram("exponential", 0.5, 4.0, 3000.0)


def test_scores_of_the_true_model(field) -> None:
    """With the true variogram the coverage is what it says and the standardised error is one."""
    xy, z = field(MODEL, 40, 200)
    result = Kriging(MODEL).fit(xy, 50 + z).validate(threshold=51.0)
    assert result.n == 8000
    assert result.coverage90 == pytest.approx(0.90, abs=0.01)
    assert result.coverage95 == pytest.approx(0.95, abs=0.01)
    assert result.rmsse == pytest.approx(1.0, abs=0.02)
    assert abs(result.me) < 0.05
    diagram = result.reliability()
    full = diagram[diagram["n"] > 100]
    assert (full["stated"] - full["observed"]).abs().max() < 0.08


def test_scores_of_the_fitted_model(field) -> None:
    """With everything fitted the coverage stays honest."""
    xy, z = field(MODEL, 30, 100, seed=9)
    result = Kriging().fit(xy, 50 + z).validate()
    assert result.coverage95 == pytest.approx(0.95, abs=0.02)
    assert result.rmsse == pytest.approx(1.0, abs=0.05)


def test_small_networks_know_that_they_know_little(field) -> None:
    """One map of eight stations has Student's wide intervals, which cover."""
    inside, count = 0, 0
    for seed in range(40):
        xy, z = field(MODEL, 8, 1, seed=seed)
        table = Kriging("exponential", "none", anisotropy=False).fit(xy, 50 + z[0]).validate().table
        inside += int(table["inside95"].sum())
        count += len(table)
    assert inside / count > 0.92


def test_per_station_scores_add_up(field) -> None:
    """The stations' scores are those of their rows."""
    xy, z = field(MODEL, 12, 30)
    z[4, 3] = np.nan
    result = Kriging(MODEL).fit(xy, z).validate()
    per = result.per_station.set_index("station")
    assert per["n"].sum() == result.n == 359
    assert (per["n"] * per["mae"]).sum() / result.n == pytest.approx(result.mae)
    assert per.loc[3, "n"] == 29


def test_blocks_are_left_out_whole(field) -> None:
    """A block's predictions use no station of the block, gaps included."""
    xy, z = field(MODEL, 24, 6)
    z[np.random.default_rng(0).random(z.shape) < 0.15] = np.nan
    block = spatial_blocks(xy, 4)
    kriging = Kriging(MODEL).fit(xy, z)
    table = kriging.validate(blocks=block).table
    for one in np.unique(block):
        rest = block != one
        p = Kriging(MODEL).fit(xy[rest], z[:, rest]).predict(xy[~rest])
        for column, station in enumerate(np.flatnonzero(~rest)):
            mine = table[table["station"] == station].set_index("step")
            np.testing.assert_allclose(mine["mean"], p.mean[mine.index, column], rtol=1e-8, atol=1e-8)
            np.testing.assert_allclose(mine["sd"], p.sd[mine.index, column], rtol=1e-8)
    assert kriging.validate(blocks=4).rmse > kriging.validate().rmse


def test_block_numbers_are_checked(field) -> None:
    """One block is nothing to leave out."""
    xy, z = field(MODEL, 10)
    with pytest.raises(UserError, match="between 2 and 10"):
        Kriging(MODEL).fit(xy, z[0]).validate(blocks=1)


def test_reliability_without_threshold_is_empty(field) -> None:
    """Without a threshold there is no probability to judge."""
    xy, z = field(MODEL, 10)
    assert Kriging(MODEL).fit(xy, z[0]).validate().reliability().empty
