"""The annexes: method, data sources, automatic decisions and what must be checked."""

from __future__ import annotations

from geo import catalogues
from language import note, number
from planning import assessment_files
from planning.proposal import records
from planning.report import word
from planning.report.context import Context
from planning.report.outline import Outline
from planning.settings import settings


def method(c: Context) -> None:
    """Write how readings became zones, with this run's parameters and its validation."""
    s, p = c.screening, c.screening.parameters
    steps = [
        note("Readings are averaged to 24-hour means by Bangkok day; flagged readings are left out."),
        note(
            "For each day the stations' means are interpolated by ordinary kriging with a variogram fitted by "
            "restricted maximum likelihood. Each place gets an estimate, its standard deviation and the probability "
            "of being over the standard."
        ),
        note("The sum of these probabilities over the days is the expected number of days over the standard."),
        note(
            "Connected cells that are over the standard on at least {share} of the days with a probability of at "
            "least {probability} form a hotspot.",
            probability=f"{p.probability:.0%}",
            share=f"{p.day_share:.0%}",
        ),
        note(
            "Zones are scored by the burden (days over the standard, dust above the background, hotspots, trend, "
            "factories' potential, complaints) and by who lives there (people, children and old people, schools and "
            "care places), with the method and the weights shown, and ranked; {draws} draws of weights and simulated "
            "surfaces say how firm a rank is.",
            draws=f"{settings().robustness_draws:,}",
        ),
        note(
            "Measures are matched to a zone by its likely sources, by who holds the power and by the five "
            "dimensions; people choose, edit and budget."
        ),
    ]
    for number_, step in enumerate(steps, 1):
        word.paragraph(c.document, f"{number_}. {c.say(step)}", after=3)
    v, g = s.validation, s.variogram
    rows = [
        [c.say(note("Standard, 24-hour mean")), f"{s.standard.value:g} {c.unit}"],
        [c.say(note("Stations / days used")), f"{len(s.stations)} / {s.days_total}"],
        [c.say(note("Cell size")), f"{abs(float(s.surface['x'][1] - s.surface['x'][0])):g} m"],
        [c.say(note("Variogram")), f"{g.model}; {c.say(note('range {km} km', km=number(g.range / 1000, 1)))}"],
        [c.say(note("Leave-one-station-out: mean absolute error")), f"{number(v.mae, 1)} {c.unit}"],
        [c.say(note("Leave-one-station-out: root mean square error")), f"{number(v.rmse, 1)} {c.unit}"],
        [c.say(note("Readings inside their 95 % interval")), f"{v.coverage95:.0%}"],
    ]
    word.table(
        c.document, [c.say(note("Parameter")), c.say(note("Value"))], rows, [100, 60], align=["left", "right"], size=14
    )
    word.source_line(c.document, c.context_line())


def assessed(c: Context) -> None:
    """Write the town's self-assessment; without one the section is left out."""
    if c.assessment is not None:
        assessment_files.body(c.document, c.assessment, c.plan, c.lang)


def data(c: Context) -> None:
    """Write where the data come from."""
    for source in c.screening.sources or [c.say(note("No source is stated in the data."))]:
        word.paragraph(c.document, source, style="List Bullet", after=2)
    c.write(
        note(
            "Everything was computed from lake snapshot {snapshot} and can be computed again from it.",
            snapshot=c.screening.snapshot,
        ),
    )


def notes(c: Context, outline: Outline) -> None:
    """Write the automatic decisions, then the catalogue facts that must be checked."""
    c.write(note("Automatic decisions"), style="Heading 2")
    said = list(dict.fromkeys(n.say(c.lang) for n in c.screening.notes))
    for sentence in said or [c.say(note("None."))]:
        word.paragraph(c.document, sentence, style="List Bullet", after=2)
    c.write(note("To be checked"), style="Heading 2")
    if not outline.verified:
        c.write(
            note("Order of the chapters: {source}.", source=outline.source(c.lang)),
            style="List Bullet",
            after=2,
        )
    if not c.screening.standard.verified:
        c.write(
            note("The air quality standard: {source}.", source=c.screening.standard.source),
            style="List Bullet",
            after=2,
        )
    used = {r.measure_id for r in c.plan.rows}
    for measure in records(catalogues.measures()):
        if measure["measure_id"] in used and not measure["verified"]:
            told = note(
                "Measure “{measure}”: effect {effect}; source: {source}.",
                measure=c.name(measure),
                effect=c.text(measure, "reduction"),
                source=measure["source"],
            )
            c.write(told, style="List Bullet", after=2)
