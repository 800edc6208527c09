"""Numbers and texts as people write them: decimal commas, Thai digits, ="0630", signs for "missing"."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
MISSING = frozenset(
    "|-|--|–|—|.|*|na|n/a|n.a.|#n/a|nan|null|none|nil|nd|n.d.|no data|missing|ไม่มี|ไม่มีข้อมูล|ไม่ระบุ".split("|")  # noqa: SIM905 - one line reads better than sixteen
)
SENTINELS = (-999.0, -9999.0, -99999.0, -99.0, -999.9, -9999.9)
"""Numbers that mean "no value" in monitoring files."""

_EXCEL_TEXT = re.compile(r'^=\s*"(.*)"$', re.S)
_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,(\d{1,2}|\d{4,})$")


def text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return cells as clean text: trimmed, ``="0630"`` unpacked, 5.0 as 5; signs for missing as NA."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.notna() & (values % 1 == 0) & (values.abs() < 1e15)
        return values.astype("string").where(~whole, values.where(whole).astype("Int64").astype("string"))
    codes, unique = pd.factorize(values)
    clean = pd.array([_clean(v) for v in unique], dtype="string")
    return pd.Series(clean.take(codes, allow_fill=True), index=values.index)


def _clean(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    cell = str(value).strip().strip("\ufeff\u200b\xa0")
    packed = _EXCEL_TEXT.match(cell)
    if packed:
        cell = packed.group(1)
    elif len(cell) > 1 and cell.startswith("'"):  # Excel's own sign for "this is text"
        cell = cell[1:]
    cell = re.sub(r"\s+", " ", cell).strip()
    return None if cell.casefold() in MISSING else cell


def has_decimal_comma(values: pd.Series[Any]) -> bool:
    """Whether the cells of a column show a comma where others write a decimal point."""
    cells = values.dropna().astype(str).head(2000).str.strip().str.strip('"')
    return bool(cells.map(lambda cell: bool(_DECIMAL_COMMA.match(cell))).any())


def numbers(values: pd.Series[Any], *, decimal_comma: bool = False) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return cells as numbers and a mask of those that hold something else.

    Parameters
    ----------
    values : Series, shape (n,)
    decimal_comma : bool
        Other columns of the file use decimal commas, so ``1,234`` is 1.234 here.

    Returns
    -------
    numbers : array, shape (n,)
        NaN where there is none.
    wrong : array of bool, shape (n,)
        True where the cell holds something that is neither a number nor a sign for "missing".
    """
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return np.full(len(values), np.nan), values.notna().to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(values.dtype):
        plain = values.to_numpy(dtype="float64", na_value=np.nan)
        return np.where(np.isinf(plain), np.nan, plain), np.isinf(plain)
    result = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan, copy=True)
    left = np.flatnonzero(np.isnan(result) | np.isinf(result))
    wrong = np.zeros(len(values), dtype=bool)
    if not len(left):
        return result, wrong
    codes, unique = pd.factorize(values.iloc[left])  # the rest repeats itself
    comma = decimal_comma or has_decimal_comma(pd.Series(unique))
    parsed = np.array([_number(v, comma) for v in unique] or [np.nan], dtype="float64")
    bad = np.array([_wrong(v, p) for v, p in zip(unique, parsed, strict=False)] or [False], dtype=bool)
    here = codes >= 0
    result[left] = np.where(here, parsed[np.where(here, codes, 0)], np.nan)
    wrong[left] = here & bad[np.where(here, codes, 0)]
    return result, wrong


def _wrong(value: Any, parsed: float) -> bool:
    return bool(np.isnan(parsed)) and _clean(value) is not None


def _number(value: Any, decimal_comma: bool) -> float:
    cell = (_clean(value) or "").translate(THAI_DIGITS).replace("−", "-").replace(" ", "").replace("\xa0", "")
    if not re.fullmatch(r"[-+]?[\d.,]*\d[\d.,]*(?:[eE][-+]?\d+)?", cell):
        return np.nan
    if "," in cell and "." in cell:
        cell = cell.replace(",", "") if cell.rfind(".") > cell.rfind(",") else cell.replace(".", "").replace(",", ".")
    elif "," in cell:
        cell = cell.replace(",", ".") if decimal_comma and cell.count(",") == 1 else cell.replace(",", "")
    try:
        number = float(cell)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def first_number(value: Any) -> float:
    """Return the first number in a text (``about 1,200 people`` -> 1200), NaN without one."""
    found = re.search(r"[-+]?\d[\d,]*(?:\.\d+)?", str(value).translate(THAI_DIGITS))
    return float(found.group().replace(",", "")) if found else np.nan
