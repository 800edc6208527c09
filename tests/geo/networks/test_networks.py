"""Every other network against answers as they are described: formats, quirks, personal data, pages."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geo.lake import Lake
from geo.networks import NETWORKS, Query, fetch
from geo.readers import Options
from language import UserError

START = datetime(2026, 2, 10, 0, tzinfo=UTC)


def query(server: Any, days: float = 1, **more: Any) -> Query:
    return Query(START, START + timedelta(days=days), base_url=server.url, **more)


def kept(lake: Lake) -> str:
    """Return everything that is kept of the answers, as text."""
    folder = Path(lake.where.data) / "raw"
    files = [gzip.decompress(f.read_bytes()).decode("utf-8", "replace") for f in folder.rglob("*.gz")]
    return "\n".join(files + [f.read_text() for f in folder.rglob("index.jsonl")])


# OpenAQ


def location(number: int = 497972, **more: Any) -> dict[str, Any]:
    sensors = [{"id": 11, "parameter": {"id": 2, "name": "pm25"}}, {"id": 12, "parameter": {"id": 7, "name": "no2"}}]
    return {
        "id": number, "name": "Phatong Municipality", "coordinates": {"latitude": 6.868055, "longitude": 100.465385},
        "sensors": sensors, "isMonitor": False, "isMobile": False, "provider": {"id": 1, "name": "AirGradient"},
        "owner": {"name": "Somchai"}, "licenses": [{"name": "CC BY 4.0"}], **more,
    }  # fmt: skip


def hour(i: int, value: Any = 31.5, complete: float = 100.0) -> dict[str, Any]:
    begin = START + timedelta(hours=i)
    period = {
        "datetimeFrom": {"utc": begin.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "datetimeTo": {"utc": (begin + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")},
    }
    return {"value": value, "period": period, "coverage": {"percentComplete": complete}, "parameter": {"name": "pm25"}}


def test_openaq_pages_and_incomplete_hours(lake: Lake, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked for until one is short; a thin hour has a flag; the key goes into the header only."""
    monkeypatch.setenv("OPENAQ_API_KEY", "sesame-4711")
    pages = {"1": [hour(i, 20 + i % 9) for i in range(1000)], "2": [hour(1000, 50, 40.0), hour(1001, -1)]}
    server.routes |= {
        "/locations": {"results": [location(), location(5, isMobile=True)]},
        "/sensors/11/hours": lambda p: {"results": pages[p["page"]]},
    }
    report = fetch(lake, NETWORKS["openaq"], query(server, 50))
    rows = lake.observations(["pm25"], flagged=True)
    assert report.errors == () and len(rows) == 1001 and set(rows["station_id"]) == {"openaq-497972"}
    assert rows["time"].iloc[0] == pd.Timestamp(START)
    assert rows.iloc[-1]["flag"] == "incomplete"
    place = lake.stations().set_index("station_id").loc["openaq-497972"]
    assert (place["kind"], place["licence"], place["source"]) == ("lowcost", "CC BY 4.0", "OpenAQ: AirGradient")
    assert server.headers[0]["X-API-Key"] == "sesame-4711"
    assert "sesame" not in kept(lake) and "Somchai" not in kept(lake)


def test_openaq_a_server_that_repeats_its_page(lake: Lake, server: Any) -> None:
    """The same page for ever ends the paging; its hours are stored once."""
    page = {"results": [hour(i) for i in range(1000)]}
    server.routes |= {"/locations": {"results": [location()]}, "/sensors/11/hours": page}
    fetch(lake, NETWORKS["openaq"], query(server, 50))
    assert server.paths().count("/sensors/11/hours") == 2
    assert len(lake.observations(["pm25"], flagged=True)) == 1000


PREFIX = "records/csv.gz/locationid=225573/year=2026/month=02/"


def day_file(day: str, hours: range = range(1, 24)) -> bytes:
    head = "location_id,sensors_id,location,datetime,lat,lon,parameter,units,value\n"
    lines = (f"225573,1,Hat Yai,{day}T{h:02d}:00:00+07:00,7.02,100.48,pm25,µg/m³,{20 + h}\n" for h in hours)
    return gzip.compress((head + "".join(lines)).encode())


