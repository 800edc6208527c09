"""What the computer decided or could not do, as a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from language.catalogue import translate

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Note:
    """One sentence with named fields, and how much it matters.

    Attributes
    ----------
    text : str
        English sentence, also the gettext message id, with ``{name}`` fields.
    values : mapping
        What to put into the fields. A value that is itself a `Note` is translated first, a day is written in the
        reader's calendar.
    level : {"info", "warning", "error"}
        ``info``: an automatic decision; ``warning``: the result is weaker for it; ``error``:
        something was left out.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    level: Level = "info"

    def __hash__(self) -> int:
        return hash((self.text, self.say("en"), self.level))

    def say(self, lang: str = "en") -> str:
        """Return the sentence in language `lang`."""
        return translate(self.text, lang).format(**{k: _said(v, lang) for k, v in self.values.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the note as plain values for a manifest; `from_dict` reads it back."""
        values = {
            k: v.to_dict() if isinstance(v, Note) else v.isoformat() if isinstance(v, date) else v
            for k, v in self.values.items()
        }
        return {"text": self.text, "values": values, "level": self.level}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Note:
        """Read a note that `to_dict` wrote."""
        values = {
            k: cls.from_dict(v) if isinstance(v, Mapping) and "text" in v else v
            for k, v in stored.get("values", {}).items()
        }
        return cls(stored["text"], values, stored.get("level", "info"))


def _said(value: Any, lang: str) -> Any:
    if isinstance(value, Note):
        return value.say(lang)
    if isinstance(value, date):
        from language.formats import day  # which itself needs this module

        return day(value, lang)
    return value


def note(text: str, /, level: Level = "info", **values: Any) -> Note:
    """Return a `Note`: ``note("{count} stations share one place.", count=3)``."""
    return Note(text, values, level)


class UserError(Exception):
    """Bad input or an impossible wish: says what is wrong, where, and what to do.

    Parameters
    ----------
    text : str
        English sentence (message id) with ``{name}`` fields.
    **values
        What to put into the fields.
    """

    def __init__(self, text: str, /, **values: Any) -> None:
        self.note = Note(text, values, "error")
        super().__init__(self.note.say("en"))

    def say(self, lang: str = "en") -> str:
        """Return the sentence in language `lang`."""
        return self.note.say(lang)


def N_(text: str) -> str:
    """Mark a label for translation where it is defined; `translate` turns it into words where it is shown."""
    return text
