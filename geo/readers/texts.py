"""CSV and its relatives: encoding, delimiter, decimal commas, title lines above the header, broken lines."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from geo.readers import names
from geo.readers.model import DELIMITERS, Drops, Options, Raw
from geo.readers.numbers import has_decimal_comma
from language import UserError, note

_HEADER_LINES = 25


def read(content: bytes, name: str, kind: str, options: Options) -> Raw:
    """Return a text table with all cells as text."""
    encoding, plain = decode(content, name, options.encoding)
    if options.limit:
        plain = b"".join(plain.splitlines(keepends=True)[: options.limit + _HEADER_LINES])
    head = plain[:200_000].decode("utf-8", "ignore").splitlines()[: _HEADER_LINES * 2]
    delimiter = options.delimiter or _delimiter(head)
    header_line, columns = header(kind, list(csv.reader(head, delimiter=delimiter)), name)
    drops = Drops()
    table = _table(plain, delimiter, header_line, columns, drops, name)
    frame = table.to_pandas(strings_to_categorical=False, types_mapper={pa.string(): pd.ArrowDtype(pa.string())}.get)
    frame.columns = pd.Index(columns)
    rows = np.arange(len(frame), dtype="int64") + header_line + 2
    rows = _shift_rows(rows, drops)
    raw = Raw(name, "CSV", frame, rows, encoding=encoding, delimiter=delimiter, drops=drops)
    if options.decimal:
        raw.decimal_comma = options.decimal == ","
    elif delimiter != ",":
        raw.decimal_comma = any(has_decimal_comma(frame[c]) for c in frame.columns)
    if header_line:
        raw.notes.append(note("The header is in row {row}; the lines above it were skipped.", row=header_line + 1))
    return raw


def decode(content: bytes, name: str, said: str = "") -> tuple[str, bytes]:
    """Return the encoding of a text and the text in UTF-8 without BOM; `said` is what a person says it is in."""
    if said:
        plain = content.removeprefix(b"\xef\xbb\xbf").decode(said, "replace")
        return said, plain.removeprefix("\ufeff").encode()
    for bom, encoding in ((b"\xef\xbb\xbf", "UTF-8-SIG"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if content.startswith(bom):
            try:
                return encoding, content.decode(encoding.lower()).encode()
            except UnicodeDecodeError as error:
                rest = content[len(bom) :]
                if encoding == "UTF-8-SIG" and not mostly_utf8(rest) and looks_thai(rest):
                    # Some programs put the mark of UTF-8 in front of Thai Windows text.
                    return "cp874", rest.decode("cp874", "replace").encode()
                raise UserError(
                    "{file} is damaged: the text cannot be read as {encoding}.", file=name, encoding=encoding
                ) from error
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "cp874" if looks_thai(content) else "cp1252"
        return encoding, content.decode(encoding, "replace").encode()
    return "UTF-8", content


def looks_thai(content: bytes) -> bool:
    """Whether bytes that are not UTF-8 are Thai: Thai comes in runs, accents of the West come alone."""
    runs = re.findall(rb"[\xa1-\xfb]+", content[:1_000_000])
    return bool(runs) and sum(map(len, runs)) / len(runs) >= 2


def mostly_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8 with little damage: most of what is not ASCII survives being read so."""
    non_ascii = sum(byte > 127 for byte in content)
    lost = len(content) - len(content.decode("utf-8", "ignore").encode())
    return non_ascii > 0 and lost / non_ascii < 0.2


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts most lines into the same number of cells."""

    def merit(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        wide = [w for w in widths if w > 1]
        if not wide:
            return 0, 0
        common = max(set(wide), key=lambda w: (wide.count(w), w))
        return wide.count(common) * (1 + (widths[0] == common)), common

    return max(DELIMITERS, key=merit)


def header(kind: str, rows: list[list[str]], name: str) -> tuple[int, list[str]]:
    """Return which row is the header (0-based) and its names made unique.

    The header is the row, among the first ones, whose cells name most of our fields; the first wide row
    where none does.
    """
    if not rows:
        raise UserError("{file} is empty.", file=name)
    widest = max(len(row) for row in rows)
    scores = [names.score(kind, row) if len(row) > 1 or widest == 1 else 0 for row in rows[:_HEADER_LINES]]
    best = max(scores)
    wide = next((i for i, row in enumerate(rows) if sum(bool(c.strip()) for c in row) > widest / 2), 0)
    at = scores.index(best) if best > 0 else wide
    return at, unique(rows[at])


def unique(cells: list[str]) -> list[str]:
    """Return column names without spaces round them, none empty, none twice."""
    seen: dict[str, int] = {}
    result = []
    for i, cell in enumerate(cells):
        plain = re.sub(r"\s+", " ", str(cell).strip().strip("\ufeff")) or f"column {i + 1}"
        seen[plain] = seen.get(plain, 0) + 1
        result.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return result


def _table(plain: bytes, delimiter: str, header_line: int, columns: list[str], drops: Drops, name: str) -> pa.Table:
    """Parse all lines after the header with Arrow; lines of another width are noted down and left out."""
    broken: list[tuple[int, str, int]] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        broken.append((row.number or 0, row.text, row.actual_columns))
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(plain),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=columns, skip_rows=header_line + 1, block_size=1 << 24
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=b'"' in plain,
                invalid_row_handler=skip,
                ignore_empty_lines=False,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        return _slow_table(plain, delimiter, header_line, columns, drops, name, error)
    for number, line, found in broken:
        _drop_line(drops, number, line, found, columns)
    return table


def _drop_line(drops: Drops, row: int, line: str, found: int, columns: list[str]) -> None:
    reason = note("the line has {found} cells instead of {expected}", level="error", found=found, expected=len(columns))
    # Nobody knows which cell of a broken line is whose: with personal columns none of it is kept.
    drops.add(row, "", "" if any(names.is_personal(c) for c in columns) else line[:200], reason)


def _slow_table(
    plain: bytes, delimiter: str, header_line: int, columns: list[str], drops: Drops, name: str, error: Exception
) -> pa.Table:
    """Parse line by line what Arrow refuses, for example an opening quote that never ends."""
    kept: list[list[str | None]] = []
    lines = plain.decode("utf-8", "replace").splitlines()[header_line + 1 :]
    for number, line in enumerate(lines, header_line + 2):
        cells = next(iter(csv.reader(io.StringIO(line), delimiter=delimiter)), [])
        if len(cells) == len(columns) or not line.strip():
            kept.append([c or None for c in cells] or [None] * len(columns))
        else:
            kept.append([])
            _drop_line(drops, number, line, len(cells), columns)
    kept = [row for row in kept if row]
    if not kept:
        raise UserError("{file} cannot be read as a table ({detail}).", file=name, detail=str(error)[:120]) from error
    return pa.table([pa.array(list(column), pa.string()) for column in zip(*kept, strict=True)], names=columns)


def _shift_rows(rows: NDArray[np.int64], drops: Drops) -> NDArray[np.int64]:
    """Number the kept rows past the ones left out."""
    for gone in drops.frame()["row"]:
        rows[rows >= gone] += 1
    return rows


_TWICE = re.compile("[\u00c2\u00c3\u00e0][\u0080-\u00bf\u0152-\u2122]")


def repair(raw: Raw) -> None:
    """Undo UTF-8 that was read as Latin letters and saved again (``à¸ž`` for ``พ``)."""
    mended = [_repaired(c) for c in raw.columns]
    damaged = [c for c in raw.frame.columns if not is_plain(raw.frame[c])]
    for column in damaged:
        raw.frame[column] = raw.frame[column].map(_repaired)
    if damaged or mended != raw.columns:
        raw.frame.columns = pd.Index(mended)
        raw.notes.append(note("Thai letters of the file were garbled by an earlier program and were put right."))


def is_plain(column: pd.Series[Any]) -> bool:
    """Whether no cell shows UTF-8 that was saved twice."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return True
    unique = pd.Series(column.unique()[:20_000]).dropna()
    return not any(isinstance(cell, str) and _TWICE.search(cell) for cell in unique)


def _repaired(cell: Any) -> Any:
    if not isinstance(cell, str) or not _TWICE.search(cell):
        return cell
    for encoding in ("latin-1", "cp1252"):
        try:
            return cell.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return cell
