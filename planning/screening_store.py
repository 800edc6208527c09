"""Screenings kept on the disk, so that a server started anew shows at once what was computed before.

1. A screening is kept under a name made of the lake's snapshot and that snapshot's moment (which no other lake has,
   unless one is the copy of the other), the parameters, and the content of everything the result depends on: this
   program's code, its catalogues, its libraries' versions. Whatever changes gives another name, so nothing outdated
   is ever found.
2. The files are Python's own (pickle). They are only read from a folder of this user that nobody else may write.

The environment variable SCREENINGS names another folder; empty, nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from geo.lake import Lake
from planning.parameters import Parameters
from planning.settings import FILE as SETTINGS

if TYPE_CHECKING:
    from planning.screening import Screening

MOST = 2**30
"""Most disk for kept screenings [bytes]; those not asked for longest go first."""
RECORDS = ("plan ", "documents: ", "visits: ", "screens: ")
"""How the notes of transactions begin that store people's own records and no data."""
ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "xarray", "pyproj")


def folder() -> Path | None:
    """Return the folder of kept screenings, or None where nothing is to be kept."""
    named = os.environ.get("SCREENINGS")
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "ecotown-air" / "screenings"


def own(place: Path) -> bool:
    """Make a folder where there is none; return whether it is this user's and nobody else may write to it."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        facts = place.stat()
    except OSError:
        return False
    if sys.platform == "win32":
        return True
    return facts.st_uid == os.getuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@cache
def program() -> str:
    """Return the hash of all that a result depends on besides the data: code, catalogues, libraries, settings."""
    made = hashlib.sha256(sys.version.encode())
    for name in LIBRARIES:
        made.update(f"{name}{version(name)}".encode())
    code = [path for part in ("planning", "geo", "interpolation", "language") for path in (ROOT / part).rglob("*.py")]
    facts = [path for path in (ROOT / "data").glob("*") if path.suffix in (".csv", ".toml")]
    for path in sorted([*code, *facts, SETTINGS]):
        made.update(path.name.encode() + path.read_bytes())
    return made.hexdigest()


def snapshot_of(lake: Lake) -> int:
    """Return the first snapshot that holds the data as they are now.

    Saving or taking back a plan, a self-assessment, a visit or a screen makes a snapshot too, but changes nothing that
    a screening reads: nobody shall wait for the walk after that. Snapshots that were forgotten may have changed
    anything.
    """
    rows = lake.query(
        "SELECT snapshot_id, coalesce(commit_message, '') AS message FROM ducklake_snapshots('lake') "
        "ORDER BY snapshot_id DESC"
    )
    found = int(rows["snapshot_id"].iloc[0])
    for snapshot, message in zip(rows["snapshot_id"], rows["message"], strict=True):
        if int(snapshot) != found:  # one between was forgotten
            return found + 1
        if not str(message).startswith(RECORDS):
            return found
        found -= 1
    return found + 1


def name_of(lake: Lake, parameters: Parameters, snapshot: int) -> str:
    """Return the name under which the screening of a snapshot is kept."""
    moment = lake.query("SELECT snapshot_time FROM ducklake_snapshots('lake') WHERE snapshot_id = ?", [snapshot])
    wanted = json.dumps(asdict(parameters), default=str, sort_keys=True)
    when = ",".join(str(value) for value in moment["snapshot_time"])
    text = f"{snapshot}|{when}|{wanted}|{program()}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def get(name: str) -> Screening | None:
    """Return a kept screening; None where there is none or it cannot be read."""
    place = folder()
    if place is None or not own(place):
        return None
    path = place / f"{name}.pickle"
    try:
        found: Screening = pickle.loads(path.read_bytes())
        os.utime(path)
    except FileNotFoundError:
        return None
    # A file torn by a full disk or a killed process can fail in any way while it is read.
    except Exception:  # noqa: BLE001
        with suppress(OSError):
            path.unlink()
        return None
    return found


def put(name: str, found: Screening) -> None:
    """Keep a screening, and drop those not asked for longest where there is too much; a full disk is no error."""
    place = folder()
    if place is None or not own(place):
        return
    with suppress(OSError):
        handle, passing = tempfile.mkstemp(dir=place, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                pickle.dump(found, file, protocol=5)
            Path(passing).replace(place / f"{name}.pickle")
        finally:
            Path(passing).unlink(missing_ok=True)
        _drop(place)


def _drop(place: Path) -> None:
    files = sorted(((path.stat().st_mtime, path) for path in place.glob("*.pickle")), reverse=True)
    total = 0
    for _moment, path in files:
        total += path.stat().st_size
        if total > MOST:
            path.unlink(missing_ok=True)
