"""The plan: an immutable table of project rows, and the pure functions that change it.

Question it answers: which projects does the town put into its five-year plan, for which zone, at
what cost a year, and who does them?

1. `from_screening` proposes rows for every priority zone (`planning.measures`) with empty budgets:
   a price is never invented.
2. `add`, `remove`, `edit`, `move` and `set_budget` return a new plan; `History` holds the way back.
3. `problems` says in words what is missing or wrong; `totals` adds up by year and group.
4. `to_json` / `from_json` keep author, version, lake snapshot and parameters with the rows.

Scope cuts: amounts are whole baht; a plan belongs to one local government.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd

from language import UserError
from planning import amendment as amendments
from planning import measures
from planning.amendment import Amendment
from planning.checks import problems, refuse_errors, totals
from planning.rows import FORMS, PROGRAMMES, TEXTS, Budget, PlanRow, budgets, clean_text, parse_budget
from planning.targets import Target, baselines, from_stored

if TYPE_CHECKING:
    from planning.screening import Screening

__all__ = [
    "FORMS",
    "PROGRAMMES",
    "ROUNDS",
    "TEXTS",
    "Budget",
    "History",
    "Plan",
    "PlanRow",
    "add",
    "budgets",
    "edit",
    "from_dict",
    "from_frame",
    "from_json",
    "from_screening",
    "move",
    "parse_budget",
    "problems",
    "refuse_errors",
    "remove",
    "saved",
    "set_budget",
    "sorted_by",
    "to_dict",
    "to_frame",
    "to_json",
    "totals",
    "with_round",
]

T = TypeVar("T")

FORMAT = 1
"""Version of the JSON a plan is saved in."""

ROUNDS = (2566, 2571)
"""First Buddhist-era year of the five-year rounds whose forms are known."""


@dataclass(frozen=True)
class Plan:
    """A five-year plan of one local government.

    Attributes
    ----------
    name, lao_name : str
        Name of the plan and of the local government.
    round : {2566, 2571}
        First year (Buddhist era) of the round.
    rows : tuple of PlanRow
        Projects in the order of the form.
    author : str
        Who saved it last.
    version : int
        Counts up each time it is saved; 0 for a proposal.
    saved_at : str
        UTC time of the last save, ISO 8601; empty for a proposal.
    snapshot : int or None
        Lake snapshot the screening was computed from.
    parameters : mapping
        Parameters of the screening.
    simulated : bool
        True where any input was simulated: every export says so.
    vision : str
        Vision of the plan, written by the office.
    ladder : tuple of str, length 5
        Lines ก. to จ. of the 2566–2570 form, written by the office.
    targets : tuple of Target
        KPIs with baseline and yearly targets.
    amendment : Amendment or None
        Kind of amendment that its forms file; None for the plan itself.
    """

    name: str
    lao_name: str
    round: int
    rows: tuple[PlanRow, ...] = ()
    author: str = ""
    version: int = 0
    saved_at: str = ""
    snapshot: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    vision: str = ""
    ladder: tuple[str, ...] = ("", "", "", "", "")
    targets: tuple[Target, ...] = ()
    amendment: Amendment | None = None

    def __post_init__(self) -> None:
        if self.round not in ROUNDS:
            raise UserError(
                "The round {round} is not known; choose one that begins in {known}.",
                round=self.round,
                known=", ".join(map(str, ROUNDS)),
            )

    @property
    def years(self) -> tuple[int, ...]:
        """The five years of the round, Buddhist era."""
        return tuple(range(self.round, self.round + 5))

    def row(self, row_id: str) -> PlanRow:
        """Return a row by its id."""
        for candidate in self.rows:
            if candidate.row_id == row_id:
                return candidate
        raise UserError("The plan has no row {row}.", row=row_id)


# ------------------------------------------------------------------------------ changes


def add(plan: Plan, row: PlanRow, at: int | None = None) -> Plan:
    """Return the plan with `row` before position `at` (at the end by default).

    A row id that is taken gets a number of its own.
    """
    taken = {r.row_id for r in plan.rows}
    row_id, count = row.row_id or "row", 2
    while row_id in taken:
        row_id, count = f"{row.row_id or 'row'}-{count}", count + 1
    at = len(plan.rows) if at is None else max(0, min(at, len(plan.rows)))
    return replace(plan, rows=(*plan.rows[:at], replace(row, row_id=row_id), *plan.rows[at:]))


def remove(plan: Plan, row_id: str) -> Plan:
    """Return the plan without a row."""
    plan.row(row_id)
    return replace(plan, rows=tuple(r for r in plan.rows if r.row_id != row_id))


def edit(plan: Plan, row_id: str, **changes: Any) -> Plan:
    """Return the plan with some fields of a row changed.

    Budgets may be a sequence of five, as numbers or as they are typed (``"1,200,000"``, ``"-"``).
    """
    old = plan.row(row_id)
    unknown = sorted(set(changes) - {f.name for f in fields(PlanRow)} | ({"row_id"} & set(changes)))
    if unknown:
        raise UserError("A plan row has no editable field {field}.", field=", ".join(unknown))
    if "budgets" in changes:
        changes["budgets"] = budgets(changes["budgets"])
    for name in TEXTS:
        if name in changes:
            changes[name] = clean_text(changes[name])
    if changes.get("form", old.form) not in FORMS:
        raise UserError("There is no form {form}; choose one of {known}.", form=changes["form"], known=", ".join(FORMS))
    touched = {name for name, value in changes.items() if value != getattr(old, name)}
    english = {k: v for k, v in old.english.items() if k not in touched}
    new = replace(old, **{"english": english, **changes})
    return replace(plan, rows=tuple(new if r.row_id == row_id else r for r in plan.rows))


def set_budget(plan: Plan, row_id: str, year: int, amount: object) -> Plan:
    """Return the plan with one budget cell set, by Buddhist-era year."""
    if year not in plan.years:
        raise UserError(
            "The year {year} is not in the round {first}–{last}.", year=year, first=plan.years[0], last=plan.years[-1]
        )
    cells = list(plan.row(row_id).budgets)
    cells[plan.years.index(year)] = parse_budget(amount)
    return edit(plan, row_id, budgets=cells)


def move(plan: Plan, row_id: str, to: int) -> Plan:
    """Return the plan with a row moved to position `to` (from 0)."""
    row = plan.row(row_id)
    rest = [r for r in plan.rows if r.row_id != row_id]
    at = max(0, min(to, len(rest)))
    return replace(plan, rows=(*rest[:at], row, *rest[at:]))


def sorted_by(plan: Plan, by: str) -> Plan:
    """Return the plan with its rows in the order of a text field, ``form`` or ``total`` (largest first).

    Rows that are alike keep their order; an empty text stands last.
    """
    if by == "total":
        return replace(plan, rows=tuple(sorted(plan.rows, key=lambda r: -r.total)))
    if by == "form":
        return replace(plan, rows=tuple(sorted(plan.rows, key=lambda r: list(FORMS).index(r.form))))
    if by not in {*TEXTS, "zone_name"}:
        raise UserError("A plan row has no editable field {field}.", field=by)
    return replace(plan, rows=tuple(sorted(plan.rows, key=lambda r: (not getattr(r, by), str(getattr(r, by))))))


def with_round(plan: Plan, first_year: int) -> Plan:
    """Return the plan for another round; the amounts keep their place (first year, second year, …)."""
    return replace(plan, round=first_year)


def saved(plan: Plan, author: str, when: datetime | None = None) -> Plan:
    """Return the plan as its next version, with who saved it and when (UTC)."""
    moment = (when or datetime.now(UTC)).astimezone(UTC)
    return replace(plan, author=author.strip(), version=plan.version + 1, saved_at=moment.isoformat(timespec="seconds"))


@dataclass(frozen=True)
class History(Generic[T]):
    """A plan (or another immutable thing) with its past and its undone future.

    Examples
    --------
    >>> history = History(Plan("p", "ทต.ตัวอย่าง", 2571))
    >>> history = history.do(add(history.present, PlanRow("a", "โครงการ")))
    >>> len(history.undo().present.rows), len(history.undo().redo().present.rows)
    (0, 1)
    """

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()
    depth: int = 200

    def do(self, new: T) -> History[T]:
        """Return the history with `new` as its present; nothing happens where nothing changed."""
        if new == self.present:
            return self
        return replace(self, present=new, past=(*self.past, self.present)[-self.depth :], future=())

    def undo(self) -> History[T]:
        """Return the history one step back; itself at the beginning."""
        if not self.past:
            return self
        return replace(self, present=self.past[-1], past=self.past[:-1], future=(self.present, *self.future))

    def redo(self) -> History[T]:
        """Return the history one step forth; itself at the end."""
        if not self.future:
            return self
        return replace(self, present=self.future[0], past=(*self.past, self.present), future=self.future[1:])


# ------------------------------------------------------------------------------ as a table


def to_frame(plan: Plan) -> pd.DataFrame:
    """Return the rows as a table for an editor: text fields, one ``Int64`` column a year, flags."""
    table = pd.DataFrame(
        [
            {
                "row_id": r.row_id,
                "zone_id": r.zone_id,
                **{t: getattr(r, t) for t in TEXTS},
                **{str(y): b for y, b in zip(plan.years, r.budgets, strict=True)},
                "form": r.form,
                "role": r.role,
                "verified": r.verified,
                "measure_id": r.measure_id,
            }
            for r in plan.rows
        ],
        columns=["row_id", "zone_id", *TEXTS, *map(str, plan.years), "form", "role", "verified", "measure_id"],
    )
    return table.astype({str(y): "Int64" for y in plan.years})


def from_frame(plan: Plan, table: pd.DataFrame) -> Plan:
    """Return the plan with its rows as in an edited table, in the table's order.

    A row whose ``row_id`` is unknown or empty is new; a row that is absent is removed; a column
    that is absent stays as it was.
    """
    known = {r.row_id: r for r in plan.rows}
    result = replace(plan, rows=())
    for record in table.to_dict("records"):
        row_id = clean_text(record.get("row_id"))
        result = add(result, known.get(row_id, PlanRow(row_id or f"own-{len(result.rows) + 1}", "")))
        row_id = result.rows[-1].row_id
        changes: dict[str, Any] = {t: record[t] for t in TEXTS if t in record}
        changes["budgets"] = [
            record.get(str(y), old) for y, old in zip(plan.years, result.rows[-1].budgets, strict=True)
        ]
        if clean_text(record.get("form")):
            changes["form"] = record["form"]
        result = edit(result, row_id, **changes)
    return result


# ------------------------------------------------------------------------------ saved


def to_dict(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain values."""
    stored = json.loads(json.dumps(asdict(plan), ensure_ascii=False, default=str))
    if plan.amendment is None:  # a plan saved before there were amendments stays the same file
        del stored["amendment"]
    return {"format": FORMAT, **stored}


