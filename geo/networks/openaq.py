"""OpenAQ: many networks in one place, by its API (hours) or its archive of daily files (domain facts, 6.3).

``api``: locations within the bounds, then the hourly means of each of their sensors, page by page. A mean of
less than 75 % of an hour gets the flag ``incomplete``.
``archive``: public daily files on S3, about 72 hours late, for stations named by their location number;
times are those of the end of each reading. The bucket is asked for its list of each month (ListObjectsV2, page by
page, without a key), then for the files that are there: over the endpoint itself, so that any S3 storage with a
copy serves as well (``--base-url s3://BUCKET`` with AWS_ENDPOINT_URL, or an address of a bucket).
"""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pandas as pd

from geo import readers
from geo.networks.model import BANGKOK, Batch, Network, Plan, Query, Request, number
from geo.readers import Options
from geo.readers.names import variable
from language import note

_ARCHIVE = "https://openaq-data-archive.s3.amazonaws.com"
_PAGE = 1000
_LATE = timedelta(hours=72)
_COMPLETE = 75.0


class OpenAQ(Network):
    """API version 3 and the archive."""

    name = "openaq"
    title = "OpenAQ"
    base = "https://api.openaq.org/v3"
    services = ("api", "archive")
    licence = "as each provider says (openaq.org)"
    attribution = "OpenAQ"
    per_minute = 33.0  # 60 a minute, but only 2,000 an hour
    key_variable = "OPENAQ_API_KEY"
    prefix = "openaq-"
    open_services = ("archive",)

    def plan(self, query: Query) -> Plan:
        """Yield the locations, then for each sensor the pages of its hours; or the archive's daily files."""
        if self.service(query) == "archive":
            yield from self._archive(query)
            return
        locations: list[Any] = []
        yield from self._locations(query, locations)
        for location in locations:
            if location.get("isMobile"):
                continue
            for sensor in location.get("sensors") or ():
                ours = variable(str((sensor.get("parameter") or {}).get("name", "")))
                if ours is not None:
                    yield from self._hours(query, location["id"], sensor["id"], ours)

    def _locations(self, query: Query, found: list[Any]) -> Plan:
        if query.stations:
            for station in query.stations:
                url = f"{self.root(query)}/locations/{station}"
                answer = yield Request(url, what=f"location {station}", optional=True)
                found += (answer or {}).get("results", [])
            return
        where = {"bbox": ",".join(f"{x:g}" for x in query.bounds), "limit": str(_PAGE)}
        seen: set[Any] = set()
        for page in range(1, 1000):
            answer = yield Request(f"{self.root(query)}/locations", {**where, "page": str(page)}, "locations")
            fresh = [r for r in answer.get("results", []) if r.get("id") not in seen]
            seen.update(r.get("id") for r in fresh)
            found += fresh
            if not fresh or len(answer["results"]) < _PAGE:
                return

    def _hours(self, query: Query, location: Any, sensor: Any, ours: str) -> Plan:
        params = {"datetime_from": _utc(query.start), "datetime_to": _utc(query.end), "limit": str(_PAGE)}
        about = {"location": str(location), "variable": ours}
        settled = datetime.now(UTC) - query.end > _LATE
        before = None
        for page in range(1, 1000):
            answer = yield Request(
                f"{self.root(query)}/sensors/{sensor}/hours", {**params, "page": str(page)},
                f"location {location}, sensor {sensor}", settled=settled, optional=True, about=about,
            )  # fmt: skip
            results = (answer or {}).get("results") or []
            # A server that answers every page with the first one would go on for ever.
            if len(results) < _PAGE or results == before:
                return
            before = results

    def _archive(self, query: Query) -> Plan:
        root = archive_address(query.base_url)
        wanted = _days(query)
        months = sorted({(day.year, day.month) for day in wanted.values()})
        for station in query.stations:
            for year, month in months:
                prefix = f"records/csv.gz/locationid={station}/year={year}/month={month:02d}/"
                keys = yield from self._listed(root, prefix, f"location {station}, {year}-{month:02d}")
                for key in keys:
                    day = wanted.get(key.removesuffix(".csv.gz")[-8:])
                    if day is None:
                        continue
                    age = datetime.now(UTC).date() - day
                    yield Request(
                        f"{root}/{quote(key, safe='/=')}", what=key.rsplit("/", 1)[-1],
                        settled=age > _LATE + timedelta(days=2), optional=True, missing_ok=True, form="bytes",
                    )  # fmt: skip

    def _listed(self, root: str, prefix: str, what: str) -> Generator[Request, Any, list[str]]:
        """Return the keys of a bucket that begin so."""
        params = {"list-type": "2", "prefix": prefix, "max-keys": str(_PAGE)}
        keys: list[str] = []
        seen: set[str] = set()
        while True:
            request = Request(f"{root}/", params, what, optional=True, form="bytes", about={"list": prefix})
            answer = yield request
            if answer is None:
                return keys
            fresh, token = listing(answer)
            keys += [key for key in fresh if key.endswith(".csv.gz") and key not in keys]
            # A server that gives the same page again would go on for ever.
            if not token or token in seen:
                return keys
            seen.add(token)
            params = {**params, "continuation-token": token}

    def parse(self, answer: Any, request: Request, _query: Query) -> Batch:
        """Return stations of a page of locations, or hourly values."""
        if "list" in request.about:
            try:
                listing(answer)
            except ElementTree.ParseError as error:
                raise self.changed(request, str(error)) from error
            return Batch()
        if request.form == "bytes":
            return self._file(answer, request)
        results = self.records(answer, request, "results")
        if "/locations" in request.url:
            return self._places(results, request)
        station = self.station_id(request.about["location"])
        rows = []
        for result in results:
            self.need(result, request, "value", "period")
            self.need(result["period"], request, "datetimeFrom")
            value = number(result["value"])
            if value is None:
                continue
            complete = number((result.get("coverage") or {}).get("percentComplete"))
            bad = complete is not None and complete < _COMPLETE
            begin = pd.to_datetime(str((result["period"]["datetimeFrom"] or {}).get("utc")), utc=True, errors="coerce")
            if pd.isna(begin):
                raise self.changed(request, "datetimeFrom.utc ?")
            rows.append(
                {"station_id": station, "variable": request.about["variable"], "time": begin,
                 "period_hours": 1, "value": value, "flag": "incomplete" if bad else None}
            )  # fmt: skip
        return Batch({"observations": pd.DataFrame(rows)}, rows=len(results))

    def _places(self, results: list[Any], request: Request) -> Batch:
        places = []
        for place in results:
            self.need(place, request, "id", "coordinates", "sensors")
            at = place["coordinates"] or {}
            lat, lon = number(at.get("latitude")), number(at.get("longitude"))
            if lat is None or lon is None or place.get("isMobile"):
                continue
            provider = (place.get("provider") or {}).get("name")
            licences = [str(x.get("name")) for x in place.get("licenses") or () if x.get("name")]
            kind = {True: "reference", False: "lowcost"}.get(place.get("isMonitor"), "unknown")
            places.append(
                {
                    "station_id": self.station_id(place["id"]), "name_th": place.get("name"),
                    "name_en": place.get("name"), "lat": lat, "lon": lon, "kind": kind,
                    "source": f"{self.attribution}: {provider}" if provider else self.attribution,
                    "licence": ", ".join(licences) or self.licence,
                }
            )  # fmt: skip
        return Batch({"stations": self.stations(places)}, rows=len(results))

    def _file(self, body: bytes, request: Request) -> Batch:
        parsed = readers.read(body, "observations", name=request.what, options=Options(hour_label="ending"))
        tables = {name: prefixed(table, self.prefix) for name, table in parsed.tables.items()}
        if "stations" in tables:
            tables["stations"] = tables["stations"].assign(
                network=self.title, source=self.attribution, licence=self.licence, kind="unknown"
            )
        said = note("OpenAQ's archive doesn't say which stations are reference stations.", level="info")
        return Batch(tables, rows=parsed.rows_read, dropped=parsed.dropped, notes=[*parsed.notes, said])


