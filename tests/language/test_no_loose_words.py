"""No words for people outside the catalogue: found in Python by its syntax, in scripts by their markup.

Exempt, because they are no words of the product's own: help of the command line (English, for whoever types English
options), names and words of other people's files that the readers look for, official Thai forms and letters (their
language is fixed by law, whatever the reader's is), licences, titles of papers, file formats.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("language", "geo", "interpolation", "planning", "pages")
SAYS = {"_", "N_", "note", "Note", "UserError", "translate"}
NOT_SHOWN = {
    # Programming errors, patterns, statements, the command line's own help.
    "ValueError", "LookupError", "TypeError", "KeyError", "RuntimeError", "AssertionError", "NotImplementedError",
    "compile", "sub", "match", "search", "fullmatch", "split", "findall", "query", "execute", "sql", "getLogger",
    "add_argument", "add_parser", "ArgumentParser", "add", "strptime", "strftime", "einsum",
}  # fmt: skip
THAI_BY_LAW = ("planning/forms/", "planning/letters.py", "planning/rows.py", "planning/criteria.py",
               "planning/measures.py", "planning/units.py", "pages/parts/plan_letters.py",
               "pages/parts/plan_editor.py")  # fmt: skip
THAI_OF_OTHERS = ("geo/readers/", "geo/networks/", "geo/demo/", "geo/boundaries.py", "pages/parts/help_data.py",
                  "pages/parts/networks.py")  # fmt: skip
THAI_LETTERS = ("language/formats.py", "planning/maps.py", "planning/sentences.py")
"""How Thai writes dates, units and lists, and which of its marks hang on a letter."""

ENGLISH_OF_OTHERS = (
    "geo/engine.py",  # what DuckDB says, looked for
    "geo/schema.py", "geo/readers/names.py", "geo/readers/times.py",  # column names, months in files
    "geo/readers/observations.py",
    "geo/networks/",  # terms of use, licences, user agent
    "interpolation/surface.py", "interpolation/stack.py", "planning/hours.py",  # names of bands and NetCDF attributes
    "pages/parts/help_data.py", "geo/watch.py",  # examples of files and commands
    "pages/parts/help_method.py",  # titles of papers
    "command.py", "__main__.py", "pages/parts/networks.py",  # the command line, and how it is typed
    "geo/housekeeping.py",  # the server's log
)  # fmt: skip
SHOWS = {
    "button", "caption", "markdown", "write", "info", "warning", "error", "success", "title", "header", "subheader",
    "text_input", "text_area", "selectbox", "multiselect", "toggle", "checkbox", "download_button", "popover",
    "expander", "slider", "select_slider", "number_input", "date_input", "metric", "radio", "pills", "toast",
    "segmented_control", "file_uploader", "form_submit_button", "page_link", "spinner", "status", "link_button",
    "TextColumn", "NumberColumn", "DateColumn", "CheckboxColumn", "SelectboxColumn", "ProgressColumn", "LinkColumn",
    "Tooltip", "Axis", "Legend", "TitleParams", "Page",
}  # fmt: skip
SHOWN_AS = {"help", "placeholder", "label", "title", "text", "alt", "tooltip", "popup", "page_title", "subtitle"}
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,][a-z'’]+){2,}")
_THAI = re.compile("[\u0e01-\u0e5b]{2,}")
_WORD = re.compile(r"[A-Za-z\u0e01-\u0e5b]{3,}")
_MARKUP = re.compile(r":material/\w+:|<[^>]*>|<[^>]*$|^[^<]*>|&\w+;|https?://\S+|\{[^}]*\}|\.\w{2,5}\b")
_PROPER = re.compile(r"^\W*(?:PM2\.5|PM10|CSV|GeoPackage|Excel|AQI|GeoTIFF|NetCDF|PDF|GIF|ZIP|XLSX|DOCX|EPSG)\W*")


def files() -> Iterator[Path]:
    """Yield the Python files of the product."""
    yield ROOT / "app.py"
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def called(node: ast.Call) -> str:
    """Return the name a call goes by."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def hidden(tree: ast.AST) -> set[int]:
    """Return the ids of nodes whose text nobody is shown, or that stand in the catalogue."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        elif isinstance(node, ast.Call) and node.args and (called(node) in SAYS or ast.unparse(node.func) == "say"):
            found |= {id(inner) for inner in ast.walk(node.args[0])}
        elif isinstance(node, ast.Compare) or (
            isinstance(node, ast.Call) and (called(node) in NOT_SHOWN or _logged(node))
        ):  # told apart, searched for or logged, not said to a person
            found |= {id(inner) for inner in ast.walk(node)}
    return found


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield each literal text that might be shown, with its line."""
    skip = hidden(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
            yield node.lineno, node.value


def loose_sentences(name: str, tree: ast.AST) -> Iterator[str]:
    """Yield sentences and Thai words that stand in the code itself."""
    for line, text in texts(tree):
        if _THAI.search(text):
            if not name.startswith(THAI_BY_LAW + THAI_OF_OTHERS + THAI_LETTERS):
                yield f"{name}:{line}: {text[:60]}"
        elif _SENTENCE.search(_MARKUP.sub(" ", text)) and not any(part in name for part in ENGLISH_OF_OTHERS):
            yield f"{name}:{line}: {text[:60]}"


def _logged(node: ast.Call) -> bool:
    """Return whether a call writes to the server's log."""
    return isinstance(node.func, ast.Attribute) and "log" in ast.unparse(node.func.value).casefold()


def loose_labels(name: str, tree: ast.AST) -> Iterator[str]:
    """Yield labels of controls, columns and axes that are written in the code itself."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) not in SHOWS or _logged(node):
            continue
        shown = [*node.args[:1], *(k.value for k in node.keywords if k.arg in SHOWN_AS)]
        for value in shown:
            pieces = value.values if isinstance(value, ast.JoinedStr) else [value]
            for piece in pieces:
                if not isinstance(piece, ast.Constant) or not isinstance(piece.value, str):
                    continue
                bare = _PROPER.sub("", _MARKUP.sub(" ", piece.value))
                if _THAI.search(bare) and name.startswith(THAI_BY_LAW + THAI_OF_OTHERS):
                    continue
                if "command.py" in name or "__main__.py" in name:
                    continue
                key = isinstance(value, ast.Constant) and re.fullmatch(r"[a-z\d_:.\-/]+(?:[A-Z]\w*)?", bare.strip())
                if _WORD.search(bare) and not key:
                    yield f"{name}:{node.lineno}: {piece.value[:60]}"


def loose_markup(name: str, text: str) -> Iterator[str]:
    """Yield words in the markup that a script or page writes, and Thai letters anywhere in it."""
    plain = re.sub(r"^\s*//.*$|/\*.*?\*/|<!--.*?-->", "", text, flags=re.M | re.S)
    for found in _THAI.finditer(plain):
        yield f"{name}: {plain[max(0, found.start() - 20) : found.start() + 20]!r}"
    inner = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "", plain)
    patterns = (
        r"""(?:aria-label|title|placeholder|alt)=\\?["']([^"'$@{+]*[A-Za-z]{3,}[^"'$@{+]*)["']""",
        r"""(?:textContent|innerText|\.title|placeholder)\s*=\s*["'`]([^"'`$]*[A-Za-z]{3,}[^"'`$]*)["'`]""",
        r"""<(?:b|p|span|button|h\d|li|label|small|td|th|option|summary|a)\b[^<>]*>([^<>$@{}'"`+]*[A-Za-z]{3,}[^<>$@{}'"`+]*)<""",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, inner):
            yield f"{name}: {match[1][:60]!r}"


@pytest.mark.parametrize("find", [loose_sentences, loose_labels])
def test_python_holds_no_words_of_its_own(find) -> None:
    """Every sentence, label, heading and hint is a message of the catalogue."""
    loose = [
        text
        for file in files()
        for text in find(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not loose, f"{len(loose)} texts outside the catalogue:\n" + "\n".join(loose[:60])


def test_scripts_and_pages_hold_no_words_of_their_own() -> None:
    """What the browser shows comes from Python, in the reader's language."""
    own = [f for folder in ("static/map", "planning/meeting") for f in sorted((ROOT / folder).glob("*.*"))
           if f.suffix in (".js", ".html", ".css")]  # fmt: skip
    own += sorted((ROOT / "static").glob("*.js"))
    assert len(own) > 6
    loose = [text for file in own for text in loose_markup(file.name, file.read_text(encoding="utf-8"))]
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize(
    ("find", "code"),
    [
        (loose_sentences, 'x = "The file could not be read."'),
        (loose_sentences, 'x = f"There are {n} new stations here"'),
        (loose_sentences, 'x = "สถานี"'),
        (loose_labels, 'st.button("Save")'),
        (loose_labels, 'st.button(_("Save"), help="Keeps it")'),
        (loose_labels, 'st.caption(f"Found {n} stations")'),
        (loose_labels, 'alt.Tooltip("day:T", title="Day of week")'),
        (loose_markup, "box.innerHTML = `<b>Save</b>`;"),
        (loose_markup, "one.textContent = 'Close';"),
        (loose_markup, '<button aria-label="Close map">'),
        (loose_markup, "const a = 'ปิด';"),
    ],
)
def test_the_check_finds_what_it_must(find, code: str) -> None:
    """A loose word in each of the ways people write them."""
    assert list(find("pages/x.py", code if find is loose_markup else ast.parse(code)))


@pytest.mark.parametrize(
    ("find", "code"),
    [
        (loose_sentences, '"""What this module does for people."""\nx = _("The file could not be read.")'),
        (loose_sentences, 'raise ValueError("this cannot be at all")'),
        (loose_labels, 'st.button(_("Save"), key="save", icon=":material/save:")'),
        (loose_labels, 'alt.Tooltip("points:Q", title=_("Points"))'),
        (loose_markup, 'x = `<b aria-label="${label("over")}">${esc(say(t))}</b>`; // Save it'),
    ],
)
def test_the_check_lets_words_of_the_catalogue_be(find, code: str) -> None:
    """Messages, docstrings, programming errors, keys and fields are no loose words."""
    assert not list(find("pages/x.py", code if find is loose_markup else ast.parse(code)))
