"""Hourly stacks: what is mapped, what is stored, what happens to a damaged or a full cache."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr

from geo.lake import Lake
from language import UserError
from planning import hours
from planning.hours import Cache, Cancelled, HourStack, Stretch
from planning.screening import Parameters, Screening, screen

START, END = date(2026, 2, 9), date(2026, 2, 14)


@pytest.fixture(scope="module")
def found(lake: Lake) -> Screening:
    """Return Ratchaburi's PM2.5 screened over some days, on coarse cells."""
    return screen(lake, Parameters("demo-ratchaburi", "pm25", START, END, cell_m=500.0))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Return an empty cache."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def two_days(lake: Lake, found: Screening, cache: Cache) -> HourStack:
    """Return the stack of two of the days."""
    return hours.make_stack(lake, found, Stretch(date(2026, 2, 11), date(2026, 2, 12)), cache)


def test_the_worst_day_has_the_highest_mean(found: Screening) -> None:
    means = found.daily.mean(axis=1)
    assert hours.worst_day(found) == means.idxmax()


def test_the_stack_equals_kriging_the_hours_itself(lake: Lake, found: Screening, two_days: HourStack) -> None:
    """Selected steps of the pooled fit, read back from the file, are what the fit predicts for them."""
    table, _ = hours.hourly_table(lake, found, Stretch(START, END))
    assert len(table) == 6 * 24
    kriging = hours.fit_hours(lake, found, table)
    places = found.grid.points()[found.mask.ravel()]
    expected = kriging.predict(places)
    step = table.index.get_loc(pd.Timestamp("2026-02-12 08:00", tz="Asia/Bangkok"))
    one = two_days.hour(table.index[step])
    inside = one["mean"].to_numpy()[found.mask]
    assert np.array_equal(np.isfinite(inside), expected.supported)
    sill = np.nanstd(table.to_numpy())
    np.testing.assert_allclose(inside[expected.supported], expected.mean[step][expected.supported], atol=1e-3 * sill)
    np.testing.assert_allclose(
        one["sd"].to_numpy()[found.mask][expected.supported], expected.sd[step][expected.supported], atol=1e-3 * sill
    )
    assert two_days.fit.hours == 6 * 24 and two_days.fit.stations == kriging.n_stations_
    assert two_days.fit.scores["n"] == int(np.isfinite(table.to_numpy()).sum())


def test_the_file_is_read_by_a_stranger(found: Screening, two_days: HourStack) -> None:
    with xr.open_dataset(two_days.path, decode_coords="all") as stored:
        assert stored.attrs["Conventions"] == "CF-1.8" and stored.attrs["simulated"] == 1
        assert stored["mean"].attrs["units"] == "ug m-3" and stored["mean"].attrs["cell_methods"] == "time: mean"
        assert stored.rio.crs == found.grid.crs
        assert stored.sizes["time"] == 48
        # Bangkok's first hour of 11 February, and every hour lasts an hour.
        assert stored.indexes["time"][0] == pd.Timestamp("2026-02-10 17:00")
        width = stored["time_bnds"].diff("bnds").to_numpy().ravel()
        assert (width == np.timedelta64(1, "h")).all()
        low, high = float(stored["mean"].min()), float(stored["mean"].max())
    assert (two_days.low, two_days.high) == pytest.approx((low, high))


def test_a_day_and_a_geotiff(found: Screening, two_days: HourStack, tmp_path: Path) -> None:
    day = two_days.day(date(2026, 2, 11))
    assert day.sizes["time"] == 24
    moment = pd.Timestamp("2026-02-11 07:00", tz="Asia/Bangkok")
    with rasterio.open(two_days.write_hour(moment, tmp_path / "hour.tif")) as source:
        assert source.descriptions == ("mean", "sd") and source.crs == found.grid.crs
        np.testing.assert_array_equal(source.read(1), day["mean"].isel(time=7).to_numpy())
        assert source.bounds.left == found.grid.x[0] - found.grid.cell / 2
    with pytest.raises(UserError, match="no hour"):
        two_days.day(date(2026, 2, 14))


