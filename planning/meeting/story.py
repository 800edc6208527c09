"""The story of the meeting in seven steps: words in both languages, figures, and what the map shows.

Every step is plain values (text, numbers, SVG paths, data URIs) that page.js puts on the screen, so
that the words can be tested without a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo import palettes
from language import LANGUAGES, N_, Note, date_range, day, note, number, pollutant_name, translate, unit
from planning import panels
from planning.maps import days_layer
from planning.measures import area_name, propose_all, records, without_place
from planning.meeting import pictures
from planning.meeting.pictures import Frame
from planning.meeting.weeks import Week, normal_and_bad
from planning.rows import PlanRow

if TYPE_CHECKING:
    from planning.screening import Screening

ZONE_CLASSES = {"urgent": N_("urgent"), "watch": N_("watch"), "prevent": N_("prevent")}
CHOICES = 6

LABELS = {
    "next": N_("Next"),
    "previous": N_("Back"),
    "language": N_("Language"),
    "play": N_("Play"),
    "pause": N_("Pause"),
    "step": N_("Step"),
    "simulated": N_("Simulated data"),
    "nodata": N_("no data"),
    "hotspot": N_("dust hotspot"),
    "reference": N_("reference station"),
    "lowcost": N_("low-cost sensor"),
    "factory": N_("factory"),
    "school": N_("school or childcare"),
    "hospital": N_("hospital or health centre"),
    "elderly": N_("home for the elderly"),
    "hands": N_("Hands raised"),
    "more": N_("one more"),
    "less": N_("one less"),
    "say": N_("What people said"),
    "save": N_("Save as text"),
    "approximate": N_("boundaries approximate"),
    "over": N_("over the standard"),
    "own": N_("We do it ourselves"),
    "request": N_("We ask the office that holds the power"),
    "keys": N_("Arrow keys or space to move on, L for the language, P to pause, F fills the screen"),
}
"""Words of the page's own controls."""


def both(said: Note | str) -> dict[str, str]:
    """Return a sentence in every language of the product."""
    return {lang: said.say(lang) if isinstance(said, Note) else translate(said, lang) for lang in LANGUAGES}


def each(make: Any) -> dict[str, str]:
    """Return what `make(lang)` says in every language."""
    return {lang: make(lang) for lang in LANGUAGES}


def _name(row: Any) -> dict[str, str]:
    thai = str(row.get("name_th") or "")
    return {"th": thai, "en": str(row.get("name_en") or thai)}


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


def map_parts(screening: Screening) -> dict[str, Any]:
    """Return the panels of the map: shapes and points that steps switch on and off."""
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
            **_panel(screening, shape, Frame.around(bounds, crs, box[2], box[3])),
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


def _panel(screening: Screening, area: BaseGeometry, frame: Frame) -> dict[str, Any]:
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


def where(screening: Screening) -> dict[str, Any]:
    """Step 1: the area, its people, factories and schools."""
    names = area_name(screening)
    size = screening.area.to_crs(screening.surface.rio.crs).geometry.area.sum() / 1e6
    people = pd.to_numeric(screening.area.get("population", pd.Series(dtype=float)), errors="coerce")
    kinds = screening.receptors["kind"].map(_GLYPHS).value_counts() if len(screening.receptors) else {}
    lines = [both(note("{area} km²", area=number(size, 1)))]
    if len(people) and people.notna().all():
        lines.append(both(note("{count} people live here", count=number(people.sum()))))
    lines += [
        both(note("{count} factories", count=number(len(screening.factories)))),
        both(note("{count} schools and childcare centres", count=number(kinds.get("school", 0)))),
        both(note("{count} hospitals and health centres", count=number(kinds.get("hospital", 0)))),
    ]
    title = {lang: note("Where we are: {place}", place=names[0 if lang == "th" else 1]).say(lang) for lang in LANGUAGES}
    return {
        **_step(
            "where", note("Where we are: {place}", place=names[0]), lines, ["zones", "names", "factories", "receptors"]
        ),
        "title": title,
    }


def measured(screening: Screening) -> dict[str, Any]:
    """Step 2: the stations, and what lies between them."""
    kinds = screening.stations["kind"].value_counts()
    p = screening.parameters
    lines = [
        both(
            note(
                "{reference} reference stations and {lowcost} low-cost sensors measure {pollutant}",
                reference=int(kinds.get("reference", 0)),
                lowcost=int(kinds.get("lowcost", 0)),
                pollutant=pollutant_name(p.pollutant),
            )
        ),
        each(
            lambda lang: note(
                "{total} days with readings: {period}",
                total=screening.days_total,
                period=date_range(p.start, p.end, lang),
            ).say(lang)
        ),
        both(note("A station measures one place. Between stations the map is an estimate.")),
        each(
            lambda lang: note(
                "The limit for a day (24-hour mean): {limit} {unit}",
                limit=f"{screening.standard.value:g}",
                unit=unit(lang),
            ).say(lang)
        ),
    ]
    return _step("measured", note("What we measure, and where"), lines, ["zones", "stations"])


