"""The watch: one at a time, a state in words, a failure that holds nobody up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo import engine, watch, watch_state
from geo.lake import Lake
from geo.networks.model import Batch, Network, Query, Request
from geo.networks.web import Answer, Unreachable
from language import Note, UserError, note

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


class Loggers(Network):
    """A network of one station whose value is the number of the poll."""

    name = "loggers"
    title = "Loggers"
    base = "http://loggers.invalid"
    kind = "lowcost"

    def plan(self, query: Query) -> Any:
        yield Request(self.base, what="all")

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        time = pd.Timestamp(answer["time"])
        row = {
            "station_id": "L1",
            "variable": "pm25",
            "time": time,
            "period_hours": 1,
            "value": answer["value"],
            "flag": None,
        }
        place = {"station_id": "L1", "name_th": "หนึ่ง", "lat": 13.8, "lon": 99.9}
        return Batch({"stations": self.stations([place]), "observations": pd.DataFrame([row])}, rows=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return a clock that `sleep` moves on; the network answers unless `down` is set."""
    state: dict[str, Any] = {"now": NOON, "down": False, "asked": 0}

    def get(_self: Any, _request: Request) -> Answer:
        state["asked"] += 1
        if state["down"]:
            raise Unreachable(note("{network} does not answer.", network="Loggers"))
        time = state["now"].replace(minute=0) - timedelta(hours=1)
        return Answer(f'{{"time": "{time.isoformat()}", "value": {30 + state["asked"]}}}'.encode())

    monkeypatch.setattr("geo.networks.web.Web.get", get)
    monkeypatch.setitem(watch.NETWORKS, "loggers", Loggers())  # type: ignore[arg-type]
    return state


def run(lake: Lake, clock: dict[str, Any], rounds: int, said: list[Note] | None = None, **more: Any) -> None:
    def sleep(seconds: float) -> None:
        clock["now"] += timedelta(seconds=seconds)

    watch.watch(
        lake, ["loggers"], rounds=rounds, sleep=sleep, now=lambda: clock["now"],
        say=(said if said is not None else []).append, query=lambda: Query.last(48, now=clock["now"]), **more,
    )  # fmt: skip


def test_state_after_some_polls(lake: Lake, clock: dict[str, Any]) -> None:
    """Last success, newest reading, lag and rows; all polls of a day are one import."""
    assert watch.state(lake.where).empty
    run(lake, clock, 3, every=60)
    row = watch.state(lake.where, now=clock["now"]).iloc[0]
    assert row["network"] == "loggers" and row["title"] == "Loggers" and not row["running"]
    assert row["last_success"] == pd.Timestamp(NOON + timedelta(hours=2))
    assert row["newest"] == pd.Timestamp(NOON + timedelta(hours=1)) and row["lag_hours"] == 1.0
    assert (row["rows_added"], row["failures"], row["error"]) == (1, 0, "")
    assert row["next_try"] == pd.Timestamp(NOON + timedelta(hours=3))
    assert len(lake.observations(["pm25"])) == 3
    imports = lake.imports()
    assert list(imports["import_id"]) == ["watch-loggers-20260210"] and imports["rows_kept"].iloc[0] == 4


def test_errors_in_words(lake: Lake, clock: dict[str, Any]) -> None:
    """A failure is counted and said; the last success stays; the next success clears it."""
    said: list[Note] = []
    run(lake, clock, 1, said)
    clock["down"] = True
    run(lake, clock, 2, said)
    row = watch.state(lake.where, lang="en").iloc[0]
    assert row["failures"] == 2 and row["error"] == "Loggers does not answer."
    assert row["last_success"] == pd.Timestamp(NOON) and row["rows_added"] == 2
    clock["down"] = False
    run(lake, clock, 1, said)
    row = watch.state(lake.where).iloc[0]
    assert row["failures"] == 0 and row["error"] == ""
    assert [n.level for n in said] == ["info", "error", "error", "info"]


def test_never_twice_at_once(lake: Lake, clock: dict[str, Any]) -> None:
    """A second watch on the same data store is refused and asks nothing."""
    kept = watch_state.of(lake.where)
    with kept.alone():
        assert kept.running()
        with pytest.raises(UserError, match="Another watch"):
            run(lake, clock, 1)
    assert clock["asked"] == 0 and not kept.running()


def test_a_server_keeps_two_machines_apart(catalog: str, tmp_path: Path, clock: dict[str, Any]) -> None:
    """With a PostgreSQL catalogue the turn and the state are the server's, so that every machine sees them."""
    with Lake.open(catalog, tmp_path / "files") as lake:
        here, there = watch_state.of(lake.where), watch_state.of(lake.where)
        assert not there.running() and watch.state(lake.where).empty
        with here.alone() as turn:
            turn.keep()
            assert there.running()
            with pytest.raises(UserError, match="Another watch"):
                run(lake, clock, 1)
            assert clock["asked"] == 0
            with watch_state.connected(lake.where) as con:
                assert watch_state._ask(con, _HOLDER) == ["-"], "an open turn must not keep the server from tidying up"
        assert not there.running()
        run(lake, clock, 2)
        row = watch.state(lake.where, now=clock["now"]).iloc[0]
        assert row["network"] == "loggers" and row["failures"] == 0 and not row["running"]


_HOLDER = """SELECT coalesce(a.backend_xmin::text, '-') FROM pg_stat_activity a JOIN pg_locks l USING (pid)
             WHERE l.locktype = 'advisory'"""


def test_a_turn_that_was_lost_is_taken_again_or_given_up(catalog: str, tmp_path: Path) -> None:
    """The server's restart ends a turn: it is taken again, unless another machine was faster."""
    Lake.open(catalog, tmp_path / "files").close()
    where = engine.place(catalog, tmp_path / "files")

    def cut() -> None:
        with watch_state.connected(where) as con:
            sql = "SELECT pg_terminate_backend(pid)::text FROM pg_locks WHERE locktype = 'advisory'"
            assert watch_state._ask(con, sql) == ["true"]

    kept = watch_state.of(where)
    with kept.alone() as turn:
        cut()
        turn.keep()
        assert kept.running()
        cut()
        with kept.alone(), pytest.raises(UserError, match="Another watch"):
            turn.keep()


def test_not_more_often_than_once_a_minute(lake: Lake, clock: dict[str, Any]) -> None:
    """A wish that would hurt the server is refused."""
    with pytest.raises(UserError, match="once a minute"):
        run(lake, clock, 1, every=0.1)


def test_a_state_cut_by_a_crash(lake: Lake, clock: dict[str, Any]) -> None:
    """A broken state file is no error; the next poll writes it anew."""
    watch_state.Files(lake.where).file.write_text('[{"network": "log')
    assert watch.state(lake.where).empty
    run(lake, clock, 1)
    assert len(watch.state(lake.where)) == 1


def test_polls_keep_the_beat(lake: Lake, clock: dict[str, Any]) -> None:
    """Rounds begin every half hour, however long a round takes."""
    run(lake, clock, 3, every=30)
    assert clock["now"] == NOON + timedelta(minutes=60)
