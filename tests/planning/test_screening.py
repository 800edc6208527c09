"""The walk on the demo: its truth is known, its folder can be read back, its command line talks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer

from geo import demo
from geo.lake import Lake
from interpolation import counting
from interpolation.simulation import repeat_share
from language import UserError
from planning import artefacts, hotspots, zones
from planning.__main__ import main, read_date
from planning.screening import Parameters, Screening, rescore, screen
from planning.surfaces import cells_in

pytestmark = pytest.mark.slow

START, END = date(2026, 1, 1), date(2026, 3, 1)
ASKED = Parameters("demo-ratchaburi", "pm25", START, END)


@pytest.fixture(scope="module")
def place(demo_place: Path) -> tuple[str, str]:
    """Return catalogue and files of the lake."""
    return str(demo_place / "catalog.sqlite"), str(demo_place / "files")


@pytest.fixture(scope="module")
def result(lake: Lake) -> Screening:
    """Return Ratchaburi's PM2.5 screened over all sixty days."""
    return screen(lake, ASKED)


@pytest.fixture(scope="module")
def folder(result: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of that screening."""
    return artefacts.write(result, tmp_path_factory.mktemp("out"))


def test_the_tables_have_the_promised_columns(result: Screening) -> None:
    """Every column of the two decision tables is there, in degrees, marked simulated."""
    assert set(hotspots.COLUMNS) == set(result.hotspots.columns)
    assert list(result.zones.columns) == list(zones.COLUMNS)
    for table in (result.hotspots, result.zones, result.factories, result.stations, result.area):
        assert table.crs.to_epsg() == 4326
    assert result.simulated and result.hotspots["simulated"].all() and result.zones["simulated"].all()
    assert result.days_total == 60 and result.days[0] == START and result.days[-1] == END


def test_the_numbers_fit_together(result: Screening) -> None:
    """Counts over zones are the counts of the area; shares are shares; intervals hold their mean."""
    table = result.zones
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["score"].is_monotonic_decreasing
    assert int(table["factories"].sum()) == int(result.factories["zone_id"].notna().sum())
    assert int(table["receptors"].sum()) <= len(result.receptors)
    assert (table["lower95"] < table["mean_ugm3"]).all() and (table["mean_ugm3"] < table["upper95"]).all()
    assert np.allclose(table["share_days"] * table["days_total"], table["days_over"])
    assert table["hotspot_share"].between(0, 1).all()
    spots = result.hotspots
    assert (spots["probability"] >= 0.8).all() and (spots["share_days"] <= 1).all()
    assert (0.8 * spots["hot_days"] <= spots["share_days"] * 60 + 1e-6).all(), "days of at least 80 % each"
    assert result.factories["upwind_share"].dropna().between(0, 1).all()
    assert result.factories["upwind_share"].notna().any()


def test_a_cell_of_a_hotspot_keeps_what_the_hotspot_promises(result: Screening) -> None:
    """By the day maps: in a hotspot P(6 of 60 days or more over the standard) ≥ 0.6, elsewhere it is less."""
    area = cells_in(result.area.to_crs(result.grid.crs).geometry.union_all(), result.grid)
    chance = np.stack([result.daily_mean(day)["exceedance"].to_numpy()[area] for day in result.days])
    enough = np.zeros(result.grid.shape, bool)
    enough[area] = counting.at_least(chance, 6, repeat_share(result.kriging)) >= 0.6
    local = result.hotspots.to_crs(result.grid.crs)
    hot = cells_in(local.geometry.union_all().buffer(1.0), result.grid)
    assert enough[hot & area].mean() > 0.99
    cell_km2 = (result.grid.cell / 1000) ** 2
    assert (enough & area & ~hot).sum() * cell_km2 < 0.3  # only patches below the smallest area, and edges


def test_the_day_maps_add_up_to_the_surface(result: Screening) -> None:
    """The sum of the daily probabilities is the expected number of days."""
    total = sum(np.nan_to_num(result.daily_mean(day)["exceedance"].to_numpy()) for day in result.days)
    good = result.surface["supported"].to_numpy()
    assert np.allclose(total[good], result.surface["expected_days"].to_numpy()[good], atol=0.01)


def test_expected_days_are_near_the_truth(result: Screening) -> None:
    """On the simulator's truth the expected days over the standard miss by less than a sixth of the days."""
    simulation = demo.simulations()["demo-ratchaburi"]
    good = result.surface["supported"].to_numpy() & cells_in(
        result.area.to_crs(result.grid.crs).geometry.union_all(), result.grid
    )
    points = result.grid.points()[good.ravel()]
    truth = simulation.daily_truth("pm25", points[:, 0], points[:, 1])
    over = (truth > 37.5).sum(axis=0)
    expected = result.surface["expected_days"].to_numpy()[good]
    assert np.abs(expected - over).mean() < 10
    assert abs(expected.mean() - over.mean()) < 6
    mean = result.surface["mean"].to_numpy()[good]
    assert abs(mean.mean() - truth.mean()) < 3


def test_the_true_strongest_source_is_among_the_first_three(result: Screening) -> None:
    """By potential × upwind share, for the middle of every hotspot, on the simulator's truth."""
    simulation = demo.simulations()["demo-ratchaburi"]
    listed = result.factories.assign(evidence=result.factories["potential"] * result.factories["upwind_share"])
    assert len(result.hotspots)
    for spot in result.hotspots.to_crs(result.grid.crs).itertuples():
        middle = spot.geometry.centroid
        added = simulation.contributions("pm25", [middle.x], [middle.y]).iloc[0]
        strongest = added[[i for i in added.index if i in set(listed["factory_id"])]].idxmax()
        near = listed[listed["hotspot_id"] == spot.hotspot_id].sort_values("evidence", ascending=False)
        assert strongest in near["factory_id"].head(3).tolist(), spot.hotspot_id


def test_a_place_can_be_asked(result: Screening) -> None:
    """At a station the answer is the map's; far away it is that nobody knows."""
    point = result.zones.geometry.iloc[0].representative_point()
    here = result.at(point.x, point.y)
    x, y = Transformer.from_crs(4326, result.grid.crs, always_xy=True).transform(point.x, point.y)
    cell = result.surface.sel(x=x, y=y, method="nearest")
    assert here["mean"] == pytest.approx(float(cell["mean"]))
    days = round(here["expected_days"])
    assert result.sentence_at(point.x, point.y, "th").startswith(f"จาก 60 วัน มีประมาณ {days} วันที่ฝุ่นเกินค่ามาตรฐานที่นี่")
    assert result.sentence_at(point.x, point.y, "en").startswith(f"Of 60 days, about {days} had dust over")
    assert np.isnan(result.at(90.0, 10.0)["mean"])
    assert result.sentence_at(90.0, 10.0, "en") == "No station is near enough to say how the dust is here."


def test_the_folder_is_complete_and_excel_reads_the_thai(folder: Path, result: Screening) -> None:
    """Every file is there; CSV has the byte-order mark; the raster lies where it should."""
    names = {p.name for p in folder.iterdir()}
    assert {"surface.tif", "hotspots.gpkg", "hotspots.csv", "zones.gpkg", "zones.csv", "factories.csv"} <= names
    assert "manifest.json" in names
    for name in ("hotspots.csv", "zones.csv", "factories.csv"):
        assert (folder / name).read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "zones.csv", encoding="utf-8-sig")
    assert table["reason_th"].iloc[0] == result.zones["reason_th"].iloc[0]
    with rasterio.open(folder / "surface.tif") as raster:
        assert raster.descriptions == ("mean", "sd", "exceedance") and raster.crs.to_epsg() == 32647
        west, south, east, north = result.area.to_crs(32647).total_bounds
        assert raster.bounds.left <= west and raster.bounds.top >= north
        assert raster.bounds.right >= east and raster.bounds.bottom <= south
        exceedance = raster.read(3, masked=True)
        assert exceedance.min() >= 0 and exceedance.max() <= 1
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["simulated"] is True and manifest["snapshot"] == result.snapshot
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["parameters"]["probability"] == 0.6


