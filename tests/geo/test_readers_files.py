"""Files as they come: encodings, delimiters, workbooks, archives, map files, damage."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.readers import Options, preview, read
from language import UserError

HEADER = "รหัสสถานี,ชื่อสถานี,ละติจูด,ลองจิจูด\n"
ROWS = "s1,วัดบ้านโป่ง,13.82,99.87\ns2,โรงเรียนเบิกไพร,13.83,99.85\n"


def check_two_stations(content: bytes, name: str, **options: Any) -> None:
    parsed = read(content, "stations", name=name, options=Options(**options))
    table = parsed.tables["stations"]
    assert table["station_id"].tolist() == ["s1", "s2"]
    assert table["name_th"].tolist() == ["วัดบ้านโป่ง", "โรงเรียนเบิกไพร"]
    assert table["lat"].tolist() == pytest.approx([13.82, 13.83])
    assert parsed.dropped.empty


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_in_any_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    """Thai text is Thai whatever wrote it; decimal commas come with semicolons."""
    text = (HEADER + ROWS).replace(",", delimiter)
    if delimiter == ";":
        text = text.replace("13.8", "13,8").replace("99.8", "99,8")
    check_two_stations(text.encode(encoding), "stations.csv")


def test_gz_and_zip() -> None:
    """Packed text is unpacked, whatever the packing."""
    plain = (HEADER + ROWS).encode()
    check_two_stations(gzip.compress(plain), "stations.csv.gz")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("folder/stations.csv", plain)
        archive.writestr("readme.md", "x")
    check_two_stations(packed.getvalue(), "stations.zip")


def test_title_lines_above_the_header_are_skipped() -> None:
    """The header is found, and row numbers count from the top of the file."""
    text = "เทศบาลเมืองบ้านโป่ง\nรายงาน,,,\n" + HEADER + ROWS + "s3,ไม่มีพิกัด,,\n"
    parsed = read(text.encode(), "stations", name="x.csv")
    assert parsed.rows_kept == 2
    assert parsed.dropped["row"].tolist() == [6]
    assert any("row 3" in n.say() for n in parsed.notes)


def test_garbled_thai_is_put_right() -> None:
    """UTF-8 that was saved as Latin letters becomes Thai again."""
    check_two_stations((HEADER + ROWS).encode().decode("latin-1").encode(), "stations.csv")


def test_broken_lines_are_listed_and_the_rest_is_read() -> None:
    """A line of another width is left out with its number; later numbers stay right."""
    text = HEADER + "s1,ก,13.8\n" + ROWS + "s9,x,99,99,99\ns3,ไม่มี,,\n"
    parsed = read(text.encode(), "stations", name="x.csv")
    assert parsed.rows_kept == 2
    assert parsed.rows_read == 5
    assert parsed.dropped["row"].tolist() == [2, 5, 6]
    assert "3 cells instead of 4" in parsed.problems()[0].say()
    assert "ช่อง" in parsed.problems()[0].say("th")


def test_quote_that_never_ends_is_survived() -> None:
    """One bad quote does not cost the file."""
    text = HEADER + ROWS + 's3,"วัด,13.84,99.86\n' + "s4,ข,13.85,99.86\n"
    parsed = read(text.encode(), "stations", name="x.csv")
    assert {"s1", "s2"} <= set(parsed.tables["stations"]["station_id"])
    assert parsed.rows_kept + len(parsed.dropped) >= 3


def workbook(rows: list[list[Any]], merges: tuple[str, ...] = (), title: str = "ข้อมูล") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_workbook_with_merged_header_in_two_rows() -> None:
    """Title, merged headings over two rows, text numbers, and a second sheet."""
    content = workbook(
        [
            ["สถานีตรวจวัดฝุ่น เทศบาล", None, None, None],
            ["รหัสสถานี", "ชื่อสถานี", "พิกัด", None],
            [None, None, "ละติจูด", "ลองจิจูด"],
            ["s1", "วัดบ้านโป่ง", "13.82", '="99.87"'],
            ["s2", "โรงเรียนเบิกไพร", 13.83, 99.85],
        ],
        ("A1:D1", "A2:A3", "B2:B3", "C2:D2"),
    )
    check_two_stations(content, "สถานี.xlsx")


def test_workbook_dates_in_buddhist_years_and_clock_cells() -> None:
    """Date cells of 2569, a clock column, and a value column that names its pollutant."""
    rows: list[list[Any]] = [["วันที่", "เวลา", "สถานี", "PM2.5 (µg/m³)"]]
    rows += [[datetime(2026, 1, 15), datetime(2026, 1, 1, h).time(), "s1", 30 + h] for h in range(5)]
    rows += [["15/01/2569", "05:00", "s1", "-"], ["15/01/2569", "06:00", "s1", "41,5"]]
    parsed = read(workbook(rows), "observations", name="x.xlsx")
    table = parsed.tables["observations"]
    assert table["value"].tolist() == [30, 31, 32, 33, 34, 41.5]
    assert table["time"].iloc[0] == pd.Timestamp("2026-01-15", tz="Asia/Bangkok")
    assert table["time"].iloc[-1] == pd.Timestamp("2026-01-15 06:00", tz="Asia/Bangkok")
    assert set(table["period_hours"]) == {1}


def test_best_sheet_is_taken_and_another_can_be_chosen() -> None:
    """The sheet whose header fits is read; a wrong sheet's name is answered with the right ones."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "หน้าปก"
    first.append(["รายงาน", "ประจำปี"])
    second = book.create_sheet("สถานี")
    second.append(["รหัสสถานี", "ละติจูด", "ลองจิจูด"])
    second.append(["s1", 13.8, 99.8])
    stream = io.BytesIO()
    book.save(stream)
    parsed = read(stream.getvalue(), "stations", name="x.xlsx")
    assert parsed.rows_kept == 1
    assert any("หน้าปก" in n.say() for n in parsed.notes)
    with pytest.raises(UserError, match="no sheet nix"):
        read(stream.getvalue(), "stations", name="x.xlsx", options=Options(layer="nix"))


