"""The app on a demo lake of its own, driven without a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo import demo
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
    "meeting": "pages/meeting.py",
    "data": "pages/data.py",
    "help": "pages/help.py",
}

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the demo once; return the folder of its lake."""
    folder = tmp_path_factory.mktemp("pages-lake")
    with Lake.open(folder / "catalog.sqlite", folder / "files") as lake:
        demo.build(lake)
    return folder


@pytest.fixture
def fresh_lake(tmp_path: Path) -> Path:
    """Return the folder of a lake that nothing was ever put into."""
    return tmp_path


def _use(folder: Path) -> None:
    os.environ["LAKE_CATALOG"] = str(folder / "catalog.sqlite")
    os.environ["LAKE_DATA"] = str(folder / "files")


@pytest.fixture
def app(demo_lake: Path) -> Iterator[Open]:
    """Return how to open a page: ``app("hotspots", lang="th", zone="Z1")`` runs it with these query parameters."""
    yield from _opener(demo_lake)


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Open]:
    """Return how to open a page on a lake from which the demo was removed."""
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        demo.build(lake)
        lake.remove_simulated()
    yield from _opener(tmp_path)


def _opener(folder: Path) -> Iterator[Open]:
    before = {name: os.environ.get(name) for name in ("LAKE_CATALOG", "LAKE_DATA")}
    _use(folder)
    st.cache_resource.clear()

    def open_page(page: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
        for name, value in query.items():
            at.query_params[name] = value
        if page == "overview":
            return at.run()
        at.switch_page(PAGES[page])
        return at.run()

    yield open_page
    st.cache_resource.clear()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
