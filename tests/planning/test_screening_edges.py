"""The walk on a hand-made lake: a town that is dusty in the east, and what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from geo.lake import Lake
from geo.schema import ImportRecord
from language import UserError
from planning import artefacts
from planning.screening import Parameters, Screening, screen

TO_DEGREES = Transformer.from_crs(32647, 4326, always_xy=True)
X, Y, SIZE = 600_000.0, 1_520_000.0, 3000.0
DAYS = pd.date_range("2026-01-01", periods=12, freq="D", tz="Asia/Bangkok")
DUSTY = 4
"""Days on which the east of the town lies in dust."""

ASKED = Parameters("TOWN", "pm25", date(2026, 1, 1), date(2026, 1, 12))


def degrees(shape: shapely.Geometry) -> bytes:
    """Return a shape in metres as WKB in degrees, its sides cut so that they stay straight."""
    return shapely.to_wkb(
        shapely.transform(shapely.segmentize(shape, 250), lambda c: np.column_stack(TO_DEGREES.transform(*c.T)))
    )


def stations() -> pd.DataFrame:
    """Return 7 x 7 reference stations over the town."""
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(X, X + SIZE, 7), np.linspace(Y, Y + SIZE, 7)))
    lon, lat = TO_DEGREES.transform(x, y)
    ids = [f"S{i:02d}" for i in range(len(x))]
    return pd.DataFrame({"station_id": ids, "x": x, "kind": "reference", "lat": lat, "lon": lon, "simulated": False,
                         "source": "made by hand"})  # fmt: skip


def readings(table: pd.DataFrame) -> pd.DataFrame:
    """Return 24-hour means: about 20 µg/m³, and about 80 in the east on the first four days."""
    rng = np.random.default_rng(1)
    east = (table["x"].to_numpy() > X + SIZE / 2 + 1)[None, :]
    dusty = (np.arange(len(DAYS)) < DUSTY)[:, None]
    values = np.where(dusty & east, 80.0, 20.0) * rng.lognormal(0, 0.03, (len(DAYS), len(table)))
    wide = pd.DataFrame(values, index=DAYS.tz_convert("UTC"), columns=table["station_id"])
    long = wide.rename_axis("time").reset_index().melt("time", var_name="station_id", value_name="value")
    return long.assign(variable="pm25", period_hours=24)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Return a lake with one municipality without parts, stations, readings, and nothing else."""
    folder = tmp_path_factory.mktemp("lake")
    table = stations()
    town = pd.DataFrame(
        {
            "code": ["TOWN", "FAR"],
            "name_th": ["เทศบาลทดลอง", "เทศบาลไกล"],
            "name_en": ["Test municipality", None],
            "level": ["municipality"] * 2,
            "population": [9000, None],
            "population_source": ["register", None],
            "approximate": [False] * 2,
            "simulated": [False] * 2,
            "geometry": [degrees(shapely.box(x, Y, x + SIZE, Y + SIZE)) for x in (X, X + 80_000.0)],
        }
    )
    with Lake.open(folder / "catalog.sqlite", folder / "files") as opened:
        frames = {"boundaries": town, "stations": table.drop(columns="x"), "observations": readings(table)}
        opened.append(frames, record=ImportRecord("test", "by hand"))
        yield opened


@pytest.fixture(scope="module")
def result(lake: Lake) -> Screening:
    """Return the town screened."""
    return screen(lake, ASKED)


