"""JSON that is no map: answers of Air4Thai and plain lists of records."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from geo.readers.model import Options, Raw
from geo.readers.texts import decode
from language import UserError, note


def _no_list(name: str) -> UserError:
    return UserError("{file} holds no list of records that could be read as a table.", file=name)


def read(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return the records of a JSON file; nested ones get dotted column names."""
    encoding, plain = decode(content, name)
    try:
        answer = json.loads(plain)
    except json.JSONDecodeError as error:
        raise UserError(
            "{file} is damaged: it is no valid JSON (line {line}).", file=name, line=error.lineno
        ) from error
    records, notes = _records(answer, kind, name)
    if not records:
        raise _no_list(name)
    frame = pd.json_normalize(records[: options.limit or None])
    raw = Raw(name, "JSON", frame, np.arange(len(frame), dtype="int64") + 1, encoding=encoding)
    raw.notes += notes
    return raw


def _records(answer: Any, kind: str, name: str) -> tuple[list[dict[str, Any]], list[Any]]:
    stations = answer.get("stations") if isinstance(answer, dict) else None
    if isinstance(stations, list) and all(isinstance(s, dict) for s in stations):
        if kind == "observations" and any("AQILast" in s for s in stations):
            # Its PM2.5 is a 24-hour running mean, no reading of an hour (domain facts, section 6.1).
            raise UserError(
                "{file} is the live list of Air4Thai: its values are running 24-hour means, not readings. "
                "Import it as stations, and take the readings from the history service.",
                file=name,
            )
        if kind == "observations" and any("data" in s for s in stations):
            rows = [{"stationID": s.get("stationID"), **row} for s in stations for row in s.get("data") or []]
            return rows, [note("{count} stations in one answer of Air4Thai's history service.", count=len(stations))]
        return [{k: v for k, v in s.items() if k not in ("AQILast", "forecast", "data")} for s in stations], []
    if isinstance(answer, dict):
        answer = next((v for v in answer.values() if isinstance(v, list) and v and isinstance(v[0], dict)), None)
    if not isinstance(answer, list):
        raise _no_list(name)
    return [row for row in answer if isinstance(row, dict)], []
