"""The sheet of one hotspot, to file or to pin up: as Word document and as PDF, in Thai or English.

Question it answers: what does somebody need who has to go there, on two pages?

1. `content.of_spot` gathers what is known: figures with their intervals, trend, hours, likely sources, pictures.
2. `word_sheet` and `pdf_sheet` set the same content; the PDF is drawn (`planning.maps` sets Thai marks rightly), so
   its letters cannot be searched: who wants to edit or search takes the Word document.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.lake import Lake
from language import LANGUAGES, N_, UserError, translate
from language.progress import Progress, silent
from planning.spot_hours import hours_of
from planning.spot_sheets.content import Sheet, of_spot
from planning.spot_sheets.pdf_sheet import pdf
from planning.spot_sheets.word_sheet import docx
from planning.trends import all_spots

if TYPE_CHECKING:
    from planning.screening import Screening

__all__ = ["Sheet", "docx", "of_spot", "pdf", "write"]


def write(
    screening: Screening,
    folder: Path,
    langs: Sequence[str] = LANGUAGES,
    lake: Lake | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """Write the sheets of every hotspot and return their paths: ``hotspot-H1-th.docx``, ``hotspot-H1-th.pdf`` …

    Raises
    ------
    UserError
        If the screening has no hotspot.
    """
    spots = all_spots(screening)
    if spots.empty:
        raise UserError("This screening has no hotspot, so there is no sheet to write.")
    hours = hours_of(lake, screening)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, spot in enumerate(spots["hotspot_id"].astype(str)):
        for lang in langs:
            sheet = of_spot(screening, spot, hours, lang)
            for suffix, make in (("docx", docx), ("pdf", pdf)):
                path = folder / f"hotspot-{spot}-{lang}.{suffix}"
                path.write_bytes(make(sheet))
                paths.append(path)
        progress((number + 1) / len(spots), translate(N_("Writing the sheets of the hotspots"), langs[0]))
    return paths
