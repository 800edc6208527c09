"""Opens whatever a person hands over: finds out what it is and turns it into one plain table."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from geo.readers import jsons, population, sheets, texts, vectors
from geo.readers.model import Options, Raw
from language import UserError

_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".tab": "csv",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls",
    ".parquet": "parquet", ".pq": "parquet", ".geoparquet": "parquet",
    ".geojson": "vector", ".gpkg": "vector", ".kml": "vector", ".shp": "shapefile", ".json": "json",
}  # fmt: skip
_MAX_UNPACKED = 2_000_000_000


def open_raw(source: str | Path | bytes, kind: str, options: Options, name: str | None = None) -> Raw:
    """Return a file as a table.

    Parameters
    ----------
    source : path or bytes
    kind : str
        What it should hold (one of `geo.schema.KINDS`): decides which row looks like the header and which
        layer fits.
    name : str, optional
        File name of `source` given as bytes; its ending helps where the content doesn't tell.

    Raises
    ------
    UserError
        Where there is no such file, or it is empty, damaged or of a kind that can't be read.
    """
    path = None if isinstance(source, bytes) else Path(source)
    label = name or (path.name if path is not None else "file")
    if path is not None:
        content = _read_bytes(path)
        if path.suffix.lower() == ".shp":
            raw = vectors.shapefile(path, label, kind, options)
            texts.repair(raw)
            return raw
    else:
        assert isinstance(source, bytes)
        content = source
    if not content.strip():
        raise UserError("{file} is empty.", file=label)
    raw = _dispatch(content, label, kind, options)
    texts.repair(raw)
    return raw


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError("There is no file {file}.", file=str(path)) from error
    except IsADirectoryError as error:
        raise UserError("{file} is a folder; give one file.", file=str(path)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise UserError("{file} cannot be read ({detail}).", file=str(path), detail=detail) from error


def _dispatch(content: bytes, name: str, kind: str, options: Options) -> Raw:
    if content[:2] == b"\x1f\x8b":
        return _dispatch(_unzip_gz(content, name), name.removesuffix(".gz"), kind, options)
    if population.is_tiff(content):
        return population.read_raster(content, name, options)
    found = _format(content, name)
    if found == "zip":
        return _from_zip(content, name, kind, options)
    readers: dict[str, Callable[[bytes, str, str, Options], Raw]] = {
        "csv": texts.read,
        "xlsx": sheets.read_xlsx,
        "xls": sheets.read_xls,
        "parquet": vectors.parquet,
        "vector": vectors.read,
        "json": jsons.read,
    }
    if found == "shapefile":
        raise UserError(
            "{file} is only one part of a shapefile. Put the .shp, .dbf, .shx and .prj files into one zip file.",
            file=name,
        )
    if found not in readers:
        raise UserError(
            "{file}: files of this kind ({what}) cannot be read. Save it as CSV, Excel (.xlsx), GeoJSON, GeoPackage, "
            "KML, Parquet or a zipped shapefile.",
            file=name,
            what=found,
        )
    return readers[found](content, name, kind, options)


def _unzip_gz(content: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(_MAX_UNPACKED + 1)
    except (OSError, EOFError) as error:
        raise UserError("{file} is damaged: it cannot be unpacked.", file=name) from error
    _check_size(len(plain), name)
    return plain


def _check_size(size: int, name: str) -> None:
    if size > _MAX_UNPACKED:
        raise UserError("{file} unpacks to more than {size} GB. Split it into parts.", file=name, size=2)


def _format(content: bytes, name: str) -> str:
    head = content[:4096]
    suffix = Path(name).suffix.lower()
    if head[:4] == b"PK\x03\x04":
        return "xlsx" if _is_workbook(content, name) else "zip"
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "xls"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:15] == b"SQLite format 3":
        return "vector"
    if head[:4] == b"\x00\x00\x27\x0a":
        return "shapefile"
    for magic, what in ((b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"II*\x00", "TIFF")):
        if head.startswith(magic):
            return what
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start[:1] == b"{" or (start[:1] == b"[" and suffix in (".json", ".geojson")):
        return "vector" if b'"FeatureCollection"' in content[:100_000] or b'"Feature"' in head else "json"
    if start[:1] == b"<":
        if b"<kml" in head or b"<gpx" in head:
            return "vector"
        return "HTML" if b"<html" in head.lower() or b"<table" in head.lower() else "XML"
    if b"\x00" in head and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return suffix.lstrip(".") or "binary"
    return "csv" if _SUFFIXES.get(suffix, "csv") in ("csv", "json", "vector", "xls", "xlsx") else suffix


def _is_workbook(content: bytes, name: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(member.startswith("xl/") for member in archive.namelist())
    except zipfile.BadZipFile as error:
        raise UserError("{file} is damaged: it cannot be unpacked.", file=name) from error


def _from_zip(content: bytes, name: str, kind: str, options: Options) -> Raw:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [
            info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")
        ]
        _check_size(sum(info.file_size for info in members), name)
        if any(info.filename.lower().endswith(".shp") for info in members):
            return vectors.zipped_shapefile(content, name, kind, options)
        known = [i for i in members if Path(i.filename).suffix.lower() in {*_SUFFIXES, ".gz"}]
        if not known:
            raise UserError(
                "{file} holds nothing that can be read. It has: {members}.",
                file=name,
                members=", ".join(i.filename for i in members[:8]) or "–",
            )
        chosen = next((i for i in known if i.filename == options.layer), known[0])
        try:
            inner = archive.read(chosen)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise UserError("{file} is damaged or protected with a password.", file=name) from error
    raw = _dispatch(inner, Path(chosen.filename).name, kind, options)
    vectors.note_layers(raw, chosen.filename, [i.filename for i in known])
    raw.name = name
    return raw
