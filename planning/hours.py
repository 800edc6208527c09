"""Hour by hour: a stack of hourly maps of a screening's stations, kriged once and kept on disk.

One variogram is pooled over the hours of the period; each hour has a sill of its own. The stack is a CF NetCDF
file in a folder of limited size. It is made again where it is missing, older than the lake or damaged, so
the folder may be emptied at any time. Hourly values are means of one hour: the standard and the Thai AQI are
for 24 hours and don't apply to them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import h5netcdf  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.calibration_store import calibrated, with_errors
from geo.lake import Lake
from interpolation import Kriging, Validation
from interpolation.finish import Finish
from interpolation.patterns import Patterns
from interpolation.problem import Problem
from interpolation.stack import write_stack
from interpolation.surface import BUDGET, memory_needed
from language import N_, Note, UserError, note, pollutant_name
from language.progress import Progress, silent
from planning import readings
from planning.hour_store import BANDS, Cache, Cancelled, Fit, HourStack, Stretch
from planning.screening import Screening
from planning.settings import settings

__all__ = ["Cache", "Cancelled", "Estimate", "Fit", "HourStack", "Stretch", "estimate", "make_stack", "worst_day"]

WORK = 2**27
"""Memory for results and work while a stack is made [bytes]: longer stacks are written part by part, and can be
stopped between the parts. A network too large for it gets the usual budget of a surface."""
FIT_DAYS = 60
"""Days around the chosen ones whose hours the variogram is pooled over; more where more are chosen."""
FORMAT = 1
"""Goes up when what is stored changes, so that older files are made again."""

# Measured on two shared cores: seconds to read and fit an hour, and to krige and store a value.
_PER_HOUR, _PER_VALUE, _FIXED = 1.0e-3, 2e-7, 1.0
_STORED = 1.0  # bytes a value after compression


@dataclass(frozen=True)
class Estimate:
    """What a stack will take."""

    hours: int
    cells: int
    seconds: float
    memory: float
    disk: float

    @property
    def sentence(self) -> Note:
        """The same in words."""
        return note(
            "{hours} hourly maps of {cells} cells: about {seconds} seconds, {memory} MB of memory and {disk} MB of "
            "disk.",
            hours=f"{self.hours:,}",
            cells=f"{self.cells:,}",
            seconds=f"{max(round(self.seconds), 1):,}",
            memory=f"{self.memory / 1e6:,.0f}",
            disk=f"{max(round(self.disk / 1e6), 1):,}",
        )


def worst_day(found: Screening) -> date:
    """Return the day with the highest mean of all stations that the period mean rests on."""
    means = found.daily.loc[:, list(found.stations.loc[found.stations["used"], "station_id"])].mean(axis=1)
    return found.days[int(np.nanargmax(means.to_numpy(float)))]


def estimate(found: Screening, stretch: Stretch) -> Estimate:
    """Return what the stack will take, before anything is read."""
    hours, cells = 24 * len(stretch.days), int(found.mask.size)
    values = hours * cells * len(BANDS)
    fitted = 24 * len(_fitting(found, stretch).days)
    seconds = _FIXED + _PER_HOUR * fitted + _PER_VALUE * values
    return Estimate(hours, cells, seconds, min(8.0 * values, WORK) + 60e6, _STORED * values)


def _fitting(found: Screening, stretch: Stretch) -> Stretch:
    """Return the days whose hours the variogram is pooled over."""
    more = max(FIT_DAYS - len(stretch.days), 0)
    first = max(stretch.first - timedelta(days=more // 2), found.parameters.start)
    last = min(max(stretch.last, first + timedelta(days=FIT_DAYS - 1)), found.parameters.end)
    first = max(min(first, last - timedelta(days=FIT_DAYS - 1)), found.parameters.start)
    return Stretch(min(first, stretch.first), max(last, stretch.last))


def key(found: Screening, stretch: Stretch) -> str:
    """Return what names the stack: it changes with the lake, the choices and the way it is computed."""
    asked = {
        "snapshot": found.snapshot,
        "parameters": asdict(found.parameters),
        "grid": [found.grid.shape, found.grid.cell, float(found.grid.x[0]), float(found.grid.y[0])],
        "stretch": [stretch.first.isoformat(), stretch.last.isoformat()],
        "format": FORMAT,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:24]


def hourly_table(lake: Lake, found: Screening, stretch: Stretch) -> tuple[pd.DataFrame, list[Note]]:
    """Return the 1-hour means of the screening's stations.

    They are the screening's own stations, so simulated and measured ones are never mixed
    (`planning.readings.of_one_kind`); calibrations are applied as for the 24-hour means.

    Returns
    -------
    table : DataFrame
        One row for each hour of the stretch (its beginning, UTC), one column per station with any hourly
        reading, µg/m³, NaN where missing.
    notes : list of Note

    Raises
    ------
    UserError
        If too few stations have hourly readings.
    """
    hours = stretch.hours
    ids = [str(i) for i in found.stations["station_id"]]
    observations = lake.observations(
        [found.parameters.pollutant],
        start=hours[0].to_pydatetime(),
        end=(hours[-1] + pd.Timedelta(hours=1)).to_pydatetime(),
        station_ids=ids,
        snapshot=found.snapshot,
    )
    observations = observations[observations["period_hours"] == 1]
    observations, said = calibrated(lake, observations, snapshot=found.snapshot)
    table = observations.assign(time=pd.DatetimeIndex(observations["time"]).floor("h")).pivot_table(
        index="time", columns="station_id", values="value", aggfunc="mean"
    )
    kept = [i for i in ids if i in table.columns]
    table = table.reindex(index=hours, columns=kept).astype(float)
    least = settings().stations_minimum
    if len(kept) < least:
        raise UserError(
            "Stations with hourly readings of {pollutant} between {start} and {end}: {count}; at least {minimum} are "
            "needed. Choose other days, or import hourly readings.",
            pollutant=pollutant_name(found.parameters.pollutant),
            start=stretch.first.isoformat(),
            end=stretch.last.isoformat(),
            count=len(kept),
            minimum=least,
        )
    notes = list(said)
    if len(kept) < len(ids):
        notes.append(
            note("Stations without hourly readings, left out of the hourly maps: {count}.", count=len(ids) - len(kept))
        )
    return table, notes


class _Some(Kriging):
    """A fitted kriging, of some of its steps."""

    def __init__(self, whole: Kriging, steps: NDArray[np.intp]) -> None:
        self.__dict__.update(vars(whole))
        problem = whole.problem()
        z = problem.z[steps]
        self._whole, self._steps = whole, steps
        self._part = replace(
            problem, z=z, patterns=Patterns.of(z), sills=problem.sills[steps], usable=problem.usable[steps]
        )

    def problem(self) -> Problem:
        """Return the fitted numbers of these steps."""
        return self._part

    def finish(self, threshold: float | None) -> Finish:
        """Return the way back from the transformed scale, of these steps."""
        whole = self._whole.finish(threshold)
        return replace(whole, freedom=np.asarray(whole.freedom)[self._steps])


def fit_hours(lake: Lake, found: Screening, table: pd.DataFrame) -> Kriging:
    """Fit one kriging to all hours: one variogram, one sill an hour.

    Parameters
    ----------
    table : DataFrame (T, n)
        Of `hourly_table`.
    """
    stations = found.stations.set_index("station_id", drop=False).loc[list(table.columns)].to_crs(found.grid.crs)
    # A calibrated sensor errs more in an hour than in a day.
    stations = with_errors(lake, stations, found.parameters.pollutant, hours=1, snapshot=found.snapshot)
    places = np.column_stack([stations.geometry.x, stations.geometry.y]).astype(float)
    local = pd.DatetimeIndex(table.index).tz_convert(readings.LOCAL)
    return Kriging().fit(
        places,
        table.to_numpy(float),
        error_sd=readings.error_sd(stations),
        names=list(table.columns),
        times=[f"{moment:%Y-%m-%d %H:%M}" for moment in local],
    )


def make_stack(
    lake: Lake, found: Screening, stretch: Stretch, cache: Cache, progress: Progress | None = None
) -> HourStack:
    """Return the stack of hourly maps, from the cache where it is there and whole.

    Parameters
    ----------
    progress : callable, optional
        May raise (`Cancelled`) to stop the work; nothing half-made is left behind.

    Raises
    ------
    UserError
        If too few stations have hourly readings, or the disk takes no more.
    """
    say = progress or silent
    name = key(found, stretch)
    kept = cache.get(name)
    if kept is not None:
        return kept
    say(0.0, N_("Reading the hourly measurements"))
    table, notes = hourly_table(lake, found, _fitting(found, stretch))
    say(0.05, N_("Fitting one variogram to all hours"))
    kriging = fit_hours(lake, found, table)
    say(0.2, N_("Checking the hourly maps at left-out stations"))
    checked = kriging.validate()
    chosen = np.flatnonzero(table.index.isin(stretch.hours))
    some = _Some(kriging, chosen)

    def part(share: float, _sentence: str) -> None:
        say(0.25 + 0.74 * share, N_("Kriging the hours"))

    def write(path: Path) -> dict[str, Any]:
        write_stack(
            some, found.grid, path, stretch.hours, bands=BANDS, mask=found.mask, progress=part,
            budget=_budget(some, found), period_hours=1,
        )  # fmt: skip
        _describe(path, found)
        low, high = _extremes(path)
        said = [*notes, *checked.notes, kriging.support_rule()]
        return {
            "fit": asdict(_fit_of(kriging, checked)),
            "notes": [n.to_dict() for n in dict.fromkeys(said)],
            "low": low,
            "high": high,
        }

    made = cache.put(name, write)
    say(1.0, N_("Done"))
    return made


def _budget(kriging: Kriging, found: Screening) -> int:
    """Return the memory for the work and some hours at a time [bytes]."""
    hour = found.mask.size * len(BANDS) * 4
    work = memory_needed(kriging, found.grid, BANDS) - len(kriging.problem().z) * hour
    return WORK if work + 2 * 24 * hour <= WORK else BUDGET


def _fit_of(kriging: Kriging, checked: Validation) -> Fit:
    model = kriging.variogram_
    steps = int(np.isfinite(kriging.readings_).any(axis=1).sum())
    return Fit(
        model.model, float(model.nugget_share), float(model.practical_range / 1000), kriging.transform_.name,
        kriging.n_stations_, steps, {k: float(v) for k, v in checked.to_dict().items()},
    )  # fmt: skip


def _describe(path: Path, found: Screening) -> None:
    """Write into the file what a stranger needs: what it is, when, from where, whether simulated."""
    name = pollutant_name(found.parameters.pollutant)
    with h5netcdf.File(path, "a") as file:
        file.attrs["title"] = f"{name}, 1-hour mean, kriged hour by hour"
        file.attrs["source"] = "; ".join(found.sources) or "unknown"
        file.attrs["simulated"] = int(found.simulated)
        file.attrs["history"] = f"lake snapshot {found.snapshot}; ordinary kriging, one variogram pooled over hours"
        file.attrs["references"] = "hours are labelled by their beginning, UTC"
        for band, words in (("mean", "1-hour mean"), ("sd", "standard deviation of the 1-hour mean")):
            file.variables[band].attrs["long_name"] = f"{name}, {words}"


def _extremes(path: Path) -> tuple[float, float]:
    """Return the least and greatest mean of a stack, µg/m³, a day of it at a time in memory."""
    low, high = np.inf, -np.inf
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        for first in range(0, stored.sizes["time"], 24):
            values = stored["mean"].isel(time=slice(first, first + 24)).to_numpy()
            good = values[np.isfinite(values)]
            if good.size:
                low, high = min(low, float(good.min())), max(high, float(good.max()))
    if low > high:
        raise UserError("No hour of these days has enough stations for a map. Choose other days.")
    return low, high