def test_the_dusty_half_is_the_hotspot(result: Screening) -> None:
    """One hotspot, the eastern half (the line lies between two columns of stations), on four of twelve days."""
    assert len(result.hotspots) == 1
    spot = result.hotspots.to_crs(32647).iloc[0]
    west, south, east, north = spot.geometry.bounds
    assert X + 0.5 * SIZE - 100 <= west <= X + 0.67 * SIZE + 100
    assert (south, east, north) == pytest.approx((Y, X + SIZE, Y + SIZE), abs=60)
    assert spot["days_over"] == pytest.approx(DUSTY, abs=0.4)
    assert spot["hot_days"] == pytest.approx(DUSTY, abs=0.3)
    assert spot["max_day"] in {d.date().isoformat() for d in DAYS[:DUSTY]}
    assert spot["mean_ugm3"] == pytest.approx((DUSTY * 80 + (len(DAYS) - DUSTY) * 20) / len(DAYS), rel=0.1)
    assert spot["excess_ugm3"] == pytest.approx(80 - 37.5, rel=0.15)
    assert not spot["simulated"] and not result.simulated


def test_people_of_a_hotspot_are_its_share_of_the_town(result: Screening) -> None:
    """The town's 9,000 people are spread over its area; the squares say where their number comes from."""
    spot = result.hotspots.iloc[0]
    assert int(spot["people"]) == pytest.approx(9000 * spot["area_km2"] / 9.0, rel=0.02)
    assert int(result.zones["people"].sum()) == pytest.approx(9000, abs=20)
    assert result.zones["people_source"].str.startswith("area-weighted: TOWN (register)").all()


def test_a_town_without_parts_is_ranked_by_squares(result: Screening) -> None:
    """Squares of one kilometre, those in the east first."""
    zones = result.zones
    assert 9 <= len(zones) <= 20
    centre = zones.to_crs(32647).geometry.centroid.x
    first, last = zones["hotspot_share"] > 0.9, zones["hotspot_share"] == 0
    assert first.any() and last.any()
    assert centre[first].min() > centre[last].max()
    assert zones.loc[first, "rank"].max() < zones.loc[last, "rank"].min()


def test_what_is_missing_is_said_once(result: Screening) -> None:
    """No receptors, no factories: their weight goes to the others; nothing is said about wind."""
    said = result.say_notes("en")
    assert any("schools and care places" in s for s in said)
    assert any("dust potential of factories" in s for s in said)
    assert not any("wind" in s or "upwind" in s for s in said)
    assert result.zones["part_receptors"].isna().all() and result.zones["part_factories"].isna().all()
    assert len(said) == len(set(said))
    assert len(result.factories) == 0 and len(result.receptors) == 0


def test_the_folder_of_a_bare_town_can_be_read_back(result: Screening, tmp_path: Path) -> None:
    """Tables without rows are files with columns."""
    again = artefacts.read(artefacts.write(result, tmp_path))
    assert len(again.factories) == 0 and {"factory_id", "upwind_share"} <= set(again.factories.columns)
    assert len(again.receptors) == 0
    assert again.zones["zone_id"].tolist() == result.zones["zone_id"].tolist()


def test_days_without_readings_are_counted_out(lake: Lake) -> None:
    """Asked for twenty days, twelve have readings: shares are of twelve, and a note says so."""
    longer = screen(lake, replace(ASKED, end=date(2026, 1, 20)))
    assert longer.days_total == 12 and (longer.zones["days_total"] == 12).all()
    assert any(n.startswith("12 of 20 days are used") for n in longer.say_notes("en"))
    assert any(n.startswith("ใช้ข้อมูล 12 วันจาก 20 วัน") for n in longer.say_notes("th"))


def test_a_share_above_every_place_gives_no_hotspot_but_the_nearest(lake: Lake) -> None:
    """Half of the days is more than four of twelve: the note names a square and the days expected there."""
    strict = screen(lake, replace(ASKED, day_share=0.5))
    assert strict.hotspots.empty
    said = next(n for n in strict.say_notes("en") if n.startswith("There is no hotspot"))
    assert "expected days over the standard: 4.0" in said
    assert "urgent" not in set(strict.zones["class"])


