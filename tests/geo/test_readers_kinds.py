"""Stations, readings, factories, receptors and boundaries out of tables with Thai and English names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.readers import Options, names, read
from geo.readers.factories import coordinate_words
from geo.readers.receptors import receptor_kind
from geo.readers.stations import station_kind
from language import UserError


def hourly(rows: str, header: str = "station_id,datetime,pm25", name: str = "x.csv", **options: object) -> pd.DataFrame:
    parsed = read(f"{header}\n{rows}".encode(), "observations", name=name, options=Options(**options))  # type: ignore[arg-type]
    return parsed.tables["observations"]


def local(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Bangkok")


# Names

PROVINCIAL = (
    "เลขทะเบียน|ประเภท|ISIC|จำพวก|ชื่อโรงงาน|ผู้ประกอบก|ประกอบกิจก|กำลังผลิต|เลขที่|หมู่|ตำบล|อำเภอ|จังหวัด|โทรศัพท์|แรงม้า|"
    "เงินลงทุนค|ค่าอาคาร|ค่าเครื่อง|ทุนหมุนเวี|คนงานชาย|คนงานหญิง|ช่างฝีมือช|ช่างฝีมือห|ละติจูด|ลองติจูด"
)
DIW = "FACREG|DISPFACREG|FID|FACTYPE|FNAME|ONAME|OBJECT|HP|LAT|LNG|FFLAG"
COMMUNITY = "sensor_id|sensor_type|location|lat|lon|timestamp|P1|P2"
OPENAQ = "location_id|sensors_id|location|datetime|lat|lon|parameter|units|value"


def test_cut_names_of_the_provincial_shapefile() -> None:
    """Ten Thai characters are enough, and operators' names and telephones are never mapped."""
    found = names.guess("factories", PROVINCIAL.split("|"))
    assert found["reg_no"] == "เลขทะเบียน"
    assert found["activity"] == "ประกอบกิจก"
    assert found["workers"] == "คนงานชาย + คนงานหญิง + ช่างฝีมือช + ช่างฝีมือห"
    assert found["capital_baht"] == "เงินลงทุนค + ค่าอาคาร + ค่าเครื่อง + ทุนหมุนเวี"
    assert (found["lat"], found["lon"]) == ("ละติจูด", "ลองติจูด")
    assert not {"ผู้ประกอบก", "โทรศัพท์"} & {part for theirs in found.values() for part in theirs.split(" + ")}


def test_names_of_known_feeds() -> None:
    """DIW's FACTYPE is the class; Sensor.Community's P1 is PM10; OpenAQ is long."""
    diw = names.guess("factories", DIW.split("|"))
    assert (diw["factory_class"], diw["name_th"], diw["lon"]) == ("FACTYPE", "FNAME", "LNG")
    assert "ONAME" not in diw.values()
    community = names.guess("observations", COMMUNITY.split("|"))
    assert (community["pm10"], community["pm25"]) == ("P1", "P2")
    found = names.guess("observations", OPENAQ.split("|"))
    assert (found["station_id"], found["variable"], found["unit"]) == ("location_id", "parameter", "units")


def test_mapping_overrules_and_is_checked() -> None:
    """Ours must be a field, theirs a column; a personal column is refused."""
    content = b"A,B,C,phone\ns1,13.8,99.8,081\n"
    parsed = read(content, "stations", name="x.csv", mapping={"station_id": "A", "lat": "B", "lon": "C"})
    assert parsed.mapping == {"station_id": "A", "lat": "B", "lon": "C"}
    for mapping, match in (
        ({"colour": "A"}, "not a field"),
        ({"lat": "Z"}, "no column Z"),
        ({"name_th": "phone"}, "personal data"),
    ):
        with pytest.raises(UserError, match=match):
            read(content, "stations", name="x.csv", mapping=mapping)


# Stations


def test_station_kinds() -> None:
    """Words of the feeds mean reference or low-cost."""
    assert [station_kind(w) for w in ("GROUND", "DustBoy N", "SDS011", "อ้างอิง", None, "Background")] == [
        "reference", "lowcost", "lowcost", "reference", "unknown", "unknown",
    ]  # fmt: skip


def test_station_without_identifier_gets_a_lasting_one() -> None:
    """The same row gives the same identifier tomorrow; the name serves where there is one."""
    content = b"lat,lon\n13.8,99.8\n13.9,99.9\n"
    one = read(content, "stations", name="a.csv").tables["stations"]["station_id"]
    two = read(content, "stations", name="b.csv").tables["stations"]["station_id"]
    assert one.tolist() == two.tolist()
    assert one.is_unique


