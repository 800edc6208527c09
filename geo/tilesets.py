"""Base maps as tiles, dropped into ``data/basemap``: MBTiles and PMTiles, with pictures or with vectors.

1. MBTiles (specification 1.3): an SQLite file, rows counted from the south. PMTiles (version 3): one file with a
   directory of its own, read here so that the browser needs one kind of address for all of them.
2. Pictures go to the browser as they are. Vector tiles (Mapbox vector tiles) are unpacked and drawn there by
   ``protomaps-leaflet``, in the quiet colours of the base map.

Deliberately not done here: styles (a file's own style sheet), tiles of terrain.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import folium
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType

from geo import layers
from geo.basemap import FOLDER
from geo.drawing import Drawing

VECTOR = "application/vnd.mapbox-vector-tile"
_PICTURES = {TileType.PNG, TileType.JPEG, TileType.WEBP}
# Whatever a file that is none, or a torn one, makes the readers say.
_BROKEN = (
    sqlite3.DatabaseError, OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zlib.error, AssertionError,
    AttributeError, OverflowError, MagicNumberNotFound, SpecVersionUnsupported,
)  # fmt: skip


@dataclass(frozen=True)
class TileSet:
    """A file with tiles.

    Attributes
    ----------
    name : str
        File name without its ending: the name in the tiles' address.
    path : Path
    minzoom, maxzoom : int
    attribution : str
        From the file; may be empty.
    vector : bool
        Vector tiles; pictures otherwise.
    layers : tuple of str
        Names of the layers of vector tiles, lowest first as the file lists them.
    """

    name: str
    path: Path
    minzoom: int
    maxzoom: int
    attribution: str
    vector: bool = False
    layers: tuple[str, ...] = ()


def tile_sets(folder: Path = FOLDER) -> list[TileSet]:
    """Return the tile files of a folder; files that are none are left out, of two with one name the MBTiles stays."""
    found: dict[str, TileSet] = {}
    for suffix, about in ((".mbtiles", _mbtiles), (".pmtiles", _pmtiles)):
        for path in sorted(folder.glob(f"*{suffix}")):
            try:
                made = about(path)
            except _BROKEN:
                continue
            if made is not None:
                found.setdefault(made.name, made)
    return [found[name] for name in sorted(found)]


def tile(name: str, z: int, x: int, y: int, folder: Path = FOLDER) -> tuple[bytes, str] | None:
    """Return one tile and its media type, or None where the set has none.

    Parameters
    ----------
    name : str
        Of a `TileSet`; anything that is not a file's stem in `folder` has no tiles.
    z, x, y : int
        Zoom, column, row counted from the north as the web does.
    """
    if not (0 <= z <= 30 and 0 <= x < 2**z and 0 <= y < 2**z):
        return None
    for suffix, read in ((".mbtiles", _from_mbtiles), (".pmtiles", _from_pmtiles)):
        path = folder / f"{name}{suffix}"
        if path.parent == folder and path.is_file():
            try:
                return read(path, z, x, y)
            except _BROKEN:
                return None
    return None


def layer(found: TileSet, address: str, lang: str) -> folium.FeatureGroup:
    """Return the map layer of a tile set; `address` is where this server answers for tiles."""
    url = f"{address}{quote(found.name)}/{{z}}/{{x}}/{{y}}"
    # Files bring links in their attribution; only the words are kept.
    words = re.sub(r"<[^>]*>", "", found.attribution).strip()
    if not found.vector:
        return layers.tiles(url, words, minzoom=found.minzoom, maxzoom=found.maxzoom)
    group = folium.FeatureGroup(name="tiles", control=False)
    data = {"url": url, "attribution": escape(words), "lang": lang, "maxzoom": found.maxzoom,
            "layers": found.layers}  # fmt: skip
    group.add_child(Drawing("vectors", data))
    return group


# ------------------------------------------------------------------------------ MBTiles


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)


def _mbtiles(path: Path) -> TileSet | None:
    with closing(_open(path)) as con:
        facts = dict(con.execute("SELECT name, value FROM metadata").fetchall())
        low, high = con.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    if low is None:
        return None
    vector = facts.get("format") == "pbf"
    layers = _layers(json.loads(facts.get("json") or "{}")) if vector else ()
    return TileSet(path.stem, path, int(low), int(high), str(facts.get("attribution", "")), vector, layers)


def _from_mbtiles(path: Path, z: int, x: int, y: int) -> tuple[bytes, str] | None:
    with closing(_open(path)) as con:
        row = con.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (z, x, 2**z - 1 - y),
        ).fetchone()
    return None if row is None else _typed(bytes(row[0]))


# ------------------------------------------------------------------------------ PMTiles


@contextmanager
def _reader(path: Path) -> Iterator[Reader]:
    with path.open("rb") as file:
        yield Reader(MmapSource(file))  # type: ignore[no-untyped-call]


def _pmtiles(path: Path) -> TileSet | None:
    with _reader(path) as reader:
        head: dict[str, Any] = reader.header()  # type: ignore[no-untyped-call]
        facts: dict[str, Any] = reader.metadata()  # type: ignore[no-untyped-call]
    vector = head["tile_type"] == TileType.MVT
    if not vector and head["tile_type"] not in _PICTURES:
        return None
    if head["tile_compression"] not in (Compression.NONE, Compression.GZIP):
        return None
    return TileSet(
        path.stem, path, int(head["min_zoom"]), int(head["max_zoom"]), str(facts.get("attribution") or ""), vector,
        _layers(facts) if vector else (),
    )  # fmt: skip


def _from_pmtiles(path: Path, z: int, x: int, y: int) -> tuple[bytes, str] | None:
    with _reader(path) as reader:
        data: bytes | None = reader.get(z, x, y)  # type: ignore[no-untyped-call]
    return None if data is None else _typed(bytes(data))


# ------------------------------------------------------------------------------ both


def _layers(facts: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(layer["id"]) for layer in facts.get("vector_layers") or [] if "id" in layer)


def _typed(data: bytes) -> tuple[bytes, str]:
    """Return a tile unpacked, with its media type by its first bytes."""
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith(b"\x89PNG"):
        return data, "image/png"
    if data[8:12] == b"WEBP":
        return data, "image/webp"
    return (data, "image/jpeg") if data.startswith(b"\xff\xd8\xff") else (data, VECTOR)
