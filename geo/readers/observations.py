"""Readings out of a table: long or wide, one column a station or a pollutant, with or without stations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import quality
from geo.readers import names, series, stations
from geo.readers.cells import Cells
from geo.readers.model import Raw
from geo.readers.numbers import SENTINELS, numbers, text
from geo.readers.places import places
from geo.readers.times import times
from geo.schema import VARIABLES
from language import UserError, note

_MINUS_ONE = frozenset({"pm25", "pm10", "rh", "wind_speed", "wind_dir"})
_FACTORS = {
    "mg/m3": 1000.0,
    "mgm3": 1000.0,
    "mg/m³": 1000.0,
    "km/h": 1 / 3.6,
    "kmh": 1 / 3.6,
    "knots": 0.514444,
    "kt": 0.514444,
}
_NO_MASS = re.compile(r"particle|ppm|ppb|count|/cm|/0\.1|aqi", re.I)
_LARGEST = 1e5
_CLOCKS = 12
"""So many columns that are named like hours make a table of days and hours."""

_Values = tuple[str, NDArray[np.float64], NDArray[np.bool_] | None]


def parse(cells: Cells) -> dict[str, pd.DataFrame]:
    """Return ``observations``, and ``stations`` where the rows say where they were taken.

    Raises
    ------
    UserError
        Where times or values can't be found, or no row is usable.
    """
    cells = _from_matrix(cells)
    raw = cells.raw
    _need_time(cells)
    codes, ids = _stations(cells)
    stamps = times(cells.moments(), utc=cells.options.utc or bool(cells.feed and cells.feed.utc))
    _note_times(cells, stamps.buddhist, stamps.month_first)
    reason = note("this is no time that could be read; the row was left out.", level="error")
    raw.drops.add(raw.rows[stamps.wrong], cells.column_names("time"), cells.moments()[stamps.wrong], reason)
    no_station = codes < 0

    found = series.step(codes, stamps, cells.options)
    ending = bool(cells.feed and cells.feed.hour_ending)
    begins, said = series.begins(stamps, found, cells.options, ending)
    raw.notes += said
    usable = ~np.isnat(begins) & ~no_station
    timeless = np.isnat(begins) & ~stamps.wrong & ~no_station
    measured = np.zeros(len(cells), dtype=bool)
    parts = []
    for variable, values, bad in _values(cells):
        measured |= ~np.isnan(values)
        good = usable & ~np.isnan(values)
        parts.append(
            pd.DataFrame(
                {
                    "station": codes[good],
                    "variable": np.full(int(good.sum()), VARIABLES.index(variable), dtype="int8"),
                    "time": begins[good],
                    "value": values[good],
                    "row": raw.rows[good],
                    "flag": np.zeros(int(good.sum()), dtype="int8") if bad is None else bad[good].astype("int8"),
                }
            )
        )
    # A sum or a mean below the readings, for instance; a row without a reading is not worth a word.
    reason = note("the station is missing; the row was left out.", level="error")
    raw.drops.add(raw.rows[no_station & measured], cells.column_names("station_id"), "", reason)
    reason = note("the time is missing; the row was left out.", level="error")
    raw.drops.add(raw.rows[timeless & measured], cells.column_names("time"), "", reason)
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if frame.empty:
        raise UserError("{file}: no row has a station, a time and a value; nothing was imported.", file=raw.name)
    if found.period_hours == 1:
        frame, said = series.to_hours(frame, found)
        raw.notes += said
    frame = _single(frame, cells)
    tables = {"observations": _table(frame, ids, found.period_hours)}
    if (
        {"lat", "lon"} <= set(cells.mapping)
        or {"x", "y"} <= set(cells.mapping)
        or "latlon" in cells.mapping
        or raw.shapes is not None
    ):
        tables["stations"] = _embedded(cells, codes)
    return tables


def _need_time(cells: Cells) -> None:
    if not cells.has("time"):
        raise UserError(
            "{file}: no column with the time was recognised. Say which it is, for example --map time=COLUMN. "
            "Columns: {columns}.",
            file=cells.raw.name,
            columns=names.listed(cells.raw.columns),
        )


def _note_times(cells: Cells, buddhist: bool, month_first: bool) -> None:
    if buddhist:
        cells.raw.notes.append(note("Years of the Buddhist era were turned into common-era years."))
    if month_first:
        cells.raw.notes.append(note("Dates are written month first (12/31/2026).", level="warning"))


def _stations(cells: Cells) -> tuple[NDArray[np.int64], pd.Index[str]]:
    """Return the number of each row's station (-1: none) and the identifiers."""
    if cells.has("station_id"):
        ids = cells.text("station_id")
    elif cells.has("name") or cells.has("name_th"):
        ids = cells.titles()[0]
    elif {"lat", "lon"} <= set(cells.mapping):
        pair = [text(cells.raw.frame[cells.mapping[k]]) for k in ("lat", "lon")]
        ids = pair[0].str.cat(pair[1], sep=",")
    else:
        stem = Path(cells.raw.name).name.split(".")[0]
        cells.raw.notes.append(
            note(
                "The file names no station; all its readings go to one named {station}.", level="warning", station=stem
            )
        )
        return np.zeros(len(cells), dtype="int64"), pd.Index([stem])
    codes, found = pd.factorize(ids)
    return codes.astype("int64"), pd.Index(found.astype(str))


