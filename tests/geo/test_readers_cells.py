"""Numbers, times and places as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.factories import type_codes, types
from geo.readers.model import Options, Raw
from geo.readers.numbers import numbers, text
from geo.readers.places import dms, places
from geo.readers.times import times
from language import UserError

BANGKOK = timezone(timedelta(hours=7))
THAI_MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
moments = st.datetimes(datetime(2000, 1, 1), datetime(2056, 12, 31)).map(lambda t: t.replace(second=0, microsecond=0))


def series(*cells: Any) -> pd.Series[Any]:
    return pd.Series(list(cells), dtype=object)


# Numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12.5", 12.5), ("12,5", 12.5), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("๑๒.๕", 12.5), ('="0630"', 630.0),
        (" 7 ", 7.0), ("−3", -3.0), ("1e3", 1000.0), ("'55", 55.0), ("1 234", 1234.0),
    ],
)  # fmt: skip
def test_number_spellings(cell: str, value: float) -> None:
    """Decimal commas, thousands, Thai digits and Excel's text cells."""
    found, wrong = numbers(series(cell))
    assert found[0] == pytest.approx(value)
    assert not wrong[0]


@pytest.mark.parametrize("cell", ["", "-", "N/A", "ไม่มีข้อมูล", "null", None, "–", float("nan")])
def test_signs_for_missing_are_no_mistakes(cell: object) -> None:
    """What stands for missing is NaN without a complaint."""
    found, wrong = numbers(series(cell, "1"))
    assert np.isnan(found[0])
    assert not wrong.any()


@pytest.mark.parametrize("cell", ["abc", "12a", "1.2.3.", "inf", "<5", "--5", "1,2,3x"])
def test_other_texts_are_mistakes(cell: str) -> None:
    """What is no number is marked, and its neighbours are read."""
    found, wrong = numbers(series(cell, "2"))
    assert wrong.tolist() == [True, False]
    assert found[1] == 2


def test_thousands_and_decimal_commas_depend_on_the_column() -> None:
    """1,234 is a thousand where other cells show decimal points, 1.234 where others show decimal commas."""
    assert numbers(series("1,234", "2,000.5"))[0].tolist() == [1234.0, 2000.5]
    assert numbers(series("1,234", "2,5"))[0].tolist() == [1.234, 2.5]
    assert numbers(series("1,234"), decimal_comma=True)[0].tolist() == [1.234]


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1), st.booleans())
def test_numbers_survive_writing(values: list[float], comma: bool) -> None:
    """A number written with a point, or a column with commas, is read as itself."""
    cells = [f"{v:.4f}" for v in values]
    if comma:
        cells = [c.replace(".", ",") for c in cells]
    found, wrong = numbers(series(*cells))
    np.testing.assert_allclose(found, np.round(values, 4), atol=1e-9)
    assert not wrong.any()


@given(st.lists(st.text(max_size=12)))
def test_numbers_never_fail(cells: list[str]) -> None:
    """Whatever stands in a cell: a number, missing, or a mistake; never an exception, never infinity."""
    found, wrong = numbers(series(*cells))
    assert not np.isinf(found).any()
    assert not (wrong & ~np.isnan(found)).any()


def test_text_cells() -> None:
    """Trimmed, unpacked, whole floats without .0, missing as NA."""
    assert text(series('="  0630 "', 5.0, "-", "a \n b", None, "'001")).fillna("?").tolist() == [
        "0630", "5", "?", "a b", "?", "001",
    ]  # fmt: skip


# Times


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-15 08:00", "2026-01-15T08:00:00", "15/01/2026 08:00", "15/01/2569 08:00", "15/1/69 8:00",
        "15-1-2569 8.00",
        "15 ม.ค. 2569 08:00 น.", "15 มกราคม 2569 เวลา 08:00 น.", "15 Jan 2026 8:00 AM", "15-Jan-26 08:00",
        "๑๕/๐๑/๒๕๖๙ ๐๘:๐๐",
        "2569-01-15 08:00", "2026-01-15T01:00:00Z", "2026-01-15T08:00:00+07:00", "2026-01-15 01:00 UTC", "2026011508",
        "202601150800", "2026/01/15 8", "46037.3333333333", "1768438800", "1768438800000",
    ],
)  # fmt: skip
def test_time_spellings(cell: str) -> None:
    """All of them are 15 January 2026, 8 o'clock in Bangkok."""
    found = times(series(cell))
    assert not found.wrong.any()
    assert pd.Timestamp(found.utc[0]) == pd.Timestamp("2026-01-15 01:00")


@pytest.mark.parametrize(
    "cell", ["31/02/2026", "2026-13-45", "yesterday", "25:00", "2026-01-15 25:00", "2026-01-15 08:77"]
)
def test_impossible_times_are_mistakes(cell: str) -> None:
    """No date is made up."""
    assert times(series(cell)).wrong.all()