def test_openaq_archive_over_s3(lake: Lake, bucket: str) -> None:
    """From the endpoint of a real S3 server: lists of a month page by page, only files that are there, no key."""
    import boto3

    name = bucket.removeprefix("s3://").split("/")[0]
    storage = boto3.client("s3", region_name="us-east-1")
    days = ("2026-02-09", "2026-02-10", "2026-02-11", "2026-02-20")
    for day in days:
        storage.put_object(
            Bucket=name, Key=f"{PREFIX}location-225573-{day.replace('-', '')}.csv.gz", Body=day_file(day),
            ACL="public-read",
        )  # fmt: skip
    asked = Query(START, START + timedelta(days=1, hours=20), service="archive", stations=("225573", "1"),
                  base_url=f"s3://{name}")  # fmt: skip
    report = fetch(lake, NETWORKS["openaq"], asked)
    rows = lake.observations(["pm25"])
    assert report.errors == () and set(rows["station_id"]) == {"openaq-225573"}
    assert len(rows) == 2 * 23 and rows["time"].min() == pd.Timestamp("2026-02-09 17:00", tz="UTC")
    row = lake.stations().iloc[0]
    assert row["licence"] and row["source"] == "OpenAQ" and row["network"] == "OpenAQ"
    again = fetch(lake, NETWORKS["openaq"], asked)
    assert again.added == again.updated == 0 and again.kept == 2 and len(lake.observations(["pm25"])) == 46


def test_answers_are_kept_on_s3_where_the_data_lie_there(tmp_path: Path, bucket: str, server: Any) -> None:
    """With their address, time and digest beside them; a second machine does not ask for the settled past again."""
    import boto3

    path = f"{PREFIX}location-225573-20260210.csv.gz"
    server.routes |= {"/": page([path]), f"/{path}": day_file("2026-02-10")}
    asked = query(server, service="archive", stations=("225573",))
    for machine in ("one", "two"):
        with Lake.open(tmp_path / machine / "catalog.sqlite", f"{bucket}/{machine}") as lake:
            assert fetch(lake, NETWORKS["openaq"], asked).added == 24  # 23 hours and a station
            assert fetch(lake, NETWORKS["openaq"], asked).kept == 1
            assert not (tmp_path / machine / "files").exists()
    storage = boto3.client("s3", region_name="us-east-1")
    name = bucket.removeprefix("s3://").split("/")[0]
    keys = [e["Key"] for e in storage.list_objects_v2(Bucket=name)["Contents"] if "/raw/openaq/settled/" in e["Key"]]
    (body,) = (key for key in keys if key.endswith(".gz") and "/one/" in key)
    entry = json.loads(storage.get_object(Bucket=name, Key=f"{body}.json")["Body"].read())
    stored = gzip.decompress(storage.get_object(Bucket=name, Key=body)["Body"].read())
    assert hashlib.sha256(stored).hexdigest() == entry["sha256"] and entry["url"].endswith("20260210.csv.gz")
    with Lake.open(tmp_path / "three" / "catalog.sqlite", f"{bucket}/one") as lake:
        shared = fetch(lake, NETWORKS["openaq"], asked)
        assert shared.added == 24 and shared.kept == 1


def page(keys: list[str], token: str = "") -> bytes:
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    entries = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<?xml version="1.0"?><ListBucketResult xmlns="{space}">{entries}{more}</ListBucketResult>'.encode()


def test_openaq_archive_pages_repeated_torn_and_missing(lake: Lake, server: Any) -> None:
    """A list in pages, the second one given for ever; one file torn, one gone since it was listed."""
    keys = [f"{PREFIX}location-225573-202602{day:02d}.csv.gz" for day in (10, 11, 12)]
    pages = {"": page(keys[:2], "t"), "t": page(keys[1:], "t")}
    server.routes |= {
        "/": lambda params: pages[params.get("continuation-token", "")],
        f"/{keys[0]}": day_file("2026-02-10"), f"/{keys[1]}": day_file("2026-02-11")[:40],
    }  # fmt: skip
    report = fetch(lake, NETWORKS["openaq"], query(server, 3, service="archive", stations=("225573",)), key="hush")
    assert not any("hush" in str(sent) for sent in server.headers), "the key is for the API alone"
    assert server.paths().count("/") == 2 and len(lake.observations(["pm25"])) == 23
    assert len(report.errors) == 1 and "location-225573-20260211" in report.errors[0].say()
    server.routes["/"] = b"<html>sorry</html>"
    report = fetch(lake, NETWORKS["openaq"], query(server, 3, service="archive", stations=("225573",)))
    assert "looks different" in report.errors[0].say("en") and len(lake.observations(["pm25"])) == 23


