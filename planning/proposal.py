"""How plan rows are proposed: the editable settings of data/forms/proposal.toml, and reading of catalogue cells."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).resolve().parents[1] / "data" / "forms"


@cache
def settings() -> dict[str, Any]:
    """Return the settings."""
    return tomllib.loads((FOLDER / "proposal.toml").read_text(encoding="utf-8"))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as mappings."""
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def split(text: object) -> list[str]:
    """Return the parts of a cell that lists several.

    >>> split("industry; yard"), split(float("nan"))
    (['industry', 'yard'], [])
    """
    return [part.strip() for part in str(text).split(";") if part.strip() and str(text) != "nan"]
