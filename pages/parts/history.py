"""What was imported: when, from which file, how many rows, what was left out; and the way back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from geo import export, ledger
from geo.housekeeping import KEEP_DAYS
from language import Note, moment, number
from pages.parts import errors, holdings, results, station_edit, tables
from pages.parts.i18n import _, lang

_SHOWN = 50


def show() -> None:
    """Draw the imports, newest first, and the one that is chosen."""
    imports = results.lake().imports()
    files, put_right, upkeep = st.tabs([_("Imports"), _("Edits of stations"), _("Upkeep of the store")])
    with upkeep:
        _upkeep()
    with put_right:
        station_edit.log()
    with files:
        _imports(imports)


_FEW = 5
"""Rows up to which the list of imports is as high as they are."""


def _imports(imports: pd.DataFrame) -> None:
    if imports.empty:
        st.info(_("Nothing has been imported yet."), icon=":material/upload_file:")
        return
    chosen = st.dataframe(
        table(imports),
        hide_index=True,
        width="stretch",
        height=260 if len(imports) > _FEW else "auto",
        key=f"imports-{results.snapshot()}",  # after an undo, no other import must look chosen
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
    )["selection"]["rows"]
    if not chosen or chosen[0] >= len(imports):
        st.caption(_("Choose an import to see what was decided and left out, or to undo it."))
        return
    _details(imports.iloc[chosen[0]])


def _upkeep() -> None:
    """List what housekeeping has done by itself, newest first."""
    st.caption(
        _("The store merges its small files and forgets old snapshots by itself. Kept for good: snapshots that "
          "results, plans or an undo need, and the last one of each month; all others for {days} days.",
          days=KEEP_DAYS)
    )  # fmt: skip
    entries = ledger.upkeep(results.lake())[:_SHOWN]
    if not entries:
        st.caption(_("Nothing had to be done yet."))
        return
    rows = {
        "when": [moment(datetime.fromisoformat(entry["noted"]), lang()) for entry in entries],
        "what": [Note.from_dict(entry["said"]).say(lang()) for entry in entries],
    }
    text = st.column_config.TextColumn
    tables.show(pd.DataFrame(rows),
                 column_config={"when": text(_("When")), "what": text(_("What"))})  # fmt: skip


def table(imports: pd.DataFrame) -> pd.DataFrame:
    """Return the imports as they are listed."""
    return pd.DataFrame(
        {
            "when": [moment(t, lang()) for t in imports["imported_at"]],
            "kind": [holdings.kind_name(kind) for kind in imports["kind"]],
            "file": imports["file_name"],
            "kept": imports["rows_kept"],
            "read": imports["rows_read"],
            "source": imports["source"],
            "nature": [_("simulated") if s else _("measured or registered") for s in imports["simulated"]],
        }
    )


def _columns() -> dict[str, Any]:
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "when": plain(_("When")),
        "kind": plain(_("What")),
        "file": plain(_("File")),
        "kept": figure(_("Rows kept"), format="localized"),
        "read": figure(_("Rows read"), format="localized"),
        "source": plain(_("Source")),
        "nature": plain(_("Nature")),
    }


def _details(row: pd.Series) -> None:
    said, files = st.columns([3, 1])
    with said:
        st.markdown(f"**{errors.plain(str(row['file_name']))}** · {moment(row['imported_at'], lang())}")
        errors.notes([Note.from_dict(n) for n in _json(row["notes"], [])])
        mapping = _json(row["mapping"], {})
        if mapping:
            pairs = " · ".join(f"{errors.plain(ours)} ← {errors.plain(theirs)}" for ours, theirs in mapping.items())
            st.caption(_("Columns:") + " " + pairs)
    with files:
        left_out = _json(row["dropped"], [])
        if left_out:
            st.download_button(
                _("Download the {count} rows left out", count=len(left_out)), dropped_csv(left_out),
                file_name=f"left-out-{row['kind']}.csv", mime="text/csv", on_click="ignore",
                icon=":material/download:", width="stretch",
            )  # fmt: skip
        if st.button(_("Undo this import"), icon=":material/undo:", width="stretch"):
            confirm(str(row["import_id"]), str(row["file_name"]))


def dropped_csv(left_out: list[dict[str, Any]]) -> bytes:
    """Return what was left out as CSV, the reason in the reader's language."""
    rows = [
        {
            _("Row"): item.get("row"), _("Column"): item.get("column"), _("Value"): item.get("value"),
            _("Reason"): Note.from_dict(item["reason"]).say(lang())
            if isinstance(item.get("reason"), dict) else item.get("reason"),
        }
        for item in left_out
    ]  # fmt: skip
    return export.harmless(pd.DataFrame(rows)).to_csv(index=False).encode("utf-8-sig")


def _json(text: Any, empty: Any) -> Any:
    return json.loads(text) if isinstance(text, str) and text else empty


def removal(import_id: str) -> list[str]:
    """Return in sentences what taking an import back would do."""
    effect = results.lake().removal(import_id)
    said = [
        _("{count} rows go: {table}.", count=number(rows), table=holdings.kind_name(table))
        + (
            " " + _("In place of {count} of them the row of an earlier import returns.",
                    count=number(effect.back[table]))
            if table in effect.back else ""
        )
        for table, rows in effect.gone.items()
    ]  # fmt: skip
    if not said:
        said = [_("No row goes: later imports have replaced or confirmed all of its rows.")]
    if effect.homeless:
        said.append(
            _("{count} stations lose their place although other imports have readings of them; import their list again "
              "afterwards.", count=number(effect.homeless))
        )  # fmt: skip
    return [*said, _("Other imports and your plans stay as they are.")]


def _undo(import_id: str, name: str) -> None:
    results.lake().remove_import(import_id)
    st.toast(_("The import of {file} is undone.", file=name), icon=":material/check:")


def confirm(import_id: str, name: str) -> None:
    """Ask before an import is undone."""

    @st.dialog(_("Undo the import of {file}?", file=name))
    def ask() -> None:
        for sentence in removal(import_id):
            st.write(sentence)
        if st.button(
            _("Undo this import"), type="primary", icon=":material/undo:", key="undo-import-sure", on_click=_undo,
            args=(import_id, name),
        ):  # fmt: skip
            st.rerun()

    ask()