def test_midnight_at_24_is_the_next_day() -> None:
    """24:00 is understood, and told apart from 00:00."""
    found = times(series("2026-01-15 24:00", "2026-01-15 23:00"))
    assert pd.Timestamp(found.utc[0]) == pd.Timestamp("2026-01-15 17:00")
    assert found.ended_at_24
    assert not found.at_midnight


def test_month_first_is_recognised_by_the_column() -> None:
    """One 1/15 shows the order of all."""
    found = times(series("1/2/2026", "1/15/2026"))
    assert found.month_first
    assert pd.Timestamp(found.utc[0]) == pd.Timestamp("2026-01-01 17:00")


def test_workbook_dates_with_buddhist_years() -> None:
    """Real dates of the year 2569 are dates of 2026."""
    found = times(series(datetime(2569, 1, 15, 8), date(2569, 1, 15), None))
    assert pd.Timestamp(found.utc[0]) == pd.Timestamp("2026-01-15 01:00")
    assert pd.Timestamp(found.utc[1]) == pd.Timestamp("2026-01-14 17:00")
    assert np.isnat(found.utc[2])
    assert not found.wrong.any()


def test_utc_option_and_typed_columns() -> None:
    """Without an offset the option decides; a column with a zone knows by itself."""
    assert pd.Timestamp(times(series("2026-01-15 08:00"), utc=True).utc[0]) == pd.Timestamp("2026-01-15 08:00")
    aware = pd.Series(pd.date_range("2026-01-15 08:00", periods=2, freq="h", tz="Asia/Bangkok"))
    assert pd.Timestamp(times(aware).utc[0]) == pd.Timestamp("2026-01-15 01:00")


@given(
    st.lists(moments, min_size=1, max_size=20),
    st.sampled_from(["iso", "thai", "be", "words", "zone", "compact"]),
)
def test_times_survive_writing(values: list[datetime], form: str) -> None:
    """Any minute of 2000 to 2056, in any of our spellings, comes back as itself."""

    def write(t: datetime) -> str:
        be = t.year + 543
        return {
            "iso": f"{t:%Y-%m-%d %H:%M}",
            "thai": f"{t.day} {THAI_MONTHS[t.month - 1]} {be} {t:%H:%M} น.",
            "be": f"{t.day:02d}/{t.month:02d}/{be} {t:%H:%M}",
            "words": f"{t.day} {t:%b} {t.year} {t:%H:%M}",
            "zone": t.replace(tzinfo=BANGKOK).astimezone(UTC).isoformat(),
            "compact": f"{t:%Y%m%d%H%M}",
        }[form]

    # In d/m/y a column of days up to 12 alone can't be told from m/d/y by anybody: one row settles it.
    cells = [write(t) for t in values] + [write(datetime(2026, 1, 31, 12))]
    found = times(series(*cells))
    expected = [(t - timedelta(hours=7)) for t in values]
    assert [pd.Timestamp(u).to_pydatetime() for u in found.utc[:-1]] == expected


@given(st.lists(st.one_of(st.text(max_size=20), st.floats(), st.none(), st.dates(), st.times())))
def test_times_never_fail(cells: list[object]) -> None:
    """Whatever stands in a cell: a time, missing, or a mistake."""
    found = times(series(*cells))
    assert len(found.utc) == len(cells)
    assert not (found.wrong & ~np.isnat(found.utc)).any()


# Places


def raw(**columns: Any) -> Raw:
    frame = pd.DataFrame(columns)
    return Raw("test.csv", "CSV", frame, np.arange(len(frame)) + 2)


@pytest.mark.parametrize(
    "cell",
    ["13° 49' 12\" N", "13 49 12", "N13.82", "13.82N", "13°49.2'", "13:49:12", "13°49′12″N", "13องศา 49ลิปดา 12ฟิลิปดา"],
)
def test_degrees_minutes_seconds(cell: str) -> None:
    """All of them are 13.82 degrees north."""
    assert dms(cell) == pytest.approx(13.82)


def test_south_and_nonsense() -> None:
    """South is negative; 75 minutes are no minutes."""
    assert dms("5°30'S") == -5.5
    assert np.isnan(dms("13° 75'"))
    assert np.isnan(dms("somewhere"))


@given(st.floats(0, 89.99), st.sampled_from("NS"))
def test_dms_survives_writing(value: float, side: str) -> None:
    """Degrees, minutes and seconds give back the number, to a hundredth of a second."""
    seconds = round(value * 3600, 2)
    cell = f"{int(seconds // 3600)}°{int(seconds % 3600 // 60)}'{seconds % 60:.2f}\"{side}"
    if seconds and float(f"{seconds % 60:.2f}") < 60:
        assert abs(dms(cell)) == pytest.approx(value, abs=0.02 / 3600)
        assert (dms(cell) < 0) == (side == "S")


