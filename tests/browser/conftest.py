"""The real app in a real browser, with everything outside this machine blocked."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest

from benchmarks.browser import FLAGS, HINT, App, NotStarted, find_chromium, start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    # First: these files take longest, and a long one at the end would leave the other cores without work.
    items.sort(key=lambda item: here not in item.path.parents)


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


def started(folder: Path) -> tuple[App, subprocess.Popen[bytes]]:
    """Start the app on a lake of its own in `folder`."""
    try:
        return start(folder)
    except NotStarted as problem:
        pytest.fail(str(problem))


@pytest.fixture(scope="session")
def demo_app(demo_copied: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Return the app on the demo workspace, shared by the tests that only look."""
    app, server = started(demo_copied(tmp_path_factory.mktemp("demo")))
    yield app
    server.terminate()
    server.wait(20)


@pytest.fixture()
def own_app(demo_copied: Callable[[Path], Path], tmp_path: Path) -> Iterator[App]:
    """Return an app of the test's own, for tests that change what is stored."""
    app, server = started(demo_copied(tmp_path))
    yield app
    server.terminate()
    server.wait(20)


@pytest.fixture()
def fresh_app(tmp_path: Path) -> Iterator[App]:
    """Return an app that nobody visited: it has no lake yet."""
    app, server = started(tmp_path)
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

    def quiet(self, limit: float = 240) -> None:
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
