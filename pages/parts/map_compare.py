"""Two maps side by side, or their difference: which days, periods, pollutants or scenarios are compared."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import escape
from typing import Any

import folium
import numpy as np
import pandas as pd
import streamlit as st
from pyproj import Transformer

from geo import layers, legend, overlays
from geo.palettes import Scale, difference_scale
from geo.standards import standard
from language import UserError, concentration, date_range, day, moment, number, pollutant_name, unit, with_range
from pages.parts import dust_view, frame, map_time, results, state
from pages.parts.dust_view import Shared, View
from pages.parts.i18n import _, lang
from planning import change
from planning.change import Change
from planning.screening import Screening

MODES = ("off", "days", "periods", "pollutants", "scenarios")
GROUP = "compare"
LIMITS = ("who-aqg", "who-it4", "who-it2")
"""Standards of a scenario in place of the Thai one."""
EARLIER = 8
"""Imports whose state before can be compared with."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the maps: its screening, its name over the map, the single day it shows (if any)."""

    found: Screening
    title: str
    when: date | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is shown: one side, two sides, or the change between them."""

    sides: tuple[Side, ...]
    change: Change | None = None

    @property
    def founds(self) -> tuple[Screening, ...]:
        """The screenings, each once."""
        return tuple(dict.fromkeys(side.found for side in self.sides))


def bind() -> bool:
    """Bind what is compared; whether it leaves nothing for the ground to choose."""
    mode = state.get(state.bind("cmp", "off", allowed=MODES, late=True))
    showing = state.get(state.bind("as", "side", allowed=("side", "change"), late=True))
    return mode == "days" or (mode == "periods" and showing == "change")


def controls(found: Screening, chosen: frame.Choice) -> None:
    """Draw the choice of what is compared."""
    words = {
        "off": _("One map"), "days": _("Two days"), "periods": _("Two periods"),
        "pollutants": _("PM2.5 and PM10"), "scenarios": _("Two scenarios"),
    }  # fmt: skip
    mode = st.radio(_("Compare"), MODES, format_func=words.__getitem__, key="cmp")
    if mode == "days":
        _days(found)
    elif mode == "periods":
        _period(chosen)
    elif mode == "scenarios":
        _scenario(found)
    if mode in ("days", "periods"):
        st.segmented_control(
            _("Show as"), ("side", "change"), required=True,
            format_func={"side": _("Side by side"), "change": _("Difference")}.__getitem__, key="as",
        )  # fmt: skip
    if mode != "off":
        st.caption(_("Both maps share one colour scale and one view: what moves one moves the other."))


def _days(found: Screening) -> None:
    days = found.days
    first, last = found.parameters.start, found.parameters.end
    for name, words, usual in (("cmpd1", _("Left: day"), _least(found)), ("cmpd2", _("Right: day"), _most(found))):
        key = state.bind(name, usual, parse=date.fromisoformat, write=date.isoformat, late=True)
        if not first <= st.session_state[key] <= last:
            st.session_state[key] = usual
        st.date_input(words, key=key, min_value=first, max_value=last, format="DD/MM/YYYY")
        if st.session_state[key] not in days:
            st.caption(_("This day has no map: too few stations have readings. Choose another one."))


def _means(found: Screening) -> Any:
    return found.daily.loc[:, list(dust_view.used(found)["station_id"])].mean(axis=1).to_numpy(float)


def _least(found: Screening) -> date:
    return found.days[int(np.nanargmin(_means(found)))]


def _most(found: Screening) -> date:
    return found.days[int(np.nanargmax(_means(found)))]


def _period(chosen: frame.Choice) -> None:
    reach = results.period(chosen.workspace_id, chosen.pollutant) or (chosen.start, chosen.end)
    key = state.bind("cmpp", _before(chosen, reach), parse=frame.parse_period, write=frame.write_period, late=True)
    picked = st.session_state[key]
    if len(picked) == 2 and not reach[0] <= picked[0] <= picked[1] <= reach[1]:
        st.session_state[key] = _before(chosen, reach)
    own = date_range(chosen.start, chosen.end, lang())
    st.caption(_("Compared with the period at the side, {period}.", period=own))
    st.date_input(_("Other period"), key=key, min_value=reach[0], max_value=reach[1], format="DD/MM/YYYY")
    if _overlap(st.session_state[key], (chosen.start, chosen.end)):
        st.caption(_("The two periods overlap: they differ less than separate ones would."))


def _overlap(one: tuple[date, ...], other: tuple[date, ...]) -> bool:
    return len(one) == 2 and one[0] <= other[1] and other[0] <= one[1]


def _before(chosen: frame.Choice, reach: tuple[date, date]) -> tuple[date, date]:
    """Return as many days just before the chosen ones; the first half of them where there are no earlier data."""
    last = chosen.start - timedelta(days=1)
    if last - reach[0] >= timedelta(days=6):
        return max(reach[0], chosen.start - timedelta(days=chosen.days)), last
    return chosen.start, chosen.start + timedelta(days=max(chosen.days // 2 - 1, 0))


def _scenario(found: Screening) -> None:
    choices = _scenarios(found)
    st.selectbox(
        _("Right: the same, but"), list(choices), format_func=choices.__getitem__,
        key=state.bind("scen", next(iter(choices)), allowed=list(choices), late=True),
    )  # fmt: skip
    st.caption(_("Another limit changes the days over and the chance of exceeding, not the mean."))


def _scenarios(found: Screening) -> dict[str, str]:
    """Return what a screening can be done with instead: another limit, or the data before an import."""
    choices = {}
    for name in LIMITS:
        limit = standard(found.parameters.pollutant, "24h", name=name)
        words = limit.name_th if lang() == "th" else limit.name_en
        choices[f"limit-{name}"] = _("limit {value}: {name}", value=f"{limit.value:g}", name=words)
    for row in _earlier():
        choices[f"before-{row['snapshot']}"] = _(
            "data before {file} ({moment})", file=row["file_name"], moment=moment(row["imported_at"], lang())
        )
    return choices


def _earlier() -> list[dict[str, Any]]:
    """Return the newest imports before which there were readings, with the snapshot before each."""
    made: list[dict[str, Any]] = results.remembered("earlier", _read_earlier)
    return made


def _read_earlier() -> list[dict[str, Any]]:
    lake = results.lake()
    imports = lake.imports()
    imports = imports[imports["kind"].isin(["observations", "stations", "factories", "receptors"])]
    if imports.empty:
        return []
    times = lake.query("SELECT snapshot_id, snapshot_time FROM ducklake_snapshots('lake') ORDER BY snapshot_id")
    moments = pd.to_datetime(times["snapshot_time"], utc=True)
    readings = imports.loc[imports["kind"] == "observations", "imported_at"]
    found = []
    for row in imports.sort_values("imported_at", ascending=False).head(EARLIER).to_dict("records"):
        before = times.loc[moments < pd.Timestamp(row["imported_at"]), "snapshot_id"]
        if len(before) and len(readings) and row["imported_at"] > readings.min():
            found.append({"snapshot": int(before.iloc[-1]), "file_name": str(row["file_name"]),
                          "imported_at": pd.Timestamp(row["imported_at"]).to_pydatetime()})  # fmt: skip
    return found


# ------------------------------------------------------------------------------ what is compared


def comparison(found: Screening, chosen: frame.Choice) -> Comparison:
    """Return the sides of the map; one alone, with a sentence, where the other cannot be made."""
    mode = str(state.get("cmp") or "off")
    own = Side(found, date_range(chosen.start, chosen.end, lang()))
    if mode == "off":
        return Comparison((own,))
    try:
        sides = _sides(mode, found, chosen, own)
        if mode in ("days", "periods") and state.get("as") == "change":
            return Comparison(sides, _change(mode, sides))
    except UserError as error:
        st.warning(error.say(lang()), icon=":material/compare:")
        return Comparison((own,))
    return Comparison(sides)


def _sides(mode: str, found: Screening, chosen: frame.Choice, own: Side) -> tuple[Side, ...]:
    if mode == "days":
        picked = [state.get(name) for name in ("cmpd1", "cmpd2")]
        for when in picked:
            if when not in found.days:
                raise UserError(
                    "{day} has no map: it lies outside the period or too few stations have readings.",
                    day=when.isoformat(),
                )
        return tuple(Side(found, day(when, lang()), when) for when in picked)
    if mode == "periods":
        picked = state.get("cmpp")
        if not picked or len(picked) != 2:
            return (own,)
        other = results.screening(chosen, start=picked[0], end=picked[1])
        pair = (Side(other, date_range(*picked, lang())), own)
        return tuple(sorted(pair, key=lambda side: (side.found.parameters.start, side.found.parameters.end)))
    if mode == "pollutants":
        other = results.screening(chosen, pollutant="pm10" if chosen.pollutant == "pm25" else "pm25")
        pair = sorted((found, other), key=lambda f: f.parameters.pollutant == "pm10")
        return tuple(Side(f, pollutant_name(f.parameters.pollutant)) for f in pair)
    kind, _dash, what = str(state.get("scen")).partition("-")
    words = _scenarios(found).get(str(state.get("scen")), "")
    if kind == "limit":
        other = results.screening(chosen, standard=what)
    else:
        other = results.screening(chosen, snapshot_=int(what))
    here = _("as now, limit {value}", value=f"{found.standard.value:g}")
    return Side(found, here), Side(other, words)


def _change(mode: str, sides: tuple[Side, ...]) -> Change | None:
    if len(sides) < 2:
        return None
    first, last = sides
    if mode == "days" and first.when and last.when:
        a, b = first.when, last.when
        made = results.derived(last.found, f"change-{a}-{b}", lambda: change.of_days(last.found, a, b))
    else:
        about = f"change-{first.found.parameters}-{first.found.snapshot}"
        made = results.derived(last.found, about, lambda: change.of_periods(first.found, last.found))
    return made  # type: ignore[no-any-return]


# ------------------------------------------------------------------------------ layers


def view(side: Side, ground: str, shared: Shared, *, opacity: float, uncertainty: bool) -> View:
    """Return the ground of one side."""
    if side.when is not None:
        return _day_view(side, shared_day_scale(shared), opacity)
    if ground == "days":
        return map_time.view(side.found, opacity=opacity, shared=shared)
    return dust_view.view(side.found, ground, opacity=opacity, uncertainty=uncertainty, shared=shared)


def shared_day_scale(shared: Shared) -> Scale:
    """Return the classes that single days share."""
    values = np.concatenate([np.ravel(f.daily.to_numpy(float)) for f in shared.founds])
    return dust_view.scale_over([f.parameters.pollutant for f in shared.founds], values)


def _day_view(side: Side, scale: Scale, opacity: float) -> View:
    found, when = side.found, side.when
    assert when is not None
    made = results.derived(found, f"day-{when}", lambda: found.daily_mean(when))
    ground = made.assign(supported=np.isfinite(made["mean"]))
    picture = results.derived(found, f"day-{when}-{scale.breaks}", lambda: overlays.picture(made["mean"], scale))
    words = unit(lang())
    title = _("{pollutant}, 24-hour mean ({unit})", pollutant=pollutant_name(found.parameters.pollutant), unit=words)
    groups = [*dust_view.under(found), layers.picture(picture, opacity=opacity), layers.hatch(ground, found.mask)]
    said = [day(when, lang())]
    return View(groups, title, legend.colour_bar(scale, words), said, [legend.hatch_key(lang())],
                legend.class_keys(scale))  # fmt: skip


def stations(side: Side, ground: str, shared: Shared) -> folium.FeatureGroup:
    """Return the stations of one side in its colours: of the day, of the period, or plain where steps move."""
    found = side.found
    if side.when is None:
        plain = ground in ("days", "over", "exceedance", "sd")
        return dust_view.stations(found, coloured=not plain, scale=dust_view.scale_of(*shared.founds))
    measured = found.daily.loc[side.when].reindex(found.stations["station_id"]).to_numpy(float)
    table = found.stations.assign(value=measured)
    return layers.stations(table, shared_day_scale(shared), lang=lang(), words=day(side.when, lang()))


def change_view(made: Change, sides: Sequence[Side], opacity: float) -> tuple[View, folium.FeatureGroup]:
    """Return the difference with its unsure part, and the stations with their own differences."""
    found = sides[-1].found
    surface = made.surface
    known = np.concatenate([np.ravel(surface["mean"].to_numpy()), made.stations["value"].to_numpy(float)])
    known = known[np.isfinite(known)]
    low, high = float(known.min()), float(known.max())
    scale = difference_scale(low, high)
    words = unit(lang())
    key = f"{made.kriging.n_stations_}-{low:.4f}-{high:.4f}"
    picture = results.derived(found, f"change-{key}", lambda: overlays.picture(surface["mean"], scale))
    unsure = np.isfinite(surface["mean"].to_numpy()) & ~made.sure
    groups = [
        *dust_view.under(found),
        layers.picture(picture, opacity=opacity),
        layers.unsure(unsure, surface),
        layers.hatch(surface, found.mask),
    ]
    name = pollutant_name(found.parameters.pollutant)
    title = _("{pollutant}, difference ({unit})", pollutant=name, unit=words)
    averaging = _("24-hour means") if sides[0].when is None else _("24-hour mean")
    sd = surface["sd"].to_numpy()[np.isfinite(surface["sd"].to_numpy())]
    spread = _("usual uncertainty: ±{sd} {unit} (one standard deviation)", unit=words,
               sd=number(float(np.median(sd)) if sd.size else None, 1))  # fmt: skip
    lines = [_("{later} minus {earlier}", later=sides[1].title, earlier=sides[0].title), averaging, spread]
    spans = [(side.found.parameters.start, side.found.parameters.end) for side in sides]
    if sides[0].when is None and _overlap(*spans):
        lines.append(_("The two periods overlap: they differ less than separate ones would."))
    always = [*([legend.unsure_key(lang())] if unsure.any() else []), legend.hatch_key(lang())]
    body = legend.colour_bar(scale, words, signed=True)
    signs = layers.stations(made.stations, scale, lang=lang(), words=_("difference"))
    return View(groups, title, body, lines, always, legend.class_keys(scale, signed=True)), signs


def badge(side: Side, title: str) -> folium.FeatureGroup:
    """Return the name of a side, on its map, with what its colours are where the sides differ in that."""
    mark = f" <span class='eco-sim'>{escape(_('Simulated data'))}</span>" if side.found.simulated else ""
    below = f"<p>{escape(title)}</p>" if title else ""
    return layers.legend(f"<h4>{escape(side.title)}{mark}</h4>{below}")


def strip(seen: Sequence[View], sides: Sequence[Side], ground: str, keys: Sequence[legend.Key]) -> None:
    """Draw the one legend of two maps, under them."""
    first = seen[0]
    titles = {v.title for v in seen}
    named, of = dust_view.titles()[ground], _scale_unit(ground)
    title = first.title if len(titles) == 1 else f"{named} ({of})" if of else named
    common = [line for line in first.lines if line and all(line in v.lines for v in seen)]
    sources = dict.fromkeys(source for side in sides for source in side.found.sources)
    said = " · ".join(escape(line) for line in [*common, _("Source: {source}", source=", ".join(sources))])
    bar = _signs(legend.probability_keys(lang())) if ground == "exceedance" else first.body
    st.html(
        f"<section class='eco-strip'><div><b>{escape(title)}</b>{bar}</div>"
        f"<p>{_signs([*first.always, *keys])}</p><p>{said}</p></section>"
    )


def _scale_unit(ground: str) -> str:
    """Return the unit of a ground's scale; a chance has none."""
    return {"over": _("days"), "exceedance": ""}.get(ground, unit(lang()))


