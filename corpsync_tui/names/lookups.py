"""Names and prices looked up after the runs: one corporation at a time, holding nothing up.

Which runs' rows were searched for ids is kept in the settings, so that a run whose look-up was cut
off, by whatever, is searched at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.names.resolver import PATIENCE, Client, NameResolver
from corpsync_tui.reference.prices import MarketPrices
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

GATHERING = 3.0
"""Seconds to wait for other runs of a corporation, so that they share their requests."""

SEARCHED = "names."
"""Begins the setting that holds the newest run of a process whose rows were searched for ids."""

OnRequests = Callable[[int], Awaitable[None]]
"""Called with how many requests a look-up has sent."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Request:
    """What the runs of one corporation have asked for since its last look-up began."""

    character_id: int | None
    on_requests: OnRequests | None
    """Of the first run: what a shared look-up asks can be counted but once."""
    tables: dict[str, Sequence[Table]] = field(default_factory=dict)
    """By process id."""


class NameLookups:
    """Looks up what runs have left without names, one look-up after the other."""

    def __init__(self, store: Store, client: Client, prices: MarketPrices, clock: Clock) -> None:
        self._prices = prices
        self._resolver = NameResolver(store, client, clock)
        self._store = store
        self._clock = clock
        self._waiting: dict[int, _Request] = {}
        self._hurry = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def look_up(
        self,
        process_id: str,
        tables: Sequence[Table],
        character_id: int | None,
        *,
        on_requests: OnRequests | None = None,
        gathering: float = GATHERING,
    ) -> None:
        """Look up what a process's tables and earlier look-ups left without a name, in a moment.

        `character_id` may see structures. Other processes may join for `gathering` seconds.
        """
        corporation_id = int(process_id.partition("/")[0])
        request = self._waiting.get(corporation_id)
        if request is None:
            request = _Request(character_id, on_requests)
            self._waiting[corporation_id] = request
            task = asyncio.create_task(
                self._work(corporation_id, gathering), name=f"names of corporation {corporation_id}"
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        request.tables[process_id] = tables
        request.character_id = character_id

    async def _work(self, corporation_id: int, gathering: float) -> None:
        await self._clock.wait(self._hurry, gathering)
        request = self._waiting.pop(corporation_id)
        try:
            await self._ask(corporation_id, request)
        except CorpsyncError as error:
            log.info("names of corporation %d: %s", corporation_id, error.message)
        except Exception:
            log.exception("the names of corporation %d could not be looked up", corporation_id)

    async def _ask(self, corporation_id: int, request: _Request) -> None:
        traffic = RequestStats()
        for process_id, searched in request.tables.items():
            await self._search(process_id, searched)
        await self._resolver.resolve(
            corporation_id, character_id=request.character_id, traffic=traffic
        )
        names = [table.name for tables in request.tables.values() for table in tables]
        await self._prices.refresh(traffic, names)
        if traffic.requests_sent and request.on_requests is not None:
            await request.on_requests(traffic.requests_sent)

    async def _search(self, process_id: str, tables: Sequence[Table]) -> None:
        """Write down the ids without names, where runs have brought rows since the last search."""
        newest = await self._store.read(lambda db: _newest_unsearched(db, process_id))
        if newest is None:
            return
        await self._resolver.collect(int(process_id.partition("/")[0]), tables)
        await self._store.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
                (f"{SEARCHED}{process_id}", str(newest)),
            )
        )

    async def finished(self) -> None:
        """Wait until no look-up is under way, those that begin meanwhile included; for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Wait until all look-ups have ended; those that take longer are given up."""
        await self.wait(seconds)
        await self.close()

    async def wait(self, seconds: float = PATIENCE) -> None:
        """Wait until all look-ups have ended, but not longer than so many seconds."""
        self._hurry.set()
        try:
            if self._tasks:
                await asyncio.wait(set(self._tasks), timeout=seconds)
        finally:
            self._hurry.clear()

    async def close(self) -> None:
        """Give up what is under way; it is looked up the next time."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._waiting.clear()


def _newest_unsearched(db: Any, process_id: str) -> int | None:
    """The newest ended run, where rows may have come since the last search; None where none did."""
    row = db.execute(
        "SELECT MAX(id) FROM sync_history WHERE process_id = ? AND result <> 'running'"
        " AND (rows_added > 0 OR rows_changed > 0 OR result = 'interrupted')"
        " AND id > COALESCE((SELECT value FROM setting WHERE key = ?), 0)",
        (process_id, f"{SEARCHED}{process_id}"),
    ).fetchone()
    newest: int | None = row[0]
    return newest
