"""The data store on the command line: import, fetch, watch, look, demo, export, backup, restore."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from geo import backup, calibration_command, edit_command, export, ledger
from geo.importing import ImportReport, import_file
from geo.lake import Lake
from geo.networks import command as networks
from geo.readers import Options, fields
from geo.readers.model import ENCODINGS
from geo.schema import KINDS, LEVELS, STATION_KINDS, TABLES, VARIABLES
from language import Note, UserError, environment_language, moment, note, progress

_SHOWN = 20
_SIMULATED = "import_id IN (SELECT import_id FROM lake.imports WHERE simulated)"
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_Command = Callable[[argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 with one sentence on standard error."""
    arguments = _parser().parse_args(argv)
    try:
        command: _Command = arguments.run
        command(arguments)
    except UserError as error:
        sys.stderr.write(error.say(environment_language()) + "\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m geo",
        description="Stations, readings, factories, boundaries and receptors: import, look, back up. "
        "The data store is chosen by LAKE_CATALOG (path of an SQLite file or postgres:...) and LAKE_DATA "
        "(folder or s3://...); without them it lies in data/lake.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _import_parser(commands.add_parser("import", help="read a file into the data store", epilog=_field_help(),
                                       formatter_class=argparse.RawDescriptionHelpFormatter))  # fmt: skip
    networks.add(commands)
    calibration_command.add(commands)
    edit_command.add(commands)
    simple: Sequence[tuple[str, str, _Command]] = (
        ("status", "what is stored: tables, rows, periods, imports, snapshot", _status),
        ("demo", "write the demo workspaces (simulated data) into the data store", _demo),
    )
    for name, text, run in simple:
        commands.add_parser(name, help=text).set_defaults(run=run)
    remove = commands.add_parser("remove", help="take an import back, or everything simulated")
    remove.add_argument("import_id", metavar="IMPORT", help="an import's number from status, or: simulated")
    remove.set_defaults(run=_remove)
    out = commands.add_parser("export", help="write all tables as CSV (Excel opens the Thai) and one GeoPackage")
    out.add_argument("--out", type=Path, default=Path("export"), metavar="DIR", help="folder (default: export)")
    out.set_defaults(run=_export)
    with_file: Sequence[tuple[str, str, _Command]] = (
        ("backup", "copy the whole data store, with its history, into one file; others may go on writing", _backup),
        ("restore", "put a backup back; what lies there is moved aside", _restore),
    )
    for name, text, run in with_file:
        sub = commands.add_parser(name, help=text)
        sub.add_argument("file", type=Path, metavar="FILE")
        sub.set_defaults(run=run)
    return parser


