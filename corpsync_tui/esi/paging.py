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
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from corpsync_tui.clock import Clock
from corpsync_tui.errors import EsiError, GoneError, SnapshotRenewedError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.esi.urls import resource

ABOUT_TO_EXPIRE = 5.0
"""Seconds: a snapshot of many pages that expires sooner is read after its renewal."""
WAITED_OUT = 60.0
"""Seconds that the copy of a page may outlast its snapshot and still be waited for."""
DATES_AGREE = 2.0
"""Seconds by which two moments that ESI gives in whole seconds may differ and yet be one."""
SHORTEST_PAGE = 64
"""Bytes from which on two equal pages are one page twice: empty ones are alike without fault."""
_AFTERWARDS = 0.05
"""Seconds to wait beyond an expiry."""

_NOTHING: Mapping[str, int | str] = MappingProxyType({})


class Client(Protocol):
    """Who asks: the client, or what keeps some of its requests back."""

    @property
    def clock(self) -> Clock:
        """What waits for a renewal."""

    def esi_time(self) -> float:
        """As `EsiClient.esi_time`."""

    async def get(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str],
        query: Mapping[str, int | str],
        character_id: int | None,
        known: Validator | None,
        traffic: RequestStats,
    ) -> Answer:
        """As `EsiClient.get`."""


