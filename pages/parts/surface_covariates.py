"""Does the surface get better when it knows more: factories, a layer or a raster as covariates of the kriging."""

from __future__ import annotations

import tempfile
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st
from pyogrio.errors import DataLayerError, DataSourceError

from geo import layers, legend, overlays
from geo.palettes import concentration_scale
from interpolation.surface import write_cog
from language import UserError, date_range, number, pollutant_name, unit
from pages.parts import dust_view, errors, files, frame, map_view, place_tables, results, state, tables
from pages.parts.i18n import _, lang
from planning import covariates
from planning.screening import Screening

KINDS = ("factory_distance", "factory_density")
RASTERS = (".tif", ".tiff")
BANDS = ("mean", "sd", "lower95", "upper95")
CLEAR_GAIN = 0.02  # share of the typical miss; less is within what another week would change


def _titles() -> dict[str, str]:
    return {"factory_distance": _("Distance to factories"), "factory_density": _("Density of factories")}


def draw(found: Screening) -> None:
    """Draw the choice, the test with and without, and the map with what was chosen."""
    titles = _titles()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.caption(
            _("Choose what may explain the dust between the stations. The surface is computed with it and tested "
              "against the one without. Hotspots and zones stay as they are.")
        )  # fmt: skip
        chosen = st.pills(
            _("Made from what is stored"), KINDS, format_func=titles.__getitem__, selection_mode="multi",
            key=state.bind("explain", [], parse=_kinds, write=state.write_words),
        )  # fmt: skip
        brought = st.file_uploader(
            _("Bring a raster (GeoTIFF: elevation, built-up share) or a layer (roads, quarries)"),
            type=["tif", "tiff", "geojson", "json", "gpkg", "kml", "zip"], accept_multiple_files=True,
            key="covariate-files",
        )  # fmt: skip
    if not chosen and not brought:
        right.info(_("Nothing is chosen yet."), icon=":material/touch_app:")
        return
    try:
        made, compared = _computed(found, list(chosen or []), list(brought or []))
    except UserError as problem:
        right.error(problem.say(lang()), icon=":material/error:")
        return
    with left:
        _verdict(compared)
        _scores(compared)
        _downloads(found, made, compared)
    with right:
        _map(found, compared)
    with st.expander(_("Every note of the computation"), icon=":material/list:"):
        errors.notes(compared.notes)


def _kinds(text: str) -> list[str]:
    return [word for word in state.words(text) if word in KINDS]


def _computed(
    found: Screening, chosen: list[str], brought: list[Any]
) -> tuple[list[covariates.Covariate], covariates.Comparison]:
    key = "-".join([*chosen, *(f"{f.name}:{sha256(f.getvalue()).hexdigest()[:12]}" for f in brought)])

    def compute() -> tuple[list[covariates.Covariate], covariates.Comparison]:
        with results.progress(_("Computing the surface with and without"), here=True) as say:
            made = [_stored(found, name) for name in chosen] + [_from_file(found, f) for f in brought]
            say(0.3, "")
            return made, covariates.compare(found, made)

    made, compared = results.derived(found, f"covariates-{key}", compute)
    return made, compared


def _stored(found: Screening, kind: str) -> covariates.Covariate:
    factories = results.lake().factories(snapshot=found.snapshot)
    # The demo's factories don't stand beside measured dust, nor real ones beside simulated.
    factories = factories[factories["simulated"].fillna(False).astype(bool) == found.simulated]
    make = covariates.factory_distance if kind == "factory_distance" else covariates.factory_density
    return make(found, factories)


