"""Workspaces: the areas that people work on; a new one from imported boundaries; the demo out and back."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from geo import backup, demo
from geo.schema import ImportRecord
from pages.parts import files, frame, results, tables
from pages.parts.i18n import _


def show() -> None:
    """Draw the workspaces, the form for a new one, and the demo's switch."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"**{_('Areas you work on')}**")
        spaces = results.workspaces()
        if spaces.empty:
            st.caption(_("No workspace yet. Import a boundary, then make one here."))
        else:
            tables.show(_table(spaces))
        _new()
    with right:
        _demo()
        _backup()


def _table(spaces: pd.DataFrame) -> pd.DataFrame:
    counts = [len(json.loads(codes)) for codes in spaces["boundary_codes"]]
    return pd.DataFrame(
        {
            _("Workspace"): [frame.label(row) for _i, row in spaces.iterrows()],
            _("Boundaries"): counts,
            _("Nature"): [_("simulated") if s else _("your own") for s in spaces["simulated"]],
        }
    )


def _new() -> None:
    bounds = results.lake().read("boundaries", "NOT simulated")
    if bounds.empty:
        return
    with st.form("new-workspace", clear_on_submit=True):
        st.markdown(f"**{_('New workspace')}**")
        names = {row["code"]: f"{frame.label(row)} ({row['code']})" for _i, row in bounds.iterrows()}
        codes = st.multiselect(
            _("Made of these boundaries"), list(names), format_func=names.__getitem__, placeholder=_("Choose")
        )
        thai, english = st.columns(2)
        name_th = thai.text_input(_("Name in Thai"))
        name_en = english.text_input(_("Name in English"))
        if not st.form_submit_button(_("Make the workspace"), type="primary", icon=":material/add:"):
            return
        if not codes or not (name_th.strip() or name_en.strip()):
            st.error(_("Choose at least one boundary and give the workspace a name."), icon=":material/error:")
            return
        _store(codes, name_th.strip() or name_en.strip(), name_en.strip() or name_th.strip())
    st.toast(_("The workspace is made; choose it on the left."), icon=":material/check:")
    st.rerun()


def _store(codes: list[str], name_th: str, name_en: str) -> None:
    """Write a workspace as an import of its own, so that it can be undone like any other."""
    workspace_id = f"area-{uuid.uuid4().hex[:8]}"
    row = {
        "workspace_id": workspace_id, "name_th": name_th, "name_en": name_en, "simulated": False,
        "boundary_codes": json.dumps(codes, ensure_ascii=False), "created_at": datetime.now(UTC),
    }  # fmt: skip
    record = ImportRecord(kind="workspaces", file_name=name_th, rows_read=1, rows_kept=1)
    results.lake().append({"workspaces": pd.DataFrame([row])}, record=record)


def _demo() -> None:
    with st.container(border=True):
        st.markdown(f"**{_('The demo')}**")
        if has_demo():
            st.write(
                _("Simulated towns to look around in. Remove them when your own data are here; they can come back.")
            )
            if st.button(_("Remove the demo"), icon=":material/delete:"):
                confirm_removal()
        else:
            st.write(_("The demo is removed. It is built again from the same numbers in a few seconds."))
            if st.button(_("Bring the demo back"), icon=":material/play_arrow:"):
                with st.spinner(_("Writing the demo workspace")):
                    demo.build(results.lake())
                st.rerun()


def _backup() -> None:
    with st.container(border=True):
        st.markdown(f"**{_('Backup')}**")
        st.write(_("The whole store in one file. “python -m geo restore” puts it back."))
        st.download_button(
            _("Download a backup"),
            partial(files.written, partial(backup.backup, results.lake()), "zip"),
            file_name=f"ecotown-air-{results.today():%Y%m%d}.zip",
            mime="application/zip",
            on_click="ignore",
            icon=":material/download:",
        )


def has_demo() -> bool:
    """Whether simulated workspaces are in the store."""
    spaces = results.workspaces()
    return bool(len(spaces) and spaces["simulated"].any())


def _remove() -> None:
    results.lake().remove_simulated()
    st.toast(_("The demo is removed."), icon=":material/check:")


def confirm_removal() -> None:
    """Ask before the demo is removed."""

    @st.dialog(_("Remove the demo?"))
    def ask() -> None:
        st.write(
            _("Everything simulated goes, with the plans made for the demo towns. Your own data stay as they are.")
        )
        if st.button(
            _("Remove the demo"), type="primary", icon=":material/delete:", key="remove-demo-sure", on_click=_remove
        ):
            st.rerun()

    ask()
