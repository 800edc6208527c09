"""The story of the meeting in seven steps: words in both languages, figures, and what the map shows.

Every step is plain values (text, numbers, SVG paths, data URIs) that page.js puts on the screen, so
that the words can be tested without a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo import palettes
from language import (
    N_,
    Note,
    available_languages,
    date_range,
    day,
    language_name,
    note,
    number,
    pollutant_name,
    translate,
    unit,
)
from planning import panels, voices
from planning.maps import days_layer
from planning.measures import area_name, propose_all, without_place
from planning.meeting import pictures, said
from planning.meeting.pictures import Frame
from planning.meeting.weeks import Week, normal_and_bad
from planning.meeting.words import LABELS, counted, spoken, week_sentence
from planning.proposal import records
from planning.rows import PlanRow
from planning.sentences import exposed_note, join

if TYPE_CHECKING:
    from planning.screening import Screening

ZONE_CLASSES = {"urgent": N_("urgent"), "watch": N_("watch"), "prevent": N_("prevent")}
CHOICES = 6

def both(said: Note | str) -> dict[str, str]:
    """Return a sentence in every language of the product."""
    return {lang: said.say(lang) if isinstance(said, Note) else translate(said, lang) for lang in available_languages()}


def each(make: Any) -> dict[str, str]:
    """Return what `make(lang)` says in every language."""
    return {lang: make(lang) for lang in available_languages()}


def _name(row: Any) -> dict[str, str]:
    thai = str(row.get("name_th") or "")
    english = str(row.get("name_en") or thai)
    return {lang: thai if lang == "th" else english for lang in available_languages()}


def _context(screening: Screening) -> dict[str, str]:
    """Return the line under a legend: period and source; the legend's title says pollutant, averaging and unit."""
    p = screening.parameters

    def line(lang: str) -> str:
        parts = [pollutant_name(p.pollutant), date_range(p.start, p.end, lang)]
        if screening.sources:
            parts.append(note("source: {source}", source="; ".join(screening.sources[:2])).say(lang))
        return " · ".join(parts)

    return each(line)


# ------------------------------------------------------------------------------ the map


def map_parts(screening: Screening, reports: gpd.GeoDataFrame | None = None) -> dict[str, Any]:
    """Return the panels of the map: shapes and points that steps switch on and off."""
    reports = voices.empty() if reports is None else reports
    crs = screening.surface.rio.crs
    shape = screening.area.to_crs(crs).geometry.union_all()
    found = panels.parts(shape)
    boxes = panels.layout(len(found), pictures.WIDTH, pictures.HEIGHT, 14)
    drawn = [
        {
            "x": box[0],
            "y": box[1],
            "w": box[2],
            "h": box[3],
            **_panel(screening, shape, reports, Frame.around(bounds, crs, box[2], box[3])),
        }
        for bounds, box in zip(found, boxes, strict=True)
    ]
    approximate = screening.zones.get("approximate", pd.Series(False, index=screening.zones.index))
    return {
        "width": pictures.WIDTH,
        "height": pictures.HEIGHT,
        "panels": drawn,
        "approximate": bool(approximate.fillna(False).astype(bool).any()),
    }


def _panel(screening: Screening, area: BaseGeometry, reports: gpd.GeoDataFrame, frame: Frame) -> dict[str, Any]:
    kinds = ["reference" if kind == "reference" else "lowcost" for kind in screening.stations["kind"]]
    receptors = [_GLYPHS.get(kind, "") for kind in screening.receptors["kind"]]
    places = pictures.points(screening.receptors, frame, receptors)
    return {
        "area": frame.path(area),
        "zones": _zones(screening, frame),
        "hotspots": _hotspots(screening, frame),
        "stations": pictures.points(screening.stations, frame, kinds),
        "factories": pictures.points(screening.factories, frame, ["factory"] * len(screening.factories)),
        "receptors": [p for p in places if p["kind"]],
        "bar": _scale_bar(frame),
        "box": frame.box(screening.surface),
        "said": said.pins(reports, frame),
        "degrees": frame.degrees(),
    }


def _zones(screening: Screening, frame: Frame) -> list[dict[str, Any]]:
    zones, drawn = screening.zones.to_crs(frame.crs), []
    for row, shape in zip(records(zones.drop(columns="geometry")), zones.geometry, strict=True):
        if not pictures.inside(shape, frame):
            continue
        place = shape.representative_point()
        x, y = frame.at(place.x, place.y)
        width = (shape.bounds[2] - shape.bounds[0]) * frame.scale
        radius = min(28.0, max(15.0, 0.22 * shape.area**0.5 * frame.scale))
        drawn.append(
            {
                "path": frame.path(shape),
                "x": x,
                "y": y,
                "name": _name(row),
                "rank": int(row["rank"]),
                "colour": palettes.ZONE_CLASSES[row["class"]],
                "room": round(width),
                "r": round(radius, 1),
            }
        )
    return drawn


