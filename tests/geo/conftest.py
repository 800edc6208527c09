"""Fixtures of the geo tests: a lake of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from geo.lake import Lake

# A busy machine is no mistake of the code.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """Return an empty lake in a temporary folder."""
    with Lake.open(tmp_path / "lake" / "catalog.sqlite") as opened:
        yield opened