def archive_address(chosen: str) -> str:
    """Return the web address of the archive's bucket: OpenAQ's own, a copy's, or that of an ``s3://`` bucket.

    >>> archive_address("")
    'https://openaq-data-archive.s3.amazonaws.com'
    """
    if not chosen.startswith("s3://"):
        return (chosen or _ARCHIVE).rstrip("/")
    bucket = chosen.removeprefix("s3://").strip("/")
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    return f"{endpoint}/{bucket}" if endpoint else f"https://{bucket}.s3.amazonaws.com"


def listing(answer: bytes) -> tuple[list[str], str]:
    """Return the keys of one page of an S3 list (ListObjectsV2), and the token of the next page, empty at the end.

    Raises
    ------
    ElementTree.ParseError
        Where the answer is no such list.
    """
    root = ElementTree.fromstring(answer)
    if root.tag.rpartition("}")[2] != "ListBucketResult":
        raise ElementTree.ParseError("ListBucketResult ?")
    space = root.tag[: -len("ListBucketResult")]
    keys = [found.text or "" for found in root.iter(f"{space}Key")]
    more = root.findtext(f"{space}IsTruncated", "false").strip().lower() == "true"
    return keys, root.findtext(f"{space}NextContinuationToken", "") if more else ""


def _days(query: Query) -> dict[str, date]:
    """Return the days that the query touches, as they stand in the files' names; files follow the local day."""
    days = {day.date() for day in query.days()}
    last = (query.end - timedelta(seconds=1)).astimezone(BANGKOK).date()
    return {f"{day:%Y%m%d}": day for day in sorted(days | {last})}


def prefixed(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return a table with the network's prefix before its station identifiers."""
    ids = table["station_id"].astype("string").astype("category")
    return table.assign(station_id=ids.cat.rename_categories(lambda own: f"{prefix}{own}").astype("string"))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:00:00Z}"
