"""The lake and the results of the walk, computed once for all sessions and kept while they are true."""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo import demo
from geo.boundaries import find_area
from geo.lake import Lake
from language.progress import Progress
from pages.parts import rule
from pages.parts.i18n import _
from planning import screening_store
from planning.screening import Parameters, Screening, screen

BANGKOK = ZoneInfo("Asia/Bangkok")
MARGIN = 0.3
"""Degrees around a workspace in which stations still tell when there are readings."""
KEPT_RESULTS = 16
"""Screenings kept in memory; one of a town is a few megabytes."""


class Kept:
    """Results by key, the oldest forgotten first; each is computed once, however many ask at once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, Any] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, compute: Callable[[], Any]) -> Any:
        """Return the value of `key`, computing it if nobody has."""
        with self._guard:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                if key in self._values:
                    return self._values[key]
            value = compute()
            with self._guard:
                self._values[key] = value
                self._locks.pop(key, None)
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value

    def peek(self, key: str) -> Any:
        """Return the value of `key` if somebody has computed it, else None."""
        with self._guard:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)


class Job:
    """A computation in a thread of its own: it goes on when the reader who asked first has left the page."""

    def __init__(self) -> None:
        self.share = 0.0
        self.sentence = ""
        self.future: Future[Any] = Future()

    def say(self, share: float, sentence: str) -> None:
        """Take note of the progress."""
        self.share, self.sentence = share, sentence


class Jobs:
    """Results by key, each computed once in the background, the oldest forgotten first; failures are not kept."""

    def __init__(self, size: int, threads: int = 2) -> None:
        self._size = size
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="screening")

    def start(self, key: str, compute: Callable[[Progress], Any]) -> Job:
        """Return the job of `key`, started if nobody has."""
        with self._guard:
            if key in self._jobs:
                self._jobs.move_to_end(key)
                return self._jobs[key]
            job = self._jobs[key] = Job()
            job.future = self._threads.submit(compute, job.say)
            while len(self._jobs) > self._size:
                self._jobs.popitem(last=False)
        job.future.add_done_callback(lambda future: self._forget(key, future))
        return job

    def _forget(self, key: str, future: Future[Any]) -> None:
        if future.exception() is not None:
            with self._guard:
                self._jobs.pop(key, None)


def wait_for(job: Job, sentence: str) -> Any:
    """Return the job's result; show its progress while it runs, in the words of this reader."""
    if not job.future.done():
        with progress(sentence) as say:
            while not job.future.done():
                say(job.share, _(job.sentence) if job.sentence else sentence)
                wait([job.future], timeout=0.15)
    return job.future.result()


@st.cache_resource(show_spinner=False)
def lake() -> Lake:
    """Return the lake of this process (LAKE_CATALOG, LAKE_DATA)."""
    return Lake.open()


@st.cache_resource(show_spinner=False)
def _jobs() -> Jobs:
    return Jobs(KEPT_RESULTS)


@st.cache_resource(show_spinner=False)
def _small() -> Kept:
    return Kept(256)


@st.cache_resource(show_spinner=False)
def _first_visit() -> threading.Lock:
    return threading.Lock()


def reserve() -> None:
    """Keep the place of progress bars, first on the page. Call once, in every run.

    A bar put where the computation happens to be called would push everything below it one place down, in the run that
    computes only; the browser then takes a map for another one and builds it afresh, without the reader's view.
    """
    st.session_state["_progress"] = st.empty()
    st.session_state["_headed"] = False


@contextmanager
def progress(sentence: str, *, here: bool = False) -> Iterator[Progress]:
    """Show a progress bar with a sentence while something long runs; it goes when it is done.

    It stands at the top of the page, or `here`: beside the button that was pressed.
    """
    slot = st.empty() if here else st.session_state["_progress"]
    shown = slot.progress(0.0, text=sentence)

    def say(share: float, text: str = "") -> None:
        shown.progress(min(max(share, 0.0), 1.0), text=text or sentence)

    try:
        yield say
    finally:
        slot.empty()