def _import_parser(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("kind", choices=KINDS)
    add("file", metavar="FILE", help="CSV, Excel, Parquet, JSON, GeoJSON, GeoPackage, KML or (zipped) shapefile")
    add("--map", action="extend", nargs="+", default=[], metavar="ours=theirs",
        help="this field is that column of the file; several: 'a + b'; nothing: leave the field out")  # fmt: skip
    add("--crs", default="", metavar="EPSG:n", help="coordinate system of x, y or of the shapes")
    add("--utc", action="store_true", help="times without an offset are UTC (otherwise Bangkok time)")
    add("--hour-label", choices=("auto", "beginning", "ending"), default="auto", help="what the label of an hour means")
    add("--period", type=int, choices=(1, 24), default=0, help="averaging period of the readings, hours")
    add("--variable", choices=VARIABLES, default="", help="what was measured, where the file doesn't say")
    add("--level", choices=LEVELS, default="", help="level of the boundaries")
    add("--approximate", action="store_true", help="the boundaries are not a legal line")
    add("--layer", default="", help="layer, sheet or member of a file with several")
    add("--encoding", choices=ENCODINGS, default="", help="encoding of a text file, where it is guessed wrongly")
    add("--delimiter", choices=("comma", "semicolon", "tab", "bar"), default="", help="what stands between the cells")
    add("--decimal", choices=("point", "comma"), default="", help="sign before the decimals of a text file")
    add("--workspace", default="", help="put boundaries into this workspace instead of making one")
    add("--network", default="", help="network of the stations")
    add("--station-kind", choices=STATION_KINDS, default="", help="kind of the stations")
    add("--source", default="", help="where the data come from")
    add("--licence", default="", help="licence of the data")
    add("--simulated", action="store_true", help="the data are simulated and are marked as such everywhere")
    add("--dropped", type=Path, metavar="FILE.csv", help="write what was left out into this file")
    parser.set_defaults(run=_import)


def _field_help() -> str:
    lines = [f"  {kind}: {', '.join(fields(kind))}" for kind in KINDS]
    return "fields for --map:\n" + "\n".join(lines)


def _say(text: Note) -> None:
    marks = {"info": "  ", "warning": "! ", "error": "x "}
    sys.stderr.write(marks[text.level] + text.say(environment_language()) + "\n")


def _import(arguments: argparse.Namespace) -> None:
    mapping = dict(_pair(text) for text in arguments.map)
    options = Options(
        crs=arguments.crs,
        utc=arguments.utc,
        hour_label=arguments.hour_label,
        period_hours=arguments.period,
        variable=arguments.variable,
        level=arguments.level,
        layer=arguments.layer,
        approximate=arguments.approximate,
        source=arguments.source,
        licence=arguments.licence,
        network=arguments.network,
        station_kind=arguments.station_kind,
        encoding=arguments.encoding,
        delimiter=_DELIMITERS.get(arguments.delimiter, ""),
        decimal={"point": ".", "comma": ","}.get(arguments.decimal, ""),
    )
    with Lake.open() as lake:
        report = import_file(
            lake,
            Path(arguments.file),
            arguments.kind,
            mapping,
            simulated=arguments.simulated,
            options=options,
            workspace=arguments.workspace,
            progress=progress.bar(),
        )
    if arguments.dropped:
        export.dropped_csv(report.dropped, arguments.dropped, environment_language())
    _tell(report)


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign:
        raise UserError("--map {text}: write ours=theirs, for example --map lat=Latitude.", text=text)
    return ours.strip(), theirs.strip()


def _tell(report: ImportReport) -> None:
    for text in report.notes:
        _say(text)
    for problem in report.problems(_SHOWN):
        _say(problem)
    if len(report.dropped) > _SHOWN:
        _say(note("… and {count} more; write them all with --dropped FILE.csv", count=len(report.dropped) - _SHOWN))
    _say(
        note(
            "{file}: {read} rows read, {kept} records stored, {dropped} cells or rows left out; import {import_id}, "
            "snapshot {snapshot}.",
            file=report.file_name,
            kept=f"{report.kept:,}",
            read=f"{report.rows_read:,}",
            dropped=f"{len(report.dropped):,}",
            import_id=report.import_id,
            snapshot=report.snapshot,
        )
    )


def _status(_arguments: argparse.Namespace) -> None:
    lang = environment_language()
    with Lake.open() as lake:
        snapshot = lake.snapshot()
        _say(note("Data store {place}, snapshot {snapshot}", place=lake.where.shown, snapshot=snapshot))
        for table in TABLES:
            rows = lake.count(table)
            mark = "simulated" if "simulated" in TABLES[table].columns else _SIMULATED
            simulated = lake.count(table, mark) if rows else 0
            if rows:
                _say(note("{table}: {rows} rows, {simulated} of them simulated", table=table, rows=f"{rows:,}",
                          simulated=f"{simulated:,}"))  # fmt: skip
        for variable in VARIABLES:
            period = lake.period(variable)
            if period:
                first, last = (moment(t, lang) for t in period)
                _say(note("{variable}: from {first} to {last}", variable=variable, first=first, last=last))
        for row in lake.imports().to_dict("records"):
            _say(note("import {import_id}: {kind} from {file}, {when}", import_id=row["import_id"], kind=row["kind"],
                      file=row["file_name"], when=moment(row["imported_at"].to_pydatetime(), lang)))  # fmt: skip
        for entry in ledger.upkeep(lake)[:3]:
            _say(note("upkeep of {when}: {what}", when=moment(datetime.fromisoformat(entry["noted"]), lang),
                      what=Note.from_dict(entry["said"])))  # fmt: skip
        if lake.is_empty():
            _say(note("Nothing is stored yet. Try: python -m geo demo"))


def _demo(_arguments: argparse.Namespace) -> None:
    from geo import demo  # only this command needs the simulator

    with Lake.open() as lake:
        if not lake.is_empty():
            raise UserError(
                "The data store is not empty, so the demo was not written. Use another one with LAKE_CATALOG."
            )
        demo.build(lake)
        _say(note("The demo workspaces were written (simulated data), snapshot {snapshot}.", snapshot=lake.snapshot()))


def _remove(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        if arguments.import_id == "simulated":
            snapshot = lake.remove_simulated()
        else:
            snapshot = lake.remove_import(arguments.import_id)
        _say(note("Removed; snapshot {snapshot}.", snapshot=snapshot))


def _export(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        files = export.write(lake, arguments.out)
    for file in files:
        _say(note("Written: {file}", file=str(file)))


def _backup(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        snapshot = backup.backup(lake, arguments.file, progress.bar())
    _say(
        note(
            "Backup {file} holds the data store up to snapshot {snapshot}.", file=str(arguments.file), snapshot=snapshot
        )
    )


def _restore(arguments: argparse.Namespace) -> None:
    snapshot = backup.restore(arguments.file, progress=progress.bar())
    _say(note("Restored from {file}: snapshot {snapshot}.", file=str(arguments.file), snapshot=snapshot))


if __name__ == "__main__":
    sys.exit(main())
