"""The choices of a screening that people may edit: data/screening.toml, read and checked."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from language import UserError

FILE = Path(os.environ.get("SCREENING_SETTINGS") or Path(__file__).resolve().parents[1] / "data" / "screening.toml")
"""The file of choices; the environment variable SCREENING_SETTINGS names another one."""

BURDEN = ("exceedance", "excess", "hotspot", "trend", "factories", "citizens", "confidence")
"""Parts of the score that tell of the air and what stands behind it."""

VULNERABILITY = ("people", "vulnerable", "receptors")
"""Parts that tell of the people."""

PARTS = (*BURDEN[:-1], *VULNERABILITY, "confidence")
"""The parts of a zone's score, in the order in which they are shown."""

METHODS = ("product", "weighted")
"""How the parts make a score (`planning.zones`)."""

SCALINGS = ("greatest", "percentile")
"""How an indicator can become a part of 0 to 100 (`planning.zones.scale`)."""


@dataclass(frozen=True)
class Settings:
    """Everything data/screening.toml says; the file gives the reasons.

    Attributes carry the table's name first: ``stations_radius_km``, ``hotspots_day_share`` ...
    Distances in kilometres or metres as named, shares and probabilities between 0 and 1.
    """

    stations_radius_km: float
    stations_nearest: int
    stations_minimum: int
    days_completeness: float
    days_minimum_stations: int
    days_period_share: float
    grid_cells: int
    grid_steps_m: tuple[float, ...]
    grid_margin_km: float
    hotspots_probability: float
    hotspots_day_share: float
    hotspots_certain: float
    hotspots_draws: int
    hotspots_common_error: float
    hotspots_weak: float
    hotspots_robust: float
    local_quantile: float
    local_radius_km: float
    local_excess_ugm3: float
    local_day_share: float
    local_probability: float
    hotspots_minimum_area_km2: float
    hotspots_reach_km: float
    hotspots_near_km: float
    factories_hp_classes: tuple[float, ...]
    factories_hp_weights: tuple[float, ...]
    factories_potential_classes: tuple[float, ...]
    wind_radius_km: float
    wind_calm_m_s: float
    wind_sector_deg: float
    zones_method: str
    zones_scaling: str
    zones_urgent: float
    zones_watch: float
    zones_least: dict[str, float]
    zones_weights: dict[str, float]
    zones_product: dict[str, float]
    zones_reasons_en: dict[str, str]
    zones_reasons_th: dict[str, str]
    robustness_draws: int
    robustness_surfaces: int
    robustness_concentration: float
    robustness_robust: float
    robustness_likely: float
    robustness_seed: int
    clusters_rate: float
    clusters_neighbours: int
    clusters_minimum: int
    clusters_permutations: int
    trends_monthly_from_days: int
    trends_block_share: float
    trends_carried: float
    trends_minimum_blocks: int
    trends_excess_ugm3: float
    trends_alpha: float
    trends_alpha_short: float
    trends_long_blocks: int
    trends_often: float
    trends_rare: float

    def usual_weights(self, method: str) -> dict[str, float]:
        """Return the weights of a method, of all parts, with the sum 1."""
        return self.zones_product if method == "product" else self.zones_weights


def read_settings(file: Path) -> Settings:
    """Read a settings file.

    Raises
    ------
    UserError
        If the file is not TOML, a value is missing, or a weight is negative or unknown.
    """
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise UserError(
            "{file} cannot be read: {problem}. Correct the line or restore the file.",
            file=file.name,
            problem=str(problem),
        ) from problem
    values: dict[str, Any] = {}
    kinds = {f.name: str(f.type) for f in fields(Settings)}
    for name in kinds:
        table, _, key = name.partition("_")
        if key not in tables.get(table, {}):
            raise UserError(
                "{file} has no value {key} in table [{table}]. Add it or restore the file.",
                file=file.name,
                key=key,
                table=table,
            )
        values[name] = _typed(file.name, f"[{table}] {key}", kinds[name], tables[table][key])
    for name in ("zones_weights", "zones_product"):
        values[name] = check_weights(values[name])
    values["zones_least"] = {part: float(values["zones_least"].get(part, 0.0)) for part in PARTS}
    return Settings(**values)


def _typed(file: str, key: str, kind: str, value: Any) -> Any:
    """Return a value of the file in the type of its field."""

    def number(item: Any) -> bool:
        return isinstance(item, (int, float)) and not isinstance(item, bool)

    fits = {
        "float": number(value),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "str": value in (METHODS if key.endswith(" method") else SCALINGS),
        "tuple[float, ...]": isinstance(value, list) and all(number(v) for v in value),
        "dict[str, float]": isinstance(value, dict) and all(number(v) for v in value.values()),
        "dict[str, str]": isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
    }
    if not fits[kind]:
        raise UserError(
            "{file}, {key}: {value} is not what belongs there. Correct it or restore the file.",
            file=file,
            key=key,
            value=str(value),
        )
    return tuple(value) if isinstance(value, list) else value


def check_weights(weights: dict[str, float]) -> dict[str, float]:
    """Return the weights of all parts, scaled to the sum 1; a part not named weighs nothing.

    Raises
    ------
    UserError
        For an unknown part, a negative or missing number, or weights that are all zero.
    """
    unknown = set(weights) - set(PARTS)
    if unknown:
        raise UserError(
            "There is no score part named {name}. The parts are: {parts}.",
            name=", ".join(sorted(unknown)),
            parts=", ".join(PARTS),
        )
    numbers = {part: float(weights.get(part, 0.0)) for part in PARTS}
    total = sum(numbers.values())
    if not all(0 <= w < float("inf") for w in numbers.values()) or total <= 0:
        raise UserError("The weights must be numbers from 0 up, and one of them above 0.")
    return {part: w / total for part, w in numbers.items()}


def settings() -> Settings:
    """Return the settings of data/screening.toml; read again when the file changes."""
    return _read(FILE, FILE.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(file: Path, changed: int) -> Settings:  # noqa: ARG001  (the time of change is the key)
    return read_settings(file)
