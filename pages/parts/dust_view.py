"""The dust of a screening as map layers with their legend: mean, exceedance, days over, uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
import numpy as np
import pandas as pd

from geo import basemap, catalogues, drawing, glyphs, layers, legend, overlays, tilesets
from geo.palettes import Scale, concentration_scale
from language import date_range, pollutant_name, unit
from pages.parts import addresses, frame, results
from pages.parts.i18n import _, lang
from planning import maps
from planning.screening import Screening

KINDS = ("mean", "days", "over", "exceedance", "sd", "none")
"""What may colour the ground: period mean, each step of time, days over, share of days over, standard deviation,
nothing."""


KIND_WORDS = layers.STATION_KINDS
"""Station kind -> its words (to be translated)."""


@dataclass(frozen=True)
class View:
    """Layers of the ground, lowest first, and what their legend says; `classes` is its `body` for a sheet of paper."""

    groups: list[folium.FeatureGroup]
    title: str
    body: str
    lines: list[str]
    always: list[legend.Key]
    classes: list[legend.Key] = field(default_factory=list)


def titles() -> dict[str, str]:
    """Return each kind's name in the reader's language."""
    return {
        "mean": _("Mean of the period"),
        "days": _("Over time"),
        "over": _("Days over"),
        "exceedance": _("Chance of exceeding"),
        "sd": _("Uncertainty"),
        "none": _("No dust"),
    }


def scale_of(*founds: Screening) -> Scale:
    """Return the classes that the period means of one or more screenings and their stations share."""
    values = np.concatenate(
        [part for f in founds for part in (np.ravel(f.surface["mean"].to_numpy()), used(f)["value"].to_numpy(float))]
    )
    return scale_over([f.parameters.pollutant for f in founds], values)


def scale_over(pollutants: Sequence[str], values: Any) -> Scale:
    """Return the classes for some values; PM10's where both pollutants are among them."""
    good = np.asarray(values, float)[np.isfinite(values)]
    low, high = (float(good.min()), float(good.max())) if good.size else (np.nan, np.nan)
    return concentration_scale("pm10" if "pm10" in pollutants else "pm25", low, high)


@dataclass(frozen=True)
class Shared:
    """What maps side by side have in common, so that a colour means the same on each.

    Attributes
    ----------
    founds : tuple of Screening
        All of them.
    group : str
        Views and time bars of one group move together.
    linked : bool
        This map keeps its step in the page's address.
    """

    founds: tuple[Screening, ...]
    group: str = ""
    linked: bool = True


def view(
    found: Screening, kind: str, *, opacity: float = 0.75, uncertainty: bool = False, shared: Shared | None = None
) -> View:
    """Return the layers and legend of one kind.

    Parameters
    ----------
    kind : one of `KINDS` but ``days`` (`pages.parts.map_time.view`)
    opacity : float
        Of the colours, 0 to 1.
    uncertainty : bool
        Lay the growing dots over them.
    shared : Shared, optional
        The screenings whose scale is shared.
    """
    made = _ground(found, kind, opacity, shared.founds if shared else (found,))
    made.groups[:0] = under(found)
    if kind != "none":
        # Kept: the outline of a province's cells takes a tenth of a second, in every run of every reader.
        bare = results.derived(found, "bare", lambda: overlays.unsupported(found.surface, found.mask))
        made.groups.append(kept(found, "hatch", lambda: layers.hatched(bare)))
        made.always.append(legend.hatch_key(lang()))
    if uncertainty and kind not in ("sd", "none"):
        items, full = dots(found)
        made.groups.append(layers.uncertainty(items))
        made.always.append(legend.dots_key(full, unit(lang()), lang()))
    return made


def under(found: Screening) -> list[folium.FeatureGroup]:
    """Return the base maps that lie in data/basemap; none where the folder is empty."""
    groups = [tilesets.layer(found, addresses.BASEMAP, lang()) for found in tilesets.tile_sets()]
    files = basemap.vector_files()
    if files:
        west, south, east, north = results.land(found.parameters.area).to_crs(4326).total_bounds
        margin = max(east - west, north - south)
        bounds = (west - margin, south - margin, east + margin, north + margin)
        key = [(path.name, path.stat().st_mtime) for path in files]
        shapes, _notes = results.remembered("basemap", lambda: basemap.shapes(bounds), bounds, key)
        groups.append(layers.basemap(shapes))
    return groups


def _ground(found: Screening, kind: str, opacity: float, founds: tuple[Screening, ...]) -> View:
    span = date_range(found.parameters.start, found.parameters.end, lang())
    name, words = pollutant_name(found.parameters.pollutant), unit(lang())
    if kind == "none":
        return View([], _("Symbols"), "", [], [])
    if kind == "over":
        days = max((maps.days_scale(f) for f in founds), key=lambda scale: scale.breaks[-1])
        shown = picture(found, "expected_days", days)
        title = maps.days_layer(found, lang()).title
        bar = legend.colour_bar(days, _("days"))
        said = [_("24-hour means"), span]
        return View([layers.picture(shown, opacity=opacity)], title, bar, said, [], legend.class_keys(days))
    if kind == "exceedance":
        band = found.surface["exceedance"]
        drawn = results.derived(found, "exceedance", lambda: overlays.exceedance_picture(band))
        areas = results.derived(found, "probability areas", lambda: overlays.probability_areas(band))
        patterns = kept(found, "patterns", lambda: layers.probability_patterns(areas))
        groups = [layers.picture(drawn, opacity=opacity), patterns]
        title = _("{pollutant}: chance that a day is over {standard} {unit}", pollutant=name,
                  standard=f"{found.standard.value:g}", unit=words)  # fmt: skip
        classes = legend.probability_keys(lang())[::-1]
        return View(groups, title, legend.probability_classes(lang()), [_("24-hour means"), span], [], classes)
    if kind == "sd":
        items, full = dots(found, max(dots(f)[1] for f in founds))
        title = _("{pollutant}, uncertainty of the period mean ({unit})", pollutant=name, unit=words)
        return View([layers.uncertainty(items)], title, "", [span], [legend.dots_key(full, words, lang())])
    scale = scale_of(*founds)
    title = _("{pollutant}, mean of the period ({unit})", pollutant=name, unit=words)
    body = legend.colour_bar(scale, words)
    shown = picture(found, "mean", scale)
    said = [_("24-hour means"), span]
    return View([layers.picture(shown, opacity=opacity)], title, body, said, [], legend.class_keys(scale))