def _hotspots(screening: Screening, frame: Frame) -> list[dict[str, Any]]:
    if not len(screening.hotspots):
        return []
    spots, drawn = screening.hotspots.to_crs(frame.crs), []
    for name, shape in zip(spots["hotspot_id"], spots.geometry, strict=True):
        if pictures.inside(shape, frame):
            x, y = frame.at(shape.centroid.x, shape.bounds[3])
            drawn.append({"path": frame.path(shape), "x": x, "y": max(y, 30.0), "label": str(name)})
    return drawn


_GLYPHS = {
    "school": "school",
    "childcare": "school",
    "hospital": "hospital",
    "health_centre": "hospital",
    "elderly_home": "elderly",
}


def _scale_bar(frame: Frame) -> dict[str, Any]:
    target = 0.26 * frame.width / frame.scale
    power = 10 ** np.floor(np.log10(target))
    metres = float(next(m * power for m in (5, 2, 1) if m * power <= target))
    km = metres >= 1000
    label = each(lambda lang: f"{metres / 1000 if km else metres:g} {translate('km' if km else 'm', lang)}")
    return {"length": round(metres * frame.scale, 1), "label": label}


def _north_up(surface: Any) -> bool:
    y = surface["y"].to_numpy()
    return bool(len(y) < 2 or y[0] > y[-1])


def frames(screening: Screening, weeks: Sequence[Week]) -> tuple[list[list[dict[str, Any]]], palettes.Scale]:
    """Return the pictures of each week's days, all in one scale of classes."""
    fields = [[screening.daily_mean(d)["mean"] for d in week.days] for week in weeks]
    every = np.concatenate([f.to_numpy().ravel() for week in fields for f in week])
    low, high = (np.nanmin(every), np.nanmax(every)) if np.isfinite(every).any() else (np.nan, np.nan)
    scale = palettes.concentration_scale(screening.parameters.pollutant, float(low), float(high))
    limit = screening.standard.value
    shown = [
        [
            {
                "day": each(lambda lang, d=d: day(d, lang)),
                "short": each(lambda lang, d=d: day(d, lang, year=False)),
                "image": pictures.raster(field.to_numpy(), scale.breaks, scale.colours, north_up=_north_up(field)),
                "value": number(value, 1),
                "level": round(value, 1),
                "over": bool(value > limit),
            }
            for d, field, value in zip(week.days, week_fields, week.medians, strict=True)
        ]
        for week, week_fields in zip(weeks, fields, strict=True)
    ]
    return shown, scale


# ------------------------------------------------------------------------------ the steps


def _step(key: str, title: Note, lines: Sequence[dict[str, str]], show: Sequence[str], **more: Any) -> dict[str, Any]:
    return {"key": key, "title": both(title), "lines": list(lines), "show": list(show), **more}


def _listed(make: Callable[[str], list[Note]]) -> dict[str, str]:
    """Return pieces joined as each language joins them."""
    return each(lambda lang: join([piece.say(lang) for piece in make(lang)], lang))


def where(screening: Screening) -> dict[str, Any]:
    """Step 1: the area, its people, factories and schools."""
    names = area_name(screening)
    size = screening.area.to_crs(screening.surface.rio.crs).geometry.area.sum() / 1e6
    people = pd.to_numeric(screening.area.get("population", pd.Series(dtype=float)), errors="coerce")
    kinds = screening.receptors["kind"].map(_GLYPHS).value_counts() if len(screening.receptors) else {}
    lines = [both(note("{area} km²", area=number(size, 1)))]
    if len(people) and people.notna().all():
        lines.append(both(counted("people", people.sum())))
    lines.append(both(counted("factories", len(screening.factories))))
    lines += [both(counted(f"{kind}s", kinds.get(kind, 0))) for kind in ("school", "hospital")]
    step = _step("where", note("Where we are: {place}", place=""), lines, ["zones", "names", "factories", "receptors"])
    place = {lang: names[0 if lang == "th" else 1] for lang in available_languages()}
    return {**step, "title": each(lambda lang: note("Where we are: {place}", place=place[lang]).say(lang))}


