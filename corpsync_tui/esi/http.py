"""One exchange over HTTP: bounded in number, time and size, each fault one sentence."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import httpx

from corpsync_tui import __version__
from corpsync_tui.clock import Clock
from corpsync_tui.errors import EsiError, NetworkError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.transports import (
    NotConnectedError,
    SetupError,
    Transports,
    certificates_variable,
    proxy_variable,
)
from corpsync_tui.esi.urls import URLS_HELD, is_loopback

MOST_OPEN = 20
"""Requests open at once over all processes, and so connections."""
SLEPT = 30.0
"""Seconds by which the wall clock must have run ahead for the computer to have slept."""
_GZIP = 31
"""zlib's window bits for a gzip header and trailer."""
PROJECT_URL = "https://github.com/corpsync/corpsync-tui"

_log = logging.getLogger(__name__)

# They print addresses and headers at INFO and DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how large one exchange may become; seconds and bytes."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 60.0
    size: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unpacked and complete."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    heard: float
    """When the headers came, in Unix seconds of this clock."""


class Receiver(Protocol):
    """What takes the pieces of a body; `Unpacker` where nothing else is wanted."""

    def feed(self, chunk: bytes) -> None:
        """Take what came."""

    def finish(self) -> bytes:
        """The whole body, or nothing where it went elsewhere."""


Receive = Callable[[int, Mapping[str, str]], Receiver | None]
"""Given status and headers, it says what takes the body; None: `Unpacker`."""


class Http:
    """The one client for ESI and the single sign-on."""

    def __init__(self, clock: Clock, contact: str, bounds: Bounds = Bounds()) -> None:
        self.skew = 0.0
        """Seconds by which CCP's clock is ahead of this one, from the Date of the last answer."""
        self._clock = clock
        self._bounds = bounds
        self._headers = {"User-Agent": user_agent(contact), "Accept-Encoding": "gzip"}
        self._timeout = {
            "connect": bounds.connect,
            "read": bounds.read,
            "write": bounds.read,
            "pool": None,
        }
        self._transports = Transports()
        self._open = 0
        self._slept = self._lag()
        self._slots = asyncio.Semaphore(MOST_OPEN)

    async def send(
        self,
        method: str,
        url: str | Secret,
        *,
        headers: Mapping[str, str] | None = None,
        bearer: Secret | None = None,
        content: bytes | Secret | None = None,
        receive: Receive | None = None,
    ) -> Reply:
        """Ask once and read the whole answer; logged in a line at debug.

        Of a secret address the log has the host alone.

        Raises:
            NotConnectedError: nothing was sent; `SetupError` where nothing ever can be.
            NetworkError: no answer, or only a part of it, or not in time.
            EsiError: the answer is larger than allowed, or packed in an unknown way.
        """
        address = address_of(url)
        host = address.host
        async with self._slots:
            await self._drop_dead_connections()
            self._open += 1
            outcome, began = "no answer", self._clock.monotonic()
            try:
                async with asyncio.timeout(self._bounds.whole):
                    request = httpx.Request(
                        method,
                        address,
                        headers={**self._headers, **(headers or {}), **_authorization(bearer)},
                        content=_plain(content),
                        extensions={"timeout": self._timeout},
                    )
                    reply = await self._exchange(request, receive)
                    outcome = str(reply.status)
                    return reply
            except TimeoutError:
                raise NetworkError(
                    f"no answer from {host} within {self._bounds.whole:g} s"
                ) from None
            except httpx.TransportError as error:
                # Not chained: a traceback that shows local variables would show the request.
                raise _explained(error, address, self._bounds) from None
            finally:
                self._open -= 1
                if _log.isEnabledFor(logging.DEBUG):
                    took = self._clock.monotonic() - began
                    path = "" if isinstance(url, Secret) else address.raw_path.decode()
                    _log.debug("%s %s%s: %s in %.3f s", method, host, path, outcome, took)

    async def _exchange(self, request: httpx.Request, receive: Receive | None) -> Reply:
        async with self._transports.exchange(request) as response:
            heard = self._clock.time()
            headers = read.plain(response.headers.raw)
            date = read.date(headers, heard)
            if date is not None:
                self.skew = date - heard
            receiver = receive(response.status_code, headers) if receive is not None else None
            if receiver is None:
                receiver = Unpacker(headers.get("content-encoding", ""), self._bounds.size)
            async for chunk in response.aiter_raw():
                receiver.feed(chunk)
            return Reply(response.status_code, headers, receiver.finish(), heard)

    async def _drop_dead_connections(self) -> None:
        """After the computer slept the other ends have gone, though the sockets do not know."""
        if abs(self._lag() - self._slept) > SLEPT and not self._open:
            self._slept = self._lag()
            await self.aclose()

    def _lag(self) -> float:
        """The wall clock less the monotonic one: it changes when the computer sleeps."""
        return self._clock.time() - self._clock.monotonic()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transports.aclose()


