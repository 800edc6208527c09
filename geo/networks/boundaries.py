"""Administrative boundaries of Thailand (COD-AB, Royal Thai Survey Department, on HDX; domain facts, 6.6).

The catalogue names the newest zipped shapefile; of it come districts and tambons of one province (codes begin
with the province's), or all provinces, districts and tambons. A tambon is not a municipality: no public layer of
municipal boundaries is known, so towns bring their own line. CC BY-IGO.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from geo import readers
from geo.networks.model import Batch, Network, Plan, Query, Request
from geo.readers import Options
from language import UserError

_LEVELS = {"adm1": "province", "adm2": "district", "adm3": "tambon"}


class Boundaries(Network):
    """The data set cod-ab-tha."""

    name = "boundaries"
    title = "COD-AB (HDX)"
    base = "https://data.humdata.org"
    attribution = "COD-AB Thailand, Royal Thai Survey Department, HDX"
    licence = "CC BY-IGO"
    per_minute = 20.0

    def plan(self, query: Query) -> Plan:
        """Yield the catalogue's entry, then the file it names."""
        url = f"{self.root(query)}/api/3/action/package_show"
        request = Request(url, {"id": "cod-ab-tha"}, "cod-ab-tha")
        answer = yield request
        self.need(answer, request, "result")
        resources = self.records(answer["result"], request, "resources")
        files = [r for r in resources if "shp" in f"{r.get('format', '')} {r.get('name', '')}".lower()]
        if not files:
            raise self.changed(request, "shp ?")
        newest = max(files, key=lambda r: str(r.get("last_modified", "")))
        yield Request(str(newest["url"]), what=str(newest.get("name") or "cod-ab-tha.zip"), form="bytes")

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return the boundaries (of the province) and the workspace they make."""
        if request.form == "json":
            return Batch()
        name = f"{request.what.removesuffix('.zip')}.zip"
        layers = _layers(answer, name)
        parts, notes, rows = [], [], 0
        for level, layer in layers.items():
            options = Options(layer=layer, level=_LEVELS[level], source=self.attribution, licence=self.licence)
            parsed = readers.read(answer, "boundaries", name=name, options=options)
            parts.append(parsed.tables["boundaries"])
            rows += parsed.rows_read
            notes += [n for n in parsed.notes if "the file also has" not in n.text]
        table = pd.concat(parts, ignore_index=True)
        area = {"workspace_id": "area-TH", "name_th": "ประเทศไทย", "name_en": "Thailand"}
        if query.province:
            table, area = _of_province(table, query.province)
        finest = table[table["level"] == _LEVELS[max(layers)]]
        codes = json.dumps(sorted(finest["code"]), ensure_ascii=False)
        workspace = pd.DataFrame([{**area, "boundary_codes": codes}])
        return Batch({"boundaries": table, "workspaces": workspace}, rows=rows, notes=notes)


def _layers(body: bytes, name: str) -> dict[str, str]:
    """Return adm1 to adm3 -> the shapefile that holds it.

    Raises
    ------
    UserError
        Where the file is damaged or has none of them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            stems = [PurePosixPath(n).stem for n in archive.namelist() if n.lower().endswith(".shp")]
    except zipfile.BadZipFile as error:
        raise UserError("{file} is damaged: it cannot be unpacked.", file=name) from error
    found = {level: stem for level in _LEVELS for stem in stems if level in stem.lower()}
    if not found:
        raise UserError("{file} has no layers of provinces, districts or tambons.", file=name)
    return found


def _of_province(table: pd.DataFrame, wanted: str) -> tuple[pd.DataFrame, dict[str, str]]:
    provinces = table[table["level"] == "province"]
    plain = wanted.removeprefix("จังหวัด").strip().casefold()
    hit = provinces[
        provinces["code"].str.casefold().eq(plain)
        | provinces["name_th"].fillna("").str.casefold().eq(plain)
        | provinces["name_en"].fillna("").str.casefold().eq(plain)
    ]
    if hit.empty:
        raise UserError(
            "There is no province {province}. Provinces: {others}.",
            province=wanted, others=", ".join(provinces["name_en"].fillna(provinces["name_th"]).sort_values()),
        )  # fmt: skip
    province = hit.iloc[0]
    english = province["name_en"] if isinstance(province["name_en"], str) else province["name_th"]
    area = {"workspace_id": f"area-{province['code']}", "name_th": province["name_th"], "name_en": english}
    return table[table["code"].str.startswith(province["code"])].reset_index(drop=True), area