def test_every_column_is_explained(folder: Path) -> None:
    """columns.csv names every column of every table, and none that isn't there, in both languages."""
    meant = pd.read_csv(folder / "columns.csv", encoding="utf-8-sig")
    for name, rows in meant.groupby("file"):
        written = pd.read_csv(folder / str(name), encoding="utf-8-sig", nrows=1).columns
        assert sorted(rows["column"]) == sorted(written), name
    tables = ("hotspots", "local_hotspots", "zones", "trends", "likely", "factories", "stations", "reports", "voices",
              "readings", "background")  # fmt: skip
    assert {f"{n}.csv" for n in tables} == set(meant["file"])
    assert (meant["meaning_th"] != meant["meaning_en"]).all() and meant["meaning_th"].notna().all()


def test_a_name_that_looks_like_a_formula_is_not_run(result: Screening, tmp_path: Path) -> None:
    """Excel would run =…; an apostrophe stops it, and reading back takes it away."""
    names = ["=HYPERLINK(1)", "-2+3", "'plain'", *result.factories["name_th"].iloc[3:]]
    out = artefacts.write(replace(result, factories=result.factories.assign(name_th=names)), tmp_path)
    lines = (out / "factories.csv").read_text("utf-8-sig").splitlines()
    assert ",'=HYPERLINK(1)," in lines[1] and ",'-2+3," in lines[2] and ",'plain'," in lines[3]
    assert artefacts.read(out).factories["name_th"].tolist()[:3] == names[:3]


