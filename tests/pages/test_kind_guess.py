"""The kind of a dropped file is guessed from its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.parts.help_data import EXAMPLES
from pages.parts.kind_guess import guess_kind


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_example_files_are_understood(kind: str) -> None:
    assert guess_kind(EXAMPLES[kind].encode("utf-8-sig"), f"{kind}.csv") == kind


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("de_rb_2005/stations.csv", "stations"),
        ("de_rb_2005/pm10_daily_long.csv", "observations"),
        ("pm25_airnow_campfire_2018/pm25_hourly_long.csv.gz", "observations"),
        ("factories_diw_prachinburi/factories_prachinburi.csv", "factories"),
        ("health_facilities_r12/hc12_hos.csv", "receptors"),
        ("thailand_boundaries/banpong_tambon.geojson", "boundaries"),
    ],
)
def test_real_files_are_understood(shared_data: Path, file: str, kind: str) -> None:
    path = shared_data / file
    assert guess_kind(path.read_bytes(), path.name) == kind
