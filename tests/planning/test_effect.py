"""Did it work: the interval covers the truth, nothing is found where nothing is, weather doesn't fool it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from language import UserError
from planning import effect

pytestmark = pytest.mark.slow

RUNS = 80


def memory_series(rng: np.random.Generator, n: int, rho: float, sd: float) -> np.ndarray:
    """A first-order series with a standard deviation and a memory."""
    shock = rng.normal(size=n)
    out = np.empty(n)
    out[0] = shock[0]
    for i in range(1, n):
        out[i] = rho * out[i - 1] + np.sqrt(1 - rho**2) * shock[i]
    return sd * out


def town(seed: int, share: float, n: int = 60, windier: float = 1.3) -> tuple[pd.DataFrame, ...]:
    """Affected and control stations and weather; after day n the wind is stronger, whatever the measure did."""
    rng = np.random.default_rng(seed)
    days = pd.Index(pd.date_range("2025-01-01", periods=2 * n).date, name="date")
    after = np.arange(2 * n) >= n
    haze = memory_series(rng, 2 * n, 0.8, 0.4)
    wind = np.exp(memory_series(rng, 2 * n, 0.5, 0.4)) * np.where(after, windier, 1.0)
    own = 3.5 + haze - 0.5 * np.log(wind) + memory_series(rng, 2 * n, 0.5, 0.2) + np.log1p(share) * after
    away = 3.4 + 0.9 * haze - 0.1 * np.log(wind) + memory_series(rng, 2 * n, 0.5, 0.1)
    affected, controls = (pd.DataFrame({"s": np.exp(v)}, index=days) for v in (own, away))
    return affected, controls, pd.DataFrame({"wind_speed": wind}, index=days)


def measured(seed: int, share: float) -> effect.Effect:
    affected, controls, weather = town(seed, share)
    return effect.measure(affected, affected.index[60], controls=controls, weather=weather)


@pytest.fixture(scope="module")
def found() -> dict[float, list[effect.Effect]]:
    """Many towns whose true change is known."""
    return {share: [measured(seed, share) for seed in range(RUNS)] for share in (0.0, -0.1, -0.3)}


@pytest.mark.parametrize("share", [0.0, -0.1, -0.3])
def test_interval_covers_the_true_change(found: dict[float, list[effect.Effect]], share: float) -> None:
    """95 % intervals hold the truth in 95 % of the towns, within the luck of so many draws."""
    covered = np.mean([e.lower <= share <= e.upper for e in found[share]])
    assert covered >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / RUNS)


def test_false_alarms_are_rare_although_the_wind_changed(found: dict[float, list[effect.Effect]]) -> None:
    """Stronger wind alone lowers the dust by a tenth and more; that is not the measure's doing."""
    none = found[0.0]
    assert np.mean([e.verdict != "unclear" for e in none]) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / RUNS)
    assert np.mean([e.raw_change for e in none]) < -0.05
    assert abs(np.mean([e.change for e in none])) < 0.03


def test_a_real_change_is_found_and_its_size_is_right(found: dict[float, list[effect.Effect]]) -> None:
    """Three tenths less are seen nearly always."""
    assert np.mean([e.verdict == "less" for e in found[-0.3]]) > 0.9
    assert np.mean([e.change for e in found[-0.3]]) == pytest.approx(-0.3, abs=0.02)


def test_without_weather_and_controls_it_would_be_fooled_and_says_so() -> None:
    """The plain comparison blames the wind's work on the measure; notes name what is missing."""
    affected, _, _ = town(1, 0.0)
    plain = effect.measure(affected, affected.index[60])
    assert plain.change < -0.05
    said = {" ".join(n.text.replace(":", "").split()[:3]) for n in plain.notes}
    assert said == {"No control station", "No weather readings", "Too few control", "Only one station"}


def test_gaps_are_counted_and_do_not_break_it() -> None:
    affected, controls, weather = town(3, -0.3)
    affected.iloc[10:15] = np.nan
    seen = effect.measure(affected, affected.index[60], controls=controls, weather=weather)
    assert seen.days_before == 55
    assert "5" in next(n for n in seen.notes if "missing" in n.text).say("en")


def test_too_few_days_is_said_in_words() -> None:
    affected, controls, weather = town(3, -0.3)
    with pytest.raises(UserError, match="Can't tell yet"):
        effect.measure(affected, affected.index[-5], controls=controls, weather=weather)


@pytest.mark.parametrize(("share", "words"), [(-0.4, "It helped"), (0.6, "It got worse"), (0.0, "Can't tell yet")])
def test_verdict_sentence(share: float, words: str) -> None:
    """The sentence follows the interval, in both languages."""
    seen = measured(0, share)
    assert seen.sentence().say("en").startswith(words)
    assert not seen.sentence().say("th").startswith(words)


@pytest.mark.parametrize("memory", [0.0, 0.6])
def test_smallest_detectable_change_is_found_with_the_stated_power(memory: float) -> None:
    """A step of that size is found in about 80 % of simulated pairs of periods, none in about 5 %."""
    rng = np.random.default_rng(11)
    days = pd.date_range("2023-01-01", periods=300).date
    history = pd.Series(30 + memory_series(rng, 300, memory, 8.0), index=days)
    asked = effect.smallest_detectable(history, days_before=200, days_after=200)
    error = 8.0 * np.sqrt(2 / effect.effective_days(200, memory))
    hits, alarms = [], []
    for _ in range(600):
        series = memory_series(rng, 400, memory, 8.0)
        difference = series[200:].mean() - series[:200].mean()
        alarms.append(abs(difference) > 1.96 * error)
        hits.append(abs(difference - asked.change) > 1.96 * error)
    assert 0.68 <= np.mean(hits) <= 0.92  # the noise itself is estimated, from 300 days
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.025)


