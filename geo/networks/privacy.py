"""Takes names, telephones and addresses of people out of answers before anything is kept (PDPA)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import Any

from geo.readers.names import is_personal
from geo.readers.texts import decode

_MORE = re.compile(r"contributor|admin_?name|user_?name|^line$", re.I)
"""Fields of feeds that name people, besides those that files have."""

_HARMLESS = ("isMobile",)
"""Sounds like a telephone, means a moving station."""


def personal(name: str) -> bool:
    """Whether a field names people or says how to reach them."""
    return name not in _HARMLESS and (is_personal(name) or bool(_MORE.search(name)))


def without_people(value: Any) -> Any:
    """Return JSON without the fields that name people."""
    if isinstance(value, Mapping):
        return {k: without_people(v) for k, v in value.items() if not personal(str(k))}
    if isinstance(value, list):
        return [without_people(item) for item in value]
    return value


def json_without_people(body: bytes) -> bytes:
    """Return the bytes of a JSON answer without the fields that name people."""
    return json.dumps(without_people(json.loads(body)), ensure_ascii=False).encode()


def table_without_people(body: bytes, name: str) -> bytes:
    """Return a CSV file without the columns that name people; one without such columns stays as it is.

    In a broken line no cell can be told from its neighbour, so it loses all its cells.
    """
    _, plain = decode(body, name)
    text = plain.decode()
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = next(lines, [])
    kept = [i for i, column in enumerate(header) if not personal(column)]
    if len(kept) == len(header):
        return body
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([header[i] for i in kept])
    writer.writerows([row[i] for i in kept] if len(row) == len(header) else [""] * len(kept) for row in lines)
    return out.getvalue().encode()
