"""Command line: ``python -m planning screen | plan | meeting | effect | siting | rebuild``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from geo.lake import Lake
from language import (
    LANGUAGES,
    UserError,
    available_languages,
    buddhist_year,
    data_language,
    environment_language,
    translate,
)
from language.progress import bar
from planning import amendment as amendments
from planning import artefacts, units
from planning.amendment import Amendment
from planning.parameters import BASES, POLLUTANTS, Parameters
from planning.screening import Screening, screen
from planning.sentences import hotspot_sentence
from planning.settings import METHODS, PARTS

if TYPE_CHECKING:
    from planning.plan import Plan

BUDDHIST_ERA_FROM = 2400
"""A year from here on is a Buddhist-era year (BE = CE + 543)."""


def read_date(text: str) -> date:
    """Return a date written ``2026-02-12``, ``2569-02-12``, ``12/2/2569`` or ``12-02-2026``.

    Raises
    ------
    UserError
        If it is no such date.

    Examples
    --------
    >>> read_date("2569-02-12"), read_date("12/2/2569")
    (datetime.date(2026, 2, 12), datetime.date(2026, 2, 12))
    """
    year_first = re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text.strip())
    day_first = re.fullmatch(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", text.strip())
    found = year_first.groups() if year_first else day_first.groups()[::-1] if day_first else None
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part) for part in found)
        return date(year - 543 if year >= BUDDHIST_ERA_FROM else year, month, day)
    except ValueError as problem:
        raise UserError("“{text}” is no date. Write 2026-02-12, 2569-02-12 or 12/2/2569.", text=text) from problem


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m planning",
        description="From readings to dust hotspots, priority zones and the rows of a five-year plan.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _add_screen(commands.add_parser("screen", help="find hotspots and priority zones of an area"))
    plan = commands.add_parser("plan", help="write forms and action plan: proposed for the zones, or edited before")
    _add_plan(plan)
    meeting = commands.add_parser("meeting", help="write the meeting pack: one file that opens anywhere")
    meeting.add_argument("--screening", required=True, type=Path, metavar="DIR", help="folder of a screening")
    meeting.add_argument("--out", required=True, type=Path, metavar="FILE", help="the .html file")
    sheets = commands.add_parser("sheets", help="write the sheet of every hotspot as Word document and PDF")
    sheets.add_argument("--screening", required=True, type=Path, metavar="DIR", help="folder of a screening")
    sheets.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the sheets")
    sheets.add_argument("--lang", choices=(*LANGUAGES, "all"), default="all", help="language of the sheets (all)")
    _add_effect(commands.add_parser("effect", help="before and after a measure, weather and haze taken off"))
    siting = commands.add_parser("siting", help="rank sites for the next sensors, and what each sensor adds")
    siting.add_argument("--screening", required=True, type=Path, metavar="DIR", help="folder of a screening")
    siting.add_argument("--sensors", required=True, type=int, metavar="N", help="how many new sensors (1 to 50)")
    siting.add_argument("--candidates", type=Path, metavar="FILE", help="places (GeoJSON, GeoPackage) to choose from")
    siting.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the tables and maps")
    rebuild = commands.add_parser("rebuild", help="make a folder again from its manifest and compare every file")
    rebuild.add_argument("folder", type=Path, metavar="DIR", help="folder that screen or plan wrote")
    for command in (plan, meeting):
        command.add_argument("--lang", choices=available_languages(), default="th", help="language of the documents")
    return parser


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--screening", required=True, type=Path, metavar="DIR", help="folder of a screening")
    parser.add_argument(
        "--plan", type=Path, metavar="FILE", help="an edited plan.json (of the page's .zip) in place of a proposal"
    )
    parser.add_argument("--form", type=int, choices=(2566, 2571), help="round of the plan (2571, or the plan's own)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for forms and plan")
    parser.add_argument("--lao", default="", metavar="NAME", help="name of the local government on the forms")
    parser.add_argument(
        "--amendment", choices=amendments.KINDS,
        help="the forms file an addition (เพิ่มเติม), a change (เปลี่ยนแปลง) or a correction (แก้ไข), with reasons",
    )  # fmt: skip
    parser.add_argument("--number", type=int, default=1, metavar="N", help="which amendment of its kind (1)")
    parser.add_argument("--year", type=int, metavar="BE", help="Buddhist-era year of the amendment")
    parser.add_argument(
        "--since", type=Path, metavar="FILE", help="plan.json filed before: only the projects that differ from it"
    )


def _add_effect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--place", required=True, metavar="LON,LAT", help="where the measure was taken (WGS84)")
    parser.add_argument("--pollutant", required=True, choices=POLLUTANTS)
    parser.add_argument("--start", dest="begin", required=True, metavar="DATE", help="first day with the measure")
    for option, dest in (("--from", "start"), ("--to", "end")):
        parser.add_argument(option, dest=dest, required=True, metavar="DATE", help="first or last day compared")
    parser.add_argument("--radius", type=float, default=2.0, metavar="KM", help="how far it is felt (2)")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the .csv of days")


def _add_screen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--area", required=True, metavar="CODE_OR_NAME", help="boundary code, name or workspace")
    parser.add_argument("--pollutant", required=True, choices=POLLUTANTS)
    for option, dest in (("--from", "start"), ("--to", "end")):
        parser.add_argument(
            option, dest=dest, required=True, metavar="DATE", help="first or last day: 2026-02-12 or 2569-02-12"
        )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the results")
    parser.add_argument("--threshold", type=float, metavar="V", help="limit of the 24-hour mean in µg/m³")
    parser.add_argument("--standard", default="thai", metavar="NAME", help="thai (default), who-aqg, who-it1 ...")
    parser.add_argument("--cell", type=float, metavar="M", help="cell size in metres")
    parser.add_argument("--probability", type=float, metavar="P", help="of being over often enough (0.6)")
    parser.add_argument("--day-share", type=float, metavar="S", help="share of days over that makes a hotspot (0.1)")
    parser.add_argument("--basis", choices=BASES, default="days", help="days over (default) or the annual standard")
    parser.add_argument("--minimum-area", type=float, metavar="KM2", help="smaller hotspots are left out (0.05)")
    parser.add_argument("--local-excess", type=float, metavar="V", help="µg/m³ above the background that is local (5)")
    parser.add_argument("--local-day-share", type=float, metavar="S", help="share of days a local hotspot needs (0.5)")
    parser.add_argument(
        "--weight", action="append", default=[], metavar="PART=W", help=f"weight of a score part: {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--method", choices=METHODS, help="burden × vulnerability (product) or weighted mean of the parts"
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why these weights; kept in the manifest")
    parser.add_argument(
        "--units", default="auto", metavar="UNITS",
        help=f"what is ranked: {', '.join(units.CHOICES)}, or a file of areas (GeoJSON, GeoPackage, shapefile, KML)",
    )  # fmt: skip
    parser.add_argument(
        "--without", action="append", default=[], metavar="STATION", help="leave a station out; may be given again"
    )
    parser.add_argument("--lake-snapshot", type=int, metavar="N", help="compute from this snapshot of the lake")


def read_weights(options: Sequence[str]) -> dict[str, float] | None:
    """Return ``["people=2", "factories=1"]`` as a mapping, None for no option."""
    weights = {}
    for option in options:
        part, _, value = option.partition("=")
        try:
            weights[part.strip()] = float(value)
        except ValueError as problem:
            raise UserError(
                "The weight “{option}” is not written PART=NUMBER, such as people=0.3.", option=option
            ) from problem
    return weights or None


def read_units(text: str) -> str:
    """Return what ``--units`` asks for: a word as it is, a file as the areas it holds."""
    if text in units.CHOICES or not Path(text).exists():
        return units.check(text)
    return units.read_file(Path(text))


def run_screen(options: argparse.Namespace, lang: str) -> int:
    """Screen an area and write the folder; say the result on standard error."""
    parameters = Parameters(
        area=options.area,
        pollutant=options.pollutant,
        start=read_date(options.start),
        end=read_date(options.end),
        cell_m=options.cell,
        threshold=options.threshold,
        standard=options.standard,
        probability=options.probability,
        day_share=options.day_share,
        basis=options.basis,
        minimum_area_km2=options.minimum_area,
        local_excess_ugm3=options.local_excess,
        local_day_share=options.local_day_share,
        weights=read_weights(options.weight),
        method=options.method,
        reason=options.reason,
        units=read_units(options.units),
        without=tuple(options.without),
    )
    artefacts.made(options.out)
    with Lake.open() as lake:
        result = screen(lake, parameters, bar(), snapshot=options.lake_snapshot, lang=lang)
    artefacts.write(result, options.out)
    _say(result, options.out, lang)
    return 0


def _say(result: Screening, out: Path, lang: str) -> None:
    lines = [hotspot_sentence(row, lang) for row in result.hotspots.to_dict("records")]
    for zone in result.zones.head(3).to_dict("records"):
        name = zone["name_th"] if lang == "th" else zone["name_en"]
        lines.append(f"{zone['rank']}. {name}: {zone[f'reason_{data_language(lang)}']}")
    lines += [f"- {sentence}" for sentence in result.say_notes(lang)]
    lines.append(translate("Written to {folder}.", lang).format(folder=out))
    sys.stderr.write("\n".join(lines) + "\n")


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Turn a failure to write into a sentence that names the place."""
    try:
        yield
    except OSError as problem:
        raise UserError(
            "{folder} cannot be written to: {problem}. Choose another place with --out.",
            folder=str(out),
            problem=problem.strerror or str(problem),
        ) from problem


