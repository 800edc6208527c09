"""Two versions of a plan, side by side: what was added, taken out and changed, cell by cell.

Question it answers: what did the office change since the version the council saw?

Rows are the same where their ``row_id`` is; a row that only stands in another place is said to have moved.
"""

from __future__ import annotations

import pandas as pd

from planning.plan import Plan
from planning.rows import TEXTS

HEAD = ("name", "lao_name", "round", "vision", "snapshot")
"""Fields of the plan itself that are compared."""

COLUMNS = ("kind", "row_id", "project", "field", "before", "after")


def differences(before: Plan, after: Plan) -> pd.DataFrame:
    """Return what differs between two versions, in the order of the later one.

    Returns
    -------
    DataFrame
        ``kind`` (``plan``, ``added``, ``removed``, ``changed`` or ``moved``), ``row_id``, ``project``,
        ``field`` (a text field, ``form``, a Buddhist-era year for a budget in baht, or ``total``),
        ``before`` and ``after`` as text, empty where nothing stood there.
    """
    found: list[tuple[str, ...]] = [
        ("plan", "", "", name, _said(getattr(before, name)), _said(getattr(after, name)))
        for name in HEAD
        if getattr(before, name) != getattr(after, name)
    ]
    if before.amendment != after.amendment:
        titles = ("" if p.amendment is None else p.amendment.title() for p in (before, after))
        found.append(("plan", "", "", "amendment", *titles))
    found += _aims(before, after)
    old = {row.row_id: row for row in before.rows}
    new = {row.row_id: row for row in after.rows}
    for row in after.rows:
        if row.row_id not in old:
            found.append(("added", row.row_id, row.project, "total", "", _said(row.total)))
            continue
        was = old[row.row_id]
        for name in (*TEXTS, "form"):
            if getattr(was, name) != getattr(row, name):
                found.append(("changed", row.row_id, row.project, name, getattr(was, name), getattr(row, name)))
        for index, year in enumerate(after.years):
            if was.budgets[index] != row.budgets[index]:
                cells = _said(was.budgets[index]), _said(row.budgets[index])
                found.append(("changed", row.row_id, row.project, str(year), *cells))
    found += [
        ("removed", row.row_id, row.project, "total", _said(row.total), "")
        for row in before.rows
        if row.row_id not in new
    ]
    return pd.DataFrame(found + _moved(before, after), columns=list(COLUMNS))


def _aims(before: Plan, after: Plan) -> list[tuple[str, ...]]:
    """Return the yearly targets that differ; a year stands where it stood, whatever the round."""
    was = {t.key: t.years for t in before.targets}
    return [
        ("plan", "", target.label("th"), str(after.years[i]), _said(old), _said(new))
        for target in after.targets
        for i, (old, new) in enumerate(zip(was.get(target.key, (None,) * 5), target.years, strict=True))
        if old != new
    ]


def _moved(before: Plan, after: Plan) -> list[tuple[str, ...]]:
    """Return the rows whose order among the kept ones changed: as few as explain the new order."""
    kept = {r.row_id for r in before.rows} & {r.row_id for r in after.rows}
    place = {row_id: i for i, row_id in enumerate((r.row_id for r in before.rows if r.row_id in kept), 1)}
    order = [r for r in after.rows if r.row_id in kept]
    best = [1] * len(order)
    for i, row in enumerate(order):
        best[i] += max((best[j] for j in range(i) if place[order[j].row_id] < place[row.row_id]), default=0)
    stay, want = set(), max(best, default=0)
    last = len(place) + 1
    for i in range(len(order) - 1, -1, -1):
        if best[i] == want and place[order[i].row_id] < last:
            stay.add(order[i].row_id)
            want, last = want - 1, place[order[i].row_id]
    return [
        ("moved", row.row_id, row.project, "place", str(place[row.row_id]), str(i))
        for i, row in enumerate(order, 1)
        if row.row_id not in stay
    ]


def _said(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and value > 9999 else str(value)
