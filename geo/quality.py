"""Quality control: a flag on each doubtful reading, never a deletion.

1. range: outside what the instrument can measure;
2. stuck: the same value hour after hour;
3. spike: an hour or two far above the hours around and above the neighbours;
4. step: the level against the neighbours jumps and stays;
5. drift: the level against the neighbours creeps away from that of the first weeks;
6. neighbour: a whole day far above the neighbours.

The first that applies is the flag. Thresholds with their sources: ``data/quality.toml``. Steps, drifts and
neighbours compare a station with the median of the nearest others, so that a haze day is no fault; a
station with too few neighbours is only checked against itself. *Scope cut*: weather variables are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import catalogues
from language import Note, UserError, note

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLAGS = ("range", "stuck", "spike", "step", "drift", "neighbour")
"""Flags that `flag` sets, the first that applies."""

_CHECKED = ("pm25", "pm10")
# Added before a ratio is taken: in clean air a ratio of two small numbers says nothing.
_FLOOR = 5.0


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of ``data/quality.toml``, one mapping a check."""

    range: Mapping[str, float]
    stuck: Mapping[str, float]
    spike: Mapping[str, float]
    step: Mapping[str, float]
    drift: Mapping[str, float]
    neighbour: Mapping[str, float]
    neighbours: Mapping[str, float]
    channels: Mapping[str, float]


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "range": ("lowcost_low", "lowcost_high", "other_low", "other_high"),
    "stuck": ("hours", "whole_number_hours"),
    "spike": ("window_hours", "factor", "above", "neighbour_factor"),
    "step": ("window_hours", "ratio"),
    "drift": ("baseline_days", "window_days", "ratio"),
    "neighbour": ("hours", "factor", "median_above"),
    "neighbours": ("radius_km", "most", "least"),
    "channels": ("apart", "apart_share"),
}


def thresholds(folder: Path | None = None) -> Thresholds:
    """Return the thresholds of ``data/quality.toml``.

    Raises
    ------
    UserError
        Where a number is missing or not a number.
    """
    settings = catalogues.settings("quality", folder)
    read: dict[str, dict[str, float]] = {}
    for check, names in _NEEDED.items():
        table = settings.get(check, {})
        read[check] = {name: _number(check, name, table.get(name)) for name in names}
    return Thresholds(**read)