@pytest.mark.parametrize(("zone", "lon"), [(32647, 99.87), (32647, 100.9), (32648, 102.5)])
def test_utm_metres_are_found_out(zone: int, lon: float) -> None:
    """x, y in metres are UTM 47N or 48N, whichever lies in Thailand."""
    x, y = pyproj.Transformer.from_crs(4326, zone, always_xy=True).transform([lon, lon + 0.1], [13.8, 13.9])
    found = places(raw(x=x, y=y), {"x": "x", "y": "y"}, Options())
    assert found.crs == f"EPSG:{zone}"
    np.testing.assert_allclose(found.lon, [lon, lon + 0.1], atol=1e-7)


def test_ambiguous_zone_is_said() -> None:
    """Where both zones would lie in Thailand, the note names the other one."""
    found = places(raw(x=[450_000.0], y=[1_500_000.0]), {"x": "x", "y": "y"}, Options())
    assert found.crs == "EPSG:32647"
    assert "EPSG:32648" in found.notes[0].say()


def test_stated_system_and_column_names_win() -> None:
    """--crs, or the zone in the columns' names, is believed; Indian 1975 is hundreds of metres off."""
    names = places(raw(x_utm48=[450_000.0], y_utm48=[1_500_000.0]), {"x": "x_utm48", "y": "y_utm48"}, Options())
    assert names.crs == "EPSG:32648"
    old = places(raw(x=[592_000.0], y=[1_527_000.0]), {"x": "x", "y": "y"}, Options(crs="EPSG:24047"))
    new = places(raw(x=[592_000.0], y=[1_527_000.0]), {"x": "x", "y": "y"}, Options(crs="EPSG:32647"))
    assert 200 < pyproj.Geod(ellps="WGS84").inv(old.lon[0], old.lat[0], new.lon[0], new.lat[0])[2] < 1000
    with pytest.raises(UserError, match="no known coordinate system"):
        places(raw(x=[592_000.0], y=[1.5e6]), {"x": "x", "y": "y"}, Options(crs="EPSG:999999"))


def test_metres_from_nowhere_are_refused() -> None:
    """Metres that lie in Thailand in no zone need their system."""
    with pytest.raises(UserError, match="--crs"):
        places(raw(x=[5e6, 5e6], y=[9e6, 9e6]), {"x": "x", "y": "y"}, Options())


def test_swapped_zero_missing_and_far_points() -> None:
    """Swapped ones are turned, zeros are missing, far ones in a Thai file are marked."""
    found = places(
        raw(lat=[13.8, 99.8, 0, None, "x", 51.5, 13.9], lon=[99.8, 13.8, 0, 99, 99, 9.5, 99.9]),
        {"lat": "lat", "lon": "lon"},
        Options(),
    )
    assert found.remark.tolist() == ["", "swapped", "zero", "missing", "unreadable", "outside", ""]
    assert (found.lon[1], found.lat[1]) == (99.8, 13.8)
    assert np.isnan(found.lon[[2, 3, 4]]).all()


def test_one_column_with_both() -> None:
    """13.8, 99.8 in one cell, as copied from a map."""
    found = places(raw(พิกัด=["13.82, 99.87", "13°49'12\"N 99°52'30\"E", ""]), {"latlon": "พิกัด"}, Options())
    np.testing.assert_allclose(found.lat[:2], 13.82)
    np.testing.assert_allclose(found.lon[:2], [99.87, 99.875])
    assert found.remark[2] == "missing"


def test_foreign_points_are_valid() -> None:
    """A file that lies abroad as a whole is only noted."""
    found = places(raw(lat=[51.5, 52.0], lon=[9.5, 10.0]), {"lat": "lat", "lon": "lon"}, Options())
    assert found.remark.tolist() == ["", ""]
    assert [n.level for n in found.notes] == ["info"]


def test_clock_columns_hold_times() -> None:
    """A bare time of day is no moment."""
    assert times(series(time(8, 0))).wrong.all()


# Factory types


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["00906", "10500", "00304"], ["00906", "10500", "00304"]),
        (["9(6)", "105", "3(4)", "88 (1)"], ["00906", "10500", "00304", "08801"]),
        (["906", "10500", "304"], ["00906", "10500", "00304"]),  # a spreadsheet ate the zeros
        (["", None, "ไม่ระบุประเภท"], [None, None, None]),
    ],
)
def test_factory_type_spellings(cells: list[str | None], codes: list[str | None]) -> None:
    """Five digits, number and sub-number in brackets, eaten zeros."""
    number, sub = types(pd.Series(cells, dtype="string"))
    assert type_codes(number, sub).tolist() == codes
