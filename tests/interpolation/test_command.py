"""The command line: tables in, tables and maps out; bad input ends with exit code 2 and one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from pykrige.ok import OrdinaryKriging
from shapely.geometry import box

from interpolation import Variogram
from interpolation.command import main

ROOT = Path(__file__).resolve().parents[2]
FIXED = "exponential:nugget=2,psill=60,range=4000"
PM, UTM, HOUR = ("--value", "pm25"), ("--crs", "EPSG:32647"), ("--time", "hour")
CELL = ("--cell", "99", "--out", "@s.tif")
MODEL = Variogram("exponential", 2.0, 60.0, 4000.0)


@pytest.fixture
def tables(field, tmp_path: Path, monkeypatch):
    """Thirty stations, four targets, and the same over five hours with gaps; returns the folder."""
    monkeypatch.setenv("LANGUAGE", "en")
    xy, z = field(MODEL, 30, 5)
    xy += np.array([600_000.0, 1_500_000.0])
    z = 40 + z
    ids = [f"S{k:02d}" for k in range(30)]
    one = pd.DataFrame({"station_id": ids, "x": xy[:, 0], "y": xy[:, 1], "pm25": z[0]})
    one.to_csv(tmp_path / "one.csv", index=False)
    hours = [f"2026-02-01T0{h}:00" for h in range(5)]
    long = pd.concat([one.assign(pm25=z[h], hour=hours[h]) for h in range(5)])
    long = long.drop(long.index[3:5]).sample(frac=1, random_state=1)
    long.to_csv(tmp_path / "long.csv", index=False)
    targets = np.array(
        [[605_000.0, 1_505_000.0], [601_000.0, 1_501_000.0], [608_000.0, 1_503_000.0], [605_000.0, 1_505_000.0]]
    )
    pd.DataFrame({"id": list("dcba"), "x": targets[:, 0], "y": targets[:, 1]}).to_csv(tmp_path / "at.csv", index=False)
    gpd.GeoDataFrame(geometry=[box(602_000, 1_502_000, 607_000, 1_508_000)], crs=32647).to_file(tmp_path / "area.gpkg")
    gpd.GeoDataFrame(geometry=[box(902_000, 1_502_000, 907_000, 1_508_000)], crs=32647).to_file(tmp_path / "far.gpkg")
    return tmp_path


def _run(folder: Path, *words: str) -> int:
    return main([w.replace("@", f"{folder}/") for w in words])


def _peer(table: pd.DataFrame, targets: pd.DataFrame):
    name, parameters = MODEL.to_pykrige()
    peer = OrdinaryKriging(table["x"], table["y"], table["pm25"], variogram_model=name, variogram_parameters=parameters)
    return peer.execute("points", targets["x"].to_numpy(), targets["y"].to_numpy())


def test_predict_equals_pykrige(tables: Path) -> None:
    """PRED.csv holds the targets in their order, with PyKrige's mean and variance."""
    words = ["predict", "@one.csv", *PM, *UTM, "--at", "@at.csv", "--out", "@p.csv"]
    assert _run(tables, *words, "--variogram", FIXED, "--threshold", "45") == 0
    out = pd.read_csv(tables / "p.csv")
    assert list(out.columns) == ["id", "x", "y", "mean", "sd", "lower95", "upper95", "exceedance"]
    assert "".join(out["id"]) == "dcba"
    mean, variance = _peer(pd.read_csv(tables / "one.csv"), out)
    np.testing.assert_allclose(out["mean"], mean.data, rtol=1e-6)
    np.testing.assert_allclose(out["sd"] ** 2, variance.data, rtol=1e-6)
    np.testing.assert_allclose(out["upper95"], out["mean"] + 1.959964 * out["sd"], rtol=1e-6)


