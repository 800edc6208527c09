"""Where rows lie: degrees, degrees-minutes-seconds, UTM metres, swapped, zero and missing coordinates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo.readers.model import Options, Raw
from geo.readers.numbers import SENTINELS, THAI_DIGITS, numbers, text
from language import N_, Note, UserError, note

THAILAND = (97.3, 5.6, 105.7, 20.5)
"""West, south, east, north of the country, degrees."""

WGS84 = pyproj.CRS.from_epsg(4326)

MISSING, ZERO, UNREADABLE, IMPOSSIBLE, LINE = "missing", "zero", "unreadable", "impossible", "line"
OUTSIDE, SWAPPED, DOUBLED = "outside", "swapped", "doubled"
REASONS = {
    MISSING: N_("the coordinates are missing."),
    ZERO: N_("the coordinates are 0 or 1, which stands for missing."),
    UNREADABLE: N_("the coordinates cannot be read."),
    IMPOSSIBLE: N_("the coordinates lie on no map."),
    LINE: N_("it is a line among points."),
    OUTSIDE: N_("the point lies outside Thailand."),
    SWAPPED: N_("latitude and longitude were swapped."),
    DOUBLED: N_("other rows share this point."),
}

_DMS = re.compile(
    r"^(?P<h1>[NSEW])?\s*(?P<sign>[-+])?(?P<d>\d{1,3}(?:\.\d+)?)\s*(?:[°ºd*:]|deg|องศา|\s)\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:['′’m:]|min|ลิปดา|\s|$)\s*)?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|s|sec|พิลิปดา|ฟิลิปดา)?)?\s*(?P<h2>[NSEW])?$",
    re.I,
)
_HEMISPHERE = re.compile(r"^(?:(?P<h1>[NSEW])\s*)?(?P<d>\d{1,3}(?:\.\d+)?)\s*(?P<h2>[NSEW])?$", re.I)


_SPACED = re.compile(r"[NSEW]?\s*\d{1,3}\s+\d{1,2}(?:\.\d+)?(?:\s+\d{1,2}(?:\.\d+)?)?\s*[NSEW]?", re.I)
"""Degrees, minutes and seconds with nothing but spaces between them: no thousands, which come in threes."""

_SIDES = {
    "เหนือ": "N", "ตะวันออก": "E", "ต.อ.": "E", "ตอ.": "E", "น.": "N",
}  # fmt: skip
_PAIR = re.compile(r"(?<![\d.])(-?\d{1,3}\.\d+)\s*(?:,|;|/|\s)\s*(-?\d{1,3}\.\d+)(?![\d.])")
"""Two decimal numbers, wherever they stand in a cell: in brackets, in the address of a map."""


@dataclass
class Places:
    """Points of the rows of a file.

    Attributes
    ----------
    lon, lat : array, shape (n,)
        Degrees (WGS84), NaN where there is no usable point.
    remark : array of str, shape (n,)
        A key of `REASONS`, or empty.
    crs : str
        What the coordinates of the file are in.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    remark: NDArray[np.object_]
    crs: str = "EPSG:4326"
    notes: list[Note] = field(default_factory=list)


def given(mapping: Mapping[str, str], raw: Raw) -> bool:
    """Whether the file says at all where its rows are."""
    pairs = {"lat", "lon"} <= set(mapping) or {"x", "y"} <= set(mapping) or "latlon" in mapping
    return pairs or raw.shapes is not None


def places(raw: Raw, mapping: Mapping[str, str], options: Options) -> Places:
    """Return the points of all rows, as far as they can be had.

    Raises
    ------
    UserError
        Where x, y or the shapes are in an unknown coordinate system.
    """
    if raw.shapes is not None and not {"lat", "lon"} <= set(mapping):
        found = _from_shapes(raw, options)
    else:
        found = _from_columns(raw, mapping, options)
    _check(found, raw)
    return found


