"""Calibrations kept in the lake, version by version, and applied when readings are read.

A calibration is stored as an import of its own: it has a time, a source and a body (`Calibration.to_dict`), it
travels with backups and snapshots, and it can be taken back like any import. In the same transaction the
station gets the residual standard deviation as its ``error_sd``, which the kriging uses as that sensor's error;
taking the calibration back brings the old one back. Readings in the lake stay raw. The newest calibration of a
station and pollutant counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from geo.calibration import Calibration, apply
from geo.lake import Lake
from geo.schema import TABLES, ImportRecord
from language import Note, UserError, note

KIND = "calibration"
"""Kind of these imports."""


@dataclass(frozen=True)
class Stored:
    """A calibration with the import that it is, and when it was made."""

    import_id: str
    made_at: datetime
    author: str
    calibration: Calibration


def save(lake: Lake, calibration: Calibration, *, author: str = "", now: datetime | None = None) -> str:
    """Store a calibration as the station's newest and return its import.

    Raises
    ------
    UserError
        Where the station is not stored.
    """
    station = lake.read("stations", "station_id = ?", [calibration.station_id])
    if station.empty:
        raise UserError("There is no station {station}.", station=calibration.station_id)
    body = calibration.to_dict()
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    made = now or datetime.now(UTC)
    digest = hashlib.sha256(f"{text}{made.isoformat()}".encode()).hexdigest()
    record = ImportRecord(
        kind=KIND,
        file_name=f"{calibration.station_id} – {calibration.reference_id}, {calibration.version}",
        import_id=f"{KIND}-{digest[:16]}",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        rows_read=calibration.days,
        rows_kept=1,
        mapping={"calibration": text},
        source=author,
        simulated=bool(station["simulated"].fillna(False).iloc[0]),
        imported_at=made,
    )
    table = station[[c for c in TABLES["stations"].columns if c != "import_id"]]
    lake.append({"stations": table.assign(error_sd=calibration.residual_sd)}, record=record)
    return record.import_id


def history(lake: Lake, station_id: str = "", *, snapshot: int | None = None) -> list[Stored]:
    """Return every stored calibration (of a station), newest first."""
    rows = lake.read("imports", "kind = ?", [KIND], snapshot=snapshot)
    found = [
        Stored(
            str(row["import_id"]),
            row["imported_at"].to_pydatetime(),
            str(row["source"] or ""),
            Calibration.from_dict(json.loads(json.loads(row["mapping"])["calibration"])),
        )
        for row in rows.to_dict("records")
    ]
    found.sort(key=lambda stored: stored.made_at, reverse=True)
    return [stored for stored in found if station_id in ("", stored.calibration.station_id)]


def current(lake: Lake, *, snapshot: int | None = None) -> list[Stored]:
    """Return the newest calibration of each station and pollutant."""
    newest: dict[tuple[str, str], Stored] = {}
    for stored in history(lake, snapshot=snapshot):
        newest.setdefault((stored.calibration.station_id, stored.calibration.pollutant), stored)
    return list(newest.values())


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
    helpers = _conditions(lake, observations, usable, snapshot)
    both = pd.concat([observations, helpers], ignore_index=True)
    result = apply(both, usable).iloc[: len(observations)]
    result.index = observations.index
    done = result["calibration"].notna()
    lost = done & result["value"].isna() & observations["value"].notna()
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
    """Return the humidity and temperature that the methods need and `observations` lacks."""
    needed = {"humidity": ("rh",), "humidity-temperature": ("rh", "temp")}
    wanted = {variable for c in calibrations for variable in needed.get(c.method, ())}
    missing = sorted(wanted - set(observations["variable"].astype(str).unique()))
    if not missing:
        return observations.iloc[:0]
    return lake.observations(
        missing,
        start=observations["time"].min().to_pydatetime(),
        end=(observations["time"].max() + pd.Timedelta(hours=1)).to_pydatetime(),
        station_ids=sorted({c.station_id for c in calibrations}),
        snapshot=snapshot,
    )
