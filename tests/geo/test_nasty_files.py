"""Files as a municipal office really sends them: read rightly without help, and storing them twice changes nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest

from geo.importing import import_file
from geo.lake import Lake
from geo.readers import Options, Parsed, preview, read
from pages.parts.kind_guess import guess_kind

PLACE = (99.87, 13.82)
THAI = "รหัสสถานี,ชื่อสถานี,ละติจูด,ลองจิจูด\ns1,วัดบ้านโป่ง,13.82,99.87\n"


def workbook(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def monthly_report(sheet: Any) -> None:
    """Title lines, a header in two merged rows, Thai dates and hours, a line of means, remarks, a name."""
    head = ["วันที่", "เวลา", "สถานี", "ฝุ่นละออง (มคก./ลบ.ม.)", None]
    for row in (["รายงานผลการตรวจวัด"], ["ประจำเดือน มกราคม 2569"], [], head, [None, None, None, "PM2.5", "PM10"]):
        sheet.append(row)
    for span in ("A1:E1", "A2:E2", "A4:A5", "B4:B5", "C4:C5", "D4:E4"):
        sheet.merge_cells(span)
    for hour in range(6):
        sheet.append(["15/01/2569", f"{hour:02d}.00 น.", "ตลาดบ้านโป่ง", 20.5 + hour, 40 + hour])
    sheet.append(["เฉลี่ย", None, None, 23, 42.5])
    sheet.append(["หมายเหตุ: - หมายถึง ไม่มีข้อมูล"])
    sheet.append(["ผู้รายงาน นายสมชาย ใจดี"])


def merged_down(sheet: Any) -> None:
    sheet.append(["สถานี", "วันที่", "PM2.5"])
    for station in ("ก", "ข"):
        for day in range(1, 4):
            sheet.append([station if day == 1 else None, datetime(2569, 1, day), 10 * day])
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("A5:A7")


def utm(code: int, lon: float) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(lon, 13.82)
    return round(x, 1), round(y, 1)


DIW = (
    "FACREG,DISPFACREG,FID,FACTYPE,FNAME,ONAME,OBJECT,TOTAL_CAP,TOTAL_WORKER,HP,LAT,LNG,FFLAG\n"
    '="  06300100225630",="จ3-9(6)-100/51รบ",="10700000125",3,โรงแป้ง,นาย ก,แป้ง,"1,000,000",12,"1,250.5",13.82,99.87,1\n'
    '="06300100225631",="จ3-3(1)-1/60รบ",="10700000126",3,โรงโม่,นาย ข,โม่หิน,5000000,30,500,0,0,1\n'
    '="06300100225632",="จ3-3(1)-2/60รบ",="10700000127",3,โรงโม่ 2,นาย ค,โม่หิน,5000000,30,500,99.87,13.82,1\n'
)
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><Placemark>'
    "<name>วัดบ้านโป่ง</name><description><![CDATA[15/1/69 <img src='x.jpg'/>]]></description><Point><coordinates>"
    "99.87,13.82,12</coordinates></Point></Placemark></Folder><Folder><Placemark><name>ทางเดิน</name><LineString>"
    "<coordinates>99.8,13.8 99.9,13.9</coordinates></LineString></Placemark></Folder></Document></kml>"
)
GPX = (
    '<?xml version="1.0"?><gpx version="1.1" creator="phone" xmlns="http://www.topografix.com/GPX/1/1">'
    '<wpt lat="13.82" lon="99.87"><name>วัดบ้านโป่ง</name></wpt></gpx>'
)
STATIONS: dict[str, bytes] = {
    "cp874.csv": THAI.encode("cp874"),
    "cp874-with-a-utf-8-mark.csv": b"\xef\xbb\xbf" + THAI.encode("cp874"),
    "utf-8-with-mark.csv": THAI.encode("utf-8-sig"),
    "carriage-returns.csv": THAI.replace("\n", "\r").encode(),
    "sep-line.csv": ("sep=;\n" + THAI.replace(",", ";").replace("13.", "13,").replace("99.", "99,")).encode("cp874"),
    "swapped.csv": THAI.replace("13.82,99.87", "99.87,13.82").encode(),
    "beside-zeros.csv": (THAI + "s2,ก,0,0\ns3,ข,1,1\n").encode(),
    "phone.kml": KML.encode(),
    "phone-without-namespace.kml": KML.replace(' xmlns="http://www.opengis.net/kml/2.2"', "").encode(),
    "phone.gpx": GPX.encode(),
}
for _number, (_lat, _lon) in enumerate(
    [("13°49'12\"N", "99°52'12\"E"), ("13 49 12", "99 52 12"), ("N13°49.2'", "E99°52.2'"),
     ("13° 49′ 12″ น.", "99° 52′ 12″ ตอ."), ("13d49m12s", "99d52m12s"), ("๑๓°๔๙'๑๒\"", "๙๙°๕๒'๑๒\""),
     ("13 องศา 49 ลิปดา 12 พิลิปดา เหนือ", "99 องศา 52 ลิปดา 12 พิลิปดา ตะวันออก")]
):  # fmt: skip
    _header = "รหัสสถานี;ชื่อสถานี;ละติจูด;ลองจิจูด\n"
    STATIONS[f"degrees-minutes-seconds-{_number}.csv"] = f"{_header}s1;วัดบ้านโป่ง;{_lat};{_lon}\n".encode()
for _number, _cell in enumerate(
    ["13.82, 99.87", "(13.82,99.87)", "99.87 13.82", "https://maps.google.com/?q=13.82,99.87",
     "13°49'12\"N 99°52'12\"E"]
):  # fmt: skip
    _header = "รหัสสถานี;ชื่อสถานี;พิกัด\n"
    STATIONS[f"one-column-{_number}.csv"] = f"{_header}s1;วัดบ้านโป่ง;{_cell}\n".encode()
for _number, _columns in enumerate(["X,Y", "พิกัด X,พิกัด Y", "UTM_E,UTM_N", "E,N", "Easting,Northing", "ละติจูด,ลองจิจูด"]):
    _x, _y = utm(32647, PLACE[0])
    _header = f"รหัสสถานี,ชื่อสถานี,{_columns}\n"
    STATIONS[f"metres-{_number}.csv"] = f'{_header}s1,วัดบ้านโป่ง,"{_x:,}","{_y:,}"\n'.encode()


@pytest.mark.parametrize("name", STATIONS)
def test_a_station_is_read_whatever_the_spelling(name: str) -> None:
    parsed = read(STATIONS[name], "stations", name=name)
    table = parsed.tables["stations"]
    assert list(table["name_th"]) == ["วัดบ้านโป่ง"]
    assert table["lat"].iloc[0] == pytest.approx(PLACE[1], abs=2e-4)
    assert table["lon"].iloc[0] == pytest.approx(PLACE[0], abs=2e-4)
    assert len(parsed.dropped) == {"beside-zeros.csv": 2}.get(name, "phone" in name and "kml" in name)
    seen = preview(STATIONS[name], "stations", name=name)
    assert len(seen.shapes) == 1 and seen.format and (seen.crs or seen.encoding), "what was found out is shown"


@pytest.mark.parametrize(("code", "lon"), [(32648, 104.5), (24047, 99.87), (24048, 104.5)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_stated_system_is_used_even_where_x_and_y_are_swapped(code: int, lon: float, turned: bool) -> None:
    x, y = utm(code, lon)
    a, b = (y, x) if turned else (x, y)
    content = f"รหัสสถานี,ชื่อสถานี,X,Y\ns1,ก,{a},{b}\n".encode()
    table = read(content, "stations", name="x.csv", options=Options(crs=f"EPSG:{code}")).tables["stations"]
    assert table["lon"].iloc[0] == pytest.approx(lon, abs=2e-4)
    assert table["lat"].iloc[0] == pytest.approx(13.82, abs=2e-4)


def test_rows_of_two_zones_lie_each_in_its_own() -> None:
    a, b = utm(32647, 99.87), utm(32648, 104.5)
    content = f"รหัสสถานี,ชื่อสถานี,โซน,X,Y\ns1,ก,47P,{a[0]},{a[1]}\ns2,ข,48P,{b[0]},{b[1]}\n".encode()
    table = read(content, "stations", name="x.csv").tables["stations"]
    assert table["lon"].tolist() == pytest.approx([99.87, 104.5], abs=2e-4)


def only(parsed: Parsed, variable: str) -> pd.DataFrame:
    table = parsed.tables["observations"]
    return table[table["variable"] == variable]


def test_a_monthly_report_with_merged_headers() -> None:
    parsed = read(workbook(monthly_report), "observations", name="รายงาน.xlsx")
    assert only(parsed, "pm25")["value"].tolist() == [20.5, 21.5, 22.5, 23.5, 24.5, 25.5]
    assert only(parsed, "pm10")["value"].tolist() == [40, 41, 42, 43, 44, 45]
    assert only(parsed, "pm25")["time"].iloc[0] == pd.Timestamp("2026-01-15 00:00", tz="Asia/Bangkok")
    assert set(parsed.tables["observations"]["station_id"]) == {"ตลาดบ้านโป่ง"}


def test_cells_merged_downwards_and_true_dates_of_the_buddhist_era() -> None:
    table = read(workbook(merged_down), "observations", name="x.xlsx").tables["observations"]
    assert table.groupby("station_id", observed=True).size().to_dict() == {"ก": 3, "ข": 3}
    assert table["time"].min() == pd.Timestamp("2026-01-01", tz="Asia/Bangkok")


@pytest.mark.parametrize("labels", [[f"{h:02d}:00" for h in range(24)], [f"{h}.00 น." for h in range(24)]])
def test_a_table_of_days_and_hours(labels: list[str]) -> None:
    rows = "".join(f"{d}/01/2569," + ",".join(str(d + h) for h in range(24)) + "\n" for d in (1, 2))
    content = ("วันที่," + ",".join(labels) + "\n" + rows).encode()
    assert guess_kind(content, "pm25.csv") == "observations"
    table = read(content, "observations", name="pm25.csv").tables["observations"].sort_values("time")
    assert len(table) == 48 and table["value"].tolist()[:3] == [1, 2, 3]
    assert table["time"].iloc[25] == pd.Timestamp("2026-01-02 01:00", tz="Asia/Bangkok")


def test_semicolons_thousands_and_decimal_commas() -> None:
    content = "สถานี;วันเวลา;PM2.5\nA;15/01/2569 08:00;1.234,5\nA;15/01/2569 09:00;12,5\nA;15/01/2569 10:00;เครื่องเสีย\n"
    parsed = read(content.encode("cp874"), "observations", name="x.csv")
    assert parsed.tables["observations"]["value"].tolist() == [1234.5, 12.5]
    assert parsed.dropped[["row", "value"]].to_numpy().tolist() == [[4, "เครื่องเสีย"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
def test_register_cells_written_as_formulas(encoding: str) -> None:
    table = read(DIW.encode(encoding), "factories", name="x.csv").tables["factories"]
    assert table["reg_no"].tolist() == ["จ3-9(6)-100/51รบ", "จ3-3(1)-1/60รบ", "จ3-3(1)-2/60รบ"]
    assert not table["factory_id"].str.contains('[="]').any()
    assert table["hp"].tolist() == [1250.5, 500, 500]
    assert table["lat"].dropna().tolist() == pytest.approx([13.82, 13.82])


FACTORIES = {
    "เลขทะเบียน": ["จ3-9(6)-100/51รบ"], "ประเภท": ["00906"], "ชื่อโรงงาน": ["โรงแป้ง"], "ผู้ประกอบการ": ["นายลับ"],
    "แรงม้า": [1200.5], "ค่าเครื่องจักร": [2e6], "คนงานชาย": [10], "คนงานหญิง": [12],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # GDAL says that it cut the names
@pytest.mark.parametrize(
    ("encoding", "skipped"), [("cp874", ()), ("cp874", (".cpg", ".prj")), ("utf-8", (".cpg",)), ("utf-8", ())]
)
def test_a_shapefile_with_names_cut_to_ten(tmp_path: Path, encoding: str, skipped: tuple[str, ...]) -> None:
    """Ten Thai letters in code page 874; ten bytes, three letters, in UTF-8."""
    frame = gpd.GeoDataFrame(FACTORIES, geometry=gpd.points_from_xy([PLACE[0]], [PLACE[1]]), crs=4326).to_crs(32647)
    short = [str(c)[: 10 if encoding == "cp874" else 3] if c != "geometry" else c for c in frame.columns]
    # As GDAL does it: what would be the same name twice gets a number. Old ones cut within a letter and stop there.
    frame.columns = [f"{c[:2]}_{i}" if c in short[:i] else c for i, c in enumerate(short)]
    frame.to_file(tmp_path / "โรงงาน.shp", encoding=encoding)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in tmp_path.iterdir():
            if file.suffix not in skipped:
                archive.write(file, file.name)
    parsed = read(content.getvalue(), "factories", name="โรงงาน.zip")
    row = parsed.tables["factories"].iloc[0]
    assert (row["reg_no"], row["name_th"], row["type_code"]) == ("จ3-9(6)-100/51รบ", "โรงแป้ง", "00906")
    assert row["hp"] == 1200.5
    assert row["lat"] == pytest.approx(PLACE[1], abs=1e-4) and row["lon"] == pytest.approx(PLACE[0], abs=1e-4)
    if encoding == "cp874":
        assert row["workers"] == 22 and row["capital_baht"] == 2e6
    assert not any("ผู้" in column for column in preview(content.getvalue(), "factories", name="x.zip").rows)


def test_a_sum_below_the_readings_is_left_out_with_a_word() -> None:
    """A row with values and no time is no reading, and it is not lost silently; a blank row is not worth a word."""
    sheet = "สถานี,วันที่,PM2.5\nA,1/2/2569,30\nA,2/2/2569,40\n,,\nรวม,,70\n"
    found = read(sheet.encode(), "observations", name="sums.csv")
    assert len(found.tables["observations"]) == 2
    assert [(row.row, row.reason.say("en")) for row in found.dropped.itertuples()] == [
        (5, "the time is missing; the row was left out.")]  # fmt: skip


def test_a_register_with_one_swapped_and_one_missing_place() -> None:
    """The swapped row is turned round alone, the other kept without a place; the preview draws what has one."""
    sheet = "ชื่อโรงงาน,แรงม้า,พิกัด X,พิกัด Y\nโรงสี,120,594321,1527890\nโรงปูน,80,1527000,594000\nโรงไม้,60,,\n"
    content = sheet.encode("cp874")
    found = read(content, "factories", name="register.csv").tables["factories"]
    assert found["lon"].round(3).tolist()[:2] == [99.873, 99.87] and found["lat"].between(13.8, 13.83).sum() == 2
    drawn = preview(content, "factories", name="register.csv").shapes
    assert len(drawn) == 2 and drawn.geometry.is_valid.all() and not drawn.geometry.is_empty.any()


def test_blank_cells_are_not_spelled_out() -> None:
    """What is left out for its place shows the file's own cells."""
    found = read("รหัส,ชื่อ,ละติจูด,ลองจิจูด\nA,ก,13.8,99.9\nB,ข,,\nC,ค,0,0\n".encode(), "stations", name="s.csv")
    assert found.dropped["value"].tolist() == ["", "0 / 0"]