def address_of(url: str | Secret) -> httpx.URL:
    """The address as it is asked.

    Raises:
        SetupError: nothing can be asked there. The sentence does not repeat it.
    """
    try:
        address = httpx.URL(url.reveal()) if isinstance(url, Secret) else _parsed(url)
        if address.host:  # fails where IDNA does not know the name
            return address
    except (httpx.InvalidURL, ValueError):
        pass
    raise SetupError("the address cannot be used")


@lru_cache(maxsize=URLS_HELD)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


class Unpacker:
    """Collects a body piece by piece."""

    def __init__(self, encoding: str, size: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise EsiError("the answer is packed in a way that was not asked for")
        self._gzip = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        self._begun = False
        self._room = size
        self._size = size
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Add what came.

        Raises:
            EsiError: the body is larger than allowed.
            NetworkError: the packed bytes are damaged.
        """
        self._begun = True
        if self._gzip is None:
            self._keep(chunk)
            return
        while chunk:
            if self._gzip.eof:
                self._gzip = zlib.decompressobj(_GZIP)
            try:
                self._keep(self._gzip.decompress(chunk, self._room + 1))
            except zlib.error:
                raise NetworkError("the answer arrived damaged") from None
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def _keep(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise EsiError(f"the answer is larger than {self._size // 1024**2} MB")
        self._pieces.append(piece)

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            NetworkError: the packed bytes end too early, which httpx would not notice.
        """
        if self._begun and self._gzip is not None and not self._gzip.eof:
            raise NetworkError("the answer was cut short")
        return b"".join(self._pieces)


def user_agent(contact: str) -> str:
    """Who asks: name, version and how CCP reaches the person behind it."""
    plain = "".join(c for c in contact if c.isascii() and c.isprintable()).strip()
    return f"corpsync/{__version__} (+{plain or PROJECT_URL})"


def _authorization(bearer: Secret | None) -> dict[str, str]:
    return {} if bearer is None else {"Authorization": f"Bearer {bearer.reveal()}"}


def _plain(content: bytes | Secret | None) -> bytes | None:
    return content.reveal().encode() if isinstance(content, Secret) else content


def _explained(error: httpx.TransportError, address: httpx.URL, bounds: Bounds) -> NetworkError:
    """The same fault as a sentence."""
    host = address.host
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        refused = f"{host} cannot prove that it is {host}: its certificate is refused"
        if variable := certificates_variable():
            return SetupError(f"{refused} by those that {variable} names")
        return NotConnectedError(refused)
    if isinstance(error, httpx.ProxyError | httpx.ConnectError | httpx.ConnectTimeout):
        if variable := proxy_variable(address):
            return NotConnectedError(
                f"{host} is not reached through the proxy that {variable} names"
            )
        if isinstance(error, httpx.ConnectTimeout):
            return NotConnectedError(f"no connection to {host} within {bounds.connect:g} s")
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return NotConnectedError(f"{host} is not found: is this computer online?")
        return NotConnectedError(f"{host} refuses the connection{_while_open(host)}")
    if isinstance(error, httpx.TimeoutException):
        return NetworkError(f"no answer from {host} within {bounds.read:g} s")
    return NetworkError(f"the connection to {host} broke off")


def _while_open(host: str) -> str:
    if not is_loopback(host):
        return ""
    return ": nothing runs there now; the demo's simulator does while the demo is open"


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