def _signs(keys: Sequence[legend.Key]) -> str:
    """Return keys of a legend as pictures with words: the page lets no SVG of its own through."""
    made = []
    for key in keys:
        name, rest = key.drawing.split(">", 1)
        size = "" if "width='26'" in name else " width='20' height='20'"
        svg = f"{name} xmlns='http://www.w3.org/2000/svg'{size}><defs>{legend.PATTERNS}</defs>{rest}"
        svg = svg.replace("width='100%' height='100%'", "")
        picture = base64.b64encode(svg.encode()).decode()
        made.append(f"<span class='eco-strip-key'><img alt='' src='data:image/svg+xml;base64,{picture}'>"
                    f"{escape(key.words)}</span>")  # fmt: skip
    return "".join(made)


def shared(found: Comparison) -> Shared:
    """Return what the sides have in common."""
    return Shared(found.founds, GROUP if len(found.sides) > 1 else "")


def second(own: Shared) -> Shared:
    """Return the same for the right map, which leaves the address to the left one."""
    return replace(own, linked=False)


def at(compared: Comparison, side: Side, lat: float, lon: float) -> list[tuple[str, str]]:
    """Return what this map shows at a place beyond the period: the day's value, or the change, with its range."""
    found, change_ = side.found, compared.change
    if change_ is not None:
        here = _cell(found, change_.surface, lat, lon)
        words = _("{mean} (95 % range: {lower} to {upper})", mean=f"{here['mean']:+.1f} {unit(lang())}",
                  lower=f"{here['lower95']:+.1f}", upper=f"{here['upper95']:+.1f}")  # fmt: skip
        title = _("{later} minus {earlier}", later=compared.sides[1].title, earlier=compared.sides[0].title)
        return [(title, words.replace("-", "−"))] if np.isfinite(here["mean"]) else []
    if side.when is None:
        return []
    when = side.when
    here = _cell(found, results.derived(found, f"day-{when}", lambda: found.daily_mean(when)), lat, lon)
    if not np.isfinite(here["mean"]):
        return [(day(when, lang()), "–")]
    words = with_range(concentration(here["mean"], lang()), here["lower95"], here["upper95"], lang())
    return [(day(when, lang()), words)]


def _cell(found: Screening, surface: Any, lat: float, lon: float) -> dict[str, float]:
    """Return mean and 95 % range of the cell at a place; NaN outside."""
    x, y = Transformer.from_crs("EPSG:4326", found.surface.rio.crs, always_xy=True).transform(lon, lat)
    half, names = found.grid.cell / 2, ("mean", "lower95", "upper95")
    if not ((np.abs(found.grid.x - x) <= half).any() and (np.abs(found.grid.y - y) <= half).any()):
        return dict.fromkeys(names, float("nan"))
    cell = surface.sel(x=x, y=y, method="nearest")
    return {name: float(cell[name]) for name in names}
