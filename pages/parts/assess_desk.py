"""The self-assessment on the desk of this session: what was done, what can be undone, what was saved.

One for each area and version of the criteria; the newest saved one is on the desk to begin with.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st

from language import UserError
from pages.parts import plan_desk, results
from pages.parts.frame import Choice
from planning import assessment as assess
from planning import documents
from planning.assessment import Assessment
from planning.plan import History

_DESKS, _OWNER = "_assess_desks", "_assess_owner"


@dataclass(frozen=True)
class Desk:
    """One self-assessment being edited; `base` and `start` as in `plan_desk.Desk`."""

    history: History[Assessment]
    base: Assessment
    start: int = 0
    document_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])


def lay(chosen: Choice, version: str, fresh: Callable[[], Assessment]) -> None:
    """Put the area's self-assessment on the desk: the one being edited, the newest saved one, or a fresh one."""
    owner = f"{chosen.workspace_id}|{chosen.area}|{version}"
    st.session_state[_OWNER] = owner
    if owner in _desks():
        return
    kept = stored(chosen)
    kept = kept[kept["name"] == _name(chosen, version)]
    if kept.empty:
        new = fresh()
        _desks()[owner] = Desk(History(new), new)
    else:
        document_id = str(kept.iloc[0]["document_id"])
        old = assess.from_dict(documents.read(results.lake(), document_id))
        _desks()[owner] = Desk(History(old), old, 0, document_id)


def _name(chosen: Choice, version: str) -> str:
    return f"{chosen.area} {version}"


def _desks() -> dict[str, Desk]:
    found: dict[str, Desk] = st.session_state.setdefault(_DESKS, {})
    return found


def desk() -> Desk:
    """Return the desk in use."""
    return _desks()[st.session_state[_OWNER]]


def _put(new: Desk) -> None:
    _desks()[st.session_state[_OWNER]] = new


def present() -> Assessment:
    """Return the self-assessment as it is now."""
    return desk().history.present


def laid() -> Assessment | None:
    """Return the self-assessment this session has for its last area, None where none was opened."""
    owner = st.session_state.get(_OWNER)
    return _desks()[owner].history.present if owner in _desks() else None


def table_key(kind: str) -> str:
    """Return the key of the table of a kind; another start makes it another widget."""
    return f"assess-{desk().document_id}-{desk().start}-{kind}"


def typed(new: Assessment) -> None:
    """Take over what was typed into the table; the table goes on undisturbed."""
    _put(replace(desk(), history=desk().history.do(new)))


def change(new: Assessment) -> None:
    """Take an assessment that was changed outside the table; the table starts again from it."""
    _show(desk().history.do(new))


def _show(history: History[Assessment]) -> None:
    _put(replace(desk(), history=history, base=history.present, start=desk().start + 1))


def settle(kind: str) -> None:
    """Start the table from the assessment as it is; call before drawing it (see `plan_desk.settle`)."""
    if table_key(kind) not in st.session_state and desk().base != present():
        _show(desk().history)


def catch_up(kind: str) -> None:
    """Take over what was typed just before a button was pressed; first thing in every callback."""
    edits = st.session_state.get(table_key(kind))
    if not isinstance(edits, Mapping):
        return
    try:
        base = desk().base
        typed(take_over(base, kind, plan_desk.with_edits(assess.table(base, kind), edits)))
    except UserError:
        return  # the table itself says what is wrong


def take_over(base: Assessment, kind: str, table: pd.DataFrame) -> Assessment:
    """Return the assessment with the answers (and texts) of an edited table of one kind."""
    new = base
    before = assess.table(base, kind).set_index("key").to_dict("index")
    for row in table.to_dict("records"):
        key, old = str(row["key"]), before[str(row["key"])]
        changes = {n: row[n] for n in ("now", "target", "evidence") if not _same(row[n], old[n])}
        if list(row["projects"]) != list(old["projects"]):
            changes["projects"] = tuple(str(p) for p in row["projects"])
        if changes:
            new = assess.answer(new, key, **changes)
        if not (_same(row["text_th"], old["text_th"]) and _same(row["dimension"], old["dimension"])):
            new = assess.typed_text(new, key, _text(row["text_th"]), _text(row["dimension"]))
    return new


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _same(new: object, old: object) -> bool:
    return (pd.isna(new) and pd.isna(old)) or (not pd.isna(new) and not pd.isna(old) and new == old)


def undo(kind: str) -> None:
    """Go one step back."""
    catch_up(kind)
    _show(desk().history.undo())


def redo(kind: str) -> None:
    """Go one step forth."""
    catch_up(kind)
    _show(desk().history.redo())


def stored(chosen: Choice) -> pd.DataFrame:
    """Return the saved self-assessments of the workspace, the newest version of each."""
    return documents.newest(results.lake(), "assessment", chosen.workspace_id)


def versions() -> pd.DataFrame:
    """Return the saved versions of the one on the desk, newest first."""
    return documents.versions(results.lake(), desk().document_id)


def save(chosen: Choice, author: str, snapshot: int | None) -> int:
    """Save the self-assessment as its next version and return the version."""
    new = replace(present(), author=author.strip())
    version = documents.save(
        results.lake(), "assessment", desk().document_id, assess.to_dict(new), workspace_id=chosen.workspace_id,
        name=_name(chosen, new.version), author=author, snapshot=snapshot, simulated=new.simulated,
    )  # fmt: skip
    _show(replace(desk().history, present=new))
    return version


def reopen(version: int) -> None:
    """Put a saved version on the desk, as a step that undo takes back."""
    change(assess.from_dict(documents.read(results.lake(), desk().document_id, version)))


def take_back() -> None:
    """Remove the newest saved version from the store; what is on the desk stays."""
    documents.take_back(results.lake(), desk().document_id)
