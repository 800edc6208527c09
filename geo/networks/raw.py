"""Keeps the answers of networks as they came, without personal data, for audit and to go on after a break.

    <LAKE_DATA>/raw/<network>/settled/<question>.gz     answers about the past, not asked for again
    <LAKE_DATA>/raw/<network>/<day>/<time>-<question>.gz    answers that change from hour to hour
    <LAKE_DATA>/raw/<network>/index.jsonl               one line an answer: address, time, size, SHA-256

Where the data files lie on S3, the answers lie there too, so that every machine of a team has them; nothing can be
added to a file there, so each answer has its line beside it (``.json``).
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
from typing import Protocol

from geo import engine
from geo.networks.model import Request
from language import UserError

_SECRET = re.compile(r"((?:api[-_]?key|key|token|secret|password|signature)=)[^&]*", re.I)


def public_address(request: Request) -> str:
    """Return a request's address without keys that stand in it."""
    return _SECRET.sub(r"\1…", request.address)


class _Shelf(Protocol):
    """Where kept answers lie; names are relative, with ``/``. All calls may raise OSError."""

    shown: str

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, body: bytes, entry: str) -> None: ...

    def names(self, folder: str) -> list[str]: ...


class _Folder:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.shown = str(folder)

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def write(self, name: str, body: bytes, entry: str) -> None:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.part")  # two programs may fetch the same at once
        partial.write_bytes(body)
        partial.replace(file)
        with (self._folder / "index.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(entry + "\n")

    def names(self, folder: str) -> list[str]:
        return sorted(file.name for file in (self._folder / folder).glob("*.gz"))


class _Bucket:
    """A place on S3, reached as the lake reaches it (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on)."""

    def __init__(self, address: str) -> None:
        from pyarrow import fs  # half a second that a local lake need not wait for

        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        scheme, _, host = endpoint.partition("://")
        more = {"endpoint_override": host.rstrip("/"), "scheme": scheme} if endpoint else {}
        region = os.environ.get("AWS_REGION") or None
        self._fs = fs.S3FileSystem(region=region, **more)
        self._list = fs.FileSelector
        self._root = address.removeprefix("s3://").rstrip("/")
        self.shown = address

    def read(self, name: str) -> bytes:
        with self._fs.open_input_stream(f"{self._root}/{name}", compression=None) as stream:
            return bytes(stream.read())

    def write(self, name: str, body: bytes, entry: str) -> None:
        for key, content in ((name, body), (f"{name}.json", entry.encode())):  # an object is there wholly or not at all
            with self._fs.open_output_stream(f"{self._root}/{key}", compression=None) as stream:
                stream.write(content)

    def names(self, folder: str) -> list[str]:
        found = self._fs.get_file_info(self._list(f"{self._root}/{folder}", allow_not_found=True))
        return sorted(info.base_name for info in found if info.base_name.endswith(".gz"))


def _shelf(where: engine.Place, network: str) -> _Shelf:
    if where.data.startswith("s3://"):
        return _Bucket(f"{where.data.rstrip('/')}/raw/{network}")
    return _Folder(Path(where.data) / "raw" / network)


class RawStore:
    """The kept answers of one network."""

    def __init__(self, where: engine.Place, network: str) -> None:
        self.network = network
        self._shelf = _shelf(where, network)

    def settled(self, request: Request) -> bytes | None:
        """Return the kept answer of a settled request, None where there is none or it can't be read."""
        return self._read(f"settled/{request.digest}.gz")

    def _read(self, name: str) -> bytes | None:
        try:
            return gzip.decompress(self._shelf.read(name))
        except (OSError, EOFError):
            return None  # never kept, or cut by a crash: it is asked for again

    def keep(self, request: Request, body: bytes, now: datetime | None = None) -> None:
        """Keep an answer.

        Raises
        ------
        UserError
            Where the place can't be written.
        """
        now = (now or datetime.now(UTC)).astimezone(UTC)
        name = f"settled/{request.digest}.gz"
        if not request.settled:
            name = f"{now:%Y-%m-%d}/{now:%H%M%S}-{request.digest}.gz"
        entry = {
            "file": name, "url": public_address(request), "fetched": now.isoformat(timespec="seconds"),
            "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(),
        }  # fmt: skip
        try:
            self._shelf.write(name, gzip.compress(body, 6, mtime=0), json.dumps(entry, ensure_ascii=False))
        except OSError as error:
            raise UserError(
                "The answers of {network} cannot be kept in {folder} ({detail}). Free some space there, or ask for the "
                "right to write.",
                network=self.network, folder=self._shelf.shown, detail=error.strerror or str(error),
            ) from error  # fmt: skip

    def recent(self, request: Request, hours: float, now: datetime | None = None) -> Iterator[bytes]:
        """Yield the kept answers to the same question of the last hours, oldest first."""
        now = (now or datetime.now(UTC)).astimezone(UTC)
        since = now - timedelta(hours=hours)
        day = since.replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= now:
            for name in self._names(f"{day:%Y-%m-%d}", request):
                stamp = datetime.strptime(f"{day:%Y-%m-%d} {name[:6]}", "%Y-%m-%d %H%M%S").replace(tzinfo=UTC)
                body = self._read(f"{day:%Y-%m-%d}/{name}") if since <= stamp <= now else None
                if body is not None:  # cut by a crash: the next poll fills the hour
                    yield body
            day += timedelta(days=1)

    def _names(self, folder: str, request: Request) -> list[str]:
        try:
            names = self._shelf.names(folder)
        except OSError:
            return []
        return [name for name in names if re.fullmatch(rf"\d{{6}}-{request.digest}\.gz", name)]
