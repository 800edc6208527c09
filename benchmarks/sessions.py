"""Many readers at once: sessions over the app's own socket, without browsers that would compete for the cores."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

LIMIT = 120.0
"""Seconds after which a run is taken to hang."""


async def _answered(socket: object, page: str, query: str) -> float:
    """Ask for a page and return the seconds until its script has ended."""
    ask = BackMsg()
    ask.rerun_script.query_string = query
    ask.rerun_script.page_name = page
    start = time.perf_counter()
    await socket.send(ask.SerializeToString())  # type: ignore[attr-defined]
    while True:
        raw = await asyncio.wait_for(socket.recv(), LIMIT)  # type: ignore[attr-defined]
        message = ForwardMsg.FromString(raw)
        ended = message.WhichOneof("type") == "script_finished"
        # An early stop means that a newer run took over; only a whole run counts.
        if ended and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return time.perf_counter() - start


async def _reader(url: str, page: str, queries: Sequence[str], think: float, seed: int) -> list[float]:
    from websockets.asyncio.client import connect

    dice = random.Random(seed)
    async with connect(
        url.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"], max_size=None, origin=url
    ) as socket:
        await _answered(socket, page, queries[0])
        times = []
        for query in queries:
            await asyncio.sleep(dice.uniform(0.5, 1.5) * think)
            times.append(await _answered(socket, page, query))
    return times


def answered(url: str, page: str, queries: Sequence[str], *, readers: int = 25, think: float = 3.0) -> list[float]:
    """Return the seconds of every run of a page, asked by several readers at the same time.

    Parameters
    ----------
    url : str
        Of the app.
    page : str
        ``url_path`` of the page.
    queries : sequence of str
        What each reader asks for, one after the other; the opening run before is not counted.
    think : float
        Mean seconds between two runs of a reader.
    """

    async def all_of_them() -> list[list[float]]:
        return await asyncio.gather(*(_reader(url, page, queries, think, seed) for seed in range(readers)))

    # In a thread of its own: a browser driven from here may keep a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return [seconds for times in pool.submit(asyncio.run, all_of_them()).result() for seconds in times]
