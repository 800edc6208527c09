"""Population: tables of areas with age groups, rasters of counts; nobody is lost, nonsense is said."""

from __future__ import annotations

import numpy as np
import pytest
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from geo import readers
from geo.importing import import_file
from geo.lake import Lake
from geo.readers import population
from language import UserError


def tiff(values: np.ndarray, crs: str | None = "EPSG:4326", nodata: float = -99999.0, size: float = 0.001) -> bytes:
    profile = {"driver": "GTiff", "width": values.shape[1], "height": values.shape[0], "count": 1, "dtype": "float32",
               "crs": crs, "transform": from_origin(99.8, 13.9, size, size), "nodata": nodata}  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values.astype("float32"), 1)
        return bytes(memory.read())


def test_a_table_of_areas_with_ages_in_thai() -> None:
    """Buddhist-era year, thousands separators; a negative count and a row without people are left out and said."""
    text = (
        "รหัสตำบล,ชื่อตำบล,ประชากร,เด็ก,ผู้สูงอายุ,ปี,แหล่งข้อมูล\n"
        'TH700501,บ้านโป่ง,"17,400",2600,3900,2568,DOPA\n'
        ",เบิกไพร,9600,,,2568,DOPA\nTH1,ก,-5,,,,\nTH2,ข,,,,,\n"
    )
    found = readers.read(text.encode(), "population", name="people.csv")
    table = found.tables["population"]
    assert table["place_id"].tolist() == ["TH700501", "เบิกไพร"]
    assert table["people"].tolist() == [17400.0, 9600.0] and table["children"].iloc[0] == 2600
    assert table["year"].tolist() == [2025, 2025] and table["source"].tolist() == ["DOPA", "DOPA"]
    assert sorted(found.dropped["row"]) == [4, 5]


def test_a_raster_becomes_cells_and_keeps_its_sum() -> None:
    """Empty cells, nodata and negative values are no one; the middles lie where the cells lie."""
    values = np.zeros((20, 30))
    values[3, 4], values[10, 20], values[0, 0] = 12.5, 7.5, -3.0
    values[19, 29] = -99999.0
    found = readers.read(tiff(values), "population", name="worldpop.tif")
    table = found.tables["population"].sort_values("people")
    assert table["people"].tolist() == [7.5, 12.5]
    assert table["lon"].to_numpy() == pytest.approx([99.8205, 99.8045])
    assert table["lat"].to_numpy() == pytest.approx([13.8895, 13.8965])
    assert any("20 people in 2 cells" in n.say("en") for n in found.notes)


def test_a_large_raster_is_added_up_without_losing_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """More cells than are kept: squares of them are summed; odd sides and block edges don't matter."""
    monkeypatch.setattr(population, "MOST_CELLS", 100)
    monkeypatch.setattr(population, "_ROWS", 8)
    values = np.random.default_rng(1).uniform(0, 9, (37, 41))
    table = readers.read(tiff(values, "EPSG:32647", size=100.0), "population", name="a.tif").tables["population"]
    assert len(table) <= 100 and table["people"].sum() == pytest.approx(values.sum(), rel=1e-4)


def test_what_is_no_population_is_said() -> None:
    """No coordinate system, no one in it, a broken file, a table without people."""
    with pytest.raises(UserError, match="coordinate system"):
        readers.read(tiff(np.ones((3, 3)), None), "population", name="a.tif")
    with pytest.raises(UserError, match="holds no people"):
        readers.read(tiff(np.zeros((3, 3))), "population", name="a.tif")
    with pytest.raises(UserError, match="damaged"):
        readers.read(tiff(np.ones((3, 3)))[:60], "population", name="a.tif")
    with pytest.raises(UserError, match="no row has people"):
        readers.read(b"code,people\nA,\n", "population", name="a.csv")


def test_it_goes_into_the_lake_and_comes_back(tmp_path: object) -> None:
    """Cells within bounds, and every area whatever the bounds."""
    values = np.zeros((10, 10))
    values[2, 2], values[8, 8] = 5.0, 6.0
    with Lake.open(f"{tmp_path}/c.sqlite", f"{tmp_path}/f") as lake:
        import_file(lake, tiff(values), "population", name="w.tif")
        import_file(lake, b"code,people,source\nTH1,100,census\n", "population", name="t.csv")
        near = lake.population((99.801, 13.896, 99.804, 13.899))
    assert sorted(near["people"]) == [5.0, 100.0]
    assert near[near["lon"].isna()].geometry.is_empty.all()
