"""Notes and errors say one sentence in the reader's language and survive a manifest."""

from __future__ import annotations

import io
import json
from datetime import date

from language import Note, UserError, note
from language.progress import bar, silent


def test_a_note_comes_back_from_a_manifest() -> None:
    inner = note("may exceed")
    outer = note("Station {station}: {why}", level="warning", station="S1", why=inner)
    back = Note.from_dict(json.loads(json.dumps(outer.to_dict())))
    assert back == outer
    assert back.say("th") == "Station S1: อาจเกิน"


def test_an_error_is_a_sentence() -> None:
    error = UserError("There is no file {name}.", name="a.csv")
    assert str(error) == "There is no file a.csv."
    assert error.note.level == "error"


def test_progress_is_silent_where_nobody_looks() -> None:
    stream = io.StringIO()
    assert bar(stream) is silent
    stream.isatty = lambda: True  # type: ignore[method-assign]
    show = bar(stream)
    show(0.5, "half")
    show(1.0, "done")
    assert " 50% half" in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_a_day_is_written_in_the_readers_calendar() -> None:
    said = note("From {day}.", day=date(2026, 2, 3))
    assert said.say("en") == "From 3 Feb 2026."
    assert "2569" in said.say("th")
    assert said.to_dict()["values"] == {"day": "2026-02-03"}
