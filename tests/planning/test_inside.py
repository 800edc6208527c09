"""Statistics of a drawn area against counting by hand, and weights against the estimate they make."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from interpolation import Grid, Kriging
from language import UserError
from planning import inside

from .conftest import UTM, X0, Y0


@pytest.fixture
def drawn(made_up):
    """Return a made-up screening with a grid, people, and a polygon of four corners over its west half."""
    made = made_up()
    x, y = made.surface["x"].to_numpy(), made.surface["y"].to_numpy()
    made.grid = Grid(x=x, y=y, cell=abs(float(x[1] - x[0])), crs=made.surface.rio.crs)
    made.units = made.units.assign(people=[1000.0, 2000.0, 3000.0, 4000.0])
    west = gpd.GeoSeries([made.units.to_crs(UTM).geometry.union_all()], crs=UTM).total_bounds
    shape = box(west[0], west[1], (west[0] + west[2]) / 2, west[3])
    corners = list(gpd.GeoSeries([shape], crs=UTM).to_crs(4326).iloc[0].exterior.coords)[:-1]
    return made, shape, [(lat, lon) for lon, lat in corners]


def test_what_is_inside_is_what_counting_finds(drawn):
    made, shape, corners = drawn
    found = inside.inside(made, corners)
    assert found.km2 == pytest.approx(shape.area / 1e6, rel=1e-3)
    x, y = np.meshgrid(made.grid.x, made.grid.y)
    inside_it = [shape.contains(Point(a, b)) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    cells = np.array(inside_it).reshape(x.shape)
    for name in ("mean", "lower95", "upper95"):
        assert getattr(found, name) == pytest.approx(np.nanmean(made.surface[name].to_numpy()[cells]), rel=1e-5)
    assert found.days_most >= found.days
    assert found.factories == made.factories.to_crs(UTM).within(shape).sum()
    assert sum(found.receptors.values()) == made.receptors.to_crs(UTM).within(shape).sum()
    assert found.people == pytest.approx(made.units.to_crs(UTM).intersection(shape).area.to_numpy() /
                                         made.units.to_crs(UTM).area.to_numpy() @ made.units["people"], rel=1e-3)


def test_two_corners_are_no_area(drawn):
    made, _shape, corners = drawn
    with pytest.raises(UserError, match="three corners"):
        inside.inside(made, corners[:2])


def test_an_area_without_estimates_says_so(drawn):
    made, _shape, _corners = drawn
    found = inside.inside(made, [(10.0, 99.0), (10.0, 99.1), (10.1, 99.1)])
    assert found.supported == 0
    assert np.isnan(found.mean) and np.isnan(found.people)


def test_weights_make_the_estimate():
    """Σ weight × reading is the kriged mean, and the weights add up to one."""
    rng = np.random.default_rng(3)
    places, values = rng.uniform(0, 9000, (12, 2)), rng.normal(40, 6, 12)
    kriging = Kriging("exponential", transform="none").fit(places, values)
    targets = rng.uniform(0, 9000, (5, 2))
    weights = kriging.weights(targets)
    assert weights.sum(axis=0) == pytest.approx(np.ones(5))
    assert values @ weights == pytest.approx(np.ravel(kriging.predict(targets).mean), rel=1e-6)


def test_the_nearest_stations_come_with_their_weights(made_up):
    made = made_up()
    rng = np.random.default_rng(5)
    at = np.column_stack([X0 + rng.uniform(0, 5000, 8), Y0 - rng.uniform(0, 5000, 8)])
    made.stations = gpd.GeoDataFrame(
        pd.DataFrame({"station_id": list("abcdefgh"), "used": True}), geometry=gpd.points_from_xy(*at.T), crs=UTM
    ).to_crs(4326)
    made.period_kriging = Kriging("exponential").fit(at, rng.normal(40, 5, 8))
    place = made.stations.geometry.iloc[2]
    found = inside.rests_on(made, place.y, place.x)
    assert found[0].station["station_id"] == "c"
    assert found[0].km == pytest.approx(0, abs=1e-3)
    assert found[0].weight == max(s.weight for s in found)
    assert [s.km for s in found] == sorted(s.km for s in found)