def measured(screening: Screening, on_map: int | None = None) -> dict[str, Any]:
    """Step 2: the stations, how many of them the map shows (all by default), and what lies between them."""
    kinds = screening.stations["kind"].value_counts()
    p = screening.parameters
    counts = {"reference": int(kinds.get("reference", 0)), "lowcost": int(kinds.get("lowcost", 0))}
    counts["stations"] = len(screening.stations) - sum(counts.values())
    there = [counted(kind, count) for kind, count in counts.items() if count]
    who = _listed(lambda _lang: there)
    pollutant = pollutant_name(p.pollutant)

    def measures(lang: str) -> str:
        if sum(counts.values()) == 1:
            return note("{stations} measures {pollutant}", stations=who[lang], pollutant=pollutant).say(lang)
        return note("{stations} measure {pollutant}", stations=who[lang], pollutant=pollutant).say(lang)

    lines = [
        each(measures),
        each(lambda lang: f"{counted('days', screening.days_total).say(lang)}: {date_range(p.start, p.end, lang)}"),
        both(note("A station measures one place. Between stations the map is an estimate.")),
        each(
            lambda lang: note(
                "The limit for a day (24-hour mean): {limit} {unit}",
                limit=f"{screening.standard.value:g}",
                unit=unit(lang),
            ).say(lang)
        ),
    ]
    away = 0 if on_map is None else len(screening.stations) - on_map
    if away:
        lines.insert(1, both(counted("away", away)))
    return _step("measured", note("What we measure, and where"), lines, ["zones", "stations"])


def week_step(
    key: str, title: Note, shown: list[dict[str, Any]], scale: palettes.Scale, screening: Screening
) -> dict[str, Any]:
    """Step 3 or 4: the days of a week as an animation."""
    over = sum(f["over"] for f in shown)
    first, last = shown[0]["short"], shown[-1]["day"]
    lines = [each(lambda lang: week_sentence(first[lang], last[lang], over, len(shown)).say(lang))]
    legend = {
        "labels": list(scale.labels()),
        "colours": list(scale.colours),
        "title": each(
            lambda lang: note(
                "{pollutant}, 24-hour mean, {unit}",
                unit=unit(lang),
                pollutant=pollutant_name(screening.parameters.pollutant),
            ).say(lang)
        ),
    }
    return _step(
        key,
        title,
        lines,
        ["zones", "stations", "raster"],
        frames=shown,
        legend=legend,
        limit=screening.standard.value,
        unit=each(unit),
        chart=both(note("Median of all stations (24-hour means); dashed line: standard")),
    )


def stays(screening: Screening) -> dict[str, Any]:
    """Step 5: expected days over the standard, and the hotspots."""
    layer = days_layer(screening, "en")
    values = screening.surface["expected_days"].to_numpy()
    breaks = [float(label.split("–")[0]) for label in layer.labels[1:-1]] + [float(layer.labels[-1].split(" ")[0])]
    lines = []
    for spot in records(screening.hotspots.drop(columns="geometry").sort_values("rank"))[:3]:
        name = _name(spot)
        lines.append(
            {
                lang: note(
                    "{place}: about {days} of {total} days over the limit",
                    days=round(spot["days_over"]),
                    place=f"{spot['hotspot_id']} {name[lang]}",
                    total=int(spot["days_total"]),
                ).say(lang)
                for lang in available_languages()
            }
        )
    if not lines:
        lines.append(both(note("No area is likely over the limit again and again in this period.")))
    legend = {
        "labels": {lang: list(days_layer(screening, lang).labels) for lang in available_languages()},
        "colours": list(layer.colours),
        "title": each(lambda lang: days_layer(screening, lang).title),
    }
    image = pictures.raster(values, breaks, layer.colours, north_up=_north_up(screening.surface))
    return _step(
        "stays", note("Where it stays bad"), lines, ["zones", "hotspots", "raster"], image=image, legend=legend
    )


def who(screening: Screening) -> dict[str, Any]:
    """Step 6: the people in the first zones."""
    lines = []
    spots = pd.to_numeric(screening.hotspots["people"], errors="coerce") if len(screening.hotspots) else pd.Series()
    if spots.notna().any():
        lines.append(both(counted("hot_people", spots.sum())))
    if exposed := exposed_note(screening.exposed):
        lines.append(both(exposed))
    for zone in records(screening.zones.drop(columns="geometry").sort_values("rank"))[:3]:
        lines.append(each(lambda lang, zone=zone: _zone_line(zone, lang)))
    classes = [{"colour": palettes.ZONE_CLASSES[k], "label": both(label)} for k, label in ZONE_CLASSES.items()]
    return _step(
        "who", note("Who lives right there"), lines, ["zones", "badges", "receptors", "hotspots"], classes=classes
    )