def test_pykrige_convention(tables: Path) -> None:
    """PyKrige's range is three times gstat's for the exponential model."""
    words = ["predict", "@one.csv", *PM, *UTM, "--at", "@at.csv"]
    other = "exponential:nugget=2,psill=60,range=12000,convention=pykrige"
    assert _run(tables, *words, "--variogram", FIXED, "--out", "@a.csv") == 0
    assert _run(tables, *words, "--variogram", other, "--out", "@b.csv") == 0
    pd.testing.assert_frame_equal(pd.read_csv(tables / "a.csv"), pd.read_csv(tables / "b.csv"))


def test_time_steps_are_kriged_with_their_own_stations(tables: Path) -> None:
    """Targets without a time are predicted at every step; each step equals PyKrige with its stations."""
    words = ["predict", "@long.csv", *PM, *HOUR, *UTM, "--variogram", FIXED]
    assert _run(tables, *words, "--at", "@at.csv", "--out", "@p.csv") == 0
    out, long = pd.read_csv(tables / "p.csv"), pd.read_csv(tables / "long.csv")
    assert len(out) == 20
    for hour, part in out.groupby("hour"):
        mean, variance = _peer(long[long["hour"] == hour], part)
        np.testing.assert_allclose(part["mean"], mean.data, rtol=1e-6)
        np.testing.assert_allclose(part["sd"] ** 2, variance.data, rtol=1e-6)


def test_targets_with_a_time(tables: Path, capsys) -> None:
    """A long table of targets is predicted at its own steps; a step without stations stays empty, with a note."""
    at = pd.read_csv(tables / "at.csv").assign(
        hour=["2026-02-01T03:00", "2026-02-01T00:00", "2027-01-01T00:00", "2026-02-01T04:00"]
    )
    at.to_csv(tables / "when.csv", index=False)
    words = ["predict", "@long.csv", *PM, *HOUR, *UTM, "--variogram", FIXED]
    assert _run(tables, *words, "--at", "@when.csv", "--out", "@own.csv") == 0
    assert "1 rows of when.csv have a time without any station" in capsys.readouterr().err
    assert _run(tables, *words, "--at", "@at.csv", "--out", "@every.csv") == 0
    own, every = pd.read_csv(tables / "own.csv"), pd.read_csv(tables / "every.csv")
    assert np.isnan(own["mean"][2])
    for k in (0, 1, 3):
        same = every[(every["id"] == own["id"][k]) & (every["hour"] == own["hour"][k])]
        assert own["mean"][k] == pytest.approx(same["mean"].iloc[0], rel=1e-12)


def test_longitude_and_latitude(tables: Path, capsys) -> None:
    """lon and lat are projected to UTM with a note, and give the map of x and y; Parquet works too."""
    from pyproj import Transformer

    for name in ("one", "at"):
        table = pd.read_csv(tables / f"{name}.csv")
        lon, lat = Transformer.from_crs(32647, 4326, always_xy=True).transform(table["x"], table["y"])
        table.drop(columns=["x", "y"]).assign(lon=lon, lat=lat).to_parquet(tables / f"{name}.parquet")
    words = [
        "predict",
        "@one.parquet",
        "--value",
        "pm25",
        "--at",
        "@at.parquet",
        "--out",
        "@p.csv",
        "--variogram",
        FIXED,
    ]
    assert _run(tables, *words) == 0
    assert "EPSG:32647" in capsys.readouterr().err
    mean, _ = _peer(pd.read_csv(tables / "one.csv"), pd.read_csv(tables / "at.csv"))
    np.testing.assert_allclose(pd.read_csv(tables / "p.csv")["mean"], mean.data, rtol=1e-5)


def test_validate_json(tables: Path, capsys) -> None:
    """The JSON has every key, and its variogram can be given back."""
    assert _run(tables, "validate", "@long.csv", *PM, *HOUR, *UTM, "--json") == 0
    scores = json.loads(capsys.readouterr().out)
    wanted = [
        "n",
        "mae",
        "rmse",
        "me",
        "r",
        "crps",
        "coverage90",
        "coverage95",
        "rmsse",
        "variogram",
        "transform",
        "transform_parameters",
        "notes",
    ]
    assert list(scores) == wanted
    assert scores["transform"] in {"none", "log", "sqrt", "boxcox"}
    assert scores["n"] == len(pd.read_csv(tables / "long.csv"))
    assert 0.85 < scores["coverage95"] <= 1
    v = scores["variogram"]
    again = (
        f"{v['model']}:nugget={v['nugget']},psill={v['psill']},range={v['range']},angle={v['angle']},ratio={v['ratio']}"
    )
    assert _run(tables, "validate", "@one.csv", *PM, *UTM, "--variogram", again, "--json") == 0


