"""Every flag that the code can set has a name and a reason, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from geo import quality
from language import translate
from pages.parts import flag_words, holdings
from pages.parts import station_page_plots as plots

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
    assert set(quality.FLAGS) == set(quality._SAID), "what an import says of its flags"
    assert every == set(holdings.FLAGS) == set(holdings.FLAG_REASONS) == set(flag_words.RULES) == set(plots.SIGNS)
    assert len(set(plots.SIGNS.values())) == len(plots.SIGNS), "colour and shape together tell flags apart"
    for text in (*holdings.FLAGS.values(), *holdings.FLAG_REASONS.values(), *flag_words.RULES.values()):
        assert translate(text, "en") == text
        assert re.search("[ก-๙]", translate(text, "th")), text


def test_every_rule_names_the_limits_of_the_file_and_their_source() -> None:
    for flag in flag_words.RULES:
        said = flag_words.rule(flag)
        assert "{" not in said and any(ch.isdigit() for ch in said), said
        assert len(flag_words.source(flag)) > 10
