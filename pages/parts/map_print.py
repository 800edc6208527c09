"""The map to take home: the sheet of what is on the screen, made when its link is followed, and the days as a GIF.

The step that is shown and the part of the map that is seen are known to the browser alone; ``static/frame.js`` adds
them to the link when it is pressed, so that stepping and moving the map never run the page.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo import legend, paper_map
from pages.parts import fields, files, frame, pictures, results, sheets
from pages.parts.dust_view import View
from pages.parts.i18n import _, lang
from planning import sheet
from planning.screening import Screening


def popover() -> DeltaGenerator:
    """Draw the button; `fill` draws what it opens, once the map is known."""
    return st.popover(_("Print"), icon=":material/print:", width="stretch")


def fill(
    where: DeltaGenerator, found: Screening, chosen: frame.Choice, seen: View, keys: Sequence[legend.Key],
    sides: Sequence[tuple[str, Sequence[Any]]],
) -> None:  # fmt: skip
    """Draw the links to the sheets (A4, A3) and the moving picture.

    Parameters
    ----------
    seen : View
        The ground with its legend.
    keys : sequence of legend.Key
        Signs of the other layers.
    sides : sequence of (title, groups and maps)
        What each map draws, the constant part first.
    """
    printed = _sheet(found, seen, keys, sides)
    speech, today = lang(), results.today()

    def make(paper: str, step: str, box: paper_map.Box | None) -> tuple[str, bytes]:
        name = files.name(f"map-{paper}", chosen, "pdf")
        return name, sheet.print_sheet(printed, speech, paper, printed=today, step=step, box=box)

    key = sheets.offer(st.session_state, make)
    with where:
        for paper in sheet.PAPERS:
            with st.container(key=f"print-{paper}"):
                st.link_button(_("Print sheet {paper} (PDF)", paper=paper), f"{sheets.PATH}/{key}/{paper}.pdf",
                               icon=":material/print:", width="stretch")  # fmt: skip
        st.caption(_("The sheet shows the colours, the time, the layers and the part of the map you see now."))
        st.download_button(
            _("The days as a moving picture (GIF)"), partial(_film, found),
            file_name=files.name("days", chosen, "gif"), mime="image/gif", key="print-gif", on_click="ignore",
            icon=":material/movie:", width="stretch",
        )  # fmt: skip
        st.caption(_("The moving picture takes some seconds to draw."))


def _sheet(
    found: Screening, seen: View, keys: Sequence[legend.Key], sides: Sequence[tuple[str, Sequence[Any]]]
) -> sheet.Sheet:
    drawn = [(title, paper_map.drawings(parts)) for title, parts in sides]
    moving = any(function == "moving" for function, _data in drawn[0][1])
    approximate = found.units.get("approximate")
    return sheet.Sheet(
        title=seen.title,
        place=results.derived(found, f"place-{lang()}", partial(sheet.place_name, found, lang())),
        # What explains the bar on the screen says nothing on paper, where the step itself is named.
        lines=[] if moving else [line for line in seen.lines if line],
        keys=[*seen.classes, *seen.always, *keys],
        sides=drawn,
        box=results.derived(found, "box", lambda: _box(found)),
        source=", ".join(found.sources),
        simulated=found.simulated,
        approximate=approximate is not None and bool(approximate.fillna(False).any()),
        snapshot=found.snapshot,
        picture=pictures.by_address,
        places=_places,
    )


def _box(found: Screening) -> paper_map.Box:
    west, south, east, north = (float(v) for v in results.land(found.parameters.area).to_crs(4326).total_bounds)
    return west, south, east, north


def _places(url: str) -> list[tuple[float, float]]:
    """Return where the factories of a set stand; none where the set was forgotten."""
    found = fields.served(url.rsplit("/", 1)[-1])
    if found is None:
        return []
    columns = json.loads(gzip.decompress(found.body))
    return [(lat / 1e5, lon / 1e5) for lat, lon in zip(columns["lat"], columns["lon"], strict=True)]


def _film(found: Screening) -> bytes:
    speech = lang()
    made: bytes = results.derived(found, f"film-{speech}", lambda: sheet.animation(found, speech))
    return made