def polygons(crs: int | None = 4326) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"รหัสตำบล": ["TH700501", "TH700514"], "ชื่อตำบล": ["บ้านโป่ง", "เบิกไพร"]},
        geometry=[shapely.box(99.86, 13.81, 99.88, 13.83), shapely.box(99.83, 13.80, 99.86, 13.84)],
        crs=4326,
    )
    return frame.to_crs(crs) if crs else frame.to_crs(32647).set_crs(None, allow_override=True)


def write_shapefile(frame: gpd.GeoDataFrame, file: Path, encoding: str) -> None:
    """Write a shapefile; in UTF-8 with names of ten bytes, cut by GDAL in the middle of a Thai letter."""
    if encoding == "UTF-8":
        frame = frame.rename(columns={"รหัสตำบล": "รหั", "ชื่อตำบล": "ชื่"})
    frame.to_file(file, encoding=encoding)
    table = file.with_suffix(".dbf")
    content = table.read_bytes()
    for name in ("รหั", "ชื่"):
        content = content.replace(name.encode() + b"\x00\x00", name.encode() + b"\xe0\x00", 1)
    table.write_bytes(content)


def zipped(folder: Path, skip: tuple[str, ...] = (), inside: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in folder.iterdir():
            if file.suffix not in skip:
                archive.write(file, f"{inside}{file.name}")
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["UTF-8", "CP874"])
@pytest.mark.parametrize("skip", [(), (".cpg",), (".cpg", ".prj"), (".cpg", ".prj", ".shx")])
@pytest.mark.parametrize("crs", [4326, 32647])
def test_zipped_shapefiles(tmp_path: Path, encoding: str, skip: tuple[str, ...], crs: int) -> None:
    """Thai names in either encoding, with or without .cpg, .prj and .shx, in degrees or metres."""
    write_shapefile(polygons(crs), tmp_path / "ตำบล.shp", encoding)
    parsed = read(zipped(tmp_path, skip, "gis/"), "boundaries", name="ตำบล.zip")
    table = parsed.tables["boundaries"].sort_values("code")
    assert table["name_th"].tolist() == ["บ้านโป่ง", "เบิกไพร"]
    assert table["level"].tolist() == ["tambon", "tambon"]
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    assert (
        shapes[0].equals_exact(shapely.normalize(polygons().geometry[0]), 1e-6)
        or shapes[0].hausdorff_distance(polygons().geometry[0]) < 1e-6
    )
    assert table["area_km2"].iloc[0] == pytest.approx(4.785, rel=0.01)


