"""A server that only hands out what it packed before, fast enough not to be what is measured.

`python -m tests.benchmarks.server ROWS KILLMAILS CORPORATION` prints its address and serves until
its standard input ends. `POST /_next?changed=none|one|all` renews the snapshot of the assets.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from functools import cache
from typing import Any

import httpx

from tests.benchmarks import records

FRESH_FOR = 10
"""Seconds until an answer expires: a clock that is put forward so far may ask again."""
LIMIT = "1000000/15m"
"""A bucket that is never the matter."""


def packed(document: Any) -> bytes:
    """A document as it goes over the wire."""
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 6, mtime=0)


class Shelf:
    """All answers, packed when they are first asked for or when the server starts."""

    def __init__(self, rows: int, killmails: int, corporation_id: int) -> None:
        self.rows, self.killmails, self.corporation_id = rows, killmails, corporation_id
        self.pages = records.pages(rows)
        self.versions = [0] * (self.pages + 1)
        self.generation = 0
        self.body = cache(self._body)
        for number in range(1, self.pages + 1):
            self.body(number, 0)
        self.details = [packed(records.killmail(n)) for n in range(killmails)]
        self.recent = packed([records.killmail_ref(n) for n in range(killmails)])
        self.started = time.time() - 86_400
        self._second = 0
        self._times = b""

    def _body(self, number: int, version: int) -> bytes:
        return packed(records.page(number, self.rows, version))

    def renew(self, changed: str) -> None:
        """Make a new snapshot, in which no page, one or each differs from the last."""
        self.generation += 1
        middle = self.pages // 2 + 1
        for number in range(1, self.pages + 1):
            if changed == "all" or (changed == "one" and number == middle):
                self.versions[number] ^= 1
                self.body(number, self.versions[number])

    def times(self) -> bytes:
        """Date and Expires of an answer now."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            date, expires = (
                formatdate(second, usegmt=True),
                formatdate(second + FRESH_FOR, usegmt=True),
            )
            self._times = f"Date: {date}\r\nExpires: {expires}\r\n".encode()
        return self._times

    def answer(self, method: bytes, target: bytes, etag: bytes) -> bytes:
        """The whole answer to a request."""
        path, _, query = target.decode().partition("?")
        parts = path.strip("/").split("/")
        if path == "/_next":
            self.renew(query.partition("=")[2])
            return self.reply(b"", "")
        if method == b"POST":
            told = [{"character_id": 0, "corporation_id": self.corporation_id}]
            return self.reply(packed(told if path.endswith("affiliation") else []), "")
        if path.endswith("/assets"):
            return self._page(query, etag)
        if path.endswith("/killmails/recent"):
            return self.reply(self.recent, "X-Pages: 1\r\n")
        if parts[0] == "killmails":
            return self.reply(self.details[int(parts[1]) - records.FIRST_KILLMAIL], "")
        if path.endswith("/roles"):
            return self.reply(packed({"roles": ["Director"]}), "")
        if parts[0] == "corporations" and len(parts) == 2:
            return self.reply(packed({"name": "Hedion Freight Union", "ticker": "HEDU"}), "")
        if path == "/status":
            return self.reply(packed({"players": 30_000}), "")
        return self.reply(packed({"error": "not found"}), "", status="404 Not Found")

    def _page(self, query: str, known: bytes) -> bytes:
        number = int(query.partition("page=")[2] or 1)
        etag = f'"{number}-{self.versions[number]}"'
        modified = formatdate(self.started + 60 * self.generation, usegmt=True)
        head = f"ETag: {etag}\r\nLast-Modified: {modified}\r\nX-Pages: {self.pages}\r\n"
        if known == etag.encode():
            return self.reply(b"", head, status="304 Not Modified")
        return self.reply(self.body(number, self.versions[number]), head)

    def reply(self, body: bytes, head: str, status: str = "200 OK") -> bytes:
        """Status line, headers and body."""
        if not status.startswith("304"):
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        if body:
            head += "Content-Encoding: gzip\r\n"
        head += f"X-Ratelimit-Limit: {LIMIT}\r\nX-Ratelimit-Remaining: 999998\r\n"
        return (
            b"HTTP/1.1 " + status.encode() + b"\r\n" + self.times() + head.encode() + b"\r\n" + body
        )


class Counter(asyncio.Protocol):
    """One connection: a request, an answer, the next."""

    def __init__(self, answer: Callable[[bytes, bytes, bytes], bytes]) -> None:
        self._answer = answer
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            whole = end + 4 + int(_header(head, b"content-length") or 0)
            if len(self._unread) < whole:
                return
            self._unread = self._unread[whole:]
            method, target, _ = head.split(b" ", 2)
            etag = _header(head, b"if-none-match")
            self._transport.write(self._answer(method, target, etag))


def _header(head: bytes, name: bytes) -> bytes:
    place = head.lower().find(b"\r\n" + name + b":")
    if place < 0:
        return b""
    return head[place + len(name) + 3 :].partition(b"\r\n")[0].strip()


async def serve(shelf: Shelf) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Counter(shelf.answer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def serving(rows: int, killmails: int = 0, corporation_id: int = 0) -> Iterator[str]:
    """A server in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.benchmarks.server"]
    command += [str(number) for number in (rows, killmails, corporation_id)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(timeout=10)


async def renewed(base: str, changed: str) -> None:
    """Have a server make a new snapshot, in which no page (`none`), `one` or `all` changed."""
    async with httpx.AsyncClient() as client:
        (await client.post(f"{base}/_next?changed={changed}")).raise_for_status()


if __name__ == "__main__":
    asyncio.run(serve(Shelf(*map(int, sys.argv[1:4]))))
