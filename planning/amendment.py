"""What an amended plan is called and which projects it holds: เพิ่มเติม, เปลี่ยนแปลง or แก้ไข.

Question it answers: which kind of amendment do these forms file, and for which projects?

1. The kinds, their names and who decides are data (data/forms/amendments.toml).
2. The kind belongs to a document, not to a row: offices keep the reports of each kind apart. It stands behind the
   plan's name on every form, with its number and Buddhist-era year; each row gives its reason.
3. `touched` compares with the version that was filed before: an addition holds the rows that are new since, a change
   or a correction those that differ.

Scope cut: one document is of one kind; a revision that has two kinds is two documents.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from language import N_, UserError, translate

if TYPE_CHECKING:
    from planning.plan import Plan

FILE = Path(__file__).resolve().parents[1] / "data" / "forms" / "amendments.toml"

KINDS = ("add", "change", "correct")
"""เพิ่มเติม, เปลี่ยนแปลง, แก้ไข."""


@dataclass(frozen=True)
class Amendment:
    """One amendment of a plan.

    Attributes
    ----------
    kind : {"add", "change", "correct"}
    number : int
        Which time in its year, from 1.
    year : int or None
        Buddhist-era year it is filed in; None where the office has not said.
    since : int or None
        Version of the plan it is compared with; None where it holds the whole plan.
    rows : tuple of str
        Ids of the rows that differ from that version; read only where `since` is given.
    """

    kind: str
    number: int = 1
    year: int | None = None
    since: int | None = None
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UserError("“{kind}” is no kind of amendment; choose one of {known}.", kind=self.kind,
                            known=", ".join(KINDS))  # fmt: skip
        if self.number < 1:
            raise UserError("Amendments are counted from 1, not {number}.", number=self.number)

    def title(self, lang: str = "th") -> str:
        """Return kind, number and year: ``เพิ่มเติม ครั้งที่ 1/2569``."""
        name = str(kinds()[self.kind]["name_th" if lang == "th" else "name_en"])
        which = f"{self.number}/{self.year}" if self.year else str(self.number)
        return translate(N_("{kind} no. {which}"), lang).format(kind=name, which=which)


@cache
def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return the kinds with names, meaning and who decides, as the data file says."""
    try:
        found: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))
        return {kind: found[kind] for kind in KINDS}
    except (tomllib.TOMLDecodeError, KeyError, OSError) as error:
        raise UserError(
            "The layout file {file} cannot be read: {reason}.", file=FILE.name, reason=str(error)
        ) from error


def touched(before: Plan, after: Plan, kind: str) -> tuple[str, ...]:
    """Return the ids of the rows an amendment of `kind` holds, in the plan's order.

    An addition: rows that `before` did not have. A change or correction: rows of both that differ in words, form or
    budget.
    """
    was = {row.row_id: row for row in before.rows}
    if kind == "add":
        return tuple(row.row_id for row in after.rows if row.row_id not in was)
    return tuple(row.row_id for row in after.rows if row.row_id in was and row != was[row.row_id])


def amended(plan: Plan, amendment: Amendment | None, before: Plan | None = None) -> Plan:
    """Return the plan as an amendment, of the rows that differ from `before` where that is given."""
    if amendment is not None:
        rows = () if before is None else touched(before, plan, amendment.kind)
        since = None if before is None else before.version
        amendment = replace(amendment, since=since, rows=rows)
    return replace(plan, amendment=amendment)


def filed(plan: Plan) -> Plan:
    """Return what goes on paper: the rows of the amendment, or the whole plan.

    Raises
    ------
    UserError
        Nothing differs from the version the amendment is compared with.
    """
    chosen = plan.amendment
    if chosen is None or chosen.since is None:
        return plan
    rows = tuple(row for row in plan.rows if row.row_id in chosen.rows)
    if not rows:
        raise UserError("No project of this plan belongs to the amendment: compare it with another version.")
    return replace(plan, rows=rows)


def from_stored(stored: Mapping[str, Any] | None) -> Amendment | None:
    """Read an amendment from a plan's plain values."""
    return None if stored is None else Amendment(**{**stored, "rows": tuple(stored.get("rows", ()))})
