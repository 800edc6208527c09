"""Which column of a file is which field of ours: Thai and English names, cut names, known feeds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo.schema import VARIABLES
from language import UserError

JOIN = " + "
"""Joins several columns of the file into one field, in a mapping."""

_PLACE = {
    "lat": "lat latitude latitude_y lat_dd ละติจูด ละติจูต latdecimal geom_lat y_lat dustboy_lat location_lat lat_y",
    "lon": "lon lng long longitude longitude_x lon_dd ลองติจูด ลองจิจูด geom_lon x_lon dustboy_lng dustboy_lon long_x",
    "latlon": "latlon latlng lat_lon coordinates coordinate พิกัด ค่าพิกัด gps พิกัดgps",
    "x": "x easting east utm_e utm_x x_utm x_utm47 x_utm48 x_utm32 พิกัดx พิกัด_e utme coordx x_coord e พิกัดตะวันออก",
    "y": "y northing north utm_n utm_y y_utm y_utm47 y_utm48 y_utm32 พิกัดy พิกัด_n utmn coordy y_coord n พิกัดเหนือ",
    "zone": "zone utm_zone utmzone zone_utm โซน โซนutm utmโซน",
}
_NAMES = {
    "name_th": "name_th nameth thai_name name_thai ชื่อไทย ชื่อภาษาไทย dustboy_name_th",
    "name_en": "name_en nameen english_name name_eng ชื่ออังกฤษ ชื่อภาษาอังกฤษ dustboy_name_en",
}
_STATION = {
    "station_id": "station_id stationid station_code stationcode site_id sensor_id sensor_index dustboy_id "
    "devicedeploymentid device_id deviceid location_id locationid sitecode site_code aqs_id aqsid รหัสสถานี "
    "รหัสเครื่อง id_station station สถานี สถานีตรวจวัด site device sensor id รหัส code dustboy_uri",
    **_NAMES,
    "name": "station_name stationname location_name locationname original_name site_name sitename ชื่อสถานี "
    "ชื่อจุดตรวจวัด location name ชื่อ description สถานที่",
    **_PLACE,
}
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "stations": {
        **_STATION,
        "kind": "kind station_kind stationtype sensor_type device_type devicetype deploymenttype ประเภทสถานี "
        "ชนิดเครื่อง type ประเภท",
        "network": "network provider dataingestsource owner_network เครือข่าย",
        "elevation_m": "elevation_m elevation elev altitude alt station_altitude height_m ความสูง ระดับความสูง",
        "error_sd": "error_sd sd_error uncertainty ความคลาดเคลื่อน",
    },
    "observations": {
        **_STATION,
        "time": "time datetime datetimedata date_time timestamp time_stamp log_datetime datetime_utc utc_datetime "
        "datetimelocal datetime_local measured_at recorded_at วันเวลา วันที่เวลา วันที่และเวลา วันและเวลา created_at",
        "date": "date day วันที่ วัน log_date ว/ด/ป วดป วันเดือนปี",
        "hour": "hour hr เวลา ชั่วโมง clock log_time time_of_day",
        "variable": "variable parameter pollutant param species ตัวแปร พารามิเตอร์ ดัชนี",
        "value": "value values measurement concentration ค่า ค่าที่วัดได้ ความเข้มข้น reading",
        "unit": "unit units หน่วย",
        "pm25": "pm25 pm2.5 pm2_5 pm_2_5 pm2p5 pm25_ugm3 p2 pm2.5_cf_1 pm2.5_atm pm2.5_alt pm2.5_cf_1_a "
        "pm2.5_atm_a pm25_a "
        "ฝุ่นpm2.5 ฝุ่นละอองpm2.5 ฝุ่นpm25 ฝุ่นละอองขนาดไม่เกิน2.5ไมครอน pm25hr pm2.5ค่า ค่าฝุ่นpm2.5",
        "pm10": "pm10 pm_10 pm10_ugm3 p1 pm10.0 pm10.0_atm pm10.0_cf_1 pm10.0_cf_1_a "
        "pm10.0_atm_a pm10_a ฝุ่นpm10 ฝุ่นละอองpm10 "
        "ฝุ่นละอองขนาดไม่เกิน10ไมครอน ค่าฝุ่นpm10",
        "wind_speed": "wind_speed windspeed ws wspd ความเร็วลม wind_spd",
        "wind_dir": "wind_dir winddir wd wdir wind_direction winddirection ทิศทางลม ทิศลม",
        "rh": "rh humidity relative_humidity relativehumidity humid ความชื้น ความชื้นสัมพัทธ์",
        "temp": "temp temperature t2m air_temperature อุณหภูมิ",
    },
    "factories": {
        "reg_no": "reg_no dispfacreg regno registration_no registration_number facreg เลขทะเบียน เลขทะเบียนโรงงาน "
        "ทะเบียนโรงงาน ทะเบียนโรงงานเลขที่",
        "factory_id": "factory_id factory_code รหัสโรงงาน facreg_new เลขทะเบียนโรงงาน14หลัก",
        "name_th": "name_th fname factory_name ชื่อโรงงาน name_thai ชื่อสถานประกอบการ name ชื่อ",
        "type_code": "type_code factory_type diw_type ประเภท ประเภทโรงงาน ลำดับประเภท ประเภทหรือชนิด "
        "ประเภทหรือชนิดของโรงงานลำดับที่ ลำดับที่ indtype factypecode factory_type_code",
        "factory_class": "factory_class class จำพวก factype จำพวกที่ จำพวกโรงงาน fac_class",
        "activity": "activity activity_th object ประกอบกิจการ ประกอบกิจก การประกอบกิจการ กิจการ",
        "hp": "hp horsepower แรงม้า แรงม้ารวม กำลังแรงม้า กำลังเครื่องจักร",
        "workers": "workers total_worker worker คนงาน คนงานรวม จำนวนคนงาน คนงานทั้งหมด employees",
        "workers_parts": "w_m w_f w_skilled_m w_skilled_f คนงานชาย คนงานหญิง ช่างฝีมือชาย ช่างฝีมือหญิง ช่างฝีมือช ช่างฝีมือห",
        "capital_baht": "capital_baht total_cap capital เงินทุน เงินทุนรวม เงินลงทุน เงินลงทุนรวม ทุน",
        "capital_baht_parts": "cap_land cap_building cap_machine cap_working เงินลงทุนค่าที่ดิน เงินลงทุนค ค่าอาคาร "
        "ค่าเครื่องจักร ค่าเครื่อง ทุนหมุนเวียน ทุนหมุนเวี",
        "status": "status fflag สถานะ สถานะโรงงาน factory_status",
        "address": "address ที่อยู่ ที่ตั้ง ที่ตั้งโรงงาน",
        "address_parts": "faddr fmoo fsoi froad ftumname fampname fprovname เลขที่ หมู่ หมู่ที่ ซอย ถนน ตำบล อำเภอ จังหวัด "
        "tambon amphoe province",
        "coordinate_note": "coordinate_note coord_quality coordinate_quality คุณภาพพิกัด",
        **_PLACE,
    },
    "receptors": {
        "receptor_id": "receptor_id id code รหัส รหัสสถานที่ school_id hospital_id hcode hospcode รหัสโรงเรียน "
        "รหัสสถานพยาบาล รหัสหน่วยบริการ รหัส5หลัก รหัส9หลัก schoolid osm_id smis",
        **_NAMES,
        "name": "name ชื่อ school_name hospital_name ชื่อโรงเรียน ชื่อสถานศึกษา ชื่อสถานพยาบาล ชื่อหน่วยบริการ "
        "ชื่อสถานที่ ชื่อโรงพยาบาล hosname hospname",
        "kind": "kind receptor_kind hoslvl level amenity type ประเภท ชนิด ระดับ หน่วยงาน fclass",
        "people": "people students patients capacity persons จำนวนคน จำนวนนักเรียน นักเรียน นักเรียนรวม จำนวน "
        "ผู้ป่วย d_pop_moph catchment_population ประชากร population beds bed",
        **_PLACE,
    },
    "reports": {
        "report_id": "report_id id รหัส รหัสเรื่อง",
        "meeting_id": "meeting_id meeting รหัสการประชุม การประชุม",
        "meeting_date": "meeting_date date วันที่ วันประชุม วันที่ประชุม",
        "place": "place venue สถานที่ สถานที่ประชุม",
        "kind": "kind type ประเภท เรื่อง ชนิด",
        "votes": "votes count hands จำนวน คะแนน จำนวนเสียง จำนวนมือ",
        "note": "note text comment หมายเหตุ ข้อความ ความเห็น",
        "simulated": "simulated จำลอง",
        **_PLACE,
    },
    "population": {
        "code": "code tam_code ADM3_PCODE ADM2_PCODE pcode lao_code boundary_code รหัส รหัสตำบล รหัสชุมชน รหัสพื้นที่ รหัสอปท",
        "name": "name name_th ชื่อ ตำบล ชื่อตำบล เทศบาล ชื่อเทศบาล ชุมชน ชื่อชุมชน พื้นที่ area",
        "people": "people population pop total pop_total total_pop ประชากร จำนวนประชากร ประชากรรวม รวม จำนวนคน",
        "children": "children under15 age0_14 pop_0_14 children_0_14 เด็ก จำนวนเด็ก อายุ0-14 อายุ0-14ปี เด็ก0-14ปี",
        "elderly": "elderly over60 age60plus pop_60plus elderly_60 ผู้สูงอายุ จำนวนผู้สูงอายุ อายุ60ปีขึ้นไป อายุ60+",
        "year": "year ปี พศ พ.ศ. ปีพศ ปีข้อมูล",
        **_PLACE,
    },
    "boundaries": {
        "code": "code subarea_code tam_code ADM3_PCODE ADM2_PCODE ADM1_PCODE pcode amp_code pro_code lao_code รหัส "
        "รหัสตำบล รหัสชุมชน รหัสอปท dla_code tam_id TAM_ID_U boundary_code id",
        "name_th": "name_th nameth ADM3_TH ADM2_TH ADM1_TH tam_th tam_nam_t t_name_t amp_th pro_th ชื่อตำบล ตำบล "
        "ชื่อชุมชน ชุมชน ชื่อเทศบาล เทศบาล ชื่อ ชื่อไทย lao_name tambon_th",
        "name_en": "name_en nameen ADM3_EN ADM2_EN ADM1_EN tam_en tam_nam_e amp_en pro_en ชื่ออังกฤษ tambon_en",
        "name": "name title label",
        "level": "level boundary_level adm_level ระดับ",
        "parent_code": "parent_code parent ADM2_PCODE ADM1_PCODE ADM0_PCODE amp_code pro_code รหัสอำเภอ",
        "population": "population pop people ประชากร จำนวนประชากร pop_total total_pop",
        "population_source": "population_source pop_source แหล่งประชากร",
        "area_km2": "area_km2 area_sqkm areakm2 พื้นที่ตร.กม. area_km2_utm47",
        "approximate": "approximate",
        "geometry": "geometry wkt geom",
    },
}
for _kind in tuple(_ALIASES):
    _ALIASES[_kind].update(source="source แหล่งข้อมูล ที่มา", licence="licence license สัญญาอนุญาต")  # type: ignore[attr-defined]

_COMMON_CUT = 10
"""A DBF file cuts column names to ten characters (bytes)."""


@dataclass(frozen=True)
class Feed:
    """A known feed: columns that give it away, and what has to be known about it (domain facts §6)."""

    name: str
    columns: tuple[str, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)
    utc: bool = False
    hour_ending: bool = False
    fahrenheit: bool = False
    network: str = ""
    kind: str = ""
    licence: str = ""


FEEDS = (
    Feed("Air4Thai", ("datetimedata",), hour_ending=True, network="Air4Thai", kind="reference"),
    Feed(
        "Sensor.Community",
        ("sensor_id", "sensor_type", "location", "timestamp"),
        {"station_id": "location", "time": "timestamp", "pm10": "P1", "pm25": "P2"},
        utc=True,
        network="Sensor.Community",
        kind="lowcost",
        licence="ODbL / DbCL",
    ),
    Feed(
        "OpenAQ",
        ("location_id", "sensors_id", "parameter", "value"),
        {"station_id": "location_id", "name": "location", "time": "datetime"},
        network="OpenAQ",
    ),
    Feed("PurpleAir", ("time_stamp", "sensor_index"), utc=True, fahrenheit=True, network="PurpleAir", kind="lowcost"),
    Feed("DustBoy", ("dustboy_id",), network="DustBoy", kind="lowcost"),
    Feed("DIW", ("facreg", "fname"), {"factory_class": "FACTYPE", "factory_id": "FID", "activity": "OBJECT"}),
)

_PERSONAL = re.compile(
    r"^ผู้$|ผู้ประกอบ|เจ้าของ|ผู้ดูแล|โทรศัพท์|โทร\b|เบอร์|มือถือ|อีเมล|เลขบัตร|เลขประจำตัวประชาชน|^oname$|operator|owner|"
    r"phone|mobile|telephone|^tel$|e?-?mail|contact|caretaker|db_(co|mobile|email|addr)|citizen",
    re.I,
)


def is_personal(column: str) -> bool:
    """Whether a column holds names or numbers of people (PDPA): never stored, never shown."""
    return bool(_PERSONAL.search(column)) and key(column) not in ("ownernetwork",)


def key(name: str) -> str:
    """Return a column name without case, spaces, signs and units, for comparing."""
    plain = unicodedata.normalize("NFC", str(name)).casefold().replace("ํา", "ำ")
    plain = re.sub(r"[(\[{].*?[)\]}]", "", plain)
    return re.sub(r"[\s_\-./,:;\"'*#\ufeff\u200b\xa0]+|[µμ]g/?m3|มคก\.?/?ลบ\.?ม\.?", "", plain)


def fields(kind: str) -> tuple[str, ...]:
    """Return every field that a file of this kind may map."""
    return tuple(name for name in _ALIASES[kind] if not name.endswith("_parts"))


def feed(columns: Iterable[str]) -> Feed | None:
    """Return the known feed that a file comes from, None where it isn't one."""
    found = {str(c).strip().casefold() for c in columns}
    return next((f for f in FEEDS if found >= set(f.columns)), None)