def test_validate_table_blocks_and_comparison(tables: Path, capsys) -> None:
    """The scores are readable without JSON, the left-out predictions can be written, and the peers are ranked."""
    words = ["validate", "@long.csv", *PM, *HOUR, *UTM, "--out", "@loo.csv"]
    assert _run(tables, *words, "--compare", "--threshold", "45") == 0
    text = capsys.readouterr().out
    assert "rmse" in text
    assert "nearest" in text
    loo = pd.read_csv(tables / "loo.csv")
    assert {"time", "x", "y", "observed", "mean", "sd", "exceedance"} <= set(loo.columns)
    assert _run(tables, *words, "--blocks", "5") == 0


def test_surface_geotiff(tables: Path) -> None:
    """The surface lies on the area, north up, in the stations' system, blank outside."""
    words = ["surface", "@one.csv", *PM, *UTM, "--area", "@area.gpkg", "--cell", "100"]
    assert _run(tables, *words, "--out", "@s.tif", "--threshold", "45", "--variogram", FIXED) == 0
    with rasterio.open(tables / "s.tif") as file:
        assert file.crs.to_epsg() == 32647
        assert file.descriptions == ("mean", "sd", "exceedance")
        assert file.bounds == (602_000, 1_502_000, 607_000, 1_508_000)
        value = next(file.sample([(605_050.0, 1_505_050.0)]))
    mean, variance = _peer(pd.read_csv(tables / "one.csv"), pd.DataFrame({"x": [605_050.0], "y": [1_505_050.0]}))
    assert value[0] == pytest.approx(float(mean[0]), rel=1e-4)
    assert value[1] ** 2 == pytest.approx(float(variance[0]), rel=1e-3)


def test_surface_stack(tables: Path, capsys) -> None:
    """All steps go to NetCDF; a GeoTIFF of several steps is refused."""
    words = ["surface", "@long.csv", *PM, *HOUR, *UTM, "--area", "@area.gpkg"]
    assert _run(tables, *words, "--cell", "250", "--out", "@s.nc") == 0
    with xr.open_dataset(tables / "s.nc", decode_coords="all") as stack:
        assert stack.sizes["time"] == 5
        assert stack.rio.crs.to_epsg() == 32647
        assert np.isfinite(stack["mean"]).any()
    assert _run(tables, *words, "--cell", "250", "--out", "@s.tif") == 2
    assert "one time step" in capsys.readouterr().err


def test_surface_with_a_covariate_raster(tables: Path, capsys) -> None:
    """A covariate of the stations needs its raster, and is used."""
    one = pd.read_csv(tables / "one.csv")
    one["height"] = (one["x"] - 600_000) / 100
    one["pm25"] -= one["height"]
    one["pm25"] += 100
    one.to_csv(tables / "high.csv", index=False)
    columns = 600_000 + 500 * (np.arange(24) + 0.5) - 1000
    height = np.tile((columns - 600_000) / 100, (24, 1)).astype("float32")
    with rasterio.open(tables / "h.tif", "w", driver="GTiff", width=24, height=24, count=1, dtype="float32", crs=32647,
                       transform=rasterio.transform.from_origin(599_000, 1_511_000, 500, 500)) as file:  # fmt: skip
        file.write(height, 1)
    words = ["surface", "@high.csv", *PM, *UTM, "--area", "@area.gpkg", "--cell", "250",
             "--out", "@c.tif", "--covariate", "height"]  # fmt: skip
    assert _run(tables, *words) == 2
    assert "--raster height=" in capsys.readouterr().err
    assert _run(tables, *words, "--raster", f"height={tables}/h.tif") == 0
    with rasterio.open(tables / "c.tif") as file:
        image = file.read(1)
    assert np.nanmean(image[:, -1]) < np.nanmean(image[:, 0])