def kept(found: Screening, name: str, make: Callable[[], folium.FeatureGroup]) -> folium.FeatureGroup:
    """Return a layer that is described once for all readers, and drawn anew in every run."""
    return drawing.again(results.derived(found, f"layer-{name}", make))


def dots(found: Screening, full: float = 0.0) -> tuple[list[list[float]], float]:
    """Return the dots of the uncertainty and what the largest stands for (µg/m³; 0 chooses), placed once."""
    made: tuple[list[list[float]], float] = results.derived(
        found, f"dots-{full:g}", lambda: overlays.dots(found.surface["sd"], full=full)
    )
    return made


def picture(found: Screening, band: str, scale: Scale) -> overlays.Picture:
    """Return a band of the surface in some classes, drawn once."""
    made: overlays.Picture = results.derived(
        found, f"{band}-{scale.breaks}", lambda: overlays.picture(found.surface[band], scale)
    )
    return made


def used(found: Screening) -> pd.DataFrame:
    """Return the stations that the surface rests on."""
    return found.stations[found.stations["used"]]


def factory_groups() -> dict[tuple[int, int], str]:
    """Return the type group of each factory type, for its silhouette."""
    types = catalogues.factory_types()
    return {
        (int(row.type_no), int(row.type_sub)): str(row.group)
        for row in types[["type_no", "type_sub", "group"]].itertuples()
    }


def stations(found: Screening, *, coloured: bool = True, scale: Scale | None = None) -> folium.FeatureGroup:
    """Return the stations, coloured by their period mean in the classes of the map (`scale`, where it is shared)."""
    shown = (scale or scale_of(found)) if coloured else None
    ringed = results.derived(found, "flagged", lambda: flagged(found))
    return kept(
        found, f"stations-{lang()}-{shown}",
        lambda: layers.stations(found.stations, shown, lang=lang(), words=_("mean of the period"), flagged=ringed),
    )  # fmt: skip


def flagged(found: Screening) -> list[str]:
    """Return the stations with readings that quality control flagged in the period."""
    first = pd.Timestamp(found.parameters.start, tz=results.BANGKOK)
    last = pd.Timestamp(found.parameters.end, tz=results.BANGKOK) + pd.Timedelta(days=1)
    rows = results.lake().query(
        "SELECT DISTINCT station_id FROM lake.observations WHERE variable = ? AND flag IS NOT NULL "
        "AND time >= ? AND time < ? AND station_id IN (SELECT unnest(?::VARCHAR[]))",
        [found.parameters.pollutant, first.to_pydatetime(), last.to_pydatetime(), list(found.stations["station_id"])],
    )
    return [str(i) for i in rows["station_id"]]


def station_keys() -> list[legend.Key]:
    """Return the legend of stations."""
    return [
        legend.Key(glyphs.station("reference", "#FFFFFF"), _("reference station")),
        legend.Key(glyphs.station("lowcost", "#FFFFFF"), _("low-cost sensor")),
        legend.Key(glyphs.station("lowcost", None), _("no data")),
        legend.Key(glyphs.station("lowcost", "#FFFFFF", flagged=True), _("has flagged readings")),
    ]


def factory_keys() -> list[legend.Key]:
    """Return the legend of factories."""
    return [legend.Key(glyphs.factory(kind), _(words)) for kind, words in glyphs.FACTORY_FAMILIES.items()]


def receptor_keys() -> list[legend.Key]:
    """Return the legend of receptors."""
    return [legend.Key(glyphs.receptor(kind), _(words)) for kind, words in glyphs.RECEPTOR_KINDS.items()]


def legend_of(found: Screening, shown: View, keys: Sequence[legend.Key] = ()) -> folium.FeatureGroup:
    """Return the legend of a view with the keys of the other layers."""
    html = legend.build(
        shown.title,
        lang=lang(),
        body=shown.body,
        lines=shown.lines,
        always=shown.always,
        keys=keys,
        source=", ".join(found.sources),
        simulated=found.simulated,
        approximate=bool(found.units.get("approximate", pd.Series(dtype=bool)).fillna(False).any()),
    )
    return layers.legend(html)


def base(found: Screening, label: str, *, linked: bool = False, group: str = "") -> folium.Map:
    """Return the base map of the screened area: its boundaries and their names.

    `linked` keeps the view in the URL; maps of one `group` show the same view.
    """
    return layers.base_map(
        results.land(found.parameters.area), lang=lang(), hall=frame.hall(), label=label, linked=linked, group=group,
        ground=addresses.ground(),
    )  # fmt: skip