def test_a_place_without_stations_near_is_not_coloured(lake: Lake, tmp_path: Path) -> None:
    """80 km away nothing is known: no surface, no hotspot, no people, and sentences that say so."""
    far = screen(lake, replace(ASKED, area="FAR"))
    assert not far.surface["supported"].any() and np.isnan(far.surface["mean"]).all()
    assert far.hotspots.empty
    assert far.zones[["days_over", "mean_ugm3"]].isna().all().all() and far.zones["people"].isna().all()
    assert set(far.zones["class"]) == {"prevent"}
    assert any(n.level == "error" for n in far.notes)
    assert "no station is near enough" in far.zones["reason_en"].iloc[0]
    point = far.zones.geometry.iloc[0].representative_point()
    assert far.sentence_at(point.x, point.y, "th") == "ไม่มีสถานีใกล้พอที่จะบอกได้ว่าฝุ่นที่นี่เป็นอย่างไร"
    again = artefacts.read(artefacts.write(far, tmp_path))
    assert again.zones["mean_ugm3"].isna().all()
    table = pd.read_csv(tmp_path / "zones.csv", encoding="utf-8-sig")
    assert table["people"].isna().all() and table["days_over"].isna().all()


@pytest.mark.long
def test_a_smaller_patch_than_wanted_is_no_hotspot(lake: Lake) -> None:
    """The dusty half is 4.5 km²: with 6 km² asked for there is none, with 1 km² it is there."""
    assert screen(lake, replace(ASKED, minimum_area_km2=6.0)).hotspots.empty
    assert len(screen(lake, replace(ASKED, minimum_area_km2=1.0)).hotspots) == 1


def test_the_dusty_half_is_local_where_a_third_of_the_days_is_asked(lake: Lake) -> None:
    """Sixty µg/m³ above the west on 4 of 12 days: local for a third of the days, not for half; its excess is 20."""
    found = screen(lake, replace(ASKED, local_day_share=1 / 3))
    assert len(found.local_hotspots) == 1 and found.local_hotspots["hotspot_id"].iloc[0] == "L1"
    row = found.local_hotspots.iloc[0]
    assert row["local_lower95"] < 20 < row["local_upper95"] and row["area_km2"] == pytest.approx(4.5, rel=0.25)
    assert screen(lake, ASKED).local_hotspots.empty
    assert found.hotspots["local_ugm3"].iloc[0] == pytest.approx(20, abs=4)


def test_the_annual_standard_wants_a_year(lake: Lake) -> None:
    """Twelve days are no year."""
    with pytest.raises(UserError, match="judges a year"):
        replace(ASKED, basis="annual")
    with pytest.raises(UserError, match="basis"):
        replace(ASKED, basis="weekly")


def test_hotspots_of_the_annual_standard(lake: Lake) -> None:
    """About 40 µg/m³ in the east and 20 in the west, both over the Thai 15: everything is one hotspot; a note says it.

    The period asked for is a year; that only twelve days have readings is said, too.
    """
    year = replace(ASKED, start=date(2025, 6, 1), end=date(2026, 5, 31), basis="annual")
    found = screen(lake, year)
    assert found.hotspots["area_km2"].sum() == pytest.approx(9.0, rel=0.05)
    assert found.hotspots["area_km2_low"].isna().all() and found.hotspots["confidence"].eq("").all()
    notes = found.say_notes("en")
    assert any("annual standard of 15 µg/m³" in n for n in notes) and any("12 of 365 days" in n for n in notes)


def test_an_old_snapshot_can_be_screened_again(lake: Lake, result: Screening) -> None:
    """What is written later doesn't change what was decided from a snapshot."""
    snapshot = lake.snapshot()
    table = stations()
    later = readings(table).assign(value=99.0)
    lake.append({"observations": later}, record=ImportRecord("test", "later"))
    again = screen(lake, ASKED, snapshot=snapshot)
    assert again.snapshot == snapshot
    assert np.allclose(again.surface["mean"], result.surface["mean"], equal_nan=True)
    with pytest.raises(UserError):
        screen(lake, ASKED)  # all values equal now: nothing to interpolate