def _number(check: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(
            "quality.toml, section {section}: {name} must be a number, not “{value}”.",
            section=check, name=name, value="" if value is None else value,
        )  # fmt: skip
    return float(value)


def flag(
    observations: pd.DataFrame, stations: pd.DataFrame, limits: Thresholds | None = None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the observations with their flags, and what was flagged in words.

    Parameters
    ----------
    observations : DataFrame
        `station_id`, `variable`, `time` (with zone), `period_hours`, `value` (µg/m³), `flag`; flags that are
        set already stay, and readings that have one are not used to judge others.
    stations : DataFrame
        `station_id`, `kind`, `lat`, `lon`.
    limits : Thresholds, optional
        Without it those of ``data/quality.toml``.

    Returns
    -------
    observations : DataFrame
        A copy, in the same order, with `flag`.
    notes : tuple of Note
        One for each kind of flag that was set.
    """
    limits = limits or thresholds()
    result = observations.reset_index(drop=True)
    flags = result["flag"].astype(object).where(result["flag"].notna(), None).to_numpy(copy=True)
    kinds = stations.drop_duplicates("station_id").set_index("station_id")["kind"]
    for variable in _CHECKED:
        rows = np.flatnonzero((result["variable"] == variable).to_numpy() & pd.isna(flags))
        if not rows.size:
            continue
        chosen = result.iloc[rows]
        flags[rows[_out_of_range(chosen, kinds, limits.range)]] = "range"
        hourly = rows[(chosen["period_hours"] < 24).to_numpy() & pd.isna(flags[rows])]
        if hourly.size:
            flags[hourly] = _hourly_flags(result.iloc[hourly], stations, limits)
    result["flag"] = flags
    return result, _notes(result, observations, limits)


def _out_of_range(rows: pd.DataFrame, kinds: pd.Series, limits: Mapping[str, float]) -> Mask:
    # A station without a kind is not known to be cheap; pandas' NA would be neither true nor false.
    cheap = rows["station_id"].map(kinds).eq("lowcost").fillna(False).to_numpy(bool)
    low = np.where(cheap, limits["lowcost_low"], limits["other_low"])
    high = np.where(cheap, limits["lowcost_high"], limits["other_high"])
    value = rows["value"].to_numpy(float)
    return np.asarray((value < low) | (value > high))


def _hourly_flags(rows: pd.DataFrame, stations: pd.DataFrame, limits: Thresholds) -> NDArray[np.object_]:
    """Return the flag of each hourly row of one variable (None: good)."""
    hours = ((rows["time"] - rows["time"].min()) // pd.Timedelta(hours=1)).to_numpy()
    names, column = np.unique(rows["station_id"].to_numpy(str), return_inverse=True)
    values = np.full((hours.max() + 1, len(names)), np.nan)
    values[hours, column] = rows["value"].to_numpy(float)
    found = np.full(values.shape, None, dtype=object)

    def put(mask: Mask, name: str) -> None:
        free = mask & pd.isna(found)
        found[free] = name
        # What is doubtful must not judge others, nor hide a second fault of its own station.
        values[free] = np.nan

    put(stuck(values, limits.stuck), "stuck")
    near = neighbour_lists(names, stations, limits.neighbours)
    put(spikes(values, neighbour_median(values, near, int(limits.neighbours["least"])), limits.spike), "spike")
    around = neighbour_median(values, near, int(limits.neighbours["least"]))
    put(steps(values, around, limits.step), "step")
    put(drifts(values, around, limits.drift), "drift")
    put(far_above(values, around, limits.neighbour), "neighbour")
    return np.asarray(found[hours, column], dtype=object)


def stuck(values: Array, limits: Mapping[str, float]) -> Mask:
    """Return where a value is part of a run of identical consecutive hours: (hours, stations)."""
    result = np.zeros(values.shape, dtype=bool)
    for station in range(values.shape[1]):
        series = values[:, station]
        there = series[np.isfinite(series)]
        whole = there.size > 0 and bool((there == np.round(there)).all())
        begins = np.flatnonzero(np.concatenate([[True], series[1:] != series[:-1]]))
        lengths = np.diff(np.append(begins, len(series)))
        # Zero is where instruments cut off in clean air; it may repeat as whole numbers do.
        patient = whole | (series[begins] == 0)
        least = np.where(patient, limits["whole_number_hours"], limits["hours"])
        long = np.repeat(lengths >= least, lengths)
        result[:, station] = long & np.isfinite(series)
    return result


def spikes(values: Array, around: Array, limits: Mapping[str, float]) -> Mask:
    """Return where an hour stands far above the hours around it and above the neighbours."""
    window = int(limits["window_hours"])
    usual = pd.DataFrame(values).rolling(window, center=True, min_periods=3).median().to_numpy()
    high = (values > limits["factor"] * usual) & (values > usual + limits["above"])
    alone = ~(values <= limits["neighbour_factor"] * around)
    return np.asarray(high & alone)


def steps(values: Array, around: Array, limits: Mapping[str, float]) -> Mask:
    """Return what follows a jump of the level against the neighbours, up to a jump back or the end."""
    window = int(limits["window_hours"])
    log_ratio = _log_ratio(values, around)
    least = max(window // 2, 6)
    before = pd.DataFrame(log_ratio).rolling(window, min_periods=least).median()
    after = before.shift(-window).to_numpy()
    jump = after - before.to_numpy()
    result = np.zeros(values.shape, dtype=bool)
    for station in range(values.shape[1]):
        for begin, end in _jumps(jump[:, station], float(np.log(limits["ratio"])), window):
            result[begin:end, station] = True
    return result & np.isfinite(values)


def _jumps(jump: Array, limit: float, window: int) -> list[tuple[int, int]]:
    """Return spans between a jump and the opposite jump (or the end)."""
    spans: list[tuple[int, int]] = []
    size = np.nan_to_num(jump)
    hour = 0
    begin: int | None = None
    sign = 0.0
    while hour < len(size):
        if abs(size[hour]) <= limit:
            hour += 1
            continue
        stretch = size[hour : hour + window]
        peak = hour + int(np.argmax(np.abs(stretch)))
        if begin is None:
            begin, sign = peak + 1, float(np.sign(size[peak]))
        elif np.sign(size[peak]) != sign:
            spans.append((begin, peak + 1))
            begin = None
        hour = peak + window
    if begin is not None:
        spans.append((begin, len(size)))
    return spans


def drifts(values: Array, around: Array, limits: Mapping[str, float]) -> Mask:
    """Return where the level against the neighbours has crept away from that of the first weeks for good."""
    window, first = int(limits["window_days"] * 24), int(limits["baseline_days"] * 24)
    result = np.zeros(values.shape, dtype=bool)
    if len(values) < first + window:
        return result
    log_ratio = pd.DataFrame(_log_ratio(values, around))
    usual = log_ratio.iloc[:first].median()
    away = (log_ratio.rolling(window, min_periods=window // 2).median() - usual).to_numpy()
    far = np.abs(away) > np.log(limits["ratio"])
    for station in range(values.shape[1]):
        known = np.flatnonzero(np.isfinite(away[:, station]))
        if not known.size or not far[known[-1], station]:
            continue
        near = known[~far[known, station]]
        # The window's middle is where it began to be far, on average.
        begin = (near[-1] if near.size else known[0]) - window // 2
        result[max(int(begin), first) :, station] = True
    return result & np.isfinite(values)


def far_above(values: Array, around: Array, limits: Mapping[str, float]) -> Mask:
    """Return hours of days whose mean is far above the neighbours'."""
    hours = int(limits["hours"])
    least = max(int(hours * 0.75), 1)
    own = pd.DataFrame(values).rolling(hours, min_periods=least).mean().to_numpy()
    others = pd.DataFrame(around).rolling(hours, min_periods=least).mean().to_numpy()
    ends = (others > limits["median_above"]) & (own > limits["factor"] * others)
    result = pd.DataFrame(ends[::-1].astype(float)).rolling(hours, min_periods=1).max().to_numpy()[::-1] > 0
    return np.asarray(result & np.isfinite(values))


def _log_ratio(values: Array, around: Array) -> Array:
    return np.asarray(np.log(np.maximum(values, 0) + _FLOOR) - np.log(np.maximum(around, 0) + _FLOOR))


def neighbour_lists(
    names: NDArray[np.str_], stations: pd.DataFrame, limits: Mapping[str, float]
) -> list[NDArray[np.int64]]:
    """Return for each station the positions of its nearest others within the radius."""
    known = stations.drop_duplicates("station_id").set_index("station_id").reindex(names)
    lat, lon = np.deg2rad(known["lat"].to_numpy(float)), np.deg2rad(known["lon"].to_numpy(float))
    lists = []
    for station in range(len(names)):
        # Equirectangular distance: within some tens of kilometres it errs by far less than a station's siting.
        away = 6371.0 * np.hypot(lat - lat[station], (lon - lon[station]) * np.cos(lat[station]))
        away[station] = np.inf
        order = np.argsort(away, kind="stable")
        lists.append(order[away[order] <= limits["radius_km"]][: int(limits["most"])])
    return lists


def neighbour_median(values: Array, near: list[NDArray[np.int64]], least: int) -> Array:
    """Return the median of the neighbours' values: (hours, stations), NaN where fewer than `least` report."""
    result = np.full(values.shape, np.nan)
    for station, others in enumerate(near):
        if len(others) < least:
            continue
        ordered = np.sort(values[:, others], axis=1)  # NaN goes last
        count = np.isfinite(ordered).sum(axis=1)
        hour = np.arange(len(values))
        last = len(others) - 1
        low = ordered[hour, np.clip((count - 1) // 2, 0, last)]
        high = ordered[hour, np.clip(count // 2, 0, last)]
        result[:, station] = np.where(count >= least, (low + high) / 2, np.nan)
    return result


def _notes(result: pd.DataFrame, before: pd.DataFrame, limits: Thresholds) -> tuple[Note, ...]:
    """Return one sentence for each kind of flag that is new, naming the stations hit most."""
    new = result[result["flag"].notna() & before["flag"].isna().to_numpy()]
    notes = []
    for kind in FLAGS:
        hit = new[new["flag"] == kind]
        if hit.empty:
            continue
        notes.append(sentence(kind, limits, hit["station_id"].astype(str).value_counts()))
    return tuple(notes)


def sentence(kind: str, limits: Thresholds, counts: pd.Series[int]) -> Note:
    """Return what was flagged in words, naming the stations hit most.

    Parameters
    ----------
    kind : str
        One of `FLAGS`.
    counts : Series of int
        Readings flagged, by station.
    """
    counts = counts.sort_values(ascending=False, kind="stable")
    named = ", ".join(f"{station} ({number})" for station, number in counts.head(6).items())
    return _sentence(kind, int(counts.sum()), named + (" …" if len(counts) > 6 else ""), limits)


def _sentence(kind: str, count: int, stations: str, limits: Thresholds) -> Note:
    said: dict[str, Any] = {"count": count, "stations": stations}
    if kind == "range":
        return note(
            "{count} readings are outside what the instrument can measure; flagged, not deleted: {stations}.",
            level="warning", **said,
        )  # fmt: skip
    if kind == "stuck":
        return note(
            "{count} readings stand still for {hours} hours or more; flagged, not deleted: {stations}.",
            level="warning", hours=int(limits.stuck["hours"]), **said,
        )  # fmt: skip
    if kind == "spike":
        return note(
            "{count} readings jump far above the hours around them and above the neighbours; "
            "flagged, not deleted: {stations}.",
            level="warning", **said,
        )  # fmt: skip
    if kind == "step":
        return note(
            "{count} readings follow a sudden lasting jump against the neighbours; flagged, not deleted: {stations}.",
            level="warning", **said,
        )  # fmt: skip
    if kind == "drift":
        return note(
            "{count} readings have crept away from the neighbours (drift); flagged, not deleted: {stations}. "
            "Have the sensor cleaned or calibrated.",
            level="warning", **said,
        )  # fmt: skip
    return note(
        "{count} readings belong to days far above all neighbours; flagged, not deleted: {stations}. "
        "Look whether it is a fault or a fire beside the sensor.",
        level="warning", **said,
    )  # fmt: skip
