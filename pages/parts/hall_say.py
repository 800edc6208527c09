"""What people say in the hall: a click on the map, a kind, a number of hands; kept as records of the meeting."""

from __future__ import annotations

from functools import partial
from html import escape
from io import BytesIO

import folium
import geopandas as gpd
import pandas as pd
import streamlit as st

from geo import export, layers, reports
from geo.importing import import_file
from geo.schema import REPORT_KINDS
from language import UserError
from pages.parts import dust_view, facts, files, frame, hall_table, map_view, results
from pages.parts.i18n import _, lang
from planning.screening import Screening

COLOURS = reports.KIND_COLOURS
_PIN = "_hall_pin"


def show(found: Screening, chosen: frame.Choice) -> None:
    """Draw the map to click on, the form, what was said so far, and the files."""
    meeting = _meeting(found)
    said = results.lake().reports()
    said = said[said["meeting_id"] == meeting.meeting_id]
    left, right = st.columns([3, 2], gap="small")
    with left:
        _map(found, said)
    with right:
        _form(meeting)
        _totals(said)
        _taken_home(said, chosen)
        _brought()


def _meeting(found: Screening) -> reports.Meeting:
    left, right = st.columns([1, 3])
    day = left.date_input(_("Day of the meeting"), value=results.today(), format="DD/MM/YYYY", key="meeting_day")
    place = right.text_input(_("Place of the meeting"), key="meeting_place", max_chars=80)
    return reports.Meeting(day, place, simulated=found.simulated)


def _map(found: Screening, said: gpd.GeoDataFrame) -> None:
    groups = [layers.boundaries(found.units, lang=lang(), names=len(found.units) <= 60), _pins(said)]
    answer = map_view.show_map(
        dust_view.base(found, _("Map to pin what people say")), key=f"hall-say-{lang()}", layers=groups,
        height=facts.scaled(430), returned_objects=map_view.CLICKS,
    )  # fmt: skip
    click = map_view.clicked(answer, "hall-say")
    if click:
        st.session_state[_PIN] = (click.lat, click.lon)
        st.rerun()


def _pins(said: gpd.GeoDataFrame) -> folium.FeatureGroup:
    """Return the pins, each with its word and hands; the place just clicked is a ring."""
    group = folium.FeatureGroup(name="reports")
    for row in said[~said.geometry.is_empty].itertuples():
        words = f"{_(reports.KIND_WORDS[row.kind])} {row.votes}"
        style = (f"background:{COLOURS[row.kind]};color:#fff;border:2px solid #fff;border-radius:8px;padding:1px 7px;"
                 "font-weight:700;white-space:nowrap;display:inline-block;transform:translate(-50%,-50%)")  # fmt: skip
        icon = folium.DivIcon(html=f"<span style='{style}'>{escape(words)}</span>", icon_size=(0, 0))
        folium.Marker((row.lat, row.lon), icon=icon, alt=words).add_to(group)
    place = st.session_state.get(_PIN)
    if place:
        folium.CircleMarker(place, radius=14, color="#1F2A2E", weight=4, fill=False).add_to(group)
    return group


def _form(meeting: reports.Meeting) -> None:
    place = st.session_state.get(_PIN)
    st.caption(
        _("The place is marked by a ring. Choose what it is about.") if place
        else _("Click the map where people mean. Praise and ideas may be without a place.")
    )  # fmt: skip
    with st.container(border=True):
        kind = st.pills(_("What is it about?"), REPORT_KINDS, default="smoke",
                        format_func=lambda k: _(reports.KIND_WORDS[k]), required=True, key="say_kind")  # fmt: skip
        left, right = st.columns([1, 2])
        votes = left.number_input(
            _("Hands raised"), min_value=1, max_value=reports.MOST, value=1, step=1, key="say_votes"
        )
        words = right.text_input(
            _("In a few words (no names, no telephone numbers)"), max_chars=200, key="say_words"
        )
        sent = st.button(_("Add to the record"), type="primary", icon=":material/add_location:")
    if sent:
        _store(partial(reports.add, results.lake(), meeting, str(kind), int(votes), said=words,
                       lat=place[0] if place else None, lon=place[1] if place else None))  # fmt: skip
    if st.button(_("Take the last one back"), icon=":material/undo:"):
        _store(partial(reports.undo, results.lake(), meeting))


