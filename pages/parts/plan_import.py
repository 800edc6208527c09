"""Rows of an office's own ผ.02 workbook taken into the plan."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from language import UserError
from pages.parts import errors, plan_desk
from pages.parts.i18n import _, lang
from planning.forms.reading import Read, read_workbook
from planning.plan import Plan


def show(plan: Plan) -> None:
    """Draw the place to drop a workbook, what was found in it, and what was not understood."""
    with st.expander(_("Bring rows from an existing workbook (แบบ ผ.02)"), icon=":material/upload_file:"):
        given = st.file_uploader(
            _("Excel workbook (.xlsx)"), type=["xlsx"], key="plan-workbook", label_visibility="collapsed"
        )
        if given is None:
            st.caption(_("Every sheet with a project table is read; “-” is zero, and what is not understood is said."))
            return
        try:
            read = _read(given.getvalue(), given.name)
        except UserError as error:
            st.error(error.say(lang()), icon=":material/error:")
            return
        if read.rows:
            if read.round != plan.round:
                st.warning(
                    _(
                        "The workbook's years begin in {found}, the plan's in {asked}: amounts keep their place (first "
                        "year, second year, …).", found=read.round, asked=plan.round,
                    ),
                    icon=":material/warning:",
                )  # fmt: skip
            st.button(
                _("Take over {count} rows", count=len(read.rows)), type="primary", icon=":material/playlist_add:",
                on_click=partial(plan_desk.take_over, read.rows), key="plan-take-over",
            )  # fmt: skip
        errors.notes(list(read.notes))


def _read(content: bytes, name: str) -> Read:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        return read_workbook(path)
