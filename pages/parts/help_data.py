"""The words of the help page on bringing one's own data, on the command line, and on sources and licences."""

from __future__ import annotations

import pandas as pd

from pages.parts.i18n import _

FORMATS = "CSV · Excel · GeoJSON · GeoPackage · Shapefile (.zip) · KML"

EXAMPLES = {
    "stations": "station_id,name_th,kind,lat,lon\nS01,ตลาดบ้านโป่ง,lowcost,13.8170,99.8730\n",
    "observations": "station_id,time,pm25,pm10\nS01,2026-02-12 08:00,41.3,63\nS01,2026-02-12 09:00,39.8,60\n",
    "factories": "เลขทะเบียน,ชื่อโรงงาน,ประเภท,จำพวก,แรงม้า,ละติจูด,ลองติจูด\n"
    "20700100125540,โรงสีตัวอย่าง,00901,3,350,13.8215,99.8702\n",
    "receptors": "name_th,kind,people,lat,lon\nโรงเรียนตัวอย่าง,school,420,13.8150,99.8760\n",
    "population": "รหัสตำบล,ชื่อตำบล,ประชากร,เด็ก,ผู้สูงอายุ,ปี,แหล่งข้อมูล\n"
    "TH700501,บ้านโป่ง,17400,2600,3900,2568,กรมการปกครอง (ตัวอย่าง)\n",
}
"""Small files that can be downloaded, filled in and imported; every row in them is made up."""


def kinds() -> dict[str, str]:
    """Return the kinds of file that can be imported, with their names."""
    return {
        "stations": _("Stations: where the instruments stand"),
        "observations": _("Observations: readings over time"),
        "factories": _("Factories: a register with coordinates"),
        "boundaries": _("Boundaries: municipality, tambon, sub-area"),
        "receptors": _("Receptors: schools, hospitals, homes for the elderly"),
        "reports": _("Reports: pins and votes of a meeting"),
        "population": _("Population: by area with age groups, or a raster of people"),
    }


def columns(kind: str) -> pd.DataFrame:
    """Return the columns of one kind: our name, whether it is needed, what it means."""
    rows = {
        "stations": _station_columns,
        "observations": _observation_columns,
        "factories": _factory_columns,
        "boundaries": _boundary_columns,
        "receptors": _receptor_columns,
        "reports": _report_columns,
        "population": _population_columns,
    }[kind]()
    yes, no = _("needed"), _("optional")
    table = [(name, yes if needed else no, meaning) for name, needed, meaning in rows]
    return pd.DataFrame(table, columns=[_("Column"), _("Needed?"), _("Meaning")])


_Rows = list[tuple[str, bool, str]]


def _population_columns() -> _Rows:
    return [
        ("code", False, _("code of a boundary that is stored; or name")),
        ("lat, lon", False, _("middle of a cell, for a table of cells; a GeoTIFF of counts needs no columns")),
        ("people", True, _("residents of the area or the cell")),
        ("children", False, _("of them younger than 15")),
        ("elderly", False, _("of them 60 and older")),
        ("year", False, _("year of the count, of the common or the Buddhist era")),
        ("source", False, _("who counted")),
    ]


def _station_columns() -> _Rows:
    return [
        ("station_id", True, _("a code that stays the same in all files")),
        ("lat, lon", True, _("degrees, WGS84; a file with its own coordinate system is converted")),
        ("name_th, name_en", False, _("name in Thai and in English")),
        ("kind", False, _("reference or lowcost; left empty, it counts as unknown")),
        ("network", False, _("who runs it")),
        ("elevation_m", False, _("metres above sea level")),
        ("error_sd", False, _("standard error of its readings, µg/m³, if you know it")),
    ]


def _observation_columns() -> _Rows:
    return [
        ("station_id", True, _("the code from the list of stations")),
        ("time", True, _("beginning of the hour or day; without a zone it is read as Bangkok time")),
        ("pm25, pm10", True, _("µg/m³; one column a variable, or a column “variable” and a column “value”")),
        ("wind_speed, wind_dir", False, _("m/s, and the degrees the wind comes FROM")),
        ("rh, temp", False, _("relative humidity in %, temperature in °C")),
        ("period_hours", False, _("1 or 24; guessed from the times when it is missing")),
    ]


