"""The folder of a screening: written for people's own tools, and read back by `plan` and `meeting`.

==================  ==========================================================================
surface.tif         Cloud-Optimised GeoTIFF: mean and sd of the period (µg/m³), exceedance (share of days)
days.tif            expected days over the standard, days almost certainly over, probability of enough days, bounds
hotspots.gpkg/.csv  hotspots; the CSV has the centre's lat and lon instead of the outline
local_hotspots.*    places above the region's background, as hotspots; local.tif the excess and its days
zones.gpkg/.csv     priority zones
trends.csv          trend of each hotspot of both kinds against the network around it
likely.csv          likely sources of each hotspot and zone: screening evidence, not proof
reports.csv         what people said in meetings about the area, voices.csv counted by zone
factories.csv       factories with potential and upwind share
stations.csv        stations with period mean and days over the standard
readings.csv        the 24-hour means everything rests on; background.csv the region's background of the days
context.gpkg        area, units and receptors
columns.csv         what the columns mean, in Thai and English, with units
manifest.json       snapshot, parameters, versions, sources, notes, variogram, validation
==================  ==========================================================================

CSV files are UTF-8 with a byte-order mark, so that Excel opens the Thai. Nothing in the folder depends on the
time of writing, so that the same screening gives the same bytes.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import xarray as xr
from shapely.geometry import Point

from geo.standards import Standard
from interpolation.surface import read_cog, write_cog
from language import Note, UserError
from planning import columns, trends, voices
from planning.exposure import whole
from planning.screening import Parameters, Screening
from planning.settings import settings
from planning.surfaces import make_grid

FORMAT = 5
"""Version of the folder's layout."""

PACKAGES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "xarray", "duckdb")

FACTORY_COLUMNS = (
    "factory_id",
    "reg_no",
    "name_th",
    "type_code",
    "type_name_th",
    "type_name_en",
    "type_group",
    "factory_class",
    "hp",
    "workers",
    "potential",
    "potential_class",
    "lat",
    "lon",
    "zone_id",
    "hotspot_id",
    "upwind_of",
    "upwind_share",
    "upwind_hours",
    "coordinate_note",
    "source",
    "simulated",
)
STATION_COLUMNS = (
    "station_id",
    "name_th",
    "name_en",
    "kind",
    "network",
    "lat",
    "lon",
    "error_sd",
    "value",
    "error_sd_period",
    "days_over",
    "n_days",
    "used",
    "distance_km",
    "source",
    "licence",
    "simulated",
)
FORMULA_SIGNS = {"=", "+", "-", "@", "\t", "\r"}
"""A cell of a CSV file that begins with one of these is run by Excel."""

LOCAL_BANDS = ("mean", "sd", "lower95", "upper95", "expected_days", "certainty")
"""Of the excess over the background."""

DAYS_BANDS = ("expected_days", "hot_days", "certainty", "lower95", "upper95")


def write(screening: Screening, folder: str | Path) -> Path:
    """Write a screening's folder (made where it isn't there) and return it.

    Raises
    ------
    UserError
        If the folder can't be made or written to.
    """
    out = made(folder)
    try:
        _write_rasters(screening, out)
        _write_tables(screening, out)
        text = json.dumps(manifest(screening), ensure_ascii=False, indent=2, allow_nan=False)
        (out / "manifest.json").write_text(text + "\n", "utf-8")
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    return out


def made(folder: str | Path) -> Path:
    """Return the folder, made where it isn't there: asked before long work whose result would be lost.

    Raises
    ------
    UserError
        If it can't be made.
    """
    out = Path(folder)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    return out


def _unwritable(out: Path, problem: OSError) -> UserError:
    return UserError(
        "The folder {folder} cannot be written to: {problem}. Choose another with --out.",
        folder=str(out),
        problem=problem.strerror or str(problem),
    )


def _write_rasters(screening: Screening, out: Path) -> None:
    write_cog(screening.surface, out / "surface.tif", bands=("mean", "sd", "exceedance"))
    write_cog(screening.surface, out / "days.tif", bands=DAYS_BANDS)
    if screening.local_surface is not None:
        write_cog(screening.local_surface, out / "local.tif", bands=LOCAL_BANDS)


