"""Every sentence said to a person has its Thai words, with the same fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from language import LANGUAGES, available_languages, translate
from language.catalogue import LOCALE

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("language", "geo", "interpolation", "planning", "pages")
SAYS = {"_", "N_", "note", "Note", "UserError", "translate"}


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    """Yield every node of the product's Python with its file."""
    for file in [ROOT / "app.py", *(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield file, node


def sentences() -> Iterator[tuple[str, str]]:
    """Yield each literal sentence of the product with the place it stands in."""
    for file, node in nodes():
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        # A function's own `say(text)` is `note(text).say(lang)` for short.
        says = name in SAYS or ast.unparse(node.func) == "say"
        if says and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, f"{file.relative_to(ROOT)}:{node.lineno}"


def fields(text: str) -> set[str]:
    """Return the names of the fields in a sentence."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(text) if name}


def test_the_product_says_something() -> None:
    assert len({text for text, _ in sentences()}) > 20


@pytest.mark.parametrize("lang", [lang for lang in available_languages() if lang != "en"])
def test_every_sentence_is_translated(lang: str) -> None:
    # A word that is the same in both languages (a unit, a name) stands in the catalogue all the same.
    known = _ids(lang)
    missing = [f"{where}: {text}" for text, where in sentences() if text.strip() and text not in known]
    assert not missing, f"{len(missing)} sentences without {lang}:\n" + "\n".join(sorted(set(missing))[:60])


@pytest.mark.parametrize("lang", [lang for lang in available_languages() if lang != "en"])
def test_translations_have_the_same_fields(lang: str) -> None:
    wrong = [
        f"{where}: {text!r} -> {translate(text, lang)!r}"
        for text, where in sentences()
        if "{" in text and fields(text) != fields(translate(text, lang))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_words_are_kept_that_nobody_says() -> None:
    """A message is a text of the code, or stands in a catalogue of data."""
    spoken = {node.value for _, node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    held = "".join(file.read_text("utf-8") for kind in ("csv", "toml") for file in (ROOT / "data").rglob(f"*.{kind}"))
    unused = sorted(text for text in _ids("th") - spoken if text not in held)
    assert not unused, f"{len(unused)} messages nobody uses:\n" + "\n".join(unused)


def test_languages_come_first() -> None:
    assert available_languages()[:2] == LANGUAGES


def _ids(lang: str) -> set[str]:
    from babel.messages.pofile import read_po

    found: set[str] = set()
    for file in (LOCALE / lang / "LC_MESSAGES").glob("*.po"):
        with file.open("rb") as stream:
            found |= {str(m.id) for m in read_po(stream, locale=lang) if m.id and m.string}
    return found
