"""Reading data sets that come in pages.

Pages of one snapshot are never mixed with those of another: all bear one Last-Modified, and
a snapshot is as old as its first page.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpsync_tui.errors import EsiError, GoneError, SnapshotRenewedError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.routes import Answer, Route, Traffic, Validator
from corpsync_tui.esi.urls import resource

if TYPE_CHECKING:
    from corpsync_tui.esi.client import EsiClient

ABOUT_TO_EXPIRE = 5.0
"""Seconds: a snapshot of many pages that expires sooner is read after its renewal."""
WAITED_OUT = 60.0
"""Seconds that the copy of a page may outlast its snapshot and still be waited for."""
_AFTERWARDS = 0.05
"""Seconds to wait beyond an expiry."""

_NOTHING: Mapping[str, int | str] = MappingProxyType({})


async def pages(
    client: EsiClient,
    route: Route,
    *,
    path: Mapping[str, int | str],
    query: Mapping[str, int | str] = _NOTHING,
    character_id: int | None = None,
    known: Mapping[str, Validator],
    traffic: Traffic,
    concurrency: int = 4,
    reserve: bool = False,
    consistent: bool = True,
    held: dict[str, Answer] | None = None,
) -> AsyncGenerator[tuple[int, int, Answer], None]:
    """Read a route page by page: page number, page count and answer, page 1 first.

    The others follow as they come, at most `concurrency` of them open. Close the iterator
    (`contextlib.aclosing`) where it may be left before its end.

    Args:
        client: who asks.
        route: what is asked; X-Pages counts only where the route is `paged`.
        path: values of the placeholders in the route's path.
        query: parameters besides `page`.
        character_id: whose token is used.
        known: what is known of the copies in hand, by URL.
        traffic: the counters and the voice of the run.
        concurrency: pages open at once.
        reserve: the tokens kept for "sync now" may be used.
        consistent: all pages must be of one snapshot. A log (False) takes what comes; where
            it was renewed meanwhile, page 1 comes once more at the end.
        held: where to keep pages of the next snapshot that came too early, for the next try:
            they may not be asked again before they expire.

    Raises:
        SnapshotRenewedError: the data set was renewed meanwhile: start over.
        GoneError: ESI does not know the first page.
        EsiError: ESI sent a snapshot that is older than the copy in hand.
        CorpsyncError: whatever `EsiClient.get` raises.
    """
    held = {} if held is None else held
    reader = _Reader(client, route, path, query, character_id, known, traffic, reserve, held)
    first = await reader.first(consistent=consistent)
    count = first.validator.pages if route.paged else 1
    yield 1, count, first
    renewed = False
    page_of = reader.page_of_snapshot if consistent else reader.page_of_log
    others = _side_by_side(count, concurrency, lambda number: page_of(number, first))
    async with aclosing(others):
        async for page, answer in others:
            if answer is not None:
                modified = answer.validator.last_modified
                renewed = renewed or modified != first.validator.last_modified
                yield page, count, answer
    if renewed and not (again := await reader.get(1, first.validator)).unchanged:
        yield 1, count, again


async def walk_back(
    client: EsiClient,
    route: Route,
    *,
    path: Mapping[str, int | str],
    character_id: int,
    known: Mapping[str, Validator],
    traffic: Traffic,
    oldest: Callable[[bytes], int | None],
    reserve: bool = False,
) -> AsyncGenerator[Answer, None]:
    """Read a route with `from_id`, newest rows first, until nothing older comes.

    `oldest` tells the last id of an answer, None where it is empty. The caller leaves the
    iterator at a row that an earlier run has stored. Errors as for `EsiClient.get`.
    """
    reader = _Reader(client, route, path, _NOTHING, character_id, known, traffic, reserve, {})
    from_id: int | None = None
    while True:
        query = {} if from_id is None else {"from_id": from_id}
        answer = await reader.ask(query, known.get(reader.url(query)))
        last = None if answer.unchanged else oldest(answer.body)
        if answer.unchanged or last is not None or from_id is None:
            yield answer
        if last is None or last == from_id:
            return
        from_id = last


async def _side_by_side(
    count: int,
    concurrency: int,
    read_page: Callable[[int], Coroutine[None, None, Answer | None]],
) -> AsyncGenerator[tuple[int, Answer | None], None]:
    """Pages 2 to `count` as they come; leaving or failing ends those that are still open.

    While a page is looked at, the next are read: as many wait here as may be open. Those that
    are open when the data set turns out to be renewed are heard to their end.
    """
    waiting = iter(range(2, count + 1))
    come: asyncio.Queue[tuple[int, Answer | None] | Exception] = asyncio.Queue(concurrency)

    async def reader() -> None:
        try:
            for page in waiting:
                await come.put((page, await read_page(page)))
        except Exception as error:
            await come.put(error)

    tasks = [asyncio.create_task(reader()) for _ in range(min(concurrency, count - 1))]
    try:
        for _ in range(2, count + 1):
            page = await come.get()
            if isinstance(page, Exception):
                raise page
            yield page
    except SnapshotRenewedError:
        deque(waiting, maxlen=0)  # no further page is asked for
        while not come.empty():
            come.get_nowait()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The pages of one route with one set of parameters."""

    client: EsiClient
    route: Route
    path: Mapping[str, int | str]
    query: Mapping[str, int | str]
    character_id: int | None
    known: Mapping[str, Validator]
    traffic: Traffic
    reserve: bool
    held: dict[str, Answer]

    def url(self, query: Mapping[str, int | str]) -> str:
        """The key of a validator."""
        return resource(self.route.path, self.path, query)

    async def ask(self, query: Mapping[str, int | str], known: Validator | None) -> Answer:
        """Read one URL."""
        return await self.client.get(
            self.route,
            path=self.path,
            query=query,
            character_id=self.character_id,
            known=known,
            traffic=self.traffic,
            reserve=self.reserve,
        )

    def _query(self, page: int) -> Mapping[str, int | str]:
        return self.query if page == 1 else {**self.query, "page": page}

    async def get(self, page: int, known: Validator | None) -> Answer:
        """Read one page."""
        return await self.ask(self._query(page), known)

    async def first(self, *, consistent: bool) -> Answer:
        """Page 1; when its snapshot is about to expire, that of the next one."""
        known = self.known.get(self.url(self._query(1)))
        answer = await self.get(1, known)
        if not consistent or answer.fresh:
            return answer
        left = answer.validator.expires - self.client.clock.time()
        if self.route.paged and answer.validator.pages > 1 and 0 < left <= ABOUT_TO_EXPIRE:
            await self._wait(left)
            again = await self.get(1, answer.validator)
            # Unchanged: the rows are those that came with the first answer.
            answer = replace(answer, validator=again.validator) if again.unchanged else again
        if known is not None and _is_older(answer.validator, known):
            raise EsiError(f"ESI sent older data for {self.route.path} than is stored: kept")
        return answer

    async def page_of_log(self, page: int, _: Answer) -> Answer | None:
        """A further page of a log; None where the log has become shorter."""
        try:
            return await self.get(page, self.known.get(self.url(self._query(page))))
        except GoneError:
            return None

    async def page_of_snapshot(self, page: int, first: Answer) -> Answer:
        """A further page of the snapshot that `first` began."""
        snapshot = first.validator.last_modified
        url = self.url(self._query(page))
        known = self.known.get(url)
        if (held := self._held(url, snapshot)) is not None:
            return held
        if known is not None and known.last_modified == snapshot and first.fresh:
            return Answer(url, 304, b"", known, fresh=True)
        if known is not None and known.last_modified != snapshot:
            await self._wait_out(page, known)
        try:
            answer = await self.get(page, known)
        except GoneError:
            raise SnapshotRenewedError(f"page {page} vanished while the pages were read") from None
        if answer.fresh:
            return answer
        modified = answer.last_modified or snapshot
        if snapshot is not None and modified != snapshot:
            self.held[url] = answer
            raise SnapshotRenewedError("ESI renewed the data while its pages were read")
        if answer.validator.last_modified == modified:
            return answer
        return replace(answer, validator=replace(answer.validator, last_modified=modified))

    def _held(self, url: str, snapshot: str | None) -> Answer | None:
        """A page of this snapshot that came while the one before it was read."""
        held = self.held.get(url)
        if held is None or held.validator.last_modified != snapshot:
            return None
        return held if held.validator.expires > self.client.clock.time() else None

    async def _wait_out(self, page: int, known: Validator) -> None:
        """Let the copy of an older snapshot expire, for it may not be asked before."""
        left = known.expires - self.client.clock.time()
        if left > WAITED_OUT:
            raise SnapshotRenewedError(f"page {page} is of an older snapshot, and still current")
        if left > 0:
            await self._wait(left)

    async def _wait(self, seconds: float) -> None:
        self.traffic.on_wait(f"waiting for ESI's renewal, {math.ceil(seconds)} s")
        try:
            await self.client.clock.sleep(seconds + _AFTERWARDS)
        finally:
            self.traffic.on_wait("")


def _is_older(answer: Validator, known: Validator) -> bool:
    """Whether the answer is of a snapshot before the one in hand."""
    new, old = read.moment(answer.last_modified), read.moment(known.last_modified)
    return new is not None and old is not None and new < old
