"""Tables as files that others can open: CSV for spreadsheets, GeoPackage for maps."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.lake import Lake
from geo.schema import TABLES
from language import UserError


def write(lake: Lake, folder: Path) -> list[Path]:
    """Write every table that has rows as CSV, and the places as layers of ``lake.gpkg``; return the files.

    All files show one snapshot, whose number is in their folder's ``snapshot.txt``.

    Raises
    ------
    UserError
        Where the folder can't be written.
    """
    snapshot = lake.snapshot()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [_csv(lake, table, folder / f"{table}.csv", snapshot) for table in TABLES if lake.count(table)]
        layers = {
            "boundaries": lake.boundaries(snapshot=snapshot),
            "stations": lake.stations(snapshot=snapshot),
            "factories": lake.factories(snapshot=snapshot),
            "receptors": lake.receptors(snapshot=snapshot),
            "reports": lake.reports(snapshot=snapshot),
        }
        target = folder / "lake.gpkg"
        target.unlink(missing_ok=True)
        for name, layer in layers.items():
            if len(layer):
                _layer(layer, target, name)
        if target.exists():
            files.append(target)
        (folder / "snapshot.txt").write_text(f"{snapshot}\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            "The folder {folder} cannot be written ({detail}). Choose another one with --out.",
            folder=str(folder),
            detail=error.strerror or str(error),
        ) from error
    return files


def _csv(lake: Lake, table: str, file: Path, snapshot: int) -> Path:
    """Write one table piece by piece, so that millions of readings need little memory."""
    definition = TABLES[table]
    columns = [c for c, kind in definition.columns.items() if kind != "BLOB"]
    order = ", ".join(definition.order or definition.key)
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        header = True
        for part in lake.batches(
            f"SELECT {', '.join(columns)} FROM lake.{table} AT (VERSION => {snapshot}) ORDER BY {order}"
        ):
            harmless(part).to_csv(stream, index=False, header=header)
            header = False
    return file


def _layer(layer: gpd.GeoDataFrame, target: Path, name: str) -> None:
    frame = layer[~layer.geometry.is_empty]
    if len(frame):
        frame.to_file(target, layer=name, driver="GPKG")


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with texts that a spreadsheet would run as a formula marked as text (a leading ')."""
    result = frame.copy()
    for column in result.columns:
        if pd.api.types.is_string_dtype(result[column].dtype):
            cells = result[column].astype("string")
            result[column] = cells.where(~cells.str.match(r"^[=+@\t\r]|^-(?![\d.])").fillna(False), "'" + cells)
    return result


def dropped_table(dropped: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return what an import left out with the reasons in words: row, column, value, reason."""
    return harmless(dropped.assign(reason=dropped["reason"].map(lambda reason: reason.say(lang)).astype("string")))


def dropped_csv(dropped: pd.DataFrame, file: Path, lang: str) -> None:
    """Write what an import left out as CSV that Excel opens with its Thai letters.

    Raises
    ------
    UserError
        Where the file can't be written.
    """
    try:
        dropped_table(dropped, lang).to_csv(file, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise UserError(
            "{file} cannot be written ({detail}).", file=str(file), detail=error.strerror or str(error)
        ) from error
