"""``python -m geo calibrate``: find co-located pairs, fit, store and list calibrations."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from geo.calibration import METHODS, calibrate, colocations
from geo.calibration_store import history, save
from geo.lake import Lake
from language import Note, environment_language, moment, note

_VARIABLES = ("rh", "temp")


def add(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    parser = commands.add_parser(
        "calibrate",
        help="calibrate a low-cost sensor against the reference beside it",
        description="Without stations: list the pairs that stand together and the calibrations that are stored. With "
        "both: fit, judge on days left out, and store as the sensor's newest version. Readings stay raw; the "
        "calibration is applied when they are read. Take one back with: python -m geo remove IMPORT",
    )
    parser.add_argument("station", nargs="?", default="", metavar="SENSOR")
    parser.add_argument("reference", nargs="?", default="", metavar="REFERENCE")
    parser.add_argument("--method", choices=sorted(METHODS), default="linear")
    parser.add_argument("--pollutant", choices=("pm25", "pm10"), default="pm25")
    parser.add_argument("--author", default="", help="who answers for it (an office, not a person)")
    parser.add_argument("--dry-run", action="store_true", help="fit and tell, but don't store")
    parser.set_defaults(run=_run)


def _say(text: Note) -> None:
    marks = {"info": "  ", "warning": "! ", "error": "x "}
    sys.stderr.write(marks[text.level] + text.say(environment_language()) + "\n")


def _run(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        if not arguments.reference:
            _list(lake, arguments.pollutant, arguments.station)
            return
        sensor, reference = arguments.station, arguments.reference
        observations = lake.observations([arguments.pollutant, *_VARIABLES], station_ids=[sensor, reference])
        fitted, notes = calibrate(observations, sensor, reference, arguments.pollutant, arguments.method)
        for said in notes:
            _say(said)
        _say(
            note(
                "{station} against {reference}, {days} days: R² {r2}, RMSE {before} before and {after} after "
                "(µg/m³, days left out of the fit); error of a day's mean {sd}.",
                station=fitted.station_id, reference=fitted.reference_id, days=fitted.days,
                r2=f"{fitted.after.r2:.2f}", before=f"{fitted.before.rmse:.1f}", after=f"{fitted.after.rmse:.1f}",
                sd=f"{fitted.residual_sd:.1f}",
            )
        )  # fmt: skip
        if not arguments.dry_run:
            _say(note("Stored as {import_id}.", import_id=save(lake, fitted, author=arguments.author)))


def _list(lake: Lake, pollutant: str, station: str) -> None:
    pairs = colocations(lake.stations(), lake.observations([pollutant]), pollutant)
    for row in pairs.to_dict("records"):
        if station in ("", row["station_id"]):
            _say(
                note(
                    "{station} stands {metres} m from {reference}; both measured on {days} days.",
                    station=row["station_id"], metres=round(row["distance_m"]), reference=row["reference_id"],
                    days=row["days"],
                )
            )  # fmt: skip
    for stored in history(lake, station):
        _say(
            note(
                "{import_id}: {station}, {version}, made {when}",
                import_id=stored.import_id, station=stored.calibration.station_id, version=stored.calibration.version,
                when=moment(stored.made_at, environment_language()),
            )
        )  # fmt: skip
    if pairs.empty:
        _say(note("No low-cost sensor stands within 250 m of a reference station with common days."))