def test_a_folder_read_back_is_the_screening(folder: Path, result: Screening) -> None:
    """Tables, surface, notes, parameters and even the day maps are the same."""
    again = artefacts.read(folder)
    assert again.parameters == result.parameters and again.standard == result.standard
    assert again.say_notes("th") == result.say_notes("th")
    assert again.simulated and again.sources == result.sources
    for name in ("hotspots", "zones"):
        ours, theirs = getattr(result, name), getattr(again, name)
        assert len(ours) == len(theirs)
        for column in ("score", "days_over", "mean_ugm3", "people", "rank", "people_day", "people_often_high"):
            if column in ours:
                assert ours[column].astype(float).tolist() == pytest.approx(theirs[column].astype(float).tolist())
    assert np.allclose(again.surface["mean"], result.surface["mean"], equal_nan=True)
    assert np.allclose(again.background, result.background)
    day = result.days[40]
    assert np.allclose(again.daily_mean(day)["mean"], result.daily_mean(day)["mean"], equal_nan=True, atol=1e-4)


@pytest.mark.long
def test_the_same_screening_gives_the_same_bytes(lake: Lake, result: Screening, folder: Path, tmp_path: Path) -> None:
    """Screened again from its snapshot, every file is the same."""
    again = artefacts.write(screen(lake, ASKED, snapshot=result.snapshot), tmp_path)
    for file in sorted(folder.iterdir()):
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_other_weights_rank_anew_without_kriging(result: Screening) -> None:
    """Only people count: the zone with most people is first; ids stay; the surface is the same object."""
    again = rescore(result, {"people": 1.0})
    most = result.zones.loc[result.zones["people"].astype(float).idxmax(), "code"]
    assert again.zones["code"].iloc[0] == most
    ids = dict(zip(result.zones["code"], result.zones["zone_id"], strict=True))
    assert dict(zip(again.zones["code"], again.zones["zone_id"], strict=True)) == ids
    assert again.surface is result.surface
    assert again.parameters.weights is not None and again.parameters.weights["people"] == 1.0
    with pytest.raises(UserError):
        rescore(result, {"people": -1.0})


@pytest.mark.long
def test_a_higher_threshold_gives_fewer_days(lake: Lake, result: Screening) -> None:
    """The user's own limit replaces the standard and says so."""
    strict = screen(lake, replace(ASKED, threshold=50.0))
    assert (strict.standard.name, strict.standard.value) == ("custom", 50.0)
    both = result.surface["supported"].to_numpy() & strict.surface["supported"].to_numpy()
    assert (
        strict.surface["expected_days"].to_numpy()[both] <= result.surface["expected_days"].to_numpy()[both] + 1e-3
    ).all()


def test_progress_goes_from_nothing_to_done(lake: Lake) -> None:
    """Shares rise to 1, sentences are in the reader's language."""
    heard: list[tuple[float, str]] = []
    screen(lake, replace(ASKED, start=date(2026, 2, 1), cell_m=400.0), lambda s, t: heard.append((s, t)), lang="th")
    shares = [s for s, _ in heard]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert heard[-1][1] == "เสร็จแล้ว"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"area": "ที่ไหนก็ไม่รู้"}, "area"),
        ({"start": date(2020, 1, 1), "end": date(2020, 1, 31)}, ": 0; at least 5 are needed"),
        ({"standard": "martian"}, "martian"),
        ({"cell_m": -5.0}, "cell size"),
        ({"weights": {"luck": 1.0}}, "luck"),
    ],
)
def test_a_wish_that_cannot_be_met_is_said(lake: Lake, change: dict[str, object], says: str) -> None:
    """Each ends in one sentence that names what is wrong."""
    with pytest.raises(UserError, match=says):
        screen(lake, replace(ASKED, **change))  # type: ignore[arg-type]


