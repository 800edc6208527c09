"""Asks servers politely: one connection pool, a rate limit, patience, verified certificates, plain sentences.

A server that is busy (429, 5xx, a broken connection, a cut answer) is asked again a few times with growing
pauses, or after the time it names in Retry-After. Certificates are always verified; a CA file may be added
for a server that sends a wrong chain, and there is no way to switch verification off.
"""

from __future__ import annotations

import json
import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError, MaxRetryError, SSLError

from geo.networks.model import Request
from language import Note, UserError, note

ATTEMPTS = 5
LONGEST_PAUSE = 600.0
"""Seconds; a server that asks for more patience is left alone until the next run."""

_LARGEST = 1_500_000_000
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_TIMEOUT = urllib3.Timeout(connect=15, read=90)
_AGENT = "eco-industrial-town/1.0 (open platform for municipalities)"


class Unreachable(UserError):
    """The server can't be asked at all now: no further request makes sense in this run."""

    def __init__(self, said: Note) -> None:
        super().__init__(said.text, **said.values)


@dataclass(frozen=True)
class Answer:
    """A server's answer: its bytes, and whether it was "not found"."""

    body: bytes
    missing: bool = False


class _Damaged(Exception):
    """The answer is cut short or no JSON; asking again may help."""


def ca_file(chosen: str = "") -> str:
    """Return the file of additional certificates: the argument, else ECOTOWN_CA_FILE."""
    return chosen or os.environ.get("ECOTOWN_CA_FILE", "")