def test_controls_make_smaller_changes_detectable() -> None:
    affected, controls, _ = town(5, 0.0, n=100)
    alone = effect.smallest_detectable(affected["s"], days_before=100, days_after=100)
    beside = effect.smallest_detectable(affected["s"], days_before=100, days_after=100, controls=controls["s"])
    assert beside.change < alone.change


def test_kpi_by_people_and_by_days() -> None:
    """Worked by hand: 3 of 4 people over the standard on the first day, none known on the second."""
    daily = pd.DataFrame({"a": [40.0, np.nan], "b": [20.0, np.nan]}, index=[date(2026, 1, 1), date(2026, 1, 2)])
    mean = effect.kpi_series(daily, weights={"a": 3, "b": 1})
    over = effect.kpi_series(daily, threshold=37.5, weights={"a": 3, "b": 1})
    assert mean.iloc[0] == 35.0
    assert np.isnan(mean.iloc[1])
    assert over.iloc[0] == pytest.approx(0.75 * 365.25)


def test_noise_is_measured_right_on_short_records() -> None:
    """The memory is not understated, as the plain lag-1 correlation of residuals would."""
    rng = np.random.default_rng(4)
    days = pd.date_range("2023-01-01", periods=80).date
    seen = [
        effect.smallest_detectable(
            pd.Series(memory_series(rng, 80, 0.6, 5.0), index=days), days_before=80, days_after=80
        ).noise
        for _ in range(100)
    ]
    assert np.median([n.memory for n in seen]) == pytest.approx(0.6, abs=0.05)
    assert np.median([n.sd for n in seen]) == pytest.approx(5.0, abs=0.5)


def test_constant_series_has_no_noise() -> None:
    days = pd.date_range("2023-01-01", periods=40).date
    seen = effect.smallest_detectable(pd.Series(12.0, index=days), days_before=40, days_after=40)
    assert seen.change == pytest.approx(0.0, abs=1e-6)


def network(seed: int, share: float = 0.0, drift: float = 0.0, stations: int = 9) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three affected and some control stations of one town; `drift`: what one of them gains after day 60."""
    rng = np.random.default_rng([seed, 5])
    days = pd.Index(pd.date_range("2025-01-01", periods=120).date, name="date")
    after = np.arange(120) >= 60
    haze = memory_series(rng, 120, 0.8, 0.4)
    logs = {f"s{i}": 3.4 + haze + memory_series(rng, 120, 0.4, 0.12) for i in range(stations)}
    for name in ("s0", "s1", "s2"):
        logs[name] = logs[name] + np.log1p(share) * after
    logs["s0"] = logs["s0"] + np.log1p(drift) * after
    table = pd.DataFrame({k: np.exp(v) for k, v in logs.items()}, index=days)
    return table[["s0", "s1", "s2"]], table.drop(columns=["s0", "s1", "s2"])


def test_a_silent_station_does_not_move_the_level() -> None:
    """Worked by hand: two stations that differ by a factor of 4; one is silent on the last day."""
    daily = pd.DataFrame({"a": [10.0, 20.0, 40.0], "b": [40.0, 80.0, np.nan]})
    level = np.exp(effect.level_of(daily))
    assert list(level.round(6)) == [20.0, 40.0, 80.0]


def test_a_control_that_drifts_does_not_carry_the_others_along() -> None:
    affected, controls = network(2)
    drifting = controls.assign(s3=controls["s3"] * np.where(np.arange(120) >= 60, 3.0, 1.0))
    sound, spoilt = (effect.measure(affected, affected.index[60], controls=c) for c in (controls, drifting))
    assert spoilt.change == pytest.approx(sound.change, abs=0.08)  # a plain mean of six would be off by 0.17


def test_a_change_at_one_station_only_is_not_taken_for_an_effect() -> None:
    """A sensor that drifts by a third is named; the same change at all three is believed."""
    affected, controls = network(3, drift=-0.3)
    seen = effect.measure(affected, affected.index[60], controls=controls)
    assert (seen.verdict, seen.rests_on) == ("unclear", "s0")
    assert "s0" in seen.sentence().say("en")
    affected, controls = network(3, share=-0.25)
    assert effect.measure(affected, affected.index[60], controls=controls).verdict == "less"


def test_controls_that_scatter_widen_the_range() -> None:
    """Every control steps by itself at the start: the standard error alone would be far too small."""
    affected, controls = network(4)
    steps = np.exp(np.random.default_rng(1).normal(0, 0.2, 6))
    wild = controls * np.where(np.arange(120)[:, None] >= 60, steps, 1.0)
    calm, widened = (effect.measure(affected, affected.index[60], controls=c) for c in (controls, wild))
    assert widened.placebos == 6 and widened.inflation > 2
    assert widened.upper - widened.lower > 2 * (calm.upper - calm.lower)
    assert any("scatter" in n.text for n in widened.notes)


def test_made_up_starts_lie_before_the_true_one() -> None:
    affected, controls = network(5, share=-0.5)
    trials = effect.placebo_dates(affected, affected.index[60], controls=controls)
    assert len(trials) >= 2
    assert (trials["start"] < affected.index[60]).all()
    assert trials["change"].abs().max() < 0.2  # the true step of one half is not among the trials' days
    assert effect.placebo_dates(affected, affected.index[30], controls=controls).empty
