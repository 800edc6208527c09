"""How far to trust the surface: its variogram, its test station by station, its chances, other methods beside it."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geo import layers, legend
from geo.palettes import PRIMARY, concentration_scale
from interpolation import peers
from interpolation.solution import EXTREME
from language import number, unit
from pages.parts import (
    charts,
    dust_view,
    errors,
    frame,
    map_view,
    place_tables,
    results,
    state,
    surface_covariates,
    surface_words,
    tables,
)
from pages.parts.i18n import _, lang
from planning.screening import Screening

VIEWS = ("decided", "stations", "chances", "methods", "covariates", "table")
INK = "#1F2A2E"


def variogram(found: Screening) -> None:
    """Draw the sample variogram with its pair counts and the fitted model."""
    sample, model = found.kriging.sample_variogram_, found.variogram
    points = pd.DataFrame({"km": sample.distance / 1000, "gamma": sample.semivariance, "pairs": sample.pairs}).dropna()
    far = np.linspace(1.0, max(float(np.nanmax(sample.distance)), 1.0), 120)
    curve = pd.DataFrame({"km": far / 1000, "gamma": model.semivariance(far)})
    x = alt.X("km:Q", title=_("distance between two stations (km)"))
    dots = alt.Chart(points).mark_circle(color=PRIMARY, opacity=0.75).encode(
        x=x, y=alt.Y("gamma:Q", title=_("semivariance")),
        size=alt.Size("pairs:Q", scale=alt.Scale(range=[30, 320]), legend=None),
        tooltip=[alt.Tooltip("km:Q", title="km", format=".2f"), alt.Tooltip("gamma:Q", title="γ", format=".3g"),
                 alt.Tooltip("pairs:Q", title=_("pairs"), format=",")],
    )  # fmt: skip
    counts = alt.Chart(points).mark_text(dy=-13, fontSize=charts.size() - 3, color=charts.GREY).encode(
        x=x, y="gamma:Q", text=alt.Text("pairs:Q", format=",")
    )  # fmt: skip
    line = alt.Chart(curve).mark_line(color=INK, strokeWidth=2).encode(x=x, y="gamma:Q")
    words = [
        _("{model} variogram, reach {range} km", model=surface_words.model_name(model.model),
          range=number(model.practical_range / 1000, 1)),
        _("small-scale variation {share} of all", share=f"{model.nugget_share:.0%}"),
        _("figures: pairs of stations and days"),
    ]  # fmt: skip
    charts.show(dots + counts + line, _("How alike are places that lie apart?"), words, key="variogram", height=245)


def scatter(found: Screening) -> None:
    """Draw what each left-out station measured and what the others said of it."""
    table = found.validation.table
    if len(table) > 1500:
        table = table.sample(1500, random_state=0)
    values = table[["observed", "mean"]].to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scale = alt.Scale(domain=[low, high], nice=False)
    dots = alt.Chart(table).mark_circle(color=PRIMARY, opacity=0.28, size=22).encode(
        x=alt.X("observed:Q", title=_("measured ({unit})", unit=unit(lang())), scale=scale),
        y=alt.Y("mean:Q", title=_("estimated ({unit})", unit=unit(lang())), scale=scale),
        tooltip=[alt.Tooltip("observed:Q", title=_("measured"), format=".1f"),
                 alt.Tooltip("mean:Q", title=_("predicted"), format=".1f")],
    )  # fmt: skip
    ends = pd.DataFrame({"v": [low, high]})
    rule = alt.Chart(ends).mark_line(color=INK, strokeDash=[5, 4]).encode(x="v:Q", y="v:Q")
    words = _("each station left out in turn, {count} station days", count=number(found.validation.n))
    charts.show(dots + rule, _("How well does the surface hit?"), words, key="validation", height=225)


def scores(found: Screening) -> None:
    """Draw the figures of the test."""
    score = found.validation
    frame.figures(
        {
            _("Typical miss"): (
                f"{number(score.mae, 1)} {unit(lang())}", _("Mean absolute error at left-out stations."),
            ),
            _("Correlation"): (number(score.r, 2), _("Between measured and predicted 24-hour means; 1 is perfect.")),
            _("Inside the 95 % range"): (
                f"{score.coverage95:.0%}",
                _("Share of measured values inside the stated 95 % range; honest is about 95 %."),
            ),
            _("Stations"): (
                number(found.kriging.n_stations_),
                _("Places the surface rests on, after merging coincident ones."),
            ),
        }
    )  # fmt: skip


def draw(found: Screening) -> None:
    """Draw the chooser and the part chosen; only that part is computed."""
    words = {
        "decided": _("What the computer decided"), "stations": _("Station by station"),
        "chances": _("Are the chances honest?"), "methods": _("Other methods"),
        "covariates": _("What explains the dust?"), "table": _("The map as a table"),
    }  # fmt: skip
    view = st.segmented_control(
        _("More about this surface"), VIEWS, format_func=words.__getitem__, required=True,
        key=state.bind("check", "decided", allowed=VIEWS), label_visibility="collapsed",
    )  # fmt: skip
    if view == "stations":
        stations(found)
    elif view == "chances":
        reliability(found)
    elif view == "methods":
        methods(found)
    elif view == "covariates":
        surface_covariates.draw(found)
    elif view == "table":
        tables.show(place_tables.stations(found))
    else:
        surface_words.table(surface_words.decisions(found))
        with st.expander(_("Every note of the computation"), icon=":material/list:", expanded=True):
            errors.notes(found.notes)


def places(found: Screening) -> list[str]:
    """Return the station id of each place of the kriging: the first one where coincident ones were merged."""
    local = found.stations.to_crs(found.grid.crs)
    xy = np.column_stack([local.geometry.x, local.geometry.y])
    far = np.hypot(*(found.kriging.coordinates_[:, None] - xy[None]).transpose(2, 0, 1))
    return [str(found.stations["station_id"].iloc[i]) for i in far.argmin(axis=1)]


def station_scores(found: Screening) -> pd.DataFrame:
    """Return the test's scores of each station, the worst first, with names."""
    ids, rows = places(found), found.stations.set_index("station_id", drop=False)
    table = found.validation.per_station.copy()
    table["station_id"] = [ids[int(k)] for k in table["station"]]
    table["name"] = [frame.label(rows.loc[i]) for i in table["station_id"]]
    table["kind"] = [str(rows.loc[i, "kind"]) for i in table["station_id"]]
    return table.sort_values("mae", ascending=False, ignore_index=True)


