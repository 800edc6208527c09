"""Calibrations kept in the lake, version by version, chosen, and applied when readings are read.

A calibration is stored as an import of its own: it has a time, a source and a body (`Calibration.to_dict`), it
travels with backups and snapshots, and it can be taken back like any import. Readings in the lake stay raw, and so
does the stated error of the station: `calibrated` and `with_errors` put values and errors in their place when they
are read, of the snapshot that is read. The newest calibration of a station and pollutant counts, unless somebody has
chosen an older one, or none (`choose`); a choice is an import too, so that it is kept and can be undone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import pandas as pd

from geo.calibration import Calibration, apply
from geo.colocation import NEAR, beside, colocations, nearby
from geo.lake import Lake
from geo.schema import ImportRecord
from language import Note, UserError, note

KIND, CHOICE = "calibration", "calibration-choice"
"""Kinds of these imports."""

_Table = TypeVar("_Table", bound=pd.DataFrame)


@dataclass(frozen=True)
class Stored:
    """A calibration with the import that it is, and when it was made."""

    import_id: str
    made_at: datetime
    author: str
    calibration: Calibration


@dataclass(frozen=True)
class Choice:
    """Somebody's choice of a version: its import, or none (raw values) where empty."""

    import_id: str
    made_at: datetime
    author: str
    station_id: str
    pollutant: str
    chosen: str


def pairs(lake: Lake, pollutant: str = "pm25", distance: float = NEAR) -> pd.DataFrame:
    """Return the co-locations of the lake (`geo.colocation.colocations`); only their readings are read."""
    stations = lake.stations()
    near = nearby(stations, distance)
    ids = sorted({*near["station_id"], *near["reference_id"]})
    readings = lake.observations([pollutant], station_ids=ids)
    return colocations(stations, readings, pollutant, distance)


def material(lake: Lake, station_id: str, reference_id: str, pollutant: str = "pm25") -> tuple[pd.DataFrame, list[str]]:
    """Return the readings that a calibration is made from, and the units that stand beside the sensor."""
    units = beside(lake.stations(), station_id)
    ids = [station_id, reference_id, *units]
    return lake.observations([pollutant, "rh", "temp"], station_ids=ids), units


def save(lake: Lake, calibration: Calibration, *, author: str = "", now: datetime | None = None) -> str:
    """Store a calibration as the station's newest and return its import.

    Raises
    ------
    UserError
        Where the station is not stored.
    """
    text = json.dumps(calibration.to_dict(), sort_keys=True, ensure_ascii=False)
    name = f"{calibration.station_id} – {calibration.reference_id}, {calibration.version}"
    return _keep(lake, (KIND, "calibration", text), calibration.station_id, name, author, now)


def choose(
    lake: Lake, station_id: str, pollutant: str, chosen: str = "", *, author: str = "", now: datetime | None = None
) -> str:
    """Let a version count for a station, or none where `chosen` is empty, and return the import that says so.

    Parameters
    ----------
    chosen : str
        Import of a stored calibration of this station and pollutant.

    Raises
    ------
    UserError
        Where there is no such station or version.
    """
    versions = {s.import_id: s.calibration.version for s in history(lake, station_id, pollutant)}
    if chosen and chosen not in versions:
        raise UserError(
            "Station {station} has no calibration {import_id} (any more).", station=station_id, import_id=chosen
        )
    body = json.dumps({"station_id": station_id, "pollutant": pollutant, "chosen": chosen}, sort_keys=True)
    name = f"{station_id}, {pollutant}: {versions.get(chosen, '–')}"
    return _keep(lake, (CHOICE, "choice", body), station_id, name, author, now)


def _keep(
    lake: Lake, what: tuple[str, str, str], station_id: str, name: str, author: str, now: datetime | None
) -> str:
    """Store an import that holds no rows but a text: `what` is its kind, the text's name and the text."""
    kind, word, text = what
    station = lake.read("stations", "station_id = ?", [station_id])
    if station.empty:
        raise UserError("There is no station {station}.", station=station_id)
    made = now or datetime.now(UTC)
    digest = hashlib.sha256(f"{text}{made.isoformat()}".encode()).hexdigest()
    record = ImportRecord(
        kind=kind,
        file_name=name,
        import_id=f"{kind}-{digest[:16]}",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        rows_read=1,
        rows_kept=1,
        mapping={word: text},
        source=author,
        simulated=bool(station["simulated"].fillna(False).iloc[0]),
        imported_at=made,
    )
    lake.append({}, record=record)
    return record.import_id


def _rows(lake: Lake, kind: str, snapshot: int | None) -> list[dict[str, Any]]:
    table = lake.read("imports", "kind = ?", [kind], snapshot=snapshot)
    rows: list[Any] = table.to_dict("records")
    return sorted(rows, key=lambda row: row["imported_at"], reverse=True)


