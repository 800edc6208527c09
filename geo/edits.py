"""What people put right about a station by hand: its names, its place, whether it is shown at all.

1. An edit is an entry of a log (table ``edits``): which station, what was before, what is after, when, and, if they
   want to say so, who and why. No entry is ever changed or deleted.
2. Taking an edit back is another entry, which names the one it undoes; it can be undone in turn.
3. The stored row of the station stays as it was imported or fetched. The entries in force are laid over it, in
   their order, whenever stations are read, at the snapshot that is read: so every map, screening and check sees
   the edited station, a later fetch can't lose an edit, and an old result comes out the same.

A hidden station is left out of everything that is computed or drawn; its readings stay stored. A place that was
put right by hand lifts the flag "position" from the station's readings.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from language import N_, Note, UserError, note, translate

if TYPE_CHECKING:
    from geo.lake import Lake

ACTIONS: Mapping[str, str] = {
    "rename": N_("renamed"), "move": N_("moved"), "confirm": N_("place confirmed"), "hide": N_("hidden"),
    "show": N_("shown again"), "undo": N_("taken back"),
}  # fmt: skip
"""English word (message id) of each action."""

_LONGEST = 200
_FIELDS = ("name_th", "name_en", "lat", "lon", "hidden")
_NEAR = 0.1
"""Degrees around the stations of a result in which a hidden one is named."""

_FAR = 50_000.0
"""Metres: a station that is moved farther has probably got another one's position."""


@dataclass(frozen=True)
class Edit:
    """One entry of the log.

    Attributes
    ----------
    before, after : mapping
        The fields that the entry changes: name_th, name_en, lat, lon (degrees, WGS84), hidden.
    undoes : str
        The entry that an "undo" takes back.
    in_force : bool
        Whether nothing has taken it back.
    """

    edit_id: str
    station_id: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    undoes: str
    reason: str
    author: str
    edited_at: datetime
    in_force: bool


def in_force(log: pd.DataFrame) -> pd.Series[bool]:
    """Return which entries of the log nothing has taken back."""
    taken_back: dict[str, bool] = {}
    # An entry can only be undone by a later one, so from the newest to the oldest each is settled at once.
    for row in log.sort_values(["edited_at", "edit_id"], ascending=False).to_dict("records"):
        stands = not taken_back.get(row["edit_id"], False)
        if row["action"] == "undo" and stands:
            taken_back[row["undoes"]] = True
    return ~log["edit_id"].map(taken_back).fillna(False).astype(bool)


def changes(log: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the fields of each station that the log's entries in force set, the newest of each field."""
    if log.empty:
        return {}
    found: dict[str, dict[str, Any]] = {}
    standing = log[in_force(log) & log["action"].ne("undo")].sort_values(["edited_at", "edit_id"])
    for row in standing.to_dict("records"):
        found.setdefault(str(row["station_id"]), {}).update(json.loads(row["after"]))
    return found


def moved(log: pd.DataFrame) -> list[str]:
    """Return the stations whose place was put right by hand."""
    return sorted(station for station, fields in changes(log).items() if "lat" in fields)


def columns(log: pd.DataFrame) -> str:
    """Return the columns of ``observations`` to select: a place put right by hand is suspicious no more."""
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in moved(log))
    if not names:
        return "*"
    return f"* REPLACE (CASE WHEN flag = 'position' AND station_id IN ({names}) THEN NULL ELSE flag END AS flag)"