def stations(found: Screening) -> None:
    """Draw where the surface fails: a map and a table of the left-out stations, and possible local events."""
    table = station_scores(found)
    words = unit(lang())
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.caption(_("Where the surface fails: the typical miss at each station when it is left out."))
        _miss_map(found, table, words)
    shown = pd.DataFrame(
        {
            _("Station"): table["name"],
            _("Days"): table["n"].astype(int),
            _("Typical miss ({unit})", unit=words): table["mae"].round(1),
            _("Too high + too low −"): table["me"].round(1),
            _("Correlation"): table["r"].round(2),
            _("Inside the 95 % range"): (100 * table["coverage95"]).round().astype(int).astype(str) + " %",
            _("Real ÷ stated error"): table["rmsse"].round(2),
        }
    )
    with right:
        tables.show(shown, height=390)
    events(found)


def _miss_map(found: Screening, table: pd.DataFrame, words: str) -> None:
    marked = found.stations.merge(table[["station_id", "mae"]], on="station_id", how="inner")
    scale = concentration_scale("", 0.0, float(table["mae"].max()))
    title = _("Typical miss at left-out stations ({unit})", unit=words)
    box = legend.build(
        title, lang=lang(), body=legend.colour_bar(scale, words), lines=[_("24-hour means")],
        source=", ".join(found.sources), simulated=found.simulated, open_=False,
    )  # fmt: skip
    groups = [
        layers.boundaries(found.units, lang=lang(), names=False),
        layers.stations(marked, scale, lang=lang(), value="mae", words=_("typical miss")),
        layers.legend(box),
    ]
    map_view.show_map(dust_view.base(found, title), f"misses-{lang()}", groups, height=390)


