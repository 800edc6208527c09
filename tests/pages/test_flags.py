"""Every flag that the code can set has a name and a reason, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from geo import quality
from language import translate
from pages.parts import holdings

ROOT = Path(__file__).resolve().parents[2]


def flags_in_code() -> set[str]:
    known = set(quality.FLAGS)
    for file in (ROOT / "geo").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        known |= set(re.findall(r"\"flag\": \"([a-z]+)\"", text)) | set(re.findall(r"flag=\"([a-z]+)\"", text))
        known |= set(re.findall(r"\bflag = \"([a-z]+)\"", text))
    return known


def test_every_flag_has_words_in_both_languages() -> None:
    every = flags_in_code() | {"incomplete", "channels"}
    assert every == set(holdings.FLAGS) == set(holdings.FLAG_REASONS)
    for text in (*holdings.FLAGS.values(), *holdings.FLAG_REASONS.values()):
        assert translate(text, "en") == text
        assert re.search("[ก-๙]", translate(text, "th")), text
