"""What the score of zones is made of: the bars, the table, and the parts of one zone."""

from __future__ import annotations

from html import escape
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from language import concentration, number, span, translate, unit, with_range
from pages.parts import badges, charts, facts, hotspot_sheet
from pages.parts.i18n import _, lang
from planning import trends
from planning.screening import Screening
from planning.settings import BURDEN, PARTS, VULNERABILITY
from planning.zones import part_name

PART_COLOURS = {
    "exceedance": "#7F3E06", "excess": "#B8662A", "hotspot": "#7A0F4B", "trend": "#C2827F", "factories": "#6B7280",
    "citizens": "#8A7A3C", "people": "#0F766E", "vulnerable": "#5FA8A0", "receptors": "#3B6FA0",
    "confidence": "#AEB6BD",
}  # fmt: skip
"""One colour a part of the score; the words stand in the legend, the figures in the table."""

_CELL = "padding:3px 8px;border-bottom:1px solid #E3E7E4;vertical-align:top"

COMPONENTS = {"burden": BURDEN, "vulnerability": VULNERABILITY}


def name(row: Any) -> str:
    """Return a zone's name in the reader's language."""
    return str(row["name_th"] if lang() == "th" else row["name_en"])


def part_words(part: str) -> str:
    """Return the name of a part with a capital letter."""
    text = translate(part_name(part).text, lang())
    return text[:1].upper() + text[1:]


def short_words() -> dict[str, str]:
    """Return short names of the parts, for a legend that fits a phone."""
    return {
        "exceedance": _("Days over"), "excess": _("Excess"), "hotspot": _("Hotspots"), "trend": _("Trend"),
        "factories": _("Factories"), "citizens": _("Complaints"), "people": _("People"),
        "vulnerable": _("Ages at risk"),
        "receptors": _("Schools, care"), "confidence": _("Confidence"),
    }  # fmt: skip


def component_words() -> dict[str, str]:
    """Return the names of the product's two components."""
    return {"burden": _("Burden"), "vulnerability": _("Vulnerability")}


def points(row: Any) -> dict[str, float]:
    """Return the points that each part gives.

    Of a weighted score they add up to the score; of a product those of a component add up to its value (0 to 10). A
    part that is unknown gives none, and its weight goes to the others (`planning.scoring`).
    """
    if row["method"] == "product":
        given: dict[str, float] = {}
        for component, members in COMPONENTS.items():
            given |= _shares(row, members, row[component])
        return {p: given[p] for p in PARTS}
    known = [p for p in PARTS if pd.notna(row[f"part_{p}"])]
    total = sum(row[f"weight_{p}"] for p in known) or 1.0
    return {p: row[f"weight_{p}"] * row[f"part_{p}"] / total if p in known else 0.0 for p in PARTS}


def _shares(row: Any, members: tuple[str, ...], value: float) -> dict[str, float]:
    """Return what each member gives to a component's value."""
    raw = {p: row[f"weight_{p}"] * row[f"part_{p}"] if pd.notna(row[f"part_{p}"]) else 0.0 for p in members}
    total = sum(raw.values())
    return {p: 0.0 if not total or pd.isna(value) else value * r / total for p, r in raw.items()}