def test_twice_the_same_station() -> None:
    """An equal row is counted, one with another place is listed."""
    content = b"station_id,lat,lon\na,13.8,99.8\na,13.8,99.8\na,13.9,99.8\n"
    parsed = read(content, "stations", name="x.csv")
    assert parsed.rows_kept == 1
    assert parsed.dropped["row"].tolist() == [4]


# Readings


def test_wide_and_long_give_the_same() -> None:
    """One column a variable, or one row a variable."""
    wide = hourly("a,2026-01-15 08:00,30,50\na,2026-01-15 09:00,,55", "station,time,PM2.5 (µg/m³),PM10")
    long = hourly(
        "a,2026-01-15 08:00,pm2.5,30\na,2026-01-15 08:00,PM10,50\na,2026-01-15 09:00,pm10,55\na,2026-01-15 09:00,o3,9",
        "station,time,parameter,value",
    )
    key = ["station_id", "variable", "time"]
    one, two = (
        t.astype({"variable": str, "station_id": str}).sort_values(key, ignore_index=True) for t in (wide, long)
    )
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 3


def test_one_column_a_station() -> None:
    """PCD's yearly workbooks: dates down, stations across; the file's name says the pollutant."""
    table = hourly("1/1/2569,30,31\n2/1/2569,-,33\n31/1/2569,5,6", "Date,02T,05T", name="PM2.5 รายวัน.csv")
    assert set(table["variable"]) == {"pm25"}
    assert set(table["period_hours"]) == {24}
    assert sorted(table["station_id"].astype(str)) == ["02T"] * 2 + ["05T"] * 3
    with pytest.raises(UserError, match="--variable"):
        hourly("1/1/2569,30,31\n2/1/2569,-,33", "Date,02T,05T", name="x.csv")


def test_daily_and_hourly_are_told_apart() -> None:
    """Dates are daily means of the local day; hours are hours; the option decides otherwise."""
    daily = hourly("a,2026-01-15,30\na,2026-01-16,31")
    assert daily["time"].iloc[0] == local("2026-01-15 00:00")
    assert set(daily["period_hours"]) == {24}
    assert set(hourly("a,2026-01-15 00:00,30\na,2026-01-15 01:00,31")["period_hours"]) == {1}
    assert set(hourly("a,2026-01-15 09:00,30\na,2026-01-16 09:00,31")["period_hours"]) == {24}
    assert set(hourly("a,2026-01-15,30", period_hours=1)["period_hours"]) == {1}


def test_hour_labels() -> None:
    """24:00 gives ending labels away; the option says it; both kinds in one file are warned about."""
    ending = hourly("a,2026-01-15 23:00,30\na,2026-01-15 24:00,31")
    assert ending["time"].tolist() == [local("2026-01-15 22:00"), local("2026-01-15 23:00")]
    stated = hourly("a,2026-01-15 01:00,30\na,2026-01-15 02:00,31", hour_label="ending")
    assert stated["time"].iloc[0] == local("2026-01-15 00:00")
    kept = hourly("a,2026-01-15 23:00,30\na,2026-01-15 24:00,31", hour_label="beginning")
    assert kept["time"].iloc[0] == local("2026-01-15 23:00")
    rows = [f"a,2026-01-15 {hour},1" for hour in ("00:00", "01:00")] + [
        f"b,2026-01-15 {hour},1" for hour in ("23:00", "24:00")
    ]
    notes = read("\n".join(["station_id,datetime,pm25", *rows]).encode(), "observations", name="x.csv").notes
    assert any("00:00 and 24:00" in n.say() and n.level == "warning" for n in notes)


def test_minutes_become_hours() -> None:
    """Full hours of 5-minute readings are averaged, thin ones marked; wind turns through north."""
    times = pd.date_range("2026-01-15 08:00", periods=18, freq="5min")
    rows = "\n".join(f"a,{t:%Y-%m-%d %H:%M},{i},{350 if i % 2 else 10}" for i, t in enumerate(times))
    table = hourly(rows, "station_id,datetime,pm25,wd")
    pm = table[table["variable"] == "pm25"]
    wind = table[table["variable"] == "wind_dir"]
    assert pm["time"].tolist() == [local("2026-01-15 08:00"), local("2026-01-15 09:00")]
    assert pm["value"].tolist() == [5.5, 14.5]
    assert pm["flag"].fillna("").tolist() == ["", "incomplete"]
    assert min(wind["value"].iloc[0], 360 - wind["value"].iloc[0]) == pytest.approx(0, abs=1e-6)


