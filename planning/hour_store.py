"""Stacks of hourly maps on the disk: read by day and hour, kept in a folder of limited size."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from geo.lake import Lake
from interpolation.surface import write_cog
from language import Note, UserError
from planning import readings

BANDS = ("mean", "sd")
MOST = 2**30
"""Most disk for kept stacks [bytes]; the oldest go first."""


class Cancelled(Exception):
    """The reader no longer wants the stack."""


@dataclass(frozen=True)
class Stretch:
    """Days whose hours are mapped, both included, by the Bangkok calendar."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of the stretch."""
        return [self.first + timedelta(days=k) for k in range((self.last - self.first).days + 1)]

    @property
    def hours(self) -> pd.DatetimeIndex:
        """Beginning of every hour, UTC."""
        first, after = readings.local_bounds(self.first, self.last)
        return pd.date_range(first, after, freq="h", inclusive="left").tz_convert("UTC")


@dataclass(frozen=True)
class Fit:
    """The pooled hourly kriging in figures, for the page.

    Attributes
    ----------
    model : str
    nugget_share, reach_km : float
        Small-scale variation over the sill; distance beyond which places tell nothing of each other.
    transform : str
    stations, hours : int
        That the variogram rests on.
    scores : dict
        Of `Validation.to_dict`, leaving each station out in turn, at all these hours.
    """

    model: str
    nugget_share: float
    reach_km: float
    transform: str
    stations: int
    hours: int
    scores: dict[str, float]


@dataclass(frozen=True)
class HourStack:
    """A stored stack.

    Attributes
    ----------
    path : Path
        CF NetCDF: ``mean``, ``sd`` (µg/m³; time, y, x), ``supported`` (y, x), time bounds, grid mapping.
    fit : Fit
    notes : tuple of Note
    low, high : float
        Least and greatest mean in the stack, µg/m³.
    """

    path: Path
    fit: Fit
    notes: tuple[Note, ...]
    low: float
    high: float

    def day(self, when: date) -> xr.Dataset:
        """Return the 24 maps of a day, in memory, with ``time`` in UTC.

        Raises
        ------
        UserError
            If the day isn't in the stack, or the file is gone or damaged.
        """
        return self._part(Stretch(when, when).hours)

    def hour(self, moment: pd.Timestamp) -> xr.Dataset:
        """Return the map of one hour (y, x), by the moment at which it begins (with a time zone)."""
        return self._part(pd.DatetimeIndex([moment.tz_convert("UTC")])).isel(time=0)

    def _part(self, moments: pd.DatetimeIndex) -> xr.Dataset:
        wanted = moments.tz_localize(None)
        try:
            with xr.open_dataset(self.path, engine="h5netcdf", decode_coords="all") as stored:
                if not np.isin(wanted, stored.indexes["time"]).all():
                    raise UserError("The stack of hourly maps has no hour {hour}.", hour=f"{wanted[0]:%Y-%m-%d %H:%M}")
                return stored.sel(time=wanted).load()
        except (OSError, KeyError, ValueError) as problem:
            raise UserError(
                "The stored hourly maps cannot be read ({problem}). Compute them again.", problem=str(problem)
            ) from problem

    def write_hour(self, moment: pd.Timestamp, path: Path) -> Path:
        """Write one hour's mean and standard deviation as a Cloud-Optimised GeoTIFF."""
        return write_cog(self.hour(moment), path, BANDS)


class Cache:
    """A folder of stacks, of limited size: each a NetCDF file and a small JSON file that vouches for it.

    Parameters
    ----------
    folder : Path
    most : int
        Bytes; the stacks not used for the longest time go first, the newest always stays.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder, self.most = folder, most

    @classmethod
    def of(cls, lake: Lake, most: int = MOST) -> Cache:
        """Return the cache beside the lake's catalogue, or in the system's folder for passing files."""
        if lake.where.local and os.access(lake.where.path.parent, os.W_OK):
            return cls(lake.where.path.parent / "cache" / "hours", most)
        user = hashlib.sha256(f"{lake.where.catalog}|{Path.home()}".encode()).hexdigest()[:12]
        return cls(Path(tempfile.gettempdir()) / f"ecotown-air-{user}" / "hours", most)

    def get(self, name: str) -> HourStack | None:
        """Return a kept stack; a damaged one is thrown away, and None returned."""
        path, about = self._files(name)
        try:
            said = json.loads(about.read_text("utf-8"))
            if said["sha256"] != _digest(path):
                raise ValueError("the file has changed")
            found = HourStack(
                path, Fit(**said["fit"]), tuple(Note.from_dict(n) for n in said["notes"]), said["low"], said["high"]
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError):
            self.drop(name)
            return None
        now = time.time()
        os.utime(path, (now, now))
        return found

    def holds(self, name: str) -> bool:
        """Whether there is a stack of this name; `get` looks whether it is whole."""
        return all(file.exists() for file in self._files(name))

    def put(self, name: str, write: Callable[[Path], dict[str, Any]]) -> HourStack:
        """Keep what `write` puts into the path it is given and says about it; all of it or nothing.

        Raises
        ------
        UserError
            If the disk takes no more.
        """
        path, about = self._files(name)
        part = self.folder / f"{name}-{uuid.uuid4().hex}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            said = write(part)
            said["sha256"] = _digest(part)
            note_part = part.with_suffix(".said")
            note_part.write_text(json.dumps(said), "utf-8")
            part.replace(path)
            note_part.replace(about)
        except OSError as problem:
            raise UserError(
                "The hourly maps could not be stored in {folder}: {problem}. Make room there, or choose fewer days.",
                folder=self.folder.as_posix(),
                problem=str(problem.strerror or problem),
            ) from problem
        finally:
            for left in (part, part.with_suffix(".said")):
                with suppress(OSError):
                    left.unlink()
        self.prune(name)
        made = self.get(name)
        if made is None:
            raise UserError("The stored hourly maps cannot be read ({problem}). Compute them again.", problem=name)
        return made

    def drop(self, name: str) -> None:
        """Throw a stack away."""
        for file in self._files(name):
            with suppress(OSError):  # a file that stays is overwritten by the next one of its name
                file.unlink()

    def prune(self, newest: str) -> None:
        """Throw away what was not used for the longest time, until the rest is small enough."""
        stale = time.time() - 24 * 3600
        for left in [*self.folder.glob("*.part"), *self.folder.glob("*.said")]:
            if left.stat().st_mtime < stale:
                left.unlink(missing_ok=True)
        files = sorted(self.folder.glob("*.nc"), key=lambda file: file.stat().st_mtime)
        total = sum(file.stat().st_size for file in files)
        for file in files:
            if total <= self.most:
                return
            if file.stem != newest:
                total -= file.stat().st_size
                self.drop(file.stem)

    def _files(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.nc", self.folder / f"{name}.json"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
