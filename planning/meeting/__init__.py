"""The meeting pack: one HTML file that tells the story in a hall, without a server or network.

Question it answers: how do we show a town its own air, from ten metres, and hear what it says?

1. `planning.meeting.story` turns a screening into steps: words in both languages, paths, pictures.
2. This module puts data, style, script and fonts into one file. A content-security policy inside the
   file forbids every outside request.

Deliberate scope cuts: no base map, no printing layout; pins and votes stay in the browser that counts them, until
they are saved as a file that is imported as reports.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from language import N_, UserError, available_languages, translate
from planning.maps import FONTS
from planning.meeting.pictures import data_uri
from planning.meeting.story import tell
from planning.rows import PlanRow

if TYPE_CHECKING:
    from planning.screening import Screening

__all__ = ["LIMIT_BYTES", "page", "tell", "write_html"]

LIMIT_BYTES = 15_000_000
"""A file that an office can send by mail."""

_NO_SCRIPT = N_("Open this file in a browser with JavaScript.")
_HERE = Path(__file__).resolve().parent


SCRIPTS = ("map.js", "say.js", "notes.js", "page.js")
"""Parts of one script, in their order."""


def page(story: dict[str, Any], lang: str = "th", *, readonly: bool = False) -> str:
    """Return the page that shows a story, beginning in language `lang`.

    Parameters
    ----------
    readonly : bool
        Nothing is recorded: the view that a phone gets.
    """
    # "<" is escaped so that no name in the data can end the script element.
    told = {**story, "lang": lang, "readonly": readonly}
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    faces = "".join(
        f"@font-face{{font-family:Sarabun;font-weight:{weight};src:url({data_uri(file.read_bytes(), 'font/ttf')})}}"
        for weight, file in ((400, FONTS / "Sarabun-Regular.ttf"), (700, FONTS / "Sarabun-Bold.ttf"))
    )
    filled = {
        "LANG": lang,
        "TITLE": html.escape(story["area"][lang if lang in story["area"] else "en"]),
        "STYLE": faces + (_HERE / "page.css").read_text(encoding="utf-8"),
        "SCRIPT": '"use strict";(()=>{' + "\n".join((_HERE / f).read_text(encoding="utf-8") for f in SCRIPTS) + "})();",
        "NOSCRIPT": html.escape(" / ".join(translate(_NO_SCRIPT, code) for code in available_languages())),
        "DATA": data,
    }
    text = (_HERE / "page.html").read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(f"@@{name}@@", value, 1)
    return text


def write_html(screening: Screening, path: Path, lang: str = "th", rows: Sequence[PlanRow] | None = None) -> Path:
    """Write the meeting pack of a screening.

    Parameters
    ----------
    path : Path
        The .html file.
    lang : {"th", "en"}
        Language it opens in; it can be switched on the page.
    rows : sequence of PlanRow, optional
        The plan's rows; the proposal by default.
    """
    content = page(tell(screening, rows), lang).encode("utf-8")
    if len(content) > LIMIT_BYTES:
        raise UserError(
            "The meeting pack would have {size} MB, more than {limit}; choose larger cells.",
            size=round(len(content) / 1e6, 1),
            limit=LIMIT_BYTES // 1_000_000,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