def _values(cells: Cells) -> list[_Values]:
    """Return the values of each variable, in our units, NaN where the row has none; and where counters disagree."""
    wide = [v for v in VARIABLES if cells.has(v)]
    if wide:
        return [_counted(cells, v) for v in wide]
    if not cells.has("value"):
        raise UserError(
            "{file}: no column with readings was recognised. Say which it is, for example --map pm25=COLUMN. "
            "Columns: {columns}.",
            file=cells.raw.name,
            columns=names.listed(cells.raw.columns),
        )
    if not cells.has("variable"):
        variable = _stated_variable(cells)
        return [(variable, _clean(cells, cells.mapping["value"], variable, _factor(cells.mapping["value"])), None)]
    return _long_values(cells)


def _counted(cells: Cells, variable: str) -> _Values:
    """Return the values of a column; those of a unit with two counters are their mean, where both are in the file."""
    column = cells.mapping[variable]
    values = _clean(cells, column, variable, _factor(column))
    pair = names.counters(column, cells.raw.columns) if variable in ("pm25", "pm10") else None
    if pair is None:
        return variable, values, None
    a, b = (
        pd.Series(values if name == column else _clean(cells, name, variable, _factor(name))) for name in pair
    )
    mean, bad = quality.channels(a, b, quality.thresholds().channels)
    cells.raw.notes.append(
        note(
            "Two counters in one unit ({a}, {b}): their mean is taken; {count} rows in which they disagree or one is "
            "missing are marked.",
            a=pair[0], b=pair[1], count=int(bad.sum()),
        )
    )  # fmt: skip
    return variable, mean.to_numpy() if column in pair else values, bad.to_numpy()


def _long_values(cells: Cells) -> list[_Values]:
    words = cells.text("variable")
    known = {str(word): names.variable(str(word)) for word in words.dropna().unique()}
    others = sorted(word for word, ours in known.items() if ours is None)
    if others:
        cells.raw.notes.append(
            note(
                "{count} rows with other substances were left aside: {names}.",
                count=int(words.isin(others).sum()),
                names=", ".join(others[:12]),
            )
        )
    units = cells.text("unit").fillna("")
    result: list[_Values] = []
    for variable in dict.fromkeys(v for v in known.values() if v):
        rows = words.map(known).eq(variable).fillna(False).to_numpy(dtype=bool)
        factors = np.ones(len(cells))
        for unit in units[rows].unique():
            here = rows & (units == unit).to_numpy(dtype=bool)
            if variable.startswith("pm") and _NO_MASS.search(str(unit)):
                reason = note("the unit {unit} is no mass per volume; the row was left out.", level="error", unit=unit)
                cells.raw.drops.add(cells.raw.rows[here], cells.column_names("unit"), str(unit), reason)
                rows = rows & ~here
            factors[here] = _factor(f"({unit})")
        values = _clean(cells, cells.mapping["value"], variable, factors, rows)
        if variable == "temp":
            warm = rows & units.str.casefold().isin(["f", "°f"]).to_numpy(dtype=bool)
            values[warm] = (values[warm] - 32) / 1.8
        result.append((variable, values, None))
    return result


