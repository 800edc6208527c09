"""Catalogues that people may edit: standards, AQI bands, factory types, measures, laws, eco-town.

Each is a CSV file in ``data/`` (UTF-8, or the Thai Windows code page as Excel saves it). A file is read
once and read again when it changes on disk; what a person wrote wrongly is said with file, row (as Excel
counts them, the header is row 1) and column. ``source`` and ``verified`` say where a row comes from and
whether it was read there; what is not verified is shown as "to be checked".
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from language import N_, Note, UserError

CATALOGUES = Path(__file__).resolve().parents[1] / "data"
"""Where the catalogues lie."""

FACTORY_GROUPS: Mapping[str, str] = {
    "crop": N_("Crops and grain"),
    "food": N_("Food and feed"),
    "wood": N_("Wood"),
    "paper": N_("Paper"),
    "chemical": N_("Chemicals"),
    "rubber": N_("Rubber"),
    "plastic": N_("Plastics"),
    "mineral": N_("Stone, sand, cement and kilns"),
    "metal": N_("Metal"),
    "vehicle": N_("Vehicles"),
    "energy": N_("Power and steam"),
    "waste": N_("Waste and recycling"),
    "other": N_("Other"),
}
"""English label (message id) of each factory group."""

SOURCE_GROUPS: Mapping[str, str] = {
    "industry": N_("Factory processes"),
    "combustion": N_("Boilers, kilns and furnaces"),
    "yard": N_("Yards and stockpiles"),
    "road": N_("Roads and trucks"),
    "construction": N_("Construction"),
    "waste-burning": N_("Waste burning"),
    "crop-burning": N_("Crop burning"),
    "monitoring": N_("Monitoring"),
    "exposure": N_("People's exposure"),
}
"""English label (message id) of each group of PM sources that a measure works on."""

POLLUTANTS = ("pm25", "pm10", "tsp")
AVERAGING = ("24h", "annual")


@dataclass(frozen=True)
class Column:
    """One column of a catalogue: how a cell is read and whether it may be empty."""

    name: str
    read: Callable[[str], Any]
    says: str
    required: bool = True


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return read


def _choices(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not set(text.split(";")) <= set(allowed):
            raise ValueError(text)
        return text

    return read


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return read


def _amount(text: str) -> float:
    value = float(text.replace(",", ""))
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


def _flag(text: str) -> bool:
    # Excel writes TRUE and FALSE when it saves a file that held true and false.
    return {"true": True, "false": False}[text.lower()]


def _colour(text: str) -> str:
    if len(text) != 7 or not text.startswith("#"):
        raise ValueError(text)
    int(text[1:], 16)
    return text.upper()


def text_column(name: str, required: bool = True) -> Column:
    """Return a column of free text."""
    return Column(name, str, N_("some text"), required)


def _amount_column(name: str, required: bool = True) -> Column:
    return Column(name, _amount, N_("a number, 0 or more"), required)


def _integer_column(name: str, low: int, high: int, required: bool = True) -> Column:
    return Column(name, _integer(low, high), N_("a whole number in the allowed range"), required)


def _choice_column(name: str, *allowed: str, several: bool = False) -> Column:
    read = _choices(*allowed) if several else _choice(*allowed)
    return Column(name, read, ("; " if several else " | ").join(allowed))


def _date_column(name: str) -> Column:
    return Column(name, date.fromisoformat, N_("a date like 2023-06-01 (year of the common era)"))


VERIFIED = (text_column("source"), Column("verified", _flag, "true | false"))
_POWERS = ("municipality", "province", "none")

STANDARDS = (
    _choice_column("pollutant", *POLLUTANTS),
    _choice_column("averaging", *AVERAGING),
    text_column("name"),
    _amount_column("value"),
    _choice_column("unit", "µg/m³"),
    _date_column("effective"),
    text_column("name_th"),
    text_column("name_en"),
    *VERIFIED,
)
AQI_BANDS = (
    text_column("scheme"),
    _date_column("effective"),
    _integer_column("level", 1, 9),
    _amount_column("aqi_low"),
    _amount_column("aqi_high", False),
    _amount_column("pm25_low"),
    _amount_column("pm25_high", False),
    _amount_column("pm10_low"),
    _amount_column("pm10_high", False),
    text_column("name_th"),
    text_column("name_en"),
    Column("colour", _colour, N_("a colour like #3BCCFF")),
    *(text_column(c) for c in ("colour_th", "advice_th", "advice_en", "advice_risk_th", "advice_risk_en")),
    *VERIFIED,
)
FACTORY_TYPES = (
    _integer_column("type_no", 1, 107),
    _integer_column("type_sub", 0, 99),
    text_column("name_th"),
    text_column("name_en"),
    _choice_column("group", *FACTORY_GROUPS),
    _choice_column("source_groups", *SOURCE_GROUPS, several=True),
    text_column("pm_route_th"),
    text_column("pm_route_en"),
    _integer_column("potential", 0, 3),
    *VERIFIED,
)
MEASURES = (
    text_column("measure_id"),
    _integer_column("number", 1, 999),
    *(
        text_column(c)
        for c in (
            "name_th", "name_en", "effect_th", "effect_en", "reduction_th", "reduction_en",
            "agency_th", "agency_en", "law_th", "law_en",
        )
    ),
    text_column("law_ids", False),
    _choice_column("dimension", "1", "2", "3", "4", "5", several=True),
    _choice_column("aspects", *(str(i) for i in range(1, 21)), several=True),
    _choice_column("applies_to", *SOURCE_GROUPS, several=True),
    _choice_column("power", "municipality", "province"),
    *(
        text_column(c)
        for c in (
            "project_th", "project_en", "objective_th", "target_th", "kpi_th", "result_th", "owner_th",
            "programme", "issue", "strategy", "unit_th",
        )
    ),
    _amount_column("unit_cost_baht", False),
    text_column("source"),
    *(Column(c, _flag, "true | false") for c in ("reduction_verified", "law_verified", "verified")),
)  # fmt: skip
LAWS = (
    *(text_column(c) for c in ("law_id", "name_th", "name_en", "section", "use_th", "use_en")),
    _choice_column("power", *_POWERS),
    text_column("gazette", False),
    Column("in_force", _flag, "true | false"),
    *VERIFIED,
)
ECO_TOWN = (
    text_column("version"),
    _choice_column("kind", "dimension", "aspect", "structure", "level", "area", "phase", "result"),
    text_column("number"),
    text_column("parent", False),
    text_column("name_th"),
    text_column("name_en"),
    _integer_column("count", 0, 999, False),
    *(text_column(c, False) for c in ("pm_link_th", "pm_link_en", "pilots")),
    *VERIFIED,
)


def read_catalogue(path: Path, columns: tuple[Column, ...], key: tuple[str, ...]) -> pd.DataFrame:
    """Read and check one catalogue.

    Parameters
    ----------
    path : Path
        CSV file with a header row.
    columns : tuple of Column
        The columns it must have; others are left out.
    key : tuple of str
        Columns that together may not repeat.

    Returns
    -------
    DataFrame
        One row a catalogue row, typed; an empty optional cell is None.

    Raises
    ------
    UserError
        Where the file is missing, not text, lacks a column, or a cell cannot be read.
    """
    header, rows = _cells(path)
    missing = [c.name for c in columns if c.name not in header]
    if missing:
        raise UserError(
            "{file}: the column {column} is missing. Put it back (the header is row 1).",
            file=path.name, column=", ".join(missing),
        )  # fmt: skip
    place = {c.name: header.index(c.name) for c in columns}
    seen: dict[tuple[Any, ...], int] = {}
    table = []
    for number, cells in rows:
        row = {c.name: _cell(path, number, c, cells[place[c.name]]) for c in columns}
        identity = tuple(row[k] for k in key)
        if identity in seen:
            raise UserError(
                "{file}, row {row}: the same {columns} stands in row {other} already. Remove one of the two.",
                file=path.name, row=number, columns=", ".join(key), other=seen[identity],
            )  # fmt: skip
        seen[identity] = number
        table.append(row)
    return pd.DataFrame(table, columns=[c.name for c in columns])


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    if not path.is_file():
        raise UserError("The catalogue {file} is missing from the folder data.", file=path.name)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Excel on a Thai Windows saves "CSV" in code page 874.
        text = raw.decode("cp874", errors="replace")
    lines = list(csv.reader(io.StringIO(text)))
    if not lines:
        raise UserError("The catalogue {file} is empty.", file=path.name)
    header = [c.strip() for c in lines[0]]
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(header):
            raise UserError(
                "{file}, row {row}: {found} cells where the header has {expected}. "
                "Put a text with a comma in quotation marks.",
                file=path.name, row=number, found=len(cells), expected=len(header),
            )  # fmt: skip
        rows.append((number, [c.strip() for c in cells]))
    return header, rows


def _cell(path: Path, row: int, column: Column, text: str) -> Any:
    if not text:
        if column.required:
            raise UserError(
                "{file}, row {row}, column {column}: the cell is empty.",
                file=path.name, row=row, column=column.name,
            )  # fmt: skip
        return None
    try:
        return column.read(text)
    except (ValueError, KeyError):
        raise UserError(
            "{file}, row {row}, column {column}: “{value}” cannot be used here; it should be: {expected}.",
            file=path.name, row=row, column=column.name, value=text, expected=Note(column.says),
        ) from None  # fmt: skip


@lru_cache(maxsize=32)
def _cached(
    path: Path,
    stamp: tuple[int, int],  # noqa: ARG001  part of the cache's key: an edited file is read again
    columns: tuple[Column, ...],
    key: tuple[str, ...],
) -> pd.DataFrame:
    return read_catalogue(path, columns, key)


def _catalogue(name: str, columns: tuple[Column, ...], key: tuple[str, ...], folder: Path | None) -> pd.DataFrame:
    path = (folder or CATALOGUES) / name
    if not path.is_file():
        return read_catalogue(path, columns, key)
    state = path.stat()
    # A copy, so that a caller who edits his table does not edit everybody's.
    return _cached(path, (state.st_mtime_ns, state.st_size), columns, key).copy()


def standards(folder: Path | None = None) -> pd.DataFrame:
    """Return the ambient standards (``data/standards.csv``), one row a pollutant, averaging, name and date."""
    return _catalogue("standards.csv", STANDARDS, ("pollutant", "averaging", "name", "effective"), folder)


def aqi_bands(folder: Path | None = None) -> pd.DataFrame:
    """Return the AQI bands (``data/aqi_bands.csv``), one row a scheme, date and level."""
    return _catalogue("aqi_bands.csv", AQI_BANDS, ("scheme", "effective", "level"), folder)


def factory_types(folder: Path | None = None) -> pd.DataFrame:
    """Return the DIW factory types with their PM route and potential 0 (none) to 3 (high).

    A type code signals *potential* emission, never measured emission.
    """
    return _catalogue("factory_types.csv", FACTORY_TYPES, ("type_no", "type_sub"), folder)


def measures(folder: Path | None = None) -> pd.DataFrame:
    """Return the catalogue of measures (``data/measures.csv``); `unit_cost_baht` is the user's to fill."""
    return _catalogue("measures.csv", MEASURES, ("measure_id",), folder)


