"""The eco-industrial-town criteria of one version, as things that can be assessed one by one.

1. Dimensions, aspects and counts come from data/eco_town.csv; each row says whether it was verified.
2. Where the official wording was not found there is a numbered place without a text: it is never made up.
3. `read_texts` reads a file with the official wording (or the office's own) into those places.

Scope cut: the numbers of requirements asked at each of the five levels were not found; a file may give them
(column ``level``), and only then is a level derived (`planning.assessment.reached`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo import catalogues
from language import N_, Note, UserError, note
from planning.rows import clean_text

VERSIONS = ("2565", "2560")
"""Known versions (Buddhist-era years), the one in use first."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "2565": ("basic", "general", "specific"),
    "2560": ("aspect", "indicator"),
}
"""Kinds of criteria of each version, in their order."""

KIND_NAMES = {
    "basic": N_("Basic requirements"),
    "general": N_("General requirements"),
    "specific": N_("Specific requirements"),
    "aspect": N_("Aspects"),
    "indicator": N_("Indicators"),
}
_THAI = {"ข้อกำหนดพื้นฐาน": "basic", "ข้อกำหนดทั่วไป": "general", "ข้อกำหนดเฉพาะ": "specific",
         "ด้าน": "aspect", "ตัวชี้วัด": "indicator"}  # fmt: skip
_STRUCTURE = {"aspect": "aspects", "indicator": "indicators"}
MOST = {"aspect": 5}
"""Highest mark: an aspect has levels 1 to 5; every other criterion is 0 not met, 1 partly, 2 met."""

COLUMNS = ("kind", "number", "dimension", "text_th", "text_en", "level", "source")
"""Columns of a file with texts; ``kind``, ``number`` and ``text_th`` are needed."""


@dataclass(frozen=True)
class Criterion:
    """One thing to be assessed.

    Attributes
    ----------
    kind, number : str
    dimension : str
        ``"1"`` to ``"5"``; empty where it is not known.
    text_th, text_en : str
        Empty where the official wording was not found.
    level : int or None
        Level (1–5) from which it is asked, where known.
    verified : bool
    source : str
    link_th, link_en : str
        What it has to do with dust, where it has.
    own : bool
        The text was loaded or typed by the office.
    """

    kind: str
    number: str
    dimension: str = ""
    text_th: str = ""
    text_en: str = ""
    level: int | None = None
    verified: bool = False
    source: str = ""
    link_th: str = ""
    link_en: str = ""
    own: bool = False

    @property
    def key(self) -> str:
        """``aspect-8``."""
        return f"{self.kind}-{self.number}"

    @property
    def most(self) -> int:
        """Highest mark."""
        return MOST.get(self.kind, 2)

    @property
    def origin(self) -> str:
        """Where its text comes from: ``own``, ``checked``, ``check`` (to be checked) or ``missing``."""
        if self.own:
            return "own"
        return "checked" if self.verified else "check" if self.text_th else "missing"

    def say(self, lang: str) -> str:
        """Return its text; where there is none, that the official one is missing."""
        text = (lang != "th" and self.text_en) or self.text_th or self.text_en
        return text or note("{kind} {number}: the official wording was not found", kind=Note(KIND_NAMES[self.kind]),
                            number=self.number).say(lang)  # fmt: skip


@dataclass(frozen=True)
class Criteria:
    """All criteria of a version."""

    version: str
    items: tuple[Criterion, ...]

    def of(self, kind: str) -> tuple[Criterion, ...]:
        """Return those of a kind, in order."""
        return tuple(c for c in self.items if c.kind == kind)

    def item(self, key: str) -> Criterion:
        """Return one by its key."""
        for found in self.items:
            if found.key == key:
                return found
        raise UserError("These criteria have no {key}.", key=key)

    def with_texts(self, texts: Mapping[str, Criterion]) -> Criteria:
        """Return the criteria with an office's texts in their places; unknown keys are appended in order."""
        known = {c.key for c in self.items}
        items = [self._own(c, texts[c.key]) if c.key in texts else c for c in self.items]
        items += [t for key, t in texts.items() if key not in known and t.kind in KINDS[self.version]]
        order = {kind: i for i, kind in enumerate(KINDS[self.version])}
        return replace(self, items=tuple(sorted(items, key=lambda c: order[c.kind])))

    @staticmethod
    def _own(old: Criterion, new: Criterion) -> Criterion:
        return replace(new, link_th=old.link_th, link_en=old.link_en)


