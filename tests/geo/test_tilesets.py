"""Tiles from files people drop in: MBTiles and PMTiles, pictures and vectors, odd files left alone."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry import LineString

from geo import tilesets

PNG = b"\x89PNG\r\n\x1a\n tile"


def mbtiles(path: Path, data: bytes = PNG, **facts: str) -> None:
    """Write one tile, the last row from the south, of zoom 2."""
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    con.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    con.executemany("INSERT INTO metadata VALUES (?, ?)", list(facts.items()))
    con.execute("INSERT INTO tiles VALUES (2, 3, 0, ?)", (data,))
    con.commit()
    con.close()


def pmtiles(path: Path, data: bytes = PNG, kind: TileType = TileType.PNG, squeezed: Compression = Compression.NONE,
            **facts: object) -> None:  # fmt: skip
    """Write the tile 2/3/1 into a PMTiles file."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(2, 3, 1), data)
        head = {"tile_type": kind, "tile_compression": squeezed, "min_zoom": 2, "max_zoom": 2, "min_lon_e7": 0,
                "min_lat_e7": 0, "max_lon_e7": 1, "max_lat_e7": 1, "center_zoom": 2, "center_lon_e7": 0,
                "center_lat_e7": 0}  # fmt: skip
        writer.finalize(head, facts)


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    mbtiles(tmp_path / "town map.mbtiles", format="png", attribution="the town")
    pmtiles(tmp_path / "land.pmtiles", attribution="<a href='x'>the land</a>")
    return tmp_path


def test_a_tile_set_tells_its_zooms(tiles: Path) -> None:
    land, town = tilesets.tile_sets(tiles)
    assert (town.name, town.minzoom, town.maxzoom, town.attribution) == ("town map", 2, 2, "the town")
    assert (land.name, land.minzoom, land.maxzoom, land.vector) == ("land", 2, 2, False)


def test_rows_are_counted_from_the_north(tiles: Path) -> None:
    """MBTiles counts rows from the south; PMTiles and the web from the north."""
    assert tilesets.tile("town map", 2, 3, 3, tiles) == (PNG, "image/png")
    assert tilesets.tile("town map", 2, 3, 0, tiles) is None
    assert tilesets.tile("land", 2, 3, 1, tiles) == (PNG, "image/png")
    assert tilesets.tile("land", 2, 3, 2, tiles) is None


@pytest.mark.parametrize("name", ["../town map", "nothing", "", "/etc/passwd", "town map.mbtiles", "land.pmtiles"])
def test_only_tile_sets_of_the_folder_answer(tiles: Path, name: str) -> None:
    assert tilesets.tile(name, 2, 3, 3, tiles / "sub") is None
    assert tilesets.tile(name, 2, 3, 3, tiles) is None


@pytest.mark.parametrize("at", [(-1, 0, 0), (2, 4, 0), (2, 0, -1), (99, 0, 0)])
def test_numbers_outside_of_the_world_have_no_tile(tiles: Path, at: tuple[int, int, int]) -> None:
    assert tilesets.tile("land", *at, tiles) is None


@pytest.mark.parametrize("suffix", ["mbtiles", "pmtiles"])
@pytest.mark.parametrize("content", [b"", b"PMTiles", b"not a database at all, only text " * 50, b"PMTiles\x03" * 40])
def test_what_is_no_tile_set_is_left_out(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"broken.{suffix}").write_bytes(content)
    assert tilesets.tile_sets(tmp_path) == []
    assert tilesets.tile("broken", 0, 0, 0, tmp_path) is None


def test_an_absent_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert tilesets.tile_sets(tmp_path / "none") == []


def test_vector_tiles_are_unpacked_and_their_layers_named(tmp_path: Path) -> None:
    packed, names = gzip.compress(b"\x1a\x05tile"), {"vector_layers": [{"id": "water"}, {"id": "roads"}]}
    mbtiles(tmp_path / "a.mbtiles", packed, format="pbf", json=json.dumps(names))
    pmtiles(tmp_path / "b.pmtiles", packed, TileType.MVT, Compression.GZIP, **names)
    for found in tilesets.tile_sets(tmp_path):
        assert found.vector
        assert found.layers == ("water", "roads")
    for name, row in (("a", 3), ("b", 1)):
        assert tilesets.tile(name, 2, 3, row, tmp_path) == (b"\x1a\x05tile", tilesets.VECTOR)


def test_a_file_written_by_another_program(tmp_path: Path) -> None:
    roads = gpd.GeoDataFrame({"name": ["ถนน"]}, geometry=[LineString([(99.8, 13.8), (99.9, 13.9)])], crs=4326)
    pyogrio.write_dataframe(roads, tmp_path / "roads.pmtiles", driver="PMTiles", layer="roads", MINZOOM=7, MAXZOOM=9)
    (found,) = tilesets.tile_sets(tmp_path)
    assert (found.minzoom, found.maxzoom, found.vector, found.layers) == (7, 9, True, ("roads",))
    data, kind = tilesets.tile("roads", 7, 99, 59, tmp_path) or (b"", "")
    assert kind == tilesets.VECTOR
    assert b"roads" in data and "ถนน".encode() in data


def test_layers_ask_this_server_and_escape_the_attribution(tiles: Path) -> None:
    land, town = tilesets.tile_sets(tiles)
    (raster,) = tilesets.layer(town, "../../basemap/", "th")._children.values()
    assert raster.tiles == "../../basemap/town%20map/{z}/{x}/{y}"
    (raster,) = tilesets.layer(land, "../../basemap/", "th")._children.values()
    assert raster.options["attribution"] == "the land"
    vector = tilesets.TileSet("v", land.path, 0, 9, "<script>x</script> & y", True, ("water",))
    (drawing,) = tilesets.layer(vector, "../../basemap/", "en")._children.values()
    assert drawing.data["attribution"] == "x &amp; y"
    assert drawing.data["layers"] == ("water",)