def test_a_refused_key_is_a_sentence(lake: Lake, server: Any) -> None:
    """HTTP 401 names the key; nothing else is asked."""
    server.routes["/locations"] = (401, {}, b"{}")
    report = fetch(lake, NETWORKS["openaq"], query(server), key="wrong")
    assert "key" in report.errors[0].say() and len(server.asked) == 1


# DustBoy


def test_dustboy_drops_caretakers(lake: Lake, server: Any) -> None:
    """Names and telephones are neither stored nor kept; hours are moved to their beginning."""
    unit = {
        "dustboy_id": "117", "dustboy_uri": "x", "dustboy_name_th": "เทศบาลตำบลพะตง", "dustboy_name_en": "Phatong",
        "dustboy_lat": "6.8", "dustboy_lng": "100.49", "dustboy_status": "Online", "db_co": "นายสมชาย ใจดี",
        "db_mobile": "081-234-5678", "db_email": "a@b.c", "db_addr": "25 ถ.เทศบาล",
    }  # fmt: skip
    values = [{"log_datetime": "2026-02-11 14:05:00", "pm25": "55", "pm10": "-", "daily_pm25": "40"}]
    server.routes |= {"/api/ccdc/stations": [unit], "/api/ccdc/value/117": values}
    report = fetch(lake, NETWORKS["dustboy"], query(server))
    rows = lake.observations(["pm25", "pm10"])
    assert report.errors == () and len(rows) == 1
    assert rows["time"].iloc[0] == pd.Timestamp("2026-02-11 06:00", tz="UTC")
    assert lake.stations().iloc[0]["name_th"] == "เทศบาลตำบลพะตง"
    for secret in ("สมชาย", "081-234", "a@b.c", "25 ถ."):
        assert secret not in kept(lake)


def test_dustboy_official_sends_a_bearer(lake: Lake, server: Any) -> None:
    """The official service wants its key as a bearer and wraps its lists."""
    unit = {"dustboy_id": 9, "dustboy_name_th": "ก", "dustboy_lat": 18.8, "dustboy_lng": 98.9}
    hours = [{"log_datetime": f"2026-02-11 {h:02d}:00:00", "pm25": 30 + h % 5, "pm10": 44} for h in range(10)]
    server.routes |= {"/api/dustboy/stations": {"data": [unit]}, "/api/dustboy/data30day/9": {"data": hours}}
    fetch(lake, NETWORKS["dustboy"], query(server, service="official"), key="k1")
    assert server.headers[0]["Authorization"] == "Bearer k1"
    assert len(lake.observations(["pm25"], flagged=True)) == 10


def test_one_failing_station_holds_nobody_up(lake: Lake, server: Any) -> None:
    """A station without an answer is named; the others are stored."""
    units = [{"dustboy_id": i, "dustboy_name_th": "ก", "dustboy_lat": 18.8, "dustboy_lng": 98.9} for i in (1, 2)]
    server.routes |= {
        "/api/ccdc/stations": units,
        "/api/ccdc/value/2": [{"log_datetime": "2026-02-11 14:00", "pm25": 5}],
    }
    report = fetch(lake, NETWORKS["dustboy"], query(server))
    assert "station 1" in report.errors[0].say() and report.complete
    assert set(lake.observations(["pm25"])["station_id"]) == {"dustboy-2"}


# PurpleAir


def purple(rows: list[list[Any]]) -> dict[str, Any]:
    fields = ["time_stamp", "pm2.5_cf_1_a", "pm2.5_cf_1_b", "pm10.0_cf_1_a", "pm10.0_cf_1_b", "humidity", "temperature"]
    return {"fields": fields, "data": rows}