COUNTERS = [
    ("pm2.5_cf_1_a", "pm2.5_cf_1_b", ""),
    ("PM2.5 A", "PM2.5 B", "PM2.5"),
    ("pm25_a", "pm25_b", ""),
]


@pytest.mark.parametrize(("a", "b", "mean"), COUNTERS)
def test_two_counters_of_one_unit(a: str, b: str, mean: str) -> None:
    """Their mean is the value; hours in which they disagree by both limits, or one is missing, are marked."""
    pairs = [("10", "12"), ("10", "40"), ("", "20"), ("100", "120"), ("1", "3")]
    rows = "\n".join(f"s,2026-01-15 {h:02d}:00,{'7,' * bool(mean)}{x},{y}" for h, (x, y) in enumerate(pairs))
    table = hourly(rows, f"station_id,datetime,{mean + ',' if mean else ''}{a},{b}")
    flags = [None if pd.isna(f) else f for f in table["flag"]]
    assert flags == [None, "channels", "channels", None, None]
    assert table["value"].tolist() == ([7.0] * 5 if mean else [11.0, 25.0, 20.0, 110.0, 2.0])


def test_counters_that_disagree_within_an_hour() -> None:
    """Marked minutes are left out of the hour's mean; too few good ones mark the hour."""
    times = pd.date_range("2026-01-15 08:00", periods=24, freq="5min")
    rows = "\n".join(
        f"a,{t:%Y-%m-%d %H:%M},10,{90 if (t.hour == 8 and i < 2) or (t.hour == 9 and i < 18) else 10}"
        for i, t in enumerate(times)
    )
    table = hourly(rows, "station_id,datetime,pm25_a,pm25_b")
    assert table["value"].tolist() == [10.0, 10.0]
    assert [None if pd.isna(f) else f for f in table["flag"]] == [None, "channels"]


def test_missing_wrong_and_huge_values() -> None:
    """Signs for missing are counted, wrong cells listed with row, column and value; extremes stay."""
    content = "station_id,datetime,pm25\n" + "\n".join(
        f"a,2026-01-15 {h:02d}:00,{v}" for h, v in enumerate(["-999", "-1", "-", "abc", "1800.5", "1e9", "12"])
    )
    parsed = read(content.encode(), "observations", name="x.csv")
    assert parsed.tables["observations"]["value"].tolist() == [1800.5, 12.0]
    assert parsed.dropped[["row", "column", "value"]].to_numpy().tolist() == [[5, "pm25", "abc"], [7, "pm25", "1e9"]]
    assert "x.csv, row 5, column pm25" in parsed.problems()[0].say()
    assert any("stand for missing" in n.say() for n in parsed.notes)


def test_rows_without_time_or_station_are_listed() -> None:
    """Each says why; good rows stay."""
    content = (
        b"station_id,datetime,pm25\na,2026-01-15 08:00,1\na,someday,2\n,2026-01-15 09:00,3\na,2026-01-15 08:00,9\n"
    )
    parsed = read(content, "observations", name="x.csv")
    assert parsed.rows_kept == 1
    assert parsed.dropped["row"].tolist() == [3, 4, 5]


def test_units_are_converted() -> None:
    """mg/m³ become µg/m³, °F become °C; counts of particles are no mass."""
    table = hourly("a,2026-01-15 08:00,0.03", "station_id,datetime,PM2.5 (mg/m3)")
    assert table["value"].tolist() == pytest.approx([30.0])
    header = "location_id,sensors_id,location,datetime,lat,lon,parameter,units,value"
    rows = [
        "1,2,A,2026-01-15T08:00:00+07:00,13.8,99.8,pm25,µg/m³,30",
        "1,3,A,2026-01-15T08:00:00+07:00,13.8,99.8,temperature,f,77",
        "1,4,A,2026-01-15T09:00:00+07:00,13.8,99.8,pm10,particles/cm³,5",
        "1,5,A,2026-01-15T09:00:00+07:00,13.8,99.8,o3,ppm,0.1",
    ]
    parsed = read("\n".join([header, *rows]).encode(), "observations", name="location-1-20260115.csv")
    values = parsed.tables["observations"].set_index("variable")["value"]
    assert values["pm25"] == 30
    assert values["temp"] == pytest.approx(25)
    assert len(values) == 2
    assert parsed.tables["stations"].iloc[0][["station_id", "name_en", "network"]].tolist() == ["1", "A", "OpenAQ"]


