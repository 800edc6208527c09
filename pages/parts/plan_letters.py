"""Draft letters: who writes, about what, which letter; the draft to take home for the legal officer."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from language import UserError
from pages.parts import errors, files, zone_why
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import letters
from planning.letters import Finding, Letter
from planning.screening import Screening

CLINIC = "clinic"


def show(found: Screening, chosen: Choice, office: str) -> None:
    """Draw the choice of writer, place and letter, the facts it would state, and its download."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        writer = _writer(office)
        finding = _finding(found)
        kind = _kind(writer)
        days = st.number_input(_("Days given to put it right"), 1, 90, 7) if "{days}" in "".join(kind.body) else 7
    with right:
        if finding is None:
            st.info(_("Write what the visit found; a letter needs a fact."), icon=":material/edit:")
            return
        _preview(kind, finding, writer, office, int(days), chosen)


def _writer(office: str) -> str:
    known = letters.writer_of(office)
    names = {"municipality": _("Municipality (เทศบาล)"), "sao": _("Subdistrict organisation (อบต.)"),
             "pao": _("Provincial organisation (อบจ.)"), "province": _("Province")}  # fmt: skip
    chosen = str(
        st.selectbox(
            _("Who writes"), list(names), index=list(names).index(known) if known else 0,
            format_func=names.__getitem__, key=f"letter-writer-{known}",
            help=_("Read from the name of the local government; it decides which powers there are."),
        )
    )  # fmt: skip
    if not known:
        st.caption(_("The name above does not say what kind of office writes: choose it here."))
    if chosen == "pao":
        st.caption(_("An อบจ. asks the province; notices are for the municipality or the อบต. of the place."))
    return chosen


def _finding(found: Screening) -> Finding | None:
    places = {str(z["zone_id"]): f"{_('Zone')} {z['rank']} · {zone_why.name(z)}" for z in _rows(found.zones)}
    places |= {str(h["hotspot_id"]): f"{_('Hotspot')} {h['rank']} · {zone_why.name(h)}" for h in _rows(found.hotspots)}
    places[CLINIC] = _("A visit of the pollution clinic")
    key = str(st.selectbox(_("What it is about"), list(places), format_func=places.__getitem__, key="letter-place"))
    if key != CLINIC:
        return letters.of_place(found, key)
    place = st.text_input(_("Place of the visit"), key="letter-clinic-place")
    words = st.text_area(_("What was found, one fact a line"), key="letter-clinic-words", height=110)
    table = pd.DataFrame(found.factories.drop(columns="geometry")).reset_index(drop=True)
    visited = st.multiselect(
        _("Factories it is about"), list(table.index), format_func=lambda i: str(table.loc[i, "name_th"]),
        key="letter-clinic-factories",
    )  # fmt: skip
    if not words.strip() or not place.strip():
        return None
    return letters.of_clinic(
        place.strip(), words, table.loc[visited], snapshot=found.snapshot, simulated=bool(found.simulated)
    )


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return table.drop(columns="geometry").sort_values("rank").to_dict("records")


def _kind(writer: str) -> Letter:
    kinds = {letter.kind: letter for letter in letters.offered(writer)}
    titles = {
        "industry-request": _("Request to the provincial industry office"),
        "delegated": _("Notice of inspection to a class 1–2 factory (delegated task)"),
        "nuisance-area": _("Notice of a nuisance-control area"),
        "open-burning": _("Notice against open burning"),
        "burning-ban": _("Province-wide ban on open burning"),
    }
    key = st.selectbox(
        _("Letter"), list(kinds), format_func=lambda k: titles.get(k, kinds[k].title_en), key=f"letter-kind-{writer}"
    )
    return kinds[str(key)]


def _preview(kind: Letter, finding: Finding, writer: str, office: str, days: int, chosen: Choice) -> None:
    make = partial(letters.write_docx, kind, finding, office=office, writer=writer, days=days)
    try:
        draft = files.written(make, "docx")
    except UserError as error:
        st.warning(error.say(lang()), icon=":material/info:")
        return
    st.download_button(
        _("Download the draft (.docx)"), draft, file_name=files.name(f"draft-{kind.kind}", chosen, "docx"),
        mime=files.DOCX, type="primary", icon=":material/download:", on_click="ignore", key="get-letter",
    )  # fmt: skip
    st.markdown(f"**เรื่อง {errors.plain(kind.subject.format(place=finding.place))}**")
    st.markdown("\n".join(f"- {errors.plain(fact)}" for fact in finding.facts))
    near = letters.concerned(kind, writer, finding.factories)
    if "{factories}" in kind.body:
        st.caption(
            _("{count} factories are listed, the ones of the class this writer may write about.", count=len(near))
        )
    st.caption(
        _(
            "A draft for the legal officer, in Thai. Its last page says what has to be checked against the Acts. It is "
            "screening evidence, not proof that a factory is the source."
        )
    )
