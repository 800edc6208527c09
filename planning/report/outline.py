"""The plan's chapters as data: data/forms/plan_outline.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from language import UserError

FILE = Path(__file__).resolve().parents[2] / "data" / "forms" / "plan_outline.toml"


@dataclass(frozen=True)
class Section:
    """A chapter: what fills it (empty: only its text), titles, texts, and whether it lies across."""

    chapter: str
    title_th: str
    title_en: str
    text_th: str = ""
    text_en: str = ""
    landscape: bool = False
    annex: bool = False

    def title(self, lang: str) -> str:
        """Return the title in a language."""
        return self.title_th if lang == "th" else self.title_en or self.title_th

    def paragraphs(self, lang: str) -> list[str]:
        """Return the free text, paragraph by paragraph."""
        text = self.text_th if lang == "th" else self.text_en or self.text_th
        return [p.strip() for p in text.strip().split("\n") if p.strip()]


@dataclass(frozen=True)
class Outline:
    """All chapters, and where their order comes from."""

    sections: tuple[Section, ...]
    source_th: str = ""
    source_en: str = ""
    verified: bool = False

    def source(self, lang: str) -> str:
        """Return where the order of the chapters was read."""
        return self.source_th if lang == "th" else self.source_en


def read_outline(path: Path = FILE) -> Outline:
    """Read the outline; what is written wrongly is said with the file's name."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = tuple(Section(**{"chapter": "", "title_en": "", **s}) for s in stored["section"])
        return Outline(
            sections, str(stored.get("source_th", "")), str(stored.get("source_en", "")), stored.get("verified") is True
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, OSError) as error:
        raise UserError(
            "The outline file {file} cannot be read: {reason}.", file=path.name, reason=str(error)
        ) from error