def _from_file(found: Screening, file: Any) -> covariates.Covariate:
    name = Path(file.name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"covariate{name.suffix.lower()}"
        path.write_bytes(file.getvalue())
        if name.suffix.lower() in RASTERS:
            return covariates.of_raster(found, path, name.name)
        try:
            layer = gpd.read_file(path)
        except (DataSourceError, DataLayerError, ValueError) as problem:
            raise UserError("{file} cannot be read as a map layer.", file=name.name) from problem
    if not isinstance(layer, gpd.GeoDataFrame):
        raise UserError("{file} has no shapes. Choose a layer of points, lines or areas.", file=name.name)
    return covariates.of_layer(found, layer, name.name)


def _verdict(compared: covariates.Comparison) -> None:
    share = number(100 * abs(compared.gain), 1)
    if compared.gain >= CLEAR_GAIN:
        st.success(_("With it the typical miss is {share} % smaller.", share=share), icon=":material/trending_down:")
    elif compared.gain <= -CLEAR_GAIN:
        st.warning(
            _("With it the typical miss is {share} % larger: better without.", share=share), icon=":material/block:"
        )
    else:
        st.info(_("With it the typical miss stays the same ({share} %).", share=share), icon=":material/drag_handle:")


def _scores(compared: covariates.Comparison) -> None:
    words = unit(lang())
    tests = (compared.without, compared.with_covariates)
    shown = pd.DataFrame(
        {
            _("Test"): [
                _("Typical miss ({unit})", unit=words), _("Root mean square error ({unit})", unit=words), "CRPS",
                _("Correlation"), _("Inside the 95 % range"), _("Station days"),
            ],
            **{
                title: [
                    number(t.mae, 2), number(t.rmse, 2), number(t.crps, 2), number(t.r, 3), f"{t.coverage95:.1%}",
                    number(t.n),
                ]
                for title, t in zip((_("Without"), _("With")), tests, strict=True)
            },
        }
    )  # fmt: skip
    tables.show(shown)
    st.caption(_("24-hour means, each station left out in turn; CRPS: lower is better."))


def _downloads(found: Screening, made: list[covariates.Covariate], compared: covariates.Comparison) -> None:
    chosen = frame.choice()
    surface = compared.surface.assign(extrapolated=compared.surface["extrapolated"].astype(np.float32))
    rasters = covariates.raster(found, made)
    for words, what, dataset, bands in (
        (_("This surface, GeoTIFF"), "surface-explained", surface, (*BANDS, "extrapolated")),
        (_("The covariates, GeoTIFF"), "covariates", rasters, tuple(rasters.data_vars)),
    ):
        st.download_button(
            words, partial(files.written, partial(write_cog, dataset, bands=bands), "tif"),
            file_name=files.name(what, chosen, "tif"), mime="image/tiff", key=what, on_click="ignore",
            icon=":material/download:", width="stretch",
        )  # fmt: skip


def _map(found: Screening, compared: covariates.Comparison) -> None:
    band = compared.surface["mean"]
    values = np.concatenate([np.ravel(band.to_numpy()), dust_view.used(found)["value"].to_numpy(float)])
    good = values[np.isfinite(values)]
    scale = concentration_scale(found.parameters.pollutant, float(good.min()), float(good.max()))
    words = unit(lang())
    title = _("{pollutant}, mean of the period ({unit})", pollutant=pollutant_name(found.parameters.pollutant),
              unit=words)  # fmt: skip
    span = date_range(found.parameters.start, found.parameters.end, lang())
    flags = compared.surface["extrapolated"].to_numpy()
    view = dust_view.View(
        [
            *dust_view.under(found),
            layers.picture(overlays.picture(band, scale), opacity=0.85),
            layers.hatch(compared.surface, found.mask),
            layers.extrapolation(flags, compared.surface),
        ],
        title,
        legend.colour_bar(scale, words),
        [_("24-hour means"), span, _("with covariates")],
        [legend.hatch_key(lang()), *([legend.extrapolation_key(lang())] if flags.any() else [])],
    )
    groups = [
        *view.groups,
        layers.boundaries(found.units, lang=lang(), names=False),
        dust_view.stations(found),
        dust_view.legend_of(found, view, dust_view.station_keys()),
    ]
    base = dust_view.base(found, _("Dust surface with covariates"))
    map_view.show_map(base, f"explained-{lang()}", groups, height=520)
    place_tables.expander(partial(place_tables.stations, found))
