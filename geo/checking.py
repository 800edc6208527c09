"""What is done with readings on their way into the lake, whether they come from a file or from a network.

1. `keep_flags`: a reading that is stored already with the same value keeps its flag, so that the same import
   repeated changes nothing;
2. `moved_hours`: a warning where readings equal the stored ones an hour earlier or later;
3. `check`: quality flags (`geo.quality`) on what is new, judged together with what is around it: the readings of
   the same stations and of stations within the neighbourhood's radius, from 30 days before to 7 days after.
   Readings around that turn out to be doubtful in the light of the new ones (the first hours of a run that
   stands still) get their flag too. Simulated and measured stations never judge each other. Daily values
   are only checked against the range.

Long series are judged in pieces of time, so that memory stays bounded; a drift is then seen against the first
weeks of its piece. Flags are added, never taken away, and nothing is deleted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import quality
from geo.lake import Lake
from geo.schema import TABLES
from language import Note, note

KEY = list(TABLES["observations"].key)
BEFORE, AFTER = pd.Timedelta(days=30), pd.Timedelta(days=7)
_CHECKED = ("pm25", "pm10")
SOURCES_OWN = ("incomplete", "channels")
"""Flags that come with the readings."""

_CELLS = 2_000_000
"""Stations times hours that are judged at once."""

_SHORTEST = 60
"""Days of a piece at least: a drift needs its first weeks to be seen."""


def moved_hours(lake: Lake, observations: pd.DataFrame) -> int:
    """Return by how many hours the readings are moved against the stored ones (-1, 0 or 1).

    Two services of one network label hours differently; mixed, they would shift a series by an hour.
    """
    hourly = observations[observations["period_hours"] == 1]
    for variable, part in hourly.groupby("variable", observed=True):
        busiest = part["station_id"].value_counts().index[:5]
        sample = part[part["station_id"].isin(busiest)]
        first, last = sample["time"].min() - pd.Timedelta(hours=1), sample["time"].max() + pd.Timedelta(hours=2)
        ids = [str(station) for station in sample["station_id"].unique()]
        stored = lake.observations([str(variable)], start=first, end=last, station_ids=ids, flagged=True)
        stored = stored[stored["period_hours"] == 1]
        if len(stored) < 24:
            continue
        series = stored.set_index(["station_id", "time"])["value"]
        new = sample.assign(station_id=sample["station_id"].astype(str)).set_index(["station_id", "time"])["value"]
        new = new[~new.index.duplicated()]
        agreement = {lag: _agreement(new, series, lag) for lag in (-1, 0, 1)}
        lag = max(agreement, key=lambda k: agreement[k])
        if lag and agreement[lag] > 0.9 and agreement[0] < 0.6:
            return lag
    return 0


def _agreement(new: pd.Series[float], stored: pd.Series[float], lag: int) -> float:
    """Return the share of common hours with equal values (to a unit) when `new` is moved by `lag` hours."""
    times = pd.DatetimeIndex(new.index.get_level_values(1)) - pd.Timedelta(hours=lag)
    at = pd.MultiIndex.from_arrays([new.index.get_level_values(0), times])
    other = stored.reindex(at).to_numpy()
    both = np.isfinite(other)
    if both.sum() < 12:
        return 0.0
    return float(np.mean(np.abs(other[both] - new.to_numpy()[both]) <= 0.51))


def keep_flags(lake: Lake, observations: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Return the readings with the flags that equal stored ones have, and which of them are stored already.

    Parameters
    ----------
    observations : DataFrame
        Columns of ``observations``; `flag` may be missing.

    Returns
    -------
    observations : DataFrame
        With `flag`.
    known : Series of bool
        Stored with the same value (to the last digit).
    """
    rows = observations.reset_index(drop=True)
    if "flag" not in rows:
        rows["flag"] = None
    if rows.empty:
        return rows, pd.Series(dtype=bool)
    ids = [str(station) for station in rows["station_id"].unique()]
    stored = lake.query(
        f"SELECT {', '.join(KEY)}, value AS stored_value, flag AS stored_flag FROM lake.observations "
        "WHERE time BETWEEN ? AND ? AND station_id IN (SELECT unnest(?::VARCHAR[]))",
        [rows["time"].min().to_pydatetime(), rows["time"].max().to_pydatetime(), ids],
    )
    if stored.empty:
        return rows, pd.Series(False, index=rows.index)
    keys = rows[KEY].assign(station_id=rows["station_id"].astype(str), variable=rows["variable"].astype(str))
    keys["time"] = pd.to_datetime(keys["time"], utc=True).astype("datetime64[us, UTC]")
    keys["period_hours"] = keys["period_hours"].astype("int64")
    stored = stored.astype({"station_id": str, "variable": str, "period_hours": "int64"})
    stored["time"] = pd.to_datetime(stored["time"], utc=True).astype("datetime64[us, UTC]")
    found = keys.merge(stored, on=KEY, how="left")
    known = found["stored_value"].eq(rows["value"]).fillna(False).astype(bool)
    # A flag that the source itself gives ("incomplete") is part of the reading and comes and goes with it.
    own = rows["flag"].astype(object).where(rows["flag"].notna(), None)
    judged = known & own.isna() & found["stored_flag"].isin(quality.FLAGS)
    rows["flag"] = own.where(~judged, found["stored_flag"].astype(object))
    rows["flag"] = rows["flag"].where(rows["flag"].notna(), None)
    known &= rows["flag"].fillna("").eq(found["stored_flag"].fillna(""))
    return rows, known