def run_documents(options: argparse.Namespace, lang: str) -> int:
    """Write plan forms and plan, or the meeting pack, of a screening's folder."""
    # Office and picture packages are heavy; a screening doesn't need them.
    from planning import meeting, rebuild

    result = artefacts.read(options.screening)
    with _writing(options.out):
        if options.command == "meeting":
            options.out.parent.mkdir(parents=True, exist_ok=True)
            meeting.write_html(result, options.out, options.lang)
        else:
            asked = _plan(options, result)
            options.out.mkdir(parents=True, exist_ok=True)
            rebuild.write_plan(asked, result, options.out, options.lang)
    sys.stderr.write(translate("Written to {folder}.", lang).format(folder=options.out) + "\n")
    return 0


def _plan(options: argparse.Namespace, result: Screening) -> Plan:
    """Return the plan that is asked for: proposed or edited, in a round, as itself or as an amendment."""
    from planning import plan as plans

    if options.plan:
        plan = _read_plan(options.plan)
        plan = replace(plan, lao_name=options.lao or plan.lao_name)
        plan = plans.with_round(plan, options.form or plan.round)
    else:
        plan = plans.from_screening(result, options.form or 2571, lao_name=options.lao or None)
    if not options.amendment:
        if options.since:
            raise UserError("--since needs --amendment: add, change or correct.")
        return plan
    before = _read_plan(options.since) if options.since else None
    year = buddhist_year(options.year) if options.year and options.year < BUDDHIST_ERA_FROM else options.year
    return amendments.amended(plan, Amendment(options.amendment, options.number, year), before)


