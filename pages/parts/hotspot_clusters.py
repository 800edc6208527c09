"""Do high stations stand together? Gi* and local Moran of the stations: marks on the map, a table, and words."""

from __future__ import annotations

from typing import Any

import folium
import pandas as pd
import streamlit as st

from geo import legend, marks
from language import N_, concentration, number
from pages.parts import results, state
from pages.parts.i18n import _, lang
from planning.clusters import Clusters
from planning.screening import Screening

MORAN = {
    "high-high": N_("high among high"),
    "low-low": N_("low among low"),
    "high-low": N_("high among low"),
    "low-high": N_("low among high"),
}


def of_stations(found: Screening) -> Clusters:
    """Return the clusters of the stations in the measure that is chosen."""
    from planning import clusters  # scikit-learn stands behind it: only this page waits for it

    measure = state.get("together", "mean")
    made: Clusters = results.derived(found, f"clusters-{measure}", lambda: clusters.station_clusters(found, measure))
    return made


def bind() -> None:
    """Give the choice of the measure its value; call before the map is drawn."""
    state.bind("together", "mean", allowed=("mean", "days"))


def mark_of(row: pd.Series) -> str:
    """Return the mark of a row of `Clusters.table`."""
    if row["moran_kind"] in ("high-low", "low-high"):
        return "unlike"
    return str(row["gi"])


def layer(found: Screening) -> tuple[list[folium.FeatureGroup], list[legend.Key]]:
    """Return the stations with their marks, and the legend of the marks that are there."""
    judged = of_stations(found)
    if judged.table.empty:
        return [], []
    kinds, values = {}, {}
    for _number, row in judged.table.iterrows():
        for station in row["place_id"].split(","):
            kinds[station], values[station] = mark_of(row), _value(judged, row["value"])
    keys = [legend.Key(marks.glyph(k), _(words)) for k, words in marks.MARKS.items() if k in set(kinds.values())]
    return [marks.stations(found.stations, kinds, values, lang())], keys


def _value(judged: Clusters, value: float) -> str:
    if judged.measure == "days":
        return _("{count} days over the standard", count=number(value, 1))
    return _("{value}, mean of the period", value=concentration(value, lang()))


def show(found: Screening) -> None:
    """Draw the part of the page about clusters."""
    judged = of_stations(found)
    marked = 0 if judged.table.empty else int((judged.table.apply(mark_of, axis=1) != "").sum())
    title = _("Do high stations stand together? Marked stations: {count}", count=marked)
    with st.expander(title, icon=":material/hub:"):
        names = {"mean": _("Mean of the period"), "days": _("Days over the standard")}
        st.segmented_control(
            _("Compared by"), list(names), key="together", format_func=names.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        st.markdown(" ".join(s.say(lang()) for s in judged.sentences))
        if judged.table.empty:
            return
        st.dataframe(
            table(judged), hide_index=True, width="stretch", height=260, column_config=columns(judged),
        )  # fmt: skip
        st.caption(
            _(
                "Gi* (Getis and Ord) looks at a station with its nearest neighbours; local Moran (Anselin) at a "
                "station against them. p-values by shuffling the readings over the stations; marks keep the rate of "
                "false alarms (Benjamini and Hochberg 1995). Readings of the stations themselves, never of the map."
            )
        )


def table(judged: Clusters) -> pd.DataFrame:
    """Return the stations as they are shown: marked ones first, then the highest."""
    words = {"high": _("high cluster"), "low": _("low cluster"), "": "–"}
    kinds = {k: _(w) for k, w in MORAN.items()} | {"": "–"}
    rows = judged.table.assign(mark=judged.table.apply(mark_of, axis=1) != "")
    rows = rows.sort_values(["mark", "gi_z"], ascending=False)
    return pd.DataFrame(
        {
            "station": rows["name_th" if lang() == "th" else "name_en"],
            "gi": [words[k] for k in rows["gi"]],
            "moran": [kinds[k] for k in rows["moran_kind"]],
            "value": rows["value"].round(1),
            "around": rows["neighbours_mean"].round(1),
            "z": rows["gi_z"].round(2),
            "p": rows["gi_p"],
            "p_moran": rows["moran_p"],
        }
    )


def columns(judged: Clusters) -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table`."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    value = _("Days over standard") if judged.measure == "days" else _("Mean (µg/m³)")
    return {
        "station": plain(_("Station")),
        "gi": plain(_("With its neighbours (Gi*)"), help=_("Whether the station and its neighbours are high or low")),
        "moran": plain(
            _("Against its neighbours (Moran)"), help=_("Whether the station is like its neighbours or unlike them")
        ),
        "value": figure(value, format="%.1f"),
        "around": figure(_("Neighbours’ mean"), format="%.1f", help=_("Mean of its nearest stations")),
        "z": figure(_("Gi* (z)"), format="%.2f", help=_("Standard deviations away from what chance expects")),
        "p": figure(_("p of Gi*"), format="%.4f"),
        "p_moran": figure(_("p of Moran"), format="%.4f"),
    }