def check(
    lake: Lake, observations: pd.DataFrame, stations: pd.DataFrame | None = None, *, simulated: bool = False
) -> tuple[pd.DataFrame, list[Note]]:
    """Return new readings with quality flags, followed by stored ones around them that get a flag now.

    Parameters
    ----------
    observations : DataFrame
        Columns of ``observations``; rows that have a flag are not judged again.
    stations : DataFrame, optional
        Stations that come in with them (station_id, kind, lat, lon).
    simulated : bool
        Judge them against simulated stations instead of measured ones.
    """
    rows = observations.reset_index(drop=True)
    if "flag" not in rows:
        rows["flag"] = None
    places = _places(lake, stations, simulated)
    limits = quality.thresholds()
    humidity = rows[(rows["variable"] == "rh") & (rows["period_hours"] == 1) & rows["flag"].isna()]
    humidity = humidity.assign(station_id=humidity["station_id"].astype(str))
    flags = rows["flag"].astype(object).where(rows["flag"].notna(), None).to_numpy(copy=True)
    around: list[pd.DataFrame] = []
    for variable in _CHECKED:
        mine = np.flatnonzero((rows["variable"] == variable).to_numpy() & pd.isna(flags))
        if not mine.size:
            continue
        part = rows.iloc[mine]
        daily = (part["period_hours"] >= 24).to_numpy()
        if daily.any():
            judged, _ = quality.flag(part[daily], places, limits)
            flags[mine[daily]] = judged["flag"].to_numpy(object)
        for piece in _pieces(part[~daily], mine[~daily]):
            found, more = _judge(lake, rows.iloc[piece], variable, places, limits, humidity)
            flags[piece] = found
            around.append(more)
    fresh = rows["flag"].isna().to_numpy() & pd.notna(flags)
    rows["flag"] = flags
    notes = [
        quality.sentence(str(name), limits, group["station_id"].astype(str).value_counts())
        for name, group in rows[fresh].groupby("flag")
    ]
    around.append(_wet_around(lake, humidity, rows, places, limits))
    later = [more for more in around if len(more)]
    if later:
        extra = pd.concat(later, ignore_index=True).drop_duplicates(KEY)
        notes.append(note("{count} stored readings around got a flag in the light of the new ones.", count=len(extra)))
        # They stay rows of the import that brought them, so that taking back either import leaves the other's whole.
        rows = pd.concat([rows, extra[[c for c in extra if c in [*rows.columns, "import_id"]]]], ignore_index=True)
    return rows, notes


def _places(lake: Lake, stations: pd.DataFrame | None, simulated: bool) -> pd.DataFrame:
    columns = ["station_id", "kind", "lat", "lon"]
    stored = pd.DataFrame(lake.stations().drop(columns="geometry"))
    stored = stored.loc[stored["simulated"].fillna(False).astype(bool) == simulated, columns]
    if stations is None or stations.empty:
        return stored
    new = pd.DataFrame(stations).reindex(columns=columns)
    return pd.concat([stored, new[~new["station_id"].isin(stored["station_id"])]], ignore_index=True)