def test_purpleair_channels(lake: Lake, server: Any) -> None:
    """The mean of both channels; where they disagree or one is missing the hour has a flag; °F become °C."""
    t0 = int(START.timestamp())
    rows = [[t0, 20, 22, 30, 32, 60, 86], [t0 + 3600, 10, 60, 30, 32, 60, 86], [t0 + 7200, None, 22, 30, 31, 60, 86]]
    server.routes |= {
        "/sensors": {"fields": ["sensor_index", "name", "latitude", "longitude", "altitude", "location_type"],
                     "data": [[77, "Ban Pong", 13.8, 99.9, 100, 0], [78, "Indoor", 13.8, 99.9, 100, 1]]},
        "/sensors/77/history": purple(rows), "/sensors/78/history": purple([]),
    }  # fmt: skip
    report = fetch(lake, NETWORKS["purpleair"], query(server), key="k")
    pm = lake.observations(["pm25"], flagged=True)
    assert report.errors == () and list(pm["value"]) == [21.0, 35.0, 22.0]
    assert [None if pd.isna(f) else f for f in pm["flag"]] == [None, "channels", "channels"]
    assert lake.observations(["temp"])["value"].iloc[0] == pytest.approx(30.0)
    assert list(lake.stations()["station_id"]) == ["purpleair-77"]
    assert lake.stations().iloc[0]["elevation_m"] == pytest.approx(30.48)