def prepare() -> None:
    """Write the demo workspace into a lake that nothing was ever put into."""
    if not _never_used():
        return
    with _first_visit():
        if _never_used():
            with progress(_("First visit: a simulated town is being built for you, a few seconds.")):
                demo.build(lake())


def _never_used() -> bool:
    """Whether nothing was ever stored: a lake somebody emptied has a longer history than making its tables."""
    return snapshot() <= 1 and lake().is_empty()


def snapshot() -> int:
    """Return the newest snapshot of the lake: what every kept result depends on.

    A page asks for it a dozen times a run: what other processes write is seen a quarter of a second later.
    """
    kept, written = _newest(), lake().written
    number, of_writes, until = kept[0]
    if of_writes != written or time.monotonic() > until:
        number = lake().snapshot()
        kept[0] = (number, written, time.monotonic() + 0.25)
    return number


@st.cache_resource(show_spinner=False)
def _newest() -> list[tuple[int, int, float]]:
    """Return the newest snapshot, after how many of this process's writes it was asked for, and until when it holds."""
    return [(-1, -1, 0.0)]


def remembered(name: str, compute: Callable[[], Any], *key: Any) -> Any:
    """Return a small result of the lake (a table, a count), kept until the lake changes."""
    return _small().get(f"{snapshot()}|{name}|{key!r}", compute)


def workspaces() -> pd.DataFrame:
    """Return the workspaces: own ones before simulated ones, larger before smaller."""
    return remembered("workspaces", _workspaces)


def _workspaces() -> pd.DataFrame:
    spaces = lake().workspaces()
    size = spaces["boundary_codes"].map(lambda codes: len(json.loads(codes)))
    ordered = spaces.assign(size=size).sort_values(["simulated", "size", "workspace_id"], ascending=[True, False, True])
    return ordered.drop(columns="size").reset_index(drop=True)


def look_around() -> None:
    """Read what every first page asks for, while nobody waits yet."""
    if _never_used():
        return
    for workspace in workspaces()["workspace_id"]:
        areas(workspace)
        land(workspace)
        for pollutant in ("pm25", "pm10"):
            period(workspace, pollutant)


def land(area: str) -> gpd.GeoDataFrame:
    """Return the boundaries to draw under a map of `area`: a workspace's own ones, or the one chosen."""
    return remembered("land", lambda: _land(area), area)


def _land(area: str) -> gpd.GeoDataFrame:
    spaces = workspaces()
    if area in set(spaces["workspace_id"]):
        codes = json.loads(spaces.loc[spaces["workspace_id"] == area, "boundary_codes"].iloc[0])
        found = lake().boundaries(codes=codes)
        if len(found):
            return found
    return find_area(lake(), area)


def areas(workspace_id: str) -> pd.DataFrame:
    """Return the boundaries a workspace is made of: code, names, level, approximate."""
    return remembered("areas", lambda: _areas(workspace_id), workspace_id)


def _areas(workspace_id: str) -> pd.DataFrame:
    spaces = workspaces()
    codes = json.loads(spaces.loc[spaces["workspace_id"] == workspace_id, "boundary_codes"].iloc[0])
    found = lake().boundaries(codes=codes)
    return pd.DataFrame(found[["code", "name_th", "name_en", "level", "approximate"]])


def period(workspace_id: str, pollutant: str) -> tuple[date, date] | None:
    """Return the first and last day with readings of the workspace's stations, Bangkok days."""
    first, last = remembered("reach", lambda: _reach(workspace_id, pollutant), workspace_id, pollutant)
    return None if first is None else (local_date(first), local_date(last))


