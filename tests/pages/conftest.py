"""The app on a demo lake of its own, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage
from streamlit.testing.v1 import AppTest

from geo.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 120

PAGES = {
    "overview": "pages/overview.py",
    "map": "pages/map.py",
    "surface": "pages/surface.py",
    "hotspots": "pages/hotspots.py",
    "zones": "pages/zones.py",
    "plan": "pages/plan.py",
    "effects": "pages/effects.py",
    "meeting": "pages/meeting.py",
    "offices": "pages/offices.py",
    "data": "pages/data.py",
    "help": "pages/help.py",
}

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo_lake(demo_copied: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake with the demo."""
    return demo_copied(tmp_path_factory.mktemp("pages-lake"))


@pytest.fixture(scope="session")
def emptied_lake(demo_copied: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake from which the demo was removed."""
    folder = demo_copied(tmp_path_factory.mktemp("emptied-lake"))
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        lake.remove_simulated()
    return folder


@pytest.fixture
def app(demo_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return how to open a page: ``app("zones", lang="th", zone="Z1")`` runs it with these query parameters."""
    return _opener(demo_lake, monkeypatch)


@pytest.fixture
def empty_app(emptied_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return how to open a page on a lake from which the demo was removed."""
    return _opener(emptied_lake, monkeypatch)


@pytest.fixture
def own_app(demo_copied: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return how to open a page on a demo lake that this test alone may change."""
    return _opener(demo_copied(tmp_path), monkeypatch)


_served: list[Path] = []
_run = StreamlitPage.run


def _without_overview(page: StreamlitPage) -> None:
    """Run app.py (itself a page to `AppTest`), but not the page it begins with."""
    if Path(str(page._page)).name == "app.py":
        _run(page)


def _opener(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("LAKE_CATALOG", str(folder / "catalog.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(folder / "files"))
    # The app keeps one lake and its results for all sessions: forgotten only where the lake changes.
    if _served != [folder]:
        st.cache_resource.clear()
        _served[:] = [folder]

    def open_page(page: str, *, unfolded: dict[str, object] | None = None, **query: str) -> AppTest:
        """Open a page at an address, with some boxes (key: True) and tabs (key: name) open (`pages.parts.fold`)."""
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
        for name, value in query.items():
            at.query_params[name] = value
        if page == "overview":
            return at.run()
        # The first run tells Streamlit of the navigation; before it, a page would run without the frame.
        with monkeypatch.context() as frame_alone:
            frame_alone.setattr(StreamlitPage, "run", _without_overview)
            at.run()
        at.switch_page(PAGES[page])
        for name, value in (unfolded or {}).items():
            at.session_state[name] = value
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return open_page