def _write_tables(screening: Screening, out: Path) -> None:
    # A GeoPackage carries the time of its last change; a fixed one keeps equal results equal.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{screening.parameters.end}T00:00:00Z"})
    try:
        tables = {
            "hotspots": screening.hotspots, "local_hotspots": screening.local_hotspots, "zones": screening.zones,
        }  # fmt: skip
        for name, table in tables.items():
            _write_layer(table, out / f"{name}.gpkg", name)
            csv = pd.DataFrame(table.drop(columns="geometry"))
            if name != "zones":
                centre = table.geometry.representative_point()
                csv = csv.assign(lat=centre.y.round(6), lon=centre.x.round(6))
            _write_csv(csv, out / f"{name}.csv")
        context = out / "context.gpkg"
        context.unlink(missing_ok=True)
        for name in ("area", "units", "receptors"):
            _write_layer(getattr(screening, name), context, name, append=True)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _write_csv(_columns(screening.factories, FACTORY_COLUMNS), out / "factories.csv")
    _write_csv(screening.likely, out / "likely.csv")
    _write_csv(trends.table(trends.of_all(screening, trends.all_spots(screening))), out / "trends.csv")
    _write_csv(_columns(screening.reports, voices.REPORT_COLUMNS), out / "reports.csv")
    _write_csv(voices.by_zone(screening.reports, screening.zones), out / "voices.csv")
    _write_csv(_columns(screening.stations, STATION_COLUMNS), out / "stations.csv", exact=True)
    _write_csv(columns.table(), out / "columns.csv")
    readings = screening.daily.reset_index().melt("date", var_name="station_id", value_name="mean_24h_ugm3")
    _write_csv(readings.dropna().sort_values(["date", "station_id"]), out / "readings.csv", exact=True)
    base = pd.DataFrame({"date": screening.days, "background_ugm3": screening.background})
    _write_csv(base, out / "background.csv", exact=True)


