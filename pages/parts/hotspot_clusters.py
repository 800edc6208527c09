"""Do high places stand together? Gi* and local Moran of stations and areas: marks on the map, a table, and words."""

from __future__ import annotations

from typing import Any

import folium
import pandas as pd
import streamlit as st

from geo import legend, marks
from language import N_, concentration, number, unit
from pages.parts import fold, results, state, tables
from pages.parts.i18n import _, lang
from planning.clusters import Clusters
from planning.screening import Screening

MORAN = {
    "high-high": N_("high among high"),
    "low-low": N_("low among low"),
    "high-low": N_("high among low"),
    "low-high": N_("low among high"),
}


AMONG = ("stations", "areas")


def judged(found: Screening, among: str) -> Clusters:
    """Return the clusters of stations or areas in the measure that is chosen."""
    from planning import clusters  # scikit-learn stands behind it: only this page waits for it

    measure = state.get("together", "mean")
    look = {"stations": clusters.station_clusters, "areas": clusters.area_clusters}[among]
    made: Clusters = results.derived(found, f"clusters-{among}-{measure}", lambda: look(found, measure))
    return made


def bind() -> None:
    """Give the choices of places and measure their values; call before the map is drawn."""
    state.bind("together", "mean", allowed=("mean", "days"))
    state.bind("among", "stations", allowed=AMONG)


def mark_of(row: pd.Series) -> str:
    """Return the mark of a row of `Clusters.table`."""
    if row["moran_kind"] in ("high-low", "low-high"):
        return "unlike"
    return str(row["gi"])


def layer(found: Screening) -> tuple[list[folium.FeatureGroup], list[legend.Key]]:
    """Return the stations or areas with their marks, and the legend of the marks that are there."""
    among = str(state.get("among"))
    looked = judged(found, among)
    if looked.table.empty:
        return [], []
    kinds, values = {}, {}
    for _number, row in looked.table.iterrows():
        for place in row["place_id"].split(","):
            kinds[place], values[place] = mark_of(row), _value(looked, row["value"])
    there = set(kinds.values())
    if among == "areas":
        keys = [legend.Key(marks.area_glyph(k), _(words)) for k, words in marks.AREA_MARKS.items() if k in there]
        return [marks.areas(found.zones, kinds, values, lang())], keys
    keys = [legend.Key(marks.glyph(k), _(words)) for k, words in marks.MARKS.items() if k in there]
    return [marks.stations(found.stations, kinds, values, lang())], keys


def _value(looked: Clusters, value: float) -> str:
    if looked.measure == "days":
        return _("{count} days over the standard", count=number(value, 1))
    return _("{value}, mean of the period", value=concentration(value, lang()))


def _marked(looked: Clusters) -> int:
    return 0 if looked.table.empty else int((looked.table.apply(mark_of, axis=1) != "").sum())


def show(found: Screening) -> None:
    """Draw the part of the page about clusters."""
    both = {among: judged(found, among) for among in AMONG}
    title = _("Do high places stand together? Marked stations: {stations}, areas: {areas}",
              **{among: _marked(looked) for among, looked in both.items()})  # fmt: skip
    box = fold.unfolded(title, "clusters", icon=":material/hub:")
    if box is None:
        return
    with box:
        left, right = st.columns(2, gap="small")
        places = {"stations": _("Stations"), "areas": _("Areas that are ranked")}
        left.segmented_control(
            _("Places compared"), AMONG, key="among", format_func=places.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        names = {"mean": _("Mean of the period"), "days": _("Days over the standard")}
        right.segmented_control(
            _("Compared by"), list(names), key="together", format_func=names.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        for looked in both.values():
            st.markdown(" ".join(s.say(lang()) for s in looked.sentences))
        looked = both[str(state.get("among"))]
        if looked.table.empty:
            return
        tables.show(
            table(looked), height=260, column_config=columns(looked),
        )  # fmt: skip
        st.caption(_how(looked.of))


def _how(of: str) -> str:
    """Return how the places were compared."""
    words = {
        "stations": _(
            "Gi* (Getis and Ord) looks at a station with its nearest neighbours; local Moran (Anselin) at a "
            "station against them. p-values by shuffling the readings over the stations; marks keep the rate of "
            "false alarms (Benjamini and Hochberg 1995). Readings of the stations themselves, never of the map."
        ),
        "areas": _(
            "Gi* (Getis and Ord) looks at an area with those that touch it; local Moran (Anselin) at an area against "
            "them. p-values by shuffling the means over the areas; marks keep the rate of false alarms (Benjamini "
            "and Hochberg 1995). Means of the dust map inside each area."
        ),
    }
    return words[of]


def table(looked: Clusters) -> pd.DataFrame:
    """Return the places as they are shown: marked ones first, then the highest."""
    words = {"high": _("high cluster"), "low": _("low cluster"), "": "–"}
    kinds = {k: _(w) for k, w in MORAN.items()} | {"": "–"}
    rows = looked.table.assign(mark=looked.table.apply(mark_of, axis=1) != "")
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


def columns(looked: Clusters) -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table`."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    value = _("Days over standard") if looked.measure == "days" else _("Mean ({unit})", unit=unit(lang()))
    return {
        "station": plain(_("Station") if looked.of == "stations" else _("Area")),
        "gi": plain(_("With its neighbours (Gi*)"), help=_("Whether the place and its neighbours are high or low")),
        "moran": plain(
            _("Against its neighbours (Moran)"), help=_("Whether the place is like its neighbours or unlike them")
        ),
        "value": figure(value, format="%.1f"),
        "around": figure(
            _("Neighbours’ mean"), format="%.1f", help=_("Mean of its nearest stations, or of the areas that touch it")
        ),
        "z": figure(_("Gi* (z)"), format="%.2f", help=_("Standard deviations away from what chance expects")),
        "p": figure(_("p of Gi*"), format="%.4f"),
        "p_moran": figure(_("p of Moran"), format="%.4f"),
    }
