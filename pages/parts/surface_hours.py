"""Hour by hour on the surface page: choose a day, compute in the background, step through its 24 maps at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo import layers, legend, moving, overlays
from geo.palettes import PRIMARY, concentration_scale
from language import UserError, day, number, pollutant_name, unit
from language.progress import Progress
from pages.parts import (
    charts,
    dust_view,
    errors,
    files,
    frame,
    map_view,
    pictures,
    place_tables,
    results,
    state,
    surface_jobs,
    surface_words,
)  # fmt: skip
from pages.parts.i18n import _, lang
from planning import hours
from planning.hours import HourStack, Stretch
from planning.screening import Screening

SPANS = ("day", "all")
SHORT = 10.0
"""Seconds up to which the maps are computed without being asked for."""
STOPPED = "_hours_stopped"


@dataclass(frozen=True)
class Wish:
    """The day looked at, and the days to compute."""

    when: date
    stretch: Stretch


@dataclass(frozen=True)
class Drawn:
    """A day as it is shown: a picture of each hour, figures of each hour, the first hour for its support."""

    pictures: list[bytes]
    bounds: overlays.LatLonBounds
    table: pd.DataFrame
    ground: Any


def controls(found: Screening) -> Wish:
    """Draw the row of controls: which day, and how much to compute."""
    first, last = found.parameters.start, found.parameters.end
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    key = state.bind("hday", hours.worst_day(found), parse=date.fromisoformat, write=date.isoformat)
    if not first <= st.session_state[key] <= last:
        st.session_state[key] = hours.worst_day(found)
    left.date_input(
        _("Day"), key=key, min_value=first, max_value=last, format="DD/MM/YYYY", label_visibility="collapsed",
        help=_("Begins with the day of the highest mean."),
    )  # fmt: skip
    words = {"day": _("This day"), "all": _("All days of the period")}
    span = right.segmented_control(
        _("Days to compute"), SPANS, format_func=words.__getitem__, required=True,
        key=state.bind("hspan", "day", allowed=SPANS), label_visibility="collapsed",
    )  # fmt: skip
    when = st.session_state[key]
    return Wish(when, Stretch(first, last) if span == "all" else Stretch(when, when))


def stack(found: Screening, wish: Wish) -> HourStack | None:
    """Return the stack wished for; else draw its progress, the way to start it, or why it failed, and return None."""
    desk, key, reader = surface_jobs.desk(), hours.key(found, wish.stretch), _reader()
    stopped: set[str] = st.session_state.setdefault(STOPPED, set())
    expected = hours.estimate(found, wish.stretch)
    cache = hours.Cache.of(results.lake())
    run = desk.find(key)
    if run is None and key not in stopped and (expected.seconds <= SHORT or cache.holds(key)):
        run = _start(found, wish.stretch, key, reader)
    if run is None or key in stopped:
        _offer(found, wish.stretch, key, expected)
        return None
    if not surface_jobs.settle(run, 0.4):
        _follow(key, reader, expected.sentence.say(lang()))
        return None
    problem = run.future.exception()
    if isinstance(problem, UserError):
        st.error(problem.say(lang()), icon=":material/error:")
        st.button(_("Try again"), on_click=partial(_again, found, wish.stretch, key), key="hours-again")
        return None
    made: HourStack = run.future.result()
    if not made.path.exists():  # dropped since, to make room
        desk.forget(key)
        st.rerun()
    return made


def _reader() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _start(found: Screening, stretch: Stretch, key: str, reader: str) -> surface_jobs.Run:
    lake = results.lake()
    cache = hours.Cache.of(lake)

    def compute(say: Progress) -> HourStack:
        return hours.make_stack(lake, found, stretch, cache, say)

    return surface_jobs.desk().start(key, reader, compute)


def _again(found: Screening, stretch: Stretch, key: str) -> None:
    st.session_state[STOPPED].discard(key)
    _start(found, stretch, key, _reader())


def _offer(found: Screening, stretch: Stretch, key: str, expected: hours.Estimate) -> None:
    """Say what the maps will take, and let the reader start."""
    if key in st.session_state[STOPPED]:
        st.info(_("Stopped. Nothing half-made was kept."), icon=":material/block:")
    st.markdown(errors.plain(expected.sentence.say(lang())))
    st.button(
        _("Compute the hours"), on_click=partial(_again, found, stretch, key), type="primary",
        icon=":material/calculate:", key="hours-compute",
    )  # fmt: skip


@st.fragment(run_every=0.5)
def _follow(key: str, reader: str, expected: str) -> None:
    """Draw the progress bar and the cancel button until the run is done."""
    run = surface_jobs.desk().find(key)
    if run is None or run.future.done():
        st.rerun()
    words = _(run.sentence) if run.sentence else _("Waiting for its turn")
    st.progress(min(max(run.share, 0.0), 1.0), text=words)
    st.caption(errors.plain(expected))
    if st.button(_("Cancel"), icon=":material/close:", key="hours-cancel"):
        st.session_state[STOPPED].add(key)
        surface_jobs.desk().cancel(key, reader)
        st.rerun()


def draw_map(found: Screening, made: HourStack, wish: Wish, height: int) -> None:
    """Draw the map with the bar that steps through the hours, all of them already in the browser."""
    key = hours.key(found, wish.stretch)
    seen = drawn(found, made, wish.when)
    title_day = day(wish.when, lang())
    frames = moving.Frames(
        pictures.hang((key, wish.when), len(seen.pictures), seen.pictures.__getitem__),
        [f"{title_day} {hour:02d}:00–{(hour + 1) % 24:02d}:00" for hour in range(len(seen.pictures))],
        [f"{wish.when}T{hour:02d}" for hour in range(len(seen.pictures))],
        seen.bounds,
        worst_hour(seen.table),
    )
    shown = moving.moving(frames, lang=lang(), opacity=0.85)
    groups = [
        *dust_view.under(found),
        shown,
        layers.hatch(seen.ground, found.mask),
        layers.boundaries(found.units, lang=lang(), names=False),
        dust_view.stations(found, coloured=False),
        dust_view.legend_of(found, _legend(found, made, wish), dust_view.station_keys()),
    ]
    with st.container(key="surfacemap"):
        map_view.show_map(
            dust_view.base(found, _("Dust surface, hour by hour")), f"hours-{lang()}", groups, height=height
        )
    place_tables.expander(partial(_hours_said, seen.table))


def drawn(found: Screening, made: HourStack, when: date) -> Drawn:
    """Return what is shown of a day, read from the disk once."""
    return results.derived(found, f"hours-{made.path.name}-{when}", lambda: _drawn(found, made, when))


def _drawn(found: Screening, made: HourStack, when: date) -> Drawn:
    maps, scale = made.day(when), _scale(found, made)
    drawings = [overlays.drawn(maps["mean"].isel(time=h), scale, longest=420) for h in range(maps.sizes["time"])]
    first = maps.isel(time=0)
    ground = first.assign(supported=first["supported"].astype(bool))
    return Drawn([png for png, _bounds in drawings], drawings[0][1], hour_table(maps), ground)


def _scale(found: Screening, made: HourStack) -> Any:
    return concentration_scale(found.parameters.pollutant, made.low, made.high)


def _legend(found: Screening, made: HourStack, wish: Wish) -> dust_view.View:
    words = unit(lang())
    title = _("{pollutant}, 1-hour mean ({unit})", pollutant=pollutant_name(found.parameters.pollutant), unit=words)
    lines = [
        day(wish.when, lang()),
        _("Each hour by its beginning, Thai time."),
        _("Classes of one hour: the 24-hour standard and the air quality index do not apply."),
        surface_words.within(made.fit.reach_km),
    ]
    return dust_view.View([], title, legend.colour_bar(_scale(found, made), words), lines, [legend.hatch_key(lang())])


def worst_hour(table: pd.DataFrame) -> int:
    """Return the hour of the day with the highest mean over the area; 0 where no hour has any."""
    means = table["mean"].to_numpy(float)
    return int(np.nanargmax(means)) if np.isfinite(means).any() else 0


def hour_table(maps: Any) -> pd.DataFrame:
    """Return each hour's mean over the area, the least and the greatest place, and the usual uncertainty."""
    mean, sd = maps["mean"].to_numpy(), maps["sd"].to_numpy()
    rows = []
    for hour in range(len(mean)):
        good = np.isfinite(mean[hour])
        row = {"hour": hour, "mean": np.nan, "least": np.nan, "greatest": np.nan, "sd": np.nan}
        if good.any():
            inside = mean[hour][good]
            row |= {
                "mean": float(inside.mean()), "least": float(inside.min()), "greatest": float(inside.max()),
                "sd": float(sd[hour][good].mean()),
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _hours_said(table: pd.DataFrame) -> pd.DataFrame:
    """Return `hour_table` with headings in the reader's language, µg/m³."""
    words = unit(lang())
    return pd.DataFrame(
        {
            _("Hour"): [f"{hour:02d}:00" for hour in table["hour"]],
            _("Mean ({unit})", unit=words): table["mean"].round(1),
            _("Least place ({unit})", unit=words): table["least"].round(1),
            _("Greatest place ({unit})", unit=words): table["greatest"].round(1),
            _("Usual uncertainty, one standard deviation ({unit})", unit=words): table["sd"].round(1),
        }
    )


def beside(found: Screening, made: HourStack, wish: Wish) -> None:
    """Draw the figures of the hourly maps and the course of the day."""
    score, words = made.fit.scores, unit(lang())
    frame.figures(
        {
            _("Typical miss"): (f"{number(score['mae'], 1)} {words}", _("Mean absolute error at left-out stations.")),
            _("Correlation"): (number(score["r"], 2), _("Between measured and predicted 1-hour means; 1 is perfect.")),
            _("Inside the 95 % range"): (
                f"{score['coverage95']:.0%}",
                _("Share of measured values inside the stated 95 % range; honest is about 95 %."),
            ),
            _("Stations"): (number(made.fit.stations), _("Stations with hourly readings.")),
        }
    )
    table = drawn(found, made, wish.when).table
    x = alt.X("hour:Q", title=_("hour of the day (Thai time)"), scale=alt.Scale(domain=[0, 23], nice=False))
    band = alt.Chart(table).mark_area(opacity=0.22, color=PRIMARY).encode(
        x=x, y=alt.Y("least:Q", title=_("1-hour mean ({unit})", unit=words)), y2="greatest:Q"
    )  # fmt: skip
    line = alt.Chart(table).mark_line(color=PRIMARY, strokeWidth=2.5, point=True).encode(
        x=x, y="mean:Q",
        tooltip=[alt.Tooltip("hour:Q", title=_("hour")),
                 alt.Tooltip("mean:Q", title=_("mean of the area"), format=".1f"),
                 alt.Tooltip("least:Q", title=_("cleanest place"), format=".1f"),
                 alt.Tooltip("greatest:Q", title=_("dustiest place"), format=".1f"),
                 alt.Tooltip("sd:Q", title=_("usual uncertainty (one standard deviation)"), format=".1f")],
    )  # fmt: skip
    subtitle = [
        _("line: mean of the area"),
        _("band: from the cleanest to the dustiest place"),
        _("usual standard deviation at a place: {sd} {unit}", unit=words, sd=number(float(table["sd"].mean()), 1)),
    ]  # fmt: skip
    charts.show(band + line, _("The day, hour by hour: {day}", day=day(wish.when, lang())), subtitle,
                key="hours-course", height=300)  # fmt: skip


def downloads(found: Screening, made: HourStack, wish: Wish, chosen: frame.Choice) -> None:
    """Draw the files of the stack: all hours as NetCDF, one hour as GeoTIFF."""
    with st.popover(_("Download"), icon=":material/download:", width="stretch"):
        days = f"hours-{wish.stretch.first:%Y%m%d}-{wish.stretch.last:%Y%m%d}"
        st.download_button(
            _("All hours, NetCDF"), made.path.read_bytes, file_name=files.name(days, chosen, "nc"),
            mime="application/x-netcdf", key="hours-nc", on_click="ignore", icon=":material/download:", width="stretch",
        )  # fmt: skip
        hour = st.selectbox(
            _("Hour for the GeoTIFF"), range(24), index=worst_hour(drawn(found, made, wish.when).table),
            format_func=lambda h: f"{h:02d}:00–{(h + 1) % 24:02d}:00", key="hours-hour",
        )  # fmt: skip
        moment = pd.Timestamp(wish.when, tz=results.BANGKOK) + pd.Timedelta(hours=int(hour))
        write = partial(made.write_hour, moment)
        st.download_button(
            _("GeoTIFF of this hour, for QGIS"), partial(files.written, write, "tif"),
            file_name=files.name(f"hour-{moment:%Y%m%d-%H}00", chosen, "tif"), mime="image/tiff", key="hours-tif",
            on_click="ignore", icon=":material/download:", width="stretch",
        )  # fmt: skip


def decided(found: Screening, made: HourStack) -> Sequence[tuple[str, str]]:
    """Return what was decided for the hourly maps, in plain words."""
    fit = made.fit
    return [
        (_("One variogram for all hours"),
         _("The {model} variogram was pooled over {hours} hours of {stations} stations, reach {range} km; "
           "every hour has a strength of its own.", model=surface_words.model_name(fit.model),
           hours=number(fit.hours), stations=number(fit.stations), range=number(fit.reach_km, 1))),
        (_("Scale"), surface_words.transform_words(fit.transform)),
        (_("Small-scale variation"), surface_words.small_scale(fit.nugget_share)),
        (_("Sensor noise"), surface_words.sensor_noise(found)),
        (_("Where there are values"), surface_words.within(fit.reach_km)),
        (_("Kept on disk"), _("The hourly maps are kept until the data or the choices change, the oldest go first.")),
    ]  # fmt: skip
