"""The dust surface: mean, uncertainty, exceedance, hour by hour; its variogram, its test, what was decided."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from geo import export, layers
from interpolation.stack import write_netcdf
from interpolation.surface import write_cog
from language import UserError
from pages.parts import (
    dust_view,
    errors,
    files,
    fold,
    frame,
    map_view,
    results,
    state,
    surface_checks,
    surface_hours,
    surface_jobs,
    surface_words,
)  # fmt: skip
from pages.parts.i18n import _, lang
from planning import hours
from planning.screening import Screening

SIDES = ("mean", "sd", "exceedance", "hours")


def chooser() -> str:
    """Draw which side of the surface to look at."""
    words = dust_view.titles() | {"hours": _("Hour by hour")}
    side = st.segmented_control(
        _("Side of the surface"), SIDES, format_func=words.__getitem__, required=True, key="side",
        label_visibility="collapsed",
    )  # fmt: skip
    return str(side)


def surface_map(found: Screening, side: str) -> None:
    """Draw the map of the period."""
    shown = dust_view.view(found, side, opacity=0.85)
    shown = replace(shown, lines=[*shown.lines, surface_words.support(found)])
    groups = [
        *shown.groups,
        layers.boundaries(found.units, lang=lang(), names=False),
        dust_view.stations(found),
        dust_view.legend_of(found, shown, dust_view.station_keys()),
    ]
    with st.container(key="surfacemap"):
        map_view.show_map(dust_view.base(found, _("Dust surface")), f"surface-{lang()}", groups, height=480)


def downloads(found: Screening, chosen: frame.Choice) -> None:
    """Draw the surface's files."""
    cog, netcdf = partial(write_cog, found.surface), partial(write_netcdf, found.surface)
    with st.popover(_("Download"), icon=":material/download:", width="stretch"):
        for words, suffix, mime, make in (
            (_("GeoTIFF for QGIS"), "tif", "image/tiff", partial(files.written, cog, "tif")),
            ("NetCDF", "nc", "application/x-netcdf", partial(files.written, netcdf, "nc")),
            (_("Stations, CSV (Excel)"), "csv", files.CSV, partial(station_csv, found)),
            (_("Test of the surface, CSV (Excel)"), "test.csv", files.CSV, partial(validation_csv, found)),
        ):
            st.download_button(
                words, make, file_name=files.name("surface", chosen, suffix), mime=mime, key=f"surface-{suffix}",
                on_click="ignore", icon=":material/download:", width="stretch",
            )  # fmt: skip


def station_csv(found: Screening) -> bytes:
    """Return the stations with their means as CSV that Excel opens with its Thai right."""
    plain = pd.DataFrame(found.stations.drop(columns="geometry"))
    return export.harmless(plain).to_csv(index=False).encode("utf-8-sig")


def validation_csv(found: Screening) -> bytes:
    """Return every left-out prediction, with the station's id and the day in place of their numbers."""
    table, ids, days = found.validation.table, surface_checks.places(found), found.days
    named = table.assign(
        station=[ids[i] for i in table["station"].astype(int)],
        step=[days[i].isoformat() for i in table["step"].astype(int)],
    ).rename(columns={"step": "date", "station": "station_id"})
    return export.harmless(named).to_csv(index=False).encode("utf-8-sig")


def period(found: Screening, side: str) -> None:
    """Draw a side of the period's surface with its variogram and its test."""
    surface_map(found, side)
    with right:
        surface_checks.scores(found)
        surface_checks.variogram(found)
        surface_checks.scatter(found)
    with corner:
        downloads(found, chosen)


def hourly(found: Screening) -> hours.HourStack | None:
    """Draw the maps of a day's hours, or how they are coming along."""
    wish = surface_hours.controls(found)
    made = surface_hours.stack(found, wish)
    if made is None:
        return None
    try:
        surface_hours.draw_map(found, made, wish, height=430)
        with right:
            surface_hours.beside(found, made, wish)
        with corner:
            surface_hours.downloads(found, made, wish, chosen)
    except UserError as problem:  # the file was damaged or taken away while we looked
        key = hours.key(found, wish.stretch)
        hours.Cache.of(results.lake()).drop(key)
        surface_jobs.desk().forget(key)
        errors.show(problem)
        return None
    return made


state.bind("side", "mean", allowed=SIDES)  # before the heading, which says over which time is averaged
chosen = frame.choice()
found = results.screening(chosen)
wide, corner = st.columns([5, 1.4], vertical_alignment="top")
with wide:
    frame.header(
        _("Dust surface"), _("Between the stations the dust is estimated, with how sure we are."), badge=found.simulated
    )
    averaging = _("1-hour mean") if state.get("side") == "hours" else ""
    frame.context_line(chosen, averaging=averaging, source=", ".join(found.sources))
left, right = st.columns([3, 2], gap="medium")
with left:
    side = chooser()
    stack = hourly(found) if side == "hours" else period(found, side)
if side != "hours":
    surface_checks.draw(found)
elif stack is not None:
    st.html(f"<h2 class='eco-h2'>{_('What the computer decided')}</h2>")
    surface_words.table(surface_hours.decided(found, stack))
    if box := fold.unfolded(_("Every note of the computation"), "hours-notes", icon=":material/list:"):
        with box:
            errors.notes(stack.notes)