def guess(kind: str, columns: Sequence[str]) -> dict[str, str]:
    """Return our field -> column of the file, from the names alone; earlier aliases win."""
    known: dict[str, str] = {}
    for column in columns:
        if not is_personal(column):
            known.setdefault(key(column), column)
    mapping: dict[str, str] = {}
    source = feed(columns)
    if source is not None:
        for ours, theirs in source.mapping.items():
            if key(theirs) in known and ours in _ALIASES[kind]:
                mapping[ours] = known[key(theirs)]
    taken = set(mapping.values())
    for cut in (False, True):  # whole names of all fields go before cut names of any
        for ours, aliases in _ALIASES[kind].items():
            target, several = ours.removesuffix("_parts"), ours.endswith("_parts")
            # Fields of several columns come last: with a cut name they would take a column that is another's.
            if target in mapping or (several and not cut):
                continue
            others = {mapping.get("code", "")} if target == "parent_code" else taken
            hits = list(_matches(aliases.split(), known, others, cut))
            if hits:
                mapping[target] = JOIN.join(hits if several else hits[:1])
                taken.update(hits if several else hits[:1])
    return _settled(mapping)


def _matches(aliases: Sequence[str], known: Mapping[str, str], taken: set[str], cut: bool) -> Iterable[str]:
    seen: set[str] = set()
    for alias in aliases:
        full = key(alias)
        candidates = [full]
        if cut and (len(full) > _COMMON_CUT or any(ord(ch) > 127 for ch in full)):
            candidates += [k for k in known if _is_cut(k) and full.startswith(k)]
        for candidate in candidates:
            column = known.get(candidate)
            if column is not None and column not in taken and column not in seen:
                seen.add(column)
                yield column


