"""Local excess, trend, complaints, confidence and simulated surfaces of zones, on made-up truths."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from interpolation import Kriging, Variogram
from planning import background, indicators
from planning.settings import settings

DAYS = [date(2026, 1, 1) + timedelta(days=i) for i in range(70)]


def test_haze_over_everything_leaves_the_excess_as_it_was() -> None:
    """Ten stations 5 above, forty at the region's level; a hazy week of +60 changes nothing."""
    rng = np.random.default_rng(2)
    haze = np.where((np.arange(70) > 30) & (np.arange(70) < 38), 60.0, 0.0)
    daily = pd.DataFrame(20.0 + haze[:, None] + np.r_[[5.0] * 10, [0.0] * 40] + rng.normal(0, 0.1, (70, 50)))
    base = background.background(daily.to_numpy(), settings())
    found = indicators.of_series(DAYS, daily.iloc[:, :10].mean(axis=1).to_numpy(), base, settings())
    assert found["excess_ugm3"] == pytest.approx(5.0, abs=0.2)
    assert found["trend_class"] == "persistent"


def test_a_rise_of_the_excess_is_a_rise_and_chance_is_none() -> None:
    """A rise of 6 a month against a steady background is found; flat excess has no rise; 20 days are too short."""
    rng = np.random.default_rng(3)
    base = np.full(70, 20.0)
    up = indicators.of_series(DAYS, base + 2 + 0.2 * np.arange(70) + rng.normal(0, 0.5, 70), base, settings())
    assert up["trend_class"] in indicators.RISING and up["trend"] == pytest.approx(6.0, abs=1.0)
    flat = indicators.of_series(DAYS, base + 5 + rng.normal(0, 0.5, 70), base, settings())
    assert flat["trend_class"] not in indicators.RISING
    assert indicators.of_series(DAYS[:20], base[:20], base[:20], settings())["trend_class"] == "short"
    assert indicators.of_series(DAYS, None, base, settings())["trend_class"] == "short"


def test_complaints_count_with_their_hands_and_praise_does_not() -> None:
    """Where it lies decides; one without hands counts once; one without a place not at all."""
    places = [Point(0.5, 0.5), Point(0.6, 0.5), Point(1.5, 0.5), Point(0.5, 0.4), Point()]
    reports = gpd.GeoDataFrame(
        {"kind": ["smoke", "dust", "smell", "praise", "burning"], "votes": [4, None, 2, 9, 7]}, geometry=places
    )
    zones = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)])
    assert indicators.complaints(reports, zones) == [5, 2]
    assert indicators.complaints(reports.head(0), zones) == [0, 0]


def test_simulated_surfaces_lie_around_the_map() -> None:
    """Near a station above the limit nearly every day is over; where all stations are low none is; excess follows."""
    rng = np.random.default_rng(4)
    xy = rng.uniform(0, 4000, (20, 2))
    east = xy[:, 0] > 2000
    values = np.where(east, 60.0, 20.0) + rng.normal(0, 1, (15, 20))
    kriging = Kriging(Variogram("exponential", 0.0, 100.0, 1500.0)).fit(xy, values)
    points = {"E": xy[east][:3] + 20, "W": xy[~east][:3] + 20, "X": np.empty((0, 2))}
    few = settings()
    drawn = indicators.surface_draws(kriging, points, np.full(15, 20.0), 37.5, 0.1, few)
    assert drawn is not None and drawn.codes == ("E", "W", "X") and drawn.surfaces == few.robustness_surfaces
    share = drawn.of("share_days", ["W", "E"])
    assert share[:, 1].mean() > 0.9 and share[:, 0].mean() < 0.1
    assert drawn.of("excess_ugm3", ["E"]).mean() == pytest.approx(40.0, abs=4.0)
    assert np.isnan(drawn.of("hotspot_share", ["X"])).all()
    assert indicators.surface_draws(kriging, {"X": points["X"]}, np.full(15, 20.0), 37.5, 0.1, few) is None
