"""Hourly stacks computed in the background: one at a time, followed by a progress bar, stopped by a button."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from language.progress import Progress
from pages.parts.results import Job
from planning.hours import Cancelled

KEPT = 64
"""Finished runs remembered; each is a few names and figures, the maps lie on the disk."""


@dataclass
class Run(Job):
    """A computation that stops when none of its readers wants it any longer."""

    readers: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def heard(self, share: float, sentence: str) -> None:
        """Take note of the progress; end the work where it is no longer wanted."""
        if self.stop.is_set():
            raise Cancelled
        self.say(share, sentence)

    @property
    def cancelled(self) -> bool:
        """Whether the work was stopped, or will be."""
        return self.stop.is_set()


class Desk:
    """Runs by key; whoever asks for a running one joins it."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="hours")

    def start(self, key: str, reader: str, compute: Callable[[Progress], Any]) -> Run:
        """Return the run of `key`, started if there is none, or only a failed or cancelled one."""
        with self._guard:
            run = self._runs.get(key)
            if run is None or run.cancelled or _failed(run.future):
                run = self._runs[key] = Run()
                run.future = self._threads.submit(compute, run.heard)
            run.readers.add(reader)
            self._runs.move_to_end(key)
            while len(self._runs) > KEPT:
                self._runs.popitem(last=False)
            return run

    def find(self, key: str) -> Run | None:
        """Return the run of `key`; None where nobody started it or it was cancelled."""
        with self._guard:
            run = self._runs.get(key)
            return None if run is None or run.cancelled else run

    def cancel(self, key: str, reader: str) -> None:
        """Stop the run for this reader; it goes on while another one waits for it."""
        with self._guard:
            run = self._runs.get(key)
            if run is None:
                return
            run.readers.discard(reader)
            if not run.readers and not run.future.done():
                run.stop.set()

    def forget(self, key: str) -> None:
        """Forget a finished run, whose file is gone."""
        with self._guard:
            run = self._runs.get(key)
            if run is not None and run.future.done():
                self._runs.pop(key)


def _failed(future: Future[Any]) -> bool:
    return future.done() and future.exception() is not None


def settle(run: Run, seconds: float) -> bool:
    """Wait a moment for the run; return whether it is done."""
    wait([run.future], timeout=seconds)
    return run.future.done()


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Return the desk of this process."""
    return Desk()
