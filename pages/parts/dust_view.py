"""The dust of a screening as map layers with their legend: mean, exceedance, days over, one picture a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import folium
import numpy as np
import pandas as pd

from geo import basemap, catalogues, glyphs, layers, legend, overlays
from geo.palettes import Scale, concentration_scale
from language import date_range, day, pollutant_name, unit
from pages.parts import addresses, frame, results
from pages.parts.i18n import _, lang
from planning import maps
from planning.screening import Screening

KINDS = ("mean", "days", "over", "exceedance", "sd", "none")
"""What may colour the ground: period mean, each day, days over, share of days over, standard deviation, nothing."""


KIND_WORDS = layers.STATION_KINDS
"""Station kind -> its words (to be translated)."""


@dataclass(frozen=True)
class View:
    """Layers of the ground, lowest first, and what their legend says."""

    groups: list[folium.FeatureGroup]
    title: str
    body: str
    lines: list[str]
    always: list[legend.Key]


def titles() -> dict[str, str]:
    """Return each kind's name in the reader's language."""
    return {
        "mean": _("Mean of the period"),
        "days": _("Day by day"),
        "over": _("Days over"),
        "exceedance": _("Chance of exceeding"),
        "sd": _("Uncertainty"),
        "none": _("No dust"),
    }


def scale_of(found: Screening) -> Scale:
    """Return the classes that the period mean and the stations' means share."""
    values = np.concatenate([np.ravel(found.surface["mean"].to_numpy()), used(found)["value"].to_numpy(float)])
    good = values[np.isfinite(values)]
    low, high = (float(good.min()), float(good.max())) if good.size else (np.nan, np.nan)
    return concentration_scale(found.parameters.pollutant, low, high)


def day_scale(found: Screening) -> Scale:
    """Return the classes that all single days share."""
    return maps.day_scale(found)


def view(found: Screening, kind: str, *, opacity: float = 0.75, uncertainty: bool = False) -> View:
    """Return the layers and legend of one kind.

    Parameters
    ----------
    kind : one of `KINDS`
    opacity : float
        Of the colours, 0 to 1.
    uncertainty : bool
        Lay the growing dots over them.
    """
    made = _ground(found, kind, opacity)
    made.groups[:0] = under(found)
    if kind != "none":
        made.groups.append(layers.hatch(found.surface, found.mask))
        made.always.append(legend.hatch_key(lang()))
    if uncertainty and kind not in ("sd", "none"):
        dots, full = layers.uncertainty(found.surface["sd"])
        made.groups.append(dots)
        made.always.append(legend.dots_key(full, unit(lang()), lang()))
    return made


def under(found: Screening) -> list[folium.FeatureGroup]:
    """Return the base maps that lie in data/basemap; none where the folder is empty."""
    groups = [
        layers.tiles(
            f"../../basemap/{quote(tiles.name)}/{{z}}/{{x}}/{{y}}", tiles.attribution,
            minzoom=tiles.minzoom, maxzoom=tiles.maxzoom,
        )
        for tiles in basemap.tile_sets()
    ]  # fmt: skip
    files = basemap.vector_files()
    if files:
        west, south, east, north = results.land(found.parameters.area).to_crs(4326).total_bounds
        margin = max(east - west, north - south)
        bounds = (west - margin, south - margin, east + margin, north + margin)
        key = [(path.name, path.stat().st_mtime) for path in files]
        shapes, _notes = results.remembered("basemap", lambda: basemap.shapes(bounds), bounds, key)
        groups.append(layers.basemap(shapes))
    return groups


def _ground(found: Screening, kind: str, opacity: float) -> View:
    span = date_range(found.parameters.start, found.parameters.end, lang())
    name, words = pollutant_name(found.parameters.pollutant), unit(lang())
    if kind == "none":
        return View([], _("Symbols"), "", [], [])
    if kind == "days":
        return _days(found, opacity)
    if kind == "over":
        classes = maps.days_scale(found)
        shown = results.derived(found, "over", lambda: overlays.picture(found.surface["expected_days"], classes))
        title = maps.days_layer(found, lang()).title
        bar = legend.colour_bar(classes, _("days"))
        return View([layers.picture(shown, opacity=opacity)], title, bar, [_("24-hour means"), span], [])
    if kind == "exceedance":
        band = found.surface["exceedance"]
        picture = results.derived(found, "exceedance", lambda: overlays.exceedance_picture(band))
        groups = [layers.picture(picture, opacity=opacity), layers.probability_patterns(band)]
        title = _("{pollutant}: chance that a day is over {standard} {unit}", pollutant=name,
                  standard=f"{found.standard.value:g}", unit=words)  # fmt: skip
        return View(groups, title, legend.probability_classes(lang()), [_("24-hour means"), span], [])
    if kind == "sd":
        dots, full = layers.uncertainty(found.surface["sd"])
        title = _("{pollutant}, uncertainty of the period mean ({unit})", pollutant=name, unit=words)
        return View([dots], title, "", [span], [legend.dots_key(full, words, lang())])
    scale = scale_of(found)
    picture = results.derived(found, "mean", lambda: overlays.picture(found.surface["mean"], scale))
    title = _("{pollutant}, mean of the period ({unit})", pollutant=name, unit=words)
    body = legend.colour_bar(scale, words)
    return View([layers.picture(picture, opacity=opacity)], title, body, [_("24-hour means"), span], [])


def _days(found: Screening, opacity: float) -> View:
    scale = day_scale(found)
    key = f"{found.snapshot}-{found.parameters.area}-{found.parameters.pollutant}-{found.days[0]}-{found.days[-1]}"
    frames, bounds = results.derived(found, "frames", lambda: day_frames(found))
    means = found.daily.loc[:, list(used(found)["station_id"])].mean(axis=1)
    worst = int(np.nanargmax(means.to_numpy(float)))
    labelled = [(url, day(when, lang())) for url, when in zip(frames, found.days, strict=True)]
    name, words = pollutant_name(found.parameters.pollutant), unit(lang())
    return View(
        [layers.days(labelled, bounds, lang=lang(), start=worst, key=key, opacity=opacity)],
        _("{pollutant}, 24-hour mean of each day ({unit})", pollutant=name, unit=words),
        legend.colour_bar(scale, words),
        [_("Starts with the worst day; the bar below steps through the days.")],
        [],
    )


def day_frames(found: Screening) -> tuple[list[str], overlays.LatLonBounds]:
    """Return one picture a day, all in the same classes."""
    scale = day_scale(found)
    frames = []
    bounds: overlays.LatLonBounds = ((0.0, 0.0), (0.0, 0.0))
    with results.progress(_("Drawing a map for each day")) as say:
        for n, when in enumerate(found.days):
            made = overlays.picture(found.daily_mean(when)["mean"], scale, longest=420)
            frames.append(made.url)
            bounds = made.bounds
            say((n + 1) / len(found.days))
    return frames, bounds


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


def stations(found: Screening, *, coloured: bool = True) -> folium.FeatureGroup:
    """Return the stations, coloured by their period mean in the classes of the map."""
    return layers.stations(
        found.stations, scale_of(found) if coloured else None, lang=lang(), words=_("mean of the period"),
        flagged=results.derived(found, "flagged", lambda: flagged(found)),
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


def base(found: Screening, label: str, *, linked: bool = False) -> folium.Map:
    """Return the base map of the screened area: its boundaries and their names; `linked`: view kept in the URL."""
    return layers.base_map(
        results.land(found.parameters.area), lang=lang(), hall=frame.hall(), label=label, linked=linked,
        ground=addresses.ground(),
    )
