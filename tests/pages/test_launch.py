"""Every page opens in Thai without an exception and without a sentence nobody translated; English: in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

PAGES = ("overview", "map", "surface", "hotspots", "zones", "plan", "effects", "meeting", "offices", "data", "help")

THAI = re.compile(r"[\u0e00-\u0e7f]")
WORD = re.compile(r"[A-Za-z]{2,}")
TAG = re.compile(r"<style.*?</style>|<[^>]+>|:material/\w+:|`[^`]*`|\S+://\S+|&\w+;", re.S)
SCRIPT = re.compile(r"<script.*?</script>", re.S)


def texts(at: AppTest) -> Iterator[str]:
    """Yield what a reader sees as words: markdown, html, captions, labels, messages."""
    for element in at.main:
        for name in ("value", "label", "body"):
            text = getattr(element, name, None)
            if isinstance(text, str) and text:
                yield text


def english(text: str) -> list[str]:
    """Return the lines that are English sentences: four words and more without a Thai letter."""
    lines = (line.strip() for line in re.split(r"\n|<br>|</p>|</dd>|</div>|</td>", SCRIPT.sub(" ", text)))
    plain = (TAG.sub(" ", line) for line in lines)
    return [line for line in plain if len(WORD.findall(line)) >= 4 and not THAI.search(line)]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_speaks_thai(app: Callable[..., AppTest], page: str) -> None:
    at = app(page, lang="th")
    assert not at.exception, [e.value for e in at.exception]
    assert not at.error, [e.value for e in at.error]
    said = list(texts(at))
    assert len(said) > 2
    assert any(THAI.search(text) for text in said)
    # Literature (with its year) is cited in its own language.
    foreign = [line for text in said for line in english(text) if not re.search(r"\(\d{4}\)", line)]
    assert not foreign, "\n".join(foreign[:20])


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_lake_is_a_designed_state(empty_app: Callable[..., AppTest], page: str) -> None:
    at = empty_app(page, lang="en")
    assert not at.exception, [e.value for e in at.exception]
    words = " ".join(texts(at))
    assert "demo" in words.casefold() or "import" in words.casefold() or page == "help"
