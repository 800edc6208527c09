"""Period means that are fair to stations with gaps."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from language import UserError
from planning import readings
from planning.parameters import Parameters
from planning.readings import local_bounds, period_table
from planning.settings import settings

DAYS = 40


def network(levels: list[float]) -> pd.DataFrame:
    """Return stations that follow one course with ten days of haze, each at its own level."""
    course = np.where(np.arange(DAYS) < 10, 80.0, 20.0)
    index = pd.Index([date(2026, 1, 1) + timedelta(d) for d in range(DAYS)], name="date")
    columns = [f"S{i}" for i in range(len(levels))]
    return pd.DataFrame(course[:, None] * np.array(levels), index=index, columns=columns)


def test_a_station_that_slept_through_the_haze_is_not_called_clean() -> None:
    """Equal to the truth within 1 %, where the plain mean would be 43 % too low."""
    daily = network([0.8, 1.0, 1.2, 1.5, 0.9, 1.0])
    truth = daily.mean()
    daily.loc[daily.index[:10], "S3"] = np.nan
    table, notes = period_table(daily, settings())
    assert daily["S3"].mean() == pytest.approx(0.57 * truth["S3"], rel=0.01)
    assert table["value"].to_numpy() == pytest.approx(truth.to_numpy(), rel=0.01)
    assert table.loc["S3", "n_days"] == 30 and table["used"].all() and not notes


def test_gaps_make_a_mean_less_certain() -> None:
    """Complete stations have no error of that kind; more gaps in a noisy network mean more."""
    rng = np.random.default_rng(1)
    daily = network([1.0] * 8) * rng.lognormal(0.0, 0.2, (DAYS, 8))
    daily.iloc[:5, 0] = np.nan
    daily.iloc[:18, 1] = np.nan
    table, _ = period_table(daily, settings())
    assert table["error_sd"].iloc[2:].max() == 0.0
    assert 0 < table["error_sd"].iloc[0] < table["error_sd"].iloc[1]


def test_a_station_with_few_days_is_left_out_with_a_note() -> None:
    """Below half of the days a station doesn't count in the period mean."""
    daily = network([1.0] * 7)
    daily.iloc[:30, 2] = np.nan
    table, notes = period_table(daily, settings())
    assert table["used"].tolist() == [True, True, False, True, True, True, True]
    assert notes[0].say("en").startswith("Stations with 24-hour means on less than 50 % of the days: 1.")


def test_too_few_complete_stations_use_all_and_warn() -> None:
    """Rather a weaker mean with a warning than none."""
    daily = network([1.0] * 5)
    daily.iloc[:30, :3] = np.nan
    table, notes = period_table(daily, settings())
    assert table["used"].all() and notes[0].level == "warning"


def test_a_period_is_made_of_bangkok_days() -> None:
    """12 February begins at 17:00 UTC on the 11th."""
    first, last = local_bounds(date(2026, 2, 12), date(2026, 2, 12))
    assert first.utctimetuple()[:4] == (2026, 2, 11, 17) and last - first == timedelta(days=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pollutant": "ozone"},
        {"end": date(2025, 1, 1)},
        {"probability": 1.2},
        {"day_share": -0.1},
        {"threshold": 0.0},
        {"threshold": float("nan")},
    ],
)
def test_impossible_parameters_are_refused(wrong: dict[str, object]) -> None:
    """Each with a sentence in both languages."""
    good = {"area": "A", "pollutant": "pm25", "start": date(2026, 1, 1), "end": date(2026, 3, 1)}
    with pytest.raises(UserError) as problem:
        Parameters(**{**good, **wrong})  # type: ignore[arg-type]
    assert problem.value.say("th") != problem.value.say("en")


def test_parameters_survive_the_manifest() -> None:
    """What is written is what is read."""
    asked = Parameters("เบิกไพร", "pm10", date(2026, 1, 1), date(2026, 1, 31), threshold=100.0).filled(settings())
    assert Parameters.from_dict(asked.to_dict()) == asked
    assert asked.probability == 0.6 and sum((asked.weights or {}).values()) == pytest.approx(1.0)


def test_simulated_and_measured_stations_are_never_mixed() -> None:
    both = gpd.GeoDataFrame({"station_id": ["A", "B", "C"], "simulated": [True, False, False]})
    kept, notes = readings.of_one_kind(both, demo_area=False)
    assert list(kept["station_id"]) == ["B", "C"]
    assert "1" in notes[0].say("en")
    assert list(readings.of_one_kind(both, demo_area=True)[0]["station_id"]) == ["A"]


def test_a_real_area_without_measured_stations_takes_the_simulated_ones() -> None:
    only = gpd.GeoDataFrame({"station_id": ["A", "B"], "simulated": [True, True]})
    kept, notes = readings.of_one_kind(only, demo_area=False)
    assert len(kept) == 2
    assert not notes