def overlay(stations: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """Return stations as they were edited, with the column ``hidden``."""
    result = stations.assign(hidden=False)
    for station, fields in changes(log).items():
        rows = result["station_id"] == station
        if rows.any():
            for name, value in fields.items():
                result.loc[rows, name] = value
    return result


def entries(lake: Lake, station_id: str = "", *, snapshot: int | None = None) -> list[Edit]:
    """Return the log (of a station), newest first."""
    log = lake.read("edits", snapshot=snapshot)
    log = log.assign(stands=in_force(log)).sort_values(["edited_at", "edit_id"], ascending=False)
    return [
        Edit(
            str(row["edit_id"]), str(row["station_id"]), str(row["action"]), json.loads(row["before"]),
            json.loads(row["after"]), row["undoes"] or "", row["reason"] or "", row["author"] or "",
            row["edited_at"].to_pydatetime(), bool(row["stands"]),
        )
        for row in log.to_dict("records") if station_id in ("", row["station_id"])
    ]  # fmt: skip


def rename(
    lake: Lake, station_id: str, *, name_th: str | None = None, name_en: str | None = None, author: str = "",
    reason: str = "",
) -> Edit:  # fmt: skip
    """Give a station other names and return the entry; a name that is None stays.

    Raises
    ------
    UserError
        Where there is no such station, a name is empty or too long, or nothing would change.
    """
    wanted = {}
    for field, text in (("name_th", name_th), ("name_en", name_en)):
        if text is None:
            continue
        clean = " ".join(text.split())
        if not clean:
            raise UserError("A station needs a name; write one, or leave the old one.")
        if len(clean) > _LONGEST:
            raise UserError("The name is too long: {length} letters, at most {most}.", length=len(clean), most=_LONGEST)
        wanted[field] = clean
    return _enter(lake, station_id, "rename", wanted, author, reason)


def move(lake: Lake, station_id: str, lat: float, lon: float, *, author: str = "", reason: str = "") -> Edit:
    """Put a station where it really stands (degrees, WGS84) and return the entry.

    Raises
    ------
    UserError
        Where there is no such station, the position is impossible, or nothing would change.
    """
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180) or (lat == lon == 0):
        raise UserError(
            "{lat}, {lon} is no position on earth: latitude is between -90 and 90, longitude between -180 and 180 "
            "degrees.",
            lat=f"{lat:g}", lon=f"{lon:g}",
        )  # fmt: skip
    return _enter(lake, station_id, "move", {"lat": round(lat, 6), "lon": round(lon, 6)}, author, reason)


def confirm(lake: Lake, station_id: str, *, author: str = "", reason: str = "") -> Edit:
    """Say that a station's place is right and return the entry: its readings are no longer suspicious.

    Raises
    ------
    UserError
        Where there is no such station, or its place is not known.
    """
    place = _fields(lake, station_id, {"lat": None, "lon": None})
    if place["lat"] is None or place["lon"] is None:
        raise UserError("The place of {station} is not known; say where it stands.", station=station_id)
    return _write(lake, station_id, "confirm", place, place, author, reason)


def hide(lake: Lake, station_id: str, *, author: str = "", reason: str = "") -> Edit:
    """Leave a station out of everything and return the entry; its readings stay stored."""
    return _enter(lake, station_id, "hide", {"hidden": True}, author, reason)


def show(lake: Lake, station_id: str, *, author: str = "", reason: str = "") -> Edit:
    """Bring a hidden station back and return the entry."""
    return _enter(lake, station_id, "show", {"hidden": False}, author, reason)


def undo(lake: Lake, edit_id: str, *, author: str = "", reason: str = "") -> Edit:
    """Take an entry back (an "undo" too) and return the new entry.

    Raises
    ------
    UserError
        Where there is no such entry, or it was taken back already.
    """
    found = next((edit for edit in entries(lake) if edit.edit_id == edit_id), None)
    if found is None:
        raise UserError("There is no edit {edit}.", edit=edit_id)
    if not found.in_force:
        raise UserError("The edit {edit} was taken back already.", edit=edit_id)
    log = lake.read("edits")
    trial = {"edit_id": "trial", "station_id": found.station_id, "action": "undo", "after": "{}", "undoes": edit_id}
    later = pd.DataFrame([{**trial, "edited_at": _now(log)}])
    stored = lake.read("stations", "station_id = ?", [found.station_id])
    # What comes back is not always what was before the entry: later ones may have changed the same field.
    before, after = (
        _values(overlay(stored, edits), found.before) for edits in (log, pd.concat([log, later], ignore_index=True))
    )
    return _write(lake, found.station_id, "undo", before, after, author, reason, undoes=edit_id)


def plain(fields: Mapping[str, Any], lang: str) -> str:
    """Return the fields of an entry in words: names, the position, hidden or shown."""
    words = [str(fields[name]) for name in ("name_th", "name_en") if fields.get(name)]
    if fields.get("lat") is not None:
        words.append(f"{fields['lat']:.5f}, {fields['lon']:.5f}")
    if "hidden" in fields:
        words.append(translate(ACTIONS["hide"] if fields["hidden"] else N_("shown"), lang))
    return " / ".join(words) or "–"


