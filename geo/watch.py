"""Polls networks on a schedule, in the foreground, and keeps a state that pages can show.

Only one watch runs on a data store, on whatever machine (`geo.watch_state`). The state is last success, lag, rows,
and errors in words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pandas as pd

from geo import engine, watch_state
from geo.lake import Lake
from geo.networks import NETWORKS, FetchReport, Query, fetch
from geo.watch_state import Poll
from language import Note, UserError, moment, note
from language.catalogue import environment_language

RECIPES = """\
run it as a service:
  systemd, /etc/systemd/system/ecotown-watch.service:
    [Unit]
    Description=Eco-industrial town: fetch readings
    After=network-online.target
    [Service]
    WorkingDirectory=/srv/ecotown
    EnvironmentFile=/etc/ecotown.env
    ExecStart=/srv/ecotown/venv/bin/python -m geo watch air4thai --every 30
    Restart=always
    RestartSec=60
    [Install]
    WantedBy=multi-user.target
  then: systemctl enable --now ecotown-watch   (keys and LAKE_CATALOG go into /etc/ecotown.env, mode 600)

  Windows Task Scheduler, once, as administrator:
    schtasks /Create /TN EcoTownWatch /SC ONSTART /RU SYSTEM /TR ^
      "cmd /c cd /d C:\\ecotown && venv\\Scripts\\python -m geo watch air4thai --every 30"

  cron or a scheduled task instead of a service: python -m geo watch air4thai --rounds 1
"""

COLUMNS = (
    "network", "title", "last_try", "last_success", "newest", "lag_hours", "rows_added", "rows_updated",
    "every_minutes", "next_try", "failures", "error", "running",
)  # fmt: skip


def state(where: engine.Place | None = None, *, lang: str = "", now: datetime | None = None) -> pd.DataFrame:
    """Return what the last polls did, one row a network.

    Parameters
    ----------
    where : Place, optional
        Of the lake (``lake.where``); default the one of LAKE_CATALOG.
    lang : str
        Language of `error`; empty: of the command line.

    Returns
    -------
    DataFrame
        `network`, `title`, `last_try`, `last_success`, `newest` (beginning of the newest reading; all UTC, NaT
        where there is none), `lag_hours` (now less `newest`), `rows_added` and `rows_updated` (of the last
        success), `every_minutes`, `next_try`, `failures` (in a row), `error` (in words, empty: none), `running`.
    """
    kept = watch_state.of(where or engine.place())
    alive = kept.running()
    polls = kept.read()
    if not polls:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    frame = pd.DataFrame([asdict(poll) for poll in polls.values()])
    for name in ("last_try", "last_success", "newest", "next_try"):
        frame[name] = pd.to_datetime(frame[name].replace("", None), utc=True)
    moment_now = pd.Timestamp(now or datetime.now(UTC))
    words = lang or environment_language()
    frame["lag_hours"] = ((moment_now - frame["newest"]).dt.total_seconds() / 3600).round(1)
    frame["title"] = [NETWORKS[n].title if n in NETWORKS else n for n in frame["network"]]
    frame["error"] = [" ".join(Note.from_dict(e).say(words) for e in errors) for errors in frame["errors"]]
    frame["running"] = alive
    return frame[list(COLUMNS)]


def watch(
    lake: Lake,
    networks: Sequence[str],
    *,
    every: float = 30.0,
    query: Callable[[], Query] = lambda: Query.last(48),
    keys: dict[str, str] | None = None,
    ca: str = "",
    rounds: int = 0,
    say: Callable[[Note], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Poll networks every `every` minutes, until interrupted or after `rounds` rounds.

    A network that fails is asked again in the next round; the others are not held up.

    Raises
    ------
    UserError
        Where another watch runs on this data store, or `every` is less than a minute.
    """
    if every < 1:
        raise UserError("Networks may not be polled more often than once a minute.")
    with watch_state.of(lake.where).alone() as turn:
        done = 0
        while True:
            begin = now()
            turn.keep()
            for name in networks:
                poll = poll_once(lake, name, query(), key=(keys or {}).get(name, ""), ca=ca, every=every, now=now)
                _tell(poll, say)
            done += 1
            if rounds and done >= rounds:
                return
            sleep(max((begin + timedelta(minutes=every) - now()).total_seconds(), 1.0))


def poll_once(
    lake: Lake, name: str, query: Query, *, key: str = "", ca: str = "", every: float = 0.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Poll:  # fmt: skip
    """Ask one network once and write what happened into the state; all polls of a day are one import."""
    network = NETWORKS[name]
    began = now()
    report: FetchReport | None = None
    try:
        identifier = f"watch-{name}-{began:%Y%m%d}"
        report = fetch(lake, network, query, key=key, ca=ca, import_id=identifier, now=now)
        errors = [e.to_dict() for e in report.errors]
    except UserError as error:
        errors = [error.note.to_dict()]
    kept = watch_state.of(lake.where)
    before = kept.read().get(name, Poll(name, ""))
    newest = report.newest.isoformat() if report is not None and report.newest else before.newest
    good = report is not None and report.complete
    poll = Poll(
        network=name,
        last_try=began.isoformat(),
        last_success=began.isoformat() if good else before.last_success,
        newest=max(newest, before.newest),
        rows_added=report.added if report is not None and good else before.rows_added,
        rows_updated=report.updated if report is not None and good else before.rows_updated,
        every_minutes=every,
        next_try=(began + timedelta(minutes=every)).isoformat() if every else "",
        failures=0 if good else before.failures + 1,
        errors=tuple(errors),
    )
    kept.write(poll)
    return poll


def _tell(poll: Poll, say: Callable[[Note], None]) -> None:
    for error in poll.errors:
        say(Note.from_dict(error))
    if not poll.failures:
        newest = moment(datetime.fromisoformat(poll.newest), environment_language()) if poll.newest else "–"
        say(
            note(
                "{when} {network}: {added} new, {updated} changed; newest reading {newest}.",
                when=moment(datetime.fromisoformat(poll.last_try), environment_language()),
                network=NETWORKS[poll.network].title, added=poll.rows_added, updated=poll.rows_updated, newest=newest,
            )
        )  # fmt: skip
