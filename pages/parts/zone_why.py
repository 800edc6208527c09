"""Why a zone stands where it stands: the parts of its score, opened down to the readings."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from language import concentration, number, pollutant_name, translate, unit
from pages.parts import badges, charts, errors, facts, hotspot_sheet, likely_table, zone_voices
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning import burden
from planning.screening import Screening
from planning.settings import PARTS
from planning.zones import part_name

PART_COLOURS = {
    "exceedance": "#7F3E06", "hotspot": "#7A0F4B", "people": "#0F766E", "receptors": "#3B6FA0", "factories": "#6B7280",
}  # fmt: skip
"""One colour a part of the score; the words stand in the legend, the figures in the table."""


def name(row: Any) -> str:
    """Return a zone's name in the reader's language."""
    return str(row["name_th"] if lang() == "th" else row["name_en"])


def part_words(part: str) -> str:
    """Return the name of a part with a capital letter."""
    text = translate(part_name(part).text, lang())
    return text[:1].upper() + text[1:]


def points(row: Any) -> dict[str, float]:
    """Return the points that each part gives to the score; they add up to it.

    A part that is unknown gives none, and its weight goes to the others (`planning.zones.scores`).
    """
    known = [p for p in PARTS if pd.notna(row[f"part_{p}"])]
    total = sum(row[f"weight_{p}"] for p in known) or 1.0
    return {p: row[f"weight_{p}"] * row[f"part_{p}"] / total if p in known else 0.0 for p in PARTS}


def score_chart(found: Screening, room: int) -> None:
    """Draw the score of every zone as a bar of its parts, first zone on top.

    Parameters
    ----------
    room : int
        CSS pixels that the chart should fit into, where there are not too many bars.
    """
    zones = found.zones
    labels = [f"{row['rank']} · {name(row)}" for row in zones.to_dict("records")]
    rows = [
        {"zone": label, "part": part_words(part), "points": value, "order": index, "score": row["score"],
         "class": badges.zone_class(row["class"])}
        for label, row in zip(labels, zones.to_dict("records"), strict=True)
        for index, (part, value) in enumerate(points(row).items())
    ]  # fmt: skip
    scale = alt.Scale(domain=[part_words(p) for p in PARTS], range=[PART_COLOURS[p] for p in PARTS])
    y = alt.Y("zone:N", sort=labels, title=None, axis=alt.Axis(labelLimit=150))
    bars = alt.Chart(pd.DataFrame(rows)).mark_bar( stroke="#FFFFFF", strokeWidth=1).encode(
        y=y,
        x=alt.X("points:Q", title=_("Score (0 to 100)"), scale=alt.Scale(domain=[0, 108])),
        color=alt.Color("part:N", scale=scale, title=None, legend=alt.Legend(orient="top", columns=2, labelLimit=170)),
        order="order:Q",
        tooltip=[
            alt.Tooltip("zone:N", title=_("Zone")), alt.Tooltip("class:N", title=_("Class")),
            alt.Tooltip("part:N", title=_("Part")), alt.Tooltip("points:Q", title=_("Points"), format=".1f"),
            alt.Tooltip("score:Q", title=_("Score"), format=".1f"),
        ],
    )  # fmt: skip
    ends = pd.DataFrame({"zone": labels, "score": zones["score"], "words": [f"{s:.0f}" for s in zones["score"]]})
    totals = alt.Chart(ends).mark_text(align="left", dx=4, fontWeight="bold").encode(y=y, x="score:Q", text="words:N")
    mark = f" · {_('Simulated data')}" if found.simulated else ""
    around = 170  # title, legend and axis
    row_height = min(max((room - around) / len(zones), 15), 30)
    charts.show(
        alt.layer(bars, totals).properties(height=row_height * len(zones) + around),
        _("What the score is made of"),
        _("Points of each part after weighting") + mark,
        key="zone-scores",
    )


def table(zones: pd.DataFrame) -> pd.DataFrame:
    """Return the zones as they are listed, in the order of `zones`."""
    return pd.DataFrame(
        {
            "rank": zones["rank"].astype(int),
            "name": [name(row) for row in zones.to_dict("records")],
            "class": [badges.zone_class(key) for key in zones["class"]],
            "score": zones["score"],
            "days": zones["days_over"].round(1),
            "mean": zones["mean_ugm3"].round(1),
            "range": [f"{a:.0f}–{b:.0f}" for a, b in zip(zones["lower95"], zones["upper95"], strict=True)],
            "people": zones["people"],
            "receptors": zones["receptors"],
            "factories": zones["factories"],
            "hotspot": 100 * zones["hotspot_share"],
            "ranks": [
                f"{a}–{b}" if a != b else f"{a}" for a, b in zip(zones["rank_low"], zones["rank_high"], strict=True)
            ],
        }
    )


def columns() -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table`."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "rank": figure(_("Rank"), width=50),
        "name": plain(_("Zone")),
        "class": plain(_("Class")),
        "score": st.column_config.ProgressColumn(_("Score"), min_value=0, max_value=100, format="%.0f"),
        "days": figure(_("Days over standard"), format="%.1f", help=_("Expected days over the 24-hour standard")),
        "mean": figure(_("Mean ({unit})", unit=unit(lang())), format="%.1f"),
        "range": plain(_("95 % range"), help=_("The true mean lies in it in 95 of 100 such cases")),
        "people": figure(_("People"), format="localized"),
        "receptors": figure(_("Schools and care")),
        "factories": figure(_("Factories")),
        "hotspot": figure(_("In hotspots (%)"), format="%.0f"),
        "ranks": plain(_("Rank range"), help=_("Where the zone stands in 90 of 100 draws of other weights")),
    }


def show(found: Screening, row: pd.Series, chosen: Choice) -> None:
    """Open one zone: the sentence, the parts, and behind each part what it rests on."""
    rank = int(row["rank"])
    named = errors.plain(name(row))
    question = _("Why is {name} first?", name=named) if rank == 1 else _(
        "Why is {name} number {rank}?", name=named, rank=rank
    )  # fmt: skip
    head, mark = st.columns([6, 1.2], vertical_alignment="center")
    head.markdown(f"#### {question}")
    with mark:
        badges.zone_badge(row["class"])
    st.markdown(errors.plain(row["reason_th" if lang() == "th" else "reason_en"]))
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _parts(row)
        st.caption(_robust(row, len(found.zones)))
    with right:
        _behind(found, row, chosen)


def _parts(row: pd.Series) -> None:
    given = points(row)
    shown = pd.DataFrame(
        [
            {"part": part_words(p), "value": _value(p, row), "score": row[f"part_{p}"],
             "weight": 100 * row[f"weight_{p}"], "points": given[p]}
            for p in PARTS
        ]
    )  # fmt: skip
    figure = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        column_config={
            "part": st.column_config.TextColumn(_("Part"), width=135),
            "value": st.column_config.TextColumn(_("Here"), width=95),
            "score": figure(_("0 to 100"), width=70, format="%.0f", help=_("100 is the zone with the most of it")),
            "weight": figure(_("Weight (%)"), width=85, format="%.0f"),
            "points": figure(_("Points"), width=70, format="%.1f", help=_("They add up to the score")),
        },
    )


def _value(part: str, row: pd.Series) -> str:
    words = {
        "exceedance": hotspot_sheet.days_words(row) if pd.notna(row["days_over"]) else "–",
        "hotspot": facts.percent(row["hotspot_share"]),
        "people": facts.count(row["people"]),
        "receptors": facts.count(row["receptors"]),
        "factories": _("{count} factories, potential {potential}", count=facts.count(row["factories"]),
                       potential=facts.count(row["factories_potential"])),
    }  # fmt: skip
    return words[part]


def _robust(row: pd.Series, total: int) -> str:
    ranks = (
        _("Rank {low} in 90 of 100 draws of other weights", low=int(row["rank_low"]))
        if row["rank_low"] == row["rank_high"]
        else _("Rank {low} to {high} in 90 of 100 draws of other weights",
               low=int(row["rank_low"]), high=int(row["rank_high"]))
    )  # fmt: skip
    return f"{ranks} ({_('of {total} zones', total=total)}): {_(badges.ROBUSTNESS[row['robustness']])}."


def _behind(found: Screening, row: pd.Series, chosen: Choice) -> None:
    """Draw what the parts rest on, a tab each: readings, people, receptors, factories, hotspots."""
    readings, people, likely, factories, said = st.tabs(
        [_("Readings"), _("People and care"), _("Likely sources"), _("Factories"), _("What people said")]
    )
    with said:
        zone_voices.show(found, str(row["zone_id"]))
    with likely:
        likely_table.show(found, str(row["zone_id"]))
    with readings:
        _readings(found, row, chosen)
    with people:
        _people(found, row)
    with factories:
        inside = found.factories[found.factories["zone_id"] == row["zone_id"]]
        if inside.empty:
            st.caption(_("No factory of the register stands in this zone."))
        else:
            st.markdown(f"**{_('screening evidence, not proof')}**")
            st.dataframe(
                hotspot_sheet.factory_table(inside.sort_values("potential", ascending=False, na_position="last")),
                hide_index=True, width="stretch", height=240, column_config=hotspot_sheet.factory_columns(),
            )  # fmt: skip


def _readings(found: Screening, row: pd.Series, chosen: Choice) -> None:
    zone = found.zones.set_index("zone_id").to_crs(found.surface.rio.crs).geometry[row["zone_id"]]
    near = found.stations.to_crs(found.surface.rio.crs)
    near = near.assign(km=near.geometry.distance(zone) / 1000.0).sort_values("km").head(8)
    st.markdown(
        _("{pollutant}, mean of the period {mean} (95 % range: {low}–{high}), estimated from these stations:",
          pollutant=pollutant_name(chosen.pollutant), mean=concentration(row["mean_ugm3"], lang()),
          low=number(row["lower95"]), high=number(row["upper95"]))
    )  # fmt: skip
    shown = pd.DataFrame(
        {
            "name": near["name_th" if lang() == "th" else "name_en"].fillna(near["station_id"]),
            "kind": [station_kind(k) for k in near["kind"]],
            "km": near["km"].round(1),
            "mean": near["value"].astype(float).round(1),
            "days": near["days_over"],
            "of": near["n_days"],
        }
    )
    figure = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=240,
        column_config={
            "name": st.column_config.TextColumn(_("Station"), width=150),
            "kind": st.column_config.TextColumn(_("Kind"), width=85),
            "km": figure(_("Distance (km)"), format="%.1f", help=_("From the edge of the zone; 0 is inside")),
            "mean": figure(_("Mean ({unit})", unit=unit(lang())), format="%.1f"),
            "days": figure(_("Days over"), help=_("24-hour means over the standard at the station itself")),
            "of": figure(_("Days measured")),
        },
    )


def station_kind(kind: str) -> str:
    """Return the name of a kind of station."""
    names = {"reference": _("reference"), "lowcost": _("low-cost")}
    return names.get(kind, _("unknown"))


def _people(found: Screening, row: pd.Series) -> None:
    source = row["people_source"]
    facts.grid(
        {
            _("People"): facts.count(row["people"]),
            _("Source of the figure"): str(source) if isinstance(source, str) and source else "–",
            _("Schools"): facts.count(row["schools"]),
            _("Hospitals"): facts.count(row["hospitals"]),
        }
    )
    _burden(found, row)
    zone = found.zones.set_index("zone_id").geometry[row["zone_id"]]
    inside = found.receptors[found.receptors.within(zone)]
    if inside.empty:
        st.caption(_("No school or place of care is listed in this zone."))
        return
    shown = pd.DataFrame(
        {
            "name": inside["name_th" if lang() == "th" else "name_en"].fillna(inside["name_th"]),
            "kind": [receptor_kind(k) for k in inside["kind"]],
            "people": inside["people"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=180,
        column_config={
            "name": st.column_config.TextColumn(_("Name")),
            "kind": st.column_config.TextColumn(_("Kind")),
            "people": st.column_config.NumberColumn(_("People"), format="localized"),
        },
    )


def _burden(found: Screening, row: pd.Series) -> None:
    """Say what long-term PM2.5 of this level means for health, with its interval and its warnings."""
    if found.parameters.pollutant != "pm25" or pd.isna(row["mean_ugm3"]):
        return
    share = burden.attributable_share(row["mean_ugm3"], row["lower95"], row["upper95"])
    people = float("nan") if pd.isna(row["people"]) else float(row["people"])
    said = [
        _("If the yearly mean were {mean}, {share} % of natural-cause deaths from the age of 30 would be put down to "
          "PM2.5 (95 % interval: {low}–{high} %; WHO method, against {base} µg/m³).",
          mean=concentration(row["mean_ugm3"], lang()), share=number(100 * share.value),
          low=number(100 * share.low), high=number(100 * share.high), base=f"{burden.COUNTERFACTUAL:g}"),
        *(warning.say(lang()) for warning in burden.warnings(people, int(row["days_total"]))),
    ]  # fmt: skip
    if found.simulated:
        said.append(_("Simulated data"))
    st.caption(" ".join(said))


def receptor_kind(kind: str) -> str:
    """Return the name of a kind of receptor."""
    names = {
        "school": _("school"), "childcare": _("childcare centre"), "hospital": _("hospital"),
        "health_centre": _("health centre"), "elderly_home": _("home for the elderly"), "other": _("other place"),
    }  # fmt: skip
    return names.get(kind, kind)
