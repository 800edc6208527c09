"""A portion of a network's rows on its way into the lake: joined, compared, checked, stored in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from geo import checking, quality
from geo.lake import Lake
from geo.networks.model import Batch, Network, Query
from geo.schema import TABLES, ImportRecord
from language import Note, UserError, note

_TWIN = 50.0
"""Metres: two stations of different networks this near may be one instrument."""


class Portion:
    """Gathers the batches of a fetch and stores them.

    Attributes
    ----------
    size : int
        Readings that wait.
    added, updated : int
        Rows stored so far, new or in place of others.
    newest : datetime or None
        Beginning of the newest reading that came.
    """

    def __init__(self, lake: Lake, network: Network, query: Query, import_id: str, now: Callable[[], datetime]) -> None:
        self._lake, self._network, self._query = lake, network, query
        self._import_id, self._now = import_id, now
        self._tables: dict[str, list[pd.DataFrame]] = {}
        self._moved: set[str] = set()  # stations that the network has put elsewhere
        self.size = self.added = self.updated = 0
        self.newest: datetime | None = None
        self.notes: list[Note] = []

    def take(self, batch: Batch) -> None:
        """Add the rows of one answer."""
        for name, table in batch.tables.items():
            if len(table):
                self._tables.setdefault(name, []).append(table)
                self.size += len(table) if name == "observations" else 0

    def store(self, rows_read: int) -> None:
        """Store what waits, if anything of it is new."""
        tables = {name: pd.concat(parts, ignore_index=True) for name, parts in self._tables.items()}
        self._tables, self.size = {}, 0
        if "stations" in tables:
            tables["stations"] = self._new_stations(tables["stations"])
        if "observations" in tables:
            tables["observations"] = self._new_readings(tables["observations"], tables.get("stations"))
        if "workspaces" in tables:
            tables["workspaces"] = self._workspaces(tables["workspaces"])
        tables = {name: _marked(name, table) for name, table in tables.items() if len(table)}
        if not tables:
            return
        kept = sum(len(table) for name, table in tables.items() if name != "workspaces")
        record = ImportRecord(
            kind=next(k for k in ("observations", "factories", "boundaries", "receptors", "stations") if k in tables),
            file_name=self._network.title if not self._query.url else self._query.url.split("?")[0],
            import_id=self._import_id,
            rows_read=rows_read,
            rows_kept=kept + self._stored_before(),
            notes=[n.to_dict() for n in dict.fromkeys(self.notes)],
            source=self._network.attribution or self._query.options.source,
            licence=self._network.licence or self._query.options.licence,
            imported_at=self._now(),
        )
        change = self._lake.upsert(tables, record=record)
        for name in tables:
            self.added += change.added.get(name, 0)
            self.updated += change.updated.get(name, 0)

    def _stored_before(self) -> int:
        found = self._lake.query("SELECT rows_kept FROM lake.imports WHERE import_id = ?", [self._import_id])
        return 0 if found.empty else int(found["rows_kept"].iloc[0] or 0)

    def _new_stations(self, stations: pd.DataFrame) -> pd.DataFrame:
        """Return the stations that are not stored yet: a stored place or name may have been put right by hand."""
        own = stations.dropna(subset=["lat", "lon"]).drop_duplicates("station_id", keep="last")
        known = self._lake.query(
            "SELECT station_id, network, lat, lon FROM lake.stations WHERE NOT coalesce(simulated, false)"
        )
        both = own.merge(known, on="station_id", suffixes=("", "_stored"))
        away = _metres(both["lat"], both["lon"], both["lat_stored"], both["lon_stored"])
        moved = both.loc[away > 200, "station_id"]
        far = both.loc[away > 1000 * quality.thresholds().position["moved_km"], "station_id"]
        self._moved |= set(far.astype(str))
        if len(moved):
            self.notes.append(
                note(
                    "{network} now gives another place for {count} stations; the stored one was kept: {stations}.",
                    level="warning", network=self._network.title, count=len(moved), stations=", ".join(moved.head(8)),
                )
            )  # fmt: skip
        fresh = own[~own["station_id"].isin(known["station_id"])].reset_index(drop=True)
        self._name_twins(fresh, known)
        return fresh

    def _name_twins(self, fresh: pd.DataFrame, known: pd.DataFrame) -> None:
        others = known[known["network"].ne(self._network.title) & known["lat"].notna()]
        if fresh.empty or others.empty:
            return
        twins = []
        for row in fresh.itertuples():
            away = _metres(others["lat"], others["lon"], row.lat, row.lon)
            if away.min() <= _TWIN:
                twins.append(f"{row.station_id} = {others['station_id'].iloc[int(np.argmin(away))]}")
        if twins:
            self.notes.append(
                note(
                    "{count} stations stand within {metres} m of one of another network and may be the same instrument "
                    "twice: {stations}. Remove one of the two where that is so.",
                    level="warning", count=len(twins), metres=round(_TWIN), stations=", ".join(twins[:8]),
                )
            )  # fmt: skip

    def _new_readings(self, readings: pd.DataFrame, stations: pd.DataFrame | None) -> pd.DataFrame:
        """Return what is new or changed, with quality flags.

        Nothing is taken from answers that label the hours differently from what is stored.
        """
        readings = readings.dropna(subset=["station_id", "time", "value"])
        rows = readings.assign(
            station_id=readings["station_id"].astype(str), variable=readings["variable"].astype(str),
            time=pd.to_datetime(readings["time"], utc=True).astype("datetime64[us, UTC]"),
            period_hours=readings["period_hours"].astype("int16"), value=readings["value"].astype("float64"),
        )  # fmt: skip
        rows = self._without_doubles(rows)
        self.newest = max(filter(None, (self.newest, rows["time"].max().to_pydatetime()))) if len(rows) else self.newest
        lag = checking.moved_hours(self._lake, rows)
        if lag:
            raise UserError(
                "{network}: the readings equal the stored ones moved by {hours} hour. It seems to label hours "
                "differently now, so nothing of it was stored.",
                network=self._network.title, hours=f"{lag:+d}",
            )  # fmt: skip
        rows, known = checking.keep_flags(self._lake, rows)
        fresh = rows[~known].reset_index(drop=True)
        if fresh.empty:
            return fresh
        checked, said = checking.check(self._lake, fresh, stations)
        self.notes += said
        return checking.moved(checked, sorted(self._moved))

    def _without_doubles(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Leave out rows from the future and the second of two rows for one hour."""
        late = rows["time"] > pd.Timestamp(self._now()) + pd.Timedelta(hours=1)
        if late.any():
            self.notes.append(
                note(
                    "{network}: {count} readings lie in the future and were left out; a clock is wrong there: "
                    "{stations}.",
                    level="warning", network=self._network.title, count=int(late.sum()),
                    stations=", ".join(rows.loc[late, "station_id"].unique()[:8]),
                )
            )  # fmt: skip
        rows = rows[~late & rows["value"].notna()]
        key = checking.KEY
        again = rows.duplicated(key)
        other = again & ~rows.duplicated([*key, "value"])
        if other.any():
            self.notes.append(
                note(
                    "{network} gave two different values for {count} hours; the last one was taken.",
                    level="warning", network=self._network.title, count=int(other.sum()),
                )
            )  # fmt: skip
        return rows.drop_duplicates(key, keep="last").reset_index(drop=True)

    def _workspaces(self, made: pd.DataFrame) -> pd.DataFrame:
        """Return the workspace with the codes it has already."""
        stored = self._lake.workspaces().set_index("workspace_id")
        rows = []
        for row in made.to_dict("records"):
            codes, created = set(json.loads(row["boundary_codes"])), self._now()
            if row["workspace_id"] in stored.index:
                old = stored.loc[row["workspace_id"]]
                codes |= set(json.loads(old["boundary_codes"]))
                created = old["created_at"]
            text = json.dumps(sorted(codes), ensure_ascii=False)
            rows.append({**row, "boundary_codes": text, "created_at": created})
        return pd.DataFrame(rows)


def _marked(name: str, table: pd.DataFrame) -> pd.DataFrame:
    columns = [c for c in table.columns if c in TABLES[name].columns]
    table = table[columns]
    return table.assign(simulated=False) if "simulated" in TABLES[name].columns else table


def _metres(lat: pd.Series, lon: pd.Series, lat2: Any, lon2: Any) -> np.ndarray:
    """Return distances in metres (equirectangular; within a kilometre it errs by less than a metre)."""
    east = (np.asarray(lon, float) - np.asarray(lon2, float)) * np.cos(np.deg2rad(np.asarray(lat, float)))
    return np.asarray(111_195.0 * np.hypot(np.asarray(lat, float) - np.asarray(lat2, float), east))
