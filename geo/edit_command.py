"""``python -m geo edit``: rename, move, hide and show stations, list the log, take an entry back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from geo import edits
from geo.lake import Lake
from language import Note, environment_language, moment, note, translate


def add(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    parser = commands.add_parser(
        "edit",
        help="put a station's name or place right, hide it, show it again; list the log, undo",
        description="Edits are kept as a log and laid over what was imported or fetched; each can be taken back. "
        "A hidden station is left out of every map and calculation; its readings stay stored.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    rename = _action(actions, "rename", "give a station other names", _rename)
    rename.add_argument("--name-th", metavar="NAME")
    rename.add_argument("--name-en", metavar="NAME")
    move = _action(actions, "move", "put a station where it really stands (degrees, WGS84)", _move)
    move.add_argument("lat", type=float, metavar="LAT")
    move.add_argument("lon", type=float, metavar="LON")
    _action(actions, "confirm", "say that a station's place is right", _confirm)
    _action(actions, "hide", "leave a station out of everything", _hide)
    _action(actions, "show", "bring a hidden station back", _show)
    undo = _action(actions, "undo", "take an entry of the log back", _undo, station=False)
    undo.add_argument("edit", metavar="EDIT")
    listed = actions.add_parser("list", help="the log, newest first")
    listed.add_argument("station", nargs="?", default="", metavar="STATION")
    listed.set_defaults(run=_list)


def _action(
    actions: Any, name: str, text: str, run: Callable[[argparse.Namespace], None], *, station: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text)
    if station:
        parser.add_argument("station", metavar="STATION")
    parser.add_argument("--by", default="", metavar="WHO", help="who says so (an office, not a person)")
    parser.add_argument("--why", default="", metavar="TEXT")
    parser.set_defaults(run=run)
    return parser


def _said(arguments: argparse.Namespace) -> dict[str, str]:
    return {"author": arguments.by, "reason": arguments.why}


def _rename(arguments: argparse.Namespace) -> None:
    names = {"name_th": arguments.name_th, "name_en": arguments.name_en}
    with Lake.open() as lake:
        _tell([edits.rename(lake, arguments.station, **names, **_said(arguments))])


def _move(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        _tell([edits.move(lake, arguments.station, arguments.lat, arguments.lon, **_said(arguments))])


def _confirm(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        _tell([edits.confirm(lake, arguments.station, **_said(arguments))])


def _hide(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        _tell([edits.hide(lake, arguments.station, **_said(arguments))])


def _show(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        _tell([edits.show(lake, arguments.station, **_said(arguments))])


def _undo(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        _tell([edits.undo(lake, arguments.edit, **_said(arguments))])


def _list(arguments: argparse.Namespace) -> None:
    with Lake.open() as lake:
        found = edits.entries(lake, arguments.station)
    _tell(found)
    if not found:
        _say(note("No station was edited."))


def _say(text: Note) -> None:
    marks = {"info": "  ", "warning": "! ", "error": "x "}
    sys.stderr.write(marks[text.level] + text.say(environment_language()) + "\n")


def _tell(found: Sequence[edits.Edit]) -> None:
    lang = environment_language()
    for edit in found:
        state = "" if edit.in_force else " " + note("(taken back)").say(lang)
        who = " · ".join(filter(None, (edit.author, edit.reason)))
        _say(
            note(
                "{edit}{state}: {station} {action}, {before} → {after}, {when}",
                edit=edit.edit_id, state=state, station=edit.station_id,
                action=translate(edits.ACTIONS[edit.action], lang), before=edits.plain(edit.before, lang),
                after=edits.plain(edit.after, lang), when=moment(edit.edited_at, lang) + (f" ({who})" if who else ""),
            )
        )  # fmt: skip
        warned = edits.warning(edit) if edit.in_force else None
        if warned is not None:
            _say(warned)