def test_the_second_time_it_comes_from_the_disk(
    lake: Lake, found: Screening, cache: Cache, two_days: HourStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(hours, "fit_hours", never)
    again = hours.make_stack(lake, found, Stretch(date(2026, 2, 11), date(2026, 2, 12)), cache)
    assert again == two_days


def test_other_choices_have_other_names(found: Screening) -> None:
    stretch = Stretch(START, START)
    names = {
        hours.key(found, stretch),
        hours.key(found, Stretch(START, END)),
        hours.key(replace(found, snapshot=found.snapshot + 1), stretch),
        hours.key(replace(found, parameters=replace(found.parameters, pollutant="pm10")), stretch),
    }
    assert len(names) == 4
    assert hours.key(found, stretch) in names


@pytest.mark.parametrize("harm", ["cut", "flipped", "no-json", "bad-json", "other-json"])
def test_a_damaged_file_is_made_again(lake: Lake, found: Screening, tmp_path: Path, harm: str) -> None:
    cache, stretch = Cache(tmp_path / "c"), Stretch(START, START)
    first = hours.make_stack(lake, found, stretch, cache)
    about = first.path.with_suffix(".json")
    data = first.path.read_bytes()
    if harm == "cut":
        first.path.write_bytes(data[: len(data) // 2])
    elif harm == "flipped":
        middle = len(data) // 2
        first.path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif harm == "no-json":
        about.unlink()
    else:
        about.write_text("{" if harm == "bad-json" else "[]", "utf-8")
    assert cache.get(hours.key(found, stretch)) is None
    again = hours.make_stack(lake, found, stretch, cache)
    xr.testing.assert_equal(again.day(START), xr.load_dataset(first.path, decode_coords="all"))


def test_cancelling_leaves_nothing(lake: Lake, found: Screening, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")

    def stop(share: float, _: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        hours.make_stack(lake, found, Stretch(START, END), cache, stop)
    assert list(cache.folder.iterdir()) == []


def test_the_cache_is_bounded_and_the_unused_go_first(lake: Lake, found: Screening, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    days = [START + timedelta(days=k) for k in range(3)]
    made = [hours.make_stack(lake, found, Stretch(d, d), cache) for d in days]
    for age, stack in zip((300, 200, 100), made, strict=True):
        then = stack.path.stat().st_mtime - age
        os.utime(stack.path, (then, then))
    assert cache.get(made[0].path.stem) is not None  # used just now, so the second is the oldest
    size = sum(stack.path.stat().st_size for stack in made)
    cache.most = int(0.8 * size)
    cache.prune(made[2].path.stem)
    assert [stack.path.exists() for stack in made] == [True, False, True]
    assert not made[1].path.with_suffix(".json").exists()
    cache.most = 0
    cache.prune(made[2].path.stem)
    assert [stack.path.exists() for stack in made] == [False, False, True]
    with pytest.raises(UserError, match="cannot be read"):
        made[0].day(days[0])


def test_a_folder_nobody_may_write_is_said(lake: Lake, found: Screening, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", "utf-8")
    with pytest.raises(UserError, match="could not be stored"):
        hours.make_stack(lake, found, Stretch(START, START), Cache(blocked / "hours"))


def test_days_without_hourly_readings_are_said(lake: Lake, found: Screening, tmp_path: Path) -> None:
    far = replace(found, parameters=replace(found.parameters, start=date(2020, 1, 1), end=date(2020, 1, 2)))
    with pytest.raises(UserError, match="hourly readings"):
        hours.make_stack(lake, far, Stretch(date(2020, 1, 1), date(2020, 1, 1)), Cache(tmp_path / "c"))


def test_an_hour_with_too_few_stations_stays_empty(
    lake: Lake, found: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = hours.hourly_table

    def gap(*arguments: object) -> object:
        table, notes = true(*arguments)  # type: ignore[arg-type]
        local = table.index.tz_convert("Asia/Bangkok")
        table.loc[(local.date == START) & (local.hour == 5)] = np.nan
        return table, notes

    monkeypatch.setattr(hours, "hourly_table", gap)
    day = hours.make_stack(lake, found, Stretch(START, START), Cache(tmp_path / "c")).day(START)
    filled = np.isfinite(day["mean"].to_numpy()).any(axis=(1, 2))
    assert list(np.flatnonzero(~filled)) == [5]


def test_what_it_takes_is_said_before(found: Screening) -> None:
    day, all_ = hours.estimate(found, Stretch(START, START)), hours.estimate(found, Stretch(START, END))
    assert (day.hours, all_.hours) == (24, 144)
    assert all_.disk == 6 * day.disk and all_.seconds > day.seconds
    assert day.cells == found.mask.size
    assert "24 hourly maps" in day.sentence.say("en") and "24" in day.sentence.say("th")


@pytest.mark.parametrize(
    ("first", "last", "pooled"),
    [(0, 0, (0, 59)), (99, 99, (40, 99)), (50, 50, (21, 80)), (10, 89, (10, 89))],
)
def test_the_variogram_is_pooled_over_the_days_around(
    found: Screening, first: int, last: int, pooled: tuple[int, int]
) -> None:
    start = date(2026, 1, 1)
    long = replace(found, parameters=replace(found.parameters, start=start, end=start + timedelta(days=99)))
    stretch = Stretch(start + timedelta(days=first), start + timedelta(days=last))
    fitting = hours._fitting(long, stretch)
    assert ((fitting.first - start).days, (fitting.last - start).days) == pooled
