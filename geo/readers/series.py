"""Series of readings: which averaging period they have, where an hour begins, means of short readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import quality
from geo.readers.model import Options
from geo.readers.times import Times
from geo.schema import VARIABLES
from language import Note, note

HOUR = np.timedelta64(3_600_000_000, "us")
FLAGS = ("", "channels", "incomplete")
"""Flags that come with the readings of a file, by the number that stands for them while it is read."""

_LOCAL = np.timedelta64(7, "h").astype("timedelta64[us]")


@dataclass(frozen=True)
class Step:
    """Usual distance between readings.

    Attributes
    ----------
    minutes : float
        0 where no station has two readings.
    period_hours : int
        1 or 24.
    """

    minutes: float
    period_hours: int


def step(stations: NDArray[np.int64], times: Times, options: Options) -> Step:
    """Find out whether readings are hourly, daily or shorter than an hour.

    Parameters
    ----------
    stations : array of int, shape (n,)
        Number of each row's station.
    """
    stamps = times.utc.astype("int64")
    good = ~np.isnat(times.utc)
    order = np.lexsort((stamps[good], stations[good]))
    sorted_stamps, sorted_stations = stamps[good][order], stations[good][order]
    gaps = np.diff(sorted_stamps)
    gaps = gaps[(np.diff(sorted_stations) == 0) & (gaps > 0)]
    minutes = 0.0
    if len(gaps):
        values, counts = np.unique(gaps, return_counts=True)
        minutes = float(values[counts.argmax()]) / 60e6
    if options.period_hours:
        return Step(minutes, options.period_hours)
    local = times.utc[good] + (np.timedelta64(0, "us") if options.utc else _LOCAL)
    one_clock = len(np.unique((local - local.astype("datetime64[D]")).astype("int64"))) <= 1
    daily = times.date_only or (one_clock and minutes >= 1200)
    return Step(minutes, 24 if daily else 1)


def begins(times: Times, found: Step, options: Options, hour_ending: bool) -> tuple[NDArray[np.datetime64], list[Note]]:
    """Return the beginning of each period, and what was decided about the labels."""
    if found.period_hours == 24:
        return times.utc, [note("One value a day: they are taken as daily means.")]
    mixed = times.ended_at_24 and times.at_midnight
    notes: list[Note] = []
    ending = options.hour_label == "ending"
    if options.hour_label == "auto":
        ending = hour_ending or (times.ended_at_24 and not mixed)
        if mixed:
            notes.append(
                note(
                    "The file labels midnight both 00:00 and 24:00: hours may be labelled by their beginning in one "
                    "part and by their end in another. Import the parts one by one and say --hour-label for each.",
                    level="warning",
                )
            )
    if ending:
        notes.append(note("Hours are labelled by their end in this file; they were moved to their beginning."))
        length = HOUR if found.minutes >= 50 or not found.minutes else np.timedelta64(round(found.minutes * 60e6), "us")
        return times.utc - length, notes
    return times.utc, notes


def to_hours(frame: pd.DataFrame, found: Step) -> tuple[pd.DataFrame, list[Note]]:
    """Put readings on whole hours; several within an hour become their mean.

    Readings that have a flag are left out of the mean, where the hour has others. An hour out of too few good ones
    keeps their flag, or is "incomplete".

    Parameters
    ----------
    frame : DataFrame
        station (number), variable (position in `VARIABLES`), time (datetime64[us], UTC), value, row, flag (position
        in `FLAGS`).
    """
    whole = frame["time"].dt.floor("h")
    moved = whole.ne(frame["time"])
    if not moved.any():
        return frame, []
    if found.minutes == 0 or found.minutes >= 50:
        said = note("{count} readings not on the full hour were put to the hour they begin in.", count=int(moved.sum()))
        return frame.assign(time=whole), [said]
    expected = max(60 / found.minutes, 1)
    frame = frame.assign(time=whole)
    keys = ["station", "variable", "time"]
    worst = None
    if frame["flag"].any():
        worst = frame.groupby(keys, observed=True)["flag"].max()
        only_bad = frame.groupby(keys, observed=True)["flag"].transform("min") > 0
        frame = frame[(frame["flag"] == 0) | only_bad]
    turning = frame["variable"] == VARIABLES.index("wind_dir")
    groups = frame[~turning].groupby(keys, sort=False, observed=True)
    parts = [groups.agg(value=("value", "mean"), n=("value", "size"), row=("row", "first")).reset_index()]
    if turning.any():
        angle = np.deg2rad(frame.loc[turning, "value"])
        turned = frame[turning].assign(s=np.sin(angle), c=np.cos(angle)).groupby(keys, sort=False, observed=True)
        mean = turned.agg(s=("s", "mean"), c=("c", "mean"), n=("value", "size"), row=("row", "first")).reset_index()
        mean["value"] = np.rad2deg(np.arctan2(mean["s"], mean["c"])) % 360
        parts.append(mean.drop(columns=["s", "c"]))
    hours = pd.concat(parts, ignore_index=True)
    share = quality.thresholds().completeness["share"]
    thin = hours["n"] < share * expected
    hours["flag"] = np.where(thin, FLAGS.index("incomplete"), 0).astype("int8")
    if worst is not None:
        theirs = worst.reindex(pd.MultiIndex.from_frame(hours[keys])).to_numpy()
        bad = frame.groupby(keys, observed=True)["flag"].min().reindex(pd.MultiIndex.from_frame(hours[keys])).to_numpy()
        hours["flag"] = np.where((thin & (theirs > 0)) | (bad > 0), theirs, hours["flag"]).astype("int8")
    said = note(
        "Readings every {minutes} minutes were averaged to hours; {thin} hours with fewer than {share} % of them "
        "are marked as incomplete.",
        minutes=round(found.minutes, 1),
        thin=int(thin.sum()),
        share=round(100 * share),
    )
    return hours.drop(columns="n"), [said]