def from_dict(stored: Mapping[str, Any]) -> Plan:
    """Read a plan that `to_dict` wrote; fields it doesn't know are refused in words."""
    if stored.get("format") != FORMAT:
        raise UserError(
            "This is not a plan of this program, or of a newer one (format {found}).", found=stored.get("format", "–")
        )
    body = {k: v for k, v in stored.items() if k != "format"}
    try:
        rows = tuple(PlanRow(**{**r, "budgets": budgets(r["budgets"])}) for r in body.pop("rows"))
        ladder, aims = tuple(body.get("ladder", ("",) * 5)), from_stored(body.get("targets", ()))
        amendment = amendments.from_stored(body.get("amendment"))
        return Plan(**{**body, "rows": rows, "ladder": ladder, "targets": aims, "amendment": amendment})
    except (KeyError, TypeError) as error:
        raise UserError("The plan file is damaged: {reason}.", reason=str(error)) from error


def to_json(plan: Plan) -> str:
    """Return the plan as JSON text, the same for the same plan."""
    return json.dumps(to_dict(plan), ensure_ascii=False, indent=1, sort_keys=True)


def from_json(text: str) -> Plan:
    """Read a plan from JSON text."""
    try:
        stored = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError("The plan file is not JSON (line {line}).", line=error.lineno) from error
    if not isinstance(stored, dict):
        raise UserError("This is not a plan of this program, or of a newer one (format {found}).", found="–")
    return from_dict(stored)