def criteria(version: str = "2565", folder: Path | None = None) -> Criteria:
    """Return the criteria of a version from data/eco_town.csv."""
    table = catalogues.eco_town(version, folder)
    if version not in KINDS:
        raise UserError("There are no eco-town criteria of version {version}; there are: {versions}.",
                        version=version, versions=", ".join(VERSIONS))  # fmt: skip
    count = table[table["kind"] == "structure"].set_index("number")["count"]
    items: list[Criterion] = []
    for kind in KINDS[version]:
        rows = table[table["kind"] == kind].to_dict("records")
        listed = [_criterion(row) for row in rows]
        missing = int(count[_STRUCTURE.get(kind, kind)]) - len(listed)
        items += listed
        items += [Criterion(kind, str(len(listed) + i)) for i in range(1, missing + 1)]
    return Criteria(version, tuple(items))


def _criterion(row: Mapping[Any, Any]) -> Criterion:
    return Criterion(
        str(row["kind"]), str(row["number"]), clean_text(row["parent"]), clean_text(row["name_th"]),
        clean_text(row["name_en"]), None, bool(row["verified"]), clean_text(row["source"]),
        clean_text(row["pm_link_th"]), clean_text(row["pm_link_en"]),
    )  # fmt: skip


def dimensions(version: str = "2565") -> dict[str, tuple[str, str]]:
    """Return the five dimensions: number -> Thai and English name."""
    table = catalogues.eco_town(version).query("kind == 'dimension'")
    return {str(r["number"]): (str(r["name_th"]), str(r["name_en"])) for r in table.to_dict("records")}


def levels() -> dict[int, tuple[str, str]]:
    """Return the five levels: number -> Thai and English name."""
    table = catalogues.eco_town("2565").query("kind == 'level'")
    return {int(r["number"]): (str(r["name_th"]), str(r["name_en"])) for r in table.to_dict("records")}


# ------------------------------------------------------------------------------ the office's own texts


def read_texts(content: bytes, name: str, version: str) -> tuple[dict[str, Criterion], list[Note]]:
    """Read a file (.csv, .xlsx) with the wording of criteria; good rows are kept.

    Parameters
    ----------
    content : bytes
    name : str
        File name; its ending tells a workbook from a text file.
    version : {"2565", "2560"}

    Returns
    -------
    dict of str to Criterion
        By key (``basic-1``).
    list of Note
        What was taken, and what was left out and why.

    Raises
    ------
    UserError
        It can't be read, or lacks a needed column.
    """
    table = _table(content, name)
    missing = [c for c in ("kind", "number", "text_th") if c not in table.columns]
    if missing:
        raise UserError(
            "{file} has no column {columns}; the first row must name them: {all}.",
            file=name, columns=", ".join(missing), all=", ".join(COLUMNS),
        )  # fmt: skip
    texts: dict[str, Criterion] = {}
    notes: list[Note] = []
    for line, row in enumerate(table.to_dict("records"), 2):
        found = _text(row, name, version)
        if isinstance(found, Criterion):
            texts[found.key] = found
        elif found:
            notes.append(note("Row {row}: {reason}", level="warning", row=line, reason=Note(found)))
    return texts, [note("Texts taken from {file}: {count}.", file=name, count=len(texts)), *notes]


def _table(content: bytes, name: str) -> pd.DataFrame:
    try:
        if name.lower().endswith((".xlsx", ".xlsm")):
            sheets = pd.read_excel(io.BytesIO(content), dtype=str, sheet_name=None)
            fitting = [t for t in sheets.values() if "text_th" in {str(c).strip().lower() for c in t.columns}]
            table = (fitting or list(sheets.values()))[0]
        else:
            table = pd.read_csv(io.StringIO(_decoded(content)), dtype=str, sep=None, engine="python")
    except Exception as problem:
        raise UserError("{file} is no table that can be read; save it as .xlsx or .csv.", file=name) from problem
    return table.rename(columns=lambda c: str(c).strip().lower())


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp874")


def _text(row: Mapping[Any, Any], name: str, version: str) -> Criterion | str:
    """Return a criterion, an empty text for an empty row, or what is wrong with it (a message id)."""
    kind = clean_text(row.get("kind"))
    kind = _THAI.get(kind, kind.lower())
    number = clean_text(row.get("number")).removesuffix(".0")
    text = clean_text(row.get("text_th"))
    if not (kind or number or text):
        return ""
    if kind not in KINDS[version]:
        return N_("the kind is none of this version’s.")
    if not number or not text:
        return N_("number or text is missing.")
    dimension = clean_text(row.get("dimension")).removesuffix(".0")
    level = clean_text(row.get("level")).removesuffix(".0")
    if dimension not in {"", *"12345"} or level not in {"", *"12345"}:
        return N_("dimension and level are 1 to 5, or empty.")
    return Criterion(
        kind, number, dimension, text, clean_text(row.get("text_en")), int(level) if level else None,
        source=clean_text(row.get("source")) or name, own=True,
    )  # fmt: skip