def _from_shapes(raw: Raw, options: Options) -> Places:
    assert raw.shapes is not None
    shapes, crs = to_wgs84(raw, options)
    kinds = shapes.geom_type.dropna()
    lines = shapes.geom_type.isin(["LineString", "MultiLineString"]).to_numpy() & bool((kinds == "Point").any())
    shapes = shapes.where(~lines)  # a way that was walked, among the places of a phone
    points = shapes.representative_point() if not (shapes.geom_type.dropna() == "Point").all() else shapes
    lon = points.x.to_numpy(dtype="float64", na_value=np.nan)
    lat = points.y.to_numpy(dtype="float64", na_value=np.nan)
    remark = np.where(lines, LINE, np.where(np.isnan(lon), MISSING, "")).astype(object)
    found = Places(lon, lat, remark, crs)
    if points is not shapes:
        found.notes.append(note("The shapes are areas or lines; a point inside each was taken."))
    return found


def to_wgs84(raw: Raw, options: Options) -> tuple[gpd.GeoSeries, str]:
    """Return the shapes of a file in WGS84 and the name of the system they came in."""
    assert raw.shapes is not None
    shapes = raw.shapes
    if options.crs:
        shapes = shapes.set_crs(_crs(options.crs), allow_override=True)
    elif shapes.crs is None:
        west, south, east, north = shapes.total_bounds
        if west >= -180 and east <= 180 and south >= -90 and north <= 90:
            shapes = shapes.set_crs(WGS84)
        else:
            code, said = _utm_of(np.array([west, east]), np.array([south, north]), raw.name)
            raw.notes.extend(said)
            shapes = shapes.set_crs(code)
        raw.notes.append(note("The file names no coordinate system; {crs} was assumed.", crs=_name(shapes.crs)))
    name = _name(shapes.crs)
    return shapes.to_crs(WGS84), name


def _name(crs: Any) -> str:
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else str(crs.name)


