"""Which boundary a point lies in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.schema import LEVELS


def finest_boundary(lon: pd.Series[float], lat: pd.Series[float], boundaries: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the code of the finest boundary that contains each point, None where there is none.

    Parameters
    ----------
    lon, lat : Series, shape (n,)
        Degrees, WGS84; NaN gives None.
    boundaries : GeoDataFrame
        Columns code, level, area_km2, geometry (EPSG:4326).

    Returns
    -------
    array of object, shape (n,)
        Finest means first in `geo.schema.LEVELS`, then smallest. A point on a shared line goes to the
        smaller of the two.
    """
    codes = np.full(len(lon), None, dtype=object)
    if boundaries.empty or not len(lon):
        return codes
    rank = boundaries["level"].map({level: i for i, level in enumerate(LEVELS)}).fillna(len(LEVELS))
    ordered = boundaries.assign(_rank=rank).sort_values(["_rank", "area_km2", "code"])
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)
    which, place = ordered.sindex.query(points, predicate="intersects")
    first = pd.Series(place).groupby(which).min()
    codes[first.index.to_numpy()] = ordered["code"].to_numpy(dtype=object)[first.to_numpy()]
    return codes
