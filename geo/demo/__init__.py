"""The demo workspaces: four pilot municipalities with made-up factories, people and air.

Positions of the towns and of the reference stations are real; everything else is invented by seeded code
from the small tables in ``data/demo`` and marked ``simulated``. Boundaries are schematic (`geo.demo.schematic`).
The air comes from `geo.simulator`, whose truth stays available through `simulations`.
"""

from geo.demo.air import with_seed
from geo.demo.build import DemoReport, DemoTables, build, simulations, tables
from geo.demo.facts import CRS, DAYS, DEMO_WORKSPACES, IMPORT_ID, LICENCE, SEED, SOURCE, START

__all__ = [
    "CRS",
    "DAYS",
    "DEMO_WORKSPACES",
    "IMPORT_ID",
    "LICENCE",
    "SEED",
    "SOURCE",
    "START",
    "DemoReport",
    "DemoTables",
    "build",
    "simulations",
    "tables",
    "with_seed",
]