def events(found: Screening) -> None:
    """Draw the values that their surroundings cannot explain: station, day, standardised residual."""
    st.markdown(f"**{_('Possible local events')}**")
    table = found.validation.table
    odd = table[table["normal"] > EXTREME].nlargest(20, "z")
    if odd.empty:
        st.caption(_("No reading lies so far above its surroundings that it must be a local event."))
        return
    ids, rows, days = places(found), found.stations.set_index("station_id", drop=False), found.days
    st.caption(_("Readings far above what the other stations suggest: a fire, a truck, or a fault of the sensor."))
    shown = pd.DataFrame(
        {
            _("Station"): [frame.label(rows.loc[ids[int(k)]]) for k in odd["station"]],
            _("Day"): [days[int(k)].isoformat() for k in odd["step"]],
            _("Measured"): odd["observed"].round(1),
            _("Expected"): odd["mean"].round(1),
            _("Standardised residual"): odd["z"].round(1),
        }
    )
    tables.show(shown)


def reliability(found: Screening) -> None:
    """Draw the stated chance of exceeding beside how often it happened."""
    table = found.validation.reliability()
    table = table[table["n"] > 0]
    if table["observed"].sum() == 0 or len(table) < 2:
        st.info(_("Too few days over the standard to test the chances."), icon=":material/info:")
        return
    shown = table.assign(stated=100 * table["stated"], observed=100 * table["observed"])
    scale = alt.Scale(domain=[0, 100], nice=False)
    dots = alt.Chart(shown).mark_line(color=PRIMARY).encode(
        x=alt.X("stated:Q", title=_("stated chance of exceeding (%)"), scale=scale),
        y=alt.Y("observed:Q", title=_("how often it happened (%)"), scale=scale),
    )  # fmt: skip
    marks = alt.Chart(shown).mark_circle(color=PRIMARY, opacity=0.9).encode(
        x="stated:Q", y="observed:Q", size=alt.Size("n:Q", scale=alt.Scale(range=[40, 420]), legend=None),
        tooltip=[alt.Tooltip("stated:Q", title=_("stated (%)"), format=".0f"),
                 alt.Tooltip("observed:Q", title=_("happened (%)"), format=".0f"),
                 alt.Tooltip("n:Q", title=_("station days"), format=",")],
    )  # fmt: skip
    ends = pd.DataFrame({"v": [0, 100]})
    rule = alt.Chart(ends).mark_line(color=INK, strokeDash=[5, 4]).encode(x="v:Q", y="v:Q")
    words = [
        _("on the dashed line a stated 30 % happens on 30 of 100 days; large dots rest on many station days"),
        _("standard {value} {unit}, 24-hour mean", value=f"{found.standard.value:g}", unit=unit(lang())),
    ]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        charts.show(rule + dots + marks, _("Are the chances honest?"), words, key="reliability", height=330)
    with right:
        tables.show(
            pd.DataFrame({
                _("Stated (%)"): shown["stated"].round().astype(int),
                _("Happened (%)"): shown["observed"].round().astype(int),
                _("Station days"): shown["n"].astype(int),
            }),
        )  # fmt: skip


def methods(found: Screening) -> None:
    """Draw the surface's score beside the plain methods'; PyKrige is slow and waits for the button."""
    kriging, days = found.kriging, found.days_total
    asked = f"{found.snapshot}-{found.parameters}"
    also = st.session_state.get("_pykrige") == asked
    if also:
        with st.spinner(_("PyKrige fits every day of its own, about {seconds} seconds.", seconds=max(days // 40, 1))):
            table = results.derived(found, "ranked-pykrige", lambda: peers.ranked(kriging, kriging.readings_, True))
    else:
        table = results.derived(found, "ranked", lambda: peers.ranked(kriging, kriging.readings_))
    st.caption(_("Each station left out in turn; the smallest typical miss first."))
    words = unit(lang())
    shown = pd.DataFrame(
        {
            _("Rank"): range(1, len(table) + 1),
            _("Method"): [_(peers.NAMES[name]) for name in table["method"]],
            _("Typical miss ({unit})", unit=words): table["mae"].round(2),
            _("Root mean square error ({unit})", unit=words): table["rmse"].round(2),
            _("Too high + too low −"): table["me"].round(2),
            _("Correlation"): table["r"].round(3),
            _("Station days"): table["n"].astype(int),
        }
    )
    tables.show(shown)
    if not also and st.button(
        _("Compare with PyKrige too (about {seconds} seconds)", seconds=max(days // 40, 1)),
        icon=":material/timer:", key="with-pykrige",
    ):  # fmt: skip
        st.session_state["_pykrige"] = asked
        st.rerun()