def _factor(heading: str) -> float:
    """Return what the values under a heading with a unit in brackets are multiplied by."""
    unit = re.search(r"[(\[]\s*(.*?)\s*[)\]]", heading)
    return _FACTORS.get(unit.group(1).casefold().replace(" ", ""), 1.0) if unit else 1.0


def _clean(
    cells: Cells,
    column: str,
    variable: str,
    factor: float | NDArray[np.float64],
    rows: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return a column's values; signs for missing become NaN, what is no number is noted down."""
    raw = cells.raw
    part = raw.frame[column]
    values, wrong = numbers(part, decimal_comma=raw.decimal_comma)
    if rows is not None:
        values, wrong = np.where(rows, values, np.nan), wrong & rows
    empty = np.isin(values, SENTINELS)
    if variable in _MINUS_ONE:
        empty |= values == -1
    if empty.any():
        raw.notes.append(
            note(
                "{count} values in column {column} stand for missing (-1, -999).", count=int(empty.sum()), column=column
            )
        )
    huge = np.abs(values) > _LARGEST
    reason = note("this is not a number; the value was left out.", level="error")
    raw.drops.add(raw.rows[wrong], column, part[wrong], reason)
    reason = note("no reading can be as large as this; the value was left out.", level="error")
    raw.drops.add(raw.rows[huge & ~empty], column, part[huge & ~empty], reason)
    values = np.where(empty | huge, np.nan, values) * factor
    if variable == "temp" and cells.feed and cells.feed.fahrenheit:
        values = (values - 32) / 1.8
    return values


def _stated_variable(cells: Cells) -> str:
    """Return what is measured where no column says it: the option, the file's name, or a refusal."""
    if cells.options.variable:
        return cells.options.variable
    heading = cells.mapping.get("value", "")
    found = next((v for v in ("pm25", "pm10") if v in names.key(f"{cells.raw.name} {heading}")), None)
    if found is None:
        raise UserError(
            "{file} doesn't say what was measured. Say it, for example --variable pm25.", file=cells.raw.name
        )
    cells.raw.notes.append(note("The name says that {variable} was measured.", variable=found))
    return found


def _from_matrix(cells: Cells) -> Cells:
    """Turn a table with one column a station into a long one; other tables stay as they are."""
    if cells.has("value") or not cells.has("time") or any(cells.has(v) for v in VARIABLES):
        return cells
    raw = cells.raw
    used = set(names.split(cells.mapping["time"], raw.columns))
    clocks = {c: clock for c in raw.columns if c not in used and (clock := _hour_of(c)) is not None}
    if len(clocks) >= _CLOCKS:
        return _from_hours(cells, clocks)
    columns = [c for c in raw.columns if c not in used and not names.is_personal(c) and _mostly_numbers(raw.frame[c])]
    if cells.has("station_id") or not columns:
        return cells
    frame = raw.frame.melt(id_vars=sorted(used), value_vars=columns, var_name="station", value_name="value")
    long = Raw(
        raw.name, raw.format, frame, np.tile(raw.rows, len(columns)), encoding=raw.encoding,
        delimiter=raw.delimiter, decimal_comma=raw.decimal_comma, notes=raw.notes, drops=raw.drops,
    )  # fmt: skip
    long.notes.append(note("Each of the {count} columns is read as one station.", count=len(columns)))
    return Cells(long, {"time": cells.mapping["time"], "station_id": "station", "value": "value"}, cells.options)


def _hour_of(column: str) -> int | None:
    """Return the hour (0 to 24) that the heading of a column means: ``7``, ``07:00``, ``07.00 น.``, ``700``."""
    found = re.fullmatch(r"(?:ชม\.?|h|hour)?\s*(\d{1,2})(?:[:.]?00)?\s*(?:น\.?)?", column.strip(), re.I)
    return int(found.group(1)) if found and int(found.group(1)) <= 24 else None


def _from_hours(cells: Cells, clocks: dict[str, int]) -> Cells:
    """Turn a table with a row a day and a column an hour into a long one."""
    raw = cells.raw
    date = cells.mapping["time"]
    others = [c for c in raw.columns if c not in clocks and not names.is_personal(c)]
    frame = raw.frame.melt(id_vars=others, value_vars=list(clocks), var_name="hour of the day", value_name="value")
    frame["hour of the day"] = frame["hour of the day"].map({c: f"{h:02d}:00" for c, h in clocks.items()})
    long = Raw(
        raw.name, raw.format, frame, np.tile(raw.rows, len(clocks)), encoding=raw.encoding,
        delimiter=raw.delimiter, decimal_comma=raw.decimal_comma, notes=raw.notes, drops=raw.drops,
    )  # fmt: skip
    long.notes.append(note("Each of the {count} columns is read as one hour of the day.", count=len(clocks)))
    mapping = {k: v for k, v in cells.mapping.items() if v in others}
    return Cells(long, {**mapping, "time": f"{date}{names.JOIN}hour of the day", "value": "value"}, cells.options)


def _mostly_numbers(column: pd.Series[Any]) -> bool:
    head = column.dropna().head(300)
    values, _ = numbers(head)
    return len(head) > 0 and float(np.mean(~np.isnan(values))) > 0.5


def _single(frame: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Keep the first of several readings for one station, variable and time."""
    key = ["station", "variable", "time"]
    again = frame.duplicated(key).to_numpy()
    if not again.any():
        return frame
    same = frame.duplicated([*key, "value"]).to_numpy() & again
    if same.any():
        cells.raw.notes.append(note("{count} rows stand in the file more than once.", count=int(same.sum())))
    other = again & ~same
    reason = note(
        "another reading for the same station and time stands in an earlier row; the first was kept.", level="error"
    )
    cells.raw.drops.add(frame["row"][other], "value", frame["value"][other], reason)
    return frame[~again]


def _table(frame: pd.DataFrame, ids: pd.Index[str], period_hours: int) -> pd.DataFrame:
    columns = pd.DataFrame(
        {
            "station_id": pd.Categorical.from_codes(frame["station"].tolist(), ids),
            "variable": pd.Categorical.from_codes(frame["variable"].tolist(), pd.Index(list(VARIABLES))),
            "time": frame["time"].dt.tz_localize("UTC"),
            "period_hours": np.full(len(frame), period_hours, dtype="int16"),
            "value": frame["value"],
        }
    ).reset_index(drop=True)
    if not frame["flag"].any():
        return columns
    flags = np.array([name or None for name in series.FLAGS], dtype=object)
    return columns.assign(flag=flags[frame["flag"].to_numpy()])


def _embedded(cells: Cells, codes: NDArray[np.int64]) -> pd.DataFrame:
    """Return the stations that the rows of readings name, each at its first usable point."""
    raw = cells.raw
    columns = [
        c
        for ours in ("lat", "lon", "x", "y", "latlon")
        if cells.has(ours)
        for c in names.split(cells.mapping[ours], raw.columns)
    ]
    distinct = raw.frame[columns].assign(_station=codes).drop_duplicates().index
    distinct = distinct[codes[distinct] >= 0]
    few = Raw(
        raw.name, raw.format, raw.frame.loc[distinct].reset_index(drop=True), raw.rows[distinct],
        shapes=None if raw.shapes is None else raw.shapes.loc[distinct].reset_index(drop=True),
        decimal_comma=raw.decimal_comma,
    )  # fmt: skip
    small = Cells(few, cells.mapping, cells.options)
    where = places(few, cells.mapping, cells.options)
    raw.notes += where.notes
    good = np.isfinite(where.lon)
    table = stations.table(small, where)[good]
    spread = table.groupby("station_id")[["lat", "lon"]].agg(np.ptp).max(axis=1)
    moving = spread[spread > 0.001].index  # about 100 m
    if len(moving):
        raw.notes.append(
            note(
                "{count} stations change their place within the file; the first place was taken: {stations}.",
                level="warning",
                count=len(moving),
                stations=", ".join(map(str, moving[:8])),
            )
        )
    return table.drop_duplicates("station_id").reset_index(drop=True)