def week_step(
    key: str, title: Note, shown: list[dict[str, Any]], scale: palettes.Scale, screening: Screening
) -> dict[str, Any]:
    """Step 3 or 4: the days of a week as an animation."""
    over = sum(f["over"] for f in shown)
    lines = [
        {
            lang: note(
                "{first} to {last}: dust at a typical station was over the limit on {over} of {total} days",
                first=shown[0]["short"][lang],
                last=shown[-1]["day"][lang],
                over=over,
                total=len(shown),
            ).say(lang)
            for lang in LANGUAGES
        }
    ]
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
                for lang in LANGUAGES
            }
        )
    if not lines:
        lines.append(both(note("No area is almost certainly over the limit again and again in this period.")))
    legend = {
        "labels": {lang: list(days_layer(screening, lang).labels) for lang in LANGUAGES},
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
        lines.append(both(note("About {count} people live in dust hotspots", count=number(spots.sum()))))
    for zone in records(screening.zones.drop(columns="geometry").sort_values("rank"))[:3]:
        name, people = _name(zone), zone["people"]
        known = people is not None and not pd.isna(people)
        lines.append(
            {
                lang: (
                    note(
                        "{rank}. {zone} ({kind}): {people} people; schools and health places: {places}",
                        rank=int(zone["rank"]),
                        zone=name[lang],
                        kind=translate(ZONE_CLASSES[zone["class"]], lang),
                        people=number(people),
                        places=int(zone["receptors"]),
                    )
                    if known
                    else note(
                        "{rank}. {zone} ({kind}); schools and health places: {places}",
                        rank=int(zone["rank"]),
                        zone=name[lang],
                        kind=translate(ZONE_CLASSES[zone["class"]], lang),
                        places=int(zone["receptors"]),
                    )
                ).say(lang)
                for lang in LANGUAGES
            }
        )
    classes = [{"colour": palettes.ZONE_CLASSES[k], "label": both(label)} for k, label in ZONE_CLASSES.items()]
    return _step(
        "who", note("Who lives right there"), lines, ["zones", "badges", "receptors", "hotspots"], classes=classes
    )


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


def tell(screening: Screening, rows: Sequence[PlanRow] | None = None) -> dict[str, Any]:
    """Return everything the page shows.

    Parameters
    ----------
    screening : Screening
    rows : sequence of PlanRow, optional
        What could be done; the proposal for the zones by default.
    """
    names = area_name(screening)
    proposed = (
        list(rows)
        if rows is not None
        else propose_all(
            screening.zones, screening.factories, area_name=names, pollutant=screening.parameters.pollutant
        )
    )
    usual, worst = normal_and_bad(screening.daily)
    (usual_frames, worst_frames), scale = frames(screening, (usual, worst))
    listed = choices(proposed)
    # Where no day was over the limit, the week is only the dustiest one.
    bad = note("A bad week") if any(f["over"] for f in worst_frames) else note("The dustiest week")
    day_line = _context(screening)
    steps = [
        {**where(screening), "context": day_line},
        {**measured(screening), "context": day_line},
        {**week_step("normal", note("A normal week"), usual_frames, scale, screening), "context": day_line},
        {**week_step("bad", bad, worst_frames, scale, screening), "context": day_line},
        {**stays(screening), "context": day_line},
        {**who(screening), "context": day_line},
        _step("do", note("What we could do"), [], [], choices=listed),
        _step(
            "say",
            note("What do you say?"),
            [
                both(note("Where do you smell or see dust? When?")),
                both(note("Which of these should come first?")),
                both(note("What is missing?")),
            ],
            [],
            choices=listed,
            votes=True,
        ),
    ]
    return {
        "id": f"{screening.parameters.area}-{screening.snapshot}",
        "area": {"th": names[0], "en": names[1]},
        "simulated": bool(screening.simulated),
        "labels": {k: both(v) for k, v in LABELS.items()},
        "snapshot": both(note("data snapshot {snapshot}", snapshot=screening.snapshot)),
        "map": map_parts(screening),
        "steps": steps,
        "limit": screening.standard.value,
    }
