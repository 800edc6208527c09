"""Where to measure next: the numbers against brute force and simulation, the proposal against blind choices."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from benchmarks import siting as benchmark
from benchmarks.towns import variation
from geo.lake import Lake
from interpolation import Kriging, Variogram
from language import UserError
from planning import __main__ as command
from planning import artefacts, siting
from planning.screening import Parameters, Screening, screen

pytestmark = pytest.mark.slow

MODEL = Variogram("exponential", nugget=0.1, partial_sill=1.0, range=1500.0)


def gaussian(rng: np.random.Generator, places: np.ndarray, days: int) -> np.ndarray:
    """Fields of `MODEL` without its nugget, mean 3."""
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    root = np.linalg.cholesky(np.exp(-distance / MODEL.range) + 1e-9 * np.eye(len(places)))
    return 3.0 + rng.normal(size=(days, len(places))) @ root.T


def make(seed: int, side: int = 9, stations: int = 8, days: int = 30) -> tuple[siting.Field, np.ndarray, np.ndarray]:
    """A town of side × side cells 500 m wide: its field, the true air and the people; people live in one half."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side) * 500.0, np.arange(side) * 500.0)
    cells = np.column_stack([x.ravel(), y.ravel()])
    people = rng.gamma(0.6, 100.0, len(cells)) * np.where(cells[:, 0] < side * 250, 1.0, 0.1)
    own = rng.uniform(0, side * 500.0, (stations, 2))
    air = gaussian(rng, np.vstack([cells, own]), days)
    read = air[:, len(cells) :] + rng.normal(0, np.sqrt(MODEL.nugget), (days, stations))
    field = siting.network_field(own, read, cells, people, MODEL, 3.5)
    return field, air[:, : len(cells)], people


def real_loss(field: siting.Field, sites: list[int], air: np.ndarray, rng: np.random.Generator) -> float:
    """People wrongly called a day once sensors stand at `sites` and have been read."""
    mean, covariance = field.distance * np.sqrt(MODEL.sill) + 3.5, field.covariance * MODEL.sill
    if sites:
        read = air[:, sites] + rng.normal(0, np.sqrt(MODEL.nugget), (len(air), len(sites)))
        gain = covariance[:, sites] @ np.linalg.inv(
            covariance[np.ix_(sites, sites)] + MODEL.nugget * np.eye(len(sites))
        )
        mean = mean + (read - mean[:, sites]) @ gain.T
    return float((((mean > 3.5) != (air > 3.5)) @ field.people).mean())


def test_wrong_calls_now_is_the_smaller_chance() -> None:
    distance = np.array([[-1.0, 0.0, 2.0]])
    seen = siting.wrong_calls(distance, np.ones(3), np.zeros(3))
    assert seen == pytest.approx(norm.cdf(-np.abs(distance)))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("distance", [0.0, 0.7, -1.5])
def test_wrong_calls_after_equal_the_bivariate_normal(distance: float, share: float) -> None:
    """P(sign of the new mean ≠ sign of the truth), by SciPy's bivariate normal."""
    both = multivariate_normal([distance, distance], [[share, share], [share, 1.0]])
    neither = both.cdf([0.0, 0.0])
    expected = norm.cdf(-distance / np.sqrt(share)) + norm.cdf(-distance) - 2 * neither
    seen = siting.wrong_calls(np.array([[distance]]), np.ones(1), np.array([share]))
    assert float(seen[0, 0]) == pytest.approx(expected, abs=1e-5)


def test_rank_one_update_equals_refitting_the_network() -> None:
    """Adding a sensor to the covariance is the same as kriging with it."""
    rng = np.random.default_rng(5)
    own, cells = rng.uniform(0, 4000, (7, 2)), rng.uniform(0, 4000, (12, 2))
    people = np.ones(12)
    before = siting.network_field(own, np.zeros((1, 7)), cells, people, MODEL, 0.0)
    share = MODEL.nugget_share
    more = siting.network_field(np.vstack([own, cells[3]]), np.zeros((1, 8)), cells, people, MODEL, 0.0)
    after = siting.add(before, 3)
    assert before.error == pytest.approx(share)
    assert after.covariance == pytest.approx(more.covariance, abs=1e-9)
    assert np.diag(before.covariance) - after.gained == pytest.approx(np.diag(more.covariance), abs=1e-9)


