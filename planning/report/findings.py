"""The chapters that say what was found: cover, summary, baseline, hotspots, sources, zones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from docx.shared import Pt

from geo.catalogues import FACTORY_GROUPS
from language import N_, day, note, number
from planning import charts, maps
from planning.measures import area_name
from planning.proposal import records
from planning.report import word
from planning.report.context import Context
from planning.sentences import exposed_note
from planning.zones import part_name

ZONE_CLASSES = {"urgent": N_("urgent"), "watch": N_("watch"), "prevent": N_("prevent")}

RECEPTORS = {
    "school": N_("Schools"),
    "childcare": N_("Childcare centres"),
    "hospital": N_("Hospitals"),
    "health_centre": N_("Health centres"),
    "elderly_home": N_("Homes for the elderly"),
    "other": N_("Other"),
}


def cover(c: Context, title: str) -> None:
    """Write the cover page."""
    for _ in range(2):
        word.paragraph(c.document, "")
    if c.screening.simulated:
        said = c.say(note("Simulated data: for practice only, not for a decision."))
        word.paragraph(c.document, said, bold=True, size=20, align="center", colour=word.RED)
    added = word.paragraph(c.document, title, style="Title", align="center")
    added.paragraph_format.space_after = Pt(18)
    names = area_name(c.screening)
    english = c.lang != "th" and c.plan.lao_name == names[0]
    word.paragraph(c.document, names[1] if english else c.plan.lao_name, bold=True, size=24, align="center")
    years = note("Plan years (B.E.) {first}–{last}", first=c.plan.years[0], last=c.plan.years[-1])
    c.write(years, bold=True, size=20, align="center")
    if c.plan.amendment:
        word.paragraph(c.document, c.plan.amendment.title(c.lang), bold=True, size=20, align="center")
    for _ in range(2):
        word.paragraph(c.document, "")
    lines = [
        note("Draft {version}, to be completed and approved by the local government", version=c.plan.version),
        note("Measurements: {pollutant}, 24-hour means, {period}", pollutant=c.pollutant, period=c.period),
        note("Data snapshot {snapshot}", snapshot=c.screening.snapshot),
    ]
    if c.plan.author:
        lines.append(note("Prepared by {author}", author=c.plan.author))
    for line in lines:
        c.write(line, align="center", after=2)


def _people_in_hotspots(c: Context) -> float:
    people = pd.to_numeric(pd.Series([h["people"] for h in c.hotspots], dtype=object), errors="coerce")
    return float(people.sum()) if people.notna().any() else float("nan")


def summary(c: Context) -> None:
    """Write the page a council reads: the figures and the first zones."""
    urgent = [z for z in c.zones if z["class"] == "urgent"]
    days = [float(z["days_over"]) for z in c.zones if pd.notna(z["days_over"])]
    rows = [
        [
            c.say(note("Most days over the standard in a zone")),
            c.say(
                note(
                    "about {days} of {total} days",
                    days=number(max(days, default=float("nan"))),
                    total=c.screening.days_total,
                )
            ),
        ],
        [c.say(note("Dust hotspots")), c.count(len(c.hotspots))],
        [c.say(note("People living in hotspots")), c.count(_people_in_hotspots(c))],
        [c.say(note("Urgent zones, of all zones")), f"{len(urgent)} / {len(c.zones)}"],
        [c.say(note("Stations used")), c.count(len(c.screening.stations))],
        [c.say(note("Projects in this plan")), c.count(len(c.plan.rows))],
        [c.say(note("Budget filled in so far (baht)")), c.count(sum(r.total for r in c.plan.rows))],
    ]
    word.table(
        c.document, [c.say(note("Figure")), c.say(note("Value"))], rows, [110, 50], align=["left", "right"], size=14
    )
    standard = note(
        "The 24-hour standard of {pollutant} is {limit} {unit}.",
        pollutant=c.pollutant,
        limit=f"{c.screening.standard.value:g}",
        unit=c.unit,
    )
    word.source_line(c.document, f"{c.say(standard)} {c.context_line()}")
    c.write(note("Where to begin"), style="Heading 2")
    for zone in c.zones[:3]:
        word.paragraph(
            c.document,
            f"{zone['rank']}. {c.name(zone)} ({c.say(ZONE_CLASSES[zone['class']])}): {c.text(zone, 'reason')}",
        )


def _area_facts(c: Context) -> list[list[str]]:
    area = c.screening.area
    size = area.to_crs(c.screening.surface.rio.crs).geometry.area.sum() / 1e6
    people = pd.to_numeric(area["population"], errors="coerce") if "population" in area else pd.Series(dtype=float)
    known = people.notna().all() and len(people)
    stations = c.screening.stations["kind"].value_counts()
    rows = [
        [c.say(note("Area")), c.say(note("{number} km²", number=number(size, 1)))],
        [c.say(note("Residents")), c.count(people.sum()) if known else c.say(note("not in the data"))],
        [c.say(note("Reference stations")), c.count(stations.get("reference", 0))],
        [c.say(note("Low-cost sensors")), c.count(stations.get("lowcost", 0))],
        [c.say(note("Factories in the area")), c.count(len(c.screening.factories))],
    ]
    kinds = c.screening.receptors["kind"].value_counts() if len(c.screening.receptors) else {}
    rows += [[c.say(RECEPTORS[k]), c.count(kinds[k])] for k in RECEPTORS if k in kinds]
    return rows


def baseline(c: Context) -> None:
    """Write what the area is and how its dust was over the period."""
    c.write(note("The area in figures"), style="Heading 2")
    word.table(
        c.document,
        [c.say(note("Fact about the area")), c.say(note("Value"))],
        _area_facts(c),
        [110, 50],
        align=["left", "right"],
        size=14,
    )
    c.write(note("Dust over the period"), style="Heading 2")
    median = c.screening.daily.median(axis=1)
    over = int((median > c.screening.standard.value).sum())
    said = note(
        "On {over} of {total} days with readings, the median of the stations' 24-hour means was over the "
        "standard of {limit} {unit}.",
        over=over,
        total=len(median),
        unit=c.unit,
        limit=f"{c.screening.standard.value:g}",
    )
    c.write(said)
    title = c.say(
        note(
            "{pollutant}: median of all stations' 24-hour means, day by day ({unit})",
            pollutant=c.pollutant,
            unit=c.unit,
        )
    )
    chart = charts.daily_bars(
        list(c.screening.daily.index),
        median.tolist(),
        c.screening.standard.value,
        title=title,
        unit=c.unit,
        lang=c.lang,
    )
    word.picture(c.document, chart, 160, title)
    word.source_line(c.document, c.context_line())
    _map(c, "mean", note("Period mean of {pollutant}, with its dust hotspots", pollutant=c.pollutant).say(c.lang))
    sd = float(np.nanmedian(c.screening.surface["sd"].to_numpy()))
    unsure = note(
        "Between the stations the map is an estimate; the kriging standard deviation in the middle of the "
        "map's range is {sd} {unit}. Hatched parts are too far from any station.",
        sd=number(sd, 1),
        unit=c.unit,
    )
    c.write(unsure)


def _map(c: Context, layer: str, title: str) -> None:
    word.picture(c.document, maps.draw_map(c.screening, layer, c.lang), 160, title)
    word.caption(c.document, title)
    word.source_line(c.document, c.context_line())


def hotspots(c: Context) -> None:
    """Write the list of hotspots."""
    parameters = c.screening.parameters
    rule = note(
        "A dust hotspot is a connected area where the 24-hour mean is over the standard on at least {share} of the "
        "days with a probability of at least {probability}.",
        probability=f"{parameters.probability:.0%}",
        share=f"{parameters.day_share:.0%}",
    )
    c.write(rule)
    if not c.hotspots:
        c.write(note("No area meets this rule in the period."), bold=True)
        return
    heads = [
        note("No."),
        note("Place"),
        note("Area (km²)"),
        note("Residents"),
        note("Days over, of {total}", total=c.screening.days_total),
        note("Mean (95 % range)"),
        note("Excess on hot days"),
        note("Factories within 1 km"),
    ]
    rows = [
        [
            str(h["hotspot_id"]),
            c.name(h),
            number(h["area_km2"], 2),
            c.count(h["people"]),
            number(h["days_over"]),
            c.interval(h, "\n"),
            number(h["excess_ugm3"], 1),
            c.count(h["factories"]),
        ]
        for h in c.hotspots[:20]
    ]
    word.table(
        c.document,
        [c.say(n) for n in heads],
        rows,
        [11, 37, 17, 20, 18, 22, 18, 17],
        align=["center", "left", *["right"] * 3, "center", "right", "right"],
    )
    word.source_line(c.document, c.context_line())
    if len(c.hotspots) > 20:
        c.write(note("The {count} smaller hotspots are in hotspots.csv.", count=len(c.hotspots) - 20))


def sources(c: Context) -> None:
    """Write which factories could contribute: screening evidence, not proof."""
    c.write(
        note(
            "The list is screening evidence, not proof: it shows the type and size of a factory and how often the wind "
            "came from its side on days over the standard. Burning and traffic also contribute. No factory is accused."
        ),
    )
    factories = c.screening.factories
    if not len(factories):
        c.write(note("No factory of the area is in the data."))
        return
    groups = factories["type_group"].value_counts()
    rows = [
        [
            c.say(FACTORY_GROUPS.get(g, FACTORY_GROUPS["other"])),
            c.count(n),
            c.count((factories.loc[factories["type_group"] == g, "factory_class"] == 3).sum()),
        ]
        for g, n in groups.items()
    ]
    heads = [note("Group of factories"), note("Count"), note("of class 3")]
    word.table(c.document, [c.say(n) for n in heads], rows, [100, 30, 30], align=["left", "right", "right"], size=14)
    listed = factories.drop(columns="geometry").copy()
    listed["potential"] = pd.to_numeric(listed["potential"], errors="coerce")
    first = records(listed.sort_values("potential", ascending=False, kind="stable").head(12))
    heads = [
        note("Factory"),
        note("Type"),
        note("Factory class"),
        note("Horsepower"),
        note("Dust potential (0–9)"),
        note("Upwind share of hours"),
    ]
    rows = [
        [
            str(f["name_th"]),
            c.text(f, "type_name") or str(f.get("type_name_th") or ""),
            c.count(f["factory_class"]),
            c.count(f["hp"]),
            number(f["potential"], 1),
            f"{f['upwind_share']:.0%}" if pd.notna(f["upwind_share"]) else "–",
        ]
        for f in first
    ]
    c.write(note("Factories with the highest dust potential"), style="Heading 2")
    word.table(
        c.document,
        [c.say(n) for n in heads],
        rows,
        [43, 44, 16, 18, 20, 19],
        align=["left", "left", "center", "right", "right", "right"],
    )
    word.source_line(c.document, c.context_line(mean=False))


def zones(c: Context) -> None:
    """Write the ranked zones with their reasons and score parts."""
    _map(c, "zones", note("Priority zones over the expected days above the standard").say(c.lang))
    heads = [
        note("Rank"),
        note("Zone"),
        note("Zone class"),
        note("Score (0–100)"),
        note("Days over, of {total}", total=c.screening.days_total),
        note("Mean (95 % range)"),
        note("Residents"),
        note("Schools, hospitals …"),
        note("Factories"),
    ]
    rows = [
        [
            str(z["rank"]),
            c.name(z),
            c.say(ZONE_CLASSES[z["class"]]),
            number(z["score"]),
            number(z["days_over"]),
            c.interval(z, "\n"),
            c.count(z["people"]),
            c.count(z["receptors"]),
            c.count(z["factories"]),
        ]
        for z in c.zones
    ]
    word.table(
        c.document,
        [c.say(n) for n in heads],
        rows,
        [13, 31, 18, 16, 16, 20, 18, 13, 15],
        align=["center", "left", "center", "right", "right", "center", "right", "right", "right"],
    )
    word.source_line(c.document, c.context_line())
    if exposed := exposed_note(c.screening.exposed):
        c.write(exposed)
    weights = c.screening.parameters.weights or {}
    listed = ", ".join(f"{c.say(part_name(k))} {w:.0%}" for k, w in weights.items() if w)
    if listed:
        c.write(
            note(
                "The score is burden × vulnerability of percentiles, as in CalEnviroScreen 4.0; weights: {weights}.",
                weights=listed,
            )
            if c.screening.parameters.method == "product"
            else note("The score is a weighted mean of parts from 0 to 100; weights: {weights}.", weights=listed),
        )
    if c.screening.parameters.reason:
        c.write(note("Why these weights: {reason}", reason=c.screening.parameters.reason))
    c.write(note("Reasons"), style="Heading 2")
    for zone in ([z for z in c.zones if z["class"] == "urgent"] or c.zones)[:8]:
        heading = word.paragraph(c.document, f"{zone['rank']}. {c.name(zone)}", bold=True, after=0)
        heading.paragraph_format.keep_with_next = True
        word.paragraph(c.document, c.text(zone, "reason"))
    worst = max((h["max_day"] for h in c.hotspots if h.get("max_day")), default=None)
    if worst is not None:
        when = pd.Timestamp(worst).date()
        c.write(note("The worst day of the hotspots was {day}.", day=day(when, c.lang)))
