"""Drives a network's plan and brings its answers into the lake.

For each request: from the kept answers where the past can't change any more, else from the server (with
patience, see `web`); freed of personal data; kept; parsed. Rows are stored in portions, one transaction each,
so that a break loses nothing that was stored, and a second run goes on where the first one stopped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pandas as pd

from geo.lake import Lake
from geo.networks.hours import hourly
from geo.networks.model import Batch, Network, Query, Request
from geo.networks.raw import RawStore
from geo.networks.storing import Portion
from geo.networks.web import Unreachable, Web
from geo.readers.model import EMPTY_DROPS
from language import Note, UserError, environment_language, note
from language.progress import Progress, silent

_PORTION = 200_000
"""Readings that are stored in one transaction."""

_SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What reading an answer of another shape than expected can end in; all become one sentence."""

_FAILURES = 3
"""Optional requests in a row without an answer, after which the server is left alone."""


@dataclass(frozen=True)
class FetchReport:
    """What a fetch did.

    Attributes
    ----------
    added, updated : int
        Readings, stations, factories or boundaries that are new, or replaced what was stored.
    rows_read : int
        Rows of all answers.
    newest : datetime or None
        Beginning of the newest reading that came (stored before or not).
    errors : tuple of Note
        What could not be fetched; everything else was.
    asked, kept : int
        Requests sent, and requests answered from what is kept.
    complete : bool
        The whole plan was walked.
    """

    network: str
    import_id: str
    snapshot: int
    rows_read: int
    added: int
    updated: int
    newest: datetime | None
    notes: tuple[Note, ...]
    errors: tuple[Note, ...]
    dropped: pd.DataFrame
    asked: int
    kept: int
    complete: bool


@dataclass
class _Run:
    """What a fetch gathers on its way."""

    rows_read: int = 0
    asked: int = 0
    kept: int = 0
    notes: list[Note] = field(default_factory=list)
    errors: list[Note] = field(default_factory=list)
    dropped: list[pd.DataFrame] = field(default_factory=list)


def network_key(network: Network) -> str:
    """Return the network's key from the environment; empty where there is none."""
    return os.environ.get(network.key_variable, "") if network.key_variable else ""


