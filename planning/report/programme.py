"""The chapters that say what will be done: vision, strategies, projects, budget, laws, monitoring."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from geo import catalogues
from language import N_, note, number, translate
from planning import targets
from planning.measures import DIMENSIONS, without_place
from planning.plan import FORMS, PlanRow, totals
from planning.proposal import records
from planning.report import word
from planning.report.context import Context

DOTS = "." * 90


def vision(c: Context) -> None:
    """Write the vision, or a line for the office to write it on."""
    c.write(note("Vision"), style="Heading 2")
    word.paragraph(c.document, c.plan.vision or DOTS)
    if not c.plan.vision:
        c.small(note("To be written by the local government."))
    c.write(note("Frame of the eco-industrial town"), style="Heading 2")
    c.write(
        note(
            "The criteria of the Department of Industrial Works (revised 2565 B.E.) have 12 basic, 23 general and 6 "
            "specific requirements in five dimensions, and five levels."
        ),
    )
    levels = catalogues.eco_town("2565")
    listed = [z for z in records(levels) if z["kind"] == "level"]
    rows = [[str(z["number"]), c.name(z)] for z in listed]
    word.table(
        c.document, [c.say(note("Level")), c.say(note("Name"))], rows, [20, 140], align=["center", "left"], size=14
    )
    phases = note(
        "National targets for 2570 B.E.: phase 1 areas level 5, phase 2 level 3, phase 3 at least level 1. "
        "Source: environmental quality management plan 2566–2570, pp. 180–181."
    )
    c.write(phases)


def _dimensions(row: PlanRow) -> list[str]:
    """Return the message ids of a row's dimensions, whatever language they were written in."""
    thai = {translate(name, "th"): name for name in DIMENSIONS.values()}
    return [thai.get(part, part) for part in row.say("dimension", "en").split(" / ")]


def _by_dimension(rows: tuple[PlanRow, ...]) -> dict[str, list[PlanRow]]:
    """Return rows by their first dimension; a dimension none begins with gets those that serve it as well."""
    groups: dict[str, list[PlanRow]] = {}
    for row in rows:
        groups.setdefault(_dimensions(row)[0], []).append(row)
    for name in DIMENSIONS.values():
        also = [row for row in rows if name in _dimensions(row)]
        if name not in groups and also:
            groups[name] = also
    return groups


def strategies(c: Context) -> None:
    """Write the projects under the five dimensions, in the dimensions' order."""
    groups = _by_dimension(c.plan.rows)
    known = list(DIMENSIONS.values())
    for name in [*known, *[g for g in groups if g not in known]]:
        title = translate(name, c.lang) if name else c.say(note("Other activities"))
        word.paragraph(c.document, title, style="Heading 2")
        rows = groups.get(name, [])
        if not rows:
            c.write(note("No activity is proposed here yet."))
        same: dict[str, list[PlanRow]] = {}
        for row in rows:
            same.setdefault(row.measure_id or row.row_id, []).append(row)
        for alike in same.values():
            _activity(c, alike)


def _activity(c: Context, rows: list[PlanRow]) -> None:
    """Write one activity with its objective and the zones it is planned for."""
    first = rows[0]
    added = word.paragraph(c.document, "", style="List Bullet", after=2)
    word.run(added, without_place(first, c.lang), bold=True)
    objective = first.say("objective", c.lang)
    places = ", ".join(dict.fromkeys(r.say("zone_name", c.lang) for r in rows if r.zone_name))
    if objective:
        word.run(added, f": {objective}")
    if places:
        word.run(added, f" ({places})")


def _money(value: int | None, c: Context) -> str:
    return c.say(note("to fill in")) if value is None else number(value)


def _indicator(row: PlanRow, lang: str) -> str:
    """Return the indicator without its baseline, which the chapter on monitoring gives."""
    return re.sub(r" \((baseline|ฐาน): [^()]*(\([^()]*\)[^()]*)*\)$", "", row.say("kpi", lang))


def projects(c: Context) -> None:
    """Write the table of projects (landscape); its note stands above, so that no page holds a line alone."""
    c.small(
        note("Budgets are the office's own figures; the program never proposes a price. Cells “to fill in” are open."),
    )
    years = [str(y) for y in c.plan.years]
    heads = [
        c.say(note("No.")),
        c.say(note("Project")),
        c.say(note("Target")),
        c.say(note("Indicator")),
        *[c.say(note("{year} (baht)", year=y)) for y in years],
        c.say(note("Responsible")),
        c.say(note("Form")),
    ]
    rows = []
    for number_, row in enumerate(c.plan.rows, 1):
        cells = [_money(b, c) for b in row.budgets]
        if all(b is None for b in row.budgets):
            cells = [c.say(note("to fill in")), *[""] * 4]
        rows.append(
            [
                str(number_),
                row.say("project", c.lang),
                row.say("target", c.lang),
                _indicator(row, c.lang),
                *cells,
                row.say("owner", c.lang),
                FORMS[row.form],
            ]
        )
    unfilled = [i for i, row in enumerate(c.plan.rows) if all(b is None for b in row.budgets)]
    widths = [9, 46, 42, 38, *[21.5] * 5, 30, 12]
    scale = word.WIDTH_MM[True] / sum(widths)
    word.table(
        c.document,
        heads,
        rows,
        [w * scale for w in widths],
        size=12,
        align=["center", "left", "left", "left", *["right"] * 5, "left", "center"],
        sizes=[12, 12, 12, 12, *[9.5] * 5, 12, 11],
        merge={i: [(4, 8)] for i in unfilled},
    )