def score_chart(found: Screening, room: int) -> None:
    """Draw the score of every zone as bars of its parts, first zone on top.

    Of a product the burden goes to the left and the vulnerability to the right; the score, their product, stands at
    the right end.

    Parameters
    ----------
    room : int
        CSS pixels that the chart should fit into, where there are not too many bars.
    """
    zones = found.zones
    product = zones["method"].iloc[0] == "product"
    labels = [f"{row['rank']} · {name(row)}" for row in zones.to_dict("records")]
    rows = _bars(zones, labels, product)
    weighing = [p for p in PARTS if rows["key"].eq(p).any()]
    short = short_words()
    scale = alt.Scale(domain=[short[p] for p in weighing], range=[PART_COLOURS[p] for p in weighing])
    y = alt.Y("zone:N", sort=labels, title=None, axis=alt.Axis(labelLimit=facts.scaled(150)))
    title = _("← burden (0 to 10) · vulnerability (0 to 10) →") if product else _("Score (0 to 100)")
    x = alt.X(
        "points:Q", title=title, scale=alt.Scale(domain=[-10.5, 13] if product else [0, 108]),
        axis=alt.Axis(labelExpr="abs(datum.value)", values=[-10, -5, 0, 5, 10]) if product else alt.Axis(),
    )  # fmt: skip
    named = alt.Legend(orient="top", columns=2, labelLimit=facts.scaled(100))
    bars = alt.Chart(rows).mark_bar(stroke="#FFFFFF", strokeWidth=1).encode(
        y=y,
        x=x,
        color=alt.Color("short:N", scale=scale, title=None, legend=named),
        order="order:Q",
        tooltip=[
            alt.Tooltip("zone:N", title=_("Zone")), alt.Tooltip("class:N", title=_("Class")),
            alt.Tooltip("part:N", title=_("Part")), alt.Tooltip("given:Q", title=_("Points"), format=".1f"),
            alt.Tooltip("score:Q", title=_("Score"), format=".1f"),
        ],
    )  # fmt: skip
    at = zones["vulnerability"].fillna(0) if product else zones["score"]
    ends = pd.DataFrame({"zone": labels, "at": at, "words": [f"{s:.0f}" for s in zones["score"]]})
    totals = alt.Chart(ends).mark_text(align="left", dx=4, fontWeight="bold").encode(y=y, x="at:Q", text="words:N")
    said = [_("Points within burden and vulnerability"), _("at the end the score, 0 to 100")] if product else [
        _("Points of each part after weighting")
    ]  # fmt: skip
    said[-1] += f" · {_('Simulated data')}" if found.simulated else ""
    around = facts.scaled(40 + 19 * len(said) + 24 * ((len(weighing) + 1) // 2) + 40)  # title, lines, legend, axis
    row_height = min(max((room - around) / len(zones), facts.scaled(15)), facts.scaled(30))
    charts.show(
        alt.layer(bars, totals).properties(height=row_height * len(zones) + around),
        _("What the score is made of"),
        said,
        key="zone-scores",
    )


def _bars(zones: pd.DataFrame, labels: list[str], product: bool) -> pd.DataFrame:
    short = short_words()
    rows = [
        {"zone": label, "key": part, "part": part_words(part), "short": short[part], "given": value,
         "order": index, "score": row["score"],
         "points": -value if product and part in BURDEN else value, "class": badges.zone_class(row["class"])}
        for label, row in zip(labels, zones.to_dict("records"), strict=True)
        for index, (part, value) in enumerate(points(row).items())
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    weighing = table.groupby("key")["given"].transform("max") > 0
    return table[weighing] if weighing.any() else table


def table(zones: pd.DataFrame) -> pd.DataFrame:
    """Return the zones as they are listed, in the order of `zones`."""
    return pd.DataFrame(
        {
            "rank": zones["rank"].astype(int),
            "name": [name(row) for row in zones.to_dict("records")],
            "class": [badges.zone_class(key) for key in zones["class"]],
            "score": zones["score"],
            "ranks": [
                f"{a}–{b}" if a != b else f"{a}" for a, b in zip(zones["rank_low"], zones["rank_high"], strict=True)
            ],
            "top": 100 * zones["top_three_share"],
            "robust": [_(badges.ROBUST_WORDS[key]) for key in zones["robustness"]],
            "days": zones["days_over"].round(1),
            "mean": zones["mean_ugm3"].round(1),
            "range": [span(a, b, lang()) for a, b in zip(zones["lower95"], zones["upper95"], strict=True)],
            "excess": zones["excess_ugm3"].round(1),
            "people": zones["people"],
            "over": zones["people_day"].round(),
            "over_range": [
                span(a, b, lang()) for a, b in zip(zones["people_day_low"], zones["people_day_high"], strict=True)
            ],
            "vulnerable": zones["vulnerable_people"],
            "receptors": zones["receptors"],
            "factories": zones["factories"],
            "complaints": zones["complaints"],
            "hotspot": 100 * zones["hotspot_share"],
            "confidence": zones["confidence"],
        }
    )


def columns(count: int) -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table` for so many zones."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    top = _("In first three (%)") if count > 3 else _("First (%)")
    return {
        "rank": figure(_("Rank"), width=50),
        "name": plain(_("Zone")),
        "class": plain(_("Class")),
        "score": st.column_config.ProgressColumn(_("Score"), min_value=0, max_value=100, format="%.0f"),
        "ranks": plain(_("Rank range"), help=_("Where the zone stands in 90 of 100 draws of weights and surfaces")),
        "top": figure(top, format="%.0f", help=_("Share of the draws of weights and surfaces")),
        "robust": plain(_("How firm"), help=_("Whether it stays on its side of the line after the first three")),
        "days": figure(_("Days over standard"), format="%.1f", help=_("Expected days over the 24-hour standard")),
        "mean": figure(_("Mean ({unit})", unit=unit(lang())), format="%.1f"),
        "range": plain(_("95 % range"), help=_("The true mean lies in it in 95 of 100 such cases")),
        "excess": figure(
            _("Above background ({unit})", unit=unit(lang())), format="%.1f",
            help=_("Mean above the background of the region in the same hours (the low quantile)"),
        ),
        "people": figure(_("People"), format="localized"),
        "over": figure(_("People over the standard"), format="localized",
                       help=_("On an average day of the period: people × share of days over the 24-hour standard")),
        "over_range": plain(_("90 % range"), help=_("Of that, over simulated dust maps")),
        "vulnerable": figure(_("Children and old people"), format="localized",
                             help=_("Or people registered at schools and care places")),
        "receptors": figure(_("Schools and care")),
        "factories": figure(_("Factories")),
        "complaints": figure(_("Complaints"), help=_("In meetings, with the hands shown for them")),
        "hotspot": figure(_("In hotspots (%)"), format="%.0f"),
        "confidence": figure(_("Confidence (%)"), format="%.0f", help=_("How well the readings support the map there")),
    }  # fmt: skip


def parts(row: pd.Series) -> None:
    """Draw the parts of one zone's score: what is there, its part, its weight, its points."""
    if row["method"] != "product":
        _parts_table(row, PARTS, product=False)
        return
    for component, members in COMPONENTS.items():
        known = pd.notna(row[component])
        amount = _("{value} of 10", value=number(row[component], 1)) if known else _("not known")
        st.markdown(f"**{component_words()[component]}**: {amount}")
        _parts_table(row, members, product=True)
    if pd.notna(row["burden"]) and pd.notna(row["vulnerability"]):
        st.markdown(
            _("Burden {burden} × vulnerability {vulnerability} = score {score} of 100",
              burden=number(row["burden"], 1), vulnerability=number(row["vulnerability"], 1),
              score=number(row["score"], 0))
        )  # fmt: skip
        st.caption(_("Percentile: share of the zones that have as much of it or less; 0 where there is none."))


def _parts_table(row: pd.Series, members: tuple[str, ...], *, product: bool) -> None:
    """Draw a table whose words wrap: names and figures are longer than a narrow column."""
    given = points(row)
    heads = [_("Part"), _("Here"), _("Percentile") if product else _("0 to 100"), _("Weight (%)"), _("Points")]
    rows = []
    for part in members:
        if not row[f"weight_{part}"] > 0:
            continue
        known = pd.notna(row[f"part_{part}"])
        words = (part_words(part), value(part, row) if known else _("not known"))
        figures = (f"{row[f'part_{part}']:.0f}" if known else "–", f"{100 * row[f'weight_{part}']:.0f}")
        cells = "".join(f"<td style='{_CELL}'>{escape(w)}</td>" for w in words)
        cells += "".join(f"<td style='{_CELL};text-align:right'>{w}</td>" for w in figures)
        rows.append(f"<tr>{cells}<td style='{_CELL};text-align:right' class='points'>{given[part]:.1f}</td></tr>")
    sides = ("left", "left", "right", "right", "right")
    head = "".join(
        f"<th style='{_CELL};text-align:{side};font-weight:400;color:#46565B'>{escape(w)}</th>"
        for w, side in zip(heads, sides, strict=True)
    )
    style = "width:100%;border-collapse:collapse;font-size:.88rem;line-height:1.5;font-variant-numeric:tabular-nums"
    st.html(f"<table class='eco-parts' style='{style}'><tr>{head}</tr>{''.join(rows)}</table>")


def value(part: str, row: pd.Series) -> str:
    """Return what a part was made from, with its unit."""
    if part == "excess":
        if pd.isna(row["excess_ugm3"]):
            return "–"
        text = concentration(row["excess_ugm3"], lang())
        if pd.isna(row["excess_low"]):
            return text
        return with_range(text, row["excess_low"], row["excess_high"], lang(), 1, sure=90)
    if part == "trend":
        return trend_words(row)
    words = {
        "exceedance": hotspot_sheet.days_words(row) if pd.notna(row["days_over"]) else "–",
        "hotspot": facts.percent(row["hotspot_share"]),
        "people": facts.count(row["people"]),
        "vulnerable": vulnerable_words(row),
        "receptors": facts.count(row["receptors"]),
        "factories": _("{count} factories, potential {potential}", count=facts.count(row["factories"]),
                       potential=facts.count(row["factories_potential"])),
        "citizens": facts.count(row["complaints"]),
        "confidence": facts.percent(row["confidence"] / 100),
    }  # fmt: skip
    return words[part]


def vulnerable_words(row: pd.Series) -> str:
    """Return how many people are at risk, and which count that is."""
    count = facts.count(row["vulnerable_people"])
    if row["vulnerable_source"] == "registered":
        return _("{count} registered at schools and care places", count=count)
    return count


def trend_words(row: pd.Series) -> str:
    """Return the trend of the local excess in words and figures."""
    words = _(trends.KINDS[str(row["trend_class"])])
    if pd.isna(row["trend"]):
        return words
    return _("{words} ({slope} {unit} a month)", words=words, slope=trends.signed(row["trend"]), unit=unit(lang()))