def _factory_columns() -> _Rows:
    return [
        ("reg_no", True, _("registration number; a register's row is known by it")),
        ("lat, lon", True, _("degrees; rows without usable coordinates are listed with the reason")),
        ("name_th", False, _("name of the factory")),
        ("type_code", False, _("type in the DIW list: 00901 or 9(1)")),
        ("factory_class", False, _("class 1, 2 or 3 (จำพวก)")),
        ("hp, workers, capital_baht", False, _("horsepower, number of workers, capital in baht")),
        ("activity, address, status", False, _("what it makes, where, whether it operates")),
    ]


def _boundary_columns() -> _Rows:
    return [
        ("code", True, _("official code, such as TH700501; made from the name when it is missing")),
        ("name_th, name_en", True, _("one of the two is enough")),
        ("level", False, _("province, district, municipality, tambon or subarea; you can say it on import")),
        ("population, population_source", False, _("people and where the figure comes from")),
        ("parent_code", False, _("code of the boundary it lies in")),
    ]


def _report_columns() -> _Rows:
    return [
        ("kind", True, _("smoke, dust, smell, burning, praise or idea")),
        ("lat, lon", False, _("degrees; an idea may have no place")),
        ("votes", False, _("how many people raised their hands; 1 when it is missing")),
        ("meeting_id, meeting_date, place", False, _("which meeting; the file is one meeting when they are missing")),
        ("note", False, _("what was said, without names; telephone numbers and addresses are taken out")),
    ]


def _receptor_columns() -> _Rows:
    return [
        ("name_th, name_en", True, _("one of the two is enough")),
        ("lat, lon", True, _("degrees, WGS84; a file with its own coordinate system is converted")),
        ("kind", True, _("school, childcare, hospital, health_centre, elderly_home or other")),
        ("people", False, _("pupils, beds or residents")),
    ]


COMMANDS = """\
python -m geo demo
python -m geo import stations stations.csv
python -m geo import observations readings.xlsx --map value=PM10
python -m geo import boundaries municipality.gpkg
python -m geo import factories register.zip
python -m geo fetch --help
python -m geo status
python -m geo export --out export
python -m geo backup lake-backup.zip
python -m geo remove simulated

python -m interpolation validate stations.csv --value pm25 --json
python -m interpolation surface stations.csv --value pm25 --area area.gpkg --cell 100 --out surface.tif

python -m planning screen --area "Ban Pong" --pollutant pm25 --from 2026-01-01 --to 2026-03-01 --out screening
python -m planning plan --screening screening --form 2571 --out forms
python -m planning meeting --screening screening --out meeting.html
"""


def parts_used() -> pd.DataFrame:
    """Return the software that this product stands on, with its licence."""
    rows = [
        ("DuckDB, DuckLake", "MIT", "https://duckdb.org"),
        ("NumPy, SciPy, pandas", "BSD-3-Clause", "https://scipy.org"),
        ("GeoPandas, Shapely", "BSD-3-Clause", "https://geopandas.org"),
        ("rasterio, xarray, rioxarray", "BSD-3-Clause / Apache-2.0", "https://rasterio.readthedocs.io"),
        ("PyKrige", "BSD-3-Clause", "https://geostat-framework.readthedocs.io"),
        ("Streamlit", "Apache-2.0", "https://streamlit.io"),
        ("folium, Leaflet", "MIT, BSD-2-Clause", "https://leafletjs.com"),
        ("Vega-Altair", "BSD-3-Clause", "https://altair-viz.github.io"),
        ("openpyxl, python-docx", "MIT", "https://openpyxl.readthedocs.io"),
        ("Sarabun", "OFL-1.1", "https://fonts.google.com/specimen/Sarabun"),
    ]
    return pd.DataFrame(rows, columns=[_("Part"), _("Licence"), _("Home page")])
