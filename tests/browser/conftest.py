"""The real app in a real browser, with everything outside this machine blocked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HINT = (
    "no Chromium found: set CHROMIUM to its path, install your system's package (Debian: apt-get install chromium) "
    "or run 'playwright install chromium'"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    # Last: what is quick to fail fails first, and the browser's event loop disturbs no other test.
    items.sort(key=lambda item: here in item.path.parents)


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


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Return Chromium; without one, skip with the hint, or fail where CI=true."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HINT)
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


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


def start(folder: Path) -> tuple[App, subprocess.Popen[bytes]]:
    """Start the app as the README does, on a lake of its own in `folder`."""
    port = free_port()
    log = folder / "app.log"
    env = os.environ | {"LAKE_CATALOG": str(folder / "catalog.sqlite"), "LAKE_DATA": str(folder / "files")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
               "--server.headless", "true", "--server.address", "127.0.0.1"]  # fmt: skip
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
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
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Return the app on the demo workspace, shared by the tests that only look."""
    app, server = start(tmp_path_factory.mktemp("demo"))
    yield app
    server.terminate()
    server.wait(20)


@pytest.fixture()
def own_app(tmp_path: Path) -> Iterator[App]:
    """Return an app of the test's own, for tests that change what is stored."""
    app, server = start(tmp_path)
    yield app
    server.terminate()
    server.wait(20)


@dataclass
class Visitor:
    """A person at the browser: opens pages, waits until they are quiet, and notes what goes wrong."""

    page: object
    url: str
    lake: Path
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "", **query: str) -> None:
        """Go to a page of the app, with the given query parameters, and wait until it is quiet."""
        self.page.goto(f"{self.url}/{path}?{urlencode(query)}")  # type: ignore[attr-defined]
        self.quiet()

    def quiet(self, limit: float = 90) -> None:
        """Wait until the script no longer runs; fail where the page shows an exception."""
        page = self.page
        # The first page of a fresh server waits for the libraries; the heading shows that the script is under way.
        page.wait_for_selector("h1, [data-testid=stException]", timeout=limit * 1000)  # type: ignore[attr-defined]
        end, still = time.monotonic() + limit, 0
        busy = "[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-testid=stSpinner]"
        while still < 4:
            assert time.monotonic() < end, "the page is still busy"
            still = 0 if page.locator(busy).count() else still + 1  # type: ignore[attr-defined]
            page.wait_for_timeout(200)  # type: ignore[attr-defined]
        shown = page.locator("[data-testid=stException]").all_inner_texts()  # type: ignore[attr-defined]
        assert not shown, shown

    def map(self) -> object:
        """Return the frame of the page's (first) map."""
        return self.page.frame_locator("iframe[title*='st_folium']").first  # type: ignore[attr-defined]


@pytest.fixture()
def visit(browser: object) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens a fresh browser window on an app: ``visit(app, size=(390, 844))``."""
    contexts = []

    def new(app: App, lang: str = "th", size: tuple[int, int] = (1366, 768)) -> Visitor:
        context = browser.new_context(  # type: ignore[attr-defined]
            viewport={"width": size[0], "height": size[1]},
            locale="th-TH" if lang == "th" else "en-US",
            timezone_id="Asia/Bangkok",
            accept_downloads=True,
        )
        contexts.append(context)
        visitor = Visitor(context.new_page(), app.url, app.lake)

        def guard(route: object) -> None:
            url = route.request.url  # type: ignore[attr-defined]
            if urlparse(url).hostname in ("127.0.0.1", "localhost", None):
                route.continue_()  # type: ignore[attr-defined]
            else:
                visitor.outside.append(url)
                route.abort()  # type: ignore[attr-defined]

        context.route("**/*", guard)
        visitor.page.on("pageerror", lambda e: visitor.errors.append(str(e)))  # type: ignore[attr-defined]
        return visitor

    yield new
    for context in contexts:
        context.close()