def test_first_site_is_the_best_and_pairs_are_nearly_so() -> None:
    """Against every choice, one by one, on tiny towns."""
    for seed in range(4):
        field, _, _ = make(seed, side=4, stations=5, days=6)
        everywhere = list(range(16))
        chosen = siting.greedy(field, 2, everywhere)
        single = {c: siting.loss(siting.add(field, c)) for c in everywhere}
        assert chosen[0][0] == min(single, key=single.__getitem__)
        assert chosen[0][1] == pytest.approx(min(single.values()))
        pairs = min(siting.loss(siting.add(siting.add(field, a), b)) for a, b in permutations(everywhere, 2))
        gained, best = siting.loss(field) - chosen[1][1], siting.loss(field) - pairs
        assert gained >= 0.9 * best


def test_greedy_beats_random_and_largest_variance_in_true_wrong_calls() -> None:
    """Counted on the true air of 40 towns, three sensors each; the differences are twice their standard error."""
    better_than_random, better_than_variance, promised, kept = [], [], [], []
    for seed in range(40):
        field, air, _ = make(seed)
        rng = np.random.default_rng(1000 + seed)
        everywhere = list(range(len(field.people)))
        ours = siting.greedy(field, 3, everywhere)
        wide, state = [], field
        for _ in range(3):
            wide.append(int(np.argmax(np.diag(state.covariance))))
            state = siting.add(state, wide[-1])
        now = real_loss(field, [], air, rng)
        with_ours = real_loss(field, [s for s, _ in ours], air, rng)
        better_than_random.append(
            np.mean([real_loss(field, list(rng.choice(everywhere, 3, replace=False)), air, rng) for _ in range(5)])
            - with_ours
        )
        better_than_variance.append(real_loss(field, wide, air, rng) - with_ours)
        promised.append(siting.loss(field) - ours[-1][1])
        kept.append(now - with_ours)
    for gain in (better_than_random, better_than_variance):
        assert np.mean(gain) > 2 * np.std(gain) / np.sqrt(len(gain))
    assert np.mean(kept) == pytest.approx(np.mean(promised), rel=0.25)


def test_candidates_limit_the_choice() -> None:
    field, _, _ = make(3)
    assert {site for site, _ in siting.greedy(field, 2, [4, 9, 30])} <= {4, 9, 30}


@pytest.fixture(scope="module")
def screened(lake: Lake) -> Screening:
    """Return three weeks of the demo town, screened."""
    return screen(lake, Parameters("demo-ratchaburi", "pm25", date(2026, 1, 10), date(2026, 1, 30), cell_m=500.0))


@pytest.fixture(scope="module")
def found(screened: Screening) -> siting.Siting:
    return siting.propose(screened, 3)


def test_proposal_of_a_town(screened: Screening, found: siting.Siting) -> None:
    """Sites lie in the area, each lowers the sum, and the map's sum is the table's."""
    assert list(found.sites["rank"]) == [1, 2, 3]
    assert found.sites.within(screened.area.union_all().buffer(1e-9)).all()
    assert (found.sites["wrong_after"] < found.sites["wrong_before"]).all()
    assert (found.sites["sd_after"] < found.sites["sd_before"]).all()
    assert found.people_known
    for column, total in (
        ("wrong_before", found.sites["wrong_before"].iloc[0]),
        ("wrong_after", found.sites["wrong_after"].iloc[-1]),
    ):
        assert (found.cells[column] * found.cells["people"]).sum() == pytest.approx(total)
    assert (found.cells["wrong_after"] <= found.cells["wrong_before"] + 1e-9).all()


def test_people_of_the_cells_are_the_units_people(screened: Screening, found: siting.Siting) -> None:
    known = screened.zones["people"].astype(float).sum()
    assert found.cells["people"].sum() == pytest.approx(known, rel=0.05)


def test_far_stations_add_least(found: siting.Siting) -> None:
    """The one that is ranked first among the spare ones stands far from the town; none adds less than nothing."""
    assert found.stations["station_id"].iloc[0] in {"DEMO-26t", "DEMO-81t", "DEMO-KY07"}
    assert found.stations["added"].is_monotonic_increasing
    assert (found.stations["added"] > -1e-6).all()


