"""What people keep in versions beside a plan: a self-assessment, a project that is followed up.

1. `save` adds a version; nothing is overwritten, so that two people who save at once lose nothing.
2. `take_back` removes the newest version: the one before is the newest again.
3. `newest` lists what a workspace has, `read` opens one.

Versions count from 1 in the order in which they were saved.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError

KINDS = ("assessment", "project")


def save(
    lake: Lake, kind: str, document_id: str, body: Mapping[str, Any], *, workspace_id: str, name: str,
    author: str = "", snapshot: int | None = None, simulated: bool = False,
) -> int:  # fmt: skip
    """Save a document as its next version and return the version.

    Parameters
    ----------
    kind : {"assessment", "project"}
    document_id : str
        The same for all versions of a document.
    snapshot : int, optional
        The lake's snapshot that its figures come from.
    simulated : bool
        Whether it rests on simulated data; it goes when those are removed.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    row = {
        "record_id": uuid.uuid4().hex, "document_id": document_id, "kind": kind, "workspace_id": workspace_id,
        "name": name, "author": author.strip(), "saved_at": datetime.now(UTC), "snapshot": snapshot,
        "body": json.dumps(dict(body), ensure_ascii=False, sort_keys=True), "simulated": simulated,
    }  # fmt: skip
    record = ImportRecord(
        kind="documents", file_name=f"{kind}: {name}"[:200], rows_read=1, rows_kept=1, simulated=simulated
    )
    lake.upsert({"documents": pd.DataFrame([row])}, record=record)
    return len(versions(lake, document_id))


def versions(lake: Lake, document_id: str) -> pd.DataFrame:
    """Return every version of a document, newest first: the lake's columns and ``version``."""
    found = lake.read("documents", "document_id = ?", [document_id])
    return _numbered(found).sort_values("version", ascending=False).reset_index(drop=True)


def newest(lake: Lake, kind: str, workspace_id: str) -> pd.DataFrame:
    """Return the newest version of every document of a kind in a workspace, newest first."""
    found = _numbered(lake.read("documents", "kind = ? AND workspace_id = ?", [kind, workspace_id]))
    last = found.sort_values("version").drop_duplicates("document_id", keep="last")
    return last.sort_values("saved_at", ascending=False).reset_index(drop=True)


def _numbered(found: pd.DataFrame) -> pd.DataFrame:
    ordered = found.sort_values(["saved_at", "record_id"])
    return ordered.assign(version=ordered.groupby("document_id").cumcount() + 1)


def read(lake: Lake, document_id: str, version: int | None = None) -> dict[str, Any]:
    """Return the body of a document, the newest version unless told.

    Raises
    ------
    UserError
        There is no such document or version.
    """
    found = versions(lake, document_id)
    if version is not None:
        found = found[found["version"] == version]
    if found.empty:
        raise UserError("What was asked for is no longer stored; somebody may have taken it back.")
    body: dict[str, Any] = json.loads(str(found.iloc[0]["body"]))
    return body


def take_back(lake: Lake, document_id: str) -> bool:
    """Remove the newest version of a document; return whether there was one."""
    found = versions(lake, document_id)
    if found.empty:
        return False
    lake.remove_import(str(found.iloc[0]["import_id"]))
    return True
