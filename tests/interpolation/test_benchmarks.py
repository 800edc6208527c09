"""The benchmark runner: figures, bounds, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import benchmarks.__main__ as runner
from benchmarks.report import Figure


def test_bounds() -> None:
    """A bound is met from its own side; without a value or a bound there is nothing to meet."""
    assert Figure("a", "b", 5.0, bound=4.0, at_least=True).met is True
    assert Figure("a", "b", 5.0, bound=4.0).met is False
    assert Figure("a", "b", None, bound=4.0).met is None
    assert "absent" in Figure("a", "b", None).line()
    assert "SHORT" in Figure("a", "b", 5.0, bound=4.0).line()


def test_benchmarks_are_found() -> None:
    """Kriging and accuracy are there; helper modules are no benchmarks."""
    names = set(runner.found())
    assert {"kriging", "accuracy"} <= names
    assert not {"report", "data"} & names


@pytest.mark.parametrize(("value", "code"), [(3.0, 0), (9.0, 1)])
def test_check_names_what_falls_short(monkeypatch, capsys, tmp_path: Path, value: float, code: int) -> None:
    """With --check a figure that falls short is named and ends with 1; the JSON holds every figure."""
    module = SimpleNamespace(__doc__="A test.", run=lambda: [Figure("case", "seconds", value, "s", 4.0)])
    monkeypatch.setattr(runner, "found", lambda: {"one": module})
    assert runner.main(["one", "--check", "--json", str(tmp_path / "f.json")]) == code
    assert ("falls short: case" in capsys.readouterr().err) == bool(code)
    assert json.loads((tmp_path / "f.json").read_text())[0]["met"] is (code == 0)
    assert runner.main(["one"]) == 0


def test_accuracy_figures_are_met(shared_data: Path) -> None:
    """The hold-out and leave-one-out figures of the small sets meet their bounds."""
    from benchmarks import accuracy

    figures = [*accuracy._switzerland(), *accuracy._meuse()]
    assert len(figures) > 10
    assert [f.line() for f in figures if f.met is False] == []