def test_sensor_community_archive() -> None:
    """Semicolons, UTC, P2 is PM2.5, the position is in every row."""
    content = (
        b"sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n"
        b"7;SDS011;3;13.814;99.874;2026-01-15T01:00:00;41.2;;;20.5;;\n"
        b"7;SDS011;3;13.814;99.874;2026-01-15T02:00:00;42.2;;;21.5;;\n"
    )
    parsed = read(content, "observations", name="sc.csv")
    table = parsed.tables["observations"]
    assert table[table["variable"] == "pm25"]["value"].tolist() == [20.5, 21.5]
    assert table["time"].min() == local("2026-01-15 08:00")
    assert parsed.tables["stations"].iloc[0][["station_id", "kind", "licence"]].tolist() == [
        "3",
        "lowcost",
        "ODbL / DbCL",
    ]


def test_file_without_station() -> None:
    """A logger's own file: its name is the station, and that is said."""
    parsed = read(b"datetime,pm25\n2026-01-15 08:00,1\n", "observations", name="logger7.csv")
    assert parsed.tables["observations"]["station_id"].tolist() == ["logger7"]
    assert any("logger7" in n.say() for n in parsed.notes)


def test_what_is_missing_is_a_sentence() -> None:
    """No time, no value, nothing usable."""
    for content, match in (
        (b"station_id,pm25\na,1\n", "--map time"),
        (b"station_id,datetime,foo\na,2026-01-15,x\n", "--map pm25"),
        (b"station_id,datetime,pm25\na,nix,1\n", "nothing was imported"),
    ):
        with pytest.raises(UserError, match=match):
            read(content, "observations", name="x.csv")


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 200), st.one_of(st.none(), st.floats(0, 2000))),
        min_size=1, max_size=60, unique_by=lambda row: row[:2],
    )
)  # fmt: skip
def test_readings_survive_writing(rows: list[tuple[str, int, float | None]]) -> None:
    """Every value of every station and hour comes back once, whatever gaps there are."""
    start = pd.Timestamp("2026-01-01")
    text = "station_id,datetime,pm25\n" + "\n".join(
        f"{s},{start + pd.Timedelta(hours=h)},{'' if v is None else v}" for s, h, v in rows
    )
    expected = {(s, h): v for s, h, v in rows if v is not None}
    if not expected:
        return
    table = read(text.encode(), "observations", name="x.csv", options=Options(period_hours=1, utc=True)).tables[
        "observations"
    ]
    hours = (table["time"] - start.tz_localize("UTC")) // pd.Timedelta(hours=1)
    found = dict(zip(zip(table["station_id"].astype(str), hours, strict=True), table["value"], strict=True))
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[k] for k in expected], list(expected.values()))


# Factories


def test_factories_are_kept_with_what_is_known_of_their_place() -> None:
    """Doubled, missing, zero and far points stay in the register and say so."""
    content = (
        "เลขทะเบียน,ชื่อโรงงาน,ประเภท,จำพวก,แรงม้า,คนงานชาย,คนงานหญิง,ละติจูด,ลองติจูด,โทรศัพท์\n"
        "จ3-9(6)-100/51ปจ,ก,00906,3,290,3,2,13.61,101.88,081\n"
        "3-3(4)-1/50ปจ,ข,,,abc,,,13.61,101.88,082\n"
        "3-88-1/50ปจ,ค,,3,1,,,0,0,083\n"
        "3-88-2/50ปจ,ง,99900,3,1,,,51.5,9.1,084\n"
    )
    parsed = read(content.encode("cp874"), "factories", name="โรงงาน.csv")
    table = parsed.tables["factories"].set_index("reg_no")
    assert table["type_code"].fillna("").tolist() == ["00906", "00304", "08800", ""]
    assert table["factory_class"].tolist() == [3, 3, 3, 3]
    assert table["workers"].iloc[0] == 5
    assert table["coordinate_note"].tolist() == ["doubled", "doubled", "zero", "outside"]
    assert table["lat"].isna().tolist() == [False, False, True, False]
    assert "phone" not in table.columns
    assert parsed.dropped[["row", "column"]].to_numpy().tolist() == [[3, "แรงม้า"], [5, "ประเภท"]]
    assert any("1 factories stand on the point of an earlier one" in n.say() for n in parsed.notes)
    assert coordinate_words("doubled", "th") != coordinate_words("doubled", "en")


