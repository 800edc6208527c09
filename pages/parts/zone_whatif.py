"""What if: drop an indicator, move the threshold, remove a sensor, and see which zones change."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from language import unit
from pages.parts import badges, files, frame, state, tables, zone_score, zone_weights
from pages.parts.i18n import _, lang
from planning import whatif
from planning.screening import Screening, rescore
from planning.settings import PARTS

NONE = ""
LEAST_LIMIT, MOST_LIMIT = 5.0, 150.0


def show(found: Screening, chosen: frame.Choice) -> None:
    """Draw the three wishes and, where there is one, the table of before and after."""
    part, limit, sensor = _wishes(found)
    if not part and limit == found.standard.value and not sensor:
        st.caption(_("Choose one above: the ranking is made anew and laid beside the present one. Nothing is stored."))
        return
    after = _after(found, chosen, part, limit, sensor)
    changed = whatif.compare(found.zones, after.zones)
    st.markdown(f"**{_said(changed)}**")
    table = _table(changed)
    tables.show(
        table.drop(columns="changed").style.apply(lambda row: _marked(row, table), axis=1).format(precision=1),
        column_config=_columns(), height=min(36 * (len(table) + 1) + 3, 420),
    )  # fmt: skip
    st.download_button(
        _("This table (CSV)"), lambda: changed.table.to_csv(index=False).encode("utf-8-sig"),
        file_name=files.name("what-if", chosen, "csv"), mime=files.CSV, on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _wishes(found: Screening) -> tuple[str, float, str]:
    """Draw the three choices in a row and return them."""
    weighing = [p for p in PARTS if (found.parameters.weights or {}).get(p)]
    stations = found.stations[found.stations["distance_km"] <= 30]
    names = {str(r["station_id"]): frame.label(pd.Series(r)) for r in stations.to_dict("records")}
    nothing = {NONE: _("(none left out)")}
    parts = nothing | {p: zone_score.part_words(p) for p in weighing}
    sensors = nothing | {i: f"{words} ({i})" for i, words in names.items()}
    left, middle, right = st.columns(3, gap="medium")
    part = left.selectbox(
        _("Without the indicator"), list(parts), key=state.bind("if-part", NONE, allowed=list(parts)),
        format_func=parts.__getitem__,
    )  # fmt: skip
    state.bind("if-limit", float(found.standard.value), parse=_limit, write=lambda v: f"{v:g}")
    limit = middle.number_input(
        _("With the threshold ({unit}, 24 h)", unit=unit(lang())), LEAST_LIMIT, MOST_LIMIT, step=2.5, key="if-limit",
    )  # fmt: skip
    sensor = right.selectbox(
        _("Without the sensor"), list(sensors), key=state.bind("if-sensor", NONE, allowed=list(sensors)),
        format_func=sensors.__getitem__,
    )  # fmt: skip
    return str(part), float(limit), str(sensor)


def _limit(text: str) -> float:
    value = float(text)
    if not LEAST_LIMIT <= value <= MOST_LIMIT:
        raise ValueError(text)
    return value


def _after(found: Screening, chosen: frame.Choice, part: str, limit: float, sensor: str) -> Screening:
    changes: dict[str, Any] = {}
    if limit != found.standard.value:
        changes["threshold"] = limit
    if sensor:
        changes["without"] = (sensor,)
    after = zone_weights.screening(chosen, **changes) if changes else found
    if not part:
        return after
    weights = whatif.without_part(found.parameters.weights or {}, part)
    return rescore(after, weights, found.parameters.method)


def _said(changed: whatif.Changes) -> str:
    names = changed.table.set_index("code")["name_th" if lang() == "th" else "name_en"]
    if not changed.moved and not changed.reclassed:
        return _("Nothing changes: every zone keeps its rank and its class.")
    text = _("{moved} of {total} zones change their rank, {classes} their class.", moved=changed.moved,
             total=len(changed.table), classes=changed.reclassed)  # fmt: skip
    if changed.entered or changed.left:
        into = ", ".join(str(names.get(c, c)) for c in changed.entered) or "–"
        out = ", ".join(str(names.get(c, c)) for c in changed.left) or "–"
        text += " " + _("Into the first three: {into}; out of them: {out}.", into=into, out=out)
    return text


def _table(changed: whatif.Changes) -> pd.DataFrame:
    rows = changed.table
    return pd.DataFrame(
        {
            "name": rows["name_th" if lang() == "th" else "name_en"],
            "before": rows["rank_before"].astype(int),
            "after": rows["rank_after"].astype(int),
            "moved": [f"▲ {m}" if m > 0 else f"▼ {-m}" if m < 0 else "=" for m in rows["moved"]],
            "score_before": rows["score_before"],
            "score_after": rows["score_after"],
            "class_before": [badges.zone_class(c) for c in rows["class_before"]],
            "class_after": [badges.zone_class(c) for c in rows["class_after"]],
            "days_before": rows["days_before"],
            "days_after": rows["days_after"],
            "changed": (rows["moved"] != 0) | (rows["class_before"] != rows["class_after"]),
        }
    )


def _marked(row: pd.Series, table: pd.DataFrame) -> list[str]:
    strong = "background-color:#FDF3E3;font-weight:700" if table.loc[row.name, "changed"] else ""
    return [strong] * len(row)


def _columns() -> dict[str, Any]:
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "name": plain(_("Zone")),
        "before": figure(_("Rank before")),
        "after": figure(_("Rank after")),
        "moved": plain(_("Places")),
        "score_before": figure(_("Score before"), format="%.1f"),
        "score_after": figure(_("Score after"), format="%.1f"),
        "class_before": plain(_("Class before")),
        "class_after": plain(_("Class after")),
        "days_before": figure(_("Days over, before"), format="%.1f"),
        "days_after": figure(_("Days over, after"), format="%.1f"),
    }
