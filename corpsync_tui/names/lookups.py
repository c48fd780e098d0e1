"""Names looked up behind the runs: one corporation at a time, holding nothing up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.routes import Traffic
from corpsync_tui.names.divisions import DivisionNames, tells_divisions
from corpsync_tui.names.resolver import PATIENCE, Client, NameResolver
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

GATHERING = 3.0
"""Seconds to wait for other runs of a corporation, so that they share their requests."""

Told = Callable[[Traffic], Awaitable[None]]
"""Called with what a look-up has asked."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wanted:
    """What the runs of one corporation have asked for since its last look-up began."""

    tables: dict[str, Table]
    character_id: int | None
    director_id: int | None
    told: Told
    """Of the first run: what a shared look-up asks can be counted but once."""


class NameLookups:
    """Looks up what runs have left without names, one look-up after the other."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._resolver = NameResolver(store, client, clock)
        self._divisions = DivisionNames(store, client, clock)
        self._clock = clock
        self._wanted: dict[int, _Wanted] = {}
        self._hurry = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def look_up(
        self,
        corporation_id: int,
        tables: Sequence[Table],
        character_id: int | None,
        told: Told,
        *,
        director_id: int | None = None,
    ) -> None:
        """Look up the ids in a corporation's tables, in a moment.

        `character_id` may see structures, `director_id` the names of the divisions.
        """
        by_name = {table.name: table for table in tables}
        waiting = self._wanted.get(corporation_id)
        if waiting is not None:
            waiting.tables |= by_name
            waiting.character_id, waiting.director_id = character_id, director_id
            return
        self._wanted[corporation_id] = _Wanted(by_name, character_id, director_id, told)
        task = asyncio.create_task(
            self._work(corporation_id), name=f"names of corporation {corporation_id}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, corporation_id: int) -> None:
        await self._clock.wait(self._hurry, GATHERING)
        wanted = self._wanted.pop(corporation_id)
        try:
            await self._ask(corporation_id, wanted)
        except CorpsyncError as error:
            log.info("names of corporation %d: %s", corporation_id, error.message)
        except Exception:
            log.exception("the names of corporation %d could not be looked up", corporation_id)

    async def _ask(self, corporation_id: int, wanted: _Wanted) -> None:
        traffic, tables = Traffic(), list(wanted.tables.values())
        if wanted.director_id is not None and tells_divisions(tables):
            await self._divisions.refresh(
                corporation_id, character_id=wanted.director_id, traffic=traffic
            )
        await self._resolver.resolve(
            corporation_id, character_id=wanted.character_id, traffic=traffic, tables=tables
        )
        await wanted.told(traffic)

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Wait until all look-ups have ended; those that take longer are given up."""
        self._hurry.set()
        try:
            if self._tasks:
                await asyncio.wait(set(self._tasks), timeout=seconds)
        finally:
            self._hurry.clear()
        await self.close()

    async def close(self) -> None:
        """Give up what is under way; it is looked up the next time."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._wanted.clear()
