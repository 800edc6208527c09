"""The forms of a local development plan (แบบ ผ.01, ผ.02, ผ.02/1, ผ.02/2, ผ.03) as a workbook.

Question it answers: what does the office file, in the layout of its round, with sums that work?

1. Layouts are data (data/forms/*.toml); both rounds' are read by `read_layout`.
2. Each group of projects (แผนงาน, or ประเด็นการพัฒนา) is a sheet; sums are formulas.
3. The last sheet says why each project is there, on what law it rests and what must be checked.

The forms are Thai, as the law wants them; only the last sheet follows the reader's language.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook

from planning.amendment import filed
from planning.forms.aims import write_aims
from planning.forms.detail import write_detail
from planning.forms.layout import Column, Layout, read_layout
from planning.forms.origin import write_origin
from planning.forms.summary import write_summary
from planning.plan import FORMS, Plan, refuse_errors, with_round

__all__ = ["Column", "Layout", "read_layout", "workbook", "write", "write_p02"]


def workbook(plan: Plan, *, lang: str = "th", only: str | None = None) -> Workbook:
    """Return the plan's forms in its round's layout.

    Parameters
    ----------
    plan : Plan
        Refused in words where `planning.plan.problems` finds an error. An amended plan states its kind behind its
        name, holds the rows of the amendment, and has the column เหตุผลความจำเป็น.
    lang : str
        Language of the sheet of origins.
    only : {"p02", "p02-1", "p02-2", "p03"}, optional
        Write this form alone.
    """
    refuse_errors(plan)
    plan = filed(plan)
    book = Workbook()
    book.remove(book.worksheets[0])
    main = []
    for form in FORMS:
        if only in {None, form}:
            written = write_detail(book, plan, read_layout(form, plan.round))
            main += written if form == "p02" else []
    if only is None:
        write_summary(book, plan, read_layout("p01", plan.round), main)
        write_origin(book, plan, lang)
        write_aims(book, plan, lang)
    if not book.sheetnames:  # the one form asked for has no row: an empty ผ.02 is still a form
        write_detail(book, replace(plan, rows=()), read_layout("p02", plan.round))
    book.active = min(1, len(book.sheetnames) - 1) if only is None else 0
    book.calculation.fullCalcOnLoad = True
    book.properties.title = f"แบบ ผ.02 {plan.years[0]}-{plan.years[-1]} {plan.lao_name}".strip()
    book.properties.creator = plan.author or "EcoTown Air"
    book.properties.language = "th-TH"
    return book


def write_p02(plan: Plan, path: Path, form: int | None = None) -> Path:
    """Write แบบ ผ.02 alone, in the layout of the round that begins in `form` (the plan's by default)."""
    plan = plan if form is None else with_round(plan, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook(plan, only="p02").save(path)
    return path


def write(plan: Plan, form: int | None, folder: Path, lang: str = "th") -> list[Path]:
    """Write the workbook with all forms into `folder`.

    Parameters
    ----------
    form : {2566, 2571} or None
        First year of the round whose layout is used; the plan's own by default.

    Returns
    -------
    list of Path
        The files written: ``forms-<first>-<last>.xlsx``.
    """
    plan = plan if form is None else with_round(plan, form)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"forms-{plan.years[0]}-{plan.years[-1]}.xlsx"
    workbook(plan, lang=lang).save(path)
    return [path]
