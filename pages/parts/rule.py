"""What makes a hotspot, as the reader wants it: kept in the address, the same on every page."""

from __future__ import annotations

from functools import partial
from typing import Any

from pages.parts import state
from planning.parameters import BASES
from planning.settings import Settings, settings


def _usual(chosen: Settings) -> dict[str, int | float]:
    """Return the defaults of data/screening.toml as the sliders show them."""
    return {
        "often": round(100 * chosen.hotspots_day_share),
        "sure": round(100 * chosen.hotspots_probability),
        "hectares": round(100 * chosen.hotspots_minimum_area_km2),
        "above": float(chosen.local_excess_ugm3),
        "longer": round(100 * chosen.local_day_share),
    }


def wishes() -> dict[str, Any]:
    """Bind the rule and return what differs from the defaults, as fields of `planning.parameters.Parameters`."""
    usual = _usual(settings())
    for name, default in usual.items():
        state.bind(name, default, parse=type(default), write=partial(_unless, default), late=True)
    state.bind("basis", "days", allowed=BASES, write=lambda value: "" if value == "days" else value, late=True)
    scales = {
        "often": ("day_share", 0.01), "sure": ("probability", 0.01), "hectares": ("minimum_area_km2", 0.01),
        "above": ("local_excess_ugm3", 1.0), "longer": ("local_day_share", 0.01),
    }  # fmt: skip
    found: dict[str, Any] = {
        field: round(float(state.get(name)) * scale, 6)
        for name, (field, scale) in scales.items()
        if state.get(name) != usual[name]
    }
    if state.get("basis") == "annual":
        found["basis"] = "annual"
    return found


def _unless(default: float, value: float) -> str:
    return "" if value == default else f"{value:g}"


def back() -> None:
    """Take the defaults again."""
    for name, default in _usual(settings()).items():
        state.put(name, default)
    state.put("basis", "days")
