"""What people said in meetings about a zone: counted by kind, with their words."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo import reports
from language import day
from pages.parts import results, tables
from pages.parts.i18n import _, lang
from planning import voices
from planning.screening import Screening


def show(found: Screening, zone_id: str) -> None:
    """Draw the reports of one zone, newest meeting first; what was said since the screening is here too."""
    zone = found.zones[found.zones["zone_id"] == zone_id]
    heard = voices.heard(results.lake().reports(), zone, simulated=found.simulated)
    heard = heard[~heard.geometry.is_empty]
    st.caption(
        _("Hands are no measurement: complaints weigh a little in the score (see its parts), praise and ideas do not.")
    )
    if heard.empty:
        st.info(_("Nobody has spoken about this zone yet. Take pins under Meeting, What you say."),
                icon=":material/record_voice_over:")  # fmt: skip
        return
    st.markdown(f"**{' · '.join(_counted(heard, zone))}**")
    tables.show(
        _table(heard), height=200,
        column_config={
            "kind": st.column_config.TextColumn(_("What it is about"), width=110),
            "votes": st.column_config.NumberColumn(_("Hands"), width=60, help=_("Hands raised")),
            "note": st.column_config.TextColumn(_("In a few words")),
            "day": st.column_config.TextColumn(_("Day of the meeting"), width=110),
            "place": st.column_config.TextColumn(_("Place of the meeting")),
        },
    )  # fmt: skip


def _counted(heard: gpd.GeoDataFrame, zone: gpd.GeoDataFrame) -> list[str]:
    rows = voices.by_zone(heard, zone).to_dict("records")
    return [f"{_(reports.KIND_WORDS[row['kind']])} {reports.hands(row['hands']).say(lang())}" for row in rows]


def _table(heard: gpd.GeoDataFrame) -> pd.DataFrame:
    shown = heard.sort_values(["meeting_date", "votes"], ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "kind": [_(reports.KIND_WORDS[kind]) for kind in shown["kind"]],
            "votes": shown["votes"].astype(int),
            "note": shown["note"],
            "day": [_day(text) for text in shown["meeting_date"]],
            "place": shown["place"],
        }
    )


def _day(text: object) -> str:
    try:
        return day(date.fromisoformat(str(text)), lang())
    except ValueError:  # a file may hold any text
        return "" if pd.isna(text) else str(text)  # type: ignore[call-overload]
