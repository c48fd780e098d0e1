"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from corpsync_tui.clock import Clock

START = 1_790_000_000.0
"""Unix seconds at which the clock stands first (21 September 2026)."""
TURNS = 50
"""Turns of the loop in which everything counts as having come to rest."""


class ManualClock(Clock):
    """Wall and monotonic time in a test's hands.

    `advance` moves both and wakes sleepers in the order of their times; `jump` moves the wall
    alone, as when a computer slept or its clock was set.
    """

    def __init__(self, start: float = START) -> None:
        super().__init__()
        self._wall = start
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.sleeps = 0
        """How often somebody went to sleep."""

    def time(self) -> float:
        return self._wall + self.offset

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self.sleeps += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), woken))
        await woken

    def jump(self, seconds: float) -> None:
        """Move the wall alone: those who sleep do not notice."""
        self._wall += seconds

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its own time."""
        end = self._monotonic + seconds
        await self.settle()
        while (due := self._next_sleeper()) is not None and due <= end:
            self._move_to(due)
            _, _, woken = heapq.heappop(self._sleepers)
            woken.set_result(None)
            await self.settle()
        self._move_to(end)
        await self.settle()

    async def settle(self) -> None:
        """Let everything come to rest that needs no time to pass."""
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def _next_sleeper(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _move_to(self, moment: float) -> None:
        self._wall += moment - self._monotonic
        self._monotonic = moment
