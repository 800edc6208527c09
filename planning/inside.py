"""What an answer on the map holds: the stations a place's value rests on, and what lies inside a drawn polygon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely.geometry import Polygon
from shapely.validation import make_valid

from language import UserError
from planning import exposure, surfaces

if TYPE_CHECKING:
    from planning.screening import Screening


@dataclass(frozen=True)
class Inside:
    """Statistics of a polygon.

    Attributes
    ----------
    km2 : float
    supported : float
        Share of the polygon's cells with an estimate (0 to 1); the dust below is theirs.
    mean, lower95, upper95 : float
        Mean over the cells of the period mean, µg/m³. The range is the mean of the cells' ranges: as wide
        as if the cells' errors were all one, so the true range of the mean is no wider.
    days, days_most : float
        Expected days over the standard: mean over the cells, and of the worst cell.
    people : float
        Area-weighted; NaN where a part of the polygon has no known population.
    factories : int
    horsepower : float
        Of the factories whose horsepower is known.
    receptors : dict of kind to count
    """

    km2: float
    supported: float
    mean: float
    lower95: float
    upper95: float
    days: float
    days_most: float
    people: float
    factories: int
    horsepower: float
    receptors: dict[str, int]


def inside(screening: Screening, corners: list[tuple[float, float]]) -> Inside:
    """Return the statistics of a polygon.

    Parameters
    ----------
    corners : list of (latitude, longitude)
        Of the polygon, in order; the last need not repeat the first. Lines may cross.
    """
    if len(set(corners)) < 3:
        raise UserError("An area needs three corners or more.")
    degrees = gpd.GeoSeries([make_valid(Polygon([(lon, lat) for lat, lon in corners]))], crs=4326)
    shape = degrees.to_crs(screening.surface.rio.crs).iloc[0]
    if not shape.area > 0:
        raise UserError("An area needs three corners or more.")
    cells = surfaces.cells_in(shape, screening.grid)
    values = {name: screening.surface[name].to_numpy()[cells] for name in ("mean", "lower95", "upper95")}
    days = screening.surface["expected_days"].to_numpy()[cells]
    known = np.isfinite(values["mean"])
    factories = _within(screening.factories, degrees.iloc[0])
    receptors = _within(screening.receptors, degrees.iloc[0])
    people = float("nan")
    if "people" in screening.units:
        units = screening.units.to_crs(screening.surface.rio.crs)
        people = float(exposure.people_in(gpd.GeoSeries([shape], crs=units.crs), units)[0])
    whole = max(shape.area / screening.grid.cell**2, float(cells.sum()), 1.0)
    return Inside(
        km2=abs(Geod(ellps="WGS84").geometry_area_perimeter(degrees.iloc[0])[0]) / 1e6,
        supported=min(float(known.sum()) / whole, 1.0),
        **{name: _average(part[known]) for name, part in values.items()},
        days=_average(days[known]),
        days_most=float(days[known].max()) if known.any() else float("nan"),
        people=people,
        factories=len(factories),
        horsepower=float(factories["hp"].sum(min_count=0)),
        receptors={str(kind): int(count) for kind, count in receptors["kind"].value_counts().items()},
    )


@dataclass(frozen=True)
class Support:
    """A station that a place's value rests on: its row, its distance (km), its weight (NaN where not known)."""

    station: pd.Series
    km: float
    weight: float


def rests_on(screening: Screening, lat: float, lon: float, count: int = 3) -> list[Support]:
    """Return the nearest stations of a place with their kriging weights in the period mean.

    Stations at one place share one weight. Weights of all stations add up to one; single ones may be
    negative, where a station stands behind another.
    """
    kriging, crs = screening.period_kriging, screening.surface.rio.crs
    stations = screening.stations[screening.stations["used"]].to_crs(crs)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    weights = kriging.weights(np.array([[x, y]]))[:, 0]
    own = np.column_stack([stations.geometry.x, stations.geometry.y])
    km = np.hypot(own[:, 0] - x, own[:, 1] - y) / 1000
    places = np.hypot(*(kriging.coordinates_[:, None] - own[None]).transpose(2, 0, 1)).argmin(axis=0)
    return [Support(stations.iloc[i], float(km[i]), float(weights[places[i]])) for i in np.argsort(km)[:count]]


def _average(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _within(places: gpd.GeoDataFrame, shape: Polygon) -> gpd.GeoDataFrame:
    return places[places.geometry.notna() & places.to_crs(4326).geometry.intersects(shape)]