def test_stack_with_a_covariate_says_where_it_extrapolates(tables: Path, capsys) -> None:
    """Hours with a covariate go to one file; cells beyond the stations' range are flagged and counted."""
    long = pd.read_csv(tables / "long.csv")
    long["height"] = (long["x"] - 600_000) / 100
    long["pm25"] += 50 - 2 * long["height"]
    long["pm25"] -= long["pm25"].min()
    long.to_csv(tables / "high.csv", index=False)
    columns = 599_000 + 500 * (np.arange(24) + 0.5)
    for name, times in (("h", 1), ("steep", 3)):
        height = np.tile(times * (columns - 600_000) / 100, (24, 1)).astype("float32")
        where = rasterio.transform.from_origin(599_000, 1_511_000, 500, 500)
        with rasterio.open(tables / f"{name}.tif", "w", driver="GTiff", width=24, height=24, count=1, dtype="float32",
                           crs=32647, transform=where) as file:  # fmt: skip
            file.write(height, 1)
    words = ["surface", "@high.csv", *PM, *HOUR, *UTM, "--area", "@area.gpkg", "--cell", "500", "--out", "@c.nc",
             "--covariate", "height", "--raster"]  # fmt: skip
    assert _run(tables, *words, f"height={tables}/h.tif") == 0
    assert "extrapolation" not in capsys.readouterr().err
    with xr.open_dataset(tables / "c.nc") as stack:
        assert (stack["mean"][:, :, -1] < stack["mean"][:, :, 0]).all()
        assert not stack["extrapolated"].any()
    assert _run(tables, *words, f"height={tables}/steep.tif") == 0
    assert "beyond the stations' range of height" in capsys.readouterr().err
    with xr.open_dataset(tables / "c.nc") as stack:
        assert stack["extrapolated"][:, -1].all()


