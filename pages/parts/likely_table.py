"""The ranked likely sources of a hotspot or zone, with the parts, the hours and the uncertainty."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.i18n import _, lang
from planning.screening import Screening


def show(found: Screening, target: str, height: int = 240) -> None:
    """List the likely sources of one place, or say why there is no list."""
    rows = found.likely[found.likely["target_id"] == target]
    st.markdown(f"**{_('Likely sources')}** · {_('screening evidence, not proof')}")
    if rows.empty:
        st.caption(_("Nothing can be said: no day over the standard with wind readings, or no source within reach."))
        return
    hours, days = int(rows["hours"].iloc[0]), int(rows["days"].iloc[0])
    st.dataframe(table(rows), hide_index=True, width="stretch", height=height, column_config=columns())
    st.caption(
        _(
            "From {hours} hours with dust over the standard and wind, on {days} days. Share: plume weight times the "
            "strength that type and horsepower suggest, out of everything weighed; it is not a measured contribution. "
            "Filters, fuel and hours of work are not known. Visit before you conclude.",
            hours=hours, days=days,
        )
    )  # fmt: skip


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return likely sources as they are shown."""
    others = {
        "traffic": _("Traffic and the town's small sources"),
        "burning": _("Open burning, by the hours of the day"),
    }
    kind = "type_name_th" if lang() == "th" else "type_name_en"
    return pd.DataFrame(
        {
            "rank": rows["rank"].astype(int),
            "source": [
                others.get(source, name if isinstance(name, str) and name else source)
                for source, name in zip(rows["source_id"], rows["name_th"], strict=True)
            ],
            "share": 100 * rows["share"].astype(float),
            "ranks": [
                f"{a}–{b}" if a != b else f"{a}" for a, b in zip(rows["rank_low"], rows["rank_high"], strict=True)
            ],
            "upwind": 100 * rows["upwind_share"].astype(float),
            "potential": rows["potential"].astype(float),
            "plume": rows["plume_weight"].astype(float),
            "km": rows["distance_km"].astype(float),
            "type": rows[kind],
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
            help=_("Share of these hours in which the wind blew from it to some part of the place"),
        ),
        "potential": figure(
            _("Dust potential"), format="%.0f", width=85, help=_("0 to 9: the type's dust potential × horsepower class")
        ),
        "plume": figure(
            _("Plume weight"), format="%.1f", width=85,
            help=_("µg/m³ that 1 g/s there would add, mean of these hours; a simple Gaussian plume"),
        ),
        "km": figure(_("Distance (km)"), format="%.1f", width=85),
        "type": plain(_("Type"), help=_("Type in the list of the Department of Industrial Works")),
    }  # fmt: skip
