"""The dust surface: mean, uncertainty, exceedance; its variogram and its test; what the computer decided."""

from __future__ import annotations

from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geo import layers
from geo.palettes import PRIMARY
from interpolation.stack import write_netcdf
from interpolation.surface import write_cog
from language import number, unit
from pages.parts import charts, dust_view, errors, files, frame, map_view, place_tables, results, state
from pages.parts.i18n import _, lang
from planning.screening import Screening

SIDES = ("mean", "sd", "exceedance")
MODELS = {
    "exponential": "exponential", "spherical": "spherical", "gaussian": "gaussian", "matern32": "Matérn 3/2",
    "matern52": "Matérn 5/2",
}  # fmt: skip


def surface_map(found: Screening) -> None:
    """Draw the map with its three sides."""
    side = st.segmented_control(
        _("Side of the surface"), SIDES, format_func=dust_view.titles().__getitem__, required=True,
        key=state.bind("side", "mean", allowed=SIDES), label_visibility="collapsed",
    )  # fmt: skip
    shown = dust_view.view(found, str(side), opacity=0.85)
    groups = [
        *shown.groups,
        layers.boundaries(found.units, lang=lang(), names=False),
        dust_view.stations(found),
        dust_view.legend_of(found, shown, dust_view.station_keys()),
    ]
    with st.container(key="surfacemap"):
        map_view.show_map(dust_view.base(found, _("Dust surface")), f"surface-{lang()}", groups, height=480)


def variogram_chart(found: Screening) -> None:
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
    line = alt.Chart(curve).mark_line(color="#1F2A2E", strokeWidth=2).encode(x=x, y="gamma:Q")
    title = _("How alike are places that lie apart?")
    words = [
        _("{model} variogram, reach {range} km", model=MODELS.get(model.model, model.model),
          range=number(model.practical_range / 1000, 1)),
        _("nugget {share} of the sill, scale {scale}; figures: pairs of stations and days",
          share=f"{model.nugget_share:.0%}", scale=found.kriging.transform_.name),
    ]  # fmt: skip
    charts.show(dots + counts + line, title, words, key="variogram", height=235)


def validation_chart(found: Screening) -> None:
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
    rule = alt.Chart(ends).mark_line(color="#1F2A2E", strokeDash=[5, 4]).encode(x="v:Q", y="v:Q")
    words = _("each station left out in turn, {count} station days", count=number(found.validation.n))
    charts.show(dots + rule, _("How well does the surface hit?"), words, key="validation", height=225)


def scores(found: Screening) -> None:
    """Draw the figures of the test."""
    score = found.validation
    facts = {
        _("Typical miss"): (f"{number(score.mae, 1)} {unit(lang())}", _("Mean absolute error at left-out stations.")),
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
    frame.figures(facts)


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
    return pd.DataFrame(found.stations.drop(columns="geometry")).to_csv(index=False).encode("utf-8-sig")


def validation_csv(found: Screening) -> bytes:
    """Return every left-out prediction, with the station's id and the day in place of their numbers."""
    table = found.validation.table
    ids, days = list(found.daily.columns), found.days
    named = table.assign(
        station=[ids[i] if len(ids) == found.kriging.n_stations_ else i for i in table["station"].astype(int)],
        step=[days[i].isoformat() for i in table["step"].astype(int)],
    )
    return named.rename(columns={"step": "date", "station": "station_id"}).to_csv(index=False).encode("utf-8-sig")


chosen = frame.choice()
found = results.screening(chosen)
left, right = st.columns([5, 1.4], vertical_alignment="top")
with left:
    frame.header(
        _("Dust surface"), _("Between the stations the dust is estimated, with how sure we are."), badge=found.simulated
    )
    frame.context_line(chosen, source=", ".join(found.sources))
with right:
    downloads(found, chosen)
left, right = st.columns([3, 2], gap="medium")
with left:
    surface_map(found)
with right:
    scores(found)
    variogram_chart(found)
    validation_chart(found)
st.html(f"<h2 class='eco-h2'>{_('What the computer decided')}</h2>")
errors.notes(found.notes)
with st.expander(_("The map as a table"), icon=":material/table:"):
    st.dataframe(place_tables.stations(found), hide_index=True, width="stretch")
