"""Form layouts as data: data/forms/<form>_<round>.toml, which an office may edit.

A layout names the lines above the table, the columns in their order with their heading lines, what
the projects are grouped by (one sheet a group) and the closing rows.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from language import UserError
from planning.plan import Plan

FOLDER = Path(__file__).resolve().parents[2] / "data" / "forms"

BLANK = "." * 60
"""What stands where the office has not written anything yet: a dotted line, as on paper."""


@dataclass(frozen=True)
class Column:
    """One column of a form.

    Attributes
    ----------
    field : str
        Field of `PlanRow`, or ``number``, ``budget`` (one column a year), ``fixed`` (`text` in each
        row), ``group``, ``year`` and ``sum`` (summary forms).
    header : tuple of str
        Heading, line by line; the first line of ``budget`` spans its five years.
    width : float
        Excel column width in characters.
    """

    field: str
    header: tuple[str, ...]
    width: float
    text: str = ""


@dataclass(frozen=True)
class Layout:
    """A form in one round's layout; `preamble` lines hold ``{fields}``, the first `centred` are titles."""

    form: str
    round: int
    stamp: str
    preamble: tuple[str, ...]
    centred: int
    columns: tuple[Column, ...]
    group_by: tuple[str, ...]
    source_th: str
    source_en: str
    verified: bool
    closing_budget: str = ""
    closing_count: str = ""
    count_header: str = ""
    budget_header: str = ""
    amendment: Column | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """The five years of the round, Buddhist era."""
        return tuple(range(self.round, self.round + 5))

    def source(self, lang: str) -> str:
        """Return where the layout was read."""
        return self.source_th if lang == "th" else self.source_en

    def lines(self, plan: Plan, group: dict[str, str]) -> list[str]:
        """Return the lines above the table, filled for one group of projects."""
        ladder = {f"ladder{i}": text or BLANK for i, text in enumerate(plan.ladder, 1)}
        # The form's own word stands before the blank; it isn't said twice.
        named = {k: v.removeprefix("แผนงาน").removeprefix("ยุทธศาสตร์") or BLANK for k, v in group.items()}
        return [
            line.format(
                **{
                    "lao_name": plan.lao_name or BLANK,
                    "first": self.years[0],
                    "last": self.years[-1],
                    "amendment": f" {plan.amendment.title()}" if plan.amendment else "",
                    **ladder,
                    **named,
                }
            )
            for line in self.preamble
        ]


def _column(stored: dict[str, Any]) -> Column:
    return Column(stored["field"], tuple(stored["header"]), float(stored["width"]), stored.get("text", ""))


def read_layout(form: str, first_year: int, folder: Path = FOLDER) -> Layout:
    """Read a layout.

    Parameters
    ----------
    form : {"p01", "p02", "p02-1", "p02-2", "p03"}
    first_year : {2566, 2571}
    """
    path = folder / f"{form}_{first_year}.toml"
    if not path.is_file():
        raise UserError(
            "There is no layout of form {form} for the round of {round} ({file}).",
            form=form,
            round=first_year,
            file=path.name,
        )
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
        amendment = stored.pop("amendment", None)
        return Layout(
            **{
                **stored,
                "preamble": tuple(stored["preamble"]),
                "group_by": tuple(stored["group_by"]),
                "columns": tuple(_column(c) for c in stored["columns"]),
                "amendment": _column(amendment) if amendment else None,
            }
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UserError(
            "The layout file {file} cannot be read: {reason}.", file=path.name, reason=str(error)
        ) from error
