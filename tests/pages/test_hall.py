"""Phones in the hall: who can reach what, a code that leads there, nothing after it is switched off."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from pages.parts import hall_phone, hall_shared
from planning.meeting import phone


def asked(token: str) -> Any:
    """Return the answer to a phone."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(
            asyncio.run, hall_shared.answer(SimpleNamespace(path_params={"token": token}))  # type: ignore[arg-type]
        ).result()  # fmt: skip


@pytest.mark.parametrize(
    ("host", "bound", "own", "found"),
    [
        ("localhost:8501", None, "192.168.1.20", "192.168.1.20"),
        ("127.0.0.1:8501", "", "10.0.0.5", "10.0.0.5"),
        ("192.168.1.7:8501", None, "10.0.0.5", "192.168.1.7"),
        ("town.local", "0.0.0.0", None, "town.local"),
        ("[::1]:8501", None, None, None),
        ("localhost:8501", "127.0.0.1", "192.168.1.20", None),
        ("", "localhost", "192.168.1.20", None),
    ],
)
def test_the_address_is_one_a_phone_can_reach(host: str, bound: str | None, own: str | None, found: str | None) -> None:
    """Never this computer's own loop; the address asked for wins; a server bound to the loop has none."""
    assert hall_phone.reachable(host, bound, own) == found


def test_a_page_is_served_until_it_is_withdrawn() -> None:
    """200 with the page, then 404 in every language; old meetings are forgotten."""
    hall_shared.offer("one", "<p>เรื่อง</p>")
    answer = asked("one")
    assert answer.status_code == 200 and "เรื่อง" in answer.body.decode()
    assert answer.headers["cache-control"] == "no-store"
    hall_shared.withdraw("one")
    gone = asked("one")
    assert gone.status_code == 404 and "ปิด" in gone.body.decode() and "no longer" in gone.body.decode()
    for number in range(hall_shared.MOST + 1):
        hall_shared.offer(f"m{number}", "x")
    assert asked("m0").status_code == 404 and asked(f"m{hall_shared.MOST}").status_code == 200


def test_the_code_is_a_qr_code_of_the_address() -> None:
    """Its dark modules are those of segno's own matrix, a quiet border around."""
    import segno

    made = phone.code("http://192.168.1.20:8501/hall/abcdEFGH")
    rows = [bytes(row) for row in segno.make(made["url"], error="m", micro=False).matrix]
    assert made["size"] == len(rows) + 8
    assert made["path"].count("M") == sum(sum(row) for row in rows)
    assert made["path"].startswith("M4 4h1")  # the corner of the finder pattern
