"""``python -m geo fetch`` and ``python -m geo watch``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from geo import watch
from geo.boundaries import find_area
from geo.lake import Lake
from geo.networks import NETWORKS, FetchReport, Query, fetch
from geo.networks.model import BANGKOK, THAILAND
from geo.readers import Options
from geo.readers.model import problems
from geo.schema import KINDS, STATION_KINDS, VARIABLES
from language import Note, UserError, environment_language, moment, note, progress

_HOURS = 72.0
_SHOWN = 20


def add(commands: Any) -> None:
    """Add the two commands to a parser's subcommands."""
    text = "ask a network, a register or an address and store what is new"
    parser = commands.add_parser(
        "fetch", help=text, description=text[0].upper() + text[1:] + ".", epilog=_networks_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("network", choices=sorted(NETWORKS), metavar="NETWORK", help=", ".join(sorted(NETWORKS)))
    parser.add_argument("url", nargs="?", default="", metavar="URL", help="address of the table (csv only)")
    _span(parser)
    _where(parser)
    _table(parser)
    parser.add_argument("--again", action="store_true", help="also ask again for the past that is kept")
    parser.set_defaults(run=_fetch)
    watching = commands.add_parser(
        "watch", help="poll networks on a schedule, in the foreground", epilog=watch.RECIPES,
        description="Poll networks every few minutes until Ctrl+C. Only one watch runs on a data store.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    watching.add_argument("networks", nargs="+", choices=sorted(set(NETWORKS) - {"csv"}), metavar="NETWORK")
    watching.add_argument("--every", type=float, default=30, metavar="MIN", help="minutes between polls (default 30)")
    watching.add_argument("--rounds", type=int, default=0, metavar="N", help="stop after N rounds (default: go on)")
    _where(watching)
    watching.add_argument("--hours", type=float, default=48, help="how far back each poll looks (default 48)")
    watching.set_defaults(run=_watch)


def _span(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--from", dest="start", default="", metavar="DATE", help="first day, Thai time (2026-02-01)")
    add("--to", dest="end", default="", metavar="DATE", help="last day, Thai time (default: now)")
    add("--hours", type=float, default=_HOURS, help=f"without --from: so many hours back (default {_HOURS:.0f})")


def _where(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--station", action="append", default=[], metavar="ID", help="only this station (the network's own number)")
    add("--area", default="", metavar="AREA", help="only stations within this stored area and 30 km around it")
    add("--bbox", default="", metavar="W,S,E,N", help="only stations within these degrees (default: Thailand)")
    add("--service", default="", help="one of the network's services (see below)")
    add("--province", default="", help="only this province (diw, boundaries)")
    add("--base-url", default="", metavar="URL", help="ask this address instead of the network's own")
    add("--ca-file", default="", metavar="PEM", help="trust these certificates too (default: ECOTOWN_CA_FILE); "
        "certificates are always verified")  # fmt: skip


def _table(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for csv: how the table is to be read, as with import")
    add = group.add_argument
    add("--kind", choices=tuple(k for k in KINDS if k != "reports"), default="observations")
    add("--map", action="extend", nargs="+", default=[], metavar="ours=theirs")
    add("--utc", action="store_true", help="times without an offset are UTC (otherwise Bangkok time)")
    add("--hour-label", choices=("auto", "beginning", "ending"), default="auto")
    add("--period", type=int, choices=(1, 24), default=0)
    add("--variable", choices=VARIABLES, default="")
    add("--station-kind", choices=STATION_KINDS, default="")
    add("--network", dest="network_name", default="", help="network of the stations")
    add("--source", default="")
    add("--licence", default="")


def _networks_help() -> str:
    lines = ["networks, their services (the first is the default), and the variable of their key:"]
    for name, network in sorted(NETWORKS.items()):
        services = ", ".join(s for s in network.services if s) or "–"
        lines.append(f"  {name}: {services}; {network.key_variable or 'no key'}")
    lines.append("Keys are read from the environment only; they are never stored, logged or shown.")
    return "\n".join(lines)


def _bounds(arguments: argparse.Namespace, lake: Lake) -> tuple[float, float, float, float]:
    if arguments.bbox:
        try:
            west, south, east, north = (float(part) for part in arguments.bbox.split(","))
        except ValueError:
            west = south = east = north = float("nan")
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise UserError("--bbox {text}: write west,south,east,north in degrees.", text=arguments.bbox)
        return west, south, east, north
    if arguments.area:
        west, south, east, north = find_area(lake, arguments.area).total_bounds
        return west - 0.28, south - 0.27, east + 0.28, north + 0.27
    return THAILAND


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BANGKOK)
    except ValueError as error:
        raise UserError("{text} is no date. Write it like 2026-02-28.", text=text) from error
    return day.replace(year=day.year - 543) if day.year > 2400 else day


def _query(arguments: argparse.Namespace, lake: Lake) -> Query:
    end = _day(arguments.end) + timedelta(days=1) if arguments.end else datetime.now(UTC)
    start = _day(arguments.start) if arguments.start else end - timedelta(hours=arguments.hours)
    if start >= end:
        raise UserError("The first day lies after the last one.")
    options = Options(
        utc=arguments.utc, hour_label=arguments.hour_label, period_hours=arguments.period, variable=arguments.variable,
        network=arguments.network_name, station_kind=arguments.station_kind, source=arguments.source,
        licence=arguments.licence,
    )  # fmt: skip
    return Query(
        start=start, end=min(end, datetime.now(UTC)), stations=tuple(arguments.station),
        bounds=_bounds(arguments, lake), service=arguments.service, base_url=arguments.base_url,
        province=arguments.province, url=arguments.url, kind=arguments.kind, mapping=_mapping(arguments.map),
        options=options,
    )  # fmt: skip


def _mapping(texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        ours, sign, theirs = text.partition("=")
        if not sign:
            raise UserError("--map {text}: write ours=theirs, for example --map lat=Latitude.", text=text)
        pairs[ours.strip()] = theirs.strip()
    return pairs


def _fetch(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        report = fetch(
            lake, NETWORKS[arguments.network], _query(arguments, lake), ca=arguments.ca_file, again=arguments.again,
            progress=progress.bar(),
        )  # fmt: skip
    _tell(report)
    if report.errors:
        # What could be fetched is stored; the exit code still says that something is missing.
        first = report.errors[0]
        raise UserError(first.text, **first.values)


def _tell(report: FetchReport) -> None:
    for said in (*report.notes, *report.errors[1:], *problems(report.dropped, report.network, _SHOWN)):
        _say(said)
    newest = moment(report.newest, environment_language()) if report.newest else "–"
    _say(
        note(
            "{network}: {asked} questions, {kept} answered from what is kept; {read} rows read, {added} new, {updated} "
            "changed; newest reading {newest}; import {import_id}, snapshot {snapshot}.",
            network=NETWORKS[report.network].title, asked=report.asked, kept=report.kept, read=f"{report.rows_read:,}",
            added=f"{report.added:,}", updated=f"{report.updated:,}", newest=newest,
            import_id=report.import_id if report.added or report.updated else "–", snapshot=report.snapshot,
        )
    )  # fmt: skip


def _say(text: Note) -> None:
    marks = {"info": "  ", "warning": "! ", "error": "x "}
    sys.stderr.write(marks[text.level] + text.say(environment_language()) + "\n")


def _watch(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        bounds = _bounds(arguments, lake)

        def query() -> Query:
            return Query.last(
                arguments.hours, stations=tuple(arguments.station), bounds=bounds, service=arguments.service,
                base_url=arguments.base_url, province=arguments.province,
            )  # fmt: skip

        try:
            watch.watch(
                lake, arguments.networks, every=arguments.every, query=query, ca=arguments.ca_file,
                rounds=arguments.rounds, say=_say,
            )  # fmt: skip
        except KeyboardInterrupt:
            _say(note("Ended; everything fetched so far is stored."))
