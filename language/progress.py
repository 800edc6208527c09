"""Progress of long work, said in one way to the terminal and to a page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a sentence, already in the reader's language."""


def silent(share: float, sentence: str) -> None:
    """Say nothing."""


def bar(stream: TextIO | None = None, width: int = 24) -> Progress:
    """Return a progress bar that writes to `stream` (standard error), on a terminal only."""
    out = stream or sys.stderr
    if not out.isatty():
        return silent

    def show(share: float, sentence: str) -> None:
        filled = round(width * min(max(share, 0.0), 1.0))
        out.write(f"\r[{'#' * filled}{'.' * (width - filled)}] {share:4.0%} {sentence:<60.60}")
        if share >= 1:
            out.write("\n")
        out.flush()

    return show
