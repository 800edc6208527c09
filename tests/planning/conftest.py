"""A lake with the demo, and a small made-up screening: what a plan, a report and a meeting pack need, no kriging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rioxarray  # noqa: F401  (registers .rio)
import xarray as xr
from shapely.geometry import Point, Polygon, box

from geo.lake import Lake
from language import note
from planning import likely

UTM = "EPSG:32647"
X0, Y0, CELL, NX, NY = 594_000.0, 1_525_000.0, 200.0, 40, 30
DAYS = [date(2026, 1, 15) + timedelta(days=i) for i in range(21)]

ZONES = [
    ("ตลาดบ้านโป่ง", "Ban Pong market", "urgent", 82.4, 12.3, 51.2, 8200),
    ("ปากแรต–โรงงานน้ำตาล", "Pak Raet sugar mill", "urgent", 70.1, 10.9, 48.8, 5100),
    ("หนองอ้อ", "Nong O", "watch", 41.0, 6.2, 43.1, 3300),
    ("ท่าผาเหนือ", "Tha Pha north", "prevent", 20.5, 2.1, 33.9, 2100),
]


def _boxes() -> list[Polygon]:
    width, height = NX * CELL / 2, NY * CELL / 2
    return [
        box(X0 + i * width, Y0 - (j + 1) * height, X0 + (i + 1) * width, Y0 - j * height)
        for j in range(2)
        for i in range(2)
    ]


def _zones() -> gpd.GeoDataFrame:
    rows = []
    for i, (th, en, kind, score, days, mean, people) in enumerate(ZONES, 1):
        rows.append(
            {
                "zone_id": f"Z{i}",
                "rank": i,
                "code": f"TH7005{i:02d}",
                "name_th": th,
                "name_en": en,
                "class": kind,
                "score": score,
                **{
                    f"part_{p}": score * s
                    for p, s in (
                        ("exceedance", 1.0),
                        ("hotspot", 0.9),
                        ("people", 0.8),
                        ("receptors", 0.7),
                        ("factories", 0.9),
                    )
                },
                **{
                    f"weight_{p}": w
                    for p, w in (
                        ("exceedance", 0.3),
                        ("hotspot", 0.2),
                        ("people", 0.2),
                        ("receptors", 0.15),
                        ("factories", 0.15),
                    )
                },
                "days_over": days,
                "days_total": len(DAYS),
                "share_days": days / len(DAYS),
                "hot_days": days * 0.8,
                "mean_ugm3": mean,
                "lower95": mean - 6.4,
                "upper95": mean + 6.9,
                "people": people,
                "people_source": "made up",
                "receptors": 5 - i,
                "schools": 2,
                "hospitals": 1,
                "factories": 9 - 2 * i,
                "factories_high": 3 - i // 2,
                "factories_potential": 20.0 / i,
                "hotspot_share": 0.4 / i,
                "top_factory_types": "โรงงานน้ำตาล 1 แห่ง โรงสีข้าว 2 แห่ง",
                "top_factory_types_en": "1 sugar mill, 2 rice mills",
                "rank_low": i,
                "rank_high": i + 1,
                "top_three_share": 0.97,
                "robustness": "robust",
                "reason_th": f"ฝุ่นเกินค่ามาตรฐานราว {days:.0f} จาก {len(DAYS)} วัน มีคน {people:,} คน",
                "reason_en": f"Dust is over the standard on about {days:.0f} of {len(DAYS)} days; {people:,} people",
                "area_km2": 12.0,
                "level": "subarea",
                "approximate": True,
                "simulated": True,
            }
        )
    return gpd.GeoDataFrame(rows, geometry=_boxes(), crs=UTM).to_crs(4326)


def _factories() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    kinds = [
        ("01103", "น้ำตาลทรายดิบหรือขาว", 3, 5200.0),
        ("00901", "โรงสีข้าว", 2, 74.0),
        ("03401", "แปรรูปไม้", 3, 310.0),
        ("00301", "โม่บดย่อยหิน", 3, 900.0),
        ("06413", "กลึงเชื่อมโลหะ", 1, 20.0),
    ]
    rows = []
    for i in range(16):
        code, name, klass, hp = kinds[i % len(kinds)]
        rows.append(
            {
                "factory_id": f"F{i}",
                "reg_no": f"3-{i}/60",
                "name_th": f"บริษัท ทดลอง {i}",
                "type_code": code,
                "type_name_th": name,
                "type_group": "food",
                "factory_class": klass,
                "hp": hp,
                "workers": 40,
                "potential": [6.0, 2.0, 4.0, 9.0, 0.5][i % 5],
                "zone_id": f"Z{i % 4 + 1}",
                "hotspot_id": "H1",
                "upwind_share": 0.2,
                "coordinate_note": "",
                "source": "made up",
                "simulated": True,
            }
        )
    points = [Point(X0 + rng.uniform(0, NX * CELL), Y0 - rng.uniform(0, NY * CELL)) for _ in rows]
    return gpd.GeoDataFrame(rows, geometry=points, crs=UTM).to_crs(4326)


def _field(day: int | None) -> np.ndarray:
    x, y = np.meshgrid(np.arange(NX), np.arange(NY))
    bump = 22 * np.exp(-((x - 12) ** 2 + (y - 10) ** 2) / 60)
    level = 30.0 if day is None else 24 + 26 * np.exp(-((day - 13) ** 2) / 14)
    return level + bump * (1.0 if day is None else 0.6 + day / 40)


def _dataset(day: int | None) -> xr.Dataset:
    mean = _field(day)
    mean[-4:, -6:] = np.nan
    sd = np.full_like(mean, 5.0)
    chance = 1 / (1 + np.exp(-(mean - 37.5) / 3))
    coords = {"y": Y0 - CELL * (np.arange(NY) + 0.5), "x": X0 + CELL * (np.arange(NX) + 0.5)}
    layers = {"mean": mean, "sd": sd, "lower95": mean - 10, "upper95": mean + 10, "exceedance": chance}
    if day is None:
        layers |= {
            "expected_days": chance * len(DAYS),
            "hot_days": chance * len(DAYS) * 0.8,
            "supported": np.isfinite(mean),
        }
    data = xr.Dataset({k: (("y", "x"), v) for k, v in layers.items()}, coords=coords)
    return data.rio.write_crs(UTM)


def _stations() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(3)
    rows, points = [], []
    for i in range(9):
        rows.append(
            {
                "station_id": f"S{i}",
                "name_th": f"สถานี {i}",
                "name_en": f"Station {i}",
                "kind": "reference" if i == 0 else "lowcost",
                "value": 38.0 + i,
                "days_over": i,
                "n_days": len(DAYS),
                "network": "simulated",
                "source": "Simulator",
                "simulated": True,
            }
        )
        points.append(Point(X0 + rng.uniform(300, NX * CELL - 300), Y0 - rng.uniform(300, NY * CELL - 300)))
    return gpd.GeoDataFrame(rows, geometry=points, crs=UTM).to_crs(4326)


def _receptors() -> gpd.GeoDataFrame:
    kinds = ["school", "hospital", "childcare", "elderly_home", "health_centre", "school"]
    rows = [
        {
            "receptor_id": f"R{i}",
            "name_th": f"แห่งที่ {i}",
            "name_en": f"Place {i}",
            "kind": k,
            "people": 200,
            "source": "made up",
            "simulated": True,
        }
        for i, k in enumerate(kinds)
    ]
    points = [Point(X0 + 800 + 1000 * i, Y0 - 900 - 700 * i) for i in range(len(kinds))]
    return gpd.GeoDataFrame(rows, geometry=points, crs=UTM).to_crs(4326)


def _hotspots() -> gpd.GeoDataFrame:
    row = {
        "hotspot_id": "H1",
        "rank": 1,
        "name_th": "ตลาดบ้านโป่ง",
        "name_en": "Ban Pong market",
        "place_code": "TH700501",
        "area_km2": 3.1,
        "people": 6100,
        "receptors": 4,
        "schools": 2,
        "hospitals": 1,
        "days_over": 12.6,
        "days_total": len(DAYS),
        "share_days": 0.6,
        "hot_days": 10.0,
        "probability": 0.93,
        "mean_ugm3": 52.0,
        "lower95": 45.0,
        "upper95": 59.0,
        "excess_ugm3": 14.2,
        "max_day": "2026-01-28",
        "factories": 6,
        "simulated": True,
    }
    circle = Point(X0 + 12 * CELL, Y0 - 10 * CELL).buffer(1100)
    return gpd.GeoDataFrame([row], geometry=[circle], crs=UTM).to_crs(4326)


def make_screening(simulated: bool = True, hotspots: bool = True) -> SimpleNamespace:
    """Return an object with the attributes of `planning.screening.Screening` that documents use."""
    zones = _zones()
    area = gpd.GeoDataFrame(
        [
            {
                "code": "TM7005",
                "name_th": "เทศบาลเมืองบ้านโป่ง",
                "name_en": "Ban Pong Municipality",
                "level": "municipality",
                "population": 18700,
                "approximate": True,
                "simulated": simulated,
            }
        ],
        geometry=[zones.geometry.union_all()],
        crs=4326,
    )
    found = _hotspots()
    stations = _stations()
    means = np.array([[np.nanmean(_field(i)) + s for s in range(len(stations))] for i in range(len(DAYS))])
    parameters = SimpleNamespace(
        area="TM7005",
        pollutant="pm25",
        start=DAYS[0],
        end=DAYS[-1],
        cell_m=200.0,
        threshold=None,
        standard="thai",
        probability=0.8,
        day_share=0.1,
        weights={"exceedance": 0.3},
        method="weighted",
        reason="",
    )
    return SimpleNamespace(
        parameters=parameters,
        snapshot=12,
        area=area,
        units=zones[["code", "name_th", "name_en", "geometry"]],
        stations=stations,
        receptors=_receptors(),
        factories=_factories(),
        hotspots=found if hotspots else found[:0],
        likely=pd.DataFrame(columns=list(likely.COLUMNS)),
        zones=zones,
        daily=pd.DataFrame(means, index=DAYS, columns=list(stations["station_id"])),
        surface=_dataset(None),
        days=DAYS,
        days_total=len(DAYS),
        daily_mean=lambda day: _dataset(DAYS.index(day)),
        standard=SimpleNamespace(
            value=37.5,
            unit="µg/m³",
            averaging="24h",
            name="thai",
            verified=True,
            name_th="ค่ามาตรฐานไทย",
            name_en="Thai standard",
            source="PCD 2566",
            effective=date(2023, 6, 1),
        ),
        validation=SimpleNamespace(
            n=189, mae=3.1, rmse=4.2, me=0.1, r=0.91, coverage95=0.94, coverage90=0.9, crps=2.0, rmsse=1.02
        ),
        variogram=SimpleNamespace(model="exponential", nugget=3.0, partial_sill=40.0, range=5200.0),
        notes=[note("{count} stations share one place.", count=2)],
        sources=["Simulator (CC0)"],
        simulated=simulated,
        exposed={"mean": 1240.0, "low": 700.0, "high": 1900.0},
        say_notes=lambda lang: ["2 stations share one place."],
    )


@pytest.fixture(scope="module")
def demo_place(demo_copied: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake with the demo for the tests of one module."""
    return demo_copied(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def lake(demo_place: Path) -> Iterator[Lake]:
    """Return that lake, open; a module that wants another lake has its own."""
    with Lake.open(demo_place / "catalog.sqlite", demo_place / "files") as opened:
        yield opened


@pytest.fixture(scope="session")
def made_up():
    """Return the maker of made-up screenings."""
    return make_screening


@pytest.fixture
def screening() -> SimpleNamespace:
    """Return a simulated made-up screening."""
    return make_screening()