class Web:
    """Asks the servers of one network.

    Parameters
    ----------
    title : str
        The network's name, for messages.
    per_minute : float
        Most requests in a minute.
    headers : mapping
        Sent with each request (a key goes here, and nowhere else).
    ca : str
        PEM file of certificates to trust besides the system's.
    sleep, clock : callable
        Of the `time` module; replaced in tests.
    """

    def __init__(
        self,
        title: str,
        per_minute: float = 60.0,
        headers: Mapping[str, str] | None = None,
        ca: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title = title
        self._pause = 60.0 / per_minute
        self._headers = {"User-Agent": _AGENT, **(headers or {})}
        self._ca = ca_file(ca)
        self._context = _context(self._ca)
        self._sleep, self._clock = sleep, clock
        self._next = 0.0
        self._pools: dict[str, urllib3.PoolManager] = {}
        self.asked = 0

    def get(self, request: Request) -> Answer:
        """Return the answer to a request.

        Raises
        ------
        Unreachable
            Where the server, its certificate, the key or the limit stops everything.
        UserError
            Where only this request has no answer.
        """
        problem: UserError | None = None
        for attempt in range(ATTEMPTS):
            self._wait_for_turn()
            pause = min(2.0**attempt, 60.0)
            try:
                response = self._send(request)
            except MaxRetryError as error:
                if isinstance(error.reason, SSLError):
                    raise self._untrusted(request, error.reason) from error
                problem = self._silent(request, error.reason or error)
            except _Damaged as error:
                problem = UserError(
                    "{network}: the answer for {what} is cut short or damaged ({detail}). What is stored was not "
                    "changed; try again later.",
                    network=self.title, what=request.what, detail=str(error),
                )  # fmt: skip
            except (HTTPError, OSError) as error:
                problem = self._silent(request, error)
            else:
                if isinstance(response, Answer):
                    return response
                status, headers = response
                problem = self._busy(request, status)
                pause = self._asked_pause(headers.get("Retry-After"), pause)
            if attempt + 1 < ATTEMPTS:
                self._sleep(pause)
        assert problem is not None
        raise problem

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._pause

    def _send(self, request: Request) -> Answer | tuple[int, Mapping[str, str]]:
        """Return the answer, or status and headers of a busy server."""
        self.asked += 1
        try:
            response = self._pool(request.url).request(
                "GET", request.address, headers=self._headers, timeout=_TIMEOUT, preload_content=False,
                retries=urllib3.Retry(connect=0, read=0, redirect=5, status=0, other=0, raise_on_status=False,
                                      respect_retry_after_header=False,
                                      remove_headers_on_redirect=[*self._headers, "Authorization"]),
            )  # fmt: skip
        except LocationValueError as error:
            raise UserError("{url} is no address of the web.", url=request.url) from error
        try:
            if response.status in _BUSY:
                return response.status, response.headers
            self._check(request, response.status)
            if response.status in (404, 410):
                return Answer(b"", missing=True)
            return Answer(_whole(response, request))
        finally:
            response.release_conn()

    def _check(self, request: Request, status: int) -> None:
        if status in (401, 402, 403):
            raise Unreachable(
                note(
                    "{network} refuses the question for {what} (HTTP {status}). Check the key, and whether the account "
                    "may still ask.",
                    network=self.title, what=request.what, status=status,
                )
            )  # fmt: skip
        if status in (404, 410) and request.missing_ok:
            return
        if status != 200:
            raise UserError(
                "{network} has no answer for {what} (HTTP {status}).",
                network=self.title, what=request.what, status=status,
            )  # fmt: skip

    def _pool(self, url: str) -> urllib3.PoolManager:
        scheme = urlsplit(url).scheme
        if scheme not in ("http", "https"):
            raise UserError("{url} is no address of the web.", url=url)
        host = urlsplit(url).hostname or ""
        proxy = "" if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(scheme, "")
        if proxy not in self._pools:
            make = urllib3.ProxyManager(proxy, ssl_context=self._context) if proxy else None
            self._pools[proxy] = make or urllib3.PoolManager(ssl_context=self._context)
        return self._pools[proxy]

    def _asked_pause(self, header: str | None, usual: float) -> float:
        """Return the pause that a server asks for.

        Raises
        ------
        Unreachable
            Where it is too long to wait for.
        """
        seconds = retry_after(header)
        if seconds is None:
            return usual
        if seconds > LONGEST_PAUSE:
            raise Unreachable(
                note(
                    "{network} asks to be left alone for {minutes} minutes; what came before is stored. "
                    "Try again then.",
                    network=self.title, minutes=round(seconds / 60),
                )
            )  # fmt: skip
        return seconds

    def _busy(self, request: Request, status: int) -> UserError:
        return UserError(
            "{network} is busy or out of order (HTTP {status}); it was asked {attempts} times for {what}. What is "
            "stored was not changed; try again later.",
            network=self.title, status=status, attempts=ATTEMPTS, what=request.what,
        )  # fmt: skip

    def _silent(self, request: Request, error: Exception) -> UserError:
        return Unreachable(
            note(
                "{network} ({host}) does not answer ({detail}). Check the internet connection; what is stored was not "
                "changed.",
                network=self.title, host=urlsplit(request.url).hostname or request.url, detail=type(error).__name__,
            )
        )  # fmt: skip

    def _untrusted(self, request: Request, error: Exception) -> UserError:
        return Unreachable(
            note(
                "{network}: the certificate of {host} cannot be verified ({detail}), so nothing was fetched. Servers "
                "that send a wrong certificate chain need its right intermediate certificate: save it in a PEM file "
                "and name the file with --ca-file or ECOTOWN_CA_FILE.",
                network=self.title, host=urlsplit(request.url).hostname or "", detail=_reason(error),
            )
        )  # fmt: skip


def _context(path: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not path:
        return context
    if not Path(path).is_file():
        raise UserError("There is no file {file}.", file=path)
    try:
        context.load_verify_locations(cafile=path)
    except (ssl.SSLError, OSError) as error:
        raise UserError("{file} holds no certificates in PEM form.", file=path) from error
    # A chain that ends at an intermediate certificate of this file is complete: that is what the file is for.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _whole(response: urllib3.BaseHTTPResponse, request: Request) -> bytes:
    parts, size = [], 0
    try:
        for part in response.stream(1 << 20, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise UserError("The answer for {what} is larger than {size} GB.", what=request.what, size=1.5)
    except HTTPError as error:
        raise _Damaged(type(error).__name__) from error
    body = b"".join(parts)
    if request.form == "json":
        try:
            json.loads(body)
        except ValueError as error:
            raise _Damaged("JSON") from error
    return body


def _reason(error: Exception) -> str:
    text = str(error)
    return text[text.find("certificate verify failed") :].split(" (_ssl")[0].strip("')") if "verify" in text else text


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds a Retry-After header means: a number or a date; None where it says nothing.

    >>> retry_after("30"), retry_after("soon")
    (30.0, None)
    """
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0)
