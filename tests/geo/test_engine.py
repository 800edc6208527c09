"""DuckDB with its extensions: checked once a process, refused where a file is not what DuckDB's makers signed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from geo import engine
from language import UserError


def test_a_changed_extension_is_refused_and_a_good_one_is_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = engine._file_of("sqlite_scanner")
    assert good is not None
    monkeypatch.setattr(engine, "_signed", set())
    with engine.connected("sqlite_scanner"):
        assert engine._signed == {good}
    with engine.connected("sqlite_scanner") as again:
        loaded = "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner'"
        assert again.execute(loaded).fetchone() == (True,)
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / good.name
    changed.write_bytes(content)
    monkeypatch.setattr(engine, "_file_of", lambda name: changed if name == "sqlite_scanner" else good)
    with pytest.raises(UserError, match="sqlite_scanner does not fit DuckDB " + duckdb.__version__):
        engine.connected("sqlite_scanner")
    assert engine._signed == {good}