def test_a_day_outside_the_period_has_no_map(result: Screening) -> None:
    """The sentence names the day."""
    with pytest.raises(UserError, match="2025-12-31"):
        result.daily_mean(date(2025, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-02-12", date(2026, 2, 12)),
        ("2569-02-12", date(2026, 2, 12)),
        ("12/2/2569", date(2026, 2, 12)),
        ("12-02-2026", date(2026, 2, 12)),
        ("2567-02-29", date(2024, 2, 29)),
    ],
)
def test_dates_are_read_in_both_eras(text: str, day: date) -> None:
    """ISO and Thai writing, common and Buddhist era; the leap day too."""
    assert read_date(text) == day


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2566-02-29", "1/2/26"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    """With an example of how to write one."""
    with pytest.raises(UserError, match="2569-02-12"):
        read_date(text)


def ask(out: Path, *more: str) -> list[str]:
    """Return the words of a command line for Phatong's February."""
    return ["screen", "--area", "demo-phatong", "--pollutant", "pm25", "--from", "2569-02-01", "--to", "2026-02-28",
            "--out", str(out), *more]  # fmt: skip


def test_the_command_line_writes_the_folder(
    place: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both eras of date, own weights, and the outcome said on standard error; nothing on standard output."""
    monkeypatch.setenv("LAKE_CATALOG", place[0])
    monkeypatch.setenv("LAKE_DATA", place[1])
    monkeypatch.setenv("LANGUAGE", "th")
    out = tmp_path / "phatong"
    asked = ask(out, "--cell", "200", "--weight", "people=2", "--weight", "exceedance=1", "--method", "weighted",
                "--units", "squares", "--reason", "มติสภา", "--without", "DEMO-PT03")  # fmt: skip
    assert main(asked) == 0
    said = capsys.readouterr()
    assert said.out == "" and "อันดับ 1" in said.err and str(out) in said.err
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["cell_m"] == 200.0 and manifest["days_used"] == 28
    assert manifest["parameters"]["weights"]["people"] == pytest.approx(2 / 3)
    assert manifest["parameters"]["reason"] == "มติสภา" and manifest["parameters"]["without"] == ["DEMO-PT03"]
    ranked = gpd.read_file(out / "zones.gpkg")
    assert len(ranked) >= 2 and set(ranked["method"]) == {"weighted"}
    assert ranked["name_en"].str.match("[A-Z]+[0-9]+").all()
    assert "DEMO-PT03" not in (out / "stations.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--threshold", "-1"), "threshold"),
        (("--weight", "people"), "PART=NUMBER"),
        (("--units", "galaxies"), "galaxies"),
        (("--without", "S-NONE"), "S-NONE"),
        (("--from", "soon"), "soon"),
        (("--area", "Atlantis"), "Atlantis"),
        (("--lake-snapshot", "99999"), "99999"),
        (("--out", __file__), "cannot be written"),
    ],
)
def test_the_command_line_ends_with_2_and_one_sentence(
    place: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    says: str,
) -> None:
    """A wrong input is said, without a trace."""
    monkeypatch.setenv("LAKE_CATALOG", place[0])
    monkeypatch.setenv("LAKE_DATA", place[1])
    monkeypatch.setenv("LANGUAGE", "en")
    assert main(ask(tmp_path, *more)) == 2
    said = capsys.readouterr().err
    assert says in said and "Traceback" not in said and said.count("\n") == 1


def test_plan_and_meeting_come_from_the_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forms, plan and the meeting's one file are written from the folder alone, without a lake."""
    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "nowhere" / "catalog.sqlite"))
    monkeypatch.setenv("LANGUAGE", "en")
    out = tmp_path / "plan"
    assert main(["plan", "--screening", str(folder), "--form", "2566", "--out", str(out)]) == 0
    sheets = openpyxl.load_workbook(next(out.glob("*.xlsx")))
    words = {str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value}
    assert any("ผ.02" in w for w in words)
    assert (out / "plan.docx").stat().st_size > 10_000
    page = tmp_path / "meeting.html"
    assert main(["meeting", "--screening", str(folder), "--out", str(page)]) == 0
    assert "จำลอง" in page.read_text("utf-8")
    assert "Written to" in capsys.readouterr().err
    assert main(["meeting", "--screening", str(folder), "--out", str(folder)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """Missing files and another version both end in a sentence."""
    with pytest.raises(UserError, match="not a complete screening folder"):
        artefacts.read(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 99}', "utf-8")
    with pytest.raises(UserError, match="another version"):
        artefacts.read(tmp_path)
