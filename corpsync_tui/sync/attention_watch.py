"""Looks for what needs attention whenever something happened, and tells what is new, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.store.database import Store
from corpsync_tui.sync.attention import Attention, Item, evaluate_rules
from corpsync_tui.sync.events import AttentionChanged, RunRecorded, ScheduleChanged, SyncEvent
from corpsync_tui.sync.state import SyncStateManager
from corpsync_tui.sync.ways_out import ALL as WAYS_OUT

LOOK_EVERY = 60.0
"""Seconds between two looks where nothing happens: time alone makes a job ready."""

GATHER = 1.0
"""Seconds in which further events join the same look."""

log = logging.getLogger(__name__)


class AttentionWatch:
    """Holds the list, and tells the state's subscribers when it differs."""

    def __init__(
        self,
        store: Store,
        state: SyncStateManager,
        clock: Clock,
        *,
        processes: Iterable[Process],
        rules: Mapping[str, bool | int],
        floors: Mapping[int, int],
    ) -> None:
        self.items: tuple[Item, ...] = ()
        self._store = store
        self._state = state
        self._clock = clock
        self._processes = tuple(processes)
        self._rules = rules
        self._floors = floors
        self._since = clock.time()
        self._happened = asyncio.Event()

    async def follow(self) -> None:
        """Look at once, after each event and every minute, until cancelled."""
        unsubscribe = self._state.subscribe(self._hear)
        try:
            while True:
                try:
                    await self.look()
                except CorpsyncError as error:
                    log.warning("what needs attention could not be read: %s", error.message)
                except Exception:
                    log.exception("a rule failed")
                await self._pause()
        finally:
            unsubscribe()

    async def look(self) -> tuple[Item, ...]:
        """Look once; returns what was not told before."""
        self._happened.clear()
        now = self._clock.time()
        since = self._since
        found = await self._store.read(
            lambda db: evaluate_rules(
                db, self._processes, self._rules, self._floors, now, awake_since=since
            )
        )
        told = await self._store.read(_told)
        new = tuple(item for item in found.items if item.fact not in told)
        over = _over(told, found)
        if new or over:
            await self._store.write(lambda db: _keep(db, new, over, now))
        if new or found.items != self.items:
            self.items = found.items
            rings = self._rules.get("bell") is True
            self._state.announce(AttentionChanged(found.items, new, rings=rings))
        if new:
            for tell in WAYS_OUT:
                tell(new)
        return new

    async def mark_seen(self) -> None:
        """Say that the director has seen all that the list holds."""
        facts = [(item.fact,) for item in self.items if not item.seen]
        if facts:
            await self._store.write(
                lambda db: db.executemany("UPDATE told SET seen = 1 WHERE fact = ?", facts)
            )
            await self.look()

    def _hear(self, event: SyncEvent) -> None:
        if isinstance(event, RunRecorded | ScheduleChanged):
            self._happened.set()

    async def _pause(self) -> None:
        """Wait for an event or a minute, then a moment for what comes with it."""
        await self._clock.wait(self._happened, LOOK_EVERY)
        await self._clock.sleep(GATHER)


def _told(db: Any) -> set[str]:
    return {fact for (fact,) in db.execute("SELECT fact FROM told")}


def _over(told: set[str], found: Attention) -> list[str]:
    """Facts whose cause is gone: should it come again, that is a new one."""
    present = {item.fact for item in found.items}
    return [f for f in told - present if ":".join([*f.split(":", 2)[:2], ""]) in found.looked]


def _keep(db: Any, new: Iterable[Item], over: Iterable[str], now: float) -> None:
    db.executemany("DELETE FROM told WHERE fact = ?", [(fact,) for fact in over])
    db.executemany(
        "INSERT OR IGNORE INTO told (fact, time, seen) VALUES (?, ?, 0)",
        [(item.fact, now) for item in new],
    )
