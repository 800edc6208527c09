"""Writing the demo into a lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pandas as pd

from geo.demo.air import observations, scenarios, stations
from geo.demo.facts import IMPORT_ID, LICENCE, SEED, SOURCE
from geo.demo.places import boundaries, factories, places, receptors, workspaces
from geo.demo.voices import voices
from geo.lake import Lake
from geo.schema import ImportRecord
from geo.simulator import Simulation, simulate
from language import Note, note


@dataclass(frozen=True)
class DemoReport:
    """What `build` wrote.

    Attributes
    ----------
    import_id : str
    snapshot : int
        The lake's snapshot after writing.
    kept : mapping
        Table -> rows.
    notes : tuple of Note
        What quality control found, and what is made up.
    """

    import_id: str
    snapshot: int
    kept: Mapping[str, int]
    notes: tuple[Note, ...]


def build(lake: Lake, seed: int = SEED) -> DemoReport:
    """Write the demo into the lake in one transaction; a second time changes nothing.

    Parameters
    ----------
    lake : Lake
    seed : int
        Another seed gives another town: other outlines, factories and weather.

    Returns
    -------
    DemoReport
    """
    built = tables(seed)
    frames = {**built.frames, "observations": built.observations}
    kept = {name: len(frame) for name, frame in frames.items()}
    record = ImportRecord(
        kind="demo",
        file_name="data/demo",
        import_id=IMPORT_ID,
        rows_read=sum(kept.values()),
        rows_kept=sum(kept.values()),
        notes=[n.to_dict() for n in built.notes],
        source=SOURCE,
        licence=LICENCE,
        simulated=True,
        # The record is the same each time, so that writing the demo again changes nothing.
        imported_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return DemoReport(IMPORT_ID, lake.append(frames, record=record), kept, built.notes)


@dataclass(frozen=True)
class DemoTables:
    """The demo before it is written: rows by table, flagged observations, notes, and the simulations."""

    frames: Mapping[str, pd.DataFrame]
    observations: pd.DataFrame
    notes: tuple[Note, ...]
    simulations: Mapping[str, Simulation]


@cache
def tables(seed: int = SEED) -> DemoTables:
    """Return everything `build` writes, and the simulations it comes from."""
    towns = places(seed)
    register = factories(towns, seed)
    simulated = {name: simulate(scenario) for name, scenario in scenarios(towns, register, seed).items()}
    network = stations(towns, simulated)
    readings, found = observations(simulated, network)
    frames = {
        "boundaries": boundaries(towns, seed),
        "stations": network,
        "factories": register.drop(columns=["x", "y", "workspace_id"]),
        "receptors": receptors(towns, seed),
        "workspaces": workspaces(towns),
        "reports": voices(towns, seed),
    }
    made_up = note(
        "The demo is simulated: towns and reference points stand where they really are, everything else is made up."
    )
    return DemoTables(frames, readings, (made_up, *found), simulated)


def simulations(seed: int = SEED) -> Mapping[str, Simulation]:
    """Return the simulation behind each demo workspace: its truth is what tests compare with."""
    return tables(seed).simulations