def _is_cut(name: str) -> bool:
    """Whether a name may be the first ten characters, or in UTF-8 the first ten bytes, of a longer one."""
    thai = sum(ord(ch) > 127 for ch in name)
    # Signs are gone from the key, so it may be shorter than what was cut. Three Thai letters are nine bytes.
    return _COMMON_CUT - 2 <= len(name) <= _COMMON_CUT or (thai == 3 and len(name) <= 4)


def _settled(mapping: dict[str, str]) -> dict[str, str]:
    """Settle what one name alone can't tell."""
    if "lat" in mapping and "lon" in mapping:
        for extra in ("x", "y", "latlon"):
            mapping.pop(extra, None)
    elif ("x" in mapping) != ("y" in mapping):
        mapping.pop("x", None)
        mapping.pop("y", None)
    if "x" not in mapping:
        mapping.pop("zone", None)
    if "time" not in mapping and "date" in mapping:
        mapping["time"] = mapping["date"] + (JOIN + mapping["hour"] if "hour" in mapping else "")
    elif "time" not in mapping and "hour" in mapping:
        mapping["time"] = mapping["hour"]
    elif "time" in mapping and "date" in mapping and key(mapping["time"]) in ("time", "เวลา"):
        mapping["time"] = mapping["date"] + JOIN + mapping["time"]
    mapping.pop("date", None)
    mapping.pop("hour", None)
    if "variable" not in mapping and any(v in mapping for v in VARIABLES):
        mapping.pop("value", None)
    return mapping


