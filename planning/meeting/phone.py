"""The QR code that leads a phone in the hall to the read-only view."""

from __future__ import annotations

from typing import Any

import segno

QUIET = 4
"""Modules of white around the code, as the standard (ISO/IEC 18004) wants."""


def code(url: str) -> dict[str, Any]:
    """Return an address with its QR code: ``url``, ``path`` (SVG, one unit a module) and ``size``.

    Error correction M: a code on a wall is read from an angle, with heads before it.
    """
    made = segno.make(url, error="m", micro=False)
    rows = [bytes(row) for row in made.matrix]
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return {"url": url, "path": path, "size": len(rows) + 2 * QUIET}


def svg(made: dict[str, Any], label: str) -> str:
    """Return the code as an SVG picture; `label` (escaped already) names it for a reader."""
    size = made["size"]
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {size}' role='img' aria-label='{label}'"
        f" style='width:100%;max-width:18rem;display:block'><rect width='100%' height='100%' fill='#fff'/>"
        f"<path d='{made['path']}' fill='#000'/></svg>"
    )
