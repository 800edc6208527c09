"""What every chapter of the plan needs: the plan, the screening, the language, and lines said often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from docx.document import Document

from language import Note, date_range, note, number, pollutant_name, translate, unit
from planning.plan import Plan
from planning.proposal import records
from planning.report import word

if TYPE_CHECKING:
    from planning.assessment import Assessment
    from planning.screening import Screening


@dataclass(frozen=True)
class Context:
    """A plan, its screening and the document being written."""

    document: Document
    plan: Plan
    screening: Screening
    lang: str
    assessment: Assessment | None = None

    def say(self, said: Note | str) -> str:
        """Return a note or a marked label in the document's language."""
        return said.say(self.lang) if isinstance(said, Note) else translate(said, self.lang)

    def write(self, said: Note | str, **style: Any) -> None:
        """Append a paragraph that says a note; `style` as in `word.paragraph`."""
        word.paragraph(self.document, self.say(said), **style)

    def small(self, said: Note | str) -> None:
        """Append a small line that says a note."""
        word.source_line(self.document, self.say(said))

    def name(self, row: Any) -> str:
        """Return a row's name in the document's language, the Thai one where there is no other."""
        return str((self.lang != "th" and row.get("name_en")) or row.get("name_th") or "")

    def text(self, row: Any, field: str) -> str:
        """Return ``<field>_th`` or ``<field>_en`` of a row, empty where missing."""
        value = row.get(f"{field}_{'th' if self.lang == 'th' else 'en'}")
        return "" if value is None or value != value else str(value)

    @property
    def pollutant(self) -> str:
        """``PM2.5``."""
        return pollutant_name(self.screening.parameters.pollutant)

    @property
    def unit(self) -> str:
        """Unit of concentrations in the document's language."""
        return unit(self.lang)

    @property
    def period(self) -> str:
        """First to last day."""
        return date_range(self.screening.parameters.start, self.screening.parameters.end, self.lang)

    @cached_property
    def zones(self) -> list[dict[str, Any]]:
        """The zones in the order of their rank."""
        return records(self.screening.zones.drop(columns="geometry").sort_values("rank"))

    @cached_property
    def hotspots(self) -> list[dict[str, Any]]:
        """The hotspots in the order of their rank."""
        return records(self.screening.hotspots.drop(columns="geometry").sort_values("rank"))

    def context_line(self, *, mean: bool = True) -> str:
        """Return what stands under every table and picture: what, unit, period, source, simulated or not."""
        what = note("{pollutant}, 24-hour means, {unit}", pollutant=self.pollutant, unit=self.unit)
        parts = [self.say(what)] if mean else []
        parts.append(self.say(note("period {period}", period=self.period)))
        sources = "; ".join(self.screening.sources[:2])
        if sources:
            parts.append(self.say(note("source: {source}", source=sources)))
        parts.append(self.say(note("data snapshot {snapshot}", snapshot=self.screening.snapshot)))
        if self.screening.simulated:
            parts.append(translate("Simulated data", self.lang))
        return " · ".join(parts)

    def interval(self, row: Any, between: str = " ") -> str:
        """Return a mean with its 95 % range: ``41.3 (33–50)``."""
        return f"{number(row['mean_ugm3'], 1)}{between}({number(row['lower95'])}–{number(row['upper95'])})"

    def count(self, value: Any) -> str:
        """Return a whole number, an en dash for a missing one."""
        return "–" if value is None or pd.isna(value) else number(float(value))
