"""The ranked likely sources of a hotspot or zone, with the parts, the hours and the uncertainty."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import tables
from pages.parts.i18n import _, lang
from planning.likely import RANKED
from planning.screening import Screening
from planning.sentences import evidence_sentence, nearby_note


def show(found: Screening, target: str, height: int = 240) -> None:
    """List the sources of one place, the likeliest first, then the factories there that weigh less."""
    rows = found.likely[found.likely["target_id"] == target]
    rest = others_there(found, target, set(rows["source_id"]))
    st.markdown(f"**{_('Likely sources')}** · {_('screening evidence, not proof')}")
    if rows.empty and rest.empty:
        st.caption(_("Nothing can be said: no day over the standard with wind readings, or no source within reach."))
        return
    shown = pd.concat([table(rows, found.factories), rest_table(rest)], ignore_index=True)
    tables.show(shown, height=height, column_config=columns())
    if rows.empty:
        st.caption(_("No wind readings on days over the standard, so the factories are not ranked."))
        return
    hours, days = int(rows["hours"].iloc[0]), int(rows["days"].iloc[0])
    st.caption(
        _(
            "From {hours} hours with dust over the standard and wind, on {days} days. Share: plume weight times the "
            "strength that type, horsepower and the readings suggest, out of everything weighed; it is not a measured "
            "contribution. "
            "Filters, fuel and hours of work are not known. Visit before you conclude.",
            hours=hours, days=days,
        )
        + (f" {shown}" if (shown := evidence_sentence(rows, lang())) else "")
        + (" " + _("Without a rank: factories here that weigh less than those ranked.") if len(rest) else "")
    )  # fmt: skip


def others_there(found: Screening, target: str, listed: set[str]) -> pd.DataFrame:
    """Return the factories in or near a place that are not among its ranked sources."""
    key = "hotspot_id" if target in set(found.hotspots["hotspot_id"]) else "zone_id"
    here = found.factories[found.factories[key] == target]
    here = here[~here["factory_id"].astype(str).isin(listed)]
    same = here["upwind_of"] == target  # a share that was taken of another place is none of this one's
    here = here.assign(upwind_share=here["upwind_share"].where(same))
    return pd.DataFrame(here.sort_values(["potential", "hp"], ascending=False, na_position="last"))


def table(rows: pd.DataFrame, factories: pd.DataFrame) -> pd.DataFrame:
    """Return likely sources as they are shown, with what the register says of a factory."""
    others = {
        "traffic": _("Traffic and the town's small sources"),
        "burning": _("Open burning, by the hours of the day"),
    }
    kind = "type_name_th" if lang() == "th" else "type_name_en"
    register = factories.drop_duplicates("factory_id").set_index(factories["factory_id"].astype(str))
    known = register.reindex(rows["source_id"])
    return pd.DataFrame(
        {
            "rank": rows["rank"].astype(float).to_numpy(),
            "source": [
                others.get(source, name if isinstance(name, str) and name else source)
                for source, name in zip(rows["source_id"], rows["name_th"], strict=True)
            ],
            "share": 100 * rows["share"].astype(float).to_numpy(),
            "ranks": [_ranks(row) for row in rows.to_dict("records")],
            "upwind": 100 * rows["upwind_share"].astype(float).to_numpy(),
            "nearby": [_nearby(row) for row in rows.to_dict("records")],
            "potential": rows["potential"].astype(float).to_numpy(),
            "plume": rows["plume_weight"].astype(float).to_numpy(),
            "factor": rows["factor"].astype(float).to_numpy(),
            "km": rows["distance_km"].astype(float).to_numpy(),
            "type": rows[kind].to_numpy(),
            "hp": known["hp"].astype(float).to_numpy(),
            "class": pd.to_numeric(rows["factory_class"], errors="coerce").astype(float).to_numpy(),
            "reg_no": known["reg_no"].to_numpy(),
        }
    )


def _ranks(row: dict[str, Any]) -> str:
    low, high = int(row["rank_low"]), int(row["rank_high"])
    if low > RANKED:
        return _("behind {count}", count=RANKED)
    return f"{low}–{high}" if low != high else f"{low}"


def _nearby(row: dict[str, Any]) -> str:
    """Return what own layers show near the place; a dash where there is no such layer."""
    return "–" if pd.isna(row["nearby"]) else nearby_note(row).say(lang())


def rest_table(rest: pd.DataFrame) -> pd.DataFrame:
    """Return factories without a rank in the columns of `table`."""
    kind = "type_name_th" if lang() == "th" else "type_name_en"
    blank = [float("nan")] * len(rest)
    return pd.DataFrame(
        {
            "rank": blank,
            "source": rest["name_th"].to_numpy(),
            "share": blank,
            "ranks": "–",
            "upwind": 100 * rest["upwind_share"].astype(float).to_numpy(),
            "nearby": "–",
            "potential": rest["potential"].astype(float).to_numpy(),
            "plume": blank,
            "factor": blank,
            "km": blank,
            "type": rest[kind].to_numpy(),
            "hp": rest["hp"].astype(float).to_numpy(),
            "class": pd.to_numeric(rest["factory_class"], errors="coerce").astype(float).to_numpy(),
            "reg_no": rest["reg_no"].to_numpy(),
        }
    )


def columns() -> dict[str, Any]:
    """Return heading, meaning and form of each column of `table`."""
    plain, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "rank": figure(_("Rank"), width=50),
        "source": plain(_("Source"), width=165),
        "share": figure(_("Share (%)"), format="%.0f", width=75, help=_("Part of everything that was weighed")),
        "ranks": plain(
            _("Rank range"), width=85, help=_("Where it stands in 90 of 100 draws of other days over the standard")
        ),
        "upwind": figure(
            _("Upwind (%)"), format="%.0f", width=85,
            help=_("Share of these hours in which the wind blew from it to some part of the place; from roads: mean "
                   "over the place"),
        ),
        "nearby": plain(
            _("On own layers"), width=150,
            help=_("Roads, and fires seen on these days, from layers brought on the map page. They don't change the "
                   "order: a satellite misses small fires and fires under cloud, a road says nothing of its traffic"),
        ),
        "potential": figure(
            _("Dust potential"), format="%.0f", width=85, help=_("0 to 9: the type's dust potential × horsepower class")
        ),
        "plume": figure(
            _("Plume weight"), format="%.1f", width=85,
            help=_("µg/m³ that 1 g/s there would add, mean of these hours; a simple Gaussian plume"),
        ),
        "factor": figure(
            _("By the readings (×)"), format="%.1f", width=85,
            help=_("By what the readings change the strength that type and horsepower suggest; 1 is not at all"),
        ),
        "km": figure(_("Distance (km)"), format="%.1f", width=85),
        "type": plain(_("Type"), help=_("Type in the list of the Department of Industrial Works")),
        "hp": figure(_("Horsepower"), format="localized"),
        "class": figure(
            _("Factory class"), help=_("จำพวก: 1 and 2 are supervised by the municipality, 3 by the province")
        ),
        "reg_no": plain(_("Registration no.")),
    }  # fmt: skip