def _reach(workspace_id: str, pollutant: str) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    minx, miny, maxx, maxy = find_area(lake(), workspace_id).to_crs(4326).total_bounds
    near = lake().stations(bounds=(minx - MARGIN, miny - MARGIN, maxx + MARGIN, maxy + MARGIN))
    row = (
        lake()
        .query(
            "SELECT min(time) AS first, max(time) AS last FROM lake.observations "
            "WHERE variable = ? AND station_id IN (SELECT unnest(?::VARCHAR[]))",
            [pollutant, list(near["station_id"])],
        )
        .iloc[0]
    )
    return (None, None) if pd.isna(row["first"]) else (row["first"], row["last"])


def today() -> date:
    """Return the calendar day in Bangkok."""
    return datetime.now(BANGKOK).date()


def parameters(choice: Any, **changes: Any) -> Parameters:
    """Return the screening parameters of what is chosen in the sidebar."""
    plain = Parameters(area=choice.area, pollutant=choice.pollutant, start=choice.start, end=choice.end)
    return replace(plain, **{**rule.wishes(), **changes})


def screening(choice: Any, *, snapshot_: int | None = None, **changes: Any) -> Screening:
    """Return the walk's result for the choice, with a progress bar where it must be computed.

    Parameters
    ----------
    choice : frame.Choice
        What is chosen in the sidebar.
    snapshot_ : int, optional
        Of the data as they were then; the newest by default.
    **changes
        Other `Parameters` fields: ``probability``, ``day_share``, ``weights``, …
    """
    wanted = parameters(choice, **changes)
    at = snapshot_ or remembered("data snapshot", lambda: screening_store.snapshot_of(lake()))
    key = f"{at}|{json.dumps(asdict(wanted), default=str, sort_keys=True)}"
    # In English the progress sentences are the message ids, which every reader gets in the own language.
    job = _jobs().start(key, partial(_screen, lake(), wanted, at))
    found: Screening = wait_for(job, _("Computing the dust surface, the hotspots and the zones"))
    return found


def steady(choice: Any) -> Screening:
    """Return the screening; the one before where only hands were counted since.

    They are evidence in a zone's score, but the hall must not wait for the walk after each.
    """
    held = st.session_state.get("_steady")
    wanted = parameters(choice)
    if held and held[0] == wanted and held[1] == snapshot():
        return held[2]  # type: ignore[no-any-return]
    found = screening(choice)
    st.session_state["_steady"] = (wanted, snapshot(), found)
    return found


def keep_steady() -> None:
    """Say that what was just stored changes no screening."""
    held = st.session_state.get("_steady")
    if held:
        st.session_state["_steady"] = (held[0], snapshot(), held[2])


def _screen(where: Lake, wanted: Parameters, at: int, say: Progress) -> Screening:
    """Return the screening of a snapshot, from the disk where it is kept."""
    name = screening_store.name_of(where, wanted, at)
    found = screening_store.get(name)
    if found is None:
        found = screen(where, wanted, progress=say, snapshot=at, lang="en")
        screening_store.put(name, found)
    return found


def derived(found: Screening, name: str, compute: Callable[[], Any]) -> Any:
    """Return something made from a screening (a picture, a table), kept as long as the screening is."""
    with _derived_guard():
        made = _derived().setdefault(found, Kept(256))
    return made.get(name, compute)


@st.cache_resource(show_spinner=False)
def _derived() -> weakref.WeakKeyDictionary[Screening, Kept]:
    return weakref.WeakKeyDictionary()


@st.cache_resource(show_spinner=False)
def _derived_guard() -> threading.Lock:
    return threading.Lock()


def last_reading(workspace_id: str, pollutant: str) -> pd.Timestamp | None:
    """Return the beginning of the newest reading of the workspace's stations, UTC."""
    return remembered("reach", lambda: _reach(workspace_id, pollutant), workspace_id, pollutant)[1]


def local_date(moment: Any) -> date:
    """Return the Bangkok calendar day of a stored moment."""
    return pd.Timestamp(moment).tz_convert(BANGKOK).date()
