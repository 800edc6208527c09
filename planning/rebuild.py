"""A plan's folder, and the proof that it can be made again: every file recomputed from manifest and lake snapshot.

1. `write_plan` writes forms, plan document and ``plan.json`` with a ``manifest.json`` that holds the screening's
   parameters, the lake's snapshot, the language and the versions of everything that computes.
2. `rebuild` reads a manifest (a plan's or a screening's), screens again from that snapshot, writes all files anew
   and compares them with what lies there, byte by byte.
3. Office files carry the time of writing in them; `freeze` sets it to the day the data end, so that equal plans are
   equal files.

Scope cuts: the meeting pack is not rebuilt; another version of a package may round differently, which is said.
"""

from __future__ import annotations

import io
import json
import platform
import re
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from geo.catalogues import CATALOGUES
from geo.lake import Lake
from language import N_, Note, UserError, note
from language.progress import Progress, silent
from planning import artefacts, forms, report
from planning import plan as plans
from planning.parameters import Parameters
from planning.plan import Plan
from planning.screening import Screening, screen

FORMAT = 1
KIND = "plan"
DOCUMENTS = (*artefacts.PACKAGES, "openpyxl", "python-docx", "pillow")
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild found.

    Attributes
    ----------
    files : DataFrame
        ``file``, ``same`` (bool), ``why`` (``""``, ``differs``, ``missing``, ``extra``).
    notes : tuple of Note
        Versions and catalogues that are not those of the manifest.
    """

    files: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def same(self) -> bool:
        """Whether every file is the same, byte for byte."""
        return bool(self.files["same"].all())

    def sentence(self) -> Note:
        """Return the result in words."""
        count = len(self.files)
        if self.same:
            return note("Rebuilt: all {count} files are the same, byte for byte.", count=count)
        wrong = self.files[~self.files["same"]]
        return note(
            "Rebuilt: {wrong} of {count} files are not the same: {names}.", wrong=len(wrong), count=count,
            names=", ".join(wrong["file"]),
        )  # fmt: skip


def freeze(path: Path, stamp: str) -> None:
    """Set every time in an office file (.xlsx, .docx) to `stamp` (``2026-03-01T00:00:00Z``)."""
    with zipfile.ZipFile(path) as book:
        parts = [(name, book.read(name)) for name in book.namelist()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>" + stamp.encode() + rb"\g<2>", content)
            book.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 6)
    path.write_bytes(out.getvalue())


def catalogues() -> dict[str, str]:
    """Return the fingerprint of each data file that people may edit."""
    found = sorted([*CATALOGUES.glob("*.csv"), *CATALOGUES.glob("*.toml"), *CATALOGUES.glob("forms/*")])
    return {str(p.relative_to(CATALOGUES).as_posix()): sha256(p.read_bytes()).hexdigest()[:16] for p in found}


def write_plan(plan: Plan, screening: Screening, folder: Path, lang: str = "th") -> list[Path]:
    """Write forms, plan document, ``plan.json`` and manifest; the same plan and screening give the same bytes.

    Parameters
    ----------
    screening : Screening
        As read from its folder (`planning.artefacts.read`), so that a rebuild begins with the same figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{screening.parameters.end}T00:00:00Z"
    written = forms.write(plan, None, folder, lang)
    written.append(report.write_docx(plan, screening, folder / "plan.docx", lang))
    for path in written:
        freeze(path, stamp)
    (folder / "plan.json").write_text(plans.to_json(plan) + "\n", "utf-8")
    manifest = {
        "format": FORMAT,
        "kind": KIND,
        "lang": lang,
        "amended": plan.amendment is not None,
        "plan_version": plan.version,
        "author": plan.author,
        "snapshot": screening.snapshot,
        "parameters": screening.parameters.to_dict(),
        "simulated": bool(screening.simulated),
        "catalogues": catalogues(),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in DOCUMENTS}},
    }
    text = json.dumps(artefacts.plain(manifest), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")
    return [*written, folder / "plan.json", folder / "manifest.json"]


def package(lake: Lake, plan: Plan, parameters: Parameters, snapshot: int, lang: str, progress: Progress) -> bytes:
    """Return a .zip with the plan's folder, computed anew from the lake, so that it can be rebuilt from itself."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "plan"
        write_plan(plan, _screened(lake, parameters, snapshot, Path(place), progress), folder, lang)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
            for path in sorted(folder.iterdir()):
                book.writestr(zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0)), path.read_bytes(),
                              zipfile.ZIP_DEFLATED)  # fmt: skip
        return out.getvalue()


def _screened(lake: Lake, parameters: Parameters, snapshot: int, place: Path, progress: Progress) -> Screening:
    """Screen again, write the folder and read it back: what a plan document begins with."""
    artefacts.write(screen(lake, parameters, progress, snapshot=snapshot), place / "screening")
    return artefacts.read(place / "screening")


def rebuild(lake: Lake, folder: Path, progress: Progress = silent) -> Rebuilt:
    """Make every file of a plan's or a screening's folder again from its manifest, and compare.

    Raises
    ------
    UserError
        The folder has no manifest, or one of another program; or the lake no longer has its snapshot.
    """
    stored = _manifest(folder)
    parameters = Parameters.from_dict(stored["parameters"])
    with tempfile.TemporaryDirectory() as place:
        again = Path(place)
        screening = _screened(lake, parameters, int(stored["snapshot"]), again, progress)
        fresh = again / "screening"
        if stored.get("kind") == KIND:
            fresh = again / "plan"
            plan = plans.from_json((folder / "plan.json").read_text("utf-8"))
            write_plan(plan, screening, fresh, str(stored["lang"]))
        return Rebuilt(_compared(folder, fresh), tuple(_other(stored, _manifest(fresh))))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        needed = {"snapshot", "parameters"} | ({"lang"} if found.get("kind") == KIND else set())
        if not needed <= set(found):
            raise UserError("The manifest in {folder} lacks {parts}.", folder=str(folder),
                            parts=", ".join(sorted(needed - set(found))))  # fmt: skip
        return found
    except (OSError, json.JSONDecodeError, AttributeError) as problem:
        raise UserError(
            "{folder} holds no manifest that can be read: {problem}. Choose a folder that screen or plan wrote.",
            folder=str(folder), problem=getattr(problem, "strerror", None) or str(problem),
        ) from problem  # fmt: skip


def _compared(before: Path, after: Path) -> pd.DataFrame:
    """Return each file that was made again, and whether both folders hold the same bytes.

    A form that was not made again (of another round) is one too many; other files are people's own.
    """
    old, new = ({p.name for p in f.iterdir() if p.is_file()} for f in (before, after))
    forms_before = {p.name for p in before.glob("forms-*.xlsx")}
    rows = []
    for name in sorted(new | forms_before):
        if name not in new:
            rows.append((name, False, "extra"))
        elif name not in old:
            rows.append((name, False, "missing"))
        else:
            same = (before / name).read_bytes() == (after / name).read_bytes()
            rows.append((name, same, "" if same else "differs"))
    return pd.DataFrame(rows, columns=["file", "same", "why"])


def _other(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[Note]:
    """Return what computes now in other versions than when the folder was written."""
    notes = []
    for part, words in (
        ("versions", N_("Another version than when this was written: {name} {then}, now {now}.")),
        ("catalogues", N_("The data file {name} has changed since this was written ({then}, now {now}).")),
    ):
        then, current = stored.get(part) or {}, now.get(part) or {}
        notes += [
            Note(words, {"name": n, "then": then.get(n, "–"), "now": current.get(n, "–")}, "warning")
            for n in sorted({*then, *current})
            if then.get(n) != current.get(n)
        ]
    return notes
