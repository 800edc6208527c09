"""Where to measure next: ranked sites, the map of wrong calls before and after, and which sensor adds least."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st

from geo import layers, legend, squares
from geo.boundaries import utm_crs
from language import UserError, number
from pages.parts import dust_view, errors, facts, files, frame, map_view, results, state, tables
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import siting
from planning.screening import Screening
from planning.siting import Siting

HEIGHT = 360


def show(chosen: Choice) -> None:
    """Draw the number of sensors and the candidates, then what the computer proposes."""
    found = results.steady(chosen)
    count, given = st.columns([2, 3], vertical_alignment="bottom")
    sensors = int(count.slider(_("New sensors"), 1, 8, key=state.bind("sensors", 3, parse=_few)))
    candidates = None
    with given.popover(_("Only certain places"), icon=":material/upload_file:", width="stretch"):
        file = st.file_uploader(_("Places (GeoJSON, GeoPackage) to choose from"), type=["geojson", "gpkg", "json"],
                                key="site-candidates")  # fmt: skip
        st.caption(_("Without a file every place of the area is a candidate."))
    try:
        if file is not None:
            candidates = _candidates(file.getvalue(), file.name)
        proposal = _proposed(found, sensors, candidates)
    except UserError as problem:
        st.info(problem.say(lang()), icon=":material/info:")
        return
    _maps(found, proposal)
    left, right = st.columns(2, gap="medium")
    with left:
        _sites(proposal)
    with right:
        _least(proposal)
    files.offer("siting", {"sites": (_("Sites"), proposal.sites), "sensors": (_("Sensors"), proposal.stations)}, chosen)
    errors.notes([s for s in siting.sentences(proposal, lang()) if not s.text.startswith(("Sensor ", "The existing"))])


def _few(text: str) -> int:
    return min(max(int(text), 1), 8)


def _candidates(content: bytes, name: str) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        return siting.read_candidates(path)


def _proposed(found: Screening, sensors: int, candidates: gpd.GeoDataFrame | None) -> Siting:
    key = "" if candidates is None else candidates.to_wkt().to_csv(index=False)

    def compute() -> Siting:
        with results.progress(_("Comparing where a sensor would help most"), here=True) as say:
            return siting.propose(found, sensors, candidates, say)

    proposal: Siting = results.derived(found, f"siting-{sensors}-{hash(key)}", compute)
    return proposal


def _maps(found: Screening, proposal: Siting) -> None:
    """Draw the expected wrong calls, now and with the new sensors, in the same colours."""
    cells = proposal.cells.to_crs(utm_crs(proposal.cells))
    side = _side(cells)
    scale = squares.even_scale(float(cells["wrong_before"].max()))
    tips = [
        _("Site {rank}: {drop} fewer wrong calls ({unit})", rank=r["rank"], unit=_unit(proposal),
          drop=number(r["wrong_before"] - r["wrong_after"]))
        for r in proposal.sites.to_dict("records")
    ]  # fmt: skip
    words = _("{value} days a year with a wrong call expected", value="{value}")
    where = layers.stations(found.stations.assign(value=np.nan), None, lang=lang())
    for column, part, title in zip(
        st.columns(2), ("wrong_before", "wrong_after"), (_("Now"), _("With the new sensors")), strict=True
    ):
        with column:
            bar = legend.build(
                f"{title}: {_('days a year with a wrong call')}", lang=lang(),
                body=legend.colour_bar(scale, _("days a year")), simulated=proposal.simulated, open_=True,
            )  # fmt: skip
            shown = [squares.squares(cells, part, side, scale, words), where, layers.legend(bar)]
            if part == "wrong_after":
                shown.append(squares.ranked(proposal.sites, tips))
            map_view.show_map(
                dust_view.base(found, title), key=f"sites-{part.replace('_', '-')}-{lang()}", layers=shown,
                height=facts.scaled(HEIGHT),
            )  # fmt: skip


def _side(cells: gpd.GeoDataFrame) -> float:
    """Return the distance of neighbouring judged places, metres."""
    x = np.unique(np.round(cells.geometry.x.to_numpy(), 0))
    steps = np.diff(x)
    return float(np.median(steps[steps > 1])) if (steps > 1).any() else 200.0


def _unit(proposal: Siting) -> str:
    return _("person-days a year") if proposal.people_known else _("cell-days a year")


def _sites(proposal: Siting) -> None:
    st.markdown(f"**{_('Sites, best first')}** · {_unit(proposal)}")
    table = proposal.sites
    tables.show(
        pd.DataFrame(
            {
                _("Rank"): table["rank"],
                _("Fewer wrong calls"): [
                    number(a - b) for a, b in zip(table["wrong_before"], table["wrong_after"], strict=True)
                ],
                _("Share of all"): [f"{100 * v:.1f} %" for v in table["drop_share"]],
                _("Latitude, longitude"): [f"{p.y:.5f}, {p.x:.5f}" for p in table.geometry],
            }
        ),
    )  # fmt: skip


def _least(proposal: Siting) -> None:
    st.markdown(f"**{_('Existing sensors, the one that adds least first')}**")
    rows: list[dict[str, Any]] = proposal.stations.drop(columns="geometry").to_dict("records")
    tables.show(
        pd.DataFrame(
            {
                _("Sensor"): [frame.label(pd.Series(r)) or r["station_id"] for r in rows],
                _("Saves ({unit})", unit=_unit(proposal)): [
                    "–" if pd.isna(r["added"]) else number(float(r["added"])) for r in rows
                ],
            }
        ), height=facts.scaled(180),
    )  # fmt: skip
