"""The archive on CCP's server as a file: only the parts that are read are fetched.

A ZIP archive has its directory at its end. Where the server refuses ranges, it sends the whole,
which goes to a temporary file.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping
from concurrent.futures import Future
from typing import IO, TYPE_CHECKING, Any

from corpsync_tui.clock import Clock
from corpsync_tui.errors import EsiError, NetworkError
from corpsync_tui.esi.http import Http, Reply
from corpsync_tui.esi.retries import Retries
from corpsync_tui.reference.archive import Watch

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TAIL = 128 * 1024
"""Bytes of the first request: enough for the directory."""
RANGE = 2 * 1024 * 1024
"""Bytes of each further request."""
RANGE_REFUSED = 416
"""How a server that knows no range from the end answers."""
MOST_PACKED = 1_000_000_000
"""Bytes of an archive; CCP's has a tenth."""


def _silent(_: str) -> None:
    """Nobody is told of retries."""


class _Download:
    """Takes the whole archive where the server sends it."""

    def __init__(self, file: IO[bytes], headers: Mapping[str, str], watch: Watch) -> None:
        self._file = file
        self._watch = watch
        self._done = 0
        length = headers.get("content-length", "")
        self._total = int(length) if length.isdecimal() else 0
        file.seek(0)
        file.truncate()

    def feed(self, chunk: bytes) -> None:
        """Write what came."""
        self._done += len(chunk)
        if self._done > MOST_PACKED:
            raise EsiError("the archive has more than 1 GB")
        self._file.write(chunk)
        self._watch.progress("Downloading", self._done, self._total)

    def finish(self) -> bytes:
        """It is in the file."""
        return b""


class Ranges(io.RawIOBase):
    """A file of which each part is fetched when it is read, in another thread than the loop's."""

    def __init__(self, source: Source, size: int, tail: bytes) -> None:
        super().__init__()
        self._source = source
        self._size = size
        self._tail = tail
        self._position = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go elsewhere; nothing is fetched yet."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read on."""
        view = memoryview(buffer)
        wanted = min(len(view), self._size - self._position)
        if wanted <= 0:
            return 0
        known_from = self._size - len(self._tail)
        if self._position >= known_from:
            start = self._position - known_from
            piece = self._tail[start : start + wanted]
        else:
            piece = self._source.fetch(self._position, self._position + wanted)
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


class Source:
    """One archive on the server."""

    def __init__(self, http: Http, clock: Clock, url: str, watch: Watch) -> None:
        self._http = http
        self._clock = clock
        self._url = url
        self._watch = watch
        self._loop = asyncio.get_running_loop()
        self._pending: Future[bytes] | None = None
        self._size = 0

    async def open(self, whole: IO[bytes]) -> IO[bytes]:
        """The archive as a file for another thread; `whole` takes it where it comes as a whole.

        Raises:
            NetworkError: No usable answer, after all retries.
            EsiError: The server has no such archive.
        """
        try:
            reply = await self._ask(f"bytes=-{TAIL}", whole)
        except EsiError as refusal:
            if refusal.status != RANGE_REFUSED:
                raise
            reply = await self._ask(None, whole)
        if reply.status == 200:
            whole.seek(0)
            return whole
        start, end, self._size = _content_range(reply)
        if end != self._size or start + len(reply.body) != end:
            raise EsiError("the server answers another range than was asked for")
        raw: Any = Ranges(self, self._size, reply.body)
        return io.BufferedReader(raw, RANGE)

    def fetch(self, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`; called in another thread, which waits."""
        self._pending = asyncio.run_coroutine_threadsafe(self._range(start, end), self._loop)
        try:
            return self._pending.result()
        finally:
            self._pending = None

    def abort(self) -> None:
        """Nobody waits any more for what is being fetched."""
        if self._pending is not None:
            self._pending.cancel()

    async def _range(self, start: int, end: int) -> bytes:
        reply = await self._ask(f"bytes={start}-{end - 1}", None)
        if reply.status != 206 or _content_range(reply) != (start, end, self._size):
            raise EsiError("the archive changed while it was read")
        if len(reply.body) != end - start:
            raise NetworkError("a part of the archive was cut short")
        return reply.body

    async def _ask(self, part: str | None, whole: IO[bytes] | None) -> Reply:
        def receive(status: int, headers: Mapping[str, str]) -> _Download | None:
            if status == 200 and whole is not None:
                return _Download(whole, headers, self._watch)
            return None

        headers = {"Accept-Encoding": "identity", **({"Range": part} if part else {})}
        retries = Retries(self._clock, _silent)
        while True:
            try:
                reply = await self._http.send("GET", self._url, headers=headers, receive=receive)
            except NetworkError as error:
                await retries.pause(error)
                continue
            if reply.status in (200, 206):
                return reply
            refusal = EsiError(f"the server answers {reply.status}", status=reply.status)
            if reply.status < 500:
                raise refusal
            await retries.pause(refusal)


def _content_range(reply: Reply) -> tuple[int, int, int]:
    """Where the part begins, where it ends, and how large the whole is."""
    text = reply.headers.get("content-range", "")
    found = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", text)
    if found is None:
        raise EsiError("the server does not say which part it sends")
    return int(found[1]), int(found[2]) + 1, int(found[3])
