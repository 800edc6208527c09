"""The hours of every hotspot of a screening, health and local, or the sentence why they can't be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.lake import Lake
from language import UserError
from language.progress import Progress, silent
from planning import profiles
from planning.trends import all_spots

if TYPE_CHECKING:
    from planning.screening import Screening


@dataclass(frozen=True)
class Hours:
    """The profiles of every hotspot by id and kind, or the sentence why there are none."""

    profiles: dict[str, dict[str, profiles.Profile]]
    problem: UserError | None = None


def hours_of(lake: Lake | None, screening: Screening, progress: Progress = silent) -> Hours:
    """Return the profiles of every hotspot, or the sentence why the hours can't be told."""
    if lake is None:
        return Hours({}, UserError("The hours of the day need the store of readings, which is not at hand."))
    try:
        table = profiles.hourly(lake, screening, all_spots(screening), progress)
    except UserError as problem:
        return Hours({}, problem)
    return Hours({str(name): profiles.of_series(table[name]) for name in table.columns})