def test_words_say_simulated_and_what_a_wrong_call_is(found: siting.Siting) -> None:
    english, thai = ([n.say(lang) for n in siting.sentences(found, lang)] for lang in ("en", "th"))
    assert english[0].startswith("Sensor 1: 13.")
    assert "person-days a year" in english[0]
    assert any(s.startswith("Simulated") for s in english)
    assert not set(english) & set(thai)


def test_command_writes_tables_and_maps(screened: Screening, tmp_path: Path) -> None:
    """From a screening's folder, with the office's own candidates."""
    artefacts.write(screened, tmp_path / "screening")
    inside = screened.area.representative_point()
    inside.to_file(tmp_path / "mine.geojson", driver="GeoJSON")
    arguments = ["siting", "--screening", str(tmp_path / "screening"), "--sensors", "1", "--out", str(tmp_path / "out")]
    assert command.main([*arguments, "--candidates", str(tmp_path / "mine.geojson")]) == 0
    sites = gpd.read_file(tmp_path / "out" / "sites.gpkg")
    assert sites.geometry.iloc[0].distance(inside.iloc[0]) < 1e-6
    assert bool(sites["simulated"].iloc[0])
    assert (tmp_path / "out" / "stations.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_wrong_wishes_end_in_a_sentence(screened: Screening, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="1 to 50"):
        siting.propose(screened, 0)
    away = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [0.0]), crs=4326)
    with pytest.raises(UserError, match="None of the candidate places"):
        siting.propose(screened, 1, away)
    (tmp_path / "no.geojson").write_text("nothing")
    with pytest.raises(UserError, match=r"no\.geojson"):
        siting.read_candidates(tmp_path / "no.geojson")


def test_the_benchmark_counts_wrong_calls_of_people() -> None:
    """The stations agree on some 30 µg/m³ for two days; the truth is over at one cell on the second day."""
    where = np.array([[0.0, 0.0], [4000.0, 0.0], [0.0, 4000.0], [4000.0, 4000.0], [2000.0, 1500.0]])
    days = np.array([[30.0, 30.5, 29.5, 29.9, 30.3], [30.2, 29.8, 30.1, 30.4, 29.6]])
    kriging = Kriging("exponential").fit(where, days)
    over = np.array([[False, False], [False, True]])
    seen = benchmark.wrong_calls(kriging, np.array([[500.0, 500.0], [1000.0, 800.0]]), over, np.array([70.0, 10.0]))
    assert seen == pytest.approx(365.25 * 10 / 2)


def test_the_benchmark_adds_true_sensors_and_bounds_the_peers() -> None:
    """A short town: every choice is a network of its own beside the old one; figures compare sums over towns."""
    small = variation(3, days=12, **benchmark.SMALL)
    sites = {"now": np.empty((0, 2)), **benchmark.blind(small, 1)}
    larger, members = benchmark.with_sensors(small, sites)
    assert members["now"] == [] and len(members["grid"]) == len(members["random 0"]) == benchmark.SENSORS
    assert len(larger.stations) == len(small.stations) + 2 * benchmark.SENSORS
    assert larger.stations["station_id"].is_unique
    towns = [benchmark.Outcome(100.0, 60.0, 80.0, 90.0, (90.0, 110.0), 0.7),
             benchmark.Outcome(300.0, 240.0, 220.0, 250.0, (280.0, 320.0), 0.9)]  # fmt: skip
    figures = {f.what: f for f in benchmark.figures(towns)}
    assert figures[f"wrong calls left by {benchmark.SENSORS} proposed sites"].value == pytest.approx(0.75)
    assert figures["… over those of random sites"].value == pytest.approx(300 / 400)
    assert figures["… over those of a regular grid"].met is True


@pytest.mark.long
def test_a_short_town_of_the_benchmark_runs_whole() -> None:
    found = benchmark.outcome(3, days=12, draws=1)
    assert found.now > 0 and min(found.proposed, found.grid, found.widest, *found.random) > 0
    assert 0 < found.promised <= 1