def history(lake: Lake, station_id: str = "", pollutant: str = "", *, snapshot: int | None = None) -> list[Stored]:
    """Return every stored calibration (of a station, of a pollutant), newest first."""
    found = [
        Stored(
            str(row["import_id"]),
            row["imported_at"].to_pydatetime(),
            str(row["source"] or ""),
            Calibration.from_dict(json.loads(json.loads(row["mapping"])["calibration"])),
        )
        for row in _rows(lake, KIND, snapshot)
    ]
    return [
        stored for stored in found
        if station_id in ("", stored.calibration.station_id) and pollutant in ("", stored.calibration.pollutant)
    ]  # fmt: skip


def choices(lake: Lake, *, snapshot: int | None = None) -> list[Choice]:
    """Return every choice of a version, newest first."""
    return [
        Choice(
            str(row["import_id"]), row["imported_at"].to_pydatetime(), str(row["source"] or ""),
            **json.loads(json.loads(row["mapping"])["choice"]),
        )
        for row in _rows(lake, CHOICE, snapshot)
    ]  # fmt: skip


def current(lake: Lake, *, snapshot: int | None = None) -> list[Stored]:
    """Return the calibration that counts for each station and pollutant: the latest one made or chosen."""
    made = history(lake, snapshot=snapshot)
    if not made:
        return []
    by_import = {stored.import_id: stored for stored in made}
    events: list[tuple[datetime, tuple[str, str], Stored | None]] = [
        (stored.made_at, (stored.calibration.station_id, stored.calibration.pollutant), stored) for stored in made
    ]
    for choice in choices(lake, snapshot=snapshot):
        if not choice.chosen or choice.chosen in by_import:  # a version that was taken back can't count
            events.append((choice.made_at, (choice.station_id, choice.pollutant), by_import.get(choice.chosen)))
    latest: dict[tuple[str, str], Stored | None] = {}
    for _, key, stored in sorted(events, key=lambda event: event[0], reverse=True):
        latest.setdefault(key, stored)
    return [stored for stored in latest.values() if stored is not None]


def with_errors(
    lake: Lake, stations: _Table, pollutant: str, *, hours: int = 24, snapshot: int | None = None
) -> _Table:
    """Return stations with the error of their calibrated readings as ``error_sd`` (µg/m³) in place of the stated one.

    Parameters
    ----------
    stations : DataFrame
        With ``station_id`` and ``error_sd``.
    hours : int
        Averaging period of the readings: 24, or 1.
    """
    errors = {
        stored.calibration.station_id: stored.calibration.error_sd(hours)
        for stored in current(lake, snapshot=snapshot)
        if stored.calibration.pollutant == pollutant
    }
    if not errors:
        return stations
    own = stations["station_id"].astype(str).map(errors).astype(float)
    return stations.assign(error_sd=own.where(own.notna(), stations["error_sd"]))


def calibrated(
    lake: Lake, observations: pd.DataFrame, *, snapshot: int | None = None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return observations with calibrated values in place of the raw ones.

    Parameters
    ----------
    observations : DataFrame
        As `Lake.observations` returns them; humidity and temperature that a method needs are read from the lake.
    snapshot : int, optional
        Take calibrations (and humidity) of that snapshot, so that an old result comes out the same.

    Returns
    -------
    observations : DataFrame
        The same rows; where a calibration applies, `raw` (µg/m³) and `calibration` (its version) are filled in.
    notes : tuple of Note
        Which stations were calibrated, and values that got lost for want of humidity or season.
    """
    stations = set(observations["station_id"].astype(str).unique())
    usable = [s.calibration for s in current(lake, snapshot=snapshot) if s.calibration.station_id in stations]
    usable = [c for c in usable if (observations["variable"] == c.pollutant).any()]
    if not usable or observations.empty:
        return observations, ()
    result = apply(observations, usable, _conditions(lake, observations, usable, snapshot))
    lost = result["calibration"].notna() & result["value"].isna() & observations["value"].notna()
    notes = [
        note(
            "Calibrated when read: {stations}.",
            stations=", ".join(f"{c.station_id} ({c.version})" for c in usable[:8]) + (" …" if len(usable) > 8 else ""),
        )
    ]
    if lost.any():
        notes.append(
            note(
                "{count} readings of calibrated stations have no humidity, temperature or season to be calibrated "
                "with and were left out.",
                level="warning",
                count=int(lost.sum()),
            )
        )
    return result, tuple(notes)


def _conditions(
    lake: Lake, observations: pd.DataFrame, calibrations: Sequence[Calibration], snapshot: int | None
) -> pd.DataFrame:
    """Return the humidity and temperature that the methods need, over the time of the readings."""
    wanted = sorted({variable for c in calibrations for variable in c.needed})
    if not wanted:
        return observations.iloc[:0]
    longest = pd.Timedelta(hours=max(int(observations["period_hours"].max()), 1))
    return lake.observations(
        wanted,
        start=observations["time"].min().floor("h").to_pydatetime(),
        end=(observations["time"].max() + longest).to_pydatetime(),
        station_ids=sorted({c.conditions_id or c.station_id for c in calibrations}),
        snapshot=snapshot,
    )
