"""The walk, in order: readings to surface, hotspots, sources, priority zones.

`screen` is the one place that calls the steps; pages, command line and benchmarks all call it.
Each step lives in a module of its own: `readings`, `surfaces`, `hotspots`, `exposure`, `sources`, `zones`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer

from geo import edits, ledger
from geo.boundaries import find_area, units, utm_crs
from geo.calibration_store import with_errors
from geo.lake import Lake
from geo.standards import Standard, standard
from interpolation import Grid, Kriging, Validation, Variogram
from language import N_, Note, UserError, note, translate
from language.progress import Progress, silent
from planning import background, decisions, likely, readings, surfaces, voices, zone_measures
from planning.exposure import named
from planning.hotspots import empty as empty_hotspots
from planning.local import Local, find_local
from planning.parameters import Parameters
from planning.place import Air, Place
from planning.scoring import SurfaceDraws
from planning.sentences import days_sentence, mean_sentence
from planning.settings import check_weights, settings
from planning.sources import hourly_readings
from planning.units import candidates
from planning.zones import rank_zones

__all__ = ["Parameters", "Screening", "rescore", "screen"]


@dataclass(frozen=True, eq=False)
class Screening:
    """The result of a screening.

    Attributes
    ----------
    parameters : Parameters
        As used (nothing left open but `threshold`, which is None where the standard's own value counts).
    snapshot : int
        The lake's snapshot it was computed from.
    standard : Standard
        The 24-hour standard; its ``value`` is the threshold used.
    area, units, stations, receptors, factories, hotspots, zones : GeoDataFrame
        WGS84. stations: the lake's columns + ``value`` (period mean, µg/m³), ``error_sd_period``,
        ``days_over`` (24-hour means over the standard), ``n_days``, ``distance_km``, ``used``.
    daily : DataFrame
        24-hour means, index date, one column per station.
    background : ndarray (T,)
        The region's background of these days, µg/m³ (`planning.background.of_days`).
    surface : Dataset
        See `planning.surfaces.make_surface`; local UTM.
    grid : Grid
    mask : ndarray (ny, nx) of bool
        Cells of the area and its margin.
    notes : list of Note
    sources : list of str
    simulated : bool
    local_hotspots : GeoDataFrame
        Places that stand above the region's background (`planning.local`), columns as of `hotspots`; days,
        mean and bounds are of the excess.
    local_surface : Dataset or None
        As `surface`, of the excess over the background (µg/m³), perhaps on larger cells.
    exposed : dict
        People over the standard on an average day: ``mean``, ``low``, ``high`` (90 % interval, simulated maps);
        empty where people are not known.
    likely : DataFrame
        Likely sources of each hotspot and zone (`planning.likely.COLUMNS`): screening evidence, not proof.
    reports : GeoDataFrame
        What people said in meetings about the area (`planning.voices`).
    """

    parameters: Parameters
    snapshot: int
    standard: Standard
    area: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    factories: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    daily: pd.DataFrame
    background: NDArray[np.float64]
    surface: xr.Dataset
    grid: Grid
    mask: NDArray[np.bool_]
    notes: list[Note] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    simulated: bool = False
    likely: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(likely.COLUMNS)))
    reports: gpd.GeoDataFrame = field(default_factory=voices.empty)
    local_hotspots: gpd.GeoDataFrame = field(default_factory=empty_hotspots)
    local_surface: xr.Dataset | None = None
    exposed: dict[str, float] = field(default_factory=dict)
    fits: dict[str, Any] = field(default_factory=dict, repr=False)

    def _fit(self, name: str, make: Callable[[], Any]) -> Any:
        """Return a fitted thing; one read back from a folder is fitted when it is first asked for."""
        if name not in self.fits:
            self.fits[name] = make()
        return self.fits[name]

    @property
    def kriging(self) -> Kriging:
        """The kriging of the daily means."""
        local = self.stations.to_crs(self.grid.crs)
        fitted: Kriging = self._fit("days", lambda: surfaces.krige_days(local, self.daily))
        return fitted

    @property
    def period_kriging(self) -> Kriging:
        """The kriging of the period means."""
        local = self.stations.to_crs(self.grid.crs)
        fitted: Kriging = self._fit("period", lambda: surfaces.krige_period(local))
        return fitted

    @property
    def validation(self) -> Validation:
        """Leave-one-station-out of the daily kriging, with the standard as threshold."""
        checked: Validation = self._fit("validation", lambda: self.kriging.validate(threshold=self.standard.value))
        return checked

    @property
    def surface_draws(self) -> SurfaceDraws | None:
        """The zones' indicators on simulated surfaces; None where the network cannot be simulated."""
        drawn: SurfaceDraws | None = self._fit("draws", lambda: zone_measures.draw_again(self))
        return drawn

    @property
    def variogram(self) -> Variogram:
        """The variogram of the daily kriging."""
        return self.kriging.variogram_

    @property
    def days(self) -> list[date]:
        """The days used, in order."""
        return list(self.daily.index)

    @property
    def days_total(self) -> int:
        """Number of days used."""
        return len(self.daily)

    def daily_mean(self, day: date) -> xr.Dataset:
        """Return the map of one day: ``mean``, ``sd``, ``lower95``, ``upper95``, ``exceedance``.

        Raises
        ------
        UserError
            If the day isn't one of `days`.
        """
        if day not in self.daily.index:
            raise UserError(
                "{day} has no map: it lies outside the period or too few stations have readings.",
                day=day.isoformat(),
            )
        return surfaces.day_map(self.kriging, self.grid, self.mask, self.days.index(day), day, self.standard.value)

    def at(self, lon: float, lat: float) -> dict[str, float]:
        """Return the surface's values in the cell at a place (WGS84); NaN outside or without support."""
        x, y = Transformer.from_crs("EPSG:4326", self.surface.rio.crs, always_xy=True).transform(lon, lat)
        half = self.grid.cell / 2
        inside = (np.abs(self.grid.x - x) <= half).any() and (np.abs(self.grid.y - y) <= half).any()
        names = ("mean", "sd", "lower95", "upper95", "exceedance", "expected_days", "hot_days")
        if not inside:
            return dict.fromkeys(names, float("nan"))
        cell = self.surface.sel(x=x, y=y, method="nearest")
        return {name: float(cell[name]) for name in names}

    def sentence_at(self, lon: float, lat: float, lang: str) -> str:
        """Return what a villager asks at a place: days over the standard, and the mean with its range."""
        here = self.at(lon, lat)
        days = days_sentence(here["expected_days"], self.days_total, lang)
        if not np.isfinite(here["mean"]):
            return days
        return f"{days} {mean_sentence(here['mean'], here['lower95'], here['upper95'], lang)}"

    def say_notes(self, lang: str) -> list[str]:
        """Return the notes as sentences, each once."""
        return list(dict.fromkeys(n.say(lang) for n in self.notes))


def screen(
    lake: Lake,
    parameters: Parameters,
    progress: Progress | None = None,
    *,
    snapshot: int | None = None,
    lang: str = "en",
) -> Screening:
    """Walk from the lake's readings to hotspots and ranked priority zones.

    Parameters
    ----------
    lake : Lake
    parameters : Parameters
    progress : callable, optional
        Gets the share done (0 to 1) and a sentence in `lang`.
    snapshot : int, optional
        The lake's snapshot to compute from; the newest by default.
    lang : {"th", "en"}
        Language of the progress sentences.

    Raises
    ------
    UserError
        If the area is unknown, or stations, days or readings are too few.
    """
    said = _Steps(progress or silent, lang)
    parameters = parameters.filled(settings())
    snapshot = lake.snapshot() if snapshot is None else snapshot
    threshold = _standard(parameters).value
    said(0.02, N_("Finding the area and its stations"))
    place = _place(lake, parameters, snapshot)
    dust = _mapped(place, parameters, threshold, said)
    said(0.85, N_("Finding hotspots, sources and zones"))
    chosen = parameters.over(settings())
    local = find_local(dust.air, dust.hourly.table, place.shape, chosen)
    found = decisions.decide(place, dust.air, local, dust.hourly, parameters, chosen)
    ledger.cite(lake, snapshot, f"{parameters.area} {parameters.pollutant} {parameters.start} – {parameters.end}")
    said(1.0, N_("Done"))
    return _assembled(place, dust, local, found, parameters, snapshot)


@dataclass(frozen=True, eq=False)
class _Dust:
    """The map of the dust: the air, hourly readings, cells of the area and its margin, fits, what was decided."""

    air: Air
    hourly: likely.Readings
    mask: NDArray[np.bool_]
    fits: dict[str, Any]
    notes: list[Note]


def _mapped(place: Place, parameters: Parameters, threshold: float, said: _Steps) -> _Dust:
    """Read the measurements and make the map of the period and of the days over the threshold."""
    stations, daily, notes = _measured(place, parameters, threshold, said)
    fits = _fitted(stations, daily, threshold, said)
    grid, mask = surfaces.make_grid(place.shape, place.crs, parameters.cell_m, settings())
    rule = surfaces.DayRule.of(fits["days"], threshold, _known(parameters.day_share), settings())
    surface = surfaces.make_surface(fits["days"], fits["period"], grid, mask, rule, said.part(0.3, 0.85))
    if parameters.basis == "annual":
        surface, said_annual = _by_annual_mean(surface, fits["period"], grid, mask, parameters)
        notes = [*notes, said_annual]
    span = (parameters.start, parameters.end)
    hourly = hourly_readings(place.lake, stations, parameters.pollutant, *span, place.snapshot)
    chosen = parameters.over(settings())
    near = daily.loc[:, background.near(stations["distance_km"].to_numpy(float), chosen)]
    air = Air(surface, grid, fits["days"], daily, rule, stations, background.of_days(hourly.table, near, chosen))
    return _Dust(air, hourly, mask, fits, [*notes, *surfaces.kriging_notes(fits["validation"], fits["period"])])


def _assembled(
    place: Place, dust: _Dust, local: Local | None, found: decisions.Decisions, parameters: Parameters, snapshot: int
) -> Screening:
    """Return the screening with all its tables in WGS84."""
    air, stations = dust.air, dust.air.stations
    simulated = _simulated(stations, found)
    heard = place.lake.reports(snapshot=snapshot)
    return Screening(
        parameters=parameters,
        snapshot=snapshot,
        standard=_standard(parameters),
        area=place.area.to_crs(4326),
        units=found.units,
        stations=stations.to_crs(4326),
        receptors=found.receptors,
        factories=found.factories,
        hotspots=found.hotspots,
        local_hotspots=found.local_hotspots,
        local_surface=None if local is None else local.air.surface,
        exposed=found.exposed,
        zones=found.zones,
        daily=air.daily,
        background=air.background,
        surface=air.surface,
        grid=air.grid,
        mask=dust.mask,
        fits={**dust.fits, "draws": found.draws},
        notes=_once([*dust.notes, *found.notes]),
        sources=_sources(stations, found),
        simulated=simulated,
        likely=found.likely,
        reports=voices.heard(heard, place.area, simulated=simulated),
    )


def _place(lake: Lake, parameters: Parameters, snapshot: int) -> Place:
    """Return the area with its parts and what is ranked in it."""
    area = named(find_area(lake, parameters.area, snapshot=snapshot))
    crs = utm_crs(area)
    ranked = candidates(lake, area, parameters.units, snapshot)
    parts = units(lake, area, snapshot=snapshot)
    return Place(lake, area, area.to_crs(crs).geometry.union_all(), crs, parts, snapshot, ranked)


def _measured(
    place: Place, parameters: Parameters, threshold: float, said: _Steps
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[Note]]:
    """Return the stations (metres, with what they measured), their 24-hour means, and what was decided."""
    chosen = settings()
    stations = readings.stations_in_reach(place.lake, place.shape, place.crs, chosen, place.snapshot)
    stations, left_out = readings.without(stations, parameters.without)
    stations = with_errors(place.lake, stations, parameters.pollutant, snapshot=place.snapshot)
    stations, notes = readings.of_one_kind(stations, bool(place.area["simulated"].fillna(False).any()))
    notes = [*notes, *edits.notes(place.lake, stations, snapshot=place.snapshot)]
    said(0.05, N_("Reading the measurements"))
    daily, days_notes = readings.daily_table(
        place.lake, stations, parameters.pollutant, parameters.start, parameters.end, chosen, place.snapshot
    )
    stations, period_notes = readings.station_table(stations, daily, threshold, chosen)
    return stations, daily, [*left_out, *notes, *days_notes, *period_notes]


def _fitted(stations: gpd.GeoDataFrame, daily: pd.DataFrame, threshold: float, said: _Steps) -> dict[str, Any]:
    """Return the krigings of the days and of the period, and the check of the first (`Screening.fits`)."""
    said(0.15, N_("Fitting the variogram"))
    days, period = surfaces.krige_days(stations, daily), surfaces.krige_period(stations)
    return {"days": days, "period": period, "validation": days.validate(threshold=threshold)}


def rescore(
    screening: Screening, weights: Mapping[str, float], method: str | None = None, reason: str = ""
) -> Screening:
    """Return the screening with its zones scored and ranked by other weights; nothing is kriged again.

    Zones keep their ids, so that they can be followed from one ranking to the other.

    Parameters
    ----------
    method : {"product", "weighted"}, optional
        The screening's own by default.
    reason : str
        Why these weights.
    """
    method = method or screening.parameters.method or settings().zones_method
    parameters = replace(screening.parameters, weights=check_weights(dict(weights)), method=method, reason=reason)
    share = _known(parameters.day_share)
    zones, _ = rank_zones(screening.zones, weights, settings(), share, method, screening.surface_draws)
    return replace(screening, parameters=parameters, zones=zones)


def _by_annual_mean(
    surface: xr.Dataset, period: Kriging, grid: Grid, mask: NDArray[np.bool_], parameters: Parameters
) -> tuple[xr.Dataset, Note]:
    """Return the surface with P(mean of the period > annual standard) as ``certainty``, and the note that says so."""
    annual = standard(parameters.pollutant, "annual", when=parameters.end, name=parameters.standard)
    certainty = surfaces.period_chance(period, grid, mask, annual.value)
    said = note(
        "Hotspots are judged by the mean of the period against the annual standard of {value} µg/m³, not by days.",
        value=f"{annual.value:g}",
    )
    return surface.assign(certainty=(("y", "x"), certainty)), said


def _standard(parameters: Parameters) -> Standard:
    """Return the 24-hour standard, with the user's threshold in its place where one is given."""
    if parameters.threshold is None:
        return standard(parameters.pollutant, "24h", when=parameters.end, name=parameters.standard)
    return replace(
        standard(parameters.pollutant, "24h", name=parameters.standard),
        value=float(parameters.threshold),
        name="custom",
        name_th=translate(N_("limit chosen by the user"), "th"),
        name_en=translate(N_("limit chosen by the user"), "en"),
        effective=parameters.start,
        source="",
    )


def _sources(stations: gpd.GeoDataFrame, found: decisions.Decisions) -> list[str]:
    """Return each source that stands behind the result once, with its licence where stated."""
    texts: dict[str, None] = {}
    for table in (stations, found.units, found.factories, found.receptors):
        if "source" not in table.columns:
            continue
        licences = table["licence"] if "licence" in table.columns else [None] * len(table)
        for source, licence in zip(table["source"], licences, strict=True):
            if isinstance(source, str) and source:
                texts[f"{source} ({licence})" if isinstance(licence, str) and licence else source] = None
    return list(texts)


def _simulated(stations: gpd.GeoDataFrame, found: decisions.Decisions) -> bool:
    tables = (stations, found.units, found.factories, found.receptors)
    return any(bool(t["simulated"].fillna(False).any()) for t in tables if "simulated" in t.columns)


def _known(value: float | None) -> float:
    """Return a parameter that `Parameters.filled` has set."""
    if value is None:
        raise ValueError("parameters must be filled before they are used")
    return value


def _once(notes: list[Note]) -> list[Note]:
    return list({n.say("en"): n for n in notes}.values())


class _Steps:
    """Says progress in the reader's language."""

    def __init__(self, progress: Progress, lang: str) -> None:
        self.progress, self.lang = progress, lang

    def __call__(self, share: float, sentence: str) -> None:
        self.progress(share, translate(sentence, self.lang))

    def part(self, first: float, last: float) -> Progress:
        """Return a progress that fills the stretch from `first` to `last`."""

        def inner(share: float, sentence: str) -> None:
            self(last if share >= 1 else first + (last - first) * share, sentence)

        return inner