def test_purpleair_needs_a_key(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key nothing is asked; the sentence names the variable."""
    monkeypatch.delenv("PURPLEAIR_API_KEY", raising=False)
    with pytest.raises(UserError, match="PURPLEAIR_API_KEY"):
        fetch(lake, NETWORKS["purpleair"], Query(START, START + timedelta(days=1)))


def test_purpleair_lost_channel_field(lake: Lake, server: Any) -> None:
    """A history without a channel's column is a changed format, not half a value."""
    server.routes |= {
        "/sensors": {"fields": ["sensor_index", "latitude", "longitude"], "data": [[77, 13.8, 99.9]]},
        "/sensors/77/history": {"fields": ["time_stamp", "pm2.5_atm"], "data": [[int(START.timestamp()), 5]]},
    }
    report = fetch(lake, NETWORKS["purpleair"], query(server), key="k")
    assert "pm2.5_cf_1_a" in report.errors[0].say() and lake.observations(["pm25"]).empty


# Sensor.Community


def test_sensor_community_archive(lake: Lake, server: Any) -> None:
    """P1 is PM10 and P2 PM2.5, UTC, every few minutes, averaged to hours; indoor and weather sensors are left aside."""

    def sensor(number: int, kind: str = "SDS011", indoor: int = 0) -> dict[str, Any]:
        place = {"id": 900 + number, "latitude": "13.812", "longitude": "99.871", "indoor": indoor, "country": "TH"}
        return {"sensor": {"id": number, "sensor_type": {"name": kind}}, "location": place, "sensordatavalues": []}

    lines = ["sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2"]
    lines += [
        f"1;SDS011;901;13.812;99.871;2026-02-10T{m // 60:02d}:{m % 60:02d}:07;80.0;;;{40 + m % 3};;"
        for m in range(0, 180, 3)
    ]
    server.routes |= {
        "/airrohr/v1/filter/country=TH": [sensor(1), sensor(2, "BME280"), sensor(3, indoor=1)],
        "/2026-02-10/2026-02-10_sds011_sensor_1.csv": "\n".join(lines).encode(),
    }
    report = fetch(lake, NETWORKS["sensor-community"], query(server, 2))
    pm25, pm10 = lake.observations(["pm25"]), lake.observations(["pm10"], flagged=True)
    assert report.errors == () and len(pm25) == 3 and set(pm10["value"]) == {80.0}
    assert pm25["time"].min() == pd.Timestamp("2026-02-10 00:00", tz="UTC")
    place = lake.stations().iloc[0]
    assert (len(lake.stations()), place["station_id"], place["licence"]) == (1, "sensor-community-901", "ODbL / DbCL")
    assert not any("sensor_2" in path or "sensor_3" in path for path in server.paths())


# AirGradient


def test_airgradient_hours_grow_over_polls(lake: Lake, server: Any) -> None:
    """Two quarter-hours are too few; with the third poll the hour is complete, even where the value stays."""
    begin = datetime(2026, 2, 10, 8, tzinfo=UTC)

    def poll(minute: int, value: float) -> Any:
        now = begin + timedelta(minutes=minute)
        stamp = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        server.routes["/world/locations/measures/current"] = [
            {"locationId": 5, "publicLocationName": "ร.ร.", "publicContributorName": "คุณสมหญิง", "latitude": 13.8,
             "longitude": 99.9, "timestamp": stamp, "pm02": value, "pm10": None, "rhum": 55, "atmp": 31.0}
        ]  # fmt: skip
        wish = Query(begin - timedelta(hours=2), now, base_url=server.url)
        return fetch(lake, NETWORKS["airgradient"], wish, now=lambda: now)

    poll(5, 30.0)
    poll(20, 30.0)
    assert lake.observations(["pm25"]).empty
    assert list(lake.observations(["pm25"], flagged=True)["flag"]) == ["incomplete"]
    report = poll(35, 30.0)
    rows = lake.observations(["pm25"])
    assert list(rows["value"]) == [30.0] and rows["time"].iloc[0] == pd.Timestamp(begin)
    assert report.updated > 0 and "สมหญิง" not in kept(lake)
    poll(50, 70.0)
    assert list(lake.observations(["pm25"])["value"]) == [40.0]


def test_airgradient_moments_kept_on_s3_become_an_hour(tmp_path: Path, bucket: str, server: Any) -> None:
    """As those in a folder do; nothing of it lies on this machine."""
    begin = datetime(2026, 2, 10, 8, tzinfo=UTC)
    with Lake.open(tmp_path / "catalog.sqlite", bucket) as lake:
        for minute in (5, 20, 35):
            now = begin + timedelta(minutes=minute)
            server.routes["/world/locations/measures/current"] = [
                {"locationId": 5, "publicLocationName": "ร.ร.", "latitude": 13.8, "longitude": 99.9,
                 "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "pm02": 20.0 + minute}
            ]  # fmt: skip
            wish = Query(begin - timedelta(hours=2), now, base_url=server.url)
            assert fetch(lake, NETWORKS["airgradient"], wish, now=lambda now=now: now).errors == ()
        assert list(lake.observations(["pm25"])["value"]) == [40.0]
    assert not list(tmp_path.rglob("*.gz"))


# Registers, boundaries, tables


DIW = (
    "FACREG,DISPFACREG,FID,FACTYPE,FNAME,ONAME,OBJECT,FADDR,FTUMNAME,FAMPNAME,FPROVNAME,TOTAL_WORKER,HP,LAT,LNG,FFLAG\n"
    '="  0630001",จ3-34(1)-1/51รบ,001,3,โรงเลื่อยหนึ่ง,นายลับ มาก,เลื่อยไม้,1,เบิกไพร,บ้านโป่ง,ราชบุรี,20,100,13.81,99.88,1\n'
    '="  0630002",จ3-9(1)-2/51รบ,002,3,โรงสีสอง,นางลับ ยิ่ง,สีข้าว,2,ปากแรต,บ้านโป่ง,ราชบุรี,5,50,0,0,1\n'
    "broken,line\n"
    '="  0900003",จ3-52(1)-3/51สข,003,3,ยางสาม,นายลับ สุด,ยางแผ่น,3,พะตง,หาดใหญ่,สงขลา,9,75,6.87,100.47,1\n'
)


def test_diw_register_of_a_province(lake: Lake, server: Any) -> None:
    """Quirky cells, a broken line, a place at 0, 0; operators' names are nowhere."""
    server.routes["/Factory_Data_CSV.php"] = DIW.encode()
    report = fetch(lake, NETWORKS["diw"], query(server, province="ราชบุรี"))
    factories = lake.factories().set_index("name_th")
    assert report.errors == () and set(factories.index) == {"โรงเลื่อยหนึ่ง", "โรงสีสอง"}
    assert pd.isna(factories.loc["โรงสีสอง", "lat"]) and factories.loc["โรงเลื่อยหนึ่ง", "lat"] == 13.81
    assert "ลับ" not in kept(lake) and "ONAME" not in kept(lake)
    again = fetch(lake, NETWORKS["diw"], query(server, province="ราชบุรี"))
    assert again.added == again.updated == 0


def test_diw_unknown_province_and_lost_column(lake: Lake, server: Any) -> None:
    """Both give a sentence that helps on."""
    server.routes["/Factory_Data_CSV.php"] = DIW.encode()
    report = fetch(lake, NETWORKS["diw"], query(server, province="เชียงราย"))
    assert "สงขลา" in report.errors[0].say()
    server.routes["/Factory_Data_CSV.php"] = DIW.replace("FNAME", "NAME1").encode()
    report = fetch(lake, NETWORKS["diw"], query(server))
    assert "FNAME" in report.errors[0].say() and lake.factories().empty


def cod_ab(tmp_path: Path) -> bytes:
    """Return a zip file with layers adm1 and adm3 of two provinces."""
    layers = {
        "tha_admbnda_adm1_rtsd": [("TH70", "ราชบุรี", "Ratchaburi", None), ("TH90", "สงขลา", "Songkhla", None)],
        "tha_admbnda_adm3_rtsd": [
            ("TH700501", "บ้านโป่ง", "Ban Pong", "TH7005"),
            ("TH901101", "พะตง", "Phatong", "TH9011"),
        ],
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in layers.items():
            level = name[12:16].upper()
            table = gpd.GeoDataFrame(
                {f"{level}_PCODE": [r[0] for r in rows], f"{level}_TH": [r[1] for r in rows],
                 f"{level}_EN": [r[2] for r in rows], "ADM2_PCODE": [r[3] for r in rows]},
                geometry=[box(99.8, 13.7, 99.9, 13.8), box(100.4, 6.8, 100.5, 6.9)], crs=4326,
            )  # fmt: skip
            if level == "ADM1":
                table = table.drop(columns="ADM2_PCODE")
            table.to_file(tmp_path / f"{name}.shp", encoding="utf-8")
            for part in sorted(tmp_path.glob(f"{name}.*")):
                archive.write(part, part.name)
    return out.getvalue()


def test_boundaries_of_a_province(lake: Lake, server: Any, tmp_path: Path) -> None:
    """The catalogue names the file; of it come the province and its tambons, and a workspace."""
    resources = [{"format": "SHP", "name": "tha_shp.zip", "url": f"{server.url}/file.zip", "last_modified": "2022"},
                 {"format": "XLSX", "name": "gaz.xlsx", "url": f"{server.url}/no"}]  # fmt: skip
    server.routes |= {"/api/3/action/package_show": {"result": {"resources": resources}}, "/file.zip": cod_ab(tmp_path)}
    report = fetch(lake, NETWORKS["boundaries"], query(server, province="Ratchaburi"))
    areas = lake.boundaries()
    assert report.errors == () and set(areas["code"]) == {"TH70", "TH700501"}
    assert set(areas["level"]) == {"province", "tambon"} and set(areas["licence"]) == {"CC BY-IGO"}
    workspace = lake.workspaces().iloc[0]
    assert workspace["workspace_id"] == "area-TH70" and json.loads(workspace["boundary_codes"]) == ["TH700501"]
    assert fetch(lake, NETWORKS["boundaries"], query(server, province="TH70")).added == 0
    report = fetch(lake, NETWORKS["boundaries"], query(server, province="Atlantis"))
    assert "Songkhla" in report.errors[0].say()


def test_a_table_at_an_address(lake: Lake, server: Any) -> None:
    """A logger's CSV grows; each fetch brings what is new; a token in the address and a telephone are not kept."""
    head = "station,datetime,pm25,lat,lon,phone\n"
    rows = [f"A1,2026-02-10 {h:02d}:00,{20 + h},13.8,99.9,0812345678\n" for h in range(5)]
    server.routes["/log.csv"] = (head + "".join(rows[:3])).encode()
    wish = query(server, url=f"{server.url}/log.csv?token=hush123", options=Options(licence="CC0"))
    first = fetch(lake, NETWORKS["csv"], wish)
    server.routes["/log.csv"] = (head + "".join(rows)).encode()
    second = fetch(lake, NETWORKS["csv"], wish)
    assert (first.added, second.added) == (4, 2) and len(lake.observations(["pm25"])) == 5
    assert "0812345678" not in kept(lake) and "hush123" not in kept(lake)
    assert not lake.imports()["file_name"].str.contains("hush").any()


def test_a_table_without_an_address(lake: Lake) -> None:
    """The sentence shows how to say it."""
    report = fetch(lake, NETWORKS["csv"], Query(START, START + timedelta(days=1)))
    assert "geo fetch csv" in report.errors[0].say()


def test_two_networks_with_one_instrument(lake: Lake, server: Any) -> None:
    """A station beside one of another network is named: the same readings would count twice."""
    server.routes |= {"/locations": {"results": [location()]}, "/sensors/11/hours": {"results": [hour(0)]}}
    fetch(lake, NETWORKS["openaq"], query(server))
    server.routes["/world/locations/measures/current"] = [
        {"locationId": 5, "latitude": 6.86806, "longitude": 100.46539, "timestamp": "2026-02-10T08:00:00Z", "pm02": 3}
    ]
    report = fetch(lake, NETWORKS["airgradient"], query(server))
    assert any("same instrument" in n.say() and "openaq-497972" in n.say() for n in report.notes)
