"""The projects that are followed up: kept in the lake in versions, measured once for all readers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from language import UserError
from pages.parts import results
from pages.parts.frame import Choice
from pages.parts.i18n import _
from planning import council, documents, progress
from planning.example_project import Example, example

EXAMPLE = "example"
NEW = "new"


@dataclass(frozen=True)
class Followed:
    """A stored project."""

    document_id: str
    project: progress.Project
    author: str


def followed(chosen: Choice) -> list[Followed]:
    """Return the workspace's projects, the last changed first; removed ones are left out."""
    rows = documents.newest(results.lake(), "project", chosen.workspace_id).to_dict("records")
    found = []
    for row in rows:
        body = documents.read(results.lake(), str(row["document_id"]))
        if not body.get("removed"):
            author = row["author"] if isinstance(row["author"], str) else ""
            found.append(Followed(str(row["document_id"]), progress.Project.from_dict(body), author))
    return found


def last_changed(chosen: Choice) -> str | None:
    """Return the id of the project that was changed last, removed ones too: what "take back" is about."""
    rows = documents.newest(results.lake(), "project", chosen.workspace_id)
    return None if rows.empty else str(rows.iloc[0]["document_id"])


def save(chosen: Choice, project: progress.Project, author: str, document_id: str | None = None) -> str:
    """Keep a project (as a new version where it was kept before) and return its id."""
    key = document_id or uuid.uuid4().hex[:12]
    documents.save(
        results.lake(), "project", key, project.to_dict(), workspace_id=chosen.workspace_id, name=project.name,
        author=author, snapshot=results.snapshot(), simulated=chosen.simulated,
    )  # fmt: skip
    return key


def remove(chosen: Choice, one: Followed) -> None:
    """Take a project out of the list; `documents.take_back` brings it again."""
    documents.save(
        results.lake(), "project", one.document_id, {"removed": True}, workspace_id=chosen.workspace_id,
        name=one.project.name, author=one.author, simulated=chosen.simulated,
    )  # fmt: skip


def take_back(document_id: str) -> None:
    """Undo the last change of a project."""
    documents.take_back(results.lake(), document_id)


def reach(chosen: Choice) -> tuple[date, date]:
    """Return the first and last day with readings: a project is compared over all of them."""
    return results.period(chosen.workspace_id, chosen.pollutant) or (chosen.start, chosen.end)


def measured(project: progress.Project, first: date, last: date) -> progress.Progress:
    """Return a project's effect, computed once until the lake changes; with a progress bar."""

    def compute() -> progress.Progress:
        with results.progress(_("Comparing before and after, weather and haze taken off"), here=True):
            return progress.of_project(results.lake(), project, first, last)

    found: progress.Progress = results.remembered("effect", compute, project, first, last)
    return found


def shown_example() -> Example:
    """Return the simulated example with its truth."""
    with results.progress(_("Simulating the example"), here=True):
        return example()


def page(chosen: Choice, office: str) -> council.Page:
    """Return the council's page of all followed projects."""
    first, last = reach(chosen)
    entries = []
    for one in followed(chosen):
        try:
            entries.append(council.Entry(one.project.name, measured(one.project, first, last)))
        except UserError as problem:
            entries.append(council.Entry(one.project.name, None, problem))
    simulated = any(e.found is not None and e.found.simulated for e in entries) or chosen.simulated
    return council.Page(office, last, tuple(entries), simulated)