def test_cells_outside_a_raster_are_left_out(tables: Path, capsys) -> None:
    """A raster that covers part of the area gives a map of that part; one that lies elsewhere is refused."""
    one = pd.read_csv(tables / "one.csv")
    one.assign(height=(one["x"] - 600_000) / 100).to_csv(tables / "high.csv", index=False)
    for name, left in (("part", 596_000), ("away", 700_000)):
        height = np.tile((left + 500 * (np.arange(18) + 0.5) - 600_000) / 100, (24, 1)).astype("float32")
        where = rasterio.transform.from_origin(left, 1_511_000, 500, 500)
        with rasterio.open(tables / f"{name}.tif", "w", driver="GTiff", width=18, height=24, count=1, dtype="float32",
                           crs=32647, transform=where) as file:  # fmt: skip
            file.write(height, 1)
    words = ["surface", "@high.csv", *PM, *UTM, "--area", "@area.gpkg", "--cell", "500", "--out", "@c.tif",
             "--covariate", "height", "--raster"]  # fmt: skip
    assert _run(tables, *words, f"height={tables}/part.tif") == 0
    assert "cells have no value of a covariate" in capsys.readouterr().err
    with rasterio.open(tables / "c.tif") as file:
        image = file.read(1)
    assert np.isfinite(image[:, 0]).all()
    assert np.isnan(image[:, -1]).all()
    assert _run(tables, *words, f"height={tables}/away.tif") == 2
    assert "outside away.tif" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8-sig"), (";", "cp874"), ("\t", "utf-16"), (", ", "utf-8")]
)
def test_tables_as_they_come(tables: Path, capsys, separator: str, encoding: str) -> None:
    """Separators, encodings and blanks after the commas make no difference."""
    assert _run(tables, "validate", "@one.csv", *PM, *UTM, "--json") == 0
    wanted = json.loads(capsys.readouterr().out)["rmse"]
    lines = (tables / "one.csv").read_text().replace("S01", "วัด").splitlines()
    (tables / "odd.csv").write_bytes("\n".join(separator.join(x.split(",")) for x in lines).encode(encoding))
    assert _run(tables, "validate", "@odd.csv", *PM, *UTM, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rmse"] == pytest.approx(wanted, rel=1e-9)


def test_swapped_coordinates_and_the_date_line(tables: Path, capsys) -> None:
    """Swapped columns are named as such; a network across 180° is one network."""
    one = pd.read_csv(tables / "one.csv")
    degrees = one.drop(columns=["x", "y"]).assign(
        lon=179.95 + (one["x"] - 600_000) / 1e5, lat=-17 + (one["y"] - 1_500_000) / 1e5
    )
    degrees["lon"] = (degrees["lon"] + 180) % 360 - 180
    assert np.ptp(degrees["lon"]) > 180
    degrees.to_csv(tables / "bad.csv", index=False)
    assert _run(tables, "validate", "@bad.csv", *PM, "--out", "@loo.csv") == 0
    assert "EPSG:327" in capsys.readouterr().err
    loo = pd.read_csv(tables / "loo.csv")
    assert np.ptp(loo["x"]) < 20_000
    degrees.rename(columns={"lon": "lat", "lat": "lon"}).to_csv(tables / "bad.csv", index=False)
    assert _run(tables, "validate", "@bad.csv", *PM) == 2
    assert "swapped" in capsys.readouterr().err


def test_rows_without_time_and_silent_errors(tables: Path, capsys) -> None:
    """Rows without a time are left out and counted; a silent error is no claim of an exact sensor."""
    long = pd.read_csv(tables / "long.csv").assign(error_sd=2.0)
    assert _run_scores(tables, long, capsys)["n"] == len(long)
    wanted = _run_scores(tables, long, capsys)
    silent = long.copy()
    silent.loc[silent["hour"].str.endswith("T01:00"), "error_sd"] = np.nan
    assert _run_scores(tables, silent, capsys)["rmse"] == pytest.approx(wanted["rmse"], rel=1e-9)
    long.loc[4, "hour"] = None
    scores = _run_scores(tables, long, capsys)
    assert scores["n"] == len(long) - 1
    assert any("1 rows of odd.csv have no time" in n for n in scores["notes"])


def _run_scores(folder: Path, table: pd.DataFrame, capsys) -> dict:
    table.to_csv(folder / "odd.csv", index=False)
    assert _run(folder, "validate", "@odd.csv", *PM, *UTM, *HOUR, "--json") == 0
    return json.loads(capsys.readouterr().out)


def _broken(folder: Path, change) -> str:
    table = pd.read_csv(folder / "one.csv").astype(object)
    change(table).to_csv(folder / "bad.csv", index=False)
    return "@bad.csv"


BAD = {
    "no value column": (lambda t: t.drop(columns="pm25"), "no column 'pm25'"),
    "no coordinates": (lambda t: t.drop(columns="x"), "columns x and y"),
    "text as a value": (lambda t: t.assign(pm25=t["pm25"].where(t.index != 4, "high")), "row 6, column 'pm25': 'high'"),
    "empty coordinate": (lambda t: t.assign(x=t["x"].where(t.index != 2, np.nan)), "row 4, column 'x' is empty"),
    "degrees as metres": (lambda t: t.assign(x=100 + t.index / 100, y=13 + (t.index % 7) / 50), "look like degrees"),
    "beyond the earth": (lambda t: t.assign(x=t["x"] * 1e6), "outside the earth"),
    "four stations": (lambda t: t.head(4), "at least 5"),
    "no rows": (lambda t: t.head(0), "has no rows"),
    "equal values": (lambda t: t.assign(pm25=12), "All values are equal"),
    "decimal comma": (lambda t: t.assign(pm25=t["pm25"].astype(str).str.replace(".", ",")), "has a comma"),
    "error below zero": (lambda t: t.assign(error_sd=[1.0] * 29 + [-1.0]), "row 31: error_sd is below zero"),
    "infinite value": (lambda t: t.assign(pm25=t["pm25"].where(t.index != 4, "inf")), "is not a number"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_stations_end_with_a_sentence(tables: Path, capsys, case: str) -> None:
    """Exit code 2 and one line that says what and where."""
    change, words = BAD[case]
    stations = _broken(tables, change)
    for command in (["predict", "--at", "@at.csv", "--out", "@p.csv"], ["validate", "--json"]):
        code = _run(tables, command[0], stations, *PM, *UTM, *command[1:])
        said = capsys.readouterr()
        assert code == 2
        assert words in said.err
        assert said.err.count("\n") == 1
        assert said.out == ""


def test_lon_lat_in_metres_are_refused(tables: Path, capsys) -> None:
    """Metres under the names lon and lat are no longitude and latitude."""
    stations = _broken(tables, lambda t: t.rename(columns={"x": "lon", "y": "lat"}))
    assert _run(tables, "validate", stations, *PM) == 2
    assert "not on the earth" in capsys.readouterr().err


def test_gaps_and_doubled_stations_are_notes(tables: Path, capsys) -> None:
    """Empty values and coincident stations don't stop the work; they are said."""
    table = pd.read_csv(tables / "one.csv")
    table.loc[3, "pm25"] = np.nan
    pd.concat([table, table.tail(1)]).to_csv(tables / "bad.csv", index=False)
    assert _run(tables, "validate", "@bad.csv", *PM, *UTM, "--json") == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["n"] == 29
    assert any("have no value" in n for n in scores["notes"])
    assert any("stand at the place of another" in n for n in scores["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "@none.csv", *PM], "There is no file"),
        (["validate", "@area.gpkg", *PM], "cannot be read"),
        (["validate", "@one.csv", *PM, "--crs", "EPSG:1"], "Unknown coordinate system"),
        (["validate", "@one.csv", *PM, "--variogram", "linear"], "Unknown variogram model"),
        (["validate", "@one.csv", *PM, "--neighbours", "1"], "at least 3"),
        (["validate", "@one.csv", *PM, "--covariate", "height"], "no column 'height'"),
        (["validate", "@one.csv", *PM, "--threshold", "nan"], "must be a number"),
        (["validate", "@one.csv", *PM, "--out", "@no/loo.csv"], "There is no folder"),
        (["predict", "@one.csv", *PM, "--at", "@at.csv", "--out", "@"], "is a folder"),
        (["surface", "@one.csv", *PM, *UTM, "--area", "@area.gpkg", "--cell", "99", "--out", "@s.png"], ".tif or .nc"),
        (["surface", "@long.csv", *PM, *UTM, *HOUR, "--area", "@far.gpkg", *CELL, "--out", "@s.nc"], "near enough"),
        (["surface", "@one.csv", *PM, "--area", "@area.gpkg", *CELL], "--crs"),
        (["surface", "@one.csv", *PM, *UTM, "--area", "@one.csv", *CELL], "has no areas"),
        (["surface", "@one.csv", *PM, *UTM, "--area", "@none.gpkg", *CELL], "There is no file"),
        (["surface", "@one.csv", *PM, *UTM, "--area", "@area.gpkg", *CELL, "--cell", "0"], "above zero"),
    ],
)
def test_bad_wishes_end_with_a_sentence(tables: Path, capsys, words: list[str], said: str) -> None:
    """Exit code 2 and a sentence."""
    assert _run(tables, *words) == 2
    assert said in capsys.readouterr().err


def test_as_a_program_in_thai(tables: Path) -> None:
    """The module runs as a program, speaks Thai where the environment does, and shows no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "interpolation", "validate", "none.csv", *PM],
        cwd=ROOT, env={"PATH": "/usr/bin", "LANGUAGE": "th", "PYTHONIOENCODING": "utf-8"}, capture_output=True,
        text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == "ไม่มีไฟล์ none.csv"
