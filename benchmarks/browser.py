"""The app in a real browser, for the benchmarks and the browser tests alike: found, started, asked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HINT = (
    "no Chromium found: set CHROMIUM to its path, install your system's package (Debian: apt-get install chromium) "
    "or run 'playwright install chromium'"
)


def find_chromium() -> str | None:
    """Return the browser's path: the CHROMIUM variable, the usual places, then Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if found := shutil.which(name):
            return found
    for place in ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                  "C:/Program Files/Google/Chrome/Application/chrome.exe",
                  "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"):  # fmt: skip
        if Path(place).exists():
            return place
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        own = p.chromium.executable_path
    return own if own and Path(own).exists() else None


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class App:
    """A running app: where it answers, where its lake lies."""

    url: str
    lake: Path
    log: Path


class NotStarted(RuntimeError):
    """The app did not answer; the message holds the end of its log."""


def start(
    folder: Path, script: str = "app.py", more: Mapping[str, str] | None = None
) -> tuple[App, subprocess.Popen[bytes]]:
    """Start the app as the README does, on a lake of its own in `folder`.

    Parameters
    ----------
    script : str
        Relative to the project.
    more : mapping
        Environment variables besides those of the lake.

    Raises
    ------
    NotStarted
    """
    port = free_port()
    log = folder / "app.log"
    lake = {"LAKE_CATALOG": str(folder / "catalog.sqlite"), "LAKE_DATA": str(folder / "files")}
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port),
               "--server.headless", "true", "--server.address", "127.0.0.1"]  # fmt: skip
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | lake | dict(more or {}), stdout=out, stderr=subprocess.STDOUT
        )
    app = App(f"http://127.0.0.1:{port}", folder, log)
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return app, server
        except OSError:
            time.sleep(0.1)
        if server.poll() is not None:
            break
    server.kill()
    raise NotStarted(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running(folder: Path, script: str = "app.py", more: Mapping[str, str] | None = None) -> Iterator[tuple[App, int]]:
    """Run the app for the length of a block; yields it and its process number."""
    app, server = start(folder, script, more)
    try:
        yield app, server.pid
    finally:
        server.terminate()
        server.wait(20)