async def pages(
    client: Client,
    route: Route,
    *,
    path: Mapping[str, int | str],
    query: Mapping[str, int | str] = _NOTHING,
    character_id: int | None = None,
    known: Mapping[str, Validator],
    traffic: RequestStats,
    concurrency: int = 4,
    consistent: bool = True,
    shifting: bool = False,
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
        known: what is known of the cached copies, by URL.
        traffic: request counters and wait callback of the run.
        concurrency: pages open at once.
        consistent: all pages must be of one snapshot. A log (False) takes what comes; where
            it was renewed meanwhile, page 1 comes once more at the end.
        shifting: a row may move to the next page, and is not known again there: where page 1
            has changed, no further page is asked whether it has, so that none is mistaken.
        held: where to keep pages of the next snapshot that came too early, for the next try:
            they may not be asked again before they expire.

    Raises:
        SnapshotRenewedError: the data set was renewed meanwhile: start over.
        GoneError: ESI does not know the first page.
        EsiError: the pages are no whole snapshot: their count or dates contradict each other, one
            of them is gone or another one's twin, or they are older than the cached copy.
        CorpsyncError: whatever `EsiClient.get` raises.
    """
    held = {} if held is None else held
    reader = _Reader(client, route, path, query, character_id, known, traffic, held)
    first = await reader.first(consistent=consistent)
    count = reader.count
    if shifting and not first.unchanged:
        reader.known = {url: replace(known, etag=None) for url, known in reader.known.items()}
    yield 1, max(count, 1), first
    if not count:  # only now: where page 1 is no page at all, that is what to report
        raise reader.refused("X-Pages does not say how many there are")
    renewed = False
    page_of = reader.page_of_snapshot if consistent else reader.page_of_log
    others = _side_by_side(count, concurrency, page_of)
    async with aclosing(others):
        async for page, answer in others:
            if answer is not None:
                modified = answer.validator.last_modified
                renewed = renewed or modified != first.validator.last_modified
                yield page, count, answer
    if renewed and not (again := await reader.get(1, first.validator)).unchanged:
        yield 1, count, again


async def walk_back(
    client: Client,
    route: Route,
    *,
    path: Mapping[str, int | str],
    character_id: int,
    known: Mapping[str, Validator],
    traffic: RequestStats,
    oldest: Callable[[bytes], int | None],
) -> AsyncGenerator[Answer, None]:
    """Read a route with `from_id`, newest rows first, until nothing older comes.

    `oldest` gives the last id of an answer, None where it is empty. The caller leaves the
    iterator at a row that an earlier run has stored. Errors as for `EsiClient.get`.
    """
    reader = _Reader(client, route, path, _NOTHING, character_id, known, traffic, {})
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
    are open when the data set turns out to be renewed are awaited.
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


@dataclass(slots=True)
class _Reader:
    """The pages of one route with one set of parameters."""

    client: Client
    route: Route
    path: Mapping[str, int | str]
    query: Mapping[str, int | str]
    character_id: int | None
    known: Mapping[str, Validator]
    traffic: RequestStats
    held: dict[str, Answer]
    count: int = 1
    """Pages, by X-Pages of page 1."""
    snapshot: str | None = None
    """The Last-Modified of all pages, by the first that bore one."""
    began: float = 0.0
    """When page 1 came, by ESI's clock."""
    ends: float = 0.0
    """When page 1 expires, by ESI's clock."""
    bodies: dict[int, int] = field(default_factory=dict)
    """Which page each body came on, by the body's hash."""

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
        )

    def _query(self, page: int) -> Mapping[str, int | str]:
        return self.query if page == 1 else {**self.query, "page": page}

    async def get(self, page: int, known: Validator | None) -> Answer:
        """Read one page; of another page's number it must not be."""
        answer = await self.ask(self._query(page), known)
        if not answer.unchanged and len(answer.body) >= SHORTEST_PAGE:
            twin = self.bodies.setdefault(hash(answer.body), page)
            if twin != page:
                raise self.refused(f"page {page} is page {twin} once more")
        return answer

    def refused(self, why: str) -> EsiError:
        """What ends the reading of pages that are no whole snapshot."""
        url = self.url(self.query)
        return EsiError(f"ESI's pages of {url} do not fit together ({why}): rows kept")

    async def first(self, *, consistent: bool) -> Answer:
        """Page 1; when its snapshot is about to expire, that of the next one."""
        url = self.url(self._query(1))
        known = self.known.get(url)
        answer = await self.get(1, known)
        self.count = self._count(answer, known)
        if consistent:
            answer = await self._renewal(answer)
            self._check_age(answer, known, self.held.get(url))
        self.snapshot = answer.last_modified or answer.validator.last_modified
        self.began = self.client.esi_time()
        self.ends = self.began + answer.validator.expires - self.client.clock.time()
        return answer

    def _count(self, first: Answer, known: Validator | None) -> int:
        """How many pages there are; 0 where X-Pages does not say so.

        A 304 of the same snapshot need not say it again.
        """
        if not self.route.paged:
            return 1
        same = known is not None and first.last_modified in (None, known.last_modified)
        again = first.unchanged and first.pages is None and same
        return first.validator.pages if first.fresh or again else first.pages or 0

    async def _renewal(self, first: Answer) -> Answer:
        """Page 1 of the next snapshot, where that of this one is about to expire."""
        left = first.validator.expires - self.client.clock.time()
        if first.fresh or self.count <= 1 or not 0 < left <= ABOUT_TO_EXPIRE:
            return first
        await self._wait(left)
        again = await self.get(1, first.validator)
        self.count = self._count(again, first.validator)
        # Unchanged: the rows are those that came with the first answer.
        return replace(first, validator=again.validator) if again.unchanged else again

    def _check_age(self, first: Answer, known: Validator | None, before: Answer | None) -> None:
        """Refuse a snapshot before the one in hand, and one started again that was not renewed."""
        modified = first.validator.last_modified
        if known is not None and self._is_older(modified, known.last_modified):
            raise EsiError(f"ESI sent older data for {self.url(self.query)} than is stored: kept")
        if before is not None and before.last_modified in (None, first.last_modified, modified):
            raise self.refused("some are of another snapshot than page 1")

    def _is_older(self, one: str | None, other: str | None) -> bool:
        """Whether one Last-Modified is before another, as far as both can be believed."""
        if not read.is_believable(other, self.client.esi_time()):
            return False
        new, old = read.moment(one), read.moment(other)
        return new is not None and old is not None and new < old

    async def page_of_log(self, page: int) -> Answer | None:
        """A further page of a log; None where the log was renewed and has become shorter."""
        try:
            return await self.get(page, self.known.get(self.url(self._query(page))))
        except GoneError as error:
            if self._has_ended():
                return None
            raise self.refused(f"page {page} of {self.count} is gone: {error.status}") from None

    async def page_of_snapshot(self, page: int) -> Answer:
        """A further page of the snapshot that page 1 began."""
        url = self.url(self._query(page))
        known = self.known.get(url)
        if (held := self._held(url)) is not None:
            return held
        if known is not None and self._is_other(known.last_modified):
            await self._wait_out(page, known)
        try:
            answer = await self.get(page, known)
        except GoneError as error:
            why = f"page {page} of {self.count} is gone: {error.status}"
            raise self._restart(why, renewed=self._has_ended()) from None
        if answer.fresh:
            return answer
        if self._is_other(answer.last_modified):
            self.held[url] = answer
            renewed = self._was_made_meanwhile(answer.last_modified)
            raise self._restart(f"page {page} is of another snapshot", renewed=renewed)
        if answer.pages and answer.pages != self.count:
            raise self.refused(f"page {page} counts {answer.pages} pages, page 1 of {self.count}")
        self.snapshot = self.snapshot or answer.last_modified
        sound = read.is_believable(self.snapshot, self.client.esi_time())
        modified = self.snapshot if sound else None
        if answer.validator.last_modified == modified:
            return answer
        return replace(answer, validator=replace(answer.validator, last_modified=modified))

    def _restart(self, why: str, *, renewed: bool) -> EsiError:
        """What ends this reading: a renewal, which page 1 must then show, or a contradiction."""
        if not renewed:
            return self.refused(why)
        url = self.url(self._query(1))
        self.held[url] = Answer(url, 304, b"", Validator(None, None, 0.0), self.snapshot)
        return SnapshotRenewedError(f"ESI renewed the data while its pages were read: {why}")

    def _is_other(self, modified: str | None) -> bool:
        return None not in (modified, self.snapshot) and modified != self.snapshot

    def _has_ended(self) -> bool:
        """Whether page 1 has expired, so that it may be asked for again."""
        return self.client.esi_time() + DATES_AGREE >= self.ends

    def _was_made_meanwhile(self, modified: str | None) -> bool:
        """Whether a snapshot is newer than page 1's, and page 1 could not yet be of it."""
        made = read.moment(modified)
        if made is None or not read.is_believable(modified, self.client.esi_time()):
            return False
        newer = not self._is_older(modified, self.snapshot)
        return newer and (self._has_ended() or made >= self.began - DATES_AGREE)

    def _held(self, url: str) -> Answer | None:
        """A page of this snapshot that came while the one before it was read."""
        held = self.held.get(url)
        if held is None or held.last_modified != self.snapshot:
            return None
        return held if held.validator.expires > self.client.clock.time() else None

    async def _wait_out(self, page: int, known: Validator) -> None:
        """Let the copy of an older snapshot expire, for it may not be asked before."""
        now = self.client.clock.time()
        if not read.is_current(known.expires, now, self.route.cache_seconds):
            return
        if known.expires - now > WAITED_OUT:
            raise self.refused(f"page {page} is of an older snapshot and still current")
        await self._wait(known.expires - now)

    async def _wait(self, seconds: float) -> None:
        self.traffic.on_wait(f"waiting for ESI's renewal, {math.ceil(seconds)} s")
        try:
            await self.client.clock.sleep(seconds + _AFTERWARDS)
        finally:
            self.traffic.on_wait("")