def laws(folder: Path | None = None) -> pd.DataFrame:
    """Return the laws a measure may cite; one with `in_force` false must not be cited as a power."""
    return _catalogue("laws.csv", LAWS, ("law_id",), folder)


def eco_town(version: str | None = "2565", folder: Path | None = None) -> pd.DataFrame:
    """Return the eco-industrial-town criteria of one version (Buddhist-era year), or all with None."""
    table = _catalogue("eco_town.csv", ECO_TOWN, ("version", "kind", "number"), folder)
    if version is None:
        return table
    chosen = table[table["version"] == version]
    if chosen.empty:
        raise UserError(
            "There are no eco-town criteria of version {version}; there are: {versions}.",
            version=version, versions=", ".join(sorted(table["version"].unique())),
        )  # fmt: skip
    return chosen.reset_index(drop=True)


def factory_type(type_no: int, type_sub: int, folder: Path | None = None) -> pd.Series | None:
    """Return the row of one factory type; that of the whole order where the sub-item is unknown, or None."""
    table = factory_types(folder)
    same = table[table["type_no"] == type_no]
    exact = same[same["type_sub"].isin([type_sub])]
    if not exact.empty:
        return exact.iloc[0]
    whole = same[same["type_sub"] == 0]
    return None if whole.empty else whole.iloc[0]


def settings(name: str, folder: Path | None = None) -> dict[str, Any]:
    """Return the settings of ``data/<name>.toml``."""
    path = (folder or CATALOGUES) / f"{name}.toml"
    if not path.is_file():
        raise UserError("The catalogue {file} is missing from the folder data.", file=path.name)
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError("{file} cannot be read: {reason}.", file=path.name, reason=str(error)) from None