def _zone_line(zone: dict[str, Any], lang: str) -> str:
    things = [counted("care", zone["receptors"])]
    if zone["people"] is not None and not pd.isna(zone["people"]):
        things.insert(0, counted("residents", zone["people"]))
    kind = translate(ZONE_CLASSES[zone["class"]], lang)
    return f"{int(zone['rank'])}. {_name(zone)[lang]} ({kind}): {join([thing.say(lang) for thing in things], lang)}"


def choices(rows: Sequence[PlanRow]) -> list[dict[str, Any]]:
    """Return the first different measures with the zones they are for: what we do, what we ask for."""
    groups: dict[str, list[PlanRow]] = {}
    for row in rows:
        groups.setdefault(row.measure_id or row.row_id, []).append(row)
    shown = []
    for same in list(groups.values())[:CHOICES]:
        row = same[0]
        shown.append(
            {
                "id": row.row_id,
                "role": row.role,
                "name": each(lambda lang, row=row: without_place(row, lang)),
                "places": each(lambda lang, same=same: _places(same, lang)),
                "agency": each(lambda lang, row=row: row.say("agency", lang).split(" · ")[0]),
            }
        )
    return shown


def _places(rows: Sequence[PlanRow], lang: str) -> str:
    names = list(dict.fromkeys(r.say("zone_name", lang) for r in rows if r.zone_name))
    if len(names) <= 3:
        return ", ".join(names)
    return note("{names} and {count} more", names=", ".join(names[:3]), count=len(names) - 3).say(lang)


def tell(
    screening: Screening,
    rows: Sequence[PlanRow] | None = None,
    reports: gpd.GeoDataFrame | None = None,
    phone: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return everything the page shows.

    Parameters
    ----------
    screening : Screening
    rows : sequence of PlanRow, optional
        What could be done; the proposal for the zones by default.
    reports : GeoDataFrame, optional
        What earlier meetings said (`planning.voices.heard`); what the screening knows of by default.
    phone : mapping, optional
        Address and QR code of the phone view (`planning.meeting.phone.code`).
    """
    heard = getattr(screening, "reports", voices.empty()) if reports is None else reports
    names = area_name(screening)
    proposed = (
        list(rows)
        if rows is not None
        else propose_all(
            screening.zones, screening.factories, likely=screening.likely, area_name=names,
            pollutant=screening.parameters.pollutant,
        )
    )
    usual, worst = normal_and_bad(screening.daily)
    (usual_frames, worst_frames), scale = frames(screening, (usual, worst))
    listed = choices(proposed)
    # Where no day was over the limit, the week is only the dustiest one.
    bad = note("A bad week") if any(f["over"] for f in worst_frames) else note("The dustiest week")
    day_line = _context(screening)
    drawn = map_parts(screening, heard)
    steps = [
        {**where(screening), "context": day_line},
        {**measured(screening, sum(len(panel["stations"]) for panel in drawn["panels"])), "context": day_line},
        {**week_step("normal", note("A normal week"), usual_frames, scale, screening), "context": day_line},
        {**week_step("bad", bad, worst_frames, scale, screening), "context": day_line},
        {**stays(screening), "context": day_line},
        {**who(screening), "context": day_line},
        _step("do", note("What we could do"), [], [], choices=listed),
        *_ending(listed),
    ]
    for step in steps:
        step["notes"] = [both(line) for line in spoken(step["key"], screening)]
    return {
        "id": f"{screening.parameters.area}-{screening.snapshot}",
        "area": each(lambda lang: names[0 if lang == "th" else 1]),
        "languages": [{"code": lang, "name": language_name(lang)} for lang in available_languages()],
        "fallback": "en",
        "simulated": bool(screening.simulated),
        "labels": {k: both(v) for k, v in LABELS.items()},
        "snapshot": both(note("data snapshot {snapshot}", snapshot=screening.snapshot)),
        "map": drawn,
        "kinds": said.kinds(),
        "earlier": said.earlier(heard),
        "earlierWords": both(said.EARLIER[bool(screening.simulated)]),
        "phone": phone,
        "steps": steps,
        "limit": screening.standard.value,
    }


def _ending(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps that belong to the hall: what people say, which measure first, what came out."""
    titles = {
        "say": note("What do you say?"),
        "vote": note("Which of these should come first?"),
        "results": note("What you said"),
    }
    asks = {"say": [both(note("Where do you smell or see dust? When?"))]}
    return [_step(key, titles[key], asks.get(key, []), **more) for key, more in said.steps(choices)]