def score(kind: str, columns: Sequence[str]) -> int:
    """Return how many fields a row of cells would fill as a header."""
    return len(guess(kind, [c for c in columns if c]))


def complete(kind: str, columns: Sequence[str], wanted: Mapping[str, str] | None) -> dict[str, str]:
    """Return the guess, overruled by what the person says (``ours=theirs``; empty theirs: leave it out).

    Raises
    ------
    UserError
        Where ours is no field of this kind, or theirs no column of the file, or holds personal data.
    """
    mapping = guess(kind, columns)
    for ours, theirs in (wanted or {}).items():
        if ours not in fields(kind):
            raise UserError(
                "{field} is not a field of {kind}. Fields: {fields}.",
                field=ours,
                kind=kind,
                fields=", ".join(fields(kind)),
            )
        if not theirs:
            mapping.pop(ours, None)
            continue
        for part in split(theirs, columns):
            if part not in columns:
                raise UserError(
                    "The file has no column {column} (for {field}). Columns: {columns}.",
                    column=part,
                    field=ours,
                    columns=listed(columns),
                )
            if is_personal(part):
                raise UserError("Column {column} holds personal data, which is not stored.", column=part)
        mapping[ours] = theirs
        for other in [o for o, t in mapping.items() if t == theirs and o != ours and o != "parent_code"]:
            del mapping[other]
    return _settled(mapping)


