"""A row of the plan: one project, its words, its five budgets, and how amounts are typed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from language import UserError

PROGRAMMES = (
    "แผนงานบริหารงานทั่วไป",
    "แผนงานการรักษาความสงบภายใน",
    "แผนงานการศึกษา",
    "แผนงานสาธารณสุข",
    "แผนงานสังคมสงเคราะห์",
    "แผนงานเคหะและชุมชน",
    "แผนงานสร้างความเข้มแข็งของชุมชน",
    "แผนงานการศาสนา วัฒนธรรม และนันทนาการ",
    "แผนงานอุตสาหกรรมและการโยธา",
    "แผนงานการเกษตร",
    "แผนงานการพาณิชย์",
    "แผนงานงบกลาง",
)
"""Budget programmes (แผนงาน) of a local government; the last but two and the last are to be checked."""

FORMS = {"p02": "ผ.02", "p02-1": "ผ.02/1", "p02-2": "ผ.02/2", "p03": "ผ.03"}
"""Forms a row can go to, and their names."""

Budget = int | None
"""Whole baht; None until the office has set it."""

TEXTS = (
    "project",
    "objective",
    "target",
    "kpi",
    "result",
    "owner",
    "law",
    "dimension",
    "reason",
    "programme",
    "issue",
    "strategy",
    "tactic",
    "zone_name",
    "agency",
    "equipment",
)
"""Row fields that are words and may be edited."""


@dataclass(frozen=True)
class PlanRow:
    """One project.

    Attributes
    ----------
    row_id : str
        Unique in the plan.
    zone_id, zone_name : str
        Priority zone it is for; empty for the whole town.
    measure_id : str
        Row of ``data/measures.csv`` it was proposed from; empty for a row of the office's own.
    project, objective, target, kpi, result, owner : str
        Columns of แบบ ผ.02.
    budgets : tuple of int or None, length 5
        Baht in each year of the round; None where the office has not filled it.
    law, agency : str
        Legal basis, and who holds the power to order it.
    dimension : str
        Eco-industrial-town dimension.
    reason : str
        Why it was proposed here (figures of the screening).
    programme, strategy, tactic : str
        แผนงาน, ยุทธศาสตร์ and กลยุทธ์ of the 2566–2570 forms.
    issue : str
        ประเด็นการพัฒนาท้องถิ่น of the 2571–2575 forms.
    role : {"own", "request"}
        Whether the local government acts itself, or asks the office that holds the power.
    form : {"p02", "p02-1", "p02-2", "p03"}
        Form it goes to: own project (ผ.02), community project (ผ.02/1), beyond the local
        government's capacity (ผ.02/2), equipment (ผ.03).
    equipment : str
        Kind of equipment (ประเภทครุภัณฑ์), for ผ.03 only.
    verified : bool
        Whether the catalogue row's facts were checked against their source.
    english : mapping
        The proposal's own words in English; a field that is edited loses its English.
    """

    row_id: str
    project: str
    zone_id: str = ""
    zone_name: str = ""
    measure_id: str = ""
    objective: str = ""
    target: str = ""
    budgets: tuple[Budget, ...] = (None, None, None, None, None)
    kpi: str = ""
    result: str = ""
    owner: str = ""
    law: str = ""
    agency: str = ""
    dimension: str = ""
    reason: str = ""
    programme: str = ""
    issue: str = ""
    strategy: str = ""
    tactic: str = ""
    role: str = "own"
    form: str = "p02"
    equipment: str = ""
    verified: bool = False
    english: Mapping[str, str] = field(default_factory=dict)

    def say(self, name: str, lang: str = "th") -> str:
        """Return a text field in a language: English words only where the field is as proposed."""
        text = str(getattr(self, name))
        return self.english.get(name, text) if lang == "en" else text

    @property
    def total(self) -> int:
        """Sum of the budgets that are set, baht."""
        return sum(b for b in self.budgets if b is not None)


THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def parse_budget(typed: object) -> Budget:
    """Return the amount in whole baht of what a person typed; None for an empty cell.

    Thai digits, thousands separators, ``บาท`` and ``-`` (zero, as the forms use it) are understood.

    Examples
    --------
    >>> parse_budget("1,200,000 บาท"), parse_budget("๕๐๐"), parse_budget("-"), parse_budget(" ")
    (1200000, 500, 0, None)
    """
    if typed is None or (isinstance(typed, float) and math.isnan(typed)) or typed is pd.NA:
        return None
    text = str(typed).translate(THAI_DIGITS).replace("บาท", "").replace(",", "").replace(" ", "")
    if not text:
        return None
    if text in {"-", "–"}:
        return 0
    try:
        amount = float(text)
    except ValueError:
        raise UserError(
            "The budget “{typed}” is not a number; write whole baht, such as 250000.", typed=typed
        ) from None
    if not math.isfinite(amount):
        raise UserError("The budget “{typed}” is not a number; write whole baht, such as 250000.", typed=typed)
    return round(amount)


def budgets(typed: Iterable[object]) -> tuple[Budget, ...]:
    """Return five amounts; refuse another count."""
    amounts = tuple(parse_budget(t) for t in typed)
    if len(amounts) != 5:
        raise UserError("A row has five budget years; {count} were given.", count=len(amounts))
    return amounts


def clean_text(value: object) -> str:
    """Return what a person typed without outer spaces; an empty text for a missing value."""
    missing = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    return "" if missing else str(value).strip()
