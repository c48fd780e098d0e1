"""Connections are used again, closed when nobody needs them, and never given to two."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from corpsync_tui.errors import NetworkError
from corpsync_tui.esi import transports
from corpsync_tui.esi.http import Http
from tests.support.clock import ManualClock

pytestmark = pytest.mark.anyio

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Listener:
    """A server that answers once it may, and knows who is connected to it."""

    url: str = ""
    answer: bytes = ANSWER
    leaves: bool = False
    """Whether the connection ends with the answer."""
    asked: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    """Something for each request that came."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    opened: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever one has gone."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over one connection, until it goes."""
        self.opened += 1
        self.open.add(writer)
        try:
            while not self.leaves:
                await reader.readuntil(b"\r\n\r\n")
                self.asked.put_nowait(None)
                await self.may_answer.wait()
                writer.write(self.answer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            self.open.discard(writer)
            self.closed.set()
            writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    listener.may_answer.set()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    async with server:
        listener.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield listener


@asynccontextmanager
async def client(clock: ManualClock | None = None) -> AsyncIterator[Http]:
    http = Http(clock or ManualClock(time.time()), "")
    try:
        yield http
    finally:
        await http.aclose()


async def test_one_after_the_other_takes_one_connection_and_four_at_once_take_four() -> None:
    async with listening() as server, client() as http:
        for _ in range(3):
            await http.send("GET", server.url)
            await server.asked.get()
        assert server.opened == 1
        for _ in range(2):
            server.may_answer.clear()
            asked = [asyncio.create_task(http.send("GET", server.url)) for _ in range(4)]
            for _ in asked:
                await server.asked.get()
            server.may_answer.set()
            assert [reply.body for reply in await asyncio.gather(*asked)] == [b"{}"] * 4
        assert server.opened == 4


async def test_each_server_has_its_own() -> None:
    async with listening() as one, listening() as other, client() as http:
        for _ in range(2):
            await http.send("GET", one.url)
            await http.send("GET", other.url)
        assert (one.opened, other.opened) == (1, 1)


async def test_what_was_broken_off_is_not_used_again() -> None:
    async with listening() as server, client() as http:
        server.may_answer.clear()
        asked = asyncio.create_task(http.send("GET", server.url))
        await server.asked.get()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        server.may_answer.set()
        server.answer = ANSWER.replace(b"{}", b"[]")
        assert (await http.send("GET", server.url)).body == b"[]"
        assert server.opened == 2


async def test_after_half_an_answer_the_next_is_whole() -> None:
    async with listening() as server, client() as http:
        server.answer = ANSWER[:-1]
        server.may_answer.clear()
        asked = asyncio.create_task(http.send("GET", server.url))
        await server.asked.get()
        server.leaves = True
        server.may_answer.set()
        with pytest.raises(NetworkError, match="broke off"):
            await asked
        server.answer, server.leaves = ANSWER, False
        assert (await http.send("GET", server.url)).body == b"{}"


async def test_what_nobody_uses_is_closed_when_another_server_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening() as one, listening() as other, client() as http:
        await http.send("GET", one.url)
        await http.send("GET", other.url)
        assert one.open
        later = time.monotonic() + transports._KEPT + 1
        monkeypatch.setattr(transports, "monotonic", lambda: later)
        await http.send("GET", other.url)
        await one.closed.wait()
        assert not one.open


async def test_after_a_sleep_all_are_made_anew() -> None:
    clock = ManualClock(time.time())
    async with listening() as server, client(clock) as http:
        await http.send("GET", server.url)
        clock.jump(8 * 3600)
        await http.send("GET", server.url)
        assert server.opened == 2


async def test_one_in_use_while_all_are_closed_goes_after_its_answer() -> None:
    async with listening() as server, client() as http:
        server.may_answer.clear()
        asked = asyncio.create_task(http.send("GET", server.url))
        await server.asked.get()
        await http.aclose()
        server.may_answer.set()
        assert (await asked).body == b"{}"
        await server.closed.wait()
        assert not server.open
