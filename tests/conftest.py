"""Fixtures that every room's tests may use."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from geo import demo
from geo.lake import Lake

# No test shall find what another run computed, nor leave something in the user's folders: what is kept is kept
# for this run alone. Its workers inherit the variable and share what it names.
if "TESTS_KEEP" not in os.environ:
    os.environ["TESTS_KEEP"] = tempfile.mkdtemp(prefix="ecotown-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_KEEP"], ignore_errors=True)
    # There are as many workers as cores: threads of the linear algebra on top of them only wait for each other.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
KEEP = Path(os.environ["TESTS_KEEP"])
os.environ["SCREENINGS"] = str(KEEP / "screenings")

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that stands beside the checkout; skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data sets (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def demo_files() -> Path:
    """Return the folder of a lake with the demo, written once for the whole run: to be copied, never changed."""
    folder = KEEP / "demo"
    with FileLock(KEEP / "demo.lock"):
        if not folder.is_dir():
            passing = KEEP / "demo.part"
            with Lake.open(passing / "catalog.sqlite", passing / "files") as lake:
                demo.build(lake)
            passing.rename(folder)
    return folder


@pytest.fixture(scope="session")
def demo_copied(demo_files: Path) -> Callable[[Path], Path]:
    """Return how to put a lake with the demo into a folder (catalog.sqlite, files)."""

    def copied(folder: Path) -> Path:
        shutil.copytree(demo_files, folder, dirs_exist_ok=True)
        return folder

    return copied
