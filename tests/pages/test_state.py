"""Choices: from the URL, over page changes, back into the URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pages.parts import state


class Params(dict):  # type: ignore[type-arg]
    """The query string, as Streamlit offers it."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, values: dict[str, str]) -> None:
        self.clear()
        self.update(values)


class Values(dict):  # type: ignore[type-arg]
    """The session's values; like Streamlit's it takes none for a widget that is drawn."""

    drawn: tuple[str, ...] = ()

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self.drawn:
            raise RuntimeError(f"{name} cannot be modified after the widget")
        super().__setitem__(name, value)


class Session:
    """A browser session: runs of pages, a widget's value, the address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.values = Values()
        self.url = Params()
        monkeypatch.setattr(state.st, "session_state", self.values, raising=False)
        monkeypatch.setattr(state.st, "query_params", self.url, raising=False)

    def run(self, *names: tuple[str, Any, dict[str, Any]]) -> dict[str, Any]:
        state.begin()
        for name, default, options in names:
            state.bind(name, default, **options)
        found = {name: self.values[name] for name, _, _ in names}
        state.publish()
        return found

    def leave_page(self, *names: str) -> None:
        """Streamlit drops the page's widgets and the query string."""
        for name in names:
            self.values.pop(name, None)
        self.url.clear()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(monkeypatch)


LAYER = ("layer", "mean", {"allowed": ["mean", "sd"]})
SIZE = ("size", 100, {"parse": int})
LANG = ("lang", "th", {"allowed": ["th", "en"]})


def test_defaults_are_written_so_that_a_link_is_whole(session: Session) -> None:
    assert session.run(LAYER, SIZE) == {"layer": "mean", "size": 100}
    assert session.url == {"layer": "mean", "size": "100"}


def test_a_link_restores(session: Session) -> None:
    session.url.update(layer="sd", size="250")
    assert session.run(LAYER, SIZE) == {"layer": "sd", "size": 250}


@pytest.mark.parametrize("wrong", [{"layer": "nonsense"}, {"size": "many"}, {"layer": ""}])
def test_a_wrong_link_falls_back(session: Session, wrong: dict[str, str]) -> None:
    session.url.update(wrong)
    assert session.run(LAYER, SIZE) == {"layer": "mean", "size": 100}


def test_a_widget_wins_over_the_address_it_came_from(session: Session) -> None:
    session.url.update(layer="sd")
    session.run(LAYER)
    session.values["layer"] = "mean"  # the reader clicks
    assert session.run(LAYER) == {"layer": "mean"}
    assert session.url == {"layer": "mean"}


def test_a_stale_address_is_not_a_wish(session: Session) -> None:
    """The browser sends the address of the run before while the new one is on its way."""
    session.run(LAYER)
    session.values["layer"] = "sd"
    session.run(LAYER)
    session.url.update(layer="mean")
    assert session.run(LAYER) == {"layer": "sd"}


def test_choices_outlive_a_page_change(session: Session) -> None:
    session.run(LANG, LAYER)
    session.values["layer"] = "sd"
    session.run(LANG, LAYER)
    session.leave_page("layer")
    session.run(LANG, SIZE)
    assert session.url == {"lang": "th", "size": "100"}  # a page's link holds what the page needs
    session.leave_page("size")
    assert session.run(LANG, LAYER) == {"lang": "th", "layer": "sd"}


def test_a_link_between_pages_is_a_wish(session: Session) -> None:
    session.run(LAYER)
    session.leave_page()
    session.url.update(layer="sd")
    assert session.run(LAYER) == {"layer": "sd"}


def test_half_a_value_keeps_the_last_whole_one(session: Session) -> None:
    def write(value: tuple[int, ...]) -> str | None:
        return f"{value[0]}-{value[1]}" if len(value) == 2 else None

    span = ("span", (1, 9), {"parse": lambda t: tuple(map(int, t.split("-"))), "write": write})
    session.run(span)
    session.values["span"] = (4,)
    session.run(span)
    assert session.url == {"span": "1-9"}


def test_an_empty_list_is_remembered(session: Session) -> None:
    layers = ("layers", ["a", "b"], {"parse": state.words, "write": state.write_words})
    session.run(layers)
    session.values["layers"] = []
    session.run(layers)
    assert session.url == {"layers": "-"}


def test_a_popover_choice_can_be_bound_again_after_its_widget(session: Session) -> None:
    """The what-if of the zones makes a second ranking, by the same choices, below the widgets of the first."""
    session.run(LAYER)
    session.values["layer"] = "sd"
    state.begin()
    late = LAYER[2] | {"late": True}
    assert state.bind("layer", "mean", **late) == "layer"
    session.values.drawn = ("layer",)
    state.bind("layer", "mean", **late)
    assert session.values["layer"] == "sd"


def test_a_choice_that_is_taken_back_leaves_the_address(session: Session) -> None:
    session.url.update(at="1,2")
    session.run(("at", None, {}))
    session.values["at"] = None
    session.run(("at", None, {}))
    assert session.url == {}


def test_a_name_means_the_same_on_every_page() -> None:
    """Two pages that give one name to two things take each other's values over."""
    pages = Path(__file__).resolve().parents[2] / "pages"
    where: dict[str, set[str]] = {}
    for path in pages.rglob("*.py"):
        for name in re.findall(r"\bbind\(\s*\"([^\"]+)\"", path.read_text(encoding="utf-8")):
            where.setdefault(name, set()).add(path.name)
    assert len(where) > 40
    # The kind of hotspots, the station and the zone that are chosen: one thing wherever it is bound.
    assert {name for name, files in where.items() if len(files) > 1} == {"kind", "station", "zone"}