def _pieces(part: pd.DataFrame, positions: np.ndarray) -> list[np.ndarray]:
    """Return positions of the rows of each span of time that is judged at once."""
    if part.empty:
        return []
    days = max(_CELLS / (24 * part["station_id"].nunique()), _SHORTEST)
    number = ((part["time"] - part["time"].min()) // pd.Timedelta(days=days)).to_numpy()
    return [positions[number == n] for n in np.unique(number)]


def _judge(
    lake: Lake, rows: pd.DataFrame, variable: str, places: pd.DataFrame, limits: quality.Thresholds,
    humidity: pd.DataFrame,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the flags of one piece, and the stored readings around it that get a flag now."""
    ids = rows["station_id"].astype(str)
    # Whether a place is right only shows against stations farther away.
    near = _neighbourhood(set(ids.unique()), places, max(limits.neighbours["radius_km"], limits.position["reach_km"]))
    stored = lake.observations(
        [variable], start=(rows["time"].min() - BEFORE).to_pydatetime(),
        end=(rows["time"].max() + AFTER).to_pydatetime(), station_ids=near, flagged=True,
    )  # fmt: skip
    stored = stored[(stored["period_hours"] == 1) & ~stored["flag"].isin(SOURCES_OWN)]
    new = rows[[*KEY, "value"]].assign(station_id=ids, variable=variable, flag=None)
    if len(stored):
        pair = ["station_id", "time"]
        stored = stored[~pd.MultiIndex.from_frame(stored[pair]).isin(pd.MultiIndex.from_frame(new[pair]))]
    # What is stored is judged afresh: a step goes on where its earlier hours are flagged already.
    old = stored[[*KEY, "value"]].assign(flag=None)
    both = pd.concat([new, old], ignore_index=True) if len(old) else new
    # Pandas 2 keeps two spellings of UTC apart and falls back to objects.
    both = both.assign(time=pd.to_datetime(both["time"], utc=True))
    judged, _ = quality.flag(both, places, limits, _humidity(lake, both, near, humidity))
    found = judged["flag"].to_numpy(object)
    now = found[len(new) :]
    gained = stored["flag"].isna().to_numpy() & pd.notna(now)
    return found[: len(new)], stored[gained].assign(flag=now[gained])


def _humidity(lake: Lake, rows: pd.DataFrame, near: list[str], new: pd.DataFrame) -> pd.DataFrame:
    """Return the humidity of the hours, stored or new, of these stations."""
    first, last = rows["time"].min(), rows["time"].max() + pd.Timedelta(hours=1)
    stored = lake.observations(["rh"], start=first.to_pydatetime(), end=last.to_pydatetime(), station_ids=near)
    columns = ["station_id", "time", "value"]
    both = pd.concat([stored.loc[stored["period_hours"] == 1, columns], new[columns]], ignore_index=True)
    both["time"] = pd.to_datetime(both["time"], utc=True).astype("datetime64[us, UTC]")
    return both.drop_duplicates(["station_id", "time"], keep="last")


def _wet_around(
    lake: Lake, new: pd.DataFrame, rows: pd.DataFrame, places: pd.DataFrame, limits: quality.Thresholds
) -> pd.DataFrame:
    """Return stored readings that newly told humidity makes doubtful."""
    wet = new[new["value"] > limits.humidity["above"]]
    if wet.empty:
        return pd.DataFrame()
    near = _neighbourhood(set(wet["station_id"]), places, limits.humidity["radius_km"])
    stored = lake.observations(
        list(_CHECKED), start=wet["time"].min().to_pydatetime(),
        end=(wet["time"].max() + pd.Timedelta(hours=1)).to_pydatetime(), station_ids=near,
    )  # fmt: skip
    stored = stored[(stored["period_hours"] == 1) & stored["time"].isin(wet["time"].unique())].reset_index(drop=True)
    if stored.empty:
        return stored
    coming = pd.MultiIndex.from_frame(rows[KEY].astype({"station_id": str, "variable": str}))
    stored = stored[~pd.MultiIndex.from_frame(stored[KEY]).isin(coming)].reset_index(drop=True)
    hit = quality.too_wet(stored, places, _humidity(lake, wet, near, new), limits.humidity)
    return stored[hit].assign(flag="humidity")


def moved(rows: pd.DataFrame, stations: list[str]) -> pd.DataFrame:
    """Return readings with the flag "position" on those of stations that are now said to stand elsewhere."""
    free = rows["station_id"].astype(str).isin(stations) & rows["flag"].isna() & rows["variable"].isin(_CHECKED)
    return rows.assign(flag=rows["flag"].astype(object).mask(free.to_numpy(), "position"))


def _neighbourhood(ids: set[str], places: pd.DataFrame, radius_km: float) -> list[str]:
    """Return these stations and all within the radius of one of them."""
    at = places.dropna(subset=["lat", "lon"])
    own = at[at["station_id"].isin(ids)]
    if own.empty:
        return sorted(ids)
    lat, lon = np.deg2rad(at["lat"].to_numpy(float)), np.deg2rad(at["lon"].to_numpy(float))
    near = np.zeros(len(at), dtype=bool)
    for a, o in zip(np.deg2rad(own["lat"]), np.deg2rad(own["lon"]), strict=True):
        near |= 6371.0 * np.hypot(lat - a, (lon - o) * np.cos(a)) <= radius_km
    return sorted(ids | set(at.loc[near, "station_id"].astype(str)))
