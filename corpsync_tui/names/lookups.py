"""Names looked up behind the runs: one corporation at a time, holding nothing up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from corpsync_tui.clock import Clock
from corpsync_tui.esi.routes import Traffic
from corpsync_tui.names.divisions import DivisionNames, tells_divisions
from corpsync_tui.names.resolver import PATIENCE, Client, NameResolver
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

Told = Callable[[Traffic], Awaitable[None]]
"""Called with what a look-up has asked."""


class NameLookups:
    """Looks up what runs have left without names, one look-up after the other."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._resolver = NameResolver(store, client, clock)
        self._divisions = DivisionNames(store, client, clock)
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
        """Look up the ids in a corporation's tables.

        `character_id` may see structures, `director_id` the names of the divisions.
        """

        async def work() -> None:
            traffic = Traffic()
            if director_id is not None and tells_divisions(tables):
                await self._divisions.refresh(
                    corporation_id, character_id=director_id, traffic=traffic
                )
            await self._resolver.resolve(
                corporation_id, character_id=character_id, traffic=traffic, tables=tables
            )
            await told(traffic)

        task = asyncio.create_task(work(), name=f"names of corporation {corporation_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Wait until all look-ups have ended; those that take longer are given up."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        await self.close()

    async def close(self) -> None:
        """Give up what is under way; it is looked up the next time."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
