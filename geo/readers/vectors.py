"""Map files: GeoJSON, GeoPackage, KML, GeoParquet, shapefiles with Thai texts in whatever encoding."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import shapely

from geo.readers.model import Options, Raw
from geo.readers.texts import looks_thai
from language import UserError, note

_POLYGONS = "Polygon"
_BYTES = "ISO-8859-1"
"""Every byte is a letter in it. DBF texts are read so and decoded here, since a name of ten bytes may end in
the middle of a Thai letter, which GDAL's own decoding doesn't survive."""


def read(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return a layer of a GeoJSON, GeoPackage or KML file."""
    with tempfile.TemporaryDirectory() as folder:
        signs = {".gpkg": b"SQLite", ".kml": b"<kml", ".gpx": b"<gpx"}
        suffix = next((s for s, sign in signs.items() if sign in content[:4096]), ".geojson")
        file = Path(folder) / f"data{suffix}"
        file.write_bytes(content)
        what = {".gpkg": "GeoPackage", ".kml": "KML", ".gpx": "GPX"}.get(suffix, "GeoJSON")
        return _read_layers(file, name, kind, options, what)


def _read_layers(file: Path, name: str, kind: str, options: Options, what: str, encoding: str = "") -> Raw:
    try:
        layers = [(str(n), str(g)) for n, g in pyogrio.list_layers(file)]
        chosen = _choose(layers, kind, options, name)
        together = what == "KML" and not options.layer
        picked = [n for n, _ in layers] if together else [chosen]
        parts = [
            pyogrio.read_dataframe(
                file, layer=layer, encoding=_BYTES if encoding else None, max_features=options.limit or None
            )
            for layer in picked
        ]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FieldError) as error:
        detail = str(error).replace(str(file), name)[:160]
        raise UserError("{file} is damaged or no {format}: {detail}", file=name, format=what, detail=detail) from error
    except (UnicodeDecodeError, shapely.errors.ShapelyError) as error:
        raise UserError(
            "{file} is damaged or no {format}: {detail}", file=name, format=what, detail=str(error)[:160]
        ) from error
    frame = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    raw = _raw(frame, name, what)
    raw.encoding = encoding or "UTF-8"
    if encoding:
        raw.frame.columns = [_decoded(c, encoding) for c in raw.columns]
        for column in raw.frame.columns:
            if not pd.api.types.is_numeric_dtype(raw.frame[column].dtype):
                raw.frame[column] = raw.frame[column].map(lambda cell: _decoded(cell, encoding))
    if not together:
        note_layers(raw, chosen, [n for n, _ in layers])
    return raw


def _decoded(cell: Any, encoding: str) -> Any:
    """Return the text that a cell's bytes mean; a letter cut in the middle is left away."""
    return cell.encode(_BYTES).decode(encoding, "ignore") if isinstance(cell, str) else cell


def _choose(layers: list[tuple[str, str]], kind: str, options: Options, name: str) -> str:
    names = [n for n, _ in layers]
    if options.layer:
        if options.layer not in names:
            raise UserError(
                "{file} has no layer {layer}. Layers: {layers}.",
                file=name,
                layer=options.layer,
                layers=", ".join(names),
            )
        return options.layer
    if not layers:
        raise UserError("{file} is empty.", file=name)
    polygons = [n for n, shape in layers if _POLYGONS in shape]
    points = [n for n, shape in layers if "Point" in shape]
    fitting = polygons if kind == "boundaries" else points
    return (fitting or names)[0]


def note_layers(raw: Raw, chosen: str, layers: list[str]) -> None:
    """Say which part of a file with several was read."""
    if len(layers) > 1:
        raw.notes.append(
            note(
                "{layer} was read; the file also has: {others}.",
                layer=chosen,
                others=", ".join(x for x in layers if x != chosen),
            )
        )


def _raw(frame: pd.DataFrame, name: str, what: str) -> Raw:
    shapes = None
    if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name is not None:
        shapes = frame.geometry.reset_index(drop=True)
        shapes = gpd.GeoSeries(shapely.force_2d(shapes.to_numpy()), crs=shapes.crs)
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    # A map file has no header row: its first feature is row 1.
    rows = np.arange(len(frame), dtype="int64") + 1
    frame.columns = [str(c) for c in frame.columns]
    return Raw(name, what, frame.reset_index(drop=True), rows, shapes=shapes)


