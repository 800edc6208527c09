"""What changed between two days or two periods: a map of the difference with its own uncertainty.

The differences of the stations that measured both times are kriged, rather than one map taken from the other:
what a sensor reads too high on both sides then cancels, and the range is that of the change itself.

1. Each station's difference, later minus earlier [µg/m³].
2. Its error: what missed days leave open on either side, and of the sensor's stated error σ the part that
   differs from one time to the other. Half of its variance is taken as lasting, so √(2 σ² (1 − 0.5)) = σ.
3. One exponential variogram of the differences, no transformation (they go below zero). With it and the errors
   as they are stated the differences are kriged on the cells that both maps have a value for: where the stations
   agree better than their errors would let them, the range must not shrink with their agreement.

A cell is *sure* where the 95 % range of its change leaves out zero. Deliberately not done here: weather is
not taken out, so a change says nothing of its cause (`planning.effect` does that for a project).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from interpolation import Kriging
from interpolation.surface import georeferenced
from language import Note, UserError, note
from planning.readings import error_sd
from planning.screening import Screening
from planning.settings import settings

LASTING = 0.5
"""Share of a sensor's error variance that stays the same from one time to the other."""
BANDS = ("mean", "sd", "lower95", "upper95")


@dataclass(frozen=True, eq=False)
class Change:
    """A difference of two times.

    Attributes
    ----------
    surface : Dataset (y, x)
        ``mean`` (later minus earlier), ``sd``, ``lower95``, ``upper95`` in µg/m³; ``supported`` and ``sure`` (bool).
    stations : GeoDataFrame
        WGS84; the lake's columns with ``before``, ``after`` and ``value`` (the difference), µg/m³.
    notes : list of Note
    """

    surface: xr.Dataset
    stations: gpd.GeoDataFrame
    kriging: Kriging
    notes: list[Note] = field(default_factory=list)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Cells (y, x) whose 95 % range leaves out zero."""
        return np.asarray(self.surface["sure"].to_numpy(), bool)


def of_days(found: Screening, before: date, after: date) -> Change:
    """Return the change from one day to another, of the 24-hour means.

    Raises
    ------
    UserError
        If a day has no map or too few stations measured on both.
    """
    for when in (before, after):
        if when not in found.daily.index:
            raise UserError(
                "{day} has no map: it lies outside the period or too few stations have readings.", day=when.isoformat()
            )
    if before == after:
        raise UserError("Both sides show the same time. Choose two different ones.")
    table = found.stations.set_index("station_id", drop=False)
    first, last = (pd.Series(found.daily.loc[when], dtype=float) for when in (before, after))
    nothing = pd.Series(0.0, table.index)
    both = [np.isfinite(found.daily_mean(when)["mean"].to_numpy()) for when in (before, after)]
    return _krige(found, table, (first, last), (nothing, nothing), both[0] & both[1])


def of_periods(before: Screening, after: Screening) -> Change:
    """Return the change of the period mean from one screening to another of the same area and pollutant.

    Raises
    ------
    UserError
        If they are of different areas or pollutants, or too few stations measured in both.
    """
    if before.parameters.pollutant != after.parameters.pollutant or before.grid.shape != after.grid.shape:
        raise UserError("A difference needs the same area and the same pollutant on both sides.")
    if [before.parameters.start, before.parameters.end] == [after.parameters.start, after.parameters.end]:
        raise UserError("Both sides show the same time. Choose two different ones.")
    tables = [s.stations[s.stations["used"]].set_index("station_id", drop=False) for s in (before, after)]
    values = tables[0]["value"], tables[1]["value"]
    both = [np.isfinite(s.surface["mean"].to_numpy()) for s in (before, after)]
    errors = tables[0]["error_sd_period"], tables[1]["error_sd_period"]
    return _krige(after, tables[1], values, errors, both[0] & both[1])


def _krige(
    found: Screening,
    table: gpd.GeoDataFrame,
    values: tuple[pd.Series, pd.Series],
    errors: tuple[pd.Series, pd.Series],
    cells: NDArray[np.bool_],
) -> Change:
    first, last = (v.reindex(table.index).astype(float) for v in values)
    both = first.notna() & last.notna()
    least = settings().stations_minimum
    if both.sum() < least:
        raise UserError(
            "Stations that measured both times: {count}; at least {minimum} are needed for a map of the difference. "
            "Choose other dates.",
            count=int(both.sum()),
            minimum=least,
        )
    stations = table[both].assign(before=first[both], after=last[both], value=(last - first)[both])
    local = stations.to_crs(found.grid.crs)
    sides = [e.reindex(stations.index).fillna(0.0).to_numpy(float) for e in errors]
    own = error_sd(local) * np.sqrt(2 * (1 - LASTING))
    places = np.column_stack([local.geometry.x, local.geometry.y]).astype(float)
    what = {"error_sd": np.sqrt(own**2 + sides[0] ** 2 + sides[1] ** 2), "names": list(local["station_id"])}
    fitted = Kriging("exponential", transform="none").fit(places, local["value"].to_numpy(float), **what)
    kriging = Kriging(fitted.variogram_, transform="none").fit(places, local["value"].to_numpy(float), **what)
    surface = _surface(kriging, found, cells)
    notes = [
        note(
            "The difference is kriged from the differences of {count} stations that measured both times; half of a "
            "sensor's error variance is taken as lasting, so that it cancels.",
            count=len(local),
        ),
        *dict.fromkeys([*fitted.notes_, *kriging.notes_]),
    ]
    return Change(surface, stations.reset_index(drop=True), kriging, notes)


def _surface(kriging: Kriging, found: Screening, cells: NDArray[np.bool_]) -> xr.Dataset:
    """Krige the differences on some cells; far from stations they are as uncertain as differences can be."""
    bands = {name: np.full(cells.shape, np.nan, np.float32) for name in BANDS}
    if cells.any():
        told = kriging.predict(found.grid.points()[np.flatnonzero(cells.ravel())])
        for name, band in bands.items():
            band[cells] = getattr(told, name)
    sure = (bands["lower95"] > 0) | (bands["upper95"] < 0)
    layers = {**bands, "supported": cells, "sure": sure}
    data = {name: (("y", "x"), values) for name, values in layers.items()}
    return georeferenced(xr.Dataset(data, {"y": found.grid.y, "x": found.grid.x}), found.grid)
