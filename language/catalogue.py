"""Translations: gettext catalogues read straight from their ``.po`` files, so none can be stale."""

from __future__ import annotations

import os
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("th", "en")
"""The product's own languages, first the one that comes first. `en` is the language of the message ids."""

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def available_languages() -> tuple[str, ...]:
    """Return `LANGUAGES` and every other language that has a catalogue in ``locale/``: nothing else must be told."""
    return _found(LOCALE)


@cache
def _found(folder: Path) -> tuple[str, ...]:
    found = sorted(p.parents[1].name for p in folder.glob("*/LC_MESSAGES/messages.po"))
    return LANGUAGES + tuple(lang for lang in found if lang not in LANGUAGES)


def language_name(lang: str) -> str:
    """Return a language's name in itself.

    >>> language_name("th"), language_name("en"), language_name("lo")
    ('ไทย', 'English', 'ລາວ')
    """
    name = Locale.parse(lang).get_display_name(lang) or lang
    return name[:1].upper() + name[1:]


@cache
def _translations(lang: str) -> GNUTranslations | None:
    files = sorted((LOCALE / lang / "LC_MESSAGES").glob("*.po"))
    if not files:
        return None
    merged = Catalog(locale=lang)
    for file in files:
        with file.open("rb") as stream:
            for message in read_po(stream, locale=lang):
                if message.id and message.string and not message.fuzzy:
                    merged.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)


def data_language(lang: str) -> str:
    """Return the language in which names and catalogues of data are held for a reader of `lang`: Thai or English."""
    return "th" if lang == "th" else "en"


def translate(text: str, lang: str) -> str:
    """Return `text` in language `lang`; the English text itself where there is no translation."""
    if not text or lang == "en":
        return text
    translations = _translations(lang)
    return translations.gettext(text) if translations else text


def environment_language() -> str:
    """Return the language of the command line: the one the environment asks for where there is one, else English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            asked = value.lower().replace("-", "_").split("_")[0].split(".")[0]
            return asked if asked in available_languages() else "en"
    return "en"