def _read_plan(path: Path) -> Plan:
    from planning import plan as plans

    try:
        return plans.from_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        said = getattr(problem, "strerror", None) or str(problem)
        raise UserError("The plan {file} cannot be read: {problem}.", file=str(path), problem=said) from problem


def run_sheets(options: argparse.Namespace, lang: str) -> int:
    """Write the sheets of a screening's hotspots; the hours come from the store, where it has them."""
    from planning import spot_sheets

    result = artefacts.read(options.screening)
    langs = LANGUAGES if options.lang == "all" else (options.lang,)
    with _writing(options.out), Lake.open() as lake:
        spot_sheets.write(result, options.out, langs, lake, bar())
    sys.stderr.write(translate("Written to {folder}.", lang).format(folder=options.out) + "\n")
    return 0


def run_effect(options: argparse.Namespace, lang: str) -> int:
    """Measure a project's effect, write its days, observed and expected, and say the verdict."""
    from planning import progress

    try:
        lon, lat = (float(part) for part in options.place.split(","))
    except ValueError as problem:
        raise UserError(
            "The place “{text}” is not written LONGITUDE,LATITUDE, such as 99.87,13.82.", text=options.place
        ) from problem
    project = progress.Project("", lon, lat, read_date(options.begin), options.pollutant, options.radius)
    with Lake.open() as lake:
        found = progress.of_project(lake, project, read_date(options.start), read_date(options.end))
    days = found.effect.series.assign(unit="µg/m³, 24 h", simulated=found.simulated)
    with _writing(options.out):
        options.out.parent.mkdir(parents=True, exist_ok=True)
        days.to_csv(options.out, encoding="utf-8-sig", index_label="date")
    sys.stderr.write("\n".join(sentence.say(lang) for sentence in progress.sentences(found, lang)) + "\n")
    return 0


def run_siting(options: argparse.Namespace, lang: str) -> int:
    """Rank sites for the next sensors and write sites, stations and judged cells; say the result."""
    from planning import siting

    result = artefacts.read(options.screening)
    candidates = siting.read_candidates(options.candidates) if options.candidates else None
    found = siting.propose(result, options.sensors, candidates, bar())
    with _writing(options.out):
        siting.write(found, options.out)
    lines = [sentence.say(lang) for sentence in siting.sentences(found, lang)]
    lines.append(translate("Written to {folder}.", lang).format(folder=options.out))
    sys.stderr.write("\n".join(lines) + "\n")
    return 0


def run_rebuild(options: argparse.Namespace, lang: str) -> int:
    """Make a folder again from its manifest; return 1 where a file is not the same."""
    from planning import rebuild

    with Lake.open() as lake:
        found = rebuild.rebuild(lake, options.folder, bar())
    lines = [found.sentence().say(lang), *(f"- {sentence.say(lang)}" for sentence in found.notes)]
    sys.stderr.write("\n".join(lines) + "\n")
    return 0 if found.same else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (2 after a wrong input, said in one sentence)."""
    options = make_parser().parse_args(arguments)
    lang = environment_language()
    try:
        if options.command == "screen":
            return run_screen(options, lang)
        if options.command == "effect":
            return run_effect(options, lang)
        if options.command == "sheets":
            return run_sheets(options, lang)
        if options.command == "siting":
            return run_siting(options, lang)
        if options.command == "rebuild":
            return run_rebuild(options, lang)
        return run_documents(options, lang)
    except UserError as problem:
        sys.stderr.write(problem.say(lang) + "\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