def far_moved(edit: Edit) -> float:
    """Return by how many metres an entry moves a station, NaN where it doesn't."""
    if "lat" not in edit.after or edit.before.get("lat") is None:
        return math.nan
    east = (edit.after["lon"] - edit.before["lon"]) * math.cos(math.radians(edit.after["lat"]))
    return 111_195.0 * math.hypot(edit.after["lat"] - edit.before["lat"], east)


def warning(edit: Edit) -> Note | None:
    """Return a sentence where an entry deserves a second look."""
    metres = far_moved(edit)
    if metres > _FAR:
        return note(
            "{station} was moved by {km} km. Is that right? It can be taken back.",
            level="warning", station=edit.station_id, km=round(metres / 1000),
        )  # fmt: skip
    return None


def notes(lake: Lake, stations: pd.DataFrame, *, snapshot: int | None = None) -> list[Note]:
    """Return which of these stations were moved by hand, and which are hidden among them: what a result must say."""
    log = lake.read("edits", snapshot=snapshot)
    if log.empty:
        return []
    here = set(stations["station_id"])
    shifted = [station for station in moved(log) if station in here]
    said = []
    if shifted:
        said.append(note("Stations whose place was put right by hand: {stations}.", stations=", ".join(shifted)))
    every = lake.stations(hidden=True, snapshot=snapshot)
    around = every["lat"].between(stations["lat"].min() - _NEAR, stations["lat"].max() + _NEAR)
    around &= every["lon"].between(stations["lon"].min() - _NEAR, stations["lon"].max() + _NEAR)
    hidden = sorted(every.loc[every["hidden"] & around, "station_id"])
    if hidden:
        said.append(note("Stations hidden by hand and not used: {stations}.", stations=", ".join(hidden[:8])))
    return said


def _fields(lake: Lake, station_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the present values of some fields of a station."""
    found = lake.stations(hidden=True)
    row = found[found["station_id"] == station_id]
    if row.empty:
        raise UserError("There is no station {station}.", station=station_id)
    return _values(row, wanted)


def _values(row: pd.DataFrame, wanted: Iterable[str]) -> dict[str, Any]:
    """Return some fields of a table's only row; of none where the station isn't stored any more."""
    values = {name: row[name].iloc[0] for name in wanted} if len(row) else {}
    return {name: None if pd.isna(value) else _plain(value) for name, value in values.items()}


def _now(log: pd.DataFrame) -> datetime:
    """Return the present moment, later than every entry: the clocks of two computers may differ."""
    now = datetime.now(UTC)
    return now if log.empty else max(now, log["edited_at"].max().to_pydatetime() + timedelta(microseconds=1))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _enter(lake: Lake, station_id: str, action: str, wanted: Mapping[str, Any], author: str, reason: str) -> Edit:
    before = _fields(lake, station_id, wanted or dict.fromkeys(_FIELDS))
    if all(before[name] == value for name, value in wanted.items()):
        raise UserError("Nothing changed: {station} is so already.", station=station_id)
    return _write(lake, station_id, action, before, wanted, author, reason)


def _write(
    lake: Lake, station_id: str, action: str, before: Mapping[str, Any], after: Mapping[str, Any], author: str,
    reason: str, *, undoes: str = "",
) -> Edit:  # fmt: skip
    edit = Edit(
        uuid.uuid4().hex[:12], station_id, action, before, after, undoes, " ".join(reason.split())[:_LONGEST],
        " ".join(author.split())[:_LONGEST], _now(lake.read("edits")), True,
    )  # fmt: skip
    simulated = lake.read("stations", "station_id = ?", [station_id])["simulated"].fillna(False).any()
    row = {
        "edit_id": edit.edit_id, "station_id": station_id, "action": action,
        "before": json.dumps(before, ensure_ascii=False), "after": json.dumps(after, ensure_ascii=False),
        "undoes": undoes, "reason": edit.reason, "author": edit.author, "edited_at": edit.edited_at,
        "simulated": bool(simulated),
    }  # fmt: skip
    lake.insert_rows({"edits": pd.DataFrame([row])}, f"edit: {action} {station_id}")
    return edit
