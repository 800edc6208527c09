"""What a network is: where it answers, how often it may be asked, what it is asked for, what an answer means.

A network's `plan` is a generator: it yields a `Request` and gets its decoded answer back (None where an
optional one failed), so that paging and "first the list, then each station" read as they happen.
`parse` turns one answer into rows of the lake.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas as pd

from geo.networks.privacy import json_without_people
from geo.readers import Options
from language import Note, UserError

BANGKOK = ZoneInfo("Asia/Bangkok")
THAILAND = (97.3, 5.6, 105.7, 20.5)
"""West, south, east, north in degrees."""


@dataclass(frozen=True)
class Request:
    """One question to a server.

    Attributes
    ----------
    url : str
        Whole address without its parameters.
    what : str
        What is asked for, in a few words, for messages.
    settled : bool
        The answer can't change any more (it lies far enough in the past): kept, and not asked for again.
    optional : bool
        Where it fails, the others are still asked.
    missing_ok : bool
        "Not found" means that there are no data, as with daily files of an archive.
    form : {"json", "bytes"}
    about : mapping
        What `parse` has to know and the answer doesn't say; not sent.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    what: str = ""
    settled: bool = False
    optional: bool = False
    missing_ok: bool = False
    form: Literal["json", "bytes"] = "json"
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address with its parameters."""
        return self.url + ("?" + urlencode(self.params, safe=",:") if self.params else "")

    @property
    def digest(self) -> str:
        """A name for this question, the same whenever it is asked."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Query:
    """What a person wants from a network.

    Attributes
    ----------
    start, end : datetime
        With zone; end exclusive.
    stations : tuple of str
        The network's own identifiers; empty: all within `bounds`.
    bounds : tuple
        West, south, east, north in degrees.
    service : str
        One of the network's `services`; empty: its first.
    base_url : str
        Instead of the network's own address (a mirror, a proxy, a test).
    url, kind, mapping, options
        For a table at an address of one's own: as for a file (`geo.readers.read`).
    province : str
        Thai or English name, or code, of a province (registers and boundaries).
    """

    start: datetime
    end: datetime
    stations: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] = THAILAND
    service: str = ""
    base_url: str = ""
    province: str = ""
    url: str = ""
    kind: str = "observations"
    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    @classmethod
    def last(cls, hours: float = 72, *, now: datetime | None = None, **more: Any) -> Query:
        """Return a query for the last hours."""
        end = now or datetime.now(UTC)
        return cls(start=end - timedelta(hours=hours), end=end, **more)

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies within the bounds."""
        west, south, east, north = self.bounds
        return west <= lon <= east and south <= lat <= north

    def days(self) -> list[datetime]:
        """Return the midnights (UTC) of the days the query touches."""
        day = self.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        found = []
        while day < self.end:
            found.append(day)
            day += timedelta(days=1)
        return found


@dataclass
class Batch:
    """Rows out of one answer.

    Attributes
    ----------
    tables : dict
        Table name -> rows with columns of `geo.schema.TABLES`; ``observations`` with `time` in UTC, the
        beginning of the period.
    readings : DataFrame or None
        station_id, variable, time, value of single moments, to be averaged to hours over several polls.
    rows : int
        Rows of the answer.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    readings: pd.DataFrame | None = None
    rows: int = 0
    dropped: pd.DataFrame | None = None
    notes: list[Note] = field(default_factory=list)


Plan = Generator[Request, Any, None]


class Network(ABC):
    """One network, declared: address, licence, limits, and how its answers read."""

    name: ClassVar[str]
    title: ClassVar[str]
    base: ClassVar[str]
    services: ClassVar[tuple[str, ...]] = ("",)
    kind: ClassVar[str] = "unknown"
    licence: ClassVar[str] = ""
    attribution: ClassVar[str] = ""
    per_minute: ClassVar[float] = 60.0
    key_variable: ClassVar[str] = ""
    key_needed: ClassVar[bool] = False
    key_header: ClassVar[str] = "X-API-Key"
    key_prefix: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    open_services: ClassVar[tuple[str, ...]] = ()
    """Services of another server, or without a key: the key is not sent there."""

    @abstractmethod
    def plan(self, query: Query) -> Plan:
        """Yield the requests; each yield returns the decoded answer (None: optional and failed, or missing)."""

    @abstractmethod
    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return the rows of one answer.

        Raises
        ------
        UserError
            Where the answer doesn't look as the network's answers do.
        """

    def redact(self, body: bytes, request: Request) -> bytes:
        """Return an answer without personal data, as it is kept; JSON by the names of its fields."""
        return json_without_people(body) if request.form == "json" else body

    def keeps(self, _body: bytes) -> bool:
        """Whether an answer is kept: not where it can't be freed of personal data."""
        return True

    def root(self, query: Query) -> str:
        """Return the address that requests start with."""
        return (query.base_url or self.base).rstrip("/")

    def service(self, query: Query) -> str:
        """Return the service asked for, the first one without a wish.

        Raises
        ------
        UserError
            Where the network has no such service.
        """
        if not query.service:
            return self.services[0]
        if query.service not in self.services:
            raise UserError(
                "{network} has no service {service}. Services: {services}.",
                network=self.title, service=query.service, services=", ".join(s for s in self.services if s) or "–",
            )  # fmt: skip
        return query.service

    def station_id(self, own: Any) -> str:
        """Return the identifier of a station in the lake: two networks may use the same number."""
        return f"{self.prefix}{own}"

    def stations(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Return rows of ``stations`` with the network's kind, source and licence where they say nothing."""
        origin = {"kind": self.kind, "network": self.title, "source": self.attribution, "licence": self.licence}
        return pd.DataFrame([{**origin, **row} for row in rows])

    def changed(self, request: Request, detail: str) -> UserError:
        """Return the sentence for an answer that has lost a field it always had."""
        return UserError(
            "{network}: the answer for {what} looks different from before ({detail}). Nothing was stored from it; "
            "the network may have changed its format.",
            network=self.title, what=request.what, detail=detail,
        )  # fmt: skip

    def records(self, answer: Any, request: Request, *names: str) -> list[Any]:
        """Return the list in an answer: the answer itself or the first of the named fields.

        Raises
        ------
        UserError
            Where there is none.
        """
        if isinstance(answer, list):
            return answer
        for name in names:
            if isinstance(answer, Mapping) and isinstance(answer.get(name), list):
                found: list[Any] = answer[name]
                return found
        raise self.changed(request, f"{' / '.join(names) or 'list'} ?")

    def need(self, record: Any, request: Request, *names: str) -> None:
        """Check that a record has its fields.

        Raises
        ------
        UserError
            Naming the first that is missing.
        """
        for name in names:
            if not isinstance(record, Mapping) or name not in record:
                raise self.changed(request, f"{name} ?")


def number(value: Any, missing: Callable[[float], bool] = lambda v: v in (-1, -999, -9999)) -> float | None:
    """Return a number that may come as text; None where it stands for missing or is none.

    >>> number("41.3"), number("-1"), number("-"), number(None)
    (41.3, None, None, None)
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(str(value).strip().replace(",", ""))
    except ValueError:
        return None
    return None if found != found or abs(found) > 1e5 or missing(found) else found


def long_rows(
    station_id: str, time: datetime, values: Mapping[str, float | None], period_hours: int = 1, flag: str | None = None
) -> list[dict[str, Any]]:
    """Return one row of ``observations`` for each variable that has a value."""
    return [
        {"station_id": station_id, "variable": name, "time": time, "period_hours": period_hours, "value": value,
         "flag": flag}
        for name, value in values.items()
        if value is not None
    ]  # fmt: skip
