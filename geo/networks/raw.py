"""Keeps the answers of networks as they came, without personal data, for audit and to go on after a break.

    <LAKE_DATA>/raw/<network>/settled/<question>.gz     answers about the past, not asked for again
    <LAKE_DATA>/raw/<network>/<day>/<time>-<question>.gz    answers that change from hour to hour
    <LAKE_DATA>/raw/<network>/index.jsonl               one line an answer: address, time, size, SHA-256

Where the data files lie on S3, the answers lie in ``data/lake/raw`` on the machine that fetches.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geo import engine
from geo.networks.model import Request
from language import UserError

_SECRET = re.compile(r"((?:api[-_]?key|key|token|secret|password|signature)=)[^&]*", re.I)


def raw_folder(where: engine.Place) -> Path:
    """Return the folder of the kept answers of a lake."""
    return (engine.DATA if "://" in where.data else Path(where.data)) / "raw"


def public_address(request: Request) -> str:
    """Return a request's address without keys that stand in it."""
    return _SECRET.sub(r"\1…", request.address)


class RawStore:
    """The kept answers of one network."""

    def __init__(self, where: engine.Place, network: str) -> None:
        self.folder = raw_folder(where) / network

    def settled(self, request: Request) -> bytes | None:
        """Return the kept answer of a settled request, None where there is none or it can't be read."""
        file = self.folder / "settled" / f"{request.digest}.gz"
        try:
            return gzip.decompress(file.read_bytes())
        except (OSError, EOFError):
            return None  # never kept, or cut by a crash: it is asked for again

    def keep(self, request: Request, body: bytes, now: datetime | None = None) -> None:
        """Keep an answer.

        Raises
        ------
        UserError
            Where the folder can't be written.
        """
        now = (now or datetime.now(UTC)).astimezone(UTC)
        name = f"settled/{request.digest}.gz"
        if not request.settled:
            name = f"{now:%Y-%m-%d}/{now:%H%M%S}-{request.digest}.gz"
        file = self.folder / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(f".{os.getpid()}.part")  # two programs may fetch the same at once
            partial.write_bytes(gzip.compress(body, 6, mtime=0))
            partial.replace(file)
            entry = {
                "file": name, "url": public_address(request), "fetched": now.isoformat(timespec="seconds"),
                "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(),
            }  # fmt: skip
            with (self.folder / "index.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            raise UserError(
                "The answers of {network} cannot be kept in {folder} ({detail}). Free some space there, or ask for the "
                "right to write.",
                network=self.folder.name, folder=str(self.folder), detail=error.strerror or str(error),
            ) from error  # fmt: skip

    def recent(self, request: Request, hours: float, now: datetime | None = None) -> Iterator[bytes]:
        """Yield the kept answers to the same question of the last hours, oldest first."""
        now = (now or datetime.now(UTC)).astimezone(UTC)
        since = now - timedelta(hours=hours)
        day = since.replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= now:
            for file in sorted((self.folder / f"{day:%Y-%m-%d}").glob(f"??????-{request.digest}.gz")):
                stamp = datetime.strptime(f"{day:%Y-%m-%d} {file.name[:6]}", "%Y-%m-%d %H%M%S").replace(tzinfo=UTC)
                if since <= stamp <= now:
                    try:
                        yield gzip.decompress(file.read_bytes())
                    except (OSError, EOFError):
                        continue  # cut by a crash; the next poll fills the hour
            day += timedelta(days=1)
