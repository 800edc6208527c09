"""The map over time: hours, moving 24-hour means, days, months, seasons or years, played in the browser."""

from __future__ import annotations

from datetime import date

import streamlit as st

from geo import layers, legend, moving, overlays
from geo.palettes import Scale
from language import UserError, pollutant_name, unit
from pages.parts import dust_view, pictures, results, state
from pages.parts.dust_view import Shared, View
from pages.parts.i18n import _, lang
from planning import maps, spans
from planning.screening import Screening

LONGEST = 480
"""Pixels of a frame's longer side."""


def names() -> dict[str, str]:
    """Return each averaging time's name in the reader's language."""
    return {
        "hour": _("1 hour"), "rolling": _("24 hours, moving"), "day": _("Day"), "month": _("Month"),
        "season": _("Season"), "year": _("Year"),
    }  # fmt: skip


def bind() -> str:
    """Bind the averaging time, the step shown and the day around which hours are shown; return the first."""
    state.bind("every", "day", allowed=spans.KINDS)
    # Written by the map itself (static/map/moving.js); bound here so that it stays in the address.
    state.bind("t", None)
    return str(state.get("every"))


def controls(found: Screening) -> None:
    """Draw the day around which hours are shown, where the period is longer than they reach."""
    if state.get("every") not in spans.HOURLY or (found.parameters.end - found.parameters.start).days < spans.MOST_DAYS:
        return
    key = state.bind("around", spans.stretch_of(found).days[spans.MOST_DAYS // 2], parse=date.fromisoformat,
                     write=date.isoformat)  # fmt: skip
    st.date_input(_("Hours around this day"), key=key, min_value=found.parameters.start,
                  max_value=found.parameters.end, format="DD/MM/YYYY")  # fmt: skip


def series(found: Screening) -> spans.Series:
    """Return the maps of the averaging time chosen; days where there are no hourly readings, with a sentence."""
    kind = str(state.get("every") or "day")
    try:
        made = _made(found, kind)
    except UserError as error:
        st.info(error.say(lang()), icon=":material/schedule:")
        return _made(found, "day")
    if not made.steps:
        st.info(_("Too few stations have readings for this averaging time; single days are shown."),
                icon=":material/schedule:")  # fmt: skip
        return _made(found, "day")
    return made


def _made(found: Screening, kind: str) -> spans.Series:
    around = state.get("around") if kind in spans.HOURLY else None

    def compute() -> spans.Series:
        if kind not in spans.HOURLY:
            return spans.series(results.lake(), found, kind)
        with results.progress(_("Reading the hours and fitting one variogram to all of them")):
            return spans.series(results.lake(), found, kind, around)

    made: spans.Series = results.derived(found, f"series-{kind}-{around}", compute)
    return made


def scale_of(all_series: list[spans.Series]) -> Scale:
    """Return the classes that all steps of one or more series share; of days, those of the moving picture too."""
    if len(all_series) == 1 and all_series[0].kind == "day":
        return maps.day_scale(all_series[0].found)
    return dust_view.scale_over([s.found.parameters.pollutant for s in all_series], spans.extremes(all_series))


def view(found: Screening, *, opacity: float = 0.75, shared: Shared | None = None) -> View:
    """Return the moving layer and its legend."""
    shared = shared or Shared((found,))
    own = series(found)
    scale = scale_of([own if f is found else series(f) for f in shared.founds])
    start = own.find(str(state.get("t"))) if state.get("t") else None
    start = own.worst() if start is None else start
    ground = results.derived(found, f"start-{own.kind}-{start}", lambda: own.map(start))
    shown = moving.moving(
        frames(own, scale, start, bounds=overlays.bounds(ground["mean"], LONGEST)), lang=lang(), opacity=opacity,
        measured=own.measured, scale=scale, kinds=names(), kind=own.kind, linked=shared.linked, group=shared.group,
    )  # fmt: skip
    words = unit(lang())
    return View(
        [*dust_view.under(found), shown, layers.hatch(ground, found.mask)],
        f"{_titles(found)[own.kind]} ({words})",
        legend.colour_bar(scale, words),
        [_lines()[own.kind]],
        [legend.hatch_key(lang())],
        legend.class_keys(scale),
    )


def frames(own: spans.Series, scale: Scale, start: int, bounds: overlays.LatLonBounds) -> moving.Frames:
    """Return the pictures of a series, drawn when a browser asks for them."""
    found = own.found
    about = (found.snapshot, found.parameters, own.kind, own.steps[0].name, len(own.steps), scale.breaks,
             str(results.lake().where.catalog))  # fmt: skip

    def draw(number: int) -> bytes:
        return overlays.drawn(own.map(number)["mean"], scale, longest=LONGEST)[0]

    return moving.Frames(
        pictures.hang(about, len(own.steps), draw),
        [spans.label(step, own.kind, lang()) for step in own.steps],
        [step.name for step in own.steps],
        bounds,
        start,
    )


def _titles(found: Screening) -> dict[str, str]:
    name = pollutant_name(found.parameters.pollutant)
    return {
        "hour": _("{pollutant}, 1-hour mean", pollutant=name),
        "rolling": _("{pollutant}, mean of the last 24 hours", pollutant=name),
        "day": _("{pollutant}, 24-hour mean of each day", pollutant=name),
        "month": _("{pollutant}, mean of each month", pollutant=name),
        "season": _("{pollutant}, mean of each season", pollutant=name),
        "year": _("{pollutant}, mean of each year", pollutant=name),
    }


def _lines() -> dict[str, str]:
    return {
        "hour": _("Thai time. The 24-hour standard and the air quality index do not apply to one hour."),
        "rolling": _("Each mean is over the 24 hours that end at the time shown, Thai time."),
        "day": _("Starts with the worst day; the bar below steps through the days."),
        "month": _("Means of 24-hour means, of the days inside the chosen period."),
        "season": _("Means of 24-hour means; hot from mid-February, rainy from mid-May, cool from mid-October."),
        "year": _("Means of 24-hour means, of the days inside the chosen period."),
    }


def took(answer: dict[str, object]) -> bool:
    """Take over an averaging time just chosen on the map's bar; whether there was one."""
    feature = answer.get("last_active_drawing")
    properties = feature.get("properties", {}) if isinstance(feature, dict) else {}
    if properties.get("kind") != "step" or st.session_state.get("_step_at") == properties.get("at"):
        return False
    st.session_state["_step_at"] = properties.get("at")
    if properties.get("id") not in spans.KINDS:
        return False
    state.put("every", properties["id"])
    state.put("t", None)
    return True