def test_wrong_cpg_is_overruled(tmp_path: Path) -> None:
    """A .cpg that says UTF-8 over Thai bytes of Windows is not believed, and that is said."""
    polygons().to_file(tmp_path / "a.shp", encoding="CP874")
    (tmp_path / "a.cpg").write_text("UTF-8")
    parsed = read(zipped(tmp_path), "boundaries", name="a.zip")
    assert "เบิกไพร" in parsed.tables["boundaries"]["name_th"].tolist()
    assert any(".cpg" in n.say() for n in parsed.notes)


def test_shapefile_beside_its_siblings_and_alone(tmp_path: Path) -> None:
    """A .shp finds its .dbf on the disk; alone it is refused with what to do."""
    write_shapefile(polygons(), tmp_path / "a.shp", "UTF-8")
    assert read(tmp_path / "a.shp", "boundaries").rows_kept == 2
    with pytest.raises(UserError, match="one zip file"):
        read((tmp_path / "a.shp").read_bytes(), "boundaries", name="a.shp")
    (tmp_path / "a.dbf").unlink()
    with pytest.raises(UserError, match="one zip file"):
        read(tmp_path / "a.shp", "boundaries")


@pytest.mark.parametrize("driver", ["GeoJSON", "GPKG", "KML", "parquet"])
def test_other_map_files(tmp_path: Path, driver: str) -> None:
    """GeoJSON, GeoPackage, KML from a phone and GeoParquet give the same shapes."""
    frame = polygons()
    file = tmp_path / f"x.{driver.lower()}"
    if driver == "parquet":
        frame.to_parquet(file)
    elif driver == "KML":
        frame.rename(columns={"ชื่อตำบล": "Name"})[["Name", "geometry"]].to_file(file, driver="KML")
    else:
        frame.to_file(file, driver=driver)
    table = read(file, "boundaries").tables["boundaries"]
    assert sorted(table["name_th"]) == ["บ้านโป่ง", "เบิกไพร"]
    assert table["area_km2"].sum() == pytest.approx(4.785 + 14.35, rel=0.01)


def test_wkt_column_in_text() -> None:
    """A boundary may stand in a CSV as WKT."""
    text = 'code,name_th,wkt\nA,ก,"POLYGON((99 13,99.1 13,99.1 13.1,99 13.1,99 13))"\nB,ข,nonsense\n'
    parsed = read(text.encode(), "boundaries", name="b.csv")
    assert parsed.rows_kept == 1
    assert parsed.dropped["row"].tolist() == [3]


def test_air4thai_history_and_live_list() -> None:
    """History gives readings whose hours end at their label; the live list gives stations only."""
    data = [{"DATETIMEDATA": f"2026-01-15 {h:02d}:00:00", "PM25": v} for h, v in ((1, "30"), (2, None), (3, 31.5))]
    history = {"result": "OK", "stations": [{"stationID": "81t", "params": "PM25", "data": data}]}
    parsed = read(json.dumps(history).encode(), "observations", name="h.json")
    table = parsed.tables["observations"]
    assert table["time"].tolist() == [pd.Timestamp(f"2026-01-15 {h}:00", tz="Asia/Bangkok") for h in (0, 2)]
    live = {"stations": [{"stationID": "81t", "nameTH": "ประปา", "nameEN": "Water", "stationType": "GROUND",
                          "lat": "13.832076", "long": "100.057961", "AQILast": {"PM25": {"value": "30"}}}]}  # fmt: skip
    stations = read(json.dumps(live).encode(), "stations", name="l.json").tables["stations"]
    assert stations.iloc[0][["station_id", "name_th", "kind", "lat"]].tolist() == [
        "81t",
        "ประปา",
        "reference",
        13.832076,
    ]
    with pytest.raises(UserError, match="running 24-hour means"):
        read(json.dumps(live).encode(), "observations", name="l.json")


