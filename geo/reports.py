"""Records of meetings: a pin or a show of hands is stored, taken back, and put on the table of results.

1. `Meeting` names a meeting by day and place; nobody who speaks in it is named.
2. `add` stores one report, `undo` takes the newest of a meeting back; each is one transaction.
3. `totals` counts reports and hands of each kind.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import pandas as pd

from geo.lake import Lake
from geo.readers.reports import meeting_id, without_people
from geo.schema import REPORT_KINDS, ImportRecord
from language import N_, Note, UserError, note

KIND_WORDS = {
    "smoke": N_("smoke"),
    "dust": N_("dust in the air"),
    "smell": N_("smell"),
    "burning": N_("open burning"),
    "praise": N_("praise"),
    "idea": N_("idea"),
}
"""What people speak of, in words for a slide."""

KIND_COLOURS = {
    "smoke": "#374151", "dust": "#7F3E06", "smell": "#6D28D9", "burning": "#B91C1C", "praise": "#0F766E",
    "idea": "#1D4ED8",
}  # fmt: skip
"""White signs on each have a contrast over 4.5; sign or word stand beside the colour."""

MOST = 100_000
"""Hands in one hall; more is a slip of the keyboard."""


@dataclass(frozen=True)
class Meeting:
    """A meeting: where and when it is held.

    Attributes
    ----------
    day : date
        In Bangkok.
    place : str
        The hall, not a person.
    simulated : bool
        A made-up meeting, as in the demo.
    """

    day: date
    place: str
    simulated: bool = False

    @property
    def meeting_id(self) -> str:
        """Return the same identifier for the same day and place."""
        return meeting_id(self.day.isoformat(), self.place, self.simulated)


def add(
    lake: Lake, meeting: Meeting, kind: str, votes: int = 1, *,
    lat: float | None = None, lon: float | None = None, said: str = "",
) -> str:  # fmt: skip
    """Store one report and return its ``report_id``.

    Parameters
    ----------
    kind : str
        One of `geo.schema.REPORT_KINDS`.
    votes : int
        Hands raised, at least 1.
    lat, lon : float, optional
        Degrees (WGS84); praise and ideas may be without a place.
    said : str
        What was said; telephone numbers, mail and addresses in it are not stored.

    Raises
    ------
    UserError
        Where a complaint has no place, or the number of hands is no such number.
    """
    if kind not in REPORT_KINDS:
        raise ValueError(kind)
    if not 1 <= votes <= MOST:
        raise UserError("The number of hands must be 1 to 100,000.")
    if (lat is None or lon is None) and kind not in ("praise", "idea"):
        raise UserError("Click the map first, where people mean; only praise and ideas may be without a place.")
    report_id = uuid.uuid4().hex[:12]
    place = without_people(meeting.place)
    row = {
        "report_id": report_id, "meeting_id": meeting.meeting_id, "meeting_date": meeting.day.isoformat(),
        "place": place, "kind": kind, "votes": votes, "lat": lat, "lon": lon, "note": without_people(said) or None,
        "source": f"meeting {meeting.day.isoformat()}", "simulated": meeting.simulated,
    }  # fmt: skip
    record = ImportRecord(
        kind="reports", file_name=f"meeting {meeting.day.isoformat()} {place}".strip(), rows_read=1, rows_kept=1,
        source="meeting", simulated=meeting.simulated,
    )  # fmt: skip
    lake.upsert({"reports": pd.DataFrame([row])}, record=record)
    return report_id


def undo(lake: Lake, meeting: Meeting) -> bool:
    """Take back the newest report that was added to a meeting one by one; return whether there was one."""
    found = lake.query(
        "SELECT r.import_id FROM lake.reports r JOIN lake.imports i USING (import_id) "
        "WHERE r.meeting_id = ? AND i.rows_read = 1 ORDER BY i.imported_at DESC LIMIT 1",
        [meeting.meeting_id],
    )
    if found.empty:
        return False
    lake.remove_import(str(found.iloc[0, 0]))
    return True


def hands(votes: int) -> Note:
    """Return ``1 hand`` or ``12 hands``."""
    return note("1 hand") if votes == 1 else note("{votes} hands", votes=f"{votes:,}")


def times(count: int) -> Note:
    """Return ``1 pin or vote`` or ``3 pins or votes``."""
    return note("1 pin or vote") if count == 1 else note("{count} pins or votes", count=f"{count:,}")


def totals(reports: pd.DataFrame) -> pd.DataFrame:
    """Return reports and hands of each kind that occurs: index kind, columns reports, votes; most hands first."""
    grouped = reports.groupby("kind")["votes"].agg(["size", "sum"])
    grouped.columns = pd.Index(["reports", "votes"])
    return grouped.astype("int64").sort_values(["votes", "reports"], ascending=False, kind="stable")