# ------------------------------------------------------------------------------ proposed


def from_screening(
    screening: Screening,
    first_year: int = 2571,
    *,
    lao_name: str | None = None,
    catalogue: pd.DataFrame | None = None,
    choose: Callable[[Sequence[PlanRow]], Sequence[PlanRow]] | None = tuple,
) -> Plan:
    """Propose a plan for the zones of a screening.

    Parameters
    ----------
    screening : Screening
        Its zones, factories, parameters, snapshot and simulated mark are used.
    first_year : {2566, 2571}
        Round of the forms.
    lao_name : str, optional
        Local government; the name of the screened area by default.
    catalogue : DataFrame, optional
        Measures; ``data/measures.csv`` by default.
    choose : callable, optional
        Picks or orders the proposed rows; with None nothing is proposed.
    """
    area = measures.area_name(screening)
    proposed = [] if choose is None else choose(measures.propose_all(
        screening.zones, screening.factories, catalogue, likely=screening.likely, area_name=area,
        pollutant=screening.parameters.pollutant,
    ))  # fmt: skip
    parameters = {
        k: str(v) if not isinstance(v, (int, float, bool, str, type(None), Mapping)) else v
        for k, v in vars(screening.parameters).items()
    }
    return Plan(
        name="",
        lao_name=lao_name if lao_name is not None else area[0],
        round=first_year,
        rows=tuple(proposed),
        snapshot=screening.snapshot,
        parameters=json.loads(json.dumps(parameters, default=dict)),
        simulated=bool(screening.simulated),
        targets=baselines(screening),
    )