def fetch(
    lake: Lake,
    network: Network,
    query: Query,
    *,
    key: str = "",
    ca: str = "",
    again: bool = False,
    import_id: str = "",
    web: Web | None = None,
    progress: Progress = silent,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FetchReport:
    """Ask a network and store what is new.

    Parameters
    ----------
    key : str
        The network's key, where it isn't in its environment variable. It is sent to the network and goes
        nowhere else.
    ca : str
        PEM file of certificates to trust besides the system's (default: ECOTOWN_CA_FILE).
    again : bool
        Also ask again for the past that is kept.
    import_id : str
        Put all rows under this import (default: one for each fetch).
    web : Web, optional
        Replaced in tests.

    Returns
    -------
    FetchReport
        Its `errors` say what could not be fetched.

    Raises
    ------
    UserError
        Where the wish itself is wrong: no such service, no key.
    """
    network.service(query)
    headers = _headers(network, query, key)
    web = web or Web(network.title, network.per_minute, headers, ca)
    store = RawStore(lake.where, network.name)
    identifier = import_id or f"{network.name}-{now():%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
    portion = Portion(lake, network, query, identifier, now)
    run = _Run()
    complete = _walk(network, query, web, store, portion, run, again, progress, now)
    complete &= _stored(portion, run)
    run.notes += portion.notes
    if not portion.added and not portion.updated and complete and not run.errors:
        run.notes.append(note("Nothing changed: all these rows were stored already."))
    progress(1.0, note("Stored").say(environment_language()))
    return FetchReport(
        network=network.name,
        import_id=identifier,
        snapshot=lake.snapshot(),
        rows_read=run.rows_read,
        added=portion.added,
        updated=portion.updated,
        newest=portion.newest,
        notes=tuple(dict.fromkeys(run.notes)),
        errors=tuple(run.errors),
        dropped=pd.concat(run.dropped, ignore_index=True) if run.dropped else EMPTY_DROPS.copy(),
        asked=web.asked,
        kept=run.kept,
        complete=complete,
    )


def _headers(network: Network, query: Query, key: str) -> dict[str, str]:
    """Return the header with the network's key.

    Raises
    ------
    UserError
        Where it needs one and there is none.
    """
    secret = key or network_key(network)
    if network.service(query) in network.open_services:
        return {}
    if secret:
        return {network.key_header: network.key_prefix + secret}
    if network.key_needed and not query.base_url:
        raise UserError(
            "{network} needs a key. Put it into the environment variable {variable} or into the app's secrets; it is "
            "not stored.",
            network=network.title,
            variable=network.key_variable,
        )
    return {}


def _walk(
    network: Network, query: Query, web: Web, store: RawStore, portion: Portion, run: _Run, again: bool,
    progress: Progress, now: Callable[[], datetime],
) -> bool:  # fmt: skip
    """Walk the plan; return whether it came to its end."""
    plan = network.plan(query)
    answer: Any = None
    request = Request("", what=network.title)
    failed = 0
    while True:
        try:
            request = plan.send(answer)
        except StopIteration:
            return True
        except _SHAPE as error:
            run.errors.append(network.changed(request, f"{type(error).__name__} {error}").note)
            return False
        except UserError as error:
            run.errors.append(error.note)
            return False
        progress(min(run.asked / (run.asked + 8), 0.95), f"{network.title}: {request.what}")
        try:
            answer = _answer(network, query, request, web, store, portion, run, again, now)
        except UserError as error:
            run.errors.append(error.note)
            failed += 1
            if isinstance(error, Unreachable) or not request.optional or failed >= _FAILURES:
                plan.close()
                return False
            answer = None
        else:
            failed = 0
        run.asked += 1
        if portion.size >= _PORTION and not _stored(portion, run):
            plan.close()
            return False


def _stored(portion: Portion, run: _Run) -> bool:
    """Store what waits; return whether it could be."""
    try:
        portion.store(run.rows_read)
    except UserError as error:
        run.errors.append(error.note)
        return False
    return True


def _answer(
    network: Network, query: Query, request: Request, web: Web, store: RawStore, portion: Portion, run: _Run,
    again: bool, now: Callable[[], datetime],
) -> Any:  # fmt: skip
    """Return the decoded answer to a request, after its rows were taken into the portion."""
    body = store.settled(request) if request.settled and not again else None
    if body is None:
        found = web.get(request)
        if found.missing:
            return None
        clean = network.redact(found.body, request)
        batch, answer = _parsed(network, query, request, clean)
        if network.keeps(clean):
            # Only what could be parsed is kept as settled: a broken answer is asked for again.
            store.keep(request, clean, now())
    else:
        run.kept += 1
        batch, answer = _parsed(network, query, request, body)
    if batch.readings is not None:
        batch = hourly(batch, _earlier(network, query, request, store, now), now())
    run.rows_read += batch.rows
    run.notes += batch.notes
    if batch.dropped is not None and len(batch.dropped):
        run.dropped.append(batch.dropped)
    portion.take(batch)
    return answer


def _earlier(
    network: Network, query: Query, request: Request, store: RawStore, now: Callable[[], datetime]
) -> list[pd.DataFrame]:
    """Return the readings of the same question's kept answers of the last hours."""
    found = []
    for body in store.recent(request, 3, now()):
        batch, _ = _parsed(network, query, request, body)
        if batch.readings is not None:
            found.append(batch.readings)
    return found


def _parsed(network: Network, query: Query, request: Request, body: bytes) -> tuple[Batch, Any]:
    answer = json.loads(body) if request.form == "json" else body
    try:
        return network.parse(answer, request, query), answer
    except _SHAPE as error:
        raise network.changed(request, f"{type(error).__name__} {error}") from error
