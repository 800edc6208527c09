"""Any table at an address of one's own: a data logger's CSV, a shared spreadsheet, a province's open data.

It is read as an uploaded file is (`geo.readers`), with the same options; a fetch repeated brings what is new.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from geo import readers
from geo.networks.model import Batch, Network, Plan, Query, Request
from geo.networks.privacy import json_without_people, table_without_people
from language import UserError


class TableAtUrl(Network):
    """One file at one address."""

    name = "csv"
    title = "CSV"
    base = ""
    per_minute = 12.0

    def plan(self, query: Query) -> Plan:
        """Yield the one file.

        Raises
        ------
        UserError
            Where no address was given.
        """
        if not query.url:
            raise UserError("Say the address of the table: python -m geo fetch csv https://…")
        yield Request(query.url, what=_file_name(query.url), form="bytes")

    def redact(self, body: bytes, request: Request) -> bytes:
        """Return text without what names people; other kinds of files as they are (and they are not kept)."""
        if not self.keeps(body):
            return body
        if body.lstrip()[:1] in (b"{", b"["):
            try:
                return json_without_people(body)
            except ValueError:
                return body  # the reader says what is wrong with it
        return table_without_people(body, request.what)

    def keeps(self, _body: bytes) -> bool:
        """Whether it is text."""
        return b"\x00" not in _body[:4096] and _body[:2] not in (b"PK", b"\x1f\x8b")

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return what the file holds."""
        host = urlsplit(request.url).hostname or ""
        options = replace(query.options, source=query.options.source or host)
        parsed = readers.read(answer, query.kind, name=request.what, mapping=query.mapping, options=options)
        return Batch(dict(parsed.tables), rows=parsed.rows_read, dropped=parsed.dropped, notes=list(parsed.notes))


def _file_name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name or urlsplit(url).hostname or "table.csv"