def test_storing_any_of_them_again_changes_nothing(lake: Lake) -> None:
    """Every kind of file goes all the way into the store, and a second time leaves the snapshot as it is."""
    files: list[tuple[str, str, bytes]] = [
        ("รายงาน.xlsx", "observations", workbook(monthly_report)),
        ("diw.csv", "factories", DIW.encode("cp874")),
        *((name, "stations", STATIONS[name]) for name in ("cp874-with-a-utf-8-mark.csv", "phone.kml", "metres-0.csv")),
    ]
    for name, kind, content in files:
        import_file(lake, content, kind, name=name)
        before = lake.snapshot()
        again = import_file(lake, content, kind, name=name)
        assert again.unchanged and lake.snapshot() == before, name
    assert len(lake.imports()) == len(files)


def test_what_was_found_out_can_be_corrected() -> None:
    """Encoding, delimiter, decimals and sheet: what a person says counts."""
    one = "รหัสสถานี,ชื่อสถานี,ละติจูด,ลองจิจูด\ns1,ก,13.82,99.87\n".encode("cp874")
    assert preview(one, "stations", name="x.csv").encoding == "cp874"
    assert "รหัสสถานี" not in preview(one, "stations", name="x.csv", options=Options(encoding="cp1252")).columns
    few = "code,name\n1,\xb5g\n".encode("cp1252")
    assert preview(few, "stations", name="x.csv", options=Options(encoding="cp874")).encoding == "cp874"
    text = "สถานี|วันเวลา|PM2.5\nA|15/01/2569 08:00|1,234\n"
    assert read(text.encode(), "observations", name="x.csv").tables["observations"]["value"].tolist() == [1234]
    said = Options(delimiter="|", decimal=",")
    assert read(text.encode(), "observations", name="x.csv", options=said).tables["observations"]["value"].tolist() == [
        1.234
    ]

    def two(sheet: Any) -> None:
        sheet.append(["รหัสสถานี", "ชื่อสถานี", "lat", "lon"])
        sheet.append(["s1", "ก", 13.8, 99.9])
        other = sheet.parent.create_sheet("อื่น")
        other.append(["รหัสสถานี", "ชื่อสถานี", "lat", "lon"])
        other.append(["s2", "ข", 13.8, 99.9])

    parsed = read(workbook(two), "stations", name="x.xlsx", options=Options(layer="อื่น"))
    assert parsed.tables["stations"]["station_id"].tolist() == ["s2"]
