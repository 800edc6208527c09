"""``python -m geo calibrate``: find co-located pairs, compare methods, fit, store, choose and list calibrations."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from geo.calibration import FITTED, METHODS, PUBLISHED, Calibration, calibrate, compare, needed, suggested
from geo.calibration_sheet import sheet
from geo.calibration_store import choose, current, history, material, pairs, save
from geo.colocation import NEAR, paired_days
from geo.lake import Lake
from language import Note, UserError, environment_language, moment, note, translate

_RAW = "raw"


def add(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    parser = commands.add_parser(
        "calibrate",
        help="calibrate a low-cost sensor against the reference beside it",
        description="Without stations: list the pairs that stand together and the calibrations that are stored (* the "
        "one that counts). With both: fit, judge on days left out, and store as the sensor's newest version. Readings "
        "stay raw; the calibration is applied when they are read. Take one back with: python -m geo remove IMPORT. Let "
        "an older one count, or none, with --choose.",
    )
    parser.add_argument("station", nargs="?", default="", metavar="SENSOR")
    parser.add_argument("reference", nargs="?", default="", metavar="REFERENCE")
    parser.add_argument(
        "--method", choices=list(METHODS), default="linear",
        help=f"fitted here: {', '.join(FITTED)} (default linear); published for other places, never by itself: "
        f"{', '.join(PUBLISHED)}",
    )  # fmt: skip
    parser.add_argument("--pollutant", choices=("pm25", "pm10"), default="pm25")
    parser.add_argument("--distance", type=float, default=NEAR, metavar="M", help="largest distance of a pair (250 m)")
    parser.add_argument("--compare", action="store_true", help="try every method and tell, but don't store")
    parser.add_argument("--published", action="store_true", help="with --compare: published corrections as well")
    parser.add_argument("--choose", default="", metavar="IMPORT", help="let this stored version count; or: raw")
    parser.add_argument("--sheet", type=Path, metavar="FILE.html", help="write the calibration sheet (one page)")
    parser.add_argument("--author", default="", help="who answers for it (an office, not a person)")
    parser.add_argument("--dry-run", action="store_true", help="fit and tell, but don't store")
    parser.set_defaults(run=_run)


def _say(text: Note) -> None:
    marks = {"info": "  ", "warning": "! ", "error": "x "}
    sys.stderr.write(marks[text.level] + text.say(environment_language()) + "\n")


def _run(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        if arguments.choose:
            _choose(lake, arguments)
        elif not arguments.reference:
            _list(lake, arguments)
        elif arguments.compare:
            _compare(lake, arguments)
        else:
            _calibrate(lake, arguments)


def _distance(lake: Lake, arguments: argparse.Namespace) -> float | None:
    found = pairs(lake, arguments.pollutant, arguments.distance)
    mine = found[(found["station_id"] == arguments.station) & (found["reference_id"] == arguments.reference)]
    return None if mine.empty else float(mine["distance_m"].iloc[0])


def _calibrate(lake: Lake, arguments: argparse.Namespace) -> None:
    sensor, reference, pollutant = arguments.station, arguments.reference, arguments.pollutant
    observations, units = material(lake, sensor, reference, pollutant)
    distance = _distance(lake, arguments)
    fitted, notes = calibrate(
        observations, sensor, reference, pollutant, arguments.method, units=units, distance_m=distance
    )
    if distance is None:
        _say(
            note(
                "{station} and {reference} don't stand within {metres} m of each other: what differs may be the place.",
                level="warning", station=sensor, reference=reference, metres=round(arguments.distance),
            )
        )  # fmt: skip
    for said in notes:
        _say(said)
    _tell(fitted)
    if arguments.sheet:
        days = paired_days(observations, sensor, reference, pollutant, needed(arguments.method))
        station = lake.read("stations", "station_id = ?", [sensor])
        simulated = bool(station["simulated"].fillna(False).any())
        try:
            arguments.sheet.write_text(sheet(fitted, days, environment_language(), simulated=simulated), "utf-8")
        except OSError as error:
            raise UserError(
                "The file {file} cannot be written ({detail}).",
                file=str(arguments.sheet), detail=error.strerror or str(error),
            ) from error  # fmt: skip
    if not arguments.dry_run:
        _say(note("Stored as {import_id}.", import_id=save(lake, fitted, author=arguments.author)))


def _tell(fitted: Calibration) -> None:
    _say(
        note(
            "{station} against {reference}, {days} days: R² {r2}, RMSE {before} before and {after} after "
            "(µg/m³, days left out of the fit); error of a day's mean {sd}.",
            station=fitted.station_id, reference=fitted.reference_id, days=fitted.days,
            r2=f"{fitted.after.r2:.2f}", before=f"{fitted.before.rmse:.1f}", after=f"{fitted.after.rmse:.1f}",
            sd=f"{fitted.residual_sd:.1f}",
        )
    )  # fmt: skip


def _compare(lake: Lake, arguments: argparse.Namespace) -> None:
    observations, units = material(lake, arguments.station, arguments.reference, arguments.pollutant)
    trials = compare(
        observations, arguments.station, arguments.reference, arguments.pollutant, published=arguments.published,
        units=units,
    )  # fmt: skip
    best = suggested(trials)
    lang = environment_language()
    for trial in trials:
        label = translate(METHODS[trial.method], lang)
        if trial.calibration is None:
            sys.stdout.write(f"{trial.method:<22} –  {label}: {trial.refused.say(lang) if trial.refused else ''}\n")
            continue
        after = trial.calibration.after
        mark = " *" if best is not None and trial.method == best.method else ""
        sys.stdout.write(
            f"{trial.method:<22} R² {after.r2:.2f}  RMSE {after.rmse:.1f}  NRMSE {after.nrmse:.0f} %  "
            f"slope {after.slope:.2f}  intercept {after.intercept:+.1f}  n {after.n}{mark}  {label}\n"
        )
    if best is None:
        _say(note("No method does better than the raw readings.", level="warning"))
    else:
        _say(note("* The plainest method that errs hardly more than the best one; --method stores one."))


def _choose(lake: Lake, arguments: argparse.Namespace) -> None:
    if not arguments.station:
        raise UserError("Name the sensor: python -m geo calibrate SENSOR --choose IMPORT")
    chosen = "" if arguments.choose == _RAW else arguments.choose
    choose(lake, arguments.station, arguments.pollutant, chosen, author=arguments.author)
    _say(note("{station}: this counts from now on: {chosen}.", station=arguments.station, chosen=chosen or _RAW))


def _list(lake: Lake, arguments: argparse.Namespace) -> None:
    found = pairs(lake, arguments.pollutant, arguments.distance)
    for row in found.to_dict("records"):
        if arguments.station in ("", row["station_id"]):
            _say(
                note(
                    "{station} stands {metres} m from {reference}; both measured on {days} days.",
                    station=row["station_id"], metres=round(row["distance_m"]), reference=row["reference_id"],
                    days=row["days"],
                )
            )  # fmt: skip
    counting = {stored.import_id for stored in current(lake)}
    for stored in history(lake, arguments.station):
        _say(
            note(
                "{import_id}: {station}, {version}, made {when}",
                import_id=stored.import_id + ("*" if stored.import_id in counting else ""),
                station=stored.calibration.station_id, version=stored.calibration.version,
                when=moment(stored.made_at, environment_language()),
            )
        )  # fmt: skip
    if found.empty:
        _say(
            note(
                "No low-cost sensor stands within {metres} m of a reference station with common days.",
                metres=round(arguments.distance),
            )
        )