def split(theirs: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that a mapping names: one, or several joined by `` + ``."""
    return [theirs] if theirs in columns else [part.strip() for part in theirs.split(JOIN)]


def listed(columns: Sequence[str], most: int = 25) -> str:
    """Return column names for a sentence; of very many the first ones."""
    return ", ".join(columns[:most]) + (f", … ({len(columns)})" if len(columns) > most else "")


def counters(column: str, columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of a unit's two counters, where `column` is the first of them or their mean.

    >>> counters("pm2.5_cf_1_a", ["pm2.5_cf_1_a", "pm2.5_cf_1_b"]), counters("PM2.5", ["PM2.5", "PM2.5 A", "PM2.5 B"])
    (('pm2.5_cf_1_a', 'pm2.5_cf_1_b'), ('PM2.5 A', 'PM2.5 B'))
    """
    first = re.fullmatch(r"(.*[\W\d_])([aA])(\)?)", column)
    pairs = [(column, f"{first[1]}{'b' if first[2] == 'a' else 'B'}{first[3]}")] if first else []
    for sign in ("_", " ", "-", "", "."):
        pairs += [(f"{column}{sign}{a}", f"{column}{sign}{b}") for a, b in (("a", "b"), ("A", "B"))]
    return next((pair for pair in pairs if set(pair) <= set(columns)), None)


def variable(word: str) -> str | None:
    """Return which of our variables a word means, None where it is none of them.

    >>> variable("PM2.5"), variable("relativehumidity"), variable("o3")
    ('pm25', 'rh', None)
    """
    plain = key(word)
    for ours in VARIABLES:
        if plain == key(ours) or plain in {key(alias) for alias in _ALIASES["observations"][ours].split()}:
            return ours
    return None
