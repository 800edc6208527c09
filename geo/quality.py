"""Quality control: a flag on each doubtful reading, never a deletion.

1. range: outside what the instrument can measure;
2. stuck: the same value hour after hour;
3. spike: an hour or two far above the hours around and above the neighbours;
4. step: the level against the neighbours jumps and stays;
5. drift: the level against the neighbours creeps away from that of the first weeks;
6. neighbour: a whole day far above the neighbours;
7. colocation: units that stand together disagree (`geo.colocated`);
8. position: the readings belong to another place than the stated one (`geo.misplaced`);
9. humidity: a low-cost (optical) sensor in air so wet that it counts droplets.

Two more come with the readings: channels (the two counters of one unit disagree, or one is missing) and
incomplete (too few readings in the hour). The first that applies is the flag. Thresholds with their sources:
``data/quality.toml``. Steps, drifts and neighbours compare a station with the median of the nearest others, so
that a haze day is no fault; a station with too few neighbours is only checked against itself. *Scope cut*: weather
variables are not checked.
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
from geo.colocated import disagree
from geo.misplaced import misplaced
from geo.neighbours import distances, neighbour_lists, neighbour_median
from language import N_, Note, UserError, note

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLAGS = ("range", "stuck", "spike", "step", "drift", "neighbour", "colocation", "position", "humidity")
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
    colocation: Mapping[str, float]
    position: Mapping[str, float]
    humidity: Mapping[str, float]
    completeness: Mapping[str, float]


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "range": ("lowcost_low", "lowcost_high", "other_low", "other_high"),
    "stuck": ("hours", "whole_number_hours"),
    "spike": ("window_hours", "factor", "above", "neighbour_factor"),
    "step": ("window_hours", "ratio"),
    "drift": ("baseline_days", "window_days", "ratio"),
    "neighbour": ("hours", "factor", "median_above"),
    "neighbours": ("radius_km", "most", "least"),
    "channels": ("apart", "apart_share"),
    "colocation": ("metres", "hours", "cook", "deviations", "apart", "apart_share"),
    "position": ("moved_km", "hours", "twin_km", "twin_share", "reach_km", "radius_km", "least", "here", "there"),
    "humidity": ("above", "radius_km"),
    "completeness": ("share",),
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
    observations: pd.DataFrame, stations: pd.DataFrame, limits: Thresholds | None = None,
    humidity: pd.DataFrame | None = None,
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
    humidity : DataFrame, optional
        `station_id`, `time` (with zone), `value` (relative humidity, %); without it nothing is too wet.

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
        if humidity is not None:
            dry = rows[(chosen["period_hours"] < 24).to_numpy() & pd.isna(flags[rows])]
            flags[dry[too_wet(result.iloc[dry], stations, humidity, limits.humidity)]] = "humidity"
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
    at = stations.drop_duplicates("station_id").set_index("station_id").reindex(names)
    lat, lon = at["lat"].to_numpy(float), at["lon"].to_numpy(float)
    trusted = at["kind"].eq("reference").fillna(False).to_numpy(bool)
    put(disagree(values, lat, lon, trusted, limits.colocation), "colocation")
    put(misplaced(values, lat, lon, limits.position) & np.isfinite(values), "position")
    return np.asarray(found[hours, column], dtype=object)


def too_wet(
    rows: pd.DataFrame, stations: pd.DataFrame, humidity: pd.DataFrame, limits: Mapping[str, float]
) -> Mask:
    """Return the rows of low-cost stations in hours whose relative humidity is above the threshold.

    The unit's own humidity counts; where it has none in that hour, that of the nearest station within the radius.
    """
    at = stations.drop_duplicates("station_id").set_index("station_id")
    cheap = rows["station_id"].astype(str).map(at["kind"]).eq("lowcost").fillna(False).to_numpy(bool)
    result = np.zeros(len(rows), dtype=bool)
    if humidity.empty or not cheap.any():
        return result
    table = humidity.pivot_table(index="time", columns="station_id", values="value", aggfunc="mean", observed=True)
    if not (table > limits["above"]).to_numpy().any():
        return result
    for name, part in rows[cheap].groupby(rows.loc[cheap, "station_id"].astype(str)):
        own = _own_humidity(str(name), at, table, limits["radius_km"])
        if own is not None:
            wet = own.reindex(pd.DatetimeIndex(part["time"])).gt(limits["above"]).to_numpy()
            result[rows.index.get_indexer(part.index[wet])] = True
    return result


def _own_humidity(
    name: str, stations: pd.DataFrame, table: pd.DataFrame, radius_km: float
) -> pd.Series[float] | None:
    others = stations.reindex([name, *(c for c in table.columns if c != name)])
    away = pd.Series(distances(others["lat"].to_numpy(float), others["lon"].to_numpy(float))[0], index=others.index)
    order = [c for c in [name] if c in table]
    order += [c for c in away[away <= radius_km].sort_values(kind="stable").index if c in table and c != name]
    if not order:
        return None
    return table[order].bfill(axis=1).iloc[:, 0]


def channels(a: pd.Series[float], b: pd.Series[float], limits: Mapping[str, float]) -> tuple[pd.Series, pd.Series]:
    """Return the mean of a unit's two counters (µg/m³), and where they disagree or one is missing."""
    both = pd.concat([a, b], axis=1)
    value, apart = both.mean(axis=1), (a - b).abs()
    bad = both.isna().any(axis=1) | ((apart > limits["apart"]) & (apart > limits["apart_share"] * value))
    return value, bad & value.notna()


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


_SAID: Mapping[str, str] = {
    "range": N_("{count} readings are outside what the instrument can measure; flagged, not deleted: {stations}."),
    "stuck": N_("{count} readings stand still for {hours} hours or more; flagged, not deleted: {stations}."),
    "spike": N_(
        "{count} readings jump far above the hours around them and above the neighbours; "
        "flagged, not deleted: {stations}."
    ),
    "step": N_(
        "{count} readings follow a sudden lasting jump against the neighbours; flagged, not deleted: {stations}."
    ),
    "drift": N_(
        "{count} readings have crept away from the neighbours (drift); flagged, not deleted: {stations}. "
        "Have the sensor cleaned or calibrated."
    ),
    "colocation": N_(
        "{count} readings differ widely from a unit that stands beside; flagged, not deleted: {stations}."
    ),
    "position": N_(
        "{count} readings belong to another place than the station's stated one; flagged, not deleted: {stations}. "
        "Put the place right, or confirm it, on the station's page."
    ),
    "humidity": N_(
        "{count} readings of low-cost sensors were taken in air of more than {limit} % humidity, where they count "
        "droplets; flagged, not deleted: {stations}."
    ),
    "neighbour": N_(
        "{count} readings belong to days far above all neighbours; flagged, not deleted: {stations}. "
        "Look whether it is a fault or a fire beside the sensor."
    ),
}
"""What is said of each kind of `FLAGS`."""


def _sentence(kind: str, count: int, stations: str, limits: Thresholds) -> Note:
    more: dict[str, Any] = {}
    if kind == "stuck":
        more["hours"] = int(limits.stuck["hours"])
    elif kind == "humidity":
        more["limit"] = f"{limits.humidity['above']:g}"
    return note(_SAID[kind], level="warning", count=count, stations=stations, **more)