def test_diw_open_feed() -> None:
    """Cells like ="  0630…", the state from FFLAG, the operator left out."""
    content = (
        "FACREG,DISPFACREG,FID,FACTYPE,FNAME,ONAME,OBJECT,FADDR,FTUMNAME,FPROVNAME,TOTAL_CAP,TOTAL_WORKER,HP,LAT,LNG,FFLAG\n"
        '="  0630000125",3-58(1)-4/34รบ,="10630000125491",3,โรงปูน,นายใครก็ได้,คอนกรีต,12,เบิกไพร,ราชบุรี,"1,500,000",'
        "12,31,13.82,99.85,1\n"
    )
    parsed = read(content.encode(), "factories", name="Factory_Data.csv")
    row = parsed.tables["factories"].iloc[0]
    assert row[["factory_id", "type_code", "status", "address"]].tolist() == [
        "10630000125491", "05801", "operating", "12 เบิกไพร ราชบุรี",
    ]  # fmt: skip
    assert row["capital_baht"] == 1_500_000
    assert not any("นายใครก็ได้" in str(v) for v in row)


# Receptors


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("โรงเรียนวัดบ้านโป่ง", "school"), ("ศูนย์พัฒนาเด็กเล็กเทศบาล", "childcare"), ("โรงพยาบาลบ้านโป่ง", "hospital"),
        ("โรงพยาบาลส่งเสริมสุขภาพตำบลกรับใหญ่", "health_centre"), ("รพ.สต.เบิกไพร", "health_centre"),
        ("บ้านพักคนชรา", "elderly_home"),
        ("kindergarten", "childcare"), ("hospital", "hospital"), ("temple", "other"),
    ],
)  # fmt: skip
def test_receptor_kinds(name: str, kind: str) -> None:
    """A health centre is no hospital, though its name begins like one."""
    assert receptor_kind(name) == kind


def test_receptors_of_two_files_with_running_numbers_stay_apart() -> None:
    """1, 2, 3 of schools and 1, 2, 3 of hospitals are six places."""
    schools = read("id,ชื่อโรงเรียน,นักเรียน,lat,lon\n1,โรงเรียนก,120,13.8,99.8\n".encode(), "receptors", name="a.csv")
    clinics = read("id,name,lat,lon\n1,รพ.สต.ข,13.9,99.9\n".encode(), "receptors", name="b.csv")
    ids = [p.tables["receptors"]["receptor_id"].iloc[0] for p in (schools, clinics)]
    assert ids == ["school-1", "health_centre-1"]
    assert schools.tables["receptors"]["people"].tolist() == [120]


# Boundaries


def wkt(*rows: str, header: str = "code,name_th,wkt") -> bytes:
    return "\n".join([header, *rows]).encode()


SQUARE = '"POLYGON((99 13,99.1 13,99.1 13.1,99 13.1,99 13))"'
BOWTIE = '"POLYGON((99 13,99.1 13.1,99.1 13,99 13.1,99 13))"'


def test_crossed_shapes_are_mended_and_areas_are_true() -> None:
    """A bow tie becomes two triangles; the area is that of the ellipsoid."""
    parsed = read(wkt(f"A,ก,{SQUARE}", f"B,ข,{BOWTIE}"), "boundaries", name="x.csv")
    table = parsed.tables["boundaries"].set_index("code")
    assert table["area_km2"]["A"] == pytest.approx(119.9, rel=0.01)
    assert table["area_km2"]["B"] == pytest.approx(table["area_km2"]["A"] / 2, rel=0.01)
    assert all(shapely.is_valid(shapely.from_wkb(g)) for g in table["geometry"])


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        ([f"TH700501,บ้านโป่ง,{SQUARE}"], "tambon"),
        ([f"TH7005,บ้านโป่ง,{SQUARE}"], "district"),
        ([f"x,เทศบาลเมืองบ้านโป่ง,{SQUARE}"], "municipality"),
        ([f"x,ชุมชนวัด,{SQUARE}", f"y,ชุมชนตลาด,{SQUARE}"], "subarea"),
        ([f"x,อะไรก็ได้,{SQUARE}"], "municipality"),
    ],
)
def test_levels_are_found_out(rows: list[str], level: str) -> None:
    """From codes, from names, or assumed with a warning."""
    assert set(read(wkt(*rows), "boundaries", name="x.csv").tables["boundaries"]["level"]) == {level}


def test_parts_of_one_area_are_joined() -> None:
    """Two rows with one code are one area of both."""
    other = SQUARE.replace("99", "100")
    parsed = read(wkt(f"A,ก,{SQUARE}", f"A,ก,{other}"), "boundaries", name="x.csv")
    table = parsed.tables["boundaries"]
    assert len(table) == 1
    assert shapely.from_wkb(table["geometry"].iloc[0]).geom_type == "MultiPolygon"
    assert table["area_km2"].iloc[0] == pytest.approx(2 * 119.9, rel=0.01)