def _store(work: partial[object]) -> None:
    try:
        work()
    except UserError as error:
        st.error(error.say(lang()), icon=":material/error:")
        return
    for name in (_PIN, "say_votes", "say_words"):  # the next voice starts afresh; the kind often stays
        st.session_state.pop(name, None)
    results.keep_steady()
    st.rerun()


def _totals(said: gpd.GeoDataFrame) -> None:
    """Draw what was said, most hands first: a bar, the word and the numbers."""
    if said.empty:
        st.info(_("Nothing was recorded in this meeting yet."), icon=":material/record_voice_over:")
        return
    counted = reports.totals(said)
    most = int(counted["votes"].max())
    bars = "".join(
        f"<tr><th scope='row' style='text-align:left;padding-right:.6rem'>{escape(_(reports.KIND_WORDS[kind]))}</th>"
        f"<td style='width:50%'><div style='background:{COLOURS[kind]};height:1.1rem;"
        f"width:{100 * votes / most:.0f}%'></div></td>"
        f"<td style='padding-left:.6rem;font-weight:700'>{escape(_hands(votes, count))}</td></tr>"
        for kind, votes, count in zip(counted.index, counted["votes"], counted["reports"], strict=True)
    )
    st.html(f"<table style='width:100%'><caption>{escape(_('What this meeting said'))}</caption>{bars}</table>")
    with st.expander(_("The map as a table"), icon=":material/table:"):
        columns = {"kind": (_("What is it about?"), ""), "votes": (_("Hands raised"), ""),
                   "note": (_("In a few words"), "")}  # fmt: skip
        listed = pd.DataFrame(said).assign(kind=[_(reports.KIND_WORDS[kind]) for kind in said["kind"]])
        hall_table.show(listed, columns, (), _("The map as a table"), facts.scaled(220))


def _hands(votes: int, count: int) -> str:
    return f"{reports.hands(votes).say(lang())} · {reports.times(count).say(lang())}"


def _plain(said: gpd.GeoDataFrame) -> pd.DataFrame:
    columns = ["report_id", "meeting_id", "meeting_date", "place", "kind", "votes", "lat", "lon", "boundary_code",
               "note", "simulated"]  # fmt: skip
    return export.harmless(pd.DataFrame(said[columns]))


def workbook(plain: pd.DataFrame) -> bytes:
    """Return a table as .xlsx."""
    out = BytesIO()
    plain.to_excel(out, index=False)
    return out.getvalue()


def _taken_home(said: gpd.GeoDataFrame, chosen: frame.Choice) -> None:
    if said.empty:
        return
    placed = said[~said.geometry.is_empty]
    kinds = (
        ("csv", files.CSV, lambda: _plain(said).to_csv(index=False).encode("utf-8-sig")),
        ("xlsx", files.XLSX, lambda: workbook(_plain(said))),
        ("gpkg", files.GPKG, lambda: files.geopackage(placed, "reports")),
    )
    for column, (suffix, mime, make) in zip(st.columns(3), kinds, strict=True):
        column.download_button(
            f".{suffix}", make, file_name=files.name("reports", chosen, suffix), mime=mime, key=f"said-{suffix}",
            on_click="ignore", icon=":material/download:", width="stretch",
        )  # fmt: skip


def _brought() -> None:
    """Draw the way in for the file that the slides saved: the same reports are never counted twice."""
    with st.expander(_("Bring in what the slides saved"), icon=":material/upload_file:"):
        st.caption(
            _("The file meeting-….csv of the slides' last page. Its pins join the meeting of its day and place.")
        )
        file = st.file_uploader(
            _("File of the meeting"), type=["csv"], key="said_file", label_visibility="collapsed"
        )  # fmt: skip
        if file is not None and st.button(_("Import the file"), icon=":material/download_done:", type="primary"):
            try:
                done = import_file(results.lake(), file.getvalue(), "reports", name=file.name)
            except UserError as error:
                st.error(error.say(lang()), icon=":material/error:")
                return
            results.keep_steady()
            st.success(_("{count} rows are stored.", count=done.kept), icon=":material/check_circle:")
            for problem in done.problems(5):
                st.caption(problem.say(lang()))