@pytest.mark.parametrize(
    ("content", "name", "match"),
    [
        (b"", "x.csv", "is empty"),
        (b"   \n ", "x.csv", "is empty"),
        (b"PK\x03\x04 torn", "x.zip", "damaged"),
        (b"PK\x03\x04 torn", "x.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 torn", "x.xls", "damaged"),
        (b"PAR1 torn PAR1", "x.parquet", "damaged"),
        (b"SQLite format 3\x00 torn", "x.gpkg", "damaged"),
        (b'{"type": "FeatureCollection", "features": [', "x.geojson", "damaged"),
        (b"{torn", "x.json", "damaged"),
        (b"\x1f\x8b torn", "x.csv.gz", "damaged"),
        (b"%PDF-1.7", "x.pdf", "PDF"),
        (b"\x00\x01\x02\x03", "x.bin", "cannot be read"),
        (b"<html><table></table></html>", "x.xls", "HTML"),
        (b"a,b\n1,2\n", "x.csv", "no columns with coordinates"),
        (HEADER.encode(), "x.csv", "no rows"),
        (HEADER.encode() + b"s1,x,,\n", "x.csv", "no row has usable coordinates"),
    ],
)
def test_useless_files_are_a_sentence(content: bytes, name: str, match: str) -> None:
    """Each says what is wrong with which file."""
    with pytest.raises(UserError, match=match) as caught:
        read(content, "stations", name=name)
    assert name in str(caught.value) or "row" in str(caught.value)


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx", "x.zip", "x.geojson", "x.kml", "x.parquet", "x"]))
def test_any_bytes_give_a_table_or_a_sentence(content: bytes, name: str) -> None:
    """No bytes make a reader fail in another way."""
    for kind in ("stations", "observations", "boundaries"):
        try:
            parsed = read(content, kind, name=name)
        except UserError as error:
            assert error.say("th")
        else:
            assert parsed.rows_kept >= 0


@given(
    st.lists(
        st.tuples(st.text("กขคงabc,;\"' \n", min_size=1, max_size=8), st.floats(6, 20), st.floats(98, 105)),
        min_size=1, max_size=15,
    ),
    st.sampled_from(["utf-8", "utf-8-sig"]),
)  # fmt: skip
def test_quoted_text_survives(rows: list[tuple[str, float, float]], encoding: str) -> None:
    """Names with delimiters, quotes and line ends come back, each at its place."""
    frame = pd.DataFrame(rows, columns=["name_th", "lat", "lon"]).assign(station_id=[f"s{i}" for i in range(len(rows))])
    parsed = read(frame.to_csv(index=False).encode(encoding), "stations", name="x.csv")
    table = parsed.tables["stations"].set_index("station_id")
    assert len(table) == len(rows)
    assert table["lat"].tolist() == pytest.approx(frame["lat"].tolist())


def test_preview_shows_what_would_happen() -> None:
    """Encoding, delimiter, guess, first rows, points for the map; personal data not even there."""
    text = "รหัสสถานี;ชื่อสถานี;ละติจูด;ลองจิจูด;โทรศัพท์\ns1;ก;13,8;99,8;0812345678\ns2;ข;;;089\n"
    found = preview(text.encode("cp874"), "stations", name="x.csv")
    assert (found.format, found.encoding, found.delimiter, found.crs) == ("CSV", "cp874", ";", "EPSG:4326")
    assert found.mapping["lat"] == "ละติจูด"
    assert list(found.rows.columns) == list(found.columns)
    assert "โทรศัพท์" not in found.columns
    assert len(found.shapes) == 1
    assert [p.level for p in found.problems] == ["error"]
    assert "x.csv, row 3" in found.problems[0].say()


def test_preview_of_a_file_that_needs_a_mapping() -> None:
    """What is missing is a problem of the preview, not an exception; a mapping solves it."""
    text = b"A,B,C\ns1,13.8,99.8\n"
    assert "coordinates" in preview(text, "stations", name="x.csv").problems[0].say()
    mapped = preview(text, "stations", name="x.csv", mapping={"station_id": "A", "lat": "B", "lon": "C"})
    assert len(mapped.shapes) == 1
    assert not mapped.problems