def _crs(text_: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(int(text_) if text_.isdigit() else text_)
    except (pyproj.exceptions.CRSError, ValueError) as error:
        raise UserError("{crs} is no known coordinate system. Write it like EPSG:32647.", crs=text_) from error


def _from_columns(raw: Raw, mapping: Mapping[str, str], options: Options) -> Places:
    n = len(raw.frame)
    if "latlon" in mapping:
        cells = text(raw.frame[mapping["latlon"]]).str.translate(THAI_DIGITS).str.strip("()[] ")
        both = cells.str.split(r"\s*[,;/]\s*|(?<=[NSns])\s+", n=1, expand=True, regex=True).reindex(columns=[0, 1])
        pair = cells.str.extract(_PAIR)
        both = pair.set_axis([0, 1], axis=1).where(pair[0].notna(), both)
        lat, bad_lat = degrees(both[0])
        lon, bad_lon = degrees(both[1])
        names = (mapping["latlon"],) * 2
        missing = cells.isna().to_numpy()
    else:
        degree_columns = {"lat", "lon"} <= set(mapping)
        names = (mapping["lon"], mapping["lat"]) if degree_columns else (mapping["x"], mapping["y"])
        lon, bad_lon = degrees(raw.frame[names[0]], raw.decimal_comma)
        lat, bad_lat = degrees(raw.frame[names[1]], raw.decimal_comma)
        missing = np.zeros(n, dtype=bool)
    wrong = (bad_lon | bad_lat) & ~missing
    remark = np.where(wrong, UNREADABLE, np.where(np.isnan(lon) | np.isnan(lat), MISSING, "")).astype(object)
    blank = _blank(lon, lat)
    remark[blank & (remark == "")] = ZERO
    lon, lat = np.where(remark == "", lon, np.nan), np.where(remark == "", lat, np.nan)
    found = Places(lon, lat, remark)
    zones = _zones(raw, mapping) if not options.crs else None
    if zones is None:
        _to_degrees(found, names, raw, options)
    else:
        _by_zone(found, zones)
    return found


def _zones(raw: Raw, mapping: Mapping[str, str]) -> NDArray[np.float64] | None:
    """Return each row's UTM zone (47 or 48), where a column says it."""
    if "zone" not in mapping or "x" not in mapping:
        return None
    cells = text(raw.frame[mapping["zone"]]).str.translate(THAI_DIGITS)
    told = cells.str.extract(r"^\D*(4[78])\s*[A-Za-z]?$")[0].astype("float64")
    found = np.asarray(told.to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)
    return found if np.isfinite(found[cells.notna().to_numpy()]).all() and np.isfinite(found).any() else None


def _by_zone(found: Places, zones: NDArray[np.float64]) -> None:
    """Turn metres into degrees, each row in the zone it names."""
    with np.errstate(invalid="ignore"):
        turn = (found.lon > 1e6) & (found.lat < 1e6)
    east, north = np.where(turn, found.lat, found.lon), np.where(turn, found.lon, found.lat)
    unknown = np.isnan(zones) & np.isfinite(east)
    found.lon[unknown] = found.lat[unknown] = np.nan
    found.remark[unknown] = UNREADABLE
    for zone in (47, 48):
        rows = (zones == zone) & np.isfinite(east)
        to = pyproj.Transformer.from_crs(32600 + zone, WGS84, always_xy=True)
        found.lon[rows], found.lat[rows] = to.transform(east[rows], north[rows])
    crs = ", ".join(f"EPSG:{32600 + zone:.0f}" for zone in np.unique(zones[np.isfinite(zones)]))
    found.crs = crs
    found.notes.append(note("x and y were read as {crs}.", crs=crs))


def _blank(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    small = (np.abs(lon) <= 1) & (np.abs(lat) <= 1)
    coded = np.isin(lon, SENTINELS) | np.isin(lat, SENTINELS)
    return np.asarray(small | coded | (lon == 0) | (lat == 0), dtype=bool)


def degrees(values: pd.Series[Any], decimal_comma: bool = False) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return cells as numbers; texts in degrees, minutes and seconds too. Also which cells are neither."""
    result, wrong = numbers(values, decimal_comma=decimal_comma)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        wrong = wrong | text(values).str.fullmatch(_SPACED).fillna(False).to_numpy(dtype=bool)
    for i in np.flatnonzero(wrong):
        value = dms(str(values.iloc[i]))
        if np.isfinite(value):
            result[i], wrong[i] = value, False
    return result, wrong


def dms(cell: str) -> float:
    """Return degrees of a text like ``13° 49' 12.5" N``, ``13 49 12``, ``N13.82``; NaN where it is none.

    >>> round(dms("13°49'12\\"N"), 6)
    13.82
    """
    plain = cell.strip().translate(THAI_DIGITS)
    for thai, letter in _SIDES.items():
        plain = plain.replace(thai, letter)
    plain = plain.replace("  ", " ")
    found = _HEMISPHERE.match(plain) or _DMS.match(plain)
    if not found:
        return float("nan")
    parts = found.groupdict()
    minutes, seconds = float(parts.get("m") or 0), float(parts.get("s") or 0)
    if minutes >= 60 or seconds >= 60:
        return float("nan")
    value = float(parts["d"]) + minutes / 60 + seconds / 3600
    side = (parts.get("h1") or parts.get("h2") or "").upper()
    return -value if side in ("S", "W") or parts.get("sign") == "-" else value


def _to_degrees(found: Places, names: tuple[str, str], raw: Raw, options: Options) -> None:
    """Turn metres into degrees where the numbers are no degrees, and undo swaps."""
    good = np.isfinite(found.lon)
    if not good.any():
        return
    lon, lat = found.lon[good], found.lat[good]
    said = options.crs or _crs_in_names(names)
    metric = np.abs(lon) > 361
    if (said and not _crs(said).is_geographic) or metric.mean() > 0.5:
        if said:
            crs, why = _crs(said), [] if options.crs else [note("x and y were read as {crs}.", crs=said)]
        else:
            crs, why = _utm_of(lon, lat, raw.name)
        found.notes.extend(why)
        found.crs = _name(crs)
        to = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
        here, turned = to.transform(lon, lat), to.transform(lat, lon)
        turn = (lon > 1e6) & (lat < 1e6) & inside_thailand(*turned) & ~inside_thailand(*here)
        if turn.mean() > 0.5:
            found.notes.append(note("x and y were swapped and were turned round.", level="warning"))
        else:
            found.remark[np.flatnonzero(good)[turn]] = SWAPPED
        lon, lat = np.where(turn, turned, here)
    elif said:
        found.crs = _name(_crs(said))
        lon, lat = pyproj.Transformer.from_crs(_crs(said), WGS84, always_xy=True).transform(lon, lat)
    found.lon[good], found.lat[good] = lon, lat


def _crs_in_names(names: tuple[str, str]) -> str:
    both = " ".join(names)
    code = re.search(r"(?<!\d)(326\d\d|327\d\d|2404[78]|4326|3857)(?!\d)", both)
    if code:
        return f"EPSG:{code.group(1)}"
    zone = re.search(r"utm[_ ]?(?:zone[_ ]?)?(\d{1,2})(?!\d)", both, re.I)
    return f"EPSG:{32600 + int(zone.group(1))}" if zone and 1 <= int(zone.group(1)) <= 60 else ""


def _swapped_metres(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    return bool(np.median(x) > 1e6 > np.median(y))


def _utm_of(x: NDArray[np.float64], y: NDArray[np.float64], name: str) -> tuple[pyproj.CRS, list[Note]]:
    """Return UTM 47N or 48N (WGS84) for metres that may lie in Thailand."""
    if _swapped_metres(x, y):
        x, y = y, x
    best: dict[int, float] = {}
    for code in (32647, 32648):
        lon, lat = pyproj.Transformer.from_crs(code, WGS84, always_xy=True).transform(x, y)
        best[code] = float(np.mean(inside_thailand(lon, lat)))
    code = max(best, key=lambda c: best[c])  # 47N where both fit
    if best[code] < 0.5:
        raise UserError(
            "{file}: the coordinates are neither degrees nor UTM metres in Thailand. "
            "Say their coordinate system, for example --crs EPSG:32647.",
            file=name,
        )
    other = 32648 if code == 32647 else 32647
    said = [note("x and y were read as {crs}.", crs=f"EPSG:{code}")]
    if best[other] >= 0.5:
        said = [
            note(
                "x and y were read as {crs}, but {other} would lie in Thailand too. Check the map, and say the "
                "coordinate system if it is wrong. Old sheets may be in Indian 1975 (EPSG:24047).",
                level="warning",
                crs=f"EPSG:{code}",
                other=f"EPSG:{other}",
            )
        ]
    return pyproj.CRS.from_epsg(code), said


def inside_thailand(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points lie in the rectangle around Thailand."""
    west, south, east, north = THAILAND
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north), dtype=bool)


def _check(found: Places, raw: Raw) -> None:
    """Undo swaps, leave out impossible points, mark points outside Thailand in a Thai file."""
    with np.errstate(invalid="ignore"):
        swap = inside_thailand(found.lat, found.lon) & ~inside_thailand(found.lon, found.lat)
        swap |= (np.abs(found.lat) > 90) & (np.abs(found.lat) <= 180) & (np.abs(found.lon) <= 90)
        found.lon, found.lat = np.where(swap, found.lat, found.lon), np.where(swap, found.lon, found.lat)
        found.remark[swap] = SWAPPED
        impossible = (np.abs(found.lat) > 90) | (np.abs(found.lon) > 180)
    found.lon[impossible] = found.lat[impossible] = np.nan
    found.remark[impossible] = IMPOSSIBLE
    good = np.isfinite(found.lon)
    home = inside_thailand(found.lon, found.lat)
    outside = good & ~home
    if swap.any():
        found.notes.append(
            note(
                "{count} points had latitude and longitude swapped and were turned round (first: row {row}).",
                level="warning",
                count=int(swap.sum()),
                row=int(raw.rows[swap][0]),
            )
        )
    if outside.any() and home.sum() >= outside.sum():
        found.remark[outside & (found.remark == "")] = OUTSIDE
        found.notes.append(
            note(
                "{count} points lie outside Thailand while most lie inside: check them (first: row {row}).",
                level="warning",
                count=int(outside.sum()),
                row=int(raw.rows[outside][0]),
            )
        )
    elif outside.any():
        found.notes.append(note("{count} points lie outside Thailand.", count=int(outside.sum())))


def shared_points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.bool_], int]:
    """Return which rows share their point (to six decimals, 0.1 m) with another row.

    Also return how many of them stand on a point that an earlier row has taken.
    """
    keys = pd.DataFrame({"lon": np.round(lon, 6), "lat": np.round(lat, 6)})
    placed = keys["lon"].notna()
    shared = (keys.duplicated(keep=False) & placed).to_numpy(dtype=bool)
    return shared, int((keys.duplicated() & placed).sum())
