"""From a file to the lake: read, store in one transaction, say what happened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from geo import checking, quality, readers
from geo.lake import Change, Lake
from geo.readers import Options, Parsed
from geo.readers.model import problems
from geo.schema import TABLES, ImportRecord
from language import Note, UserError, environment_language, note
from language.progress import Progress, silent

_LISTED = 1000
"""So many dropped rows are kept with the import; the report itself has all."""

_DEFAULT = Options()


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    kept : int
        Rows of the file that are stored now.
    dropped : DataFrame
        row, column, value, reason (`language.Note`).
    unchanged : bool
        Everything had been there already; no snapshot was made.
    workspace_id : str
        The workspace that the boundaries belong to; empty for other kinds.
    """

    kind: str
    file_name: str
    import_id: str
    snapshot: int
    rows_read: int
    kept: int
    dropped: pd.DataFrame
    notes: tuple[Note, ...]
    mapping: Mapping[str, str]
    change: Change
    workspace_id: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether nothing had to be stored."""
        return self.change.nothing

    def problems(self, limit: int | None = None) -> list[Note]:
        """Return a sentence with file, row and column for each thing left out."""
        return problems(self.dropped, self.file_name, limit)


def import_file(
    lake: Lake,
    source: str | Path | bytes,
    kind: str,
    mapping: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
    simulated: bool = False,
    options: Options = _DEFAULT,
    workspace: str = "",
    progress: Progress = silent,
) -> ImportReport:
    """Read a file and store its rows in one transaction.

    Parameters
    ----------
    source : path or bytes
    kind : str
        stations, observations, factories, boundaries, receptors, reports or population.
    mapping : mapping, optional
        Our field -> column of the file, where the guess is wrong.
    name : str, optional
        File name of `source` given as bytes.
    workspace : str
        Put boundaries into this workspace instead of making one.

    Raises
    ------
    UserError
        Where nothing can be read or stored.
    """
    options = replace(options, limit=0)
    progress(0.05, note("Reading the file").say(environment_language()))
    parsed = readers.read(source, kind, name=name, mapping=mapping, options=options)
    sha = _digest(source)
    record = ImportRecord(
        kind=kind,
        file_name=parsed.name,
        import_id=_import_id(sha, parsed, simulated, workspace),
        sha256=sha,
        rows_read=parsed.rows_read,
        rows_kept=parsed.rows_kept,
        dropped=_as_json(parsed.dropped),
        mapping=parsed.mapping,
        notes=[n.to_dict() for n in parsed.notes],
        source=parsed.source,
        licence=parsed.licence,
        simulated=simulated,
    )
    progress(0.5, note("Comparing with what is stored").say(environment_language()))
    tables, said, workspace_id = _prepared(lake, parsed, simulated, workspace)
    progress(0.6, note("Storing {count} rows", count=f"{parsed.rows_kept:,}").say(environment_language()))
    change = lake.upsert(tables, record=record)
    progress(1.0, note("Stored").say(environment_language()))
    return ImportReport(
        kind=kind,
        file_name=parsed.name,
        import_id=record.import_id,
        snapshot=change.snapshot,
        rows_read=parsed.rows_read,
        kept=parsed.rows_kept,
        dropped=parsed.dropped,
        notes=(*parsed.notes, *said, *_outcome(kind, change)),
        mapping=parsed.mapping,
        change=change,
        workspace_id=workspace_id,
    )


def _digest(source: str | Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    path = Path(source)
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = sorted(p for p in path.parent.glob(f"{path.stem}.*") if p.is_file())
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def _import_id(sha: str, parsed: Parsed, simulated: bool, workspace: str) -> str:
    """Return the same identifier for the same file read in the same way."""
    # Options that came later count only where they are used: a file imported before keeps its identifier.
    options = {k: v for k, v in asdict(parsed.options).items() if v or k not in ("encoding", "delimiter", "decimal")}
    how = json.dumps(
        [parsed.kind, dict(parsed.mapping), options, simulated, workspace], sort_keys=True, default=str
    )
    return hashlib.sha256(f"{sha}{how}".encode()).hexdigest()[:16]


def _as_json(dropped: pd.DataFrame) -> list[dict[str, object]]:
    head = dropped.head(_LISTED)
    return [
        {**row, "value": str(row["value"])[:200], "reason": row["reason"].to_dict()}
        for row in ({str(k): v for k, v in found.items()} for found in head.to_dict("records"))
    ]


def _prepared(
    lake: Lake, parsed: Parsed, simulated: bool, workspace: str
) -> tuple[dict[str, pd.DataFrame], list[Note], str]:
    """Return the tables as they are to be stored, with what the lake already knows taken into account."""
    tables = dict(parsed.tables)
    said: list[Note] = []
    workspace_id = ""
    if parsed.kind == "observations":
        found, elsewhere = _stations_known(lake, tables)
        said += found
        tables["observations"], found = _checked(lake, tables, simulated)
        tables["observations"] = checking.moved(tables["observations"], elsewhere)
        said += found
    if "workspaces" in tables:
        tables["workspaces"], found = _workspace(lake, tables["workspaces"], workspace)
        workspace_id = str(tables["workspaces"]["workspace_id"].iloc[0])
        said += found
    for name in tables:
        if "simulated" in TABLES[name].columns:
            # A file may say of its own rows that they are made up (reports of a meeting about simulated air).
            said_so = tables[name].get("simulated", False)
            tables[name] = tables[name].assign(simulated=said_so | simulated)
    return tables, said, workspace_id


def _stations_known(lake: Lake, tables: dict[str, pd.DataFrame]) -> tuple[list[Note], list[str]]:
    """Leave stations that are stored as they are; say which stations of the readings have no place.

    Also returns the stations that the file puts so far from the stored place that its readings are doubtful.
    """
    stored = lake.query("SELECT station_id, lat, lon FROM lake.stations")
    said: list[Note] = []
    elsewhere: list[str] = []
    known = set(stored["station_id"])
    if "stations" in tables:
        own = tables["stations"]
        both = own.merge(stored, on="station_id", suffixes=("", "_stored"))
        apart = (both["lat"] - both["lat_stored"]).abs().add((both["lon"] - both["lon_stored"]).abs())
        moved = both[apart > 0.001]
        elsewhere = list(both.loc[apart * 111 > quality.thresholds().position["moved_km"], "station_id"].astype(str))
        if len(moved):
            said.append(
                note(
                    "{count} stations stand elsewhere in this file than in the data store; the stored place was kept: "
                    "{stations}.",
                    level="warning",
                    count=len(moved),
                    stations=", ".join(moved["station_id"].head(8)),
                )
            )
        tables["stations"] = own[~own["station_id"].isin(known)]
        known |= set(own["station_id"])
    ids = tables["observations"]["station_id"].cat.categories
    lost = [station for station in ids if station not in known]
    if lost:
        said.append(
            note(
                "{count} stations of these readings have no place yet: import the list of stations too ({stations}).",
                level="warning",
                count=len(lost),
                stations=", ".join(lost[:8]),
            )
        )
    return said, elsewhere


def _checked(
    lake: Lake, tables: dict[str, pd.DataFrame], simulated: bool
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the readings with quality flags; warn where they equal the stored ones an hour earlier or later."""
    said = []
    lag = checking.moved_hours(lake, tables["observations"])
    if lag:
        said.append(
            note(
                "The readings equal the stored ones moved by {hours} hour: the two sources label hours "
                "differently. Remove this import and say --hour-label beginning or ending.",
                level="warning",
                hours=f"{lag:+d}",
            )
        )
    rows, known = checking.keep_flags(lake, tables["observations"])
    if known.all():
        return rows, said
    flagged, found = checking.check(lake, rows[~known], tables.get("stations"), simulated=simulated)
    return (flagged if not known.any() else pd.concat([rows[known], flagged], ignore_index=True)), [*said, *found]