def _columns(table: gpd.GeoDataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(table.reindex(columns=list(names)))


def _write_layer(table: gpd.GeoDataFrame, path: Path, layer: str, *, append: bool = False) -> None:
    """Write one layer; an empty one keeps its columns."""
    if not append:
        path.unlink(missing_ok=True)
    plain = table.copy()
    for column in plain.columns:
        if column == "geometry":
            continue
        if plain[column].dtype == object:
            plain[column] = plain[column].astype("string")
    plain.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", geometry_type="Unknown")


def _write_csv(table: pd.DataFrame, path: Path, *, exact: bool = False) -> None:
    """Write a CSV that Excel opens: figures with four decimals unless `exact`, no text that Excel would run."""
    rounded = table.copy()
    for column in rounded.columns:
        values = rounded[column]
        if pd.api.types.is_float_dtype(values):
            if not exact:
                rounded[column] = values.round(6 if column in ("lat", "lon") else 4)
        elif pd.api.types.is_string_dtype(values) or values.dtype == object:
            rounded[column] = values.map(_harmless, na_action="ignore")
    rounded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _harmless(value: Any) -> Any:
    """Return a text that Excel would take for a formula with an apostrophe before it, as Excel itself marks text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA_SIGNS else value


def _as_meant(value: Any) -> Any:
    """Return the text that `_harmless` was given."""
    marked = isinstance(value, str) and value[:1] == "'" and value[1:2] in FORMULA_SIGNS
    return value[1:] if marked else value


def manifest(screening: Screening) -> dict[str, Any]:
    """Return what the screening was made of, as plain values."""
    found: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "snapshot": screening.snapshot,
            "parameters": screening.parameters.to_dict(),
            "simulated": screening.simulated,
            "pollutant": screening.parameters.pollutant,
            "averaging": "24 h",
            "unit": "µg/m³",
            "standard": vars(screening.standard),
            "days_asked": (screening.parameters.end - screening.parameters.start).days + 1,
            "days_used": screening.days_total,
            "area": [_names(row) for row in screening.area.to_dict("records")],
            "crs": str(screening.surface.rio.crs),
            "cell_m": screening.grid.cell,
            "stations": len(screening.stations),
            "hotspots": len(screening.hotspots),
            "local_hotspots": len(screening.local_hotspots),
            "people_over_standard_on_an_average_day_90": screening.exposed,
            "zones": len(screening.zones),
            "variogram": vars_of(screening.variogram),
            "transform": vars_of(screening.kriging.transform_),
            "period_variogram": vars_of(screening.period_kriging.variogram_),
            "validation": screening.validation.to_dict(),
            "notes": [
                {"level": n.level, "th": n.say("th"), "en": n.say("en"), "note": n.to_dict()} for n in screening.notes
            ],
            "sources": screening.sources,
            "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        }
    )
    return found


def _names(row: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("code", "name_th", "name_en", "level", "population", "population_source", "approximate")
    return {k: row.get(k) for k in keys}


def vars_of(thing: Any) -> Any:
    """Return the fields of a dataclass as a dictionary of plain values."""
    names = getattr(thing, "__dataclass_fields__", None)
    return {n: getattr(thing, n) for n in names} if names else thing


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: dates as text, numpy numbers as numbers, not-a-number as null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, date):
        return value.isoformat()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return plain(vars_of(value)) if hasattr(value, "__dataclass_fields__") else str(value)


def read(folder: str | Path) -> Screening:
    """Read a folder that `write` wrote; its krigings are fitted again when they are first asked for.

    Raises
    ------
    UserError
        If the folder or one of its files is missing or of another version.
    """
    source = Path(folder)
    try:
        stored = json.loads((source / "manifest.json").read_text("utf-8"))
        if stored.get("format") != FORMAT:
            raise UserError(
                "{folder} was written by another version (format {found}, needed {needed}). Screen again.",
                folder=str(source),
                found=stored.get("format"),
                needed=FORMAT,
            )
        return _read(source, stored)
    except (OSError, json.JSONDecodeError, pyogrio.errors.DataSourceError, rasterio.RasterioIOError) as problem:
        raise UserError(
            "{folder} is not a complete screening folder: {problem}. Make one with python -m planning screen.",
            folder=str(source),
            problem=getattr(problem, "strerror", None) or str(problem),
        ) from problem


def _read(source: Path, stored: Mapping[str, Any]) -> Screening:
    layers = {n: gpd.read_file(source / "context.gpkg", layer=n) for n in ("area", "units", "receptors")}
    surface = read_cog(source / "surface.tif").merge(read_cog(source / "days.tif"), compat="override")
    surface["supported"] = np.isfinite(surface["mean"])
    local = layers["area"].to_crs(surface.rio.crs)
    grid, mask = make_grid(local.geometry.union_all(), surface.rio.crs, float(stored["cell_m"]), settings())
    readings = pd.read_csv(source / "readings.csv", encoding="utf-8-sig", dtype={"station_id": str})
    stations = _points(source / "stations.csv")
    daily = readings.pivot_table(index="date", columns="station_id", values="mean_24h_ugm3")
    daily.index = pd.Index([date.fromisoformat(d) for d in daily.index], name="date")
    standard = {**stored["standard"], "effective": date.fromisoformat(stored["standard"]["effective"])}
    return Screening(
        parameters=Parameters.from_dict(stored["parameters"]),
        snapshot=int(stored["snapshot"]),
        standard=Standard(**standard),
        stations=stations,
        factories=_points(source / "factories.csv"),
        hotspots=_typed(gpd.read_file(source / "hotspots.gpkg")),
        local_hotspots=_typed(gpd.read_file(source / "local_hotspots.gpkg")),
        local_surface=_local_surface(source / "local.tif"),
        zones=_typed(gpd.read_file(source / "zones.gpkg")),
        daily=daily[list(stations["station_id"])],
        background=pd.read_csv(source / "background.csv", encoding="utf-8-sig")["background_ugm3"].to_numpy(float),
        surface=surface,
        grid=grid,
        mask=mask,
        notes=[Note.from_dict(n["note"]) for n in stored["notes"]],
        sources=list(stored["sources"]),
        simulated=bool(stored["simulated"]),
        exposed=dict(stored["people_over_standard_on_an_average_day_90"]),
        likely=_table(source / "likely.csv", ("target_id", "source_id")),
        reports=_points(source / "reports.csv") if (source / "reports.csv").exists() else voices.empty(),
        **layers,
    )


def _local_surface(path: Path) -> xr.Dataset | None:
    if not path.exists():
        return None
    surface = read_cog(path)
    return surface.assign(supported=np.isfinite(surface["mean"]))


def _typed(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give people back their whole numbers with blanks."""
    return table.assign(people=whole(table["people"]))


def _points(path: Path) -> gpd.GeoDataFrame:
    texts = ("station_id", "factory_id", "reg_no", "type_code", "zone_id", "hotspot_id", "upwind_of",
             "report_id", "meeting_id", "meeting_date", "place", "note")  # fmt: skip
    table = _table(path, texts)
    points = gpd.points_from_xy(table["lon"], table["lat"])
    points[table["lon"].isna().to_numpy()] = Point()  # NaN coordinates would count as a place
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def _table(path: Path, texts: tuple[str, ...]) -> pd.DataFrame:
    """Read a CSV that `_write_csv` wrote; the columns `texts` stay texts."""
    table = pd.read_csv(path, encoding="utf-8-sig", dtype=dict.fromkeys(texts, str))
    for column in table.columns:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = table[column].map(_as_meant, na_action="ignore")
    return table