def parquet(content: bytes, name: str, _kind: str, options: Options) -> Raw:
    """Return a Parquet or GeoParquet file."""
    buffer = io.BytesIO(content)
    try:
        schema = pyarrow.parquet.read_schema(buffer)
        if b"geo" in (schema.metadata or {}):
            frame: pd.DataFrame = gpd.read_parquet(buffer)
        else:
            frame = pyarrow.parquet.read_table(buffer).to_pandas()
    except (pa.ArrowException, OSError, ValueError, json.JSONDecodeError) as error:
        raise UserError(
            "{file} is damaged or no {format}: {detail}", file=name, format="Parquet", detail=str(error)[:160]
        ) from error
    if options.limit:
        frame = frame.head(options.limit)
    return _raw(frame.reset_index(), name, "Parquet") if frame.index.name else _raw(frame, name, "Parquet")


def zipped_shapefile(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return a shapefile out of a zip file; where it holds several, the one whose shapes fit."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as archive:
        shapes: list[Path] = []
        for info in archive.infolist():
            if info.is_dir():
                continue
            # Only the plain name is used: a zip file may not write outside its folder.
            stem = Path(info.filename)
            target = Path(folder) / str(abs(hash(str(stem.parent)))) / (stem.stem + stem.suffix.lower())
            target.parent.mkdir(exist_ok=True)
            try:
                target.write_bytes(archive.read(info))
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
                raise UserError("{file} is damaged or protected with a password.", file=name) from error
            if target.suffix == ".shp":
                shapes.append(target)
        wanted = [s for s in shapes if s.stem == options.layer] or shapes
        # Byte 32 of a .shp is its shape type: 5, 15, 25 are polygons.
        polygons = [s for s in wanted if s.read_bytes()[32:33] in (b"\x05", b"\x0f", b"\x19")]
        chosen = ((polygons if kind == "boundaries" else [s for s in wanted if s not in polygons]) or wanted)[0]
        raw = shapefile(chosen, name, kind, Options(crs=options.crs, limit=options.limit))
        note_layers(raw, chosen.stem, [s.stem for s in shapes])
        return raw


def shapefile(path: Path, name: str, kind: str, options: Options) -> Raw:
    """Return a shapefile with its siblings beside it; the encoding of its texts is found out."""
    siblings = {p.suffix.lower(): p for p in path.parent.glob(f"{path.stem}.*")}
    if ".dbf" not in siblings:
        raise UserError(
            "{file} is only one part of a shapefile. Put the .shp, .dbf, .shx and .prj files into one zip file.",
            file=name,
        )
    encoding, said = _dbf_encoding(siblings[".dbf"]), ""
    if ".cpg" in siblings:
        said = siblings[".cpg"].read_text("ascii", "ignore").strip()
    # The work is done on a copy without .cpg, so that a wrong one does no harm and nothing is written there.
    with tempfile.TemporaryDirectory() as folder:
        for suffix, file in siblings.items():
            if suffix != ".cpg":
                shutil.copy(file, Path(folder) / f"data{suffix}")
        if ".shx" not in siblings:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
        raw = _read_layers(Path(folder) / "data.shp", name, kind, Options(limit=options.limit), "Shapefile", encoding)
    if said and not _same_encoding(said, encoding):
        raw.notes.append(
            note(
                "The .cpg file says {said}, but the texts are {encoding}; they were read as that.",
                said=said,
                encoding=encoding,
            )
        )
    return raw


def _same_encoding(said: str, found: str) -> bool:
    thai = {"cp874", "874", "tis-620", "tis620", "windows-874", "ansi 874", "oem 874", "iso-8859-11"}
    low = said.casefold()
    return low in thai if found == "CP874" else low.replace("-", "") in ("utf8", "65001") or found == "CP1252"


def _dbf_encoding(file: Path) -> str:
    content = file.read_bytes()
    try:
        content[32:].decode("utf-8")
    except UnicodeDecodeError:
        return _cut_utf8(content)
    return "UTF-8"


def _cut_utf8(content: bytes) -> str:
    """Tell UTF-8 with cut last characters (names and cells of fixed width) from Thai and Western bytes."""
    good = len(content.decode("utf-8", "ignore"))
    non_ascii = sum(byte > 127 for byte in content)
    lost = len(content) - len(content.decode("utf-8", "ignore").encode())
    if good and non_ascii and lost / non_ascii < 0.2:
        return "UTF-8"
    return "CP874" if looks_thai(content[32:]) else "CP1252"