def budget(c: Context) -> None:
    """Write sums by programme (2566) or development issue (2571) and year."""
    by = "programme" if c.plan.round == 2566 else "issue"
    table = totals(c.plan, by)
    years = [str(y) for y in c.plan.years]
    title = note("Programme (แผนงาน)") if by == "programme" else note("Development issue")
    heads = [c.say(title), c.say(note("Projects")), *years, c.say(note("Total (baht)"))]
    rows = [
        [str(r["group"]) or "–", number(r["projects"]), *[number(r[y]) for y in years], number(r["total"])]
        for r in records(table)
    ]
    whole = records(totals(c.plan))[0]
    rows.append(
        [c.say(note("Total")), number(whole["projects"]), *[number(whole[y]) for y in years], number(whole["total"])]
    )
    word.table(
        c.document, heads, rows, [25, 16, *[19] * 5, 24], align=["left", *["right"] * 7], size=11.5, last_bold=True,
        sizes=[11.5, 11.5, *[9] * 6],
    )  # fmt: skip
    if whole["unfilled"]:
        said = note(
            "{count} projects have no budget yet: the sums grow when the office fills them in.", count=whole["unfilled"]
        )
        c.write(said, bold=True)


def _laws(c: Context) -> list[dict[str, Any]]:
    """Return the laws of the plan's measures once, in the catalogue's order."""
    measures = {m["measure_id"]: m for m in records(catalogues.measures())}
    wanted = {
        law.strip()
        for row in c.plan.rows
        if row.measure_id in measures and isinstance(measures[row.measure_id]["law_ids"], str)
        for law in measures[row.measure_id]["law_ids"].split(";")
    }
    return [law for law in records(catalogues.laws()) if law["law_id"] in wanted]


POWERS = {
    "province": N_("provincial industry office or province; the municipality asks"),
    "municipality": N_("local government"),
    "none": N_("no order; basis only"),
}


def laws(c: Context) -> None:
    """Write the laws, who holds the power, and which rows are to be checked."""
    c.write(
        note(
            "A municipality orders in its own duties (public health, cleanliness, roads, class 1 and 2 factories as a "
            "delegated task). For class 3 factories it sends findings to the provincial industry office and asks it to "
            "act under section 37 or section 39 paragraph 1 of the Factory Act."
        ),
    )
    heads = [note("Law"), note("Section"), note("What it is used for here"), note("Who holds the power"), note("Facts")]
    rows = [
        [
            c.name(law),
            "" if pd.isna(law["section"]) else str(law["section"]),
            c.text(law, "use"),
            c.say(POWERS[law["power"]]),
            c.say(note("checked")) if law["verified"] else c.say(note("to be checked")),
        ]
        for law in _laws(c)
    ]
    word.table(
        c.document,
        [c.say(h) for h in heads],
        rows,
        [40, 16, 54, 32, 18],
        align=["left", "center", "left", "left", "center"],
    )
    c.write(note("Quote a section only after reading it in the official text."))
    own = [r for r in c.plan.rows if not r.measure_id and r.law]
    for row in own:
        word.paragraph(c.document, f"{row.project}: {row.law}", style="List Bullet")


def _targets(c: Context) -> None:
    """Write the KPIs: baseline, smallest change the network can show, target of each year."""
    c.write(note("Indicators and yearly targets"), style="Heading 2")
    heads = [*(c.say(note(h)) for h in targets.HEADS), *map(str, c.plan.years)]
    rows = [
        [t.label(c.lang), *(cell or "……" for cell in targets.cells(t))]
        for t in c.plan.targets
    ]  # fmt: skip
    word.table(c.document, heads, rows, [52, 16, 22, *[14] * 5], align=["left", *["right"] * 7], size=12)
    c.small(
        note(
            "The same months of later years are compared. The smallest change is found with 80 % power at 95 % "
            "confidence; a smaller one cannot be told from chance by this network."
        )
    )
    for doubt in targets.doubts(c.plan):
        c.write(doubt, style="List Bullet", after=2)
    c.write(note("What is looked at besides"), style="Heading 2")


def monitoring(c: Context) -> None:
    """Write indicators with their baseline; targets are the office's."""
    if c.plan.targets:
        _targets(c)
    rows = [
        [
            c.say(note("{zone}: days over the 24-hour standard", zone=c.name(z))),
            c.say(note("about {days} of {total} days", days=number(z["days_over"]), total=c.screening.days_total)),
            "……………",
            c.say(note("every year, same months")),
        ]
        for z in c.zones[:6]
    ]
    rows += [
        [
            c.say(
                note(
                    "{zone}: mean of {pollutant} ({unit}, 95 % range)",
                    zone=c.name(z),
                    pollutant=c.pollutant,
                    unit=c.unit,
                )
            ),
            c.interval(z),
            "……………",
            c.say(note("every year, same months")),
        ]
        for z in c.zones[:3]
    ]
    rows.append(
        [
            c.say(note("People living in dust hotspots")),
            c.count(pd.to_numeric(pd.Series([h["people"] for h in c.hotspots], dtype=object), errors="coerce").sum()),
            "……………",
            c.say(note("every year")),
        ]
    )
    rows.append(
        [
            c.say(note("Projects carried out, of those planned")),
            f"0 / {len(c.plan.rows)}",
            "……………",
            c.say(note("every six months")),
        ]
    )
    heads = [note("Indicator"), note("Baseline"), note("Target (office)"), note("How often")]
    word.table(
        c.document, [c.say(h) for h in heads], rows, [70, 38, 24, 28], align=["left", "center", "center", "center"]
    )
    word.source_line(c.document, c.context_line())
    c.write(
        note(
            "Compare the same months of different years: weather changes dust from one season to the next, so that a "
            "single better year is not yet proof of an effect."
        ),
    )