def _workspace(lake: Lake, made: pd.DataFrame, wanted: str) -> tuple[pd.DataFrame, list[Note]]:
    """Return the workspace row, with the codes it has already."""
    row = made.iloc[0].to_dict()
    stored = lake.workspaces()
    if wanted:
        hit = stored[(stored["workspace_id"] == wanted) | (stored["name_th"] == wanted) | (stored["name_en"] == wanted)]
        if hit.empty:
            raise UserError(
                "There is no workspace {workspace}. Workspaces: {others}.",
                workspace=wanted,
                others=", ".join(stored["workspace_id"]) or "–",
            )
        row.update(hit.iloc[0][["workspace_id", "name_th", "name_en"]])
    old = stored[stored["workspace_id"] == row["workspace_id"]]
    codes = set(json.loads(row["boundary_codes"]))
    if len(old):
        codes |= set(json.loads(old.iloc[0]["boundary_codes"]))
    row["boundary_codes"] = json.dumps(sorted(codes), ensure_ascii=False)
    row["created_at"] = datetime.now(UTC) if old.empty else old.iloc[0]["created_at"]
    said = [note("The boundaries make the workspace {name} ({count} areas).", name=row["name_th"], count=len(codes))]
    return pd.DataFrame([row]), said


def _outcome(kind: str, change: Change) -> list[Note]:
    if change.nothing:
        return [note("Nothing changed: all these rows were stored already.")]
    replaced = change.updated.get(kind, 0)
    if replaced:
        return [note("{count} rows replaced rows that were stored before.", count=replaced)]
    return []
